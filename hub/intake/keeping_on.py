"""Runs an intake worker: until nothing is left, or until it is asked to stop, whatever is down meanwhile."""

from collections.abc import Callable

from hub import keeping_on
from hub.intake.ingest import Intake
from hub.intake.work import Tally

WAIT = 1.0
"""Seconds one look at the bus lasts: how long a stop may take, besides the batch in hand."""


def take_what_is_there(
    worker: Intake, told: Callable[[Tally], None], stopping: Callable[[], bool] = lambda: False
) -> Tally:
    """Take in what the bus holds now, or until `stopping`, asked between two batches.

    An empty look may mean that another worker moved on: look twice.
    """
    total, empty = Tally(), 0
    while empty < 2 and not stopping():  # noqa: PLR2004 — as said
        step = worker.step()
        total = total + step
        told(step)
        empty = 0 if step.read else empty + 1
    return total


def keep_on(
    worker: Intake,
    stopping: Callable[[], bool],
    told: Callable[[Tally], None],
    waiting: Callable[[str, float], None],
) -> Tally:
    """Take in until `stopping`. Where bus or store cannot be reached: say so (`waiting`), hold, go on.

    A batch in hand is finished before it stops. Raises IntakeStopped, DeliveriesLost: a person must look.
    """
    total, lost = Tally(), False

    def step() -> None:
        nonlocal total, lost
        if lost:
            worker.seek()
        lost = True
        taken = worker.step(timeout=WAIT)
        lost = False
        total = total + taken
        told(taken)

    keeping_on.keep_on(step, stopping, waiting, worker.hold)
    return total
