"""Who had the hub take on, end or stop believing an agency's key (security.md 4.3): kept for good."""

from datetime import datetime
from uuid import uuid5

from hub.domain.by import By
from hub.domain.feed import AgencyKeyChanged, KeyChange
from hub.records import Records
from hub.store.mapper import HUB

KEYS = uuid5(HUB, "agencies' keys")
"""The stream of what was done about agencies' public keys, which themselves stand in a file."""


def note(records: Records, agency: str, key: str, what: KeyChange, by: By) -> None:
    """Record what somebody did about an agency's key."""
    changed = AgencyKeyChanged(agency=agency, key=key, what=what, by=by)
    records.record({}, appended={KEYS: [changed]})


def noted(records: Records) -> list[tuple[datetime, AgencyKeyChanged]]:
    """What was done about agencies' keys since it is recorded, the oldest first."""
    return [(event.at, event.body) for event in records.archive.stream(KEYS)]
