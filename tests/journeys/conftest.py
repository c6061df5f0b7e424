"""The demonstration, played once for all journeys of a worker."""

import pytest

from tests.journeys.demonstration import Played


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    return Played(tmp_path_factory.mktemp("demo") / "data")


@pytest.fixture(scope="module")
def hub(told):
    with told.open() as opened:
        yield opened
