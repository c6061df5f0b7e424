"""The key that agencies seal to is rolled by itself, by one of many, and nothing sealed to it is lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from hub.commands.running import rolled_if_due
from hub.compose import open_intake
from hub.confidentiality import house, key_file
from hub.disposal.rolling import roll
from hub.domain.feed import BusKeyRolled
from hub.store.mapper import HUB
from tests.events import missing
from tests.hubs import Desk, take_all

WEEK = timedelta(days=7)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "hub")


def rolls(hub):
    return [event.body for event in hub.records.archive.stream(HUB) if isinstance(event.body, BusKeyRolled)]


def handed_out(desk):
    return json.loads(desk.settings.hub_public_key.read_text())["kid"]


def test_a_key_is_rolled_when_it_is_a_week_old_and_destroyed_once_nothing_can_come_under_it(desk):
    with desk.open() as hub:
        first, made = hub.key_file.newest_bus_key()

        def after(days):
            at = made + timedelta(days=days)
            public = desk.settings.hub_public_key
            return roll(hub.records, hub.key_file, public, at, after=WEEK, retained=2 * WEEK)

        assert after(6.9) is None
        second = after(7)
        assert (handed_out(desk), ()) == second
        assert after(13.9) is None
        third, fourth = after(14), after(21.1)

        assert ((), (first,)) == (third.destroyed, fourth.destroyed)
        assert [second.kid, third.kid, fourth.kid] == list(hub.key_file.bus_keys())
        assert [tuple(rolled) for rolled in (second, third, fourth)] == [
            (one.kid, one.destroyed) for one in rolls(hub)
        ]


def test_of_many_processes_that_find_a_key_due_one_rolls_it(desk):
    with desk.open() as hub:
        at = hub.key_file.newest_bus_key()[1] + WEEK
        others = [key_file.load(desk.settings.key_file) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            public = desk.settings.hub_public_key
            found = list(pool.map(lambda each: roll(hub.records, each, public, at, after=WEEK), others))

        assert 3 == found.count(None)
        assert 2 == len(hub.key_file.bus_keys())
        assert [handed_out(desk)] == [one.kid for one in rolls(hub)]


@pytest.mark.parametrize("at", ["record", "hand out", "destroy"])
def test_a_roll_broken_off_anywhere_is_gone_on_with_and_stands_recorded(desk, at, monkeypatch):
    with desk.open() as hub:
        public = desk.settings.hub_public_key
        first, made = hub.key_file.newest_bus_key()
        moment = made + WEEK
        breaks = {
            "record": (type(hub.records), "record"),
            "hand out": (house.House, "bus_public"),
            "destroy": (house.House, "drop_bus_keys"),
        }
        monkeypatch.setattr(*breaks[at], lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            roll(hub.records, hub.key_file, public, moment, after=WEEK, retained=-WEEK)
        monkeypatch.undo()
        again = roll(hub.records, hub.key_file, public, moment, after=WEEK, retained=-WEEK)

        assert (handed_out(desk), (first,)) == again
        assert [handed_out(desk)] == list(hub.key_file.bus_keys())
        assert {handed_out(desk)} == {one.kid for one in rolls(hub)}


@pytest.mark.parametrize("there", [None, "", "[]", "{}", '{"kid": "another"}'])
def test_where_agencies_cannot_read_the_newest_key_it_is_put_there_again_and_none_is_made(desk, there):
    public = desk.settings.hub_public_key
    before = public.read_text()
    with desk.open() as hub:
        kid, made = hub.key_file.newest_bus_key()
        public.unlink() if there is None else public.write_text(there)
        again = roll(hub.records, hub.key_file, public, made, after=WEEK)

        assert (kid, ()) == again
        assert json.loads(before) == json.loads(public.read_text())
        assert [kid] == list(hub.key_file.bus_keys())
        assert roll(hub.records, hub.key_file, public, made, after=WEEK) is None


def test_by_hand_it_is_rolled_at_once_and_without_a_term_none_is_destroyed(desk):
    public = desk.settings.hub_public_key
    with desk.open() as hub:
        first, made = hub.key_file.newest_bus_key()
        rolled = roll(hub.records, hub.key_file, public, made + 100 * WEEK)

        assert (handed_out(desk), ()) == rolled
        assert [first, rolled.kid] == list(hub.key_file.bus_keys())
        assert made + 100 * WEEK == hub.key_file.newest_bus_key()[1]


def test_a_running_intake_opens_what_is_sealed_to_a_key_that_was_rolled_meanwhile(desk):
    settings = desk.settings
    with desk.open() as hub, open_intake(hub) as intake:
        desk.publish(missing())
        before = intake.step()
        made = hub.key_file.newest_bus_key()[1]
        roll(hub.records, key_file.load(settings.key_file), settings.hub_public_key, made + WEEK)
        desk.outgoing.clear()
        desk.publish(missing("m2"))
        after = intake.step()

    assert (1, 1, 0) == (before.recorded, after.recorded, after.held)


def test_intake_rolls_by_its_settings_and_without_them_never(desk):
    later = datetime.now(UTC) + 30 * WEEK
    with desk.open(at=later) as hub:
        assert rolled_if_due(hub) is None
    desk.settings = desk.settings.model_copy(update={"roll_days": 7, "roll_retained_days": 14})
    with desk.open(at=later) as hub:
        rolled = rolled_if_due(hub)

        assert handed_out(desk) == rolled.kid
        assert rolled_if_due(hub) is None
        assert 0 == take_all(hub).held
