"""One incident told by several is one; the next has clocks of its own, and nothing old meets it."""

from datetime import timedelta

import pytest

from hub.domain.calendar import LONDON
from hub.protocol.episodes import episodes
from hub.protocol.pathway import Stage, pathway
from tests.patterns.story import day
from tests.protocol.told import dues, situation, states

HARMING = "part=has-sexually-harmed"
HARMED = "part=has-been-sexually-harmed"
SEEN = f"day 0 schools sexual-behaviour-incident {HARMING}"
REFERRED = f"{SEEN}\nday 0.1 social-care referral-received"
HANDLED = f"""{REFERRED}
day 0.2 police immediate-risk-considered considered_by=police
day 0.2 social-care immediate-risk-considered considered_by=social-care
day 0.5 social-care referral-outcome-set outcome=strategy-meeting referral:r1
day 2 social-care strategy-meeting-held meeting:m1 invited=youth-justice separate_meeting=needed"""
AGAIN = f"{HANDLED}\nday 200 schools sexual-behaviour-incident {HARMING}"


def found(row, text, now=None):
    return [d for d in pathway(situation(text, now)).dues if d.obligation == row]


def test_r037_a_new_incident_is_taken_to_the_front_door_again():
    assert ["met", "overdue"] == states("R37", AGAIN, 202)


def test_r038_a_new_incident_nobody_referred_says_whom_to_ring():
    assert 1 == len(dues("R38", AGAIN, 200.1))


def test_r042_a_meeting_held_before_does_not_meet_a_new_incident():
    referred = f"{AGAIN}\nday 200.1 social-care referral-received referral:r2"

    assert ["met", "met", "overdue", "overdue"] == states("R42", referred, 204)
    held = f"{referred}\nday 202 social-care strategy-meeting-held meeting:m2"
    assert ["met", "met", "met", "met"] == states("R42", held, 204)


def test_r040_r091_risk_and_outcome_of_the_first_incident_do_not_stand_for_the_second():
    referred = f"{AGAIN}\nday 200.1 social-care referral-received referral:r2"

    assert ["met", "met", "overdue", "overdue"] == states("R40", referred, 204)
    assert ["met", "overdue"] == states("R91", referred, 204)


def test_r091_an_outcome_that_names_another_referral_is_not_this_ones():
    text = f"""{SEEN}
day 0.1 social-care referral-received referral:r1
day 100 schools sexual-behaviour-incident {HARMING}
day 100.1 social-care referral-received referral:r2
day 101 social-care referral-outcome-set outcome=early-help referral:r1"""

    assert ["met-late", "overdue"] == states("R91", text, 105)


def test_r091_a_child_of_the_first_incident_is_no_child_of_the_second():
    text = f"""{SEEN} child=same-incident:ben
day 0.1 social-care referral-received
day 1 social-care referral-outcome-set outcome=section-47
day 100 schools sexual-behaviour-incident {HARMING} child=same-incident:cai
day 100.1 social-care referral-received
day 101 social-care referral-outcome-set outcome=section-47"""
    ben = f"day 0 schools disclosure {HARMED}\nday 1 social-care referral-outcome-set outcome=early-help"
    cai = f"day 100 schools disclosure {HARMED}"

    told = [asks for state, asks in dues("R91", text, 110, ben=ben, cai=cai) if state == "overdue"]
    assert ["set an outcome for 1 other child involved or potentially involved"] == told


def test_incidents_before_one_referral_are_one_episode():
    text = f"{SEEN}\nday 5 schools sexual-behaviour-incident {HARMING}\nday 6 social-care referral-received"

    assert 1 == len(episodes(situation(text)))


@pytest.mark.parametrize(
    ("more", "count"),
    [
        (f"day 1 police offence-reported {HARMING}", 1),
        (f"day 20 police offence-reported {HARMING}", 1),
        (f"day 40 police offence-reported {HARMING}", 2),
        (f"day 1 schools sexual-behaviour-incident {HARMING}", 1),
        (f"day 3 schools sexual-behaviour-incident {HARMING}", 2),
        (f"day 1 schools sexual-behaviour-incident {HARMING} incident=two", 2),
        (f"day 40 police offence-reported {HARMING} incident=one", 1),
        (f"day 1 police offence-reported {HARMING} incident=police-one", 1),
        ("day 1 schools referral-made part=has-sexually-harmed incident=hub-one", 1),
        (
            f"day 2 police offence-reported {HARMING} incident=p1\nday 9 police offence-reported {HARMING} incident=p2",
            2,
        ),
        (
            "day 1 schools account-recorded part=has-sexually-harmed incident=h1\nday 9 health account-recorded part=has-sexually-harmed incident=h2",
            2,
        ),
    ],
)
def test_what_is_one_incident_and_what_is_two(more, count):
    assert count == len(episodes(situation(f"{REFERRED.replace(SEEN, SEEN + ' incident=one')}\n{more}")))


def test_a_referral_that_names_another_incident_is_not_this_ones():
    text = f"""{SEEN} incident=one
day 10 schools sexual-behaviour-incident {HARMING} incident=two
day 11 social-care referral-received incident=two"""

    assert [None, day(11)] == [e.referral and e.referral.at for e in episodes(situation(text))]


def test_r042_a_day_without_an_hour_does_not_start_the_clock_before_anybody_rang():
    text = f"{SEEN}\nday -0.4 social-care referral precision=day\nday 0.1 social-care referral-received"

    assert {day(0.1)} == {d.start for d in found("R42", text)}
    assert [day(0.1)] == [d.met_at for d in found("R37", text)]


def test_a_referral_told_by_its_day_and_again_by_its_hour_is_one():
    """The older incident is met by the day alone, the newer by its own reference: one referral, one episode."""
    text = f"""{SEEN} incident=old
day 14 schools sexual-behaviour-incident {HARMING} incident=new
day 13.6 social-care referral precision=day
day 14.1 social-care referral-received incident=new"""
    (episode,) = episodes(situation(text))

    assert day(14.1) == episode.referral.at


def test_a_witness_has_no_pathway_and_a_part_not_said_has_one_without_strands():
    assert () == pathway(situation("day 0 schools sexual-behaviour-incident part=witness")).dues
    unsaid = pathway(situation("day 0 schools sexual-behaviour-incident", 2))

    assert () == unsaid.strands
    assert "R37" in {d.obligation for d in unsaid.open}


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (SEEN, Stage.IMMEDIATE_ACTIONS),
        (REFERRED, Stage.STRATEGY_MEETING),
        (HANDLED, Stage.ENQUIRY),
        (f"{HANDLED}\nday 3 social-care s47-not-started", Stage.FOLLOW_UP),
        (f"{HANDLED}\nday 40 social-care cf-assessment-completed", Stage.FOLLOW_UP),
        (AGAIN, Stage.IMMEDIATE_ACTIONS),
    ],
)
def test_the_stage_is_that_of_the_newest_incident(text, stage):
    assert stage == pathway(situation(text)).stage


def test_r105_no_stage_is_called_no_action():
    assert not [s.value for s in Stage if "no-" in s.value or "nothing" in s.value]


def test_the_checklists_are_ticked_by_what_was_recorded():
    lists = dict(pathway(situation(HANDLED, 3)).checklists)
    ticks = {item.row: item.done for items in lists.values() for item in items}

    assert ["Immediate actions", "Strategy meeting", "What the meeting plans"] == list(lists)[:3]
    assert (True, True, False, None) == (ticks["R42"], ticks["R45"], ticks["R46"], ticks["R52"])


# ------------------------------------------------------------ clocks


def test_r042_elapsed_hours_are_the_same_in_autumn():
    friday = 235.1  # 23 October 2026, 12:24 UTC; the clocks go back on the 25th
    text = f"day 235 schools sexual-behaviour-incident {HARMING}\nday {friday} social-care referral-received"
    (arrange, _) = found("R42", text)

    assert timedelta(hours=72) == arrange.due_at - day(friday)
    assert arrange.due_at.astimezone(LONDON).hour == arrange.start.astimezone(LONDON).hour - 1


def test_r091_working_days_pass_over_a_weekend_and_a_bank_holiday():
    thursday = 31.1  # 2 April 2026; the 3rd and the 6th are bank holidays
    text = f"day 31 schools sexual-behaviour-incident {HARMING}\nday {thursday} social-care referral-received"

    assert "Tue 07 Apr 13:24" == found("R91", text)[0].due_at.astimezone(LONDON).strftime("%a %d %b %H:%M")


def test_r037_is_amber_after_an_hour_and_red_at_the_end_of_the_day():
    assert ["open"] == states("R37", SEEN, 0.03)
    assert ["due-soon"] == states("R37", SEEN, 0.05)
    assert ["due-soon"] == states("R37", SEEN, 0.58)
    assert ["overdue"] == states("R37", SEEN, 0.59)


def test_the_next_look_is_the_first_moment_anything_changes():
    """At each look something is said differently than a moment before, and nothing changes between looks."""
    now = 0.11
    for _ in range(12):
        told = pathway(situation(REFERRED, now))
        if told.look_at is None:
            break
        then = (told.look_at - day(0)) / timedelta(days=1)
        before = pathway(situation(REFERRED, (now + then) / 2))
        after = pathway(situation(REFERRED, then + 1e-9))

        assert said(told) == said(before)
        assert said(before) != said(after)
        now = then + 1e-9


def test_the_number_to_ring_is_looked_at_again_when_the_front_door_closes():
    told = pathway(situation(SEEN, 0.05))
    closes = pathway(situation(SEEN, 0.2))

    assert told.look_at == closes.look_at == day(0) + timedelta(hours=7)


def said(told):
    return [(d.obligation, d.asks, d.state) for d in told.dues]


# ------------------------------------------------------------ what cannot be told


def test_r042_silence_of_a_feed_is_not_taken_for_nothing_done():
    silent = f"{REFERRED}\nsilent social-care 2"
    told = situation(f"{silent}\nnow 5")
    asked = [d for d in pathway(told).dues if d.obligation == "R42"]

    assert ["cannot-tell", "cannot-tell"] == [d.state for d in asked]
    assert "Children's Social Care was last heard Wed 04 Mar 2026 10:00" in asked[0].why


def test_r042_where_an_agency_never_had_a_feed_the_hub_itself_is_the_record():
    told = situation(REFERRED, 5)
    alone = type(told)(type(told.timeline)(told.timeline.facts, told.now, {}), told.pack)

    assert {"overdue"} == {d.state for d in pathway(alone).dues if d.obligation == "R42"}


def test_r040_what_the_reader_may_not_see_is_not_said_to_be_undone():
    told = situation(REFERRED, 5)
    reader = type(told)(told.timeline, told.pack, unseen=frozenset({"police"}))
    states_ = {d.of: d.state for d in pathway(reader).dues if d.obligation == "R40"}

    assert {"Police": "cannot-tell", "Children's Social Care": "overdue"} == states_


def test_a_reason_is_asked_only_where_the_guidance_is_departed_from():
    late = f"{SEEN}\nday 3 schools referral-made"

    assert ["met-late"] == states("R37", late)
    assert not [d for d in pathway(situation(late)).dues if d.asks_reason]
