"""Refused looks take one path: the same work for no record, another's, a sealed and a barred one."""

from collections import Counter
from uuid import uuid4

import pytest

from hub.audit.history import history_of
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.domain.refusal import NO_BAR, Rule, refusals_of
from hub.errors import NotAllowed, Unavailable, UnknownChild
from hub.sharing.look import Reader
from hub.store import mapper
from hub.store.archive import Archive
from schemas.case_event import Identifier
from tests.events import ANN, BEN, missing
from tests.hubs import NOW, SOCIAL_WORKER
from tests.sharing.test_access import BOTH, LEAD, REASON, contact, gates

CAL = {**ANN, "identifiers": ({"system": "nhs-number", "value": "9990000034"},)}
NUMBERS = {
    "barred": "9449305552",
    "sealed": "9449304424",
    "unrelated": "9990000034",
    "unknown": "9990000018",
}


RULES = {
    "barred": Rule.BARRED,
    "sealed": Rule.CLOSED,
    "unrelated": Rule.RELATIONSHIP,
    "unknown": Rule.NO_RECORD,
}


class Work:
    """Counts what the hub does: queries of streams, events opened, events stored and their bytes."""

    def __init__(self, monkeypatch):
        self.done = Counter()
        stream, record, unseal, seal = (
            Archive.stream,
            Archive.record,
            mapper.unseal_spine,
            mapper.seal_spine,
        )

        def counted_stream(archive, id_, *, after=None):
            self.done["queries"] += 1
            return stream(archive, id_, after=after)

        def counted_record(archive, events, effects=None, appended=None):
            self.done["transactions"] += 1
            return record(archive, events, effects, appended)

        def counted_unseal(*args):
            self.done["opened"] += 1
            return unseal(*args)

        def counted_seal(*args):
            sealed = seal(*args)
            self.done["stored"] += 1
            self.done["bytes"] += len(sealed)
            return sealed

        monkeypatch.setattr(Archive, "stream", counted_stream)
        monkeypatch.setattr(Archive, "record", counted_record)
        monkeypatch.setattr(mapper, "unseal_spine", counted_unseal)
        monkeypatch.setattr(mapper, "seal_spine", counted_seal)

    def of(self, ask):
        """The work of a look that is refused, once what it needs is remembered."""
        for _ in range(2):
            self.done.clear()
            with pytest.raises(UnknownChild) as refused:
                ask()
            assert (UnknownChild, "", True) == (type(refused.value), str(refused.value), refused.value.noted)
        return dict(self.done)


def called(number):
    return Identifier("nhs-number", number)


@pytest.fixture
def refusing(desk):
    """A hub, and the records of: whom the social worker is barred from, whom others alone see, another's."""
    desk.take_in(
        *(contact(), missing("m2"), missing("m3")),
        missing("m4", who=BEN),
        *(missing(f"m{n}", who=CAL) for n in range(5, 9)),
        at=NOW,
    )
    with desk.open(at=NOW) as hub:
        places = {name: hub.records.hashes.stream(called(number)) for name, number in NUMBERS.items()}
        known = hub.records.identities.look_up([*places.values()])
        found = {name: known[at].child for name, at in places.items() if at in known}
        bar = {"named": (SOCIAL_WORKER.by,), "interest": Interest.OWN}
        gates(hub).close(LEAD, found["barred"], Closing.BARRED, "Their own", **bar)
        gates(hub).close(LEAD, found["sealed"], Closing.SEALED, "Kept apart", named=(LEAD,))
        yield hub, {**found, "unknown": uuid4()}


def asked(hub, record, number):
    """Every question by which somebody may look for a record."""
    share, reader = hub.share, SOCIAL_WORKER
    return {
        "chronology": lambda: share.chronology(reader, record),
        "chronology as known": lambda: share.chronology(reader, record, NOW),
        "flags": lambda: share.flags(reader, record),
        "due": lambda: share.due(reader, record),
        "pathway": lambda: share.pathway(reader, record),
        "beside-flags": lambda: share.beside(reader, record),
        "find": lambda: share.find(reader, called(number)),
    }


def test_each_question_costs_the_same_whatever_it_was_refused_for(refusing, monkeypatch):
    hub, records = refusing
    work = Work(monkeypatch)
    done = {
        name: {question: work.of(ask) for question, ask in asked(hub, record, NUMBERS[name]).items()}
        for name, record in records.items()
    }

    assert {"barred", "sealed", "unrelated", "unknown"} == done.keys()
    # A number that is somebody's is opened, to know whose: one event more than for one that is nobody's.
    opened = {name: each["find"].pop("opened", 0) for name, each in done.items()}
    assert {"barred": 1, "sealed": 1, "unrelated": 1, "unknown": 0} == opened
    for each in done.values():
        assert done["unknown"] == each
    for counts in done["unknown"].values():
        assert (1, 1) == (counts["transactions"], counts["stored"])


def test_a_record_is_as_costly_to_break_the_glass_of_barred_as_there_being_none(refusing, monkeypatch):
    hub, records = refusing
    work = Work(monkeypatch)
    barred, unknown = (
        work.of(lambda record=records[name]: gates(hub).break_glass(SOCIAL_WORKER, record, REASON, BOTH))
        for name in ("barred", "unknown")
    )

    assert barred == unknown


def test_every_refused_look_stands_with_who_and_what_for_before_it_is_answered(refusing):
    hub, records = refusing
    stranger = Reader(SOCIAL_WORKER.by, "investigation")
    for name, record in records.items():
        with pytest.raises(UnknownChild):
            hub.share.chronology(SOCIAL_WORKER, record)
        with pytest.raises(NotAllowed):
            hub.share.chronology(stranger, record)
        first, second = (e.body for e in hub.records.archive.stream(refusals_of(record)))

        assert (SOCIAL_WORKER.by, "section-47", "chronology", record) == (
            *(first.reader, first.purpose, first.question),
            first.sought,
        )
        assert (name == "barred") == (first.bar != NO_BAR)
        assert ("investigation", NO_BAR) == (second.purpose, second.bar)
        assert (RULES[name], Rule.PURPOSE) == (first.rule, second.rule)
        if name != "unknown":
            told = [one for one in history_of(hub.records, record) if one.what == "look-refused"]
            assert told[-1].detail.endswith(f": {Rule.PURPOSE.words}")


def test_who_may_not_ask_about_incidents_stands_recorded_too(refusing):
    hub, records = refusing
    for record in records.values():
        with pytest.raises(NotAllowed):
            hub.share.incidents(SOCIAL_WORKER, record)
        (event,) = hub.records.archive.stream(refusals_of(record))

        assert (SOCIAL_WORKER.by, "incidents") == (event.body.reader, event.body.question)


def test_who_may_not_break_the_glass_or_ask_to_see_stands_recorded_too(refusing):
    hub, _ = refusing
    place, nobodys = hub.records.hashes.stream(called(NUMBERS["unknown"])), called(NUMBERS["unknown"])
    school, reads_nothing = Reader(By("x", "school-lead", "schools"), "section-47"), Reader(LEAD, "audit")
    stranger = Reader(By("x", "social-worker", "police"), "section-47")
    for act, reader in (
        (gates(hub).break_glass, school),
        (gates(hub).break_glass, stranger),
        (gates(hub).ask, reads_nothing),
        (gates(hub).ask, stranger),
    ):
        with pytest.raises(NotAllowed) as refused:
            act(reader, nobodys, REASON, BOTH)
        assert refused.value.noted
    events = [event.body for event in hub.records.archive.stream(refusals_of(place))]

    assert [
        ("break-glass", school.by),
        ("break-glass", stranger.by),
        ("ask", LEAD),
        ("ask", stranger.by),
    ] == [(event.question, event.reader) for event in events]
    assert {place} == {event.sought for event in events}
    assert [] == gates(hub).desk.mine(LEAD) == gates(hub).desk.mine(stranger.by)


def test_what_was_looked_for_by_number_or_name_stands_as_a_keyed_hash_alone(refusing):
    hub, _ = refusing
    with pytest.raises(UnknownChild):
        hub.share.find(SOCIAL_WORKER, called(NUMBERS["unknown"]))
    place = hub.records.hashes.stream(called(NUMBERS["unknown"]))
    (event,) = hub.records.archive.stream(refusals_of(place))

    assert ("find", place) == (event.body.question, event.body.sought)


def test_nothing_is_answered_where_the_refusal_cannot_be_recorded(refusing, monkeypatch):
    hub, records = refusing

    def away(*_, **__):
        raise Unavailable("the store is away")

    monkeypatch.setattr(Archive, "record", away)
    for record in records.values():
        with pytest.raises(Unavailable):
            hub.share.chronology(SOCIAL_WORKER, record)
