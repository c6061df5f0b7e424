"""A sharing agreement holds between its parties, on its days, and not one day more."""

from datetime import date, timedelta

import pytest

from hub.domain.calendar import start_of_day
from hub.sharing.agreements import Asked, turns
from tests.events import DAY
from tests.sharing.situations import AROUND_ITS_YEARS, POLICY

DUTY = POLICY.agreements[0]
TWO = DUTY.model_copy(update={"parties": DUTY.parties[:2]})


@pytest.mark.parametrize(("moment", "holds"), AROUND_ITS_YEARS)
def test_an_agreement_holds_from_its_first_day_to_its_last(moment, holds):
    assert holds is DUTY.in_force(moment)


@pytest.mark.parametrize(
    ("provider", "recipient", "scope", "purpose", "covered"),
    [
        ("police", "health", "police", "section-47", True),
        ("health", "police", "police", "section-47", True),
        ("police", "schools", "police", "section-47", False),
        ("schools", "police", "police", "section-47", False),
        ("police", "health", "no-such-scope", "section-47", False),
        ("police", "health", "police", "section-17", False),
    ],
)
def test_two_parties_agree_for_both_ways_and_for_nobody_else(provider, recipient, scope, purpose, covered):
    assert covered is TWO.covers(Asked(provider, recipient, scope, purpose))


def test_what_holds_to_the_last_day_there_is_begins_and_never_ends():
    begins = date(2026, 9, 1)
    days = [(begins, date.max), (begins, date.max - timedelta(days=1))]

    assert [start_of_day(day) for day in (begins, begins, date.max)] == list(turns(days))


def test_whose_feed_is_taken_is_party_to_an_agreement_that_is_in_force():
    ends = {"end_date": DAY.date() - timedelta(days=1)}
    over = POLICY.agreements[1].model_copy(update=ends)
    policy = POLICY.model_copy(update={"agreements": (TWO, over)})

    assert {"police", "health"} == policy.parties(DAY)
    assert {party.agency.value for party in over.parties} > {"police", "health"}
