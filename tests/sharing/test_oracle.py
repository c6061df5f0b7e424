"""A second opinion: Cedar, from rules written separately, answers every situation alike."""

from pathlib import Path

import cedarpy
import pytest

from hub.sharing.policy import Tier
from tests.sharing.situations import CLOSED, POLICY, ROLES, TYPES, situations

RULES = Path(__file__).with_name("oracle.cedar").read_text()
BOTH = ("read", "know")


def cedar(asked):
    """The tier Cedar gives in each situation."""
    requests = [
        {
            "principal": 'Reader::"anyone"',
            "action": f'Action::"{action}"',
            "resource": 'Record::"any"',
            "context": {
                "role": s.role,
                "purpose": s.purpose or "",
                "scope": s.scope,
                "type": s.type or "",
                "related": s.related,
                "other": s.works_with_other,
                "sealed": s.sealed_to_others,
                "glass": s.glass,
                "closed": s.closed,
                "own": s.own,
            },
        }
        for s in asked
        for action in BOTH
    ]
    allowed = [result.allowed for result in cedarpy.is_authorized_batch(requests, RULES, [])]
    pairs = zip(allowed[::2], allowed[1::2], strict=True)
    return [Tier.READ if read else Tier.KNOWS if know else Tier.NOTHING for read, know in pairs]


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_cedar_comes_to_the_same_answer_in_every_situation(role, counted):
    """1,792 situations a role, 30,464 in all; types apart."""
    asked = situations([role], types=[None])

    counted(4, "situations that Cedar answers alike", len(asked))
    assert 1792 == len(asked)
    assert [POLICY.answer(s).tier for s in asked] == cedar(asked)


def test_cedar_comes_to_the_same_answer_about_a_closed_case(counted):
    asked = [s for s in CLOSED if s.scope == "identity"]

    counted(4, "situations of a closed case that Cedar answers alike", len(asked))
    assert 896 == len(asked)
    assert [POLICY.answer(s).tier for s in asked] == cedar(asked)


def test_cedar_comes_to_the_same_answer_about_exceptions_for_a_type():
    asked = [
        s
        for s in situations(["school-lead", "housing-officer", "social-worker"], TYPES[1:])
        if s.related and not (s.works_with_other or s.sealed_to_others or s.glass)
    ]

    assert [POLICY.answer(s).tier for s in asked] == cedar(asked)


def test_the_two_can_disagree():
    """The comparison is not empty: a policy with one more cell is caught by Cedar."""
    row = POLICY.roles["school-lead"]
    wider = row.model_copy(update={"reads": row.reads | {"police"}, "nothing": row.nothing - {"police"}})
    policy = POLICY.model_copy(update={"roles": {**POLICY.roles, "school-lead": wider}})
    asked = situations(["school-lead"], types=[None])

    assert [policy.answer(s).tier for s in asked] != cedar(asked)
