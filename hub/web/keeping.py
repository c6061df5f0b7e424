"""Keeps what is typed while it is typed: how a page's script says it, and when it need be kept no longer."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import Refused
from hub.web.drafts import Drafts, Typed
from hub.web.forms import Sent

KEEP = "/draft/keep"
FORM, PAGE, TITLE = "draft-form", "draft-page", "draft-title"
LONGEST_TITLE = 200


def as_typed(said: Sent) -> Typed:
    """A form as the script sends it: which, on which page, and its fields. Raises Refused."""
    form, page = said.get(FORM, ""), said.get(PAGE, "/")
    if not all(address.startswith("/") and not address.startswith("//") for address in (form, page)):
        raise Refused("not an address of the hub")
    own = (FORM, PAGE, TITLE)
    fields = tuple((name, value) for name, value in said.fields if name not in own)
    return Typed(form, page, said.get(TITLE, "")[:LONGEST_TITLE], fields)


class Keeping:
    """Forgets what was typed into a form once the form was taken: an answer that is no refusal says so."""

    def __init__(self, app: ASGIApp, drafts: Drafts, cookie: str) -> None:
        self._app, self._drafts, self._cookie = app, drafts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"].startswith("/draft/"):
            await self._app(scope, receive, send)
            return

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start" and self._taken(message):
                cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
                self._drafts.done(cookies.get(self._cookie, ""), scope["path"])
            await send(message)

        await self._app(scope, receive, answering)

    @staticmethod
    def _taken(message: Message) -> bool:
        """Not where the sender is led to sign in or to say why they look: nothing was done with it yet."""
        leads = bytes(dict(message.get("headers", ())).get(b"location", b""))
        first = leads.startswith((b"/session-ended", b"/sign-in")) or b"/why" in leads
        return int(message["status"]) < HTTPStatus.BAD_REQUEST and not first
