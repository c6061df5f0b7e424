"""What changes between two policies is told whole: about what, as it was and will be, and if it is more."""

from datetime import date

import pytest

from hub.sharing.policy import Tier
from hub.sharing.policy_changes import changes
from schemas.scope import Scope
from schemas.vocabulary import Agency
from tests.sharing.situations import POLICY


def with_role(name, **how):
    return POLICY.model_copy(
        update={"roles": {**POLICY.roles, name: POLICY.roles[name].model_copy(update=how)}}
    )


def with_part(name, **how):
    return POLICY.model_copy(update={name: getattr(POLICY, name).model_copy(update=how)})


def with_agreement(**how):
    first, *others = POLICY.agreements
    return POLICY.model_copy(update={"agreements": (first.model_copy(update=how), *others)})


LEAD = POLICY.roles["school-lead"]
ARCHIVE, DISENGAGED = POLICY.archive, "social-care.disengaged.v1"
AGAIN = f"{DISENGAGED} opens a case again"
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
    "who coordinates": (
        with_role("school-lead", coordinates=True),
        ("school-lead: coordinates", "no", "yes", True, False),
    ),
    "who covers both strands": (
        with_role("school-lead", both_strands=True),
        ("school-lead: both strands", "no", "yes", True, False),
    ),
    "who is told of what it may know of": (
        with_role("school-lead", told=True),
        ("school-lead: told", "no", "yes", True, False),
    ),
    "for how long a guest is let in": (
        with_role("inspector", most_days=40),
        ("inspector: most days", "28", "40", True, False),
    ),
    "that nobody's role needs an end": (
        with_role("inspector", most_days=None),
        ("inspector: most days", "28", "no end needed", True, False),
    ),
    "whose role it is": (
        with_role("school-lead", agency=Agency.HEALTH),
        ("school-lead: agency", "schools", "health", True, True),
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
    "whose guardian reviews": (
        with_part("break_glass", guardians={"police": "auditor"}),
        ("break-glass: guardians", str(POLICY.break_glass.guardians), "{'police': 'auditor'}", False, False),
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
    "an agreement that begins later": (
        with_agreement(start_date=date(2030, 1, 1)),
        ("agreement section-47-duty", ROUND, "from 2030-01-01 to 2036-12-31", True, True),
    ),
    "an agreement for more purposes": (
        with_agreement(purposes=DUTY.purposes | {"screening"}),
        ("agreement section-47-duty: purposes", "section-47", "screening, section-47", True, False),
    ),
    "an agreement of less data": (
        with_agreement(data=frozenset({Scope.IDENTITY})),
        (
            "agreement section-47-duty: data",
            ", ".join(sorted(scope.value for scope in DUTY.data)),
            "identity",
            False,
            True,
        ),
    ),
    "an agreement that a party left": (
        with_agreement(parties=DUTY.parties[:1]),
        (
            "agreement section-47-duty: parties",
            ", ".join(sorted(party.agency for party in DUTY.parties)),
            DUTY.parties[0].agency.value,
            False,
            True,
        ),
    ),
    "what an agreement permits": (
        with_agreement(permitted_use=("Anything",)),
        (
            "agreement section-47-duty: permitted use",
            ", ".join(sorted(DUTY.permitted_use)),
            "Anything",
            True,
            True,
        ),
    ),
    "what an agreement forbids no longer": (
        with_agreement(restrictions=("odrl:sell",)),
        ("agreement section-47-duty: restrictions", "odrl:distribute, odrl:sell", "odrl:sell", True, True),
    ),
    "an agreement that is dropped": (
        POLICY.model_copy(update={"agreements": POLICY.agreements[1:]}),
        ("agreement section-47-duty", ROUND, "", False, True),
    ),
}


FIRST, LAST = ARCHIVE.steps
LONGER = {"steps": (FIRST.model_copy(update={"days": 120}), LAST)}
PARTS = tuple(type(ARCHIVE).model_fields)
OPEN = {
    90: ("section-17", "direct-care", "audit"),
    365: ("screening", "section-17", "direct-care", "audit"),
}
"""For what a closed case is not read by who is not the front door, after so many days."""


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (LONGER, [(f"a case closed 90 days ago, for {p}", "own words", "all", True) for p in OPEN[90]]),
        (
            {"steps": (FIRST, LAST.model_copy(update={"purposes": LAST.purposes - {"investigation"}}))},
            [("a case closed 365 days ago, for investigation", "all", "nothing", False)],
        ),
        (
            {"front_door": frozenset()},
            [("a case closed 365 days ago, for screening by the front door", "all", "nothing", False)],
        ),
        (
            {"closed_by": ARCHIVE.closed_by | {DISENGAGED}},
            [(f"{DISENGAGED} closes a case", "no", "yes", False), (AGAIN, "yes", "no", False)],
        ),
        ({"quiet": (*ARCHIVE.quiet, DISENGAGED)}, [(AGAIN, "yes", "no", False)]),
    ],
)
def test_what_is_read_of_a_closed_case_and_what_opens_it_is_told_when_it_changes(how, told):
    # Made anew: a copy would keep what was worked out of the types that open a case.
    archive = type(ARCHIVE).model_construct(**{**{name: getattr(ARCHIVE, name) for name in PARTS}, **how})
    changed = POLICY.model_copy(update={"archive": archive})

    assert told == [tuple(c) for c in changes(POLICY, changed)]
    assert [(about, now, was, not widens) for about, was, now, widens in told] == [
        tuple(c) for c in changes(changed, POLICY)
    ]


def test_a_policy_that_has_no_archive_reads_all_of_a_closed_case():
    before = POLICY.model_copy(update={"archive": None})
    told = {c.about: tuple(c)[1:] for c in changes(before, POLICY)}

    assert ("all", "nothing", False) == told["a case closed 365 days ago, for screening"]
    assert ("all", "own words", False) == told["a case closed 90 days ago, for section-17"]
    assert {f"a case closed {d} days ago, for {p}" for d, named in OPEN.items() for p in named} == set(told)


@pytest.mark.parametrize("what", CASES)
def test_a_difference_is_told_whole_and_backwards_it_is_the_other_way_round(what):
    changed, (about, was, now, widens, back) = CASES[what]

    assert [(about, was, now, widens)] == [tuple(c) for c in changes(POLICY, changed)]
    assert [(about, now, was, back)] == [tuple(c) for c in changes(changed, POLICY)]
