"""Which agency leads for a child, by the record; and whose guardian looks at why the glass was broken.

The lead practitioner of a child in need, or of whom an enquiry is made, is a social worker of the local
authority (Working Together to Safeguard Children, 2023, chapter 3; from memory).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.child import Child
from hub.sharing.policy import Policy
from schemas.vocabulary import Agency

LEADS = Agency.SOCIAL_CARE.value
"""Leads wherever it works with the child."""


class Guardians(NamedTuple):
    """Who reviews: the roles that are told, first the lead agency's own. `lead` empty: no agency leads."""

    lead: str
    roles: tuple[str, ...]


def lead_agency(records: Iterable[Child], now: datetime) -> str:
    """The agency that leads for a child now; empty: none does.

    The social worker's where one is allocated, else the agency whose worker has been allocated longest; where
    nobody is, the same of agencies that are recorded as working with the child. That an agency holds an entry
    makes it no lead.
    """
    records = tuple(records)
    allocated = [
        by.agency
        for child in records
        for by, event in child.allocations.items()
        if (event.until is None or now <= event.until) and (event.since is None or event.since <= now)
    ]
    involved = [
        agency
        for child in records
        for agency, until in child.access.agencies.items()
        if until is None or now <= until
    ]
    for agencies in (allocated, involved):
        if agencies:
            return LEADS if LEADS in agencies else agencies[0]
    return ""


def guardians_of(records: Iterable[Child], policy: Policy, breaker: str, now: datetime) -> Guardians:
    """Who looks at why somebody of the agency `breaker` broke the glass of this record.

    The guardian of the lead agency; the policy's own where no agency leads, or where the one that does names
    none. Where that is one of the breaker's own agency, another agency's looks too: never an agency at itself
    alone (security.md 3.5).
    """
    rule = policy.break_glass
    lead = lead_agency(records, now)
    first = rule.guardians.get(Agency(lead), rule.guardian) if lead in set(Agency) else rule.guardian
    if policy.roles[first].agency != breaker:
        return Guardians(lead, (first,))
    others = (role for role in rule.all_guardians if policy.roles[role].agency != breaker)
    return Guardians(lead, (first, *list(others)[:1]))
