"""A sharing agreement holds between its parties, on its days, and not one day more."""

import pytest

from hub.sharing.agreements import Asked
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
