"""Each row of the protocol, by its number: what meets it, what does not, and when."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.calendar import LONDON
from hub.domain.timeline import Facts
from hub.protocol.obligation import Situation
from hub.protocol.pathway import pathway
from hub.protocol.worklist import counts, item, text
from tests.patterns.story import day
from tests.protocol.told import due, dues, situation, states

HARMING = "part=has-sexually-harmed"
HARMED = "part=has-been-sexually-harmed"
SEEN = f"day 0 schools sexual-behaviour-incident {HARMING}"
TOLD = f"day 0 schools disclosure {HARMED} category=sexual-harm"
REFERRED = f"{SEEN}\nday 0.1 social-care referral-received"


def test_nothing_opens_a_pathway_but_sexual_behaviour():
    assert () == pathway(situation("day 0 police missing-episode")).dues


@pytest.mark.parametrize(
    ("told", "state"), [("2026-03-02T09:30:00Z", "met"), ("2026-03-01T16:00:00Z", "met-late")]
)
def test_r034_the_account_is_recorded_the_day_it_was_told(told, state):
    assert [state] == states("R34", f"{TOLD}\nday 0 schools account-recorded {HARMED} told_at={told}")


def test_r035_a_second_hand_account_alone_is_a_prompt_and_a_first_hand_one_ends_it():
    second = f"day 0 schools disclosure {HARMED} provenance=told-second-hand"

    assert ["prompt"] == states("R35", second)
    assert [] == states(
        "R35",
        f"{second}\nday 1 social-care account-recorded {HARMED} provenance=told-by-child told_at=2026-03-03T09:00:00Z",
    )


def test_r036_that_the_child_was_reassured_is_recorded():
    assert ["prompt"] == states("R36", TOLD)
    assert ["met"] == states("R36", f"{TOLD}\nday 0.1 schools child-reassured")


@pytest.mark.parametrize(
    ("more", "now", "state"),
    [
        ("", 0.3, "due-soon"),
        ("", 1, "overdue"),
        ("day 0.1 schools referral-made", 1, "met"),
        ("day 0.2 social-care contact source_agency=schools", 1, "met"),
        ("day 2 schools referral-made", 3, "met-late"),
    ],
)
def test_r037_the_front_door_is_contacted_the_same_day(more, now, state):
    assert [state] == states("R37", f"{SEEN}\n{more}", now)


@pytest.mark.parametrize(
    ("now", "team"),
    [(0.1, "CIAT"), (0.4, "Emergency Out of Hours"), (4.28, "Emergency Out of Hours"), (5, "Emergency")],
)
def test_r038_whom_to_ring_depends_on_hour_weekday_and_holiday(now, team):
    ((_, asks),) = dues("R38", SEEN, now)

    assert team in asks
    assert [] == dues("R38", REFERRED)


def test_r039_immediate_danger_asks_for_999():
    danger = f"{REFERRED}\nday 0.2 police immediate-risk-considered considered_by=police at_risk=yes"
    ((state, asks),) = dues("R39", danger)

    assert "prompt" == state
    assert "999" in asks
    assert [("met", asks)] == dues("R39", f"{danger}\nday 0.21 police emergency-call-made")


def test_r040_police_and_social_care_each_consider_the_immediate_risk_within_a_day():
    one = f"{REFERRED}\nday 0.5 police immediate-risk-considered considered_by=police"
    both = f"{one}\nday 0.6 social-care immediate-risk-considered considered_by=social-care"

    assert ["open", "open"] == states("R40", REFERRED, 0.2)
    assert ["met", "overdue"] == states("R40", one, 2)
    assert ["met", "met"] == states("R40", both, 2)


def test_r041_a_measure_past_its_end_and_a_harmed_child_without_one_are_said():
    kept = f"{TOLD}\nday 0.5 schools safety-measure kind=supervision until=@3"

    assert ["prompt"] == states("R41", TOLD)
    assert ["met", "open"] == states("R41", kept, 2)
    assert ["met", "overdue"] == states("R41", kept, 5)
    ended = f"{kept}\nday 3 schools safety-measure kind=supervision stage=ended"
    assert ["met", "superseded"] == states("R41", ended, 5)


MEETING = "day 2 social-care strategy-meeting-held meeting:m1"


@pytest.mark.parametrize(
    ("more", "now", "expected"),
    [
        ("", 1, ["open", "open"]),
        ("", 2.5, ["due-soon", "due-soon"]),
        ("", 4, ["overdue", "overdue"]),
        (
            "day 1 social-care strategy-meeting-arranged meeting:m1 planned_for=2026-03-04T09:00:00Z",
            1.5,
            ["met", "open"],
        ),
        (MEETING, 4, ["met", "met"]),
        ("day 2 social-care strategy-meeting held", 4, ["met", "met"]),
        ("day 5 social-care strategy-meeting-held meeting:m1", 6, ["met-late", "met-late"]),
    ],
)
def test_r042_the_meeting_is_arranged_and_held_within_72_hours_of_the_referral(more, now, expected):
    assert expected == states("R42", f"{REFERRED}\n{more}", now)


def test_r042_a_meeting_that_was_cancelled_does_not_count():
    arranged = "day 1 social-care strategy-meeting-arranged meeting:m1 planned_for=2026-03-04T09:00:00Z"
    cancelled = f"{REFERRED}\n{arranged}\nday 1.5 social-care strategy-meeting-cancelled meeting:m1"

    assert ["open", "open"] == states("R42", cancelled, 1.6)


def test_r042_age_not_known_starts_the_clock_and_eighteen_does_not():
    assert 2 == len(states("R42", REFERRED))
    assert [] == states("R42", REFERRED.replace(HARMING, f"{HARMING} age=18"))


def test_r042_late_asks_for_a_reason_and_takes_the_one_recorded():
    late = f"{REFERRED}\nday 5 social-care strategy-meeting-held meeting:m1"

    assert [True, True] == [d.asks_reason for d in pathway(situation(late)).dues if d.obligation == "R42"]
    given_ = f"{late} reason=snow"
    assert [False, False] == [d.asks_reason for d in pathway(situation(given_)).dues if d.obligation == "R42"]


def test_r042_seventy_two_hours_are_elapsed_hours_across_the_change_of_the_clocks():
    friday = 25  # 27 March 2026; the clocks go forward on the 29th
    story = REFERRED.replace("day 0", f"day {friday}").replace(f"day {friday}.1", f"day {friday}.25")
    found = [d for d in pathway(situation(story)).dues if d.obligation == "R42"][0]

    assert timedelta(hours=72) == found.due_at - found.start
    assert found.start.astimezone(LONDON).hour + 1 == found.due_at.astimezone(LONDON).hour


def test_r042_a_referral_that_arrives_late_moves_the_start():
    earlier = f"{REFERRED}\nday 0.02 social-care referral known=9"

    assert (
        day(0.02) + timedelta(hours=72)
        == [d.due_at for d in pathway(situation(earlier, 10)).dues if d.obligation == "R42"][0]
    )


def test_r043_a_separate_meeting_is_considered_before_the_first_is_complete():
    assert ["prompt"] == states("R43", f"{REFERRED}\n{MEETING}")
    assert ["met"] == states("R43", f"{REFERRED}\n{MEETING} separate_meeting=needed")
    decided = f"{REFERRED}\n{MEETING}\nday 2 social-care separate-meeting-considered decision=needed"
    assert ["met"] == states("R43", decided)


def test_r044_not_proportionate_only_where_no_risk_is_left_and_support_was_offered():
    base = f"{REFERRED}\n{MEETING}\nday 2 social-care separate-meeting-considered decision=not-proportionate"

    assert ["prompt"] == states("R44", base)
    assert ["prompt"] == states("R44", f"{base} risk_still_present=no")
    assert ["met"] == states("R44", f"{base} risk_still_present=no support_offered")


def test_r045_youth_justice_is_always_invited():
    assert ["prompt"] == states("R45", f"{REFERRED}\n{MEETING} invited=police+health")
    assert ["met"] == states("R45", f"{REFERRED}\n{MEETING} invited=police+youth-justice")
    invited = f"{REFERRED}\n{MEETING}\nday 1 social-care invitation meeting:m1 invited_agency=youth-justice"
    assert ["met"] == states("R45", invited)


def test_r046_one_worker_for_two_linked_children_is_said_and_a_managers_reason_ends_it():
    ours = f"{REFERRED}\n{MEETING}\nday 2 social-care allocation worker:w1"
    by_hub = ours.replace("social-care allocation", "early-help allocation")  # recorded in the hub itself
    theirs = "day 2 social-care allocation worker:w1"

    assert ["met", "prompt"] == states("R46", ours, ben=theirs)
    assert ["met"] == states("R46", ours, ben=theirs.replace("w1", "w2"))
    assert ["met"] == states("R46", f"{by_hub} reason=small-team", ben=theirs)
    assert ["overdue"] == states("R46", f"{REFERRED}\n{MEETING}", 9)


def test_r046_a_worker_whose_work_was_ended_is_shared_no_more():
    ours = f"{REFERRED}\n{MEETING}\nday 2 early-help allocation worker:w1"
    theirs = "day 2 early-help allocation worker:w1"
    until = f"{theirs} until={day(4).date()}"

    assert ["met"] == states("R46", ours, ben=f"{theirs}\nday 3 early-help allocation worker:w1 stage=ended")
    assert ["met", "prompt"] == states("R46", ours, 4, ben=until)
    assert ["met"] == states("R46", ours, 5, ben=until)


def test_r042_a_referral_known_by_its_day_does_not_move_the_start_before_the_hour_it_was_received():
    by_day = f"{REFERRED}\nday -0.4 social-care referral precision=day"

    assert {day(0.1)} == {d.start for d in pathway(situation(by_day)).dues if d.obligation == "R42"}


def test_r047_each_childs_authority_is_represented():
    ours = f"{REFERRED}\nday 1 social-care responsible-authority-set authority=darlington\n{MEETING}"
    theirs = "day 1 social-care responsible-authority-set authority=durham"

    assert ["prompt"] == states("R47", ours, ben=theirs)
    assert ["met"] == states("R47", f"{ours} authorities_represented=darlington+durham", ben=theirs)
    assert [] == states("R47", ours, ben=theirs.replace("durham", "darlington"))


def test_r048_another_chair_than_the_harmed_childs_authority_asks_why():
    ours = f"{REFERRED}\n{MEETING} chair_authority=darlington"
    theirs = f"{TOLD}\nday 1 social-care responsible-authority-set authority=durham"

    assert ["prompt"] == states("R48", ours, ben=theirs)
    assert ["met"] == states("R48", f"{ours} reason=agreed", ben=theirs)
    assert [] == states("R48", ours.replace("darlington", "durham"), ben=theirs)


def test_r049_leaving_custody_starts_the_meetings_clock():
    released = f"{SEEN}\nday 30 youth-justice release stage=completed"

    assert ["overdue"] == states("R49", released, 34)
    assert ["met"] == states("R49", f"{released}\nday 31 social-care strategy-meeting held", 34)


def test_r050_every_agency_in_the_enquiry_has_a_task():
    started = f"{REFERRED}\nday 2 social-care s47-started involved=police+health"

    assert ["prompt", "prompt"] == states("R50", started)
    assert ["met", "prompt"] == states(
        "R50", f"{started}\nday 2 social-care s47-role-assigned to_agency=police"
    )


def test_r051_the_assessment_is_completed_within_45_working_days_for_each_strand():
    both = f"{REFERRED}\n{TOLD}\n{MEETING}"

    assert ["open", "open"] == states("R51", both, 30)
    assert ["overdue", "overdue"] == states("R51", both, 70)
    done = f"{both}\nday 40 social-care assessment kind=child-and-family stage=completed"
    assert ["met", "met"] == states("R51", done, 70)


def test_r052_a_disabled_young_adult_under_25_is_asked_about():
    adult = SEEN.replace(HARMING, f"{HARMING} age=22")

    assert ["prompt"] == states("R52", adult)
    assert ["met"] == states("R52", f"{adult}\nday 3 social-care cf-assessment-started disabled_under_25")
    assert [] == states("R52", adult.replace("22", "25"))


def test_r053_the_police_look_into_criminal_aspects():
    assert ["prompt"] == states("R53", f"{REFERRED}\n{MEETING}")
    assert ["met"] == states("R53", f"{REFERRED}\n{MEETING}\nday 2 police police-enquiry-opened")


@pytest.mark.parametrize(("row", "opened", "own"), [("R54", TOLD, ""), ("R55", SEEN, " own_experiences")])
def test_r054_r055_information_asked_for_is_answered_by_its_date(row, opened, own):
    asked = f"{opened}\nday 2 social-care information-requested request:q1 from_agency=health{own}"

    assert ["open"] == states(row, asked, 3)
    assert ["overdue"] == states(row, asked, 12)
    for answer in ("supplied", "declined", "none-held"):
        assert ["met"] == states(row, f"{asked}\nday 5 health information-{answer} request:q1", 12)
    assert ["overdue"] == states(row, f"{asked} due=2026-03-05T12:00:00Z", 4)


def test_r091_every_child_involved_has_an_outcome():
    own = f"{REFERRED}\nday 1 social-care referral-outcome-set outcome=section-47"

    assert ["met"] == states("R91", own, 3)
    assert ["met", "overdue"] == states("R91", own, 3, ben=TOLD)
    assert ["met"] == states(
        "R91", own, 3, ben=f"{TOLD}\nday 1 social-care referral-outcome-set outcome=early-help"
    )


def test_a_child_may_have_both_strands_and_they_stay_apart():
    assert ("has-sexually-harmed", "has-been-sexually-harmed") == pathway(
        situation(f"{SEEN}\n{TOLD}")
    ).strands


STORY = f"""{REFERRED}
{TOLD}
day 1 police immediate-risk-considered considered_by=police
day 1.5 social-care allocation worker:w1
{MEETING} invited=youth-justice separate_meeting=needed
day 6 social-care information-requested request:q1 from_agency=health
day 9 health information-supplied request:q1"""


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(range(8)))
def test_the_order_of_arrival_changes_nothing(order):
    told = situation(STORY, 12)
    shuffled = Facts([told.timeline.facts[i] for i in order])
    other = Situation(type(told.timeline)(shuffled, told.now, told.timeline.feeds), told.pack, told.linked)

    assert pathway(told) == pathway(other)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 400))
def test_what_is_met_stays_met_as_time_passes(hours):
    early, late = pathway(situation(STORY, 12)), pathway(situation(STORY, 12 + hours / 24))

    met = {(d.obligation, d.of, d.strand) for d in early.dues if d.met_at}
    assert met <= {(d.obligation, d.of, d.strand) for d in late.dues if d.met_at}


def test_the_next_look_is_when_a_state_will_change():
    found = pathway(situation(REFERRED, 0.5))

    before = [(d.obligation, d.state) for d in found.dues]
    told = pathway(situation(REFERRED, (found.look_at - day(0)) / timedelta(days=1) + 0.001))
    assert before != [(d.obligation, d.state) for d in told.dues]


def test_the_most_pressing_comes_first_and_is_told_in_one_line():
    found = [item(d) for d in pathway(situation(REFERRED, 4)).dues]

    assert "overdue" == found[0].state
    assert counts(found)["overdue"] >= 4
    line = text(next(i for i in found if i.obligation == "R42"))
    assert line.startswith("R42  overdue     Strategy meeting within 72 hours")
    assert "by Thu 05 Mar 2026" in line
    assert "guidance L85; pack darlington-2025-02" in line


def test_the_start_is_the_referral_and_not_the_incident():
    assert day(0.1) == due("R37", REFERRED).met_at
    assert (
        datetime(2026, 3, 2, 12, 24, tzinfo=day(0).tzinfo)
        == [d.start for d in pathway(situation(REFERRED)).dues if d.obligation == "R42"][0]
    )
