"""What a window tells whoever watches it: counts under labels from closed lists, nothing of a child."""

from typing import Protocol


class Watching(Protocol):
    """Takes note of what happened at the window. `hub.observing.windows` turns it into figures."""

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered. `route` is the declared path, with its parameters' names."""

    def limited(self, why: str) -> None:
        """A caller was told to ask later: `requests` or `children`."""

    def many_children(self, role: str) -> None:
        """Somebody asked for many different children within an hour."""

    def signed_in(self, outcome: str) -> None:
        """A sign-in was completed (`done`), or refused, and why: from a closed list."""


class Unwatched:
    """Nobody looks."""

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Take no note."""

    def limited(self, why: str) -> None:
        """Take no note."""

    def many_children(self, role: str) -> None:
        """Take no note."""

    def signed_in(self, outcome: str) -> None:
        """Take no note."""


UNWATCHED = Unwatched()
