"""P10: incidents with technology add up over agencies, of several children or with exploitation in them.

Source: Practice guidance L26-37; never on consensual similar-age sharing alone.
"""

from hub.domain.timeline import Fact, Timeline
from hub.patterns.behaviour import sexual
from hub.patterns.incidents import distinct, stands, windows
from hub.patterns.rule import NOTHING, Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.police import OffenceReported
from schemas.schools import ConcernLogged, SexualBehaviourIncident
from schemas.vocabulary import HsbForm

ONLINE: Reads = {
    SexualBehaviourIncident: ("technology", "hsb_forms", "hsb_class", "brook"),
    OffenceReported: ("hsb_forms", "hsb_class", "category"),
    ConcernLogged: ("category",),
    ConcernNoted: ("category",),
}
FORMS = frozenset({HsbForm.SEXUAL_TEXTS, HsbForm.INDECENT_IMAGES, HsbForm.EXPOSING_OTHERS_TO_PORN})
GRAVE = frozenset({"exploitation", "online-exploitation", "grooming", "online-bullying", "cyberbullying"})


def _counts(fact: Fact) -> bool:
    """An incident with technology in it; sharing between partners of similar age, and no more, is none."""
    if fact.kind in (ConcernLogged, ConcernNoted):
        return fact.get("category") in GRAVE or fact.get("category") == "online"
    forms = set(fact.get("hsb_forms") or ())
    return sexual(fact) and (fact.get("technology") is True or bool(forms & (FORMS | {HsbForm.GROOMING})))


@pattern(
    code="P10",
    name="Online cluster",
    version=1,
    source="Practice guidance L26-37; never on consensual similar-age sharing alone",
    says="Several agencies each hold an online incident of this child. Do they belong together?",
    cancels="A correction; incidents further apart than the window.",
    reads=ONLINE,
    thresholds=("window_days", "incidents", "families", "children"),
    counts=_counts,
    incidents=True,
)
def online_cluster(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Distinct online incidents of several families, of several children or with exploitation in them."""
    families, least = settings["families"], settings["incidents"]
    for window in windows(timeline.facts, settings.days("window_days"), families=families, least=least):
        children = {tie.hashed for fact in window for tie in fact.children}
        grave = any(map(_grave, window)) or len(children) + 1 >= settings["children"]
        if grave and distinct(window, least, settings.close) and stands(window):
            return [Evidence(*window)]
    return NOTHING


def _grave(fact: Fact) -> bool:
    return fact.get("category") in GRAVE or HsbForm.GROOMING in (fact.get("hsb_forms") or ())
