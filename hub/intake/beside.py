"""A process that reads batches of deliveries: `python -m hub.intake.beside FD`, started by `ahead.py`.

On its line come first what makes its reader, then one batch after the other; the end of the line ends it.
"""

import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

import msgspec

from hub.intake.deliveries import Delivery
from hub.intake.opening import Read, Reader

GONE = (EOFError, OSError)
"""What it looks like when the other end of a line is no more."""

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_deliveries = msgspec.msgpack.Decoder(list[Delivery]).decode
_read = msgspec.msgpack.Decoder(list[Read]).decode


def ask(line: Connection, batch: Sequence[Delivery]) -> None:
    """Send a batch to be read."""
    line.send_bytes(_encode(batch))


def hear(line: Connection) -> list[Read]:
    """Wait for what a batch turned out to be; nothing: it could not be read there."""
    return _read(line.recv_bytes())


def main(line: Connection) -> None:
    """Read until the line ends: the terminal's interrupt is for the process at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(*GONE):
        reader: Reader = line.recv()()
        gc.collect()
        gc.freeze()  # as hub.compose.settle: this process only works
        gc.set_threshold(200_000, 20, 50)
        line.send_bytes(b"")
        while True:
            line.send_bytes(_answer(reader, line.recv_bytes()))


def _answer(reader: Reader, batch: bytes) -> bytes:
    try:
        return _encode(reader.read(_deliveries(batch)))
    except Exception:  # noqa: BLE001 — a traceback could show a child's words; it is read again by who started this
        return _encode([])


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[1]), False)
    main(Connection(int(sys.argv[1])))
