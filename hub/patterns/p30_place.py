"""P30: concerns about several children at one place, held by several agencies.

Source: contextual safeguarding (Firmin); practice guidance L104 ("harm away from home").
"""

from datetime import timedelta

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import Elsewhere, OthersFact
from hub.patterns.incidents import distinct
from hub.patterns.rule import Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.health import EmergencyAttendance, SelfHarm, SubstanceConcern
from schemas.police import ExploitationConcern, MissingEpisode, OffenceReported, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure, SexualBehaviourIncident
from schemas.social_care import Contact, ReturnInterview
from schemas.vocabulary import PlaceKind

CONCERNS: Reads = {
    MissingEpisode: (),
    OffenceReported: (),
    ExploitationConcern: (),
    ProtectionNotice: (),
    ConcernLogged: (),
    Disclosure: (),
    SexualBehaviourIncident: (),
    EmergencyAttendance: (),
    SelfHarm: (),
    SubstanceConcern: (),
    Contact: (),
    ReturnInterview: (),
}
KINDS = (PlaceKind.PUBLIC_PLACE, PlaceKind.PREMISES, PlaceKind.CLUB, PlaceKind.ONLINE, PlaceKind.PLACEMENT)
"""Not the home, where siblings share every concern, nor the school, which names itself in each entry."""
OWN = ""
"""This child, among the others."""


def places(own: Facts) -> frozenset[str]:
    """Places of concern that this child's entries name."""
    named = (tie for fact in own.of(*CONCERNS) for tie in fact.places if tie.relation in KINDS)
    return frozenset(tie.hashed for tie in named)


def _counts(fact: Fact) -> bool:
    return any(tie.relation in KINDS for tie in fact.places)


@pattern(
    code="P30",
    name="Place or peer group",
    version=1,
    source="Contextual safeguarding; guidance L104",
    says="Several agencies hold concerns that name one place in this child's record. "
    "Should the place itself be looked at?",
    cancels="Entries corrected; concerns further apart than the window.",
    reads=CONCERNS,
    thresholds=("window_days", "children", "families", "incidents"),
    related=("R64",),
    crosses=places,
    counts=_counts,
    incidents=True,
)
def place(timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each place, on each child's record; the other children are counted, never shown."""
    own = timeline.of(*CONCERNS)
    for hashed in sorted(places(own)):
        here = [OthersFact(OWN, f) for f in own if any(tie.hashed == hashed for tie in f.places)]
        there = [o for o in elsewhere.at(hashed) if o.fact.kind in CONCERNS]
        found = _together([*here, *there], settings)
        mine = [o.fact for o in found if o.child == OWN]
        if mine:
            yield Evidence(*mine, root=hashed, elsewhere=[o.fact for o in found if o.child != OWN])


def _together(said: list[OthersFact], settings: RuleSettings) -> list[OthersFact]:
    """The latest window with enough children, families and incidents that this child is part of."""
    said = sorted(said, key=lambda o: (o.fact.at, o.fact.entry.bytes))
    days: timedelta = settings.days("window_days")
    for last in reversed(said):
        window = [o for o in said if last.fact.at - days <= o.fact.at <= last.fact.at]
        facts = Facts(o.fact for o in window)
        children = {o.child for o in window}
        if (
            OWN in children
            and len(children) >= settings["children"]
            and len(facts.families) >= settings["families"]
            and distinct(facts, settings["incidents"], settings.close)
        ):
            return window
    return []
