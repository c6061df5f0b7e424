"""Where PostgreSQL is and how to sign in: an address without secrets, a password in a file, read late."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMES = ("postgresql", "postgres")
SECRETS = {"password", "sslpassword"}
"""Options of libpq that would put a secret where addresses are shown: in settings, in a list of processes."""


class StoreAccess(BaseModel):
    """How to reach one database. Holds the name of a file, never what is in it.

    `address`: postgresql://user@host:port,other:port/database, with the options of libpq after a question
    mark (`sslmode=verify-full&sslrootcert=…`). Of several hosts the one that may be written to is used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    address: Annotated[str, Field(repr=False)]
    password_file: Path | None = None

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        parts = urlsplit(self.address)
        if parts.scheme not in SCHEMES or not parts.path.strip("/"):
            raise ValueError("an address is postgresql://user@host:port/database")
        if ":" in parts.netloc.rpartition("@")[0] or SECRETS & parse_qs(parts.query, True).keys():
            raise ValueError("no password in the address: name a file with HUB_STORE_PASSWORD_FILE")
        return self

    @property
    def database(self) -> str:
        """The database's name: what may be shown of the address."""
        return urlsplit(self.address).path.strip("/")

    def parameters(self) -> dict[str, str | int]:
        """What libpq is told besides the address. Reads the password's file; raises OSError.

        No parallel workers and no JIT: the hub asks for rows by key, and they take longer to start than that.
        """
        secret = {"password": self.password_file.read_text().strip()} if self.password_file else {}
        return {
            "connect_timeout": 5,
            "target_session_attrs": "read-write",
            "application_name": "safeguarding-hub",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 15_000,
            "options": "-c lock_timeout=30s -c jit=off -c max_parallel_workers_per_gather=0",
            **secret,
        }
