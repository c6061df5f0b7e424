"""The procedure pack: what is wrong is said with its line and key; what applied when is a question of dates."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.domain.calendar import LONDON
from hub.protocol.pack import SHIPPED, PackRefused, check, load, pack_at
from hub.protocol.pathway import OBLIGATIONS, pathway
from tests.protocol.told import situation

PACK = load()


def london(*when):
    return datetime(*when, tzinfo=LONDON)


@pytest.fixture
def changed(tmp_path):
    def change(old, new):
        text = SHIPPED.read_text()
        assert old in text
        file = tmp_path / "other.toml"
        file.write_text(text.replace(old, new, 1))
        return file

    return change


def line_of(text):
    return next(n for n, line in enumerate(SHIPPED.read_text().splitlines(), 1) if text in line)


def test_the_shipped_pack_has_nothing_wrong():
    assert [] == check(SHIPPED)


@pytest.mark.parametrize(
    ("old", "new", "at", "key"),
    [
        ("hours = 72,", "hours = 0,", "strategy-meeting = {", "clocks.strategy-meeting.hours"),
        ("hours = 72,", "hours = 72, same-day = true,", "strategy-meeting = {", "clocks.strategy-meeting"),
        ("working-days = 45", "working-weeks = 9", "child-and-family", "clocks.child-and-family-assessment"),
        ('mon = ["08:30", "17:00"]', 'mon = ["08:30", "25:00"]', "mon = [", "front-door.hours.mon"),
        ('always = ["youth-justice"]', 'always = ["nobody"]', "always = [", "invitees.always"),
        ("immediate-risk = {", "# immediate-risk = {", "[clocks]", "clocks.immediate-risk"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_its_key(changed, old, new, at, key):
    file = changed(old, new)
    problems = check(file)

    assert problems
    assert all(problem.startswith("other.toml: line ") for problem in problems)
    assert f"line {line_of(at)}: {key}" in problems[0]
    with pytest.raises(PackRefused, match=re.escape(key)):
        load(file)


def test_a_file_that_is_not_toml_is_said_with_its_line(changed):
    (problem,) = check(changed("[clocks]", "[clocks"))

    assert "line " in problem


@pytest.mark.parametrize(
    ("when", "name"),
    [
        (london(2026, 3, 2, 8, 29), "Emergency"),
        (london(2026, 3, 2, 8, 30), "CIAT"),
        (london(2026, 3, 5, 16, 59), "CIAT"),
        (london(2026, 3, 6, 16, 29), "CIAT"),
        (london(2026, 3, 6, 16, 30), "Emergency"),
        (london(2026, 3, 7, 11), "Emergency"),
        (london(2026, 4, 6, 11), "Emergency"),  # Easter Monday
        (london(2026, 7, 6, 8, 45), "CIAT"),  # 07:45 UTC: it is London's clock that counts
    ],
)
def test_r38_the_contact_card_picks_by_clock_weekday_and_bank_holiday(when, name):
    assert name in PACK.contact_for(when).name


@pytest.mark.parametrize(
    ("when", "turns"),
    [
        (london(2026, 3, 2, 8), london(2026, 3, 2, 8, 30)),
        (london(2026, 3, 2, 9), london(2026, 3, 2, 17)),
        (london(2026, 3, 6, 16, 30), london(2026, 3, 9, 8, 30)),
        (london(2026, 4, 2, 17), london(2026, 4, 7, 8, 30)),  # Maundy Thursday to the Tuesday
    ],
)
def test_r38_the_card_turns_when_the_front_door_opens_or_closes(when, turns):
    assert turns == PACK.contact_turns(when)


def test_the_pack_of_a_moment_is_the_last_that_had_come_into_effect(changed, tmp_path):
    changed("effective = 2025-02-01", "effective = 2027-01-01\n# later")
    (tmp_path / "first.toml").write_text(SHIPPED.read_text())

    assert date(2025, 2, 1) == pack_at(london(2026, 12, 31, 23, 59), tmp_path).effective
    assert date(2027, 1, 1) == pack_at(london(2027, 1, 1), tmp_path).effective
    assert date(2025, 2, 1) == pack_at(london(2024, 1, 1), tmp_path).effective


def test_q9_instruments_and_guidance_apply_by_date():
    titles = {g.title for g in PACK.in_force(date(2026, 3, 2))}

    assert "AIM3 assessment, by certified users" in titles
    assert "AIM2 assessment" not in titles
    assert "AIM2 assessment" in {g.title for g in PACK.in_force(date(2018, 1, 1))}


def test_hours_are_absolute_whatever_zone_the_start_is_told_in():
    start = london(2026, 3, 27, 12)  # the clocks go forward on the 29th

    assert start.astimezone(UTC) + timedelta(hours=72) == PACK.clock("strategy-meeting").ends(start)


def test_every_clock_says_where_its_length_comes_from():
    assert {"D", "P", "S", "M"} >= {clock.mark for clock in PACK.clocks.values()}
    assert all(clock.basis for clock in PACK.clocks.values())
    assert ("D", 72) == (PACK.clock("strategy-meeting").mark, PACK.clock("strategy-meeting").hours)


def test_every_item_of_a_checklist_is_a_row_that_is_built():
    built = {row.id for row in OBLIGATIONS}

    assert {item.row for listed in PACK.checklists for item in listed.items} <= built


def test_another_partnership_names_its_own_teams_and_lengths(changed):
    file = changed("hours = 72,", "hours = 48,")
    other = load(file)
    told = situation("""day 0 schools sexual-behaviour-incident part=has-sexually-harmed
                        day 0.1 social-care referral-received""")
    due = next(d for d in pathway(type(told)(told.timeline, other)).dues if d.obligation == "R42")

    assert timedelta(hours=48) == due.due_at - due.start
