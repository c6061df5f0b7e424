"""What is to be told, of whom, to whom and from when: references only, nothing that was said of a child."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from hub.domain.telling import TellingDecided
from hub.telling.settings import Kind, TellingSettings

__all__ = ["Kind", "Matter", "decided"]

TELLINGS = UUID("9d6b2a34-7c1e-5f08-a3d5-4be8c0f1a627")
"""Namespace of tellings' ids."""


class Matter(NamedTuple):
    """Something that a person is to be told.

    `to` are the names it may go to, the most particular first (a person, then a role): the first that the
    settings know is told. `subject` in its `version` is told to each recipient once, for ever. `due` is by
    when they are asked to look; an `urgent` one asks for the telephone.
    """

    kind: Kind
    subject: UUID
    version: str
    child: UUID
    to: tuple[str, ...]
    at: datetime
    due: datetime | None = None
    urgent: bool = False


def telling_id(matter: Matter, recipient: str) -> UUID:
    """The same matter told to the same recipient is the same telling, whoever decides it and whenever."""
    return uuid5(TELLINGS, f"{matter.kind}/{matter.subject.hex}/{matter.version}/{recipient}")


def decided(matter: Matter, settings: TellingSettings) -> Mapping[UUID, tuple[int, list[Any]]]:
    """The events by which a matter is told: to be recorded together with what it is about, or by a `Teller`.

    One stream for each recipient, at version 0: Records raises Conflict where it was decided before. Empty
    where the settings name nobody, or the matter is older than the settings reach.
    """
    if settings.since is not None and matter.at < settings.since:
        return {}
    return {
        telling_id(matter, recipient): (
            0,
            [
                TellingDecided(
                    kind=matter.kind,
                    subject=matter.subject,
                    version=matter.version,
                    child=matter.child,
                    recipient=recipient,
                    due=matter.due,
                    urgent=matter.urgent,
                )
            ],
        )
        for recipient in settings.recipients(matter.kind, matter.to)
    }
