"""What comes back from a provider is believed only where it proves something."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc import jwk, jwt

from hub.errors import Unavailable
from hub.identity import oidc
from hub.identity.oidc import AT_ONCE, Client
from hub.identity.providers import Provider, ProvidersInvalid, load
from hub.identity.tokens import NotBelieved
from tests.identity.conftest import PUBLIC, providers_file
from tests.identity.provider import CLIENT, IN_CLEAR
from tests.web.conftest import _loop

FOREIGN = jwk.generate_key("EC", "P-256", {"kid": "one"}, private=True)


def unsigned(claims):
    return jwt.encode({"alg": "none"}, claims, jwk.generate_key("oct"), ["none"])


def hmac_with_the_public_key(provider):
    """The oldest trick: the provider's public key as if it were a secret."""
    secret = jwk.import_key({"kty": "oct", "k": provider.key.as_dict(private=False)["x"]})
    return lambda claims, _: (claims, {"alg": "HS256", "kid": "one"}, secret)


def changed(provider, **how):
    return lambda claims, header: (
        {k: v for k, v in (claims | how).items() if v is not None},
        header,
        provider.key,
    )


NOW = int(time.time())
SPOILT = {
    "another issuer": lambda p: changed(p, iss="https://elsewhere.example"),
    "another audience": lambda p: changed(p, aud="another-client"),
    "a further audience": lambda p: changed(p, aud=[CLIENT, "another-client"]),
    "another authorised party": lambda p: changed(p, azp="another-client"),
    "no nonce": lambda p: changed(p, nonce=None),
    "another nonce": lambda p: changed(p, nonce="x" * 43),
    "expired": lambda p: changed(p, exp=NOW - 120),
    "never expires": lambda p: changed(p, exp=None),
    "issued in the future": lambda p: changed(p, iat=NOW + 3600),
    "issued long ago": lambda p: changed(p, iat=NOW - 3600),
    "not yet valid": lambda p: changed(p, nbf=NOW + 3600),
    "no subject": lambda p: changed(p, sub=None),
    "an empty subject": lambda p: changed(p, sub=""),
    "a subject that is no text": lambda p: changed(p, sub=7),
    "a subject without end": lambda p: changed(p, sub="x" * 256),
    "a time that is none": lambda p: changed(p, auth_time="yesterday"),
    "another's key": lambda _: lambda claims, header: (claims, header, FOREIGN),
    "an unknown key id": lambda p: lambda claims, header: (claims, header | {"kid": "two"}, p.key),
    "a secret for a signature": hmac_with_the_public_key,
    "no token at all": lambda _: lambda claims, header: (claims, header, "not.a.token"),
    "an empty token": lambda _: lambda claims, header: (claims, header, ""),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_token_that_proves_nothing_lets_nobody_in(live, police, how):
    live.grant("police", "police-officer")
    police.spoil = SPOILT[how](police)
    answer = live.browser().sign_in()

    assert 401 == answer.status_code
    assert "did not begin" not in answer.text
    assert "__Host-hub-session" not in str(answer.headers)
    assert "ann@example" not in answer.text


def back_with(browser, **changes):
    there = urlsplit(browser.provider_says("/sign-in/with/police"))
    query = {k: v for k, v in (dict(parse_qsl(there.query)) | changes).items() if v is not None}
    return browser.get(f"{there.path}?{urlencode(query)}")


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "x" * 43},
        {"state": "é" * 43},
        {"state": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"code": None},
        {"code": "guessed"},
        {"code": None, "error": "access_denied", "error_description": "<script>"},
    ],
    ids=str,
)
def test_an_answer_that_is_not_to_our_question_lets_nobody_in(live, changes):
    live.grant("police", "police-officer")
    answer = back_with(live.browser(), **changes)

    assert 401 == answer.status_code
    assert "<script>" not in answer.text


def test_an_answer_is_good_for_the_browser_that_asked_and_once(live):
    live.grant("police", "police-officer")
    browser, stranger = live.browser(), live.browser()
    there = browser.provider_says("/sign-in/with/police").removeprefix(PUBLIC)

    assert 401 == stranger.get(there).status_code
    assert 303 == browser.get(there).status_code
    assert 401 == browser.get(there).status_code


class Unspent(dict):
    """What a provider keeps of codes that takes each as often as it comes."""

    def pop(self, code, _):
        return self.get(code)


class Forgetful(set):
    """Of which codes were taken it remembers none."""

    def add(self, code):
        pass


@pytest.mark.parametrize("roles", [["police-officer"], ["police-officer", "intelligence-officer"]])
def test_an_answer_that_comes_many_times_at_once_is_taken_once_also_where_the_provider_takes_it_again(
    live, police, monkeypatch, roles
):
    for role in roles:
        live.grant("police", role)
    monkeypatch.setattr(police, "codes", Unspent())
    monkeypatch.setattr(police, "used", Forgetful())
    browser = live.browser()
    there = browser.provider_says("/sign-in/with/police").removeprefix(PUBLIC)
    answers = at_once(browser, "GET", there)
    if len(roles) > 1:
        assert [303, *[401] * 7] == sorted(each.status_code for each in answers)
        (back,) = (each for each in answers if each.status_code == 303)
        assert "/sign-in/role" == back.headers["location"]
        answers = at_once(browser, "POST", "/sign-in/role", data={"role": roles[1]})
    taken = [each for each in answers if each.headers.get("location") == "/"]

    assert 1 == len(taken) == len(live.app.state.sessions)
    assert {"/", None if len(roles) == 1 else "/sign-in"} == {e.headers.get("location") for e in answers}


def at_once(browser, method, path, **how):
    """The same browser asks the same eight times before any of it is answered."""

    async def ask():
        headers = {**browser.headers, "cookie": "; ".join(f"{n}={v}" for n, v in browser.cookies.items())}
        asked = (browser._client.request(method, path, headers=headers, **how) for _ in range(8))
        return await asyncio.gather(*asked)

    return _loop().call(ask)


def test_ten_minutes_after_it_was_begun_a_sign_in_is_over(live):
    live.grant("police", "police-officer")
    browser = live.browser()
    there = browser.provider_says("/sign-in/with/police").removeprefix(PUBLIC)
    live.clock.now += 601

    assert 401 == browser.get(there).status_code


def client_of(provider, clock=time.monotonic, **more):
    said = {"name": "police", "title": "Police", "agency": "police", "issuer": provider.issuer} | more
    numbers = iter(range(1000))
    return Client(Provider(client_id=CLIENT, **said), lambda: f"{next(numbers):043d}", time.time, clock)


def test_a_provider_that_describes_another_issuer_is_not_asked(police):
    police.answers = {"issuer": "https://elsewhere.example"}

    with pytest.raises(Unavailable, match="another issuer"):
        client_of(police).begin("http://127.0.0.1:8000/back")


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "there", ["http://elsewhere.example/", "file:///etc/passwd", "", "https://u:p@x.example/"]
)
def test_a_providers_addresses_are_https_or_of_this_machine(police, name, there):
    police.answers = {name: there}

    with pytest.raises(Unavailable, match="cannot be used"):
        client_of(police).begin("http://127.0.0.1:8000/back")


def test_a_provider_without_pkce_is_not_used(police):
    police.answers = {"code_challenge_methods_supported": ["plain"]}

    with pytest.raises(Unavailable, match="PKCE"):
        client_of(police).begin("http://127.0.0.1:8000/back")


def test_a_provider_that_is_away_is_said_in_one_line(live):
    live.app.state.vouching.clients["police"]._described = None
    gone = live.app.state.vouching.clients["police"]
    gone.provider = gone.provider.model_copy(update={"issuer": "http://127.0.0.1:9"})
    answer = live.browser().get("/sign-in/with/police")

    assert 503 == answer.status_code
    assert "cannot be reached" in answer.text


def test_who_signs_out_asks_no_provider_and_is_not_held_up_by_one_that_does_not_answer(live):
    live.app.state.vouching.clients["police"]._get = pytest.fail

    assert 200 == live.browser().get("/signed-out").status_code


def test_few_ask_a_provider_that_does_not_answer_and_the_rest_are_told_at_once(monkeypatch):
    """Else the pages' threads would all wait for it. The kernel takes the connections, and nobody answers."""
    monkeypatch.setattr(oidc, "TURN", 0.01)
    monkeypatch.setattr(oidc, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute, ThreadPoolExecutor(AT_ONCE + 1) as asking:
        said = {"name": "police", "title": "Police", "agency": "police", "client_id": CLIENT}
        issuer = f"http://127.0.0.1:{mute.getsockname()[1]}"
        client = Client(Provider(issuer=issuer, **said), lambda: "x")
        asked = [asking.submit(client.begin, "http://127.0.0.1/back") for _ in range(AT_ONCE + 1)]
        told = sorted(str(one.exception()) for one in asked)

    assert ["cannot be reached"] * AT_ONCE == [one[-17:] for one in told if one.endswith("reached")]
    assert "the identity provider does not answer those who asked before" in told


def proven(client, begun, provider):
    import httpx

    led = httpx.get(begun.url, follow_redirects=False, timeout=60, verify=IN_CLEAR).headers["location"]
    return client.finish(begun, dict(parse_qsl(urlsplit(led).query)))


def test_keys_that_a_provider_changed_are_fetched_again_but_not_for_every_bad_token(police):
    ticking = iter(range(0, 100_000, 40))
    client = client_of(police, clock=lambda: next(ticking))
    before = police.key
    assert "ann@example.invalid" == proven(client, client.begin("http://127.0.0.1:1/b"), police).subject
    police.key = jwk.generate_key("EC", "P-256", {"kid": "two"}, private=True)
    police.published = [before, police.key]
    police.spoil = lambda claims, header: (claims, header | {"kid": "two"}, police.key)
    assert "ann@example.invalid" == proven(client, client.begin("http://127.0.0.1:1/b"), police).subject

    still = client_of(police, clock=lambda: 0.0)
    police.spoil = lambda claims, header: (claims, header, FOREIGN)
    police.fetched_keys = 0
    for _ in range(3):
        with pytest.raises(NotBelieved):
            proven(still, still.begin("http://127.0.0.1:1/b"), police)
    assert 1 == police.fetched_keys
    police.key, police.published = before, [before]


def test_a_level_of_assurance_that_is_asked_for_is_insisted_on(police):
    client = client_of(police, acr_values=("aal3", "aal2"))
    for acr, believed in (("aal1", False), (None, False), ("aal2", True)):
        police.acr = acr
        begun = client.begin("http://127.0.0.1:1/b")
        if believed:
            assert "ann@example.invalid" == proven(client, begun, police).subject
        else:
            with pytest.raises(NotBelieved, match="thoroughly"):
                proven(client, begun, police)
    assert "aal3 aal2" == police.asked[-1]["acr_values"]


def test_who_was_asked_to_show_again_who_they_are_did_so_now(police):
    client = client_of(police)
    for spoilt in (changed(police, auth_time=NOW - 3600), changed(police, auth_time=None)):
        police.spoil = spoilt
        begun = client.begin("http://127.0.0.1:1/b", max_age=0)
        with pytest.raises(NotBelieved, match="anew"):
            proven(client, begun, police)


def test_the_hub_proves_itself_by_its_own_key_or_by_a_secret_in_a_file_of_its_owner(police, tmp_path):
    key = jwk.generate_key("EC", "P-256", private=True)
    pem = tmp_path / "client.pem"
    pem.write_bytes(key.as_pem(private=True))
    pem.chmod(0o600)
    police.client_key = key
    client = client_of(police, private_key_file=pem)
    assert "ann@example.invalid" == proven(client, client.begin("http://127.0.0.1:1/b"), police).subject

    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    police.client_key, police.client_secret = None, "s3cret"
    client = client_of(police, client_secret_file=secret)
    assert "ann@example.invalid" == proven(client, client.begin("http://127.0.0.1:1/b"), police).subject

    secret.chmod(0o644)
    with pytest.raises(ProvidersInvalid, match="can be read by others"):
        proven(client, client.begin("http://127.0.0.1:1/b"), police)
    police.client_secret = "another"
    secret.chmod(0o600)
    with pytest.raises(NotBelieved, match="refused the sign-in"):
        proven(client, client.begin("http://127.0.0.1:1/b"), police)


WRONG = {
    "a secret in the file": 'client_secret = "s3cret-word"',
    "an issuer in clear": 'issuer = "http://login.example"',
    "an issuer with a password": 'issuer = "https://u:s3cret-word@login.example"',
    "a weak algorithm": 'algorithms = ["HS256"]',
    "no algorithm": 'algorithms = ["none"]',
    "two proofs": 'client_secret_file = "/s3cret-word"\nprivate_key_file = "/b"',
    "no openid": 'scopes = ["profile"]',
    "an unknown agency": 'agency = "s3cret-word"',
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_of_providers_that_is_wrong_is_refused_without_its_values(tmp_path, what):
    path = providers_file(tmp_path, police="https://login.example")
    said = path.read_text().splitlines()
    name = WRONG[what].partition(" ")[0]
    path.write_text("\n".join([line for line in said if not line.startswith(f"{name} ")] + [WRONG[what]]))

    with pytest.raises(ProvidersInvalid) as refused:
        load(path)
    assert "s3cret-word" not in str(refused.value)


def test_an_issuer_is_of_one_agency(tmp_path):
    path = providers_file(tmp_path, police="https://login.example", health="https://login.example")

    with pytest.raises(ProvidersInvalid, match="same issuer"):
        load(path)
