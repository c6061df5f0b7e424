"""Which agencies work with a child: what their own entries say of beginning and ending."""

from collections.abc import Iterable

from hub.domain.timeline import Fact, Facts
from hub.patterns.meetings import IN_FORCE
from hub.patterns.rule import Reads
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


def begins(fact: Fact) -> bool:
    """The entry says that its agency works with the child."""
    return fact.kind in (Allocation, PoliceEnquiryOpened) or fact.get("stage") in BEGINS.get(fact.kind, ())


def ends(fact: Fact) -> bool:
    """The entry says that its agency works with the child no longer."""
    if fact.kind is InvestigationOutcome:
        return bool(fact.get("outcome") != "charged")
    over = fact.kind in (Closed, Disengaged, PoliceEnquiryOutcome)
    return over or fact.get("stage") in ENDS.get(fact.kind, ())


def works(fact: Fact) -> bool:
    """The entry is an agency's word on its own intervention, one way or the other."""
    return fact.family in AGENCIES and (begins(fact) or ends(fact))


def latest(facts: Iterable[Fact]) -> Facts:
    """The latest word of each agency on its own work."""
    return Facts({fact.family: fact for fact in facts}.values())
