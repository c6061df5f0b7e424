"""A selector: which entries a row of the pack means, written as a lead would: `protocol.allocation stage=ended`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BeforeValidator

from hub.domain.timeline import Fact
from schemas.any_agency import ANY_AGENCY_TYPES
from schemas.case_event import CaseEvent, field_marks
from schemas.catalogue import EVENT_TYPES, TYPE_BY_NAME

ANY_AGENCY = "any-agency"
SIGNAL = re.compile(
    r"^(?P<name>[a-z0-9_]+)(?:(?P<said>\?|!(?!=))|(?P<sign>!=|>=|=|<)(?P<values>[^\s=<>!?]+))?$"
)
THE = ("the incident", "the referral", "the meeting")
"""What the engine finds by itself: the incident that opened the pathway, its referral, its strategy meeting."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing asked of a signal.

    A signal alone asks that it is true, with `?` that it was said, with `!` that it was not; a list holds where
    one of it does.
    """

    name: str
    sign: str
    values: tuple[str, ...]

    def holds(self, fact: Fact) -> bool:
        """Whether the entry says so. What it does not say is neither equal nor more nor less."""
        said = fact.get(self.name)
        if self.sign == "":
            return said is True
        if self.sign in ("?", "!"):
            return (said is None) is (self.sign == "!")
        found = {_text(one) for one in (said if isinstance(said, (list, tuple)) else (said,))}
        if self.sign == "=":
            return bool(found & set(self.values))
        if self.sign == "!=":
            return not found & set(self.values)
        if said is None:
            return False
        return bool(said < int(self.values[0]) if self.sign == "<" else said >= int(self.values[0]))


@dataclass(frozen=True, slots=True)
class Selector:
    """Entries of one type, of one agency where the type is any agency's, whose signals say these things.

    `kind` None: one of `THE`, which the engine finds.
    """

    text: str
    kind: type[CaseEvent] | None
    family: str | None = None
    conditions: tuple[Condition, ...] = ()

    def __hash__(self) -> int:
        """By its text, from which all else follows: rows ask by their selectors thousands of times a child."""
        return hash(self.text)

    def chooses(self, fact: Fact) -> bool:
        """Whether this entry, of the right type, is meant."""
        of = self.family is None or fact.family == self.family
        return of and all(condition.holds(fact) for condition in self.conditions)


def read(text: Any) -> Selector:
    """Read a selector. Raises ValueError, saying what is wrong, for a type, a signal or a code there is not."""
    if isinstance(text, Selector):
        return text
    if not isinstance(text, str) or not text.strip():
        raise ValueError("a selector is a text: a type, then what its signals say")
    if text in THE:
        return Selector(text, None)
    name, *said = text.split()
    kind, family = _kind(name)
    return Selector(text, kind, family, tuple(_condition(kind, one) for one in said))


Selects = Annotated[Selector, BeforeValidator(read)]


def _kinds() -> Mapping[str, tuple[type[CaseEvent], str | None]]:
    """Types without their version; what any agency may say also under `any-agency`."""
    found: dict[str, tuple[type[CaseEvent], str | None]] = {
        name.rpartition(".")[0]: (kind, name.partition(".")[0] if kind in ANY_AGENCY_TYPES else None)
        for name, kind in TYPE_BY_NAME.items()
    }
    for kind in ANY_AGENCY_TYPES:
        short = next(n for n, k in TYPE_BY_NAME.items() if k is kind).split(".")[1]
        found[f"{ANY_AGENCY}.{short}"] = (kind, None)
    return found


_KINDS = _kinds()
_SIGNALS: Mapping[type[CaseEvent], frozenset[str]] = {
    kind: frozenset(name for name, marks in field_marks(kind).items() if marks.signal) for kind in EVENT_TYPES
}


def _kind(name: str) -> tuple[type[CaseEvent], str | None]:
    if name not in _KINDS:
        raise ValueError(f"there is no type {name}")
    return _KINDS[name]


def _condition(kind: type[CaseEvent], text: str) -> Condition:
    match = SIGNAL.match(text)
    if match is None:
        raise ValueError(
            f"{text} is none of: signal, signal?, signal!, signal=code, signal!=code, signal<number, signal>=number"
        )
    name, sign, values = (
        match["name"],
        match["sign"] or match["said"] or "",
        (match["values"] or "").split("|"),
    )
    if name not in _SIGNALS[kind]:
        raise ValueError(f"{name} is no signal of this type")
    codes = _codes(kind.model_fields[name].annotation)
    unknown = [v for v in values if sign in ("=", "!=") and codes and v not in codes]
    if unknown:
        raise ValueError(f"{name} is never {unknown[0]}")
    if sign in ("<", ">=") and not values[0].isdigit():
        raise ValueError(f"{name}{sign} wants a number")
    return Condition(name, sign, tuple(values))


def _codes(annotation: Any) -> frozenset[str]:
    """The codes a field may hold; none where it is not a closed list."""
    if isinstance(annotation, type) and hasattr(annotation, "__members__"):
        return frozenset(str(one.value) for one in annotation.__members__.values())
    if annotation is bool:
        return frozenset(("true", "false"))
    of = get_args(annotation)[:1] if get_origin(annotation) is Annotated else get_args(annotation)
    if get_origin(annotation) not in (Union, UnionType, tuple, Annotated):
        return frozenset()
    found: list[frozenset[str]] = [_codes(one) for one in of if one not in (type(None), Ellipsis)]
    return frozenset().union(*found) if all(found) else frozenset()


def _text(said: Any) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)
