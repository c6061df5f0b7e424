"""Splits a case event by who may read each field, with nothing lost and nothing in two people's envelopes."""

from typing import Any, NamedTuple

from schemas.case_event import CaseEvent, field_marks
from schemas.scope import HOME, OPEN, Scope

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
    """Which fields of a type go where; `home` fields go to the scope of the event."""

    open: tuple[str, ...]
    home: tuple[str, ...]
    scoped: tuple[tuple[Scope, tuple[str, ...]], ...]
    signals: tuple[str, ...]
    hashed: tuple[str, ...]


def scoped_fields(cls: type[CaseEvent]) -> ScopedFields:
    """Read the marks of a type once."""
    marks = field_marks(cls)
    open_ = [n for n, m in marks.items() if m.scope is OPEN]
    home = [n for n, m in marks.items() if m.scope is HOME]
    if cls.restricted:
        home = [*(n for n in open_ if n not in TIMES_AND_SENDER), *home]
        open_ = [n for n in open_ if n in TIMES_AND_SENDER]
    own = cls.home
    if own is not None:
        home += [n for n, m in marks.items() if m.scope is own]
    scopes = {m.scope for m in marks.values() if isinstance(m.scope, Scope) and m.scope is not own}
    return ScopedFields(
        open=tuple(open_),
        home=tuple(home),
        scoped=tuple((s, tuple(n for n, m in marks.items() if m.scope is s)) for s in Scope if s in scopes),
        signals=tuple(n for n, m in marks.items() if m.signal),
        hashed=tuple(n for n, m in marks.items() if m.hashed),
    )


def split_by(plan: ScopedFields, event: CaseEvent) -> Split:
    """Split an event by the plan of its type."""
    values = event.__dict__
    open_ = _present(values, plan.open)
    home = _present(values, plan.home)
    signals = _present(values, plan.signals)
    if event.restricted:
        home["type"] = signals["type"] = event.type
        open_["type"] = event.public_type
    by_scope = {event.home_scope: home}
    for scope, names in plan.scoped:
        fields = _present(values, names)
        if fields:
            by_scope[scope] = {**by_scope[scope], **fields} if scope in by_scope else fields
    return Split(open_, by_scope, signals, _present(values, plan.hashed))


def _present(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    # `is not`: the empty tuple is one object in CPython, and one kept would lose nothing
    return {name: value for name in names if (value := values[name]) is not None and value is not _EMPTY}
