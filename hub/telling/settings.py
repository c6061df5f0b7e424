"""Who is told of what, and how: one file, `telling.toml`. Secrets are files of their own, read late."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.errors import HubError

HERE = ("127.0.0.1", "::1", "localhost")
MAIL, WEBHOOK, BY = "e-mail", "webhook", " by "
Address = Annotated[str, Field(max_length=254, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$")]


class TellingInvalid(HubError):
    """The settings of who is told cannot be used; the text names the key."""

    status, title, exit_code = 503, "The settings of who is told cannot be used", 2


class Kind(StrEnum):
    """What a person can be told of. A new kind adds its words in `message.py`."""

    FLAG_RAISED = "flag-raised"
    FLAG_WAITS = "flag-not-looked-at-in-time"
    ITEM_DUE = "item-due"
    ITEM_OVERDUE = "item-overdue"
    GLASS_BROKEN = "glass-broken"
    GLASS_UNREVIEWED = "glass-not-reviewed-in-time"
    GLASS_GIVEN = "glass-review-given-to-you"
    ACCESS_ASKED = "access-asked-for"
    ACCESS_UNANSWERED = "access-not-answered-in-time"
    ACCESS_GRANTED = "access-granted"
    MASH_ASKED = "mash-asked"
    MASH_UNANSWERED = "mash-not-answered-in-time"
    MASH_ANSWERED = "mash-answered"
    BAR_MET = "barred-person-tried"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Smtp(_Model):
    """The mail server. `security`: TLS from the start, STARTTLS, or none: refused but to this machine."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    ca: Path | None = None
    """Whom to believe (PEM); None: the machine's own list."""
    user: str | None = None
    password_file: Path | None = None
    sender: Address
    patience: Annotated[float, Field(gt=0, le=120)] = 10
    """Seconds the server may take to answer."""

    @model_validator(mode="after")
    def _not_in_clear(self) -> Self:
        if self.security == "none" and self.host not in HERE:
            raise ValueError("mail in clear is refused but to this machine")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("user and password_file go together")
        return self


class Webhook(_Model):
    """Where a signed POST goes. The secret's file holds at least 24 characters, known to the receiver too."""

    url: Annotated[str, Field(max_length=500, repr=False)]
    secret_file: Path
    ca: Path | None = None
    patience: Annotated[float, Field(gt=0, le=120)] = 10

    @model_validator(mode="after")
    def _not_in_clear(self) -> Self:
        parts = urlsplit(self.url)
        here = parts.scheme == "http" and parts.hostname in HERE
        if not here and (parts.scheme != "https" or not parts.hostname):
            raise ValueError("a webhook is https://…; in clear it is refused but to this machine")
        if parts.username or parts.password:
            raise ValueError("no secret in the address: name a file with secret_file")
        return self


class To(_Model):
    """How one role, agency or person is told; `of`: only of these kinds."""

    email: Annotated[tuple[Address, ...], Field(max_length=20, repr=False)] = ()
    webhook: Webhook | None = None
    of: tuple[Kind, ...] = tuple(Kind)

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if not self.email and self.webhook is None:
            raise ValueError("neither email nor webhook is named")
        return self


class TellingSettings(_Model):
    """Who is told of what. With nobody named nothing is told, and nothing is recorded as to be told."""

    address: str = ""
    """Where the hub's pages are: the beginning of every link."""
    since: AwareDatetime | None = None
    """Of nothing that came about before this moment is anybody told."""
    notice_hours: Annotated[int, Field(ge=0, le=24 * 60)] = 24
    """How long before it is due somebody is told of a worklist item [P]."""
    smtp: Smtp | None = None
    to: Mapping[str, To] = {}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.to and not self.address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("address must be https://… where the hub's pages are")
        if self.smtp is None and any(to.email for to in self.to.values()):
            raise ValueError("somebody is told by e-mail, but smtp is missing")
        return self

    def recipients(self, kind: Kind, names: Sequence[str]) -> Iterator[str]:
        """Name and way of everyone who is told: of the first of these names that the settings know."""
        for name in names:
            to = self.to.get(name)
            if to is None:
                continue
            if kind in to.of:
                yield from (f"{name}{BY}{MAIL}" for _ in to.email[:1])
                yield from (f"{name}{BY}{WEBHOOK}" for hook in (to.webhook,) if hook)
            return


NOBODY = TellingSettings()


def name_of(recipient: str) -> str:
    """The role, agency or person that a recipient is, without the way."""
    return recipient.rpartition(BY)[0]


def load(path: Path | None) -> TellingSettings:
    """Read who is told; None, or no such file: nobody. Raises TellingInvalid, naming the key."""
    if path is None or not path.exists():
        return NOBODY
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return TellingSettings.model_validate(said)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TellingInvalid(f"{path.name}: {error}") from None
    except ValidationError as refused:
        first = refused.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise TellingInvalid(f"{path.name}: {where}: {first['msg']}") from None
