"""Whether a reader works with a child: an allocation, or an agency with an entry on the child lately."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hub.domain.child import By, Child
from hub.sharing.policy import Relationship

DAYS_A_MONTH = 30.44


def related(records: Iterable[Child], reader: By, now: datetime, rule: Relationship) -> bool:
    """True where the reader is allocated to the child, or their agency holds an entry lately."""
    return any(
        _allocated(child, reader, now, rule) or _involved(child, reader, now, rule) for child in records
    )


def allocated(records: Iterable[Child], reader: By, now: datetime, rule: Relationship) -> bool:
    """True where the reader themself is allocated to the child, or was within the days of grace."""
    return any(_allocated(child, reader, now, rule) for child in records)


def _allocated(child: Child, reader: By, now: datetime, rule: Relationship) -> bool:
    grace = timedelta(days=rule.grace_days)
    return any(
        practitioner.person == reader.person
        and practitioner.agency == reader.agency
        and (until is None or now <= until + grace)
        for practitioner, until in child.worked.items()
    )


def _involved(child: Child, reader: By, now: datetime, rule: Relationship) -> bool:
    since = now - timedelta(days=rule.agency_months * DAYS_A_MONTH)
    return any(
        kept.entry.agency == reader.agency and max(kept.entry.occurred_at, kept.recorded_at) >= since
        for kept in child.entries.values()
        if kept.entry.id not in child.split_off
    )
