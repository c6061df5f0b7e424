"""The auditor's desk: replay over recorded time, who saw, what somebody saw, as it was shown, the ledger."""

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from hub.audit import desk
from hub.audit.inspection import PURPOSE, may_ask, story_for
from hub.audit.inspections import Hall
from hub.audit.keeping import ORIGIN, proof_text
from hub.audit.ledger import NotInLedger
from hub.audit.unusual import load
from hub.domain.calendar import LONDON
from hub.errors import Refused, UnknownChild
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields, Sent, id_in
from hub.web.requests import Asked, Day
from hub.web.served import Served
from hub.web.signed_in import ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)
DAYS = 28
TEXT = "text/plain; charset=utf-8"


class Span(Asked):
    """Whom, and from which day to which: nothing said is the last 28 days, to now."""

    model_config = ConfigDict(extra="ignore")

    person: Annotated[str | None, Field(max_length=200)] = None
    since: Day | None = None
    until: Day | None = None

    def moments(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when; a day said is meant to its end."""
        last = datetime.combine(self.until, time.max, LONDON) if self.until else now
        first = datetime.combine(self.since, time.min, LONDON) if self.since else last - timedelta(days=DAYS)
        return first, last


@router.get("/audit")
@asks(Question.NOTHING)
def beginning(pages: ThePages, by: Viewer) -> Response:
    """Where an auditor begins."""
    return pages.page("audit.html", by=by, here="/audit", purpose=PURPOSE)


@router.post("/audit/story")
@asks(Question.HISTORY)
def story(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """A child's story as far as it is wanted, and the record as it stood then. Raises UnknownChild."""
    child = _child(said)
    with window.open() as hub:
        told = story_for(hub.records, hub.policy, Reader(by, PURPOSE), child)
        step = _step(said, len(told), [h.recorded_at for h in told])
        last = told[step - 1]
        stood = desk.stood_at(hall_of(hub), Reader(by, PURPOSE), child, last.recorded_at, last.version)
    return pages.page(
        "history.html",
        by=by,
        child=child,
        story=told[:step],
        step=step,
        steps=len(told),
        at=last.recorded_at,
        stood=stood,
        drawn=wording.when(window.clock()),
    )


@router.post("/audit/who-saw")
@asks(Question.WHO_SAW)
def who_saw(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """Every look at a child. Raises UnknownChild."""
    child = _child(said)
    with window.open() as hub:
        looks = desk.who_saw(hall_of(hub), Reader(by, PURPOSE), child)
    title = f"Who saw record {child}"
    return pages.page("audit_looks.html", by=by, title=title, looks=looks, span=None, one=True)


@router.post("/audit/seen-by")
@asks(Question.SEEN_BY)
def seen_by(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """Everything a person saw in a time. Raises Refused where nobody is named."""
    asked = Span.model_validate(dict(said))
    if not asked.person:
        raise Refused("say whose looks: the person's id, as disclosures name it")
    with window.open() as hub:
        span = asked.moments(hub.clock())
        looks = desk.seen_by(hall_of(hub), Reader(by, PURPOSE), asked.person, *span)
    title = f"What {asked.person} saw"
    return pages.page("audit_looks.html", by=by, title=title, looks=looks, span=span, one=False)


@router.post("/audit/shown")
@asks(Question.SHOWN)
def shown(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The page as it was shown, its words covered, and whether it is that. Raises Refused, UnknownChild."""
    named, _, number = said.get("disclosure", "").strip().partition("@")
    if not number.isdecimal():
        raise Refused("name a disclosure as the record's id and the event's place: ID@57")
    with window.open() as hub:
        found = desk.shown_at(hall_of(hub), Reader(by, PURPOSE), _uuid(named), int(number))
    return pages.page("audit_shown.html", by=by, found=found)


@router.post("/audit/unusual")
@asks(Question.UNUSUAL)
def unusual(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """Looks that a person should look into, each with why."""
    asked = Span.model_validate(dict(said))
    with window.open() as hub:
        span = asked.moments(hub.clock())
        signs = load()
        found = desk.unusual_access(hall_of(hub), Reader(by, PURPOSE), signs, *span, asked.person or None)
    return pages.page("audit_unusual.html", by=by, lines=found, span=span, person=asked.person)


@router.get("/audit/ledger")
@asks(Question.NOTHING)
def ledger(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """How the ledger stands, and what an outsider needs to check it. Raises NotAllowed."""
    with window.open() as hub:
        may_ask(hub.policy, Reader(by, PURPOSE))
        rows = hub.records.archive.rows.max_notification_id() or 0
        covered = hub.ledger.ledger.size()
        note = _latest(hub)
        key = hub.ledger.verifier_key()
    about = {"note": note, "key": key, "origin": ORIGIN}
    return pages.page("audit_ledger.html", by=by, rows=rows, covered=covered, about=about)


@router.get("/audit/ledger/checkpoint")
@asks(Question.NOTHING)
def checkpoint(window: TheWindow, by: Viewer) -> Response:
    """The last signed checkpoint, as a file. Raises NotAllowed, NotInLedger."""
    with window.open() as hub:
        may_ask(hub.policy, Reader(by, PURPOSE))
        note = hub.ledger.latest()
    return _file("hub.checkpoint", note)


@router.post("/audit/ledger/proof")
@asks(Question.NOTHING)
def proof(window: TheWindow, by: Viewer, said: Fields) -> Response:
    """The proof that an event of a record is under the last checkpoint (C2SP tlog-proof), as a file.

    Raises NotAllowed, Refused for no such event, NotInLedger where it is not covered yet.
    """
    named, _, number = said.get("disclosure", "").strip().partition("@")
    with window.open() as hub:
        may_ask(hub.policy, Reader(by, PURPOSE))
        places = dict(hub.records.archive.rows.places_of(_uuid(named)))
        if not number.isdecimal() or int(number) not in places:
            raise Refused("name an event as the record's id and its place: ID@57")
        note, size = hub.ledger.latest_signed()
        made = proof_text(hub.ledger.ledger.inclusion(places[int(number)], size), note)
    return _file("event.tlog-proof", made)


# ------------------------------------------------------------


def hall_of(hub: Served) -> Hall:
    """What the auditor's questions are asked of."""
    return Hall(hub.records, hub.share, hub.drawn, hub.policy)


def _latest(hub: Served) -> str:
    try:
        return hub.ledger.latest()
    except NotInLedger:
        return ""


def _file(name: str, text: str) -> Response:
    return Response(text, media_type=TEXT, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _child(said: Sent) -> UUID:
    return _uuid(said.get("child", ""))


def _uuid(text: str) -> UUID:
    found = id_in(text.strip())
    if found is None:
        raise UnknownChild
    return found


def _step(said: Sent, steps: int, recorded: list[datetime]) -> int:
    """How far the story is told: by its steps, or to the end of a day of recording; nothing said: all."""
    if "until" in said:
        end = Span.model_validate({"until": said["until"]}).moments(recorded[-1])[1]
        return max(1, sum(at <= end for at in recorded))
    wanted = said.get("step", "")
    return min(max(1, int(wanted)), steps) if wanted.isdecimal() and len(wanted) < 10 else steps  # noqa: PLR2004
