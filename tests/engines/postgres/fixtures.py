"""What tests ask for to run on a real PostgreSQL: one server a run, a database of its own for each test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from hub.postgres.access import StoreAccess
from tests.engines.postgres.keeper import TEMPLATE, borrowed, template
from tests.engines.postgres.server import NoServer


@pytest.fixture(scope="session")
def postgres(request) -> Iterator[str]:
    """A real server: the one HUB_TEST_POSTGRES names (an address whose user may make databases), or our own.

    Where none can be had the test is skipped; with HUB_TEST_REQUIRE_ALL it fails.
    """
    named = os.environ.get("HUB_TEST_POSTGRES")
    if named:
        with psycopg.connect(named, autocommit=True) as server:
            there = server.execute("SELECT 1 FROM pg_database WHERE datname=%s", (TEMPLATE,)).fetchone()
        if not there:
            template(named)
        yield named
        return
    run = getattr(request.config, "workerinput", {}).get("testrunuid") or uuid4().hex
    try:
        with borrowed(Path(tempfile.gettempdir()) / f"hub-postgres-{run}") as address:
            yield address
    except NoServer as missing:
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail(f"no PostgreSQL: {missing}")
        pytest.skip(f"no PostgreSQL: {missing}")


@pytest.fixture
def postgres_store(postgres) -> Iterator[StoreAccess]:
    """A migrated, empty database of this test's own, for its owner."""
    name = f"t{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield StoreAccess(address=f"{postgres.rpartition('/')[0]}/{name}")
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def any_store(request) -> StoreAccess | None:
    """Where a hub keeps what it has: whoever asks does not know which. None: SQLite."""
    return request.getfixturevalue("postgres_store") if request.param == "postgres" else None
