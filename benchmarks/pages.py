"""Time to the first byte of a 500-entry chronology as a page, against the function that produces it."""

import http.client
import socket
import threading
import time
from urllib.parse import urlencode

import uvicorn

from benchmarks.grounds import ground, middle, ratio, timed
from hub import compose
from hub.domain.child import By, allocate
from hub.sharing.look import Reader
from hub.web.app import create_app

TIMES = 15
READER = Reader(By("demo-social-worker", "social-worker", "social-care"), "section-47")
SAME = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


def main() -> None:
    """Measure and print: 500 entries against the target, 2,000 for what they take."""
    for entries, target in ((500, 2.0), (2000, "none")):
        with ground() as here:
            here.publish(entries, 1)
            with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
                while intake.step().read:
                    pass
                (child,) = hub.records.children()
                hub.records.act(child, lambda c: allocate(c, READER.by, None, READER.by))
                _measure(hub, child, entries, target)


def _measure(hub, child, entries, target) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(create_app(hub), log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    cookie = _ask(port, "POST", "/sign-in", {"role": "social-worker"})[1].partition(";")[0]
    _ask(port, "POST", f"/children/{child}/open", {"purpose": READER.purpose}, cookie)
    page, function, size = [], [], 0
    for _ in range(TIMES):
        function.append(timed(lambda: hub.share.chronology(READER, child)))
        first, _, size = _ask(port, "GET", f"/children/{child}/chronology", None, cookie)
        page.append(first)
    server.should_exit = True
    thread.join(10)
    took = f"first byte {middle(page) * 1e3:.1f} ms of {size // 1024} KiB"
    more = f"{took}, function {middle(function) * 1e3:.1f} ms"
    ratio(f"page-chronology-{entries}", middle(page) / middle(function), target, more=more)


def _ask(port, method, path, said, cookie=""):
    """Seconds to the first byte of the body, the cookie that was set, and how many bytes came."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = urlencode(said) if said else None
    begun = time.perf_counter()
    connection.request(method, path, body, {**SAME, "Cookie": cookie})
    answer = connection.getresponse()
    first = answer.read(1)
    taken = time.perf_counter() - begun
    rest = answer.read()
    connection.close()
    assert answer.status < 400, answer.status
    return taken, answer.headers.get("Set-Cookie", ""), len(first) + len(rest)


if __name__ == "__main__":
    main()
