"""A process that reads batches of deliveries: `python -m hub.intake.beside FD`, started by `ahead.py`.

On its line come first what makes its reader, then one batch after the other; the end of the line ends it.
"""

import gc
import os
import pickle
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from hub.intake.deliveries import Delivery
from hub.intake.line import GONE, Line
from hub.intake.opening import Read, Reader

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_deliveries = msgspec.msgpack.Decoder(list[Delivery]).decode
_read = msgspec.msgpack.Decoder(list[Read]).decode


def question(batch: Sequence[Delivery]) -> bytes:
    """A batch as it goes over the line, to be read."""
    return _encode(batch)


def answered(answer: bytes) -> list[Read]:
    """What a batch turned out to be, from what came back: nothing came where it could not be read."""
    return _read(answer)


def main(line: Line) -> None:
    """Read until the line ends: the terminal's interrupt is for the process at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(*GONE):
        reader: Reader = pickle.loads(line.receive())()  # noqa: S301 — from who started this process
        gc.collect()
        gc.freeze()  # as hub.compose.settle: this process only works
        gc.set_threshold(200_000, 20, 50)
        line.send(b"")
        while True:
            line.send(_answer(reader, line.receive()))


def _answer(reader: Reader, batch: bytes) -> bytes:
    try:
        return _encode(reader.read(_deliveries(batch)))
    except Exception:  # noqa: BLE001 — a traceback could show a child's words; it is read again by who started this
        return b""


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[1]), False)
    main(Line(socket.socket(fileno=int(sys.argv[1]))))
