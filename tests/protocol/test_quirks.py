"""The guidance's quirks a builder must not trip over (protocol.md 1.0), and rows in the cases around them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.timeline import Facts, Timeline
from hub.protocol.obligation import Situation
from hub.protocol.packs import DARLINGTON
from hub.protocol.pathway import pathway
from hub.protocol.worklist import item, text, waiting_for
from tests.patterns.story import day
from tests.protocol.told import due, dues, situation, states

HARMING = "part=has-sexually-harmed"
HARMED = "part=has-been-sexually-harmed"
SEEN = f"day 0 schools sexual-behaviour-incident {HARMING}"
TOLD = f"day 0 schools disclosure {HARMED} category=sexual-harm"
REFERRED = f"{SEEN}\nday 0.1 social-care referral-received"
MEETING = "day 2 social-care strategy-meeting-held meeting:m1"
FORBIDDEN = re.compile(
    "|".join(("perpet" + "rator", "offen" + "der", "vic" + "tim", "abu" + "ser")), re.IGNORECASE
)


def test_q2_the_protocol_says_nothing_in_words_the_guidance_gave_up():
    room = Path(DARLINGTON).parents[1]
    ours = [p.read_text() for p in room.rglob("*") if p.suffix in (".py", ".toml")]

    assert len(ours) > 20

    assert [] == [found for words in ours for found in FORBIDDEN.findall(words)]


def test_q3_arranged_and_held_are_kept_apart():
    arranged = "day 1 social-care strategy-meeting-arranged meeting:m1 planned_for=2026-03-06T09:00:00Z"
    asked = {asks: state for state, asks in dues("R42", f"{REFERRED}\n{arranged}", 4)}

    assert {"arrange the strategy meeting": "met", "hold the strategy meeting": "overdue"} == asked


def test_q4_one_worker_is_said_for_two_children_as_for_three():
    theirs = "day 1 social-care allocation worker:w1"
    ours = f"{REFERRED}\nday 1 social-care allocation worker:w1"

    assert ["prompt"] == states("R46", ours, ben=theirs)
    assert ["prompt"] == states("R46", ours, ben=theirs, cai=theirs)


@pytest.mark.parametrize("part", [HARMING, HARMED])
def test_q5_a_disabled_young_adult_is_asked_about_whichever_part_was_theirs(part):
    assert ["prompt"] == states("R52", f"day 0 police offence-reported {part} age=22")


def test_q11_harmed_children_of_two_authorities_the_choice_of_chair_is_asked_for():
    ours = f"{REFERRED}\n{MEETING} chair_authority=durham"
    ben = f"{TOLD}\nday 1 social-care responsible-authority-set authority=durham"
    cai = f"{TOLD}\nday 1 social-care responsible-authority-set authority=stockton"

    assert ["prompt"] == states("R48", ours, ben=ben, cai=cai)
    assert ["met"] == states("R48", f"{ours} reason=agreed-by-both", ben=ben, cai=cai)
    assert [] == states("R48", ours, ben=ben)


def test_q11_on_the_harmed_childs_own_record_their_authority_counts():
    ours = f"{TOLD}\nday 1 social-care responsible-authority-set authority=durham\n{MEETING}"

    assert ["prompt"] == states("R48", f"{ours} chair_authority=darlington")
    assert [] == states("R48", f"{ours} chair_authority=durham")


def test_q12_a_shared_worker_asks_for_a_reason_and_stops_nothing():
    found = due(
        "R46",
        f"{REFERRED}\nday 1 social-care allocation worker:w1",
        ben="day 1 social-care allocation worker:w1",
    )

    assert found.asks_reason
    assert "prompt" == found.state


# ------------------------------------------------------------ rows, further


def test_r041_a_measure_is_due_soon_the_day_before_it_ends_and_superseded_once_renewed():
    kept = f"{TOLD}\nday 0.5 schools safety-measure kind=supervision until=@3"
    renewed = f"{kept}\nday 3 schools safety-measure kind=supervision until=@9"
    other = f"{kept}\nday 3 schools safety-measure kind=bail-conditions until=@30"

    assert ["due-soon", "met"] == states("R41", kept, 3)
    assert ["met", "overdue"] == states("R41", kept, 5)
    assert ["met", "open", "superseded"] == states("R41", renewed, 5)
    assert ["met", "open", "overdue"] == states("R41", other, 5)


def test_r042_a_meeting_for_the_child_as_one_who_was_harmed_is_another_meeting():
    text_ = f"{REFERRED}\n{TOLD}\n{MEETING} for_child=has-been-sexually-harmed"

    assert ["overdue", "overdue"] == states("R42", text_, 5)


def test_r042_arranged_again_after_it_was_cancelled_counts():
    planned = "social-care strategy-meeting-arranged meeting:m1 planned_for=2026-03-04T09:00:00Z"
    text_ = f"""{REFERRED}
day 1 {planned}
day 1.2 social-care strategy-meeting-cancelled meeting:m1
day 1.5 {planned}"""

    assert ["met", "open"] == states("R42", text_, 1.6)


def test_r042_one_meeting_told_here_and_by_social_cares_system_is_one():
    text_ = f"{REFERRED}\n{MEETING} invited=youth-justice separate_meeting=needed\nday 2.1 social-care strategy-meeting held"

    assert ["met"] == states("R45", text_)
    assert ["met"] == states("R43", text_)


def test_r045_each_meeting_invites_youth_justice():
    text_ = f"{REFERRED}\n{MEETING} invited=youth-justice\nday 9 social-care strategy-meeting-held meeting:m2"

    assert ["met", "prompt"] == states("R45", text_)


def test_r047_a_child_whose_own_authority_is_not_said_is_asked_for_it():
    theirs = "day 1 social-care responsible-authority-set authority=durham"

    assert [("prompt", "say which authority is responsible for this child")] == dues(
        "R47", f"{REFERRED}\n{MEETING}", ben=theirs
    )


def test_r049_a_release_that_was_planned_and_happened_asks_once_from_the_plan():
    text_ = (
        f"{SEEN}\nday 20 youth-justice release stage=planned\nday 30 youth-justice release stage=completed"
    )

    assert [day(20)] == [d.start for d in pathway(situation(text_, 31)).dues if d.obligation == "R49"]
    assert ["met"] == states("R49", f"{text_}\nday 22 social-care strategy-meeting held", 31)


def test_r051_one_child_assessed_and_the_other_not_is_said():
    ours = f"{REFERRED}\n{MEETING}\nday 30 social-care assessment kind=child-and-family stage=completed"
    theirs = f"{TOLD} age=9"

    assert ["met", "prompt"] == states("R51", ours, 40, ben=theirs)
    begun = f"{theirs}\nday 3 social-care cf-assessment-started"
    assert ["met"] == states("R51", ours, 40, ben=begun)
    assert ["met"] == states("R51", ours, 40, ben=TOLD + " age=30")


def test_r051_an_assessment_still_running_serves_a_new_incident():
    text_ = f"""{REFERRED}
day 1 social-care cf-assessment-started
day 20 schools sexual-behaviour-incident {HARMING}
day 20.1 social-care referral-received"""

    assert [day(1)] == [d.start for d in pathway(situation(text_, 22)).dues if d.obligation == "R51"]


def test_r053_an_offence_reported_long_before_is_not_this_enquiry():
    text_ = f"day -300 police offence-reported part=witness\n{REFERRED}\n{MEETING}"

    assert ["prompt"] == states("R53", text_)


def test_r054_r055_nothing_asked_after_the_meeting_is_said():
    assert ["prompt"] == states("R55", f"{REFERRED}\n{MEETING}")
    assert [] == states("R54", f"{REFERRED}\n{MEETING}")


def test_r055_a_request_that_leaves_out_what_the_child_has_lived_through_is_said():
    asked = f"{REFERRED}\nday 2 social-care information-requested request:q1 from_agency=health"

    assert ["open", "prompt"] == states("R55", asked, 3)
    assert ["open"] == states("R55", f"{asked} own_experiences", 3)


def test_r054_r055_a_child_of_both_strands_is_asked_about_apart():
    asked = f"""{REFERRED}
{TOLD}
day 2 social-care information-requested request:q1 from_agency=health
day 2 social-care information-requested request:q2 from_agency=schools own_experiences
day 3 health information-none-held request:q1"""

    assert ["met"] == states("R54", asked, 4)
    assert ["open"] == states("R55", asked, 4)


# ------------------------------------------------------------ the worklist


def test_a_line_says_what_met_it():
    found = next(
        i for i in map(item, pathway(situation(f"{REFERRED}\n{MEETING}")).dues) if i.obligation == "R42"
    )

    assert f"met Wed 04 Mar 2026 10:00 by entry {str(found.met_by)[:8]}" in text(found)


def test_what_waits_for_one_agency_stands_by_its_due_time():
    found = [item(d) for d in pathway(situation(REFERRED, 4)).dues]
    police = waiting_for(found, "Police")

    assert ["R40"] == [one.obligation for one in police]
    ours = waiting_for(found, "Children's Social Care")
    assert sorted(one.due_at for one in ours if one.due_at) == [one.due_at for one in ours if one.due_at]


STORY = f"""{REFERRED}
{TOLD}
day 0.5 schools safety-measure kind=supervision until=@3
day 1 police immediate-risk-considered considered_by=police
day 1.5 social-care allocation worker:w1
{MEETING} invited=youth-justice separate_meeting=needed
day 2 social-care strategy-meeting held
day 6 social-care information-requested request:q1 from_agency=health
day 9 health information-supplied request:q1
day 10 social-care cf-assessment-started
day 200 schools sexual-behaviour-incident {HARMING}
day 200.1 social-care referral-received
day 202 youth-justice release stage=planned"""
ENTRIES = len(situation(STORY).timeline.facts)


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(range(ENTRIES)))
def test_the_order_of_arrival_changes_nothing(order):
    told = situation(STORY, 204)
    facts = Facts([told.timeline.facts[i] for i in order])

    assert pathway(told) == pathway(Situation(Timeline(facts, told.now, told.timeline.feeds), told.pack))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 5000), st.integers(0, 5000))
def test_what_is_met_stays_met_and_by_the_same_entry_as_time_passes(hours, more):
    facts, told = situation(STORY, 204).timeline.facts, situation(STORY, 204)
    early = Situation(Timeline(facts, day(204) + (day(1) - day(0)) * hours / 24, {}), told.pack)
    late = Situation(Timeline(facts, early.now + (day(1) - day(0)) * more / 24, {}), told.pack)

    assert met(early) == met(late)


def met(told):
    return {
        (d.obligation, d.of, d.strand, d.asks, d.start, d.met_by, d.state)
        for d in pathway(told).dues
        if d.met_by
    }
