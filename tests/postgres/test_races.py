"""Two processes that decide the same thing at once, over a real PostgreSQL: one does, the other is told."""

import os
import pickle
import signal
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise
from uuid import uuid4

import pytest

from hub.audit import prosecution, subject_access
from hub.audit.explaining import disclosures_of
from hub.audit.replaying import Verdict, replay
from hub.disposal import erasing, retention
from hub.domain.child import By, FlagDecision, FlagOwned, FlagReviewed, allocate
from hub.domain.disposal import CertificateOfDisposal
from hub.domain.feed import PolicyAdopted
from hub.domain.strand import Opens
from hub.errors import HubError, Refused
from hub.identity.practitioners import Practitioners
from hub.intake.questions import confirm, questions, separate
from hub.sharing.agreements import SHIPPED
from hub.sharing.disclosing import POLICIES
from hub.sharing.look import Reader
from hub.sharing.policy import load, read
from tests.casework.test_flag_work import draw, flagged
from tests.events import attendance, concern, missing
from tests.hubs import SOCIAL_WORKER, Desk, only_child, take_all
from tests.intake.test_agreements import WITHOUT_HEALTH
from tests.sharing.test_flags import HARMED, HARMING, KNOWN
from tests.sharing.test_parted import COORDINATOR, who

ROUNDS = 24
REASON = "A child at the door, hurt, and nobody to ask at this hour"
GUARDIAN = By("cg", "caldicott-guardian", "health")
LEADS = [By(f"ig{n}", "information-governance-lead", "social-care") for n in range(3)]
ISSUER = "https://idp.invalid"
DONE = "done"


class Contender:
    """A process of its own with the hub open, which does its part of a round when it is told to."""

    def __init__(self, desk, work):
        asked, self._ask = os.pipe()
        self._told, tell = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _contend(desk, work, asked, tell)
        os.close(asked)
        os.close(tell)
        self._answers = os.fdopen(self._told, "rb")
        assert DONE == self.answer()  # it has the hub open

    def go(self, n):
        os.write(self._ask, bytes([n]))

    def answer(self):
        """Done, or what its work came to, or the name of what it was refused with."""
        return pickle.load(self._answers)

    def stop(self):
        os.close(self._ask)
        self._answers.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def _contend(desk, work, asked, tell):
    said = os.fdopen(tell, "wb")

    def say(what):
        pickle.dump(what, said)
        said.flush()

    try:
        with desk.open() as hub:
            say(DONE)
            while n := os.read(asked, 1):
                try:
                    said_of_it = work(hub, n[0])
                    say(DONE if said_of_it is None else said_of_it)
                except HubError as error:
                    say(type(error).__name__)
    finally:
        os._exit(1)


@pytest.fixture
def desk(tmp_path, postgres_store):
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(missing(), attendance(day=1))
    return desk


@pytest.fixture
def raced_on():
    """Lets two or three do their part of each round at once; tells how each round ended for each of them."""
    begun = []

    def on(desk):
        return partial(race, desk)

    def race(desk, *works, rounds=ROUNDS, before=lambda _: None):
        begun.extend(Contender(desk, work) for work in works)
        ended = []
        for n in range(rounds):
            before(n)
            for one in begun[n % 2 :] + begun[: n % 2]:  # each is told first in turn
                one.go(n)
            ended.append([one.answer() for one in begun])
        return ended

    yield on
    for one in begun:
        one.stop()


@pytest.fixture
def raced(raced_on, desk):
    return raced_on(desk)


def verifies(desk):
    with desk.open() as hub:
        hub.ledger.catch_up()
        return hub.ledger.verify().holds


def one_of(ended):
    """That in each round one was done and every other refused."""
    return all(round_.count(DONE) == 1 for round_ in ended)


def test_a_breaking_that_two_guardians_review_at_once_is_reviewed_by_one_of_them(desk, raced):
    with desk.open() as hub:
        child = only_child(hub)
        glass = [
            hub.gates.break_glass(
                Reader(By(f"sw{n}", "social-worker", "social-care"), "section-47"), child, REASON, Opens.BOTH
            ).glass
            for n in range(ROUNDS)
        ]

    def review(justified):
        by = By(f"cg-{justified}", "caldicott-guardian", "health")
        return lambda hub, n: hub.gates.review(by, glass[n], "I asked them", justified=justified)

    ended = raced(review(True), review(False))
    with desk.open() as hub:
        stand = [hub.records.child(child).access.glass[id_].reviewed.justified for id_ in glass]

    assert one_of(ended)
    assert stand == [justified == DONE for justified, _ in ended]
    assert verifies(desk)


class ForTheSubject:
    def prepare(self, hub):
        whose = only_child(hub), "child", date(2026, 11, 1), {}, uuid4
        return subject_access.prepare(hub.records, hub.policy, LEADS[0], *whose, subject_access.load())[0]

    def approve(self, hub, by, request):
        subject_access.approve(hub.records, hub.policy, by, request, subject_access.load())

    def refuse(self, hub, by, request):
        subject_access.refuse(hub.records, by, request, "not so")

    def stand(self, hub):
        return subject_access.requests(hub.records)


class ForACourt:
    def prepare(self, hub):
        asked = prosecution.Asked("URN 01", "court-order", "A. Counsel, for a court", Opens.BOTH)
        whose = only_child(hub), asked, {}, uuid4
        return prosecution.prepare(hub.records, hub.policy, LEADS[0], *whose, prosecution.load())[0]

    def approve(self, hub, by, request):
        prosecution.approve(hub.records, hub.ledger, hub.policy, by, request, prosecution.load())

    def refuse(self, hub, by, request):
        prosecution.ASKED.refuse(hub.records, by, request, "not so")

    def stand(self, hub):
        return prosecution.ASKED.all(hub.records)


@pytest.mark.parametrize("kind", [ForTheSubject(), ForACourt()])
def test_an_export_is_approved_by_one_or_refused_by_one_and_the_others_are_told(desk, raced, kind):
    with desk.open() as hub:
        requests = [kind.prepare(hub) for _ in range(ROUNDS)]
    ended = raced(
        lambda hub, n: kind.approve(hub, LEADS[1], requests[n]),
        lambda hub, n: kind.approve(hub, LEADS[2], requests[n]),
        lambda hub, n: kind.refuse(hub, LEADS[0], requests[n]),
    )
    with desk.open() as hub:
        found = kind.stand(hub)
        stand = [(found[request].state, found[request].ended.by) for request in requests]
    by = [("approved", LEADS[1]), ("approved", LEADS[2]), ("refused", LEADS[0])]

    assert one_of(ended)
    assert stand == [by[round_.index(DONE)] for round_ in ended]
    assert verifies(desk)


def test_a_request_that_two_answer_at_once_is_granted_or_refused_and_never_both(desk, raced):
    with desk.open() as hub:
        child = only_child(hub)
        workers = [By(f"sw{n}", "social-worker", "social-care") for n in range(ROUNDS)]
        asked = [
            hub.gates.ask(Reader(by, "section-47"), child, "She is mine from Monday", Opens.BOTH).request
            for by in workers
        ]

    def answer(days):
        by = By(f"mc{days}", "mash-coordinator", "social-care")
        return lambda hub, n: hub.gates.answer(by, asked[n], "I asked their manager", days)

    ended = raced(answer(5), answer(None))
    with desk.open() as hub:
        stand = [hub.records.child(child).access.requests[id_].answered.until is not None for id_ in asked]

    assert one_of(ended)
    assert stand == [granted == DONE for granted, _ in ended]
    assert verifies(desk)


def test_a_held_delivery_is_taken_or_given_up_by_one_of_two_at_once_and_not_both(
    postgres_store, tmp_path, raced_on
):
    desk, agreements = Desk(tmp_path / "data", store=postgres_store), tmp_path / "agreements.toml"
    desk.settings = desk.settings.model_copy(update={"agreements": agreements})
    agreements.write_text(WITHOUT_HEALTH)
    desk.take_in(missing(), *(attendance(f"a{n}") for n in range(ROUNDS)))
    agreements.write_text(SHIPPED.read_text())
    one, other = (By(f"op{n}", "operator", "hub") for n in range(2))
    with desk.open() as hub:
        held = [each.id for each in hub.held.waiting(one)]

    def takes(hub, n):
        hub.held.retry(one, held[n])

    def gives_up(hub, n):
        for _ in range(n):  # to take one is more work: so that each comes first at times
            hub.held.waiting(other)
        hub.held.discard(other, held[n], "sent by mistake")

    ended = raced_on(desk)(takes, gives_up)
    with desk.open() as hub:
        states = [hub.held.one(one, id_).state for id_ in held]
        taken = len(hub.records.child(only_child(hub)).entries) - 1

    assert one_of(ended)
    assert states == ["retried" if took == DONE else "discarded" for took, _ in ended]
    assert states.count("retried") == taken
    assert verifies(desk)


def version(n, day):
    text, agreements = load().texts
    before = text.partition(b'version  = "')[2][:10]
    return read((text.replace(before, f"20{30 + n}-01-0{day}".encode(), 1), agreements))


def test_of_two_adoptions_at_once_each_names_the_one_before_it_and_the_same_is_adopted_once(desk, raced):
    one, other = ([version(n, day if n % 2 else 1) for n in range(ROUNDS)] for day in (2, 3))

    def adopt(policies):
        def act(hub, n):
            hub.share.disclosures.adopt(policies[n], LEADS[0])

        return act

    ended = raced(adopt(one), adopt(other))
    with desk.open() as hub:
        said = [e.body for e in hub.records.archive.stream(POLICIES) if isinstance(e.body, PolicyAdopted)]

    assert [2 if n % 2 else 1 for n in range(ROUNDS)] == [round_.count(DONE) for round_ in ended]
    assert [each.name for each in said[:-1]] == [each.before for each in said[1:]]
    assert verifies(desk)


def test_a_role_is_granted_once_and_withdrawn_once_by_two_at_once(desk, raced):
    def practitioners(hub):
        return Practitioners(hub.records, hub.policy)

    def change(by):
        def act(hub, n):
            people, subject = practitioners(hub), f"s{n // 2}"
            if n % 2:
                who = people.of(ISSUER, subject)
                people.withdraw(who.id, "social-worker", by, "moved")
            else:
                people.grant(ISSUER, subject, "social-worker", "social-care", None, by, "works there")

        return act

    ended = raced(change(LEADS[0]), change(LEADS[1]))
    with desk.open() as hub:
        held = [who.grants for who in practitioners(hub).everyone()]

    assert one_of(ended)
    assert [{}] * (ROUNDS // 2) == held
    assert verifies(desk)


def test_who_reads_while_two_records_are_parted_and_an_entry_comes_reads_both_or_one_and_never_the_others(
    postgres_store, tmp_path, raced_on
):
    desk = Desk(tmp_path / "data", store=postgres_store)
    mine, others = who("A1"), who("B2")
    desk.take_in(missing(who=mine))
    desk.take_in(concern(who=others), attendance(who=others))
    with desk.open() as hub:
        (asked,) = questions(hub.records)
        here, there = asked.opened.candidates[0], asked.opened.provisional
        hub.records.act(here, lambda child: allocate(child, SOCIAL_WORKER.by, None, COORDINATOR))

        def joined(n):
            confirm(hub.records, asked.id, here, COORDINATOR, "The school confirmed it")
            desk.publish(concern(f"c{n + 2}", who=others))

        def reads(hub, _):
            lines = hub.share.chronology(SOCIAL_WORKER, here).lines
            return sorted(Counter(line.agency for line in lines).items())

        def takes(hub, _):
            assert 1 == take_all(hub).recorded

        ended = raced_on(desk)(
            lambda hub, _: separate(hub.records, asked.id, COORDINATOR, "It was her cousin"),
            reads,
            takes,
            rounds=ROUNDS // 2,
            before=joined,
        )
        afterwards = reads(hub, 0)
        looks = [
            replay(hub.records, hub.drawn, hub.share.disclosures, each).verdict
            for each in disclosures_of(hub.records, here)
        ]
        kept = len(hub.records.child(there).entries)

    own = [("police", 1)]
    assert {(DONE, DONE)} == {(parted, taken) for parted, _, taken in ended}
    for n, (_, seen, _) in enumerate(ended):
        assert seen in (own, *([("health", 1), *own, ("schools", n + more)] for more in (1, 2)))
    assert own == afterwards
    assert ROUNDS // 2 + 2 == kept
    assert {Verdict.SAME} == set(looks)
    assert verifies(desk)


def test_no_erasure_is_confirmed_after_it_was_refused_or_its_child_was_held_at_once_with_it(
    postgres_store, tmp_path, raced_on
):
    rounds = ROUNDS
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(*(missing(f"m{n}", who={**who(f"U{n}"), "name": None}) for n in range(rounds)))
    erasures = [uuid4() for _ in range(rounds)]
    with desk.open() as hub:
        children = hub.records.children()
        for erasure, child in zip(erasures, children, strict=True):
            asked = None, "asked for", "UK GDPR art. 17", LEADS[0]
            erasing.ask_erasure(hub.records, erasure, child, *asked)

    def later(hub, n):
        for _ in range(n):
            erasing.disposals(hub.records)  # so that sometimes the one comes first, sometimes another

    def refuses(hub, n):
        later(hub, n // 2)
        erasing.refuse_erasure(hub.records, erasures[n], "not so", LEADS[2])

    def holds(hub, n):
        later(hub, rounds // 2 - n // 2)
        if erasing.hold_child(hub.records, children[n], "an inquiry", LEADS[0]):
            raise Refused("it may be too late")

    def confirms(hub, n):
        erasing.confirm_erasure(hub.records, hub.key_store, erasures[n], LEADS[1])

    ended = raced_on(desk)(
        confirms,
        refuses,
        holds,
        rounds=rounds,
    )
    with desk.open() as hub:
        said = [event.body for event in hub.records.archive.stream(erasing.STREAM)]
        there = [bool(hub.records.child(child).entries) for child in children]
    for n, (confirmed, refused, held) in enumerate(ended):
        order = [type(one).__name__ for one in said if {erasures[n], children[n]} & about(one)]
        before = order[: order.index("ErasureConfirmed")] if "ErasureConfirmed" in order else order

        assert DONE in {confirmed, refused, held}
        assert (confirmed == DONE) == ("CertificateOfDisposal" in order) == (not there[n])
        assert not {"ErasureRefused", "HoldPlaced"} & {*before} or before == order
        gone = order.index("CertificateOfDisposal") if "CertificateOfDisposal" in order else len(order)
        assert held != DONE or there[n] or gone < order.index("HoldPlaced")
    assert verifies(desk)


def children_of_their_own(desk, rounds):
    """One for each round, of whom the police said something, and nobody's name is known."""
    desk.take_in(*(missing(f"m{n}", who={**who(f"U{n}"), "name": None}) for n in range(rounds)))
    with desk.open() as hub:
        return hub.records.children()


def test_what_is_due_of_a_child_is_disposed_of_once_by_two_who_approve_it_at_once(
    postgres_store, tmp_path, raced_on
):
    rounds = ROUNDS // 2
    desk = Desk(tmp_path / "data", store=postgres_store)
    children = children_of_their_own(desk, rounds)
    schedule, late = retention.load(retention.SHIPPED), datetime(2226, 1, 1, tzinfo=UTC)

    def approve(by):
        def act(hub, n):
            whose = children[n], uuid4(), late, by, "nothing keeps it"
            retention.approve(hub.records, hub.key_store, schedule, *whose)

        return act

    ended = raced_on(desk)(approve(LEADS[0]), approve(LEADS[1]), rounds=rounds)
    with desk.open() as hub:
        told = [[done.erasure for _, done in hub.records.child(child).erasures] for child in children]
        certified = [
            one.erasure
            for one in (event.body for event in hub.records.archive.stream(erasing.STREAM))
            if isinstance(one, CertificateOfDisposal)
        ]

    assert one_of(ended)
    assert [1] * rounds == [len(each) for each in told]
    assert sorted(certified) == sorted(erasure for (erasure,) in told)
    assert verifies(desk)


def test_two_who_hold_a_child_at_once_hold_it_each_and_who_lifts_theirs_leaves_the_others(desk, raced):
    with desk.open() as hub:
        child = only_child(hub)

    def holds(by):
        def act(hub, n):
            if n % 2:
                erasing.lift_hold(hub.records, child, "it ended", by)
            else:
                erasing.hold_child(hub.records, child, f"inquiry {n}", by)

        return act

    def held(n):
        with desk.open() as hub:
            standing.append(len(erasing.disposals(hub.records).holds.get(child, ())))

    standing = []
    ended = raced(holds(LEADS[0]), holds(LEADS[1]), before=held)

    assert [[DONE, DONE]] * ROUNDS == ended
    assert [0, 2] * (ROUNDS // 2) == standing
    assert verifies(desk)


def test_a_flag_that_two_decide_about_or_take_in_hand_at_once_is_decided_by_one_and_the_other_is_told(
    postgres_store, tmp_path, raced_on
):
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(HARMING, HARMED, KNOWN)
    with desk.open() as hub:
        draw(hub)
        child, flag = flagged(hub)
    decided = [FlagDecision.HELD_BY_PLAN, FlagDecision.NOT_A_CONCERN]
    them = [Reader(By(f"mc{n}", "mash-coordinator", "social-care"), "screening") for n in range(2)]

    def act(which):
        def work(hub, n):
            if n % 4 < 2:
                done = hub.flag_work.own(them[which], child, flag.id)
            else:
                done = hub.flag_work.review(them[which], child, flag.id, decided[which], "I rang the school")
            return None if done.new else "as it was"

        return work

    def acts(n):
        with desk.open() as hub:
            said = [one for _, one in hub.records.child(child).flags.get(flag.id, ())]
            stand.append([one for one in said if isinstance(one, FlagOwned | FlagReviewed)])

    stand = []
    ended = raced_on(desk)(act(0), act(1), before=acts)
    acts(ROUNDS)
    by = [[each.by for each in after[len(before) :]] for before, after in pairwise(stand)]

    done = [[them[n].by for n in range(2) if round_[n] == DONE] for round_ in ended]

    assert {DONE, "Refused"} <= {told for round_ in ended for told in round_}
    assert all(done)
    assert [Counter(each) for each in done] == [Counter(each) for each in by]
    assert verifies(desk)


def about(one):
    """Of which erasure or child it is said."""
    return {getattr(one, "erasure", None), getattr(one, "child", None)}
