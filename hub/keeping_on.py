"""Keeps a worker going whatever is down meanwhile, until it is asked to stop."""

from collections.abc import Callable

from hub.errors import Conflict, Unavailable

FIRST, LONGEST = 1.0, 30.0
"""Seconds until the first and, doubling, the later attempts after something could not be reached."""
SLICE = 1.0
"""Seconds a worker sleeps before it looks again whether it is asked to stop."""


def keep_on(
    step: Callable[[], None],
    stopping: Callable[[], bool],
    waiting: Callable[[str, float], None],
    hold: Callable[[float], None],
) -> None:
    """Do `step` again and again until `stopping`.

    Where something cannot be reached: say so (`waiting`: why, and for how many seconds), `hold` for as long,
    a slice at a time, and go on. Anything else `step` raises is for a person.
    """
    again = 0.0
    while not stopping():
        try:
            step()
        except (Unavailable, Conflict) as error:
            again = min(again * 2 or FIRST, LONGEST)
            waiting(str(error), again)
            left = again
            while left > 0 and not stopping():
                hold(min(SLICE, left))
                left -= SLICE
        else:
            again = 0.0
