"""Pages from templates: escaped, strict about what they name, in the design system's own macros."""

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
)
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Undefined
from jinja2.utils import missing
from markupsafe import escape

from hub.domain.child import By
from hub.records.clock import Clock
from hub.web import wording
from hub.web.sessions import IDLE
from hub.web.static_files import address_of
from hub.web.ways import Way

TEMPLATES = Path(__file__).with_name("templates")
WORDS = ("spoken", "when", "day", "agency_name", "counted", "type_said")
"""What every template may say things with."""
A_PIECE = 32 * 1024
"""Characters that are sent together, of a page that is sent as it is drawn."""
CUT_OFF = (
    '<p class="cut-off" role="alert"><strong>The rest of this page is missing.</strong> '
    "The hub could not draw it. Do not rely on what stands above: ask for the page again.</p>"
)


class StrictName(ChainableUndefined):
    """A name that a template uses and nobody gave is a mistake; a parameter left out of a macro's is not.

    The design system's macros ask for parameters that are not there, and ask on from there.
    """

    def _fails(self) -> bool:
        named = self._undefined_obj is missing and self._undefined_name != "caller"
        held = self._undefined_obj
        return named or not (held is missing or isinstance(held, (Mapping, Undefined)))

    def _checked(self) -> None:
        if self._fails():
            self._fail_with_undefined_error()

    def __bool__(self) -> bool:
        self._checked()
        return False

    def __str__(self) -> str:
        self._checked()
        return ""

    def __iter__(self) -> Any:
        self._checked()
        return iter(())

    def __eq__(self, other: object) -> bool:
        self._checked()
        return type(self) is type(other)

    def __hash__(self) -> int:
        return id(type(self))


def escaped(value: Any) -> str:
    """What stands in a page: escaped, unless it is markup already."""
    return html.escape(value) if type(value) is str else str(escape(value))


class _PlainEscapes(CodeGenerator):
    """Templates that escape to plain text, not to a piece of markup that is thrown away at once.

    A chronology's page escapes some thousand pieces, and making each one markup is most of what that costs.
    Were this hook ever not asked, Jinja's own escaping would stand.
    """

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class _Templates(Environment):
    code_generator_class = _PlainEscapes
    escaped = staticmethod(escaped)


def owner(by: By) -> str:
    """For whom a page was made, in which role: of no use but to be compared."""
    return sha256(f"{by.person}\x1f{by.role}\x1f{by.agency}".encode()).hexdigest()[:32]


class Pages:
    """Renders pages for one hub."""

    def __init__(
        self,
        *,
        demo: bool,
        ways: Callable[[By], Sequence[Way]],
        clock: Clock,
        policy_document: Callable[[str], object],
    ) -> None:
        """`policy_document` tells the one that a purpose stands on, by the policy in force."""
        kit = PackageLoader("govuk_frontend_jinja")
        self._templates = _Templates(
            loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader({"govuk_frontend_jinja": kit})]),
            autoescape=True,
            undefined=StrictName,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        words = {
            name: getattr(wording, name)
            for name in ("spoken", "when", "day", "agency_name", "counted", "type_said")
        }
        self._templates.globals.update(demo=demo, ways=ways, static=address_of, idle=round(IDLE), **words)
        self._templates.globals.update(policy_document=policy_document, owner=owner)
        self._templates.globals.update(session_ends=lambda: wording.hour(clock() + timedelta(seconds=IDLE)))

    def page(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """Render one page. `by` is who is signed in, where somebody is."""
        return HTMLResponse(self.text(template, **shown), status)

    def long_page(self, template: str, **shown: Any) -> StreamingResponse:
        """Render a long page, sent as it is drawn. Should drawing fail, the page says so at its end."""
        shown.setdefault("by", None)
        drawn = self._templates.get_template(template).generate(shown)
        return StreamingResponse(_in_pieces(drawn), media_type="text/html")

    def text(self, template: str, **shown: Any) -> str:
        """Render one template."""
        shown.setdefault("by", None)
        return self._templates.get_template(template).render(shown)


def _in_pieces(drawn: Iterable[str]) -> Iterator[str]:
    piece, size = [], 0
    try:
        for part in drawn:
            piece.append(part)
            size += len(part)
            if size > A_PIECE:
                yield "".join(piece)
                piece, size = [], 0
    except Exception:
        yield CUT_OFF
        raise
    yield "".join(piece)
