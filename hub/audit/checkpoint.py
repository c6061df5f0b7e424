"""Signed checkpoints of the ledger: C2SP signed notes kept outside, so that nobody can go back."""

import base64
import binascii
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.audit.merkle import HASH
from hub.errors import HubError

ED25519 = b"\x01"
KEY_HASH = 4
SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
NAME = re.compile(r"[^\s+]+")
LEAST_LINES = 3


class CheckpointInvalid(HubError):
    """Not a checkpoint, or not signed by this key: the text says which. Nothing in it is believed."""

    status, title = 422, "Not a checkpoint of this ledger"


class Checkpoint(NamedTuple):
    """What a signed note vouches for: the ledger's first `size` leaves have this root."""

    origin: str
    size: int
    root: bytes


def sign(origin: str, size: int, root: bytes, key: Ed25519PrivateKey, name: str) -> str:
    """Make a checkpoint's note, signed under a key's name (by custom the origin). Raises ValueError."""
    if not origin or not origin.isprintable() or not NAME.fullmatch(name) or not name.isprintable():
        raise ValueError("an origin is one line; a key's name has no space and no plus")
    if size < 0 or len(root) != HASH:
        raise ValueError("a tree has a size and a root of 32 bytes")
    text = f"{origin}\n{size}\n{_base64(root)}\n"
    signed = _key_hash(name, key.public_key()) + key.sign(text.encode())
    return f"{text}\n\u2014 {name} {_base64(signed)}\n"


def verifier_key(name: str, key: Ed25519PublicKey) -> str:
    """The key as verifiers take it: its name, its hash, and kind and key in base64 (C2SP signed-note)."""
    return f"{name}+{_key_hash(name, key).hex()}+{_base64(ED25519 + key.public_bytes_raw())}"


def parse_and_verify(note: str, public_key: Ed25519PublicKey, name: str | None = None) -> Checkpoint:
    """Read a checkpoint that this key signed under its name (unless given: the note's own origin).

    Signatures of other keys, as witnesses add them, are passed over. Raises CheckpointInvalid.
    """
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = text.split("\n")[:-1]
    if not blank or len(lines) < LEAST_LINES or not lines[0] or not all(line.isprintable() for line in lines):
        raise CheckpointInvalid("not a checkpoint: an origin, a size, a root and a signature are needed")
    origin, size = lines[0], lines[1]
    root = _bytes(lines[2])
    if not SIZE.fullmatch(size) or root is None or len(root) != HASH:
        raise CheckpointInvalid("not a checkpoint: the size or the root cannot be read")
    if not any(_vouches(s, text, public_key) for s in _signed(signatures, public_key, name or origin)):
        raise CheckpointInvalid("the signature is not this key's, or the note was altered")
    return Checkpoint(origin, int(size), root)


def _signed(signatures: str, key: Ed25519PublicKey, name: str) -> Iterator[bytes]:
    """The signatures under a key's name and hash."""
    if not signatures.endswith("\n"):
        return
    for line in signatures[:-1].split("\n"):
        match line.split(" "):
            case ["\u2014", by, said] if by == name:
                value = _bytes(said) or b""
                if value[:KEY_HASH] == _key_hash(name, key):
                    yield value[KEY_HASH:]


def _vouches(signature: bytes, text: str, key: Ed25519PublicKey) -> bool:
    try:
        key.verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + key.public_bytes_raw()).digest()[:KEY_HASH]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes | None:
    """Base64 in its one spelling, or None."""
    try:
        value = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    return value if _base64(value) == text else None
