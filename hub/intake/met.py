"""Which topics the hub's positions count on: one that was made anew has the name, and another id."""

from collections.abc import Mapping
from uuid import UUID

from hub.domain.feed import TopicMet
from hub.intake.deliveries import DeliveriesLost, to_go_on
from hub.records import Records
from hub.store.effects import Effects

TOPICS = UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e15")
"""The stream of the topics that were met."""


class Met:
    """The topics as the store says they were met. Only what came since the last look is read."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[str, str] = {}
        self._version = 0

    def meet(self, ids: Mapping[str, str], positions: Mapping[tuple[str, int], int]) -> None:
        """Take these topics for those that the positions count on, or say that they are not.

        Raises DeliveriesLost for a topic of which some was read before it was made anew: what of the older
        one was not read is gone, and what stands before the position in the newer one would be skipped.
        """
        for event in self._records.archive.stream(TOPICS, after=self._version):
            self._known[event.body.topic] = event.body.id
            self._version = event.originator_version
        new = {topic: id_ for topic, id_ in ids.items() if self._known.get(topic) != id_}
        for (topic, part), at in sorted(positions.items()):
            if at and topic in new and topic in self._known:
                place = f"{topic}/{part}"
                raise DeliveriesLost(
                    f"{place}: the topic was made anew since the hub read up to {at} of it; have sent again "
                    f"what was not read, then go on from its beginning: {to_go_on(place, at, 0)}"
                )
        if new:
            met = [TopicMet(topic=topic, id=id_) for topic, id_ in sorted(new.items())]
            self._records.record({}, Effects(), appended={TOPICS: met})
