"""The reckoning after a soak: every event once, in one child's record; drawn is what a rebuild draws."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from hub import compose
from hub.compose import Hub
from hub.settings import Settings
from schemas.vocabulary import Agency
from tests.soak.events import CHILDREN, SPEAKING, events_of
from tests.soak.publisher import Journal


@dataclass(frozen=True)
class Account:
    """What was found. Nothing is right until `faults` is empty."""

    published: int
    recorded: int
    children: int
    held: int
    ledger: int
    faults: tuple[str, ...]


def reckon(settings: Settings) -> Account:
    """Take in and draw what is left, then compare what the agencies were told is accepted with the record."""
    with compose.open_hub(settings) as hub:
        _take_in_the_rest(hub)
        expected = _published(settings.data)
        found = _recorded(hub)
        faults = [
            *_each_once(expected, found),
            *_of_one_child(expected, found),
            *_drawn_as_rebuilt(hub),
            *_nothing_waits(hub),
        ]
        verdict = hub.ledger.verify()
        if not verdict.holds:
            faults.append(f"the ledger does not verify: {verdict}")
        held = len(hub.records.archive.rows.quarantined())
        if held:
            faults.append(f"{held} deliveries are held")
        recorded, rows = sum(map(len, found.values())), hub.ledger.ledger.size()
        return Account(len(expected), recorded, len(found), held, rows, tuple(faults))


def _take_in_the_rest(hub: Hub) -> None:
    with compose.open_intake(hub) as intake:
        while any(intake.lag().values()):
            intake.step(timeout=1.0)
    for follower in hub.followers:
        follower.catch_up()
    hub.ledger.catch_up()


def _published(data: Path) -> dict[UUID, str]:
    """The identifier of the child each accepted event is about, by event id."""
    return {
        event.event_id: event.identifiers[0].value
        for agency in SPEAKING
        for file in range(Journal(data, Agency(agency)).accepted())
        for event in events_of(agency, file)
    }


def _recorded(hub: Hub) -> dict[UUID, list[UUID]]:
    return {child: list(hub.records.child(child).entries) for child in hub.records.children()}


def _each_once(expected: dict[UUID, str], found: dict[UUID, list[UUID]]) -> list[str]:
    times = Counter(entry for entries in found.values() for entry in entries)
    lost = [entry for entry in expected if not times[entry]]
    doubled = [entry for entry, n in times.items() if n > 1]
    foreign = [entry for entry in times if entry not in expected]
    faults = {"lost": lost, "recorded twice": doubled, "that nobody was told are accepted": foreign}
    return [f"{len(which)} events {what}" for what, which in faults.items() if which]


def _of_one_child(expected: dict[UUID, str], found: dict[UUID, list[UUID]]) -> list[str]:
    mixed = [child for child, entries in found.items() if len({expected.get(e) for e in entries}) != 1]
    faults = [f"{len(mixed)} records hold the events of several children"] if mixed else []
    if len(found) != min(CHILDREN, len(set(expected.values()))):
        faults.append(f"{len(found)} records for {len(set(expected.values()))} children")
    return faults


def _drawn_as_rebuilt(hub: Hub) -> list[str]:
    faults = []
    for follower in hub.followers:
        drawn = follower.rows()
        follower.rebuild()
        if drawn != follower.rows():
            faults.append(f"{follower.projection.name}: a rebuild draws something else")
        if follower.parked():
            faults.append(f"{follower.projection.name}: {len(follower.parked())} children are parked")
    return faults


def _nothing_waits(hub: Hub) -> list[str]:
    with compose.open_intake(hub) as intake:
        return [f"{n} deliveries wait on {topic}" for topic, n in intake.lag().items() if n]
