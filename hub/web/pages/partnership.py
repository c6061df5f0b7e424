"""The partnership's desk as a page: who is heard, whether the hub helps, and whether it helps all alike."""

from datetime import timedelta

from fastapi import APIRouter, Response

from hub.oversight.desk import PURPOSE
from hub.sharing.look import Reader
from hub.web import wording
from hub.web.asking import Question, asks
from hub.web.signed_in import ThePages, TheWindow, Viewer

router = APIRouter(include_in_schema=False)


@router.get("/partnership")
@asks(Question.NOTHING)
def desk(window: TheWindow, pages: ThePages, by: Viewer) -> Response:
    """Counts, and no child. Raises NotAllowed for another role."""
    with window.open() as hub:
        report = hub.partnership.report(Reader(by, PURPOSE))
    return pages.page(
        "partnership.html",
        by=by,
        here="/partnership",
        report=report,
        lags=[
            (feed, _lag(report.drawn_at - feed.heard_at) if feed.heard_at else "") for feed in report.feeds
        ],
        drawn=wording.when(report.drawn_at),
    )


def _lag(since: timedelta) -> str:
    hours = int(since.total_seconds() // 3600)
    days = hours // 24
    if days:
        return f"{wording.counted(days, 'day')} ago"
    return f"{wording.counted(hours, 'hour')} ago" if hours else "within the hour"
