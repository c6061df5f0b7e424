"""A person tries to come to a record that is barred to them: recorded, and told to who answers for it."""

from hub.domain.access import BarMet, meet_bar
from hub.records import Records
from hub.sharing.look import Reader
from hub.sharing.relationship import Barred
from hub.telling.matter import Matter, decided
from hub.telling.settings import Kind, TellingSettings

ALERTED = ("information-governance-lead", "caldicott-guardian")
"""Who is told, the first of them that the settings know (field.md: conflict block and alert)."""


class Bars:
    """Notes who came against a bar."""

    def __init__(self, records: Records, whom: TellingSettings) -> None:
        self._records, self._whom = records, whom

    def met(self, reader: Reader, bar: Barred, question: str) -> None:
        """Record it, once a day for each person and bar, together with that somebody is told."""
        now = self._records.clock()
        met = BarMet(restriction=bar.restriction, reader=reader.by, question=question)
        version = f"{reader.by.person}@{now.isoformat()}"
        matter = Matter(Kind.BAR_MET, bar.restriction, version, bar.record, ALERTED, now)
        self._records.act(
            bar.record, lambda child: meet_bar(child.access, met, now), decided(matter, self._whom)
        )
