"""A feed: an agency's stream, and when it was last heard. Absence counts only on a live feed."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from hub.domain.child import By, StoodOn
from hub.domain.pepper import AnyPepperEvent, PepperEvent


class FeedHeard(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="heard"):
    """A heartbeat of an agency's feed was taken in: nothing sent before it is still to come."""

    agency: str


class StoreFounded(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="founded"):
    """The first event of a store: `demo` or `live` is a property of the data, never a switch."""

    kind: str


class DeliveriesGivenUp(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="given-up"):
    """The bus had lost what the hub would have read; a named person let it go on without."""

    topic: str
    partition: int
    first: int
    following: int
    by: By
    reason: str


class TopicMet(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="topic-met"):
    """From here on the hub's offsets in this topic count on the one of this id: one made anew has another."""

    topic: str
    id: str


class BusKeyRolled(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="bus-key-rolled"):
    """Agencies seal to this key of the hub from now on; the private halves of those named are destroyed."""

    kid: str
    destroyed: tuple[str, ...]


class KeyRotating(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="key-rotating"):
    """A newer key-encryption key of a scope is being made, this version, and data keys wrapped under it."""

    scope: str
    version: int


class KeyRotated(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="key-rotated"):
    """So many data keys are under this version from now on; `unreadable` do not open.

    `by` had it done; None: the running hub by itself.
    """

    scope: str
    version: int
    keys: int
    unreadable: int
    by: By | None


class PolicyInUse(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="policy-in-use"):
    """Something was shown under this policy for the first time.

    Both texts are kept, so that what was shown then can be explained, and shown again, by the rules of then.
    `name` is its version and digest, as it stands on disclosures.
    """

    name: str
    policy: bytes
    agreements: bytes


class PolicyAdopted(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="policy-adopted"):
    """A named person adopted this policy for the partnership (security.md 3.2).

    `name` as on `PolicyInUse`; `before` the policy adopted until then, else the last that was in use; empty:
    none. `called`: what people call this version; empty where nobody said.
    """

    name: str
    before: str
    by: By
    called: str = ""


class KeyChange(StrEnum):
    """What became of an agency's key."""

    TAKEN_ON = "taken-on"
    ENDED = "ended"
    STOLEN = "stolen"


class AgencyKeyChanged(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="agency-key-changed"):
    """Somebody had the hub take an agency's public key on, end it, or believe nothing that it signed.

    `by` is who signed in, else the machine's user, in the role of operator (decision 54).
    """

    agency: str
    key: str
    what: KeyChange
    by: By


class Inspected(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="inspected"):
    """An auditor was told something of several children's records at once; `about` is the person it is of.

    What is told of one child stands in that child's record instead. What follows the digest says what it is
    drawn again from; it is empty in those of before it was kept.
    """

    by: By
    question: str
    about: str
    digest: bytes
    asked: Mapping[str, str] = {}
    drawn_at: datetime | None = None
    policy: str = ""
    stood_on: StoodOn | None = None


class SubjectAccessPrepared(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="subject-access-prepared"
):
    """A child's record was prepared for who asked for it; handed out once a second person says so.

    `held` names entries that are left out, each with its ground; `digest` is of the whole export as it was
    drawn at `drawn_at` from the records at these `versions`. `due` is a month after it was asked for. Of
    entries that are `untold` the export has no trace; each stands here with its ground. `confirmed`: those of
    which the person who prepared it let the export say that they are there.
    """

    request: UUID
    child: UUID
    asker: str
    asked_on: date
    due: date
    drawn_at: datetime
    versions: tuple[tuple[UUID, int], ...]
    held: tuple[tuple[UUID, str], ...]
    digest: bytes
    by: By
    untold: tuple[tuple[UUID, str], ...] = ()
    confirmed: tuple[UUID, ...] = ()


class ControllerAnswered(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="controller-answered"
):
    """An agency whose words are in an export said whether they may be handed out; `by` recorded it.

    `answer` is a code of `hub.audit.subject_access`, `said_by` who said it there, by role or profession.
    """

    request: UUID
    agency: str
    answer: str
    said_by: str
    by: By


class SubjectAccessApproved(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="subject-access-approved"
):
    """A second person approved the export as it was prepared, and it was handed out.

    `unanswered`: the agencies whose words are in it and that had not answered, as the person was told.
    """

    request: UUID
    by: By
    unanswered: tuple[str, ...] = ()


class SubjectAccessRefused(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="subject-access-refused"
):
    """It is not handed out as it was prepared, and why."""

    request: UUID
    by: By
    reason: str


class ProsecutionPrepared(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="prosecution-prepared"
):
    """What a named request asks for of a child's record was prepared, to be handed out once another approves.

    `reference` and `basis` are the request's own, `asked_by` the named person and body it comes from. It asks
    for what is of these `strands` and of neither, of these `agencies` (none: all), that happened `since` and
    `until` these days, and by name for further `scopes`. `held`, `versions`, `drawn_at`, `digest` as of
    subject access.
    """

    request: UUID
    child: UUID
    reference: str
    basis: str
    asked_by: str
    strands: tuple[str, ...]
    agencies: tuple[str, ...]
    since: date | None
    until: date | None
    scopes: tuple[str, ...]
    drawn_at: datetime
    versions: tuple[tuple[UUID, int], ...]
    held: tuple[tuple[UUID, str], ...]
    digest: bytes
    by: By


class ProsecutionApproved(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="prosecution-approved"
):
    """A second person approved it as it was prepared, and it was handed out."""

    request: UUID
    by: By


class ProsecutionRefused(
    msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="prosecution-refused"
):
    """It is not handed out as it was prepared, and why."""

    request: UUID
    by: By
    reason: str


class OwnCircumstances(msgspec.Struct, frozen=True, array_like=True, kw_only=True, tag="own-circumstances"):
    """Keyed hashes of a practitioner's own family names and homes, as they declared them; the last stands."""

    person: str
    agency: str
    hashes: tuple[bytes, ...]
    by: By


SubjectAccessEvent = (
    SubjectAccessPrepared,
    ControllerAnswered,
    SubjectAccessApproved,
    SubjectAccessRefused,
)
ProsecutionEvent = (ProsecutionPrepared, ProsecutionApproved, ProsecutionRefused)
HubEvent = (
    *(FeedHeard, StoreFounded, DeliveriesGivenUp, TopicMet, BusKeyRolled, PolicyInUse, PolicyAdopted),
    *(Inspected, OwnCircumstances, AgencyKeyChanged, KeyRotating, KeyRotated),
    *SubjectAccessEvent,
    *ProsecutionEvent,
    PepperEvent,
)
AnyHubEvent = (
    FeedHeard
    | StoreFounded
    | DeliveriesGivenUp
    | TopicMet
    | BusKeyRolled
    | KeyRotating
    | KeyRotated
    | PolicyInUse
    | PolicyAdopted
    | AgencyKeyChanged
    | Inspected
    | OwnCircumstances
    | SubjectAccessPrepared
    | SubjectAccessApproved
    | SubjectAccessRefused
    | ControllerAnswered
    | ProsecutionPrepared
    | ProsecutionApproved
    | ProsecutionRefused
    | AnyPepperEvent
)
