"""Whether the hub runs, and whether it can answer: for whoever keeps it running. Nothing of any child."""

from fastapi import APIRouter, Response

from hub.errors import Unavailable
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.signed_in import TheWindow

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
@asks(Question.NOTHING)
def live() -> Response:
    """The process answers."""
    return documents.json({"status": "live"})


@router.get("/ready", responses={503: {"description": "The archive cannot be read now."}})
@asks(Question.NOTHING)
def ready(window: TheWindow) -> Response:
    """The archive can be read. Raises Unavailable where it cannot, whatever the reason."""
    try:
        with window.open() as hub:
            hub.records.archive.rows.max_notification_id()
    except Exception:  # noqa: BLE001 — any reason is one not to send readers here
        raise Unavailable("the archive cannot be read") from None
    return documents.json({"status": "ready"})
