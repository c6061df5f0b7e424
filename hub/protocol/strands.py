"""The strands of a pathway: as one who has harmed, and as one who has been harmed, kept apart (R4, R30)."""

from hub.domain.timeline import Fact, Facts, Timeline
from schemas.police import OffenceReported
from schemas.protocol import AccountRecorded, ReferralMade, ReferralReceived
from schemas.schools import Disclosure, SexualBehaviourIncident
from schemas.vocabulary import ChildPart

HAS_HARMED = ChildPart.HAS_SEXUALLY_HARMED.value
WAS_HARMED = ChildPart.HAS_BEEN_SEXUALLY_HARMED.value
OPENS = (
    SexualBehaviourIncident,
    OffenceReported,
    Disclosure,
    AccountRecorded,
    ReferralMade,
    ReferralReceived,
)
ADULT = 18


def hsb(timeline: Timeline) -> Facts:
    """The entries that open a pathway: sexual behaviour that a person reported or recorded."""
    return timeline.of(*OPENS).where(
        lambda f: f.kind is SexualBehaviourIncident or f.get("part") in (HAS_HARMED, WAS_HARMED)
    )


def strands(timeline: Timeline) -> dict[str, Facts]:
    """The strands that are open, each with the entries that open it. A child may have both."""
    facts = hsb(timeline)
    found = {part: facts.where(part=part) for part in (HAS_HARMED, WAS_HARMED)}
    return {part: entries for part, entries in found.items() if entries}


def under_eighteen(fact: Fact) -> bool:
    """True where the child was under 18, or the age is not known: the clock starts all the same (Q3)."""
    age = fact.get("age")
    return age is None or age < ADULT
