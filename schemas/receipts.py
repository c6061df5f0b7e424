"""What the hub gives back for what it took in: an agency's own signature, proved to be in the hub's ledger.

A receipt is JSON: the ledger's row that holds the signed root with the statements under it, and a C2SP
tlog-proof that leads from that row to a checkpoint the hub signed. It holds no word of what was said.
"""

import base64
import json
import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.sealing import unpack
from schemas.vouching import HASH, node_of, read_batch, root_of

PROOF = "c2sp.org/tlog-proof@v1"
DASH = "\u2014"
PLACED = 4 + HASH


class ReceiptInvalid(Exception):
    """Not a receipt, or it does not hold; the text says why."""


class Receipt(NamedTuple):
    """Whose statements (their leaves) stand in which row, in a ledger of which size."""

    agency: str
    leaves: tuple[bytes, ...]
    position: int
    size: int


def read_receipt(receipt: bytes, ledger_key: str) -> Receipt:
    """Check a receipt with the ledger's verifier key (`name+hash+base64`). Raises ReceiptInvalid."""
    try:
        said = json.loads(receipt)
        position, stream, version, topic, state = said["row"]
        row = _row_hash(position, bytes.fromhex(stream), version, topic, bytes.fromhex(state))
        index, path, note = _proof(said["proof"])
        size, root = _checkpoint(note, ledger_key)
        _, packed, placed, nodes = unpack(bytes.fromhex(state)[1:], 4)
        batch = read_batch(packed)
        leaves = {
            int.from_bytes(placed[at : at + 4], "big"): placed[at + 4 : at + PLACED]
            for at in range(0, len(placed), PLACED)
        }
        held = topic == "vouched" and root_of(batch.size, leaves, nodes) == batch.root
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error):
        raise ReceiptInvalid("not a receipt") from None
    if not held:
        raise ReceiptInvalid("the statements are not those that were signed")
    if not _included(index, size, path, row, root):
        raise ReceiptInvalid("the proof does not lead to the checkpoint")
    return Receipt(batch.agency, tuple(leaves.values()), position, size)


def ledger_public(ledger_key: str) -> tuple[str, Ed25519PublicKey]:
    """The name and the public key in a verifier key (`name+hash+base64`). Raises ValueError."""
    name, _, key = ledger_key.split("+", 2)
    return name, Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True)[1:])


# ------------------------------------------------------------


def _row_hash(position: int, stream: bytes, version: int, topic: str, state: bytes) -> bytes:
    """A stored row's leaf in the hub's ledger: each part after its length."""
    name = topic.encode()
    data = struct.pack(">IqI", 8, position, len(stream)) + stream
    data += struct.pack(">IqI", 8, version, len(name)) + name + struct.pack(">I", len(state)) + state
    return sha256(b"\0" + data).digest()


def _proof(text: str) -> tuple[int, list[bytes], str]:
    head, blank, note = text.partition("\n\n")
    kind, index, *path = head.split("\n")
    if kind != PROOF or not blank or not index.startswith("index "):
        raise ValueError("not a proof")
    return int(index[6:]), [base64.b64decode(step, validate=True) for step in path], note


def _checkpoint(note: str, ledger_key: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the ledger's key signed. Raises ValueError, ReceiptInvalid."""
    name, public = ledger_public(ledger_key)
    text, _, signatures = note.rpartition("\n\n")
    _, size, root, *_ = text.split("\n")
    for line in signatures.splitlines():
        match line.split(" "):
            case [dash, by, signature] if (dash, by) == (DASH, name):
                try:
                    public.verify(base64.b64decode(signature)[4:], f"{text}\n".encode())
                except InvalidSignature:
                    continue
                return int(size), base64.b64decode(root, validate=True)
    raise ReceiptInvalid("the checkpoint is not signed by the ledger's key")


def _included(index: int, size: int, path: Sequence[bytes], leaf: bytes, root: bytes) -> bool:
    """RFC 9162 2.1.3.2, level by level: where there is a node beside, it is the path's next."""
    if not 0 <= index < size:
        return False
    found, width, steps = leaf, size, list(path)
    while width > 1:
        if index ^ 1 < width:
            if not steps:
                return False
            step = steps.pop(0)
            found = node_of(step, found) if index & 1 else node_of(found, step)
        index, width = index >> 1, width + 1 >> 1
    return not steps and found == root
