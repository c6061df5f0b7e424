"""How far a rule sees: the latest of each kind, spread over days; no other kind is ever hidden by it."""

from hypothesis import given
from hypothesis import strategies as st

from hub.patterns.flags import Watch
from hub.patterns.sight import Sight
from tests.patterns.story import CHILD, chosen, settings, story

COUNTING = settings().counting
SEEN, A_DAY = COUNTING.latest_of_a_kind.value, COUNTING.latest_of_one_day.value


def drawn(told):
    watch = Watch((CHILD,), settings(), chosen())
    watch.learn(told.known)
    return watch.flags(told.now, told.feeds, {})


LONG_AGO = "day -900 health child-protection-medical part=has-been-sexually-harmed"


def test_the_latest_of_a_kind_are_seen_and_no_more_of_one_day_than_so_many():
    text = "\n".join(f"day {n / 8}  schools  concern-logged  category=neglect" for n in range(400))
    seen = Sight(COUNTING, story(text).facts).facts

    assert SEEN == len(seen)
    assert SEEN / A_DAY == len({fact.at.date() for fact in seen})
    assert story(text).facts[-1] in seen


def test_a_long_run_of_one_kind_hides_no_other_kind():
    run = "\n".join(f"day {n}  schools  concern-logged  category=sexual-harm" for n in range(-50, 0))
    told = story(f"{LONG_AGO}\n{run}\nday 1 police offence-reported part=has-sexually-harmed")

    assert "P03" in {flag.pattern for flag in drawn(told).flags}


def test_an_entry_that_is_taken_back_lets_an_older_one_be_seen_again():
    facts = story("\n".join(f"day {n}  police  missing-episode" for n in range(SEEN + 1))).facts
    sight = Sight(COUNTING, facts)
    before = facts[0] in sight.facts
    sight.remove(facts[-1])

    assert not before
    assert facts[0] in sight.facts


@given(st.lists(st.integers(0, 400), max_size=60, unique=True), st.data())
def test_one_more_entry_is_seen_as_if_all_had_been_looked_at_again(hours, data):
    facts = story("\n".join(f"day {n / 8}  police  missing-episode" for n in hours)).facts if hours else ()
    sight, there = Sight(COUNTING), []
    for fact in data.draw(st.permutations(facts)):
        sight.add(fact)
        there.append(fact)
        if data.draw(st.integers(0, 9)) == 0:
            sight.remove(there.pop(0))
        assert list(Sight(COUNTING, there).facts) == list(sight.facts)


def test_only_rules_whose_inputs_arrived_are_asked():
    told = story("day 0 schools concern-logged category=behaviour")
    watch = Watch((CHILD,), settings(), chosen())
    watch.learn(told.known)
    watch.flags(told.now, told.feeds, {})

    assert dict.fromkeys(("P25", "P26", "P27", "P34", "P36"), 1) == {
        code: looks for code, looks in watch.looks().items() if looks
    }
