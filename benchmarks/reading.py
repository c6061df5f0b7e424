"""Rebuilding a child of 1,000 entries against a raw select; opening its chronology against bare opens."""

from benchmarks.grounds import durable, ground, middle, ratio, timed
from hub import compose
from hub.confidentiality.sealing import unseal
from hub.domain.child import By, Child, allocate
from hub.records.reading import fold
from hub.sharing.look import Reader

ENTRIES, TIMES = 1000, 45
READER = Reader(By("p", "social-worker", "social-care"), "section-47")


def main() -> None:
    """Measure and print."""
    with ground() as here:
        here.publish(ENTRIES, 1)
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            while intake.step().read:
                pass
            (child,) = hub.records.children()
            hub.records.act(child, lambda c: allocate(c, READER.by, None, READER.by))
            _rebuild(here, hub, child)
            _chronology(hub, child)


def _rebuild(here, hub, child) -> None:
    raw = durable(here.settings.archive)
    columns = "originator_version, topic, state"
    query = f"SELECT {columns} FROM events WHERE originator_id=? ORDER BY originator_version"
    rebuilt, floor = [], []
    for _ in range(TIMES):
        rebuilt.append(timed(lambda: fold(Child(child), hub.records.archive.stream(child))))
        floor.append(timed(lambda: raw.execute(query, (child.bytes,)).fetchall()))
    raw.close()
    each = f"{middle(rebuilt) / ENTRIES * 1e6:.1f} us an entry, floor {middle(floor) / ENTRIES * 1e6:.1f} us"
    ratio("rebuild-1000", _each(rebuilt, floor), 6.0, more=each)


def _chronology(hub, child) -> None:
    record = hub.records.child(child)
    reads = {s.value for s in hub.policy.roles[READER.by.role].reads}
    opens = [
        (hub.keys.for_opening(child, e.scope, 1), child, k.entry.id, e.scope, k.entry.type, e.sealed)
        for k in record.entries.values()
        for e in k.entry.envelopes
        if e.scope in reads
    ]
    opened, floor = [], []
    for _ in range(TIMES):
        opened.append(timed(lambda: hub.share.chronology(READER, child)))
        floor.append(timed(lambda: [unseal(*args) for args in opens]))
    each = f"{len(opens)} envelopes, {middle(opened) * 1e3:.1f} ms, floor {middle(floor) * 1e3:.1f} ms"
    ratio("chronology-1000", _each(opened, floor), 1.5, more=each)


def _each(ours: list[float], floor: list[float]) -> float:
    """The middle of what each time was to the floor just after it: others come and go on the machine."""
    return middle([one / other for one, other in zip(ours, floor, strict=True)])


if __name__ == "__main__":
    main()
