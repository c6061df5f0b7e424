"""An agency's files on their real way: adapter, spool, seal, bus; from a desk's own folder and keys."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from adapters.catalogue import format_named
from adapters.door import Report
from adapters.format import Sender
from adapters.publish import publish_file
from adapters.station import open_station
from tests.hubs import Desk

READ_AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def post(
    desk: Desk, format_name: str, paths: Iterable[Path], system: str = "invented-system"
) -> list[Report]:
    """Publish files in this order; what became of each."""
    form = format_named(format_name)
    reports = []
    bus = desk.settings.bus
    said = {} if bus is None else {"HUB_BUS": bus.address}
    with open_station(desk.settings.data, form.agency, lambda: datetime.now(UTC), said) as station:
        for path in paths:
            with path.open("rb") as file:
                reports.append(publish_file(station, form, file, Sender("Testshire", system, READ_AT)))
    return reports
