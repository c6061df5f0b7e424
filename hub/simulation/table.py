"""A simulation's report as tables in Markdown, for the command and for docs/patterns.md."""

from collections.abc import Iterator

from hub.patterns.catalogue import CATALOGUE
from hub.simulation.rates import rates
from hub.simulation.running import Report


def tables(report: Report) -> Iterator[str]:
    """What came of it: rule by rule, then group by group."""
    found, planted = map(sum, zip(*report.planted.values(), strict=True))
    flagged, near = map(sum, zip(*report.near.values(), strict=True))
    yield (
        f"{report.children:,} invented children over {report.years} years (seed {report.seed}, settings "
        f"{report.settings.partition(':')[0]}): {report.events:,} reports. Planted stories found: {found} of "
        f"{planted}. Near-misses flagged: {flagged} of {near}."
    )
    yield ""
    yield "| rule | planted: found | near-misses: flagged | flags for each 1,000 children a year |"
    yield "|---|---|---|---|"
    for rule in CATALOGUE:
        one, two = report.planted.get(rule.code, (0, 0)), report.near.get(rule.code, (0, 0))
        yield (
            f"| {rule.code} {rule.name} | {one[0]} of {one[1]} | {two[0]} of {two[1]} "
            f"| {report.rates[rule.code]:g} |"
        )
    yield ""
    yield (
        f"Told again of every group of children, {report.unlike} of {report.compared} histories looked "
        "different to any rule. The rates below differ by chance alone:"
    )
    yield ""
    yield "| children | how many | flags for each 1,000 a year |"
    yield "|---|---|---|"
    for group, (count, rate) in report.groups.items():
        yield f"| {group} | {count:,} | {rate:g} |"


def background_table() -> Iterator[str]:
    """The rates of the background, with where each comes from."""
    yield "| what | for each 1,000 children a year | mark | source |"
    yield "|---|---|---|---|"
    for rate in rates().rate:
        yield f"| `{rate.says}` | {rate.per_1000:g} | {rate.mark} | {rate.source or 'our proposal'} |"
