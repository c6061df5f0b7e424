# ruff: noqa: E501 — a line of a drawn table or of mark-up stands whole
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.format import Format, Untranslatable
from adapters.schools.custodian import FORMAT as SCHOOLS
from adapters.social_care.custodian import FORMAT as SOCIAL_CARE
from schemas.any_agency import SafetyMeasure
from schemas.case_event import CaseEvent, Identifier
from schemas.schools import AttendanceSummary, SendSupport
from schemas.social_care import Allocation, Contact
from schemas.vocabulary import LinkRelation, Nature, Precision
from tests.adapters.drawn import READ_AT, counted, drawn, events, said, sender, table
from tests.adapters.hostile import mutations, survives

PERSON = SOCIAL_CARE.sample.with_name("custodian_person.sample.json").read_bytes()
WORDS = ("Willow", "Marchbank", "Alder", "Rowan", "Larkspur", "9990000018", "01632")


def asked(form: Format, **fields: object) -> str:
    return drawn(said(form, json.dumps({"nhsNumber": "9990000018", **fields}).encode()))


def test_childrens_services_details_say_referrals_plan_and_workers() -> None:
    assert drawn(said(SOCIAL_CARE, SOCIAL_CARE.sample.read_bytes())) == table("""
        2026-05-05 contact outcome=early-help
        2026-06-14 referral
        2026-06-14 referral
        refused /childrensServicesReferrals/3 no-date date
        2026-11-23 plan ongoing kind=cin-plan stage=started
        2026-11-23 allocation ongoing
        warning /dutyContactDetails unused-field dutyContactDetails
    """)


def test_a_key_worker_is_a_practitioner_in_scope_third_party() -> None:
    (allocation,) = (
        e for e in events(said(SOCIAL_CARE, SOCIAL_CARE.sample.read_bytes())) if isinstance(e, Allocation)
    )

    assert [(person.relation, person.name) for person in allocation.people] == [
        (LinkRelation.PRACTITIONER, "Rowan Ashby")
    ]
    assert allocation.team == "Safeguarding Team North"


def test_a_person_who_poses_a_risk_is_a_warning_about_the_child_they_name() -> None:
    things = said(SOCIAL_CARE, PERSON)
    (marker,) = (e for e in events(things) if isinstance(e, SafetyMeasure))

    assert drawn(things) == table("""
        2026-11-23 safety-measure kind=warning-marker stage=started
        warning /relatedPeople/0 unused-field dob
        refused /relatedPeople/1 no-event-type relationshipToTheChild
        warning /pronouns unused-field pronouns
    """)
    assert marker.details == "Stepfather: May resort to violence"
    assert [(person.relation, person.name) for person in marker.people] == [
        (LinkRelation.PARENT, "Alder Quillfeather")
    ]
    assert marker.name is not None
    assert (marker.name.given, marker.age, marker.postcode, marker.nature) == (
        "Willow",
        14,
        "TE5 7ST",
        Nature.VIEW,
    )
    assert marker.address == "4 Larkspur Rise, Testford"


def test_personal_details_that_no_event_can_carry_are_refused_by_name() -> None:
    assert asked(SOCIAL_CARE, firstName="Willow", relatedPeople=None) == "refused document no-event-type"


def test_education_details_say_years_and_support() -> None:
    assert drawn(said(SCHOOLS, SCHOOLS.sample.read_bytes())) == table("""
        2026-11-23 send-support need=SEND
        2024-09-01 attendance-summary percent=90.2
        2025-09-01 attendance-summary percent=71.4 change=-18.8
        2025-09-01 suspension
        2025-09-01 suspension
        2025-09-01 move kind=new-school
        warning /yearlyEducationAttendances/0/unauthorisedAbsencePercentage unused-field unauthorisedAbsencePercentage
        warning /yearlyEducationAttendances/0/schoolsAverageAttendance unused-field schoolsAverageAttendance
        warning /educationSettingAddress unused-field educationSettingAddress
        warning /educationSettingTelephone unused-field educationSettingTelephone
    """)


def test_what_a_years_count_says_is_known_to_the_year_only() -> None:
    (_, year) = (
        e for e in events(said(SCHOOLS, SCHOOLS.sample.read_bytes())) if isinstance(e, AttendanceSummary)
    )

    assert year.precision == Precision.YEAR
    assert year.identifiers == (Identifier("nhs-number", "9990000018"),)
    assert [place.label for place in year.places] == ["Larkspur Academy"]


def test_aids_to_communication_carry_the_personal_details_of_education() -> None:
    raw = {
        "nhsNumber": "9990000018",
        "makaton": True,
        "signLanguage": False,
        "braille": None,
        "address": {"line1": "4 Larkspur Rise", "postcode": "TE5 7ST"},
        "namesOfIndividualsResidingAtMainAddress": ["Hazel Marchbank"],
    }
    (support,) = (e for e in events(said(SCHOOLS, json.dumps(raw).encode())) if isinstance(e, SendSupport))

    assert (support.provision, support.postcode) == ("Makaton", "TE5 7ST")
    assert [(person.relation, person.name) for person in support.people] == [
        (LinkRelation.HOUSEHOLD, "Hazel Marchbank")
    ]


@pytest.mark.parametrize("form", [SCHOOLS, SOCIAL_CARE])
def test_null_is_not_said(form: Format) -> None:
    document = json.loads(form.sample.read_bytes())
    document["payload"] = dict.fromkeys(document["payload"])

    assert said(form, json.dumps(document).encode()) == []


@pytest.mark.parametrize("form", [SCHOOLS, SOCIAL_CARE])
def test_the_same_question_twice_says_the_same(form: Format) -> None:
    assert said(form, form.sample.read_bytes()) == said(form, form.sample.read_bytes())


def test_what_is_dated_keeps_its_id_when_asked_again_later() -> None:
    later = sender(read_at=READ_AT.replace(month=12))
    now, then = (
        {
            e.event_id
            for e in events(said(SOCIAL_CARE, SOCIAL_CARE.sample.read_bytes(), who))
            if isinstance(e, Contact)
        }
        for who in (sender(), later)
    )

    assert now == then


@pytest.mark.parametrize(
    ("form", "fields", "line"),
    [
        (SOCIAL_CARE, {"childrensServicesReferrals": [{"date": "2062-01-01", "type": "Early Help"}]},
         "refused /childrensServicesReferrals/0 future-date date"),
        (SOCIAL_CARE, {"childrensServicesReferrals": [{"date": "1066-01-01", "type": "Early Help"}]},
         "refused /childrensServicesReferrals/0 implausible-date date"),
        (SOCIAL_CARE, {"childrensServicesReferrals": [{"date": "x", "type": "Early Help"}]},
         "refused /childrensServicesReferrals/0 not-a-date date"),
        (SOCIAL_CARE, {"childrensServicesReferrals": [{"date": "2026-01-01", "type": "Other"}]},
         "refused /childrensServicesReferrals/0 unknown-code type"),
        (SOCIAL_CARE, {"childrensServicesReferrals": "x"},
         "refused /childrensServicesReferrals not-a-list childrensServicesReferrals"),
        (SOCIAL_CARE, {"cscActiveStatusesAndPlans": [{"status": "Other", "plan": None}]},
         "refused /cscActiveStatusesAndPlans/0 unknown-code plan"),
        (SOCIAL_CARE, {"keyWorker": 7}, "refused /keyWorker not-text keyWorker"),
        (SOCIAL_CARE, {"teamInvolvement": [7]}, "refused /keyWorker not-a-list teamInvolvement"),
        (SOCIAL_CARE, {"dateOfBirth": "2062-01-01", "relatedPeople": [{"risk": ["x"]}]},
         "warning document future-date dateOfBirth"),
        (SOCIAL_CARE, {"address": {"postcode": "x" * 13}, "firstName": "x"}, "warning /address not-text postcode"),
        (SOCIAL_CARE, {"relatedPeople": [{"risk": "x"}]}, "refused /relatedPeople/0 not-a-list risk"),
        (SOCIAL_CARE, {"keyWorker": None, "surprise": 1}, "warning document unknown-field"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2062}]},
         "refused /yearlyEducationAttendances/0 future-date academicTermYearStart"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 66}]},
         "refused /yearlyEducationAttendances/0 implausible-date academicTermYearStart"),
        (SCHOOLS, {"yearlyEducationAttendances": [{}]},
         "refused /yearlyEducationAttendances/0 no-date academicTermYearStart"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2025}]},
         "refused /yearlyEducationAttendances/0 not-said attendancePercentage"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2025, "attendancePercentage": 101}]},
         "refused /yearlyEducationAttendances/0 unacceptable-value percent"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2025, "suspensions": 1000}]},
         "refused /yearlyEducationAttendances/0 implausible-count suspensions"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2025, "exclusions": 0.5}]},
         "refused /yearlyEducationAttendances/0 not-a-number exclusions"),
        (SCHOOLS, {"yearlyEducationAttendances": [{"academicTermYearStart": 2025}] * 2},
         "refused /yearlyEducationAttendances/1 repeated-key academicTermYearStart"),
        (SCHOOLS, {"educationActiveStatusesAndPlans": [{}]},
         "refused /educationActiveStatusesAndPlans/0 not-said status"),
        (SCHOOLS, {"makaton": "yes"}, "warning document not-yes-or-no makaton"),
        (SCHOOLS, {"firstName": "x"}, "refused document no-event-type"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_place_and_field(
    form: Format, fields: dict[str, object], line: str
) -> None:
    assert line in asked(form, **fields).splitlines()


@pytest.mark.parametrize("form", [SCHOOLS, SOCIAL_CARE])
def test_a_record_without_a_child_is_refused_whole(form: Format) -> None:
    with pytest.raises(Untranslatable) as refused:
        said(form, b'{"firstName": "x"}')

    assert refused.value.finding.code == "no-nhs-number"


def answers(shared_data: Path, form: Format, folder: str, record: str) -> list[CaseEvent]:
    path = shared_data / "four-custodians" / folder / f"9449303223_{record}.json"
    with path.open("rb") as file:
        return list(form.translate(file, sender()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "folder", "record", "expected"),
    [
        (SOCIAL_CARE, "MockSocialCareProvider", "ChildrensServicesDetailsRecordV1",
         {"contact": 3, "referral": 2, "plan": 1, "allocation": 1, "warning unused-field dutyContactDetails": 1}),
        (SOCIAL_CARE, "MockSocialCareProvider", "PersonalDetailsRecordV1",
         {"safety-measure": 2, "warning unused-field dob": 2}
         | {f"warning unused-field {name}": 1 for name in (
             "pronouns", "firstLanguage", "designatedLocalAuthority", "englishAsAdditionalLanguage", "braille", "makaton")}),
        (SCHOOLS, "MockEducationProvider", "EducationDetailsRecordV1",
         {"send-support": 1, "attendance-summary": 2, "suspension": 4, "exclusion": 1, "move": 1,
          "warning unused-field unauthorisedAbsencePercentage": 2, "warning unused-field schoolsAverageAttendance": 2,
          "warning unused-field educationSettingAddress": 1, "warning unused-field educationSettingTelephone": 1}),
        (SCHOOLS, "MockEducationProvider", "PersonalDetailsRecordV1", {"send-support": 1}),
    ],
)  # fmt: skip
def test_the_published_records_are_taken_in_whole(
    shared_data: Path, form: Format, folder: str, record: str, expected: dict[str, int]
) -> None:
    things = answers(shared_data, form, folder, record)

    assert counted(things) == expected
    assert {e.identifiers[0].value for e in events(things)} == {"9449303223"}


@pytest.mark.parametrize(
    ("form", "raw"),
    [
        (SCHOOLS, SCHOOLS.sample.read_bytes()),
        (SOCIAL_CARE, SOCIAL_CARE.sample.read_bytes()),
        (SOCIAL_CARE, PERSON),
    ],
)
@given(data=st.data())
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_no_mutation_of_a_sample_is_raised_or_repeated(form: Format, raw: bytes, data: st.DataObject) -> None:
    survives(form, data.draw(mutations(raw)), sender(), WORDS)
