"""The port where projections keep what they have drawn: sealed rows, one position, and when to look again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class View(NamedTuple):
    """One projection in one generation; a rebuild draws the next one beside it."""

    projection: str
    generation: int


class Row(NamedTuple):
    """One drawn row of a stream: its id, and its body sealed."""

    stream: UUID
    id: UUID
    sealed: bytes


class Drawing(NamedTuple):
    """What one stream looks like now: all its rows, when to look again, and its ties to other streams."""

    stream: UUID
    rows: Sequence[Row]
    wake_at: datetime | None = None
    ties: Sequence[str] = ()
    parked: str | None = None


class Views(Protocol):
    """Drawn rows. They hold nothing that cannot be drawn again. Engines: `views_<engine>.py`."""

    def close(self) -> None:
        """Let go of the database."""
        ...

    def live(self, projection: str) -> View:
        """The generation that readers see."""
        ...

    def position(self, view: View) -> int:
        """The position of the last event this view has drawn."""
        ...

    def rows(self, view: View, stream: UUID | None = None) -> list[Row]:
        """The drawn rows of a stream, or all of them, in order of stream and id."""
        ...

    def due(self, view: View, now: datetime, limit: int) -> list[UUID]:
        """Streams whose time to look again has come, the longest due first."""
        ...

    def tied(self, view: View, ties: Iterable[str]) -> set[UUID]:
        """Streams that share any of these ties."""
        ...

    def ties_of(self, view: View, streams: Sequence[UUID]) -> set[str]:
        """The ties any of these streams was last drawn with."""
        ...

    def heard(self, view: View) -> dict[str, datetime]:
        """When each agency's feed was last heard, as far as this view has drawn."""
        ...

    def parked(self, view: View) -> list[tuple[UUID, str]]:
        """Streams that could not be drawn, and the kind of error."""
        ...

    def draw(
        self,
        view: View,
        drawings: Iterable[Drawing],
        move: tuple[int, int],
        heard: dict[str, datetime],
        now: datetime,
    ) -> None:
        """Replace the rows of some streams and move the position, in one transaction.

        Raises Conflict where the position is not the one drawn from: another follower was here.
        """
        ...

    def flip(self, view: View) -> None:
        """Let readers see this generation; the others are dropped."""
        ...

    def drop(self, view: View) -> None:
        """Drop a generation that was not finished."""
        ...
