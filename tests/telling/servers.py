"""A real mail server and a real receiver of webhooks on this machine, which can be told to refuse."""

import base64
import hashlib
import hmac
import ssl
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

SECRET = "a-secret-of-at-least-24-characters"
PASSWORD = "the-mail-server's-password"
ADDRESS = "front-door@example.invalid"


class Mailbox:
    """What the mail server took; `refuses`: the answer it gives instead, for recipients or for messages."""

    def __init__(self):
        self.mails, self.refuses_rcpt, self.refuses_data = [], None, None

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 — the library's
        if self.refuses_rcpt:
            return self.refuses_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 — likewise
        if self.refuses_data:
            return self.refuses_data
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((tuple(envelope.rcpt_tos), mail))
        return "250 taken"


def _signs_in(server, session, envelope, mechanism, data):
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


@contextmanager
def mail_server(certified=None, *, tls=False, port=0):
    """Yields the mailbox and the port. With a certificate: STARTTLS and a sign-in, or TLS alone."""
    box, more = Mailbox(), {}
    if certified:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certified.certificate, certified.key)
        asks = {"authenticator": _signs_in, "auth_required": True, "require_starttls": True}
        more = {"ssl_context": trust} if tls else {"tls_context": trust, **asks}
    controller = _Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60, **more)
    controller.start()
    try:
        yield box, controller.server.sockets[0].getsockname()[1]
    finally:
        controller.stop()


class _Controller(Controller):
    def _trigger_server(self):
        """The library knocks on the port it was given: find the one that was taken instead of 0."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Received:
    """What the webhook's receiver took, checked as the specification says; `answers` is its status."""

    def __init__(self):
        self.bodies, self.ids, self.seen, self.answers = [], [], 0, 204


@contextmanager
def webhook_server(certified=None, port=0):
    """Yields what was received and the address to post to."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            received.seen += 1
            status = received.answers if _genuine(self.headers, body) else 401
            if status < 300 and self.headers["webhook-id"] not in received.ids:
                received.ids.append(self.headers["webhook-id"])
                received.bodies.append(body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if certified:
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certified.certificate, certified.key)
        server.socket = trust.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scheme = "https" if certified else "http"
    try:
        yield received, f"{scheme}://127.0.0.1:{server.server_port}/hook"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _genuine(headers, body):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mark = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], f"v1,{mark}")


@pytest.fixture
def mails():
    """A mail server's box, and its port."""
    with mail_server() as found:
        yield found


def names(desk, port, *whom, of=(), url=""):
    """Write who is told: each by mail, of some kinds or all; the last by webhook too, if there is one."""
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "hub@example.invalid"\n'
    kinds = f"of = {list(of)}\n" if of else ""
    to = "".join(f'[to."{name}"]\n{kinds}email = ["{name}.{ADDRESS}"]\n' for name in whom)
    if url:
        secret = desk.settings.data / "secret"
        secret.write_text(SECRET)
        to += f'webhook = {{ url = "{url}", secret_file = "{secret}" }}\n'
    (desk.settings.data / "telling.toml").write_text(f'address = "https://hub.example.invalid"\n{smtp}{to}')
