"""The API of what people record: every command described, and one way to record each."""

from functools import cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from hub.casework.recording import ReasonAsked, Recorded, Who
from hub.protocol.command import Command, Question
from hub.protocol.commands import COMMANDS
from hub.sharing.look import Reader
from hub.web import asking, documents
from hub.web.asking import asks
from hub.web.problems import MEDIA_TYPE, Fault, Problem
from hub.web.requests import Asked, Purpose
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1", tags=["acts"])

Named = Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]+$")]


class Describes(msgspec.Struct, frozen=True):
    """One act people may record: its words, its form as questions and as JSON Schema, whether you may."""

    name: str
    title: str
    about: str
    rows: tuple[str, ...]
    line: str
    group: str
    begins: bool
    may: bool
    questions: tuple[Question, ...]
    schema: dict[str, Any]


STRUCTS = (Describes, Recorded)
"""What the answers are made of."""


class SaysAct(Asked):
    """An act of a child this person works with."""

    purpose: Purpose
    says: Annotated[dict[str, Any], Field(description="The form's fields: see GET /v1/commands.")]


class SaysFirst(Asked):
    """The first that is heard of a child, by identifiers."""

    who: Who
    says: Annotated[dict[str, Any], Field(description="The form's fields: see GET /v1/commands.")]


@router.get("/commands", responses=documents.answers(Describes, many=True))
@asks(asking.Question.NOTHING)
def commands(window: TheWindow, by: Caller) -> Response:
    """Every act people may record, in the guidance's order, and which of them your role may."""
    with window.open() as hub:
        acts = hub.recorder.acts
    return documents.json({"data": [_described(c, may=acts.may(by.role, c)) for c in COMMANDS]})


@router.post("/children/{child}/acts/{command}", responses=documents.answers(Recorded, made=True))
@asks(asking.Question.ACT)
def act(window: TheWindow, by: Caller, child: UUID, command: Named, asked: SaysAct) -> Response:
    """Record an act of a child. Once: sent again with the same `act` id and words, nothing changes.

    Where it departs from the guidance or comes late, 422 names the rows that ask why: send it again with
    `reason`, or with `reason_later`. It is never refused for that. A correction is a new act that `corrects`.
    """
    try:
        with window.open() as hub:
            recorded = hub.recorder.record(Reader(by, asked.purpose), child, command, asked.says)
    except ReasonAsked as why:
        return _say_why(why)
    return documents.json({"data": recorded}, 201 if recorded.new else 200)


@router.post("/acts/{command}", responses=documents.answers(Recorded, made=True))
@asks(asking.Question.ACT)
def first(window: TheWindow, by: Caller, command: Named, asked: SaysFirst) -> Response:
    """Record the first that is heard of a child, by identifiers: an account, a call to 999, a referral.

    The answer does not tell whether the hub knew the child.
    """
    with window.open() as hub:
        recorded = hub.recorder.record_first(by, asked.who, command, asked.says)
    return documents.json({"data": recorded}, 201 if recorded.new else 200)


def _described(command: Command, *, may: bool) -> Describes:
    return Describes(
        command.name,
        command.title,
        command.about,
        command.rows,
        command.line,
        command.group,
        command.begins,
        may,
        command.questions,
        _schema_of(command.form),
    )


@cache
def _schema_of(form: type[BaseModel]) -> dict[str, Any]:
    """As JSON Schema: drawn once a process, for it takes milliseconds a form."""
    return form.model_json_schema()


def _say_why(why: ReasonAsked) -> Response:
    faults = tuple(Fault("body.says.reason", "reason-needed", f"{r.row} {r.title}") for r in why.reasons)
    problem = Problem("about:blank", why.title, why.status, str(why), faults)
    return Response(msgspec.json.encode(problem), why.status, media_type=MEDIA_TYPE)
