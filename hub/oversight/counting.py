"""Counts what the projections have drawn: what became of flags and shares, clocks met and missed. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from hub.domain.child import FlagDecision
from hub.oversight.hiding import LEAST
from hub.patterns.flags import Flag
from hub.patterns.life import WAITING, State
from hub.protocol.obligation import State as Due
from hub.protocol.worklist import Item
from hub.sharing import considered
from hub.sharing.considered import Considered

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

BECAME = {
    considered.WAITS: "waiting for an answer",
    considered.DECIDED: "to be shared",
    considered.SHARED: "shared",
    considered.WITHHELD: "withheld",
    considered.NOTHING: "nothing to share",
}
SHARES = tuple(BECAME.values())
"""What became of a share that was considered: each stands in one of these."""
WITHHELD = BECAME[considered.WITHHELD]
CAME_UP = {
    considered.BEYOND: "considered beyond those at the table",
    considered.AGENCY: "asked of an agency for an enquiry",
    considered.MASH: "asked of the MASH",
    considered.CLOSED: "entries kept from an agency",
    considered.SCHOOL: "a school told of domestic abuse (Operation Encompass)",
    considered.DUTY: "a mandatory report of child sexual abuse",
}
TOLD = {"both": "child and family told", "family": "the family told", "child": "the child told"}
TOLD |= {considered.NOT_SAID: NOT_SAID, "": "not asked, or not shared"}
WHY = "Withheld, by why"
NO_OBJECTION = "nobody is recorded to have objected"

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


def shares(found: Iterable[Considered]) -> Mapping[str, Counts]:
    """Every share that was considered, divided six ways, by the table's name; and why some were withheld."""
    found = tuple(found)

    def by(words: Callable[[Considered], str]) -> Counts:
        return _counted((words(one), BECAME[one.became]) for one in found)

    return {
        "Shares by year": by(lambda one: str(one.year)),
        "Shares by how they came up": by(lambda one: CAME_UP[one.came_up]),
        "Shares by what for": by(lambda one: _words(one.purpose) or "not asked"),
        "Shares by how far": by(lambda one: _words(one.how_far) or "not asked, or not shared"),
        "Shares by who was told": by(lambda one: TOLD.get(one.told) or f"not told: {_words(one.told)}"),
        "Shares by objection": by(
            lambda one: f"objection: {_words(one.objection)}" if one.objection else NO_OBJECTION
        ),
        WHY: _counted((_words(one.why), WITHHELD) for one in found if one.became == considered.WITHHELD),
    }


def _words(code: str) -> str:
    return code.replace("-", " ")


def _counted(found: Iterable[tuple[str, str]]) -> Counts:
    counts: Mapping[tuple[str, str], int] = Counter(found)
    table: Counts = {}
    for (row, column), count in sorted(counts.items()):
        table.setdefault(row, {})[column] = count
    return table
