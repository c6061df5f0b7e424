"""Two records that were taken for one child's and parted, and entries moved: what was said meanwhile."""

from uuid import uuid4

import pytest

from hub.domain.access import Closing, Interest, Told
from hub.domain.child import By, allocate
from hub.domain.strand import Opens
from hub.errors import Conflict, Refused, UnknownChild
from hub.intake import questions as questions_module
from hub.intake import splitting as splitting_module
from hub.intake.carrying import closed_while_one
from hub.intake.questions import confirm, questions, separate
from hub.intake.splitting import split
from hub.records import Records
from hub.sharing.look import Look, Reader
from hub.sharing.view import encode
from tests.events import ANN, attendance, concern, missing
from tests.hubs import NOW, SOCIAL_WORKER, Desk, take_all

WORKER = SOCIAL_WORKER.by
LEAD = By("ig", "information-governance-lead", "social-care")
COORDINATOR = By("mc", "mash-coordinator", "social-care")
GUARDIAN = By("cg", "caldicott-guardian", "health")
OTHER = Reader(By("sw2", "social-worker", "social-care"), "section-47")
REASON = "A child at the door, hurt, and nobody to ask at this hour"
BOTH = Opens.BOTH


def who(number):
    return {**ANN, "identifiers": ({"system": "upn", "value": number},)}


class Two:
    """Two records that look alike: one of the police and one of school and health, and the question."""

    def __init__(self, hub):
        self.hub = hub
        (self.asked,) = questions(hub.records)
        self.candidate, self.provisional = self.asked.opened.candidates[0], self.asked.opened.provisional
        self.both = (self.candidate, self.provisional)

    def allocate(self, by=WORKER):
        for record in self.both:
            self.hub.records.act(record, lambda child: allocate(child, by, None, COORDINATOR))

    def join(self):
        confirm(self.hub.records, self.asked.id, self.candidate, COORDINATOR, "The school confirmed it")

    def part(self):
        separate(self.hub.records, self.asked.id, COORDINATOR, "It was her cousin")

    def close(self, what, record=None, **more):
        return self.hub.gates.close(LEAD, record or self.candidate, what, "In danger", **more)

    def lines(self, record, reader=SOCIAL_WORKER):
        return self.hub.share.chronology(reader, record)

    def reads(self, reader=SOCIAL_WORKER):
        """Which of the two this reader reads."""
        found = []
        for record in self.both:
            try:
                self.lines(record, reader)
            except UnknownChild:
                continue
            found.append(record)
        return found

    def said(self):
        """How much was closed, broken, asked and let in, of each of the two."""
        held = [self.hub.records.child(record).access for record in self.both]
        return [[len(of) for of in (a.closed, a.glass, a.requests, a.questions, a.let_in)] for a in held]

    def entry(self, record):
        return next(iter(self.hub.records.child(record).entries))


@pytest.fixture
def two(tmp_path):
    desk = Desk(tmp_path / "data")
    desk.publish(missing(who={**who("A1"), "postcode": "AB1 2CD"}))
    desk.publish(concern(who={**who("B2"), "postcode": "AB3 4EF"}), attendance(who=who("B2")))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        held = Two(hub)
        held.publish = desk.publish
        yield held


@pytest.mark.parametrize(
    ("what", "more"),
    [
        (Closing.SEALED, {"named": (OTHER.by,)}),
        (Closing.NOT_SHARED, {"agency": "social-care"}),
        (Closing.BARRED, {"named": (WORKER,), "interest": Interest.RELATIVE}),
    ],
)
def test_what_was_closed_while_they_were_one_stays_closed_on_both(two, what, more):
    two.allocate()
    two.join()
    held = two.close(what, **more)
    two.part()

    assert [] == two.reads()
    two.hub.gates.reopen(LEAD, two.provisional, held, "It was of the other")
    assert [two.provisional] == two.reads()
    (closed,) = two.hub.gates.desk.restrictions(Reader(LEAD, "audit"), two.candidate)
    assert (LEAD, "In danger") == (closed.by, closed.reason)


def test_what_is_closed_just_as_they_are_parted_is_not_passed_over(two, monkeypatch):
    two.allocate()
    two.join()

    def sealed_meanwhile(*given):
        found = closed_while_one(*given)
        if not two.said()[0][0]:
            two.close(Closing.SEALED, named=(OTHER.by,))
        return found

    monkeypatch.setattr(questions_module, "closed_while_one", sealed_meanwhile)
    two.part()

    assert [] == two.reads()


def seals(two):
    two.close(Closing.SEALED, two.provisional, named=(OTHER.by,))


def breaks(two):
    two.hub.gates.break_glass(OTHER, two.provisional, REASON, BOTH)


def asks(two):
    two.hub.gates.ask(OTHER, two.provisional, REASON, BOTH)


def asks_the_mash(two):
    two.hub.gates.mash.ask(SOCIAL_WORKER, two.provisional, "Is it safe for her to go home?")


def involves(two):
    two.hub.letting_in.involve(LEAD, two.provisional, "youth-justice", BOTH, 28, "They work with her")


def convenes(two):
    two.hub.letting_in.convene(LEAD, two.provisional, (OTHER.by,), BOTH, 5, "Strategy meeting")


@pytest.mark.parametrize("does", [seals, breaks, asks, asks_the_mash, involves, convenes])
def test_what_is_done_of_one_just_as_they_are_parted_is_done_to_neither_and_said(two, monkeypatch, does):
    """Else it would be recorded of the record that the other had been joined into: of another child."""
    two.allocate()
    two.join()
    act, was = Records.act, two.said()

    def parted_first(records, *given, **more):
        two.part()
        return act(records, *given, **more)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Records, "act", parted_first)
        with pytest.raises(Conflict, match="look again"):
            does(two)

    assert was == two.said()


def test_an_entry_that_was_sealed_while_they_were_one_stays_sealed_where_it_stands(two):
    two.allocate()
    two.join()
    entry = two.entry(two.provisional)
    two.close(Closing.SEALED, entries=(entry,), named=(OTHER.by,))
    two.part()

    assert entry not in {line.id for line in two.lines(two.provisional).lines}
    assert two.lines(two.candidate).lines


def test_an_address_that_was_shielded_while_they_were_one_is_shielded_on_both(two):
    two.allocate()
    two.join()
    two.close(Closing.ADDRESS, named=(OTHER.by,))
    two.part()

    assert not any(
        code in encode(two.lines(record)) for record in two.both for code in (b"AB1 2CD", b"AB3 4EF")
    )


def test_what_was_closed_before_they_were_taken_for_one_is_of_its_own_record_alone(two):
    two.allocate()
    two.close(Closing.SEALED, named=(OTHER.by,))
    two.join()
    together = two.reads()
    two.part()

    assert ([], [two.provisional]) == (together, two.reads())


def test_what_was_carried_is_lifted_at_once_where_they_are_one_child_after_all(two):
    two.allocate()
    two.join()
    held = two.close(Closing.SEALED, named=(OTHER.by,))
    two.part()
    two.join()
    listed = two.hub.gates.desk.restrictions(Reader(LEAD, "audit"), two.candidate)
    two.hub.gates.reopen(LEAD, two.candidate, held, "The order ended")

    assert [held] == [each.restriction for each in listed]
    assert [*two.both] == two.reads()


def moved(two, *, to=None):
    """Every entry of one record, moved to another or to one of its own."""
    entries = tuple(two.hub.records.child(two.provisional).entries)
    return split(two.hub.records, two.provisional, entries, COORDINATOR, "Another girl", uuid4, to)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("what", "more"),
    [(Closing.SEALED, {"named": (OTHER.by,)}), (Closing.NOT_SHARED, {"agency": "social-care"})],
)
def test_an_entry_that_is_moved_to_another_record_stays_closed_to_whom_it_was(two, what, more, whole):
    entries = () if whole else tuple(two.hub.records.child(two.provisional).entries)
    held = two.close(what, two.provisional, entries=entries, **more)
    two.allocate()
    own = {line.id for line in two.lines(two.candidate).lines}
    moved(two, to=two.candidate)
    before = two.lines(two.candidate).lines
    two.hub.gates.reopen(LEAD, two.candidate, held, "The order ended")

    assert own == {line.id for line in before}
    assert len(before) < len(two.lines(two.candidate).lines)


def test_what_is_sealed_just_as_an_entry_is_moved_is_not_passed_over(two, monkeypatch):
    two.join()
    look = splitting_module.closed_of_entries

    def sealed_meanwhile(*given):
        found = list(look(*given))
        if not two.said()[0][0]:
            two.close(Closing.SEALED, named=(OTHER.by,))  # stands on the one they were joined into
        return found

    monkeypatch.setattr(splitting_module, "closed_of_entries", sealed_meanwhile)
    (closed,) = two.hub.records.child(moved(two)).access.closed.values()

    assert Closing.SEALED is closed.closed.what
    assert set(two.hub.records.child(two.provisional).entries) == set(closed.closed.entries)


def test_an_entry_that_has_been_moved_away_is_not_said_to_be_sealed_where_it_was(two, monkeypatch):
    entry, act = two.entry(two.provisional), Records.act

    def moved_first(records, *given, **more):
        monkeypatch.setattr(Records, "act", act)
        moved(two)
        return act(records, *given, **more)

    monkeypatch.setattr(Records, "act", moved_first)
    for _ in range(2):  # as it is moved, and later
        with pytest.raises(Refused, match="no such entry on this record"):
            two.close(Closing.SEALED, two.provisional, named=(OTHER.by,), entries=(entry,))

    assert 0 == two.said()[1][0]


def test_where_an_entry_says_where_a_child_lives_the_shield_goes_with_it(two):
    two.close(Closing.ADDRESS, two.provisional, named=(OTHER.by,))
    two.allocate()
    new = moved(two)
    two.hub.records.act(new, lambda child: allocate(child, WORKER, None, COORDINATOR))

    assert b"AB" not in encode(two.lines(new).who)
    assert two.lines(new).lines


def test_a_bar_is_of_whose_record_it_is_and_does_not_go_with_an_entry(two):
    two.close(Closing.BARRED, two.provisional, named=(WORKER,), interest=Interest.RELATIVE)
    two.allocate()
    moved(two, to=two.candidate)

    assert [two.candidate] == two.reads()


def test_an_entry_that_somebody_says_is_not_right_wears_the_mark_where_it_was_moved_to(two):
    two.allocate()
    entry = two.entry(two.provisional)
    two.hub.disputes.dispute(Reader(WORKER, "section-47"), two.provisional, entry, "Her mother says no")
    since = two.hub.records.child(two.provisional).disputed[entry][0]
    new = moved(two)
    two.hub.records.act(new, lambda child: allocate(child, WORKER, None, COORDINATOR))
    (marked,) = [line for line in two.lines(new).lines if line.id == entry]

    assert ("Her mother says no", since) == (marked.dispute.reason, marked.dispute.since)
    assert {} == two.hub.records.child(two.provisional).disputed


def broke_the_glass(two):
    two.hub.gates.break_glass(SOCIAL_WORKER, two.provisional, REASON, BOTH)


def was_granted(two):
    request = two.hub.gates.ask(SOCIAL_WORKER, two.provisional, REASON, BOTH).request
    two.hub.gates.answer(LEAD, request, "Needed for the brother", 7)


def was_in_a_meeting(two):
    two.hub.letting_in.convene(LEAD, two.provisional, (WORKER,), BOTH, 7, "Strategy meeting")


def had_their_agency_involved(two):
    two.hub.letting_in.involve(GUARDIAN, two.provisional, "social-care", BOTH, 7, "Its enquiry")


NEAR = [broke_the_glass, was_granted, was_in_a_meeting, had_their_agency_involved]


@pytest.mark.parametrize("came_near", NEAR)
def test_what_let_somebody_near_while_they_were_one_lets_them_near_neither(two, came_near):
    two.join()
    came_near(two)
    together = two.reads()
    two.part()

    assert ([*two.both], []) == (together, two.reads())
    assert () == two.hub.gates.desk.near(Reader(LEAD, "audit"), two.candidate)
    assert not [one for one in two.hub.gates.desk.mine(WORKER) if one.state == "open"]
    came_near(two)  # said again of the child it was meant for
    assert [two.provisional] == two.reads()


@pytest.mark.parametrize("came_near", NEAR)
def test_what_let_somebody_near_before_they_were_taken_for_one_lets_them_near_that_one(two, came_near):
    came_near(two)
    two.join()
    together = two.reads()
    two.part()

    assert ([*two.both], [two.provisional]) == (together, two.reads())


def test_a_request_that_was_made_while_they_were_one_is_granted_for_neither(two):
    two.join()
    request = two.hub.gates.ask(SOCIAL_WORKER, two.provisional, REASON, BOTH).request
    two.part()
    with pytest.raises(Refused, match="taken for one"):
        two.hub.gates.answer(LEAD, request, "Needed for the brother", 7)
    two.hub.gates.answer(LEAD, request, "Of which of the two?", None)

    assert [] == two.reads()


def test_a_question_to_the_mash_of_two_is_answered_with_nothing_of_the_other_and_an_answer_read_no_more(two):
    two.hub.records.act(two.provisional, lambda child: allocate(child, WORKER, None, COORDINATOR))
    two.join()
    mash, asked = two.hub.gates.mash, "Is there more that I should know?"
    answered, waiting = (mash.ask(SOCIAL_WORKER, two.provisional, asked).request for _ in range(2))
    mash.answer(LEAD, answered, Told.SHARED, "The police know her cousin's address", "It helps")
    read = two.hub.gates.desk.told(WORKER, answered).answer
    two.part()

    assert "The police know her cousin's address" == read
    with pytest.raises(UnknownChild):
        two.hub.gates.desk.told(WORKER, answered)
    with pytest.raises(Refused, match="taken for one"):
        mash.answer(LEAD, waiting, Told.SHARED, "The police know more", "It helps")
    mash.answer(LEAD, waiting, Told.NOTHING, "Ask again of the child you mean", "Two records were one")
    assert "Ask again of the child you mean" == two.hub.gates.desk.told(WORKER, waiting).answer


def test_a_look_shows_what_it_was_decided_on_whatever_is_parted_or_comes_before_it_is_drawn(two):
    """What comes meanwhile may be sealed; and it is from what was decided on that it is drawn again."""
    two.allocate()
    two.join()
    look = Look(two.hub.records, two.hub.policy, SOCIAL_WORKER, two.candidate, None)
    two.publish(missing("later", day=9, who=who("A1")))
    take_all(two.hub)
    later = list(two.hub.records.child(two.candidate).entries)[-1]
    two.close(Closing.SEALED, entries=(later,), named=(OTHER.by,))
    two.part()

    assert ["health", "police", "schools"] == sorted(line.agency for line in look.shared().lines)
    assert 3 == len(look.known_again())
