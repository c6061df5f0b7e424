"""Whose feed is taken: that of an agency with a sharing agreement in force, on the days it holds."""

from datetime import timedelta

import pytest

from hub.compose import open_intake
from hub.sharing.agreements import SHIPPED
from tests.events import attendance, missing
from tests.hubs import NOW, take_all

WITHOUT_HEALTH = "".join(
    line for line in SHIPPED.read_text().splitlines(True) if 'agency = "health"' not in line
)


@pytest.fixture
def agreed(desk, tmp_path):
    """Writes the agreements of this hub."""
    file = tmp_path / "agreements.toml"
    desk.settings = desk.settings.model_copy(update={"agreements": file})
    return file.write_text


def taken(hub):
    tally = take_all(hub)
    return tally.recorded, tally.reasons


def test_a_feed_without_an_agreement_is_held_the_others_taken_and_what_is_held_comes_in_once_there_is_one(
    desk, agreed
):
    agreed(WITHOUT_HEALTH)
    desk.publish(missing(), attendance())
    with desk.open(at=NOW) as hub:
        assert (1, {"no-agreement": 1}) == taken(hub)
        (held,) = hub.records.archive.rows.quarantined()
    agreed(SHIPPED.read_text())
    with desk.open(at=NOW) as hub, open_intake(hub) as intake:
        assert intake.retry(held, "operator") is None
        (child,) = hub.records.children()

        assert {"police", "health"} == {k.entry.agency for k in hub.records.child(child).entries.values()}


def test_an_agreement_is_noticed_while_intake_goes_on(desk, agreed):
    agreed(WITHOUT_HEALTH)
    with desk.open(at=NOW) as hub, open_intake(hub) as intake:
        desk.publish(attendance())
        assert {"no-agreement": 1} == intake.step().reasons
        agreed(SHIPPED.read_text())
        desk.publish(attendance("a2", 1))

        assert 1 == intake.step().recorded


@pytest.mark.parametrize(("day", "held"), [(-1, 1), (0, 0), (1, 1)])
def test_a_feed_is_taken_on_the_days_of_its_agreement_alone(desk, agreed, day, held):
    today = NOW.date()
    text = SHIPPED.read_text().replace("2020-01-01", today.isoformat())
    agreed(text.replace("2036-12-31", today.isoformat()))
    desk.publish(missing())
    with desk.open(at=NOW + timedelta(days=day)) as hub:
        assert held == take_all(hub).reasons.get("no-agreement", 0)
