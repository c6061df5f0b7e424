"""Two accounts of one person are one person wherever a second one is asked for, once that was said."""

import json
from datetime import date
from uuid import UUID, uuid4

import pytest

from hub.audit import prosecution, subject_access
from hub.audit.inspection import story_for
from hub.disposal import erasing
from hub.domain.access import Closing, Interest, Told
from hub.domain.access_desk import Waits
from hub.domain.by import By
from hub.domain.child import RestrictionGround
from hub.domain.strand import Opens
from hub.errors import Refused, UnknownChild
from hub.identity.practitioners import Practitioners
from hub.records.roles import accounts_of
from hub.sharing.look import Reader
from schemas.case_event import Identifier
from tests.audit.test_prosecution import URN
from tests.events import attendance, missing
from tests.hubs import NOW, only_child
from tests.identity.conftest import ADMIN, sign_in
from tests.identity.test_command_line import run, why
from tests.sharing.test_access import BOTH, GUARDIAN, LEAD, REASON, contact

WHY = "The service desk says that both are hers"
ONE, OTHER = "https://one.example", "https://other.example"
GROUNDS = subject_access.load(), prosecution.load()


class Ann:
    """Somebody whom two providers vouch for; whatever she does as the one, she would confirm as the other."""

    def __init__(self, hub):
        self.hub, self.child = hub, only_child(hub)
        self.people = Practitioners(hub.records, hub.policy)
        self.ids = [self.acts(issuer, "auditor").person for issuer in (ONE, OTHER)]

    def acts(self, issuer, role):
        """She, in a role that is given to her, at this provider."""
        agency = self.hub.policy.roles[role].agency
        who = self.people.grant(issuer, "ann@example.invalid", role, agency, None, ADMIN, "works there")
        return who.by(role)

    def said(self, *, one=True):
        """That both are one person, or no longer."""
        first, second = (self.people.of(issuer, "ann@example.invalid").id for issuer in (ONE, OTHER))
        (self.people.one_person if one else self.people.two_persons)(first, second, ADMIN, WHY)

    def entry(self, agency):
        entries = self.hub.records.child(self.child).entries.values()
        return next(kept.entry.id for kept in entries if kept.entry.agency == agency)

    def waits(self, what):
        (found,) = self.hub.gates.desk.waiting(LEAD if what is Waits.REQUEST else GUARDIAN, what)
        return found.item


def erasure(ann):
    asked, other = ann.acts(ONE, "information-governance-lead"), ann.acts(OTHER, "caldicott-guardian")
    records, id_ = ann.hub.records, uuid4()
    erasing.ask_erasure(records, id_, ann.child, None, "asked for", "UK GDPR art. 17", asked)
    return lambda: erasing.confirm_erasure(records, ann.hub.key_store, id_, other)


def subject_access_export(ann):
    asked, other = ann.acts(ONE, "information-governance-lead"), ann.acts(OTHER, "caldicott-guardian")
    records, policy, rules = ann.hub.records, ann.hub.policy, GROUNDS[0]
    day = date(2026, 11, 20)
    id_, _ = subject_access.prepare(records, policy, asked, ann.child, "child", day, {}, uuid4, rules)
    return lambda: subject_access.approve(records, policy, other, id_, rules)


def export_for_a_court(ann):
    asked, other = ann.acts(ONE, "information-governance-lead"), ann.acts(OTHER, "caldicott-guardian")
    hub, rules = ann.hub, GROUNDS[1]
    id_, _ = prosecution.prepare(hub.records, hub.policy, asked, ann.child, URN, {}, uuid4, rules)
    return lambda: prosecution.approve(hub.records, hub.ledger, hub.policy, other, id_, rules)


def broken_glass(ann):
    reader, gates = Reader(ann.acts(ONE, "social-worker"), "section-47"), ann.hub.gates
    gates.break_glass(reader, ann.child, REASON, BOTH)
    other, glass = ann.acts(OTHER, "caldicott-guardian"), ann.waits(Waits.REVIEW)
    return lambda: gates.review(other, glass, "The child was in danger", justified=True)


def a_review_given(ann):
    reader, gates = Reader(ann.acts(ONE, "social-worker"), "section-47"), ann.hub.gates
    gates.break_glass(reader, ann.child, REASON, BOTH)
    other, glass = ann.acts(OTHER, "caldicott-guardian"), ann.waits(Waits.REVIEW)
    return lambda: gates.give_review(GUARDIAN, glass, other)


def request(ann):
    gates = ann.hub.gates
    gates.ask(Reader(ann.acts(ONE, "social-worker"), "section-47"), ann.child, "I was called", BOTH)
    other, item = ann.acts(OTHER, "information-governance-lead"), ann.waits(Waits.REQUEST)
    return lambda: gates.answer(other, item, "Go and see", 3)


def question_to_the_mash(ann):
    mash = ann.hub.gates.mash
    item = mash.ask(
        Reader(ann.acts(ONE, "police-officer"), "section-47"), ann.child, "Is there more?"
    ).request
    other = ann.acts(OTHER, "mash-coordinator")
    return lambda: mash.answer(other, item, Told.SHARED, "Ring me", "To protect them")


def dispute(ann):
    reader, other = (Reader(ann.acts(issuer, "police-officer"), "section-47") for issuer in (ONE, OTHER))
    ann.hub.disputes.dispute(reader, ann.child, ann.entry("police"), "She was at her aunt's")
    return lambda: ann.hub.disputes.settle(other, ann.child, ann.entry("police"), "It stands")


def restriction(ann):
    reader, other = (Reader(ann.acts(issuer, "named-doctor"), "section-47") for issuer in (ONE, OTHER))
    where, ground = (ann.child, ann.entry("health")), RestrictionGround.ACCURACY
    ann.hub.restrictions.restrict(reader, *where, ground, "It was another girl's arm")
    return lambda: ann.hub.restrictions.lift(other, *where, "It was hers", "Her mother, by letter")


def meeting(ann):
    member, other = ann.acts(ONE, "social-worker"), ann.acts(OTHER, "information-governance-lead")
    return lambda: ann.hub.letting_in.convene(other, ann.child, (member,), Opens.BOTH, 3, "To plan")


def role(ann):
    other, where = ann.acts(OTHER, "information-governance-lead"), (ONE, "ann@example.invalid")
    return lambda: ann.people.grant(*where, "operator", "social-care", None, other, "to look")


SECOND = [
    erasure,
    subject_access_export,
    export_for_a_court,
    broken_glass,
    a_review_given,
    request,
    question_to_the_mash,
    dispute,
    restriction,
    meeting,
    role,
]


@pytest.fixture
def ann(desk):
    desk.take_in(missing(), attendance(day=2), at=NOW)
    with desk.open(at=NOW) as hub:
        yield Ann(hub)


@pytest.mark.parametrize("begun", SECOND, ids=lambda each: each.__name__)
def test_who_begins_it_in_one_account_is_no_second_person_in_the_other(ann, begun):
    """Whichever was said first: what somebody asked for, or that both accounts are theirs."""
    as_the_other = begun(ann)
    ann.said()
    with pytest.raises(Refused, match=r"nobody|second person|not the one"):
        as_the_other()

    ann.said(one=False)
    as_the_other()


def test_nobody_allocates_themselves_by_an_account_of_theirs(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = Ann(hub)
        worker, other = (ann.acts(ONE, "social-worker"), ann.acts(OTHER, "mash-coordinator"))
        ann.said()
        said = {"worker": worker.person, "part": "has-been-sexually-harmed"}
        done = hub.recorder.record(Reader(other, "screening"), ann.child, "allocate-worker", said)
        after = hub.records.child(ann.child).allocations

    assert "somebody else allocates you" in done.remarks[0]
    assert {} == after


def test_an_agency_is_let_near_by_nobody_who_reads_for_it_in_another_account(ann):
    ann.acts(ONE, "police-officer")
    other = ann.acts(OTHER, "mash-coordinator")
    let = (other, ann.child, "police", Opens.BOTH, 3, "They are called")
    ann.said()
    with pytest.raises(Refused, match="nobody lets themselves in"):
        ann.hub.letting_in.involve(*let)

    ann.said(one=False)
    ann.hub.letting_in.involve(*let)


def test_what_is_barred_to_one_account_is_barred_to_the_person_and_to_the_account_again_once_they_are_two(
    desk,
):
    desk.take_in(contact(), missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = Ann(hub)
        barred, other = ann.acts(ONE, "social-worker"), ann.acts(OTHER, "police-officer")
        keeper, auditor = ann.acts(OTHER, "caldicott-guardian"), By(ann.ids[1], "auditor", "social-care")
        asks = (
            lambda: hub.share.chronology(Reader(other, "section-47"), ann.child),
            lambda: hub.share.find(Reader(other, "section-47"), Identifier("nhs-number", "944 930 5552")),
            lambda: hub.gates.break_glass(Reader(other, "section-47"), ann.child, REASON, BOTH),
            lambda: hub.gates.desk.restrictions(Reader(keeper, "audit"), ann.child),
            lambda: hub.gates.reopen(keeper, ann.child, bar, "Entered in error"),
            lambda: story_for(hub.records, hub.policy, Reader(auditor, "audit"), ann.child),
        )
        relative = Interest.RELATIVE
        bar = hub.gates.close(
            LEAD, ann.child, Closing.BARRED, "Her niece", named=(barred,), interest=relative
        )
        before = hub.share.chronology(Reader(other, "section-47"), ann.child).lines
        ann.said()
        for ask in asks:
            with pytest.raises(UnknownChild):
                ask()
        ann.said(one=False)

        assert len(before) == len(hub.share.chronology(Reader(other, "section-47"), ann.child).lines) > 0
        with pytest.raises(UnknownChild):
            hub.share.chronology(Reader(barred, "section-47"), ann.child)


def test_of_three_accounts_each_is_one_person_with_each_and_one_said_to_be_anothers_is_so_no_longer(ann):
    third = ann.acts("https://third.example", "auditor")
    ids = [*ann.ids, third.person]
    ann.said()
    ann.people.one_person(UUID(third.person), ann.people.of(OTHER, "ann@example.invalid").id, ADMIN, WHY)
    together = [accounts_of(ann.hub.records, By(id_, "auditor", "social-care")) for id_ in ids]
    ann.said(one=False)
    apart = [accounts_of(ann.hub.records, By(id_, "auditor", "social-care")) for id_ in ids]

    assert [set(ids) - {id_} for id_ in ids] == together
    assert [set(), {ids[2]}, {ids[1]}] == apart


def test_what_two_accounts_had_settled_before_stays_as_it_was_said(ann):
    confirmed = erasure(ann)()
    ann.said()

    assert ann.ids[1] == confirmed.confirmed.by.person
    assert confirmed.disposed_at is not None


# ------------------------------------------------------------ where people are let in


def people(live):
    return {each["person"]: each for each in json.loads(run(live, "people", "list", "--json").output)}


def test_it_is_said_where_people_are_let_in_with_who_and_why_and_undone_likewise(live, lead):
    one = live.grant("police", "police-officer", "asmith@example.invalid").person
    two = live.grant("social-care", "social-worker", "ann.smith@example.invalid").person
    said = run(live, "people", "one-person", one, two, "--reason", WHY)
    listed, lines = people(live), run(live, "people", "list").output
    again = why(run(live, "people", "one-person", two, one, "--reason", WHY))
    undone = run(live, "people", "two-persons", two, one, "--reason", "Sisters")
    once_more = why(run(live, "people", "two-persons", one, two, "--reason", "Sisters"))

    assert f"{one} and {two} are one person\n" == said.output
    assert ([two], [one]) == (listed[one]["one_person_with"], listed[two]["one_person_with"])
    assert f"one person with {two}, said by {lead.person} (information-governance-lead): {WHY}" in lines
    assert "said already" in again
    assert 0 == undone.exit_code
    assert "nobody said" in once_more
    assert [] == people(live)[one]["one_person_with"]
    assert f"two persons with {two}, said by {lead.person} (information-governance-lead): Sisters" in (
        run(live, "people", "list").output
    )


def test_nobody_says_without_a_reason_of_one_account_or_of_their_own_that_they_are_two_persons(live, lead):
    mine = live.grant("police", "police-officer", "lead@example.invalid").person
    own = (lead.person, mine)
    no_reason = why(run(live, "people", "one-person", *own, "--reason", " "))
    itself = why(run(live, "people", "one-person", mine, mine, "--reason", WHY))
    unknown = why(run(live, "people", "one-person", mine, uuid4().hex, "--reason", WHY))
    said = run(live, "people", "one-person", *own, "--reason", WHY)
    undone = why(run(live, "people", "two-persons", *own, "--reason", WHY))
    other = live.grant("social-care", "information-governance-lead", "other@example.invalid")
    sign_in(live, other, "social-care")
    by_another = run(live, "people", "two-persons", *own, "--reason", WHY)

    assert "a reason" in no_reason
    assert "one account" in itself
    assert "no practitioner" in unknown
    assert "their own accounts" in undone
    assert (0, 0) == (said.exit_code, by_another.exit_code)


@pytest.mark.parametrize("subject", ["ann.smith@example.invalid", "Ann.Smith@police.example", "ann.smith"])
def test_who_gives_a_role_to_a_name_that_is_known_under_another_account_is_told_and_not_hindered(
    live, lead, subject
):
    known = live.grant("social-care", "social-worker", "ann.smith@example.invalid").person
    new = ("police", subject, "--role", "police-officer", "--reason", "joined")
    given = run(live, "people", "grant", *new)
    person = given.stdout.split()[0]
    run(live, "people", "one-person", known, person, "--reason", WHY)
    more = ("police", subject, "--role", "intelligence-officer", "--reason", "joined")
    after = run(live, "people", "grant", *more)
    stranger = run(live, "people", "grant", "police", "ben", *new[2:])

    assert (0, 0, 0) == (given.exit_code, after.exit_code, stranger.exit_code)
    assert f"{known} is called the same" in given.stderr
    assert f"hub people one-person {person} {known}" in given.stderr
    assert "" == after.stderr == stranger.stderr
