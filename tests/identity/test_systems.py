"""Partners' systems prove who they are with their own keys, and read as a role of their agency."""

import base64
import ssl
import time
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from joserfc import jwk
from typer.testing import CliRunner

from hub.__main__ import app as command
from hub.domain.child import By
from hub.identity.systems import Systems
from hub.web.sessions import NotSignedIn
from hub.web.system_tokens import NoToken
from schemas.system_access import LONGEST, TOKEN_LASTS, public_key
from tests.identity.assertions import asked, key_pair
from tests.identity.certificates import Authority
from tests.identity.conftest import ADMIN, PUBLIC, adopt_without_officers, problem_of
from tests.identity.over_tls import served
from tests.web.conftest import Asking
from tests.web.test_gates_api import GRAVE

AUDIENCE = f"{PUBLIC}/v1/token"
KEY = key_pair()
SECRET = jwk.import_key({"kty": "oct", "k": KEY.as_dict(private=False)["x"]})
NAME = "police-crm"


class Program(Asking):
    base = PUBLIC


@pytest.fixture
def systems(live):
    found = Systems(live.hub.records, live.hub.policy)
    found.admit(NAME, "police-officer", public(KEY), b"", None, ADMIN, "agreement of 2026")
    return found


def public(key):
    return public_key(key.as_pem(private=False).decode())


def token(live, **how):
    return Program(live.app).post("/v1/token", data=asked(KEY, NAME, AUDIENCE, **how))


def search(live, held):
    body = {"purpose": "section-47", "identifier": {"system": "nhs-number", "value": "944 930 5552"}}
    return Program(live.app, authorization=f"Bearer {held}").post("/v1/children/search", json=body)


def test_a_system_that_signed_with_its_key_reads_as_its_role(live, systems):
    given = token(live)
    held = given.json()["access_token"]

    assert (200, "Bearer", 300) == (
        given.status_code,
        given.json()["token_type"],
        given.json()["expires_in"],
    )
    assert 404 == search(live, held).status_code  # it may ask, and nobody is known
    assert 401 == search(live, held[:-1] + "x").status_code


def claimed(said):
    middle = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    return asked(KEY, NAME, AUDIENCE, form={"client_assertion": f"e30.{middle}.AAAA"})


REFUSED = {
    "another's key": lambda: asked(key_pair(), NAME, AUDIENCE),
    "another's name": lambda: asked(KEY, "health-crm", AUDIENCE),
    "another audience": lambda: asked(KEY, NAME, "https://elsewhere.example/v1/token"),
    "no audience": lambda: asked(KEY, NAME, AUDIENCE, aud=None),
    "an issuer that is not the subject": lambda: asked(KEY, NAME, AUDIENCE, iss="another"),
    "expired": lambda: asked(KEY, NAME, AUDIENCE, exp=int(time.time()) - 60),
    "never expires": lambda: asked(KEY, NAME, AUDIENCE, exp=None),
    "good for too long": lambda: asked(KEY, NAME, AUDIENCE, exp=int(time.time()) + 2 * LONGEST),
    "no id of its own": lambda: asked(KEY, NAME, AUDIENCE, jti=None),
    "unsigned": lambda: asked(jwk.generate_key("oct", 256), NAME, AUDIENCE, algorithm="none"),
    "a secret": lambda: asked(
        jwk.import_key({"kty": "oct", "k": KEY.as_dict(private=False)["x"]}), NAME, AUDIENCE, "HS256"
    ),
    "another grant": lambda: asked(KEY, NAME, AUDIENCE, form={"grant_type": "password"}),
    "no assertion": lambda: asked(KEY, NAME, AUDIENCE, form={"client_assertion": None}),
    "nests deeper than is read": lambda: claimed("[" * 30_000),
    "half a character for a name": lambda: claimed('{"sub": "\\ud800"}'),
    "no JWT": lambda: asked(KEY, NAME, AUDIENCE, form={"client_assertion": "a.b.c"}),
    "another client": lambda: asked(KEY, NAME, AUDIENCE, form={"client_id": "another"}),
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_request_that_proves_nothing_is_refused_and_not_told_why(live, systems, how):
    answer = Program(live.app).post("/v1/token", data=REFUSED[how]())

    assert 401 == answer.status_code
    assert {"type", "title", "status"} == set(problem_of(answer))


def test_an_assertion_is_good_once(live, systems):
    request = asked(KEY, NAME, AUDIENCE)
    program = Program(live.app)

    assert [200, 401] == [program.post("/v1/token", data=request).status_code for _ in range(2)]


def test_a_token_lasts_five_minutes_and_ends_at_once_where_its_system_is_dismissed_or_admitted_anew(
    live, systems
):
    held = token(live).json()["access_token"]
    live.clock.now += TOKEN_LASTS + 1
    assert 401 == search(live, held).status_code

    held = token(live).json()["access_token"]
    systems.admit(NAME, "intelligence-officer", public(KEY), b"", None, ADMIN, "another role")
    assert 401 == search(live, held).status_code

    held = token(live).json()["access_token"]
    systems.dismiss(NAME, ADMIN, "the agreement ended")
    assert 401 == search(live, held).status_code
    assert 401 == token(live).status_code


def test_a_systems_calendar_ends_where_it_is_dismissed_or_admitted_anew(live, systems):
    def opened():
        program = Program(live.app, authorization=f"Bearer {token(live).json()['access_token']}")
        return program.post("/v1/calendar", json={"purpose": "section-47"}).json()["data"]["path"]

    first, answers = opened(), lambda path: live.browser().get(path).status_code
    before = answers(first)
    systems.admit(NAME, "intelligence-officer", public(KEY), b"", None, ADMIN, "another role")
    admitted_anew, second = answers(first), opened()
    systems.dismiss(NAME, ADMIN, "the agreement ended")

    assert (200, 404, 404) == (before, admitted_anew, answers(second))


def test_a_systems_token_is_no_session_of_a_browser(live, systems):
    held = token(live).json()["access_token"]
    browser = live.browser()
    browser.cookies.set("__Host-hub-session", held, domain="hub.example", path="/")

    assert 303 == browser.get("/children/find").status_code


def test_a_system_does_none_of_the_acts_that_a_named_person_answers_for(live, systems):
    program = Program(live.app, authorization=f"Bearer {token(live).json()['access_token']}")
    answers = [program.post(f"/v1/{path.format(id=uuid4())}", json=body) for path, body in GRAVE]

    assert {(401, 'Bearer error="insufficient_user_authentication"')} == {
        (answer.status_code, answer.headers["www-authenticate"]) for answer in answers
    }


def test_what_a_system_is_shown_stands_under_its_name(live, systems):
    assert (
        "system:police-crm"
        == live.app.state.vouching.program(
            token(live).json()["access_token"], None, live.app.state.sessions
        ).person
    )


@pytest.mark.parametrize("kind", ["private", "secret", "weak", "text"])
def test_only_a_public_key_that_is_strong_enough_is_admitted(live, tmp_path, kind):
    path = tmp_path / "key"
    path.write_bytes(
        {
            "private": KEY.as_pem(private=True),
            "secret": b'{"kty": "oct", "k": "c2VjcmV0"}',
            "weak": weak_rsa(),
            "text": b"-----BEGIN NONSENSE-----",
        }[kind]
    )
    words = ["systems", "admit", NAME, "--role", "police-officer", "--key", str(path), "--reason", "x"]
    result = CliRunner().invoke(command, ["--data", str(live.hub.settings.data), *words])

    assert "cannot be used" in str(result.exception)


def weak_rsa():
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.slow
def test_over_mutual_tls_a_token_is_good_with_its_own_certificate_alone(live, lead, tmp_path):
    authority, stranger = Authority(tmp_path / "ca"), Authority(tmp_path / "stranger")
    cert, key, _ = authority.issue("server")
    ours = authority.issue("police-crm")
    anothers = authority.issue("health-crm")
    (tmp_path / "key.pem").write_bytes(KEY.as_pem(private=False))
    admit = [
        *("systems", "admit", NAME, "--role", "police-officer", "--reason", "agreement"),
        *("--key", str(tmp_path / "key.pem"), "--certificate", str(ours[0])),
    ]
    data = ["--data", str(live.hub.settings.data)]
    assert 0 == CliRunner().invoke(command, [*data, *admit]).exit_code
    assert NAME in CliRunner().invoke(command, [*data, "systems", "list"]).output

    def client(with_=None):
        context = ssl.create_default_context(cafile=authority.file)
        if with_:
            context.load_cert_chain(with_[0], with_[1])
        return httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False, timeout=60)

    with served(live.app, cert, key, authority.file) as port:
        with client(ours) as ok, client(anothers) as other, client() as bare:
            assert [401, 401] == [
                c.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)).status_code for c in (other, bare)
            ]
            held = ok.post("/v1/token", data=asked(KEY, NAME, AUDIENCE)).json()["access_token"]
            body = {"purpose": "section-47", "identifier": {"system": "nhs-number", "value": "944 930 5552"}}
            answers = [
                c.post("/v1/children/search", json=body, headers={"authorization": f"Bearer {held}"})
                for c in (ok, other, bare)
            ]
            page = bare.get("/health/live")
        with client(stranger.issue("police-crm")) as forged, pytest.raises(httpx.TransportError):
            forged.get("/health/live")

    assert [404, 401, 401] == [a.status_code for a in answers]
    assert "max-age=63072000" in page.headers["strict-transport-security"]


def test_a_token_is_void_with_the_role_that_an_adopted_policy_has_no_more(at_once, live, systems):
    held = token(live).json()["access_token"]
    assert 404 == search(live, held).status_code
    adopt_without_officers(live)

    assert [401, 401] == [search(live, held).status_code, token(live).status_code]


def test_a_system_that_was_admitted_with_a_certificate_is_given_a_token_for_that_one_alone(live):
    systems = Systems(live.hub.records, live.hub.policy)
    ours, anothers = b"ours".ljust(32), b"anothers".ljust(32)
    systems.admit(NAME, "police-officer", public(KEY), ours, None, ADMIN, "agreement of 2026")
    tokens, sessions = live.app.state.vouching.systems, live.app.state.sessions
    for certificate in (anothers, None):
        with pytest.raises(NoToken):
            tokens.give(asked(KEY, NAME, AUDIENCE), certificate)
    held = tokens.give(asked(KEY, NAME, AUDIENCE), ours)
    for certificate in (anothers, None):
        with pytest.raises(NotSignedIn):
            live.app.state.vouching.program(held, certificate, sessions)

    assert By("system:police-crm", "police-officer", "police") == live.app.state.vouching.program(
        held, ours, sessions
    )


def test_a_system_admitted_until_a_time_reads_until_then_and_is_given_no_token_after(live):
    systems = Systems(live.hub.records, live.hub.policy)
    until = live.hub.clock() + timedelta(seconds=2)
    systems.admit(NAME, "police-officer", public(KEY), b"", until, ADMIN, "agreement of 2026")
    held = token(live).json()["access_token"]
    before = search(live, held).status_code
    while live.hub.clock() < until:
        time.sleep(0.05)

    assert (404, 401, 401) == (before, search(live, held).status_code, token(live).status_code)


def test_a_system_asks_sixty_times_at_once_and_no_more(live, systems):
    held = token(live).json()["access_token"]
    answers = [search(live, held).status_code for _ in range(61)]

    assert ([404] * 60, 429) == (answers[:60], answers[60])


def test_a_system_that_is_dismissed_while_it_proves_who_it_is_is_given_no_token(live, systems, monkeypatch):
    assertions = live.app.state.vouching.systems._assertions
    real = assertions.believe

    def meanwhile(*said):
        name = real(*said)
        systems.dismiss(name, ADMIN, "the agreement ended")
        return name

    monkeypatch.setattr(assertions, "believe", meanwhile)

    assert 401 == token(live).status_code


def test_the_document_says_how_a_system_asks_for_a_token_and_what_it_is_answered(live):
    document = Program(live.app).get("/v1/openapi.json").json()
    said, honest = document["paths"]["/v1/token"]["post"], asked(KEY, NAME, AUDIENCE)
    (kind,) = said["requestBody"]["content"]
    schema = said["requestBody"]["content"][kind]["schema"]
    constants = {name: of["const"] for name, of in schema["properties"].items() if "const" in of}
    texts = {name for name, of in schema["properties"].items() if of == {"type": "string"}}
    answer = said["responses"]["200"]["content"]["application/json"]["schema"]

    assert (True, "application/x-www-form-urlencoded", "object") == (
        said["requestBody"]["required"],
        kind,
        schema["type"],
    )
    assert set(honest) == set(schema["required"])
    assert {name: honest[name] for name in ("grant_type", "client_assertion_type")} == constants
    assert {"client_assertion", "client_id"} == texts
    assert {"$ref": "#/components/schemas/Token"} == answer
    assert "A token for five minutes." == said["responses"]["200"]["description"]
    assert {"access_token", "token_type", "expires_in"} == set(
        document["components"]["schemas"]["Token"]["properties"]
    )
    assert {"200", "401", "403", "413", "415", "429"} <= set(said["responses"])
    assert ["sign-in"] == said["tags"]
