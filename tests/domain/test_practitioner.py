"""Since when somebody has a role, and when it ended: by what was recorded of them, in its order."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.domain.by import By
from hub.domain.practitioner import Departed, Practitioner, RoleGranted, RoleWithdrawn, evolve_practitioner

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
ADMIN = By("ig", "operator", "hub")
LEFT = Departed(by=ADMIN, reason="left")


def at(hour):
    return NOW + timedelta(hours=hour)


def given(role="social-worker", until=None, agency="social-care"):
    return RoleGranted(
        issuer="https://idp.invalid",
        subject="sal",
        role=role,
        agency=agency,
        until=until,
        by=ADMIN,
        reason="works there",
    )


def withdrawn(role="social-worker"):
    return RoleWithdrawn(role=role, by=ADMIN, reason="moved")


def after(*events):
    """The practitioner after these, an hour between each two, the first at nine."""
    known = Practitioner(UUID(int=1))
    for hour, event in enumerate(events):
        evolve_practitioner(known, event, at(hour))
    return known


STORIES = [
    ("had it ever since", (given(),), 1, None),
    ("withdrawn", (given(), withdrawn()), 1, at(1)),
    ("left", (given(), LEFT), 1, at(1)),
    ("withdrawn and given anew", (given(), withdrawn(), given()), 1, at(1)),
    ("given anew: the later", (given(), withdrawn(), given()), 3, None),
    ("left, came back, left", (given(), LEFT, given(), LEFT), 3, at(3)),
    ("left, came back, left: the first", (given(), LEFT, given(), LEFT), 1, at(1)),
    ("for longer", (given(until=at(2)), given()), 1, None),
    ("for longer, then withdrawn", (given(until=at(2)), given(), withdrawn()), 1, at(2)),
    ("for less long", (given(), given(until=at(20))), 1, at(20)),
    ("ran out", (given(until=at(1)),), 1, at(1)),
    ("ran out, given anew as it did", (given(until=at(1)), given()), 1, at(1)),
    ("ran out, given anew: the later", (given(until=at(1)), given()), 2, None),
    ("ran out, then withdrawn", (given(until=at(1)), LEFT, LEFT), 1, at(1)),
    ("another role withdrawn", (given(), given("named-doctor"), withdrawn("named-doctor")), 1, None),
    ("of two the other", (given(), given("named-doctor"), withdrawn("named-doctor")), 2, at(2)),
    ("the same role at another agency", (given(), given(agency="health")), 1, at(1)),
    ("never given", (given(),), 9, at(30)),
]


@pytest.mark.parametrize(("events", "since", "ended"), [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_a_role_ends_when_it_is_withdrawn_runs_out_or_they_leave_and_what_comes_later_is_another(
    events, since, ended
):
    assert ended == after(*events).ended(since, at(30))


def test_a_role_that_runs_out_has_not_ended_before():
    known = after(given(until=at(5)))

    assert [None, None, at(5)] == [known.ended(1, now) for now in (NOW, at(5) - timedelta(seconds=1), at(5))]


def test_a_session_ends_with_each_grant_and_what_is_held_since_does_not():
    known = after(given(until=at(9)), given())
    grant = known.grants["social-worker"]

    assert (2, 1) == (grant.version, grant.since)
    assert (False, True) == (known.may("social-worker", 1, NOW), known.may("social-worker", 2, NOW))
