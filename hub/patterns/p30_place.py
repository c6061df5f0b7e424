"""P30: concerns about several children at one place, or of one group, held by several agencies.

Source: contextual safeguarding (Firmin); practice guidance L104 ("harm away from home").
"""

from datetime import timedelta

from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.elsewhere import Elsewhere, OthersFact
from hub.patterns.incidents import distinct
from hub.patterns.rule import Evidence, Outcomes, Reads, pattern
from hub.patterns.settings import RuleSettings
from schemas.any_agency import ConcernNoted
from schemas.health import EmergencyAttendance, SelfHarm, SubstanceConcern
from schemas.police import ExploitationConcern, MissingEpisode, OffenceReported, ProtectionNotice
from schemas.schools import ConcernLogged, Disclosure, SexualBehaviourIncident
from schemas.social_care import Contact, ReturnInterview
from schemas.vocabulary import Agency, LinkRelation, PlaceKind

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
    ConcernNoted: (),
}
INPUTS = (Agency.POLICE, Agency.SCHOOLS, Agency.YOUTH_JUSTICE, Agency.HEALTH, Agency.SOCIAL_CARE)
KINDS = (PlaceKind.PUBLIC_PLACE, PlaceKind.PREMISES, PlaceKind.CLUB, PlaceKind.ONLINE, PlaceKind.PLACEMENT)
"""Not the home, where siblings share every concern, nor the school, which names itself in each entry."""
PEERS = (LinkRelation.CONTACT, LinkRelation.SAME_INCIDENT, LinkRelation.POTENTIALLY_INVOLVED)
"""How children of one group are named in each other's entries; brothers and sisters are no such group."""
OWN = ""
"""This child, among the others."""
GROUP = "peers"
"""The root of the question about the group; one about a place has the place's key."""


def places(own: Facts) -> frozenset[str]:
    """Places of concern that this child's entries name."""
    named = (tie for fact in own.of(*CONCERNS) for tie in fact.places if tie.relation in KINDS)
    return frozenset(tie.hashed for tie in named)


def peers(own: Facts) -> frozenset[str]:
    """The children whom this child's entries of concern name as of one group with it."""
    return frozenset(hashed for fact in own.of(*CONCERNS) for hashed in _peers(fact))


def _peers(fact: Fact) -> list[str]:
    return [tie.hashed for tie in fact.children if tie.relation in PEERS]


def _counts(fact: Fact) -> bool:
    return fact.family in INPUTS and bool(_peers(fact) or any(tie.relation in KINDS for tie in fact.places))


@pattern(
    code="P30",
    name="Place or peer group",
    version=2,
    source="Contextual safeguarding; guidance L104",
    says="Several agencies hold concerns that name one place, or one group of children, in this child's "
    "record. Should the place or the group itself be looked at?",
    cancels="Entries corrected; concerns further apart than the window.",
    reads=CONCERNS,
    thresholds=("window_days", "children", "families", "incidents"),
    related=("R64",),
    crosses=lambda own: places(own) | peers(own),
    theirs=tuple(CONCERNS),
    counts=_counts,
    incidents=True,
)
def place(timeline: Timeline, settings: RuleSettings, elsewhere: Elsewhere) -> Outcomes:
    """One question for each place, and one for the group of children, on each child's record.

    The group are the children whom this child's concerns name, with their own concerns that name a place or
    a group too. The other children are counted, never shown.
    """
    own = timeline.of(*CONCERNS)
    for hashed in sorted(places(own)):
        here = [OthersFact(OWN, f) for f in own if any(tie.hashed == hashed for tie in f.places)]
        there = [o for o in elsewhere.at(hashed) if o.fact.kind in CONCERNS]
        yield from _asked(_together([*here, *there], settings), hashed)
    here = [OthersFact(OWN, fact) for fact in own if _peers(fact)]
    there = [o for peer in sorted(peers(own)) for o in elsewhere.at(peer) if o.fact.kind in CONCERNS]
    yield from _asked(_together([*here, *(o for o in there if _peers(o.fact))], settings), GROUP)


def _asked(found: list[OthersFact], root: str) -> Outcomes:
    mine = [o.fact for o in found if o.child == OWN]
    if mine:
        yield Evidence(*mine, root=root, elsewhere=[o.fact for o in found if o.child != OWN])


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
