"""The demonstration, played once for all journeys of a run; each worker reads a copy of its own."""

import fcntl
import pickle
import shutil

import pytest

from tests.journeys.demonstration import Played


@pytest.fixture(scope="session")
def told(request, tmp_path_factory):
    """The story, played. What a worker does to it, no other worker sees."""
    own = tmp_path_factory.mktemp("demo") / "data"
    if not hasattr(request.config, "workerinput"):
        return Played.anew(own)
    run = tmp_path_factory.getbasetemp().parent
    once, result = run / "demonstration", run / "demonstration.result"
    with (run / "demonstration.playing").open("a") as playing:
        fcntl.flock(playing, fcntl.LOCK_EX)
        if not result.exists():
            result.write_bytes(pickle.dumps(Played.anew(once).played))
    shutil.copytree(once, own)
    return Played(own, pickle.loads(result.read_bytes()))


@pytest.fixture(scope="module")
def hub(told):
    with told.open() as opened:
        yield opened
