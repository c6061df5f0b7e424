"""Flags and due dates as text: short enough to read down, each with its evidence or its source."""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from hub.commands.saying import when
from hub.commands.text import WIDTH
from hub.protocol.worklist import Item
from hub.sharing.flagging import SharedFlag

STATES = {
    "overdue": "OVERDUE",
    "due-soon": "due soon",
    "open": "open",
    "cannot-tell": "cannot tell",
    "prompt": "to do",
    "met-late": "met, late",
    "met": "met",
    "superseded": "superseded",
}
FALLEN = ("withdrawn", "expired")
LEFT = 13
"""Columns of a state."""


def flag_text(flag: SharedFlag) -> Iterator[str]:
    """A flag: the question, its evidence, and that no agency alone would have raised it."""
    raised = when(flag.raised_at)
    stands = f"raised {raised}" if flag.state == "raised" else f"{flag.state}, first raised {raised}"
    yield from _wrapped(f"{flag.name.upper()} · {stands} · severity {flag.severity}", 5, flag.pattern)
    if flag.state in FALLEN:
        yield "     It stood for a time and no longer does; it is kept, never silently gone."
        return
    yield from _wrapped(flag.says, 5)
    for piece in flag.evidence:
        kind = piece.kind.replace("-", " ")
        yield f"{'':<9}{when(piece.at, 'day'):<17}{piece.family.replace('-', ' '):<15}{kind}"
    for withheld in flag.withheld:
        yield f"{'':<9}{withheld.agency.replace('-', ' ')} holds more: ring {withheld.contact}"
    yield from _wrapped(_proof(flag), 5)
    yield f"     Why, in full: hub explain {str(flag.id)[:8]}"


def due_text(items: Iterable[Item]) -> Iterator[str]:
    """What the guidance asks for on one child, by how it stands: what, of whom, by when, and its source."""
    for state, group in groupby(items, lambda item: item.state):
        label = STATES.get(state, state)
        for found in group:
            yield from _wrapped(_asked(found), LEFT, label)
            label = ""


# ------------------------------------------------------------


def _proof(flag: SharedFlag) -> str:
    """The ablation in a sentence (patterns 3.1 point 4)."""
    seen = ", ".join(f"{one.family.replace('-', ' ')} {one.pieces} of {one.of}" for one in flag.alone)
    if any(one.holds for one in flag.alone):
        return f"Pieces of the evidence: {seen}."
    days = "a day" if flag.days_earlier == 1 else f"{flag.days_earlier} days"
    earlier = f" Had entries arrived as things happened, it could have been seen {days} earlier."
    return f"No agency alone would have raised it: {seen}." + (earlier if flag.days_earlier else "")


def _asked(found: Item) -> str:
    by = f"by {when(found.due_at)}" if found.due_at else f"no time is set, asked since {when(found.start)}"
    met = f"; met {when(found.met_at)}" if found.met_at else ""
    why = f"; {found.why}" if found.why else ""
    departs = "it was late" if found.met_at else "the guidance asks for it"
    reason = f"; {departs}, and no reason is recorded" if found.asks_reason else ""
    line = found.source.partition(";")[0]
    return f"{found.title}: {found.asks} ({found.of}), {by}{met}{why}{reason} [{found.obligation}, {line}]"


def _wrapped(text: str, indent: int, label: str = "") -> list[str]:
    lines = textwrap.wrap(text, WIDTH - indent, subsequent_indent="  " if label or indent == LEFT else "")
    return [f"{label if not n else '':<{indent}}{line}" for n, line in enumerate(lines)]
