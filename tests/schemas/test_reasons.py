"""Whether a reason was written down: rules see that one was, and blanks are none."""

import pytest

from schemas.protocol import ImmediateRiskConsidered
from tests.schemas.given import AT, IRIS


def considered(reason):
    return ImmediateRiskConsidered(
        agency="police",
        system="hub",
        source_event_id="r-1",
        occurred_at=AT,
        considered_by="police",
        reason=reason,
        **IRIS,
    )


@pytest.mark.parametrize(
    ("reason", "recorded"),
    [(None, False), ("", False), (" ", False), ("\t\n", False), ("The child was in hospital.", True)],
)
def test_a_blank_reason_is_no_reason(reason, recorded):
    assert recorded is considered(reason).reason_recorded


def test_a_blank_reason_is_kept_as_it_was_said():
    assert " " == considered(" ").reason
