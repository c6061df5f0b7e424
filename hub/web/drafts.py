"""What somebody had written when their session had ended: kept sealed for them, offered after sign-in."""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.domain.child import By

LASTS = 3600.0
AT_MOST = 200
NONCE = 12


class Draft(NamedTuple):
    """A form as it was sent: where to, and its fields in order."""

    path: str
    fields: tuple[tuple[str, str], ...]


class Drafts:
    """Drafts in memory, at most an hour. Safe to use from several threads.

    Each is sealed under a key made from the id of the session it came with, which only the browser's cookie
    holds (here is a hash of it), with the person as associated data: nobody else's sign-in opens it.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._held: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()

    def keep(self, session: str, by: By, path: str, body: bytes) -> None:
        """Keep the body of a form that was sent to `path`. One a session: the last."""
        nonce = secrets.token_bytes(NONCE)
        said = path.encode() + b"\0" + body
        sealed = nonce + AESGCM(_derive(session, "key")).encrypt(nonce, said, by.person.encode())
        with self._lock:
            self._held[_derive(session, "place")] = self._now(), sealed
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)

    def look(self, session: str, by: By) -> Draft | None:
        """What was kept, if it is there, not too old, and this person's own."""
        said = self._open(session, by)
        if said is None:
            return None
        path, _, body = said.partition(b"\0")
        fields = parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True)
        return Draft(path.decode(), tuple(fields))

    def drop(self, session: str) -> None:
        """Forget what was kept."""
        with self._lock:
            self._held.pop(_derive(session, "place"), None)

    def pass_on(self, before: str, after: str, by: By) -> bool:
        """Keep under a new session what was kept under the one before; whether there was anything."""
        said = self._open(before, by)
        if said is None:
            return False
        path, _, body = said.partition(b"\0")
        self.keep(after, by, path.decode(), body)
        self.drop(before)
        return True

    def _open(self, session: str, by: By) -> bytes | None:
        with self._lock:
            kept_at, sealed = self._held.get(_derive(session, "place"), (0.0, b""))
        if not sealed or self._now() - kept_at > LASTS:
            return None
        try:
            aead = AESGCM(_derive(session, "key"))
            return aead.decrypt(sealed[:NONCE], sealed[NONCE:], by.person.encode())
        except InvalidTag:
            return None


def _derive(session: str, use: str) -> bytes:
    """From the id itself, never from its hash, which is what the sessions keep."""
    id_ = hashlib.sha512(b"hub/draft/" + session.encode("utf-8", "surrogateescape")).digest()
    return HKDFExpand(SHA256(), 32, f"hub/draft/{use}".encode()).derive(id_)
