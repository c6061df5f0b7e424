"""The pages: one module for each question a reader brings. They ask the hub, and decide nothing."""

from fastapi import APIRouter, FastAPI

from hub.web import live, static_files
from hub.web.opened import PurposeNotSaid
from hub.web.pages import (
    access,
    access_desk,
    audit,
    chronology,
    closed,
    entry,
    finding,
    first,
    flags,
    holding,
    identity,
    incidents,
    letting_in,
    mash,
    nearing,
    pack,
    partnership,
    prosecution,
    protocol,
    public,
    subject_access,
    worklists,
)
from hub.web.pages.finding import ask_why

router = APIRouter(include_in_schema=False)
for part in (
    static_files,
    public,
    finding,
    first,
    worklists,
    chronology,
    entry,
    live,
    flags,
    incidents,
    prosecution,
    protocol,
    pack,
    partnership,
    access,
    nearing,
    access_desk,
    closed,
    letting_in,
    mash,
    audit,
    subject_access,
    identity,
    holding,
):
    router.routes.extend(part.router.routes)  # as hub/web/app.py does, and for its reason


def handle(app: FastAPI) -> None:
    """Let a page that needs a purpose ask for it."""
    app.add_exception_handler(PurposeNotSaid, ask_why)
