"""The procedure pack: what is wrong is said with its line and key; what applied when is a question of dates."""

import re
from datetime import UTC, date, datetime, timedelta
from shutil import copytree

import pytest

from hub.domain.calendar import LONDON
from hub.protocol.packs import DARLINGTON, SHIPPED, PackRefused, check, judged_by, load, load_all, to_confirm
from hub.protocol.pathway import pathway
from tests.protocol.told import situation

PACK = load()


def london(*when):
    return datetime(*when, tzinfo=LONDON)


@pytest.fixture
def changed(tmp_path):
    """The shipped pack with one thing written otherwise, in a folder of its own."""

    def change(old, new, name="other"):
        folder = tmp_path / name
        copytree(DARLINGTON, folder)
        file = next(f for f in sorted(folder.rglob("*.toml")) if old in f.read_text())
        file.write_text(file.read_text().replace(old, new, 1))
        return folder

    return change


def line_of(text):
    """The file and the line of the shipped pack that hold a text."""
    for file in sorted(DARLINGTON.rglob("*.toml")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if text in line:
                return f"{file.name}: line {number}: "
    raise AssertionError(text)


def test_the_shipped_packs_have_nothing_wrong():
    assert [] == check(SHIPPED)


@pytest.mark.parametrize(
    ("old", "new", "at", "key"),
    [
        ("hours = 72, soon", "hours = 0, soon", "strategy-meeting = {", "clocks.strategy-meeting.hours"),
        (
            "hours = 72, soon",
            "hours = 72, same-day = true, soon",
            "strategy-meeting = {",
            "clocks.strategy-meeting",
        ),
        ("working-days = 45", "working-weeks = 9", "child-and-family", "clocks.child-and-family-assessment"),
        ('mon = ["08:30", "17:00"]', 'mon = ["08:30", "25:00"]', "mon = [", "front-door.hours.mon"),
        ('always = ["youth-justice"]', 'always = ["nobody"]', "always = [", "invitees.always"),
        ("immediate-risk = {", "# immediate-risk = {", 'within = "immediate-risk"', "R40.asks.0.within"),
        ('judge = "whom-to-ring"', 'judge = "whom-to-call"', 'judge = "whom-to-ring"', "R38.asks.0.judge"),
        (
            "considered_by=police",
            "considered_by=army",
            '["protocol.immediate-risk-considered considered_by=police',
            "R40.asks.0.met-by.0",
        ),
        ("at_risk=yes", "at_danger=yes", "at_risk=yes", "R39.asks.0.when.0"),
        (
            "protocol.child-reassured",
            "protocol.child-comforted",
            'records = ["protocol.child-reassured',
            "R36.records.0",
        ),
        (
            'row = "R36", line = "L80"',
            'row = "R999", line = "L80"',
            'row = "R36", line = "L80"',
            "checklists.0.items.1",
        ),
        ('{ code = "third-party"', '{ code = "fourth-party"', '{ code = "third-party"', "vocabularies"),
    ],
)
def test_what_is_wrong_is_said_with_its_file_its_line_and_its_key(changed, old, new, at, key):
    folder = changed(old, new)
    problems = check(folder)

    assert problems
    assert all(re.match(r"[\w-]+\.toml: line \d+: ", problem) for problem in problems)
    assert problems[0].startswith(f"{line_of(at)}{key}")
    with pytest.raises(PackRefused, match=re.escape(key)):
        load(folder)


def test_what_a_pack_has_from_memory_is_said_with_its_line_and_is_nothing_wrong(changed):
    said = to_confirm(SHIPPED)

    assert all(re.match(r"[\w-]+\.toml: line \d+: ", line) for line in said)
    assert any("schools: these terms are not confirmed (County Durham's" in line for line in said)
    assert any(line.startswith(f"{line_of('core-group = {')}clocks.core-group") for line in said)
    assert not any("clocks.strategy-meeting" in line for line in said)
    looked_up = changed('mark = "M", basis = "C8; Working Together"', 'mark = "S", basis = "C8; looked up"')
    assert len(said) - 1 == len(to_confirm(looked_up))
    assert [] == check(looked_up)
    assert any("Brook Sexual Behaviours" in line for line in said)


def test_every_date_that_was_looked_up_says_where():
    for document in (*PACK.guidance, *PACK.instruments):
        assert document.basis or document.mark == "M", document.title


def test_a_row_that_stands_twice_is_said(changed):
    (problem,) = check(changed('id = "R36"', 'id = "R35"'))

    assert "R35 stands twice" in problem


def test_a_file_that_is_not_toml_is_said_with_its_line(changed):
    (problem,) = check(changed("[clocks]", "[clocks"))

    assert "clocks.toml: " in problem
    assert "line " in problem


def test_two_files_of_a_pack_that_say_one_thing_are_said(changed):
    folder = changed('name = "darlington-2025-02"', 'name = "elsewhere"')
    (folder / "zz.toml").write_text('name = "again"\n')

    assert ["zz.toml: name: stands in another file of the pack already"] == check(folder)


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
def test_r038_the_contact_card_picks_by_clock_weekday_and_bank_holiday(when, name):
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
def test_r038_the_card_turns_when_the_front_door_opens_or_closes(when, turns):
    assert turns == PACK.contact_turns(when)


@pytest.fixture
def two_packs(changed, tmp_path):
    """The shipped pack, and one that takes its place in 2027 with another length and another name."""
    later = changed("effective = 2025-02-01", "effective = 2027-01-01", "later")
    for old, new in (
        ('hours = 72, soon-hours = 24, mark = "D"', 'hours = 48, soon-hours = 24, mark = "D"'),
        ('name = "darlington-2025-02"', 'name = "later"'),
    ):
        file = next(f for f in later.rglob("*.toml") if old in f.read_text())
        file.write_text(file.read_text().replace(old, new, 1))
    copytree(DARLINGTON, tmp_path / "first")
    return load_all(tmp_path)


def test_the_pack_of_a_moment_is_the_last_that_had_come_into_effect(two_packs):
    assert date(2025, 2, 1) == two_packs.at(london(2026, 12, 31, 23, 59)).effective
    assert date(2027, 1, 1) == two_packs.at(london(2027, 1, 1)).effective
    assert date(2025, 2, 1) == two_packs.at(london(2024, 1, 1)).effective
    assert ["darlington-2025-02"] == [p.name for p in two_packs.until(london(2026, 1, 1))]
    assert ["darlington-2025-02", "later"] == [p.name for p in two_packs.until(london(2027, 1, 1))]


def test_what_started_under_one_pack_is_measured_by_it_after_another_has_come(two_packs):
    old = """day 300 schools sexual-behaviour-incident part=has-sexually-harmed
             day 300.1 social-care referral-received"""
    new = """day 310 schools sexual-behaviour-incident part=has-sexually-harmed incident=i2
             day 310.1 social-care referral-received incident=i2"""
    timeline = situation(f"{old}\n{new}", 320).timeline
    found = pathway(judged_by(two_packs, timeline)).dues
    dues = [d for d in found if d.obligation == "R42"]

    measured = sorted(
        (d.start, (d.due_at - d.start) // timedelta(hours=1), d.source.split()[-1]) for d in dues
    )

    assert [(72, "darlington-2025-02")] * 2 + [(48, "later")] * 2 == [one[1:] for one in measured]


def test_asked_of_an_earlier_moment_the_pack_of_that_moment_answers(two_packs):
    told = situation("day 300 schools sexual-behaviour-incident part=has-sexually-harmed", 301)
    found = pathway(judged_by(two_packs, told.timeline)).dues

    assert {"pack darlington-2025-02"} == {d.source.partition("; ")[2] for d in found}


def test_two_packs_of_one_day_are_refused(changed, tmp_path):
    changed('name = "darlington-2025-02"', 'name = "elsewhere"')
    copytree(DARLINGTON, tmp_path / "first")

    with pytest.raises(PackRefused, match="on the same day"):
        load_all(tmp_path)


def test_q9_instruments_and_guidance_apply_by_date():
    titles = {g.title for g in PACK.in_force(date(2026, 3, 2))}

    assert "AIM3 assessment, for ages 12 to 18, by certified users" in titles
    assert "AIM2 assessment" not in titles
    assert "AIM2 assessment" in {g.title for g in PACK.in_force(date(2018, 1, 1))}


def test_hours_are_absolute_whatever_zone_the_start_is_told_in():
    start = london(2026, 3, 27, 12)  # the clocks go forward on the 29th

    assert start.astimezone(UTC) + timedelta(hours=72) == PACK.clock("strategy-meeting").ends(start)


def test_every_clock_says_where_its_length_comes_from():
    assert {"D", "P", "S", "M"} >= {clock.mark for clock in PACK.clocks.values()}
    assert all(clock.basis for clock in PACK.clocks.values())
    assert ("D", 72) == (PACK.clock("strategy-meeting").mark, PACK.clock("strategy-meeting").hours)


def test_another_partnership_names_its_own_teams_and_lengths(changed):
    other = load(
        changed('hours = 72, soon-hours = 24, mark = "D"', 'hours = 48, soon-hours = 24, mark = "D"')
    )
    told = situation("""day 0 schools sexual-behaviour-incident part=has-sexually-harmed
                        day 0.1 social-care referral-received""")
    due = next(d for d in pathway(type(told)(told.timeline, other)).dues if d.obligation == "R42")

    assert timedelta(hours=48) == due.due_at - due.start
