"""Splits a case event by who may read each field, with nothing lost and nothing in two people's envelopes."""

from typing import Any, NamedTuple

from schemas.case_event import CaseEvent, field_marks
from schemas.scope import OPEN, Scope

TIMES_AND_SENDER = frozenset(
    {"type", "agency", "occurred_at", "ended_at", "precision", "learned_at", "recorded_at"}
)
"""All that stays open of a restricted event; its type is then the public one."""

_EMPTY: tuple[()] = ()


class Split(NamedTuple):
    """An event's fields by envelope; absent and empty fields are left out.

    `open` and `by_scope` together hold every field exactly once, the true type of a restricted event in
    its home scope. `signals` and `hashed` repeat, for machines only, what is there: `hashed` in plain,
    for the hub to hash with its key before anything is written.
    """

    open: dict[str, Any]
    by_scope: dict[Scope, dict[str, Any]]
    signals: dict[str, Any]
    hashed: dict[str, Any]


class ScopedFields(NamedTuple):
    """Which fields of a type go where.

    `scopes` are those its fields wear besides that of the event, in the order of `Scope`. `parts` are the
    names of the fields in each part, in the order of the type: the parts named below, then one for each of
    `scopes`.
    """

    scopes: tuple[Scope, ...]
    parts: tuple[tuple[str, ...], ...]


OPENLY, OWN, SIGNALS, HASHES, SCOPES = range(5)
"""The parts of every event; from SCOPES on, one for each further scope its type knows."""


def scoped_fields(cls: type[CaseEvent]) -> ScopedFields:
    """Read the marks of a type once."""
    marks = field_marks(cls)
    worn = {m.scope for m in marks.values()}
    scopes = tuple(s for s in Scope if s in worn and s is not cls.home)
    parts: list[list[str]] = [[] for _ in range(SCOPES + len(scopes))]
    for name, (scope, signal, hashed) in marks.items():
        if isinstance(scope, Scope) and scope is not cls.home:
            part = SCOPES + scopes.index(scope)
        else:
            told = scope is OPEN and not (cls.restricted and name not in TIMES_AND_SENDER)
            part = OPENLY if told else OWN
        for goes in (part, *[SIGNALS] * signal, *[HASHES] * hashed):
            parts[goes].append(name)
    return ScopedFields(scopes, tuple(map(tuple, parts)))


def split_by(plan: ScopedFields, event: CaseEvent) -> Split:
    """Split an event by the plan of its type, a comprehension for each part: every event comes this way."""
    said = event.__dict__
    # `is not`: the empty tuple is one object in CPython, and one kept would lose nothing
    parts: list[dict[str, Any]] = [
        {name: value for name in names if (value := said[name]) is not None and value is not _EMPTY}
        for names in plan.parts
    ]
    open_, own, signals, hashed = parts[:SCOPES]
    if event.restricted:
        own["type"] = signals["type"] = event.type
        open_["type"] = event.public_type
    by_scope: dict[Scope, dict[str, Any]] = {event.home_scope: own}
    for scope, fields in zip(plan.scopes, parts[SCOPES:], strict=True):
        if fields:
            by_scope[scope] = by_scope[scope] | fields if scope in by_scope else fields
    return Split(open_, by_scope, signals, hashed)
