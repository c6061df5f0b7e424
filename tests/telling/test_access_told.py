"""Broken glass, late reviews, requests and bars are told at once, by real mail and a real webhook."""

from datetime import timedelta

import pytest

from hub.domain.access import Closing, Interest
from hub.errors import Conflict, UnknownChild
from hub.identity.practitioners import Practitioners
from hub.records import Records
from hub.sharing.look import Reader
from tests.events import ANN, missing
from tests.hubs import NOW, SOCIAL_WORKER, only_child
from tests.sharing.test_access import BOTH, GUARDIAN, LEAD, REASON, WORKER
from tests.telling.servers import names, webhook_server

SAYS = "The glass was broken: a record was opened in an emergency. It waits for your review."


def told(box):
    """To whom what was said, in the first line of each mail."""
    return [(to[0].partition(".")[0], mail.get_content().splitlines()[0]) for to, mail in box.mails]


def test_the_guardian_is_told_at_once_by_mail_and_webhook_and_again_when_the_review_is_late(desk, mails):
    box, port = mails
    desk.take_in(missing(), at=NOW)
    with webhook_server() as (received, url):
        names(desk, port, "caldicott-guardian", url=url)
        with desk.open(at=NOW) as hub:
            child = only_child(hub)
            opened = hub.gates.break_glass(SOCIAL_WORKER, child, REASON, BOTH)
            hub.gates.break_glass(SOCIAL_WORKER, child, REASON, BOTH)
            hub.teller.step()
            hub.teller.step()
        at_once = told(box)
        with desk.open(at=opened.review_by + timedelta(minutes=1)) as hub:
            hub.teller.step()
            hub.gates.review(GUARDIAN, opened.glass, "The child was in danger", justified=True)
            hub.teller.step()
    words = "".join(mail.as_string() for _, mail in box.mails)

    assert [("caldicott-guardian", SAYS)] == at_once
    assert 2 == len(box.mails) == received.seen
    assert "has not been reviewed in its time" in told(box)[1][1]
    assert [True, False] == ["It is urgent" in mail.get_content() for _, mail in box.mails]
    for secret in (*ANN["name"].values(), "9449305552", str(child), child.hex, REASON, WORKER.role):
        assert secret not in words


def test_glass_broken_anew_after_the_role_was_withdrawn_is_told_at_once_as_the_first_was(desk, mails):
    box, port = mails
    names(desk, port, "caldicott-guardian")
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        people, child = Practitioners(hub.records, hub.policy), only_child(hub)
        given = ("https://idp.invalid", "sal", WORKER.role, WORKER.agency, None, LEAD, "works there")
        sal = people.grant(*given)
        for _ in range(2):
            hub.gates.break_glass(Reader(sal.by(WORKER.role), "section-47"), child, REASON, BOTH)
            people.withdraw(sal.id, WORKER.role, LEAD, "moved to another team")
            people.grant(*given)
            hub.teller.step()

    assert [("caldicott-guardian", SAYS)] * 2 == told(box)


def test_a_review_given_a_request_and_its_grant_reach_the_named_people(desk, mails):
    box, port = mails
    names(desk, port, "sw", "ig", "mash-coordinator", "social-worker", "operator")
    lead = LEAD
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        request = hub.gates.ask(SOCIAL_WORKER, only_child(hub), REASON, BOTH)
        glass = hub.gates.break_glass(SOCIAL_WORKER, only_child(hub), REASON, BOTH).glass
        hub.gates.give_review(GUARDIAN, glass, lead)
        hub.teller.step()
    with desk.open(at=request.answer_by + timedelta(minutes=1)) as hub:
        hub.teller.step()
        hub.gates.answer(LEAD, request.request, "The brother is theirs", 7)
        hub.teller.step()

    assert {
        ("mash-coordinator", "Somebody asks to see a record. It waits for an answer."),
        ("ig", "The review of an emergency opening of a record was given to you."),
        ("mash-coordinator", "A request to see a record has not been answered in its time."),
        ("ig", "An emergency opening of a record has not been reviewed in its time."),
        ("sw", "A request of yours to see a record was granted."),
    } == set(told(box))
    assert not any("It is urgent" in mail.get_content() for _, mail in box.mails)


def test_a_refusal_is_told_to_nobody_and_a_barred_persons_attempt_to_who_answers_for_it(desk, mails):
    box, port = mails
    names(desk, port, "sw", "information-governance-lead")
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        request = hub.gates.ask(SOCIAL_WORKER, child, REASON, BOTH)
        hub.gates.answer(LEAD, request.request, "Ring the front door", None)
        hub.gates.close(LEAD, child, Closing.BARRED, "His niece", named=(WORKER,), interest=Interest.RELATIVE)
        for _ in range(2):
            with pytest.raises(UnknownChild):
                hub.share.chronology(SOCIAL_WORKER, child)
        hub.teller.step()

    assert [
        ("information-governance-lead", "Somebody asks to see a record. It waits for an answer."),
        (
            "information-governance-lead",
            "Somebody tried to come to a record that is barred to them. They were told there is none.",
        ),
    ] == sorted(told(box))


def test_the_glass_is_not_broken_where_the_telling_cannot_be_recorded(desk, mails, monkeypatch):
    _, port = mails
    names(desk, port, "caldicott-guardian")
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child, record = only_child(hub), Records.record

        def loses(self, bodies, *more, **named):
            if len(bodies) > 1:
                raise Conflict
            return record(self, bodies, *more, **named)

        monkeypatch.setattr(Records, "record", loses)
        with pytest.raises(Conflict):
            hub.gates.break_glass(SOCIAL_WORKER, child, REASON, BOTH)

        assert {} == hub.records.child(child).access.glass
        with pytest.raises(UnknownChild):
            hub.share.chronology(SOCIAL_WORKER, child)
