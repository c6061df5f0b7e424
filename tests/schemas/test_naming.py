"""Who another child is stands in a pointer, not in words: what says a linked child's number is not taken."""

import json

import pytest

from adapters.door import rehearse
from adapters.format import Finding
from hub.casework.recording import _unnamed
from hub.compose import open_intake
from hub.protocol.commands import Incomplete
from schemas.naming import another_child_in
from schemas.vocabulary import LinkRelation
from schemas.wire import encode
from tests.adapters.test_publish import SENDER, a_file, saying
from tests.events import ANN, BEN, missing
from tests.hubs import NOW, take_all

NUMBER = BEN["identifiers"][0]["value"]
UPN = {"system": "upn", "value": "A801200001001"}
NAMING = [
    f"He was with {NUMBER}.",
    "He was with 944 930 4424",
    "NHS no 944-930-4424, twice",
    f"{NUMBER}",
    "His pupil number is a801200001001",
]
SILENT = [
    "He was with his friend Ben.",
    "Rang 09449304424 and 94493044241 at nine",
    f"X{NUMBER}",
    "944 930 442",
    "",
]


def linking(text, *identifiers, **more):
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": (*BEN["identifiers"], UPN)},)
    return missing(children=linked, summary=text or None, **more)


def named(event):
    return another_child_in(event, encode(event))


@pytest.mark.parametrize("text", NAMING)
def test_a_linked_childs_number_in_words_is_found_in_any_spelling(text):
    assert "summary" == named(linking(text))


@pytest.mark.parametrize("text", SILENT)
def test_a_name_another_number_and_the_link_itself_are_no_naming(text):
    assert named(linking(text)) is None


def test_a_consistent_identifier_in_words_is_a_number_of_its_scheme():
    consistent = {"system": "consistent-identifier:nhs-number", "value": NUMBER}
    linked = {"relation": LinkRelation.SIBLING, "identifiers": (consistent,)}

    assert "summary" == named(missing(children=(linked,), summary="He was with 944 930 4424"))


def test_a_number_of_a_child_that_is_not_linked_or_the_childs_own_is_no_naming():
    own = (*ANN["identifiers"], *BEN["identifiers"])

    assert named(missing(summary=NAMING[0])) is None
    assert named(linking(NAMING[0], who={**ANN, "identifiers": own})) is None


def test_a_number_in_one_organisations_books_is_not_looked_for():
    local = (
        {"relation": LinkRelation.SAME_INCIDENT, "identifiers": ({"system": "niche:x", "value": "12"},)},
    )

    assert named(missing(children=local, summary="At 12 he was home")) is None


def test_the_senders_door_refuses_it_and_says_the_field_and_no_number():
    said = saying(missing(), linking(NAMING[1], name="m2"))
    report = rehearse(said, a_file(), SENDER, lambda _: None)

    assert ({"names-another-child": 1}, 1) == (report.codes, report.events)
    assert [("names-another-child", "summary")] == [(f.code, f.field) for f in report.findings]
    assert isinstance(report.findings[0], Finding)
    assert NUMBER not in str(report.findings)


def test_the_hub_holds_it_and_takes_it_once_it_is_said_without(desk):
    desk.publish(linking(NAMING[0]))
    with desk.open(at=NOW) as hub, open_intake(hub):
        assert {"names-another-child": 1} == take_all(hub).reasons
        (held,) = hub.records.archive.rows.quarantined()
        assert ["summary"] == json.loads(held.held.fields)
    desk.publish(linking(SILENT[0]))
    with desk.open(at=NOW) as hub:
        assert 1 == take_all(hub).recorded
        assert 2 == len(hub.records.children())


def test_a_form_that_names_the_other_child_comes_back_with_the_field():
    assert _unnamed(missing(summary=NAMING[0]))
    with pytest.raises(Incomplete, match="names another child") as refused:
        _unnamed(linking(NAMING[0]))

    assert ("summary",) == refused.value.fields
    assert NUMBER not in str(refused.value)
