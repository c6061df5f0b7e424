"""Where the bus is and how to sign in to it: one address for hub and adapters, secrets in files, read late.

    kafka://host:9092,other:9092            in clear; with a sign-in to this machine only
    kafka+tls://host:9093/namespace         TLS; all topics are named namespace.safeguarding.…

`namespace` lets several hubs share one cluster. It is the bus's own affair: what is sealed, and where the
hub says it is, carry the topic's plain name.
"""

import json
import ssl
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

PORT = 9092
CLEAR, TLS = "kafka", "kafka+tls"
SCRAM, OAUTHBEARER = "SCRAM-SHA-512", "OAUTHBEARER"
COMPRESSIONS = ("lz4", "zstd", "gzip", "none")
WAIT = 10.0
"""Seconds a token endpoint may take."""
EARLY = 0.8
"""Share of its life after which a token is fetched anew."""


class BusMisdescribed(Exception):
    """The bus's address or its sign-in cannot be used. The text names the setting, never a secret."""


class BusAccess(BaseModel):
    """How to reach the bus. Holds names of files, never what is in them.

    `patience`: seconds the bus may take to be found, and to answer.
    `session`: seconds without a sign of life after which a worker's partitions go to others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: Annotated[str, Field(repr=False)]
    user: str | None = None
    password_file: Path | None = None
    token_file: Path | None = None
    token_url: str | None = None
    token_scope: str | None = None
    client_id: str | None = None
    client_secret_file: Path | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    key_password_file: Path | None = None
    compression: str = "lz4"
    patience: Annotated[float, Field(ge=0.5, le=300)] = 10.0
    session: Annotated[float, Field(ge=0.5, le=300)] = 10.0

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        parts = urlsplit(self.address)
        if parts.scheme not in (CLEAR, TLS) or not self.servers or parts.query or parts.fragment:
            raise ValueError("an address is kafka://host:port,host:port/namespace, or kafka+tls://…")
        if parts.username or parts.password:
            raise ValueError("an address carries no user and no password: say bus_user, bus_password_file")
        if self.namespace and not all(c.isascii() and (c.isalnum() or c in "-_") for c in self.namespace):
            raise ValueError("a namespace is letters, digits, - and _")
        if self.compression not in COMPRESSIONS:
            raise ValueError(f"bus_compression is one of {', '.join(COMPRESSIONS)}")
        return self

    @model_validator(mode="after")
    def _signs_in_one_way(self) -> Self:
        if (self.user is None) != (self.password_file is None):
            raise ValueError("bus_user and bus_password_file go together")
        if self.token_url and not (self.client_id and self.client_secret_file):
            raise ValueError("bus_token_url needs bus_client_id and bus_client_secret_file")
        if sum(x is not None for x in (self.user, self.token_file, self.token_url)) > 1:
            raise ValueError("one sign-in only: a user, a token file or a token endpoint")
        if (self.cert is None) != (self.key is None):
            raise ValueError("bus_cert and bus_key go together")
        return self

    @model_validator(mode="after")
    def _keeps_secrets(self) -> Self:
        if self.mechanism and not self.tls and not all(map(_is_here, self.servers)):
            raise ValueError("a sign-in in clear to another machine: say kafka+tls:// or bus_ca")
        if self.token_url and not _is_secret(self.token_url):
            raise ValueError("bus_token_url is https://, but on this machine")
        return self

    @property
    def servers(self) -> tuple[str, ...]:
        """Every `host:port` named."""
        named = [server.strip() for server in urlsplit(self.address).netloc.split(",")]
        return tuple(s if _has_port(s) else f"{s}:{PORT}" for s in named if s)

    @property
    def namespace(self) -> str:
        """What every topic's name begins with on this bus; empty for none."""
        return urlsplit(self.address).path.strip("/")

    @property
    def tls(self) -> bool:
        """Whether the connection is TLS: by the address, or because certificates are named."""
        return urlsplit(self.address).scheme == TLS or bool(self.ca or self.cert)

    @property
    def mechanism(self) -> str | None:
        """How to sign in; None: not, or by client certificate."""
        if self.user is not None:
            return SCRAM
        return OAUTHBEARER if self.token_file or self.token_url else None

    def on_bus(self, name: str) -> str:
        """The name a topic or group has on this bus."""
        return f"{self.namespace}.{name}" if self.namespace else name

    def plain(self, name: str) -> str | None:
        """The plain name of a topic of this namespace; None for a topic of another."""
        if not self.namespace:
            return name
        before, _, rest = name.partition(f"{self.namespace}.")
        return rest if not before and rest else None

    def client_config(self) -> dict[str, Any]:
        """What a Kafka client is made with, but for tokens (`token_source`). Reads secrets: do not keep it.

        Raises BusMisdescribed, naming a file that cannot be used.
        """
        protocol = ("SASL_" if self.mechanism else "") + ("SSL" if self.tls else "")
        config: dict[str, Any] = {
            "bootstrap_servers": list(self.servers),
            "security_protocol": protocol if self.tls else f"{protocol}PLAINTEXT",
        }
        if self.tls:
            config["ssl_context"] = self._context()
        if self.mechanism:
            config["sasl_mechanism"] = self.mechanism
        if self.user is not None and self.password_file is not None:
            config["sasl_plain_username"] = self.user
            config["sasl_plain_password"] = _secret(self.password_file, "bus_password_file")
        return config

    def token_source(self, clock: Callable[[], float]) -> Callable[[], str] | None:
        """Gives a token whenever asked: the file's as it then stands, or the endpoint's while it lasts.

        `clock`: monotonic seconds. None where the sign-in takes no token.
        """
        if self.token_file is not None:
            file = self.token_file
            return lambda: _secret(file, "bus_token_file")
        return _Endpoint(self, clock) if self.token_url is not None else None

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if self.cert is not None and self.key is not None:
                word = self.key_password_file
                password = None if word is None else _secret(word, "bus_key_password_file")
                context.load_cert_chain(str(self.cert), str(self.key), password)
        except (OSError, ssl.SSLError):
            raise BusMisdescribed("bus_ca, bus_cert or bus_key: not usable certificates or key") from None
        return context


class _Endpoint:
    """Client credentials (RFC 6749, 4.4): a token is kept for most of its life."""

    def __init__(self, access: BusAccess, clock: Callable[[], float]) -> None:
        self._access, self._clock = access, clock
        self._token, self._until = "", 0.0

    def __call__(self) -> str:
        if not self._token or self._clock() >= self._until:
            self._token, life = self._fetch()
            self._until = self._clock() + life * EARLY
        return self._token

    def _fetch(self) -> tuple[str, float]:
        access = self._access
        if access.token_url is None or access.client_secret_file is None:
            raise BusMisdescribed("bus_token_url: not said")
        secret = _secret(access.client_secret_file, "bus_client_secret_file")
        basic = b64encode(f"{quote(access.client_id or '', safe='')}:{quote(secret, safe='')}".encode())
        form = {"grant_type": "client_credentials"}
        if access.token_scope:
            form["scope"] = access.token_scope
        request = urllib.request.Request(  # noqa: S310 — https, or this machine: checked above
            access.token_url,
            urlencode(form).encode(),
            {"Authorization": f"Basic {basic.decode()}", "Accept": "application/json"},
        )
        context = access._context() if access.token_url.startswith("https:") else None  # noqa: SLF001 — ours
        try:
            with urllib.request.urlopen(request, timeout=WAIT, context=context) as answer:  # noqa: S310 — same
                said = json.load(answer)
            return str(said["access_token"]), float(said.get("expires_in", 60))
        except (OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise BusMisdescribed("bus_token_url gave no token") from None


def read_access(settings: Mapping[str, Any], environment: Mapping[str, str]) -> BusAccess | None:
    """The bus a `settings.toml` (`bus`, `bus_user`, …) or HUB_BUS variables name; None: the embedded one.

    Raises BusMisdescribed, naming the setting and never its value.
    """
    found: dict[str, Any] = {}
    for field in BusAccess.model_fields:
        name = "bus" if field == "address" else f"bus_{field}"
        value = environment.get(f"HUB_{name.upper()}") or settings.get(name)
        if value:
            found[field] = value
    if not found:
        return None
    if "address" not in found:
        raise BusMisdescribed("bus_… settings without bus: say where the bus is")
    try:
        return BusAccess.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = f"bus_{first['loc'][0]}" if first["loc"] else "bus"
        raise BusMisdescribed(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def is_bus_setting(name: str) -> bool:
    """Whether a name in a `settings.toml` is one of these."""
    return name == "bus" or (name.startswith("bus_") and name[4:] in BusAccess.model_fields)


def _secret(file: Path, setting: str) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise BusMisdescribed(f"{setting}: {file} cannot be read") from None


def _has_port(server: str) -> bool:
    return server.rpartition(":")[2].isdigit()


def _is_here(server: str) -> bool:
    host = server.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_secret(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(f"{parts.hostname}:0"))
