"""Says in plain words why a flag stands: the rule, its numbers, the evidence, what each agency alone saw."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from hub.patterns.counted import counted
from hub.patterns.firing import Alone, Firing, Piece
from hub.patterns.rule import Pattern
from hub.patterns.settings import RuleSettings, Settings, Threshold

LONDON = ZoneInfo("Europe/London")
STANDING = "Several agencies hold information that may be worth reading together."
OWN_EXPERIENCE = (
    "A child's own experience of being sexually harmed is, on its own, a poor explanation of behaviour like "
    "this. Nothing here says that it happened."
)
"""R124 (guidance L153), beside P03 and P08."""
PROPOSALS = "[P] is a local proposal: nobody has published how often it is right."
MARKS = {
    "S": "from the source named",
    "D": "follows from the guidance",
    "P": "a local proposal",
    "M": "from memory, to be checked",
}
AGENCIES = {
    "police": "Police",
    "health": "Health",
    "schools": "Schools",
    "social-care": "Children's social care",
    "youth-justice": "Youth justice",
    "early-help": "Early help",
    "housing": "Housing",
    "probation": "Probation",
}
SEVERITIES = {
    1: "a prompt on the page",
    2: "for the next multi-agency meeting",
    3: "for the front door, the same working day",
    4: "telephone now",
}


class Explanation(msgspec.Struct, frozen=True):
    """Plain lines; no name, no words of any entry. `lines` is all of it in reading order."""

    heading: str
    standing: str
    question: str
    severity: str
    source: str
    numbers: tuple[str, ...]
    evidence: tuple[str, ...]
    alone: tuple[str, ...]
    completed: str
    earlier: str
    cancels: str
    protects: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, one line after another."""
        return (
            self.heading,
            self.standing,
            self.question,
            self.severity,
            *self.evidence,
            *self.alone,
            self.completed,
            self.earlier,
            *self.protects,
            f"It would be answered by: {self.cancels}",
            self.source,
            *self.numbers,
            *self.notes,
        )


def explain(firing: Firing, rule: Pattern, settings: Settings) -> Explanation:
    """Say why the rule holds. Shows entries as the firing names them: by agency, day and kind only."""
    numbers = settings.rule(rule.code)
    return Explanation(
        heading=f"{rule.code} {rule.name} (version {rule.version})",
        standing=STANDING,
        question=rule.says,
        severity=f"Severity {firing.severity}: {SEVERITIES[firing.severity]}",
        source=f"Source: {rule.source}",
        numbers=tuple(_numbers(rule, numbers, firing)),
        evidence=tuple(_evidence(firing)),
        alone=tuple(map(_alone, firing.alone)),
        completed=_completed(firing),
        earlier=_earlier(firing),
        cancels=rule.cancels,
        protects=tuple(_protects(firing.protects)),
        notes=tuple(_notes(rule, numbers)),
    )


def _numbers(rule: Pattern, numbers: RuleSettings, firing: Firing) -> Iterator[str]:
    counting = numbers.counting
    shared = {
        **({"same incident hours": counting.same_incident_hours} if rule.incidents else {}),
        "latest of a kind seen": counting.latest_of_a_kind,
    }
    for name, threshold in {**numbers.thresholds, **shared}.items():
        yield f"{name.replace('_', ' ').capitalize()}: {threshold.value} {_mark(threshold)}"
    yield f"Numbers of {firing.settings}, to be looked at again by {numbers.review.isoformat()}"


def _mark(threshold: Threshold) -> str:
    said = threshold.source or MARKS[threshold.mark]
    return f"[{threshold.mark}: {said}]"


def _evidence(firing: Firing) -> Iterator[str]:
    for piece in firing.evidence:
        yield f"{_day(piece.at)} {_agency(piece.family)}: {_kind(piece)}{_late(piece)}"
    if firing.elsewhere:
        yield "Entries that are not on this child's record are part of the evidence; they are not shown."
    if firing.due is not None:
        yield f"{_day(firing.due)}: the time for an answer passed"


def _alone(one: Alone) -> str:
    ending = "enough" if one.holds else "not enough to ask"
    return f"{_agency(one.family)} alone: {one.pieces} of {one.of} pieces of evidence, {ending}"


def _completed(firing: Firing) -> str:
    if not firing.completed_by and firing.judged:
        return f"Complete on {_day(firing.completed_at)}, when people said what is one incident"
    if not firing.completed_by:
        return f"Complete on {_day(firing.completed_at)}, as time passed without an answer"
    by = " and ".join(map(_agency, firing.completed_by))
    return f"Complete on {_day(firing.completed_at)}, by an entry of {by}"


def _earlier(firing: Firing) -> str:
    if not firing.days_earlier:
        return "Every entry arrived in time: it could not have been seen earlier"
    days = "1 day" if firing.days_earlier == 1 else f"{firing.days_earlier} days"
    could = _day(firing.could_have_been_seen_at)
    return f"Had entries arrived when they happened, it could have been seen {days} earlier, on {could}"


def _protects(pieces: Iterable[Piece]) -> Iterator[str]:
    for piece in pieces:
        yield f"What protects: {_day(piece.at)} {_agency(piece.family)}: {_kind(piece)}"


def _notes(rule: Pattern, numbers: RuleSettings) -> Iterator[str]:
    if "R124" in rule.notes:
        yield OWN_EXPERIENCE
    marks = {numbers.severity.mark, *(threshold.mark for threshold in numbers.thresholds.values())}
    if "P" in marks:
        yield PROPOSALS
    yield counted().says(rule.code)


def _late(piece: Piece) -> str:
    days = (piece.recorded_at - piece.at).days
    return f" (the hub knew {days} days later)" if days > 1 else ""


def _kind(piece: Piece) -> str:
    return piece.kind.replace("-", " ")


def _agency(family: str) -> str:
    return AGENCIES.get(family, family)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%d %b %Y}".lstrip("0")
