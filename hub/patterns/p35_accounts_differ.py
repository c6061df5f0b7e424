"""P35: of one incident, several agencies were told accounts that do not agree.

Source: bruising procedures; Pelka serious case review. Accounts are coded by people; no words are searched.
"""

from itertools import combinations

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.incidents import incidents, stands
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import EmergencyAttendance, InjuryNoted
from schemas.police import ProtectionNotice
from schemas.protocol import AccountRecorded
from schemas.schools import ConcernLogged, Disclosure
from schemas.social_care import Contact

CODED = ("account_how", "account_where", "account_who")
READS: Reads = dict.fromkeys(
    (EmergencyAttendance, InjuryNoted, ProtectionNotice, ConcernLogged, Disclosure, Contact, AccountRecorded),
    CODED,
)


def _counts(fact: Fact) -> bool:
    return any(fact.get(name) for name in CODED)


@pattern(
    code="P35",
    name="Accounts differ",
    version=2,
    source="Bruising procedures; Pelka serious case review",
    says="Several agencies were told of one incident, and what they were told does not agree. "
    "Has anybody put the accounts side by side?",
    cancels="A correction; people saying that these are two incidents.",
    reads=READS,
    counts=_counts,
    incidents=True,
)
def accounts_differ(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """The latest incident of which two agencies hold accounts that cannot both be so."""
    for told in reversed(incidents(timeline.facts, settings.close)):
        apart = [pair for pair in combinations(told, 2) if _differ(*pair)]
        facts = Facts({fact.entry: fact for pair in apart for fact in pair}.values())
        if facts and stands(facts):
            return [Evidence(*facts)]
    return NOTHING


def _differ(one: Fact, other: Fact) -> bool:
    """Two agencies; another cause or place, or of those present neither list holds the other."""
    if one.family == other.family:
        return False
    for name in ("account_how", "account_where"):
        said, also_said = one.get(name), other.get(name)
        if said and also_said and said != also_said:
            return True
    here, there = set(one.get("account_who") or ()), set(other.get("account_who") or ())
    return not (here <= there or there <= here)
