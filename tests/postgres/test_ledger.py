"""What an administrator could do to the ledger's own tables; the store's: tests/audit/test_real_tables.py."""

import psycopg
import pytest

from tests.events import missing
from tests.hubs import Desk

TAMPERING = {
    "a leaf": "UPDATE hub_ledger.ledger SET hash=sha256('x') WHERE position=3",
    "ledger cut off": "DELETE FROM hub_ledger.ledger WHERE position>=3",
}


@pytest.fixture
def verified(tmp_path, postgres_store):
    """A hub that verifies, with a checkpoint kept outside."""
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(missing("m1"), missing("m2"), missing("m3"))
    with desk.open() as hub:
        hub.ledger.catch_up()
        assert hub.ledger.verify().holds
    return desk


@pytest.mark.parametrize("what", TAMPERING)
def test_what_the_databases_administrator_changes_is_named(verified, what):
    with psycopg.connect(verified.settings.store.address) as owner:
        owner.execute("SET session_replication_role = replica")  # the triggers are silent for this one
        owner.execute(TAMPERING[what])
    with verified.open() as hub:
        verdict = hub.ledger.verify()

    assert not verdict.holds
    assert 3 == verdict.first_bad


def test_a_row_put_in_below_the_checkpoint_is_named(verified):
    with psycopg.connect(verified.settings.store.address) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "INSERT INTO hub.events (position, originator_id, originator_version, topic, state)"
            " OVERRIDING SYSTEM VALUE VALUES (0, gen_random_uuid(), 1, 'child', 'forged')"
        )
    with verified.open() as hub:
        assert 0 == hub.ledger.verify().first_bad
