"""Positions on PostgreSQL have gaps, where a transaction that was undone took one: nothing waits for it."""

import json

import psycopg
from typer.testing import CliRunner

from hub.__main__ import app
from tests.events import missing
from tests.hubs import Desk

UNDONE = (
    "INSERT INTO hub.events (originator_id, originator_version, topic, state)"
    " SELECT gen_random_uuid(), 1, 'child', '' FROM generate_series(1, 7)"
)


def test_a_position_that_was_never_used_does_not_count_as_a_lag(tmp_path, postgres_store):
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(missing("m1"))
    with psycopg.connect(postgres_store.address) as connection:
        connection.execute(UNDONE)
        connection.rollback()
    desk.take_in(missing("m2"))
    with desk.open() as hub:
        for follower in hub.followers:
            follower.catch_up()
        hub.ledger.catch_up()

    said = CliRunner().invoke(
        app,
        ["--data", str(desk.settings.data), "status", "--json"],
        env={"HUB_STORE": postgres_store.address},
    )
    standing = json.loads(said.output)

    assert ("PostgreSQL", 0) == (standing["store"], standing["ledger_lag"])
    assert {"flags": 0, "worklist": 0, "answering": 0} == standing["projection_lag"]
