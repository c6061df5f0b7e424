"""Who works with a child, what is closed to whom, who broke the glass, who asked: events and their state."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid5

from hub.domain.by import Accounts, By, ChildEvent, same_person
from hub.domain.entry import Envelope
from hub.errors import Refused


class Closing(StrEnum):
    """What a restriction closes, and to whom."""

    SEALED = "sealed"
    """Entries (or the whole record) to everybody who is not named."""
    ADDRESS = "address-shielded"
    """Where the child lives, to everybody who is not named; never in flags nor counts."""
    NOT_SHARED = "not-shared"
    """Entries (or the whole record) to one agency: more detrimental to the child than not sharing
    (Children Act 2004 s.16LA(3))."""
    BARRED = "barred"
    """The whole record to one person: it is their own, or of a relative, or they have another interest."""


class Interest(StrEnum):
    """Why a person may not see a record."""

    OWN = "own-record"
    RELATIVE = "relative"
    OTHER = "other-interest"


class Told(StrEnum):
    """What came of a question to the MASH: kept on the record, and not said to whoever asked."""

    SHARED = "shared"
    """They were told what helps them to keep the child safe, and no more (Children Act 2004 s.16LA)."""
    WITHHELD = "withheld"
    """More detrimental to the child than not telling them (s.16LA(3))."""
    NOTHING = "nothing-to-share"
    """Nothing is held that they do not have."""


# ------------------------------------------------------------------ events


class AgencyInvolved(ChildEvent, frozen=True, tag="agency-involved"):
    """An agency works with this child until `until` (None: until ended), whatever entries it has.

    `strands` empty: of before one was named; then it works with the child as such.
    """

    agency: str
    until: datetime | None
    by: By
    strands: tuple[str, ...] = ()
    reason: Envelope | None = None


class AgencyInvolvementEnded(ChildEvent, frozen=True, tag="agency-involvement-ended"):
    """The agency no longer works with this child."""

    agency: str
    by: By
    reason: Envelope | None = None


class MeetingConvened(ChildEvent, frozen=True, tag="meeting-convened"):
    """A meeting about this child: its members may prepare and follow up until `until`, on these strands.

    `strands` empty, here and below: of before one was named; then what their agency works on is open.
    `meeting` none: of before meetings could be ended early.
    """

    members: tuple[By, ...]
    until: datetime
    by: By
    strands: tuple[str, ...] = ()
    reason: Envelope | None = None
    meeting: UUID | None = None


class MeetingEnded(ChildEvent, frozen=True, tag="meeting-ended"):
    """The members of a meeting are let near no more, before its time was over."""

    meeting: UUID
    by: By
    reason: Envelope


class GlassBroken(ChildEvent, frozen=True, tag="glass-broken"):
    """A practitioner looks without a relationship, until `until`, for a written reason, and answers for it.

    `guardian` is the role that is told at once and reviews it by `review_by`: that of `lead`, the agency that
    led for the child then (empty: none). `guardians` are all who may, it among them; empty: of before.
    `grant` is the event that gave the reader their role (`Grant.since`), with which it ends; 0: of before
    that was kept, or of somebody whom the hub gave none.
    """

    glass: UUID
    reader: By
    purpose: str
    until: datetime
    review_by: datetime
    guardian: str
    reason: Envelope
    lead: str = ""
    guardians: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    grant: int = 0


class GlassReviewed(ChildEvent, frozen=True, tag="glass-reviewed"):
    """A second, named person looked at why the glass was broken, and said whether it was right."""

    glass: UUID
    justified: bool
    by: By
    reason: Envelope


class GlassReviewGiven(ChildEvent, frozen=True, tag="glass-review-given"):
    """The review was given to a named person: from then on it is theirs."""

    glass: UUID
    to: By
    by: By


class BarMet(ChildEvent, frozen=True, tag="bar-met"):
    """A person from whom this record is barred tried to come to it; they were told there is none.

    Recorded before refused looks stood beside the record (decision 62); read ever since.
    """

    restriction: UUID
    reader: By
    question: str


class AccessClosed(ChildEvent, frozen=True, tag="access-closed"):
    """Something of this record was closed: to all but those `named`, or to one agency or person.

    `entries`: these alone; none: the whole record. `interest` says why a person is barred.
    """

    restriction: UUID
    what: Closing
    by: By
    reason: Envelope
    named: tuple[By, ...] = ()
    agency: str = ""
    entries: tuple[UUID, ...] = ()
    interest: str = ""


class AccessReopened(ChildEvent, frozen=True, tag="access-reopened"):
    """A restriction was lifted."""

    restriction: UUID
    by: By
    reason: Envelope


class AccessAsked(ChildEvent, frozen=True, tag="access-asked"):
    """Someone without a relationship asked to see this record: a named person answers (REVIEW)."""

    request: UUID
    reader: By
    purpose: str
    answer_by: datetime
    reason: Envelope
    strands: tuple[str, ...] = ()


class AccessAnswered(ChildEvent, frozen=True, tag="access-answered"):
    """A named person answered: granted until `until`, or not (None)."""

    request: UUID
    until: datetime | None
    by: By
    reason: Envelope


class MashAsked(ChildEvent, frozen=True, tag="mash-asked"):
    """Who works with this child asked the MASH whether there is more that they should know."""

    question: UUID
    reader: By
    purpose: str
    answer_by: datetime
    words: Envelope


class MashAnswered(ChildEvent, frozen=True, tag="mash-answered"):
    """A named person answered: `words` to whoever asked; what they decided, and why, for the record alone."""

    question: UUID
    outcome: Told
    by: By
    words: Envelope
    reason: Envelope


class OtherChildAgreed(ChildEvent, frozen=True, tag="other-child-agreed"):
    """A strategy meeting agreed that who works with both may know who this other child is, until `until`."""

    other: UUID
    until: datetime
    by: By
    reason: Envelope


class OtherChildAgreementEnded(ChildEvent, frozen=True, tag="other-child-agreement-ended"):
    """Who this other child is may be known no more, before the time that was agreed was over."""

    other: UUID
    by: By
    reason: Envelope


AnyAccessEvent = (
    AgencyInvolved
    | AgencyInvolvementEnded
    | MeetingConvened
    | MeetingEnded
    | GlassBroken
    | GlassReviewed
    | GlassReviewGiven
    | BarMet
    | AccessClosed
    | AccessReopened
    | AccessAsked
    | AccessAnswered
    | MashAsked
    | MashAnswered
    | OtherChildAgreed
    | OtherChildAgreementEnded
)

LetIn = AgencyInvolved | MeetingConvened | OtherChildAgreed
"""What lets somebody near, said by a named person."""

# ------------------------------------------------------------------ state


class Glass(NamedTuple):
    """The glass as it was broken, whose its review is, and what came of it.

    `ended_at`: when the role ended in which it was broken, where somebody asked: no event of the child's.
    `parted_at`: when records were parted that had been taken for one child's as it was broken.
    """

    at: datetime
    broken: GlassBroken
    reviewed_at: datetime | None = None
    reviewed: GlassReviewed | None = None
    reviewer: By | None = None
    ended_at: datetime | None = None
    parted_at: datetime | None = None

    @property
    def who(self) -> By:
        """Who broke it."""
        return self.broken.reader

    @property
    def settled(self) -> bool:
        """Whether a second person has looked at it."""
        return self.reviewed is not None

    @property
    def until(self) -> datetime:
        """Until when it opens the record: not past its role's end, a parting, being found not justified."""
        closed_at = self.reviewed_at if self.outcome == "not-justified" else None
        ends = (self.broken.until, closed_at, self.ended_at, self.parted_at)
        return min(at for at in ends if at is not None)

    @property
    def outcome(self) -> str | None:
        """What the review found; None while it waits."""
        return None if self.reviewed is None else "justified" if self.reviewed.justified else "not-justified"

    def opens(self, reader: By, purpose: str, now: datetime) -> bool:
        """Whether this person looks under it now, for this purpose."""
        mine = self.broken.reader == reader and self.broken.purpose == purpose
        return mine and self.ended_at is None and self.at <= now < self.until


def opened(glass: Iterable[Glass], reader: By, purpose: str, now: datetime) -> Glass | None:
    """The breaking under which this person looks now: the newest, which names what is open to them."""
    return max((g for g in glass if g.opens(reader, purpose, now)), key=lambda g: g.at, default=None)


class Request(NamedTuple):
    """A request for access as it stands."""

    at: datetime
    asked: AccessAsked
    answered_at: datetime | None = None
    answered: AccessAnswered | None = None
    parted_at: datetime | None = None
    """When records were parted that had been taken for one child's as it was asked, or granted."""

    @property
    def who(self) -> By:
        """Who asked."""
        return self.asked.reader

    @property
    def settled(self) -> bool:
        """Whether it was answered."""
        return self.answered is not None

    @property
    def until(self) -> datetime | None:
        """Until when it was granted; None: not, or not yet."""
        until = self.answered.until if self.answered else None
        return until if until is None or self.parted_at is None else min(until, self.parted_at)

    @property
    def outcome(self) -> str | None:
        """What was answered; None while it waits."""
        return None if self.answered is None else "granted" if self.answered.until else "refused"


class MashQuestion(NamedTuple):
    """A question to the MASH as it stands."""

    at: datetime
    asked: MashAsked
    answered_at: datetime | None = None
    answered: MashAnswered | None = None
    parted_at: datetime | None = None
    """When records were parted that had been taken for one child's as it was asked."""

    @property
    def who(self) -> By:
        """Who asked."""
        return self.asked.reader

    @property
    def settled(self) -> bool:
        """Whether it was answered."""
        return self.answered is not None

    @property
    def until(self) -> None:
        """An answer opens nothing."""
        return None

    @property
    def outcome(self) -> str | None:
        """What was decided; None while it waits."""
        return None if self.answered is None else self.answered.outcome.value


_Waits = TypeVar("_Waits", Glass, Request, MashQuestion)
"""What waits until a second person has settled it."""


class Restriction(NamedTuple):
    """A restriction that stands, and since when."""

    at: datetime
    closed: AccessClosed


@dataclass(slots=True)
class Access:
    """Who may come near a record, beside the practitioners allocated to it."""

    agencies: dict[str, datetime | None] = field(default_factory=dict)
    """Agencies that work with the child, and until when."""
    agency_strands: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """On which strands, where that was said."""
    meetings: list[MeetingConvened] = field(default_factory=list)
    glass: dict[UUID, Glass] = field(default_factory=dict)
    closed: dict[UUID, Restriction] = field(default_factory=dict)
    requests: dict[UUID, Request] = field(default_factory=dict)
    questions: dict[UUID, MashQuestion] = field(default_factory=dict)
    agreed: dict[UUID, datetime] = field(default_factory=dict)
    let_in: list[LetIn] = field(default_factory=list)
    """What lets somebody near, or a name be known, as it was recorded; also what has run out."""
    said_at: dict[LetIn, datetime] = field(default_factory=dict)
    """When that was recorded."""

    def copy(self) -> "Access":
        """Copy the state, so that events can be folded into the copy while others read this one."""
        return Access(
            dict(self.agencies),
            dict(self.agency_strands),
            list(self.meetings),
            dict(self.glass),
            dict(self.closed),
            dict(self.requests),
            dict(self.questions),
            dict(self.agreed),
            list(self.let_in),
            dict(self.said_at),
        )


def answer_of(question: UUID) -> UUID:
    """The place in which the answer to a question to the MASH is sealed."""
    return uuid5(question, "answer")


def why_of(question: UUID) -> UUID:
    """The place in which is sealed why it was answered so."""
    return uuid5(question, "why")


# ------------------------------------------------------------------ decide


def break_glass(
    access: Access, broken: GlassBroken, now: datetime, over: Collection[UUID] = ()
) -> list[AnyAccessEvent]:
    """Record that the glass was broken; while the same is open to the same person, again changes nothing.

    The same is of the same strands, and of the role as it was given to them this time; `over` has ended with
    its role, whatever its hours.
    """
    standing = (glass for id_, glass in access.glass.items() if id_ not in over)
    of_this_grant = (glass for glass in standing if glass.broken.grant == broken.grant)
    same = opened(of_this_grant, broken.reader, broken.purpose, now)
    return [] if same and same.broken.strands == broken.strands else [broken]


def give_review(access: Access, given: GlassReviewGiven, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Give a review to a named person. Raises Refused as a review by them would be; `accounts` are theirs."""
    found = _waiting(access.glass.get(given.glass), given.to, "breaking of the glass", accounts)
    return [] if found.reviewer == given.to else [given]


def review_glass(access: Access, reviewed: GlassReviewed, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Record a review. Raises Refused for none that waits, one's own, or one given to somebody else."""
    found = _waiting(access.glass.get(reviewed.glass), reviewed.by, "breaking of the glass", accounts)
    if found.reviewer is not None and not same_person(found.reviewer, reviewed.by):
        raise Refused("the review was given to another named person")
    return [reviewed]


def close(access: Access, closed: AccessClosed) -> list[AnyAccessEvent]:
    """Record a restriction. Raises Refused where it does not say to whom."""
    to_one_person = closed.what is Closing.BARRED
    if to_one_person and (len(closed.named) != 1 or not closed.interest):
        raise Refused("say who is barred, one person, and why")
    if closed.what is Closing.NOT_SHARED and not closed.agency:
        raise Refused("say with which agency it is not shared")
    if closed.what is Closing.SEALED and not closed.named:
        raise Refused("say who may still see what is sealed")
    return [] if closed.restriction in access.closed else [closed]


def reopen(access: Access, reopened: AccessReopened, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Lift a restriction. Raises Refused where none stands, or a barred person lifts their own bar."""
    found = access.closed.get(reopened.restriction)
    if found is None:
        raise Refused("no such restriction stands")
    if found.closed.what is Closing.BARRED and same_person(found.closed.named[0], reopened.by, accounts):
        raise Refused("nobody lifts their own bar")
    return [reopened]


def ask(access: Access, asked: AccessAsked) -> list[AnyAccessEvent]:
    """Record a request; twice under one id changes nothing."""
    return [] if asked.request in access.requests else [asked]


def answer_request(access: Access, answered: AccessAnswered, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Answer a request. Raises Refused for none that waits, or one's own; to grant one that was of two."""
    found = _waiting(access.requests.get(answered.request), answered.by, "request", accounts)
    if answered.until is not None and found.parted_at is not None:
        raise Refused("it was asked while two records were taken for one child's: it cannot be granted now")
    return [answered]


def answer_question(access: Access, answered: MashAnswered, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Answer a question to the MASH. Raises Refused for none that waits, or one's own; to share of two."""
    found = _waiting(access.questions.get(answered.question), answered.by, "question", accounts)
    if answered.outcome is Told.SHARED and found.parted_at is not None:
        raise Refused("it was asked while two records were taken for one child's: it is asked again")
    return [answered]


def involve(access: Access, involved: AgencyInvolved, now: datetime) -> list[AnyAccessEvent]:
    """Record that an agency works with the child; said again with another end or strand, that counts.

    Raises Refused where it would end before it begins.
    """
    if involved.until is not None and involved.until <= now:
        raise Refused("ends-before-it-begins")
    standing = access.agencies.get(involved.agency, now)
    strands = access.agency_strands.get(involved.agency)
    return [] if (standing, strands) == (involved.until, involved.strands) else [involved]


def end_involvement(access: Access, ended: AgencyInvolvementEnded, now: datetime) -> list[AnyAccessEvent]:
    """Record that an agency's work ended. Raises Refused where none stands."""
    until = access.agencies.get(ended.agency, now)
    if until is not None and until <= now:
        raise Refused("this agency is not recorded as working with the child")
    return [ended]


def convene(convened: MeetingConvened, now: datetime, accounts: Accounts = ()) -> list[AnyAccessEvent]:
    """Record a meeting. Raises Refused for one without members, one that is over, or one's own admission."""
    if not convened.members:
        raise Refused("say who takes part")
    if convened.until <= now:
        raise Refused("ends-before-it-begins")
    if any(same_person(member, convened.by, accounts) for member in convened.members):
        raise Refused("nobody lets themselves in: a second person names you")
    return [convened]


def end_meeting(access: Access, ended: MeetingEnded, now: datetime) -> list[AnyAccessEvent]:
    """End what a meeting's members may do. Raises Refused where none stands: over, or ended before."""
    if not any(m.meeting == ended.meeting and now <= m.until for m in access.meetings):
        raise Refused("no such meeting stands")
    return [ended]


def end_agreement(access: Access, ended: OtherChildAgreementEnded, now: datetime) -> list[AnyAccessEvent]:
    """End that a name may be known. Raises Refused where that is not agreed: run out, or ended before."""
    until = access.agreed.get(ended.other)
    if until is None or until < now:
        raise Refused("no such agreement stands")
    return [ended]


def _waiting(found: _Waits | None, by: By, what: str, accounts: Accounts) -> _Waits:
    """What waits for a second person. Raises Refused for none, one that is settled, or one's own."""
    if found is None:
        raise Refused(f"no such {what}")
    if found.settled:
        raise Refused(f"this {what} was settled before")
    if same_person(found.who, by, accounts):
        raise Refused(f"nobody settles their own {what}: a second person does")
    return found


# ------------------------------------------------------------------ evolve


def said_of_two(access: Access, since: datetime, at: datetime) -> None:
    """End what let somebody near since two records were read as one, now that they are parted again.

    Of which of the two children it was said nobody knows: it lets near neither (decision 103). Where an
    agency's involvement, or an agreement, had been said before and was said again meanwhile, neither counts.
    """
    for id_, glass in access.glass.items():
        if glass.at >= since and glass.parted_at is None:
            access.glass[id_] = glass._replace(parted_at=at)
    for id_, asked in access.requests.items():
        if (asked.answered_at or asked.at) >= since and asked.parted_at is None:
            access.requests[id_] = asked._replace(parted_at=at)
    for id_, question in access.questions.items():
        if question.at >= since and question.parted_at is None:
            access.questions[id_] = question._replace(parted_at=at)
    both = {event for event, said in access.said_at.items() if said >= since}
    for event in both:
        match event:
            case AgencyInvolved():
                access.agencies.pop(event.agency, None)
                access.agency_strands.pop(event.agency, None)
            case OtherChildAgreed():
                access.agreed.pop(event.other, None)
    access.meetings = [one for one in access.meetings if one not in both]
    access.let_in = [one for one in access.let_in if one not in both and _stands(access, one)]


def _stands(access: Access, event: LetIn) -> bool:
    match event:
        case AgencyInvolved():
            return event.agency in access.agencies
        case OtherChildAgreed():
            return event.other in access.agreed
        case MeetingConvened():
            return True


def _let_in(access: Access, event: LetIn, at: datetime) -> None:
    access.let_in.append(event)
    access.said_at[event] = at


def _involved(access: Access, event: AgencyInvolved, at: datetime) -> None:
    access.agencies[event.agency] = event.until
    access.agency_strands[event.agency] = event.strands
    _let_in(access, event, at)


def _involvement_ended(access: Access, event: AgencyInvolvementEnded, at: datetime) -> None:
    access.agencies[event.agency] = at


def _convened(access: Access, event: MeetingConvened, at: datetime) -> None:
    access.meetings.append(event)
    _let_in(access, event, at)


def _meeting_ended(access: Access, event: MeetingEnded, _: datetime) -> None:
    ended = [m for m in access.meetings if m.meeting == event.meeting]
    access.meetings = [m for m in access.meetings if m not in ended]
    access.let_in = [one for one in access.let_in if one not in ended]


def _broken(access: Access, event: GlassBroken, at: datetime) -> None:
    access.glass[event.glass] = Glass(at, event)


def _reviewed(access: Access, event: GlassReviewed, at: datetime) -> None:
    _replace(access.glass, event.glass, reviewed_at=at, reviewed=event)


def _review_given(access: Access, event: GlassReviewGiven, _: datetime) -> None:
    _replace(access.glass, event.glass, reviewer=event.to)


def _met(_access: Access, _event: BarMet, _at: datetime) -> None:
    """That somebody came changes nothing."""


def _closed(access: Access, event: AccessClosed, at: datetime) -> None:
    access.closed[event.restriction] = Restriction(at, event)


def _reopened(access: Access, event: AccessReopened, _: datetime) -> None:
    access.closed.pop(event.restriction, None)


def _asked(access: Access, event: AccessAsked, at: datetime) -> None:
    access.requests[event.request] = Request(at, event)


def _answered(access: Access, event: AccessAnswered, at: datetime) -> None:
    _replace(access.requests, event.request, answered_at=at, answered=event)


def _mash_asked(access: Access, event: MashAsked, at: datetime) -> None:
    access.questions[event.question] = MashQuestion(at, event)


def _mash_answered(access: Access, event: MashAnswered, at: datetime) -> None:
    _replace(access.questions, event.question, answered_at=at, answered=event)


def _replace(held: dict[UUID, _Waits], id_: UUID, **changed: Any) -> None:
    if id_ in held:
        held[id_] = held[id_]._replace(**changed)


def _agreed(access: Access, event: OtherChildAgreed, at: datetime) -> None:
    access.agreed[event.other] = event.until
    _let_in(access, event, at)


def _agreement_ended(access: Access, event: OtherChildAgreementEnded, _: datetime) -> None:
    access.agreed.pop(event.other, None)
    access.let_in = [
        one for one in access.let_in if not (isinstance(one, OtherChildAgreed) and one.other == event.other)
    ]


EVOLVE_ACCESS: dict[type, Callable[[Access, Any, datetime], None]] = {
    AgencyInvolved: _involved,
    AgencyInvolvementEnded: _involvement_ended,
    MeetingConvened: _convened,
    MeetingEnded: _meeting_ended,
    GlassBroken: _broken,
    GlassReviewed: _reviewed,
    GlassReviewGiven: _review_given,
    BarMet: _met,
    AccessClosed: _closed,
    AccessReopened: _reopened,
    AccessAsked: _asked,
    AccessAnswered: _answered,
    MashAsked: _mash_asked,
    MashAnswered: _mash_answered,
    OtherChildAgreed: _agreed,
    OtherChildAgreementEnded: _agreement_ended,
}
