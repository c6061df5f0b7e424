"""Runs an intake worker: until nothing is left, or until it is asked to stop, whatever is down meanwhile."""

from collections.abc import Callable

from hub.errors import Conflict, Unavailable
from hub.intake.ingest import Intake
from hub.intake.work import Tally

WAIT = 1.0
"""Seconds one look at the bus lasts: how long a stop may take, besides the batch in hand."""
FIRST, LONGEST = 1.0, 30.0
"""Seconds until the first and, doubling, the later attempts after something could not be reached."""


def take_what_is_there(worker: Intake, advance: Callable[[int], None]) -> Tally:
    """Take in what the bus holds now. An empty look may mean that another worker moved on: look twice."""
    total, empty = Tally(), 0
    while empty < 2:  # noqa: PLR2004 — as said
        step = worker.step()
        total = total + step
        advance(step.read)
        empty = 0 if step.read else empty + 1
    return total


def keep_on(
    worker: Intake,
    stopping: Callable[[], bool],
    advance: Callable[[int], None],
    waiting: Callable[[str, float], None],
) -> Tally:
    """Take in until `stopping`. Where bus or store cannot be reached: say so (`waiting`), hold, go on.

    A batch in hand is finished before it stops. Raises IntakeStopped, DeliveriesLost: a person must look.
    """
    total, again = Tally(), 0.0
    while not stopping():
        try:
            if again:
                worker.seek()
            step = worker.step(timeout=WAIT)
        except (Unavailable, Conflict) as error:
            again = min(again * 2 or FIRST, LONGEST)
            waiting(str(error), again)
            _hold(worker, again, stopping)
            continue
        again = 0.0
        total = total + step
        advance(step.read)
    return total


def _hold(worker: Intake, seconds: float, stopping: Callable[[], bool]) -> None:
    left = seconds
    while left > 0 and not stopping():
        worker.hold(min(WAIT, left))
        left -= WAIT
