"""Sealing: one envelope for each event and scope, which opens only in its own place (security.md 2.3)."""

import hmac
import os
from collections.abc import Callable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError

VERSION = b"\x01"
SALT, COMMITMENT, KEY, TAG = 24, 32, 32, 16
HEADER = 1 + 4 + SALT + COMMITMENT
NONCE = bytes(12)
"""A key seals one envelope, once: a fixed nonce is sound."""


class CannotUnseal(HubError):
    """An envelope does not open. `reason` is from a closed list and says nothing of what is in it.

    `key-destroyed`, `wrong-key-or-place`, `damaged`, `unknown-version`; for bus sessions also
    `unknown-agency-key`, `bad-signature`, `wrong-agency`, `unknown-hub-key`, `session-expired`.
    """

    status, title = 500, "The record could not be opened"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DataKey:
    """A child's key for one scope, in one generation. Its secret is in no text of it."""

    __slots__ = ("_aead", "generation", "secret")

    def __init__(self, generation: int, secret: bytes) -> None:
        if len(secret) != 64:  # noqa: PLR2004 — RFC 5869 asks for HashLen of SHA-512
            raise ValueError("a data key has 64 bytes")
        self.generation, self.secret = generation, secret
        self._aead: AESGCM | None = None

    def __repr__(self) -> str:
        return f"DataKey(generation={self.generation})"

    @property
    def aead(self) -> AESGCM:
        """The cipher of spine bodies: one object, kept. Its key is not the one envelopes derive from."""
        if self._aead is None:
            self._aead = AESGCM(hmac.digest(self.secret, b"hub/spine\x01", "sha512")[:KEY])
        return self._aead


def place_bytes(child: UUID, event: UUID, generation: int, scope: str, schema: str) -> bytes:
    """Say where an envelope belongs, so that no two places are said alike."""
    scope_, schema_ = scope.encode(), schema.encode()
    return b"".join(
        (
            b"hub/seal",
            child.bytes,
            event.bytes,
            generation.to_bytes(4, "big"),
            len(scope_).to_bytes(2, "big"),
            scope_,
            len(schema_).to_bytes(2, "big"),
            schema_,
        )
    )


def padded_length(length: int) -> int:
    """Length of a padded body: steps of 64 up to 512, then Padmé, at most 12 % more."""
    if length <= 512:  # noqa: PLR2004 — the step's end, as said above
        return max(64, -(-length // 64) * 64)
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


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
    salt = random(SALT)
    derived = hmac.digest(
        key.secret, salt + place_bytes(child, event, key.generation, scope, schema) + b"\x01", "sha512"
    )
    length = len(body) + 4
    padded = len(body).to_bytes(4, "big") + body + bytes(padded_length(length) - length)
    return b"".join(
        (
            VERSION,
            key.generation.to_bytes(4, "big"),
            salt,
            derived[KEY:],
            AESGCM(derived[:KEY]).encrypt(NONCE, padded, None),
        )
    )


def generation_of(envelope: bytes) -> int:
    """Tell which generation of the key an envelope needs. Raises CannotUnseal where it is none."""
    if len(envelope) < 5 or envelope[:1] != VERSION:  # noqa: PLR2004 — version and generation
        raise CannotUnseal("unknown-version")
    return int.from_bytes(envelope[1:5], "big")


def unseal(key: DataKey, child: UUID, event: UUID, scope: str, schema: str, envelope: bytes) -> bytes:
    """Open an envelope in its own place. Raises CannotUnseal in any other, or where a bit differs."""
    if generation_of(envelope) != key.generation:
        raise CannotUnseal("wrong-key-or-place")
    if len(envelope) < HEADER + TAG:
        raise CannotUnseal("damaged")
    derived = hmac.digest(
        key.secret,
        envelope[5 : 5 + SALT] + place_bytes(child, event, key.generation, scope, schema) + b"\x01",
        "sha512",
    )
    if not hmac.compare_digest(derived[KEY:], envelope[5 + SALT : HEADER]):
        raise CannotUnseal("wrong-key-or-place")
    try:
        padded = AESGCM(derived[:KEY]).decrypt(NONCE, envelope[HEADER:], None)
    except InvalidTag:
        raise CannotUnseal("damaged") from None
    length = int.from_bytes(padded[:4], "big")
    if length + 4 > len(padded):
        raise CannotUnseal("damaged")
    return padded[4 : 4 + length]


def seal_spine(key: DataKey, aad: bytes, body: bytes) -> bytes:
    """Seal a stored event's body: version, generation, random nonce, ciphertext."""
    nonce = os.urandom(12)
    header = VERSION + key.generation.to_bytes(4, "big")
    return header + nonce + key.aead.encrypt(nonce, body, header + aad)


def unseal_spine(key: DataKey, aad: bytes, sealed: bytes) -> bytes:
    """Open a stored event's body. Raises CannotUnseal where it is not what was put at this place."""
    try:
        return key.aead.decrypt(sealed[5:17], sealed[17:], sealed[:5] + aad)
    except (InvalidTag, ValueError):
        raise CannotUnseal("damaged") from None
