"""Who connects and goes no further keeps nobody out: a connection waits for its client for a bounded time."""

import asyncio
import socket
import ssl
from contextlib import ExitStack
from threading import Event, Semaphore

import httpx
import pytest

from hub.settings import load
from hub.web.allowance import STRANGER
from hub.web.whence import Whence
from schemas.bounds import MOST, PATIENCE, Bounds
from schemas.tls import configured
from tests.identity.certificates import Authority
from tests.identity.over_tls import served

FOR_EVER = 60
"""Seconds after which a test has failed; nothing here is measured against them."""
SOON = Bounds(patience=1.0)
LARGE = 32 * 1024 * 1024
"""Bytes: more than this machine's two sockets hold between them."""
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n"


class App:
    """Answers when it has the whole request; at /large with much, at /held once it is told to."""

    def __init__(self):
        self.left, self.go_on, self.asked = Event(), Event(), Semaphore(0)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        if scope["path"] == "/held":
            self.asked.release()
            await asyncio.to_thread(self.go_on.wait, FOR_EVER)
        if scope["path"] == "/slow":
            await asyncio.sleep(2 * SOON.patience)
        length = LARGE if scope["path"] == "/large" else 2
        head = [(b"content-length", str(length).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": bytes(length), "more_body": True})
        if scope["path"] == "/large":
            await receive()  # until nobody is there
            self.left.set()
        else:
            await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("ca"))
    return *authority.issue("server")[:2], authority.file


@pytest.fixture(params=["TLS", "behind a proxy"])
def door(request, certificates):
    return Asking(certificates if request.param == "TLS" else (None, None, None))


class Asking:
    """Serves an app at one kind of door, and connects to it."""

    def __init__(self, certificates):
        self.cert, self.key, self.ca = certificates
        self.context = ssl.create_default_context(cafile=self.ca) if self.ca else None

    def served(self, app, bounds):
        return served(app, self.cert, self.key, None, bounds)

    def connect(self, port):
        plain = socket.create_connection(("127.0.0.1", port), timeout=FOR_EVER)
        return self.context.wrap_socket(plain, server_hostname="localhost") if self.context else plain

    def get(self, port, path="/"):
        scheme = "https" if self.context else "http"
        with httpx.Client(verify=self.context or False, trust_env=False, timeout=FOR_EVER) as client:
            return client.get(f"{scheme}://127.0.0.1:{port}{path}")


def is_closed(connection):
    """Wait until the other side closes."""
    try:
        return connection.recv(1) == b""
    except (ConnectionResetError, ssl.SSLEOFError):
        return True


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00\x01\x00"], ids=["nothing", "half a hello"])
def test_a_handshake_that_does_not_end_is_ended(certificates, said):
    with ExitStack() as held:
        port = held.enter_context(served(App(), *certificates[:2], bounds=SOON))
        half = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=FOR_EVER))
        half.sendall(said)

        assert is_closed(half)


@pytest.mark.slow
@pytest.mark.parametrize("said", [b"", GET, POST], ids=["nothing", "half a head", "a head, and no body"])
def test_a_request_that_does_not_come_whole_is_not_waited_for(door, said):
    with door.served(App(), SOON) as port, door.connect(port) as half:
        half.sendall(said)

        assert is_closed(half)


@pytest.mark.slow
@pytest.mark.parametrize("begun", [GET, POST], ids=["head", "body"])
def test_nor_one_that_comes_a_byte_at_a_time(door, begun):
    with door.served(App(), SOON) as port, door.connect(port) as slow:
        slow.sendall(begun)
        slow.settimeout(0.1)
        closed = False
        for _ in range(10 * FOR_EVER):
            try:
                slow.sendall(b"a")
                closed = is_closed(slow)
            except TimeoutError:
                continue
            except OSError:
                closed = True
            if closed:
                break

        assert closed


@pytest.mark.slow
def test_an_answer_that_is_not_read_is_kept_for_nobody(door):
    app = App()
    with door.served(app, SOON) as port, door.connect(port) as deaf:
        deaf.sendall(GET.replace(b" / ", b" /large ") + b"\r\n")

        assert app.left.wait(FOR_EVER)


@pytest.mark.slow
def test_what_takes_the_hub_long_is_answered_all_the_same(door):
    with door.served(App(), SOON) as port:
        assert 200 == door.get(port, "/slow").status_code


def test_one_that_waits_for_its_client_makes_room_for_one_that_asks(door):
    with door.served(App(), Bounds(patience=FOR_EVER, most=3)) as port, ExitStack() as held:
        half = [held.enter_context(socket.create_connection(("127.0.0.1", port), FOR_EVER)) for _ in range(3)]

        assert 200 == door.get(port).status_code
        assert is_closed(half[0])


def test_one_that_is_being_answered_makes_room_for_nobody(door):
    app = App()
    with door.served(app, Bounds(patience=FOR_EVER, most=2)) as port, ExitStack() as held:
        asked = [held.enter_context(door.connect(port)) for _ in range(2)]
        for each in asked:
            each.sendall(GET.replace(b" / ", b" /held ") + b"\r\n")
        for _ in asked:
            assert app.asked.acquire(timeout=FOR_EVER)
        with pytest.raises(httpx.TransportError):
            door.get(port)
        app.go_on.set()

        assert [b"HTTP/1.1 200"] * 2 == [each.recv(12) for each in asked]


def test_nobody_takes_all_files_a_process_may_open_before_they_are_counted():
    assert MOST + configured(App(), None, None, None).backlog < 1024 - 200


def test_before_sign_in_one_address_uses_up_what_it_may_ask_and_another_may_ask_still(live):
    """Behind a proxy that says whence; a token of a system is asked for as a sign-in is."""
    live.app.state.whence = Whence("X-Forwarded-For")
    browser = live.browser()

    def asked(from_):
        said = {"x-forwarded-for": from_}
        return {
            browser.get("/sign-in", headers=said).status_code,
            browser.post("/v1/token", data={"grant_type": "none"}, headers=said).status_code,
        }

    first = [asked("192.0.2.1") for _ in range(int(STRANGER.burst))]

    assert {429} == first[-1]
    assert {200, 401} == asked("192.0.2.2")


def test_whence_a_proxy_says_somebody_came_is_believed_only_where_the_header_is_named(tmp_path):
    assert load(tmp_path, {}).proxy_header is None
    assert "X-Real-IP" == load(tmp_path, {"HUB_PROXY_HEADER": "X-Real-IP"}).proxy_header


def test_the_bounds_are_settings(tmp_path):
    assert Bounds(PATIENCE, MOST) == load(tmp_path, {}).bounds
    assert Bounds(5.0, 60) == load(tmp_path, {"HUB_PATIENCE": "5", "HUB_CONNECTIONS": "60"}).bounds
