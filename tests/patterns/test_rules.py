"""Each rule's stories: it flags, the nearest does not, and without any agency it needs it does not."""

import pytest

from hub.patterns.catalogue import CATALOGUE
from hub.simulation.stories import FLAGGED, NOT_FLAGGED
from tests.patterns.story import story

FIRING = [(code, text, days) for code, stories in FLAGGED.items() for text, days in stories]
QUIET = [(code, why, text) for code, stories in NOT_FLAGGED.items() for why, text in stories]


@pytest.mark.parametrize(("code", "text", "days"), FIRING)
def test_the_story_flags_with_its_evidence(code, text, days):
    found = story(text).days(code)

    assert days == found


@pytest.mark.parametrize(("code", "why", "text"), QUIET)
def test_the_nearest_story_does_not_flag(code, why, text):
    found = story(text).days(code)

    assert [] == found, why


@pytest.mark.parametrize(("code", "text", "days"), FIRING)
def test_without_any_one_agency_it_needs_it_does_not_flag(code, text, days):
    told = _minimal(story(text), code)
    families = {f for firing in told.seen(code).firings for f in firing.families}

    assert len(families) > 1
    for family in families:
        assert [] == told.without(family).days(code), family


@pytest.mark.parametrize(("code", "text", "days"), FIRING)
def test_no_agency_alone_would_have_flagged_and_each_ones_part_is_told(code, text, days):
    for firing in story(text).seen(code).firings:
        pieces = {alone.family: alone.pieces for alone in firing.alone}

        assert set(firing.families) == set(pieces)
        assert not any(alone.holds for alone in firing.alone)
        assert len(firing.evidence) + firing.elsewhere == sum(pieces.values())


@pytest.mark.parametrize(("code", "text", "days"), FIRING)
def test_withdrawing_any_one_entry_of_minimal_evidence_closes_it(code, text, days):
    told = _minimal(story(text), code)
    entries = {str(k.fact.entry) for k in told.known}

    assert told.days(code)
    for entry in entries:
        assert [] == told.without_entry(entry).days(code)


def test_every_rule_has_stories_that_flag_and_stories_that_do_not():
    codes = {rule.code for rule in CATALOGUE}

    assert codes == set(FLAGGED) == set(NOT_FLAGGED)


def test_an_adult_behind_the_behaviour_is_graver_while_they_live_with_the_child():
    text = FLAGGED["P09"][0][0]
    left = text + "\nday 950 housing household-changed kind=moved-out person=household:lee"

    assert [4] == [f.severity for f in story(text).seen("P09").firings]
    assert [3] == [f.severity for f in story(left).seen("P09").firings]


def _minimal(told, code):
    for known in told.known:
        less = told.without_entry(str(known.fact.entry))
        if less.known and less.days(code):
            return _minimal(less, code)
    return told
