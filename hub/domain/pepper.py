"""The peppers that children are found by: a newer generation is turned to, and the older one destroyed.

Each event names generations of the peppers and nothing they hash. The key file holds the secrets; which of
them the store's identifiers stand under, the store says, so that a restored store says it of itself.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec


class PepperEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of the peppers."""

    generation: int


class PepperTurning(PepperEvent, frozen=True, tag="pepper-turning"):
    """From now on whatever is claimed is claimed under this generation too; the older is what is found by."""


class PepperTurned(PepperEvent, frozen=True, tag="pepper-turned"):
    """Whatever lives is claimed under this generation: it is what is found by, and the older no more.

    `dark` of the older one's identifiers were left behind: of children erased, or that nothing names now.
    """

    dark: int


class PepperDestroyed(PepperEvent, frozen=True, tag="pepper-destroyed"):
    """The peppers of the generation are destroyed: what stands under it can be tested by nobody."""


AnyPepperEvent = PepperTurning | PepperTurned | PepperDestroyed


@dataclass(slots=True)
class Peppers:
    """The peppers as they stand: what is found by (`live`), what is turned to, what was left and when."""

    version: int = 0
    live: int = 1
    turning: int | None = None
    left: dict[int, datetime] = field(default_factory=dict)
    destroyed: set[int] = field(default_factory=set)

    @property
    def claimed(self) -> tuple[int, ...]:
        """The generations that a new identifier is claimed under; the first is what is found by."""
        return (self.live,) if self.turning is None else (self.live, self.turning)


def evolve_peppers(peppers: Peppers, event: Any, at: datetime) -> None:
    """Change the state by one event."""
    peppers.version += 1
    match event:
        case PepperTurning():
            peppers.turning = event.generation
        case PepperTurned():
            peppers.left[peppers.live] = at
            peppers.live, peppers.turning = event.generation, None
        case PepperDestroyed():
            peppers.destroyed.add(event.generation)
