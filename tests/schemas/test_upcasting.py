"""What older senders say is still understood."""

import json
from pathlib import Path

import pytest

from schemas.catalogue import TYPE_BY_NAME, InvalidEvent, parse_event
from schemas.upcasting import UPCASTERS, current_type, upcast

GOLDEN = Path(__file__).parent / "golden"
CURRENT = {"schools.absence.v1": "schools.absence.v2"}


@pytest.mark.parametrize("old", UPCASTERS)
def test_every_older_version_has_a_golden_file_that_reads_as_its_current_twin(old):
    sent = (GOLDEN / f"{old}.json").read_bytes()
    twin = (GOLDEN / f"{CURRENT[old]}.json").read_bytes()

    assert parse_event(twin) == parse_event(sent)
    assert parse_event(twin).event_id == parse_event(sent).event_id


@pytest.mark.parametrize("old", UPCASTERS)
def test_every_chain_of_upcasters_ends_at_a_type_of_today(old):
    assert current_type(old) == CURRENT[old]
    assert current_type(old) in TYPE_BY_NAME
    assert old not in TYPE_BY_NAME


def test_an_upcaster_leaves_what_was_sent_alone():
    sent = json.loads((GOLDEN / "schools.absence.v1.json").read_text())
    before = json.dumps(sent)

    upcast(sent)

    assert before == json.dumps(sent)


def test_a_current_or_unknown_event_is_not_touched():
    said = {"type": "police.missing-episode.v1", "sessions": 3}

    assert said == upcast(said)
    assert upcast({"type": 5}) == {"type": 5}
    assert upcast({}) == {}
    assert current_type("police.weather.v9") == "police.weather.v9"


def test_an_older_event_is_read_as_strictly_as_a_current_one():
    said = json.loads((GOLDEN / "schools.absence.v1.json").read_text()) | {"sessions": "6"}

    with pytest.raises(InvalidEvent) as refused:
        parse_event(json.dumps(said).encode())

    assert refused.value.findings == (("sessions_missed", "int-type"),)
