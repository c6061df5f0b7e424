"""The partnership's numbers: each threshold, window and severity of the rules, its source and review date."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.domain.calendar import SchoolDays, WorkingDays, england_and_wales
from hub.errors import HubError

SHIPPED = Path(__file__).with_name("settings.toml")
OWN_KEYS = ("severity", "review")


class PatternSettingsInvalid(HubError):
    """The settings of the rules cannot be used; the text names file, line and key."""

    status, title, exit_code = 503, "The settings of the patterns cannot be used", 2


class Asks(Protocol):
    """What the settings must know of a rule: its code and the numbers it takes."""

    @property
    def code(self) -> str:
        """The rule's code."""

    @property
    def thresholds(self) -> tuple[str, ...]:
        """The names of the numbers it takes."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Threshold(_Model):
    """One number and where it comes from.

    Marks: S the source named, D follows from the guidance, P our proposal (to be signed off locally),
    M from memory, to be checked.
    """

    value: Annotated[int, Field(ge=1, le=20_000)]
    mark: Literal["S", "D", "P", "M"]
    source: str | None = None


class Severity(_Model):
    """1 prompt on the page, 2 the next meeting, 3 front door the same working day, 4 telephone now."""

    value: Annotated[int, Field(ge=1, le=4)]
    mark: Literal["S", "D", "P", "M"]


class Term(_Model):
    """One stretch of school days: its first day and its last, by the local authority's list."""

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class Calendar(_Model):
    """The partnership's days: school terms, staff days, days on which it is closed beside bank holidays."""

    terms: tuple[Term, ...]
    staff_days: tuple[date, ...] = ()
    closed: tuple[date, ...] = ()

    @cached_property
    def working(self) -> WorkingDays:
        """Working days: Monday to Friday, no bank holidays, none of those closed."""
        return WorkingDays(england_and_wales().holidays | frozenset(self.closed))

    @cached_property
    def school(self) -> SchoolDays:
        """School days; beyond the terms that are known every working day."""
        terms = tuple((term.first, term.last) for term in self.terms)
        return SchoolDays(self.working, terms, frozenset(self.staff_days))


class Counting(_Model):
    """What all rules count by: when entries are one incident, and how far back a rule sees."""

    same_incident_hours: Threshold
    """Entries of one sort so near in time count as one incident until people say otherwise."""
    latest_of_a_kind: Threshold
    """Entries of one kind that a rule sees."""
    latest_of_one_day: Threshold
    """Of these no more than so many of one day: a week of hourly notes must not hide what was before it."""

    @cached_property
    def close(self) -> timedelta:
        """How near in time entries are to count as one incident."""
        return timedelta(hours=self.same_incident_hours.value)


class RuleSettings(_Model):
    """The numbers of one rule, and when they are to be looked at again; with what all rules count by."""

    severity: Severity
    review: date
    thresholds: Mapping[str, Threshold]
    calendar: Calendar
    counting: Counting

    @property
    def close(self) -> timedelta:
        """How near in time entries are to count as one incident."""
        return self.counting.close

    def __getitem__(self, name: str) -> int:
        """The number of that name."""
        return self.thresholds[name].value

    def days(self, name: str) -> timedelta:
        """The number of that name, as so many days."""
        return timedelta(days=self[name])

    def working_days(self, moment: datetime, name: str, *, back: bool = False) -> datetime:
        """As many of the partnership's working days after the moment as the number says, or before it."""
        return self.calendar.working.add_working_days(moment, -self[name] if back else self[name])

    def school_days(self, moment: datetime, name: str) -> datetime:
        """As many school days after the moment as the number of that name says."""
        return self.calendar.school.add(moment, self[name])


class Life(_Model):
    """How long a flag may wait, and how long it stands (protocol C20)."""

    expires_days: Threshold
    acknowledge_2_working_days: Threshold
    acknowledge_3_day_ends_hour: Threshold
    acknowledge_4_hours: Threshold
    look_again_hours: Threshold
    """How soon to look again where a feed was not alive."""


class Settings(_Model):
    """All numbers of all rules. `version` and `digest` stand on every flag."""

    version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    in_force_from: date
    life: Life
    calendar: Calendar
    counting: Counting
    rules: Mapping[str, RuleSettings]
    digest: str

    @property
    def name(self) -> str:
        """Version and digest: which numbers applied, exactly."""
        return f"{self.version}:{self.digest[:16]}"

    def rule(self, code: str) -> RuleSettings:
        """The numbers of a rule."""
        return self.rules[code]


def load(rules: Iterable[Asks], path: Path = SHIPPED) -> Settings:
    """Read the settings of these rules.

    Raises PatternSettingsInvalid naming the line and the key where the file is not TOML, a key is missing,
    wrong or known to no rule.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PatternSettingsInvalid(f"{path.name}: cannot be read") from error
    return _parsed(text, tuple(rules), path.name)


@lru_cache(maxsize=16)
def _parsed(text: str, rules: tuple[Asks, ...], place: str) -> Settings:
    """A file's settings: read once by a process, however often its hub is opened."""
    return parse(text, rules, place)


def parse(text: str, rules: Iterable[Asks], place: str = "settings") -> Settings:
    """Read settings from text. Raises PatternSettingsInvalid as `load` does."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PatternSettingsInvalid(f"{place}: not TOML: {error}") from error
    asked = {rule.code: rule for rule in rules}
    sections = {code: said.pop(code) for code in list(said) if re.fullmatch(r"P\d+", code)}
    _same(place, text, "", set(asked), set(sections))
    digest = hashlib.sha256(json.dumps([said, sections], sort_keys=True, default=str).encode()).hexdigest()
    shaped = {code: _shaped(place, text, asked[code], section) for code, section in sections.items()}
    try:
        read = Settings.model_validate({**said, "rules": {}, "digest": digest})
        shared = {"calendar": read.calendar, "counting": read.counting}
        rules_ = {code: {**section, **shared} for code, section in shaped.items()}
        return Settings.model_validate({**said, **shared, "rules": rules_, "digest": digest})
    except ValidationError as refused:
        raise PatternSettingsInvalid(_first(place, text, refused)) from refused


def _shaped(place: str, text: str, rule: Asks, section: Any) -> dict[str, Any]:
    if not isinstance(section, dict):
        raise PatternSettingsInvalid(
            f"{place}, line {_line(text, '', rule.code)}: {rule.code} is not a table"
        )
    _same(place, text, rule.code, {*rule.thresholds, *OWN_KEYS}, set(section))
    numbers = {name: section[name] for name in rule.thresholds}
    return {**{name: section[name] for name in OWN_KEYS}, "thresholds": numbers}


def _same(place: str, text: str, section: str, wanted: set[str], given: set[str]) -> None:
    """Raise where keys are missing, or nobody knows them."""
    for key in sorted(given - wanted):
        line = _line(text, section, key)
        raise PatternSettingsInvalid(f"{place}, line {line}: nobody knows {_dotted(section, key)}")
    for key in sorted(wanted - given):
        line = _line(text, "", section) if section else 1
        raise PatternSettingsInvalid(f"{place}, line {line}: {_dotted(section, key)} is missing")


def _first(place: str, text: str, refused: ValidationError) -> str:
    error = refused.errors(include_url=False, include_context=False, include_input=False)[0]
    parts = [str(p) for p in error["loc"] if p not in ("rules", "thresholds")]
    section, key = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    why = error["type"].replace("_", " ")
    return f"{place}, line {_line(text, section, key)}: {'.'.join(parts)}: {why}"


def _dotted(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key


def _line(text: str, section: str, key: str) -> int:
    """The line a key stands on, or its section's, or the first."""
    inside, found = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            inside = header[1]
            found = number if inside == (section or key) else found
        elif inside == section and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return found
