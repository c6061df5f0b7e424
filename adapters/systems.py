"""An agency's door as its folder's `door.toml` has it: where it listens, and which systems may post."""

import tomllib
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.system_access import public_key

HERE = ("127.0.0.1", "::1", "localhost")


class DoorInvalid(Exception):
    """The file cannot be used; the text names the place, never a value."""


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PostingSystem(_Said):
    """One system: what it may say it is, its public key, and the certificate it must come with, if any."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    system: Annotated[str, Field(min_length=1, max_length=100)]
    """The `system` of the events it posts."""
    organisation: Annotated[str, Field(min_length=1, max_length=100)]
    key_file: Path
    certificate_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class DoorSettings(_Said):
    """Where a door listens, and who may come. Secrets are in files of their own, never here."""

    address: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")]
    """What systems know the door by: the audience of what they sign."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8443
    tls_cert: Path | None = None
    tls_key: Path | None = None
    client_ca: Path | None = None
    system: Annotated[tuple[PostingSystem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.host not in HERE and self.tls_cert is None:
            raise ValueError("a door that other machines reach needs tls_cert and tls_key")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        if any(each.certificate_sha256 for each in self.system) and self.client_ca is None:
            raise ValueError("a system that comes with a certificate needs client_ca")
        if len({each.name for each in self.system}) < len(self.system):
            raise ValueError("two systems have one name")
        return self


class Admitted:
    """The systems of one agency and their public keys, as they were when the door was opened."""

    def __init__(self, systems: dict[str, tuple[PostingSystem, str]]) -> None:
        self._systems = systems

    def key_of(self, name: str) -> str | None:
        """The public key a system was admitted with; None: it was not."""
        return self._systems[name][1] if name in self._systems else None

    def named(self, name: str) -> PostingSystem:
        """A system. Raises KeyError."""
        return self._systems[name][0]


def load(path: Path) -> tuple[DoorSettings, Admitted]:
    """Read an agency's door. Raises DoorInvalid."""
    try:
        said = DoorSettings.model_validate(tomllib.loads(path.read_text()))
        keys = {each.name: public_key((path.parent / each.key_file).read_text()) for each in said.system}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the door"
        raise DoorInvalid(f"{path.name}: {place}: {first['msg']}") from None
    except OSError as error:
        raise DoorInvalid(f"{path.name}: {error.strerror}") from None
    except ValueError as error:  # not TOML, or not a public key: both say where and never what
        raise DoorInvalid(f"{path.name}: {error}") from None
    return said, Admitted({each.name: (each, keys[each.name]) for each in said.system})
