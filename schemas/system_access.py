"""How a partner's system says who it is: a signed assertion (RFC 7523), and tokens bound to a certificate."""

import base64
import hashlib
import json
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, NamedTuple

from joserfc import jwk, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jws import JWSRegistry

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GRANT = "client_credentials"
ALGORITHMS = ("Ed25519", "ES256", "PS256")
LEEWAY = 30
LONGEST = 300
"""Seconds an assertion may be good for."""
TOKEN_LASTS = 300.0
"""Seconds a token is good for."""
AT_MOST = 10_000
PUBLIC = {"OKP": ("kty", "crv", "x"), "EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}


class NotAdmitted(Exception):
    """The system did not prove who it is. Which check failed is told to nobody outside."""


class Assertions:
    """Believes assertions, each once. Safe to use from several threads."""

    def __init__(self, audience: str, wall: Callable[[], float]) -> None:
        self._audience, self._wall = audience, wall
        self._used: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = Lock()

    def believe(self, form: Mapping[str, str], key_of: Callable[[str], str | None]) -> str:
        """Tell which system sent a token request. Raises NotAdmitted.

        `key_of` gives the public key (a JWK, as JSON) that a name was admitted with; None: it was not.
        """
        if form.get("grant_type") != GRANT or form.get("client_assertion_type") != ASSERTION:
            raise NotAdmitted("not a request for client credentials")
        assertion, now = form.get("client_assertion", ""), int(self._wall())
        name = _claimed(assertion)
        key = key_of(name)
        if key is None or form.get("client_id", name) != name:
            raise NotAdmitted("no such system")
        claims = self._signed(assertion, key, name, now)
        self._once(name, str(claims["jti"]), now)
        return name

    def _signed(self, assertion: str, key: str, name: str, now: int) -> Mapping[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": name},
            sub={"essential": True, "value": name},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            signed = jwt.decode(
                assertion,
                jwk.import_key(json.loads(key)),
                ALGORITHMS,
                JWSRegistry(algorithms=list(ALGORITHMS)),
            )
            registry.validate(signed.claims)
        except (JoseError, ValueError, TypeError):
            raise NotAdmitted("the assertion is not this system's, or not for us, or too old") from None
        if signed.claims["exp"] > now + LONGEST + LEEWAY:
            raise NotAdmitted("the assertion is good for too long")
        return signed.claims

    def _once(self, name: str, jti: str, now: int) -> None:
        """An assertion that somebody listened to is worth nothing: it was used."""
        with self._lock:
            while self._used and next(iter(self._used.values())) < now - LONGEST - 2 * LEEWAY:
                self._used.popitem(last=False)
            if (name, jti) in self._used or len(self._used) >= AT_MOST:
                raise NotAdmitted("the assertion was used before")
            self._used[name, jti] = now


class Held(NamedTuple):
    """What a token stands for: the system, the event that admitted it, the certificate it is bound to."""

    name: str
    grant: int
    certificate: bytes | None
    until: float


class Tokens:
    """Opaque tokens for five minutes; only a hash of each is kept. Safe to use from several threads."""

    def __init__(self, monotonic: Callable[[], float], new_secret: Callable[[], str]) -> None:
        self._now, self._new = monotonic, new_secret
        self._held: OrderedDict[bytes, Held] = OrderedDict()
        self._lock = Lock()

    def give(self, name: str, grant: int, certificate: bytes | None) -> str:
        """Give out a token. With a certificate it is good over connections with that one only (RFC 8705)."""
        token = self._new()
        with self._lock:
            self._held[_hash(token)] = Held(name, grant, certificate, self._now() + TOKEN_LASTS)
            while len(self._held) > AT_MOST:
                self._held.popitem(last=False)
        return token

    def holder(self, token: str, certificate: bytes | None) -> Held:
        """Whose token this is. Raises NotAdmitted."""
        with self._lock:
            held = self._held.get(_hash(token))
        if held is None or self._now() > held.until:
            raise NotAdmitted("no such token")
        if held.certificate is not None and held.certificate != certificate:
            raise NotAdmitted("the token came over another connection than it is bound to")
        return held


def public_key(text: str) -> str:
    """A public key from a JWK or PEM, as the JSON it is admitted with. Raises ValueError where it is none.

    A private key is refused: it has left the place where it was to stay.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", SecurityWarning)
        try:
            key = _key(text)
        except SecurityWarning:
            raise ValueError("the key is too weak, or is a secret") from None
    said = key.as_dict(private=None)
    if key.is_private:
        raise ValueError("this is a private key: make another, and give the public one")
    if key.key_type not in PUBLIC:
        raise ValueError("an Ed25519, P-256 or RSA key is needed")
    public = {name: said[name] for name in PUBLIC[key.key_type]}
    if key.key_type == "RSA" and len(str(public["n"])) < 340:  # noqa: PLR2004 — 2,048 bits in base64
        raise ValueError("an RSA key needs 2,048 bits")
    return json.dumps(public, sort_keys=True)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _key(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return jwk.import_key(json.loads(text))
        except (JoseError, ValueError, KeyError, TypeError):
            raise ValueError("not a key") from None
    for kind in ("OKP", "EC", "RSA"):
        try:
            return jwk.import_key(text, kind)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("not a key")


def _claimed(assertion: str) -> str:
    """Which system an assertion says it is of, before anything of it is believed."""
    try:
        middle = assertion.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        # JSON can say half a character, and nest deeper than is read
        return str(said["sub"]).encode().decode()
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise NotAdmitted("not an assertion") from None
