"""P06: a child with known inappropriate sexual or very violent behaviour arrived, and nobody met.

Source: practice guidance L88, L150; the 72 hours are those of the strategy meeting (L85).
"""

from datetime import date, datetime

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, VIOLENT_OFFENCE, has_harmed, step
from hub.patterns.incidents import stands
from hub.patterns.meetings import ARRANGED, MEETINGS, convened, since
from hub.patterns.rule import Outcomes, Reads, absent, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import HouseholdChanged
from schemas.health import RegistrationChanged
from schemas.schools import Move
from schemas.social_care import AreaMove
from schemas.vocabulary import Agency, ChildPart
from schemas.youth_justice import Release

ARRIVALS: Reads = {
    Release: ("stage", "release_date", "offence_category"),
    AreaMove: ("moving_in",),
    Move: ("new_area",),
    RegistrationChanged: ("new_area",),
    HouseholdChanged: ("kind", "new_area"),
}


def _counts(fact: Fact) -> bool:
    return fact.kind in MEETINGS or fact.kind in ARRANGED or _known(fact) or _arrives(fact)


@pattern(
    code="P06",
    name="Arrived, nobody met",
    version=2,
    source="Guidance L88, L150",
    says="This child came, or is coming, into the area, and agencies know of inappropriate sexual or "
    "very violent behaviour. Should they meet?",
    cancels="A multi-agency meeting held, or a time set for one, since the notice or the arrival.",
    reads=reading(STRAND, ARRIVALS, MEETINGS, ARRANGED),
    thresholds=("response_hours", "arrival_days"),
    related=("R49", "R122"),
    counts=_counts,
)
def arrived(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each arrival; the clock starts at the earlier of notice and arrival."""
    behaviour = timeline.of(*STRAND, Release).where(_known)
    for arrival in _arrivals(timeline, settings):
        started = arrival[0].at
        root = str(arrival[0].entry)
        due = started + settings.days("response_hours") / 24
        known = behaviour.between(datetime.min.replace(tzinfo=started.tzinfo), max(due, _comes(arrival[-1])))
        if not known or not stands(known) or since(convened(timeline), started):
            continue
        yield absent(timeline, Agency.SOCIAL_CARE, due, *arrival, *known, root=root)


def _known(fact: Fact) -> bool:
    """Inappropriate sexual behaviour or more, as someone classed it, or a very violent offence."""
    own = fact.get("part") in (ChildPart.SUBJECT, ChildPart.HAS_SEXUALLY_HARMED)
    classed = own and (step(fact) or 0) > 0
    return has_harmed(fact) or classed or (own and fact.get("offence_category") in VIOLENT_OFFENCE)


def _arrivals(timeline: Timeline, settings: RuleSettings) -> list[Facts]:
    """Entries of one arrival: its notice, and what shows the child here soon after."""
    groups: list[list[Fact]] = []
    for fact in timeline.of(*ARRIVALS).where(_arrives):
        if groups and fact.at - max(map(_comes, groups[-1])) <= settings.days("arrival_days"):
            groups[-1].append(fact)
        else:
            groups.append([fact])
    return [Facts(group) for group in groups]


def _arrives(fact: Fact) -> bool:
    if fact.kind is Release:
        return fact.get("stage") in ("planned", "completed")
    if fact.kind is HouseholdChanged and (fact.family != Agency.POLICE or fact.get("kind") != "moved-in"):
        return False
    return fact.get("moving_in") is True or fact.get("new_area") is True


def _comes(fact: Fact) -> datetime:
    said = fact.get("release_date")
    return fact.at if said is None else max(fact.at, start_of_day(date.fromisoformat(said)))
