"""Deliveries that could not be taken, in people's hands: seen without what they say, retried, given up."""

from collections.abc import Callable

from hub.casework.duties import UPKEEP
from hub.domain.child import By
from hub.errors import Refused
from hub.intake.opening import Refusal
from hub.records import Records
from hub.store.effects import Effects, Ended, Quarantined

Retry = Callable[[Quarantined, str], Refusal | None]


def held(records: Records, id_: int, state: str | None = None) -> Quarantined:
    """One held delivery, also one that was ended. Raises Refused where there is none (in this state)."""
    found = records.archive.rows.quarantined(state, id_)
    if not found:
        raise Refused("nothing is held under this number")
    return found[0]


def discard(records: Records, id_: int, by: By, reason: str) -> None:
    """Give a held delivery up: its bytes go; its reason, and who gave it up and why, stay.

    Raises Refused where nothing is held under this number, or no reason is said.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    one = held(records, id_, "held")
    records.record({}, Effects(ended=[Ended(one.id, "discarded", f"{by.person}: {reason}")]))


class HeldDesk:
    """What is held, for whoever looks after the hub. Never shows what a delivery says.

    All raise NotAllowed for a role that has not this duty, and Refused for what is not held.
    """

    def __init__(self, records: Records, retry: Retry) -> None:
        self._records, self._retry = records, retry

    def waiting(self, by: By) -> list[Quarantined]:
        """What is held now."""
        UPKEEP.check(by)
        return self._records.archive.rows.quarantined()

    def one(self, by: By, id_: int) -> Quarantined:
        """One delivery, held or ended."""
        UPKEEP.check(by)
        return held(self._records, id_)

    def retry(self, by: By, id_: int) -> Refusal | None:
        """Try it again, after an upgrade or once a key is known. None: it was taken."""
        UPKEEP.check(by)
        return self._retry(held(self._records, id_, "held"), by.person)

    def discard(self, by: By, id_: int, reason: str) -> None:
        """Give it up."""
        UPKEEP.check(by)
        discard(self._records, id_, by, reason)
