"""What everybody may read, signed in or not: how information is shared here, and how somebody complains."""

from fastapi import APIRouter, Response

from hub.web.asking import Question, asks
from hub.web.signed_in import Anybody, ThePages, TheWindow

router = APIRouter(include_in_schema=False)
HOW = "/how-information-is-shared"
COMPLAINTS = "/complaints"


@router.get(HOW)
@asks(Question.NOTHING)
def how(window: TheWindow, pages: ThePages, by: Anybody) -> Response:
    """Who adopted the policy in force, for which purposes, on what ground; who may read what."""
    policy, adopted, waiting = window.adopted()
    return pages.page("how_shared.html", by=by, here=HOW, policy=policy, adopted=adopted, waiting=waiting)


@router.get(COMPLAINTS)
@asks(Question.NOTHING)
def complaints(window: TheWindow, pages: ThePages, by: Anybody) -> Response:
    """How a child, a parent or a practitioner complains, and to whom: what the policy in force names."""
    with window.open() as hub:
        policy = hub.policy
    return pages.page("complaints.html", by=by, here=COMPLAINTS, policy=policy)
