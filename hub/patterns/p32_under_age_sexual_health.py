"""P32: sexual health care of a child under sixteen, and an older associate known to another agency.

Source: Local child sexual exploitation tools; under 13 a child cannot consent in law (from memory).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import stands
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import Pregnancy, SexualHealthContact
from schemas.police import ExploitationConcern, MissingEpisode
from schemas.schools import ConcernLogged
from schemas.social_care import Assessment, Contact, ReturnInterview
from schemas.vocabulary import Agency, LinkRelation
from schemas.youth_justice import Intervention

CARE: Reads = {SexualHealthContact: ("age",), Pregnancy: ("age",)}
ASSOCIATES: Reads = {
    ConcernLogged: ("category",),
    ExploitationConcern: (),
    MissingEpisode: ("found_with_adult",),
    Contact: (),
    Assessment: (),
    ReturnInterview: (),
    Intervention: (),
}


def _associate(fact: Fact) -> bool:
    named = any(tie.relation == LinkRelation.OLDER_ASSOCIATE for tie in fact.people)
    return named or fact.get("category") == "older-associates" or fact.get("found_with_adult") is True


def _counts(fact: Fact) -> bool:
    return fact.kind in CARE or _associate(fact)


@pattern(
    code="P32",
    name="Under-age sexual health and an older associate",
    version=1,
    source=("Local child sexual exploitation tools; under 13 a child cannot consent in law (from memory)"),
    says=(
        "Health holds an entry that belongs with what another agency knows of an older associate of "
        "this child. May it be shared, and with whom?"
    ),
    cancels="A correction of one of the entries. The clinic decides about release.",
    reads={**CARE, **ASSOCIATES},
    thresholds=(
        "window_days",
        "age_below",
        "age_young",
        "severity_young",
    ),
    counts=_counts,
)
def under_age_sexual_health(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Care below the age, and an associate known to another family near in time; graver for the youngest."""
    days, found, severity = settings.days("window_days"), list[Fact](), None
    for care in timeline.of(*CARE):
        age = care.get("age")
        if age is None or not 0 <= age < settings["age_below"]:
            continue
        beside = timeline.facts.where(_associate).without(Agency.HEALTH)
        beside = beside.between(care.at - days, care.at + days)
        if beside and stands(beside):
            found += (care, *beside)
            severity = settings["severity_young"] if age < settings["age_young"] else severity
    return [Evidence(*found, severity=severity)] if found else NOTHING
