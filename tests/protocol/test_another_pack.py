"""Another partnership writes a pack, not code: an invented one with rows, lengths and names of its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.domain.calendar import LONDON
from hub.protocol.packs import check, load
from hub.protocol.pathway import pathway
from hub.protocol.worklist import item, text
from tests.patterns.story import day
from tests.protocol.told import situation

FILE = Path(__file__).parent / "saltwick.toml"
PACK = load(FILE)
SEEN = "day 0 schools sexual-behaviour-incident part=has-sexually-harmed"
REFERRED = f"{SEEN}\nday 0.1 social-care referral-received"
MEETING = "day 1 social-care strategy-meeting-held meeting:m1"


def dues(row, story, now=None):
    told = replace(situation(story, now), pack=PACK)
    return [d for d in pathway(told).dues if d.obligation == row]


def states(row, story, now=None):
    return sorted(d.state.value for d in dues(row, story, now))


def test_the_other_pack_is_in_order_and_asks_only_what_it_says():
    assert [] == check(FILE)
    told = replace(situation(f"{REFERRED}\n{MEETING}", 2), pack=PACK)

    assert {"S1", "S2", "S3"} == {d.obligation for d in pathway(told).dues}
    assert ["First days"] == [name for name, _ in pathway(told).checklists]


def test_its_names_and_its_guidance_are_the_ones_that_are_told():
    (line,) = [text(item(d)) for d in dues("S1", SEEN, 5)]

    assert "S1   overdue" in line
    assert "(Saltwick Families)" in line
    assert "guidance L10; pack saltwick-2026" in line


def test_its_lengths_are_the_ones_that_count():
    assert {timedelta(hours=24)} == {d.due_at - d.start for d in dues("S2", REFERRED)}


def test_a_length_in_school_days_passes_over_holidays_and_days_set_aside_for_staff():
    (letter,) = dues("S3", f"{REFERRED}\nday 3 social-care strategy-meeting-held meeting:m1")

    # held on Thursday 5 March; Monday the 9th is for staff: Friday, Tuesday, Wednesday
    assert datetime(2026, 3, 11, 10, tzinfo=LONDON) == letter.due_at
    holidays = REFERRED.replace("day 0", "day 24") + "\nday 25 social-care strategy-meeting-held meeting:m1"
    (letter,) = dues("S3", holidays)
    # held on Friday 27 March, the last day of term; the next day of school is Monday 13 April
    assert datetime(2026, 4, 15, 10, tzinfo=LONDON) == letter.due_at


def test_it_is_due_again_after_each_time_until_it_is_over():
    plan = f"{REFERRED}\nday 5 social-care risk-management-plan stage=agreed"
    once = f"{plan}\nday 20 social-care multi-agency-meeting kind=review"
    late = f"{once}\nday 55 social-care multi-agency-meeting kind=review"

    assert ["open"] == states("S4", plan, 30)
    assert ["overdue"] == states("S4", plan, 40)
    assert ["met", "open"] == states("S4", once, 40)
    assert ["met", "met-late", "open"] == states("S4", late, 60)
    over = f"{late}\nday 58 social-care risk-management-plan stage=ended"
    assert ["met", "met-late"] == states("S4", over, 100)


def test_it_must_hold_as_long_as_the_other_lasts():
    enquiry = f"{REFERRED}\nday 2 social-care s47-started"
    named = f"{enquiry}\nday 3 social-care allocation worker:w1"
    lost = f"{named}\nday 9 social-care allocation worker:w1 stage=ended"

    assert ["prompt"] == states("S5", enquiry)
    assert ["met"] == states("S5", named.replace("social-care allocation", "early-help allocation"), 5)
    assert ["prompt"] == states("S5", lost.replace("social-care allocation", "early-help allocation"), 10)
    assert [] == states("S5", f"{enquiry}\nday 9 social-care cf-assessment-completed", 10)


def test_what_departs_is_asked_why_and_stops_nothing():
    cancelled = f"{REFERRED}\nday 1 social-care strategy-meeting-cancelled meeting:m1"
    (asked,) = dues("S6", cancelled)

    assert asked.asks_reason
    assert ["met"] == states("S6", f"{cancelled} reason=snow")


def test_the_command_says_what_is_wrong_with_its_line_and_what_is_in_order(tmp_path):
    wrong = tmp_path / "saltwick.toml"
    wrong.write_text(FILE.read_text().replace('within = "talk"', 'within = "chat"'))
    line = next(n for n, one in enumerate(wrong.read_text().splitlines(), 1) if "chat" in one)

    good = CliRunner().invoke(app, ["pack", "check", str(FILE)])
    bad = CliRunner().invoke(app, ["pack", "check", str(wrong)])
    assert "saltwick-2026: in order; 6 rows" in good.output
    assert f"saltwick.toml: line {line}: S1.asks.0.within: there is no clock chat" in bad.output
    assert 0 == good.exit_code
    assert bad.exit_code


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("working-days = 2", "working-days = 0", "clocks.talk.working-days"),
        ("last = 2026-02-13", "last = 2025-02-13", "the last day is before the first"),
        ('as = "other"', 'as = "nothing"', "nothing is no code of form"),
        ("protocol.s47-started", "protocol.s47-begun", "there is no type protocol.s47-begun"),
        ("stage=ended role=lead-worker", "stage=over role=lead-worker", "stage is never over"),
        ('shape = "whilst"', 'shape = "while"', "S5.asks.0: Input tag 'while'"),
    ],
)
def test_what_is_wrong_with_one_file_is_said(tmp_path, old, new, why):
    file = tmp_path / "wrong.toml"
    file.write_text(FILE.read_text().replace(old, new, 1))

    assert why in " ".join(check(file))


def test_the_start_is_told_to_the_day_in_london():
    assert day(0.1) == dues("S2", REFERRED)[0].start
