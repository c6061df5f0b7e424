"""The ways each role has through the pages: what stands in the menu."""

from typing import NamedTuple

from hub.audit.exporting import KEEPERS
from hub.audit.inspection import AUDITORS
from hub.casework import duties
from hub.domain.child import By
from hub.oversight.desk import PARTNERS
from hub.sharing.access_desk import ANSWERERS, LOOKS_ON
from hub.sharing.acts import Acts
from hub.sharing.policy import Policy


class Way(NamedTuple):
    """One entry of the menu."""

    name: str
    address: str


FIND = Way("Find a child", "/children/find")
FIRST = Way("First account", "/first")
WORKLIST = Way("Worklist", "/worklist")
CALENDAR = Way("Calendar", "/calendar")
ACCESS = Way("Access", "/access")
IDENTITY = Way("Identity", "/identity")
QUARANTINE = Way("Quarantine", "/quarantine")
PARTNERSHIP = Way("Partnership's desk", "/partnership")
SUBJECT_ACCESS = Way("Subject access", "/subject-access")
PROSECUTION = Way("For a court", "/prosecution")
AUDIT = Way("Auditor's desk", "/audit")


def ways_of(policy: Policy, acts: Acts, by: By) -> list[Way]:
    """What this role can go to; the pages themselves ask again who may."""
    role = policy.roles.get(by.role)
    reads = role is not None and bool(role.reads)
    found = [FIND] if reads else []
    if acts.first(by.role):
        found.append(FIRST)
    if reads:
        found += [WORKLIST, CALENDAR]
    if reads or by.role in {*policy.break_glass.all_guardians, *ANSWERERS, *LOOKS_ON}:
        found.append(ACCESS)
    found += [
        way
        for way, duty in ((IDENTITY, duties.IDENTITY), (QUARANTINE, duties.UPKEEP))
        if by.role in duty.roles
    ]
    if by.role in KEEPERS:
        found += [SUBJECT_ACCESS, PROSECUTION]
    if by.role in AUDITORS:
        found.append(AUDIT)
    if by.role in PARTNERS:
        found.append(PARTNERSHIP)
    return found
