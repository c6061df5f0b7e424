"""The tests of this room run unchanged on every store."""

import pytest

from tests.hubs import Desk


@pytest.fixture
def desk(tmp_path, any_store):
    """A demonstration hub in a folder of its own, with every agency enrolled."""
    return Desk(tmp_path / "data", store=any_store)
