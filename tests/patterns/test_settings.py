"""The partnership's numbers: versioned, complete, and a wrong one refused with its line and key."""

import re

import pytest

from hub.patterns.catalogue import CATALOGUE
from hub.patterns.settings import SHIPPED, PatternSettingsInvalid, load, parse

TEXT = SHIPPED.read_text()


def _line(part):
    return next(n for n, line in enumerate(TEXT.splitlines(), 1) if part in line)


def test_the_shipped_settings_fit_the_catalogue():
    settings = load(CATALOGUE)

    assert {rule.code for rule in CATALOGUE} == set(settings.rules)
    assert re.fullmatch(r"2026-11-23:[0-9a-f]{16}", settings.name)


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
        ("look_again_hours            = {", "look_again_days = {", "look_again"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(old, new, says):
    with pytest.raises(PatternSettingsInvalid, match=says):
        parse(TEXT.replace(old, new, 1), CATALOGUE)


def test_a_wrong_setting_is_refused_with_its_line():
    with pytest.raises(PatternSettingsInvalid, match=f"line {_line('value = 56,')}:"):
        parse(TEXT.replace("value = 56,", "value = 0,"), CATALOGUE)


def test_an_unknown_key_is_refused_with_its_line():
    with pytest.raises(PatternSettingsInvalid, match=f"line {_line('risk_days')}:"):
        parse(TEXT.replace("risk_days   = ", "risc_days   = "), CATALOGUE)


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path):
    with pytest.raises(PatternSettingsInvalid, match=r"ours\.toml"):
        load(CATALOGUE, tmp_path / "ours.toml")
