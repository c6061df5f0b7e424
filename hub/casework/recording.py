"""A named person records an act of a child: as policy allows, and asked why where it departs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Protocol, Self
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.domain.by import By, same_person
from hub.domain.calendar import LONDON, start_of_day
from hub.domain.child import Child, PartShown, allocate, end_allocation, show_part
from hub.domain.strand import WHOLE, strand_of
from hub.domain.timeline import Facts
from hub.errors import NotAllowed, Refused
from hub.intake.acts import record_act, record_first
from hub.protocol.command import SYSTEM, Command, Form
from hub.protocol.commands import NAMED, Act, Incomplete, ReasonNeeded, reasons_needed
from hub.protocol.commands import record as make
from hub.protocol.obligation import Situation
from hub.protocol.packs import Packs, judged_by
from hub.protocol.remarks import remarks
from hub.records import Records
from hub.records.entries import reference_tie, source_key
from hub.records.roles import accounts_of
from hub.sharing.acts import Acts
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Policy
from hub.sharing.share import Share
from schemas import protocol
from schemas.case_event import CaseEvent, Identifier, PersonName
from schemas.images import holds_image
from schemas.naming import another_child_in
from schemas.vocabulary import Agency
from schemas.wire import encode

CLOCKS_DIFFER, ONE_DAY = timedelta(minutes=5), timedelta(days=1)
NO_NUMBER = "first-account"
"""The system of a child of whom nobody had a number yet: the value is the id of the act that told of them."""
ONESELF = "You named yourself: the record opens to you no further until somebody else allocates you"
OF_THE_ACT = ("at", "act", "reason_later")
SHARED_WORK = (protocol.Allocation, protocol.ResponsibleAuthoritySet)
"""What is looked at of another child of the same incident when somebody records of this one (R46, R47)."""


class Who(BaseModel):
    """Who a child is, as far as it is known where somebody tells of them first."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    name: PersonName | None = None
    date_of_birth: date | None = None
    postcode: Annotated[str, Field(max_length=12)] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        """Without a number the name must do: whoever looks alike is then asked about, never guessed."""
        if not self.identifiers and (self.name is None or not self.name.family.strip()):
            raise ValueError("give a number, or where none is known the child's name")
        return self


class Recorded(msgspec.Struct, frozen=True):
    """What came of it: the act's id, by which it can be corrected; the entry it is; whether it was new."""

    act: str
    entry: UUID
    new: bool
    remarks: tuple[str, ...] = ()
    """What is pointed out: who was not asked, whom nobody updates, settings that a plan leaves out."""


class ReasonAsked(Refused):
    """The act departs from the guidance: say why and send it again, or say that the reason comes later."""

    title = "Say why"

    def __init__(self, reasons: tuple[ReasonNeeded, ...]) -> None:
        """Name the rows that ask."""
        super().__init__("; ".join(f"{r.row} {r.title} ({r.source})" for r in reasons))
        self.reasons = reasons


class Drawn(Protocol):
    """What the projections know beside the child's own record."""

    @property
    def packs(self) -> Packs:
        """The procedures the protocol goes by, each from the day it came into effect."""

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""


class Recorder:
    """Records what people do, for a hub."""

    def __init__(
        self,
        records: Records,
        policy: Callable[[], Policy],
        acts: Acts,
        drawn: Drawn,
        new_id: Callable[[], UUID],
        share: Share,
    ) -> None:
        self._share = share
        self._records, self._policy, self.acts, self._drawn = records, policy, acts, drawn
        self._new_id = new_id

    def record(self, reader: Reader, child: UUID, named: str, says: Mapping[str, Any]) -> Recorded:
        """Record one act of a child this person works with.

        Raises NotAllowed where their role may not record it, UnknownChild alike for no child and one that is
        not theirs, Incomplete with the fields at fault, ReasonAsked where a reason is asked for and none is
        given, Refused where the same act was recorded before in other words.
        """
        command = self._command(reader.by.role, named)
        view = Look(self._records, self._policy(), reader, child, None)
        said, given = _filled(command, says)
        act = self._act(reader.by, said, (Identifier(SYSTEM, view.root.hex),))
        event = _unnamed(make(act, command.kind, **given))
        _ends_later(event)
        situation = self._situation(reader, view)
        asked = () if said.reason_later else reasons_needed(event, situation, self._hide)
        if asked:
            raise ReasonAsked(asked)
        new = record_act(self._records, view.root, event, reader.by, self._new_id)
        pointed_out = remarks(event, situation)
        if new or self._latest(view.root, event):
            pointed_out = (*self._follows(view.root, event, reader.by), *pointed_out)
        return Recorded(act.id, event.event_id, new, pointed_out)

    def record_first(self, by: By, who: Who, named: str, says: Mapping[str, Any]) -> Recorded:
        """Record the first that is heard of a child: an account, a call, a referral (L163; R133).

        The child is found by identifiers as an agency's own events are; a child not known yet gets a record,
        and one of whom no number is known goes by the account's own id until people say who it is. What is
        answered does not tell whether there was one. Raises as `record` does, but never UnknownChild.
        """
        command = self._command(by.role, named)
        if not command.begins:
            raise Refused("this act is of a child who is known already: name the child")
        said, given = _filled(command, says)
        about = {"name": who.name, "date_of_birth": who.date_of_birth, "postcode": who.postcode}
        act = self._act(by, said, who.identifiers)
        if not who.identifiers:
            act = replace(act, child=(Identifier(NO_NUMBER, act.id.removeprefix(f"{SYSTEM}/")),))
        known = {name: value for name, value in about.items() if value is not None}
        event = _unnamed(make(act, command.kind, **given, **known))
        return Recorded(act.id, event.event_id, record_first(self._records, event, by, self._new_id))

    def _command(self, role: str, named: str) -> Command:
        command = NAMED.get(named)
        if command is None:
            raise Refused("there is no such act; 'hub record --list' names them")
        if not self.acts.may(role, command):
            raise NotAllowed("Your role may not record this")
        return command

    def _act(self, by: By, said: Form, child: tuple[Identifier, ...]) -> Act:
        now = self._records.clock()
        id_ = f"{SYSTEM}/{said.act or self._new_id()}"
        at = said.at or (self._told_before(by.agency, id_) if said.act else None) or now
        if at > now + CLOCKS_DIFFER:
            raise Incomplete({"at": "is still to come"})
        return Act(id_, Agency(by.agency), by.role, at, child, now)

    def _told_before(self, agency: str, id_: str) -> datetime | None:
        """When an act was done that is sent again without its time: the time it was given at first."""
        source = source_key(self._records.index, agency, id_)
        taken = self._records.archive.rows.taken([source]).get(source)
        if taken is None:
            return None
        kept = self._records.child(taken.child).entries.get(taken.entry)
        return kept.entry.occurred_at if kept else None

    def _hide(self, name: str, reference: Identifier) -> str:
        return reference_tie(self._records.index, name, reference)

    def _situation(self, reader: Reader, view: Look) -> Situation:
        """What the rows judge by: as much as this person may read, so that nothing hidden shines through."""
        role = self._policy().roles[reader.by.role]
        timeline, unseen = self._share.timeline(reader, view)
        linked = self._linked(reader, timeline.facts) if role.agency is Agency.SOCIAL_CARE else {}
        return judged_by(self._drawn.packs, timeline, linked, unseen)

    def _linked(self, reader: Reader, facts: Facts) -> Mapping[str, Facts]:
        """Who works with the other children of the same incidents, and which authority is theirs: no more.

        As far as this reader may know it: else they would learn of another child by being asked why (R46).
        The question then stands on the front door's list, for who may read of both.
        """
        others = self._share.others(reader, facts)
        return {hashed: known.of(*SHARED_WORK) for hashed, known in others.items()}

    def _latest(self, child: UUID, event: CaseEvent) -> bool:
        """Whether nothing of its type was recorded since: an act sent again does not undo a later one."""
        entries = self._records.child(child).entries
        alike = [kept for kept in entries.values() if kept.entry.type == event.type]
        return bool(alike) and max(alike, key=lambda kept: kept.recorded_at).entry.id == event.event_id

    def _follows(self, child: UUID, event: CaseEvent, by: By) -> tuple[str, ...]:
        """What an act changes of who sees what.

        A worker who is allocated may look at this child's record from now on, and at no other (R46). Where
        the act says in which part the child is, at that strand and not at the other (R4). Nobody opens it to
        themselves: who names themselves is recorded, and let in once somebody else allocates them. A review
        of the part that the child had says until when it is shown.

        Tells what to point out of it.
        """
        if isinstance(event, protocol.PartReviewed):
            until = event.shown_until if event.decision is protocol.PartShown.SHOWN_UNTIL else None
            said = PartShown(entry=event.event_id, until=until, by=by)
            self._records.act(child, lambda record: show_part(record, said))
        if not isinstance(event, protocol.Allocation) or event.worker.system != SYSTEM:
            return ()
        worker, strand = By(event.worker.value, "social-worker", by.agency), strand_of(event.part)
        if event.stage is not protocol.AllocationStage.STARTED:
            self._records.act(child, lambda record: _ended(record, worker, by, strand))
        elif same_person(worker, by, accounts_of(self._records, by)):
            return (ONESELF,)
        else:
            until = start_of_day(event.until + ONE_DAY) - datetime.resolution if event.until else None
            self._records.act(child, lambda record: allocate(record, worker, until, by, strand=strand))
        return ()


def _ended(record: Child, worker: By, by: By, strand: str) -> list[Any]:
    if worker not in record.allocations or strand not in (WHOLE, *record.strands[worker]):
        return []
    return list(end_allocation(record, worker, by, strand))


def _ends_later(event: CaseEvent) -> None:
    """Raise Incomplete where an allocation would end before the day on which it begins."""
    until = event.until if isinstance(event, protocol.Allocation) else None
    if until is not None and until < event.occurred_at.astimezone(LONDON).date():
        raise Incomplete({"until": "is before it begins"})


def _filled(command: Command, says: Mapping[str, Any]) -> tuple[Form, dict[str, Any]]:
    """The form as it was filled in, and what of it the event says. Raises Incomplete, never with a value."""
    try:
        if holds_image(msgspec.json.encode(says, enc_hook=str).decode()):
            raise Refused("pictures and films are not taken here; name a police exhibit instead")
    except UnicodeEncodeError:
        raise Incomplete({"says": "not-text"}) from None
    try:
        said = command.form.model_validate(dict(says))
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        raise Incomplete({_place(e): e["type"].replace("_", "-") for e in wrong}) from None
    given = {name: getattr(said, name) for name in said.model_fields_set if name not in OF_THE_ACT}
    return said, given  # type: ignore[return-value]


def _unnamed(event: CaseEvent) -> CaseEvent:
    """The event, which says in words of no other child who they are. Raises Incomplete with the field."""
    named = another_child_in(event, encode(event)) if event.children else None
    if named is not None:
        raise Incomplete({named: "names another child by number: the link to them is enough"})
    return event


def _place(error: Mapping[str, Any]) -> str:
    """Where it is; the name of a field nobody knows is the sender's word, so it is not repeated."""
    path = [str(part) for part in error["loc"]]
    return ".".join(path[:-1] if error["type"] == "extra_forbidden" else path) or "says"
