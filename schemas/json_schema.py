"""Draws the JSON Schema of an event type, with who each field is for."""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode
from pydantic_core import CoreSchema

from schemas.case_event import AGENCY_SCOPE, PROTOCOL, CaseEvent, FieldMarks, field_marks, types_of
from schemas.scope import HOME, OPEN, Scope
from schemas.vocabulary import Agency

BASE = "https://safeguarding-hub.example/schemas"
ANY_AGENCY = "any-agency"


class _Draft202012(GenerateJsonSchema):
    """Says which JSON Schema it is."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> dict[str, Any]:
        return {"$schema": self.schema_dialect, **super().generate(schema, mode)}


def path_of(cls: type[CaseEvent]) -> str:
    """Where the schema of a type is published: a file for each version, one for all who may say it."""
    names = types_of(cls)
    family, name = names[0].split(".", 1)
    return f"{family if len(names) == 1 else ANY_AGENCY}/{name}.json"


def schema_of(cls: type[CaseEvent]) -> dict[str, Any]:
    """The JSON Schema of one version of a type: closed, with `x-scope`, `x-signal` and `x-hashed`."""
    schema = cls.model_json_schema(schema_generator=_Draft202012)
    schema["$id"] = f"{BASE}/{path_of(cls)}"
    schema["x-home-scope"] = _home(cls) or "agency"
    schema["x-restricted"] = cls.restricted
    if cls.national:
        schema["x-national"] = cls.national
    for name, marks in field_marks(cls).items():
        schema["properties"][name] |= _extensions(cls, marks)
    return schema


def _extensions(cls: type[CaseEvent], marks: FieldMarks) -> dict[str, Any]:
    scope = marks.scope
    if scope is OPEN:
        named = "open"
    elif scope is HOME:
        named = _home(cls) or "home"
    else:
        named = str(scope.value)
    said: dict[str, Any] = {"x-scope": named}
    if marks.signal:
        said["x-signal"] = True
    if marks.hashed:
        said["x-hashed"] = True
    return said


def _home(cls: type[CaseEvent]) -> Scope | None:
    """The scope HOME stands for, where it does not depend on who says it."""
    names = types_of(cls)
    family = names[0].partition(".")[0]
    if cls.home or len(names) > 1 or family == PROTOCOL:
        return cls.home
    return AGENCY_SCOPE[Agency(family)]
