"""What somebody is writing, and what they sent after their session had ended: kept sealed, for them alone."""

import hashlib
import json
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
"""Sessions of which drafts are held; the longest untouched give way."""
FORMS = 20
"""Forms of one session that somebody may be writing in at once."""
NONCE = 12


class Draft(NamedTuple):
    """A form as it was sent: where to, and its fields in order."""

    path: str
    fields: tuple[tuple[str, str], ...]


class Typed(NamedTuple):
    """A form somebody is writing in: which (`path#number`), on which page, its title, its fields in order."""

    form: str
    page: str
    title: str
    fields: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """Where the form is sent to."""
        return self.form.partition("#")[0]


class Drafts:
    """Drafts in memory, at most an hour after they were last touched. Safe to use from several threads.

    Of a session there is one form that was sent when it had ended, and the forms that are being written in,
    as a page's script keeps them while somebody types. Each is sealed under a key made from the id of the
    session it came with, which only the browser's cookie holds (here is a hash of it), with the person as
    associated data: nobody else's sign-in opens it.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._held: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._typed: OrderedDict[bytes, OrderedDict[bytes, _Sealed]] = OrderedDict()
        self._lock = Lock()

    def keep(self, session: str, by: By, path: str, body: bytes) -> None:
        """Keep the body of a form that was sent to `path`. One a session: the last."""
        sealed = _seal(session, by, path.encode() + b"\0" + body)
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
        writing = self.all_typed(before, by)
        for typed in reversed(writing):
            self.type(after, by, typed)
        with self._lock:
            self._typed.pop(_derive(before, "place"), None)
        said = self._open(before, by)
        if said is None:
            return bool(writing)
        path, _, body = said.partition(b"\0")
        self.keep(after, by, path.decode(), body)
        self.drop(before)
        return True

    def type(self, session: str, by: By, typed: Typed) -> None:
        """Keep a form as it is being written, in place of what was kept of it before."""
        said = json.dumps((typed.form, typed.page, typed.title, typed.fields)).encode()
        kept = _Sealed(_derive(session, typed.path), self._now(), _seal(session, by, said))
        with self._lock:
            place = _derive(session, "place")
            forms = self._typed.setdefault(place, OrderedDict())
            self._typed.move_to_end(place)
            forms[_derive(session, typed.form)] = kept
            forms.move_to_end(_derive(session, typed.form))
            while len(forms) > FORMS:
                forms.popitem(last=False)
            while len(self._typed) > AT_MOST:
                self._typed.popitem(last=False)

    def typed(self, session: str, by: By, form: str) -> Typed | None:
        """What was typed into a form, if it is kept, not too old, and this person's own."""
        return next((one for one in self.all_typed(session, by) if one.form == form), None)

    def all_typed(self, session: str, by: By) -> list[Typed]:
        """Every form this person is writing in, the latest first."""
        with self._lock:
            kept = list(self._typed.get(_derive(session, "place"), {}).values())
        found = []
        for one in reversed(kept):
            said = _unseal(session, by, one.sealed) if self._now() - one.at <= LASTS else None
            if said is not None:
                form, page, title, fields = json.loads(said)
                found.append(Typed(form, page, title, tuple((name, value) for name, value in fields)))
        return found

    def done(self, session: str, path: str) -> None:
        """Forget what was typed into the forms that are sent to `path`: one of them was taken."""
        at = _derive(session, path)
        with self._lock:
            forms = self._typed.get(_derive(session, "place"), OrderedDict())
            for form in [form for form, one in forms.items() if one.path == at]:
                del forms[form]

    def _open(self, session: str, by: By) -> bytes | None:
        with self._lock:
            kept_at, sealed = self._held.get(_derive(session, "place"), (0.0, b""))
        if not sealed or self._now() - kept_at > LASTS:
            return None
        return _unseal(session, by, sealed)


class _Sealed(NamedTuple):
    """A form that is being written in: a hash of where it goes, since when it is so, and what it says."""

    path: bytes
    at: float
    sealed: bytes


def _seal(session: str, by: By, said: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(_derive(session, "key")).encrypt(nonce, said, by.person.encode())


def _unseal(session: str, by: By, sealed: bytes) -> bytes | None:
    try:
        aead = AESGCM(_derive(session, "key"))
        return aead.decrypt(sealed[:NONCE], sealed[NONCE:], by.person.encode())
    except InvalidTag:
        return None


def _derive(session: str, use: str) -> bytes:
    """From the id itself, never from its hash, which is what the sessions keep."""
    id_ = hashlib.sha512(b"hub/draft/" + session.encode("utf-8", "surrogateescape")).digest()
    return HKDFExpand(SHA256(), 32, f"hub/draft/{use}".encode()).derive(id_)
