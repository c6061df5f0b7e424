"""Where the bus is: one address and its sign-in, refused where it makes no sense, never showing a secret."""

import json
import ssl
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from schemas.bus_access import BusMisdescribed, read_access


def access(tmp_path=None, **said):
    return read_access(
        {}, {f"HUB_BUS_{k.upper()}" if k != "bus" else "HUB_BUS": str(v) for k, v in said.items()}
    )


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text("CANARY\n")
    return file


def test_nothing_said_is_the_embedded_bus():
    assert None is read_access({"host": "127.0.0.1"}, {"HUB_DATA": "x"})


def test_an_address_names_servers_and_a_namespace():
    found = access(bus="kafka://one:9092,two,three:19092/north")

    assert ("one:9092", "two:9092", "three:19092") == found.servers
    assert "north.safeguarding.police.v1" == found.on_bus("safeguarding.police.v1")
    assert {
        "bootstrap_servers": list(found.servers),
        "security_protocol": "PLAINTEXT",
    } == found.client_config()


def test_without_a_namespace_topics_have_their_plain_names():
    assert "safeguarding.police.v1" == access(bus="kafka://one").on_bus("safeguarding.police.v1")


def test_the_environment_goes_before_the_file():
    found = read_access({"bus": "kafka://file", "bus_compression": "zstd"}, {"HUB_BUS": "kafka://said"})

    assert (("said:9092",), "zstd") == (found.servers, found.compression)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"bus": "http://one"}, "bus: an address is kafka://"),
        ({"bus": "kafka://"}, "bus: an address is kafka://"),
        ({"bus": "kafka://one/a/b"}, "bus: a namespace is letters"),
        ({"bus": "kafka://me:CANARY@one"}, "an address carries no user and no password"),
        ({"user": "CANARY"}, "bus_… settings without bus"),
        ({"bus": "kafka://localhost", "user": "CANARY"}, "bus_user and bus_password_file go together"),
        (
            {"bus": "kafka://one", "user": "u", "password_file": "CANARY"},
            "a sign-in in clear to another machine",
        ),
        ({"bus": "kafka://one", "token_file": "CANARY"}, "a sign-in in clear to another machine"),
        ({"bus": "kafka://one", "cert": "CANARY"}, "bus_cert and bus_key go together"),
        ({"bus": "kafka://one", "compression": "CANARY"}, "bus_compression is one of"),
        ({"bus": "kafka://one", "session": "CANARY"}, "bus_session: "),
        ({"bus": "kafka+tls://one", "token_url": "https://CANARY"}, "bus_token_url needs bus_client_id"),
        (
            {
                "bus": "kafka+tls://one",
                "token_url": "http://CANARY",
                "client_id": "c",
                "client_secret_file": "f",
            },
            "bus_token_url is https://",
        ),
        (
            {"bus": "kafka+tls://one", "token_file": "CANARY", "user": "u", "password_file": "f"},
            "one sign-in only",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_that_repeats_nothing(said, words):
    with pytest.raises(BusMisdescribed) as refused:
        access(**said)

    assert words in str(refused.value)
    assert "CANARY" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_is_read_from_its_file_when_a_client_is_made_and_shown_nowhere(secret):
    found = access(bus="kafka+tls://one", user="police", password_file=secret)

    assert "CANARY" == found.client_config()["sasl_plain_password"]
    assert ("SASL_SSL", "SCRAM-SHA-512") == (
        found.client_config()["security_protocol"],
        found.client_config()["sasl_mechanism"],
    )
    assert "CANARY" not in f"{found!r}{found}{found.model_dump_json()}"


def test_tls_checks_the_brokers_name_and_certificate():
    context = access(bus="kafka+tls://one").client_config()["ssl_context"]

    assert (True, ssl.CERT_REQUIRED) == (context.check_hostname, context.verify_mode)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("name", ["ca", "cert"])
def test_a_certificate_that_is_none_is_named_and_not_shown(secret, name):
    files = {"ca": secret} if name == "ca" else {"cert": secret, "key": secret}

    with pytest.raises(BusMisdescribed, match="bus_ca, bus_cert or bus_key") as refused:
        access(bus="kafka+tls://one", **files).client_config()

    assert "CANARY" not in str(refused.value)


def test_a_secret_that_is_missing_is_named(tmp_path):
    found = access(bus="kafka+tls://one", user="police", password_file=tmp_path / "none")

    with pytest.raises(BusMisdescribed, match=r"bus_password_file: .*none cannot be read"):
        found.client_config()


def test_a_token_file_is_read_anew_each_time(tmp_path):
    file = tmp_path / "token"
    file.write_text("first\n")
    token = access(bus="kafka+tls://one", token_file=file).token_source(lambda: 0.0)

    before = token()
    file.write_text("second\n")

    assert ("first", "second") == (before, token())


class Endpoint(BaseHTTPRequestHandler):
    """Answers every request with the next token, and keeps what it was asked."""

    asked: ClassVar[list[tuple[str, str]]]
    answers: ClassVar[list[tuple[int, str]]]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).asked.append((self.headers["Authorization"], body))
        code, answer = type(self).answers.pop(0)
        self.send_response(code)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def endpoint():
    class Own(Endpoint):
        pass

    Own.asked = []
    Own.answers = [(200, json.dumps({"access_token": f"token-{n}", "expires_in": 100})) for n in (1, 2)]
    with HTTPServer(("127.0.0.1", 0), Own) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield Own, f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()
        thread.join()


def test_client_credentials_are_asked_for_once_in_most_of_a_tokens_life(endpoint, secret):
    own, url = endpoint
    now = [0.0]
    found = access(
        bus="kafka+tls://one", token_url=url, client_id="hub", client_secret_file=secret, token_scope="bus"
    )
    token = found.token_source(lambda: now[0])

    first, again = token(), token()
    now[0] = 81.0
    later = token()

    assert ("token-1", "token-1", "token-2") == (first, again, later)
    assert b"hub:CANARY" == b64decode(own.asked[0][0].removeprefix("Basic "))
    assert "grant_type=client_credentials&scope=bus" == own.asked[0][1]


@pytest.mark.parametrize("answer", [(500, "CANARY"), (200, "CANARY"), (200, "{}"), (200, "[]")])
def test_an_endpoint_without_a_token_is_said_and_its_answer_is_not(endpoint, secret, answer):
    own, url = endpoint
    own.answers[:] = [answer]
    found = access(bus="kafka+tls://one", token_url=url, client_id="hub", client_secret_file=secret)

    with pytest.raises(BusMisdescribed) as refused:
        found.token_source(lambda: 0.0)()

    assert "bus_token_url gave no token" == str(refused.value)
