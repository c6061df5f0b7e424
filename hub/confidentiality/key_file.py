"""The key file: key-encryption keys, peppers and the hub's own keys, for a demonstration or a single site."""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from hub.confidentiality.blind_index import SCHEMES, BlindIndex
from hub.confidentiality.keys import Wrapped
from hub.confidentiality.sealing import CannotUnseal
from hub.errors import HubError, Unavailable

DEMO = "demo:"


class KeyFileUnusable(HubError):
    """The key file is missing, not one, or readable by others; the text names the file only."""

    status, title, exit_code = 503, "The key file cannot be used", 4


class KeyFile:
    """Keys read from one file. Its secrets are in no text of it. A `KeyStore`."""

    def __init__(self, path: Path, body: dict[str, Any]) -> None:
        self._path, self._body = path, body
        self._ciphers: dict[tuple[str, int], AESGCM] = {}

    def __repr__(self) -> str:
        return f"KeyFile({self.id})"

    @property
    def id(self) -> str:
        """The file's own name for itself; `demo:` opens demonstration stores only."""
        return str(self._body["id"])

    @property
    def demo(self) -> bool:
        """True for a demonstration's keys."""
        return self.id.startswith(DEMO)

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest key version."""
        return {scope: len(versions) for scope, versions in self._body["keks"].items()}

    def version(self, scope: str) -> int:
        """Tell the scope's newest key version. Raises Unavailable for a scope without a key."""
        versions = self._body["keks"].get(scope)
        if not versions:
            raise Unavailable(f"the key file has no key for scope {scope}")
        return len(versions)

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key, bound to its context (AES-256-GCM: it authenticates it)."""
        version, nonce = self.version(scope), secrets.token_bytes(12)
        return Wrapped(version, nonce + self._cipher(scope, version).encrypt(nonce, secret, context))

    def unwrap(self, scope: str, context: bytes, wrapped: Wrapped) -> bytes:
        """Unwrap. Raises CannotUnseal for another context, another scope or a destroyed version."""
        try:
            cipher = self._cipher(scope, wrapped.version)
            return cipher.decrypt(wrapped.wrapped[:12], wrapped.wrapped[12:], context)
        except (InvalidTag, ValueError):
            raise CannotUnseal("wrong-key-or-place") from None

    def rotate(self, scope: str) -> int:
        """Add a newer key for a scope and keep the file; tells its version. Re-wrapping is the key ring's."""
        self.version(scope)
        self._body["keks"][scope].append(secrets.token_hex(32))
        _write(self._path, self._body)
        return self.version(scope)

    def add_scopes(self, scopes: Iterable[str]) -> None:
        """Give new scopes a first key; others are left as they are."""
        for scope in scopes:
            self._body["keks"].setdefault(scope, [secrets.token_hex(32)])
        _write(self._path, self._body)

    def blind_index(self) -> BlindIndex:
        """The index under this file's peppers."""
        return BlindIndex({scheme: bytes.fromhex(p) for scheme, p in self._body["peppers"].items()})

    def bus_keys(self) -> dict[str, MLKEM768X25519PrivateKey]:
        """The hub's private keys, which agencies seal to, by id."""
        return {kid: _bus_key(parts) for kid, parts in self._body["bus"].items()}

    def bus_public(self) -> dict[str, str]:
        """The newest public key, as agencies are given it."""
        kid = list(self._body["bus"])[-1]
        parts = self._body["bus"][kid]
        mlkem = MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(parts["mlkem768"]))
        x25519 = X25519PrivateKey.from_private_bytes(bytes.fromhex(parts["x25519"]))
        return {
            "kid": kid,
            "mlkem768": mlkem.public_key().public_bytes_raw().hex(),
            "x25519": x25519.public_key().public_bytes_raw().hex(),
        }

    def ledger_key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints of the ledger."""
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._body["ledger"]))

    def _cipher(self, scope: str, version: int) -> AESGCM:
        cipher = self._ciphers.get((scope, version))
        if cipher is None:
            versions = self._body["keks"].get(scope, ())
            if not 0 < version <= len(versions) or not versions[version - 1]:
                raise CannotUnseal("key-destroyed")
            cipher = self._ciphers[scope, version] = AESGCM(bytes.fromhex(versions[version - 1]))
        return cipher


def create(path: Path, scopes: Iterable[str], *, demo: bool) -> KeyFile:
    """Make a key file that only its owner can read. Raises KeyFileUnusable where there is one already."""
    if path.exists():
        raise KeyFileUnusable(f"{path} exists; keys are never written over")
    body = {
        "id": (DEMO if demo else "live:") + secrets.token_hex(8),
        "keks": {scope: [secrets.token_hex(32)] for scope in scopes},
        "peppers": {scheme: secrets.token_hex(32) for scheme in SCHEMES},
        "bus": {secrets.token_hex(8): {"mlkem768": secrets.token_hex(64), "x25519": secrets.token_hex(32)}},
        "ledger": secrets.token_hex(32),
    }
    _write(path, body)
    return KeyFile(path, body)


def load(path: Path) -> KeyFile:
    """Read a key file. Raises KeyFileUnusable, naming the file and never what is in it."""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileUnusable(f"{path} can be read by others: chmod 600 it")
        body = json.loads(path.read_text())
        if not {"id", "keks", "peppers", "bus", "ledger"} <= set(body):
            raise KeyFileUnusable(f"{path} is not a key file")
    except FileNotFoundError:
        raise KeyFileUnusable(f"{path} is missing; run 'hub keys init' first") from None
    except (ValueError, TypeError):
        raise KeyFileUnusable(f"{path} is not a key file") from None
    return KeyFile(path, body)


def _bus_key(parts: Mapping[str, str]) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(bytes.fromhex(parts["mlkem768"])),
        X25519PrivateKey.from_private_bytes(bytes.fromhex(parts["x25519"])),
    )


def _write(path: Path, body: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(body, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
