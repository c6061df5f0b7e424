"""What broken glass opens is unwrapped for that look alone: no key of it stays in memory."""

from hub.domain.strand import Opens
from hub.records.reading import Opener
from tests.events import missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, only_child

REASON = "A child at the door, hurt, and nobody to ask at this hour"


def in_memory(hub, child, *scopes):
    """Which keys are had from memory, without the table of keys being asked."""
    return {s for s in scopes if hub.keys._remembered.of(child, s, 1, hub.keys._moment()) is not None}


def test_a_look_under_broken_glass_leaves_none_of_its_keys_and_another_look_does(desk):
    desk.take_in(missing(found_where="By the river"), at=NOW)
    scopes = ("identity", "whereabouts", "police")
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        hub.gates.break_glass(SOCIAL_WORKER, child, REASON, Opens.BOTH)
        shown = hub.share.chronology(SOCIAL_WORKER, child)
        under_glass = in_memory(hub, child, *scopes)
        hub.share.chronology(POLICE_OFFICER, child)

        assert "police" in shown.lines[0].fields
        assert set() == under_glass
        assert "police" in in_memory(hub, child, *scopes)


def test_a_single_key_is_opened_without_being_kept(desk):
    desk.take_in(missing(found_where="By the river"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        first = hub.keys.for_opening(child, "police", 1, remember=False)
        Opener(hub.keys, child, ("police",), bytes, remember=False).opening("")

        assert set() == in_memory(hub, child, "police")
        assert first.secret == hub.keys.for_opening(child, "police", 1).secret
        assert {"police"} == in_memory(hub, child, "police")
