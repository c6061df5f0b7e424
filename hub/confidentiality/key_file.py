"""The key file: key-encryption keys, peppers and the hub's own keys, for a demonstration or a single site."""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.confidentiality import secret_file
from hub.confidentiality.blind_index import SCHEMES
from hub.confidentiality.child_keys import IsWrapped, Wrapped
from hub.confidentiality.house import House, new_house
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.secret_file import KeyFileUnusable
from hub.errors import Refused, Unavailable

__all__ = ["KeyFile", "KeyFileUnusable", "create", "load"]

PARTS = {"id": str, "keks": dict, "peppers": dict, "bus": dict, "ledger": str}
NONCE = 12


class KeyFile(House):
    """Keys read from one file. Its secrets are in no text of it. A `KeyStore`.

    Wraps with AES-256-GCM and not with AES key wrap (RFC 3394), because the context, which says whose
    key it is, can then be authenticated as associated data. A random nonce is sound up to 2³² wraps of
    one version; a rotation re-wraps one for each child.
    """

    def __init__(self, path: Path) -> None:
        """Read it. Raises KeyFileUnusable, naming the file and never what is in it."""
        super().__init__(path)
        self._made: tuple[dict[str, Any], dict[tuple[str, int], AESGCM]] = self._body, {}

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest key version, also where another process has just made it."""
        self._read_again_if_changed()
        return {scope: len(versions) for scope, versions in self._body["keks"].items()}

    def withdrawn(self) -> Collection[str]:
        """Scopes whose holder lets nothing be sealed or opened until they say otherwise."""
        self._read_again_if_changed()
        return frozenset(self._body.get("withdrawn", ()))

    def withdraw(self, scope: str, *, back: bool = False) -> None:
        """Shut a scope for every process of this hub, or (`back`) let it be used again.

        Here the file's owner does it on the holder's word; a scope in its holder's own key service is shut
        there. Raises Unavailable for a scope there is none of.
        """
        with self._changing() as body:
            if scope not in body["keks"]:
                raise Unavailable(f"the key file has no key for scope {scope}")
            others = [each for each in body.get("withdrawn", ()) if each != scope]
            body["withdrawn"] = others if back else sorted([*others, scope])

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key. Raises Unavailable for a scope without a key."""
        return self.wrap_many([(scope, context, secret)])[0]

    def unwrap(self, scope: str, context: bytes, wrapped: IsWrapped) -> bytes:
        """Unwrap.

        Raises CannotUnseal for another context or scope (`wrong-key-or-place`), or where the version
        was destroyed (`key-destroyed`).
        """
        cipher = self._cipher(scope, wrapped.version)
        try:
            return cipher.decrypt(wrapped.wrapped[:NONCE], wrapped.wrapped[NONCE:], context)
        except (InvalidTag, ValueError):
            raise CannotUnseal("wrong-key-or-place") from None

    def wrap_many(self, items: Sequence[tuple[str, bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (scope, context, secret) under its scope's newest key."""
        newest, ciphers = self.scopes(), {}
        for scope in {scope for scope, _, _ in items}:
            if scope not in newest:
                raise Unavailable(f"the key file has no key for scope {scope}")
            ciphers[scope] = newest[scope], self._cipher(scope, newest[scope]).encrypt
        nonces, wrapped = secrets.token_bytes(NONCE * len(items)), list[Wrapped]()
        for at, (scope, context, secret) in zip(range(0, len(nonces), NONCE), items, strict=True):
            nonce, (version, encrypt) = nonces[at : at + NONCE], ciphers[scope]
            wrapped.append(Wrapped(version, nonce + encrypt(nonce, secret, context)))
        return wrapped

    def unwrap_many(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[bytes | None]:
        """Unwrap each (scope, context, wrapped); None for each that does not open."""
        found: list[bytes | None] = []
        add, ciphers = found.append, self._ciphers()
        for scope, context, one in items:
            wrapped = one.wrapped
            try:
                cipher = ciphers.get((scope, one.version)) or self._cipher(scope, one.version)
                add(cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], context))
            except (InvalidTag, ValueError, CannotUnseal, ScopeWithdrawn):
                add(None)
        return found

    def rewrap(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[Wrapped | None]:
        """Wrap each anew under its scope's newest key; None for each that does not open."""
        secrets_ = self.unwrap_many(items)
        opened = [
            (scope, context, secret)
            for (scope, context, _), secret in zip(items, secrets_, strict=True)
            if secret is not None
        ]
        anew = iter(self.wrap_many(opened))
        return [None if secret is None else next(anew) for secret in secrets_]

    def rotate(self, scope: str, random: Callable[[int], bytes] = secrets.token_bytes) -> int:
        """Add a newer key for a scope and tell its version. Re-wrapping is the key ring's."""
        with self._changing() as body:
            if scope not in body["keks"]:
                raise Unavailable(f"the key file has no key for scope {scope}")
            body["keks"][scope].append(random(32).hex())
        return self.scopes()[scope]

    def destroy_version(self, scope: str, version: int) -> None:
        """Destroy an older key of a scope and all before it, 35 days after an erasure: no backup can undo it.

        Raises Refused for the newest version, and for one that never was.
        """
        with self._changing() as body:
            versions = body["keks"].get(scope, ())
            if not 0 < version < len(versions):
                raise Refused(f"version {version} of scope {scope} is not an older key")
            body["keks"][scope] = [None] * version + versions[version:]

    def add_scopes(self, scopes: Iterable[str], random: Callable[[int], bytes] = secrets.token_bytes) -> None:
        """Give new scopes a first key; others are left as they are."""
        with self._changing() as body:
            for scope in scopes:
                body["keks"].setdefault(scope, [random(32).hex()])

    def _cipher(self, scope: str, version: int) -> AESGCM:
        cipher = self._ciphers().get((scope, version))
        if cipher is None:
            self._read_again_if_changed()
            ciphers, body = self._ciphers(), self._body
            if scope in body.get("withdrawn", ()):
                raise ScopeWithdrawn(scope)
            versions = body["keks"].get(scope, ())
            if not 0 < version <= len(versions) or versions[version - 1] is None:
                raise CannotUnseal("key-destroyed")
            cipher = ciphers[scope, version] = AESGCM(bytes.fromhex(versions[version - 1]))
        return cipher

    def _ciphers(self) -> dict[tuple[str, int], AESGCM]:
        """Those made of what the file says now: a version may be destroyed since, or a scope withdrawn."""
        of, ciphers = self._made
        if of is not self._body:
            of, ciphers = self._made = self._body, {}
        return ciphers

    def _read(self) -> dict[str, Any]:
        body = secret_file.read(self._path)
        if not all(isinstance(body.get(part), kind) for part, kind in PARTS.items()):
            raise KeyFileUnusable(f"{self._path} is not a key file")
        return body

    def _write(self, body: dict[str, Any]) -> None:
        secret_file.replace(self._path, body)


def create(
    path: Path,
    scopes: Iterable[str],
    *,
    demo: bool,
    schemes: Iterable[str] = SCHEMES,
    random: Callable[[int], bytes] = secrets.token_bytes,
    at: int = 0,
) -> KeyFile:
    """Make a key file that only its owner can read. Raises KeyFileUnusable where there is one already."""
    body = new_house(schemes, demo=demo, at=at, random=random)
    body["keks"] = {scope: [random(32).hex()] for scope in scopes}
    secret_file.create(path, body)
    return KeyFile(path)


def load(path: Path) -> KeyFile:
    """Read a key file. Raises KeyFileUnusable, naming the file and never what is in it."""
    return KeyFile(path)
