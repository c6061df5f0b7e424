"""Of which sort of incident an entry may be, by its coded signals (patterns.md 3.1, point 2)."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas import social_care, youth_justice
from schemas.any_agency import ConcernNoted, Engagement, HouseholdChanged
from schemas.case_event import CaseEvent
from schemas.health import (
    AppointmentMissed,
    Camhs,
    ChildProtectionMedical,
    EmergencyAttendance,
    InjuryNoted,
    RegistrationChanged,
    SelfHarm,
    SubstanceConcern,
)
from schemas.police import (
    DomesticAbuseIncident,
    ExploitationConcern,
    MissingEpisode,
    OffenceReported,
    ProtectionNotice,
    SuspectInterview,
)
from schemas.protocol import AccountRecorded, HsbViewRecorded
from schemas.schools import (
    ConcernLogged,
    Disclosure,
    Exclusion,
    Move,
    SexualBehaviourIncident,
    Suspension,
)
from schemas.vocabulary import Agency

ANY: frozenset[str] = frozenset()
"""The entry does not say: it may be of any sort."""
SEXUAL, VIOLENCE, MISSING = frozenset({"sexual"}), frozenset({"violence"}), frozenset({"missing"})
SELF_HARM, NEGLECT = frozenset({"self-harm"}), frozenset({"neglect"})
SUBSTANCES, EXPLOITATION = frozenset({"substances"}), frozenset({"exploitation", "sexual"})
INJURY = SEXUAL | VIOLENCE | SELF_HARM
"""An injury does not say what it comes of."""
SORTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("sexual-harm", "harmful-sexual-behaviour", "sexual-misconduct", "sexual"), SEXUAL),
    **dict.fromkeys(("sexual-offence", "sexual-offence-against-a-child", "sexual-assault", "rape"), SEXUAL),
    **dict.fromkeys(("indecent-images",), SEXUAL),
    **dict.fromkeys(("violence", "serious-violence", "violence-against-the-person", "wounding"), VIOLENCE),
    **dict.fromkeys(("grievous-bodily-harm", "murder", "attempted-murder", "manslaughter"), VIOLENCE),
    **dict.fromkeys(("domestic-abuse", "risk-to-children"), VIOLENCE),
    **dict.fromkeys(("injury", "physical-harm"), INJURY),
    **dict.fromkeys(("neglect", "hunger", "appearance", "supervision", "home-conditions"), NEGLECT),
    **dict.fromkeys(("dental", "growth", "weight-falling", "immunisation"), NEGLECT),
    **dict.fromkeys(("exploitation", "online-exploitation", "grooming", "gifts"), EXPLOITATION),
    **dict.fromkeys(("older-associates", "online", "online-bullying", "cyberbullying"), EXPLOITATION),
    "missing": MISSING,
    "self-harm": SELF_HARM,
    "parent-substances": SUBSTANCES,
    "parent-mental-health": frozenset({"parents-health"}),
    "eviction": frozenset({"eviction"}),
}
"""The sorts of incident that a category code says; one that is not here, or none, may be of any."""


Signals = Mapping[str, Any]
Sorts = frozenset[str]


def _by_category(said: Signals) -> Sorts:
    if said.get("hsb_class") or said.get("sexual_misconduct"):
        return SEXUAL
    return SORTS.get(said.get("category") or said.get("concern_category") or "", ANY)


def _hurt(said: Signals) -> Sorts | None:
    if said.get("injury") is True:
        return INJURY
    return SEXUAL if said.get("hsb_class") else None


def _failed(said: Signals) -> Sorts | None:
    if said.get("hsb_class"):
        return SEXUAL
    return frozenset({"engagement"}) if said.get("stage") in ("failed", "did-not-engage") else None


def _moved(said: Signals) -> Sorts | None:
    return None if said.get("kind") == "new-adult" else frozenset({"move"})


def _own(said: Signals) -> Sorts | None:
    passed_on = said.get("source_agency") not in (None, Agency.SOCIAL_CARE)
    return None if passed_on else ANY


def _classed(said: Signals) -> Sorts | None:
    return SEXUAL if said.get("hsb_class") else None


def _always(*sorts: str) -> Callable[[Signals], Sorts]:
    return lambda _: frozenset(sorts)


_SORTS: Mapping[type[CaseEvent], Callable[[Signals], Sorts | None]] = {
    **dict.fromkeys((ConcernNoted, ConcernLogged, Disclosure, ProtectionNotice), _by_category),
    **dict.fromkeys((OffenceReported, Suspension, Exclusion), _by_category),
    **dict.fromkeys((SuspectInterview, AccountRecorded, youth_justice.Caution), _always()),
    **dict.fromkeys((social_care.Contact, social_care.Referral), _own),
    **dict.fromkeys((SexualBehaviourIncident, HsbViewRecorded), _always("sexual")),
    **dict.fromkeys((ChildProtectionMedical, social_care.Assessment), _classed),
    **dict.fromkeys((youth_justice.Assessment, youth_justice.Intervention), _classed),
    EmergencyAttendance: _hurt,
    InjuryNoted: _always(*INJURY),
    DomesticAbuseIncident: _always(*VIOLENCE),
    ExploitationConcern: _always(*EXPLOITATION),
    SelfHarm: _always(*SELF_HARM),
    SubstanceConcern: _always(*SUBSTANCES),
    **dict.fromkeys((MissingEpisode, social_care.ReturnInterview), _always(*MISSING)),
    **dict.fromkeys((AppointmentMissed, social_care.Disengaged), _always("engagement")),
    **dict.fromkeys((Engagement, Camhs), _failed),
    **dict.fromkeys((HouseholdChanged, RegistrationChanged, Move, social_care.AreaMove), _moved),
}
"""Entries of which a rule may count how many incidents they tell of: of which sort each is; None: of none."""


def sorts_told(kind: type[CaseEvent], said: Signals) -> Sorts | None:
    """The sorts of incident an entry may be of; empty: of any; None: it tells of no incident.

    Coarse on purpose: in doubt two entries are of one sort, and a person is asked.
    """
    sort = _SORTS.get(kind)
    return sort(said) if sort else None
