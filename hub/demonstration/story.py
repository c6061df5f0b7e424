"""Reads the demonstration's story: its steps in time, who sends which file, what people record."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from hub.domain.child import By
from schemas.case_event import CaseEvent, Identifier
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency

FOLDER = Path(__file__).parent
SYSTEM = "hub"
"""What an act recorded in the hub itself names as its system."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SentBy(_Told):
    """A sender of files: in which format, as which organisation and system, by which local map."""

    format: str
    organisation: str
    system: str
    settings: str | None = None

    @property
    def agency(self) -> str:
        """The agency family: the first part of a format's name."""
        return self.format.partition(".")[0]


class SentFile(_Told):
    """One file, and its sender's name in the story."""

    file: str
    sender: str


class Acting(_Told):
    """A person who records in the hub itself."""

    person: str
    role: str
    agency: Agency

    @property
    def by(self) -> By:
        """As the hub records them."""
        return By(self.person, self.role, self.agency.value)


class Act(_Told):
    """Something a person recorded of a child, at the time it was so."""

    child: str
    type: str
    by: str
    at: AwareDatetime
    says: dict[str, Any] = {}


class Answered(_Told):
    """A person's answer that the open question about this child is of the same child."""

    child: str
    by: str
    reason: str


class Step(_Told):
    """One moment of the story: the clock is put to `at`, files come in, then people act."""

    at: AwareDatetime
    about: str
    files: tuple[SentFile, ...] = ()
    heartbeats: tuple[Agency, ...] = ()
    act: tuple[Act, ...] = ()
    answer: tuple[Answered, ...] = ()


class Story(_Told):
    """The whole of it. `shown` is the child whose chronology is printed; `ends` where the clock is left."""

    ends: AwareDatetime
    shown: str
    children: dict[str, Identifier]
    people: dict[str, Acting]
    senders: dict[str, SentBy]
    step: tuple[Step, ...]

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies that send, each once."""
        return tuple(dict.fromkeys(sender.agency for sender in self.senders.values()))

    def event(self, act: Act) -> CaseEvent:
        """The case event an act is. Raises ValueError where the story says what its type does not know."""
        person = self.people[act.by]
        spine = {
            "type": act.type,
            "agency": person.agency,
            "system": SYSTEM,
            "source_event_id": f"{act.type}/{act.child}/{act.at.isoformat()}",
            "identifiers": (self.children[act.child],),
            "occurred_at": act.at,
            "recorder_role": person.role,
        }
        return TYPE_BY_NAME[act.type].model_validate({**spine, **act.says})


def read_story(folder: Path = FOLDER) -> Story:
    """The story of a folder: `story.toml`, with its files and maps beside it."""
    return Story.model_validate(tomllib.loads((folder / "story.toml").read_text("utf-8")))
