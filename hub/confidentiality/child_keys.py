"""The port of the table of wrapped data keys, which is kept, backed up and erased apart from the events."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

Pair = tuple[UUID, str]
"""A child and a scope."""


class Wrapped(NamedTuple):
    """A data key under one version of its scope's key-encryption key."""

    version: int
    wrapped: bytes


class KeyRow(NamedTuple):
    """One data key of a child. What is destroyed leaves its number only: `wrapped` is None."""

    child: UUID
    scope: str
    generation: int
    wrapped: Wrapped | None

    @property
    def context(self) -> bytes:
        """What the wrapping is bound to: a row copied to another child, scope or generation is void."""
        return b"hub/dek" + self.child.bytes + self.generation.to_bytes(4, "big") + self.scope.encode()


class Tombstone(NamedTuple):
    """A key that was destroyed, and when (seconds since 1970): what must stay so after any restore."""

    child: UUID
    scope: str
    generation: int
    destroyed_at: int


class ChildKeys(Protocol):
    """Wrapped keys of children. Engines: `child_keys_<engine>.py`.

    Raises Unavailable where the table cannot be had.
    """

    def close(self) -> None:
        """Let go of the table."""
        ...

    def of(self, child: UUID) -> list[KeyRow]:
        """All of a child's keys, live and destroyed."""
        ...

    def newest(self, pairs: Sequence[Pair]) -> dict[Pair, KeyRow]:
        """The newest key, live or destroyed, of each child and scope that ever had one."""
        ...

    def add(self, rows: Iterable[tuple[KeyRow, Wrapped]], at: datetime) -> None:
        """Keep new keys; where another process made the same one first, theirs stands."""
        ...

    def wrapped_before(self, scope: str, version: int, after: KeyRow | None, limit: int) -> list[KeyRow]:
        """Live keys of a scope still under an older key-encryption key, a page at a time."""
        ...

    def rewrap(self, rows: Iterable[tuple[KeyRow, Wrapped]]) -> int:
        """Put new wrappings in the place of old ones and tell how many.

        A key destroyed meanwhile stays destroyed.
        """
        ...

    def destroy(self, child: UUID, scopes: Sequence[str] | None, at: datetime) -> int:
        """Take a child's keys out of the table and tell how many.

        What stays is the number of each key and when it was destroyed, so that no later key bears the
        same number. Raises Unavailable where traces could not be removed at once: destroy again.
        """
        ...

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process: when it grows, remembered keys are void."""
        ...

    def tombstones(self) -> list[Tombstone]:
        """Every key that was ever destroyed."""
        ...

    def entomb(self, graves: Iterable[Tombstone]) -> None:
        """Destroy these keys, also where an older copy of the table still had them, or never knew them."""
        ...
