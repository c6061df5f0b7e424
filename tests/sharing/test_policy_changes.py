"""What changes between two policies is told whole: about what, as it was and will be, and if it is more."""

from datetime import date

import pytest

from hub.sharing.policy import Tier
from hub.sharing.policy_changes import changes
from schemas.scope import Scope
from tests.sharing.situations import POLICY


def with_role(name, **how):
    return POLICY.model_copy(
        update={"roles": {**POLICY.roles, name: POLICY.roles[name].model_copy(update=how)}}
    )


def with_part(name, **how):
    return POLICY.model_copy(update={name: getattr(POLICY, name).model_copy(update=how)})


LEAD = POLICY.roles["school-lead"]
BREAKERS = POLICY.break_glass.roles
DUTY = POLICY.agreements[0]
ROUND = "from 2020-01-01 to 2036-12-31"
EXCEPT = "social-care.return-interview.v1"
SECRET = "health.restricted.v1"
CASES = {
    "a cell": (
        with_role(
            "school-lead", knows=LEAD.knows - {Scope.SOCIAL_CARE}, reads=LEAD.reads | {Scope.SOCIAL_CARE}
        ),
        ("school-lead/social-care", "knows", "read", True, False),
    ),
    "an exception": (
        with_role("school-lead", types={**LEAD.types, EXCEPT: Tier.KNOWS}),
        (f"school-lead/{EXCEPT}", "nothing", "knows", True, False),
    ),
    "an exception that is gone": (
        with_role("school-lead", types={k: v for k, v in LEAD.types.items() if k != EXCEPT}),
        (f"school-lead/{EXCEPT}", "nothing", "", True, False),
    ),
    "an exception for what is restricted": (
        with_role("school-lead", types={**LEAD.types, SECRET: Tier.READ}),
        (f"school-lead/{SECRET}", "", "read", False, False),
    ),
    "a purpose": (
        with_role("school-lead", purposes=LEAD.purposes | {"audit"}),
        ("school-lead for audit", "no", "yes", True, False),
    ),
    "a lawful basis": (
        POLICY.model_copy(update={"purposes": {**POLICY.purposes, "audit": "Another Act"}}),
        ("lawful basis of audit", POLICY.purposes["audit"], "Another Act", False, False),
    ),
    "a purpose nobody had": (
        POLICY.model_copy(update={"purposes": {**POLICY.purposes, "new": "An Act"}}),
        ("lawful basis of new", "", "An Act", True, False),
    ),
    "who may break the glass": (
        with_part("break_glass", roles=BREAKERS | {"school-lead"}),
        (
            "break-glass: roles",
            ", ".join(sorted(BREAKERS)),
            ", ".join(sorted(BREAKERS | {"school-lead"})),
            True,
            False,
        ),
    ),
    "days of review": (
        with_part("break_glass", review_working_days=3),
        ("break-glass: review working days", "2", "3", True, False),
    ),
    "who reviews": (
        with_part("break_glass", guardian="auditor"),
        ("break-glass: guardian", "caldicott-guardian", "auditor", False, False),
    ),
    "how long": (
        with_part("validity", until=date(2040, 1, 1)),
        ("validity: until", "2036-12-31", "2040-01-01", True, False),
    ),
    "grace": (
        with_part("relationship", grace_days=30),
        ("relationship: grace days", "28", "30", True, False),
    ),
    "a role": (
        POLICY.model_copy(update={"roles": {**POLICY.roles, "another": LEAD}}),
        ("role another", "", "there", True, False),
    ),
    "an agreement that ends sooner": (
        POLICY.model_copy(
            update={
                "agreements": (
                    DUTY.model_copy(update={"end_date": date(2030, 1, 1)}),
                    *POLICY.agreements[1:],
                )
            }
        ),
        ("agreement section-47-duty", ROUND, "from 2020-01-01 to 2030-01-01", True, True),
    ),
    "an agreement that is dropped": (
        POLICY.model_copy(update={"agreements": POLICY.agreements[1:]}),
        ("agreement section-47-duty", ROUND, "", False, True),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_difference_is_told_whole_and_backwards_it_is_the_other_way_round(what):
    changed, (about, was, now, widens, back) = CASES[what]

    assert [(about, was, now, widens)] == [tuple(c) for c in changes(POLICY, changed)]
    assert [(about, now, was, back)] == [tuple(c) for c in changes(changed, POLICY)]
