"""Who holds a hub's keys: one file, or a key service; and a scope's own holder beside, where it has one."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hub.confidentiality import key_file, secret_file
from hub.confidentiality.blind_index import SCHEMES
from hub.confidentiality.child_keys import IsWrapped, Wrapped
from hub.confidentiality.house import House, new_house
from hub.confidentiality.keys import KeyStore
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.secret_file import KeyFileUnusable
from hub.confidentiality.vault_access import VaultAccess
from hub.errors import Unavailable

HOUSE = "house"
"""The key under which a hub without a key file keeps its other secrets."""
SEALED = "sealed"

Asked = TypeVar("Asked")
Given = TypeVar("Given")
Vaults = Mapping[str, VaultAccess]
"""By scope: where its holder keeps its key. The empty scope: all that have no holder of their own."""


class Holder(NamedTuple):
    """The hub's own secrets, and who wraps its data keys. With a key file both are that file."""

    house: House
    store: KeyStore


class SealedHouse(House):
    """The hub's own secrets in a file that only a key service can open: to a thief it says nothing."""

    def __init__(self, path: Path, store: KeyStore) -> None:
        self._store = store
        super().__init__(path)

    def seal_anew(self) -> None:
        """Seal the file under the key service's newest version: the older opens it no more."""
        with self._changing():
            pass  # it is always put back sealed under the newest

    def sealed_under(self) -> int | None:
        """The version of the key service's key that opens the file."""
        return int(secret_file.read(self._path)["version"])

    def _read(self) -> dict[str, Any]:
        said = secret_file.read(self._path)
        try:
            id_, version, sealed = str(said["id"]), int(said["version"]), str(said[SEALED]).encode()
            body = json.loads(self._store.unwrap(HOUSE, _context(id_), Wrapped(version, sealed)))
        except (KeyError, ValueError, TypeError, CannotUnseal):
            raise KeyFileUnusable(f"{self._path} is not a file that the key service sealed") from None
        return dict(body)

    def _write(self, body: dict[str, Any]) -> None:
        secret_file.replace(self._path, _sealed(body, self._store))


class Apportioned:
    """A `KeyStore` in which some scopes have a holder of their own, who alone can open and shut them."""

    def __init__(self, rest: KeyStore, own: Mapping[str, KeyStore]) -> None:
        self._rest, self._own = rest, own

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest version."""
        found = dict(self._rest.scopes())
        for scope, store in self._own.items():
            found[scope] = store.scopes()[scope]
        return found

    def withdrawn(self) -> Collection[str]:
        """Scopes whose holder has shut them, as far as is known."""
        return frozenset(scope for store in (self._rest, *self._own.values()) for scope in store.withdrawn())

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap by the scope's holder."""
        return self._of(scope).wrap(scope, context, secret)

    def unwrap(self, scope: str, context: bytes, wrapped: IsWrapped) -> bytes:
        """Unwrap by the scope's holder."""
        return self._of(scope).unwrap(scope, context, wrapped)

    def wrap_many(self, items: Sequence[tuple[str, bytes, bytes]]) -> list[Wrapped]:
        """Wrap each by its scope's holder."""
        return self._each(items, lambda store, some: store.wrap_many(some))

    def unwrap_many(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[bytes | None]:
        """Unwrap each by its scope's holder."""
        return self._each(items, lambda store, some: store.unwrap_many(some))

    def rewrap(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[Wrapped | None]:
        """Wrap each anew by its scope's holder."""
        return self._each(items, lambda store, some: store.rewrap(some))

    def rotate(self, scope: str) -> int:
        """Make a newer key for the scope."""
        return self._of(scope).rotate(scope)

    def destroy_version(self, scope: str, version: int) -> None:
        """Destroy an older key of a scope."""
        self._of(scope).destroy_version(scope, version)

    def _of(self, scope: str) -> KeyStore:
        return self._own.get(scope, self._rest)

    def _each(
        self,
        items: Sequence[tuple[str, bytes, Asked]],
        ask: Callable[[KeyStore, Sequence[tuple[str, bytes, Asked]]], Sequence[Given]],
    ) -> list[Given]:
        places: dict[str, list[int]] = {}
        for place, (scope, _, _) in enumerate(items):
            places.setdefault(scope if scope in self._own else "", []).append(place)
        found: dict[int, Given] = {}
        for scope, some in places.items():
            found.update(zip(some, ask(self._of(scope), [items[place] for place in some]), strict=True))
        return [found[place] for place in range(len(items))]


def create(
    path: Path,
    scopes: Sequence[str],
    vaults: Vaults,
    *,
    demo: bool,
    at: int,
    monotonic: Callable[[], float],
    random: Callable[[int], bytes],
) -> Holder:
    """Make a hub's keys, at so many seconds since 1970. Raises KeyFileUnusable, Unavailable."""
    if "" not in vaults:
        file = key_file.create(path, scopes, demo=demo, random=random, at=at)
        return Holder(file, _apportioned(file, scopes, vaults, monotonic, make=True))
    if path.exists():
        raise KeyFileUnusable(f"{path} exists; keys are never written over")
    store = _vault(vaults[""], [*_of_all(scopes, vaults), HOUSE], monotonic, make=True)
    secret_file.create(path, _sealed(new_house(SCHEMES, demo=demo, at=at, random=random), store))
    return Holder(SealedHouse(path, store), _apportioned(store, scopes, vaults, monotonic, make=True))


def load(path: Path, scopes: Sequence[str], vaults: Vaults, monotonic: Callable[[], float]) -> Holder:
    """Open a hub's keys. Raises KeyFileUnusable, Unavailable."""
    if "" not in vaults:
        file = key_file.load(path)
        return Holder(file, _apportioned(file, scopes, vaults, monotonic))
    store = _vault(vaults[""], [*_of_all(scopes, vaults), HOUSE], monotonic)
    return Holder(SealedHouse(path, store), _apportioned(store, scopes, vaults, monotonic))


def _apportioned(
    rest: KeyStore,
    scopes: Iterable[str],
    vaults: Vaults,
    monotonic: Callable[[], float],
    *,
    make: bool = False,
) -> KeyStore:
    own = {scope: _vault(vaults[scope], [scope], monotonic, make=make) for scope in scopes if scope in vaults}
    return Apportioned(rest, own) if own else rest


def _of_all(scopes: Iterable[str], vaults: Vaults) -> list[str]:
    return [scope for scope in scopes if scope not in vaults]


def _vault(
    access: VaultAccess, scopes: Sequence[str], monotonic: Callable[[], float], *, make: bool = False
) -> KeyStore:
    try:
        from hub.confidentiality.vault import TransitKeys  # noqa: PLC0415 — a hub runs without the extra
    except ImportError:
        raise Unavailable("a key service needs the extra: pip install 'safeguarding-hub[vault]'") from None
    store = TransitKeys(access, scopes, monotonic)
    if make:
        store.add_scopes(scopes)
    return store


def _sealed(body: Mapping[str, object], store: KeyStore) -> dict[str, object]:
    id_ = str(body["id"])
    wrapped = store.wrap(HOUSE, _context(id_), json.dumps(body).encode())
    return {"id": id_, "version": wrapped.version, SEALED: wrapped.wrapped.decode()}


def _context(id_: str) -> bytes:
    return b"hub/house" + id_.encode()
