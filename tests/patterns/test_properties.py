"""What holds of every rule and every history: order of arrival, rebuilding, emergence, waking in time."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.patterns.catalogue import BY_CODE
from hub.patterns.elsewhere import Elsewhere
from hub.patterns.emergence import evaluate, narrow
from hub.patterns.flags import Watch, flag_id, flags
from hub.patterns.rule import Evidence
from hub.simulation.stories import FLAGGED, NOT_FLAGGED
from tests.patterns.story import CHILD, chosen, day, settings, story

TEXTS = [text for stories in FLAGGED.values() for text, _ in stories]
TEXTS += [text for stories in NOT_FLAGGED.values() for _, text in stories]


@st.composite
def histories(draw):
    """Two drawn stories told of one child, each shifted in time, every entry arriving late by some days."""
    lines = []
    for text in draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2)):
        shift = draw(st.integers(0, 40))
        for line in filter(None, map(str.strip, text.splitlines())):
            words = line.split()
            if words[0] not in ("now", "silent"):
                at = words.index("day") + 1
                happened = float(words[at]) + shift
                words[at] = str(happened)
                known = happened + draw(st.sampled_from((0, 0, 1, 30)))
                gone = f"gone={known + 25}" if draw(st.integers(0, 9)) == 0 and at == 1 else ""
                lines.append(f"{' '.join(words)} known={known} {gone}")
    lines = draw(st.permutations(lines))
    last = max(float(line.rpartition("known=")[2].split()[0]) for line in lines)
    now = last + draw(st.sampled_from((0, 5, 20, 400)))
    silent = draw(st.sampled_from(("", "silent social-care 10", "silent youth-justice 100")))
    return "\n".join((*lines, f"now {now}", silent))


def drawn(told):
    return flags(
        (CHILD,),
        told.known,
        now=told.now,
        feeds=told.feeds,
        reviews={},
        settings=settings(),
        patterns=chosen(),
        elsewhere=told.elsewhere,
    )


def held(seen):
    return {(f.pattern, f.root): (f.entries, f.severity, f.families) for f in seen.firings}


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(text, chance):
    told = story(text)
    times = [k.since for k in told.known if k.at(told.now)]
    chance.shuffle(times)
    arrivals = iter(times)
    shuffled = tuple(
        k._replace(fact=replace(k.fact, recorded_at=at), since=at)
        for k in told.known
        if k.at(told.now) and (at := next(arrivals))
    )
    other = replace(told, known=tuple(k._replace(until=None) for k in reversed(shuffled)))

    assert held(told.seen()) == held(other.seen())


@given(histories())
def test_an_unrelated_child_changes_nothing(text):
    told = story(text)
    unrelated = story("@zoe day 3 police missing-episode place=public-place:far").elsewhere
    both = Elsewhere({**told.elsewhere.by_key, **unrelated.by_key})

    assert told.seen() == evaluate(told.timeline, settings(), chosen(), both)


@given(histories())
def test_every_firing_needs_more_than_one_agency(text):
    told = story(text)
    for firing in told.seen().firings:
        rule = BY_CODE[firing.pattern]

        assert len(firing.families) >= rule.min_families
        for family in firing.families:
            alone = rule.look(
                narrow(rule, told.timeline.only(family), settings()),
                settings().rule(rule.code),
                told.elsewhere.only(family),
            )
            assert firing.root not in {o.root for o in alone if isinstance(o, Evidence)}


@given(histories())
def test_what_stands_in_the_replayed_history_is_what_the_rules_say_now(text):
    told = story(text)
    firings = {flag_id(CHILD, f.pattern, f.root): f.entries for f in told.seen().firings}
    living = {f.id: f.firing.entries for f in drawn(told).flags if f.turns[-1].state != "withdrawn"}
    expired = {f.id for f in drawn(told).flags if f.state == "expired"}

    assert firings.items() <= living.items()
    assert living.keys() - firings.keys() <= expired


@given(histories(), st.integers(0, 500))
def test_what_was_once_raised_is_never_unsaid(text, earlier):
    told = story(text)
    before = {f.id: f.raised_at for f in drawn(told.at(min(earlier, (told.now - day(0)).days))).flags}
    after = {f.id: f.raised_at for f in drawn(told).flags}

    assert before.keys() <= after.keys()
    assert all(after[id_] <= at for id_, at in before.items())


@given(histories())
def test_until_the_next_look_nothing_changes(text):
    told = story(text)
    look_at = told.seen().look_at
    if look_at is not None and not told.seen().untold:
        just_before = replace(told, now=look_at - timedelta(seconds=1))
        known = replace(
            just_before, known=tuple(k._replace(until=None) for k in told.known if k.at(told.now))
        )

        assert held(told.seen()) == held(known.seen())


def told_as_it_came(told, moments):
    """The flags of a child watched all along: told each thing when the hub came to know it, asked often."""
    watch = Watch((CHILD,), settings(), chosen())
    waiting = sorted(told.known, key=lambda k: k.since)
    for moment in sorted(moments):
        arrived = [k for k in waiting if k.since <= moment]
        waiting = waiting[len(arrived) :]
        watch.learn(arrived)
        heard = {f: moment if at == told.now else min(at, moment) for f, at in told.feeds.items()}
        found = watch.flags(moment, heard, {}, told.elsewhere.known_at(moment))
    return found


@given(histories(), st.lists(st.integers(0, 500), max_size=12))
def test_kept_up_entry_by_entry_flags_are_what_a_rebuild_draws(text, asked):
    told = story(text)
    moments = {told.now, *(min(day(at), told.now) for at in asked)}
    moments |= {k.since for k in told.known if k.since <= told.now}

    assert drawn(told) == told_as_it_came(told, moments)
