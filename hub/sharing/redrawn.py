"""A child's flags as one reader is shown them who is not the front door: drawn again from what they may read.

One place, for whoever shows flags and for whoever tells of them: nobody is told of a flag they would not be
shown (security.md 3.6).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.knowledge import Known
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.firing import RESTRICTED
from hub.patterns.flags import Flag, Flags
from hub.patterns.flags import flags as draw_flags
from hub.patterns.settings import Settings
from hub.sharing.drawing import Rest, reviews_of
from hub.sharing.look import Look


class Redrawn(NamedTuple):
    """Flags; when to look again though nothing comes; the agencies whose being heard would settle more.

    `beside` is what rules say beside flags, of what this reader reads.
    """

    flags: list[Flag]
    look_at: datetime | None
    awaits: frozenset[str]
    beside: Rest


def drawn_again(view: Look, settings: Settings, feeds: Mapping[str, datetime]) -> Redrawn:
    """From what they read; and for a role that is told, what stands on a restricted entry they read."""
    own = _drawn_of(view, view.known_again(), settings, feeds)
    beside = Rest(tuple(own.notes), tuple(own.untold))
    if not view.policy.roles[view.role].told:
        return Redrawn(own.flags, own.look_at, own.awaits, beside)
    ids = {flag.id for flag in own.flags}
    more = _drawn_of(view, view.known_again(told=True), settings, feeds)
    flags = [*own.flags, *(flag for flag in more.flags if flag.id not in ids and is_restricted(flag))]
    look_at = min((at for at in (own.look_at, more.look_at) if at is not None), default=None)
    return Redrawn(flags, look_at, own.awaits | more.awaits, beside)


def is_restricted(flag: Flag) -> bool:
    """Whether it stands on a restricted entry."""
    return any(piece.kind == RESTRICTED for piece in flag.firing.evidence)


def _drawn_of(view: Look, known: list[Known], settings: Settings, feeds: Mapping[str, datetime]) -> Flags:
    kinds = {one.fact.kind for one in known}
    return draw_flags(
        [child.id for child in view.people],
        known,
        now=view.now,
        feeds=view.hears(feeds),
        reviews=reviews_of(view.people),
        settings=settings,
        patterns=[rule for rule in CATALOGUE if not rule.crosses and not kinds.isdisjoint(rule.reads)],
    )
