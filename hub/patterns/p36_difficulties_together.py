"""P36: difficulties of the parents, and an entry on what they do to the child.

Source: Contested (the so-called toxic trio): a prompt only, and never without an entry on the effect on the
child.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import SelfHarm
from schemas.police import DomesticAbuseIncident
from schemas.schools import ConcernLogged, Disclosure

READS: Reads = {
    DomesticAbuseIncident: (),
    ConcernNoted: ("category",),
    ConcernLogged: ("category",),
    Disclosure: ("category",),
    SelfHarm: (),
}
DIFFICULTIES = frozenset({"domestic-abuse", "parent-substances", "parent-mental-health", "eviction"})
EFFECTS = frozenset({"behaviour", "emotional-harm", "neglect", "hunger", "appearance", "domestic-abuse"})


def _difficulty(fact: Fact) -> str | None:
    if fact.kind is DomesticAbuseIncident:
        return "domestic-abuse"
    said = fact.get("category") if fact.kind is ConcernNoted else None
    return said if said in DIFFICULTIES else None


def _effect(fact: Fact) -> bool:
    told = fact.kind in (ConcernLogged, Disclosure) and fact.get("category") in EFFECTS
    return told or fact.kind is SelfHarm


def _counts(fact: Fact) -> bool:
    return _difficulty(fact) is not None or _effect(fact)


@pattern(
    code="P36",
    name="Parents' difficulties together",
    version=1,
    source=(
        "Contested (the so-called toxic trio): a prompt only, and never without an entry on the "
        "effect on the child"
    ),
    says=(
        "Several agencies each hold a difficulty of the parents, and one saw its effect on the "
        "child. Is support joined up?"
    ),
    cancels="A correction; fewer difficulties within the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "kinds",
        "families",
    ),
    counts=_counts,
)
def difficulties_together(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Kinds of difficulty from several families in the window, and an entry on effect on the child."""
    families = settings["families"]
    for window in windows(timeline.facts, settings.days("window_days"), families=families, least=3):
        hard = window.where(lambda f: _difficulty(f) is not None)
        effect = window.where(_effect)
        kinds = {_difficulty(fact) for fact in hard}
        enough = len(kinds) >= settings["kinds"] and len(hard.families) >= families
        if enough and effect and stands(hard) and stands(effect):
            return [Evidence(*hard, *effect)]
    return NOTHING
