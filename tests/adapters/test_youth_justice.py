"""Youth justice cases: work, cautions, court, release, MAPPA and assessments of one child a record."""

import json

import pytest
from hypothesis import given, settings

from adapters.identifiers import held_identifier
from adapters.record import BadRecord
from adapters.youth_justice.cases import FORMAT
from schemas.case_event import Identifier
from schemas.youth_justice import Caution, Release
from tests.adapters.told import (
    content_of,
    drawn,
    events_of,
    ids_of,
    mutated,
    only_closed_words,
    read,
    read_sample,
    refusal,
    table,
)

CHILD = {"reference": "YJ-1", "family": "Ashdown", "given": ["Robin"], "dateOfBirth": "2012-03-09"}
RECORD = {"type": "caution", "recordId": "C-1", "occurredOn": "2026-07-10", "child": CHILD}


def told(*records: dict) -> str:
    return drawn(read(FORMAT, b"\n".join(json.dumps(r).encode() for r in records)))


def test_the_sample_tells_each_record_and_names_what_it_refuses():
    assert table("""
        youth-justice.caution            2026-07-10 part=has-sexually-harmed stage=completed \
            offence_category=sexual
        youth-justice.intervention       2026-07-20 stage=started hsb_class=problematic
        youth-justice.assessment         2026-07-18T10:00 stage=completed hsb_class=problematic
        youth-justice.court-outcome      2026-08-05 offence_category=theft convicted=False
        youth-justice.release            2026-09-01 stage=planned release_date=2027-01-15
        youth-justice.mappa-notification 2026-09-02 stage=started
        youth-justice.intervention       2026-07-21 stage=started corrects=RXX/intervention/I-9
        youth-justice.withdrawal         2026-08-06 withdraws=RXX/court-outcome/CO-2
        ! line 9 no-event-type type
        ! line 10 future-date occurredOn
        ! line 11 not-said stage
        ! line 12 no-identifier reference
        ~ line 13/child/identifiers invalid-nhs-number identifiers
        youth-justice.caution            2026-08-05
        ~ line 13 unknown-field
        ! line 14 not-an-object
    """) == drawn(
        read_sample(FORMAT),
        *(
            "part",
            "stage",
            "hsb_class",
            "offence_category",
            "convicted",
            "release_date",
            "corrects",
            "withdraws",
        ),
    )


def test_the_same_file_makes_the_same_events():
    once, again = read_sample(FORMAT), read_sample(FORMAT)

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))


def test_the_other_child_is_a_reference_and_the_child_is_known_by_every_number_held():
    caution = next(e for e in events_of(read_sample(FORMAT)) if isinstance(e, Caution))

    assert [("youth-justice:rxx", "YJ-1042")] == [
        (i.system, i.value) for i in caution.children[0].identifiers
    ]
    assert [("youth-justice:rxx", "YJ-1043"), ("nhs-number", "9990000026")] == [
        (i.system, i.value) for i in caution.identifiers
    ]


def test_a_release_that_is_planned_may_lie_ahead():
    release = next(e for e in events_of(read_sample(FORMAT)) if isinstance(e, Release))

    assert ("planned", "2027-01-15") == (release.stage, release.release_date.isoformat())
    assert "Wexbridge, with aunt" == release.released_to


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"type": None}, "no-event-type type"),
        ({"recordId": None}, "no-natural-key recordId"),
        ({"recordId": 7}, "not-text recordId"),
        ({"recordId": "x" * 400}, "key-too-long"),
        ({"occurredOn": None}, "no-date occurredOn"),
        ({"occurredOn": "10/07/2026"}, "not-a-date occurredOn"),
        ({"occurredOn": "9999-12-31"}, "future-date occurredOn"),
        ({"occurredOn": "1901"}, "implausible-date occurredOn"),
        ({"endedOn": "2026-07-09"}, "unacceptable-value"),
        ({"stage": "half-way"}, "unknown-code stage"),
        ({"part": "accused"}, "unknown-code part"),
        ({"offenceCategory": "!"}, "not-a-code offenceCategory"),
        ({"change": "undo"}, "unknown-code change"),
        ({"change": "correction"}, "no-natural-key"),
        ({"change": "withdrawal", "changeReason": "regret"}, "unknown-code changeReason"),
        ({"child": None}, "no-child child"),
        ({"child": []}, "not-an-object child"),
        ({"child": CHILD | {"reference": "x" * 101}}, "invalid-identifier reference"),
        ({"child": CHILD | {"dateOfBirth": "2012"}}, "not-a-date dateOfBirth"),
        ({"child": CHILD | {"dateOfBirth": "1990-01-01"}}, "not-a-child dateOfBirth"),
        ({"child": CHILD | {"family": "x" * 201}}, "unacceptable-value family"),
        ({"otherChildren": [{}]}, "not-text otherChildren"),
        ({"type": "release"}, "not-said stage"),
        ({"type": "release", "stage": "planned", "releaseDate": "soon"}, "not-a-date releaseDate"),
        ({"type": "court-outcome", "convicted": "no"}, "not-true-or-false convicted"),
    ],
)
def test_a_bad_record_is_refused_with_its_field_and_the_next_is_read(change, line):
    everything = told(RECORD | change, RECORD | {"recordId": "C-2"})

    assert f"! line 1 {line}\nyouth-justice.caution 2026-07-10" == everything


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "document: empty-file"),
        (b'{"type": "caution",\n', "document: not-json"),
        (
            b'{"type": "caution"\n{"type": "caution"}\n',
            "read: ! line 1 not-json\n! line 2 no-natural-key recordId",
        ),
        (b"<xml/>", "document: not-json"),
        (json.dumps(RECORD).encode("utf-16"), "document: not-utf-8"),
        (
            json.dumps(RECORD).encode() + b"\n\xff\n",
            "read: youth-justice.caution 2026-07-10\n! line 2 not-utf-8",
        ),
        (b"[" * 100_000, "document: not-json"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(raw, why):
    assert why == refusal(FORMAT, raw)


CODES = {
    *("empty-file", "not-json", "not-utf-8", "not-an-object", "not-a-list", "not-text", "not-true-or-false"),
    *(
        "not-said",
        "not-a-code",
        "unknown-code",
        "no-event-type",
        "no-natural-key",
        "key-too-long",
        "no-child",
    ),
    *("no-date", "not-a-date", "future-date", "implausible-date", "not-a-child", "no-identifier"),
    *("invalid-nhs-number", "invalid-identifier", "unknown-field", "unacceptable-value", "record-too-large"),
    "file-too-large",
}
WORDS = {
    *(
        "line",
        "document",
        "child",
        "identifiers",
        "kind",
        "holder",
        "value",
        "reference",
        "family",
        "given",
        "sex",
    ),
    *(
        "ethnicity",
        "postcode",
        "address",
        "dateOfBirth",
        "type",
        "recordId",
        "version",
        "change",
        "changeReason",
    ),
    *("occurredOn", "endedOn", "recordedAt", "offenceCategory", "incidentReference", "part", "recorderRole"),
    *(
        "nature",
        "significance",
        "summary",
        "otherChildren",
        "stage",
        "hsbClass",
        "plan",
        "offence",
        "conditions",
    ),
    *(
        "convicted",
        "result",
        "releaseDate",
        "releasedTo",
        "decision",
        "analysis",
        "childWords",
        "source_event_id",
    ),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(FORMAT.sample.read_bytes()))
def test_an_accident_to_the_file_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)


def test_a_consistent_identifier_names_its_scheme_where_others_name_who_gave_them():
    said = held_identifier("Consistent identifier", "NHS number", "999 000 0018", "identifiers")
    other = held_identifier("consistent-identifier", "Scheme B", "a-1", "identifiers")

    assert Identifier("consistent-identifier:nhs-number", "9990000018") == said
    assert Identifier("consistent-identifier:scheme-b", "a-1") == other
    with pytest.raises(BadRecord, match="invalid-nhs-number"):
        held_identifier("consistent-identifier", "nhs-number", "9990000019", "identifiers")
