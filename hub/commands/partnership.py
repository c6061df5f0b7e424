"""The partnership's desk at the command line: counts, and no child."""

from collections.abc import Iterator
from typing import Annotated

import typer

from hub.commands.reading import reader_of
from hub.commands.saying import AsJson, opened, say, say_json, when
from hub.oversight.desk import PURPOSE, Report
from hub.oversight.hiding import Table

WIDEST = 46


def partnership(
    context: typer.Context,
    as_: Annotated[str, typer.Option("--as", help="The role to ask as.")] = "information-governance-lead",
    json: AsJson = False,
) -> None:
    """Say who is heard, what became of flags, which clocks were kept, and for whom: counts only."""
    with opened(context) as hub:
        found = hub.partnership.report(reader_of(hub, as_, PURPOSE))
    if json:
        say_json(found)
        return
    for line in text(found):
        say(line)


def text(report: Report) -> Iterator[str]:
    """The report as lines."""
    yield f"Drawn {when(report.drawn_at)}. {report.rule} Not shown: n/s."
    yield ""
    yield f"Feeds (silent: not heard for {report.silent_after_hours} hours, or never)"
    for feed in report.feeds:
        heard = f"last heard {when(feed.heard_at)}" if feed.heard_at else "never heard"
        yield f"  {feed.agency:<14} {'SILENT  ' if feed.silent else 'heard   '} {heard}"
    for table in (report.flags, report.clocks, *report.shares, *report.equality):
        yield ""
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    widths = [max(len(column), 4) for column in table.columns]
    heads = "  ".join(f"{column:>{width}}" for column, width in zip(table.columns, widths, strict=True))
    yield f"{table.name:<{WIDEST}}  {heads}"
    for line in table.lines:
        name = line.name if len(line.name) <= WIDEST - 2 else f"{line.name[: WIDEST - 5]}..."
        counts = "  ".join(
            f"{'n/s' if count is None else count:>{width}}"
            for count, width in zip(line.counts, widths, strict=True)
        )
        yield f"  {name:<{WIDEST - 2}}  {counts}"
