"""The key that agencies seal to, as the hub says it: signed by the key that signs its ledger.

What stands in `hub-public-key.json` and what the hub announces on the bus is the same JSON. Agencies hold the
ledger's key already, given to each once; so whoever writes to the bus cannot have them seal to another's key.
"""

import json
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.receipts import ledger_public
from schemas.sealing import pack

LENGTHS = {"mlkem768": 1184, "x25519": 32}


class NoBusKey(Exception):
    """Not a key of the hub's, or not signed by its ledger's key; the text says which."""


class BusKey(NamedTuple):
    """A hub's public key: whose (its keys' id), the key's id, since when (seconds since 1970), its halves."""

    hub: str
    kid: str
    since: int
    mlkem768: bytes
    x25519: bytes

    def statement(self) -> bytes:
        """What is signed."""
        names = (self.hub.encode(), self.kid.encode(), self.since.to_bytes(8, "big"))
        return b"hub/bus-key" + pack((*names, self.mlkem768, self.x25519))


def said(key: BusKey, ledger: Ed25519PrivateKey) -> dict[str, Any]:
    """The key as it is handed out and announced: signed."""
    plain = {"hub": key.hub, "kid": key.kid, "since": key.since}
    halves = {"mlkem768": key.mlkem768.hex(), "x25519": key.x25519.hex()}
    return plain | halves | {"signature": ledger.sign(key.statement()).hex()}


def is_said(raw: bytes) -> bool:
    """Whether this is meant to be a key, and not a receipt. Nothing of it is believed yet."""
    try:
        found = json.loads(raw)
    except ValueError:
        return False
    return isinstance(found, dict) and "kid" in found


def read(raw: bytes, ledger_key: str) -> BusKey:
    """Read a key and check it with the ledger's verifier key (`name+hash+base64`). Raises NoBusKey."""
    try:
        found = json.loads(raw)
        halves = {name: bytes.fromhex(found[name]) for name in LENGTHS}
        key = BusKey(str(found["hub"]), str(found["kid"]), int(found["since"]), **halves)
        statement, signature = key.statement(), bytes.fromhex(found["signature"])
        _, public = ledger_public(ledger_key)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise NoBusKey("not a key of a hub") from None
    if {name: len(half) for name, half in halves.items()} != LENGTHS:
        raise NoBusKey("not a key of a hub")
    try:
        public.verify(signature, statement)
    except InvalidSignature:
        raise NoBusKey("the key is not signed by the ledger's key") from None
    return key
