"""What may be one incident is proposed; people say whether it is; rules count as they said."""

from itertools import combinations
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.child import By, OneIncident, TwoIncidents
from hub.domain.entry import Envelope
from hub.domain.incident import judged, judged_facts
from hub.patterns.flags import Watch, flags
from hub.patterns.incidents import incidents, of_a_sort, told_apart, told_one
from hub.patterns.life import State, Why
from hub.patterns.proposed import PROPOSALS, proposed
from hub.patterns.settings import Counting
from tests.patterns.story import CHILD, chosen, day, settings, story

BY = By("c1", "mash-coordinator", "social-care")
COUNTING: Counting = settings().counting
FIGHT = """day 0    schools  concern-logged
           day 0.5  police   offence-reported  category=violence
           day 1    health   emergency-attendance  injury"""
NEAR = """day 0  schools  sexual-behaviour-incident  part=has-sexually-harmed
          day 1  police   offence-reported  part=has-sexually-harmed"""


def open_of(text, *acts):
    """The days of each open proposal."""
    told = story(text)
    facts = judged_facts(told.facts, [_act(told, act) for act in acts])
    return [[_day(f) for f in one.facts] for one in proposed(CHILD, facts, COUNTING)]


def one(*days, at=5):
    return at, days, None


def two(days, others, at=5):
    return at, days, others


def _act(told, act):
    at, ones, others = act
    entries = {_day(k.fact): k.fact.entry for k in told.known}
    these = tuple(entries[d] for d in ones)
    if others is None:
        return day(at), OneIncident(entries=these, by=BY)
    those = tuple(entries[d] for d in others)
    return day(at), TwoIncidents(these, those, BY, Envelope("social-care", b"why"))


def _day(fact):
    return round((fact.at - day(0)).total_seconds() / 86_400, 2)


def drawn(text, *acts, code="P01"):
    told = story(text)
    known = judged(list(told.known), [_act(told, act) for act in acts])
    return flags(
        (CHILD,),
        known,
        now=max(told.now, day(9)),
        feeds={agency: day(9) for agency in told.feeds},
        reviews={},
        settings=settings(),
        patterns=chosen(code),
    ).flags


def test_a_fight_that_school_police_and_hospital_tell_of_is_proposed_as_one():
    assert [[0, 0.5, 1]] == open_of(FIGHT)


@pytest.mark.parametrize(
    "text",
    [
        """day 0     schools  concern-logged
           day 2.01  police   offence-reported""",
        """day 0  schools  concern-logged  category=hunger
           day 1  police   missing-episode""",
        """day 0  schools  concern-logged    incident=field
           day 1  police   offence-reported  incident=field""",
        """day 0  schools  concern-logged    teller=aunt
           day 1  police   offence-reported  teller=aunt""",
        """day 0  schools  concern-logged  incident=one
           day 1  schools  concern-logged  incident=two""",
        """day 0  schools      concern-logged
           day 1  social-care  multi-agency-meeting""",
    ],
)
def test_nothing_is_proposed_where_time_sort_or_people_have_said_it(text):
    assert [] == open_of(text)


def test_what_somebody_said_is_asked_no_more_and_what_comes_after_is():
    later = f"{FIGHT}\nday 1.5 youth-justice account-recorded"

    assert [] == open_of(FIGHT, one(0, 0.5, 1))
    assert [] == open_of(FIGHT, two((0,), (0.5, 1)), one(0.5, 1))
    assert [[0.5, 1]] == open_of(FIGHT, two((0,), (0.5, 1)))
    assert [[0, 0.5, 1, 1.5]] == open_of(later, one(0, 0.5, 1))


def test_an_entry_near_two_that_are_not_near_each_other_stands_in_two_proposals():
    text = "\n".join(f"day {n} police domestic-abuse-incident" for n in (0, 1.5, 3))

    assert [[0, 1.5], [1.5, 3]] == open_of(text)


def test_an_entry_of_no_sort_stands_with_those_of_either():
    text = """day 0    schools  concern-logged
              day 0.5  police   missing-episode
              day 1    health   self-harm"""

    assert [[0, 0.5], [0, 1]] == sorted(open_of(text))


def test_a_proposal_is_named_by_the_child_and_exactly_its_entries():
    told = story(FIGHT)
    (whole,) = proposed(CHILD, told.facts, COUNTING)
    (less,) = proposed(CHILD, told.facts[:2], COUNTING)
    (others,) = proposed(uuid5(CHILD, "other"), told.facts, COUNTING)

    assert 3 == len({whole.id, less.id, others.id})
    assert whole.id == uuid5(PROPOSALS, "/".join([CHILD.hex, *sorted(fact.entry.hex for fact in told.facts)]))


SAID = st.lists(
    st.tuples(
        st.sampled_from((0, 0.5, 1, 1.5, 2, 2.5, 3)),
        st.sampled_from(
            (
                "schools concern-logged",
                "schools concern-logged incident=one",
                "schools concern-logged incident=two",
                "police offence-reported category=violence",
                "police missing-episode",
                "health self-harm",
                "health injury-noted",
            )
        ),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda one: one[0],
)


@given(SAID, st.data())
def test_any_two_that_count_as_one_by_time_alone_can_be_told_apart(said, data):
    told = story("\n".join(f"day {at} {what}" for at, what in said))
    facts = data.draw(st.lists(st.sampled_from(list(told.facts)), unique_by=lambda f: f.entry))
    together = [{f.entry for f in one.facts} for one in proposed(CHILD, told.facts, COUNTING)]

    for group in incidents(facts, COUNTING.close):
        for first, other in combinations(group, 2):
            near = other.at - first.at <= COUNTING.close and of_a_sort(first.sorts, other.sorts) is not None
            if near and not told_one(first, other) and not told_apart(first, other):
                assert any({first.entry, other.entry} <= entries for entries in together)


def test_an_unconfirmed_proposal_counts_as_one_a_confirmed_as_one_a_separated_as_two():
    assert [] == drawn(NEAR)
    assert [] == drawn(NEAR, one(0, 1))
    (flag,) = drawn(NEAR, two((0,), (1,)))

    assert State.RAISED == flag.state
    assert day(5) == flag.raised_at
    assert flag.firing.judged


def test_a_flag_raised_by_what_people_said_says_so_and_blames_no_late_entry():
    (flag,) = drawn(NEAR, two((0,), (1,)))

    assert (day(5), (), 0) == (flag.firing.completed_at, flag.firing.completed_by, flag.firing.days_earlier)


def test_who_says_afterwards_that_it_was_one_withdraws_the_flag_with_that_reason():
    (flag,) = drawn(NEAR, two((0,), (1,)), one(0, 1, at=6))

    assert (State.WITHDRAWN, Why.INCIDENTS) == (flag.turns[-1].state, flag.turns[-1].why)
    assert day(6) == flag.turns[-1].at


def test_two_that_are_said_to_be_two_bring_back_the_flag():
    (flag,) = drawn(NEAR, two((0,), (1,)), one(0, 1, at=6), two((0,), (1,), at=7))

    assert [State.RAISED, State.WITHDRAWN, State.REOPENED] == [turn.state for turn in flag.turns]


def test_accounts_of_what_are_two_incidents_do_not_differ():
    text = """day 0    schools  concern-logged   account_how=fell
              day 0.5  police   protection-notice  account_how=hit"""
    (flag,) = drawn(text, two((0,), (0.5,)), code="P35")

    assert (State.WITHDRAWN, Why.INCIDENTS) == (flag.turns[-1].state, flag.turns[-1].why)


def test_an_entry_withdrawn_takes_what_was_said_of_it_with_it():
    (flag,) = drawn(f"{NEAR} gone=7", two((0,), (1,)))

    assert (State.WITHDRAWN, Why.CHANGED_AT_SOURCE) == (flag.turns[-1].state, flag.turns[-1].why)
    assert [] == open_of(f"{NEAR} gone=1.01", two((0,), (1,)))


@given(st.permutations(range(4)), st.booleans())
def test_told_all_at_once_or_one_by_one_a_watch_says_the_same(order, apart):
    told = story(f"{FIGHT}\nday 1.2 schools sexual-behaviour-incident part=has-sexually-harmed\n{NEAR}")
    acts = [_act(told, two((0.5,), (1,)) if apart else one(0.5, 1))]
    known = judged(list(told.known), acts)
    at_once, one_by_one = (Watch((CHILD,), settings(), chosen()) for _ in "ab")
    at_once.learn(known)
    for number in order:
        one_by_one.learn(known[number::4])

    assert at_once.flags(day(9), told.feeds, {}) == one_by_one.flags(day(9), told.feeds, {})
