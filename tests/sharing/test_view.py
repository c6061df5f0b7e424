"""The shapes that are shown: every field by name, and one strand without the other's entries."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE
from hub.sharing.view import (
    Archived,
    Change,
    Dispute,
    Found,
    Gap,
    Lifted,
    Restriction,
    SharedChecklist,
    SharedChronology,
    SharedPathway,
    SharedTick,
    ShownEntry,
    Withheld,
)

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def line(open_=b"{}", strand=WHOLE, **more):
    return ShownEntry(
        UUID(int=1),
        "police",
        "a-type",
        AT,
        "minute",
        AT,
        msgspec.Raw(open_),
        **{"fields": {}, **more},
        strand=strand,
    )


def test_every_field_is_told_by_name_and_an_ending_adds_to_its_beginning():
    entry = line(
        b'{"a": 1}',
        fields={"police": msgspec.Raw(b'{"b": 2, "c": 3}')},
        ending={"police": msgspec.Raw(b'{"c": 4}')},
    )

    assert {"a": 1, "b": 2, "c": 4} == entry.all_fields()


def test_a_strand_is_its_own_entries_and_what_is_of_neither_and_gaps():
    gap = Gap(AT, "health", "somebody")
    lines = (line(strand=HAS_HARMED), gap, line(), line(strand=WAS_HARMED))
    shared = SharedChronology(UUID(int=2), "social-worker", "section-47", "", "", AT, {}, lines)

    assert lines[:3] == shared.of_strand(HAS_HARMED).lines
    assert lines[1:] == shared.of_strand(WAS_HARMED).lines
    assert shared.child == shared.of_strand(HAS_HARMED).child


def test_what_is_not_said_is_not_sent():
    sent = msgspec.json.decode(msgspec.json.encode(line()))

    assert {
        "line",
        "id",
        "agency",
        "type",
        "occurred_at",
        "precision",
        "recorded_at",
        "open",
        "fields",
    } == set(sent)
    assert "entry" == sent["line"]
    assert "gap" == msgspec.json.decode(msgspec.json.encode(Gap(AT, "health", "x")))["line"]


def chronology():
    return SharedChronology(UUID(int=2), "social-worker", "section-47", "", "", AT, {}, ())


@pytest.mark.parametrize(
    "shown",
    [
        Withheld("health", "health", "x"),
        Change("corrected", AT),
        Dispute(AT, "police"),
        Restriction(AT, "accuracy", "police", "x"),
        Lifted(AT, AT, "accuracy", "police"),
        Archived(AT.date(), True, (), "x"),
        line(),
        Gap(AT, "health", "x"),
        chronology(),
        Found(UUID(int=2), {}),
        SharedTick("R1", "text", "L1", None),
        SharedChecklist("name", ()),
        SharedPathway((), None, (), ()),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_what_was_decided_to_be_shown_is_not_changed_on_its_way(shown):
    for name in shown.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(shown, name, getattr(shown, name))


def test_what_has_no_reason_and_a_chronology_of_now_do_not_say_so():
    def sent(shown):
        return set(msgspec.json.decode(msgspec.json.encode(shown)))

    assert {"standing", "recorded_at"} == sent(Change("withdrawn", AT))
    assert {"standing", "recorded_at", "reason"} == sent(Change("withdrawn", AT, "because"))
    assert {"since", "agency"} == sent(Dispute(AT, "police"))
    assert {"since", "ground", "agency", "contact"} == sent(Restriction(AT, "accuracy", "police", "x"))
    assert {"since", "until", "ground", "agency"} == sent(Lifted(AT, AT, "accuracy", "police"))
    assert "known_at" not in sent(chronology())
    assert "known_at" in sent(msgspec.structs.replace(chronology(), known_at=AT))


def test_an_entry_of_which_nothing_more_is_said_stands_is_over_and_is_whole():
    entry = line()

    assert ("current", False, False, None) == (entry.standing, entry.ongoing, entry.erased, entry.change)
    assert ((), (), {}, "") == (entry.withheld, entry.withdrawn, entry.ending, entry.strand)


def test_the_digest_of_a_chronology_is_another_where_something_else_is_shown_and_of_nothing_else():
    shown = chronology()
    others = [
        {"who": {"name": "Ann"}},
        {"lines": (line(),)},
        {"archived": Archived(AT.date(), True, (), "x")},
    ]
    digests = [msgspec.structs.replace(shown, **other).digest() for other in ({"as_at": NOW}, *others)]

    assert shown.digest() == digests[0]
    assert 4 == len(set(digests))
    assert not Restriction(AT, "accuracy", "police", "x").unread
