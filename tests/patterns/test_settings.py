"""The partnership's numbers: versioned, complete, and a wrong one refused with its line and key."""

import re
from datetime import UTC, date, datetime

import pytest

from hub.patterns.catalogue import CATALOGUE
from hub.patterns.settings import SHIPPED, PatternSettingsInvalid, load, parse
from hub.protocol import packs

TEXT = SHIPPED.read_text()


def _line(part):
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if part in line)


def test_the_shipped_settings_fit_the_catalogue():
    settings = load(CATALOGUE)

    assert {rule.code for rule in CATALOGUE} == set(settings.rules)
    assert re.fullmatch(r"2026-11-26:[0-9a-f]{16}", settings.name)


def test_another_number_is_another_digest():
    other = TEXT.replace("incidents   = { value = 2", "incidents   = { value = 3", 1)

    assert parse(TEXT, CATALOGUE).digest != parse(other, CATALOGUE).digest


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("value = 56,", "value = 0,", r"P12\.window_days\.value: greater than equal"),
        ("value = 56,", 'value = "long",', r"P12\.window_days\.value"),
        ("risk_days   = ", "risc_days   = ", r"nobody knows P12\.risc_days"),
        ("[P14]", "[P99]", "nobody knows P99"),
        ('strand_days = { value = 730, mark = "P" }', "", r"P04\.strand_days is missing"),
        (
            'reach_days  = { value = 14, mark = "P" }',
            'reach_days = { value = 14, mark = "X" }',
            r"P26\.reach_days\.mark",
        ),
        ("version       =", "version", "not TOML: .*line 4"),
        ("[calendar]", "[calender]", "calendar: missing"),
        ("first = 2026-04-20", "first = 2026-12-20", "calendar.terms.4: value error"),
        ("first = 2026-04-20", 'first = "Easter"', "calendar.terms.4.first"),
        ("staff_days = []", "staff_day = []", "calendar.staff_day"),
        ("[counting]", "[count]", "counting: missing"),
        ("_kind    = { value = 20,", "_kind = { value = 0,", "counting.latest_of_a_kind"),
        ('value = 48, mark = "P"', 'value = 48, mark = "Q"', r"line \d+: counting.same_incident_hours.mark"),
        ("latest_of_one_day", "latest_of_a_day", "counting.latest_of_"),
        ("look_again_hours            = {", "look_again_days = {", "look_again"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(old, new, says):
    with pytest.raises(PatternSettingsInvalid, match=says):
        parse(TEXT.replace(old, new, 1), CATALOGUE)


def test_a_wrong_setting_is_refused_with_its_line():
    with pytest.raises(PatternSettingsInvalid, match=f"line {_line('value = 56,')}:"):
        parse(TEXT.replace("value = 56,", "value = 0,"), CATALOGUE)


def test_a_wrong_term_is_refused_with_its_line():
    with pytest.raises(PatternSettingsInvalid, match=f"line {_line('terms = [')}:"):
        parse(TEXT.replace("first = 2026-04-20", "first = 2026-12-20"), CATALOGUE)


def test_days_on_which_the_partnership_is_closed_and_holidays_of_schools_are_not_counted():
    numbers = parse(TEXT.replace("closed     = []", "closed = [2026-04-07]"), CATALOGUE)
    wednesday = datetime(2026, 4, 1, 9, tzinfo=UTC)

    assert date(2026, 4, 23) == numbers.rule("P05").school_days(wednesday, "school_days").date()
    assert date(2026, 4, 20) == numbers.rule("P14").working_days(wednesday, "working_days").date()
    assert date(2026, 4, 17) == load(CATALOGUE).rule("P14").working_days(wednesday, "working_days").date()


def test_the_terms_of_the_rules_are_those_of_the_procedures():
    pack = packs.load()

    assert pack.schools.days == load(CATALOGUE).calendar.school


def test_an_unknown_key_is_refused_with_its_line():
    with pytest.raises(PatternSettingsInvalid, match=f"line {_line('risk_days')}:"):
        parse(TEXT.replace("risk_days   = ", "risc_days   = "), CATALOGUE)


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path):
    with pytest.raises(PatternSettingsInvalid, match=r"ours\.toml"):
        load(CATALOGUE, tmp_path / "ours.toml")
    (tmp_path / "ours.toml").write_bytes(b"\xff")
    with pytest.raises(PatternSettingsInvalid, match="ours"):
        load(CATALOGUE, tmp_path / "ours.toml")
