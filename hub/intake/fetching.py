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
    """Scopes as they go together, each once; and each child with the number of those asked for."""

    scopes: Sequence[Sequence[str]]
    children: Sequence[tuple[UUID, int]]


_Key = tuple[int, bytes] | tuple[int, bytes, bytes]
"""Generation and secret, and of the spine's key what bodies are sealed with."""

_Opened = list[list[DataKey]]
"""Each child's keys in the order of the scopes asked for (none: it lacks one). Of the spine's key it is said
what bodies are sealed with, worked out already."""

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

    def _opened(self, asked: _Keys) -> list[Sequence[_Key]]:
        """What `_Opened` is made of at the other end: here a key is only passed on."""
        spines = [scopes.index(SPINE) if SPINE in scopes else None for scopes in asked.scopes]
        found = self._own.newest_secrets([(child, asked.scopes[which]) for child, which in asked.children])
        opened: list[Sequence[_Key]] = []
        for (_, which), keys in zip(asked.children, found, strict=True):
            at = spines[which]
            if keys and at is not None:
                generation, secret = keys[at]
                opened.append([*keys[:at], (generation, secret, spine_of(secret)), *keys[at + 1 :]])
            else:
                opened.append(keys)
        return opened


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
        together = [tuple(wanted) for wanted in scopes.values()]
        which = {wanted: number for number, wanted in enumerate(dict.fromkeys(together))}
        children = [(child, which[wanted]) for child, wanted in zip(scopes, together, strict=True)]
        answer = self._answer(_Keys([*which], children))
        if not answer:
            return {}
        return {
            child: dict(zip(wanted, keys, strict=True))
            for child, wanted, keys in zip(scopes, together, _keys(answer), strict=True)
            if keys
        }

    def close(self) -> None:
        """Let the process end."""
        self._process.close()

    def _answer(self, question: _Identifiers | _Keys) -> bytes:
        if self._process.ready and self._process.ask(_encode(question)):
            return self._process.heard()
        return b""
