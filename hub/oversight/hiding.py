"""Small numbers are not shown, and nothing that is shown lets one be worked out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

LEAST = 5
"""The smallest count that is shown, besides none at all."""
RULE = (
    f"Counts from 1 to {LEAST - 1} are not shown. Where one of them could be worked out from the rest of its "
    "column, the next smallest count is not shown either, or the total is not. Rows have no totals, so that "
    "nothing follows from one column to another; tables over the same things hide a total together."
)
ALL = "All"


class Counted(NamedTuple):
    """One table as it was counted: a number for each row in each column; a row left out of one counts 0."""

    name: str
    counts: Mapping[str, Mapping[str, int]]


class Line(msgspec.Struct, frozen=True):
    """One row: a count for each column, None where it is not shown."""

    name: str
    counts: tuple[int | None, ...]


class Table(msgspec.Struct, frozen=True):
    """A table as it is shown; the last line is the total of each column."""

    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


class Column(NamedTuple):
    """What of one column, over all tables that count the same things, is not shown."""

    hidden: tuple[frozenset[str], ...]
    total: bool


def shown(tables: Sequence[Counted], columns: Sequence[str]) -> tuple[Table, ...]:
    """The tables with their small numbers hidden. All count the same things, so each column has one total."""
    by_column = [column([_of(table, name) for table in tables]) for name in columns]
    return tuple(_drawn(table, columns, by_column, at) for at, table in enumerate(tables))


def only(table: Table, name: str) -> Table:
    """One column of a table that has no counts in any other."""
    at = table.columns.index(name)
    return Table(table.name, (name,), tuple(Line(line.name, (line.counts[at],)) for line in table.lines))


def column(lists: Sequence[Mapping[str, int]]) -> Column:
    """Decide what of a column is hidden, in each of the tables that divide the same total.

    A hidden count stays unknown where the total is shown if at least two are hidden whose sum is no small
    number and more than one for each; and where the total is hidden, if every table hides one.
    """
    total = sum(lists[0].values()) if lists else 0
    hidden = [{name for name, count in one.items() if 0 < count < LEAST} for one in lists]
    without_total = 0 < total < LEAST
    for one, names in zip(lists, hidden, strict=True):
        while names and not _unknown(one, names):
            following = _smallest(one, names)
            if following is None:
                without_total = True
                break
            names.add(following)
    if without_total:
        for one, names in zip(lists, hidden, strict=True):
            following = _smallest(one, names)
            if not names and following is not None:
                names.add(following)
    return Column(tuple(map(frozenset, hidden)), without_total)


def _unknown(counts: Mapping[str, int], names: set[str]) -> bool:
    """Whether no hidden count follows from the total and what is shown: each of them is at least one."""
    together = sum(counts[name] for name in names)
    return len(names) > 1 and together >= LEAST and together > len(names)


def _smallest(counts: Mapping[str, int], names: set[str]) -> str | None:
    left = [(count, name) for name, count in counts.items() if count > 0 and name not in names]
    return min(left)[1] if left else None


def _of(table: Counted, name: str) -> dict[str, int]:
    return {row: counts.get(name, 0) for row, counts in table.counts.items()}


def _drawn(table: Counted, columns: Sequence[str], by_column: Sequence[Column], at: int) -> Table:
    lines = [
        Line(
            row,
            tuple(
                None if row in found.hidden[at] else counts.get(name, 0)
                for name, found in zip(columns, by_column, strict=True)
            ),
        )
        for row, counts in table.counts.items()
    ]
    totals = tuple(
        None if found.total else sum(_of(table, name).values())
        for name, found in zip(columns, by_column, strict=True)
    )
    return Table(table.name, tuple(columns), (*lines, Line(ALL, totals)))
