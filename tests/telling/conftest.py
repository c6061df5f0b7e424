"""A desk on either store, and who is told by real mail."""

import pytest

from tests.hubs import Desk


@pytest.fixture
def any_desk(tmp_path, any_store):
    return Desk(tmp_path / "data", store=any_store)
