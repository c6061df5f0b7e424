"""When each agency's feed was last heard from: how far a chronology can be relied on to be whole."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from hub.web.wording import AGENCIES, when

SILENT = timedelta(days=1)
"""A feed that has said nothing for a day, not even that it is alive, is named: what it holds is not here."""


class FeedSaid(NamedTuple):
    """One agency's feed in words; `silent` where what the agency knows may not have arrived."""

    agency: str
    said: str
    silent: bool


def feeds_said(heard: Mapping[str, datetime], now: datetime) -> list[FeedSaid]:
    """Every agency in its order. It says nothing of any child."""
    return [_said(name, heard.get(agency.value), now) for agency, name in AGENCIES.items()]


def _said(name: str, at: datetime | None, now: datetime) -> FeedSaid:
    if at is None:
        return FeedSaid(name, "no feed of theirs has been heard", silent=True)
    if now - at > SILENT:
        return FeedSaid(name, f"silent since {when(at)}", silent=True)
    return FeedSaid(name, f"last heard {when(at)}", silent=False)
