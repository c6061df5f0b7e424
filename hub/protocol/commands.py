"""What people record in the hub: an act becomes a case event, and is asked for what the guidance asks of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from hub.domain.timeline import Fact, Facts
from hub.errors import Refused
from hub.protocol.asking import (
    enquiry,
    first_response,
    follow_up,
    interviews,
    meetings,
    planning,
    recognition,
    shares,
    voice,
)
from hub.protocol.asking import (
    pathway as pathways,
)
from hub.protocol.command import SYSTEM, Command, Need
from hub.protocol.obligation import Situation
from hub.protocol.pathway import pathway
from schemas import protocol
from schemas.case_event import CaseEvent, Identifier, types_of
from schemas.catalogue import split
from schemas.vocabulary import Agency, Provenance

E = TypeVar("E", bound=CaseEvent)
Hide = Callable[[str, Identifier], str]
"""Makes the keyed hash that rules know a reference by, from the field's name and the reference."""


class Incomplete(Refused):
    """What was to be recorded leaves out what the guidance asks of it; names rows and fields, never values."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Name each field, and the row that asks for it."""
        super().__init__("; ".join(f"{name}: {why}" for name, why in sorted(fields.items())))
        self.fields = tuple(sorted(fields))
        self.why = dict(fields)


@dataclass(frozen=True, slots=True)
class ReasonNeeded:
    """The act departs from the guidance, or comes late. With a reason it is recorded; it is never refused."""

    row: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who records it, of which child, and when it was so. `id` makes the act the same one on a resend."""

    id: str
    agency: Agency
    role: str
    at: datetime
    child: tuple[Identifier, ...]
    recorded_at: datetime


COMMANDS: tuple[Command, ...] = (
    *first_response.COMMANDS,
    *recognition.COMMANDS,
    *voice.COMMANDS,
    *meetings.COMMANDS,
    *planning.COMMANDS,
    *shares.COMMANDS,
    *enquiry.COMMANDS,
    *interviews.COMMANDS,
    *follow_up.COMMANDS,
    *pathways.COMMANDS,
)
"""Every act people may record, by hand, in the guidance's order. A new one is one entry in its stage's file."""

NAMED: Mapping[str, Command] = {command.name: command for command in COMMANDS}
NEEDS: Mapping[type[CaseEvent], tuple[Need, ...]] = {command.kind: command.needs for command in COMMANDS}


def record(act: Act, kind: type[E], /, **said: Any) -> E:
    """Make the event of what a person did; words stand as they were given.

    Raises Incomplete, naming the fields, where the guidance asks for more or a value is not one there is: there
    is no outcome called no further action, and only the police say how a criminal enquiry stands.
    """
    if _blank(said.get("reason")):
        said.pop("reason", None)
    head = {
        **_type_of(kind, act.agency),
        "agency": act.agency,
        "system": SYSTEM,
        "source_event_id": act.id,
        "identifiers": act.child,
        "occurred_at": act.at,
        "recorded_at": act.recorded_at,
        "recorder_role": act.role,
    }
    try:
        event = kind(**{**said, **head})
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        raise Incomplete({".".join(map(str, e["loc"])) or "times": e["type"] for e in wrong}) from None
    missing = {
        name: f"asked for by {need.row}"
        for need in NEEDS.get(kind, ())
        if need.when(event)
        for name in need.fields
        if _blank(getattr(event, name))
    }
    if missing:
        raise Incomplete(missing)
    return event


def decide(
    act: Act, kind: type[E], situation: Situation, hide: Hide, /, **said: Any
) -> E | tuple[ReasonNeeded, ...]:
    """Make the event, or say what a reason is needed for. Asked again with `reason`, it is recorded.

    Raises Incomplete as `record` does.
    """
    event = record(act, kind, **said)
    return reasons_needed(event, situation, hide) or event


def reasons_needed(event: CaseEvent, situation: Situation, hide: Hide) -> tuple[ReasonNeeded, ...]:
    """The rows that would ask why, once this is recorded: judged by the same rules as the worklist.

    None for an act that carries a reason, or a kind of act that has no place for one.
    """
    if not isinstance(event, protocol.ReasonedEvent) or event.reason_recorded:
        return ()
    fact = as_fact(event, hide)
    facts = Facts((*situation.timeline.facts, fact))
    then = replace(situation.timeline, facts=facts, now=max(situation.now, fact.at))
    asked = (
        ReasonNeeded(due.obligation, due.title, due.source)
        for due in pathway(replace(situation, timeline=then)).dues
        if due.asks_reason and fact.entry in (due.met_by, due.started_by)
    )
    return tuple(dict.fromkeys(asked))


def as_fact(event: CaseEvent, hide: Hide) -> Fact:
    """The event as rules will see it once it is recorded: codes and keyed hashes, no words."""
    parts = split(event)
    references = {
        name: hide(name, value) for name, value in parts.hashed.items() if isinstance(value, Identifier)
    }
    signals = {**from_json(to_json(parts.signals)), **references}
    return Fact(
        entry=event.event_id,
        kind=type(event),
        family=event.agency.value,
        at=event.occurred_at,
        recorded_at=event.recorded_at or event.occurred_at,
        signals={name: value for name, value in signals.items() if name not in ("incident", "first_teller")},
        incident=references.get("incident"),
        teller=references.get("first_teller"),
    )


def _type_of(kind: type[CaseEvent], agency: Agency) -> Mapping[str, str]:
    """What every agency says in its own name has a type for each; else the kind knows its own."""
    names = types_of(kind)
    return {"type": next(n for n in names if n.startswith(f"{agency}."))} if len(names) > 1 else {}


def _blank(value: object) -> bool:
    return (
        value is None
        or value == ()
        or value is Provenance.NOT_SAID
        or (isinstance(value, str) and not value.strip())
    )
