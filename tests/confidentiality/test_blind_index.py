"""Equal identifiers meet under a keyed hash, in their own scheme only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.confidentiality.blind_index import FINDING, OWN, SCHEMES, BlindIndex, UnknownScheme, finding

SECRETS = {"identifier": bytes(range(32)), "person": bytes(range(32, 64))}
FROZEN = "c665b471c61708e3029b252768f491fe312e9a6367a756f5cfa69182c88b0154"
"""For nhs-number|9990000018: were it to change, no stored row would be found again."""
INDEX = BlindIndex(SECRETS)


@given(st.text(), st.text())
def test_values_meet_where_they_are_equal_and_only_there(one, other):
    assert (one == other) is (INDEX.index("identifier", one) == INDEX.index("identifier", other))


def test_a_hash_is_whole():
    assert 32 == len(INDEX.index("identifier", "nhs-number|9990000018"))


def test_rows_of_two_schemes_cannot_be_joined_even_under_one_secret():
    careless = BlindIndex({"identifier": bytes(32), "person": bytes(32)})

    assert careless.index("identifier", "9990000018") != careless.index("person", "9990000018")


def test_another_secret_gives_another_hash():
    other = BlindIndex({"identifier": bytes(range(1, 33))})

    assert INDEX.index("identifier", "9990000018") != other.index("identifier", "9990000018")


def test_nothing_is_hashed_in_a_scheme_without_a_pepper():
    with pytest.raises(UnknownScheme) as caught:
        INDEX.index("passport", "9990000018")

    assert "9990000018" not in str(caught.value)


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="fewer than 32"):
        BlindIndex({"identifier": bytes(31)})


def test_no_secret_is_in_its_name():
    words = repr(INDEX) + str(INDEX) + f"{vars(INDEX)}"

    assert "BlindIndex(['identifier', 'person'])" == repr(INDEX)
    assert not any(secret.hex() in words or repr(secret)[2:-1] in words for secret in SECRETS.values())


def test_the_index_is_frozen():
    assert FROZEN == INDEX.index("identifier", "nhs-number|9990000018").hex()


def test_an_index_says_its_schemes_and_the_generations_of_what_children_are_found_by_and_no_secret():
    old, new, other = (bytes([n]) * 32 for n in (1, 2, 3))
    blind = BlindIndex({FINDING[0]: {2: new, 1: old}, "content": {7: other}})

    assert f"BlindIndex({sorted(['content', FINDING[0]])})" == repr(blind)
    assert (1, 2) == blind.generations
    assert blind.index(FINDING[0], "x") == blind.index(FINDING[0], "x", 2) != blind.index(FINDING[0], "x", 1)
    with pytest.raises(UnknownScheme, match="no pepper for the scheme content"):
        blind.index("content", "x", 1)


def test_the_schemes_and_those_by_which_children_are_found_are_closed_lists():
    plain = BlindIndex({"content": bytes(32)})

    own = ("consistent-identifier", "nhs-number", "pnc", "sui", "upn")
    assert own == tuple(scheme.removeprefix("identifier/") for scheme in OWN)
    assert ("identifier", "look", "born", "given", *OWN) == FINDING == SCHEMES[:9]
    assert ("source", "content", "incident", "person", "place", "child") == SCHEMES[9:]
    assert FINDING == finding(["content", *FINDING])
    assert (*FINDING, "identifier/once") == finding(["identifier/once", "identifiers/x", "content", *OWN])
    assert plain.index("content", "x") == plain.index("content", "x", 1)


def test_a_number_is_hashed_under_its_systems_own_pepper_where_its_generation_has_one():
    all_, nhs = bytes(range(32)), bytes(range(32, 64))
    blind = BlindIndex({"identifier": {1: all_, 2: all_}, "identifier/nhs-number": {2: nhs}})
    before = BlindIndex({"identifier": all_})

    for system in ("nhs-number", "upn", "police:north"):
        text = f"{system}|9990000018"
        one = before.identifier(system, text)
        first, second = (blind.identifier(system, text, generation) for generation in (1, 2))
        assert (one, system == "nhs-number") == (first, one != second)
        assert second == blind.identifier(system, text)
    assert FROZEN == before.identifier("nhs-number", "nhs-number|9990000018", 1).hex()


def test_one_pepper_that_leaks_opens_one_systems_numbers():
    secrets = {scheme: bytes([place]) * 32 for place, scheme in enumerate(SCHEMES)}
    blind, text = BlindIndex(secrets), "x|9990000018"
    stood = {system: blind.identifier(system, text) for system in ("nhs-number", "upn", "hospital:a")}
    opened = {
        scheme: [system for system, stands in stood.items() if stands == thief.index(scheme, text)]
        for scheme, thief in ((each, BlindIndex({each: secrets[each]})) for each in SCHEMES)
    }

    assert {
        "identifier": ["hospital:a"],
        "identifier/nhs-number": ["nhs-number"],
        "identifier/upn": ["upn"],
    } == {scheme: systems for scheme, systems in opened.items() if systems}
