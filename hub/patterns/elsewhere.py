"""What stands on other children's records at this child's places: for rules across children only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hub.domain.timeline import Fact


class OthersFact(NamedTuple):
    """An entry on another child's record. `child` is the keyed hash by which ties know that child."""

    child: str
    fact: Fact


@dataclass(frozen=True)
class Elsewhere:
    """Other children's entries by the keyed hash of the place they name. Never shown, only counted."""

    by_place: Mapping[str, tuple[OthersFact, ...]] = field(default_factory=dict)

    def at(self, place: str) -> tuple[OthersFact, ...]:
        """The entries of other children that name this place, as they happened."""
        return tuple(sorted(self.by_place.get(place, ()), key=lambda o: (o.fact.at, o.fact.entry.bytes)))

    def only(self, family: str) -> "Elsewhere":
        """What this agency alone would have seen."""
        return self._keep(lambda fact: fact.family == family)

    def known_at(self, moment: datetime) -> "Elsewhere":
        """What the hub knew at a moment."""
        return self._keep(lambda fact: fact.recorded_at <= moment)

    def happened_by(self, moment: datetime) -> "Elsewhere":
        """What had happened by a moment."""
        return self._keep(lambda fact: fact.at <= moment)

    @property
    def families(self) -> frozenset[str]:
        """The agency families these entries come from."""
        return frozenset(o.fact.family for others in self.by_place.values() for o in others)

    def _keep(self, test: Callable[[Fact], bool]) -> "Elsewhere":
        if not self.by_place:
            return self
        return Elsewhere(
            {place: tuple(o for o in others if test(o.fact)) for place, others in self.by_place.items()}
        )


NOBODY = Elsewhere()
"""No other child's record is tied to this one."""
