"""Migrations: each once, in order, written down; a hub refuses a database that is not as it needs it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.postgres import migrating
from hub.postgres.access import StoreAccess
from hub.postgres.database import Database
from hub.postgres.migrating import SchemaDiffers, check, migrate, migrations


@pytest.fixture
def empty(postgres):
    """A database with nothing in it."""
    name = f"e{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield StoreAccess(address=f"{postgres.rpartition('/')[0]}/{name}")
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def checked(access):
    database = Database(access)
    try:
        check(database)
    finally:
        database.close()


def test_numbers_follow_each_other():
    assert list(range(1, len(migrations()) + 1)) == [step.number for step in migrations()]


def test_what_was_done_is_not_done_again(empty):
    first, again = migrate(empty), migrate(empty)

    assert (migrations(), []) == (first, again)
    checked(empty)


def test_two_who_migrate_at_once_do_it_once(empty):
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(migrate, [empty, empty]))

    assert sorted(map(len, done)) == [0, len(migrations())]


def test_a_dry_run_tells_and_changes_nothing(empty, tmp_path):
    said = CliRunner().invoke(app, ["--data", str(tmp_path), "migrate", "--dry-run"], env=owner(empty))

    assert 0 == said.exit_code
    assert "CREATE TABLE hub.events" in said.output
    with pytest.raises(SchemaDiffers, match="run 'hub migrate'"):
        checked(empty)


def test_the_command_makes_the_tables_and_then_finds_nothing_to_do(empty, tmp_path):
    run = CliRunner()
    first = run.invoke(app, ["--data", str(tmp_path), "migrate"], env=owner(empty))
    again = run.invoke(app, ["--data", str(tmp_path), "migrate"], env=owner(empty))

    assert "ledger done" in first.output
    assert f"{empty.database}: nothing to do\n" == again.output


def test_a_step_that_was_edited_after_it_was_done_is_refused(empty, monkeypatch):
    migrate(empty)
    first, *rest = migrations()
    monkeypatch.setattr(migrating, "migrations", lambda: [replace(first, sql=first.sql + "-- more"), *rest])

    with pytest.raises(SchemaDiffers, match="migration events"):
        migrate(empty)


def test_a_database_of_a_newer_hub_is_refused(empty):
    migrate(empty)
    with psycopg.connect(empty.address) as connection:
        connection.execute("INSERT INTO hub.migrations (number, name, sha256) VALUES (9999, 'later', '')")

    with pytest.raises(SchemaDiffers, match="newer hub"):
        checked(empty)


def owner(access):
    return {"HUB_STORE_OWNER": access.address}
