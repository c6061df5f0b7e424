"""What every test may ask for."""

import gc
import os
from functools import cache
from itertools import chain, islice
from pathlib import Path

import hypothesis
import pytest
import typer.main
import typer.testing

from hub.sharing import policy_in_force
from tests.engines.kafka.fixtures import broker, kafka_access, kafka_admin
from tests.engines.postgres.fixtures import any_store, postgres, postgres_store
from tests.telling.servers import mails

__all__ = ["any_store", "broker", "kafka_access", "kafka_admin", "mails", "postgres", "postgres_store"]

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no fault
hypothesis.settings.load_profile("house")

# The tree of commands is built once a worker, not at each of the hundreds of commands that tests run.
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Files that others wrote; they stay outside the project."""
    folder = SHARED / "data"
    if not folder.is_dir():
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail(f"no sample files of others at {folder}")
        pytest.skip(f"no sample files of others at {folder}")
    return folder


@pytest.fixture
def desk(tmp_path):
    """A demonstration hub in a folder of its own, with every agency enrolled."""
    from tests.hubs import Desk

    return Desk(tmp_path / "data")


@pytest.fixture(params=["embedded", "kafka"])
def any_desk(request, any_store, tmp_path):
    """The same desk on either bus and either store: whoever asks does not know which."""
    from tests.hubs import Desk

    bus = request.getfixturevalue("kafka_access") if request.param == "kafka" else None
    return Desk(tmp_path / "data", bus, any_store)


@pytest.fixture
def at_once(monkeypatch):
    """Whether another policy was adopted is looked at with every question; asked for before the hub is."""
    monkeypatch.setattr(policy_in_force, "LOOK", 0.0)


def pytest_collection_modifyitems(items):
    """Workers begin at equal parts of this list, each with what is at the head of its part.

    The first waits for the run's only broker, the second for what tests start of their own, the third
    computes what takes seconds: none waits for another's last test, and none for two chains of waiting.
    """
    heads = {"broker": [], "own": [], "slow": [], "": []}
    for item in items:
        heads[_head(item)].append(item)
    rest = iter(heads.pop(""))
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    parts = [[] for _ in range(workers)]
    for at, head in enumerate(heads.values()):
        parts[at % workers].extend(head)
    for part in parts:
        part.extend(islice(rest, max(0, len(items) // workers - len(part))))
    items[:] = [*chain.from_iterable(parts), *rest]


def _head(item):
    if "kafka" in item.name or not {"broker", "kafka_access", "kafka_admin"}.isdisjoint(item.fixturenames):
        return "broker"
    if "own_server" in item.fixturenames or item.get_closest_marker("waits"):
        return "own"
    return "slow" if item.get_closest_marker("slow") else ""


def pytest_collection_finish():
    """What was read to collect the tests stays to the end: the collector need not look at it again.

    A command that only works has it look seldom, and never again at what is there. A worker of tests goes on
    after such a command, and would keep all that ever was: 700 MB of hubs and apps that nobody holds. Here it
    looks a tenth as often as it would by itself.
    """
    from hub.commands import running

    running.settle = lambda: None
    gc.collect()
    gc.freeze()
    gc.freeze()
    gc.set_threshold(7_000, 10, 10)


GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(request):
    """Compare a text with the one that was approved; `HUB_GOLDEN=write pytest` writes it anew for review."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("HUB_GOLDEN") == "write":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

        assert file.read_text() == text

    return compare


@pytest.fixture
def counted():
    """Say how much a test looked at, by row of the design's section 6: see `make security-counts`."""

    def say(row: int, what: str, number: int) -> None:
        if "HUB_COUNTS" in os.environ:
            with Path(os.environ["HUB_COUNTS"]).open("a") as counts:
                counts.write(f"{row}\t{what}\t{number}\n")

    return say
