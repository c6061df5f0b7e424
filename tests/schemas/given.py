"""Events that tests start from; everybody in them is invented."""

from datetime import UTC, date, datetime
from typing import Any

from schemas.case_event import Identifier, PersonName
from schemas.police import MissingEpisode

AT = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)

IRIS: dict[str, Any] = {
    "identifiers": (Identifier("police:durham", "INV-7"), Identifier("nhs-number", "9990000018")),
    "name": PersonName("Ashgrove", "Iris Jem"),
    "date_of_birth": date(2012, 5, 4),
}


def missing_episode(**changes: Any) -> MissingEpisode:
    """Iris was reported missing."""
    said = {"agency": "police", "system": "records", "source_event_id": "m-1", "occurred_at": AT, **IRIS}
    return MissingEpisode(**{**said, **changes})
