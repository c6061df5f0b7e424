"""FHIR R4 from health systems: what becomes an event, what is named and left, what is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from adapters.format import Untranslatable
from adapters.health.fhir_bundle import FORMAT
from schemas.health import EmergencyAttendance, Pregnancy
from tests.adapters.told import (
    content_of,
    drawn,
    events_of,
    findings_of,
    ids_of,
    mutated,
    only_closed_words,
    read,
    read_sample,
    refusal,
    table,
)

NHS = "https://fhir.nhs.uk/Id/nhs-number"
PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"system": NHS, "value": "9990000018"}],
    "birthDate": "2012-03-09",
}
ATTENDED = {
    "resourceType": "Encounter",
    "id": "e",
    "status": "finished",
    "class": {"code": "EMER"},
    "subject": {"reference": "Patient/p"},
    "period": {"start": "2026-06-15T21:40:00+01:00"},
}


def bundle(*resources: dict) -> bytes:
    document = {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}
    return json.dumps(document, indent=1).encode()


def told_of(*resources: dict) -> str:
    return drawn(read(FORMAT, bundle(*resources)))


def test_the_sample_tells_each_thing_once_and_names_what_it_passes_over():
    told = read_sample(FORMAT)

    assert table("""
        ! document/entry/18/resource not-fhir Encounter.class
        health.emergency-attendance 2026-06-15T21:40 ended_at=2026-06-16T01:05 injury=True unexplained=True \
            explanation_code=Y29 corrects=RXX/demo/Encounter/e1/open
        health.admission            2026-06-18T10:00 ongoing=True cause=J45
        health.withdrawal           2026-06-20T08:00 withdraws=RXX/demo/Encounter/e3 reason=entered-in-error
        health.withdrawal           2026-06-20T08:00 withdraws=RXX/demo/Encounter/e3/open \
            reason=entered-in-error
        ~ document/entry/6/resource encounter-class-not-used Encounter.class
        ~ document/entry/7/resource not-a-child Patient.birthDate
        health.appointment-missed   2026-05-28T09:30 service=Paediatrics
        health.withdrawal           2026-05-30T12:00 withdraws=RXX/demo/Appointment/a2 reason=cancelled
        health.injury-noted         2026-06-01 site_code=125667009
        ~ document/entry/11/resource code-not-listed Condition.code
        ! document/entry/12/resource future-date Condition.recordedDate
        health.pregnancy            2026-06-19T14:00
        health.safety-measure       2026-04-07T09:00 kind=child-protection-plan
        ! document/entry/16/resource safeguarding-flag-without-type Flag.code
        ~ document (1 of them) unused-resource CareTeam
    """) == drawn(
        told,
        *(
            "ended_at",
            "ongoing",
            "injury",
            "unexplained",
            "explanation_code",
            "cause",
            "service",
            "site_code",
        ),
        *("kind", "corrects", "withdraws", "reason"),
    )


def test_the_same_file_makes_the_same_events():
    once, again = read_sample(FORMAT), read_sample(FORMAT)

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))


def test_who_the_child_is_comes_with_every_event():
    attended = next(e for e in events_of(read_sample(FORMAT)) if isinstance(e, EmergencyAttendance))

    assert [("nhs-number", "9990000018"), ("hospital:rxx", "H100234")] == [
        (i.system, i.value) for i in attended.identifiers
    ]
    assert ("Ashdown", "Robin", 14) == (attended.name.family, attended.name.given, attended.age)
    assert ("14 Tanner Row, Wexbridge", "ZZ99 3WZ") == (attended.address, attended.postcode)


def test_a_restricted_patient_has_no_address_even_where_one_was_sent():
    restricted = next(e for e in events_of(read_sample(FORMAT)) if isinstance(e, Pregnancy))

    assert (None, None) == (restricted.address, restricted.postcode)
    assert "Hidden" not in content_of(read_sample(FORMAT))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("in-progress", "health.emergency-attendance 2026-06-15T21:40"),
        ("finished", "health.emergency-attendance 2026-06-15T21:40"),
        ("planned", "~ document/entry/1/resource not-yet-happened Encounter.status"),
        ("cancelled", "health.withdrawal 2026-11-23T12:00\nhealth.withdrawal 2026-11-23T12:00"),
    ],
)
def test_an_encounter_is_what_its_status_says(status, told):
    assert told == told_of(PATIENT, ATTENDED | {"status": status})


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"period": {}}, "no-date Encounter.period.start"),
        ({"period": {"start": "2031-01-01"}}, "future-date Encounter.period.start"),
        ({"period": {"start": "1889"}}, "implausible-date Encounter.period.start"),
        ({"period": {"start": "0001-01-01"}}, "implausible-date Encounter.period.start"),
        ({"period": {"start": "2026-06-15", "end": "2026-06-14"}}, "ends-before-start Encounter.period.end"),
        ({"subject": None}, "no-patient subject"),
        ({"subject": {"reference": "urn:uuid:not-here"}}, "no-patient subject"),
        ({"id": None}, "no-natural-key"),
        ({"status": 7}, "not-fhir Encounter.status"),
        ({"surprise": 1}, "not-fhir Encounter"),
        ({"resourceType": "Encountre"}, "unknown-resource"),
        ({"resourceType": None}, "unknown-resource"),
    ],
)
def test_a_bad_resource_is_refused_with_its_place_and_the_rest_is_read(change, told):
    broken = {k: v for k, v in (ATTENDED | change).items() if v is not None}
    everything = told_of(PATIENT, broken, ATTENDED | {"id": "sound"}).splitlines()

    assert f"! document/entry/1/resource {told}" in everything
    assert "health.emergency-attendance 2026-06-15T21:40" in everything


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"identifier": [{"system": NHS, "value": "9990000019"}]},
            "! document/entry/1/resource no-identifier Patient.identifier",
        ),
        ({"identifier": []}, "! document/entry/1/resource no-identifier Patient.identifier"),
        ({"birthDate": "1984-01-01"}, "~ document/entry/1/resource not-a-child Patient.birthDate"),
        ({"birthDate": "2012"}, "~ document/entry/0/resource not-a-date Patient.birthDate"),
        ({"birthDate": "2039-01-01"}, "~ document/entry/0/resource implausible-date Patient.birthDate"),
    ],
)
def test_what_is_wrong_with_a_patient_is_named(change, told):
    assert told in told_of(PATIENT | change, ATTENDED).splitlines()


@pytest.mark.parametrize(
    ("subject", "identifier"),
    [
        ({"reference": "Patient/77"}, ("fhir:rxx-demo", "77")),
        ({"reference": "https://ehr.example.test/Patient/77"}, ("fhir:rxx-demo", "77")),
        ({"identifier": {"system": NHS, "value": "9990000026"}}, ("nhs-number", "9990000026")),
    ],
)
def test_a_patient_kept_elsewhere_is_known_by_the_reference(subject, identifier):
    (event,) = events_of(read(FORMAT, json.dumps(ATTENDED | {"subject": subject}).encode()))

    assert [identifier] == [(i.system, i.value) for i in event.identifiers]


def test_a_patient_in_a_message_is_never_known_by_its_number_in_that_message():
    (event,) = events_of(read(FORMAT, bundle(PATIENT, ATTENDED)))

    assert ["nhs-number"] == [i.system for i in event.identifiers]


def test_a_document_a_line_is_read_as_a_stream_and_a_bad_line_spoils_nothing():
    lines = [json.dumps(PATIENT).encode(), b"{ not json", json.dumps(ATTENDED).encode(), b'{"a": 1}', b"[]"]

    assert table("""
        ~ line 1 (1 of them) unused-resource Patient
        ! line 2 not-json
        health.emergency-attendance 2026-06-15T21:40
        ! line 4 not-fhir resourceType
        ! line 5 not-an-object
    """) == drawn(read(FORMAT, b"\n".join(lines)))


XML = b"""<?xml version="1.0" encoding="UTF-8"?><Bundle xmlns="http://hl7.org/fhir">
<entry><resource><Patient><id value="p"/><identifier>
  <system value="https://fhir.nhs.uk/Id/nhs-number"/><value value="9990000018"/>
</identifier></Patient></resource></entry>
<entry><resource><Encounter><id value="e"/><status value="finished"/><class><code value="EMER"/></class>
  <subject><reference value="Patient/p"/></subject><period><start value="2026-06-15"/></period>
</Encounter></resource></entry>
<entry><resource><Encounter><deque value="1"/></Encounter></resource></entry>
<entry/></Bundle>"""


def test_xml_tells_what_json_tells_and_a_broken_resource_is_named():
    assert table("""
        ! document/entry/2/resource not-fhir Encounter
        ! document/entry/3/resource not-fhir Bundle.entry.resource
        health.emergency-attendance 2026-06-15
    """) == drawn(read(FORMAT, XML))


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 9))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "document: empty-file"),
        (b"  \n", "document: empty-file"),
        (
            b'<!DOCTYPE Patient [<!ENTITY l0 "ha">' + LAUGHS + b"]><Patient><id value='&l8;'/></Patient>",
            "document: doctype-refused",
        ),
        (b'<!doctype Patient SYSTEM "file:///etc/passwd"><Patient/>', "document: doctype-refused"),
        (b'<?xml version="1.0" encoding="UTF-7"?><Patient/>', "document: not-fhir"),
        ("<Patient/>".encode("utf-16"), "document: not-utf-8"),
        (XML[:400], "document: not-xml"),
        (
            b"<Flag %s/>" % b" ".join(b'xmlns:a%d="urn:%d"' % (n, n) for n in range(5_000)),
            "document: too-many-name-spaces",
        ),
        (b"<a>" * 50_000, "document: not-xml"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "document: not-fhir"),
        (b'{"resourceType": "Bundle"', "document: not-json"),
        (b'{"resourceType": "Bundle", "entry": 7}', "read: ! line 1 not-fhir Bundle.entry"),
        (b'{"resourceType": "Bundle"}', "read: ~ line 1 no-resources"),
        (b"[" * 100_000, "document: not-json"),
        (b'"Patient"', "document: not-an-object"),
        (b'[{"a": 1}, 2]', "read: ! document/0 not-fhir resourceType\n! document/1 not-an-object"),
        (b'{\n"a": "' + b"x" * 8_100_000 + b'"}', "document: file-too-large"),
        (b"<a>" + b" " * 8_100_000 + b"</a>", "document: file-too-large"),
        (
            b'{"a": 1}\n{"b": "' + b"x" * 8_100_000 + b'"}\n',
            "read: ! line 1 not-fhir resourceType\n! line 2 record-too-large",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(raw, why):
    assert why == refusal(FORMAT, raw)


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("= broken", "settings: settings-unreadable"),
        ('[[code]]\nsystem = "a"', "settings: settings-invalid (code.0)"),
        ('colour = "red"', "settings: settings-invalid (colour)"),
    ],
)
def test_a_sites_own_code_list_is_checked(tmp_path, toml, why):
    codes = tmp_path / "codes.toml"
    codes.write_text(toml)

    assert why == refusal(FORMAT, bundle(ATTENDED), settings=codes)


def test_a_sites_own_code_list_decides_what_is_an_event(tmp_path):
    codes = tmp_path / "codes.toml"
    codes.write_text('[[code]]\nsystem = "local"\ncode = "X1"\nsays = "substance"\nlabel = "glue"\n')
    seen = {
        "resourceType": "Observation",
        "id": "o",
        "status": "final",
        "code": {"coding": [{"system": "local", "code": "X1"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-06-01",
    }

    assert "health.substance-concern 2026-06-01" == drawn(read(FORMAT, bundle(PATIENT, seen), settings=codes))
    assert "~ document/entry/1/resource not-a-safeguarding-event Observation.valueBoolean" == drawn(
        read(FORMAT, bundle(PATIENT, seen | {"valueBoolean": False}), settings=codes)
    )


@pytest.mark.parametrize(
    ("folder", "files", "events", "counts"),
    [
        (
            "health-fhir-cpis",
            7,
            {"health.safety-measure.v1": 2},
            {"unused-resource": 5, "safeguarding-flag-without-type": 1},
        ),
        (
            "health-fhir-bars",
            6,
            {},
            {
                "code-not-listed": 4,
                "invalid-nhs-number": 4,
                "not-a-child": 6,
                "not-a-safeguarding-event": 4,
                "not-yet-happened": 2,
                "unused-resource": 48,
            },
        ),
        ("health-fhir-pds", 9, {}, {"unused-resource": 9}),
        (
            "health-fhir-ukcore",
            34,
            {"health.admission.v1": 1},
            {
                "code-not-listed": 19,
                "no-resources": 1,
                "not-a-safeguarding-event": 1,
                "not-yet-happened": 1,
                "unused-resource": 16,
            },
        ),
    ],
)
def test_files_of_others_are_taken_in_whole(shared_data: Path, folder, files, events, counts):
    paths = sorted(p for p in (shared_data / folder).iterdir() if p.suffix in (".json", ".xml"))
    told = [one for path in paths for one in read(FORMAT, path.read_bytes())]

    assert files == len(paths)
    assert events == _count(event.type for event in events_of(told))
    assert counts == _count(finding.code for finding in findings_of(told))


def test_a_child_protection_flag_says_its_plan_and_who_answers_for_it(shared_data: Path):
    (flag,) = events_of(
        read(FORMAT, (shared_data / "health-fhir-cpis/CPIS-CPP-Bundle-Example.xml").read_bytes())
    )

    assert "child-protection-plan" == flag.kind
    assert flag.owner.endswith("SHEFFIELD CITY COUNCIL")
    assert "2024-07-22T09:00:00+00:00" == flag.occurred_at.isoformat()


def _count(words) -> dict[str, int]:
    counted: dict[str, int] = {}
    for word in sorted(words):
        counted[word] = counted.get(word, 0) + 1
    return counted


CODES = {
    *("not-fhir", "unknown-resource", "not-json", "not-utf-8", "not-xml", "not-an-object", "empty-file"),
    *("file-too-large", "record-too-large", "doctype-refused", "no-resources", "unused-resource"),
    *("code-not-listed", "encounter-class-not-used", "not-a-child", "not-a-safeguarding-event"),
    *("not-yet-happened", "safeguarding-flag-without-type", "no-date", "not-a-date", "future-date"),
    *("implausible-date", "ends-before-start", "no-patient", "no-identifier", "invalid-identifier"),
    *("invalid-nhs-number", "no-natural-key", "key-too-long", "unacceptable-value"),
}
WORDS = {
    *("document", "line", "entry", "resource", "of", "them", "contained", "subject", "identifier", "Bundle"),
    *("birthDate", "resourceType", "code", "status", "Patient", "Encounter", "Appointment", "Condition"),
    *("Observation", "Flag", "CarePlan", "CareTeam", "class", "period", "start", "end", "name", "id"),
    *("onsetDateTime", "onsetPeriod", "recordedDate", "effectiveDateTime", "meta", "lastUpdated", "recorded"),
    *("address", "gender", "extension", "participant", "category", "intent", "careTeam", "valueBoolean"),
    *("specialty", "reasonCode", "complaint", "notes", "details", "fullUrl"),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(FORMAT.sample.read_bytes()))
def test_an_accident_to_the_file_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(XML))
def test_an_accident_to_xml_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)


def test_nothing_of_an_unreadable_file_is_in_the_error():
    with pytest.raises(Untranslatable) as refused:
        read(FORMAT, b"<Patient xmlns='http://hl7.org/fhir'><name value='Robin Ashdown'></Patient>")

    assert "document: not-xml" == str(refused.value)
    assert refused.value.__cause__ is None
