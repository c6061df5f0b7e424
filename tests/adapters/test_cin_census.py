from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.format import Untranslatable
from adapters.social_care.cin_census import FORMAT
from adapters.xml_records import MAX_ELEMENTS
from schemas.case_event import Identifier
from schemas.social_care import Plan, Referral
from schemas.vocabulary import Precision
from tests.adapters.drawn import counted, drawn, events, findings, said, sender, table
from tests.adapters.hostile import mutations, survives

SAMPLE = FORMAT.sample.read_bytes()
WORDS = ("TS-20417", "TS-20990", "N999000001001")
FIRST = "/Message/Children/Child[1]"


def census(
    *children: str, header: str = "<ReferenceDate>2026-03-31</ReferenceDate>", prolog: str = ""
) -> bytes:
    return (
        f"{prolog}<Message><Header><CollectionDetails><Collection>CIN</Collection>{header}</CollectionDetails>"
        f"<Source><LEA>999</LEA></Source></Header><Children>{''.join(children)}</Children></Message>"
    ).encode()


def child(
    details: str = "<CINreferralDate>2026-01-05</CINreferralDate>", *, who: str = "", number: str = "C1"
) -> str:
    return (
        f"<Child><ChildIdentifiers><LAchildID>{number}</LAchildID>{who}</ChildIdentifiers>"
        f"<CINdetails>{details}</CINdetails></Child>"
    )


def test_the_sample_says_every_dated_thing_in_the_order_of_the_census() -> None:
    assert drawn(said(FORMAT, SAMPLE)) == table("""
        2025-06-02 referral source_agency=police
        2026-02-27 closed reason_code=RC8
        2025-06-30 conference kind=initial
        2025-06-03 assessment kind=child-and-family stage=started
        2025-07-25 assessment kind=child-and-family stage=completed factors=3B+10A
        2025-06-10 plan ongoing kind=cin-plan stage=started
        2025-06-10..2025-06-30 plan kind=cin-plan stage=ended
        2025-06-12 section-47 stage=started
        2025-06-30 plan ongoing kind=cp-plan stage=started category_of_abuse=neglect
        2025-06-30..2026-02-20 plan kind=cp-plan stage=ended category_of_abuse=sexual
        2025-09-22 conference kind=review
        warning /Message/Children/Child[1] unused-field AssessmentInternalReviewDate
        warning /Message/Children/Child[1] unused-field InitialCPCtarget
        warning /Message/Children/Child[1] unused-field NumberOfPreviousCPP
        2026-03-02 referral source_agency=health
        warning /Message/Children/Child[2] unused-field UPNunknown
    """)


def test_every_time_is_known_to_the_day_and_stands_at_midnight_in_london() -> None:
    things = events(said(FORMAT, SAMPLE))

    assert {event.precision for event in things} == {Precision.DAY}
    assert things[0].occurred_at.isoformat() == "2025-06-02T00:00:00+01:00"


def test_a_child_is_known_by_the_authoritys_number_and_a_right_pupil_number() -> None:
    born, unborn = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Referral))

    assert born.identifiers == (Identifier("social-care:999", "TS-20417"), Identifier("upn", "N999000001001"))
    assert born.age == 13
    assert unborn.age == -1
    assert unborn.date_of_birth is None


def test_the_end_of_a_plan_completes_its_start() -> None:
    began, ended = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Plan) and e.kind == "cp-plan")

    assert ended.completes == began.source_event_id


def test_the_same_file_twice_says_the_same() -> None:
    assert said(FORMAT, SAMPLE) == said(FORMAT, SAMPLE)


def test_a_restated_child_has_the_same_ids_wherever_the_record_stands() -> None:
    alone = events(said(FORMAT, census(child())))
    second = events(said(FORMAT, census(child(number="C0"), child())))

    assert alone[0].event_id == second[1].event_id
    assert alone[0].source is not None
    assert second[1].source is not None
    assert alone[0].source.sha256 == second[1].source.sha256


def test_two_referrals_on_one_day_are_two_events() -> None:
    twice = child().replace(
        "</Child>", "<CINdetails><CINreferralDate>2026-01-05</CINreferralDate></CINdetails></Child>"
    )

    assert counted(said(FORMAT, census(twice))) == {"referral": 2}


@pytest.mark.parametrize(
    ("details", "who", "line"),
    [
        ("<CINreferralDate>2026-04-01</CINreferralDate>", "", "refused {} future-date CINreferralDate"),
        ("<CINreferralDate>1989-12-31</CINreferralDate>", "", "refused {} implausible-date CINreferralDate"),
        ("<CINreferralDate>2026-02-30</CINreferralDate>", "", "refused {} not-a-date CINreferralDate"),
        ("<CINreferralDate>05/01/2026</CINreferralDate>", "", "refused {} not-a-date CINreferralDate"),
        (
            "<CINreferralDate>\u0662\u0660\u0662\u0666-01-05</CINreferralDate>",
            "",
            "refused {} not-a-date CINreferralDate",
        ),
        ("<CINreferralDate/>", "", "refused {} no-date CINreferralDate"),
        (
            "<CINreferralDate>2014-01-01</CINreferralDate>",
            "<PersonBirthDate>2015-01-01</PersonBirthDate>",
            "refused {} before-birth CINreferralDate",
        ),
        (
            "<CINreferralDate>2026-01-05</CINreferralDate><ReferralSource>77</ReferralSource>",
            "",
            "warning {} unknown-code ReferralSource",
        ),
        (
            "<CINreferralDate>2026-01-05</CINreferralDate><CINPlanDates><CINPlanStartDate>2026-02-01</CINPlanStartDate><CINPlanEndDate>2026-01-20</CINPlanEndDate></CINPlanDates>",
            "",
            "refused {}/CINPlanDates[1] ends-before-it-starts CINPlanEndDate",
        ),
        (
            "<CINreferralDate>2026-01-05</CINreferralDate><ChildProtectionPlans><CPPstartDate>2026-02-01</CPPstartDate><InitialCategoryOfAbuse>XXX</InitialCategoryOfAbuse></ChildProtectionPlans>",
            "",
            "warning {}/ChildProtectionPlans[1] unknown-code InitialCategoryOfAbuse",
        ),
    ],
)
def test_what_cannot_be_is_named_by_place_and_field(details: str, who: str, line: str) -> None:
    lines = drawn(said(FORMAT, census(child(details, who=who)))).splitlines()

    assert line.format(f"{FIRST}/CINdetails[1]") in lines


@pytest.mark.parametrize(
    ("who", "line"),
    [
        ("<UPN>A999000001001</UPN>", "warning {} cin:1510 UPN"),
        ("<PersonBirthDate>2027-01-01</PersonBirthDate>", "warning {} future-date PersonBirthDate"),
        ("PersonBirthDate<PersonBirthDate>2015-01-01</PersonBirthDate>", "warning {} stray-text"),
    ],
)
def test_wrong_details_of_the_child_are_left_out_with_a_warning(who: str, line: str) -> None:
    things = said(FORMAT, census(child(who=who)))

    assert drawn(things).splitlines()[0] == line.format(f"{FIRST}/ChildIdentifiers[1]")
    assert [identifier.system for identifier in events(things)[0].identifiers] == ["social-care:999"]


def test_a_future_reference_date_lets_nothing_past_the_day_of_reading() -> None:
    raw = census(
        child("<CINreferralDate>2026-11-24</CINreferralDate>"),
        header="<ReferenceDate>9999-01-01</ReferenceDate>",
    )

    assert counted(said(FORMAT, raw)) == {"refused future-date CINreferralDate": 1}


def test_a_child_without_a_number_and_a_child_named_twice_spoil_no_other() -> None:
    raw = census(child(number=""), child(), child(), child(number="C2"))

    assert counted(said(FORMAT, raw)) == {
        "refused no-identifier LAchildID": 1,
        "referral": 2,
        "refused repeated-child LAchildID": 1,
    }


def test_a_record_too_large_is_passed_over_and_the_next_one_read() -> None:
    large = child("<CINreferralDate>2026-01-05</CINreferralDate>" + "<x/>" * (MAX_ELEMENTS + 1))

    assert counted(said(FORMAT, census(large, child(number="C2")))) == {
        "refused record-too-large": 1,
        "referral": 1,
    }


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-xml"),
        (b"{}", "not-xml"),
        (SAMPLE[:900], "not-xml"),
        (census(child(), prolog=BOMB), "doctype-refused"),
        (census(child(), prolog=f"<!--{' ' * 70_000}-->{BOMB}"), "doctype-refused"),
        ((BOMB + census(child()).decode()).encode("utf-16"), "doctype-refused"),
        (b'<?xml version="1.0" encoding="UTF-7"?>' + census(child()), "encoding-not-accepted"),
        (census(child("\udcff".encode("utf-8", "surrogatepass").decode("latin-1"))) + b"\xff", "not-xml"),
        (b"<Other/>", "unexpected-root"),
        (b"<Message><Children><Child/></Children></Message>", "no-header"),
        (b"<Message/>", "no-header"),
        (census(child(), header=""), "not-a-date"),
        (census(child()).replace(b">CIN<", b">S903<"), "not-a-cin-census"),
        (b"<Message>" + b"<a/>" * (MAX_ELEMENTS + 10) + b"</Message>", "too-much-outside-records"),
        (b"<Message>" + b"<a>" * 400, "not-xml"),
    ],
)
def test_a_file_that_is_no_census_is_refused_whole(raw: bytes, code: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        said(FORMAT, raw)

    assert refused.value.finding.code == code


def test_a_census_in_another_accepted_encoding_is_read() -> None:
    text = '<?xml version="1.0" encoding="{}"?>' + census(child()).decode()

    assert counted(said(FORMAT, text.format("UTF-16").encode("utf-16"))) == {"referral": 1}
    assert counted(said(FORMAT, text.format("windows-1252").encode("cp1252"))) == {"referral": 1}


def test_the_large_census_is_accounted_for_record_by_record(shared_data: Path) -> None:
    raw = (shared_data / "social-care-cin" / "fake_CIN_data.xml").read_bytes()
    things = said(FORMAT, raw)
    number = counted(things)
    places = [e.source.place for e in events(things) if e.source] + [
        f.place for f in findings(things) if f.refused
    ]
    children = {place.split("/CINdetails")[0] for place in places}

    assert number == {
        "referral": 394,
        "refused future-date CINreferralDate": 8,
        "closed": 243,
        "refused future-date CINclosureDate": 9,
        "conference": 344,
        "refused future-date DateOfInitialCPC": 6,
        "warning cin:1510 UPN": 320,
        "warning unused-field PersonDeathDate": 1,
    }
    assert number["referral"] + number["refused future-date CINreferralDate"] == 402
    assert len(children) == 332
    assert not [event for event in events(things) if event.occurred_at.date().isoformat() > "2022-07-21"]


@pytest.mark.parametrize(
    ("name", "said_of_it", "refused", "warned"),
    [("CIN_Census_2021.xml", 0, 12, 9), ("CIN_Census_2024.xml", 12, 4, 6), ("liia-cin-2022.xml", 0, 12, 8)],
)
def test_the_small_censuses_are_read_though_they_break_the_layout(
    shared_data: Path, name: str, said_of_it: int, refused: int, warned: int
) -> None:
    things = said(FORMAT, (shared_data / "social-care-cin" / name).read_bytes())

    assert len(events(things)) == said_of_it
    assert len([f for f in findings(things) if f.refused]) == refused
    assert len([f for f in findings(things) if not f.refused]) == warned


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_no_mutation_of_the_sample_is_raised_or_repeated(data: st.DataObject) -> None:
    survives(FORMAT, data.draw(mutations(SAMPLE)), sender(), WORDS)
