"""The API of worklists: what waits for a person, a team or an agency; and a calendar of it."""

from typing import Annotated, Any, Self

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from hub.casework.worklists import Waiting, Whose
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.requests import Asked, ByPurpose, Purpose
from hub.web.signed_in import Caller, TheWindow
from schemas.vocabulary import Agency

router = APIRouter(prefix="/v1", tags=["worklists"])

Address = Annotated[str, Field(max_length=120, pattern=r"^[0-9a-f]{32}-[A-Za-z0-9_-]+$")]


class Given(msgspec.Struct, frozen=True):
    """The address of a calendar, given once: it is not readable again, and a new one replaces it."""

    path: str


STRUCTS = (Waiting, Given)
"""What the answers are made of."""


ICALENDAR: dict[int | str, dict[str, Any]] = {
    **documents.answers(Given),
    200: {"description": "The calendar.", "content": {"text/calendar": {}}},
}


class AskedWorklist(Asked):
    """Whose worklist: your own where nothing is said, a person's, a team's or an agency's."""

    purpose: Purpose
    person: Annotated[str, Field(max_length=100, description="As they sign in.")] | None = None
    team: Annotated[str, Field(max_length=200, description="By the name the pack gives it.")] | None = None
    agency: Agency | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(x is not None for x in (self.person, self.team, self.agency)) > 1:
            raise ValueError("say a person, a team or an agency: one of them")
        return self


@router.post("/worklist", responses=documents.answers(Waiting, many=True, drawn=True))
@asks(Question.DUE)
def worklist(window: TheWindow, by: Caller, asked: AskedWorklist) -> Response:
    """What is due, overdue or open, most pressing first, and whose turn it is.

    Of children you work with, as far as your role may see; that it was shown is recorded on each of them.
    """
    mine = by.person if (asked.person, asked.team, asked.agency) == (None, None, None) else asked.person
    with window.open() as hub:
        late = hub.drawn.late()
        found = hub.worklists.of(Reader(by, asked.purpose), Whose(mine, asked.team, asked.agency))
    return documents.from_drawn(found, late=late)


@router.post("/calendar", responses=documents.answers(Given, made=True))
@asks(Question.NOTHING)
def give(window: TheWindow, by: Caller, asked: ByPurpose) -> Response:
    """Give you the address of a calendar that nobody can guess. It holds titles and times, and no child."""
    with window.open() as hub:
        token = hub.calendars.open(Reader(by, asked.purpose))
    return documents.json({"data": Given(f"/v1/calendar/{token}.ics")}, 201)


@router.delete("/calendar", status_code=204, response_class=Response)
@asks(Question.NOTHING)
def close(window: TheWindow, by: Caller) -> Response:
    """Let your calendar's address answer no more."""
    with window.open() as hub:
        hub.calendars.close(by, by)
    return Response(status_code=204)


@router.get("/calendar/{token}.ics", response_class=Response, responses=ICALENDAR)
@asks(Question.NOTHING)
def feed(window: TheWindow, token: Address) -> Response:
    """What is due, as iCalendar. Whoever has the address reads it: it holds nothing about any child."""
    with window.open() as hub:
        calendar = hub.calendars.feed(token)
    return Response(calendar, media_type="text/calendar")
