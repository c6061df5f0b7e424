"""What was opened, said in the words of the national drafts."""

import json

import msgspec
import pytest
from hypothesis import given, settings

from schemas.case_event import types_of
from schemas.catalogue import EVENT_TYPES, split
from schemas.national import EPISODES, LIFE_EVENTS, finding, life_event, person, service_episode
from tests.schemas.given import IRIS, missing_episode
from tests.schemas.test_split import union_of
from tests.strategies import case_events

ENTRY = {"entry_id": "e-1", "child": "c-1"}


def test_a_missing_episode_is_a_life_event():
    fields = json.loads(missing_episode(ended_at="2026-03-02T06:00:00Z").model_dump_json(exclude_none=True))

    assert life_event("police.missing-episode.v1", {**ENTRY, **fields}) == {
        "@context": "https://socialcaredata.github.io/ontology/safeguarding/context.jsonld",
        "@type": "LifeEvent",
        "identifier": [
            {
                "@type": "Identifier",
                "system": "https://safeguarding-hub.example/Id/hub/life-event",
                "value": "e-1",
            },
            {
                "@type": "Identifier",
                "system": "https://safeguarding-hub.example/Id/police/event",
                "value": "m-1",
            },
        ],
        "type": ["missing-person"],
        "subjectPerson": [
            {
                "@type": "SubjectPerson",
                "person": {
                    "@type": "Identifier",
                    "system": "https://fhir.nhs.uk/Id/nhs-number",
                    "value": "9990000018",
                },
                "involvement": "SBJ",
            }
        ],
        "timeInformation": [
            {
                "@type": "TimeInformation",
                "startDateTime": "2026-03-01T21:00:00Z",
                "endDateTime": "2026-03-02T06:00:00Z",
            }
        ],
    }


def test_a_reader_with_few_scopes_exports_what_they_hold():
    few = {**ENTRY, "occurred_at": "2026-03-01T21:00:00Z", "agency": "police"}
    said = life_event("police.missing-episode.v1", few)

    assert said is not None
    assert "9990000018" not in json.dumps(said)
    assert said["subjectPerson"][0]["person"]["value"] == "c-1"


@pytest.mark.parametrize("kind", ["cin-plan", "cp-plan", "child-looked-after"])
def test_a_plan_is_the_episode_of_its_kind(kind):
    said = service_episode("social-care.plan.v1", {**ENTRY, "occurred_at": "2026-03-01", "kind": kind})

    assert said is not None
    assert said["type"] == [kind]
    assert said["location"]
    assert said["relatedService"]


def test_a_plan_whose_kind_is_withheld_is_not_exported():
    assert service_episode("social-care.plan.v1", {**ENTRY, "occurred_at": "2026-03-01"}) is None


def test_an_attendance_summary_is_a_finding_with_its_measure():
    said = finding("schools.attendance-summary.v1", {"occurred_at": "2026-03-01", "percent": 81.5})

    assert said == {
        "@type": "Finding",
        "observation": [
            {"@type": "Observation", "type": "persistent-school-absences", "startDate": "2026-03-01"}
        ],
        "measurement": [{"@type": "Measurement", "value": 81.5, "unit": "pct", "type": "Attendance"}],
    }


def test_an_older_version_maps_as_its_current_one():
    assert finding("schools.absence.v1", {"occurred_at": "2026-03-01"}) is not None


@pytest.mark.parametrize("type_", ["police.weather.v1", "police.restricted.v1", "police.abe-interview.v1"])
def test_a_type_without_a_code_is_not_exported(type_):
    fields = {**ENTRY, "occurred_at": "2026-03-01"}

    assert [f(type_, fields) for f in (life_event, service_episode, finding)] == [None, None, None]


@settings(max_examples=75, deadline=None)
@given(case_events())
def test_an_event_of_every_type_maps_the_same_from_python_and_from_json(event):
    ours = {**ENTRY, **union_of(split(event))}
    theirs = msgspec.json.decode(msgspec.json.encode(ours))
    for export in (life_event, service_episode, finding):
        said = export(event.type, ours)
        again = export(event.type, theirs)

        assert (said is None) == (again is None)
        if said and again:
            assert said.get("type") == again.get("type")
            assert said.get("subjectPerson") == again.get("subjectPerson")


def test_every_national_code_is_in_a_vocabulary_and_restricted_types_have_none():
    for cls in EVENT_TYPES:
        if cls.national:
            assert cls.national in LIFE_EVENTS | EPISODES | {"persistent-school-absences"}, types_of(cls)
            assert not cls.restricted


def test_the_part_a_child_had_is_never_exported():
    for part in ("has-sexually-harmed", "has-been-sexually-harmed", "subject"):
        fields = {**ENTRY, "occurred_at": "2026-03-01", "part": part}
        said = life_event("schools.sexual-behaviour-incident.v1", fields)

        assert said is not None
        assert said["subjectPerson"][0]["involvement"] == "SBJ"
        assert "harmed" not in json.dumps(said)


def test_a_child_is_a_person():
    said = person({**IRIS, "address": "4 Weir Lane, Flat 2, Invented Town", "postcode": "zz11zz"})

    assert said is not None
    assert said["name"][0]["givenName"] == ["Iris", "Jem"]
    assert said["dateOfBirth"]["date"] == "2012-05-04"
    assert said["identifier"][1]["system"] == "https://fhir.nhs.uk/Id/nhs-number"
    assert said["address"][0] == {
        "@type": "Address",
        "line1": "4 Weir Lane",
        "line2": "Flat 2",
        "city": "Invented Town",
        "postcode": "ZZ1 1ZZ",
        "use": "home",
    }


def test_below_the_minimum_there_is_no_person():
    assert person({}) is None
    assert person({"identifiers": IRIS["identifiers"]}) is None
    assert person({"name": {"family": "Ashgrove", "given": ""}, "identifiers": IRIS["identifiers"]}) is None


def test_an_address_that_is_not_whole_is_not_guessed_at():
    said = person({**IRIS, "address": "Rose Cottage", "postcode": "ZZ1 1ZZ"})

    assert said is not None
    assert "address" not in said
