"""Goes on past deliveries that the bus no longer holds: a named person's decision, and recorded as one."""

from hub.domain.child import By
from hub.domain.feed import DeliveriesGivenUp
from hub.errors import Refused
from hub.records import Records
from hub.store.effects import Effects
from hub.store.mapper import HUB


def accept_loss(
    records: Records, at: tuple[str, int], first: int, following: int, by: By, reason: str
) -> None:
    """Put the hub's position in a partition from `first` to `following`, in one transaction with who and why.

    Raises Refused where the hub is not at `first` or no reason is given, Conflict where a worker moved on.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    known = records.archive.rows.positions().get(at)
    if (known or 0) != first:
        raise Refused(f"the hub would read {known or 0} next in {at[0]}/{at[1]}, not {first}")
    given_up = DeliveriesGivenUp(
        topic=at[0], partition=at[1], first=first, following=following, by=by, reason=reason
    )
    records.record({}, Effects({at: (known, following)}), appended={HUB: [given_up]})
