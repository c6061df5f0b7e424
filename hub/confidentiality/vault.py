"""Key-encryption keys in HashiCorp Vault's transit engine: they never leave it, and their use is logged.

Everything is sent in batches, a call a scope for each AT_ONCE items. Each item carries its context, which its
key is derived from: what was wrapped for one child, scope and generation opens in no other place.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import hvac
import requests
from hvac import exceptions

from hub.confidentiality.child_keys import IsWrapped, Wrapped
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.vault_access import VaultAccess
from hub.errors import HubError, Refused, Unavailable

AT_ONCE = 200
"""Items in one call: about 60 kB. OpenBao refuses JSON of more than 1,000 strings; an item has four."""
LEARNED = 60.0
"""Seconds for which a scope's newest version, or that it is withdrawn, is remembered."""


class TransitKeys:
    """A `KeyStore` over one transit engine."""

    def __init__(self, access: VaultAccess, scopes: Iterable[str], monotonic: Callable[[], float]) -> None:
        """Raises Unavailable where the token's file cannot be read; Vault itself is not asked yet."""
        self._access, self._scopes, self._monotonic = access, tuple(scopes), monotonic
        self._newest: dict[str, tuple[float, int]] = {}
        self._withdrawn: dict[str, float] = {}
        self._client = hvac.Client(
            url=access.address,
            namespace=access.namespace,
            verify=str(access.ca) if access.ca else True,
            timeout=access.seconds,
        )
        self._sign_in()

    def __repr__(self) -> str:
        return f"TransitKeys({self._access.mount})"

    def scopes(self) -> Mapping[str, int]:
        """Every scope with its newest version, as Vault said within the last minute; 0: withdrawn or none."""
        return {scope: self._version(scope) for scope in self._scopes}

    def withdrawn(self) -> Collection[str]:
        """Scopes that Vault refused within the last minute; then it is asked again."""
        now = self._monotonic()
        self._withdrawn = {scope: until for scope, until in self._withdrawn.items() if until > now}
        return frozenset(self._withdrawn)

    def wrap(self, scope: str, context: bytes, secret: bytes) -> Wrapped:
        """Wrap under the scope's newest key. Raises Unavailable, ScopeWithdrawn."""
        return self.wrap_many([(scope, context, secret)])[0]

    def unwrap(self, scope: str, context: bytes, wrapped: IsWrapped) -> bytes:
        """Unwrap. Raises CannotUnseal, ScopeWithdrawn, Unavailable."""
        (found,) = self.unwrap_many([(scope, context, wrapped)])
        if found is None:
            if scope in self._withdrawn:
                raise ScopeWithdrawn(scope)
            raise CannotUnseal("wrong-key-or-place")
        return found

    def wrap_many(self, items: Sequence[tuple[str, bytes, bytes]]) -> list[Wrapped]:
        """Wrap each (scope, context, secret). Raises Unavailable, ScopeWithdrawn."""
        asked = [(scope, {"plaintext": _text(secret), "context": _text(at)}) for scope, at, secret in items]
        answers = self._by_scope("encrypt", asked)
        wrapped = []
        for (scope, _, _), answer in zip(items, answers, strict=True):
            if _refused(answer, "ciphertext"):
                raise ScopeWithdrawn(scope) if scope in self._withdrawn else _odd()
            wrapped.append(_wrapped(answer["ciphertext"]))
        return wrapped

    def unwrap_many(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[bytes | None]:
        """Unwrap each (scope, context, wrapped); None for each that does not open."""
        asked = [
            (scope, {"ciphertext": wrapped.wrapped.decode("ascii", "replace"), "context": _text(at)})
            for scope, at, wrapped in items
        ]
        answers = self._by_scope("decrypt", asked)
        return [None if _refused(answer, "plaintext") else _bytes(answer["plaintext"]) for answer in answers]

    def rewrap(self, items: Sequence[tuple[str, bytes, IsWrapped]]) -> list[Wrapped | None]:
        """Wrap each anew under its scope's newest key, inside Vault; None for each that does not open."""
        asked = [
            (scope, {"ciphertext": wrapped.wrapped.decode("ascii", "replace"), "context": _text(at)})
            for scope, at, wrapped in items
        ]
        answers = self._by_scope("rewrap", asked)
        return [
            None if _refused(answer, "ciphertext") else _wrapped(answer["ciphertext"]) for answer in answers
        ]

    def rotate(self, scope: str) -> int:
        """Make a newer key for the scope and tell its version. Raises Unavailable, ScopeWithdrawn."""
        self._ask(scope, "POST", f"keys/{self._name(scope)}/rotate", {}, shuts=False)
        self._newest.pop(scope, None)
        return self._version(scope)

    def destroy_version(self, scope: str, version: int) -> None:
        """Destroy an older key of a scope and all before it. Raises Refused, Unavailable, ScopeWithdrawn."""
        self._newest.pop(scope, None)
        if not 0 < version < self._version(scope):
            raise Refused(f"version {version} of scope {scope} is not an older key")
        at_least = {"min_decryption_version": version + 1, "min_encryption_version": version + 1}
        self._ask(scope, "POST", f"keys/{self._name(scope)}/config", at_least)
        trim = {"min_available_version": version + 1}
        self._ask(scope, "POST", f"keys/{self._name(scope)}/trim", trim)

    def add_scopes(self, scopes: Iterable[str]) -> None:
        """Make a key for each scope there is none of; others are left as they are."""
        for scope in scopes:
            kind = {"type": "aes256-gcm96", "derived": True}
            self._ask(scope, "POST", f"keys/{self._name(scope)}", kind)

    # ------------------------------------------------------------

    def _by_scope(self, verb: str, asked: Sequence[tuple[str, dict[str, str]]]) -> list[dict[str, Any]]:
        """One call a scope and AT_ONCE, the answers in the order of what was asked."""
        places: dict[str, list[int]] = {}
        for place, (scope, _) in enumerate(asked):
            places.setdefault(scope, []).append(place)
        answers: list[dict[str, Any]] = [{}] * len(asked)
        for scope, all_ in places.items():
            for start in range(0, len(all_), AT_ONCE):
                some = all_[start : start + AT_ONCE]
                said = self._batch(scope, verb, [asked[place][1] for place in some])
                for place, answer in zip(some, said, strict=True):
                    answers[place] = answer
        return answers

    def _batch(self, scope: str, verb: str, items: list[dict[str, str]]) -> Sequence[dict[str, Any]]:
        """Ask for a batch; of a scope that is withdrawn nothing comes."""
        try:
            batch = {"batch_input": items}
            found = self._ask(scope, "POST", f"{verb}/{self._name(scope)}", batch, shuts=verb != "rewrap")
        except ScopeWithdrawn:
            return [{}] * len(items)
        results: Sequence[dict[str, Any]] = found.get("batch_results") or []
        if len(results) != len(items):
            raise _odd()
        return results

    def _version(self, scope: str) -> int:
        until, version = self._newest.get(scope, (float("-inf"), 0))
        if until <= self._monotonic():
            try:
                version = int(self._ask(scope, "GET", f"keys/{self._name(scope)}")["latest_version"])
            except (KeyError, ValueError, ScopeWithdrawn):
                version = 0
            self._newest[scope] = self._monotonic() + LEARNED, version
        return version

    def _ask(
        self,
        scope: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        shuts: bool = True,
    ) -> dict[str, Any]:
        """One call. Raises ScopeWithdrawn where Vault refuses us the key, Unavailable where it cannot say.

        `shuts`: then the scope counts as withdrawn. A token that may open and not rotate is no withdrawal.
        """
        for again in (True, False):
            try:
                said = self._client.adapter.request(
                    method, f"v1/{self._access.mount}/{path}", raise_exception=True, json=body
                )
            except (exceptions.Forbidden, exceptions.Unauthorized, exceptions.InvalidPath):
                if again and self._sign_in():  # an agent may have put a newer token there
                    continue
                if shuts:
                    self._withdrawn[scope] = self._monotonic() + LEARNED
                raise ScopeWithdrawn(scope) from None
            except exceptions.InvalidRequest as refused:
                return self._of_refused(scope, refused)
            except exceptions.VaultError as fault:
                raise Unavailable(f"the key service cannot answer ({type(fault).__name__})") from None
            except requests.RequestException:
                raise Unavailable("the key service cannot be reached") from None
            except AttributeError:  # hvac's, of an error in JSON that is no object, as a proxy may say it
                raise _odd() from None
            found = said.json() if hasattr(said, "json") and said.content else said
            return dict(found.get("data") or {}) if isinstance(found, Mapping) else {}
        raise _odd()

    def _of_refused(self, scope: str, refused: exceptions.InvalidRequest) -> dict[str, Any]:
        """A batch of which not all could be done comes as a bad request that still says what could."""
        said = refused.json if isinstance(refused.json, Mapping) else {}
        if "batch_results" in (said.get("data") or {}):
            return dict(said["data"])
        if any("not found" in str(error) for error in refused.errors or ()):
            self._withdrawn[scope] = self._monotonic() + LEARNED
            raise ScopeWithdrawn(scope)
        raise Unavailable("the key service would not take what the hub asked")

    def _sign_in(self) -> bool:
        """Take the token from its file; true where it is another than before."""
        before = self._client.token
        try:
            self._client.token = self._access.token_file.read_text().strip()
        except OSError:
            raise Unavailable("the file with the key service's token cannot be read") from None
        # nosemgrep: a-secret-compared-in-open-time — both are the hub's own, nobody sent either
        return bool(self._client.token != before)

    def _name(self, scope: str) -> str:
        return f"{self._access.prefix}{scope}"


def _wrapped(ciphertext: str) -> Wrapped:
    """`vault:v3:…` as it is kept, with its version."""
    parts = ciphertext.split(":")
    if len(parts) != 3 or parts[0] != "vault" or not parts[1][1:].isdigit():  # noqa: PLR2004 — as said above
        raise _odd()
    return Wrapped(int(parts[1][1:]), ciphertext.encode())


def _refused(answer: Mapping[str, Any], wanted: str) -> bool:
    """Whether an item could not be done: beside the error its answer may stand, empty."""
    return bool(answer.get("error")) or wanted not in answer


def _odd() -> HubError:
    return Unavailable("the key service answered something that is not an answer")


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
