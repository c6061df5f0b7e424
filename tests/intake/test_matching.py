"""Identity is never guessed silently: what is not certain is asked of a person, and can be undone."""

import pytest

from hub.domain.child import By
from hub.domain.question import QuestionKind
from hub.errors import Refused
from hub.intake.questions import confirm, questions, separate
from hub.sharing.look import Reader
from schemas.case_event import Identifier
from schemas.vocabulary import LinkRelation
from tests.events import ANN, BEN, attendance, concern, missing

WHO = By("op", "operator", "hub")
BOTH = {**ANN, "identifiers": (*ANN["identifiers"], *BEN["identifiers"])}


def who(number, **more):
    return {**ANN, "identifiers": ({"system": "upn", "value": number},), **more}


def said_to_be_one(hub, by):
    """Have a person say that two records are one child's, as they are asked: the question, and the child."""
    (asked,) = questions(hub.records)
    (child,) = asked.opened.candidates
    confirm(hub.records, asked.id, child, by, "Same mother, same address")
    return asked, child


def test_an_identifier_carries_its_child_from_agency_to_agency(desk):
    two = {**ANN, "identifiers": (*ANN["identifiers"], {"system": "police:north", "value": "P1"})}
    only_local = {"identifiers": ({"system": "police:north", "value": "P1"},)}

    assert 1 == desk.take_in(missing(who=two)).registered
    assert 0 == desk.take_in(missing("m2", who=only_local), attendance()).registered


def test_spellings_of_one_identifier_meet_and_so_do_a_consistent_identifier_and_a_number_of_its_scheme(desk):
    spaced = {**ANN, "identifiers": ({"system": "nhs-number", "value": "944 930 5552"},)}
    consistent = {"system": "consistent-identifier:nhs-number", "value": "9449305552"}

    told = desk.take_in(missing(), attendance(who=spaced), concern(who={**ANN, "identifiers": (consistent,)}))
    assert 1 == told.registered
    with desk.open() as hub:
        found = hub.share.find(
            Reader(By("sl", "school-lead", "schools"), "section-17"), Identifier(**consistent)
        )
        assert hub.records.children() == [found.child]


def test_identifiers_that_point_to_two_children_are_asked_of_a_person_and_the_event_is_not_lost(desk):
    desk.take_in(missing(), missing("m2", who=BEN))
    desk.take_in(attendance(who=BOTH), attendance("a2", day=1, who=BOTH))

    with desk.open() as hub:
        (asked,) = questions(hub.records)
        provisional = hub.records.child(asked.opened.provisional)

        assert QuestionKind.IDENTIFIERS_DISAGREE is asked.opened.kind
        assert 2 == len(asked.opened.candidates)
        assert 2 == len(provisional.entries)


def test_look_alikes_without_a_shared_identifier_are_asked_and_never_merged(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))

    with desk.open() as hub:
        (asked,) = questions(hub.records)

        assert QuestionKind.LOOK_ALIKE is asked.opened.kind
        assert 2 == len(hub.records.children())


def test_a_changed_surname_at_the_same_postcode_is_a_look_alike(desk):
    at = {"postcode": "DL1 1AA"}
    changed = {"name": {"family": "Other", "given": "ann"}, "postcode": "dl11aa"}
    desk.take_in(missing(who=who("A1", **at)), concern(who=who("B2", **changed)))

    with desk.open() as hub:
        assert [QuestionKind.LOOK_ALIKE] == [q.opened.kind for q in questions(hub.records)]


def test_twins_are_not_taken_for_each_other(desk):
    twin = who("B2", name={"family": "Marsh", "given": "Amy"}, postcode="DL1 1AA")
    desk.take_in(missing(who=who("A1", postcode="DL1 1AA")), concern(who=twin))

    with desk.open() as hub:
        assert [] == questions(hub.records)
        assert 2 == len(hub.records.children())


def test_the_same_identifier_with_another_name_and_birth_is_asked(desk):
    other = {**ANN, "name": {"family": "Quill", "given": "Zed"}, "date_of_birth": "2015-09-09"}
    desk.take_in(missing(), attendance(who=other))

    with desk.open() as hub:
        assert [QuestionKind.LOOKS_DIFFERENT] == [q.opened.kind for q in questions(hub.records)]
        assert 2 == len(hub.records.children())


def test_a_name_spelt_otherwise_with_the_same_birth_is_the_same_child(desk):
    spelt = {**ANN, "name": {"family": "Marsh", "given": "Anne"}}

    assert 1 == desk.take_in(missing(), attendance(who=spelt)).registered


def test_confirming_reads_two_records_as_one_child_and_separating_undoes_it(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        (asked,) = questions(hub.records)
        (candidate,) = asked.opened.candidates

        confirm(hub.records, asked.id, candidate, WHO, "Same mother, same address; spoke to school.")
        assert 2 == len(hub.records.lines(candidate))
        assert hub.records.lines(candidate) == hub.records.lines(asked.opened.provisional)
        assert [] == questions(hub.records)

        separate(hub.records, asked.id, WHO, "They are cousins.")
        assert 1 == len(hub.records.lines(candidate))
        assert 1 == len(hub.records.lines(asked.opened.provisional))


def test_an_answer_needs_a_reason_and_a_candidate(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        (asked,) = questions(hub.records)

        with pytest.raises(Refused, match="reason"):
            separate(hub.records, asked.id, WHO, "  ")
        with pytest.raises(Refused, match="candidate"):
            confirm(hub.records, asked.id, asked.opened.provisional, WHO, "Because.")


def test_identifiers_of_records_that_were_joined_disagree_no_more(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    both = {**ANN, "identifiers": ({"system": "upn", "value": "A1"}, {"system": "upn", "value": "B2"})}
    with desk.open() as hub:
        (asked,) = questions(hub.records)
        confirm(hub.records, asked.id, asked.opened.candidates[0], WHO, "The same child.")

    desk.take_in(attendance(who=both))
    with desk.open() as hub:
        assert [] == questions(hub.records)
        assert 3 == len(hub.records.lines(asked.opened.candidates[0]))


def test_another_child_in_an_event_is_a_sealed_pointer_and_gets_a_record(desk):
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": BEN["identifiers"]},)
    desk.take_in(missing(children=linked))
    desk.take_in(missing("m2", who=BEN))

    with desk.open() as hub:
        ann, ben = hub.records.children()
        records = [hub.records.child(ann), hub.records.child(ben)]

        assert [1, 0] == [len(r.links) for r in records]
        assert [1, 1] == [len(r.entries) for r in records]


@pytest.mark.parametrize("together", [True, False])
def test_a_child_first_known_by_anothers_event_is_not_split_when_their_own_agency_names_them(desk, together):
    reference = ({"system": "police:north", "value": "B7"},)
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": reference},)
    named = {**BEN, "identifiers": (*BEN["identifiers"], *reference)}
    before, naming, own = (
        missing("b0", who=BEN),
        missing("a1", children=linked),
        missing("b1", day=1, who=named),
    )
    if together:
        desk.take_in(before)
        desk.take_in(naming, own)
    else:
        for event in (before, naming, own):
            desk.take_in(event)

    with desk.open() as hub:
        whole = [hub.records.person(c) for c in hub.records.children() if hub.records.child(c).entries]

        assert [] == questions(hub.records)
        assert [1, 2] == sorted(sum(len(c.entries) for c in person) for person in whole)
