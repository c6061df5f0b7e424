"""For an auditor: one child's story in the order it was recorded, without its content."""

from uuid import UUID

from fastapi import APIRouter, Response

from hub.audit.inspection import PURPOSE, story_for
from hub.errors import UnknownChild
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.forms import Fields
from hub.web.signed_in import ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)


@router.get("/audit")
@asks(Question.NOTHING)
def desk(pages: ThePages, by: Viewer) -> Response:
    """Where an auditor begins."""
    return pages.page("audit.html", by=by, here="/audit", purpose=PURPOSE)


@router.post("/audit/story")
@asks(Question.HISTORY)
def story(window: TheWindow, pages: ThePages, by: Viewer, said: Fields) -> Response:
    """The story of the record whose id was written down. Raises UnknownChild where it is none."""
    try:
        child = UUID(said.get("child", ""))
    except ValueError:
        raise UnknownChild from None
    with window.open() as hub:
        told = story_for(hub.records, hub.policy, Reader(by, PURPOSE), child)
    lines = [(h.version, wording.when(h.recorded_at), wording.spoken(h.what), h.detail) for h in told]
    return pages.page("history.html", by=by, child=child, story=lines, drawn=wording.when(window.clock()))
