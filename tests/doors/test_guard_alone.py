"""The guard around every request, and sessions, each by itself: every bound, on both sides of it."""

import asyncio
from uuid import UUID

import pytest
from starlette.exceptions import HTTPException

from hub.domain.child import By
from hub.web import guard
from hub.web.guard import HEADERS, LARGEST, TLS_ONLY, Guard, host_of, int_of, is_loopback
from hub.web.rendering import Pages
from hub.web.sessions import AT_MOST, FRESH, IDLE, LONGEST, NotSignedIn, Session, SessionEnded, Sessions
from tests.events import DAY

ANN, BEN = By("ann", "social-worker", "social-care"), By("ben", "police-officer", "police")
ONE, OTHER = UUID(int=1), UUID(int=2)


class Watching:
    """Remembers what it was told of each request."""

    def __init__(self):
        self.told = []

    def answered(self, *what):
        self.told.append(what)


class House:
    """A guard around an app that answers 200, and says how much of a body reached it."""

    def __init__(self, app=None, **how):
        self.watching, self.read = Watching(), 0
        ticks = iter(range(7, 100))
        how = {"watching": self.watching, "monotonic": lambda: next(ticks), **how}
        pages = Pages(demo=True, ways=lambda _: [], clock=lambda: DAY, policy_document=lambda _: None)
        self.guard = Guard(app or self.answer, pages, **how)

    async def answer(self, scope, receive, send):
        more = True
        while more:
            message = await receive()
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        scope["route"] = type("Route", (), {"path": "/declared"})
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"fine"})

    def ask(self, method="GET", path="/", bodies=(b"",), kind="http", **headers):
        """The status, headers and body of the answer."""
        said = {"host": "localhost", **{k.replace("_", "-"): v for k, v in headers.items()}}
        raw = [(k.encode(), v.encode()) for k, v in said.items()]
        scope = {"type": kind, "method": method, "path": path, "headers": raw, "query_string": b""}
        waiting = [
            {"type": "http.request", "body": body, "more_body": n < len(bodies)}
            for n, body in enumerate(bodies, 1)
        ]
        sent = []

        async def receive():
            return waiting.pop(0)

        async def send(message):
            sent.append(message)

        asyncio.run(self.guard(scope, receive, send))
        start = sent[0]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body


def test_what_is_asked_rightly_reaches_the_app_and_comes_back_with_every_header():
    house = House()
    status, headers, body = house.ask("POST", sec_fetch_site="same-origin", bodies=(b"a", b"bc"))

    assert (200, b"fine", 3) == (status, body, house.read)
    assert {k.lower(): v for k, v in HEADERS.items()} | {"x-own": "1"} == headers
    assert [("/declared", "POST", 200, 1)] == house.watching.told


def test_the_headers_and_bounds_are_the_ones_that_were_decided():
    assert {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "report-uri /violations",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    } == HEADERS
    assert {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"} == TLS_ONLY
    assert (65_536, 900, 36_000, 300, 1_000) == (LARGEST, IDLE, LONGEST, FRESH, AT_MOST)
    assert (401, 3) == (NotSignedIn.status, NotSignedIn.exit_code)


def test_over_tls_it_says_so_and_what_a_route_said_itself_stands():
    async def own(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": [(b"cache-control", b"public")]})
        await send({"type": "http.response.body"})

    _, headers, _ = House(own, over_tls=True).ask()

    assert "public" == headers["cache-control"]
    assert TLS_ONLY["Strict-Transport-Security"] == headers["strict-transport-security"]
    assert "strict-transport-security" not in House().ask()[1]


@pytest.mark.parametrize(
    ("method", "path", "said", "status"),
    [
        ("GET", "/", {"sec_fetch_site": "cross-site"}, 200),
        ("HEAD", "/", {}, 200),
        ("OPTIONS", "/", {}, 200),
        ("POST", "/", {}, 403),
        ("PUT", "/", {}, 403),
        ("PATCH", "/", {}, 403),
        ("DELETE", "/", {}, 403),
        ("POST", "/v1/x", {}, 200),
        ("POST", "/v1/x", {"sec_fetch_site": "cross-site"}, 403),
        ("POST", "/v1/x", {"origin": "https://evil.example"}, 403),
        ("POST", "/", {"sec_fetch_site": "same-origin"}, 200),
        ("POST", "/", {"sec_fetch_site": "same-site"}, 403),
        ("POST", "/", {"origin": "http://localhost"}, 200),
        ("POST", "/", {"origin": "null"}, 403),
        ("POST", "/v1/x", {"origin": "http://["}, 403),
        ("POST", "/", {"sec_fetch_site": "cross-site", "origin": "http://localhost"}, 403),
    ],
)
def test_what_changes_something_comes_from_the_hubs_own_pages(method, path, said, status):
    house = House()
    answered, headers, body = house.ask(method, path, **said)

    assert status == answered
    assert "default-src 'none'" in headers["content-security-policy"]
    assert (b"The request did not come from the hub" in body) == (status == 403)
    assert [(guard.NO_ROUTE if status == 403 else "/declared", method, status, 1)] == house.watching.told


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("hub.example", 200),
        ("evil.example", 421),
        ("", 421),
        ("[", 421),
    ],
)
def test_only_this_machines_names_and_the_hubs_own_are_answered(host, status):
    assert status == House(hosts=frozenset({"hub.example"})).ask(host=host)[0]


@pytest.mark.parametrize(
    ("name", "here"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.9.9.9", True),
        ("10.0.0.1", False),
        ("x", False),
    ],
)
def test_which_names_are_this_machines(name, here):
    assert here == is_loopback(name)


def test_a_host_is_read_without_its_port_and_nothing_is_read_from_what_is_none():
    assert ["a", "::1", "", ""] == [host_of(said) for said in ("a:80", "[::1]:80", "", "[::1")]


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("0", 0),
        ("7", 7),
        (str(LARGEST), LARGEST),
        ("99999", 99_999),
        ("-1", LARGEST + 1),
        ("+1", LARGEST + 1),
    ],
)
def test_a_length_is_read_as_digits(said, length):
    assert length == int_of(said)


@pytest.mark.parametrize("said", ["1" * 6, "", "٣", "1.0", "0x1"])
def test_what_is_no_length_is_too_long(said):
    assert int_of(said) > LARGEST


def test_so_much_is_read_and_not_a_byte_more():
    own = {"sec_fetch_site": "same-origin"}
    assert 200 == House().ask("POST", bodies=(b"x" * LARGEST,), content_length=str(LARGEST), **own)[0]
    assert 413 == House().ask("POST", content_length=str(LARGEST + 1), **own)[0]
    assert 200 == House().ask("POST", bodies=(b"x" * (LARGEST - 1), b"x"), **own)[0]
    long = House()
    assert 500 <= long.ask("POST", bodies=(b"x" * LARGEST, b"x"), **own)[0]  # the app alone would say 413
    assert LARGEST == long.read


def test_the_app_is_told_by_its_own_status_that_a_body_is_too_long():
    told = []

    async def reads(scope, receive, send):
        try:
            await receive()
        except HTTPException as error:
            told.append(error.status_code)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    House(reads).ask(bodies=(b"x" * (LARGEST + 1),))

    assert [413] == told


def test_an_error_becomes_an_answer_and_nothing_of_it_is_said(caplog):
    async def fails(scope, receive, send):
        raise RuntimeError("Ann Marsh")

    status, headers, body = House(fails).ask(path="/v1/x")

    assert (500, "application/problem+json") == (status, headers["content-type"])
    assert b"The hub could not do this" in body
    assert "RuntimeError" in caplog.text
    assert "Marsh" not in caplog.text + body.decode()


def test_an_error_after_the_answer_began_ends_it():
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    house = House(half)

    assert 200 == house.ask()[0]
    assert [(guard.NO_ROUTE, "GET", 200, 1)] == house.watching.told


@pytest.mark.parametrize(
    ("status", "after", "held"),
    [(404, 5.0, [4.0]), (404, 1.5, [0.5]), (404, 1.0, []), (200, 5.0, []), (404, 0, [])],
)
def test_that_there_is_nothing_is_answered_no_sooner_than_its_time(monkeypatch, status, after, held):
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    async def answers(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(guard, "sleep", sleep)  # its own alone: other loops of this process sleep too

    assert status == House(answers, unknown_after=after).ask()[0]
    assert held == waited


def test_a_method_that_is_none_is_no_label():
    house = House()
    house.ask("BREW", sec_fetch_site="same-origin")

    assert [("/declared", guard.NO_ROUTE, 200, 1)] == house.watching.told


def test_what_is_no_request_passes():
    passed = []

    async def app(scope, receive, send):
        passed.append(scope["type"])
        await send({"status": 0, "headers": []})

    house = House(app)

    assert (0, {}, b"") == house.ask(kind="lifespan")
    assert (["lifespan"], []) == (passed, house.watching.told)


# ------------------------------------------------------------ sessions


class Ticking:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def kept():
    clock, ids = Ticking(), iter(map(str, range(AT_MOST + 10)))
    sessions = Sessions(clock, ids.__next__)
    sessions.clock = clock
    return sessions


def test_a_session_knows_who_when_and_by_which_grant(kept):
    id_ = kept.start(ANN, "issuer", ago=7.0, practitioner=ONE, grant=3, provider="police")

    assert (ANN, "issuer", 1000.0, 1000.0, 993.0, ONE, 3, "police") == tuple(kept.of(id_))
    assert (None, 0, "") == Session(ANN, "", 0, 0, 0)[5:]
    assert (BEN, "", 1000.0, 1000.0, 1000.0, None, 0, "") == tuple(kept.of(kept.start(BEN, "")))


def test_each_of_its_bounds_is_the_last_moment_it_is_good(kept):
    id_ = kept.start(ANN, "")
    kept.clock.now += IDLE
    kept.of(id_)
    kept.clock.now += IDLE + 1
    with pytest.raises(SessionEnded) as ended:
        kept.of(id_)
    assert (ANN, "your session has ended") == (ended.value.session.by, str(ended.value))
    assert ANN == kept.last_of(id_).by

    id_ = kept.start(ANN, "")
    for _ in range(int(LONGEST / IDLE)):
        kept.clock.now += IDLE
        kept.of(id_)
    kept.clock.now += 1
    with pytest.raises(SessionEnded):
        kept.of(id_)


def test_the_figures_are_those_that_were_decided():
    assert (900, 36_000, 300, 1000) == (IDLE, LONGEST, FRESH, AT_MOST)
    assert (401, 3) == (NotSignedIn.status, NotSignedIn.exit_code)


def test_fresh_is_five_minutes_and_no_more(kept):
    session = kept.of(kept.start(ANN, "", ago=FRESH))
    assert kept.is_fresh(session)
    kept.clock.now += 1
    assert not kept.is_fresh(session)


def test_those_that_go_on_are_counted(kept):
    kept.start(ANN, "")
    kept.clock.now += IDLE
    kept.start(BEN, "")
    assert 2 == len(kept)
    kept.clock.now += 1
    assert 1 == len(kept)


def test_where_there_are_too_many_the_longest_unused_goes(kept):
    first, second = kept.start(ANN, ""), kept.start(BEN, "")
    for _ in range(AT_MOST - 2):
        kept.start(ANN, "")
    kept.of(first)
    assert kept.last_of(second)
    kept.start(ANN, "")

    assert kept.of(first)
    assert kept.last_of(second) is None
    with pytest.raises(NotSignedIn):
        kept.of(second)


def test_ending_one_ends_no_other(kept):
    one, other = (kept.start(ANN, "", practitioner=ONE) for _ in range(2))
    kept.end(one)
    kept.end("there is none")

    assert kept.last_of(one) is None
    assert kept.of(other)


def test_an_id_that_is_no_text_is_nobodys(kept):
    with pytest.raises(NotSignedIn):
        kept.of("\udce9")
