"""The engine: what emerges, what one agency sees alone, what cannot be told, and when."""

import pytest

from hub.patterns.emergence import narrow, next_look
from hub.patterns.meetings import since
from hub.patterns.p01_accumulation import accumulation
from tests.patterns.story import chosen, day, settings, story

TWO = """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
         day 90  police   offence-reported  part=has-sexually-harmed  known=120"""
OUTCOME = """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
             day 30  police   investigation-outcome  outcome=out-of-court"""


def test_a_firing_says_who_completed_it_and_how_much_earlier_it_could_have_been_seen():
    (firing,) = story(TWO).seen("P01").firings

    assert day(120) == firing.completed_at
    assert ("police",) == firing.completed_by
    assert day(90) == firing.could_have_been_seen_at
    assert 30 == firing.days_earlier


def test_later_evidence_does_not_move_the_day_it_became_complete():
    more = TWO + "\nday 200 health emergency-attendance part=has-sexually-harmed"

    (firing,) = story(more).seen("P01").firings

    assert 3 == len(firing.evidence)
    assert day(120) == firing.completed_at
    assert 30 == firing.days_earlier


def test_a_meeting_between_makes_the_new_incident_the_one_that_completes():
    told = (
        TWO
        + """
        day 150 social-care multi-agency-meeting
        day 200 health emergency-attendance part=has-sexually-harmed"""
    )

    (firing,) = story(told).seen("P01").firings

    assert day(200) == firing.completed_at
    assert ("health",) == firing.completed_by


def test_what_each_agency_alone_would_have_seen_is_told():
    (firing,) = story(TWO).seen("P01").firings

    told = [(alone.family, alone.pieces, alone.of, alone.holds) for alone in firing.alone]

    assert [("police", 1, 2, False), ("schools", 1, 2, False)] == told


def test_what_one_agency_can_see_alone_is_its_own_note_and_no_flag():
    seen = story(
        """day 0    youth-justice  court-outcome  convicted  offence_category=sexual
           day 30   youth-justice  release  stage=planned  release_date=@60
           now 55"""
    ).seen("P07")

    assert [] == seen.firings
    assert [("P07", "youth-justice", 2)] == [(n.pattern, n.family, len(n.evidence)) for n in seen.notes]


def test_another_agencys_corroboration_does_not_make_it_a_flag():
    seen = story(
        """day 0    police         offence-reported  part=has-sexually-harmed
           day 10   youth-justice  court-outcome  convicted  offence_category=sexual
           day 30   youth-justice  release  stage=planned  release_date=@60
           now 55"""
    ).seen("P07")

    assert [] == seen.firings
    assert ["youth-justice"] == [note.family for note in seen.notes]


def test_mappa_is_graver_on_the_day_of_release():
    text = """day 0    police         offence-reported  part=has-sexually-harmed
              day 100  youth-justice  court-outcome  convicted
              day 300  youth-justice  release  stage=planned  release_date=@340"""

    before, after = (story(f"{text}\nnow {at}").seen("P07") for at in (339, 341))

    assert [3] == [f.severity for f in before.firings]
    assert [4] == [f.severity for f in after.firings]
    assert day(339) < before.look_at < day(340)


def test_a_child_of_ten_to_twelve_is_a_prompt_only():
    text = """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age={}
              day 300  police   domestic-abuse-incident"""

    assert [3, 1, 1] == [
        f.severity for age in (9, 10, 12) for f in story(text.format(age)).seen("P08").firings
    ]


def test_absence_before_its_deadline_waits_for_it():
    seen = story(f"{OUTCOME}\nnow 40").seen("P14")

    assert [] == seen.firings
    assert day(46) == seen.look_at


def test_absence_on_a_silent_feed_cannot_be_told_and_is_looked_at_again():
    seen = story(f"{OUTCOME}\nnow 60\nsilent social-care 40").seen("P14")

    assert [] == seen.firings
    assert [("P14", ("social-care",))] == [(u.pattern, u.families) for u in seen.untold]
    assert day(60.25) == seen.look_at


def test_the_next_look_is_when_the_first_deadline_passes():
    told = story(f"{OUTCOME}\nnow 40")

    assert day(46) == next_look(told.timeline, settings(), chosen())


def test_what_protects_stands_beside_the_evidence_and_is_no_part_of_it():
    told = story(TWO + "\nday 100 schools strength-noted\nday 101 health engagement stage=failed")

    (firing,) = told.seen("P01").firings

    assert ["strength-noted"] == [piece.kind for piece in firing.protects]
    assert 2 == len(firing.evidence)


def test_a_restricted_type_is_never_named():
    told = story(
        """day 0    police         exploitation-concern  kind=sexual
           day 60   health         sexual-health-contact
           day 100  schools        sexual-behaviour-incident  part=has-sexually-harmed"""
    )

    (firing,) = told.seen("P11").firings

    assert ["exploitation-concern", "restricted", "sexual-behaviour-incident"] == [
        piece.kind for piece in firing.evidence
    ]


def test_a_rule_sees_only_the_types_and_signals_it_says_it_reads():
    told = story(
        """day 0  schools  sexual-behaviour-incident  technology  part=has-sexually-harmed
           day 1  health   camhs  stage=seen"""
    )

    (fact,) = narrow(accumulation, told.timeline, settings()).facts

    assert {"part", "provenance", "precision"} == set(fact.signals)


@pytest.mark.parametrize(("precision", "counted"), [("day", 1), ("minute", 0)])
def test_a_meeting_of_which_only_the_day_is_known_may_have_been_at_its_end(precision, counted):
    meetings = story(f"day 0 social-care multi-agency-meeting precision={precision}").facts

    assert counted == len(since(meetings, day(0.5)))


def test_other_children_are_counted_and_never_shown():
    told = story(
        """day 0        police   missing-episode  place=public-place:park
           @ben day 20  schools  concern-logged  place=public-place:park
           @cal day 40  health   substance-concern  place=public-place:park"""
    )

    (firing,) = told.seen("P30").firings

    assert {str(f.entry) for f in told.facts} == firing.entries
    assert 2 == firing.elsewhere
    assert ("health", "police", "schools") == firing.families


@pytest.mark.parametrize(
    ("code", "text", "more"),
    [
        (
            "P04",
            """day 0   police   offence-reported  part=has-sexually-harmed
               day 30  schools  move  kind=new-school  place=school:hill""",
            "day 50 police offence-reported part=has-sexually-harmed",
        ),
        (
            "P26",
            """day 0   schools  concern-logged
               day 30  health   appointment-missed  was_not_brought
               day 60  police   domestic-abuse-incident""",
            "day 90 schools concern-logged",
        ),
    ],
)
def test_what_stands_is_not_put_in_doubt_by_one_more_entry_while_a_feed_is_silent(code, text, more):
    silent = "\nnow 91\nsilent social-care 80"

    before, after = (story(said + silent).seen(code) for said in (text, f"{text}\n{more}"))

    assert [1, 1] == [len(seen.firings) for seen in (before, after)]
    assert len(before.firings[0].evidence) < len(after.firings[0].evidence)
    assert [] == after.untold


def test_a_measure_that_runs_out_is_looked_at_again_on_its_last_day():
    told = story(
        """day 0  police       safety-measure  kind=keep-apart  place=placement:elms  until=@30
           day 3  social-care  placement-moved  place=placement:elms"""
    )

    assert [0, 3] == told.days("P17")
    assert day(30) < told.seen("P17").look_at < day(31)
