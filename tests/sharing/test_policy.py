"""The policy: complete or not used at all; every situation answered; the first rule that refuses wins."""

from collections import Counter
from itertools import product

import pytest
from pydantic import ValidationError

from hub.sharing.agreements import SHIPPED as AGREEMENTS
from hub.sharing.policy import (
    ORDER,
    ROW,
    RULES,
    SHIPPED,
    PolicyInvalid,
    PolicyStale,
    Situation,
    Tier,
    load,
    read,
)
from hub.sharing.policy_file import PolicyFile
from schemas.scope import Scope
from tests.sharing.situations import (
    AROUND_ITS_YEARS,
    CLOSED,
    OPEN,
    POLICY,
    PURPOSES,
    ROLES,
    SCOPES,
    SITUATIONS,
    TYPES,
    table,
)

NONE_READ = ("auditor", "caldicott-guardian", "operator", "information-governance-lead")
FIRST_STEP = b'["screening", "section-47", "investigation", "practice-review"]'
NEVER_BY_GLASS = {
    "police-intelligence",
    "health-confidential",
    "informant",
    "education",
    "youth-justice",
    "third-party",
    "other-child",
    "account",
}


@pytest.fixture(scope="module")
def answers():
    """The policy's answer in every situation."""
    return table(POLICY)


def rank(answer):
    return ORDER.index(answer.tier)


def test_every_situation_is_answered_in_words(answers, counted):
    counted(4, "situations of the exhaustive role matrix", len(SITUATIONS))
    assert len(ROLES) * len(PURPOSES) * len(SCOPES) * 2**4 * len(TYPES) == len(OPEN) == 121_856
    assert len(POLICY.roles) * len(POLICY.purposes) * len(SCOPES) * 2**3 == len(CLOSED) == 12_544
    assert all(answer.reason and 0 <= answer.rule <= ROW for answer in answers)


@pytest.mark.parametrize(
    ("what", "test"),
    [
        ("no role, no answer", lambda s: s.role == "stranger"),
        ("no purpose, nothing", lambda s: s.purpose is None),
        ("no relationship, nothing without broken glass", lambda s: not (s.related or s.glass)),
        ("a seal holds, by glass too", lambda s: s.sealed_to_others),
        ("the other child stays unknown", lambda s: s.scope == "other-child" and s.works_with_other),
        ("no glass between two children", lambda s: s.works_with_other and not s.related),
        ("a scope that is not defined is refused", lambda s: s.scope == "no-such-scope"),
        ("who has no need reads nothing", lambda s: s.role in NONE_READ),
        (
            "what cannot be broken is not, by anybody",
            lambda s: not s.related and s.scope in NEVER_BY_GLASS,
        ),
        (
            "glass is for three roles",
            lambda s: not s.related and s.role not in ("social-worker", "police-officer", "named-doctor"),
        ),
        (
            "intelligence is read by intelligence officers only",
            lambda s: s.scope == "police-intelligence" and s.role != "intelligence-officer",
        ),
        (
            "who told us is read by intelligence officers only",
            lambda s: s.scope == "informant" and s.role != "intelligence-officer",
        ),
    ],
)
def test_what_always_holds(answers, what, test):
    found = {answer.tier for s, answer in zip(SITUATIONS, answers, strict=True) if test(s)}

    assert {Tier.NOTHING} == found, what


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("sealed_to_others", False),
        ("works_with_other", False),
        ("related", True),
        ("glass", True),
    ],
)
def test_sealing_and_the_other_child_never_add_and_relationship_and_glass_never_remove(answers, name, more):
    answered = dict(zip(SITUATIONS, map(rank, answers), strict=True))
    for s, was in answered.items():
        if s.closed:
            continue
        now = answered[s._replace(**{name: True})]

        assert now >= was if more else now <= was


def test_an_exception_for_a_type_takes_away_and_never_gives(answers):
    answered = dict(zip(SITUATIONS, map(rank, answers), strict=True))

    open_ = {s: now for s, now in answered.items() if not s.closed}
    assert all(now <= answered[s._replace(type=None)] for s, now in open_.items())
    assert any(now < answered[s._replace(type=None)] for s, now in open_.items())


def test_the_answer_table_is_the_one_that_was_approved(golden):
    lines = [
        f"{role:<22} {scope:<22} {purpose:<14} {POLICY.answer(Situation(role, purpose, scope, True)).tier}"
        for role, scope, purpose in product(POLICY.roles, Scope, POLICY.purposes)
    ]

    lines += [
        f"{role:<22} {purpose:<14} closed case, step {step}: {_of_closed(role, purpose, step)}"
        for role, row in POLICY.roles.items()
        for purpose, step in product(sorted(row.purposes), (1, 2))
        if row.reads
    ]

    golden("policy-answers.txt", "\n".join(lines) + "\n")


def _of_closed(role, purpose, step):
    asked = Situation(role, purpose, "identity", True, closed=step)
    read = [POLICY.answer(asked._replace(own=own)).tier is Tier.READ for own in (False, True)]
    return "all" if all(read) else "its own agency's words" if any(read) else "nothing"


def test_how_often_each_rule_speaks_is_what_was_approved(answers, golden):
    spoken = Counter((s.role, a.rule, a.tier.value) for s, a in zip(SITUATIONS, answers, strict=True))
    lines = [
        f"{role:<28} rule {rule}  {tier:<8} {count}" for (role, rule, tier), count in sorted(spoken.items())
    ]

    golden("policy-situations.txt", "\n".join([f"{len(SITUATIONS)} situations", *lines]) + "\n")


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
        (lambda t: t.replace("return-interview", "gossip"), "gossip"),
        (lambda t: t.replace('guardian = "caldicott', 'guardian = "nobody'), "break-glass"),
        (lambda t: t.replace("until       = 2036", "until       = 2019"), "ends before it begins"),
        (
            lambda t: t.replace("reason-length = 20", "reason-length = 5"),
            r"^policy\.toml: break-glass\.reason-length: Input should",
        ),
        (lambda t: t.replace("hours   = 4", "hours   = 400"), "hours"),
        (lambda t: t.replace('["social-care.closed.v1"]', '["social-care.gossip.v1"]'), "gossip"),
        (lambda t: t.replace('"*.engagement.*"', '"*.gossip.*"'), "gossip"),
        (lambda t: t.replace("days      = 365", "days      = 90"), "comes after the one before"),
        (
            lambda t: t.replace(
                '= ["section-47", "investigation", "practice-review"]\n\n', '= ["section-17"]\n\n'
            ),
            "no more than",
        ),
        (
            lambda t: t.replace('front-door    = ["screening"]', 'front-door = ["hunting"]'),
            "not in the table",
        ),
        (
            lambda t: t.replace(
                '"section-47", "investigation", "practice-review"]\n\n', '"investigation"]\n\n'
            ),
            "never read a closed case: .*named-doctor",
        ),
    ],
)
def test_a_policy_that_is_not_complete_does_not_load_and_says_where(tmp_path, spoil, says):
    text = SHIPPED.read_text()
    file = tmp_path / "policy.toml"
    file.write_text(spoil(text))

    assert text != file.read_text()
    with pytest.raises(PolicyInvalid, match=says):
        load(file)


def test_a_step_of_the_archive_may_read_as_much_as_the_one_before_it():
    policy, agreements = POLICY.texts
    last = policy.replace(b"own-words = false", b"own-words = true")
    last = last.replace(b'["section-47", "investigation", "practice-review"]\n\n', FIRST_STEP + b"\n\n")
    one, two = read((last, agreements)).archive.steps

    assert (one.purposes, one.own_words) == (two.purposes, two.own_words)
    assert policy != last


def test_a_policy_of_before_own_acts_were_asked_about_reads_as_it_did_and_lets_in_by_them():
    policy, agreements = POLICY.texts
    before = b"".join(line for line in policy.splitlines(keepends=True) if not line.startswith(b"own-acts"))

    assert (False, True) == (POLICY.relationship.own_acts, read((before, agreements)).relationship.own_acts)


def test_the_rules_tell_of_what_a_role_may_know_of_where_it_says_so_alone():
    assert {"named-doctor"} == {name for name, role in POLICY.roles.items() if role.told}


def test_nobody_changes_a_policy_that_was_read_but_by_another():
    with pytest.raises(ValidationError, match="frozen"):
        POLICY.break_glass.hours = 400


def test_a_policy_that_cannot_be_read_is_said_to_be_one_where_no_file_is_named():
    with pytest.raises(PolicyInvalid, match=r"^policy: "):
        read((b"no policy", b""))


def test_agreements_for_a_purpose_that_is_not_in_the_table_do_not_load(tmp_path):
    file = tmp_path / "agreements.toml"
    file.write_text(AGREEMENTS.read_text().replace('purposes   = ["section-47"]', 'purposes   = ["gossip"]'))

    with pytest.raises(PolicyInvalid, match=r"agreements for purposes .*'gossip'"):
        load(agreements=file)


def test_without_a_policy_the_hub_is_not_available_and_a_command_says_which_of_the_two_it_is():
    assert (503, 2) == (PolicyInvalid.status, PolicyInvalid.exit_code)
    assert (503, 4) == (PolicyStale.status, PolicyStale.exit_code)


def test_where_there_is_no_such_role_no_rule_was_asked():
    assert (Tier.NOTHING, "No such role", 0) == POLICY.answer(Situation("stranger", None, "police", True))


def test_what_the_roles_row_decides_is_said_to_be_the_sixth_rule():
    asked = Situation("social-worker", "section-47", "police", True)

    assert (Tier.READ, 6) == (POLICY.answer(asked).tier, POLICY.answer(asked).rule)


def test_there_are_six_rules_of_which_the_last_is_the_roles_row():
    assert (5, 6) == (len(RULES), ROW)


def test_a_closed_case_gives_nobody_more_and_step_by_step_less_but_to_who_broke_the_glass(answers):
    answered = dict(zip(SITUATIONS, map(rank, answers), strict=True))
    for s in CLOSED:
        was = answered[s._replace(closed=0, own=False)]
        before = answered[s._replace(closed=s.closed - 1)] if s.closed > 1 else was

        assert answered[s] <= before <= was
        assert s.related or answered[s] == was


def test_words_of_a_closed_case_are_others_unless_they_are_said_to_be_of_the_readers_agency():
    asked = Situation("social-worker", "section-17", "identity", True, closed=1)

    assert [Tier.NOTHING, Tier.READ] == [POLICY.answer(s).tier for s in (asked, asked._replace(own=True))]


@pytest.mark.parametrize("role", sorted(POLICY.break_glass.roles))
def test_who_may_break_the_glass_reads_a_closed_case_for_an_enquiry(role):
    last = Situation(role, "section-47", "identity", True, closed=2)

    assert Tier.READ is POLICY.answer(last).tier


@pytest.mark.parametrize(("moment", "holds"), AROUND_ITS_YEARS)
def test_a_policy_holds_from_its_first_day_to_its_last(moment, holds):
    if holds:
        POLICY.check_in_force(moment)
    else:
        with pytest.raises(PolicyStale, match="approved it anew"):
            POLICY.check_in_force(moment)


def test_the_file_on_disk_is_the_policy_and_once_it_cannot_be_used_there_is_none(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(SHIPPED.read_text())
    policies = PolicyFile(file)
    first = policies()

    assert first is policies()
    file.write_text(SHIPPED.read_text().replace('version  = "2026', 'version  = "2027'))
    assert "2027-11-28" == policies().version
    file.write_text("no policy")
    for _ in range(2):
        with pytest.raises(PolicyInvalid):
            policies()
    file.unlink()
    with pytest.raises(PolicyInvalid, match="No such file"):
        policies()


def test_the_text_that_is_kept_reads_back_as_the_same_policy(answers):
    again = read(POLICY.texts)

    assert (POLICY.name, answers) == (again.name, table(again))
