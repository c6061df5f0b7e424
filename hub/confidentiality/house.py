"""The hub's own secrets besides key-encryption keys: peppers, what agencies seal to, the ledger's key."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from threading import RLock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey

from hub.confidentiality import hub_keys, secret_file
from hub.confidentiality.blind_index import FINDING, PEPPER, BlindIndex, finding
from hub.errors import Refused
from schemas import bus_key
from schemas.bus_key import BusKey

DEMO, LIVE = "demo:", "live:"
MADE_AT = "made_at"


class House:
    """What is said of the hub's own secrets, in hexadecimal, and what they are used as. In no text of it."""

    def __init__(self, path: Path) -> None:
        """Read them. Raises KeyFileUnusable."""
        self._path, self._lock = path, RLock()
        self._stamp = secret_file.stamp(path)
        self._body = self._read()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    @property
    def id(self) -> str:
        """The keys' own name, and the hub's for who signs to it; `demo:` opens demonstrations only."""
        return str(self._body["id"])

    @property
    def demo(self) -> bool:
        """True for a demonstration's keys."""
        return self.id.startswith(DEMO)

    def blind_index(self) -> BlindIndex:
        """The index under every generation of every scheme's pepper that there is now, on disk."""
        self._read_again_if_changed()
        return BlindIndex(
            {
                scheme: {n: bytes.fromhex(secret) for n, secret in enumerate(all_, 1) if secret is not None}
                for scheme, all_ in self._body["peppers"].items()
            }
        )

    def add_peppers(self, random: Callable[[int], bytes] = secrets.token_bytes) -> int:
        """Add a newer pepper to everything that children are found by, and tell its generation."""
        with self._changing() as body:
            peppers = dict(body["peppers"])
            none_before = [None] * len(peppers[FINDING[0]])  # of a scheme that is newer than this file
            for scheme in finding(peppers):
                peppers[scheme] = [*peppers.get(scheme, none_before), random(PEPPER).hex()]
            body["peppers"] = peppers
        return len(self._body["peppers"][FINDING[0]])

    def destroy_peppers(self, generation: int) -> None:
        """Destroy an older generation of what children are found by: nothing is found by it ever again.

        Raises Refused for the newest generation, and for one that never was.
        """
        with self._changing() as body:
            peppers = dict(body["peppers"])
            for scheme in [each for each in finding(peppers) if each in peppers]:
                if not 0 < generation < len(peppers[scheme]):
                    raise Refused(f"generation {generation} of the peppers is not an older one")
                all_ = peppers[scheme]
                peppers[scheme] = [*all_[: generation - 1], None, *all_[generation:]]
            body["peppers"] = peppers

    def bus_keys(self) -> dict[str, MLKEM768X25519PrivateKey]:
        """The hub's private keys, which agencies seal to, by id."""
        return {kid: hub_keys.private(parts) for kid, parts in self._bus_now().items()}

    def _bus_now(self) -> Mapping[str, Mapping[str, Any]]:
        self._read_again_if_changed()
        found: Mapping[str, Mapping[str, Any]] = self._body["bus"]
        return found

    def newest_bus_key(self) -> tuple[str, datetime]:
        """The id of the key that agencies are given now, and when it was made (1970: nobody said)."""
        kid, parts = list(self._bus_now().items())[-1]
        return kid, datetime.fromtimestamp(parts.get(MADE_AT, 0), UTC)

    def bus_public(self) -> dict[str, Any]:
        """The newest public key as agencies are given it: whose it is, signed by the ledger's key."""
        kid, parts = list(self._bus_now().items())[-1]
        key = BusKey(self.id, kid, parts.get(MADE_AT, 0), **hub_keys.public(parts))
        return bus_key.said(key, self.ledger_key())

    def ledger_key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints of the ledger."""
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._body["ledger"]))

    def add_bus_key(self, at: int = 0, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
        """Add a newer key for agencies to seal to and tell its id; older ones still open.

        `at`: seconds since 1970. It is always later than the one before, though the clock went back: agencies
        take over what is newer.
        """
        with self._changing() as body:
            kid, parts = hub_keys.generate(random)
            before = list(body["bus"].values())[-1].get(MADE_AT, 0)
            body["bus"] = {**body["bus"], kid: {**parts, MADE_AT: max(at, before + 1)}}
        return kid

    def bus_keys_replaced(self, before: int) -> list[str]:
        """Those that were replaced before a moment, in seconds since 1970."""
        bus = self._bus_now()
        return [kid for kid, newer in pairwise(bus) if bus[newer].get(MADE_AT, 0) < before]

    def drop_bus_keys(self, replaced_before: int) -> list[str]:
        """Destroy the private halves that were replaced before a moment; tells which.

        Nothing sealed to them may be still to come: a moment before the topics' retention began.
        """
        with self._changing() as body:
            bus = body["bus"]
            gone = [kid for kid, newer in pairwise(bus) if bus[newer].get(MADE_AT, 0) < replaced_before]
            body["bus"] = {kid: parts for kid, parts in bus.items() if kid not in gone}
        return gone

    def seal_anew(self) -> None:
        """Seal what is kept under the newest key of whoever seals it; a key file nobody does."""

    def sealed_under(self) -> int | None:
        """The version of that key which opens what is kept; None: none is needed."""
        return None

    def _read_again_if_changed(self) -> None:
        """Take up what another process has changed: wrapping under an older key would undo a rotation."""
        if secret_file.stamp(self._path) != self._stamp:
            with self._lock:
                stamp = secret_file.stamp(self._path)
                self._body, self._stamp = self._read(), stamp

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """What the file says now, to be changed by one process and one thread at a time: no new key is lost.

        It is what others go by once it is on disk.
        """
        with self._lock, secret_file.alone(self._path):
            body = self._read()
            yield body
            self._write(body)
            self._body, self._stamp = body, secret_file.stamp(self._path)

    def _read(self) -> dict[str, Any]:
        """What the file says. Raises KeyFileUnusable."""
        raise NotImplementedError

    def _write(self, body: dict[str, Any]) -> None:
        """Put it in the file's place."""
        raise NotImplementedError


def new_house(
    schemes: Iterable[str], *, demo: bool, at: int, random: Callable[[int], bytes]
) -> dict[str, Any]:
    """Make all of a hub's own secrets. `at`: seconds since 1970."""
    kid, bus_key = hub_keys.generate(random)
    return {
        "id": (DEMO if demo else LIVE) + random(8).hex(),
        "peppers": {scheme: [random(32).hex()] for scheme in schemes},
        "bus": {kid: {**bus_key, MADE_AT: at}},
        "ledger": random(32).hex(),
    }
