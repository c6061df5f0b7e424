"""What pages load beside themselves: sheets and one script, the hub's own, named by what they hold."""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from hub.web.asking import Question, asks

FOLDER = Path(__file__).with_name("static")
KINDS = {
    "govuk-frontend.min.css": "text/css",
    "hub.css": "text/css",
    "hub.js": "text/javascript",
    "hub.svg": "image/svg+xml",
}
_HELD = {name: FOLDER.joinpath(name).read_bytes() for name in KINDS}
_NAMED = {f"{hashlib.sha256(held).hexdigest()[:16]}/{name}": name for name, held in _HELD.items()}
_ADDRESSES = {name: f"/static/{named}" for named, name in _NAMED.items()}
A_YEAR = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


def address_of(name: str) -> str:
    """Where a file is served: another content has another address, so that browsers may keep it."""
    return _ADDRESSES[name]


@router.get("/static/{digest}/{name}")
@asks(Question.NOTHING)
def static(digest: str, name: str) -> Response:
    """One of the files, by its digest and name."""
    known = _NAMED.get(f"{digest}/{name}")
    if known is None:
        raise HTTPException(404)
    return Response(_HELD[known], media_type=KINDS[known], headers={"Cache-Control": A_YEAR})
