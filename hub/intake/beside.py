"""A process beside this one that answers while this one works: `python -m hub.intake.beside FD`.

On its line come first what makes its answers, then one question after the other; the end of the line ends it.
"""

import gc
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from hub.intake.line import GONE, Line

Answers = Callable[[bytes], bytes]

Recipe = Callable[[], AbstractContextManager[Answers]]
"""How another process makes what it answers with: it can be pickled, and travels on no command line."""

SECONDS = 5.0
"""How long a process is waited for that was told to end."""


class Beside:
    """A process that is asked one question at a time. To be used by one thread.

    Where it dies, or could not answer, nothing comes back: whoever asked does it here.
    """

    def __init__(self, recipe: Recipe, cores: int | None = None) -> None:
        """Start nothing yet."""
        self._recipe = recipe
        self._several = (cores or os.cpu_count() or 1) > 1
        self._in_a_row = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Line | None = None
        self._ready = self._asked = False

    @property
    def started(self) -> bool:
        """Whether there is a process, ready or not."""
        return self._line is not None

    @property
    def ready(self) -> bool:
        """Whether the process is there to be asked."""
        if self._line is not None and not self._ready:
            with suppress(*GONE):
                self._ready = self._line.waits() and not self._line.receive()
        return self._ready

    def look(self, *, worth: bool) -> None:
        """Start it where two batches in a row are worth a process and there is a core; it is ready later."""
        self._in_a_row = self._in_a_row + 1 if worth else 0
        if self._in_a_row > 1 and self._several and not self.started:
            self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._line = Line(ours)
        with theirs:
            end = theirs.fileno()
            command = [sys.executable, "-m", "hub.intake.beside", str(end)]
            self._process = subprocess.Popen(command, pass_fds=[end], stdin=subprocess.DEVNULL)  # noqa: S603 — our own
        with suppress(*GONE):
            self._line.send(pickle.dumps(self._recipe))

    def ask(self, question: bytes) -> bool:
        """Put a question, in the place of one whose answer was not heard. False: there is nobody to ask."""
        if self._asked:
            self.heard()
        if self._line is None:
            return False
        try:
            self._line.send(question)
        except GONE:
            self.close()
        self._asked = self._line is not None
        return self._asked

    def heard(self) -> bytes:
        """Wait for what comes back; nothing where the process is gone, or could not answer."""
        self._asked = False
        try:
            return self._line.receive() if self._line is not None else b""
        except GONE:
            self.close()
            return b""

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
        self._in_a_row = 0


def main(line: Line) -> None:
    """Answer until the line ends: the terminal's interrupt is for the process at its other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(*GONE):
        recipe: Recipe = pickle.loads(line.receive())  # noqa: S301 — from who started this process
        with recipe() as answers:
            gc.collect()
            gc.freeze()  # as hub.compose.settle: this process only works
            gc.set_threshold(200_000, 20, 50)
            line.send(b"")
            while True:
                line.send(_answer(answers, line.receive()))


def _answer(answers: Answers, question: bytes) -> bytes:
    try:
        return answers(question)
    except Exception:  # noqa: BLE001 — a traceback could show a child's words; who asked does it again, and says why
        return b""


if __name__ == "__main__":
    os.set_inheritable(int(sys.argv[1]), False)
    main(Line(socket.socket(fileno=int(sys.argv[1]))))
