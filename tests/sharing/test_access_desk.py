"""What waits, as each may see it, on records held in memory: every bound on both sides, every role apart."""

from contextlib import closing
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from uuid import UUID

import pytest

from hub.domain.access import (
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    Closing,
    GlassBroken,
    GlassReviewed,
    GlassReviewGiven,
    MashAnswered,
    MashAsked,
    MeetingConvened,
    OtherChildAgreed,
    Told,
    answer_of,
    why_of,
)
from hub.domain.access_desk import Brought, Settled, Waits
from hub.domain.child import By, Disclosed
from hub.domain.strand import HAS_HARMED, WAS_HARMED, Opens
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.access_desk import DESK, Desk
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Reader
from hub.sharing.policy import PolicyStale
from hub.telling.settings import Kind
from tests.domain.given import DAY
from tests.sharing.test_look import ANN, BEN, NOW, POLICY, WORKER, WORKS, Held, closed

SOON = timedelta(microseconds=1)
GUARDIAN = By("cg", "caldicott-guardian", "health")
LEAD = By("ig", "information-governance-lead", "social-care")
COORDINATOR = By("mc", "mash-coordinator", "social-care")
AUDITOR = Reader(By("au", "auditor", "social-care"), "audit")
OFFICER = By("po", "police-officer", "police")
WHY = "A child at the door, hurt, and nobody to ask at this hour"
FIRST, SECOND, THIRD = (UUID(int=n) for n in (71, 72, 73))
CALDICOTT = (GUARDIAN.role,)
ANSWER = (LEAD.role, GUARDIAN.role)


class Waiting(Held):
    """Records, the stream of what waits, and what was recorded as shown."""

    def __init__(self, folder):
        super().__init__(folder)
        self.now, self.brought, self.shown = NOW, [], []
        self.archive = SimpleNamespace(stream=self._stream)
        self.desk = Desk(self, lambda: POLICY, SimpleNamespace(record=self._record))
        self.add(ANN)

    def clock(self):
        return self.now

    def child(self, id_):
        return next(child for child in self.person(id_) if child.id == id_)

    def _stream(self, id_, *, after=None):
        assert DESK == id_
        return self.brought[after or 0 :]

    def _record(self, _, child, disclosed):
        self.shown.append((child, disclosed.question, disclosed.reader, len(disclosed.digest)))

    def waits(self, what, item, due=NOW, *, child=ANN, who=WORKER.by, purpose="section-47", sought=None):
        body = Brought(item=item, what=what, child=child, who=who, purpose=purpose, due=due, sought=sought)
        self.brought.append(SimpleNamespace(body=body, at=DAY))

    def settle(self, item, *events):
        self.add(ANN, *events)
        self.brought.append(SimpleNamespace(body=Settled(item=item), at=NOW))

    def sealed(self, item):
        return sealed_reason(self.keys, ANN, item, WORKER.by, WHY)

    def breaks(self, item=FIRST, due=NOW, until=NOW, who=WORKER.by, guardians=CALDICOTT):
        broken = GlassBroken(item, who, "section-47", until, due, GUARDIAN.role, self.sealed(item))
        more = {"guardians": guardians, "strands": (HAS_HARMED,)}
        self.add(ANN, GlassBroken(**{**_fields(broken), **more}))
        self.waits(Waits.REVIEW, item, due, who=who)

    def asks(self, item=FIRST, due=NOW, who=WORKER.by, **more):
        self.add(ANN, AccessAsked(item, who, "section-47", due, self.sealed(item)))
        self.waits(Waits.REQUEST, item, due, who=who, **more)

    def answers(self, item, until):
        self.settle(item, AccessAnswered(item, until, LEAD, self.sealed(item)))

    def reviews(self, item, *, justified=True):
        self.settle(item, GlassReviewed(item, justified, LEAD, self.sealed(item)))


def _fields(struct):
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


@pytest.fixture
def held(tmp_path):
    with closing(Waiting(tmp_path)) as held:
        yield held


def ids(found):
    return [each.item for each in found]


# ---------------------------------------------------------------- who sees what


@pytest.mark.parametrize(
    ("by", "sees", "settles"),
    [
        (GUARDIAN, {*Waits}, {*Waits}),
        (LEAD, {*Waits}, {*Waits}),
        (COORDINATOR, {Waits.REQUEST, Waits.QUESTION}, {Waits.REQUEST, Waits.QUESTION}),
        (AUDITOR.by, {*Waits}, set()),
        (WORKER.by, set(), set()),
        (By("cg", "caldicott-guardian", "police"), set(), set()),
        (By("x", "nobody", "health"), set(), set()),
    ],
)
def test_each_role_sees_what_waits_of_its_kinds_and_an_auditor_looks_on(held, by, sees, settles):
    desk = held.desk

    assert sees == {what for what in Waits if desk.sees(by, what)}
    assert settles == {what for what in Waits if desk.sees(by, what, looks_on=False)}
    assert (Waits.REQUEST in settles) is desk.keeps(by)


def test_what_is_held_for_settling_is_of_the_kind_that_was_meant_and_of_a_record_there_is(held):
    held.breaks(FIRST)
    held.asks(SECOND)
    held.waits(Waits.REQUEST, THIRD, child=None)

    assert ANN == held.desk.held(GUARDIAN, FIRST, Waits.REVIEW).id
    for item, what in ((FIRST, Waits.REQUEST), (SECOND, Waits.REVIEW), (THIRD, Waits.REQUEST)):
        with pytest.raises(UnknownChild):
            held.desk.held(LEAD, item, what)
    with pytest.raises(UnknownChild):
        held.desk.held(LEAD, UUID(int=9), Waits.REVIEW)
    for by in (COORDINATOR, AUDITOR.by):
        with pytest.raises(NotAllowed):
            held.desk.held(by, FIRST, Waits.REVIEW)


def test_a_review_is_its_guardians_alone_until_it_is_late_and_never_a_coordinators(held):
    held.breaks(FIRST, due=NOW)

    assert [] == held.desk.waiting(LEAD, Waits.REVIEW)
    assert [False] == [each.overdue for each in held.desk.waiting(GUARDIAN, Waits.REVIEW)]
    held.now = NOW + SOON
    assert [True] == [each.overdue for each in held.desk.waiting(LEAD, Waits.REVIEW)]
    with pytest.raises(UnknownChild):
        held.desk.brief(Reader(COORDINATOR, "screening"), FIRST)


def test_one_of_before_it_was_said_whose_review_it_is_is_everybodys_who_reviews_and_the_policys_to_be_told(
    held,
):
    held.breaks(FIRST, due=NOW, guardians=())
    (waits,) = held.desk.waiting(LEAD, Waits.REVIEW)

    assert CALDICOTT == waits.guardians
    assert () == held_request(held).guardians


def held_request(held):
    held.asks(SECOND)
    (waits,) = held.desk.waiting(LEAD, Waits.REQUEST)
    return waits


def test_what_waits_stands_before_what_is_settled_and_of_each_the_longest_due_first(held):
    held.breaks(FIRST, due=NOW)
    held.breaks(SECOND, due=NOW + 2 * SOON, who=OFFICER)
    held.breaks(THIRD, due=NOW + SOON, who=OFFICER)
    held.reviews(FIRST)

    assert [THIRD, SECOND, FIRST] == ids(held.desk.waiting(GUARDIAN, Waits.REVIEW, settled=True))
    assert [THIRD, SECOND] == ids(held.desk.waiting(GUARDIAN, Waits.REVIEW))


def test_what_is_erased_waits_for_nobody(held):
    held.waits(Waits.REVIEW, FIRST)
    held.waits(Waits.REQUEST, SECOND)

    assert [] == [each for what in Waits for each in held.desk.waiting(LEAD, what)]
    assert [] == held.desk.until(NOW + SOON)


def test_of_a_question_that_is_erased_whoever_asked_it_is_told_nothing(held):
    held.waits(Waits.QUESTION, FIRST)
    with pytest.raises(UnknownChild):
        held.desk.told(WORKER.by, FIRST)


def test_who_answers_is_told_which_strand_is_asked_for_and_who_reviews_which_was_opened(held):
    held.breaks(FIRST)
    held.add(ANN, AccessAsked(SECOND, OFFICER, "section-47", NOW, held.sealed(SECOND), (WAS_HARMED,)))
    held.waits(Waits.REQUEST, SECOND, who=OFFICER)
    questions(held, THIRD)
    (review,), (request,) = (held.desk.waiting(GUARDIAN, what) for what in (Waits.REVIEW, Waits.REQUEST))
    (question,) = held.desk.waiting(GUARDIAN, Waits.QUESTION)

    assert (Opens.HAS_HARMED, Opens.WAS_HARMED, None) == (review.opens, request.opens, question.opens)


# ---------------------------------------------------------------- one's own


@pytest.mark.parametrize(
    ("until", "now", "state"),
    [
        (None, NOW, "waits"),
        (None, NOW + SOON, "not-granted"),
        (NOW + SOON, NOW, "open"),
        (NOW, NOW, "over"),
    ],
)
def test_ones_own_request_waits_to_its_last_moment_and_is_open_until_its_end(held, until, now, state):
    held.asks(FIRST, due=NOW)
    held.asks(SECOND, due=NOW, who=OFFICER)
    held.answers(FIRST, until)
    held.now = now
    (mine,) = held.desk.mine(WORKER.by)

    assert (FIRST, state, ANN if state == "open" else None) == (mine.item, mine.state, mine.child)


def test_asked_again_in_the_same_words_it_is_the_same_request_until_it_was_to_be_answered(held):
    held.waits(Waits.REQUEST, FIRST, due=NOW, child=None, sought=ANN)
    again = held.desk.asked_before

    assert FIRST == again(WORKER, ANN, NOW).item
    other = Reader(WORKER.by, "section-17")
    assert [None] * 4 == [
        again(WORKER, ANN, NOW + SOON),
        again(WORKER, BEN, NOW),
        again(other, ANN, NOW),
        again(Reader(OFFICER, "section-47"), ANN, NOW),
    ]


def test_under_glass_looks_who_broke_it_while_they_work_with_nobody_of_it(held):
    assert held.desk.under(WORKER, ANN) is None
    held.breaks(FIRST, until=NOW + SOON)
    assert NOW + SOON == held.desk.under(WORKER, ANN)
    held.add(ANN, WORKS)
    assert held.desk.under(WORKER, ANN) is None


# ---------------------------------------------------------------- a question to the MASH


def questions(held, item=FIRST, *, answered=False):
    """The social worker asks the MASH, and is answered."""
    held.add(ANN, MashAsked(item, WORKER.by, "section-47", NOW, held.sealed(item)))
    held.waits(Waits.QUESTION, item)
    if answered:
        words = sealed_reason(held.keys, ANN, answer_of(item), LEAD, "Ring me")
        why = sealed_reason(held.keys, ANN, why_of(item), LEAD, WHY)
        held.add(ANN, MashAnswered(item, Told.SHARED, LEAD, words, why))


def test_ones_own_question_to_the_mash_waits_until_it_is_answered(held):
    questions(held)
    questions(held, SECOND, answered=True)

    assert [(SECOND, "answered"), (FIRST, "waits")] == [(m.item, m.state) for m in held.desk.mine(WORKER.by)]


def test_what_the_mash_told_is_read_while_the_policy_holds_and_by_whose_role_looks_for_it_still(held):
    questions(held)
    worker = POLICY.roles["social-worker"]
    less = worker.model_copy(update={"purposes": worker.purposes - {"section-47"}})
    fewer = POLICY.model_copy(update={"roles": {**POLICY.roles, "social-worker": less}})
    days = POLICY.validity.model_copy(update={"until": DAY.date() - timedelta(days=1)})
    over = POLICY.model_copy(update={"validity": days})

    assert WHY == held.desk.told(WORKER.by, FIRST).question
    for policy, refused in ((fewer, NotAllowed), (over, PolicyStale)):
        desk = Desk(held, partial(lambda policy: policy, policy), SimpleNamespace(record=held._record))
        with pytest.raises(refused):
            desk.told(WORKER.by, FIRST)
    assert ["mash-told"] == [question for _, question, _, _ in held.shown]


def test_an_answer_of_the_moment_in_which_two_records_were_parted_is_read_no_more_and_a_later_one_is(held):
    questions(held, answered=True)
    (child,) = held.person(ANN)
    held.others[ANN] = (child,)
    asked = child.access.questions[FIRST]
    child.access.questions[FIRST] = asked._replace(parted_at=asked.answered_at - SOON)

    assert "Ring me" == held.desk.told(WORKER.by, FIRST).answer
    child.access.questions[FIRST] = asked._replace(parted_at=asked.answered_at)
    with pytest.raises(UnknownChild):
        held.desk.told(WORKER.by, FIRST)


# ---------------------------------------------------------------- what a second person is told


def test_an_auditor_reads_the_reason_and_what_was_seen_under_this_glass_alone_and_that_stands_recorded(held):
    held.breaks(FIRST, due=NOW, until=NOW + SOON)
    for glass, question in ((FIRST, "chronology"), (SECOND, "flags"), (None, "due")):
        held.add(ANN, shown_under(glass, question))
    held.asks(THIRD)
    brief, asked = held.desk.brief(AUDITOR, FIRST), held.desk.brief(AUDITOR, THIRD)

    assert (WHY, ["chronology"]) == (brief.reason, [seen.question for seen in brief.seen])
    assert (WHY, ()) == (asked.reason, asked.seen)
    assert ["access-review", "access-request"] == [question for _, question, _, _ in held.shown]
    assert {(ANN, AUDITOR.by, 32)} == {(child, by, digest) for child, _, by, digest in held.shown}


def shown_under(glass, question):
    said = ("b", "p", question, (), 1, None, b"")
    return Disclosed(WORKER.by, "section-47", *said, glass=glass)


def test_an_auditor_is_told_what_is_closed_and_who_is_let_near_and_that_stands_recorded(held):
    restriction = closed(Closing.ADDRESS)
    reason = sealed_reason(held.keys, ANN, restriction.restriction, LEAD, WHY)
    held.add(ANN, AccessClosed(**{**_fields(restriction), "reason": reason}))
    held.add(ANN, MeetingConvened(members=(OFFICER,), until=NOW, by=LEAD))

    assert [WHY] == [each.reason for each in held.desk.restrictions(AUDITOR, ANN)]
    assert [""] == [each.reason for each in held.desk.near(AUDITOR, ANN)]
    assert [(ANN, "restrictions", AUDITOR.by, 32), (ANN, "let-in", AUDITOR.by, 32)] == held.shown
    with pytest.raises(NotAllowed):
        held.desk.near(WORKER, ANN)
    with pytest.raises(NotAllowed):
        held.desk.governed(AUDITOR.by, ANN)


def test_what_lets_near_is_listed_to_its_last_moment_and_only_as_it_was_said_last(held):
    held.add(ANN, *(OtherChildAgreed(BEN, until, LEAD, agreed(held)) for until in (NOW + SOON, NOW)))

    assert [NOW] == [each.until for each in held.desk.near(AUDITOR, ANN)]
    held.now = NOW + SOON
    assert () == held.desk.near(AUDITOR, ANN)


def agreed(held):
    return sealed_reason(held.keys, ANN, BEN, LEAD, WHY)


def test_what_is_late_is_told_to_the_reviewer_or_each_guardian_and_a_request_to_who_coordinates(held):
    two = (GUARDIAN.role, LEAD.role)
    held.breaks(FIRST, due=NOW, guardians=two)
    held.breaks(SECOND, due=NOW + SOON, who=OFFICER)
    held.asks(THIRD, due=NOW)
    held.waits(Waits.REQUEST, UUID(int=74), due=NOW, child=None)
    before = held.desk.until(NOW)
    late = held.desk.until(NOW + SOON)
    held.add(ANN, GlassReviewGiven(FIRST, OFFICER, GUARDIAN))
    given = held.desk.until(NOW + SOON)

    assert [] == before
    assert [
        (Kind.GLASS_UNREVIEWED, FIRST, (GUARDIAN.role, *ANSWER)),
        (Kind.GLASS_UNREVIEWED, FIRST, (LEAD.role, *ANSWER)),
        (Kind.ACCESS_UNANSWERED, THIRD, (COORDINATOR.role, *ANSWER)),
    ] == [(matter.kind, matter.subject, matter.to) for matter in late]
    assert [(OFFICER.person, GUARDIAN.role, *ANSWER), (OFFICER.person, LEAD.role, *ANSWER)] == [
        matter.to for matter in given[:2]
    ]


def test_what_is_settled_is_late_no_more(held):
    held.asks(FIRST, due=NOW)
    held.answers(FIRST, None)

    assert [] == held.desk.until(NOW + SOON)
