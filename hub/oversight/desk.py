"""The partnership's desk: feeds, flags, clocks, shares, the equality report: small counts are hidden."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import msgspec

from hub.domain.child import restrictions_of
from hub.errors import NotAllowed, Unavailable
from hub.oversight.characteristics import CHARACTERISTICS, of
from hub.oversight.counting import (
    CLOCKS,
    FLAGS,
    SHARES,
    WHY,
    WITHHELD,
    clocks,
    flags_by_group,
    flags_by_pattern,
    shares,
)
from hub.oversight.hiding import RULE, Counted, Table, only, shown
from hub.patterns.catalogue import BY_CODE
from hub.patterns.flags import Flag
from hub.protocol.packs import Packs
from hub.protocol.worklist import Item
from hub.records import Records
from hub.sharing.considered import Considered
from hub.sharing.drawing import Less, Rest
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from schemas.vocabulary import Agency

PARTNERS = frozenset({"information-governance-lead", "auditor", "inspector"})
"""Roles that read no record and answer for the whole, or inspect it."""
PURPOSE = "audit"


class Feed(msgspec.Struct, frozen=True):
    """An agency's feed: when it was last heard (None: never), and whether it is silent."""

    agency: str
    heard_at: datetime | None
    silent: bool


class Report(msgspec.Struct, frozen=True):
    """What the partnership is shown. `rule` says which numbers are hidden, in words."""

    drawn_at: datetime
    silent_after_hours: int
    feeds: tuple[Feed, ...]
    clocks: Table
    flags: Table
    equality: tuple[Table, ...]
    shares: tuple[Table, ...]
    """The same shares, considered anywhere, divided several ways; the last: why some were withheld."""
    rule: str = RULE


class Drawn(Protocol):
    """What the projections have drawn, on every child."""

    @property
    def packs(self) -> Packs:
        """The procedures, by date."""

    def whole(self) -> bool:
        """Whether all is drawn that the policy in force asks, where another was adopted."""

    def worklists(self) -> Mapping[UUID, list[Item]]:
        """What the protocol asks for."""

    def every_flag(self) -> Mapping[UUID, list[Flag]]:
        """Every flag there is or was."""

    def unrestricted(self, child: UUID) -> Less:
        """What is known of other children without entries whose processing is restricted."""

    def knowing(self, child: UUID, less: Less) -> tuple[list[Flag], Rest]:
        """A child's flags, and what is said beside, as if no more were known of those children."""

    def shares(self) -> Iterable[Considered]:
        """Every share that was considered."""

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""


class Partnership:
    """Counts over all children, for those who answer for the whole. No child is shown or disclosed."""

    def __init__(self, records: Records, policy: Callable[[], Policy], drawn: Drawn) -> None:
        self._records, self._policy, self._drawn = records, policy, drawn

    def report(self, reader: Reader) -> Report:
        """The report as it stands now. Raises NotAllowed for any other role or purpose.

        Raises Unavailable while what it counts is drawn anew, under a policy just adopted.
        """
        self._may_ask(reader)
        if not self._drawn.whole():
            raise Unavailable("what it counts is drawn anew, under the policy just adopted: ask again later")
        now = self._records.clock()
        flags = {child: self._counted(child, some) for child, some in self._drawn.every_flag().items()}
        tables = [Counted("Flags by pattern", flags_by_pattern(f for some in flags.values() for f in some))]
        tables += self._by_group(flags)
        by_pattern, *equality = shown(tables, FLAGS)
        asked = (item for items in self._drawn.worklists().values() for item in items)
        (clock_table,) = shown([Counted("Clocks of the guidance", clocks(asked))], CLOCKS)
        after = self._drawn.packs.at(now).feed_silent_hours
        return Report(
            now,
            after,
            tuple(self._feeds(now, timedelta(hours=after))),
            clock_table,
            by_pattern,
            tuple(equality),
            self._shares(),
        )

    def _counted(self, child: UUID, flags: list[Flag]) -> list[Flag]:
        """The flags that may be counted: none that rests on an entry whose processing is restricted.

        On the child's own record, or on another's: then it is not drawn so without that entry.
        """
        restricted = restrictions_of(self._records.person(child)) if flags else ()
        flags = [flag for flag in flags if not flag.rests_on(restricted)] if restricted else flags
        across = [flag for flag in flags if BY_CODE[flag.pattern].crosses]
        less = self._drawn.unrestricted(child) if across else None
        if not less:
            return flags
        again = self._drawn.knowing(child, less)[0]
        return [flag for flag in flags if flag not in across or flag in again]

    def _may_ask(self, reader: Reader) -> None:
        policy = self._policy()
        policy.check_in_force(self._records.clock())
        role = policy.role_at(reader.by.role, reader.by.agency)
        if reader.by.role not in PARTNERS or role is None:
            raise NotAllowed("Your role has no partnership's desk")
        if reader.purpose not in role.purposes:
            raise NotAllowed("Your role may not look for this purpose")

    def _shares(self) -> tuple[Table, ...]:
        """Counted together, so that no table lets a number of another be worked out."""
        tables = [Counted(name, counts) for name, counts in shares(self._drawn.shares()).items()]
        return tuple(only(one, WITHHELD) if one.name == WHY else one for one in shown(tables, SHARES))

    def _by_group(self, flags: Mapping[UUID, list[Flag]]) -> list[Counted]:
        said = {
            child: of(self._records, self._records.person(child)) for child, some in flags.items() if some
        }
        return [
            Counted(words, flags_by_group((said[child].get(name), f) for child in said for f in flags[child]))
            for name, words in CHARACTERISTICS.items()
        ]

    def _feeds(self, now: datetime, after: timedelta) -> Iterable[Feed]:
        heard = self._drawn.feeds()
        for agency in Agency:
            at = heard.get(agency.value)
            yield Feed(agency.value, at, at is None or now - at > after)
