"""An agency that never stops publishing; a process of its own, so that it can be killed at any point.

Its journal says which file it was about to publish and which it was told is accepted. A file that was begun
and not answered for is published again, as an agency does.
"""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from adapters.format import Sender
from adapters.publish import BusUnavailable, Station, flush, publish_file
from adapters.spool import SpoolUnavailable
from adapters.station import open_station
from schemas.vocabulary import Agency
from tests.soak.events import file_of, format_of

PAUSE = 0.25
"""Seconds between two files: four agencies then say some 300 events a second."""


class Journal:
    """What a publisher knows after it was killed."""

    def __init__(self, data: Path, agency: Agency) -> None:
        self._file = data / f"journal-{agency.value}"

    def accepted(self) -> int:
        """How many files the publisher was told are accepted: always the first ones."""
        said = self._file.read_bytes().split(b"\n")[:-1] if self._file.exists() else []
        return len(said)

    def accept(self, number: int) -> None:
        """Write down, durably, that a file was accepted."""
        with self._file.open("ab") as journal:
            journal.write(f"{number}\n".encode())
            journal.flush()
            os.fsync(journal.fileno())


def main(data: Path, agency: Agency) -> None:
    """Publish until a file named `enough` lies in the folder, then send what is spooled."""
    journal, sender = Journal(data, agency), Sender("soak", "soak", datetime.now(UTC))
    with open_station(data, agency, lambda: datetime.now(UTC), os.environ) as station:
        while True:
            number = journal.accepted()
            publish_file(station, format_of(agency), file_of(number), sender)
            journal.accept(number)
            if (data / "enough").exists():
                break
            time.sleep(PAUSE)
        _flushed(station)


def _flushed(station: Station) -> None:
    while True:
        try:
            flush(station)
        except (BusUnavailable, SpoolUnavailable):
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), Agency(sys.argv[2]))
