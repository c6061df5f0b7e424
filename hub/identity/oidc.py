"""OpenID Connect as a client: code flow with PKCE, state and nonce, with any provider that conforms."""

import base64
import hashlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.errors import Unavailable
from hub.identity.providers import Provider, sound_address
from hub.identity.tokens import NotBelieved, Proven, believe, same

TIMEOUT = 10.0
"""Seconds a provider may take: to say anything, and to have said all."""
AT_ONCE = 4
"""Questions that are put to one provider at a time: one that does not answer must not hold up every page."""
TURN = 1.0
"""Seconds to wait for one's turn."""
LARGEST = 256 * 1024
REMEMBERED = 3600.0
"""Seconds for which a provider's description and keys are remembered."""
AGAIN = 30.0
"""Seconds between two fetches of keys for the sake of a key id that is not known."""
CHALLENGES = "S256"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Begun(NamedTuple):
    """A sign-in that was begun: what is kept until the browser comes back. All but `url` are secrets."""

    provider: str
    url: str
    state: str
    nonce: str
    verifier: str
    back: str
    max_age: int | None


class Client:
    """Asks one provider. Safe to use from several threads."""

    def __init__(
        self,
        provider: Provider,
        new_secret: Callable[[], str],
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.provider, self._new_secret, self._wall, self._now = provider, new_secret, wall, monotonic
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._turns = BoundedSemaphore(AT_ONCE)

    def begin(self, back: str, max_age: int | None = None) -> Begun:
        """Where to send the browser, and what to keep until it comes back. Raises Unavailable.

        `max_age` (seconds): the person must have shown who they are so lately; they are asked anew.
        """
        there = self.description()["authorization_endpoint"]
        state, nonce, verifier = (self._new_secret() for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": back,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _base64(hashlib.sha256(verifier.encode()).digest()),
            "code_challenge_method": CHALLENGES,
        }
        if self.provider.acr_values:
            asked["acr_values"] = " ".join(self.provider.acr_values)
        if max_age is not None:
            asked |= {"max_age": str(max_age), "prompt": "login"}
        url = f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}"
        return Begun(self.provider.name, url, state, nonce, verifier, back, max_age)

    def finish(self, begun: Begun, answered: Mapping[str, str]) -> Proven:
        """Take what the browser brought back. Raises NotBelieved, Unavailable."""
        if not same(answered.get("state", ""), begun.state):
            raise NotBelieved("this browser did not begin this sign-in")
        self._from_whom(answered.get("iss"))
        code = answered.get("code")
        if not code:
            raise NotBelieved("the provider did not let them in")
        token = self._exchange(begun, code)
        now = int(self._wall())
        try:
            return believe(token, self._key_set(), self.provider, begun.nonce, now, begun.max_age)
        except NotBelieved:
            if not self._forget_keys():
                raise
        return believe(token, self._key_set(), self.provider, begun.nonce, now, begun.max_age)

    def end_session_address(self) -> str | None:
        """Where the provider's own session is ended, if it said so when last asked: it is not asked now."""
        there = self._described[1].get("end_session_endpoint") if self._described else None
        return there if isinstance(there, str) and sound_address(there) else None

    def description(self) -> Mapping[str, Any]:
        """The provider's own description (OpenID Connect Discovery 1.0). Raises Unavailable."""
        if self._described is None or self._now() - self._described[0] > REMEMBERED:
            issuer = self.provider.issuer
            found = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise Unavailable("the provider describes another issuer than was set")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not sound_address(str(found.get(name, ""))):
                    raise Unavailable(f"the provider's {name} cannot be used")
            methods = found.get("code_challenge_methods_supported", [CHALLENGES])
            if not isinstance(methods, list) or CHALLENGES not in methods:
                raise Unavailable("the provider does not know PKCE with S256")
            self._described = self._now(), found
        return self._described[1]

    def _from_whom(self, issuer: str | None) -> None:
        """RFC 9207: an answer that says whose it is must be this provider's own."""
        says = self.description().get("authorization_response_iss_parameter_supported") is True
        if (issuer is None and says) or (issuer is not None and issuer != self.provider.issuer):
            raise NotBelieved("the answer is another provider's")

    def _exchange(self, begun: Begun, code: str) -> str:
        there = self.description()["token_endpoint"]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
            "client_id": self.provider.client_id,
        }
        how, secret, key = {}, self.provider.secret(), self.provider.private_key()
        if secret is not None:
            how["auth"] = httpx.BasicAuth(quote(self.provider.client_id, safe=""), quote(secret, safe=""))
        if key is not None:
            form |= {"client_assertion_type": ASSERTION, "client_assertion": self._assertion(key, there)}
        with self._asking() as client:
            answer = _bounded(client, client.build_request("POST", there, data=form), **how)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotBelieved("the provider gave no ID token")
        return token

    def _assertion(self, key: Any, audience: str) -> str:
        """Who we are, signed (RFC 7523): no secret leaves this machine."""
        algorithm = {"RSA": "PS256", "EC": "ES256", "OKP": "Ed25519"}[key.key_type]
        now, who = int(self._wall()), self.provider.client_id
        said = {
            "iss": who,
            "sub": who,
            "aud": audience,
            "jti": self._new_secret(),
            "iat": now,
            "exp": now + 60,
        }
        header = {"alg": algorithm, **({"kid": key.kid} if key.kid else {})}
        return jwt.encode(header, said, key, [algorithm])

    def _key_set(self) -> KeySet:
        if self._keys is None or self._now() - self._keys[0] > REMEMBERED:
            found = self._get(self.description()["jwks_uri"])
            try:
                keys = [key for key in found["keys"] if _verifies(key)]
                self._keys = self._now(), KeySet.import_key_set({"keys": keys})
            except (JoseError, KeyError, TypeError, ValueError, AttributeError):
                raise Unavailable("the provider's keys cannot be read") from None
        return self._keys[1]

    def _forget_keys(self) -> bool:
        """A provider may have changed its keys: they are fetched again, but not for every bad token."""
        if self._keys is None or self._now() - self._keys[0] < AGAIN:
            return False
        self._keys = None
        return True

    def _get(self, address: str) -> Mapping[str, Any]:
        with self._asking() as client:
            return _bounded(client, client.build_request("GET", address))

    @contextmanager
    def _asking(self) -> Iterator[httpx.Client]:
        """A connection that follows nobody elsewhere and heeds no proxy of the environment.

        Raises Unavailable where too many wait for an answer already.
        """
        ca = self.provider.ca_file
        trust = ssl.create_default_context(cafile=ca) if ca else _authorities()
        if not self._turns.acquire(timeout=TURN):
            raise Unavailable("the identity provider does not answer those who asked before")
        try:
            with httpx.Client(
                timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trust
            ) as client:
                yield client
        finally:
            self._turns.release()


@cache
def _authorities() -> ssl.SSLContext:
    """Those whom everybody believes, read once; a partnership's own are read anew: they may be renewed."""
    return httpx.create_ssl_context(trust_env=False)


def _bounded(client: httpx.Client, request: httpx.Request, **how: Any) -> Mapping[str, Any]:
    """One answer as JSON, of a bounded size. Raises Unavailable, NotBelieved where we are refused."""
    body, until = bytearray(), time.monotonic() + TIMEOUT
    try:
        answer = client.send(request, stream=True, **how)
        try:
            for part in answer.iter_bytes():
                body += part
                if len(body) > LARGEST or time.monotonic() > until:
                    raise Unavailable("the provider says more, or more slowly, than can be read")
        finally:
            answer.close()
        found = httpx.Response(200, content=bytes(body)).json()
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        raise Unavailable("the identity provider cannot be reached") from None
    except (ValueError, RecursionError):
        found = None
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.is_redirect:
        raise Unavailable("the identity provider does not answer as it should")
    if answer.status_code != httpx.codes.OK or not isinstance(found, dict):
        raise NotBelieved("the provider refused the sign-in")
    return found


def _verifies(key: Mapping[str, str]) -> bool:
    """Whether a provider's key may verify signatures: never a secret one, under which anyone could sign."""
    return key.get("use", "sig") == "sig" and key.get("kty") != "oct"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
