"""Says which clinical codes matter to safeguarding, from a list that a site can read and change."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.format import Finding, Untranslatable
from schemas.case_event import Code

DEFAULT = Path(__file__).with_name("codes.toml")

Says = Literal["injury", "cause", "self-harm", "substance", "pregnancy", "sexual-infection", "protection"]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Meaning(_Wire):
    """What one code, or one range of codes, says."""

    system: str
    says: Says
    label: Code
    unexplained: bool | None = None


class OneCode(Meaning):
    """A code by itself."""

    code: str


class CodeRange(Meaning):
    """ICD-10 categories from `first` to `last`, both included."""

    first: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]
    last: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")]


class _Lists(_Wire):
    systems: dict[str, str] = {}
    code: tuple[OneCode, ...] = ()
    range: tuple[CodeRange, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeLists:
    """The lists as read, ready to look a code up in."""

    systems: dict[str, str]
    codes: dict[tuple[str, str], Meaning]
    ranges: tuple[CodeRange, ...]

    def meaning(self, system: str | None, code: str | None) -> Meaning | None:
        """What the code says; None where it is not on the list."""
        if not code:
            return None
        known = self.systems.get(system or "", system or "")
        exact = self.codes.get((known, code))
        if exact is not None:
            return exact
        category = code.upper()[:3]
        fitting = (r for r in self.ranges if r.system == known and r.first <= category <= r.last)
        return next(fitting, None)


def load_codes(settings: Path | None) -> CodeLists:
    """The site's lists, or the ones shipped.

    Raises Untranslatable at `settings`: `settings-unreadable`, or `settings-invalid` with the entry's name.
    """
    try:
        lists = _Lists.model_validate(tomllib.loads((settings or DEFAULT).read_text("utf-8")))
    except (OSError, ValueError) as error:
        _refuse(error)
    codes: dict[tuple[str, str], Meaning] = {(one.system, one.code): one for one in lists.code}
    return CodeLists(dict(lists.systems), codes, lists.range)


def _refuse(error: Exception) -> NoReturn:
    if isinstance(error, ValidationError):
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        entry = ".".join(str(part) for part in where[:2])
        raise Untranslatable(Finding("settings", "settings-invalid", entry)) from None
    raise Untranslatable(Finding("settings", "settings-unreadable")) from None
