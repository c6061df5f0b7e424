"""Rolls the key that agencies seal to: a newer one in time, those replaced destroyed (security.md 2.8)."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hub.confidentiality import secret_file
from hub.confidentiality.house import House
from hub.domain.feed import BusKeyRolled
from hub.records import Records
from hub.store.mapper import HUB


class Rolled(NamedTuple):
    """What a roll did: the key that agencies seal to from now on, and those whose private half is gone."""

    kid: str
    destroyed: tuple[str, ...]


def roll(
    records: Records,
    house: House,
    public: Path,
    now: datetime,
    *,
    after: timedelta | None = None,
    retained: timedelta | None = None,
) -> Rolled | None:
    """Make a newer key where the newest is older than `after` (None: now); put its public half in `public`.

    Those replaced longer ago than `retained` are destroyed (None: none is): nothing sealed to them may be
    still to come. None where nothing was due. One process at a time: of several that find a key due one
    rolls it. Broken off anywhere, the next look goes on; what was done is recorded at least once.
    """
    before = int((now - retained).timestamp()) if retained is not None else 0

    def old() -> bool:
        return after is None or now - house.newest_bus_key()[1] >= after

    def nothing_to_do() -> bool:
        told = house.newest_bus_key()[0] == _handed_out(public)
        return told and not old() and not house.bus_keys_replaced(before)

    if nothing_to_do():  # asked with every batch: the lock is for what is to be done
        return None
    with secret_file.alone(public):
        if nothing_to_do():
            return None
        kid = house.add_bus_key(at=int(now.timestamp())) if old() else house.newest_bus_key()[0]
        gone = tuple(house.bus_keys_replaced(before))
        records.record({}, appended={HUB: [BusKeyRolled(kid=kid, destroyed=gone)]})
        beside = public.with_name(public.name + ".new")
        beside.write_text(json.dumps(house.bus_public()))
        beside.replace(public)
        house.drop_bus_keys(before)
        return Rolled(kid, gone)


def _handed_out(public: Path) -> str | None:
    try:
        return str(json.loads(public.read_text())["kid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
