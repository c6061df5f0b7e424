"""Entries of one incident: of which sort they are, and what people said of them, from when on."""

from datetime import timedelta
from uuid import uuid5

import pytest
from hypothesis import given as given_
from hypothesis import strategies as st

from hub.domain.child import By, OneIncident, TwoIncidents, one_incident, two_incidents
from hub.domain.entry import Envelope
from hub.domain.incident import judged, judged_facts, said_of, tells
from hub.errors import Refused
from schemas.any_agency import StrengthNoted
from schemas.incidents import ANY, sorts_told
from schemas.police import MissingEpisode
from schemas.schools import ConcernLogged
from tests.domain.given import CHILD, DAY, given
from tests.patterns.story import day, story

BY = By("c1", "mash-coordinator", "social-care")
WHY = Envelope("social-care", b"sealed reason")
A, B, C = (uuid5(CHILD, name) for name in "abc")
TOLD = story(
    """day 0    schools  concern-logged
       day 0.5  police   offence-reported  known=3
       day 1    health   injury-noted      gone=6"""
)
X, Y, Z = (one.fact.entry for one in TOLD.known)


def one(*entries, at=4):
    return day(at), OneIncident(entries=entries, by=BY)


def two(entries, others, at=4):
    return day(at), TwoIncidents(entries=entries, others=others, by=BY, reason=WHY)


def stretches(entry, *acts):
    """Of an entry: from when until when what was said of it."""
    return [
        (k.since, k.until, k.fact.one_with, k.fact.apart_from)
        for k in judged(list(TOLD.known), acts)
        if k.fact.entry == entry
    ]


def test_what_people_say_is_an_event_of_the_child_and_stands_in_its_order():
    events = [*one_incident((A, B), BY, None), *two_incidents((A,), (B,), BY, WHY)]

    assert [OneIncident(entries=(A, B), by=BY), TwoIncidents((A,), (B,), BY, WHY)] == events
    assert [(DAY, events[0]), (DAY + timedelta(minutes=1), events[1])] == said_of([given(*events)])


@pytest.mark.parametrize("entries", [(), (A,), (A, A)])
def test_fewer_than_two_entries_are_no_matter_to_decide(entries):
    with pytest.raises(Refused, match="two at least"):
        one_incident(entries, BY, None)


@pytest.mark.parametrize(("entries", "others"), [((), (A,)), ((A,), ()), ((A, B), (B,))])
def test_two_incidents_share_no_entry_and_neither_is_empty(entries, others):
    with pytest.raises(Refused, match="some, and not all"):
        two_incidents(entries, others, BY, WHY)


def test_an_entry_is_known_with_what_was_said_of_it_from_then_on():
    assert [
        (day(0), day(4), set(), set()),
        (day(4), day(5), {Y}, set()),
        (day(5), None, set(), {Y}),
    ] == stretches(X, one(X, Y), two((X,), (Y,), at=5))


def test_what_is_said_of_an_entry_no_longer_there_changes_nothing():
    assert [(day(1), day(6), set(), set())] == stretches(Z, one(Y, Z, at=7))


def test_the_latest_word_on_two_entries_holds_and_others_keep_theirs():
    acts = (one(X, Y, Z), two((X,), (Y,), at=5))
    words = {fact.entry: (fact.one_with, fact.apart_from) for fact in judged_facts(TOLD.facts, acts)}

    assert {X: ({Z}, {Y}), Y: ({Z}, {X}), Z: ({X, Y}, set())} == words
    assert [({Y, Z}, set()), ({Z}, {Y})] == [s[2:] for s in stretches(X, *acts)][1:]


def test_of_an_entry_that_is_not_there_nothing_is_said_of_others():
    facts = [fact for fact in TOLD.facts if fact.entry != Y]

    assert facts == judged_facts(facts, [one(X, Y), two((Y,), (X,))])
    assert list(TOLD.known[:1]) == judged(list(TOLD.known[:1]), [one(X, Y), two((X,), (Y,))])


@given_(st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from((X, Y, Z)), min_size=2)), max_size=5))
def test_what_is_said_is_said_of_both_and_never_both_ways(acts):
    said = [
        one(*sorted(entries), at=4 + n)
        if together
        else two(tuple(sorted(entries)[:1]), tuple(sorted(entries)[1:]), at=4 + n)
        for n, (together, entries) in enumerate(acts)
    ]
    facts = {f.entry: f for f in judged_facts((k.fact for k in TOLD.known), said)}

    for fact in facts.values():
        assert not fact.one_with & fact.apart_from
        assert all(fact.entry in facts[other].one_with for other in fact.one_with)
        assert all(fact.entry in facts[other].apart_from for other in fact.apart_from)


@pytest.mark.parametrize(
    ("said", "sorts"),
    [
        ("schools concern-logged category=sexual-harm", {"sexual"}),
        ("schools concern-logged category=hunger", {"neglect"}),
        ("schools concern-logged category=uniform", set()),
        ("schools concern-logged", set()),
        ("police offence-reported category=rape", {"sexual"}),
        ("police offence-reported hsb_class=abusive", {"sexual"}),
        ("police domestic-abuse-incident", {"violence"}),
        ("health emergency-attendance injury", {"sexual", "violence", "self-harm"}),
        ("health camhs stage=did-not-engage", {"engagement"}),
        ("social-care area-move", {"move"}),
    ],
)
def test_an_entry_says_by_its_codes_of_which_sorts_it_may_be(said, sorts):
    (known,) = story(f"day 0 {said}").known

    assert tells(known.fact)
    assert sorts == known.fact.sorts


@pytest.mark.parametrize(
    "said",
    [
        "social-care contact source_agency=schools",
        "social-care multi-agency-meeting",
        "health emergency-attendance",
        "health camhs stage=seen",
        "early-help engagement stage=positive",
        "housing household-changed kind=new-adult",
    ],
)
def test_what_passes_on_or_plans_or_goes_well_tells_of_no_incident(said):
    (known,) = story(f"day 0 {said}").known

    assert not tells(known.fact)


def test_sorts_are_of_a_kind_and_its_signals_alone():
    assert {"missing"} == sorts_told(MissingEpisode, {})
    assert ANY == sorts_told(ConcernLogged, {"part": "subject"})
    assert sorts_told(StrengthNoted, {}) is None
