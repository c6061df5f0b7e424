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
from hub.domain.question import QuestionKind
from hub.errors import Refused, Unavailable
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


def erase(hub, child):
    erasure = uuid4()
    erasing.ask_erasure(hub.records, erasure, child, None, "asked for", "UK GDPR art. 17", ASKER)
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
        assert None is found(hub, {"system": "upn", "value": "O1"})


def test_while_whose_records_are_cannot_be_read_nothing_is_turned(filled):
    with filled.open() as hub:
        hub.key_file.withdraw("identity")
        with pytest.raises(Refused, match="identity is withdrawn"):
            turn(hub)
        assert 1 == len(peppers_in(filled)["identifier"])


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
        said = repr([event.body for event in hub.records.archive.stream(peppers.PEPPERS)])

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
