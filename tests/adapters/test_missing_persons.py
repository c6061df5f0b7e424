"""A force's missing episodes and incidents: one event a child, the other child by reference only."""

import json

import pytest
from hypothesis import given, settings

from adapters.police.missing_persons import FORMAT
from schemas.police import MissingEpisode, OffenceReported
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

ROBIN = {
    "givenName": ["Robin"],
    "familyName": "Ashdown",
    "dateofBirthKnown": True,
    "dateOfBirth": "2012-03-09",
}


def submission(kind="offence", part="subject", number="N-1", person=None, link=None, **attributes) -> dict:
    said = {"incidentType": kind, "forceIdentifier": "north", "occurredFrom": "2026-06-10", **attributes}
    persons = [link or {"type": "person", "id": "P1", "meta": {"part": part}}]
    return {
        "data": {
            "type": "incident",
            "id": number,
            "attributes": said,
            "relationships": {"persons": {"data": persons}},
        },
        "included": [{"type": "person", "id": "P1", "attributes": ROBIN | (person or {})}],
    }


def told(*submissions: dict, fields: tuple[str, ...] = ()) -> str:
    return drawn(read(FORMAT, b"\n".join(json.dumps(s).encode() for s in submissions)), *fields)


def test_the_sample_tells_each_incident_once_a_child_and_names_what_it_refuses():
    assert table("""
        police.missing-episode          2026-05-02T20:15 ongoing=True
        police.missing-episode          2026-05-02T20:15 ended_at=2026-05-03T04:30 \
            completes=north/NF-26-004401/missing-episode/N200881
        police.domestic-abuse-incident  2026-05-20T23:10 part=witness risk=medium
        police.domestic-abuse-incident  2026-05-20T23:10 part=in-contact risk=medium
        police.offence-reported         2026-06-10 part=has-sexually-harmed category=sexual
        police.offence-reported         2026-06-10 part=has-been-sexually-harmed category=sexual
        police.suspect-interview        2026-06-20T14:00 part=has-sexually-harmed
        police.abe-interview            2026-06-15T11:00 part=has-been-sexually-harmed
        police.investigation-outcome    2026-08-03 part=has-sexually-harmed outcome=out-of-court
        police.investigation-outcome    2026-08-03 part=has-been-sexually-harmed outcome=out-of-court
        police.exploitation-concern     2026-06-25 kind=criminal
        police.protection-used          2026-06-14T02:10 ended_at=2026-06-15T10:00
        police.intelligence             2026-06-27 category=county-lines
        police.safety-measure           2026-06-20T18:00 part=has-sexually-harmed kind=bail-conditions
        police.domestic-abuse-incident  2026-05-20T23:10 part=witness risk=high \
            corrects=north/NF-26-004710/domestic-abuse-incident/N200881
        police.domestic-abuse-incident  2026-05-20T23:10 part=in-contact risk=high \
            corrects=north/NF-26-004710/domestic-abuse-incident/N200912
        police.withdrawal               2026-06-25 withdraws=north/NF-26-005230/exploitation-concern/N200881
        police.missing-episode          2026-07-01T21:00 ongoing=True
        ! line 15/data no-event-type incidentType
        ! line 16/data future-date occurredFrom
        ! line 17/data not-a-child dateOfBirth
        police.offence-reported         2026-07-03 category=criminal-damage
        ~ line 18/data/attributes unknown-field
        ! line 19 not-json
    """) == drawn(
        read_sample(FORMAT),
        *(
            "part",
            "ongoing",
            "ended_at",
            "risk",
            "category",
            "outcome",
            "kind",
            "completes",
            "corrects",
            "withdraws",
        ),
    )


def test_the_same_file_makes_the_same_events():
    once, again = read_sample(FORMAT), read_sample(FORMAT)

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))


def test_two_children_of_one_incident_are_told_apart_and_know_each_other_by_reference_only():
    harmed, hurt = (
        e for e in events_of(read_sample(FORMAT)) if isinstance(e, OffenceReported) and e.children
    )

    assert harmed.incident == hurt.incident
    assert "NF-26-005002" == harmed.incident.value
    assert [("police:north", "N200881")] == [(i.system, i.value) for i in harmed.children[0].identifiers]
    assert [("police:north", "N200912")] == [(i.system, i.value) for i in hurt.children[0].identifiers]
    assert (None, "It happened on the bus home.") == (harmed.account, hurt.account)
    assert "Robin" not in harmed.model_dump_json()


def test_an_adult_is_a_reference_within_the_childs_event_and_never_an_event():
    found = next(e for e in events_of(read_sample(FORMAT)) if isinstance(e, MissingEpisode) and e.ended_at)

    assert [("older-associate", "N100204", "Dale Marsh")] == [
        (p.relation, p.reference.value, p.name) for p in found.people
    ]
    assert "1991" not in content_of(read_sample(FORMAT))


@pytest.mark.parametrize(
    ("person", "age"),
    [
        ({}, 14),
        ({"dateofBirthKnown": False}, None),
        ({"dateofBirthKnown": False, "approximateAgeFrom": 13, "approximateAgeTo": 15}, None),
        ({"dateofBirthKnown": False, "approximateAgeFrom": 14, "approximateAgeTo": 14}, 14),
    ],
)
def test_an_unknown_age_is_never_guessed(person, age):
    (event,) = events_of(read(FORMAT, json.dumps(submission(person=person)).encode()))

    assert age == event.age


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"occurredFrom": None}, "no-date occurredFrom"),
        ({"occurredFrom": "10/06/2026"}, "not-a-date occurredFrom"),
        ({"occurredFrom": "9999-12-31"}, "future-date occurredFrom"),
        ({"occurredFrom": "0001-01-01T00:00:00+14:00"}, "not-a-date occurredFrom"),
        ({"occurredFrom": "1950-01-01"}, "implausible-date occurredFrom"),
        ({"occurredFrom": 7}, "not-text occurredFrom"),
        ({"offenceCategory": "a long sentence that is no code at all, see"}, "not-a-code offenceCategory"),
        ({"hsbForms": ["shouting"]}, "unknown-code hsbForms"),
        ({"hsbForms": "grooming"}, "not-a-list hsbForms"),
        ({"provenance": "gossip"}, "unknown-code provenance"),
        ({"change": "undo"}, "unknown-code change"),
        ({"change": "correction"}, "no-natural-key"),
        ({"part": "accused"}, "unknown-code part"),
        ({"part": None}, "not-said part"),
        ({"kind": "exploitation-concern"}, "not-said exploitationKind"),
        ({"kind": "missing-episode"}, "unknown-code status"),
        ({"kind": "missing-episode", "status": "found"}, "status-and-end-disagree occurredTo"),
        (
            {"kind": "missing-episode", "status": "open", "timesMissingBefore": 1.5},
            "not-a-number timesMissingBefore",
        ),
        ({"kind": "suspect-interview", "underPace": "yes"}, "not-true-or-false underPace"),
        ({"occurredTo": "2026-06-09"}, "unacceptable-value"),
        ({"summary": "x" * 20_001}, "not-text summary"),
        ({"number": None}, "no-natural-key id"),
        ({"number": "x" * 400}, "key-too-long"),
        ({"person": {"dateOfBirth": "2003-01-01"}}, "not-a-child dateOfBirth"),
        ({"person": {"dateOfBirth": "2031-01-01"}}, "implausible-date dateOfBirth"),
        ({"person": {"gender": "G" * 41}}, "unacceptable-value person"),
        ({"link": {"type": "person", "id": "P9", "meta": {"part": "subject"}}}, "person-not-included id"),
        ({"link": 7}, "not-an-object data"),
    ],
)
def test_a_bad_incident_is_refused_with_its_field_and_the_next_is_read(change, line):
    everything = told(submission(**change), submission(number="N-2")).splitlines()
    refused = [one for one in everything if one.startswith("! line 1/data")]

    assert [line] == [one.split(" ", 3)[3] for one in refused]
    assert "police.offence-reported 2026-06-10" == everything[-1]


@pytest.mark.parametrize(
    ("raw", "told_of"),
    [
        ({}, "! line 1/data not-an-object data"),
        ({"data": {"attributes": {"incidentType": "offence"}, "id": "1"}}, "! line 1/data no-child persons"),
        ({"data": [], "included": {}}, "! line 1 not-a-list included"),
        ({"data": [7, None]}, "! line 1/data/0 not-an-object data\n! line 1/data/1 not-an-object data"),
    ],
)
def test_a_document_of_another_shape_is_refused_by_what_is_missing(raw, told_of):
    assert told_of == told(raw)


def test_a_wrong_number_is_left_out_and_the_child_is_still_known_by_the_forces_own():
    numbers = [{"kind": "nhs-number", "value": "9990000019"}, {"kind": "upn"}, 7]
    everything = read(FORMAT, json.dumps(submission(person={"identifiers": numbers})).encode())

    assert 3 == len(drawn(everything).splitlines()) - 1
    assert [("police:north", "P1")] == [(i.system, i.value) for i in events_of(everything)[0].identifiers]


def test_a_whole_document_and_a_list_are_read_like_lines():
    one, two = submission(number="N-1"), submission(number="N-2")
    whole = {"data": [one["data"], two["data"]], "included": one["included"]}

    assert 2 == len(events_of(read(FORMAT, json.dumps(whole, indent=1).encode())))
    assert 2 == len(events_of(read(FORMAT, json.dumps([one, two]).encode())))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "document: empty-file"),
        (b"{\n", "document: not-json"),
        (b"nothing of the kind", "document: not-json"),
        (json.dumps(submission()).encode("utf-16"), "document: not-utf-8"),
        (b"[" * 100_000, "document: not-json"),
        (b"7", "document: not-an-object"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(raw, why):
    assert why == refusal(FORMAT, raw)


CODES = {
    *("empty-file", "not-json", "not-utf-8", "not-an-object", "not-a-list", "not-text", "not-a-number"),
    *("not-true-or-false", "not-said", "not-a-code", "unknown-code", "no-event-type", "no-natural-key"),
    *("no-child", "person-not-included", "no-date", "not-a-date", "future-date", "implausible-date"),
    *("not-a-child", "invalid-nhs-number", "invalid-identifier", "status-and-end-disagree", "key-too-long"),
    *("unknown-field", "unacceptable-value", "record-too-large", "file-too-large"),
}
WORDS = {
    *(
        "line",
        "document",
        "data",
        "attributes",
        "relationships",
        "persons",
        "person",
        "included",
        "meta",
        "part",
    ),
    *("id", "identifiers", "kind", "value", "holder", "incidentType", "occurredFrom", "occurredTo", "status"),
    *("reportedAt", "recordedAt", "dateOfBirth", "dateofBirthKnown", "givenName", "familyName", "gender"),
    *("postcode", "address", "ethnicity", "approximateAgeFrom", "approximateAgeTo", "account", "change"),
    *("changeReason", "submissionId", "forceIdentifier", "summary", "provenance", "nature", "significance"),
    *(
        "firstTeller",
        "recorderRole",
        "timesMissingBefore",
        "foundWithAdult",
        "foundWhere",
        "childPresent",
        "risk",
    ),
    *("actionTaken", "offenceCategory", "hsbForms", "hsbClass", "exhibitReferences", "exhibit_references"),
    *(
        "outcome",
        "outcomeReason",
        "familyTold",
        "exploitationKind",
        "level",
        "indicators",
        "grounds",
        "takenTo",
    ),
    *("underPace", "appropriateAdult", "exceptionAgreed", "admissionMade", "category", "grading", "report"),
    *("handling", "origin", "until", "conditions", "age", "source_event_id"),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(FORMAT.sample.read_bytes()))
def test_an_accident_to_the_file_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)
