from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.format import Untranslatable
from adapters.schools.log_map import MAPS, bundled_maps
from adapters.schools.safeguarding_log import FORMAT
from schemas.case_event import Identifier, LinkedChild
from schemas.schools import ConcernLogged, Disclosure, SexualBehaviourIncident
from schemas.vocabulary import ChildPart, HsbForm, LinkRelation, Nature, Precision, Provenance
from tests.adapters.drawn import counted, drawn, events, findings, said, sender, table
from tests.adapters.hostile import mutations, survives

SAMPLE = FORMAT.sample.read_bytes()
WORDS = ("Willow", "Marchbank", "Tidewell", "Fern", "N999000001001", "S501", "LA-1001", "Breakfast")
HEADINGS = (
    "Concern Ref,Pupil Ref,Unique Pupil Number,Last Name,First Name,DOB,Date/Time of Concern,"
    "Date/Time Recorded,Concern Type,Details of Concern,Child's Own Words,Action Taken,"
    "Other Pupils Involved,Pupil's Role,Other People Involved,Reported By Role"
)


def log(*rows: str, headings: str = HEADINGS, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    return end.join([headings, *rows]).encode(encoding)


def row(
    ref: str = "C1", pupil: str = "P1", when: str = "05/03/2026 10:15", logged: str = "05/03/2026 11:00",
    kind: str = "Neglect", details: str = "", upn: str = "", born: str = "", part: str = "", linked: str = "",
) -> str:  # fmt: skip
    return f"{ref},{pupil},{upn},,,{born},{when},{logged},{kind},{details},,,{linked},{part},,"


def test_the_sample_says_every_entry_and_names_what_is_no_entry() -> None:
    assert drawn(said(FORMAT, SAMPLE)) == table("""
        warning line 1 rows-above-headings
        warning line 3 instruction-row
        2026-05-04 concern-logged category=appearance
        2026-05-04 concern-logged category=hunger
        2026-05-11 sexual-behaviour-incident hsb_forms=sexual-harassment+peer-on-peer
        2026-05-11 sexual-behaviour-incident hsb_forms=sexual-harassment+peer-on-peer
        2026-06-12 disclosure how_received=spoken
        2026-06-15 absence sessions_missed=9 unauthorised=True
        2026-06-22 suspension reason_code=sexual-misconduct sexual_misconduct=True
        warning line 10 no-date Incident Date
        2026-06-29 strength-noted kind=protective-factor
        warning line 11 not-a-date Date of Birth
        warning line 11 invalid-upn UPN
        warning line 11 unknown-category Categories
        2026-06-30 concern-logged
        refused line 12 future-date Incident Date
    """)


def test_one_incident_with_two_children_is_an_event_for_each_linked_by_reference() -> None:
    harming, harmed = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, SexualBehaviourIncident))

    assert (harming.part, harmed.part) == (ChildPart.HAS_SEXUALLY_HARMED, ChildPart.HAS_BEEN_SEXUALLY_HARMED)
    assert harming.incident == harmed.incident == Identifier("school-incident:testshire", "LA-1002")
    assert harming.children == (
        LinkedChild(LinkRelation.SAME_INCIDENT, (Identifier("school-pupil:testshire", "S501"),)),
    )
    assert harmed.identifiers[0] == harming.children[0].identifiers[0]
    assert harming.hsb_forms == (HsbForm.SEXUAL_HARASSMENT, HsbForm.PEER_ON_PEER)
    assert harming.event_id != harmed.event_id


def test_when_it_happened_and_when_it_was_logged_are_both_kept() -> None:
    concern = next(e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, ConcernLogged))

    assert concern.occurred_at.isoformat() == "2026-05-04T08:40:00+01:00"
    assert concern.recorded_at is not None
    assert concern.recorded_at.isoformat() == "2026-05-04T09:05:00+01:00"
    assert concern.precision == Precision.MINUTE
    assert concern.recorder_role == "Form tutor"


def test_what_a_child_told_is_an_account_in_the_childs_words() -> None:
    (disclosure,) = (e for e in events(said(FORMAT, SAMPLE)) if isinstance(e, Disclosure))

    assert disclosure.words == 'Said "he follows me home and I don\'t go out now".'
    assert (disclosure.provenance, disclosure.nature) == (Provenance.TOLD_BY_CHILD, Nature.CHILD_WORDS)
    assert disclosure.precision == Precision.DAY


def test_a_word_the_map_does_not_know_is_kept_as_words_and_never_as_a_signal() -> None:
    (concern,) = events(said(FORMAT, log(row(kind="Spoke to Mrs Invented"))))

    assert isinstance(concern, ConcernLogged)
    assert (concern.category, concern.summary) == (None, "Spoke to Mrs Invented")


def test_the_same_file_twice_says_the_same() -> None:
    assert said(FORMAT, SAMPLE) == said(FORMAT, SAMPLE)


def test_a_row_keeps_its_id_and_digest_when_the_export_grows_above_it() -> None:
    alone = events(said(FORMAT, log(row())))[0]
    later = events(said(FORMAT, log(row(ref="C0"), row())))[1]

    assert alone.event_id == later.event_id
    assert alone.source is not None
    assert later.source is not None
    assert alone.source.sha256 == later.source.sha256


def test_no_source_id_holds_the_schools_number_of_a_pupil() -> None:
    assert not [e for e in events(said(FORMAT, SAMPLE)) if "S50" in e.source_event_id]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("05/03/2026 10:15", "2026-03-05T10:15:00+00:00"),
        ("05/03/2026", "2026-03-05T00:00:00+00:00"),
        ("2026-03-05", "2026-03-05T00:00:00+00:00"),
        ("2026-03-05T10:15:30", "2026-03-05T10:15:30+00:00"),
        ("05-Mar-2026", "2026-03-05T00:00:00+00:00"),
        ("5 March 2026", "2026-03-05T00:00:00+00:00"),
        ("20260305", "2026-03-05T00:00:00+00:00"),
    ],
)
def test_days_are_read_as_schools_write_them(written: str, read: str) -> None:
    assert events(said(FORMAT, log(row(when=written))))[0].occurred_at.isoformat() == read


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (row(ref=""), "refused line 2 no-natural-key Concern Ref"),
        (row(pupil=""), "refused line 2 invalid-identifier Pupil Ref"),
        (row(kind=""), "refused line 2 no-category Concern Type"),
        (row(logged=""), "refused line 2 no-date Date/Time Recorded"),
        (row(when="yesterday"), "refused line 2 not-a-date Date/Time of Concern"),
        (row(when="31/02/2026"), "refused line 2 not-a-date Date/Time of Concern"),
        (row(when="05/03/1066"), "refused line 2 implausible-date Date/Time of Concern"),
        (
            row(when="06/03/2026", logged="05/03/2026"),
            "refused line 2 happened-after-logged Date/Time of Concern",
        ),
        (row(logged="05/03/2062"), "refused line 2 future-date Date/Time Recorded"),
        (row(upn="A999000001001"), "warning line 2 invalid-upn Unique Pupil Number"),
        (row(born="01/01/2062"), "warning line 2 implausible-date DOB"),
        (row(part="Bystander"), "warning line 2 unknown-code Pupil's Role"),
        (row(kind="Something new"), "warning line 2 unknown-category Concern Type"),
        (row(linked="x" * 101), "warning line 2 invalid-identifier Other Pupils Involved"),
        (row(details="x" * 20_001), "refused line 2 unacceptable-value details"),
        (row(details="x" * 100_001), "refused line 2 record-too-large"),
        (row() + ",surplus", "refused line 2 wrong-number-of-cells"),
        ("C1,P1", "refused line 2 wrong-number-of-cells"),
        (row(details='"open'), "refused line 2 open-quote"),
        (row(details='a"b"c'), None),
        (row(details='"a"b'), "refused line 2 not-csv"),
        (row(details="a\0b"), "refused line 2 encoding-not-accepted"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_heading_and_spoils_no_other_row(
    entry: str, line: str | None
) -> None:
    things = said(FORMAT, log(entry, row(ref="C9")))

    assert line is None or line in drawn(things).splitlines()
    assert events(things)[-1].incident == Identifier("school-incident:testshire", "C9")


def test_an_open_quote_gives_up_one_line_only() -> None:
    things = said(
        FORMAT,
        log(row(ref="C1"), row(ref="C2", details='"open'), row(ref="C3"), row(ref="C4", details='so"')),
    )

    assert counted(things) == {"concern-logged": 2, "refused open-quote": 2}


def test_no_row_is_swallowed_by_the_open_quote_of_the_row_above() -> None:
    things = said(FORMAT, log(row(ref="C1", details='"open'), row(ref="C2", details='so"'), row(ref="C3")))

    assert counted(things) == {"refused open-quote": 2, "concern-logged": 1}


def test_a_cell_may_run_over_lines() -> None:
    (concern,) = events(said(FORMAT, log(row(details='"one\r\ntwo, ""three"""'))))

    assert isinstance(concern, ConcernLogged)
    assert concern.details == 'one\r\ntwo, "three"'


def test_a_repeated_entry_is_refused_the_second_time() -> None:
    assert counted(said(FORMAT, log(row(), row()))) == {"concern-logged": 1, "refused repeated-key": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_text_is_utf_8_else_windows_1252_row_by_row(encoding: str) -> None:
    things = said(FORMAT, log(row(details="café “quoted”"), encoding=encoding))
    (concern,) = events(things)

    assert isinstance(concern, ConcernLogged)
    assert concern.details == "café “quoted”"
    assert [f.code for f in findings(things)] == (["read-as-windows-1252"] if encoding == "cp1252" else [])


def test_a_row_in_no_known_encoding_spoils_no_other() -> None:
    raw = log(row(details="BAD"), row(ref="C2")).replace(b"BAD", b"\x81\x8d\xff")

    assert counted(said(FORMAT, raw)) == {"refused encoding-not-accepted": 1, "concern-logged": 1}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "header-not-found"),
        (b"\n\n\n", "header-not-found"),
        (b"a,b,c\n1,2,3\n", "header-not-found"),
        (b"x\n" * 25 + log(row()), "header-not-found"),
        (SAMPLE.decode().encode("utf-16"), "encoding-not-accepted"),
        (b"\x00\x01\x02" * 1000, "header-not-found"),
        (log(row(), headings=HEADINGS + ",DOB"), "repeated-column"),
    ],
)
def test_a_file_that_is_no_log_is_refused_whole(raw: bytes, code: str) -> None:
    with pytest.raises(Untranslatable) as refused:
        said(FORMAT, raw)

    assert refused.value.finding.code == code


def test_a_column_of_the_map_that_the_file_has_not_is_named_once() -> None:
    short = "Concern Ref,Pupil Ref,Date/Time Recorded,Concern Type"
    things = said(FORMAT, log("C1,P1,05/03/2026,Bullying", headings=short))

    assert "warning headings missing-column DOB" in drawn(things).splitlines()
    assert counted(things)["concern-logged"] == 1


OWN_MAP = """
about = "A school's own"
delimiter = ";"
separator = "|"
date_forms = ["%m/%d/%Y"]
[columns]
record = "No"
pupil = "Who"
logged = "On"
category = "What"
[categories."Online"]
event = "sexual-behaviour-incident"
hsb_forms = ["indecent-images-or-extreme-porn"]
technology = true
"""


def test_a_schools_own_map_decides_what_its_log_means(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN_MAP)
    things = said(FORMAT, b"no;who;on;what\n7;P1;03/05/2026;ONLINE\n", sender(settings=own))

    assert drawn(things) == (
        "2026-03-05 sexual-behaviour-incident technology=True hsb_forms=indecent-images-or-extreme-porn"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about = ", "map: bad-column-map"),
        (OWN_MAP + "\nnonsense [", "map line 16: bad-column-map"),
        (OWN_MAP.replace('"sexual-behaviour-incident"', '"something-else"'), "map line 12: bad-column-map"),
        (OWN_MAP.replace('record = "No"', ""), "map line 6: bad-column-map"),
        (OWN_MAP.replace("technology", "surprise"), "map line 14: bad-column-map"),
        (None, "map: no-column-map"),
    ],
)
def test_a_wrong_map_is_refused_with_its_line(tmp_path: Path, text: str | None, words: str) -> None:
    own = tmp_path / "own.toml"
    if text is not None:
        own.write_text(text)

    with pytest.raises(Untranslatable, match=f"^{words}$"):
        said(FORMAT, SAMPLE, sender(settings=own))


def test_two_maps_come_with_the_product_and_both_can_be_read() -> None:
    assert len(bundled_maps()) == len(list(MAPS.glob("*.toml"))) == 2


def test_class_and_cohort_lists_are_no_safeguarding_logs(shared_data: Path) -> None:
    files = sorted((shared_data / "schools-csv-rosters").glob("*/*.csv"))
    for path in files:
        with pytest.raises(Untranslatable) as refused:
            said(FORMAT, path.read_bytes())

        assert refused.value.finding.code == "header-not-found"
    assert len(files) == 20


ROSTER_MAP = """
about = "A class list read as if it were a log"
[columns]
record = "CHILD_FIRST_NAME"
pupil = "CHILD_LAST_NAME"
logged = "CHILD_DATE_OF_BIRTH"
category = "CHILD_POSTCODE"
born = "CHILD_DATE_OF_BIRTH"
"""


def test_class_lists_under_a_map_that_fits_end_row_by_row_in_an_event_or_a_reason(
    shared_data: Path, tmp_path: Path
) -> None:
    own = tmp_path / "roster.toml"
    own.write_text(ROSTER_MAP)
    read, refused = 0, 0
    for path in sorted((shared_data / "schools-csv-rosters").glob("*/*.csv")):
        try:
            things = said(FORMAT, path.read_bytes(), sender(settings=own))
        except Untranslatable:
            continue
        read += len(events(things))
        refused += len([f for f in findings(things) if f.refused])

    assert (read, refused) == (32, 17)


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_no_mutation_of_the_sample_is_raised_or_repeated(data: st.DataObject) -> None:
    survives(FORMAT, data.draw(mutations(SAMPLE)), sender(), WORDS)
