"""Sends agencies their receipts on the bus, once they are laid down, and which key to seal to."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hub.errors import Unavailable
from hub.intake.sending import Sending
from schemas.vocabulary import Agency
from schemas.whole_file import write_whole
from schemas.wire import Message, bus_key_message, receipt_message

SENT = "sent.json"
"""Beside the agencies' folders: the last position sent to each."""
ANNOUNCED = "announced.json"
"""Likewise: the key that was last announced, and when."""
DAILY = timedelta(days=1)
TOGETHER = 200
"""Receipts sent in one batch: some kilobytes each."""
AGAIN = timedelta(minutes=1)
"""How long a bus that did not take them is left alone: whoever follows has views to draw meanwhile."""


class ReceiptPost:
    """The folder is the outbox: a receipt is marked as sent once the bus has it to stay.

    Killed between the two it is sent again, and the agency that has it already keeps it once. One process
    sends: whoever follows.
    """

    def __init__(self, folder: Path, bus: Callable[[], Sending], clock: Callable[[], datetime]) -> None:
        """`bus` is reached when there is first something to send. Raises nothing."""
        self._folder, self._bus, self._clock = folder, bus, clock
        self._sending: Sending | None = None
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._left: dict[Agency, list[Path]] | None = None

    def send(self, laid: Sequence[Path], stopping: Callable[[], bool] = lambda: False) -> int:
        """Send what is laid down and not sent yet, or until `stopping`; tells how many.

        `laid`: what was laid down just now. What waits from before is looked for once, when this begins: the
        folders hold every receipt there ever was. Raises Unavailable: then they wait, and the bus is not
        asked again for a minute.
        """
        if self._left is None:
            self._left = {agency: self._waiting(agency) for agency in Agency}
        else:
            for file in laid:
                self._left[Agency(file.parent.name)].append(file)
        if self._clock() < self._not_before:
            return 0
        total = 0
        for agency, waiting in self._left.items():
            while waiting:
                if stopping():
                    return total
                some = waiting[:TOGETHER]
                now = self._clock()
                messages = [receipt_message(agency, int(f.stem), f.read_bytes(), now) for f in some]
                self._put_on_the_bus(messages)
                self._mark(agency, int(some[-1].stem))
                del waiting[:TOGETHER]
                total += len(some)
        return total

    def announce(self, key: Mapping[str, Any]) -> int:
        """Say which key to seal to (as `House.bus_public` gives it) to each agency that ever got a receipt.

        Where it is another than was said last, and again after a day: who was away longer than the bus keeps
        learns of it too. Tells to how many. Raises Unavailable, as `send` does.
        """
        now, file = self._clock(), self._folder / ANNOUNCED
        told = _read(file)
        recent = now.timestamp() - told.get("at", 0) < DAILY.total_seconds()
        if (told.get("kid") == key["kid"] and recent) or now < self._not_before:
            return 0
        agencies = [agency for agency in Agency if (self._folder / agency.value).is_dir()]
        if agencies:
            said = json.dumps(key).encode()
            self._put_on_the_bus([bus_key_message(agency, key["kid"], said, now) for agency in agencies])
            write_whole(file, json.dumps({"kid": key["kid"], "at": int(now.timestamp())}).encode())
        return len(agencies)

    def waiting(self) -> int:
        """How many receipts the bus does not have yet."""
        return sum(len(self._waiting(agency)) for agency in Agency)

    def close(self) -> None:
        """Let go of the bus."""
        sending, self._sending = self._sending, None
        if sending is not None:
            with suppress(Unavailable):  # it is gone: what it had acknowledged is marked
                sending.close()

    def _waiting(self, agency: Agency) -> list[Path]:
        sent = self._sent().get(agency.value, 0)
        files = sorted((self._folder / agency.value).glob("*.json"))
        return [file for file in files if int(file.stem) > sent]

    def _put_on_the_bus(self, messages: Sequence[Message]) -> None:
        """After a failure the connection is given up: what lost a batch may not go on in order."""
        try:
            if self._sending is None:
                self._sending = self._bus()
            self._sending.send(messages)
        except Unavailable:
            self.close()
            self._not_before = self._clock() + AGAIN
            raise

    def _sent(self) -> dict[str, int]:
        return _read(self._folder / SENT)

    def _mark(self, agency: Agency, position: int) -> None:
        write_whole(self._folder / SENT, json.dumps({**self._sent(), agency.value: position}).encode())


def _read(file: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return found
