"""What stands on other children's records under keys of this child's: for rules across children only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hub.domain.timeline import Fact, when

ITSELF = "itself"
"""The key under which a record keeps what others may ask of the child itself, whatever it names."""


class OthersFact(NamedTuple):
    """An entry on another child's record. `child` is the keyed hash by which ties know that child."""

    child: str
    fact: Fact


@dataclass(frozen=True)
class Elsewhere:
    """Other children's entries by a keyed hash: of the place or adult they name, or of the child itself.

    Never shown, only counted.
    """

    by_key: Mapping[str, tuple[OthersFact, ...]] = field(default_factory=dict)

    def at(self, key: str) -> tuple[OthersFact, ...]:
        """The entries of other children under this key, as they happened."""
        return tuple(sorted(self.by_key.get(key, ()), key=lambda o: when(o.fact)))

    def only(self, family: str) -> "Elsewhere":
        """What this agency alone would have seen."""
        return self._keep(lambda fact: fact.family == family)

    def known_at(self, moment: datetime) -> "Elsewhere":
        """What the hub knew at a moment."""
        return self._keep(lambda fact: fact.recorded_at <= moment)

    def happened_by(self, moment: datetime) -> "Elsewhere":
        """What had happened by a moment."""
        return self._keep(lambda fact: fact.at <= moment)

    def __iter__(self) -> Iterator[tuple[str, OthersFact]]:
        """Every entry with the key it stands under."""
        return ((key, other) for key, others in self.by_key.items() for other in others)

    @property
    def families(self) -> frozenset[str]:
        """The agency families these entries come from."""
        return frozenset(o.fact.family for others in self.by_key.values() for o in others)

    def _keep(self, test: Callable[[Fact], bool]) -> "Elsewhere":
        if not self.by_key:
            return self
        return Elsewhere(
            {key: tuple(o for o in others if test(o.fact)) for key, others in self.by_key.items()}
        )


NOBODY = Elsewhere()
"""No other child's record is tied to this one."""
