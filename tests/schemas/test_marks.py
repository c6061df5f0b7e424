"""Every field of every event type says who it is for."""

from typing import Annotated, Literal

import pytest

from schemas.case_event import CaseEvent, Code, Text, field_marks, types_of
from schemas.catalogue import EVENT_TYPES, FAMILIES, SCOPED_FIELDS, TYPE_BY_NAME
from schemas.scope import HASHED, HOME, OPEN, SIGNAL, Scope
from schemas.split import HASHES, OPENLY, SIGNALS
from schemas.vocabulary import Agency
from tests.schemas.given import missing_episode


def test_a_field_without_a_scope_cannot_be_defined():
    with pytest.raises(TypeError, match="weather must wear exactly one scope"):

        class Unmarked(CaseEvent):
            weather: str | None = None


def test_a_field_for_two_scopes_cannot_be_defined():
    with pytest.raises(TypeError, match="weather must wear exactly one scope"):

        class Twice(CaseEvent):
            weather: Annotated[Code | None, HOME, Scope.POLICE] = None


@pytest.mark.parametrize("free", [str, Text, str | None, Text | None, tuple[str, ...], tuple[Text, ...]])
def test_a_signal_of_free_text_cannot_be_defined(free):
    with pytest.raises(TypeError, match="weather is a signal but not a coded value"):
        type(
            "Talkative",
            (CaseEvent,),
            {"__annotations__": {"weather": Annotated[free, HOME, SIGNAL]}, "__module__": __name__},
        )


@pytest.mark.parametrize("coded", [Code, Code | None, tuple[Code, ...], bool | None, Literal["a"], Agency])
def test_a_signal_of_coded_values_can_be_defined(coded):
    made = type(
        "Terse",
        (CaseEvent,),
        {"__annotations__": {"weather": Annotated[coded, HOME, SIGNAL]}, "__module__": __name__},
    )

    assert field_marks(made)["weather"].signal


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda c: types_of(c)[0])
def test_every_field_of_a_type_goes_to_exactly_one_place(cls):
    readers = [
        name
        for part, names in enumerate(SCOPED_FIELDS[cls].parts)
        for name in names
        if part not in (SIGNALS, HASHES)
    ]

    assert sorted(cls.model_fields) == sorted(readers)


@pytest.mark.parametrize("cls", EVENT_TYPES, ids=lambda c: types_of(c)[0])
def test_what_a_person_said_is_never_open_and_never_a_signal(cls):
    for name, marks in field_marks(cls).items():
        if name in ("words", "child_words", "account", "return_account", "questions_asked"):
            assert marks.scope is Scope.ACCOUNT
            assert not marks.signal


def test_identity_is_in_its_own_scope_in_every_type():
    for cls in EVENT_TYPES:
        marks = field_marks(cls)
        assert {Scope.IDENTITY} == {marks[n].scope for n in ("identifiers", "name", "date_of_birth", "age")}
        assert {Scope.WHEREABOUTS} == {marks[n].scope for n in ("postcode", "address")}
        assert marks["children"].scope is Scope.OTHER_CHILD


def test_a_restricted_type_leaves_only_times_and_sender_open():
    restricted = [cls for cls in EVENT_TYPES if cls.restricted]

    assert {"Intelligence", "SexualHealthContact", "Pregnancy"} == {cls.__name__ for cls in restricted}
    for cls in restricted:
        assert {
            "type",
            "agency",
            "occurred_at",
            "ended_at",
            "precision",
            "learned_at",
            "recorded_at",
        } == set(SCOPED_FIELDS[cls].parts[OPENLY])


def test_a_reference_is_never_itself_a_signal():
    for cls in EVENT_TYPES:
        assert not [n for n, m in field_marks(cls).items() if m.hashed and m.signal]


def test_families_are_the_agencies_and_the_protocol():
    assert {*map(str, Agency), "protocol"} == FAMILIES


def test_no_two_types_share_a_name():
    assert sum(len(types_of(cls)) for cls in EVENT_TYPES) == len(TYPE_BY_NAME)


def test_a_type_of_another_agency_is_refused():
    with pytest.raises(ValueError, match="the type is not one of this agency"):
        missing_episode(agency="health")


def test_marks_are_part_of_the_class_not_of_the_value():
    class Later(CaseEvent):
        type: Annotated[Literal["housing.eviction.v1"], OPEN] = "housing.eviction.v1"
        landlord: Annotated[Code | None, Scope.THIRD_PARTY, HASHED] = None

    assert field_marks(Later)["landlord"] == (Scope.THIRD_PARTY, False, True)
