"""Broken glass as it stands: it opens a record no longer than somebody has the role they broke it in."""

from collections.abc import Iterable
from datetime import datetime

from hub.domain.access import Glass, opened
from hub.domain.by import By
from hub.domain.child import Child
from hub.records import Records
from hub.records.roles import ended


def as_it_stands(records: Records, glass: Glass) -> Glass:
    """The glass, ended for good where its role was withdrawn, ran out, or its person left (decision 100)."""
    return glass._replace(ended_at=ended(records, glass.who, glass.broken.grant))


def glass_of(
    records: Records, people: Iterable[Child], reader: By, purpose: str, now: datetime
) -> Glass | None:
    """The breaking under which this reader may look for this purpose now, if there is one.

    The stream of a practitioner is read for none but who would look under it.
    """
    mine = (g for child in people for g in child.access.glass.values() if g.opens(reader, purpose, now))
    return opened((as_it_stands(records, g) for g in mine), reader, purpose, now)
