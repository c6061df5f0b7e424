"""A partner's system: a machine that an agency answers for, known by its own key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from hub.domain.child import By
from hub.errors import Refused

OF_SYSTEMS = "system:"
"""Before a system's name, where records name who was shown something."""


class SystemEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of a system. Subclasses are past tense and final."""


class SystemAdmitted(SystemEvent, frozen=True, tag="admitted"):
    """A system may read as a role of its agency, for that role's purposes.

    It proves who it is with the private half of `key` (a public JWK, as JSON) and, where `certificate` (the
    SHA-256 of it) is not empty, over a connection made with that certificate. Said again: the newest holds.
    """

    name: str
    agency: str
    role: str
    key: str
    certificate: bytes
    until: datetime | None
    by: By
    reason: str


class SystemDismissed(SystemEvent, frozen=True, tag="dismissed"):
    """The system may do nothing any more; its tokens are void at once."""

    by: By
    reason: str


AnySystemEvent = SystemAdmitted | SystemDismissed


@dataclass(slots=True)
class System:
    """A system as it stands."""

    id: UUID
    version: int = 0
    admitted: SystemAdmitted | None = None
    grant: int = 0
    """The event that admitted it: a token given out under it ends with it."""

    def standing(self, now: datetime) -> SystemAdmitted | None:
        """What it is admitted as now, if it is."""
        admitted = self.admitted
        if admitted is None or (admitted.until is not None and now >= admitted.until):
            return None
        return admitted


def admit(admitted: SystemAdmitted, now: datetime) -> Sequence[AnySystemEvent]:
    """Admit a system, or admit it anew. Raises Refused without a reason, or for an end that has passed."""
    if not admitted.reason.strip():
        raise Refused("a reason is needed")
    if admitted.until is not None and admitted.until <= now:
        raise Refused("the end of the admission has passed already")
    return [admitted]


def dismiss(system: System, by: By, reason: str) -> Sequence[AnySystemEvent]:
    """Dismiss a system. Raises Refused without a reason, or where it is not admitted."""
    if not reason.strip():
        raise Refused("a reason is needed")
    if system.admitted is None:
        raise Refused("no such system is admitted")
    return [SystemDismissed(by=by, reason=reason)]


def evolve_system(system: System, event: Any, _: datetime) -> None:
    """Change the state by one event."""
    system.version += 1
    if isinstance(event, SystemAdmitted):
        system.admitted, system.grant = event, system.version
    else:
        system.admitted = None
