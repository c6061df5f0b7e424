"""Following: incremental equals rebuilt, one transaction with its position, woken as time passes."""

from datetime import timedelta
from uuid import UUID, uuid4, uuid5

import pytest

from hub import follow
from hub.domain.child import By
from hub.errors import Conflict, HubError, UnknownChild
from hub.follow import AheadOfLog, Drawn, Follower
from hub.intake.questions import confirm, questions
from hub.store.mapper import CHILD
from tests.events import ANN, BEN, attendance, concern, missing
from tests.hubs import NOW, POLICE_OFFICER, take_all

WHO = By("op", "operator", "hub")


class Counting:
    """A projection of how many entries a child has; looks again a day later while there is only one."""

    name, version = "counting", 1

    def __init__(self, poison=None):
        self.poison, self.drawn = poison, 0

    def draw(self, looking):
        self.drawn += 1
        entries = sum(len(child.entries) for child in looking.records)
        if entries == self.poison:
            raise HubError("cannot be drawn")
        heard = "schools" in looking.feeds
        body = f"{entries} entries, schools {heard}, tied {len(looking.tied(['tie']))}".encode()
        later = looking.now + timedelta(days=1) if entries == 1 else None
        awaits = [] if heard else ["schools"]
        return Drawn({uuid5(looking.records[0].id, "count"): body}, later, ["tie"], awaits)


def follower(hub, projection=None):
    return Follower(projection or Counting(), hub.records, hub.views)


def bodies(follower):
    return sorted(body for rows in follower.rows().values() for body in rows.values())


def test_a_follower_that_is_asked_to_stop_does_so_between_children_and_loses_nothing(desk, monkeypatch):
    monkeypatch.setattr(follow, "DRAWN", 1)
    desk.take_in(missing(), missing("m2", who=BEN), concern())
    with desk.open() as hub:
        follows = follower(hub)
        follows.catch_up(stopping=lambda: True)
        waits = follows.lag()
        follows.catch_up()
        kept = bodies(follows)
        follows.rebuild()

        assert 0 < waits
        assert 0 == follows.lag()
        assert kept == bodies(follows)


def test_what_waits_longer_than_a_minute_to_be_drawn_is_late_and_so_is_what_fell_due_meanwhile(desk):
    desk.take_in(missing())
    with desk.open() as hub:
        follows = follower(hub)
        follows.catch_up()
        desk.publish(missing("m2", who=BEN))
        take_all(hub)
        undrawn = [at for at in (30, 61) if _after(follows, hub, seconds=at)]
        follows.catch_up()
        drawn = [at for at in (61, 86_400 + 59, 86_400 + 61) if _after(follows, hub, seconds=at)]

    assert [61] == undrawn
    assert [86_400 + 61] == drawn


def _after(follows, hub, seconds):
    before = hub.records.clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.records, "clock", lambda: before + timedelta(seconds=seconds))
        return follows.late()


def test_what_is_drawn_step_by_step_is_what_a_rebuild_draws(desk):
    with desk.open() as hub:
        follows = follower(hub)
        for event in (missing(), attendance(), missing("m2", who=BEN), concern()):
            desk.publish(event)
            take_all(hub)
            follows.catch_up()
        live = bodies(follows)
        counts = follows.rebuild()

        assert live == bodies(follows)
        assert (2, 2) == counts
        assert 0 == follows.lag()


def test_a_rebuild_draws_each_child_once_however_far_apart_its_events_lie(desk, monkeypatch):
    monkeypatch.setattr(follow, "AT_ONCE", 2)
    projection = Counting()
    with desk.open() as hub:
        desk.publish(missing(), attendance(), concern())
        take_all(hub)
        follower(hub, projection).catch_up()
        often, projection.drawn = projection.drawn, 0
        steps = []
        follower(hub, projection).rebuild(steps.append)

        assert 1 < often
        assert 1 == projection.drawn
        assert hub.records.archive.rows.max_notification_id() == sum(steps)


def test_nothing_is_drawn_twice(desk):
    with desk.open() as hub:
        desk.publish(missing())
        take_all(hub)
        projection = Counting()
        follower(hub, projection).catch_up()
        follower(hub, projection).catch_up()

        assert 1 == projection.drawn


def test_hearing_a_feed_draws_the_children_that_waited_for_it(desk):
    from schemas.vocabulary import Agency

    with desk.open() as hub:
        desk.publish(missing())
        take_all(hub)
        follower(hub).catch_up()
        desk.heartbeat(Agency.SCHOOLS)
        take_all(hub)
        follower(hub).catch_up()

        assert [b"1 entries, schools True, tied 0"] == bodies(follower(hub))


def test_that_something_was_shown_draws_nothing(desk):
    with desk.open() as hub:
        desk.publish(missing())
        take_all(hub)
        projection = Counting()
        follower(hub, projection).catch_up()
        hub.share.chronology(POLICE_OFFICER, hub.records.children()[0])

        followed = follower(hub, projection).catch_up()
        # the showing itself, and the text of the policy it was the first under
        assert (2, 0, 1) == (followed.events, followed.children, projection.drawn)


def test_a_child_is_looked_at_again_as_time_passes_and_not_before(desk):
    desk.take_in(missing(), at=NOW)
    projection = Counting()
    with desk.open(at=NOW) as hub:
        follower(hub, projection).catch_up()
    for hours, drawn in ((23, 1), (25, 2)):
        with desk.open(at=NOW + timedelta(hours=hours)) as hub:
            follower(hub, projection).step()

        assert drawn == projection.drawn


def test_two_followers_of_one_view_do_not_write_over_each_other(desk):
    with desk.open() as hub:
        desk.publish(missing())
        take_all(hub)
        one = follower(hub)
        view = one.live
        one.catch_up()

        with pytest.raises(Conflict):
            hub.views.draw(view, [], (0, 99), {}, NOW)


def test_a_child_that_cannot_be_drawn_is_parked_and_reported_and_the_rest_goes_on(desk):
    with desk.open() as hub:
        desk.publish(missing(), attendance(), missing("m2", who=BEN))
        take_all(hub)
        follows = follower(hub, Counting(poison=2))
        follows.catch_up()

        assert ["HubError"] == [reason for _, reason in follows.parked()]
        assert 1 == len(bodies(follows))

        desk.publish(concern())
        take_all(hub)
        follows.catch_up()
        assert [] == follows.parked()


def test_a_view_drawn_from_another_archive_refuses_to_start(desk):
    with desk.open() as hub:
        follows = follower(hub)
        hub.views.draw(follows.live, [], (0, 10_000), {}, NOW)

        with pytest.raises(AheadOfLog):
            follows.step()


def test_what_was_drawn_from_another_archive_is_put_right_by_a_rebuild(desk):
    """The archive was restored to an older state: this is what docs/operating.md says to do then."""
    desk.take_in(missing())
    with desk.open() as hub:
        follows = follower(hub)
        follows.catch_up()
        kept, at = bodies(follows), hub.views.position(follows.live)
        hub.views.draw(follows.live, [], (at, at + 1), {}, NOW)
        follows.rebuild()

        assert kept == bodies(follows)
        assert 0 == follows.lag()


def test_several_children_are_read_at_once_as_each_is_read_alone(desk, monkeypatch):
    def told(persons):
        return {id_: [(child.id, child.version) for child in records] for id_, records in persons.items()}

    upn = {**ANN, "identifiers": ({"system": "upn", "value": "A1"},)}
    with desk.open() as hub:
        desk.publish(missing(), concern(who=upn), missing("m2", who=BEN))
        take_all(hub)
        (asked,) = questions(hub.records)
        confirm(hub.records, asked.id, asked.opened.candidates[0], WHO, "The same child.")
    with desk.open() as one, desk.open() as other:
        children = one.records.children()
        pairs = []
        for news in (missing("m3", who=BEN), concern("c2", who=upn)):
            pairs.append(
                (told(one.records.persons(children)), {c: other.records.person(c) for c in children})
            )
            desk.publish(news)
            take_all(one)
        (apart,) = (id_ for id_, records in one.records.persons(children).items() if len(records) == 1)
        monkeypatch.setattr(type(one.records.archive.rows), "select_rows", None)
        (ben,) = one.records.persons([apart])[apart]

    assert [told(alone) for _, alone in pairs] == [together for together, _ in pairs]
    assert [1, 2, 2] == sorted(len(records) for records in pairs[0][0].values())
    assert 2 == len(ben.entries)


def test_what_is_no_child_is_not_read_among_children(desk):
    desk.take_in(missing())
    with desk.open() as hub:
        (child,) = hub.records.children()
        rows = hub.records.archive.rows.rows_after(0, 99)
        another = UUID(bytes=next(row.stream for row in rows if row.topic != CHILD))

        for nobody in (uuid4(), another):
            with pytest.raises(UnknownChild):
                hub.records.persons([child, nobody])
        assert [child] == [record.id for record in hub.records.persons([child])[child]]


def test_joined_records_are_drawn_as_one_child_and_apart_again(desk):
    upn = {**ANN, "identifiers": ({"system": "upn", "value": "A1"},)}
    with desk.open() as hub:
        desk.publish(missing(), concern(who=upn))
        take_all(hub)
        follows = follower(hub)
        follows.catch_up()
        (asked,) = questions(hub.records)
        confirm(hub.records, asked.id, asked.opened.candidates[0], WHO, "The same child.")
        follows.catch_up()

        assert [b"2 entries"] == [body[:9] for body in bodies(follows)]


def test_feeds_are_heard_by_entries_and_heartbeats(desk):
    from schemas.vocabulary import Agency

    with desk.open() as hub:
        desk.publish(missing())
        desk.heartbeat(Agency.HEALTH)
        take_all(hub)
        follows = follower(hub)
        follows.catch_up()

        assert {"health", "police"} == set(hub.views.heard(follows.live))


def test_what_is_drawn_lies_sealed(desk):
    with desk.open() as hub:
        desk.publish(missing())
        take_all(hub)
        follower(hub).catch_up()
    held = b"".join(p.read_bytes() for p in desk.settings.data.glob("views.sqlite*"))

    assert b"entries" not in held.replace(b"view_rows", b"")
