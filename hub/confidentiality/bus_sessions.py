"""Opens what agencies sealed to the hub, after checking that the agency itself opened the session."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from hub.confidentiality.sealing import CannotUnseal
from schemas.sealing import session_statement, unpack

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
INFO = b"safeguarding-hub/bus/v1"
REMEMBERED = 1000


class AgencyKey(NamedTuple):
    """An agency's public key, and the time in which it may open sessions (None: no end yet)."""

    public: Ed25519PublicKey
    valid_from: datetime
    valid_until: datetime | None


AgencyKeys = Mapping[tuple[str, str], AgencyKey]
"""By agency and key id."""


class SessionOpener:
    """Opens messages; a session is unwrapped and its signature checked once, then remembered."""

    def __init__(self, hub_keys: Mapping[str, MLKEM768X25519PrivateKey], agencies: AgencyKeys) -> None:
        self._hub_keys, self._agencies = hub_keys, agencies
        self._sessions: OrderedDict[tuple[str, bytes], AESGCM] = OrderedDict()

    def __repr__(self) -> str:
        return f"SessionOpener({sorted({agency for agency, _ in self._agencies})})"

    def open(self, agency: str, token: bytes, aad: bytes, sealed: bytes) -> bytes:
        """Open one message that came on an agency's topic.

        Raises CannotUnseal: `damaged`, `wrong-agency`, `unknown-agency-key`, `bad-signature`,
        `unknown-hub-key`.
        """
        session = self._sessions.get((agency, token))
        if session is None:
            session = self._open_session(agency, token)
            self._sessions[agency, token] = session
            if len(self._sessions) > REMEMBERED:
                self._sessions.popitem(last=False)
        try:
            return session.decrypt(sealed[:12], sealed[12:], aad)
        except (InvalidTag, ValueError):
            raise CannotUnseal("damaged") from None

    def _open_session(self, agency: str, token: bytes) -> AESGCM:
        try:
            said, key_id, kid, opened_at, encapsulated, signature = unpack(token, 6)
            who, with_key, to = said.decode(), key_id.decode(), kid.decode()
        except ValueError:
            raise CannotUnseal("damaged") from None
        if who != agency:
            raise CannotUnseal("wrong-agency")
        moment = int.from_bytes(opened_at, "big")
        key = self._agencies.get((agency, with_key))
        if key is None or not _valid(key, moment):
            raise CannotUnseal("unknown-agency-key")
        try:
            key.public.verify(signature, session_statement(who, with_key, to, moment, encapsulated))
        except InvalidSignature:
            raise CannotUnseal("bad-signature") from None
        private = self._hub_keys.get(to)
        if private is None:
            raise CannotUnseal("unknown-hub-key")
        try:
            return AESGCM(SUITE.decrypt(encapsulated, private, INFO))
        except (InvalidTag, ValueError):
            raise CannotUnseal("damaged") from None


def _valid(key: AgencyKey, moment: int) -> bool:
    until = key.valid_until
    return key.valid_from.timestamp() <= moment and (until is None or moment < until.timestamp())


def load_agency_keys(path: Path) -> AgencyKeys:
    """Read the agencies' public keys. A missing file means that no agency is known yet."""
    if not path.exists():
        return {}
    found: dict[tuple[str, str], AgencyKey] = {}
    for row in json.loads(path.read_text()):
        until = row.get("valid_until")
        found[row["agency"], row["key_id"]] = AgencyKey(
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(row["public"])),
            datetime.fromisoformat(row["valid_from"]),
            datetime.fromisoformat(until) if until else None,
        )
    return found


def add_agency_key(path: Path, agency: str, key_id: str, public: bytes, valid_from: datetime) -> None:
    """Take an agency's public key on, from a moment."""
    rows = json.loads(path.read_text()) if path.exists() else []
    rows.append(
        {"agency": agency, "key_id": key_id, "public": public.hex(), "valid_from": valid_from.isoformat()}
    )
    path.write_text(json.dumps(rows, indent=1))
