"""Reads a force's column map, and says on which line it is wrong."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, NoReturn, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from adapters.format import Finding, Untranslatable
from schemas.case_event import Code
from schemas.police import Rag
from schemas.vocabulary import ChildPart

SHIPPED = Path(__file__).with_name("maps") / "north.toml"

_LINE = re.compile(r"\(at line (\d+)")
_FORM = re.compile(r"(?=.*%d)(?=.*%[mbB])(?=.*%[yY])([^%]|%[dmbByYHMSIp])+")
_Heading = Annotated[str, Field(min_length=1, max_length=200)]


def _date_form(text: str) -> str:
    if not _FORM.fullmatch(text):
        raise ValueError("not a way of writing a date")
    return text


_DateForm = Annotated[str, AfterValidator(_date_form)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Columns(_Closed):
    """The heading of each thing read; None where the force's export does not have it."""

    reference: _Heading
    occurred: _Heading
    nominal: _Heading | None = None
    nhs_number: _Heading | None = None
    family: _Heading | None = None
    given: _Heading | None = None
    born: _Heading | None = None
    postcode: _Heading | None = None
    address: _Heading | None = None
    category: _Heading | None = None
    grade: _Heading | None = None
    summary: _Heading | None = None
    action: _Heading | None = None
    child_words: _Heading | None = None
    reported_by: _Heading | None = None
    role: _Heading | None = None
    part: _Heading | None = None

    @model_validator(mode="after")
    def _names_the_child(self) -> Self:
        if self.nominal is None and self.nhs_number is None:
            raise ValueError("no column names the child")
        return self


class ColumnMap(_Closed):
    """One force's export: its columns, its ways of writing dates, its grades and categories."""

    force: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    delimiter: Annotated[str, Field(pattern=r"^[,;|\t]$")] = ","
    dates: Annotated[tuple[_DateForm, ...], Field(min_length=1)]
    columns: Columns
    grades: dict[str, Rag]
    categories: dict[str, Code] = {}
    parts: dict[str, ChildPart] = {}

    @model_validator(mode="after")
    def _any_case(self) -> Self:
        """Grades, categories and parts are looked up whatever their case."""
        for name in ("grades", "categories", "parts"):
            object.__setattr__(self, name, {k.casefold(): v for k, v in getattr(self, name).items()})
        return self


def load_map(path: Path | None) -> ColumnMap:
    """The force's map, or the one shipped.

    Raises Untranslatable at `settings line N`: `settings-unreadable`, `settings-invalid` and the entry.
    """
    try:
        text = (path or SHIPPED).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        _refuse("settings", "settings-unreadable")
    try:
        return ColumnMap.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        _refuse(f"settings line {line[1]}" if line else "settings", "settings-unreadable")
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        entry = [str(part) for part in where[:2] if part != "[key]"]
        _refuse(_line_of(text, entry), "settings-invalid", ".".join(entry) or "columns")


def _line_of(text: str, entry: list[str]) -> str:
    """Where the entry, or else its table, stands."""
    for name in reversed(entry):
        quoted = re.escape(name)
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(rf"\s*(?:[\"']?{quoted}[\"']?\s*=|\[{quoted}\])", line):
                return f"settings line {number}"
    return "settings"


def _refuse(place: str, code: str, field: str | None = None) -> NoReturn:
    raise Untranslatable(Finding(place, code, field))
