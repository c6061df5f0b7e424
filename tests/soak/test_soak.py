"""A short soak: half a dozen kills of real processes, then the reckoning. `make soak` is the long one."""

import random

import pytest

from tests.soak.account import reckon
from tests.soak.engines import PostgresAlone
from tests.soak.world import World, soak
from tests.warm import Started

KILLS = 6


@pytest.mark.slow
@pytest.mark.waits
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_after_half_a_dozen_kills_every_event_is_in_one_childs_record_once(tmp_path, request, store):
    tmp_path.chmod(0o755)  # PostgreSQL runs as another user
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    engines = [PostgresAlone(tmp_path)] if request.getfixturevalue("postgres") and store == "postgres" else []
    world = World(tmp_path, engines, random.Random(3), Started)
    try:
        world.begin()
        soak(world, KILLS, 0, (0.2, 0.5), lambda _: None)
        world.finish()
        account = reckon(world.settings())
    finally:
        world.end()

    assert KILLS == sum(world.kills.values())
    assert () == account.faults
    assert 0 < account.published == account.recorded
