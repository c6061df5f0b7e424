"""The port of the table of wrapped data keys, which is kept, backed up and erased apart from the events.

One row holds all keys of a child: what a batch needs of a thousand children is fetched, and made, in one
statement. What a row says is worked out here, on its bytes; an engine only keeps bytes and compares them.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec

from hub.errors import Conflict


class IsWrapped(Protocol):
    """What can be unwrapped: `Wrapped`, or a child's key as its row holds it."""

    @property
    def version(self) -> int:
        """Of the scope's key-encryption key."""

    @property
    def wrapped(self) -> bytes:
        """The data key under it."""


class Wrapped(NamedTuple):
    """A data key under one version of its scope's key-encryption key."""

    version: int
    wrapped: bytes


class ChildKey(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One data key of a child. What is destroyed leaves its number only: `wrapped` is empty.

    Moments are seconds since 1970; `destroyed_at` is 0 for a live key.
    """

    scope: str
    generation: int
    version: int
    wrapped: bytes
    made_at: int
    destroyed_at: int = 0

    def destroyed(self, at: int) -> "ChildKey":
        """What is left of the key once it is destroyed: so that no later one bears the same number."""
        return ChildKey(self.scope, self.generation, 0, b"", self.made_at, at)

    def wrapped_anew(self, wrapped: Wrapped) -> "ChildKey":
        """The same key under another key-encryption key."""
        return ChildKey(self.scope, self.generation, wrapped.version, wrapped.wrapped, self.made_at)


class Tombstone(NamedTuple):
    """A key that was destroyed, and when (seconds since 1970): what must stay so after any restore."""

    child: UUID
    scope: str
    generation: int
    destroyed_at: int


class Change(NamedTuple):
    """A child's row as it was read (None: there was none) and as it shall be.

    `destroyed`: how many of its keys are.
    """

    child: UUID
    before: bytes | None
    after: bytes
    destroyed: int


class ChildKeys(Protocol):
    """Rows of wrapped keys, one a child. Engines: `child_keys_<engine>.py`.

    Raises Unavailable where the table cannot be had.
    """

    def close(self) -> None:
        """Let go of the table."""
        ...

    def of(self, children: Sequence[UUID]) -> dict[UUID, bytes]:
        """The rows of these children, of those that have one, in one statement."""
        ...

    def page(self, after: UUID | None, limit: int) -> list[tuple[UUID, bytes]]:
        """The next rows after a child, in the order of children."""
        ...

    def change(self, changes: Sequence[Change]) -> int:
        """Put rows in the place of what was read, in one transaction; tells how many.

        A row that another process changed meanwhile is left as it is, and not counted. Raises Conflict where
        the database broke a tie.
        """
        ...

    def scrub(self) -> None:
        """See that nothing of what was overwritten is left on the disk. Raises Unavailable: scrub again."""
        ...

    def destroyed(self) -> int:
        """How many keys were ever destroyed, by any process: when it grows, remembered keys are void."""
        ...

    def bereft(self) -> list[tuple[UUID, bytes]]:
        """Every row in which a key was destroyed."""
        ...


_WHOSE = b"hub/dek"
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(list[ChildKey]).decode


def read(row: bytes | None) -> list[ChildKey]:
    """What a row holds, oldest generation first; nothing where there is no row."""
    return _DECODE(row) if row is not None else []


def change(child: UUID, before: bytes | None, keys: Iterable[ChildKey]) -> Change:
    """Say a row anew."""
    kept = sorted(keys, key=_in_order)
    return Change(child, before, _ENCODE(kept), sum(1 for key in kept if key.destroyed_at))


def newest(keys: Iterable[ChildKey]) -> dict[str, ChildKey]:
    """The newest key, live or destroyed, of each scope."""
    return {key.scope: key for key in keys}  # the last one stands: generations come in order


def context_of(child: UUID, scope: str, generation: int) -> bytes:
    """What a wrapping is bound to: a key copied to another child, scope or generation is void."""
    return whose_of(child) + tail_of(scope, generation)


def contexts_of(child: UUID, keys: Iterable[ChildKey]) -> list[bytes]:
    """The same of many keys of one child."""
    whose = whose_of(child)
    return [whose + tail_of(key.scope, key.generation) for key in keys]


def whose_of(child: UUID) -> bytes:
    """What every context of a child begins with."""
    return _WHOSE + child.bytes


@lru_cache(maxsize=1024)  # a batch asks for the same few a thousand times
def tail_of(scope: str, generation: int) -> bytes:
    """What a context ends with, whoever's it is."""
    return generation.to_bytes(4, "big") + scope.encode()


def tombstones(table: ChildKeys) -> list[Tombstone]:
    """Every key that was ever destroyed."""
    return [
        Tombstone(child, key.scope, key.generation, key.destroyed_at)
        for child, row in table.bereft()
        for key in read(row)
        if key.destroyed_at
    ]


def entomb(table: ChildKeys, graves: Iterable[Tombstone]) -> None:
    """Destroy these keys, also where an older copy of the table still had them, or never knew them.

    For a table that nobody else uses yet. Raises Conflict where somebody does.
    """
    by_child: dict[UUID, list[Tombstone]] = {}
    for grave in graves:
        by_child.setdefault(grave.child, []).append(grave)
    rows = table.of(tuple(by_child))
    changes = [_buried(child, rows.get(child), those) for child, those in by_child.items()]
    if changes and table.change(changes) != len(changes):
        raise Conflict("the table of keys is being changed by others")
    table.scrub()


def _buried(child: UUID, before: bytes | None, graves: Iterable[Tombstone]) -> Change:
    keys = {(key.scope, key.generation): key for key in read(before)}
    for grave in graves:
        at = (grave.scope, grave.generation)
        keys[at] = ChildKey(*at, 0, b"", grave.destroyed_at, grave.destroyed_at)
    return change(child, before, keys.values())


def _in_order(key: ChildKey) -> tuple[int, str]:
    return key.generation, key.scope
