"""Turning the peppers: the living are found as before; for the erased nobody can test any more."""

import json
import shutil
from contextlib import suppress
from copy import copy
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from hub import compose
from hub.confidentiality.blind_index import FINDING, OWN, BlindIndex
from hub.disposal import erasing, peppers
from hub.domain.child import By
from hub.domain.pepper import PepperDestroyed, PepperTurned, PepperTurning
from hub.domain.question import QuestionKind
from hub.errors import Conflict, Refused, Unavailable
from hub.intake import work
from hub.intake.keeping_on import take_what_is_there
from hub.intake.matching import Matcher
from hub.intake.questions import questions
from hub.intake.work import Work
from hub.records.entries import bodies_of, child_tie
from hub.settings import load
from hub.store.effects import StreamMoved
from hub.store.mapper import IDENTIFIER
from schemas.case_event import Identifier
from schemas.vocabulary import LinkRelation
from tests.events import ANN, BEN, attendance, concern, missing
from tests.hubs import Desk, take_all
from tests.journeys.commands import hub as typed

ASKER, CONFIRMER = By("asker", "operator", "hub"), By("confirmer", "operator", "hub")
CAT = {
    "identifiers": ({"system": "upn", "value": "C1"}, {"system": "police:north", "value": "P3"}),
    "name": {"family": "Quill", "given": "Cat"},
    "date_of_birth": "2013-03-03",
    "postcode": "DL1 1AA",
}
ALIKE = {**CAT, "identifiers": ({"system": "upn", "value": "C9"},)}
MARRIED = {
    **ALIKE,
    "identifiers": ({"system": "upn", "value": "C8"},),
    "name": {"family": "Other", "given": "Cat"},
}
DIFFERENT = {**ANN, "name": {"family": "Quill", "given": "Zed"}, "date_of_birth": "2015-09-09"}
BOTH = {**ANN, "identifiers": (*ANN["identifiers"], *BEN["identifiers"])}
SIBLING = ({"system": "police:north", "value": "S5"}, {"system": "nhs-number", "value": "9990000018"})
LINKED = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": SIBLING},)
BEFORE = (
    missing(who=ANN),
    attendance("a1", day=1, who=ANN),
    missing("m2", who=BEN, children=LINKED),
    concern("c1", who=CAT),
    concern("c2", day=2, who=ALIKE),
    concern("c3", day=2, who=BOTH),
)
"""Found by one identifier or two, by a look, by a combination; and one whom only another's event names."""
AGAIN = (
    missing("n1", day=3, who=ANN),
    missing("n2", day=3, who={"identifiers": CAT["identifiers"][1:]}),
    concern("n3", day=3, who=BOTH),
    missing("n4", day=3, who={"identifiers": SIBLING[1:]}),
    missing("n5", day=3, who={**BEN, "identifiers": SIBLING[:1]}),
)
"""More of the same children: nobody of them is new to the hub."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("peppers") / "data")
    desk.take_in(*BEFORE)
    return desk


@pytest.fixture
def filled(prepared, tmp_path):
    """A hub that knows these children, of this test's own."""
    shutil.copytree(prepared.settings.data, tmp_path / "data")
    desk = copy(prepared)
    desk.settings = prepared.settings.model_copy(update={"data": tmp_path / "data"})
    return desk


@pytest.fixture
def any_filled(tmp_path, any_store):
    desk = Desk(tmp_path / "data", store=any_store)
    desk.take_in(*BEFORE)
    return desk


def erase(hub, child, scopes=None):
    erasure = uuid4()
    erasing.ask_erasure(hub.records, erasure, child, scopes, "asked for", "UK GDPR art. 17", ASKER)
    erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)


def turn(hub, **more):
    return peppers.turn(hub.records, hub.key_file, **more)


def found(hub, identifier):
    """Whose an identifier is, as it is found now."""
    stream = hub.records.hashes.stream(Identifier(**identifier))
    state = hub.records.identities.look_up([stream]).get(stream)
    return state.child if state else None


def claims(hub):
    """How many identifiers there are of each generation."""
    streams = hub.records.archive.rows.streams_of(IDENTIFIER)
    states = hub.records.identities.look_up(streams).values()
    return {n: sum(state.generation == n for state in states) for n in {s.generation for s in states}}


def said_of_peppers(hub):
    return [event.body for event in hub.records.archive.stream(peppers.PEPPERS)]


def peppers_in(desk):
    return json.loads(desk.settings.key_file.read_text())["peppers"]


def test_everyone_is_found_as_before_and_what_looks_different_or_alike_is_still_asked(any_filled):
    with any_filled.open() as hub:
        asked = len(questions(hub.records))
        done = turn(hub)
        assert (2, 0, 0) == (done.generation, done.dark, done.unreadable)
        assert claims(hub) == {1: done.claimed, 2: done.claimed}
    tally = any_filled.take_in(*AGAIN)
    assert (len(AGAIN), 0) == (tally.recorded, tally.registered)
    any_filled.take_in(attendance("n6", day=4, who=DIFFERENT), concern("n7", day=4, who=MARRIED))

    with any_filled.open() as hub:
        kinds = [q.opened.kind for q in questions(hub.records)][asked:]
        assert [QuestionKind.LOOKS_DIFFERENT, QuestionKind.LOOK_ALIKE] == kinds


def test_a_key_file_with_one_pepper_for_all_numbers_goes_on_until_it_is_turned(tmp_path):
    """As key files were before decision 88; each system has a pepper of its own from the turn on."""
    desk = Desk(tmp_path / "data")
    file = desk.settings.key_file
    body = json.loads(file.read_text())
    body["peppers"] = {scheme: all_ for scheme, all_ in body["peppers"].items() if scheme not in OWN}
    file.write_text(json.dumps(body))
    one = bytes.fromhex(body["peppers"]["identifier"][0])
    number = f"nhs-number|{ANN['identifiers'][0]['value']}"
    desk.take_in(*BEFORE)
    with desk.open() as hub:
        claimed = hub.records.hashes.stream(Identifier(**ANN["identifiers"][0]))
        ann = found(hub, ANN["identifiers"][0])
        turn(hub)
        peppers.destroy(hub.records, hub.key_file, 1)
        newer = BlindIndex({"identifier": bytes.fromhex(peppers_in(desk)["identifier"][1])})

        assert claimed == UUID(bytes=BlindIndex({"identifier": one}).index("identifier", number)[:16])
        assert ann == found(hub, ANN["identifiers"][0])
        assert UUID(bytes=newer.index("identifier", number)[:16]) != hub.records.hashes.stream(
            Identifier(**ANN["identifiers"][0])
        )
        assert {(None, True)} == {(all_[0], all_[1] is not None) for all_ in map(peppers_in(desk).get, OWN)}
    tally = desk.take_in(*AGAIN)
    assert (len(AGAIN), 0) == (tally.recorded, tally.registered)


def test_nobody_can_test_any_more_whether_an_erased_child_was_known(filled):
    with filled.open() as hub:
        ann = found(hub, ANN["identifiers"][0])
        erase(hub, ann)
        assert ann == found(hub, ANN["identifiers"][0])  # by who holds peppers and database
        done = turn(hub)
        peppers.destroy(hub.records, hub.key_file, 1)

    assert 0 < done.dark
    assert all(all_[0] is None and len(all_) == 2 for s, all_ in peppers_in(filled).items() if s in FINDING)
    with filled.open() as hub:
        assert (2,) == hub.records.hashes.index.generations
        assert None is found(hub, ANN["identifiers"][0])
        assert None is not found(hub, BEN["identifiers"][0])
    tally = filled.take_in(missing("n1", day=9, who=ANN), missing("n2", day=9, who=BEN))
    assert (2, 1) == (tally.recorded, tally.registered)


def test_intake_goes_on_while_the_peppers_are_turned_and_loses_and_doubles_nobody(any_filled, monkeypatch):
    monkeypatch.setattr(peppers, "TOGETHER", 1)
    more = iter([(event,) for event in AGAIN] + [(missing("x1", day=5, who=DIFFERENT),)])
    with any_filled.open() as stale, compose.open_intake(stale) as intake:
        take_what_is_there(intake, lambda _: None)

        def meanwhile(_):
            any_filled.publish(*next(more, ()))
            take_what_is_there(intake, lambda _: None)

        with any_filled.open() as hub:
            turn(hub, told=meanwhile)
        any_filled.publish(*(event for events in more for event in events))
        take_what_is_there(intake, lambda _: None)
        assert 2 == stale.records.peppers.standing().live

    with any_filled.open() as hub:
        entries = sum(len(hub.records.child(child).entries) for child in hub.records.children())
        again = {json.dumps(one): found(hub, one) for one in (*CAT["identifiers"], *SIBLING)}
        assert len(BEFORE) + len(AGAIN) + 1 == entries
        assert None not in again.values()
        # Ann, Ben, the sibling, Cat, who looks like her, "Ann and Ben", who has Ann's number and not her name
        assert 7 == len(hub.records.children())
        assert claims(hub)[1] == claims(hub)[2]


@pytest.mark.parametrize("at", [1, 2, 4, 5])
def test_a_turn_that_is_broken_off_anywhere_goes_on_where_it_was(filled, monkeypatch, at):
    class Crash(BaseException):
        pass

    monkeypatch.setattr(peppers, "TOGETHER", 2)
    with filled.open() as hub:
        record, written = hub.records.record, []

        def crashing(*said, **more):
            written.append(1)
            if len(written) == at:
                raise Crash
            record(*said, **more)

        monkeypatch.setattr(hub.records, "record", crashing)
        with suppress(Crash):
            turn(hub)
    tally = filled.take_in(*AGAIN[:2])
    assert (2, 0) == (tally.recorded, tally.registered)
    with filled.open() as hub:
        if len(written) == at:
            turn(hub)
        assert (2, None) == (hub.records.peppers.standing().live, hub.records.peppers.standing().turning)
        assert claims(hub)[1] == claims(hub)[2]
        assert [PepperTurning, PepperTurned] == [type(body) for body in said_of_peppers(hub)]
        assert 2 == len(peppers_in(filled)["identifier"])
    tally = filled.take_in(*AGAIN[2:])
    assert (3, 0) == (tally.recorded, tally.registered)


def test_a_batch_worked_out_before_a_turn_is_not_recorded_after_it(any_filled):
    event = missing("late", day=6, who={**BEN, "identifiers": ({"system": "upn", "value": "B9"},)})
    with any_filled.open() as worker, any_filled.open() as hub:
        late = Work(worker.records, Matcher(worker.records, uuid4))
        late.add([(None, bodies_of(event, worker.records.hashes))])
        turn(hub)
        with pytest.raises(StreamMoved):
            late.commit({}, [], [])


def test_a_batch_read_before_the_newer_peppers_were_there_is_read_again(filled):
    filled.publish(*AGAIN)
    with filled.open() as worker, filled.open() as hub:
        with compose.open_intake(worker) as intake:
            intake._begin(intake._deliveries.poll(100, 0.0))
            peppers._begin(hub.records, hub.key_file, hub.records.peppers.standing())
            assert len(AGAIN) == intake.step().recorded
        turn(hub)
        assert claims(hub)[1] == claims(hub)[2]


def test_children_whom_only_others_named_long_ago_are_told_of_before_they_go_dark(filled, monkeypatch):
    monkeypatch.setattr(work, "_registered", lambda event, *_: event)  # as 0.1 recorded them
    old = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": ({"system": "upn", "value": "O1"},)},)
    filled.take_in(missing("m9", who=BEN, children=old))
    with filled.open() as hub:
        known = found(hub, {"system": "upn", "value": "O1"})
        with pytest.raises(peppers.Unfinished, match="1 identifiers of living children"):
            turn(hub)
        assert known == found(hub, {"system": "upn", "value": "O1"})
        assert 1 == turn(hub, let_go_dark=True).unreadable
        assert 1 == said_of_peppers(hub)[-1].dark
        assert None is found(hub, {"system": "upn", "value": "O1"})


NAMED = ({"system": "upn", "value": "O1"}, {"system": "police:north", "value": "P9"})


@pytest.fixture
def of_old(filled, monkeypatch):
    """A hub whose record of a child whom another's event named does not say as whom, as 0.1 recorded them."""
    named = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": NAMED},)
    with monkeypatch.context() as then:
        then.setattr(work, "_registered", lambda event, *_: event)
        filled.take_in(missing("m9", who=BEN, children=named))
    return filled


def test_what_no_record_says_is_dark_where_whose_it_is_was_erased_and_not_where_something_else_was(of_old):
    of_old.take_in(missing("m10", day=2, who={"identifiers": NAMED[1:]}))
    with of_old.open() as hub:
        child = found(hub, NAMED[0])
        erase(hub, child, ["police"])
        with pytest.raises(peppers.Unfinished, match="1 identifiers of living children"):
            turn(hub)
        assert child == found(hub, NAMED[0])
        erase(hub, child, ["identity"])

        assert (2, 0) == turn(hub)[2:]
        assert None is found(hub, NAMED[0])


def test_a_child_whom_only_another_named_goes_dark_when_erased(filled, monkeypatch):
    monkeypatch.setattr(peppers, "SCANNED", 1)
    with filled.open() as hub:
        sibling = found(hub, SIBLING[0])
        erase(hub, sibling)

        assert (2, 0) == turn(hub)[2:]
        assert [None, None] == [found(hub, one) for one in SIBLING]


def test_an_identifier_of_a_record_that_gave_way_to_another_stays_that_records(of_old):
    """What the other record says of the child claims it; should they be parted, it goes with its own."""
    joining = {**CAT, "identifiers": (*CAT["identifiers"], *NAMED)}
    of_old.take_in(concern("c9", day=4, who=joining))
    with of_old.open() as hub:
        gave_way, cat = found(hub, NAMED[0]), found(hub, CAT["identifiers"][0])
        done = turn(hub)

        assert cat != gave_way
        assert cat == hub.records.person(gave_way)[0].id
        assert ((0, 0), gave_way, cat) == (
            done[2:],
            found(hub, NAMED[0]),
            found(hub, CAT["identifiers"][0]),
        )


def test_what_is_found_out_once_its_records_turn_has_passed_is_claimed_too_and_counted(of_old, monkeypatch):
    monkeypatch.setattr(peppers, "TOGETHER", 1)
    joining = {**CAT, "identifiers": (*CAT["identifiers"], *NAMED)}
    with of_old.open() as hub, of_old.open() as other, compose.open_intake(other) as intake:
        left = len(hub.records.children())

        def at_the_last(_):
            nonlocal left
            left -= 1
            if left == 0:
                of_old.publish(concern("c9", day=4, who=joining))
                take_what_is_there(intake, lambda _: None)

        done = turn(hub, told=at_the_last)

        assert claims(hub) == {1: done.claimed, 2: done.claimed}
        assert (0, 0) == done[2:]
        assert None is not found(hub, NAMED[0])


def test_what_another_claims_at_the_same_time_is_claimed_once(filled, monkeypatch):
    with filled.open() as hub, filled.open() as other:
        real, others = hub.records.record, [other]

        def beside(bodies, *more):
            if others and peppers.PEPPERS not in bodies:
                with suppress(ZeroDivisionError):
                    turn(others.pop(), told=lambda _: 1 / 0)  # breaks off
            real(bodies, *more)

        monkeypatch.setattr(hub.records, "record", beside)
        done = turn(hub)

        assert ([], 0) == (others, done.claimed)
        assert claims(hub)[1] == claims(hub)[2]
        assert 2 == hub.records.peppers.standing().live


def test_where_others_always_come_first_the_turn_says_so_and_goes_on_the_next_time(filled, monkeypatch):
    with filled.open() as hub:
        real = hub.records.record

        def others_first(bodies, *more):
            if peppers.PEPPERS not in bodies:
                raise Conflict("another came first")
            real(bodies, *more)

        with monkeypatch.context() as busy:
            busy.setattr(hub.records, "record", others_first)
            with pytest.raises(Conflict, match="claimed by others"):
                turn(hub)

        assert (2, 0, 0) == ((done := turn(hub)).generation, *done[2:])


def test_a_turn_that_another_process_finished_meanwhile_is_not_recorded_twice(filled, monkeypatch):
    with filled.open() as hub, filled.open() as other:
        real, others = hub.records.record, [other]

        def beside(bodies, *more):
            if others and peppers.PEPPERS not in bodies:
                turn(others.pop())
            real(bodies, *more)

        monkeypatch.setattr(hub.records, "record", beside)
        with pytest.raises(Conflict):
            turn(hub)

        assert [PepperTurning, PepperTurned] == [type(body) for body in said_of_peppers(hub)]
        assert claims(hub)[1] == claims(hub)[2]


def test_while_whose_records_are_cannot_be_read_nothing_is_turned(filled):
    with filled.open() as hub:
        hub.key_file.withdraw("identity")
        with pytest.raises(Refused, match="identity is withdrawn"):
            turn(hub)
        assert 1 == len(peppers_in(filled)["identifier"])


def test_what_is_withdrawn_while_the_peppers_are_turned_leaves_nobody_behind(filled, monkeypatch):
    monkeypatch.setattr(peppers, "TOGETHER", 1)
    with filled.open() as hub:

        def withdrawn(_):
            hub.key_file.withdraw("identity")
            hub.keys._look_at = float("-inf")  # another process sees it within a second

        with pytest.raises(peppers.Unfinished, match="withdrawn meanwhile"):
            turn(hub, told=withdrawn, let_go_dark=True)
        hub.key_file.withdraw("identity", back=True)
        hub.keys._look_at = float("-inf")

        assert (0, 0) == turn(hub)[2:]
    assert 0 == filled.take_in(*AGAIN).registered


def test_the_generation_that_children_are_found_by_is_not_destroyed_nor_one_twice(filled):
    def refused(hub, generation):
        with pytest.raises(Refused, match="not one that was turned away from"):
            peppers.destroy(hub.records, hub.key_file, generation)

    with filled.open() as hub:
        hub.key_file.add_peppers()  # a turn that broke off before it was said
        refused(hub, 1)
        assert None is not peppers_in(filled)["identifier"][0]
        turn(hub)
        peppers.destroy(hub.records, hub.key_file, 1)
        refused(hub, 1)

        assert [PepperTurning, PepperTurned, PepperDestroyed] == list(map(type, said_of_peppers(hub)))


def test_only_what_was_turned_away_from_can_be_destroyed_and_35_days_later_it_is(filled):
    with filled.open() as hub:
        for generation in (0, 1, 2):
            with pytest.raises(Refused):
                peppers.destroy(hub.records, hub.key_file, generation)
        turn(hub)
        at = hub.records.peppers.standing().left[1]
        assert [] == peppers.finish(hub.records, hub.key_file, at + timedelta(days=34))
        assert [1] == peppers.finish(hub.records, hub.key_file, at + timedelta(days=35))
        assert [] == peppers.finish(hub.records, hub.key_file, at + timedelta(days=99))
        turn(hub)
        assert 3 == hub.records.peppers.standing().live
    assert 0 == filled.take_in(*AGAIN).registered


def test_a_store_whose_peppers_are_gone_says_so_and_takes_nothing_in(filled):
    desk = filled
    with desk.open() as hub:
        hub.key_file.add_peppers()
        hub.key_file.destroy_peppers(1)
    desk.publish(*AGAIN)
    with desk.open() as hub, pytest.raises(Unavailable, match="have no generation 1"):
        take_all(hub)


def test_the_commands_turn_say_and_destroy(filled, monkeypatch, capsys):
    desk = filled

    def said(*arguments):
        done = typed(monkeypatch, capsys, *arguments, data=desk.settings.data)
        return done.code, done.out + done.err

    assert (0, True) == ((r := said("keys", "rotate-pepper"))[0], "identifiers claimed anew" in r[1])
    assert "found by generation 2" in said("keys", "status")[1]
    assert 1 == said("keys", "destroy-pepper", "2")[0]
    assert (0, True) == ((r := said("keys", "destroy-pepper", "1"))[0], "destroyed" in r[1])
    assert 0 == desk.take_in(*AGAIN).registered


def test_no_word_of_a_turn_names_anybody_or_holds_a_secret(filled):
    with filled.open() as hub:
        turn(hub)
        secret = peppers_in(filled)["identifier"][1]
        said = repr(said_of_peppers(hub))

    assert [] == [w for w in (secret, "Marsh", ANN["identifiers"][0]["value"]) if w in said]


def test_the_key_file_may_lie_apart_from_the_database_and_is_turned_there(tmp_path):
    apart = tmp_path / "another-disk" / "hub.json"
    settings = load(tmp_path / "data", {"HUB_SECRETS": str(apart)})
    compose.found(settings, demo=True)
    with compose.open_hub(settings) as hub:
        turn(hub)

    assert 2 == len(json.loads(apart.read_text())["peppers"]["look"])
    assert not (settings.data / "keys.json").exists()


def test_nothing_that_rules_see_across_children_ties_an_erased_child_any_more(filled):
    place = {"kind": "public-place", "reference": {"system": "uprn", "value": "100110"}}
    adult = {"relation": "parent", "reference": {"system": "police:north", "value": "A1"}}
    filled.take_in(missing("t1", day=4, who=ANN, places=[place], people=[adult]))
    with filled.open() as hub:
        ann = found(hub, ANN["identifiers"][0])
        flags = hub.followers[0]
        flags.catch_up()
        own = child_tie(hub.records.index, ann)
        assert {own} < set(hub.views.ties_of(flags.live, [ann]))
        erase(hub, ann)
        flags.catch_up()
        assert {own} == set(hub.views.ties_of(flags.live, [ann]))
