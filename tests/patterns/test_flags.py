"""The life of a flag: raised, acknowledged, reviewed, reopened, withdrawn with its reason, expired."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from hub.domain.child import By, FlagAcknowledged, FlagDecision, FlagReleased, FlagReviewed
from hub.domain.entry import Envelope
from hub.patterns.flags import Flag, crossing_keys, flag_id, flags
from hub.patterns.life import Life, State, Why, acknowledge_by
from tests.patterns.story import CHILD, chosen, day, hashed, settings, story

BY = By(person="p1", role="mash-coordinator", agency="social-care")
REASON = Envelope("social-care", b"sealed")
P01 = flag_id(CHILD, "P01", "")
TWO = """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
         day 90  police   offence-reported  part=has-sexually-harmed  known=120"""
THIRD = "\nday 200 health emergency-attendance part=has-sexually-harmed"
OUTCOME = """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
             day 30  police   investigation-outcome  outcome=out-of-court"""


def drawn(text, *codes, reviews=(), children=(CHILD,)):
    told = story(text)
    by_flag = {}
    for at, event in reviews:
        by_flag.setdefault(event.flag, []).append((day(at), event))
    return flags(
        children,
        told.known,
        now=told.now,
        feeds=told.feeds,
        reviews=by_flag,
        settings=settings(),
        patterns=chosen(*codes),
        elsewhere=told.elsewhere,
    )


def acknowledged(flag=P01):
    return FlagAcknowledged(flag=flag, by=BY)


def reviewed(*entries, flag=P01, decision=FlagDecision.ACTED_ON):
    return FlagReviewed(flag=flag, decision=decision, evidence=entries, by=BY, reason=REASON)


def evidence(text, code="P01"):
    return tuple(UUID(p.entry) for f in story(text).seen(code).firings for p in f.evidence)


def _completed(flag):
    return flag.firing.completed_at, flag.firing.completed_by, flag.firing.days_earlier


def turns(flag):
    return [(turn.state, turn.why) for turn in flag.turns]


def test_a_flag_is_raised_when_the_hub_first_knew_enough():
    (flag,) = drawn(TWO, "P01").flags

    assert P01 == flag.id
    assert day(120) == flag.raised_at
    assert [(State.RAISED, Why.EVIDENCE)] == turns(flag)


def test_a_person_acknowledges_and_decides():
    (flag,) = drawn(
        TWO + "\nnow 150", "P01", reviews=[(121, acknowledged()), (125, reviewed(*evidence(TWO)))]
    ).flags

    assert [State.RAISED, State.ACKNOWLEDGED, State.REVIEWED] == [turn.state for turn in flag.turns]
    assert FlagDecision.ACTED_ON is flag.decision


def test_new_evidence_reopens_a_reviewed_flag_and_it_must_be_looked_at_again():
    (flag,) = drawn(TWO + THIRD, "P01", reviews=[(125, reviewed(*evidence(TWO)))]).flags

    assert (State.REOPENED, Why.NEW_EVIDENCE) == turns(flag)[-1]
    assert flag.acknowledge_by > day(200)


def test_a_flag_that_is_raised_again_is_told_of_what_came_since_somebody_looked():
    late = THIRD + " known=230"
    (flag,) = drawn(TWO + late, "P01", reviews=[(125, reviewed(*evidence(TWO)))]).flags
    (unlooked,) = drawn(TWO + late, "P01").flags

    assert (day(230), ("health",), 30) == _completed(flag)
    assert (day(120), ("police",), 30) == _completed(unlooked)


def test_what_came_between_the_page_and_the_decision_is_what_the_flag_is_then_told_of():
    (flag,) = drawn(TWO + THIRD + "\nnow 300", "P01", reviews=[(250, reviewed(*evidence(TWO)))]).flags

    assert (day(200), ("health",), 0) == _completed(flag)


def test_evidence_that_came_between_the_page_and_the_decision_leaves_the_flag_open():
    (flag,) = drawn(TWO + THIRD + "\nnow 210", "P01", reviews=[(205, reviewed(*evidence(TWO)))]).flags

    assert [State.REVIEWED, State.REOPENED] == [turn.state for turn in flag.turns][-2:]


def test_a_decision_on_all_that_stands_holds():
    (flag,) = drawn(TWO + THIRD + "\nnow 210", "P01", reviews=[(205, reviewed(*evidence(TWO + THIRD)))]).flags

    assert State.REVIEWED is flag.state


def test_evidence_taken_back_withdraws_the_flag_and_says_why():
    (flag,) = drawn(TWO + "  gone=140\nnow 150", "P01").flags

    assert [(State.RAISED, Why.EVIDENCE), (State.WITHDRAWN, Why.CHANGED_AT_SOURCE)] == turns(flag)
    assert 2 == len(flag.firing.evidence)
    assert not flag.standing


def test_a_meeting_answers_the_flag():
    (flag,) = drawn(TWO + "\nday 130 social-care multi-agency-meeting", "P01").flags

    assert (State.WITHDRAWN, Why.ANSWERED) == turns(flag)[-1]


def test_what_one_agency_comes_to_see_alone_is_no_longer_a_flag():
    told = drawn(
        """day 0    police         offence-reported  part=has-sexually-harmed
           day 10   youth-justice  court-outcome  convicted
           day 20   youth-justice  release  stage=planned  release_date=@30
           day 12   youth-justice  court-outcome  convicted  offence_category=sexual  known=25""",
        "P07",
    )

    assert [(State.RAISED, Why.EVIDENCE), (State.WITHDRAWN, Why.ONE_AGENCY)] == turns(told.flags[0])
    assert ["youth-justice"] == [note.family for note in told.notes]


def test_a_flag_that_returns_as_it_was_reviewed_stays_reviewed():
    text = TWO + "\nday 130 social-care multi-agency-meeting gone=150\nnow 160"
    (flag,) = drawn(text, "P01", reviews=[(125, reviewed(*evidence(TWO)))]).flags

    assert [State.RAISED, State.REVIEWED, State.WITHDRAWN, State.REVIEWED] == [t.state for t in flag.turns]


def test_a_flag_that_returns_and_was_never_reviewed_is_reopened():
    text = TWO + "\nday 130 social-care multi-agency-meeting gone=150\nnow 160"
    (flag,) = drawn(text, "P01").flags

    assert (State.REOPENED, Why.EVIDENCE) == turns(flag)[-1]


@pytest.mark.parametrize(("now", "state"), [(484, State.RAISED), (485, State.EXPIRED)])
def test_a_flag_nobody_renews_expires_after_a_year(now, state):
    (flag,) = drawn(f"{TWO}\nnow {now}", "P01").flags

    assert state is flag.state


def test_a_review_renews_a_flag_and_new_evidence_reopens_an_expired_one():
    renewed = drawn(f"{TWO}\nnow 500", "P01", reviews=[(200, reviewed(*evidence(TWO)))]).flags
    reopened = drawn(
        TWO + "\nday 89 health emergency-attendance part=has-sexually-harmed known=600", "P01"
    ).flags

    assert [State.REVIEWED] == [flag.state for flag in renewed]
    assert [State.RAISED, State.EXPIRED, State.REOPENED] == [turn.state for turn in reopened[0].turns]


def test_the_next_look_is_the_expiry_of_what_stands():
    told = drawn(TWO, "P01")

    assert day(120 + 365) == told.look_at


def test_a_graver_question_reopens_what_was_reviewed():
    text = """day 0    police         offence-reported  part=has-sexually-harmed
              day 100  youth-justice  court-outcome  convicted
              day 300  youth-justice  release  stage=planned  release_date=@340
              now 341"""
    flag_of = flag_id(CHILD, "P07", "")
    (flag,) = drawn(text, "P07", reviews=[(330, reviewed(*evidence(text, "P07"), flag=flag_of))]).flags

    assert (State.REOPENED, Why.GRAVER) == turns(flag)[-1]
    assert 4 == flag.severity


def test_an_absence_raises_on_the_day_its_time_passed_and_says_so():
    (flag,) = drawn(f"{OUTCOME}\nnow 60", "P14").flags

    assert day(46) == flag.raised_at
    assert () == flag.firing.completed_by


def test_an_absence_on_a_silent_feed_raises_nothing_and_says_what_it_waits_for():
    told = drawn(f"{OUTCOME}\nnow 60\nsilent social-care 40", "P14")

    assert [] == told.flags
    assert {"social-care"} == told.awaits


def test_a_late_meeting_answers_what_was_asked_and_the_flag_stays_on_record():
    (flag,) = drawn(f"{OUTCOME}\nday 50 social-care multi-agency-meeting\nnow 60", "P14").flags

    assert [State.RAISED, State.WITHDRAWN] == [turn.state for turn in flag.turns]


def test_a_release_names_the_roles_and_changes_nothing_else():
    released = FlagReleased(flag=P01, roles=("designated-lead",), by=BY, reason=REASON)
    (flag,) = drawn(f"{TWO}\nnow 130", "P01", reviews=[(122, released)]).flags

    assert ("designated-lead",) == flag.released_to
    assert State.RAISED is flag.state


def test_a_review_of_the_flag_on_a_record_joined_later_still_counts():
    other = UUID(int=7)
    review = reviewed(*evidence(TWO), flag=flag_id(other, "P01", ""))
    (flag,) = drawn(f"{TWO}\nnow 130", "P01", reviews=[(125, review)], children=(CHILD, other)).flags

    assert P01 == flag.id
    assert State.REVIEWED is flag.state


def test_two_outcomes_are_two_questions():
    text = f"{OUTCOME}\nday 100 police investigation-outcome outcome=out-of-court\nnow 160"

    assert 2 == len({flag.id for flag in drawn(text, "P14").flags})


def test_new_entries_elsewhere_reopen_and_what_no_reviewer_is_shown_is_not_held_against_the_review():
    park = """day 0        police   missing-episode  place=public-place:park
              @ben day 20  schools  concern-logged  place=public-place:park
              @cal day 40  police   missing-episode  place=public-place:park"""
    flag_of = flag_id(CHILD, "P30", hashed("park"))
    review = [(50, reviewed(*evidence(park, "P30"), flag=flag_of))]
    fourth = "\n@dot day 60 health self-harm place=public-place:park\nnow 70"

    (still,), (again,) = (
        drawn(text, "P30", reviews=review).flags for text in (f"{park}\nnow 70", park + fourth)
    )

    assert State.REVIEWED is still.state
    assert State.REOPENED is again.state


def test_a_flag_can_be_kept_and_read_back():
    (flag,) = drawn(TWO, "P01").flags

    assert flag == msgspec.json.decode(msgspec.json.encode(flag), type=Flag)


@pytest.mark.parametrize(
    ("severity", "raised", "expected"),
    [
        (1, 0, None),
        (2, 4, day(11)),  # Friday to Friday
        (3, 0, day(0) + timedelta(hours=7)),  # Monday, by five
        (3, 5, day(7) + timedelta(hours=7)),  # Saturday to Monday
        (4, 5, day(5) + timedelta(hours=1)),
    ],
)
def test_how_soon_somebody_must_look_follows_the_severity(severity, raised, expected):
    assert expected == acknowledge_by(severity, day(raised), settings())


def test_old_history_waits_from_the_day_the_settings_came_into_force():
    long_ago = day(-2000)

    assert acknowledge_by(4, long_ago, settings()).year == settings().in_force_from.year


def test_a_flag_is_overdue_until_somebody_looks():
    (waits,) = drawn(f"{TWO}\nnow 130", "P01").flags
    (seen,) = drawn(f"{TWO}\nnow 130", "P01", reviews=[(121, acknowledged())]).flags

    assert waits.overdue(day(130))
    assert not waits.overdue(day(120))
    assert not seen.overdue(day(130))


def test_acts_on_a_flag_that_does_not_stand_change_nothing_but_what_was_decided():
    life = Life(settings())

    life.person(day(1), acknowledged())
    life.person(day(2), reviewed())
    life.falls(day(3), Why.ANSWERED)

    assert life.state is None
    assert [] == life.turns


def test_the_places_to_look_up_are_those_of_rules_that_cross_children():
    facts = story(
        """day 0  police  missing-episode  place=public-place:park
           day 1  social-care  conference  kind=initial  place=premises:office"""
    ).facts

    assert {hashed("park")} == crossing_keys(facts, chosen(), settings())
    assert frozenset() == crossing_keys(facts, chosen("P01"), settings())


def test_where_two_children_are_to_be_kept_apart_the_other_is_looked_up_and_never_their_school():
    school = "day 0 schools move kind=new-school place=school:hill"
    measure = "day 1 police safety-measure kind=keep-apart child=same-incident:ben"

    assert frozenset() == crossing_keys(story(school).facts, chosen(), settings())
    assert {hashed("ben")} == crossing_keys(story(f"{school}\n{measure}").facts, chosen(), settings())
