"""Sign-in from a command line: the browser comes back to a port of this very machine (RFC 8252)."""

import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

from hub.errors import Unavailable
from hub.identity.oidc import Client
from hub.identity.tokens import Proven

WAITS = 300.0
BACK = "/back"
SAYS = b"You are signed in at the command line. You can close this window."


def sign_in(client: Client, show: Callable[[str], None], max_age: int | None = None) -> Proven:
    """Show an address to open in a browser, and wait until it comes back.

    Raises Unavailable where nobody does within five minutes; NotBelieved.
    """
    with _Listening(("127.0.0.1", 0), _Answering) as server:
        back = f"http://127.0.0.1:{server.server_address[1]}{BACK}"
        begun = client.begin(back, max_age)
        show(begun.url)
        until = time.monotonic() + WAITS
        while server.answered is None:
            server.timeout = until - time.monotonic()
            if server.timeout <= 0:
                raise Unavailable("nobody signed in within five minutes")
            server.handle_request()
    return client.finish(begun, server.answered)


class _Listening(HTTPServer):
    answered: Mapping[str, str] | None = None


class _Answering(BaseHTTPRequestHandler):
    server: _Listening
    server_version, sys_version = "hub", ""
    timeout = 10

    def do_GET(self) -> None:
        """Take what the browser brings back, once."""
        there = urlsplit(self.path)
        found = there.path == BACK
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(SAYS) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(SAYS)
            self.server.answered = dict(parse_qsl(there.query))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
        """The address holds a code: it is written nowhere."""
