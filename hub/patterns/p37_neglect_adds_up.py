"""P37: small signs of neglect of several kinds, with three agencies or more.

Source: Darlington on neglect (single factors relatively harmless multiply and compound); Sutton, Stacey
(school and GP never spoke).
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.schools import ConcernLogged

READS: Reads = {ConcernLogged: ("category",), ConcernNoted: ("category",)}
KINDS = {
    "appearance": "hygiene",
    "hunger": "hunger",
    "neglect": "neglect",
    "dental": "dental",
    "growth": "growth",
    "weight-falling": "growth",
    "immunisation": "immunisation",
    "home-conditions": "home",
    "supervision": "supervision",
}


def _counts(fact: Fact) -> bool:
    return fact.get("category") in KINDS


@pattern(
    code="P37",
    name="Neglect adds up",
    version=1,
    source=(
        "Darlington on neglect (single factors relatively harmless multiply and compound); Sutton, "
        "Stacey (school and GP never spoke)"
    ),
    says=(
        "Several agencies each see a small sign that the child may not be cared for. Would they "
        "look different side by side?"
    ),
    cancels="A correction; signs further apart than the window.",
    reads=READS,
    thresholds=(
        "window_days",
        "entries",
        "kinds",
        "families",
    ),
    counts=_counts,
    incidents=True,
    min_families=3,
)
def neglect_adds_up(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct entries of several kinds and families in the window."""
    least, families = settings["entries"], settings["families"]
    for window in windows(timeline.facts, settings.days("window_days"), families=families, least=least):
        kinds = {KINDS[fact.get("category")] for fact in window}
        if len(kinds) >= settings["kinds"] and distinct(window, least, settings.close) and stands(window):
            return [Evidence(*window)]
    return NOTHING
