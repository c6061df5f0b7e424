"""The auditor's questions for programs: who saw, what was shown, what somebody saw, what is unusual."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from hub.audit import desk
from hub.audit.inspections import Hall
from hub.audit.looks import Looked
from hub.audit.replaying import ShownAgain
from hub.audit.unusual import Unusual, load
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, ByPurpose, Moment, Purpose
from hub.web.served import Served
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1", tags=["audit"])
STRUCTS = (Looked, ShownAgain, Unusual)
"""What the answers are made of."""
Person = Annotated[str, Field(max_length=200, description="The person's id, as disclosures name it.")]


class AskedShown(Asked):
    """One disclosure, by its place in the child's record."""

    purpose: Purpose
    version: Annotated[int, Field(ge=1, le=2**53, description="The number of the event in the record.")]


class AskedLooks(Asked):
    """Whose looks, from when until when."""

    purpose: Purpose
    person: Person
    since: Moment
    until: Moment


class AskedUnusual(Asked):
    """From when until when; of one person, or of everybody."""

    purpose: Purpose
    since: Moment
    until: Moment
    person: Person | None = None


@router.post("/children/{child}/who-saw", responses=documents.answers(Looked, many=True))
@asks(Question.WHO_SAW)
def who_saw(window: TheWindow, by: Caller, child: UUID, asked: ByPurpose) -> Response:
    """Every look at a child in order, with role, purpose and what opened the record. For auditors."""
    with window.open() as hub:
        found = desk.who_saw(_hall(hub), Reader(by, asked.purpose), child)
    return documents.json({"data": found})


@router.post("/children/{child}/shown", responses=documents.answers(ShownAgain))
@asks(Question.SHOWN)
def shown(window: TheWindow, by: Caller, child: UUID, asked: AskedShown) -> Response:
    """One disclosure drawn again and compared with its digest, its words covered. For auditors."""
    with window.open() as hub:
        found = desk.shown_at(_hall(hub), Reader(by, asked.purpose), child, asked.version)
    return documents.json({"data": found})


@router.post("/audit/seen-by", responses=documents.answers(Looked, many=True))
@asks(Question.SEEN_BY)
def seen_by(window: TheWindow, by: Caller, asked: AskedLooks) -> Response:
    """Everything a person saw, in order. For auditors."""
    with window.open() as hub:
        span: tuple[datetime, datetime] = asked.since, asked.until
        found = desk.seen_by(_hall(hub), Reader(by, asked.purpose), asked.person, *span)
    return documents.json({"data": found})


@router.post("/audit/unusual", responses=documents.answers(Unusual, many=True))
@asks(Question.UNUSUAL)
def unusual(window: TheWindow, by: Caller, asked: AskedUnusual) -> Response:
    """Looks that a person should look into, each with why it is listed. Never a sanction. For auditors."""
    with window.open() as hub:
        reader, signs = Reader(by, asked.purpose), load()
        found = desk.unusual_access(_hall(hub), reader, signs, asked.since, asked.until, asked.person)
    return documents.json({"data": found})


def _hall(hub: Served) -> Hall:
    return Hall(hub.records, hub.share, hub.drawn, hub.policy)
