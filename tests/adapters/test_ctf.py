# ruff: noqa: E501 — a line of a drawn table or of mark-up stands whole
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.format import Untranslatable
from adapters.schools.ctf import FORMAT
from schemas.case_event import Identifier
from schemas.schools import AttendanceSummary, Move, SendSupport
from schemas.vocabulary import Precision
from tests.adapters.drawn import counted, drawn, events, findings, said, sender, table
from tests.adapters.hostile import mutations, survives

SAMPLE = FORMAT.sample.read_bytes()
WORDS = ("Willow", "Marchbank", "N999000001001", "9990001234", "Larkspur")
PUPIL = "/CTfile/CTFpupilData/Pupil[1]"


def ctf(pupil: str, *, root: str = "CTfile", name: str = "Common Transfer File", prolog: str = "") -> bytes:
    return (
        f"{prolog}<{root}><Header><DocumentName>{name}</DocumentName><SourceSchool><LEA>999</LEA><Estab>4001</Estab>"
        f"</SourceSchool></Header><CTFpupilData><Pupil>{pupil}</Pupil></CTFpupilData></{root}>"
    ).encode()


def pupil(inside: str, *, upn: str = "N999000001001") -> bytes:
    return ctf(f"<UPN>{upn}</UPN>{inside}")


def test_the_sample_says_every_move_year_and_support() -> None:
    assert drawn(said(FORMAT, SAMPLE)) == table("""
        2023-07-21 move kind=new-school new_area=False
        2026-07-17 move kind=new-school new_area=True
        2025-09-03 attendance-summary percent=71.3
        2023-09-11 send-support ongoing
        2023-09-11..2025-01-20 send-support
        2025-01-20 send-support ongoing need=SEMH
        refused /CTfile/CTFpupilData/Pupil[1]/LookedAfter[1] no-event-type InCare
    """)


def test_a_move_names_both_schools_as_places() -> None:
    _, last = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Move))

    assert last.from_school == "Larkspur Academy (9994001)"
    assert last.to_school == "9984100"
    assert [place.reference for place in last.places] == [
        Identifier("school", "9994001"),
        Identifier("school", "9984100"),
    ]
    assert last.reason == "Leaving reason NT"


def test_a_pupil_is_known_by_pupil_and_learner_number() -> None:
    first = events(said(FORMAT, SAMPLE))[0]

    assert first.identifiers == (Identifier("upn", "N999000001001"), Identifier("uln", "9990001234"))
    assert first.name is not None
    assert (first.name.given, first.name.family, first.age) == ("Willow", "Marchbank", 11)


def test_no_source_id_holds_a_number_of_the_pupil() -> None:
    assert not [e for e in events(said(FORMAT, SAMPLE)) if any(word in e.source_event_id for word in WORDS)]


def test_support_is_completed_when_the_next_entry_begins() -> None:
    first, ended, _ = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, SendSupport))

    assert ended.completes == first.source_event_id


def test_the_same_file_twice_says_the_same() -> None:
    assert said(FORMAT, SAMPLE) == said(FORMAT, SAMPLE)


def test_a_school_left_for_nowhere_known_is_off_roll() -> None:
    history = "<SchoolHistory><School><LEA>998</LEA><Estab>2000</Estab><LeavingDate>2026-01-09</LeavingDate></School></SchoolHistory>"

    assert drawn(said(FORMAT, pupil(history))) == "2026-01-09 move kind=off-roll"


def test_a_year_without_a_day_stands_at_its_first_and_says_so() -> None:
    year = "<Attendance><YearData><Year>2025</Year><SessionsPossible>200</SessionsPossible><SessionsAttended>150</SessionsAttended></YearData></Attendance>"
    (summary,) = (e for e in events(said(FORMAT, pupil(year))) if isinstance(e, AttendanceSummary))

    assert (summary.precision, summary.percent) == (Precision.YEAR, 75.0)
    assert summary.occurred_at.date().isoformat() == "2025-01-01"


@pytest.mark.parametrize(
    ("inside", "line"),
    [
        (
            "<SchoolHistory><School><LeavingDate>2027-01-01</LeavingDate></School></SchoolHistory>",
            f"refused {PUPIL}/SchoolHistory[1]/School[1] future-date LeavingDate",
        ),
        (
            "<SchoolHistory><School><LeavingDate>14/09/2017</LeavingDate></School></SchoolHistory>",
            f"refused {PUPIL}/SchoolHistory[1]/School[1] not-a-date LeavingDate",
        ),
        (
            "<DOB>2015-01-01</DOB><SENhistory><SEN><StartDate>2014-01-01</StartDate><SENprovision>K</SENprovision></SEN></SENhistory>",
            f"refused {PUPIL}/SENhistory[1]/SEN[1] before-birth StartDate",
        ),
        (
            "<SENhistory><SEN><StartDate>2024-01-01</StartDate></SEN></SENhistory>",
            f"refused {PUPIL}/SENhistory[1]/SEN[1] unknown-code SENprovision",
        ),
        (
            "<Attendance><YearData><Year>2025</Year></YearData></Attendance>",
            f"refused {PUPIL}/Attendance[1]/YearData[1] not-said SessionsPossible",
        ),
        (
            "<Attendance><YearData><Year>2025</Year><SessionsPossible>10</SessionsPossible><SessionsAttended>11</SessionsAttended></YearData></Attendance>",
            f"refused {PUPIL}/Attendance[1]/YearData[1] implausible-count SessionsAttended",
        ),
        (
            "<Attendance><YearData><Year>2062</Year><SessionsPossible>9</SessionsPossible><SessionsAttended>9</SessionsAttended></YearData></Attendance>",
            f"refused {PUPIL}/Attendance[1]/YearData[1] future-date Year",
        ),
        ("<DOB>2031-01-01</DOB>", f"warning {PUPIL} future-date DOB"),
        ("", f"refused {PUPIL} nothing-to-say"),
    ],
)
def test_what_cannot_be_is_named_by_place_and_field(inside: str, line: str) -> None:
    assert line in drawn(said(FORMAT, pupil(inside))).splitlines()


def test_a_pupil_whose_only_number_is_wrong_is_refused() -> None:
    assert drawn(said(FORMAT, pupil("", upn="A999000001001"))) == table(f"""
        warning {PUPIL} invalid-upn UPN
        refused {PUPIL} no-identifier UPN
    """)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not-xml"),
        (SAMPLE[:700], "not-xml"),
        (ctf("", prolog='<!DOCTYPE a [<!ENTITY a "b">]>'), "doctype-refused"),
        (ctf("", root="ATfile"), "unexpected-root"),
        (ctf("", name="Admissions Data Transfer File"), "not-a-ctf"),
        (ctf("").replace(b"SourceSchool", b"Elsewhere"), "no-source-school"),
        (b"<CTfile><CTFpupilData><Pupil/></CTFpupilData></CTfile>", "no-header"),
        (b"<CTfile/>", "no-header"),
    ],
)
def test_a_file_that_is_no_ctf_is_refused_whole(raw: bytes, code: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        said(FORMAT, raw)

    assert refused.value.finding.code == code


def test_a_real_file_without_a_usable_number_or_history_says_so(shared_data: Path) -> None:
    raw = (shared_data / "schools-ctf" / "1234567_CTF_9998888_001.xml").read_bytes()

    assert counted(said(FORMAT, raw)) == {"warning invalid-upn UPN": 1, "refused no-identifier UPN": 1}


def test_the_file_off_the_specification_is_refused_clearly(shared_data: Path) -> None:
    raw = (shared_data / "schools-ctf" / "8409003_8059004_000.xml").read_bytes()

    with pytest.raises(Untranslatable, match=r"^/: unexpected-root$"):
        said(FORMAT, raw)


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_no_mutation_of_the_sample_is_raised_or_repeated(data: st.DataObject) -> None:
    survives(FORMAT, data.draw(mutations(SAMPLE)), sender(), WORDS)


def test_findings_of_the_sample_name_no_value() -> None:
    assert not [f for f in findings(said(FORMAT, SAMPLE)) if any(word in repr(f) for word in WORDS)]
