"""How the hub asks a provider: what it remembers, how it proves itself, what it will not follow or read."""

import json
import secrets
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwk

from hub.errors import Unavailable
from hub.identity import oidc
from hub.identity.oidc import AGAIN, REMEMBERED, Client
from hub.identity.providers import Provider
from hub.identity.tokens import NotBelieved
from tests.identity.certificates import Authority
from tests.identity.conftest import Ticking
from tests.identity.provider import CLIENT
from tests.identity.test_hostile_sign_in import client_of, proven

BACK = "http://127.0.0.1:1/b"


@contextmanager
def answering(answer):
    """An address of this machine at which `answer` has the request's handler."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    Thread(target=lambda: server.serve_forever(0.02), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def asked(police, monkeypatch):
    """How often the provider was asked what it is."""
    times, real = [], police.description
    monkeypatch.setattr(police, "description", lambda: times.append(1) or real())
    return times


def test_what_a_provider_says_of_itself_and_its_keys_are_asked_for_again_after_an_hour(police, asked):
    clock = Ticking()
    client, police.fetched_keys = client_of(police, clock=clock), 0

    def signs_in_after(seconds):
        clock.now += seconds
        assert "ann@example.invalid" == proven(client, client.begin(BACK), police).subject
        return len(asked), police.fetched_keys

    assert [(1, 1), (1, 1), (2, 2)] == [signs_in_after(seconds) for seconds in (0, REMEMBERED, 1)]


def test_a_provider_that_changed_its_keys_is_asked_for_them_again_after_half_a_minute_and_not_before(police):
    clock, before = Ticking(), police.key
    client, police.fetched_keys = client_of(police, clock=clock), 0
    proven(client, client.begin(BACK), police)
    police.key = jwk.generate_key("EC", "P-256", {"kid": "two"}, private=True)
    police.published = [police.key]
    police.spoil = lambda claims, header: (claims, header | {"kid": "two"}, police.key)
    try:
        clock.now += AGAIN - 1
        with pytest.raises(NotBelieved):
            proven(client, client.begin(BACK), police)
        early = police.fetched_keys
        clock.now += 1
        assert "ann@example.invalid" == proven(client, client.begin(BACK), police).subject
    finally:
        police.key, police.published = before, [before]

    assert (1, 2) == (early, police.fetched_keys)


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_issuer_is_named_as_it_names_itself_with_its_slash_or_without(police, slash):
    police.answers = {"issuer": f"{police.issuer}{slash}"}
    client = client_of(police, issuer=f"{police.issuer}{slash}")

    assert client.begin(BACK).url.startswith(f"{police.issuer}/authorize?")


def test_an_address_that_asks_something_already_is_asked_the_more(police):
    police.answers = {"authorization_endpoint": f"{police.issuer}/authorize?tenant=one"}
    client = client_of(police)
    begun = client.begin(BACK)

    assert begun.url.startswith(f"{police.issuer}/authorize?tenant=one&response_type=code")
    assert "ann@example.invalid" == proven(client, begun, police).subject


@pytest.mark.parametrize(
    ("end", "there"),
    [
        ("https://login.example/out", "https://login.example/out"),
        ("http://elsewhere.example/out", None),
        (7, None),
        (None, None),
    ],
)
def test_where_a_providers_own_session_ends_is_told_where_it_is_an_address(police, end, there):
    police.answers = {"end_session_endpoint": end}
    client = client_of(police)
    assert client.end_session_address() is None  # it was not asked yet
    client.begin(BACK)

    assert there == client.end_session_address()


@pytest.mark.parametrize("knows", [["plain"], [], None, 7, {}])
def test_what_a_provider_says_of_pkce_that_is_no_list_with_s256_is_refused_in_one_line(police, knows):
    police.answers = {"code_challenge_methods_supported": knows}

    with pytest.raises(Unavailable, match="PKCE"):
        client_of(police).begin(BACK)


def test_a_provider_that_says_nothing_of_pkce_is_asked_with_it(police, monkeypatch):
    real = police.description
    said = {name: value for name, value in real().items() if name != "code_challenge_methods_supported"}
    monkeypatch.setattr(police, "description", lambda: said)
    client = client_of(police)

    assert "ann@example.invalid" == proven(client, client.begin(BACK), police).subject
    assert "S256" == police.asked[-1]["code_challenge_method"]


@pytest.mark.parametrize("says", [False, None, "true"])
def test_a_provider_that_does_not_say_whose_its_answers_are_need_not_and_may_not_be_another(police, says):
    police.answers = {"authorization_response_iss_parameter_supported": says}
    client = client_of(police)
    begun = client.begin(BACK)
    with pytest.raises(NotBelieved, match="another provider's"):
        client.finish(begun, {"state": begun.state, "code": "x", "iss": "https://elsewhere.example"})
    with pytest.raises(
        NotBelieved, match="refused the sign-in"
    ):  # by the provider: it does not know the code
        client.finish(begun, {"state": begun.state, "code": "x"})


def of_kind(kind):
    how = {"RSA": 2048, "EC": "P-256", "OKP": "Ed25519"}[kind]
    return jwk.generate_key(kind, how, {"kid": "ours"}, private=True)


@pytest.mark.parametrize("kind", ["RSA", "EC", "OKP"])
def test_the_hub_proves_itself_by_a_key_of_each_kind_and_says_which_each_time_anew(police, tmp_path, kind):
    key, file = of_kind(kind), tmp_path / "client.jwk"
    file.write_text(json.dumps(key.as_dict(private=True)))
    file.chmod(0o600)
    police.client_key = key
    said = {"name": "police", "title": "Police", "agency": "police", "client_id": CLIENT}
    provider = Provider(issuer=police.issuer, private_key_file=file, **said)
    client = Client(provider, lambda: secrets.token_urlsafe(32))

    for _ in range(2):  # a conforming provider takes no assertion twice
        assert "ann@example.invalid" == proven(client, client.begin(BACK), police).subject


@pytest.mark.parametrize("said", [{}, {"keys": 7}, {"keys": ["x"]}, {"keys": [{"kty": "EC"}]}], ids=str)
def test_keys_that_cannot_be_read_are_said_to_be_and_nobody_is_let_in(police, monkeypatch, said):
    monkeypatch.setattr(police, "keys", lambda: said)
    client = client_of(police)

    with pytest.raises(Unavailable, match="keys cannot be read"):
        proven(client, client.begin(BACK), police)


def test_a_key_that_is_not_published_for_signatures_verifies_none(police):
    before = police.key
    police.key = jwk.generate_key("EC", "P-256", {"kid": "other", "use": "enc"}, private=True)
    police.published = [before, police.key]
    police.spoil = lambda claims, header: (
        claims,
        header | {"kid": "other"},
        jwk.import_key({k: v for k, v in police.key.as_dict(private=True).items() if k != "use"}),
    )
    client = client_of(police)
    try:
        with pytest.raises(NotBelieved, match="not signed by the provider"):
            proven(client, client.begin(BACK), police)
    finally:
        police.key, police.published = before, [before]


def test_a_secret_among_a_providers_keys_does_not_keep_the_others_from_being_used(police, monkeypatch):
    real = police.keys
    secret = jwk.generate_key("oct", 256, {"kid": "secret"}).as_dict(private=True)
    monkeypatch.setattr(police, "keys", lambda: {"keys": [secret, *real()["keys"]]})
    client = client_of(police)

    assert "ann@example.invalid" == proven(client, client.begin(BACK), police).subject
    assert ["one"] == [key.kid for key in client._key_set().keys]


def test_a_provider_that_leads_elsewhere_is_not_followed(police):
    followed = []

    def leads(request):
        followed.append(request.path)
        request.send_response(302)
        request.send_header("Location", f"{police.issuer}/.well-known/openid-configuration")
        request.send_header("Content-Length", "0")
        request.end_headers()

    with answering(leads) as issuer, pytest.raises(Unavailable, match="as it should"):
        client_of(police, issuer=issuer).begin(BACK)
    assert ["/.well-known/openid-configuration"] == followed


def test_no_proxy_of_the_environment_sees_what_is_asked(police, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    assert client_of(police).begin(BACK).url.startswith(police.issuer)


def test_no_authority_of_the_environment_is_believed(tmp_path, monkeypatch):
    authority = Authority(tmp_path / "theirs")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    oidc._authorities.cache_clear()
    try:
        believed = oidc._authorities().get_ca_certs(binary_form=True)
    finally:
        oidc._authorities.cache_clear()

    assert believed
    assert authority.certificate.public_bytes(Encoding.DER) not in believed


@pytest.mark.parametrize("a_second", [None, 20])
def test_an_answer_without_end_or_that_trickles_is_left(police, monkeypatch, a_second):
    monkeypatch.setattr(oidc, "TIMEOUT", 0.4 if a_second else 5.0)

    def endless(request):
        request.send_response(200)
        request.end_headers()
        with suppress(OSError):
            while True:
                request.wfile.write(b" " * (1 if a_second else 65_536))
                time.sleep(1 / a_second if a_second else 0)

    with answering(endless) as issuer, pytest.raises(Unavailable, match="more, or more slowly"):
        client_of(police, issuer=issuer).begin(BACK)


def saying(status, body):
    def answer(request):
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", Unavailable),
        (503, b"busy", Unavailable),
        (400, b"{}", NotBelieved),
        (404, b"<html>", NotBelieved),
        (201, b"{}", NotBelieved),
        (200, b"[]", NotBelieved),
        (200, b"no JSON", NotBelieved),
        (200, b"[" * 100_000, NotBelieved),
    ],
)
def test_only_an_object_with_200_is_an_answer_and_a_fault_of_the_provider_is_said_to_be_one(
    police, status, body, why
):
    with answering(saying(status, body)) as issuer, pytest.raises(why):
        client_of(police, issuer=issuer).begin(BACK)


def test_what_is_as_long_as_may_be_read_is_read_and_one_byte_more_is_not(police):
    def described(issuer):
        said = {**police.description(), "issuer": issuer}
        body = json.dumps(said).encode()
        return body + b" " * (oidc.LARGEST - len(body))

    def begins(more):
        issuer = []

        def answer(request):
            saying(200, described(*issuer) + more)(request)

        with answering(answer) as there:
            issuer.append(there)
            return client_of(police, issuer=there).begin(BACK).provider

    assert 256 * 1024 == oidc.LARGEST
    assert "police" == begins(b"")
    with pytest.raises(Unavailable, match="more, or more slowly"):
        begins(b" ")
