"""What counts as an entry about sexual behaviour, and the child's part in it: by codes, never words.

Source: practice guidance §2-3 (L18-77). A class is one that a person recorded; nothing here sets one.
"""

from hub.domain.timeline import Fact
from hub.patterns.rule import Reads
from schemas import social_care, youth_justice
from schemas.any_agency import ConcernNoted
from schemas.health import Camhs, ChildProtectionMedical, EmergencyAttendance
from schemas.police import AbeInterview, OffenceReported, ProtectionNotice, SuspectInterview
from schemas.protocol import AccountRecorded, HsbViewRecorded
from schemas.schools import ConcernLogged, Disclosure, Exclusion, SexualBehaviourIncident, Suspension
from schemas.vocabulary import BehaviourClass, ChildPart, HsbForm

ORDER = (
    BehaviourClass.NORMAL,
    BehaviourClass.INAPPROPRIATE,
    BehaviourClass.PROBLEMATIC,
    BehaviourClass.ABUSIVE,
    BehaviourClass.VIOLENT,
)
"""Hackett's continuum, from one end to the other."""

WORRYING = frozenset(ORDER[2:])
SEXUAL_HARM = frozenset({"sexual-harm", "harmful-sexual-behaviour", "sexual-misconduct"})
"""Category codes of concerns, disclosures and notices that mean sexual harm."""
SEXUAL_OFFENCE = frozenset(
    {
        "sexual-offence",
        "sexual-offence-against-a-child",
        "sexual-assault",
        "rape",
        "indecent-images",
        "sexual",
        *SEXUAL_HARM,
    }
)
"""Category codes of offences that are sexual."""
VIOLENT_OFFENCE = frozenset(
    {
        "violence",
        "serious-violence",
        "violence-against-the-person",
        "grievous-bodily-harm",
        "wounding",
        "murder",
        "attempted-murder",
        "manslaughter",
    }
)
"""Category codes of offences that are very violent (L150)."""

_CLASSED: Reads = {
    SexualBehaviourIncident: ("hsb_class", "hsb_forms", "brook"),
    OffenceReported: ("hsb_class", "hsb_forms", "category"),
    EmergencyAttendance: ("hsb_class",),
    ChildProtectionMedical: ("hsb_class",),
    Camhs: ("hsb_class",),
    social_care.Assessment: ("hsb_class",),
    youth_justice.Assessment: ("hsb_class",),
    youth_justice.Intervention: ("hsb_class", "offence_category"),
    HsbViewRecorded: ("hsb_class",),
}
CLASSES: Reads = _CLASSED
"""Event types on which a person may have recorded a class."""

REPORTS: Reads = {
    SexualBehaviourIncident: _CLASSED[SexualBehaviourIncident],
    OffenceReported: _CLASSED[OffenceReported],
    EmergencyAttendance: ("hsb_class",),
    Suspension: ("sexual_misconduct",),
    Exclusion: ("sexual_misconduct",),
    Disclosure: ("category",),
    ConcernLogged: ("category",),
    ConcernNoted: ("category",),
    ProtectionNotice: ("concern_category",),
    AccountRecorded: (),
    social_care.Contact: ("source_agency",),
    social_care.Referral: ("source_agency",),
}
"""Event types by which an incident or observation comes to notice; a contact that passes on what another
agency said is not one (`reported`)."""

STRAND: Reads = {
    **REPORTS,
    **_CLASSED,
    SuspectInterview: (),
    AbeInterview: (),
    youth_justice.Caution: ("offence_category",),
    youth_justice.CourtOutcome: ("offence_category", "convicted"),
}
"""Event types that can show the child has sexually harmed, or has been sexually harmed."""

HARMED_PARTS = (ChildPart.HAS_BEEN_SEXUALLY_HARMED,)
OTHER_PARTS = (ChildPart.WITNESS, ChildPart.SIBLING, ChildPart.IN_CONTACT)


def has_harmed(fact: Fact) -> bool:
    """The entry shows this child as one who has, or may have, sexually harmed."""
    part = fact.get("part")
    if part == ChildPart.HAS_SEXUALLY_HARMED:
        return not _usual(fact)
    return part == ChildPart.SUBJECT and bool(
        fact.get("sexual_misconduct")
        or fact.get("hsb_class") in WORRYING
        or (fact.get("offence_category") in SEXUAL_OFFENCE and fact.get("convicted") is not False)
    )


def was_harmed(fact: Fact) -> bool:
    """The entry shows this child as one who has, or may have, been sexually harmed."""
    if fact.get("part") == ChildPart.HAS_BEEN_SEXUALLY_HARMED:
        return not _usual(fact)
    told = fact.kind is Disclosure and fact.get("category") in SEXUAL_HARM
    return told and fact.get("part") == ChildPart.SUBJECT


def sexual(fact: Fact) -> bool:
    """The entry is about harmful sexual behaviour, whatever this child's part in it."""
    return has_harmed(fact) or was_harmed(fact) or _about_sexual_harm(fact)


def reported(fact: Fact) -> bool:
    """The entry reports or observes harmful sexual behaviour, not passing on another agency's report."""
    return sexual(fact) and fact.get("source_agency") in (None, fact.family)


def step(fact: Fact) -> int | None:
    """Where on the continuum a person put the behaviour, None where nobody did."""
    said = fact.get("hsb_class")
    return ORDER.index(said) if said in ORDER else None


def _about_sexual_harm(fact: Fact) -> bool:
    if fact.get("part") in OTHER_PARTS:
        return False
    if fact.kind is SexualBehaviourIncident:
        return not _usual(fact)
    return bool({fact.get("category"), fact.get("concern_category")} & SEXUAL_OFFENCE)


def _usual(fact: Fact) -> bool:
    """A person found it healthy; or it is sharing between partners of similar age, and no more (R18, L35)."""
    said = fact.get("hsb_class")
    if said in WORRYING:
        return False
    sharing = set(fact.get("hsb_forms") or ()) == {HsbForm.SEXUAL_TEXTS}
    return sharing or said == BehaviourClass.NORMAL or fact.get("brook") == "green"
