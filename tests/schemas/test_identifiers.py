"""Identifiers meet in one form, and what cannot be one is named, never refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import (
    SYSTEMS,
    Strength,
    is_test_nhs_number,
    meant,
    normalise,
    normalise_name,
    normalise_postcode,
    problem,
    strength,
)
from tests.strategies import nhs_numbers, upns


@pytest.mark.parametrize(
    ("system", "value", "normal", "fault"),
    [
        ("nhs-number", "999 000 0018", "9990000018", None),
        ("nhs-number", "999-000-0019", "9990000019", "nhs-number-check-digit"),
        ("nhs-number", "99900000", "99900000", "nhs-number-form"),
        ("nhs-number", "  ", "", "identifier-empty"),
        ("upn", "b999000000002", "B999000000002", "cin:1510"),
        ("upn", "x99", "X99", "upn-form"),
        ("sui", "ab 12-cd", "AB12CD", None),
        ("consistent-identifier:nhs-number", "999 000 0018", "9990000018", None),
        ("consistent-identifier:nhs-number", "9990000019", "9990000019", "nhs-number-check-digit"),
        ("consistent-identifier:other", "a-1", "A1", "identifier-without-scheme"),
        ("consistent-identifier", "a-1", "A1", "identifier-without-scheme"),
        ("pnc", "81/34u", "1981/0000034U", None),
        ("pnc", "nothing", "NOTHING", "pnc-form"),
        ("urn", "0114001", "114001", None),
        ("urn", "school", "SCHOOL", "urn-form"),
        ("uprn", "000100", "100", None),
        ("uprn", "x", "X", "uprn-form"),
        ("la-child-id:durham", " a  17-b ", "A 17-B", None),
        ("la-child-id", "17", "17", "identifier-without-organisation"),
        ("club-card:riverside", "é 7", "É 7", None),
        ("club-card", "7", "7", "identifier-without-organisation"),
    ],
)
def test_an_identifier_has_one_form_and_its_fault_a_code(system, value, normal, fault):
    assert (normal, fault) == (normalise(system, value), problem(system, value))


def test_the_sectors_upn_vectors(shared_data):
    vectors = json.loads((shared_data / "identifiers/upn.json").read_text())

    assert {None} == {problem("upn", value) for value in vectors["valid_check_letter"]}
    assert {"cin:1510"} == {problem("upn", value) for value in vectors["wrong_check_letter"]}
    assert {"upn-form"} == {problem("upn", value) for value in vectors["not_a_upn"]}


def test_the_ministrys_pnc_vectors(shared_data):
    vectors = json.loads((shared_data / "identifiers/pnc.json").read_text())

    for vector in vectors["valid"]:
        assert vector["canonical"] == normalise("pnc", vector["input"])
        assert problem("pnc", vector["input"]) is None
    wrong = vectors["well_formed_but_wrong_check_letter"]
    assert {"pnc-check-letter"} == {problem("pnc", value) for value in wrong}
    assert {"pnc-form"} == {problem("pnc", value) for value in vectors["malformed"]}


@given(nhs_numbers(), upns())
def test_our_invented_numbers_pass_their_checks(number, upn):
    assert is_test_nhs_number(number)
    assert problem("nhs-number", number) is None
    assert problem("upn", upn) is None


def test_a_number_that_may_be_a_persons_is_told_from_a_test_number():
    assert is_test_nhs_number("944 930 3223")
    assert not is_test_nhs_number("9990000019")
    assert not is_test_nhs_number("4" + "0" * 9)


@given(st.sampled_from([*SYSTEMS, "social-care:x", "other:y"]), st.text(max_size=30))
def test_normalising_twice_changes_nothing_and_nothing_is_refused(system, value):
    once = normalise(system, value)

    assert once == normalise(system, once)
    assert problem(system, value) is None or isinstance(problem(system, value), str)


def test_only_national_identifiers_name_one_child_everywhere():
    national = {system for system in SYSTEMS if strength(system) is Strength.NATIONAL}

    assert {"nhs-number", "consistent-identifier", "sui", "upn", "pnc"} == national
    assert strength("consistent-identifier:nhs-number") is Strength.NATIONAL
    assert "nhs-number" == meant("consistent-identifier:nhs-number") == meant("nhs-number")
    assert strength("la-child-id:durham") is Strength.LOCAL
    assert strength("club-card:riverside") is Strength.LOCAL
    assert strength("urn") is Strength.PLACE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Farrow", "o farrow"),
        ("Zoë-Mae", "ZOE MAE"),
        ("Łukasik", "Lukasik"),
        ("Søren", "soren"),
        ("Nuñez", "nunez"),
    ],
)
def test_names_that_look_alike_meet(one, other):
    assert normalise_name(one) == normalise_name(other)


def test_a_name_in_another_script_stays_a_name():
    assert normalise_name("Дарья")


@pytest.mark.parametrize(
    ("written", "normal"),
    [("zz11zz", "ZZ1 1ZZ"), (" zz1  1zz ", "ZZ1 1ZZ"), ("zz11-1zz", "ZZ11 1ZZ"), ("none", "NONE"), ("", "")],
)
def test_a_postcode_has_one_form(written, normal):
    assert normal == normalise_postcode(written)


def test_a_postcode_that_is_none_is_not_written_to_a_log(caplog):
    caplog.set_level(0)
    normalise_postcode("Brindlewick Canary")

    assert not caplog.text
