"""The event library's own abstract recorder tests, run on our recorders."""

import threading
from contextlib import contextmanager
from uuid import uuid4

import pytest
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from hub.postgres.database import Database
from hub.store.postgres import PostgresRecorder
from hub.store.sqlite import Datastore, SqliteRecorder


class OnSqlite:
    """A recorder of ours in a file of its own."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.datastore = Datastore(str(tmp_path / "hub.sqlite"))
        with readers_ended():
            yield
        self.datastore.close()

    def new_originator_id(self):
        return uuid4()

    def create_recorder(self):
        recorder = SqliteRecorder(self.datastore)
        recorder.create_table()
        return recorder


class OnPostgres:
    """A recorder of ours in a database of its own."""

    @pytest.fixture(autouse=True)
    def _database(self, postgres_store):
        self.database = Database(postgres_store, connections=20)
        with readers_ended():
            yield
        self.database.close()

    def new_originator_id(self):
        return uuid4()

    def create_recorder(self):
        return PostgresRecorder(self.database)


@contextmanager
def readers_ended():
    """The library's own tests leave a thread reading: the database closes when it is done."""
    before = set(threading.enumerate())
    yield
    for reader in set(threading.enumerate()) - before:
        if not reader.name.startswith("pool-"):
            reader.join(10)


class TestOnSqlite(OnSqlite, ApplicationRecorderTestCase):
    pass


class TestPositionsDoNotInterleaveOnSqlite(OnSqlite, NonInterleavingNotificationIDsBaseCase):
    pass


class TestOnPostgres(OnPostgres, ApplicationRecorderTestCase):
    pass


class TestPositionsDoNotInterleaveOnPostgres(OnPostgres, NonInterleavingNotificationIDsBaseCase):
    pass


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
