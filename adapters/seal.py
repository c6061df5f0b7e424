"""Seals what an agency sends to the hub: a session key encapsulated to the hub and signed by the agency."""

import itertools
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from schemas.sealing import session_info, session_statement, session_token
from schemas.vouching import batch_statement, pack_batch

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
MESSAGES = 1_000_000
LASTS = timedelta(hours=1)


class SessionSpent(Exception):
    """The session has sealed enough: open another."""


class KeyFileUnusable(Exception):
    """A key file is missing, readable by others, or not one; the text names the file."""


@dataclass(frozen=True, slots=True)
class AgencyKeys:
    """What an agency's own side keeps: its signing key and the secret under which references are hashed."""

    agency: str
    key_id: str
    signing: Ed25519PrivateKey
    reference_secret: bytes

    def __repr__(self) -> str:
        return f"AgencyKeys({self.agency}, {self.key_id})"


@dataclass(frozen=True, slots=True)
class HubKey:
    """The hub's public key, which agencies seal to."""

    kid: str
    public: MLKEM768X25519PublicKey


class Session:
    """One session key, for at most an hour or a million messages. `token` travels with every message.

    Threads may share a session; a process that forks opens another, or both would use the same nonces.
    """

    def __init__(
        self, token: bytes, key: bytes, opened_at: datetime, vouch: Callable[[int, int, bytes], bytes]
    ) -> None:
        self.token, self._aead, self._opened_at = token, AESGCM(key), opened_at
        self._vouch = vouch
        self._numbers, self._sealed = itertools.count(1), 0

    def __repr__(self) -> str:
        return f"Session(sealed={self._sealed})"

    @classmethod
    def open(
        cls, keys: AgencyKeys, hub: HubKey, now: datetime, random: Callable[[int], bytes] = os.urandom
    ) -> "Session":
        """Make a session key, encapsulate it to the hub, sign that it is this agency's."""
        key = random(32)
        opening = (keys.agency, keys.key_id, hub.kid, int(now.timestamp()))
        encapsulated = SUITE.encrypt(key, hub.public, session_info(*opening))
        signature = keys.signing.sign(session_statement(*opening, encapsulated))
        token = session_token(*opening, encapsulated, signature)
        return cls(token, key, now, partial(_vouched, keys, hub.kid))

    def spent(self, now: datetime) -> bool:
        """True when another session must be opened."""
        return self._sealed >= MESSAGES or now >= self._opened_at + LASTS

    def vouch(self, at: int, size: int, root: bytes) -> bytes:
        """Sign, as this agency and for this hub, the root over so many statements."""
        return self._vouch(at, size, root)

    def seal(self, aad: bytes, plaintext: bytes) -> bytes:
        """Seal one message in its place. Raises SessionSpent after a million."""
        number = next(self._numbers)  # one step, so that two threads never take the same
        if number > MESSAGES:
            raise SessionSpent("the session has sealed a million messages")
        self._sealed = number
        nonce = number.to_bytes(12, "big")
        return nonce + self._aead.encrypt(nonce, plaintext, aad)


def _vouched(keys: AgencyKeys, audience: str, at: int, size: int, root: bytes) -> bytes:
    said = (keys.agency, keys.key_id, audience, at, size, root)
    return pack_batch(*said, keys.signing.sign(batch_statement(*said)))


def create_agency_keys(path: Path, agency: str) -> bytes:
    """Make an agency's keys in a file only its owner can read; tells the public key (32 bytes).

    Raises KeyFileUnusable where there is one already: keys are never written over.
    """
    signing = Ed25519PrivateKey.generate()
    public = signing.public_key().public_bytes_raw()
    body = {
        "agency": agency,
        "key_id": secrets.token_hex(8),
        "signing": signing.private_bytes_raw().hex(),
        "reference_secret": secrets.token_hex(32),
    }
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileUnusable(f"{path} exists; keys are never written over") from None
    with os.fdopen(handle, "w") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    return public


def load_agency_keys(path: Path) -> AgencyKeys:
    """Read an agency's keys. Raises KeyFileUnusable."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileUnusable(f"{path} can be read by others; make it readable by its owner only")
        body = json.loads(path.read_text())
        return AgencyKeys(
            body["agency"],
            body["key_id"],
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(body["signing"])),
            bytes.fromhex(body["reference_secret"]),
        )
    except FileNotFoundError:
        raise KeyFileUnusable(f"{path} is missing; make the agency's keys with --enrol first") from None
    except (ValueError, KeyError, TypeError):
        raise KeyFileUnusable(f"{path} is not an agency's key file") from None


def load_hub_key(path: Path) -> HubKey:
    """Read the hub's public key. Raises KeyFileUnusable."""
    try:
        body = json.loads(path.read_text())
        public = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(bytes.fromhex(body["mlkem768"])),
            X25519PublicKey.from_public_bytes(bytes.fromhex(body["x25519"])),
        )
        return HubKey(body["kid"], public)
    except FileNotFoundError:
        raise KeyFileUnusable(
            f"{path} is missing: the hub's operator has it; 'hub keys init' makes it"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise KeyFileUnusable(f"{path} is not a hub's public key") from None
