"""Who may record what in the hub itself: groups of acts, and the roles that may record them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from hub.protocol.command import Command
from hub.protocol.commands import COMMANDS
from hub.sharing.policy import PolicyInvalid

SHIPPED = Path(__file__).with_name("acts.toml")


class Acts(BaseModel):
    """The table: a role that is not in it records nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    groups: Mapping[str, str]
    roles: Mapping[str, frozenset[str]]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        known = set(self.groups)
        strangers = sorted({g for groups in self.roles.values() for g in groups} - known)
        if strangers:
            raise ValueError(f"groups that are not described: {strangers}")
        ungrouped = sorted({c.group for c in COMMANDS} - known)
        if ungrouped:
            raise ValueError(f"commands of groups that are not there: {ungrouped}")
        return self

    def may(self, role: str, command: Command) -> bool:
        """Whether a role may record an act."""
        return command.group in self.roles.get(role, frozenset())

    def of(self, role: str) -> tuple[Command, ...]:
        """Every act a role may record."""
        return tuple(command for command in COMMANDS if self.may(role, command))

    def first(self, role: str) -> tuple[Command, ...]:
        """Those of them that may be the first that is heard of a child (L163; R133)."""
        return tuple(command for command in self.of(role) if command.begins)


def load(path: Path = SHIPPED) -> Acts:
    """Load the table. Raises PolicyInvalid, naming what is wrong; nothing is recorded without it."""
    try:
        return Acts.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyInvalid(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyInvalid(f"{path.name}: {place}: {first['msg']}") from None
