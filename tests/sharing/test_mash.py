"""Ask the MASH: the same work and bytes whatever is hidden; answered by a person, for whoever asked."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from hub.audit.history import history_of
from hub.domain.access import Closing, Interest, Told
from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.records import Records
from hub.sharing.considered import MASH, WAITS, WITHHELD, Considered
from hub.sharing.look import Reader
from hub.sharing.policy import load
from hub.sharing.refusals import refusals_of
from hub.sharing.view import encode
from schemas.health import SexualHealthContact
from tests.casework.acting import follow
from tests.events import ANN, DAY, attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, Desk
from tests.sharing.test_access import LEAD, contact, only
from tests.sharing.test_refusals import Work
from tests.telling.servers import names
from tests.telling.test_access_told import told

COORDINATOR = By("mc", "mash-coordinator", "social-care")
CLINIC = SexualHealthContact(
    agency="health", system="clinic", source_event_id="s1", occurred_at=DAY, summary="a secret", **ANN
)
ASKED = "He says he is safe at home. Before I visit on Friday: is there more that I must know?"
ANSWER = "Ring me before you visit."
WHY = "A clinic was told in confidence; to say so now would put the child at risk"


def asked(hub, reader=POLICE_OFFICER):
    return hub.gates.mash.ask(reader, only(hub), ASKED)


def counting(monkeypatch):
    """Counts the work, and whether the record's entries were read at all."""
    work, lines = Work(monkeypatch), Records.lines
    monkeypatch.setattr(Records, "lines", lambda *a: work.done.update(read=1) or lines(*a))
    return work


def test_who_asks_is_answered_by_a_person_in_their_words_and_never_told_what_was_decided(desk):
    desk.take_in(missing(), CLINIC, at=NOW)
    with desk.open(at=NOW) as hub:
        taken, gates = asked(hub), hub.gates
        (waits,) = gates.desk.waiting(COORDINATOR, Waits.QUESTION)
        before = gates.desk.told(POLICE_OFFICER.by, taken.request)
        brief = gates.desk.brief(Reader(COORDINATOR, "screening"), taken.request)
        follow(hub)
        counted = [hub.drawn.shares()]
        gates.mash.answer(COORDINATOR, taken.request, Told.WITHHELD, ANSWER, WHY)
        follow(hub)
        counted.append(hub.drawn.shares())
        told = gates.desk.told(POLICE_OFFICER.by, taken.request)
        mine = gates.desk.mine(POLICE_OFFICER.by)
        after = gates.desk.brief(Reader(LEAD, "audit"), taken.request)
        story = {h.what: h.detail for h in history_of(hub.records, only(hub))}
        shown = [d.question for _, d in hub.records.child(only(hub)).disclosures]

        assert [] == gates.desk.waiting(COORDINATOR, Waits.QUESTION)
    detrimental = Considered(MASH, WITHHELD, why="more-detrimental-to-the-child", year=NOW.year)
    assert [[Considered(MASH, WAITS, year=NOW.year)], [detrimental]] == counted
    assert date(2026, 11, 23) == taken.answer_by.date()  # asked on a Friday
    assert (ASKED, "", None) == (before.question, before.answer, before.answered_by)
    assert (ASKED, ASKED) == (brief.reason, told.question)
    assert (ANSWER, COORDINATOR) == (told.answer, told.answered_by)
    assert not any(word in encode((told, mine)).decode() for word in (WHY, "withheld", "detrimental"))
    assert [("answered", Waits.QUESTION)] == [(m.state, m.what) for m in mine]
    assert (ANSWER, WHY, "withheld") == (after.answer, after.kept, after.waiting.outcome)
    assert waits.item == taken.request
    assert story["mash-answered"].startswith("withheld, by mc")
    assert ASKED not in story["mash-asked"]
    assert 2 == shown.count("mash-told")


def test_to_ask_is_the_same_work_and_the_same_answer_whatever_is_hidden(tmp_path, monkeypatch):
    done = []
    for name, hidden in (("plain", ()), ("hiding", (CLINIC,)), ("sealed", (attendance(),))):
        desk = Desk(tmp_path / name)
        desk.take_in(missing(), *hidden, at=NOW)
        with desk.open(at=NOW) as hub:
            hub.records.clock = lambda: NOW
            if name == "sealed":
                entries = [
                    k.entry.id
                    for k in hub.records.child(only(hub)).entries.values()
                    if k.entry.agency == "health"
                ]
                hub.gates.close(LEAD, only(hub), Closing.SEALED, "Kept apart", named=(LEAD,), entries=entries)
            asked(hub)
            with monkeypatch.context() as patched:
                work = counting(patched)
                taken = asked(hub)
            told = hub.gates.desk.told(POLICE_OFFICER.by, taken.request)
            mine = hub.gates.desk.mine(POLICE_OFFICER.by)
            same = (
                dict(work.done),
                taken.answer_by,
                encode(told).replace(str(taken.request).encode(), b""),
                [(m.state, m.due) for m in mine],
            )
            done.append(same)

    assert done[0][0]["stored"] >= 2
    assert "read" not in done[0][0]
    assert [done[0]] * 3 == done


def test_who_may_not_see_the_record_cannot_ask_about_it_and_learns_nothing(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        mash, child = hub.gates.mash, only(hub)
        for sought in (child, uuid4()):
            with pytest.raises(UnknownChild):
                mash.ask(SOCIAL_WORKER, sought, ASKED)
        with pytest.raises(NotAllowed):
            mash.ask(Reader(POLICE_OFFICER.by, "direct-care"), child, ASKED)
        for words in (" ", "x" * 4001):
            with pytest.raises(Refused):
                mash.ask(POLICE_OFFICER, child, words)
        refused = [event.body.question for event in hub.records.archive.stream(refusals_of(child))]

        assert ["ask-the-mash"] * 2 == refused
        assert {} == hub.records.child(child).access.questions


def test_the_coordinator_is_told_of_a_question_where_every_role_could_be(desk, mails):
    box, port = mails
    names(desk, port, *load().roles)
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        asked(hub)
        hub.teller.step()

    assert ["mash-coordinator"] == [to for to, _ in told(box)]


def test_an_answer_is_for_whoever_asked_and_a_question_for_who_answers_and_nobody_answers_their_own(desk):
    desk.take_in(missing(), contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        gates = hub.gates
        own = asked(hub, Reader(COORDINATOR, "screening")).request
        item = asked(hub).request
        with pytest.raises(Refused):
            gates.mash.answer(COORDINATOR, own, Told.SHARED, ANSWER, WHY)
        with pytest.raises(NotAllowed):
            gates.mash.answer(POLICE_OFFICER.by, item, Told.SHARED, ANSWER, WHY)
        with pytest.raises(UnknownChild):
            gates.mash.answer(COORDINATOR, UUID(int=9), Told.SHARED, ANSWER, WHY)
        for who in (COORDINATOR, SOCIAL_WORKER.by, By("po2", "police-officer", "police")):
            with pytest.raises(UnknownChild):
                gates.desk.told(who, item)
        gates.mash.answer(COORDINATOR, item, Told.SHARED, ANSWER, WHY)
        with pytest.raises(Refused):
            gates.mash.answer(LEAD, item, Told.NOTHING, ANSWER, WHY)


def test_a_question_about_a_record_that_is_closed_to_the_coordinator_goes_to_who_governs_it_alone(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        gates, child = hub.gates, only(hub)
        item = asked(hub).request
        gates.close(LEAD, child, Closing.SEALED, "An order", named=(POLICE_OFFICER.by,))
        with pytest.raises(UnknownChild):
            gates.mash.answer(COORDINATOR, item, Told.SHARED, ANSWER, WHY)

        assert [] == gates.desk.waiting(COORDINATOR, Waits.QUESTION)
        assert [item] == [w.item for w in gates.desk.waiting(LEAD, Waits.QUESTION)]
        gates.mash.answer(LEAD, item, Told.SHARED, ANSWER, WHY)
        bar = {"named": (POLICE_OFFICER.by,), "interest": Interest.RELATIVE}
        gates.close(LEAD, child, Closing.BARRED, "His niece", **bar)
        with pytest.raises(UnknownChild):
            gates.desk.told(POLICE_OFFICER.by, item)


def test_a_question_that_was_not_answered_in_its_time_is_told_of_again(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        asked(hub)
    with desk.open(at=NOW + timedelta(days=5)) as hub:
        late = hub.gates.desk.until(hub.records.clock())
        (waits,) = hub.gates.desk.waiting(COORDINATOR, Waits.QUESTION)

    assert ["mash-not-answered-in-time"] == [matter.kind for matter in late]
    assert "mash-coordinator" in late[0].to
    assert waits.overdue
