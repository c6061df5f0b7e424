"""Reads the next batch in a process of its own while the one before it is being recorded."""

import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from hub.intake.beside import answered, question
from hub.intake.deliveries import Delivery
from hub.intake.line import GONE, Line
from hub.intake.opening import Read, Reader

Recipe = Callable[[], Reader]
"""How another process makes its reader: it can be pickled, and travels on no command line."""

Found = Callable[[], list[Read]]
"""Gives what a batch turned out to be: any thread may ask it."""

Reading = Callable[[], Found]
"""Asked once, waits until a batch is read."""

WORTH = 500
"""Deliveries of a batch from which two in a row say that more are waiting: then it is worth a process."""
SECONDS = 5.0
"""How long a process is waited for that was told to end."""


class ReadAhead:
    """Hands batches to a reader, one at a time: here, or beside where that is worth it and there is a core.

    A process that dies loses nothing: its batch is read here. Where what the reader is made from has changed
    (`stamp`), both processes make theirs anew: an agency's key that was ended counts for no later batch.
    To be used by one thread.
    """

    def __init__(
        self,
        recipe: Recipe,
        cores: int | None = None,
        stamp: Callable[[], object] = lambda: None,
        first: Reader | None = None,
    ) -> None:
        """Read with `first`, made of keys that are open already, or with one the recipe makes."""
        self._recipe, self._stamp = recipe, stamp
        self._several = (cores or os.cpu_count() or 1) > 1
        self._made_of, self._reader = stamp(), first or recipe()
        self._full = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Line | None = None
        self._ready = self._asked = False

    @property
    def beside(self) -> bool:
        """Whether a process is there to read while this one does something else."""
        if self._line is not None and not self._ready:
            with suppress(*GONE):
                self._ready = self._line.waits() and not self._line.receive()
        return self._ready

    def begin(self, batch: Sequence[Delivery]) -> Reading:
        """Begin to read a batch. What an earlier one turned out to be can no longer be asked."""
        self._full = self._full + 1 if len(batch) >= WORTH else 0
        if self._stamp() != self._made_of:
            self.renew()
        if self._full > 1 and self._line is None and self._several:
            self._start()
        beside = self.beside and self._ask(batch)
        return lambda: self._found(batch, self._heard() if beside else b"")

    def renew(self) -> None:
        """Make the reader anew, here and beside, from what it is made from now."""
        self.close()
        self._made_of = self._stamp()
        self._reader = self._recipe()

    def here(self, batch: Sequence[Delivery]) -> list[Read]:
        """Read a batch at once, in this process."""
        return self._reader.read(batch)

    def close(self) -> None:
        """Let the process end."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            try:
                self._process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self._line = None
        self._ready = self._asked = False
        self._full = 0

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._line = Line(ours)
        with theirs:
            end = theirs.fileno()
            command = [sys.executable, "-m", "hub.intake.beside", str(end)]
            self._process = subprocess.Popen(command, pass_fds=[end], stdin=subprocess.DEVNULL)  # noqa: S603 — our own
        with suppress(*GONE):
            self._line.send(pickle.dumps(self._recipe))

    def _ask(self, batch: Sequence[Delivery]) -> bool:
        if self._asked:
            self._heard()
        if self._line is None:
            return False
        try:
            self._line.send(question(batch))
        except GONE:
            self.close()
        self._asked = self._line is not None
        return self._asked

    def _heard(self) -> bytes:
        """What came back, not yet decoded; nothing where the process is gone, or could not read."""
        self._asked = False
        try:
            return self._line.receive() if self._line is not None else b""
        except GONE:
            self.close()
            return b""

    def _found(self, batch: Sequence[Delivery], answer: bytes) -> Found:
        if answer:
            return lambda: answered(answer)
        read = self.here(batch)
        return lambda: read
