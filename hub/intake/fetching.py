"""Has identifiers and keys fetched and opened by a process beside: what a stranger costs is mostly that."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import DataKey, spine_of
from hub.domain.identifier import IdentifierState
from hub.intake.beside import Beside, Recipe
from hub.records.identities import Identities

SPINE = "spine"
WORTH = 250
"""Children of a batch whose keys nobody remembers from which two in a row are worth a process."""


class _Identifiers(msgspec.Struct, frozen=True, array_like=True, tag=0, gc=False):
    streams: Sequence[UUID]


class _Keys(msgspec.Struct, frozen=True, array_like=True, tag=1, gc=False):
    scopes: Sequence[tuple[UUID, Sequence[str]]]


_Opened = tuple[list[list[tuple[int, bytes]]], list[bytes]]
"""Of each child generation and secret of its keys in the order of the scopes asked for (none: it lacks one);
and of each spine's key among them, in order, what bodies are sealed with, worked out already."""

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_asked = msgspec.msgpack.Decoder(_Identifiers | _Keys).decode
_states = msgspec.msgpack.Decoder(list[IdentifierState | None]).decode
_keys = msgspec.msgpack.Decoder(_Opened).decode


class Fetcher:
    """What the process beside answers with: it reads, remembers nothing, makes no key and records nothing."""

    def __init__(self, identities: Identities, keys: KeyRing) -> None:
        self._identities, self._own = identities, keys

    def __call__(self, question: bytes) -> bytes:
        """Fetch what is asked for. Raises what whoever asked would meet here, too."""
        asked = _asked(question)
        return _encode(self._known(asked) if isinstance(asked, _Identifiers) else self._opened(asked))

    def _known(self, asked: _Identifiers) -> list[IdentifierState | None]:
        known = self._identities.fetched(asked.streams)
        return [known.get(stream) for stream in asked.streams]

    def _opened(self, asked: _Keys) -> _Opened:
        found = self._own.newest_secrets(asked.scopes)
        spines = [
            spine_of(keys[scopes.index(SPINE)][1])
            for (_, scopes), keys in zip(asked.scopes, found, strict=True)
            if keys and SPINE in scopes
        ]
        return found, spines


class Fetching:
    """Asks the process beside, once batches of strangers are worth one and there is a core.

    What it does not answer is fetched here, by whoever asks. To be used by one thread.
    """

    def __init__(self, recipe: Recipe, cores: int | None = None) -> None:
        """Start nothing yet."""
        self._process = Beside(recipe, cores)

    def identifiers(self, streams: Sequence[UUID]) -> dict[UUID, IdentifierState] | None:
        """What is known of these identifiers; None: it was not fetched."""
        answer = self._answer(_Identifiers(streams))
        if not answer:
            return None
        return {
            stream: state for stream, state in zip(streams, _states(answer), strict=True) if state is not None
        }

    def keys(self, scopes: Mapping[UUID, Collection[str]]) -> dict[UUID, dict[str, DataKey]]:
        """The newest keys of children, of at least these scopes, as far as they were fetched."""
        self._process.look(worth=len(scopes) >= WORTH)
        asked = [(child, [*wanted]) for child, wanted in scopes.items()]
        answer = self._answer(_Keys(asked))
        if not answer:
            return {}
        found, spines = _keys(answer)
        worked_out = iter(spines)
        return {
            child: {
                scope: DataKey(generation, secret, next(worked_out) if scope == SPINE else b"")
                for scope, (generation, secret) in zip(wanted, keys, strict=True)
            }
            for (child, wanted), keys in zip(asked, found, strict=True)
            if keys
        }

    def close(self) -> None:
        """Let the process end."""
        self._process.close()

    def _answer(self, question: _Identifiers | _Keys) -> bytes:
        if self._process.ready and self._process.ask(_encode(question)):
            return self._process.heard()
        return b""
