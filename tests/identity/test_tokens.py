"""An ID token is believed up to each bound, and not one step beyond it."""

import json

import pytest
from joserfc import jwk, jws
from joserfc.jwk import KeySet

from hub.identity.providers import Provider
from hub.identity.tokens import LEEWAY, LONGEST_SUBJECT, OLDEST, NotBelieved, Proven, believe

NOW = 1_800_000_000
NONCE = "n" * 43
KEY = jwk.generate_key("EC", "P-256", {"kid": "one"}, private=True)
ISSUER = "https://id.police.example"
POLICE = Provider(name="police", title="Police", agency="police", issuer=ISSUER, client_id="hub")
HONEST = {
    "iss": ISSUER,
    "aud": "hub",
    "sub": "ann",
    "nonce": NONCE,
    "iat": NOW,
    "exp": NOW + 300,
    "auth_time": NOW - 5,
}


def believed(provider=POLICE, max_age=None, key=KEY, algorithm="ES256", **claims):
    said = {name: value for name, value in (HONEST | claims).items() if value is not None}
    payload = json.dumps(said).encode()
    token = jws.serialize_compact({"alg": algorithm, "kid": "one"}, payload, key, [algorithm])
    return believe(token, KeySet([KEY]), provider, NONCE, NOW, max_age)


def test_what_a_token_proves_is_who_it_is_and_when_they_last_showed_it():
    assert Proven(ISSUER, "ann", NOW - 5) == believed()
    assert Proven(ISSUER, "ann", 0) == believed(auth_time=None)  # a token just made says nothing of when
    assert isinstance(believed(auth_time=NOW - 0.5).authenticated_at, int)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - LEEWAY + 1},
        {"iat": NOW + LEEWAY - 1},
        {"iat": NOW - OLDEST - LEEWAY},
        {"nbf": NOW + LEEWAY},
        {"aud": ["hub"]},
        {"azp": "hub"},
        {"sub": "a"},
        {"sub": "x" * LONGEST_SUBJECT},
        {"sub": "\ud7ff\ue000"},
        {"auth_time": 1},
        {"auth_time": NOW + LEEWAY},
        {"acr": "anything"},
    ],
    ids=str,
)
def test_up_to_its_bounds_a_token_is_believed(claims):
    assert believed(**claims).subject == claims.get("sub", "ann")


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"exp": NOW - LEEWAY - 1}, "its time has passed"),
        ({"exp": None}, "its time has passed"),
        ({"iat": NOW + LEEWAY + 1}, "its time has passed"),
        ({"iat": None}, "its time has passed"),
        ({"nbf": NOW + LEEWAY + 1}, "its time has passed"),
        ({"iss": "https://elsewhere.example"}, "another's"),
        ({"iss": None}, "another's"),
        ({"aud": "another"}, "another's"),
        ({"aud": None}, "another's"),
        ({"sub": None}, "another's"),
        ({"iat": NOW - OLDEST - LEEWAY - 1}, "too old"),
        ({"aud": ["hub", "another"]}, "for others too"),
        ({"azp": "another"}, "for others too"),
        ({"nonce": "n" * 42}, "another request"),
        ({"nonce": None}, "another request"),
        ({"sub": ""}, "another's"),
        ({"sub": "x" * (LONGEST_SUBJECT + 1)}, "names nobody"),
        ({"sub": 7}, "another's"),
        ({"sub": "\ud800"}, "names nobody"),
        ({"sub": "ann\udfff"}, "names nobody"),
        ({"nonce": "\ud800" * 43}, "another request"),
        ({"nonce": "é" * 43}, "another request"),
        ({"auth_time": "yesterday"}, "no time that has been"),
        ({"auth_time": True}, "no time that has been"),
        ({"auth_time": 0}, "no time that has been"),
        ({"auth_time": NOW + LEEWAY + 1}, "no time that has been"),
    ],
    ids=str,
)
def test_a_step_beyond_them_it_is_not_and_it_is_said_why(claims, says):
    with pytest.raises(NotBelieved, match=says):
        believed(**claims)


def test_who_must_show_anew_who_they_are_has_done_so_within_that_time_by_the_providers_own_word():
    assert believed(max_age=300, auth_time=NOW - 300 - LEEWAY)
    for auth_time in (NOW - 300 - LEEWAY - 1, None):
        with pytest.raises(NotBelieved, match="ask anew"):
            believed(max_age=300, auth_time=auth_time)


def test_one_of_the_levels_of_assurance_that_were_asked_for_is_insisted_on():
    strict = POLICE.model_copy(update={"acr_values": ("aal3", "aal2")})

    assert believed(strict, acr="aal2")
    for acr in ("aal1", None):
        with pytest.raises(NotBelieved, match="thoroughly"):
            believed(strict, acr=acr)


def test_only_the_providers_own_keys_and_the_ways_of_signing_it_was_admitted_with_sign():
    another = jwk.generate_key("EC", "P-256", {"kid": "one"}, private=True)
    with pytest.raises(NotBelieved, match="not signed by the provider"):
        believed(key=another)
    with pytest.raises(NotBelieved, match="not signed by the provider"):
        believed(POLICE.model_copy(update={"algorithms": frozenset({"RS256"})}))
    with pytest.raises(NotBelieved, match="not signed by the provider"):
        believe("not.a.token", KeySet([KEY]), POLICE, NONCE, NOW, None)


def test_the_bounds_are_a_minute_ten_minutes_and_what_the_standard_says_of_a_subject():
    assert (60, 600, 255) == (LEEWAY, OLDEST, LONGEST_SUBJECT)
    assert (401, 3) == (NotBelieved.status, NotBelieved.exit_code)
