"""Every command describes itself: in words, choices and rows, as questions and as JSON Schema."""

import re

import pytest
from jsonschema_rs import meta

from hub.protocol.command import Form, Kind
from hub.protocol.commands import COMMANDS
from schemas.case_event import CaseEvent
from schemas.protocol import PROTOCOL_TYPES

DERIVED = {"reason_recorded", "headings", "agency"}
every = pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)


def test_every_act_there_is_to_record_has_a_command_and_no_two_share_a_name():
    assert set(PROTOCOL_TYPES) <= {c.kind for c in COMMANDS}
    assert len(COMMANDS) == len({c.name for c in COMMANDS})


@every
def test_a_command_asks_for_everything_its_event_can_say(command):
    own = set(command.kind.model_fields) - set(CaseEvent.model_fields) - DERIVED

    assert set() == own - set(command.asks)


@every
def test_a_command_names_its_rows_and_says_what_it_is_for(command):
    assert command.rows or not command.line.startswith("L")  # one that a law asks for, not the guidance
    assert command.title
    assert command.about.endswith(".")
    assert re.fullmatch(r"[a-z0-9-]+", command.name)


@every
def test_every_question_has_a_title_and_every_choice_its_codes(command):
    for question in command.questions:
        assert question.title[0].isupper(), question.name
        assert bool(question.choices) is (question.kind in (Kind.CHOICE, Kind.CHOICES)), question.name


@every
def test_the_form_is_a_schema_a_program_can_read(command):
    schema = command.form.model_json_schema()
    meta.validate(schema)

    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {*command.asks, *Form.model_fields}
    assert {q.name for q in command.questions if q.required} == set(schema.get("required", ()))


@every
def test_what_a_row_always_asks_for_is_required_and_what_it_sometimes_asks_is_told(command):
    by_name = {q.name: q for q in command.questions}
    for need in command.needs:
        for name in need.fields:
            assert by_name[name].required or need.row in by_name[name].needed
