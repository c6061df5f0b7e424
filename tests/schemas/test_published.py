"""What is published is what the code says, and may only grow."""

import json

import pytest
from hypothesis import given, settings
from jsonschema_rs import Draft202012Validator, meta

from schemas.case_event import types_of
from schemas.catalogue import EVENT_TYPES, TYPE_BY_NAME
from schemas.compatibility import still_reads
from schemas.json_schema import path_of
from schemas.publish import PUBLISHED, documents, main
from schemas.scope import Scope
from tests.strategies import case_events


def published(cls) -> dict:
    return json.loads((PUBLISHED / path_of(cls)).read_text())


VALIDATORS = {cls: Draft202012Validator(published(cls), validate_formats=True) for cls in EVENT_TYPES}


def test_the_published_documents_are_those_the_types_draw():
    on_disk = {f.relative_to(PUBLISHED).as_posix(): f.read_text() for f in PUBLISHED.rglob("*.json")}

    assert documents() == on_disk, "run python -m schemas.publish"


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda c: types_of(c)[0])
def test_a_published_schema_is_valid_closed_and_says_who_each_field_is_for(cls):
    schema = published(cls)
    meta.validate(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(path_of(cls))
    assert schema["additionalProperties"] is False
    assert {*Scope, "open", "home"} >= {field["x-scope"] for field in schema["properties"].values()}


@settings(max_examples=100, deadline=None)
@given(case_events())
def test_an_event_is_valid_under_its_published_schema(event):
    VALIDATORS[type(event)].validate(json.loads(event.model_dump_json(exclude_none=True)))


def test_marks_are_published():
    properties = published(TYPE_BY_NAME["police.missing-episode.v1"])["properties"]

    assert (
        properties["found_with_adult"]["x-scope"],
        properties["found_with_adult"]["x-signal"],
    ) == ("police", True)
    assert properties["return_account"]["x-scope"] == "account"
    assert properties["places"]["x-hashed"] is True
    assert "x-signal" not in properties["found_where"]


def test_the_bus_is_described_with_every_type_of_each_agency_and_no_restricted_name():
    document = json.loads((PUBLISHED / "asyncapi.json").read_text())
    police = document["components"]["messages"]["police"]
    types = police["headers"]["properties"]["ce_type"]["enum"]

    assert document["asyncapi"] == "3.0.0"
    assert document["channels"]["social-care"]["address"] == "safeguarding.social-care.v1"
    assert "police.restricted.v1" in types
    assert "police.intelligence.v1" not in types
    assert {name for name in types if name.startswith("police.")} == set(types)
    for reference in police["x-opened-payload"]:
        assert (PUBLISHED / reference["$ref"]).is_file()


def test_every_reference_in_the_bus_description_leads_somewhere():
    document = json.loads((PUBLISHED / "asyncapi.json").read_text())
    references = [m["$ref"] for c in document["channels"].values() for m in c["messages"].values()]
    references += [o["channel"]["$ref"] for o in document["operations"].values()]

    for reference in references:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        assert found


CLOSED = {"type": "object", "additionalProperties": False}
NAME, AGE = {"type": "string", "maxLength": 20}, {"type": "integer"}
GRADE = {"enum": ["red", "amber"]}


@pytest.mark.parametrize(
    ("change", "old", "new", "reads"),
    [
        ("an optional field more", {"a": NAME}, {"a": NAME, "b": AGE}, True),
        ("an optional field less", {"a": NAME, "b": AGE}, {"a": NAME}, False),
        ("a wider list", {"a": GRADE}, {"a": {"enum": ["red", "amber", "green"]}}, True),
        ("a narrower list", {"a": GRADE}, {"a": {"enum": ["red"]}}, False),
        ("a shorter text", {"a": NAME}, {"a": {"type": "string", "maxLength": 10}}, False),
        ("a longer text", {"a": NAME}, {"a": {"type": "string", "maxLength": 30}}, True),
        ("another kind", {"a": NAME}, {"a": AGE}, False),
        ("nothing", {"a": NAME}, {"a": NAME}, True),
    ],
)
def test_a_published_schema_may_only_grow(change, old, new, reads):
    assert reads == still_reads({**CLOSED, "properties": old}, {**CLOSED, "properties": new})


def test_a_field_that_becomes_required_breaks():
    old = {**CLOSED, "properties": {"a": NAME}}

    assert not still_reads(old, {**old, "required": ["a"]})


def test_publishing_refuses_to_break_what_was_published(tmp_path, capsys):
    assert main(["--folder", str(tmp_path)]) == 0
    path = tmp_path / "police/missing-episode.v1.json"
    wider = json.loads(path.read_text())
    wider["properties"]["weather"] = {"type": "string"}
    path.write_text(json.dumps(wider))
    (tmp_path / "police/weather.v1.json").write_text(json.dumps(wider))

    refused = main(["--folder", str(tmp_path)])
    faults = capsys.readouterr().err

    assert refused == 1
    assert faults.count("\n") == 2
    assert "police/missing-episode.v1.json: breaks" in faults
    assert "weather" in path.read_text()
    assert main(["--folder", str(tmp_path), "--unreleased"]) == 0
    assert "weather" not in path.read_text()
    assert not (tmp_path / "police/weather.v1.json").exists()
