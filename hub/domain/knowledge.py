"""What the hub knew of a child, from when until when: the history the life of a flag is drawn from."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.timeline import Fact, Facts


class Known(NamedTuple):
    """A fact, when the hub first knew it so, and when it ceased to (None: it stands still).

    It ceases when the entry was corrected or withdrawn, or when the end of an ongoing episode was told: the
    episode with its end is then another `Known` of the same entry.
    """

    fact: Fact
    since: datetime
    until: datetime | None = None

    def at(self, moment: datetime) -> bool:
        """True where the hub knew it so at the moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


def known_at(known: Iterable[Known], moment: datetime) -> Facts:
    """What stood at a moment."""
    return Facts(k.fact for k in known if k.at(moment))
