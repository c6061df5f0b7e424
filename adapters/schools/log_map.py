"""The map of one school's safeguarding log: which column holds what, and what its words stand for (TOML)."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.format import Finding, Untranslatable
from schemas.case_event import Code
from schemas.schools import BrookResult
from schemas.vocabulary import ChildPart, HowReceived, HsbForm, Nature, Provenance, Significance

MAPS = Path(__file__).with_name("maps")
DATE_FORMS = (
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%Y%m%d",
)
"""The ways days and times are written, tried in order; day before month, as England writes it."""

Column = Annotated[str, Field(min_length=1, max_length=100)]
EventName = Literal[
    "concern-logged",
    "sexual-behaviour-incident",
    "disclosure",
    "absence",
    "suspension",
    "exclusion",
    "strength-noted",
]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Columns(_Closed):
    """The school's heading for each thing a row may hold; those in `needed` must be there."""

    record: Column
    pupil: Column
    category: Column
    logged: Column
    logged_time: Column | None = None
    happened: Column | None = None
    happened_time: Column | None = None
    upn: Column | None = None
    surname: Column | None = None
    forename: Column | None = None
    born: Column | None = None
    details: Column | None = None
    action: Column | None = None
    child_words: Column | None = None
    others: Column | None = None
    recorder_role: Column | None = None
    part: Column | None = None
    linked: Column | None = None
    sessions: Column | None = None

    @property
    def needed(self) -> dict[str, str]:
        """Headings without which the file is not this map's."""
        return {name: getattr(self, name) for name in ("record", "pupil", "category", "logged")}

    @property
    def all(self) -> dict[str, str]:
        """Every heading the map names, by what it holds."""
        return {name: heading for name, heading in self.model_dump().items() if heading is not None}


class Meaning(_Closed):
    """What one of the log's categories stands for in the published language."""

    event: EventName
    category: Code | None = None
    hsb_forms: tuple[HsbForm, ...] = ()
    technology: bool | None = None
    brook: BrookResult | None = None
    how_received: HowReceived | None = None
    unauthorised: bool | None = None
    sexual_misconduct: bool | None = None
    provenance: Provenance = Provenance.NOT_SAID
    nature: Nature = Nature.FACT
    significance: Significance = Significance.NOTABLE


class LogMap(_Closed):
    """One map. `separator` parts several categories, or several pupils, in one cell."""

    about: str
    delimiter: Literal[",", ";", "\t"] = ","
    separator: Annotated[str, Field(min_length=1, max_length=3)] = ";"
    date_forms: Annotated[tuple[str, ...], Field(min_length=1, max_length=30)] = DATE_FORMS
    columns: Columns
    categories: dict[str, Meaning] = {}
    parts: dict[str, ChildPart] = {}


def read_map(path: Path) -> LogMap:
    """The map in a file. Raises Untranslatable `no-column-map` or `bad-column-map`, with the map's line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise Untranslatable(Finding("map", "no-column-map")) from None
    try:
        return _lower(LogMap.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line ([0-9]+)", str(error))
        raise Untranslatable(Finding(f"map line {line[1]}" if line else "map", "bad-column-map")) from None
    except ValidationError as error:
        where = [str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"]]
        raise Untranslatable(Finding(_line_of(where, text), "bad-column-map")) from None


@cache
def bundled_maps() -> tuple[LogMap, ...]:
    """The maps that come with the product, for a school that has not written its own."""
    return tuple(read_map(path) for path in sorted(MAPS.glob("*.toml")))


def _lower(read: LogMap) -> LogMap:
    """Words are compared without regard to case or spaces."""
    categories = {squeezed(name): meaning for name, meaning in read.categories.items()}
    parts = {squeezed(name): part for name, part in read.parts.items()}
    return read.model_copy(update={"categories": categories, "parts": parts})


def squeezed(text: str) -> str:
    """A heading or a word as it is compared: lower case, single spaces."""
    return " ".join(text.lower().split())


def _line_of(where: list[str], text: str) -> str:
    """The line of the map that holds the innermost key of an error, as near as the text tells."""
    for key in reversed(where):
        for number, line in enumerate(text.splitlines(), start=1):
            if re.search(rf"(^|[\[.\"]){re.escape(key)}([\]\".= ]|$)", line):
                return f"map line {number}"
    return "map"
