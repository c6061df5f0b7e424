"""One child's story in the order it was recorded: what was said, decided and shown. Never what it says."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.audit.coming_near import by_said as _by
from hub.audit.coming_near import came_near
from hub.domain import child as events
from hub.domain.refusal import NO_BAR, LookRefused, refusals_of
from hub.records import Records
from hub.store.mapper import StreamEvent


class Happening(msgspec.Struct, frozen=True):
    """One event of a record, told without its content. `version` is its place in the record.

    A look that was refused stands beside the record: its `version` is that of the last event before it.
    """

    version: int
    recorded_at: datetime
    what: str
    detail: str
    entry: UUID | None = None


def history_of(
    records: Records, child: UUID, untold: Callable[[UUID], bool] = lambda _: False
) -> list[Happening]:
    """The story of a child, joined records included, in the order recorded. Raises UnknownChild.

    Of records that are `untold` nothing is said: that they were read with these, or had an entry of them.
    """
    told = [one for record in records.person(child) for one in _story(records, record, untold)]
    return sorted(told, key=lambda h: (h.recorded_at, h.version))


def _story(records: Records, of: events.Child, untold: Callable[[UUID], bool]) -> Iterator[Happening]:
    """The events of a record, and the looks at it that were refused, which stand beside it (decision 62).

    Beside what somebody decided about a flag stands how often they had been shown the record, and when last:
    what a person took part in who decided (UK GDPR art. 22A).
    """
    record, moments = of.id, list[datetime]()
    gone = {entry for entry, to in of.split_off.items() if untold(to)}
    shown: dict[tuple[str, str], list[datetime]] = {}
    for event in records.history(record):
        moments.append(event.at)
        told = _told(event, untold)
        if told.entry in gone:
            told = msgspec.structs.replace(told, detail="of another record", entry=None)
        match event.body:
            case events.Disclosed() as disclosed:
                shown.setdefault(_whom(disclosed.reader), []).append(event.at)
            case events.FlagReviewed() | events.FlagRenewed() as decided:
                seen = _seen(shown.get(_whom(decided.by), []))
                told = msgspec.structs.replace(told, detail=f"{told.detail}, {seen}")
        yield told
    for event in records.history(refusals_of(record)):
        refused: LookRefused = event.body
        what = "look-refused" if refused.bar == NO_BAR else "bar-met"
        why = f": {refused.rule.words}" if refused.rule and what == "look-refused" else ""
        detail = f"{refused.question} by {_by(refused.reader)}{why}"
        yield Happening(bisect_right(moments, event.at), event.at, what, detail)


def _whom(by: events.By) -> tuple[str, str]:
    """A person, in whatever role: what they were shown in one they know in another."""
    return by.person, by.agency


def _seen(shown: Sequence[datetime]) -> str:
    if not shown:
        return "who had never been shown this record"
    often = "once" if len(shown) == 1 else f"{len(shown)} times"
    return f"who had been shown this record {often}, last at {shown[-1].isoformat(timespec='minutes')}"


def _told(event: StreamEvent, untold: Callable[[UUID], bool]) -> Happening:
    body = event.body
    what = type(body).__struct_config__.tag
    entry = getattr(body, "entry", None)
    id_ = entry if isinstance(entry, UUID) else getattr(entry, "id", None)
    return Happening(event.originator_version, event.at, str(what), _detail(body, untold), id_)


def _detail(body: Any, untold: Callable[[UUID], bool]) -> str:
    detail = ""
    match body:
        case events.Registered():
            detail = body.because
        case (
            events.EntryRecorded()
            | events.EntryCorrected()
            | events.EpisodeCompleted()
            | events.EntryWithdrawn()
            | events.EntrySplitIn()
        ):
            detail = f"by {body.entry.agency}: {body.entry.type} of {body.entry.occurred_at.date()}"
            person = getattr(body, "by", None)
            detail += f", recorded by {_by(person)}" if person else ""
        case events.Disclosed():
            known = f", as known at {body.known_at.isoformat()}" if body.known_at else ""
            reader = _by(body.reader)
            court = f", asked for by {body.asked['asked_by']}" if "asked_by" in body.asked else ""
            detail = (
                f"{body.question} to {reader} for {body.purpose} under policy {body.policy}{known}{court}"
            )
        case events.PractitionerAllocated() | events.AllocationEnded():
            detail = f"{_by(body.practitioner)}, by {_by(body.by)}"
        case (
            events.RecordJoined()
            | events.RecordParted()
            | events.RecordJoinedInto()
            | events.EntriesSplitOff()
        ):
            detail = f"{_with_another(body, untold)}, by {_by(body.by)}"
        case events.KeysDestroyed() | events.KeysRenewed() | events.Resealed():
            detail = _of_keys(body)
        case events.OneIncident() | events.TwoIncidents():
            detail = f"of {_how_many(body)} entries, by {_by(body.by)}"
        case _:
            detail = _flagged(body) if isinstance(body, events.FlagAct) else came_near(body)
    return detail


def _with_another(
    body: events.RecordJoined | events.RecordParted | events.RecordJoinedInto | events.EntriesSplitOff,
    untold: Callable[[UUID], bool],
) -> str:
    def named(record: UUID) -> str:
        return "another record" if untold(record) else str(record)

    if isinstance(body, events.EntriesSplitOff):
        return f"{len(body.entries)} to {named(body.to)}"
    if isinstance(body, events.RecordJoinedInto):
        return f"into {named(body.survivor)}"
    return f"with {named(body.other)}"


def _of_keys(body: events.KeysDestroyed | events.KeysRenewed | events.Resealed) -> str:
    what = ", ".join(body.scopes) if body.scopes is not None else "everything"
    if isinstance(body, events.Resealed):
        return f"{len(body.envelopes)} envelopes of {what}; by {_by(body.by)}"
    if isinstance(body, events.KeysRenewed):
        return f"{what}; by {_by(body.by)}"
    said = f"{what}, on {body.authority}; asked by {_by(body.asked_by)}"
    return f"{said}, confirmed by {_by(body.confirmed_by)}"


def _how_many(act: events.IncidentAct) -> int:
    return len(act.entries) + (len(act.others) if isinstance(act, events.TwoIncidents) else 0)


def _flagged(act: events.FlagAct) -> str:
    more = ""
    match act:
        case events.FlagReviewed():
            more = f": {act.decision}"
        case events.FlagOwned():
            more = f": in the hands of {_by(act.owner)}"
        case events.FlagReleased():
            more = f": to {', '.join(act.roles)}"
    return f"flag {act.flag}{more}, by {_by(act.by)}"
