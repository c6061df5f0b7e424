"""The strands of a pathway: as one who has harmed, and as one who has been harmed, kept apart (R4, R30)."""

from hub.domain.strand import HAS_HARMED as HAS_HARMED  # noqa: PLC0414 — named here by the rows
from hub.domain.strand import STRANDS
from hub.domain.strand import WAS_HARMED as WAS_HARMED  # noqa: PLC0414
from hub.domain.timeline import Fact, Facts, Timeline
from schemas.police import OffenceReported
from schemas.protocol import AccountRecorded, PathwayOpened, ReferralMade, ReferralReceived
from schemas.schools import Disclosure, SexualBehaviourIncident
from schemas.vocabulary import ChildPart

OPENS = (
    SexualBehaviourIncident,
    OffenceReported,
    Disclosure,
    AccountRecorded,
    ReferralMade,
    ReferralReceived,
    PathwayOpened,
)
PARTS = STRANDS


def hsb(timeline: Timeline) -> Facts:
    """The entries that open a pathway: sexual behaviour that a person reported or recorded, and a referral of it.

    A child who saw it, or a brother or sister, is no strand of their own: `part` says who harmed, who was harmed.
    A behaviour or an offence with a form of harmful sexual behaviour opens one though the part is not yet said.
    """
    return timeline.of(*OPENS).where(lambda f: f.get("part") in PARTS or _part_not_said(f))


def strands(timeline: Timeline) -> dict[str, Facts]:
    """The strands that are open, each with the entries that open it. A child may have both."""
    return strands_of(hsb(timeline))


def strands_of(facts: Facts) -> dict[str, Facts]:
    """The strands these entries belong to."""
    found = {part: facts.where(part=part) for part in PARTS}
    return {part: entries for part, entries in found.items() if entries}


def of_age(asked: str | None, age: int | None) -> bool:
    """Whether an age is one that a row asks for (`<18`, `>=18 <25`); where it is not known, it may be (Q3)."""
    bounds = (asked or "").split() if age is not None else []
    return all(age < int(b[1:]) if b.startswith("<") else age >= int(b[2:]) for b in bounds)  # type: ignore[operator]


def age_of(facts: Facts) -> int | None:
    """The age last said in these entries, whoever of them said it."""
    return next((f.get("age") for f in reversed(facts) if f.get("age") is not None), None)


def _part_not_said(fact: Fact) -> bool:
    """Part `subject` is what a sender says who does not say which."""
    said = fact.kind in (SexualBehaviourIncident, PathwayOpened) or bool(fact.get("hsb_forms"))
    return said and fact.get("part") in (None, ChildPart.SUBJECT.value)
