"""What one more event costs the follower of flags, store and all, at a child of 10 entries and of 10,000."""

from time import process_time

from benchmarks.grounds import ground, middle, ratio, timed
from hub import compose

FEW, MANY, TIMES = 10, 10_000, 40


def main() -> None:
    """Measure and print."""
    with ground() as here:
        here.publish(MANY, 1)
        here.publish(FEW, 1, first=MANY, child=1)
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            flags = next(f for f in hub.followers if f.name.startswith("flags."))
            _take_all(intake)
            flags.catch_up()
            spent: dict[int, list[float]] = {0: [], 1: []}
            worked: dict[int, float] = {0: 0.0, 1: 0.0}
            for number in range(2 * TIMES):
                child = number % 2
                here.publish(1, 1, first=MANY + FEW + number, child=child)
                _take_all(intake)
                before = process_time()
                spent[child].append(timed(flags.step))
                worked[child] += process_time() - before
    many, few = (worked[child] / TIMES for child in (0, 1))
    each = f"{few * 1e3:.2f} ms of processor at {FEW} entries, {many * 1e3:.2f} at {MANY:,}"
    each += f" (by the clock, medians {middle(spent[1]) * 1e3:.2f}, {middle(spent[0]) * 1e3:.2f})"
    ratio("flags-one-more-event", many / few, 2.0, more=each)


def _take_all(intake) -> None:
    while intake.step().read:
        pass


if __name__ == "__main__":
    main()
