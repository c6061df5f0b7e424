"""The shapes that are shown: every field by name, and one strand without the other's entries."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE
from hub.sharing.view import Gap, SharedChronology, ShownEntry

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


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
