"""Pages from templates: escaped, strict about what they name, and told whether this is a demonstration."""

from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.web import wording

TEMPLATES = Path(__file__).with_name("templates")


class Pages:
    """Renders pages for one hub."""

    def __init__(self, *, demo: bool) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(demo=demo, spoken=wording.spoken)

    def page(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """Render one page. `by` is who is signed in, where somebody is."""
        shown.setdefault("by", None)
        return HTMLResponse(self._templates.get_template(template).render(shown), status)
