"""Reading an event from bytes: strict, and silent about what was sent."""

import json
import subprocess
import sys
from uuid import uuid5

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.case_event import EVENT_IDS, event_id_of, types_of
from schemas.catalogue import (
    EVENT_TYPES,
    TYPE_BY_NAME,
    InvalidEvent,
    UnknownType,
    UnknownVersion,
    parse_event,
)
from schemas.police import MissingEpisode
from schemas.vocabulary import Agency
from tests.schemas.given import missing_episode
from tests.strategies import case_events

CANARY = "Elverthorpe-Canary"
WRONG = ({CANARY: CANARY}, [[CANARY]], 1e300, CANARY * 2000, f" {CANARY}\x00")


def spoken(event) -> dict:
    return json.loads(event.model_dump_json(exclude_none=True))


def whole_text_of(error: BaseException) -> str:
    chain = [error, error.__cause__, error.__context__]
    return " ".join(f"{e!s} {e!r} {getattr(e, 'findings', '')}" for e in chain if e)


@settings(max_examples=100, deadline=None)
@given(case_events())
def test_every_event_reads_back_as_itself(event):
    assert event == parse_event(event.model_dump_json().encode())
    assert event == parse_event(event.model_dump_json(exclude_none=True).encode())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@example(b"")
@example(b"null")
@example(b'{"type": [1]}')
@example(b'{"type": {"a": 1}}')
@example(b"[" * 100_000)
@example(b'{"type":' * 5_000)
def test_bytes_that_are_no_event_are_refused_by_name(data):
    with pytest.raises((UnknownType, UnknownVersion, InvalidEvent)):
        parse_event(data)


@pytest.mark.parametrize("type_", ["police.weather.v1", CANARY, "", "police.missing-episode", "police.x.v01"])
def test_an_unknown_type_is_refused_without_repeating_it(type_):
    with pytest.raises(UnknownType) as refused:
        parse_event(json.dumps({"type": type_}).encode())

    assert CANARY not in whole_text_of(refused.value)


@pytest.mark.parametrize("type_", ["police.missing-episode.v2", "schools.absence.v3"])
def test_a_known_type_in_another_version_is_an_unknown_version(type_):
    with pytest.raises(UnknownVersion):
        parse_event(json.dumps({"type": type_}).encode())


def test_a_restricted_name_is_no_type_to_send():
    with pytest.raises(UnknownType):
        parse_event(b'{"type": "police.restricted.v1"}')


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda c: types_of(c)[0])
def test_no_error_repeats_what_was_sent(cls):
    type_ = types_of(cls)[0]
    whole = {"type": type_, "agency": type_.partition(".")[0], "system": "s", "source_event_id": "1"}
    for name in [*cls.model_fields, CANARY]:
        for value in WRONG:
            with pytest.raises((UnknownType, InvalidEvent)) as refused:
                parse_event(json.dumps({**whole, name: value}).encode())

            assert CANARY not in whole_text_of(refused.value)


def test_not_even_the_error_of_an_event_made_in_the_hub_repeats_what_was_said():
    with pytest.raises(ValidationError) as refused:
        MissingEpisode(agency="police", system="s", source_event_id="1", occurred_at=CANARY)

    assert "occurred_at" in str(refused.value)
    assert CANARY not in str(refused.value)


def test_findings_name_the_field_and_the_fault():
    said = spoken(missing_episode())
    said["identifiers"][1]["value"] = ""
    said["times_missing_before"] = "3"
    said["colour"] = "green"

    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps(said).encode())

    assert refused.value.findings == (
        ("identifiers.1.value", "string-too-short"),
        ("times_missing_before", "int-type"),
        ("?", "extra-forbidden"),
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ended_at": "2026-02-28T00:00:00Z"}, "ends-before-it-starts"),
        ({"ended_at": "2026-03-02T00:00:00Z", "ongoing": True}, "ongoing-and-ended"),
        ({"date_of_birth": "1066-10-14"}, "impossible-age"),
        ({"agency": "health"}, "type-of-another-agency"),
    ],
)
def test_what_cannot_be_together_is_refused_by_code(changes, code):
    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps({**spoken(missing_episode()), **changes}).encode())

    assert (("", code),) == refused.value.findings


def test_a_time_without_a_zone_is_refused():
    said = {**spoken(missing_episode()), "occurred_at": "2026-03-01T21:00:00"}

    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps(said).encode())

    assert refused.value.findings == (("occurred_at", "timezone-aware"),)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_that_is_none_is_refused(number):
    said = {**spoken(missing_episode()), "type": "schools.attendance-summary.v1", "agency": "schools"}
    data = json.dumps(said)[:-1] + f', "percent": {number}}}'

    with pytest.raises(InvalidEvent):
        parse_event(data.encode())


def test_only_police_may_speak_of_a_police_enquiry():
    said = {**spoken(missing_episode()), "type": "protocol.police-enquiry-opened.v1", "agency": "health"}

    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps(said).encode())

    assert refused.value.findings == (("agency", "literal-error"),)


def test_that_a_reason_was_written_is_seen_not_claimed():
    said = {**spoken(missing_episode()), "type": "protocol.strategy-meeting-cancelled.v1"}
    said |= {"meeting": {"system": "hub", "value": "m"}, "reason_recorded": True}

    assert parse_event(json.dumps(said).encode()).reason_recorded is False
    assert parse_event(json.dumps({**said, "reason": "Moved"}).encode()).reason_recorded is True


def test_every_class_is_found_by_its_names():
    assert TYPE_BY_NAME["police.missing-episode.v1"] is MissingEpisode


@given(st.sampled_from(list(Agency)), st.text(max_size=40))
def test_an_event_id_is_a_name_based_uuid_of_agency_and_source_id(agency, said):
    named = said.encode(errors="replace").decode()

    assert uuid5(EVENT_IDS, f"{agency}/{named}") == event_id_of(agency, named)


def test_what_checks_events_is_made_when_asked_for_and_not_when_a_program_starts():
    fresh = """
from schemas import catalogue
done = lambda: [cls.__pydantic_complete__ for cls in catalogue.EVENT_TYPES]
assert not any(done())
catalogue.build()
assert all(done())
"""
    subprocess.run([sys.executable, "-c", fresh], check=True)
