"""The API of the partnership's desk: counts with the small ones hidden."""

from fastapi import APIRouter, Response

from hub.oversight.desk import PURPOSE, Report
from hub.sharing.look import Reader
from hub.web import documents
from hub.web.asking import Question, asks
from hub.web.signed_in import Caller, TheWindow

router = APIRouter(prefix="/v1", tags=["partnership"])
STRUCTS = (Report,)
"""What the answers are made of."""


@router.get("/partnership", responses=documents.answers(Report))
@asks(Question.NOTHING)
def report(window: TheWindow, by: Caller) -> Response:
    """Feeds and who is silent, flags and shares and what became of them, clocks, the equality report.

    No child is shown. A count that is not shown is null; `rule` says why.
    """
    with window.open() as hub:
        found = hub.partnership.report(Reader(by, PURPOSE))
    return documents.json({"data": found})
