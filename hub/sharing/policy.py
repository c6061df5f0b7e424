"""Who may see what: the one place that decides, from a file an information-governance lead can read."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.errors import HubError
from schemas.scope import Scope
from schemas.vocabulary import Agency

SHIPPED = Path(__file__).with_name("policy.toml")


class PolicyInvalid(HubError):
    """The policy file cannot be used; the text names what is wrong and where. The hub then shows nothing."""

    status, title, exit_code = 503, "The access policy cannot be used", 2


class Tier(StrEnum):
    """What a reader gets of an entry or of a scope in it."""

    READ = "read"
    KNOWS = "knows"
    NOTHING = "nothing"


class Answer(NamedTuple):
    """The policy's answer, with the reason that is shown and recorded."""

    tier: Tier
    reason: str


class Situation(NamedTuple):
    """All that an answer depends on.

    `related`: the reader, or their agency, works with this child. `works_with_other`: the reader also
    works with the other child in the entry. `sealed_to_others`: the entry is sealed and does not name them.
    """

    role: str
    purpose: str | None
    scope: str
    related: bool
    works_with_other: bool = False
    sealed_to_others: bool = False


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Relationship(_Model):
    """How long working with a child lasts."""

    agency_months: Annotated[int, Field(alias="agency-months", ge=0)]
    grace_days: Annotated[int, Field(alias="grace-days", ge=0)]


class Role(_Model):
    """One row of the table: what a role reads, knows of, gets nothing of, and for which purposes."""

    agency: Agency
    reads: frozenset[Scope]
    knows: frozenset[Scope]
    nothing: frozenset[Scope]
    purposes: Annotated[frozenset[str], Field(alias="for")]
    coordinates: bool = False
    """Flags are raised to this role; others see what is drawn again for them, or released to them."""

    @model_validator(mode="after")
    def _every_scope_is_decided_once(self) -> Self:
        decided = sorted([*self.reads, *self.knows, *self.nothing])
        if decided != sorted(Scope):
            missing = sorted(set(Scope) - set(decided))
            twice = sorted({s for s in decided if decided.count(s) > 1})
            raise ValueError(f"undecided scopes {missing}, decided twice {twice}")
        return self


class Policy(_Model):
    """The whole table. `digest` and `version` stand on every disclosure."""

    version: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    scopes: Mapping[Scope, str]
    purposes: Mapping[str, str]
    contacts: Mapping[Agency, str]
    relationship: Relationship
    roles: Mapping[str, Role]
    digest: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.scopes) != set(Scope):
            raise ValueError("every scope must be described, and no other")
        if set(self.contacts) != set(Agency):
            raise ValueError("every agency needs a contact")
        unknown = {p for role in self.roles.values() for p in role.purposes} - set(self.purposes)
        if unknown:
            raise ValueError(f"purposes without a lawful basis: {sorted(unknown)}")
        return self

    @property
    def name(self) -> str:
        """Version and digest: which rules applied, exactly."""
        return f"{self.version}:{self.digest[:16]}"

    def answer(self, situation: Situation) -> Answer:
        """Decide one scope for one reader; the first rule that refuses wins (security.md 3.2)."""
        role = self.roles.get(situation.role)
        if role is None:
            return Answer(Tier.NOTHING, "No such role")
        for refuses, why in RULES:
            if refuses(situation, role):
                return Answer(Tier.NOTHING, why)
        if situation.scope in role.reads:
            return Answer(Tier.READ, f"{situation.role} reads {situation.scope} for {situation.purpose}")
        if situation.scope in role.knows:
            return Answer(Tier.KNOWS, f"{situation.role} may know of {situation.scope}, not read it")
        return Answer(Tier.NOTHING, f"{situation.role} has nothing of {situation.scope}")


RULES: tuple[tuple[Callable[[Situation, Role], bool], str], ...] = (
    (
        lambda situation, _: situation.sealed_to_others,
        "The entry is sealed, and you are not named on the seal",
    ),
    (
        lambda situation, _: situation.scope == Scope.OTHER_CHILD and situation.works_with_other,
        "You work with the other child: the two are considered separately",
    ),
    (
        lambda situation, role: situation.purpose not in role.purposes,
        "Your role may not look for this purpose",
    ),
    (
        lambda situation, _: not situation.related,
        "Neither you nor your agency works with this child",
    ),
)
"""What refuses whatever the role's row says, in order, each with the words that are shown and recorded."""


def load(path: Path = SHIPPED) -> Policy:
    """Load a policy file. Raises PolicyInvalid, naming the place; nothing is shown without a policy."""
    try:
        data = path.read_bytes()
        table: dict[str, Any] = tomllib.loads(data.decode())
        return Policy.model_validate({**table, "digest": hashlib.sha256(data).hexdigest()})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyInvalid(f"{path.name}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyInvalid(f"{path.name}: {place}: {first['msg']}") from None
