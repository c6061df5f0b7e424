"""Where things lie and how they are chosen: one data folder, and HUB_ variables for what differs."""

import os
import tomllib
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.confidentiality.vault_access import VaultAccess
from hub.errors import HubError
from hub.postgres.access import StoreAccess
from schemas.bounds import MOST, PATIENCE, Bounds
from schemas.bus_access import BusAccess, BusMisdescribed, is_bus_setting, read_access

DEFAULT = Path("demo-data")


PLAIN = (
    *(
        "policy",
        "secrets",
        "retention",
        "agreements",
        "patterns",
        "pack",
        "telling",
        "host",
        "port",
        "worker",
        "log",
        "otlp_endpoint",
    ),
    *(
        "public_url",
        "providers",
        "tls_cert",
        "tls_key",
        "tls_client_ca",
        "patience",
        "connections",
        "proxy_header",
    ),
    *("metrics_cert", "metrics_key", "roll_days", "roll_retained_days", "rotate_days"),
)
"""Settings that a HUB_ variable of their name may give."""


class SettingsInvalid(HubError):
    """A setting is missing or wrong; the text names it."""

    status, title, exit_code = 500, "The settings cannot be used", 2


class Stage(BaseModel):
    """For a demonstration only: the story's own date, and when the machine's clock was put to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stands_at: AwareDatetime
    since: AwareDatetime


class Settings(BaseModel):
    """One hub's places. Secrets are in files of their own, never here."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data: Path
    policy: Path | None = None
    retention: Path | None = None
    agreements: Path | None = None
    """The partnership's sharing agreements; None: those shipped, which are invented."""
    patterns: Path | None = None
    pack: Path | None = None
    telling: Path | None = None
    """Who is told of what; None: `telling.toml` in `data`, and without one nobody."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    public_url: str | None = None
    """The address that people know a live hub by: https, or this machine's own."""
    providers: Path | None = None
    """The file of identity providers; None: `providers.toml` in the data folder."""
    tls_cert: Path | None = None
    """The hub's certificate (PEM), where it ends TLS itself; else a proxy on this machine does."""
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    """Whose certificates partners' systems may come with (mutual TLS)."""
    proxy_header: str | None = None
    """The header in which the proxy on this machine says from which address somebody came: for the limits of
    those who are not signed in, and believed of nobody else. None: they count as one."""
    patience: Annotated[float, Field(gt=0)] = PATIENCE
    """Seconds that who connects to the pages may take for a handshake, a request, or to read the answer."""
    connections: Annotated[int, Field(ge=1)] = MOST
    """How many connections the pages have at most."""
    metrics_cert: Path | None = None
    """The certificate (PEM) that workers' figures and health are served with; None: to this machine only."""
    metrics_key: Path | None = None
    roll_days: Annotated[int, Field(ge=1)] | None = None
    """After how many days intake makes what agencies seal to anew; None: 'hub keys roll' alone does."""
    roll_retained_days: Annotated[int, Field(ge=1)] | None = None
    """Keys replaced longer ago intake destroys: longer than topics keep, and than agencies take to be given
    the newer one; None: 'hub keys roll' alone does."""
    rotate_days: Annotated[int, Field(ge=1)] | None = None
    """After how many days intake rotates each scope's key; None: 'hub keys rotate' alone does."""
    otlp_endpoint: str | None = None
    """Where traces are sent (OTLP over HTTP); None: nowhere."""
    log: Literal["plain", "json"] = "plain"
    """How workers write their log: lines for a person, or JSON lines."""
    stage: Stage | None = None
    bus: BusAccess | None = None
    store: StoreAccess | None = None
    """PostgreSQL; None: SQLite files in `data`."""
    keys: StoreAccess | None = None
    """Another database for the wrapped keys alone, backed up apart; None: the schema hub_keys of `store`."""
    store_owner: StoreAccess | None = None
    """Who makes the tables of `store` ('hub migrate'); None: whoever `store` signs in as. Not for workers."""
    keys_owner: StoreAccess | None = None
    """Likewise of `keys`."""
    worker: str | None = None
    secrets: Path | None = None
    """The key file, where it lies apart from the database; None: `keys.json` in `data`."""
    vault: VaultAccess | None = None
    """The key service that wraps the data keys of every scope; None: the key file does."""
    vaults: Mapping[str, VaultAccess] = {}
    """By scope: a key service of its holder's own, who can shut it."""

    @model_validator(mode="after")
    def _whole_doors(self) -> Self:
        """A key without its certificate would be served without TLS, and nobody the wiser."""
        for cert, *others in (("tls_cert", "tls_key", "tls_client_ca"), ("metrics_cert", "metrics_key")):
            if getattr(self, cert) is None:
                for name in others:
                    if getattr(self, name) is not None:
                        raise ValueError(f"{name} is set, and no {cert}")
            elif getattr(self, others[0]) is None:
                raise ValueError(f"{cert} is set, and no {others[0]}")
        return self

    @property
    def bounds(self) -> Bounds:
        """What the pages bear of those who connect."""
        return Bounds(self.patience, self.connections)

    @property
    def key_services(self) -> Mapping[str, VaultAccess]:
        """By scope, and under the empty one for all the rest."""
        return {**({"": self.vault} if self.vault else {}), **self.vaults}

    def owners(self) -> tuple[StoreAccess, ...]:
        """The sign-ins that make tables, one a database; none where all is in files."""
        both = (self.store_owner or self.store, self.keys_owner or self.keys)
        return tuple(owner for owner in both if owner is not None)

    @property
    def identity_providers(self) -> Path:
        """Who vouches for practitioners; in a demonstration there is no such file."""
        return self.providers or self.data / "providers.toml"

    @property
    def signed_in(self) -> Path:
        """Who signed in at the command line, vouched for by the hub's own key; its owner's only."""
        return self.data / "signed-in.json"

    @property
    def archive(self) -> Path:
        """The event store."""
        return self.data / "hub.sqlite"

    @property
    def child_keys(self) -> Path:
        """Wrapped keys, in a file of their own: backed up apart from the events."""
        return self.data / "child-keys.sqlite"

    @property
    def key_file(self) -> Path:
        """Key-encryption keys, peppers and signing keys; readable by its owner only."""
        return self.secrets or self.data / "keys.json"

    @property
    def views(self) -> Path:
        """What projections have drawn."""
        return self.data / "views.sqlite"

    @property
    def ledger(self) -> Path:
        """The tree over what is stored."""
        return self.data / "ledger.sqlite"

    @property
    def receipts(self) -> Path:
        """Receipts for each agency of what was taken in; in earnest each folder is the agency's."""
        return self.data / "receipts"

    @property
    def ledger_public_key(self) -> Path:
        """The ledger's verifier key, for agencies to check receipts and checkpoints with."""
        return self.data / "hub-ledger-key"

    @property
    def checkpoints(self) -> Path:
        """Signed checkpoints; in earnest kept by the agencies, not here."""
        return self.data / "checkpoints"

    @property
    def topic_log(self) -> Path:
        """The embedded bus: used where `bus` names none."""
        return self.data / "bus.sqlite"

    @property
    def agencies(self) -> Path:
        """The agencies' side: signing keys and spools, one folder each."""
        return self.data / "agencies"

    @property
    def agency_keys(self) -> Path:
        """The agencies' public keys, as the hub knows them."""
        return self.data / "agency-keys.json"

    @property
    def hub_public_key(self) -> Path:
        """What agencies seal to."""
        return self.data / "hub-public-key.json"


def load(data: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read settings: the folder's own `settings.toml`, then HUB_ variables, then the argument.

    Raises SettingsInvalid, naming the setting.
    """
    environment = os.environ if environment is None else environment
    folder = data or Path(environment.get("HUB_DATA", DEFAULT))
    found = _written_in(folder)
    try:
        bus = read_access(found, environment)
    except BusMisdescribed as error:
        raise SettingsInvalid(str(error)) from None
    found = {name: value for name, value in found.items() if not is_bus_setting(name)}
    for name in ("store", "keys", "store_owner", "keys_owner"):
        found[name] = _database(name, found, environment)
    found["vault"] = _key_service(found.get("vault"), environment)
    for name in PLAIN:
        if f"HUB_{name.upper()}" in environment:
            found[name] = environment[f"HUB_{name.upper()}"]
    try:
        return Settings.model_validate({**found, "data": folder, "bus": bus})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = "".join(f"{part}: " for part in (".".join(map(str, first["loc"])),) if part)
        raise SettingsInvalid(f"{where}{first['msg'].removeprefix('Value error, ')}") from None


def _written_in(folder: Path) -> dict[str, object]:
    """What the folder's `settings.toml` says; nothing where there is none."""
    if folder.exists() and not folder.is_dir():
        raise SettingsInvalid(f"{folder} is not a folder")
    file = folder / "settings.toml"
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except OSError as error:
        raise SettingsInvalid(f"{file}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsInvalid(f"{file.name}: {error}") from None
    except UnicodeDecodeError:
        raise SettingsInvalid(f"{file.name} is not UTF-8 text") from None


def _database(
    name: str, found: MutableMapping[str, object], environment: Mapping[str, str]
) -> dict[str, object] | None:
    """Take a database's address and the name of its password's file out of what was found; None: neither."""
    said = {
        "address": environment.get(f"HUB_{name.upper()}") or found.pop(name, None),
        "password_file": environment.get(f"HUB_{name.upper()}_PASSWORD_FILE")
        or found.pop(f"{name}_password_file", None),
    }
    return said if said["address"] else None


def _key_service(said: object, environment: Mapping[str, str]) -> object:
    """The key service as the file says it, with what HUB_VAULT and HUB_VAULT_TOKEN_FILE say instead."""
    told = {"address": environment.get("HUB_VAULT"), "token_file": environment.get("HUB_VAULT_TOKEN_FILE")}
    more = {name: value for name, value in told.items() if value}
    return {**(said if isinstance(said, dict) else {}), **more} if more else said


def write_stage(folder: Path, stands_at: datetime, since: datetime) -> None:
    """Put a demonstration's clock to its story's date."""
    text = f"[stage]\nstands_at = {stands_at.isoformat()}\nsince = {since.isoformat()}\n"
    (folder / "settings.toml").write_text(text)
