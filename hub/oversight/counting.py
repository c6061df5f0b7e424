"""Counts what the projections have drawn: flags by what became of them, clocks met and missed. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from hub.domain.child import FlagDecision
from hub.oversight.hiding import LEAST
from hub.patterns.flags import Flag
from hub.patterns.life import WAITING, State
from hub.protocol.obligation import State as Due
from hub.protocol.worklist import Item

FLAGS = ("waiting to be seen", "seen", "acted on", "held by a plan", "not a concern", "gone")
"""What became of a flag: each stands in one of these."""
CLOCKS = ("met in time", "met late", "overdue", "still running")
"""How a clock of the guidance stands: each stands in one of these."""
DECIDED = {
    FlagDecision.ACTED_ON: "acted on",
    FlagDecision.HELD_BY_PLAN: "held by a plan",
    FlagDecision.NOT_A_CONCERN: "not a concern",
}
STOOD = {Due.MET: "met in time", Due.MET_LATE: "met late", Due.OVERDUE: "overdue"}
NOT_COUNTED = (Due.SUPERSEDED, Due.CANNOT_TELL)
NOT_SAID = "not said"
OTHERS = f"others, and groups with fewer than {LEAST}"

Counts = dict[str, dict[str, int]]


def became(flag: Flag) -> str:
    """What became of a flag, in the words of `FLAGS`."""
    if not flag.standing:
        return "gone"
    if flag.state in WAITING:
        return "waiting to be seen"
    if flag.state is State.REVIEWED and flag.decision is not None:
        return DECIDED[flag.decision]
    return "seen"


def flags_by_pattern(flags: Iterable[Flag]) -> Counts:
    """How many flags of each pattern came to what."""
    return _counted((f"{flag.pattern} {flag.name}", became(flag)) for flag in flags)


def flags_by_group(flags: Iterable[tuple[str | None, Flag]]) -> Counts:
    """The same by a characteristic of the child; groups too small to be shown stand together."""
    found = _counted((group or NOT_SAID, became(flag)) for group, flag in flags)
    small = [name for name, counts in found.items() if name != NOT_SAID and sum(counts.values()) < LEAST]
    if small:
        found[OTHERS] = dict(sum((Counter(found.pop(name)) for name in small), Counter[str]()))
    return found


def clocks(items: Iterable[Item]) -> Counts:
    """How many clocks of each row of the guidance were met, met late or missed, or still run."""
    return _counted(
        (f"{item.obligation} {item.title}", STOOD.get(Due(item.state), "still running"))
        for item in items
        if item.due_at is not None and item.state not in NOT_COUNTED
    )


def _counted(found: Iterable[tuple[str, str]]) -> Counts:
    counts: Mapping[tuple[str, str], int] = Counter(found)
    table: Counts = {}
    for (row, column), count in sorted(counts.items()):
        table.setdefault(row, {})[column] = count
    return table
