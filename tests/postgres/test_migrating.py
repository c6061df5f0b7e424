"""Migrations: each once, in order, written down; a hub refuses a database that is not as it needs it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.confidentiality import child_keys
from hub.confidentiality.child_keys import ChildKey, Tombstone
from hub.confidentiality.child_keys_postgres import PostgresChildKeys
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
    with psycopg.connect(empty.address) as connection:
        temporary = "SELECT has_database_privilege('hub_writer', current_database(), 'TEMPORARY')"
        assert (False,) == connection.execute(temporary).fetchone()


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


def test_wrapped_keys_kept_one_a_row_are_the_same_in_one_row_a_child(empty, monkeypatch):
    every, child, other = migrations(), uuid4(), uuid4()
    monkeypatch.setattr(migrating, "migrations", lambda: every[:5])
    migrate(empty)
    monkeypatch.setattr(migrating, "migrations", lambda: every)
    old = [
        (child, "police", 1, 0, b"", 1_700_000_000, 1_800_000_000),
        (child, "police", 2, 3, b"w" * 92, 1_800_000_001, None),
        (child, "health-confidential", 1, 300, b"x" * 92, 1_700_000_000, None),
        *((other, f"scope-{n}", 1, 1, b"y" * 92, 0, None) for n in range(20)),
    ]
    with psycopg.connect(empty.address) as connection:
        connection.cursor().executemany("INSERT INTO hub_keys.child_keys VALUES (%s,%s,%s,%s,%s,%s,%s)", old)
    migrate(empty)
    database = Database(empty)
    table = PostgresChildKeys(database)
    rows = table.of([child, other])

    assert [
        ChildKey("health-confidential", 1, 300, b"x" * 92, 1_700_000_000),
        ChildKey("police", 1, 0, b"", 1_700_000_000, 1_800_000_000),
        ChildKey("police", 2, 3, b"w" * 92, 1_800_000_001),
    ] == child_keys.read(rows[child])
    assert 20 == len(child_keys.read(rows[other]))
    assert [Tombstone(child, "police", 1, 1_800_000_000)] == child_keys.tombstones(table)
    database.close()


def owner(access):
    return {"HUB_STORE_OWNER": access.address}
