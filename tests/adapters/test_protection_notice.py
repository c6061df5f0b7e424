"""Public protection notices by CSV: a force's own columns, grades and dates; what its map must say."""

import pytest
from hypothesis import given, settings

from adapters.police.column_map import SHIPPED
from adapters.police.protection_notice import FORMAT
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

HEADINGS = "PPN Ref,Nominal,Surname,DOB,Incident Date,Concern,Grading,Circumstances"


def csv(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *rows, ""]).encode()


def told(*rows: str) -> str:
    lines = drawn(read(FORMAT, csv(*rows)), "rag", "concern_category", "summary").splitlines()
    return "\n".join(line for line in lines if "column-missing" not in line)


def test_the_sample_tells_each_row_and_names_what_it_refuses():
    assert table("""
        ~ line 4 (1 of them) unused-column
        police.protection-notice 2026-05-02T22:40 rag=red concern_category=neglect grade_as_sent=High
        police.protection-notice 2026-06-12 part=has-sexually-harmed rag=amber \
            concern_category=harmful-sexual-behaviour grade_as_sent=medium
        police.protection-notice 2026-06-12 part=has-been-sexually-harmed rag=green \
            concern_category=harmful-sexual-behaviour grade_as_sent=STANDARD
        ~ line 9 unknown-grade grade
        ~ line 9 unknown-part part
        ~ line 9 invalid-nhs-number nhs_number
        police.protection-notice 2026-07-01 concern_category=domestic-abuse grade_as_sent=Purple
        ! line 10 no-identifier nominal
        ! line 11 not-a-date occurred
        ! line 12 future-date occurred
        ! line 13 not-a-child born
        ! line 14 wrong-number-of-cells
    """) == drawn(read_sample(FORMAT), "part", "rag", "concern_category", "grade_as_sent")


def test_the_same_file_makes_the_same_events_and_a_row_more_changes_no_id():
    once, again = read_sample(FORMAT), read_sample(FORMAT)
    raw = FORMAT.sample.read_bytes()
    longer = read(
        FORMAT, raw.replace(b"PPN-26-1101", b"PPN-26-1100,N200881" + b"," * 16 + b"\r\nPPN-26-1101")
    )

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))
    assert ids_of(once) == ids_of(longer)


def test_words_keep_their_line_breaks_quotes_and_accents():
    first, *_, last = events_of(read_sample(FORMAT))

    assert ["Home cold, no food seen.", "Second visit this month."] == first.summary.splitlines()
    assert 'She said "there is never any tea"' == first.child_words
    assert ("Néve", "Amélie", "Café disturbance") == (last.name.family, last.name.given, last.summary)


@pytest.mark.parametrize("occurred", ["05/04/2026", "5/4/26", "2026-04-05", "20260405", "05 Apr 2026"])
def test_a_date_is_read_as_the_force_writes_it(occurred):
    assert "police.protection-notice 2026-04-05" == told(f"R1,N1,,,{occurred},,,")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("R1,N1,,,,,,", "! line 2 not-a-date occurred"),
        ("R1,N1,,,yesterday,,,", "! line 2 not-a-date occurred"),
        ("R1,N1,,,01/01/0001,,,", "! line 2 implausible-date occurred"),
        ("R1,N1,,,01/01/9999,,,", "! line 2 future-date occurred"),
        ("R1,,,,01/04/2026,,,", "! line 2 no-identifier nominal"),
        (",N1,,,01/04/2026,,,", "! line 2 no-natural-key"),
        ("R1,N1,,soon,01/04/2026,,,", "! line 2 not-a-date born"),
        ("R1,N1,,01/01/1990,01/04/2026,,,", "! line 2 not-a-child born"),
        ("R1,N1,,01/01/2031,01/04/2026,,,", "! line 2 implausible-date born"),
        ("R1,N1,,,01/04/2026,,", "! line 2 wrong-number-of-cells"),
        ("R1,N1,,,01/04/2026,,,,", "! line 2 wrong-number-of-cells"),
        (f"R1,{'N' * 101},,,01/04/2026,,,", "! line 2 invalid-identifier nominal"),
        (f"R1,N1,{'N' * 201},,01/04/2026,,,", "! line 2 unacceptable-value family"),
        (f"R1,N1,,,01/04/2026,,,{'x' * 140_000}", "! line 2 unreadable-row"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_the_next_is_read(row, line):
    assert f"{line}\npolice.protection-notice 2026-04-02" == told(row, "R2,N2,,,02/04/2026,,,")


def test_a_category_in_words_of_its_own_is_kept_in_the_summary():
    assert table("""
        ~ line 2 unknown-category category
        police.protection-notice 2026-04-01 summary=Worried:_see_notes,_please!;_Seen_crying
    """) == told('R1,N1,,,01/04/2026,"Worried: see notes, please!",,Seen crying')


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "document: empty-file"),
        (b"\r\n,,\r\n", "document: empty-file"),
        (b"Name,Age\r\nRobin,14\r\n", "document: no-headings"),
        (b"instructions\r\n" * 30 + csv("R1,N1,,,01/04/2026,,,"), "document: no-headings"),
        (csv("R1,N1,,,01/04/2026,,,").decode().encode("utf-16"), "document: encoding-not-accepted"),
        (b"PK\x03\x04\x00\x00", "document: encoding-not-accepted"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(raw, why):
    assert why == refusal(FORMAT, raw)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"High" = "red"', '"High" = "crimson"', "settings line 31: settings-invalid (grades.High)"),
        ('reference = "PPN Ref"', "", "settings line 10: settings-invalid (columns.reference)"),
        ('family = "Surname"', 'surname = "Surname"', "settings line 14: settings-invalid (columns.surname)"),
        ('family = "Surname"', "family = 7", "settings line 14: settings-invalid (columns.family)"),
        ('family = "Surname"', "family = ", "settings line 14: settings-unreadable"),
        ('"%d/%m/%y"', '"%Q"', "settings line 6: settings-invalid (dates.2)"),
        ('delimiter = ","', 'delimiter = "::"', "settings line 4: settings-invalid (delimiter)"),
        ('force = "north"', 'force = "North!"', "settings line 3: settings-invalid (force)"),
        (
            '"Subject" = "subject"',
            '"Subject" = "accused"',
            "settings line 41: settings-invalid (parts.Subject)",
        ),
    ],
)
def test_a_wrong_column_map_is_refused_with_its_line(tmp_path, old, new, why):
    text = SHIPPED.read_text("utf-8")
    assert text.count(old) == 1
    path = tmp_path / "south.toml"
    path.write_text(text.replace(old, new))

    assert why == refusal(FORMAT, csv("R1,N1,,,01/04/2026,,,"), settings=path)


def test_a_map_without_a_column_for_the_child_and_a_map_that_is_not_there_are_refused(tmp_path):
    path = tmp_path / "south.toml"
    path.write_text(
        'force = "south"\ndates = ["%d/%m/%Y"]\n[columns]\nreference = "R"\noccurred = "D"\n[grades]\n',
        "utf-8",
    )

    assert "settings line 3: settings-invalid (columns)" == refusal(FORMAT, b"R,D\r\n", settings=path)
    assert "settings: settings-unreadable" == refusal(FORMAT, b"R,D\r\n", settings=tmp_path / "none.toml")


def test_another_forces_map_reads_another_forces_grades(tmp_path):
    path = tmp_path / "south.toml"
    path.write_text(
        'force = "south"\ndelimiter = ";"\ndates = ["%d.%m.%Y"]\n'
        '[columns]\nreference = "No"\noccurred = "When"\nnominal = "Who"\ngrade = "RAG"\n'
        '[grades]\n"R" = "red"\n'
    )
    (event,) = events_of(read(FORMAT, b"No;When;Who;RAG\n1;01.04.2026;S9;r\n", settings=path))

    assert ("red", "police:south", "2026-04-01") == (
        event.rag,
        event.identifiers[0].system,
        f"{event.occurred_at:%Y-%m-%d}",
    )


CODES = {
    *("empty-file", "no-headings", "encoding-not-accepted", "unreadable-row", "wrong-number-of-cells"),
    *("column-missing", "unused-column", "undecodable-character", "unknown-grade", "unknown-category"),
    *("unknown-part", "invalid-nhs-number", "invalid-identifier", "no-identifier", "no-natural-key"),
    *("not-a-date", "future-date", "implausible-date", "not-a-child", "unacceptable-value", "key-too-long"),
}
WORDS = {
    *("line", "document", "of", "them", "reference", "nominal", "nhs_number", "family", "given", "born"),
    *(
        "postcode",
        "address",
        "occurred",
        "category",
        "grade",
        "summary",
        "action",
        "child_words",
        "reported_by",
    ),
    *("role", "part", "recorder_role", "value", "action_taken", "occurred_at", "date_of_birth"),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(FORMAT.sample.read_bytes()))
def test_an_accident_to_the_file_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)
