"""A server that goes away, comes back, or may not be written to: nothing is lost, nothing doubled."""

import psycopg
import pytest

from hub.compose import open_intake
from hub.errors import Unavailable
from hub.postgres.access import StoreAccess
from hub.postgres.database import Database
from tests.engines.postgres.keeper import TEMPLATE, template
from tests.engines.postgres.server import start_server
from tests.events import missing
from tests.hubs import Desk, only_child, take_all


@pytest.fixture(scope="module")
def own_server(postgres):  # where the run has none, neither has this
    """A server that this module may kill."""
    server = start_server()
    template(server.address())
    yield server
    server.stop()


@pytest.fixture
def own_desk(own_server, tmp_path):
    with psycopg.connect(own_server.address(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS hub WITH (FORCE)")
        connection.execute(f"CREATE DATABASE hub TEMPLATE {TEMPLATE}")
    return Desk(tmp_path / "data", store=StoreAccess(address=own_server.address("hub")))


@pytest.mark.slow
def test_intake_goes_on_by_itself_after_the_server_was_killed(own_server, own_desk):
    own_desk.publish(missing("m1"))
    with own_desk.open() as hub, open_intake(hub) as intake:
        assert 1 == intake.step().recorded
        own_desk.publish(missing("m2"))
        own_server.kill()
        with pytest.raises(Unavailable):
            intake.step()
        own_server.start()
        intake.seek()

        assert 1 == intake.step().recorded
        assert 2 == len(hub.records.child(only_child(hub)).entries)


def test_a_connection_that_the_server_ended_is_replaced(own_server, own_desk):
    with own_desk.open() as hub:
        only = hub.records.children()
        with psycopg.connect(own_server.address("hub"), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname='hub' AND pid <> pg_backend_pid()"
            )

        assert only == hub.records.children()


def test_a_stand_by_that_may_not_be_written_to_is_unavailable_and_not_an_error(own_server, own_desk):
    own_desk.publish(missing("m1"))
    with own_desk.open() as hub, open_intake(hub) as intake:
        with psycopg.connect(own_server.address("hub"), autocommit=True) as owner:
            owner.execute("ALTER DATABASE hub SET default_transaction_read_only = on")
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            owner.execute(ended + " AND datname='hub'")
        with pytest.raises(Unavailable):
            intake.step()
        with psycopg.connect(own_server.address(), autocommit=True) as owner:
            owner.execute("ALTER DATABASE hub RESET default_transaction_read_only")
        intake.seek()

        assert 1 == intake.step().recorded


def test_of_two_hosts_the_one_that_may_be_written_to_is_used(own_server, own_desk):
    nobody = "127.0.0.1:1"
    address = own_desk.settings.store.address.replace("127.0.0.1", f"{nobody},127.0.0.1")
    database = Database(StoreAccess(address=address))

    assert [(1,)] == database.rows("SELECT 1")
    database.close()


def test_a_server_that_cannot_be_reached_is_unavailable_in_one_line_without_the_address():
    database = Database(StoreAccess(address="postgresql://someone@127.0.0.1:1/hub"), wait=0.3)
    with pytest.raises(Unavailable) as gone:
        database.rows("SELECT 1")
    database.close()

    assert "127.0.0.1" not in str(gone.value)
    assert "\n" not in str(gone.value)


@pytest.mark.slow
def test_whoever_waits_is_woken_by_a_record_and_survives_the_loss_of_the_server(own_server, own_desk):
    with own_desk.open() as hub:
        hub.wait(0.01)  # begins to listen
        own_desk.publish(missing("m1"))
        with own_desk.open() as other:
            take_all(other)
        hub.wait(30.0)  # returns at once: the record was announced
        own_server.kill()
        hub.wait(0.01)
        own_server.start()
        hub.wait(0.01)

        assert 1 == len(hub.records.children())
