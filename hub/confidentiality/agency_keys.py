"""The agencies' public keys, as the hub knows them: who may open a session on the bus, and when."""

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.confidentiality.secret_file import OTHERS_WRITE
from hub.errors import HubError, Refused


class AgencyKeysUnusable(HubError):
    """The file of public keys is not one; the text names the file only."""

    status, title, exit_code = 503, "The agencies' public keys cannot be used", 4


class AgencyKey(NamedTuple):
    """An agency's public key, and the time in which it may open sessions (None: no end yet).

    When a session was opened is the agency's own word. So a key that is merely replaced is ended, and
    its late messages still open; a key that was stolen is removed, and nothing signed with it opens.
    """

    public: Ed25519PublicKey
    valid_from: datetime
    valid_until: datetime | None

    def valid_at(self, seconds: int) -> bool:
        """True if the key may sign at a moment, in seconds since 1970."""
        until = self.valid_until
        return self.valid_from.timestamp() <= seconds and (until is None or seconds < until.timestamp())


AgencyKeys = Mapping[tuple[str, str], AgencyKey]
"""By agency and key id."""


def load_agency_keys(path: Path) -> AgencyKeys:
    """Read the agencies' public keys. A missing file means that no agency is known yet.

    Raises AgencyKeysUnusable, also where others can write it: whose keys stand in it is believed.
    """
    try:
        if path.stat().st_mode & OTHERS_WRITE:
            raise AgencyKeysUnusable(f"{path} can be written by others: let its owner alone (chmod o-w)")
    except FileNotFoundError:
        return {}
    try:
        return {(row["agency"], row["key_id"]): _key(row) for row in _rows(path)}
    except (ValueError, TypeError, KeyError):
        raise AgencyKeysUnusable(f"{path} is not a list of agencies' public keys") from None


def add_agency_key(path: Path, agency: str, key_id: str, public: bytes, valid_from: datetime) -> None:
    """Take an agency's public key on, from a moment. Raises Refused for a key id it already has."""
    if (agency, key_id) in load_agency_keys(path):
        raise Refused(f"{agency} has a key of the id {key_id} already")
    row = {"agency": agency, "key_id": key_id, "public": public.hex(), "valid_from": valid_from.isoformat()}
    _write(path, [*_rows(path), row])


def end_agency_key(path: Path, agency: str, key_id: str, valid_until: datetime) -> None:
    """Let a replaced key open no session from a moment on. Raises Refused for one there is none of."""
    _known(path, agency, key_id)
    for row in (rows := _rows(path)):
        if (row["agency"], row["key_id"]) == (agency, key_id):
            row["valid_until"] = valid_until.isoformat()
    _write(path, rows)


def remove_agency_key(path: Path, agency: str, key_id: str) -> None:
    """Believe nothing a stolen key signed, whenever it says it did. Raises Refused for an unknown one."""
    _known(path, agency, key_id)
    _write(path, [row for row in _rows(path) if (row["agency"], row["key_id"]) != (agency, key_id)])


def _known(path: Path, agency: str, key_id: str) -> None:
    if (agency, key_id) not in load_agency_keys(path):
        raise Refused(f"{agency} has no key of the id {key_id}")


def _key(row: Mapping[str, str]) -> AgencyKey:
    until = row.get("valid_until")
    return AgencyKey(
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["public"])),
        _moment(row["valid_from"]),
        _moment(until) if until else None,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment


def _rows(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text())) if path.exists() else []


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    beside = path.with_name(path.name + ".new")
    with beside.open("w") as file:
        os.fchmod(file.fileno(), 0o644)  # public, and nobody else's to write, whatever the umask
        json.dump(rows, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
