"""The chronology page: what happened, as one reader may read it, chosen by what the address says."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hub.domain.calendar import LONDON
from hub.sharing.view import SharedChronology
from hub.web import wording
from hub.web.accounts import accounts_of
from hub.web.asking import Question, asks
from hub.web.heard import feeds_said
from hub.web.lanes import picture
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.requests import AskedChronology, KnownOn
from hub.web.rows import arranged, rows
from hub.web.selection import Line
from hub.web.signed_in import ThePages, TheWindow
from hub.web.themes import Theme
from hub.web.told import told
from schemas.vocabulary import Significance

router = APIRouter(include_in_schema=False)
SELECTING = ("agency", "theme", "significance", "strand", "from", "to")
NARROWING = frozenset((*SELECTING, "knownAt", "order", "detail", "routine"))
A_PAGE = 500
"""Rows a page. A chronology that is longer goes on, on the next."""
CHOICES = {
    "agencies": [("", "All agencies"), *((a.value, name) for a, name in wording.AGENCIES.items())],
    "themes": [("", "All themes"), *((t.value, wording.spoken(t.value)) for t in Theme)],
    "significances": [("", "Any"), *((s.value, wording.spoken(s.value)) for s in Significance)],
}


class HowShown(BaseModel):
    """How the lines are shown. Anything else said in the address changes nothing here."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    order: str = "newest"
    detail: str = "line"
    routine: str = "counted"
    page: int = Field(1, ge=1, le=1000)


@router.get("/children/{child}/chronology")
@asks(Question.CHRONOLOGY)
def chronology(
    request: Request,
    window: TheWindow,
    pages: ThePages,
    child: UUID,
    reader: TheReader,
    sitting: Sitting,
    opened: TheOpened,
) -> Response:
    """The chronology, one line an entry, in the order asked for."""
    said = {name: value for name, value in request.query_params.items() if value}
    how, asked = HowShown.model_validate(said), _asked(said, reader.purpose)
    with window.open() as hub:
        shared = hub.share.chronology(reader, child, asked.known_at)
        under = hub.gates.desk.under(reader, child)
        keeps = hub.gates.desk.keeps(reader.by)
        heard = hub.drawn.feeds()
    who = wording.who_is(shared.who, shared.as_at)
    opened.named(sitting, child, who.name)
    return pages.long_page(
        "chronology.html",
        by=reader.by,
        reader=reader,
        child=child,
        keeps=keeps,
        who=who,
        said=said,
        narrowed=bool(said.keys() & NARROWING),
        choices=CHOICES,
        live=asked.known_at is None,
        duty=window.policy.duty_to_share,
        under="" if under is None else wording.when(under),
        feeds=feeds_said(heard, shared.as_at) if asked.known_at is None else [],
        **_head(shared),
        **_record(shared, asked, how, said),
    )


def _head(shared: SharedChronology) -> dict[str, Any]:
    return {
        "shared": shared,
        "seen": shared.digest().hex(),
        "drawn": wording.when(shared.as_at),
        "as_known": "" if shared.known_at is None else wording.when(shared.known_at),
    }


def _record(
    shared: SharedChronology, asked: AskedChronology, how: HowShown, said: Mapping[str, str]
) -> dict[str, Any]:
    """What the part of the page shows that is fetched anew when the record changes."""
    lines = told(asked.selection.of(shared.lines))
    left_out = len(shared.lines) - len(lines)
    together = how.routine == "counted" and asked.significance is None
    places = arranged(lines, together=together, silences=not left_out)
    newest = how.order == "newest"
    ordered = places[::-1] if newest else places
    last = max(1, -(-len(ordered) // A_PAGE))
    page = min(how.page, last)
    first = page == 1
    shown = ordered[(page - 1) * A_PAGE : page * A_PAGE]
    everything = how.detail == "everything"
    return {
        "rows": rows(shown, times=how.detail != "line", details=everything),
        "newest": newest,
        "page_number": page,
        "pages_count": last,
        "everything": everything,
        "shown_count": len(lines),
        "routine_count": sum(len(p) for p in places if type(p) is tuple),
        "left_out": left_out,
        "silent": _silent(shared.lines),
        "picture": picture(lines) if first else None,
        "accounts": accounts_of(lines) if first else [],
        "address": lambda **other: f"?{urlencode({**said, **other})}",
    }


def _silent(lines: tuple[Line, ...]) -> list[str]:
    spoke = {line.agency for line in lines}
    return [name for agency, name in wording.AGENCIES.items() if agency.value not in spoke]


def _asked(said: Mapping[str, str], purpose: str) -> AskedChronology:
    """What the address asks. 'As known at' is a day, and means its end."""
    asked = AskedChronology.model_validate(
        {"purpose": purpose, **{name: said[name] for name in SELECTING if name in said}}
    )
    if "knownAt" not in said:
        return asked
    day = KnownOn.model_validate({"knownAt": said["knownAt"]}).known_on
    return asked.model_copy(update={"known_at": datetime.combine(day, time.max, LONDON)})
