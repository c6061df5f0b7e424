"""Believes a provider's ID token, or does not: signature, issuer, audience, times, nonce, assurance."""

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from hub.errors import HubError
from hub.identity.providers import Provider

LEEWAY = 60
"""Seconds that two clocks may differ."""
OLDEST = 600
"""Seconds after which an ID token is too old to begin a session with."""
LONGEST_SUBJECT = 255
"""As OpenID Connect Core 1.0, section 2, has it."""


class NotBelieved(HubError):
    """What came back from a provider proves nothing; the text is a reason from a closed list."""

    status, title, exit_code = 401, "The sign-in could not be completed", 3


class Proven(NamedTuple):
    """What a provider proved: who it is (never what they may do), and when they last showed it."""

    issuer: str
    subject: str
    authenticated_at: int
    """Seconds since 1970: `auth_time`; 0 where the provider does not say: it may have been long ago."""


def believe(
    token: str, keys: KeySet, provider: Provider, nonce: str, now: int, max_age: int | None
) -> Proven:
    """Read an ID token that answers our own request. Raises NotBelieved.

    `max_age`: seconds since the person last showed who they are, at most; None: as long ago as may be.
    """
    claims = _signed(token, keys, provider)
    _times(claims, provider, now)
    _for_us(claims, provider.client_id)
    if not same(str(claims.get("nonce", "")), nonce):
        raise NotBelieved("the token answers another request")
    if provider.acr_values and claims.get("acr") not in provider.acr_values:
        raise NotBelieved("the provider did not check who it is as thoroughly as was asked")
    subject, at = claims["sub"], claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not _is_text(subject):
        raise NotBelieved("the token names nobody")
    if at is not None and not _has_been(at, now):
        raise NotBelieved("the token says no time that has been")
    if max_age is not None and (at is None or now - at > max_age + LEEWAY):
        raise NotBelieved("the provider did not ask anew who it is")
    return Proven(provider.issuer, subject, 0 if at is None else int(at))


def same(said: str, kept: str) -> bool:
    """Whether a secret that was sent is the one kept; told in the same time, and of any characters."""
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), kept.encode())


def _is_text(said: str) -> bool:
    """Whether it can be written down: JSON can say half a character."""
    return not any("\ud800" <= letter <= "\udfff" for letter in said)


def _signed(token: str, keys: KeySet, provider: Provider) -> Mapping[str, Any]:
    algorithms = sorted(provider.algorithms)
    try:
        return jwt.decode(token, keys, algorithms, JWSRegistry(algorithms=algorithms)).claims
    except (JoseError, ValueError, TypeError):
        raise NotBelieved("the token is not signed by the provider") from None


def _times(claims: Mapping[str, Any], provider: Provider, now: int) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(dict(claims))
    except JoseError:
        raise NotBelieved("the token is another's, or its time has passed") from None
    if now - claims["iat"] > OLDEST + LEEWAY:
        raise NotBelieved("the token is too old")


def _for_us(claims: Mapping[str, Any], client_id: str) -> None:
    """Core 1.0, 3.1.3.7: further audiences must be trusted, and none is; `azp` is ours where it is said."""
    audience = claims["aud"]
    if (isinstance(audience, list) and audience != [client_id]) or claims.get("azp", client_id) != client_id:
        raise NotBelieved("the token is for others too")


def _has_been(value: object, now: int) -> bool:
    """Whether it is a time, and not to come: one in milliseconds, say, would be fresh for ever."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= now + LEEWAY
