"""Sealing: one envelope for each event and scope, which opens only in its own place (security.md 2.3)."""

import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from struct import error as StructError  # noqa: N812 — a class, whatever its name
from typing import Any, Generic, Literal, NewType, TypeVar, cast
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from msgspec.structs import force_setattr

from hub.errors import HubError

T = TypeVar("T")
Filled = NewType("Filled", bytes)
"""A body ready to be sealed: `filled` makes it, and `body_in` takes it apart."""

VERSION = b"\x01"
SALT, COMMITMENT, KEY, TAG, NONCE = 24, 32, 32, 16, 12
SALTED = 1 + 4 + SALT
HEADER = SALTED + COMMITMENT
SPINE_HEADER = 1 + 4 + NONCE
SECRET = 64
"""RFC 5869 asks for a key of HashLen: SHA-512's."""

SALTS = iter(lambda: os.urandom(SALT), b"")
NONCES = iter(lambda: os.urandom(NONCE), b"")
"""Salts and nonces without end, drawn one by one."""

_COUNT = 4
"""Bytes that say a body's length."""
_length = Struct(">I").unpack_from
_parts = Struct(f"5s{SALT}s{COMMITMENT}s").unpack_from
"""An envelope's prefix, salt and commitment, taken apart at once: sooner than by three slices."""
_SHA512 = SHA512()
_ONCE = bytes(NONCE)
"""A derived key seals one envelope, once: a fixed nonce is sound."""
_BLOCK = b"\x01"
"""The counter of HKDF-Expand's first block; 64 bytes are exactly one."""

Reason = Literal[
    "wrong-key-or-place",
    "damaged",
    "unknown-version",
    "key-destroyed",
    "key-missing",
    "wrong-agency",
    "unknown-agency-key",
    "bad-signature",
    "unknown-hub-key",
    "unsigned",
    "wrong-audience",
    "not-as-signed",
]
"""Why something does not open; the last seven are of what agencies send."""


class CannotUnseal(HubError):
    """Something sealed does not open. `reason` is from a closed list and says nothing of what is in it."""

    status, title = 500, "The record could not be opened"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class DataKey(msgspec.Struct, frozen=True, array_like=True, eq=False, gc=False):
    """A child's key for one scope, in one generation. Its secret is in no text of it.

    What it works with is kept from the second use on: the keys of a stranger are used once, and are small.
    A struct, so that those another process fetched are made of its answer at once (decision 112).
    """

    generation: int
    """Which of the child's keys for the scope this is, counted from 1."""
    secret: bytes
    """The 64 bytes, for wrapping only."""
    known_spine: bytes = b""
    """What was worked out of it already (`spine`), by who fetched it."""
    _keyed: HMAC | None = None
    _aead: AESGCM | None = None
    _used: bool = False

    def __post_init__(self) -> None:
        if len(self.secret) != SECRET:
            raise ValueError("a data key has 64 bytes")

    def __repr__(self) -> str:
        return f"DataKey(generation={self.generation})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("generation", self.generation)]

    def blinds(self, digest: bytes) -> bytes:
        """A hash of a hash that nobody can tell without this key (BLAKE2b, keyed, for this purpose alone)."""
        return blake2b(digest, key=self.secret, digest_size=32, person=b"hub/blinds").digest()

    @property
    def prefix(self) -> bytes:
        """What everything sealed under this key begins with: version and generation."""
        return _prefix(self.generation)

    @property
    def spine(self) -> bytes:
        """The key of spine bodies, 32 bytes. It is not one that envelopes derive."""
        return self.known_spine or spine_of(self.secret)

    @property
    def aead(self) -> AESGCM:
        """The cipher of spine bodies."""
        if self._aead is not None:
            return self._aead
        again, cipher = self._used, AESGCM(self.spine)
        if again:
            force_setattr(self, "_aead", cipher)
        force_setattr(self, "_used", True)
        return cipher

    @property
    def keyed(self) -> HMAC:
        """The keyed hash that expands this key: one object, kept, to be copied (half the time)."""
        if self._keyed is None:
            force_setattr(self, "_keyed", HMAC(self.secret, _SHA512))
        return cast(HMAC, self._keyed)

    def expand(self, info: bytes) -> bytes:
        """HKDF-Expand-SHA-512 of 64 bytes (RFC 5869 2.3)."""
        if self._used:
            block = (self._keyed or self.keyed).copy()
        else:
            force_setattr(self, "_used", True)
            block = HMAC(self.secret, _SHA512)
        block.update(info + _BLOCK)
        return block.finalize()


def spine_of(secret: bytes) -> bytes:
    """The key of spine bodies, of a key's secret: HKDF-Expand-SHA-512, as `DataKey.expand`."""
    block = HMAC(secret, _SHA512)
    block.update(b"hub/spine" + _BLOCK)
    return block.finalize()[:KEY]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs. No two places are said alike, and an envelope opens in its own only."""

    child: bytes
    event: bytes
    generation: int
    scope: str
    schema: str

    def encoded(self) -> bytes:
        """Say the place in bytes: fixed lengths first, then each text after its length."""
        if len(self.child) != 16 or len(self.event) != 16:  # noqa: PLR2004 — a UUID's bytes
            raise ValueError("a place names child and event by 16 bytes each")
        return _place(self.child, self.event, self.generation.to_bytes(4, "big"), self.scope, self.schema)


def padded_length(length: int) -> int:
    """Length of a padded body: steps of 64 up to 512, then Padmé (Nikitin et al. 2019), at most 12 % more."""
    if length <= 512:  # noqa: PLR2004 — the steps' end, as said above
        return max(64, -(-length // 64) * 64)
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def filled(body: bytes, after: bytes = b"") -> Filled:
    """A body as it is sealed: after its length, and filled up, so that an envelope's size says little of it.

    `after`: what lies sealed behind a body, in its padding: the salt of what its agency signed.
    """
    said = len(body).to_bytes(_COUNT, "big") + body + after
    return Filled(said.ljust(padded_length(len(said)), b"\0"))


def body_in(padded: Filled) -> bytes:
    """The body that `filled` made ready. Raises CannotUnseal where there is none."""
    end = _COUNT + int.from_bytes(padded[:_COUNT], "big")
    if end > len(padded):
        raise CannotUnseal("damaged")
    return padded[_COUNT:end]


def seal(
    key: DataKey,
    child: UUID,
    event: UUID,
    scope: str,
    schema: str,
    body: bytes,
    *,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Seal a body for one place: version, generation, salt, commitment, ciphertext."""
    place = _place(child.bytes, event.bytes, key.prefix[1:], scope, schema)
    return _seal(key, random(SALT), place, filled(body))


def drawn(count: int, size: int, random: Callable[[int], bytes] = os.urandom) -> Iterator[bytes]:
    """So many salts or nonces of this size, drawn at one go: asking for each takes four times as long.

    Whoever takes more than were drawn gets StopIteration, never one twice.
    """
    all_ = random(count * size)
    return iter([all_[at : at + size] for at in range(0, len(all_), size)])


class Sealing:
    """Seals what events say of one child: what many sealings share is worked out once.

    `keys` are the child's newest, by scope; each envelope takes one of the `salts`.
    """

    __slots__ = ("_child", "_keys", "_salts")

    def __init__(self, child: UUID, keys: Mapping[str, DataKey], salts: Iterator[bytes] = SALTS) -> None:
        self._child, self._keys, self._salts = b"hub/seal" + child.bytes, keys, salts

    def seal(self, event: UUID, schema: str, bodies: Mapping[str, Filled]) -> list[tuple[str, bytes]]:
        """Seal the bodies of one event, each by its scope, as `filled` made it ready.

        Raises KeyError for a scope without a key.
        """
        whose, keys, salts, sealed = self._child + event.bytes, self._keys, self._salts, []
        for scope, body in bodies.items():
            key, salt = keys[scope], next(salts)
            prefix = key.prefix
            derived = key.expand(salt + whose + prefix[1:] + _label(scope, schema))
            sealed.append((scope, _close(prefix + salt, derived, body)))
        return sealed


def unseal(key: DataKey, child: UUID, event: UUID, scope: str, schema: str, envelope: bytes) -> bytes:
    """Open an envelope in its own place. Raises CannotUnseal in any other, or where a bit differs."""
    return body_in(_in_place(key, child, event, scope, schema, envelope))


def unseal_with(
    key: DataKey, child: UUID, event: UUID, scope: str, schema: str, envelope: bytes, after: int
) -> tuple[bytes, bytes]:
    """Open an envelope as `unseal` does, and so many bytes of what lies behind its body (zeros: nothing)."""
    padded = _in_place(key, child, event, scope, schema, envelope)
    body = body_in(padded)
    end = _COUNT + len(body)
    return body, padded[end : end + after]


def unseal_again(
    key: DataKey,
    newer: DataKey,
    child: UUID,
    event: UUID,
    scope: str,
    schema: str,
    envelope: bytes,
    *,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """What is sealed in a place, sealed there again under a newer key, with all that lies behind its body.

    Raises CannotUnseal as `unseal` does.
    """
    padded = _in_place(key, child, event, scope, schema, envelope)
    place = _place(child.bytes, event.bytes, newer.prefix[1:], scope, schema)
    return _seal(newer, random(SALT), place, padded)


class Opening(Generic[T]):
    """Opens envelopes of one child in some scopes: what many openings share is worked out once.

    `keys` are the child's, by scope and generation; each body is handed over `as_` that.
    """

    __slots__ = ("_as", "_child", "_keys", "_scopes", "_ways")

    def __init__(
        self,
        child: UUID,
        keys: Mapping[tuple[str, int], DataKey],
        scopes: Container[str],
        as_: Callable[[bytes], T],
    ) -> None:
        self._child, self._scopes, self._as = b"hub/seal" + child.bytes, scopes, as_
        self._keys = {(scope, key.prefix): key for (scope, _), key in keys.items()}
        self._ways: dict[str, dict[str, tuple[bytes, HMAC, bytes]]] = {}
        """By schema and scope, for the generation of the key met last."""

    def open(
        self, event: UUID, schema: str, envelopes: Iterable[tuple[str, bytes]]
    ) -> tuple[dict[str, T], list[str]]:
        """Open all envelopes of one event that are in these scopes, and tell the scopes left shut.

        A scope whose key cannot be had (erased, or withdrawn by its holder) is in neither. Raises
        CannotUnseal as `unseal` does.
        """
        whose, as_ = self._child + event.bytes, self._as
        ways = self._ways.setdefault(schema, {})
        opened: dict[str, T] = {}
        shut: list[str] = []
        for scope, envelope in envelopes:
            way = ways.get(scope)
            if way is None and scope not in self._scopes:
                shut.append(scope)
                continue
            try:
                prefix, salt, commitment = _parts(envelope)
            except StructError:  # too short for what follows
                if self._way(scope, schema, envelope[:5]) is None:
                    continue
                raise CannotUnseal("damaged") from None
            if way is None or prefix != way[0]:
                way = self._way(scope, schema, prefix)
                if way is None:
                    continue
                ways[scope] = way
            _, keyed, tail = way
            block = keyed.copy()
            block.update(salt + whose + tail)
            derived = block.finalize()
            # `_padded` and `body_in`, written out: every envelope of a chronology comes this way
            if not compare_digest(derived[KEY:], commitment):
                raise CannotUnseal("wrong-key-or-place")
            try:
                padded = AESGCM(derived[:KEY]).decrypt(_ONCE, envelope[HEADER:], None)
                (length,) = _length(padded)
            except (InvalidTag, StructError):
                raise CannotUnseal("damaged") from None
            if length > len(padded) - _COUNT:
                raise CannotUnseal("damaged")
            opened[scope] = as_(padded[_COUNT : _COUNT + length])
        return opened, shut

    def _way(self, scope: str, schema: str, prefix: bytes) -> tuple[bytes, HMAC, bytes] | None:
        generation_of(prefix)
        key = self._keys.get((scope, prefix))
        return (prefix, key.keyed, prefix[1:] + _label(scope, schema) + _BLOCK) if key else None


def _in_place(key: DataKey, child: UUID, event: UUID, scope: str, schema: str, envelope: bytes) -> Filled:
    """What an envelope holds that is opened in its own place, filled up as it was sealed."""
    prefix = envelope[:5]
    if prefix != key.prefix:
        generation_of(envelope)
        raise CannotUnseal("wrong-key-or-place")
    place = _place(child.bytes, event.bytes, prefix[1:], scope, schema)
    return _padded(key.expand(envelope[5:SALTED] + place), envelope)


def _seal(key: DataKey, salt: bytes, place: bytes, body: Filled) -> bytes:
    return _close(key.prefix + salt, key.expand(salt + place), body)


def _close(salted: bytes, derived: bytes, body: Filled) -> bytes:
    return salted + derived[KEY:] + AESGCM(derived[:KEY]).encrypt(_ONCE, body, None)


def _padded(derived: bytes, envelope: bytes) -> Filled:
    if len(envelope) < HEADER + TAG:
        raise CannotUnseal("damaged")
    if not compare_digest(derived[KEY:], envelope[SALTED:HEADER]):
        raise CannotUnseal("wrong-key-or-place")
    try:
        return Filled(AESGCM(derived[:KEY]).decrypt(_ONCE, envelope[HEADER:], None))
    except InvalidTag:
        raise CannotUnseal("damaged") from None


def generation_of(sealed: bytes) -> int:
    """Tell which generation of the key is needed. Raises CannotUnseal where that cannot be read."""
    if sealed[:1] != VERSION:
        raise CannotUnseal("unknown-version" if sealed else "damaged")
    if len(sealed) < 5:  # noqa: PLR2004 — version and generation
        raise CannotUnseal("damaged")
    return int.from_bytes(sealed[1:5], "big")


def seal_spine(key: DataKey, aad: bytes, body: bytes, nonces: Iterator[bytes] = NONCES) -> bytes:
    """Seal a stored event's body: version, generation, random nonce, ciphertext.

    One key seals a child's whole spine, so the nonce is random: sound up to 2³² bodies a child.
    """
    nonce, prefix = next(nonces), key.prefix
    return prefix + nonce + key.aead.encrypt(nonce, body, prefix + aad)


def unseal_spine(key: DataKey, aad: bytes, sealed: bytes) -> bytes:
    """Open a stored event's body. Raises CannotUnseal where it is not what was put at this place."""
    prefix = sealed[:5]
    if prefix != key.prefix:
        generation_of(sealed)
        raise CannotUnseal("wrong-key-or-place")
    try:
        return key.aead.decrypt(sealed[5:SPINE_HEADER], sealed[SPINE_HEADER:], prefix + aad)
    except (InvalidTag, ValueError):
        raise CannotUnseal("damaged") from None


def _place(child: bytes, event: bytes, generation: bytes, scope: str, schema: str) -> bytes:
    return b"hub/seal" + child + event + generation + _label(scope, schema)


@lru_cache(maxsize=256)  # most keys are of the first few generations
def _prefix(generation: int) -> bytes:
    return VERSION + generation.to_bytes(4, "big")


@lru_cache(maxsize=4096)  # scopes and schemas are closed lists; their bytes are said once
def _label(scope: str, schema: str) -> bytes:
    parts = (scope.encode(), schema.encode())
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)
