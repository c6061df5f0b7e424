"""Identifiers and keys of strangers are fetched by a process beside; what it cannot fetch is fetched here."""

import os
import time
from contextlib import closing
from functools import partial
from signal import SIGKILL
from uuid import uuid4

import pytest

from hub.compose import fetcher_of, open_intake
from hub.confidentiality.keys import ScopeWithdrawn
from hub.intake import ahead, fetching
from hub.intake.fetching import Fetching
from schemas.scope import Scope
from tests.events import missing
from tests.hubs import Desk

CHILDREN = 6
HAVE = ("spine", Scope.POLICE.value)


@pytest.fixture(autouse=True)
def worth(monkeypatch):
    """So few strangers are worth a process here, and so few deliveries one that reads."""
    monkeypatch.setattr(fetching, "WORTH", CHILDREN)
    monkeypatch.setattr(ahead, "WORTH", CHILDREN)


def episode(n, day=3):
    """Something of child number `n`."""
    return missing(f"m{n}-{day}", day=day, identifiers=[{"system": "pnc-id", "value": f"2026/{n:07}A"}])


@pytest.fixture
def desk(any_store, tmp_path):
    """A hub on either store that knows some children."""
    desk = Desk(tmp_path / "data", store=any_store)
    desk.take_in(*map(episode, range(CHILDREN)))
    return desk


@pytest.fixture
def beside(desk):
    """A real process that fetches."""
    one = Fetching(partial(fetcher_of, desk.settings), cores=2)
    yield one
    one.close()


def wait_for(process):
    """Wait until a process that was started is there."""
    until = time.monotonic() + 60
    while process.started and not process.ready:
        assert time.monotonic() < until, "the process did not start"
        time.sleep(0.02)


def until_ready(one, ask):
    """Ask as a worker does until the process is there."""
    assert [{}, {}] == [ask(), ask()]
    wait_for(one._process)


def strangers(hub):
    """What a worker asks who remembers nobody: the known children's identifiers, and their keys."""
    streams = [hub.records.hashes.stream(episode(n).identifiers[0]) for n in range(CHILDREN)]
    children = [state.child for state in hub.records.identities.fetched(streams).values()]
    return streams, dict.fromkeys(children, HAVE)


def secrets(keys):
    return {
        child: {scope: (key.generation, key.secret, key.spine) for scope, key in own.items()}
        for child, own in keys.items()
    }


def test_what_is_fetched_beside_is_what_is_fetched_here(desk, beside):
    with desk.open() as hub:
        streams, scopes = strangers(hub)
        until_ready(beside, lambda: beside.keys(scopes))
        unknown, lacking = uuid4(), {**scopes, uuid4(): HAVE}
        there = beside.identifiers([*streams, unknown])
        keys = beside.keys(lacking)

        assert hub.records.identities.fetched([*streams, unknown]) == there
        assert CHILDREN == len(there) == len(keys)
        assert secrets(hub.keys.for_sealing_many(scopes)) == secrets(
            {child: {scope: own[scope] for scope in HAVE} for child, own in keys.items()}
        )


def test_of_who_lacks_a_key_none_is_fetched_and_none_is_made_beside(desk, beside):
    with desk.open() as hub:
        _, scopes = strangers(hub)
        until_ready(beside, lambda: beside.keys(scopes))
        one, *others = scopes
        asked = {**scopes, one: (*HAVE, Scope.YOUTH_JUSTICE.value)}
        before = hub.keys.standing(one)
        found = beside.keys(asked)

        assert set(others) == set(found)
        assert before == hub.keys.standing(one)

        made = hub.keys.for_sealing_many(asked, beside.keys)
        assert Scope.YOUTH_JUSTICE.value in made[one]
        assert set(asked) == set(made)


def test_what_a_scopes_holder_has_withdrawn_is_not_fetched(desk, beside):
    with desk.open() as hub:
        _, scopes = strangers(hub)
        until_ready(beside, lambda: beside.keys(scopes))
        hub.key_store.withdraw(Scope.POLICE.value)

        assert {} == beside.keys(scopes)
        with pytest.raises(ScopeWithdrawn):
            hub.keys.for_sealing_many(scopes, beside.keys)


def test_a_key_that_was_destroyed_is_not_fetched(desk, beside):
    with desk.open() as hub:
        _, scopes = strangers(hub)
        until_ready(beside, lambda: beside.keys(scopes))
        erased, *others = scopes
        hub.keys.destroy(erased)

        assert set(others) == set(beside.keys(scopes))


def test_where_the_process_is_killed_all_is_fetched_here(desk, beside):
    with desk.open() as hub:
        streams, scopes = strangers(hub)
        until_ready(beside, lambda: beside.keys(scopes))
        os.kill(beside._process._process.pid, SIGKILL)
        beside._process._process.wait()

        found = hub.records.identities.look_up(streams, beside.identifiers)
        made = hub.keys.for_sealing_many(scopes, beside.keys)

        assert CHILDREN == len(found) == len(made)


def test_few_strangers_and_a_single_core_are_worth_no_process(desk):
    with desk.open() as hub:
        _, scopes = strangers(hub)
    few = dict(list(scopes.items())[1:])
    with closing(Fetching(partial(fetcher_of, desk.settings), cores=1)) as one:
        assert [{}] * 3 == [one.keys(scopes) for _ in range(3)]
        assert not one._process.started
    with closing(Fetching(partial(fetcher_of, desk.settings), cores=2)) as several:
        assert [{}] * 4 == [several.keys(each) for each in (scopes, few, scopes, few)]
        assert not several._process.started


def test_a_worker_records_everything_once_whoever_fetched_it(desk, monkeypatch):
    monkeypatch.setattr(fetching, "WORTH", 1)
    later = [episode(n, day) for day in range(4, 24) for n in range(CHILDREN)]
    desk.publish(*later)
    with desk.open() as hub, open_intake(hub) as worker:
        reading, fetching_ = worker._ahead, worker._beforehand._fetching
        reading._process._several = fetching_._process._several = True
        hub.keys._remembered._at_most = hub.records.identities._remembered = 0  # everybody is a stranger
        answers, heard = [], fetching_._process.heard
        fetching_._process.heard = lambda: answers.append(answer := heard()) or answer
        count = 0
        while taken := worker.step(CHILDREN).recorded:
            count += taken
            for process in (reading._process, fetching_._process):
                wait_for(process)

    assert len(later) == count
    assert len(answers) > len(later) / CHILDREN
    assert all(answers)
    with desk.open() as hub:
        assert [21] * CHILDREN == [len(hub.records.child(child).entries) for child in hub.records.children()]
