"""A rule tried on every child the hub holds, for a coordinator: recorded first, then shown."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from hub.backtest.trying import Fired, Tried, fired, together, tried
from hub.domain.child import Child, Disclosed, restrictions_of
from hub.domain.entry import Entry
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.patterns.catalogue import BY_CODE
from hub.patterns.flags import Flag
from hub.patterns.rule import Pattern
from hub.patterns.settings import Settings
from hub.records import Records
from hub.records.reading import UNRESTRICTED, Parted, known_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.drawing import Less, Rest
from hub.sharing.front_door import FrontDoor
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Policy, Tier
from hub.sharing.share import Share

Redrawn = Callable[[tuple[Child, ...], Settings, Less], tuple[list[Flag], Rest]]
"""Draws a child's flags again under other numbers, with what stands on others' records, or less."""


class Drawn(Protocol):
    """What the projections know."""

    @property
    def door(self) -> FrontDoor:
        """Through whose eyes they were drawn."""

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""

    def unrestricted(self, child: UUID, less: Less) -> Less:
        """What is known of other children without entries whose processing is restricted."""


class _Trial:
    """What the front door sees, of entries whose processing is not restricted."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn

    def signals(self, records: Sequence[Child], signals: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._drawn.door.signals(records, signals)

    def sees(self, records: Sequence[Child], entry: Entry) -> bool:
        return UNRESTRICTED.sees(records, entry) and self._drawn.door.sees(records, entry)


class Backtest:
    """Tries rules on the history of all children, as far as each flag would be raised to the reader.

    What a reader is shown of a child is recorded of that child first; of children that are not theirs only
    that there are so many. Drawn from all there is and filtered afterwards, a flag with numbers from a file
    would tell of what is sealed or restricted (security.md 3.6). An entry whose processing is restricted has
    no part in it: a trial protects no child (decision 86).
    """

    def __init__(
        self, records: Records, policy: Callable[[], Policy], share: Share, drawn: Drawn, redrawn: Redrawn
    ) -> None:
        self._records, self._policy, self._share = records, policy, share
        self._drawn, self._redrawn, self._trial = drawn, redrawn, _Trial(drawn)

    def rule(self, code: str) -> Pattern:
        """The rule of a code. Raises Refused where there is none."""
        rule = BY_CODE.get(code.upper())
        if rule is None:
            raise Refused(f"no such pattern; there are: {', '.join(BY_CODE)}")
        return rule

    def tried(
        self, reader: Reader, code: str, sides: list[Settings], done: Callable[[int], None]
    ) -> list[Tried]:
        """Try a rule under each of these settings. Raises NotAllowed for who is no coordinator, Refused."""
        rule = self.rule(code)
        policy = self._policy()
        role = policy.roles.get(reader.by.role)
        if role is None or not role.coordinates:
            raise NotAllowed("Only the coordinator may try a rule on all children")
        found: list[list[Fired]] = [[] for _ in sides]
        roots = [id_ for id_ in self._records.children() if self._records.child(id_).joined_into is None]
        for id_ in roots:
            with suppress(UnknownChild):
                view = Look(self._records, policy, reader, id_, None)
                for fired_, settings in zip(found, sides, strict=True):
                    fired_.extend(self._of(reader, view, rule, settings))
            done(1)
        return [
            together(rule, settings, len(roots), self._shown(reader, policy, fired_))
            for fired_, settings in zip(found, sides, strict=True)
        ]

    def _of(self, reader: Reader, view: Look, rule: Pattern, settings: Settings) -> list[Fired]:
        people, whole = view.people, self._share.raised_to(reader, view)
        parted = self._parted(reader, people)
        known = (
            known_of(people, self._records.keys, parted, self._trial)
            if whole
            else [one for one in view.known_again() if one.fact.entry not in view.restrictions]
        )
        ids = [child.id for child in people]
        if not rule.crosses:
            return tried(rule, ids, known, settings, self._records.clock(), self._drawn.feeds())
        # Nothing across children is drawn for others.
        less = self._drawn.unrestricted(ids[0], self._share.less(reader, ids[0])) if whole else {}
        again = self._redrawn(people, settings, less)[0] if whole else ()
        mine = (flag for flag in again if flag.pattern == rule.code)
        return [fired(ids[0], flag, known) for flag in mine if not flag.rests_on(restrictions_of(people))]

    def _parted(self, reader: Reader, people: tuple[Child, ...]) -> tuple[Parted, ...]:
        """What was once read with the child's, but what is closed by now."""
        parted = self._records.once_theirs(people)
        less = self._share.less(reader, people[0].id) if parted else {}
        shut = self._drawn.door.shut
        return tuple(one for one in parted if one.read_as[0].id not in less and not shut(one.read_as))

    def _shown(self, reader: Reader, policy: Policy, found: list[Fired]) -> list[Fired]:
        """Only what this reader may read of the evidence, and that they were shown it recorded first."""
        shown: list[Fired] = []
        for one in found:
            try:
                view = Look(self._records, policy, reader, one.child, None)
            except UnknownChild:
                continue
            pieces = tuple(p for p in one.evidence if view.sight(p.entry)[0] is Tier.READ)
            named = tuple(sorted({piece.family for piece in pieces}))
            told = msgspec.structs.replace(one, evidence=pieces, families=named)
            Disclosures(self._records).record(policy, one.child, _disclosed(reader, view, told))
            shown.append(told)
        return shown


def _disclosed(reader: Reader, view: Look, told: Fired) -> Disclosed:
    return Disclosed(
        reader=reader.by,
        purpose=reader.purpose,
        basis=view.policy.purposes[reader.purpose],
        policy=view.policy.name,
        question="backtest",
        scopes=tuple(sorted(view.read)),
        version=view.version,
        known_at=None,
        digest=hashlib.sha256(msgspec.json.encode(told)).digest(),
    )


def named_child(id_: UUID) -> str:
    """A child's id as tables and pictures say it."""
    return id_.hex[:8]
