"""A sharing agreement holds between its parties, on its days, and not one day more."""

from datetime import UTC, datetime

import pytest

from hub.sharing.agreements import Asked
from tests.sharing.situations import POLICY

DUTY = POLICY.agreements[0]
TWO = DUTY.model_copy(update={"parties": DUTY.parties[:2]})


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        (datetime(2019, 12, 31, 23, 59, tzinfo=UTC), False),
        (datetime(2020, 1, 1, tzinfo=UTC), True),
        (datetime(2036, 12, 31, 23, 59, tzinfo=UTC), True),
        (datetime(2037, 1, 1, tzinfo=UTC), False),
    ],
)
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
