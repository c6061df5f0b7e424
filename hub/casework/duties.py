"""What somebody looks after beside the children they work with, and the roles it is given to."""

from typing import NamedTuple

from hub.domain.child import By
from hub.errors import NotAllowed


class Duty(NamedTuple):
    """What somebody looks after, and the roles of the policy that it is given to."""

    what: str
    roles: tuple[str, ...]

    def check(self, by: By) -> None:
        """Raise NotAllowed where it is not this role's."""
        if by.role not in self.roles:
            raise NotAllowed(f"{self.what} are for {' or '.join(self.roles)}")


UPKEEP = Duty("what is held, and what was lost", ("operator",))
IDENTITY = Duty("questions of identity", ("mash-coordinator", "operator"))
DISPOSAL = Duty("erasure, holds and retention", ("information-governance-lead", "caldicott-guardian"))
GOVERNANCE = Duty("policies", ("information-governance-lead", "caldicott-guardian"))
ADMISSION = Duty("who may come in", ("information-governance-lead", "operator"))
