"""A review says until when it is shown that a child has harmed; a clock only asks for one."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.audit.desk import in_words
from hub.domain.calendar import LONDON
from hub.domain.child import PartShown
from hub.protocol.commands import Incomplete
from hub.protocol.part_reviews import part_reviews
from hub.protocol.worklist import PART
from hub.sharing.look import Reader
from hub.sharing.policy import load
from hub.sharing.share import Share
from hub.sharing.view import ShownEntry, encode
from schemas.police import OffenceReported
from schemas.schools import Exclusion
from schemas.social_care import RiskManagementPlan, StrategyMeeting
from tests.audit.test_replaying import hall
from tests.casework.acting import (
    COORDINATOR,
    HARMED,
    HAS_HARMED,
    MONDAY,
    REFERRED,
    SCHOOL,
    WORKER,
    child_of,
    follow,
    incident,
)
from tests.casework.test_recording import known
from tests.domain.given import given
from tests.events import ANN
from tests.hubs import take_all
from tests.patterns.story import day
from tests.protocol.told import PACK, situation

HELPING, SCREENING = Reader(WORKER.by, "section-17"), Reader(COORDINATOR.by, "screening")
AT_SCHOOL = Reader(SCHOOL.by, "section-17")
OVER = {"decision": "no-longer-shown", "decided_by": "review meeting", "reason": "Two quiet years."}
UNTIL = {**OVER, "decision": "shown-until", "shown_until": "2026-12-31"}
ROLES = ("school-lead", "mash-coordinator")
SAID = f'"{HAS_HARMED}"'.encode()


def offence(day):
    at = {"occurred_at": MONDAY + timedelta(days=day), "part": HAS_HARMED}
    return OffenceReported(agency="police", system="niche", source_event_id="o1", **at, **ANN)


def told(hub, child, reader):
    """Whether this reader is told that the child has harmed: in an entry, as its strand, by what is due."""
    lines = [line for line in hub.share.chronology(reader, child).lines if isinstance(line, ShownEntry)]
    bodies = b"".join(bytes(raw) for line in lines for raw in line.fields.values())
    strands = {line.strand for line in lines}, {due.strand for due in hub.share.due(reader, child)}
    found = {SAID in bodies, *(HAS_HARMED in each for each in strands)}
    assert 1 == len(found)
    return found.pop()


def asked(hub, child, reader=SCREENING):
    return [(i.state, i.due_at.date()) for i in hub.share.due(reader, child) if i.obligation == PART]


def test_what_a_review_takes_out_of_view_is_said_to_who_must_act_and_comes_back_with_new_behaviour(desk):
    desk.publish(incident("i1", summary="Touching, at break"))
    with desk.open(at=MONDAY + timedelta(days=1)) as hub:
        take_all(hub)
        hub.recorder.record_first(COORDINATOR.by, known(ANN), "receive-referral", REFERRED)
        child = child_of(hub)
        hub.recorder.record(COORDINATOR, child, "allocate-worker", {"worker": WORKER.by.person})
        follow(hub)
        assert [True] * 3 == [told(hub, child, reader) for reader in (HELPING, WORKER, SCREENING)]
        assert [("open", date(2027, 11, 16))] == asked(hub, child) == asked(hub, child, WORKER)
        with pytest.raises(Incomplete) as wrong:
            hub.recorder.record(WORKER, child, "review-part", {**UNTIL, "shown_until": None})
        assert {"shown_until"} == set(wrong.value.fields)
        with pytest.raises(Incomplete) as wrong:
            hub.recorder.record(WORKER, child, "review-part", {**OVER, "reason": " "})
        assert {"reason"} == set(wrong.value.fields)
        hub.recorder.record(WORKER, child, "review-part", UNTIL)
        follow(hub)
        assert [("open", date(2026, 12, 31))] == asked(hub, child) == asked(hub, child, WORKER)
        assert told(hub, child, HELPING)
        entries = len(hub.share.chronology(WORKER, child).lines)
    with desk.open(at=datetime(2026, 12, 31, 12, tzinfo=UTC)) as hub:
        follow(hub)
        assert [("overdue", date(2026, 12, 31))] == asked(hub, child)
        assert told(hub, child, HELPING)
    with desk.open(at=datetime(2027, 1, 1, 12, tzinfo=UTC)) as hub:
        follow(hub)
        shared = hub.share.chronology(HELPING, child)
        assert [False, True, True] == [told(hub, child, reader) for reader in (HELPING, WORKER, SCREENING)]
        assert (entries - 1, []) == (len(shared.lines), asked(hub, child))
        assert "Touching, at break" in {line.all_fields().get("summary") for line in shared.lines}
        assert () == hub.share.flags(HELPING, child)
        before = Share(hub.records, lambda: load().model_copy(update={"archive": None}), hub.drawn, print)
        assert HAS_HARMED in {line.strand for line in before.chronology(HELPING, child).lines}
    desk.publish(offence(day=50))
    with desk.open(at=datetime(2027, 1, 6, 12, tzinfo=UTC)) as hub:
        take_all(hub)
        assert [True, False] == [told(hub, child, reader) for reader in (HELPING, AT_SCHOOL)]
    desk.publish(incident("i2", day=60))
    with desk.open(at=datetime(2027, 1, 20, 12, tzinfo=UTC)) as hub:
        take_all(hub)
        follow(hub)
        assert told(hub, child, AT_SCHOOL)
        assert [("open", date(2028, 1, 5))] == asked(hub, child)
        done, again = (hub.recorder.record(WORKER, child, "review-part", {**OVER, "act": "r"}) for _ in "12")
        follow(hub)
        assert (False, []) == (told(hub, child, HELPING), asked(hub, child))
        assert (True, False) == (done.new, again.new)
        assert hub.records.child(child).part_shown[1] == PartShown(done.entry, None, WORKER.by)


def event(kind, agency, **more):
    about = {"agency": agency, "system": "s", "source_event_id": kind.__name__, "occurred_at": MONDAY}
    return kind(**about, **ANN, **more)


def test_nor_is_it_told_by_what_follows_from_entries_that_say_it_in_other_words(desk):
    desk.publish(
        incident("i1", summary="Touching, at break"),
        event(OffenceReported, "police", part=HARMED, category="rape"),
        event(Exclusion, "schools", sexual_misconduct=True),
        event(StrategyMeeting, "social-care", for_child=HAS_HARMED, held=True),
        event(RiskManagementPlan, "social-care", stage="agreed", responsible_agency="social-care"),
    )
    with desk.open(at=MONDAY + timedelta(days=1)) as hub:
        take_all(hub)
        hub.recorder.record_first(
            COORDINATOR.by, known(ANN), "receive-referral", {**REFERRED, "part": HARMED}
        )
        child = child_of(hub)
        hub.recorder.record(COORDINATOR, child, "allocate-worker", {"worker": WORKER.by.person})
        follow(hub)
        harm = {due.obligation for due in hub.share.due(HELPING, child) if due.strand == HARMED}
        assert "P03" in {flag.pattern for flag in hub.share.flags(HELPING, child)}
        hub.recorder.record(WORKER, child, "review-part", OVER)
        follow(hub)
        left = hub.share.pathway(HELPING, child)

        assert not told(hub, child, HELPING)
        assert "P03" not in {flag.pattern for flag in hub.share.flags(HELPING, child)}
        assert SAID not in encode(left)
        assert harm == {due.obligation for due in left.items if due.strand == HARMED}
        assert "P03" in {flag.pattern for flag in hub.share.flags(WORKER, child)}
        # Nor by what another was shown, nor is a pack of it made for who would not be told.
        hub.share.chronology(WORKER, child)
        again = encode(in_words(hall(hub), HELPING, child, hub.records.child(child).version).words)
        assert b"Touching, at break" in again
        assert SAID not in again
        less = [hub.share.shown_less(reader, child, ROLES) for reader in (SCREENING, WORKER, HELPING)]
        assert [["school-lead"], [], []] == less


HARMED_AT = "day 0 schools sexual-behaviour-incident part=has-sexually-harmed"


@pytest.mark.parametrize(
    ("story", "reviewed", "now", "due"),
    [
        (HARMED_AT, None, 10, 365),
        (f"{HARMED_AT} age=17", None, 10, 0),
        (f"{HARMED_AT} age=16", None, 10, 365),
        (f"{HARMED_AT} age=12", None, 10, 365),
        (f"{HARMED_AT} age=18", None, 10, 365),
        (HARMED_AT, (20, 900), 30, 900),
        (f"{HARMED_AT} age=16", (20, 900), 30, 900),
        (f"{HARMED_AT} age=15", (20, 900), 30, 731),
        (HARMED_AT, (20, 40), 41, None),
        (HARMED_AT, (20, None), 30, None),
        (f"{HARMED_AT}\n day 25 police offence-reported part=has-sexually-harmed", (20, None), 30, 390),
        (f"{HARMED_AT}\n day 25 police offence-reported part=has-sexually-harmed", (20, 100), 30, 100),
        ("day 0 schools sexual-behaviour-incident part=has-been-sexually-harmed", None, 10, None),
    ],
)
def test_when_a_review_is_due(story, reviewed, now, due):
    facts = situation(story).timeline.facts
    record = given()
    if reviewed is not None:
        until = None if reviewed[1] is None else day(reviewed[1]).date()
        record.part_shown = day(reviewed[0]), PartShown(facts[0].entry, until, WORKER.by)
    found = part_reviews([record], facts, PACK, day(now))

    assert [(item.due_at.astimezone(LONDON).date() - day(0).date()).days for item in found] == (
        [] if due is None else [due]
    )
