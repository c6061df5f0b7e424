"""An identifier: an aggregate whose id is a keyed hash of system and value, pointing to a child."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class IdentifierEvent(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Something that became true of an identifier."""


class IdentifierClaimed(IdentifierEvent, frozen=True, tag="claimed"):
    """An agency used this identifier for this child.

    `look` is a keyed hash of date of birth and first name as then given (empty: not given): the same
    identifier with both different is a question for a person. All under one `generation` of the peppers.
    """

    child: UUID
    born: bytes
    given: bytes
    generation: int = 1


class IdentifierMoved(IdentifierEvent, frozen=True, tag="moved"):
    """A person found that the identifier is another child's."""

    child: UUID
    by: str


AnyIdentifierEvent = IdentifierClaimed | IdentifierMoved


class IdentifierState(msgspec.Struct, array_like=True, gc=False):
    """Whose identifier it is."""

    child: UUID | None = None
    born: bytes = b""
    given: bytes = b""
    version: int = 0
    generation: int = 1


def evolve_identifier(state: IdentifierState, event: Any, _: datetime) -> None:
    """Change the state by one event."""
    state.version += 1
    state.child = event.child
    if isinstance(event, IdentifierClaimed):
        state.born, state.given = event.born, event.given
        state.generation = event.generation
