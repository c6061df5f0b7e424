"""P13: work with a child who poses a risk has come down to one agency, and the professionals did not meet.

Source: practice guidance L148 ("where the intervention has become single agency that agency should convene a
professionals meeting").
"""

from collections.abc import Iterable

from hub.domain.calendar import add_working_days
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import STRAND, has_harmed
from hub.patterns.incidents import stands
from hub.patterns.meetings import IN_FORCE, MEETINGS, held, since
from hub.patterns.rule import CannotTell, Evidence, Outcomes, Reads, Waiting, pattern, reading
from hub.patterns.settings import RuleSettings
from schemas.any_agency import Engagement
from schemas.health import Camhs
from schemas.police import InvestigationOutcome
from schemas.protocol import PoliceEnquiryOpened, PoliceEnquiryOutcome
from schemas.social_care import Allocation, Closed, Disengaged, Plan, RiskManagementPlan, Section47
from schemas.vocabulary import Agency
from schemas.youth_justice import Intervention

WORK: Reads = {
    Engagement: ("stage",),
    Camhs: ("stage",),
    Intervention: ("stage",),
    Plan: ("stage",),
    RiskManagementPlan: ("stage",),
    Section47: ("stage",),
    Allocation: (),
    PoliceEnquiryOpened: (),
    PoliceEnquiryOutcome: (),
    InvestigationOutcome: ("outcome",),
    Closed: (),
    Disengaged: (),
}
AGENCIES = (Agency.HEALTH, Agency.YOUTH_JUSTICE, Agency.POLICE, Agency.EARLY_HELP, Agency.SOCIAL_CARE)
"""Whose work is an intervention; school and housing are there for every child."""
BEGINS = {
    Engagement: {"positive"},
    Camhs: {"seen"},
    Intervention: {"started"},
    Plan: IN_FORCE,
    RiskManagementPlan: IN_FORCE,
    Section47: {"started"},
}
ENDS = {
    Engagement: {"ended"},
    Camhs: {"closed", "did-not-engage"},
    Intervention: {"completed", "ended-early"},
}


def _begins(fact: Fact) -> bool:
    return fact.kind in (Allocation, PoliceEnquiryOpened) or fact.get("stage") in BEGINS.get(fact.kind, ())


def _ends(fact: Fact) -> bool:
    if fact.kind is InvestigationOutcome:
        return bool(fact.get("outcome") != "charged")
    over = fact.kind in (Closed, Disengaged, PoliceEnquiryOutcome)
    return over or fact.get("stage") in ENDS.get(fact.kind, ())


def _work(fact: Fact) -> bool:
    return fact.family in AGENCIES and (_begins(fact) or _ends(fact))


def _counts(fact: Fact) -> bool:
    return fact.kind in MEETINGS or _work(fact) or (fact.kind in STRAND and has_harmed(fact))


@pattern(
    code="P13",
    name="Down to one agency",
    version=1,
    source="Guidance L148",
    says="Of several agencies that worked with this child one is left, and a risk is recorded. "
    "Has that agency called the professionals together?",
    cancels="A multi-agency meeting on or after the day of the last ending; work begun by another agency.",
    reads=reading(STRAND, MEETINGS, WORK),
    thresholds=("working_days", "before_days"),
    related=("R119", "R121"),
    counts=_counts,
)
def down_to_one(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """One question for each ending after which one agency was left; a meeting would come by social care."""
    meetings, work = held(timeline), timeline.of(*WORK).where(_work)
    strand = timeline.of(*STRAND).where(has_harmed)
    for ending in work.where(_ends):
        left = [f for f in _latest(f for f in work if f.at <= ending.at) if _begins(f)]
        if len(left) != 1 or left[0].family == ending.family or since(meetings, ending.at):
            continue
        risk = strand.between(ending.at - settings.days("before_days"), ending.at)
        if not stands(risk) or work.after(ending.at).where(_begins).without(left[0].family):
            continue
        root, due = str(ending.entry), add_working_days(ending.at, settings["working_days"])
        if timeline.now < due:
            yield Waiting(due, root)
        elif not timeline.alive(Agency.SOCIAL_CARE, due):
            yield CannotTell(frozenset({Agency.SOCIAL_CARE.value}), due, root)
        else:
            yield Evidence(*risk, left[0], ending, root=root, due=due)


def _latest(facts: Iterable[Fact]) -> Facts:
    """The latest word of each agency on its own work."""
    return Facts({fact.family: fact for fact in facts}.values())
