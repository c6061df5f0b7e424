"""P17: two children are to be kept apart, and another agency's entry brings them together.

Source: practice guidance L108 (arrangements for school); HMPPS non-association markers.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.places import OVER, SETTINGS
from hub.patterns.rule import Evidence, Outcomes, Reads, Waiting, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import SafetyMeasure
from schemas.police import MissingEpisode
from schemas.schools import ConcernLogged, SexualBehaviourIncident

TOGETHER: Reads = reading(
    SETTINGS,
    {SexualBehaviourIncident: (), ConcernLogged: (), MissingEpisode: ()},
)


def kept_apart(own: Facts) -> frozenset[str]:
    """The other children whom measures keep apart from this one: where they are stands on their records.

    Looked up by child, never by place: a school names a thousand children.
    """
    measures = own.of(SafetyMeasure).where(kind="keep-apart")
    return frozenset(tie.hashed for measure in measures for tie in measure.children)


def _counts(fact: Fact) -> bool:
    return fact.kind is SafetyMeasure or bool(fact.children or fact.places)


@pattern(
    code="P17",
    name="Keep-apart broken",
    version=2,
    source="Guidance L108; HMPPS non-associations",
    says="A measure keeps this child apart from another child or a place, and another agency's entry shows "
    "them together. Does each agency know of the measure?",
    cancels="The measure ended, or past its last day; the entry corrected.",
    tells="Call children's social care before this starts.",
    reads=reading(TOGETHER, {SafetyMeasure: ("kind", "stage", "until")}),
    thresholds=("overlap_days",),
    related=("R41", "R68"),
    crosses=kept_apart,
    theirs=tuple(SETTINGS),
    counts=_counts,
)
def keep_apart(timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each measure in force that an entry, of this child or the other, goes against."""
    shown = timeline.of(*TOGETHER).where(lambda f: f.get("stage") not in OVER)
    for measure in timeline.of(SafetyMeasure).where(kind="keep-apart", stage="started"):
        ends = _last_day(measure)
        if _ended(measure, timeline) or (ends is not None and ends <= timeline.now):
            continue
        broken: list[Fact] = []
        others: list[Fact] = []
        for fact in (f for f in shown if f.at >= measure.at):
            there = list(_there(fact, measure, elsewhere, settings.days("overlap_days")))
            if there or _names(fact, measure):
                broken.append(fact)
                others.extend(there)
        if broken:
            yield Evidence(measure, *broken, root=str(measure.entry), elsewhere=others)
            if ends is not None:
                yield Waiting(ends, str(measure.entry))


def _names(fact: Fact, measure: Fact) -> bool:
    """The entry names the same child, or a place the measure keeps this child from."""
    children = {tie.hashed for tie in measure.children} & {tie.hashed for tie in fact.children}
    return bool(children) or bool({t.hashed for t in measure.places} & {t.hashed for t in fact.places})


def _there(fact: Fact, measure: Fact, elsewhere: Elsewhere, near: timedelta) -> Iterator[Fact]:
    """Entries that show the other child of the measure at a place of this entry, near in time."""
    here = {tie.hashed for tie in fact.places}
    for child in sorted({tie.hashed for tie in measure.children}):
        for other in elsewhere.at(child):
            together = here & {tie.hashed for tie in other.fact.places}
            close = abs(other.fact.at - fact.at) <= near
            if together and close and other.fact.kind in SETTINGS and other.fact.get("stage") not in OVER:
                yield other.fact


def _last_day(measure: Fact) -> datetime | None:
    """The end of the measure's last day, None where none was said."""
    said = measure.get("until")
    return None if said is None else start_of_day(date.fromisoformat(said) + timedelta(days=1))


def _ended(measure: Fact, timeline: Timeline) -> bool:
    """The agency said that the measure is over."""
    children = {tie.hashed for tie in measure.children}
    later = timeline.of(SafetyMeasure).after(measure.at).by(measure.family)
    over = later.where(lambda f: {t.hashed for t in f.children} == children, kind="keep-apart", stage="ended")
    return bool(over) or measure.ended_at is not None
