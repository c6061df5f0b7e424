"""The custodians' records, version 1: what police and health answer about one child."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from adapters.format import Format
from adapters.health.custodian import FORMAT as HEALTH
from adapters.police.custodian import FORMAT as POLICE
from tests.adapters.told import (
    content_of,
    drawn,
    events_of,
    ids_of,
    mutated,
    only_closed_words,
    read,
    read_sample,
    refusal,
    table,
)

NAME = "9990000018_CrimeDataRecordV1.json"
BOTH = pytest.mark.parametrize("fmt", [POLICE, HEALTH], ids=lambda fmt: fmt.name)


def told(fmt: Format, *fields: str, name: str = NAME, **record: object) -> str:
    return drawn(read(fmt, json.dumps(record).encode(), name), *fields)


def test_the_police_sample_tells_what_is_true_and_names_what_has_no_type():
    assert table("""
        police.missing-episode      2026-05-02 summary=Return_home_interview_attended.
        police.missing-episode      2026-06-13 summary=Return_home_interview_not_attended.
        police.missing-episode      2026-06-13
        police.protection-used      2026-06-14
        police.exploitation-concern 2026-11-23 kind=sexual
        ! /riskGangsAndYouthViolence no-event-type riskGangsAndYouthViolence
        ~ /servicesKnownTo unused-field servicesKnownTo
        ~ /crimeActiveStatusesAndPlans unused-field crimeActiveStatusesAndPlans
    """) == drawn(read_sample(POLICE), "summary", "kind")


def test_the_health_sample_tells_what_is_dated_and_what_is_so_today():
    assert table("""
        health.appointment-missed   2026-05-11 service=Community reason_given=No_one_at_home
        health.appointment-missed   2026-05-28 service=GP
        health.emergency-attendance 2026-06-15 complaint=Bruising_to_upper_arms
        health.camhs                2026-11-23 stage=seen
        ! /healthActiveStatusesAndPlans/1 no-event-type status
        ~ /registeredGPName unused-field registeredGPName
        ~ /RegisteredGPSurgery unused-field RegisteredGPSurgery
        ~ /camhsTeamInvolvement unused-field camhsTeamInvolvement
    """) == drawn(read_sample(HEALTH), "service", "reason_given", "complaint", "stage")


@BOTH
def test_the_same_answer_makes_the_same_events(fmt):
    once, again = read_sample(fmt), read_sample(fmt)

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))


@BOTH
def test_an_event_id_never_carries_the_nhs_number(fmt):
    assert not [e for e in events_of(read_sample(fmt)) if "9990000018" in e.source_event_id]


@pytest.mark.parametrize(
    ("said", "line"), [(None, ""), (False, ""), (True, "police.exploitation-concern 2026-11-23")]
)
def test_null_is_not_said_and_false_is_no(said, line):
    assert line == told(POLICE, riskSexualExploitation=said)


def test_a_dated_risk_stands_at_its_date():
    risks = [
        {"date": "2026-03-01", "riskType": kind} for kind in ("CriminalExploitation", "Radicalisation", None)
    ]

    assert table("""
        police.exploitation-concern 2026-03-01 kind=criminal
        ! /linkedCrimeRisks/1 no-event-type riskType
        ! /linkedCrimeRisks/2 no-event-type riskType
    """) == told(POLICE, "kind", linkedCrimeRisks=risks)


@pytest.mark.parametrize(
    ("episodes", "line"),
    [
        ("often", "! /missingEpisodes not-a-list missingEpisodes"),
        ([7], "! /missingEpisodes/0 not-an-object missingEpisodes"),
        ([{}], "! /missingEpisodes/0 no-date date"),
        ([{"date": 20260101}], "! /missingEpisodes/0 not-text date"),
        ([{"date": "01/02/2026"}], "! /missingEpisodes/0 not-a-date date"),
        ([{"date": "2026-02-30"}], "! /missingEpisodes/0 not-a-date date"),
        ([{"date": "2031-01-01"}], "! /missingEpisodes/0 future-date date"),
        ([{"date": "0001-01-01"}], "! /missingEpisodes/0 implausible-date date"),
        (
            [{"date": "2026-01-01", "returnedHomeInterviewAttended": "yes"}],
            "! /missingEpisodes/0 not-yes-or-no returnedHomeInterviewAttended",
        ),
    ],
)
def test_a_bad_item_is_named_and_the_rest_is_read(episodes, line):
    everything = told(POLICE, missingEpisodes=episodes, lastPoliceProtectionPowerEvent="2026-01-01")

    assert f"{line}\npolice.protection-used 2026-01-01" == everything


def test_a_field_that_is_none_of_the_records_is_counted_without_its_name():
    assert "~ document unknown-field" == told(HEALTH, robinAshdown="x", nothing=None)


@pytest.mark.parametrize(
    ("raw", "name", "why"),
    [
        (b"{}", NAME, "read: "),
        (b"{}", "/exports/" + NAME, "read: "),
        (b'{"nhsNumber": "999 000 0018"}', "upload", "read: "),
        (b'{"payload": {}, "nhsNumber": "9990000018"}', "upload", "read: "),
        (b"{}", "upload", "document: no-nhs-number (nhsNumber)"),
        (b'{"nhsNumber": "9990000019"}', NAME, "document: invalid-nhs-number (nhsNumber)"),
        (b"{}", "9990000019_CrimeDataRecordV1.json", "document: invalid-nhs-number (nhsNumber)"),
        (b'{"payload": 7}', NAME, "document: not-an-object (payload)"),
        (b"[]", NAME, "document: not-an-object"),
        (b"", NAME, "document: not-json"),
        (b'{"a": 1, "a": 2}', NAME, "document: not-json"),
        (b'{"a": NaN}', NAME, "document: not-json"),
        (b'{"a": "\\ud800"}', NAME, "document: not-json"),
        (b"[" * 100_000, NAME, "document: not-json"),
        ("{}".encode("utf-16"), NAME, "document: not-utf-8"),
        (b" " * 1_000_001, NAME, "document: file-too-large"),
    ],
)
def test_the_child_asked_about_is_in_the_record_or_in_the_files_name(raw, name, why):
    assert why == refusal(POLICE, raw, name)


def test_the_records_of_others_are_taken_in_whole(shared_data: Path):
    paths = sorted((shared_data / "four-custodians").glob("*/*_[CH]*DataRecordV1.json"))
    everything = [
        drawn(
            read(POLICE if "Crime" in path.name else HEALTH, path.read_bytes(), path.name), "summary", "stage"
        )
        for path in paths
    ]

    assert table("""
        police.missing-episode 2024-10-30 summary=Return_home_interview_attended.
        police.protection-used 2025-10-30
        police.exploitation-concern 2026-11-23
        ! /riskRadicalisation no-event-type riskRadicalisation
        ! /riskGangsAndYouthViolence no-event-type riskGangsAndYouthViolence
        ~ /policeMarkerDetails unused-field policeMarkerDetails
        ~ /servicesKnownTo unused-field servicesKnownTo
        ~ /crimeActiveStatusesAndPlans unused-field crimeActiveStatusesAndPlans
        health.appointment-missed 2025-10-29
        health.appointment-missed 2025-10-30
        health.emergency-attendance 2025-11-29
        health.emergency-attendance 2025-11-30
        health.camhs 2026-11-23 summary=Open_to_CAMHS;_CAMHS_plan stage=seen
        ~ /registeredGPName unused-field registeredGPName
        ~ /RegisteredGPSurgery unused-field RegisteredGPSurgery
        ~ /gpAddress unused-field gpAddress
        ~ /gpTelephone unused-field gpTelephone
        ~ /camhsContactDetails unused-field camhsContactDetails
        ~ /camhsTeamInvolvement unused-field camhsTeamInvolvement
    """) == "\n".join(everything)


CODES = {
    *("not-json", "not-utf-8", "not-an-object", "not-a-list", "not-text", "not-yes-or-no", "no-nhs-number"),
    *("invalid-nhs-number", "no-date", "not-a-date", "future-date", "implausible-date", "no-event-type"),
    *("unused-field", "unknown-field", "unacceptable-value", "key-too-long", "file-too-large"),
}
WORDS = {
    *(
        "document",
        "nhsNumber",
        "payload",
        "date",
        "status",
        "setting",
        "reason",
        "riskType",
        "plan",
        "summary",
    ),
    *("missingEpisodes", "lastPoliceProtectionPowerEvent", "linkedCrimeRisks", "riskSexualExploitation"),
    *("riskCriminalExploitation", "riskRadicalisation", "riskModernSlaveryAndTrafficking"),
    *("riskGangsAndYouthViolence", "policeMarkerDetails", "servicesKnownTo", "crimeActiveStatusesAndPlans"),
    *("returnedHomeInterviewAttended", "missedAppointments", "emergencyDepartmentAttendances"),
    *("healthActiveStatusesAndPlans", "registeredGPName", "registeredGPSurgery", "RegisteredGPSurgery"),
    *("gpAddress", "gpTelephone", "camhsContactDetails", "camhsTeamInvolvement", "complaint", "reason_given"),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(POLICE.sample.read_bytes()))
def test_an_accident_to_a_crime_record_is_a_finding_in_our_own_words(raw):
    only_closed_words(POLICE, raw, CODES, WORDS, NAME)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(HEALTH.sample.read_bytes()))
def test_an_accident_to_a_health_record_is_a_finding_in_our_own_words(raw):
    only_closed_words(HEALTH, raw, CODES, WORDS, NAME)
