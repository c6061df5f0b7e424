"""How much one caller may ask, and what is noticed when somebody looks at many children."""

from uuid import UUID, uuid4

import pytest
from starlette.requests import HTTPConnection

from hub.domain.child import By
from hub.web.allowance import (
    MANY_CHILDREN,
    OF_ONE_PROXY,
    PRACTITIONER,
    STRANGER,
    TOO_MANY_CHILDREN,
    Allowance,
)
from hub.web.limits import Buckets, ChildrenSeen, Rate, TooMany
from hub.web.pending import AT_MOST, LASTS
from hub.web.watching import Unwatched
from hub.web.whence import Whence

ANN, BEN = By("ann", "social-worker", "social-care"), By("ben", "police-officer", "police")


class Ticking:
    now = 1000.0

    def __call__(self):
        return self.now


class Watching(Unwatched):
    def __init__(self):
        self.told = []

    def many_children(self, role):
        self.told.append(role)


def test_so_many_at_once_and_so_many_a_second_after_that():
    clock = Ticking()
    buckets = Buckets(Rate(3, 0.5), clock)
    for _ in range(3):
        buckets.take("ann")
    with pytest.raises(TooMany) as refused:
        buckets.take("ann")
    assert 2 == refused.value.seconds

    buckets.take("ben")
    clock.now += 2
    buckets.take("ann")
    with pytest.raises(TooMany):
        buckets.take("ann")


def test_a_person_who_reads_never_meets_the_limit_and_a_script_does():
    clock = Ticking()
    allowance = Allowance(clock, Unwatched())
    for _ in range(500):
        clock.now += 1 / PRACTITIONER.a_second
        allowance.take(ANN, None)
    for _ in range(int(PRACTITIONER.burst) - 1):
        allowance.take(ANN, None)
    with pytest.raises(TooMany):
        allowance.take(ANN, None)
    allowance.take(BEN, None)


def test_an_address_that_is_not_signed_in_may_ask_less():
    allowance = Allowance(Ticking(), Unwatched())
    for _ in range(int(STRANGER.burst)):
        allowance.take_stranger("192.0.2.1")
    with pytest.raises(TooMany):
        allowance.take_stranger("192.0.2.1")
    allowance.take_stranger("192.0.2.2")


def test_behind_one_proxy_that_does_not_say_whence_one_script_keeps_nobody_from_signing_in():
    clock = Ticking()
    allowance = Allowance(clock, Unwatched())
    for _ in range(1000):
        clock.now += 1 / (10 * STRANGER.a_second)
        allowance.take_stranger("127.0.0.1")
    for _ in range(int(OF_ONE_PROXY.burst) - 1):
        allowance.take_stranger("127.0.0.1")
    with pytest.raises(TooMany):
        allowance.take_stranger("127.0.0.1")


def test_who_begins_as_much_as_they_may_pushes_nobody_elses_sign_in_out():
    assert max(r.burst + r.a_second * LASTS for r in (STRANGER, OF_ONE_PROXY)) < AT_MOST


def connected(peer, *said):
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    return HTTPConnection({"type": "http", "client": (peer, 1) if peer else None, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "said", "believed", "whence"),
    [
        ("192.0.2.1", (), True, "192.0.2.1"),
        ("192.0.2.1", ("192.0.2.9",), True, "192.0.2.1"),
        ("127.0.0.1", ("192.0.2.9",), False, "127.0.0.1"),
        ("127.0.0.1", ("192.0.2.9",), True, "192.0.2.9"),
        ("127.0.0.1", ("192.0.2.7, 192.0.2.8", "192.0.2.6,192.0.2.9"), True, "192.0.2.9"),
        ("127.0.0.1", ("192.0.2.9, nonsense",), True, "127.0.0.1"),
        ("127.0.0.1", (), True, "127.0.0.1"),
        ("::1", ("2001:db8:0:1:2:3:4:5",), True, "2001:db8:0:1::/64"),
        ("2001:db8:0:1::9", (), False, "2001:db8:0:1::/64"),
        ("", (), True, ""),
    ],
)
def test_a_header_says_whence_where_it_is_named_and_a_proxy_here_sent_it(peer, said, believed, whence):
    assert whence == Whence("X-Forwarded-For" if believed else None).of(connected(peer, *said))


def test_many_children_in_an_hour_are_told_to_a_person_once_and_hinder_nobody(caplog):
    clock, watching = Ticking(), Watching()
    allowance = Allowance(clock, watching)
    children = [uuid4() for _ in range(MANY_CHILDREN + 5)]
    for child in children:
        clock.now += 10
        allowance.take(ANN, child)
        allowance.take(ANN, child)

    assert ["social-worker"] == watching.told
    assert "many-children" in caplog.text
    assert not any(str(child) in caplog.text for child in children)


def test_the_window_shuts_for_an_hour_at_a_number_that_no_front_door_comes_near():
    clock = Ticking()
    allowance = Allowance(clock, Unwatched())
    for number in range(TOO_MANY_CHILDREN):
        clock.now += 10
        allowance.take(ANN, UUID(int=number))
    with pytest.raises(TooMany):
        allowance.take(ANN, uuid4())
    allowance.take(BEN, uuid4())
    clock.now += 3600
    allowance.take(ANN, uuid4())


def test_children_are_counted_once_however_often_they_are_asked_for():
    seen = ChildrenSeen(Ticking())
    child = uuid4()

    assert [(1, True), (1, False), (2, True)] == [seen.count("ann", c) for c in (child, child, uuid4())]


def test_an_answer_that_says_to_wait_says_how_long(served):
    from tests.web.conftest import Asking

    @served.app.get("/v1/limited")
    def limited():
        raise TooMany(7.2)

    answer = Asking(served.app).get("/v1/limited")

    assert (429, "7") == (answer.status_code, answer.headers["retry-after"])
