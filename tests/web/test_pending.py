"""Sign-ins that were begun: kept for ten minutes, taken once, and no more of them than so many."""

import pytest

from hub.identity.oidc import Begun
from hub.identity.tokens import Proven
from hub.web import pending
from hub.web.pending import Pending, Waiting
from tests.identity.conftest import Ticking

BEGUN = Waiting(Begun("police", "https://login.example/a", "state", "nonce", "verifier", "back", None))
KNOWN = BEGUN._replace(proven=Proven("https://login.example", "ann", 0))


@pytest.fixture
def held():
    clock, ids = Ticking(), iter(f"id-{n}" for n in range(10))
    found = Pending(clock, lambda: next(ids))
    found.clock = clock
    return found


def test_what_waits_is_looked_at_as_often_as_one_likes_and_taken_once(held):
    one, other = held.keep(BEGUN), held.keep(KNOWN)

    assert [KNOWN, KNOWN, KNOWN, None, None] == [
        held.look(other),
        held.look(other),
        held.take(other),
        held.look(other),
        held.take(other),
    ]
    assert BEGUN == held.take(one)
    assert [None, None] == [ask("never given") for ask in (held.look, held.take)]


@pytest.mark.parametrize("ask", ["look", "take"])
def test_it_waits_for_ten_minutes_and_not_a_second_longer(held, ask):
    in_time, late = held.keep(BEGUN), held.keep(BEGUN)
    held.clock.now += 600
    assert BEGUN == getattr(held, ask)(in_time)
    held.clock.now += 1
    assert getattr(held, ask)(late) is None


def test_where_too_many_were_begun_the_oldest_is_over(held, monkeypatch):
    monkeypatch.setattr(pending, "AT_MOST", 2)
    ids = [held.keep(BEGUN) for _ in range(3)]

    assert [None, BEGUN, BEGUN] == [held.take(id_) for id_ in ids]


def test_no_id_is_kept_as_the_browser_has_it(held):
    id_ = held.keep(BEGUN)

    assert id_ not in str(vars(held))
    assert held.take("\udcff") is None  # what no browser was given, though it can be sent
