"""What a refused look costs: of a barred record, and of another's, against one that there is not."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from benchmarks.grounds import ground, middle, ratio, timed
from hub import compose
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.errors import UnknownChild
from hub.sharing.look import Reader

ENTRIES, TIMES = 400, 300
READER = Reader(By("po", "probation-officer", "probation"), "section-47")
LEAD = By("ig", "information-governance-lead", "social-care")


def main() -> None:
    """Measure, in turn, and print: remembered records, and one that is read for it."""
    with ground() as here:
        here.publish(2 * ENTRIES, 2)
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            while intake.step().read:
                pass
            barred, others = hub.records.children()
            hub.gates.close(LEAD, barred, Closing.BARRED, "x", named=(READER.by,), interest=Interest.OWN)
            spent: dict[str, list[float]] = {"barred": [], "others": [], "unknown": [], "cold": []}
            for _ in range(TIMES):
                spent["unknown"].append(timed(_look(hub, uuid4())))
                spent["barred"].append(timed(_look(hub, barred)))
                spent["others"].append(timed(_look(hub, others)))
            for _ in range(TIMES // 10):
                hub.records.forget()
                spent["cold"].append(timed(_look(hub, barred)))
    floor = middle(spent["unknown"])
    ms = {name: f"{middle(times) * 1e3:.2f} ms" for name, times in spent.items()}
    said = f"{ms['barred']} against {ms['unknown']}; not remembered, of {ENTRIES} entries: {ms['cold']}"
    ratio("refused-barred", middle(spent["barred"]) / floor, 1.2, more=said)
    ratio("refused-anothers", middle(spent["others"]) / floor, 1.2, more=ms["others"])


def _look(hub: compose.Hub, record: UUID) -> Callable[[], None]:
    def look() -> None:
        with suppress(UnknownChild):
            hub.share.chronology(READER, record)

    return look


if __name__ == "__main__":
    main()
