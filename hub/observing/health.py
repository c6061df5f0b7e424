"""Whether a worker is alive and does its work; which check fails, and nothing more of it."""

from collections.abc import Callable
from dataclasses import dataclass, field

SILENT = 300.0
"""Seconds without a finished step after which a worker is not ready: a long batch takes a fraction of it."""


@dataclass
class Health:
    """What a worker says of itself, by a clock that only goes forward."""

    monotonic: Callable[[], float]
    _last: float | None = field(default=None, init=False)
    _fails: str = field(default="has not begun", init=False)

    def did(self) -> None:
        """A step was finished."""
        self._last, self._fails = self.monotonic(), ""

    def stands(self) -> None:
        """It serves whoever asks, and has no steps of its own to finish."""
        self._last, self._fails = None, ""

    def waits(self) -> None:
        """Something the worker needs cannot be reached."""
        self._fails = "waits for bus or store"

    def failing(self) -> str:
        """The check that fails; empty where the worker is ready."""
        if not self._fails and self._last is not None and self.monotonic() - self._last > SILENT:
            return "has not finished a step"
        return self._fails
