"""Wrong rules are noticed: hand-made mutants of the sources; each changes an answer or its words."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from hub.sharing import agreements, decision, policy
from hub.sharing.policy import Situation, load
from schemas.scope import Scope
from schemas.vocabulary import Agency
from tests.mutants import mutated
from tests.sharing.situations import OPEN, POLICY, SITUATIONS, table

OF_POLICY = {
    "a seal does not hold": ("situation.sealed_to_others,", "False,"),
    "a seal holds for those named too": ("situation.sealed_to_others,", "True,"),
    "the other child is named": ("== Scope.OTHER_CHILD and situation", "== Scope.ACCOUNT and situation"),
    "the other child is never named": (
        "Scope.OTHER_CHILD and situation.works_with_other",
        "Scope.OTHER_CHILD and True",
    ),
    "any purpose will do": ("situation.purpose not in role.purposes", "False"),
    "no purpose will do": ("situation.purpose not in role.purposes", "situation.purpose is None"),
    "anybody has a relationship": ("    if situation.related:\n", "    if True:\n"),
    "glass is broken for ever": ("broken = situation.glass and", "broken = True and"),
    "glass is for every role": ("situation.role in glass.roles", "True"),
    "glass opens every scope": ("situation.scope in glass.opens", "True"),
    "glass between two children": ("return not broken or situation.works_with_other", "return not broken"),
    "glass never opens": ("return not broken or", "return True or"),
    "what is known of is read": ("Tier.KNOWS if scope in self.knows", "Tier.READ if scope in self.knows"),
    "what is read is known of": ("tier = Tier.READ if scope", "tier = Tier.KNOWS if scope"),
    "what is not decided is known of": ("self.knows else Tier.NOTHING", "self.knows else Tier.KNOWS"),
    "an exception gives": ("else min(tier, most", "else max(tier, most"),
    "exceptions are not looked at": ("self.types.get(type_ or", "{}.get(type_ or"),
    "who has no role is a social worker": (
        "role = self.roles.get(situation.role)",
        'role = self.roles.get(situation.role) or self.roles["social-worker"]',
    ),
    "the first rule is not asked": ("enumerate(RULES, 1)", "enumerate(RULES[1:], 2)"),
    "the second rule is not asked": ("enumerate(RULES, 1)", "enumerate((RULES[0], *RULES[2:]), 1)"),
    "the third rule is not asked": ("enumerate(RULES, 1)", "enumerate((*RULES[:2], RULES[3]), 1)"),
    "the fourth rule is not asked": ("enumerate(RULES, 1)", "enumerate((*RULES[:3], RULES[4]), 1)"),
    "the fifth rule is not asked": ("enumerate(RULES, 1)", "enumerate(RULES[:4], 1)"),
    "a closed case narrows for nobody": ("not (situation.closed and situation.related)", "True"),
    "a closed case narrows under broken glass": (
        "situation.closed and situation.related",
        "situation.closed",
    ),
    "a custodian reads nothing of a closed case": ("custodian = situation.own and", "custodian = False and"),
    "everybody is a custodian": ("custodian = situation.own and", "custodian = True and"),
    "a custodian is one for ever": ("steps[situation.closed - 1].own_words", "steps[0].own_words"),
    "the first step is the last": ("purpose in archive.steps[step - 1]", "purpose in archive.steps[0]"),
    "the front door reads on for every purpose": ("purpose in archive.front_door", "True"),
    "everybody is the front door": ("(role.coordinates and purpose in", "(purpose in"),
    "the rules are asked from the end": ("enumerate(RULES, 1)", "enumerate(reversed(RULES), 1)"),
}
OF_DECISION = {
    "a stale policy goes on": ("        policy.check_in_force(now)\n", "        pass\n"),
    "agreements are not looked at": ("    if provider != recipient:", "    if False:"),
    "one's own words need an agreement": ("    if provider != recipient:", "    if True:"),
    "what is known of is permitted": ("if answer.tier is Tier.READ else", "if True else"),
    "no relationship is a plain no": ("asks = answer.rule == RELATIONSHIP and", "asks = False and"),
    "every no is for review": ("asks = answer.rule == RELATIONSHIP and", "asks = True or"),
    "who would get nothing may ask": ("and answer.tier is not Tier.NOTHING", ""),
    "what an agreement does not cover is shown": (
        "return Decision(Ruling.REVIEW, Tier.NOTHING, why)",
        "return Decision(Ruling.PERMIT, Tier.READ, why)",
    ),
    "a lapsed agreement is for review": ("if lapsed is not None:", "if False:"),
}
OF_AGREEMENTS = {
    "anybody is a party": ("{asked.provider, asked.recipient} <= agencies", "True"),
    "one party is enough": (
        "{asked.provider, asked.recipient} <= agencies",
        "bool({asked.provider, asked.recipient} & agencies)",
    ),
    "any data": ("and asked.scope in self.data", ""),
    "any purpose": ("and asked.purpose in self.purposes", ""),
    "it never ends": ("<= self.end_date", "<= date.max"),
    "it always was": ("self.start_date <= now", "date.min <= now"),
    "the last day is not one": ("date() <= self.end_date", "date() < self.end_date"),
}


@pytest.fixture(scope="module")
def answers():
    """The right policy's, in every situation."""
    return table(POLICY)


@pytest.mark.parametrize("what", OF_POLICY)
def test_a_mutant_of_the_rules_changes_an_answer_or_its_words(answers, what):
    wrong = mutated(policy, *OF_POLICY[what]).load()

    assert any(tuple(wrong.answer(s)) != tuple(a) for s, a in zip(SITUATIONS, answers, strict=True))


FIRST, LAST = datetime(2020, 1, 1, 12, tzinfo=UTC), datetime(2036, 12, 31, 12, tzinfo=UTC)
MOMENTS = [
    FIRST - timedelta(days=1),
    FIRST,
    datetime(2026, 11, 25, tzinfo=UTC),
    LAST,
    LAST + timedelta(days=1),
]
SHORT = POLICY.model_copy(
    update={
        "agreements": tuple(
            a.model_copy(
                update={"start_date": FIRST.date(), "end_date": LAST.date()}
                if n
                else {"start_date": date(2024, 1, 1), "end_date": date(2025, 1, 1)}
            )
            for n, a in enumerate(POLICY.agreements)
        )
    }
)
"""The statutory duty as if it had lapsed: what it alone covers is denied."""
ASKED = [
    (Situation(role, purpose, scope, related), provider.value, moment)
    for role, purpose, scope, related, provider, moment in product(
        POLICY.roles, POLICY.purposes, [s.value for s in Scope], (False, True), Agency, MOMENTS[1:3]
    )
]


LATE = [(situation, provider, moment) for situation, provider, _ in ASKED[:200:5] for moment in MOMENTS]


def decided(decide, policy, one):
    return tuple(map(str, decide(policy, *one)))


@pytest.mark.parametrize("what", OF_DECISION)
def test_a_mutant_of_the_decision_point_changes_a_decision_or_its_words(what):
    wrong = mutated(decision, *OF_DECISION[what]).decide

    assert any(  # until the first that differs
        decided(wrong, p, one) != decided(decision.decide, p, one)
        for one, p in product([*LATE, *ASKED], (POLICY, SHORT))
    )


@pytest.mark.parametrize("what", OF_AGREEMENTS)
def test_a_mutant_of_the_agreements_changes_what_is_covered(what):
    wrong = mutated(agreements, *OF_AGREEMENTS[what])
    texts = POLICY.texts[1]
    right, changed = agreements.agreements_in(texts), wrong.agreements_in(texts)
    asked = [
        agreements.Asked(p, r, scope, purpose)
        for p, r, scope, purpose in product(Agency, Agency, Scope, POLICY.purposes)
    ]

    def covered(module, found, one, moment):
        c = module.coverage(found, one, moment)
        return c.agreement.id if c.agreement else None, c.lapsed.id if c.lapsed else None

    assert any(  # likewise
        covered(agreements, right, *one) != covered(wrong, changed, *one) for one in product(asked, MOMENTS)
    )


def test_every_cell_of_the_table_counts():
    """Each of the 208 cells changed changes an answer, but those of the role that has no purpose."""
    silent = []
    for role, row in POLICY.roles.items():
        asked = [s for s in OPEN if s.role == role and s.related and s.type is None]
        asked = [s for s in asked if not (s.glass or s.works_with_other or s.sealed_to_others)]
        for scope in Scope:
            other = row.model_copy(
                update={
                    "reads": row.reads ^ {scope},
                    "knows": row.knows - {scope},
                    "nothing": row.nothing - {scope} if scope not in row.reads else row.nothing | {scope},
                }
            )
            wrong = POLICY.model_copy(update={"roles": {**POLICY.roles, role: other}})
            if all(wrong.answer(one) == POLICY.answer(one) for one in asked):
                silent.append((role, scope))

    assert [("operator", scope) for scope in Scope] == silent


def test_the_shipped_policy_is_the_one_the_mutants_are_of():
    assert load().name == POLICY.name
