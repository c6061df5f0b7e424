"""The policy: complete or not used at all; the first rule that refuses wins, in words."""

from itertools import product

import pytest

from hub.sharing.policy import RULES, SHIPPED, PolicyInvalid, Situation, Tier, load
from schemas.scope import Scope

POLICY = load()
ROLES = [*POLICY.roles, "stranger"]
PURPOSES = [*POLICY.purposes, None]
SITUATIONS = [
    Situation(*each) for each in product(ROLES, PURPOSES, [*Scope, "no-such-scope"], *[(False, True)] * 3)
]


def test_every_situation_is_answered():
    assert len(ROLES) * len(PURPOSES) * (len(Scope) + 1) * 8 == len(SITUATIONS)
    assert all(POLICY.answer(s).reason for s in SITUATIONS)


@pytest.mark.parametrize(
    ("what", "test"),
    [
        ("no role, no answer", lambda s: s.role == "stranger"),
        ("no purpose, nothing", lambda s: s.purpose is None),
        ("no relationship, nothing", lambda s: not s.related),
        ("a seal holds", lambda s: s.sealed_to_others),
        ("the other child stays unknown", lambda s: s.scope == "other-child" and s.works_with_other),
        ("a scope that is not defined is refused", lambda s: s.scope == "no-such-scope"),
        ("auditor, guardian and operator read nothing", lambda s: s.role in ("auditor", "operator")),
        (
            "intelligence is read by intelligence officers only",
            lambda s: s.scope == "police-intelligence" and s.role != "intelligence-officer",
        ),
    ],
)
def test_what_always_holds(what, test):
    assert {Tier.NOTHING} == {POLICY.answer(s).tier for s in SITUATIONS if test(s)}, what


def test_sealing_never_adds_and_a_relationship_never_removes():
    order = [Tier.NOTHING, Tier.KNOWS, Tier.READ]
    for s in SITUATIONS:
        rank = order.index(POLICY.answer(s).tier)
        assert order.index(POLICY.answer(s._replace(sealed_to_others=True)).tier) <= rank
        assert order.index(POLICY.answer(s._replace(related=True)).tier) >= rank


def test_the_answer_table_is_the_one_that_was_approved(golden):
    table = [
        f"{role:<22} {scope:<22} {purpose:<14} {POLICY.answer(Situation(role, purpose, scope, True)).tier}"
        for role, scope, purpose in product(POLICY.roles, Scope, POLICY.purposes)
    ]

    golden("policy-answers.txt", "\n".join(table) + "\n")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (
            lambda t: t.replace('"account"]\nknows   = ["health-confidential"]', "]\nknows   = []"),
            "undecided",
        ),
        (lambda t: t.replace('account             = "', 'accounts            = "'), "scopes"),
        (lambda t: t.replace("[purposes]", "[purposes"), "policy.toml"),
        (lambda t: t.replace('"section-17"]', '"gossip"]'), "gossip"),
        (lambda t: t.replace('police        = "the police', 'polic         = "the police'), "contacts"),
        (lambda t: t + "\n[extra]\n", "extra"),
    ],
)
def test_a_policy_that_is_not_complete_does_not_load_and_says_where(tmp_path, spoil, says):
    text = SHIPPED.read_text()
    file = tmp_path / "policy.toml"
    file.write_text(spoil(text))

    assert text != file.read_text()
    with pytest.raises(PolicyInvalid, match=says):
        load(file)


def test_there_are_four_rules_before_the_table():
    assert 4 == len(RULES)
