"""Flags as a reader is shown them: drawn again from what they may read, raised to them, or released."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from hub.domain.child import By, Child, FlagReleased, FlagReleaseEnded
from hub.patterns.catalogue import BY_CODE
from hub.patterns.explain import explain
from hub.patterns.firing import Alone, Firing, Piece
from hub.patterns.flags import Flag
from hub.patterns.life import State
from hub.patterns.settings import Settings
from hub.protocol.packs import Packs
from hub.protocol.worklist import Item
from hub.sharing.deeds import Deed
from hub.sharing.drawing import Less, Rest
from hub.sharing.front_door import FrontDoor
from hub.sharing.policy import Policy, Tier
from hub.sharing.view import Withheld
from schemas.vocabulary import Agency

UNNAMED = "Part of what stands behind this is not named here."


class Raised(Protocol):
    """What was drawn of a child: by the projections, for the front door."""

    @property
    def settings(self) -> Settings:
        """The numbers the rules go by."""

    @property
    def packs(self) -> Packs:
        """The procedures the protocol goes by, each from the day it came into effect."""

    @property
    def door(self) -> FrontDoor:
        """Through whose eyes they were drawn."""

    def stands(self, policy: Policy) -> bool:
        """Whether that is what this policy's front door sees, and all is drawn."""

    def flags(self, child: UUID) -> list[Flag]:
        """The flags of a child."""

    def beside(self, child: UUID) -> Rest:
        """What rules say of a child beside flags."""

    def knowing(self, child: UUID, less: Less) -> tuple[list[Flag], Rest]:
        """Both, drawn again now as if of these other children no more were known than this."""

    def crossed(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's flags may be drawn otherwise, at the least."""

    def worklist(self, child: UUID) -> list[Item]:
        """What the protocol asks for on a child."""

    def involved(self, child: UUID) -> Iterable[UUID]:
        """The other children by whom the child's worklist may be drawn otherwise, at the least."""

    def tied(self, hashed: str) -> Iterable[UUID]:
        """Children whose worklist is tied to the child of this keyed hash, that child among them."""

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""

    def drawn_to(self) -> int:
        """The position of the last event that was drawn."""


class SharedFlag(msgspec.Struct, frozen=True, omit_defaults=True):
    """A flag as one reader may see it: a question to people, never a finding.

    `evidence` are the entries this reader may read; `withheld` names agencies that hold others, and whom to
    ring. `lines` is all of it in plain words. A flag that was released to a role says its fixed words alone.
    """

    id: UUID
    pattern: str
    name: str
    says: str
    state: str
    severity: int
    raised_at: datetime
    lines: tuple[str, ...] = ()
    evidence: tuple[Piece, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    alone: tuple[Alone, ...] = ()
    acknowledge_by: datetime | None = None
    decision: str | None = None
    days_earlier: int = 0
    released: bool = False
    expires_at: datetime | None = None
    owner: By | None = None
    owner_left: bool = False
    """Who had it in hand has that role here no longer: it is in nobody's hands."""
    disagreed: int = 0
    deeds: tuple[Deed, ...] = ()
    """What people did about it, as far as this reader may know."""


Sight = Callable[[str], tuple[Tier, bool]]
"""What a reader gets of an entry, by its id, and whether it is a restricted one."""


RESTRICTED = "an entry this rests on is restricted: it is read to protect a child, and for no other purpose"
DISPUTED = "somebody says that an entry this rests on is not right: see the chronology"


def shown(
    flag: Flag,
    settings: Settings,
    sight: Sight,
    policy: Policy,
    done: tuple[Deed, ...] = (),
    disputed: Collection[str] = (),
    restricted: Collection[str] = (),
    *,
    owner_left: bool = False,
) -> SharedFlag:
    """Show a flag as far as a reader sees its evidence; the rest is named by agency unless restricted.

    `disputed`: ids of entries that somebody says are not right; `restricted`: of those whose processing is
    restricted. Either is said where this reader reads one.
    """
    firing = flag.firing
    seen = [(piece, *sight(piece.entry)) for piece in firing.evidence]
    evidence = tuple(piece for piece, tier, _ in seen if tier is Tier.READ)
    known = {p.family for p, tier, restricted in seen if tier is Tier.KNOWS and not restricted}
    withheld = tuple(Withheld("entry", family, policy.contacts[Agency(family)]) for family in sorted(known))
    unnamed = len(evidence) + sum(1 for p, tier, r in seen if tier is Tier.KNOWS and not r) < len(seen)
    told = _told(firing, evidence, known)
    lines = explain(told, BY_CODE[flag.pattern], settings).lines
    rings = tuple(
        f"{w.agency.replace('-', ' ')} holds an entry that belongs here; ring {w.contact}" for w in withheld
    )
    marks = tuple(
        mark
        for mark, marked in ((DISPUTED, disputed), (RESTRICTED, restricted))
        if any(piece.entry in marked for piece in evidence)
    )
    return SharedFlag(
        id=flag.id,
        pattern=flag.pattern,
        name=flag.name,
        says=flag.says,
        state=flag.state.value,
        severity=flag.severity,
        raised_at=flag.raised_at,
        lines=(*lines, *rings, *((UNNAMED,) if unnamed else ()), *marks),
        evidence=evidence,
        withheld=withheld,
        alone=told.alone,
        acknowledge_by=flag.acknowledge_by,
        decision=flag.decision.value if flag.decision else None,
        days_earlier=firing.days_earlier,
        expires_at=flag.expires_at,
        owner=flag.owner,
        owner_left=owner_left,
        disagreed=flag.disagreed,
        deeds=done,
    )


def released(
    people: Iterable[Child], role: str, seen: Collection[UUID], settings: Settings, now: datetime
) -> list[SharedFlag]:
    """Flags a named person released to a role: the rule's fixed words, and nothing of what stands behind.

    What is shown follows from what people did alone: from the release on, for the term of a flag, until it is
    taken back. Were it drawn from the flag, what becomes of hidden evidence would shine through.
    """
    term = timedelta(days=settings.life.expires_days.value)
    acts = ((flag, at, act) for child in people for flag, acts in child.flags.items() for at, act in acts)
    found: dict[UUID, SharedFlag] = {}
    for flag, at, act in sorted(acts, key=lambda one: one[1]):
        if isinstance(act, FlagReleaseEnded):
            found.pop(flag, None)
        elif isinstance(act, FlagReleased) and role in act.roles and act.pattern in BY_CODE:
            found[flag] = _released(flag, at, act, term)
    return [one for id_, one in found.items() if id_ not in seen and now < (one.expires_at or now)]


def _released(flag: UUID, at: datetime, act: FlagReleased, term: timedelta) -> SharedFlag:
    return SharedFlag(
        id=flag,
        pattern="",
        name="Released to your role",
        says=BY_CODE[act.pattern].tells,
        state=State.RAISED.value,
        severity=1,
        raised_at=at,
        released=True,
        expires_at=at + term,
    )


def _told(firing: Firing, evidence: tuple[Piece, ...], known: Iterable[str]) -> Firing:
    """The firing as it is told: only of what may be named, counted over that alone."""
    named = {p.family for p in evidence} | set(known)
    count = len(evidence)
    alone = tuple(
        msgspec.structs.replace(a, pieces=sum(p.family == a.family for p in evidence), of=count)
        for a in firing.alone
        if a.family in named
    )
    by = tuple(family for family in firing.completed_by if family in named)
    protects = tuple(p for p in firing.protects if p.family in named)
    return msgspec.structs.replace(
        firing, evidence=evidence, alone=alone, completed_by=by, elsewhere=0, protects=protects
    )
