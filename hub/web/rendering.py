"""Pages from templates: escaped, strict about what they name, in the design system's own macros."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
)
from jinja2.runtime import Undefined
from jinja2.utils import missing

from hub.domain.child import By
from hub.web import wording
from hub.web.static_files import address_of
from hub.web.ways import Way

TEMPLATES = Path(__file__).with_name("templates")


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


class Pages:
    """Renders pages for one hub."""

    def __init__(self, *, demo: bool, ways: Callable[[By], Sequence[Way]]) -> None:
        kit = PackageLoader("govuk_frontend_jinja")
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader({"govuk_frontend_jinja": kit})]),
            autoescape=True,
            undefined=StrictName,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        words = {name: getattr(wording, name) for name in ("spoken", "when", "day", "agency_name", "counted")}
        self._templates.globals.update(demo=demo, ways=ways, static=address_of, **words)

    def page(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """Render one page. `by` is who is signed in, where somebody is."""
        return HTMLResponse(self.text(template, **shown), status)

    def text(self, template: str, **shown: Any) -> str:
        """Render one template."""
        shown.setdefault("by", None)
        return self._templates.get_template(template).render(shown)
