"""Acts about access as an auditor reads them in a child's story: who, to whom, until when. Never why."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from hub.domain.access import (
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    AccessReopened,
    AgencyInvolved,
    AgencyInvolvementEnded,
    BarMet,
    GlassBroken,
    GlassReviewed,
    GlassReviewGiven,
    MashAnswered,
    MashAsked,
    MeetingConvened,
    MeetingEnded,
    OtherChildAgreed,
    OtherChildAgreementEnded,
)
from hub.domain.child import (
    AnswerHeard,
    AnswersNoLongerWanted,
    AnswersWanted,
    By,
    DisputeSettled,
    EntryDisputed,
    PartShown,
    ProcessingRestricted,
    RestrictionKept,
    RestrictionLifted,
)
from hub.domain.strand import opened_by


def by_said(by: By) -> str:
    """Who did it, in which role, of which agency."""
    return f"{by.person} ({by.role}, {by.agency})"


def came_near(event: Any) -> str:
    """The detail of an act about access; empty for any other event."""
    told = _SAYS.get(type(event))
    return told(event) if told else ""


def _closed(event: AccessClosed) -> str:
    whom = ", ".join(map(by_said, event.named)) or event.agency or "everybody"
    part = f"{len(event.entries)} entries" if event.entries else "the whole"
    return f"{event.what} ({part}): {whom}; by {by_said(event.by)}"


def _answered(event: AccessAnswered) -> str:
    until = f"granted until {event.until.isoformat()}" if event.until else "refused"
    return f"{until}, by {by_said(event.by)}"


def _until(moment: datetime | None) -> str:
    return f", until {moment.isoformat()}" if moment else ""


def _opens(strands: tuple[str, ...]) -> str:
    named = opened_by(strands)
    return f", strand {named}" if named else ""


_SAYS: Mapping[type, Callable[[Any], str]] = {
    AgencyInvolved: lambda e: f"{e.agency}{_opens(e.strands)}{_until(e.until)}, by {by_said(e.by)}",
    AgencyInvolvementEnded: lambda e: f"{e.agency}, by {by_said(e.by)}",
    MeetingConvened: lambda e: (
        f"{len(e.members)} members{_opens(e.strands)}, until {e.until.isoformat()}, by {by_said(e.by)}"
    ),
    MeetingEnded: lambda e: f"{e.meeting}, by {by_said(e.by)}",
    GlassBroken: lambda e: (
        f"by {by_said(e.reader)} for {e.purpose}{_opens(e.strands)}, until {e.until.isoformat()}"
    ),
    GlassReviewGiven: lambda e: f"to {by_said(e.to)}, by {by_said(e.by)}",
    GlassReviewed: lambda e: f"{'justified' if e.justified else 'not justified'}, by {by_said(e.by)}",
    BarMet: lambda e: f"{e.question} by {by_said(e.reader)}",
    AccessClosed: _closed,
    AccessReopened: lambda e: f"{e.restriction}, by {by_said(e.by)}",
    AccessAsked: lambda e: f"by {by_said(e.reader)} for {e.purpose}{_opens(e.strands)}",
    AccessAnswered: _answered,
    MashAsked: lambda e: f"by {by_said(e.reader)} for {e.purpose}",
    MashAnswered: lambda e: f"{e.outcome}, by {by_said(e.by)}",
    EntryDisputed: lambda e: f"{e.entry}, by {by_said(e.by)}",
    DisputeSettled: lambda e: f"{e.entry}, by {by_said(e.by)}",
    ProcessingRestricted: lambda e: f"{e.entry}, {e.ground}, since {e.since.isoformat()}, by {by_said(e.by)}",
    AnswersWanted: lambda e: f"of {', '.join(e.agencies)}, by {e.due}, for {e.request}; by {by_said(e.by)}",
    AnswerHeard: lambda e: f"of {e.agency}, for {e.request}, recorded by {by_said(e.by)}",
    AnswersNoLongerWanted: lambda e: f"for {e.request}, by {by_said(e.by)}",
    PartShown: lambda e: f"{e.entry}, {f'until {e.until}' if e.until else 'no longer'}, by {by_said(e.by)}",
    RestrictionKept: lambda e: f"{e.entry}, by {by_said(e.by)}",
    RestrictionLifted: lambda e: f"{e.entry}, by {by_said(e.by)}",
    OtherChildAgreed: lambda e: f"until {e.until.isoformat()}, by {by_said(e.by)}",
    OtherChildAgreementEnded: lambda e: f"by {by_said(e.by)}",
}
