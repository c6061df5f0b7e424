"""Processes that are killed and started again; what each said lies in a file of its own."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.warm import Begin, Started


@dataclass
class Kept:
    """One process that should run all the time."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    begin: Begin
    process: subprocess.Popen[str] | Started | None = None
    ended_by_itself: list[int] = field(default_factory=list)

    def start(self) -> None:
        """Start it, or start it again; an end that nobody caused is noted."""
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            if code not in (0, -signal.SIGKILL):
                self.ended_by_itself.append(code)
        self.process = self.begin(*self.command, environment=self.environment, log=self.log)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def wait(self, seconds: float) -> int:
        """Wait until it ends of its own accord. Raises TimeoutExpired."""
        assert self.process is not None
        return self.process.wait(seconds)
