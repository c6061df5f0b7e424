"""The identity providers that sign-in trusts: a file, each provider bound to the one agency it speaks for."""

import json
import os
import stat
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from joserfc import jwk
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.errors import HubError, WrongKind
from schemas.vocabulary import Agency

DEMO_ISSUER = "https://demo.invalid"
"""Who vouches for a demonstration's practitioners. No such host can exist (RFC 6761)."""
INVALID = ".invalid"
OTHERS = stat.S_IRWXG | stat.S_IRWXO
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"
]
"""Signatures with a private key only: no `none`, and no HMAC, under which a public key could be a secret."""


class ProvidersInvalid(HubError):
    """The file of providers cannot be used; the text names the place, never a value."""

    status, title, exit_code = 503, "The identity providers cannot be used", 2


class Provider(BaseModel):
    """One OpenID provider of one agency. Secrets are in files of their own, never here."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    """Names it in addresses and commands."""
    title: Annotated[str, Field(min_length=1, max_length=80)]
    """What people call the account they sign in with."""
    agency: Agency
    issuer: str
    client_id: Annotated[str, Field(min_length=1)]
    client_secret_file: Path | None = None
    private_key_file: Path | None = None
    """A PEM or JWK to sign client assertions with (private_key_jwt); to be preferred to a secret."""
    algorithms: Annotated[frozenset[Algorithm], Field(min_length=1)] = frozenset({"RS256", "PS256", "ES256"})
    scopes: tuple[str, ...] = ("openid",)
    acr_values: tuple[str, ...] = ()
    """Levels of assurance to ask for, and to insist on: a token with none of them is refused."""
    ca_file: Path | None = None
    """Whom to believe about the provider's certificate; not said: the machine's authorities."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not sound_address(self.issuer) or self.issuer.endswith("/.well-known/openid-configuration"):
            raise ValueError("issuer must be an https address (http on this machine only)")
        if self.client_secret_file and self.private_key_file:
            raise ValueError("a client_secret_file or a private_key_file, not both")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self

    @property
    def of_a_demonstration(self) -> bool:
        """Whether this issuer cannot exist but in a demonstration."""
        return (urlsplit(self.issuer).hostname or "").endswith(INVALID)

    def secret(self) -> str | None:
        """The client secret, read anew each time. Raises ProvidersInvalid."""
        return _own_file(self.client_secret_file).strip() if self.client_secret_file else None

    def private_key(self) -> jwk.Key | None:
        """The key that signs client assertions, read anew each time. Raises ProvidersInvalid."""
        if self.private_key_file is None:
            return None
        try:
            return any_key(_own_file(self.private_key_file))
        except (JoseError, ValueError):
            raise ProvidersInvalid(f"{self.private_key_file} is not a private key") from None


def load(path: Path) -> tuple[Provider, ...]:
    """Read the providers. Raises ProvidersInvalid, naming the place; nobody can then sign in."""
    try:
        said = tomllib.loads(path.read_text())
        providers = tuple(Provider.model_validate(each) for each in said.get("provider", ()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProvidersInvalid(f"{path.name}: {_said(error)}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "a provider"
        raise ProvidersInvalid(f"{path.name}: {place}: {first['msg']}") from None
    for what in ("issuer", "name"):
        values = [getattr(provider, what) for provider in providers]
        if len(set(values)) < len(values):
            raise ProvidersInvalid(f"{path.name}: two providers have the same {what}")
    if not providers:
        raise ProvidersInvalid(f"{path.name}: names no [[provider]]")
    return providers


def of_one_kind(providers: Iterable[Provider], *, demo: bool) -> None:
    """Raise WrongKind where sign-in and store are not of one kind (security.md 5.4)."""
    for provider in providers:
        if demo:
            raise WrongKind("a demonstration has its own sign-in, and this folder names identity providers")
        if provider.of_a_demonstration:
            raise WrongKind(f"{provider.name}: a demonstration's issuer vouches for nobody in live data")


def any_key(text: str) -> jwk.Key:
    """A key from a PEM or a JWK. Raises JoseError or ValueError."""
    if text.lstrip().startswith("{"):
        return jwk.import_key(json.loads(text))
    for kind in ("EC", "RSA", "OKP"):
        try:
            return jwk.import_key(text, kind)
        except (JoseError, ValueError, TypeError):
            continue
    raise ValueError("not a key")


def sound_address(address: str) -> bool:
    """Whether an address may be spoken to: https, or http on this very machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if not parts.hostname or parts.username:
        return False
    here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return parts.scheme == "https" or (here and parts.scheme == "http")


def _own_file(path: Path) -> str:
    """What stands in a file that its owner alone can read."""
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & OTHERS and not str(path).startswith("/run/secrets/"):
                raise ProvidersInvalid(f"{path} can be read by others: make it its owner's only (chmod 600)")
            return file.read()
    except (OSError, UnicodeDecodeError):
        raise ProvidersInvalid(f"{path} cannot be read") from None


def _said(error: Exception) -> str:
    return (error.strerror or "cannot be read") if isinstance(error, OSError) else str(error)
