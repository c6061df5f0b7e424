"""The event library's own abstract recorder tests, run on our recorder."""

import threading
from uuid import uuid4

import pytest
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from hub.store.sqlite import Datastore, SqliteRecorder


class OnOurs:
    """A recorder of ours in a file of its own."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path):
        self.datastore = Datastore(str(tmp_path / "hub.sqlite"))
        before = set(threading.enumerate())
        yield
        for reader in set(threading.enumerate()) - before:  # the library's own tests leave one reading
            reader.join(10)
        self.datastore.close()

    def new_originator_id(self):
        return uuid4()

    def create_recorder(self):
        recorder = SqliteRecorder(self.datastore)
        recorder.create_table()
        return recorder


class TestAsApplicationRecorder(OnOurs, ApplicationRecorderTestCase):
    pass


class TestPositionsDoNotInterleave(OnOurs, NonInterleavingNotificationIDsBaseCase):
    pass


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
