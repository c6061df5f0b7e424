"""Every situation the policy can be asked about, enumerated."""

from datetime import UTC, datetime
from itertools import product

from hub.sharing.policy import Situation, load
from schemas.scope import Scope

POLICY = load()
AROUND_ITS_YEARS = [
    (datetime(2019, 12, 31, 23, 59, tzinfo=UTC), False),
    (datetime(2020, 1, 1, tzinfo=UTC), True),
    (datetime(2036, 12, 31, 23, 59, tzinfo=UTC), True),
    (datetime(2037, 1, 1, tzinfo=UTC), False),
]
"""Moments about the first and last day of the policy and of its agreements, and whether they hold then."""
ROLES = [*POLICY.roles, "stranger"]
PURPOSES = [*POLICY.purposes, None]
SCOPES = [*(scope.value for scope in Scope), "no-such-scope"]
TYPES = [
    None,
    "social-care.return-interview.v1",
    "social-care.placement-moved.v1",
    "police.missing-episode.v1",
]
"""No type, the two with exceptions, and one without."""


def situations(roles=ROLES, types=TYPES):
    """Role, purpose, scope, four circumstances, and type."""
    return [
        Situation(*asked, type=type_)
        for *asked, type_ in product(roles, PURPOSES, SCOPES, *[(False, True)] * 4, types)
    ]


CLOSED = [
    Situation(role, purpose, scope, related, glass=not related, closed=step, own=own)
    for role, purpose, scope, related, step, own in product(
        POLICY.roles, POLICY.purposes, SCOPES, (True, False), (1, 2), (False, True)
    )
]
"""A case that has narrowed by each step, for who works with the child and who broke the glass."""
OPEN = situations()
SITUATIONS = [*CLOSED, *OPEN]


def table(policy, asked=SITUATIONS):
    """The answer, its words and its rule, for every situation."""
    return [policy.answer(situation) for situation in asked]
