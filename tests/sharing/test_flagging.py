"""A flag as one reader is shown it: what they read, whom to ring, that a part is not named; releases."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from hub.domain.child import By, Child, FlagDecision, FlagReleased, FlagReleaseEnded
from hub.patterns.catalogue import BY_CODE
from hub.patterns.explain import explain
from hub.patterns.firing import Alone, Piece
from hub.patterns.flags import Flag
from hub.patterns.life import State
from hub.sharing.flagging import DISPUTED, RESTRICTED, UNNAMED, released, shown
from hub.sharing.policy import Tier, load
from hub.sharing.view import Withheld
from tests.domain.given import DAY, REASON
from tests.patterns.story import settings, story

POLICY = load()
LEAD = By("mc", "mash-coordinator", "social-care")
FLAG, OTHER = UUID(int=1), UUID(int=2)
TERM = timedelta(days=settings().life.expires_days.value)
TWO = """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
         day 90   police   offence-reported  part=has-sexually-harmed  known=120"""
READ, KNOWN, SECRET, HIDDEN = (
    (Tier.READ, False),
    (Tier.KNOWS, False),
    (Tier.KNOWS, True),
    (Tier.NOTHING, False),
)


def piece(family, entry=None, kind="note"):
    return Piece(entry or family, family, kind, DAY, DAY)


def flag(*families, decision=None, **more):
    """A flag whose evidence is one entry of each agency, called as the agency is."""
    (firing,) = story(TWO).seen("P01").firings
    evidence = tuple(map(piece, families))
    alone = tuple(Alone(family, 1, len(families), holds=False) for family in families)
    made = {"evidence": evidence, "alone": alone, "families": families, "completed_by": families, **more}
    rule = BY_CODE["P01"]
    says = (rule.name, rule.says, rule.tells)
    life = (State.RAISED, 3, DAY, None, None, decision, (), ())
    return Flag(FLAG, "P01", *says, *life, msgspec.structs.replace(firing, **made))


def seen(flag, **of):
    """As it is shown to who gets this of each agency's entry."""
    return shown(flag, settings(), lambda entry: of[entry.replace("-", "_")], POLICY)


def test_what_one_reads_is_told_what_one_knows_of_is_named_with_whom_to_ring_and_nothing_else():
    protects = (piece("police", "p"), piece("schools", "s"))
    three = flag("police", "social-care", "schools", elsewhere=2, protects=protects)
    told = seen(three, police=READ, social_care=KNOWN, schools=HIDDEN)

    assert ["police"] == [each.entry for each in told.evidence]
    assert (Withheld("entry", "social-care", POLICY.contacts["social-care"]),) == told.withheld
    assert (Alone("police", 1, 1, holds=False), Alone("social-care", 0, 1, holds=False)) == told.alone
    ring = f"social care holds an entry that belongs here; ring {POLICY.contacts['social-care']}"
    assert [ring, UNNAMED] == [*told.lines[-2:]]
    words = "\n".join(told.lines)
    assert "What protects: 1 Mar 2026 Police" in words
    assert "Schools" not in words
    assert not told.released
    elsewhere = "Entries that are not on this child's record"
    assert elsewhere not in words
    assert elsewhere in "\n".join(explain(three.firing, BY_CODE["P01"], settings()).lines)


@pytest.mark.parametrize(
    ("schools", "unnamed", "rings"),
    [(READ, False, []), (KNOWN, False, ["schools"]), (SECRET, True, []), (HIDDEN, True, [])],
)
def test_that_a_part_is_not_named_is_said_where_it_is_so(schools, unnamed, rings):
    told = seen(flag("police", "health", "schools"), police=READ, health=KNOWN, schools=schools)

    assert unnamed is (UNNAMED in told.lines)
    assert ["health", *rings] == [each.agency for each in told.withheld]


@pytest.mark.parametrize(("disputed", "marked"), [("police", True), ("health", False), ("x", False)])
def test_that_an_entry_is_disputed_or_restricted_is_said_to_who_reads_it(disputed, marked):
    sight = {"police": READ, "health": KNOWN}
    told = shown(flag("police", "health"), settings(), sight.get, POLICY, (), {disputed})
    restricted = shown(flag("police", "health"), settings(), sight.get, POLICY, (), (), {disputed})

    assert (marked, False) == (DISPUTED in told.lines, RESTRICTED in told.lines)
    assert (False, marked) == (DISPUTED in restricted.lines, RESTRICTED in restricted.lines)


@pytest.mark.parametrize("decision", [None, FlagDecision.ACTED_ON])
def test_what_was_decided_is_said_where_it_was(decision):
    assert decision == seen(flag("police", decision=decision), police=READ).decision


def acts(*said):
    """People as `released` reads them: one child, of whom this was said a day apart."""
    child = Child(UUID(int=9))
    for day, act in enumerate(said):
        child.flags.setdefault(act.flag, []).append((DAY + timedelta(days=day), act))
    return (child,)


def released_to(*roles, flag=FLAG, pattern="P01"):
    return FlagReleased(flag, roles, LEAD, REASON, pattern)


def see(people, role="school-lead", seen=(), now=DAY + TERM - timedelta(days=9)):
    return [one.id for one in released(people, role, seen, settings(), now)]


def test_a_release_shows_the_rules_words_to_its_roles_until_its_term_is_over_and_nothing_more():
    people = acts(released_to("school-lead"), released_to("named-doctor", flag=OTHER))
    (one,) = released(people, "school-lead", (), settings(), DAY)

    assert (FLAG, BY_CODE["P01"].tells, "raised", 1, True) == (
        *(one.id, one.says, one.state, one.severity),
        one.released,
    )
    assert (DAY, DAY + TERM, "") == (one.raised_at, one.expires_at, one.pattern)
    assert (0, 0) == (one.days_earlier, one.disagreed)
    assert {
        *("id", "pattern", "name", "says", "state", "severity", "raised_at", "released", "expires_at")
    } == set(msgspec.json.decode(msgspec.json.encode(one)))
    with pytest.raises(AttributeError):
        one.says = "another question"
    assert [[FLAG], []] == [see(people, now=DAY + TERM - timedelta(seconds=1)), see(people, now=DAY + TERM)]


def test_what_was_taken_back_is_for_another_role_is_seen_already_or_names_no_rule_is_not_shown():
    back, other = FlagReleaseEnded(FLAG, LEAD, REASON), released_to("school-lead", flag=OTHER)
    released_first = released_to("school-lead")

    assert [OTHER] == see(acts(released_first, back, other))
    assert [FLAG] == see(acts(back, released_first))
    assert [OTHER] == see(acts(released_first, other), seen={FLAG})
    assert [] == see(acts(released_first), role="named-doctor")
    assert [] == see(acts(released_to("school-lead", pattern="")))
