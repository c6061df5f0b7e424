"""Splitting an event by who may read it: nothing lost, nothing where it does not belong."""

import msgspec
from hypothesis import given, settings

from schemas.case_event import field_marks
from schemas.catalogue import EVENT_TYPES, parse_event, split
from schemas.police import Intelligence
from schemas.scope import OPEN, Scope
from tests.schemas.given import AT, missing_episode
from tests.strategies import case_events

RESTRICTED = [cls for cls in EVENT_TYPES if cls.restricted]


def union_of(parts) -> dict:
    """All fields as a reader of every scope would hold them; what a scope says wins over the open type."""
    together = dict(parts.open)
    for fields in parts.by_scope.values():
        together |= fields
    return together


@settings(max_examples=100, deadline=None)
@given(case_events())
def test_an_event_is_in_its_parts_whole_each_field_with_its_readers_and_coded_values_with_the_signals(event):
    """One draw for all of it: to draw an event of any type costs more than to look at it."""
    parts, marks = split(event), field_marks(type(event))
    names = [name for fields in (parts.open, *parts.by_scope.values()) for name in fields]
    doubled = {name for name in names if names.count(name) > 1}
    said = {name: m for name, m in marks.items() if getattr(event, name) not in (None, ())}

    assert event == parse_event(msgspec.json.encode(union_of(parts)))
    assert doubled == ({"type"} if event.restricted else set())
    assert {OPEN} == {marks[name].scope for name in parts.open}
    for scope, fields in parts.by_scope.items():
        named = {marks[name].scope for name in fields if isinstance(marks[name].scope, Scope)}
        assert named <= {scope}
    assert set(parts.signals) - {"type"} == {name for name, m in said.items() if m.signal}
    assert set(parts.hashed) == {name for name, m in said.items() if m.hashed}


@settings(max_examples=100, deadline=None)
@given(case_events(types=RESTRICTED))
def test_a_restricted_event_tells_only_its_agency_and_its_times(event):
    parts = split(event)
    seen = {**parts.open, "type": None}

    assert f"{event.agency}.restricted.v1" == parts.open["type"]
    assert event.type == parts.by_scope[event.home_scope]["type"] == parts.signals["type"]
    assert set(seen) <= {
        "type",
        "agency",
        "precision",
        "occurred_at",
        "ended_at",
        "learned_at",
        "recorded_at",
    }


def test_an_empty_text_was_still_said():
    parts = split(missing_episode(summary="", found_where=None, children=()))

    assert not parts.by_scope[Scope.POLICE]["summary"]
    assert "found_where" not in parts.by_scope[Scope.POLICE]
    assert "children" not in union_of(parts)


def test_home_is_the_scope_of_the_type_or_else_of_the_agency():
    intelligence = Intelligence(
        agency="police",
        system="records",
        source_event_id="i-1",
        identifiers=missing_episode().identifiers,
        occurred_at=AT,
        category="associate",
        organisation="A force",
    )

    assert split(intelligence).by_scope[Scope.POLICE_INTELLIGENCE]["organisation"] == "A force"
    assert split(missing_episode(organisation="A force")).by_scope[Scope.POLICE]["organisation"] == "A force"


@settings(max_examples=50, deadline=None)
@given(case_events())
def test_fields_stand_in_the_order_of_their_type_for_their_bytes_are_what_agencies_sign(event):
    parts, order = split(event), list(type(event).model_fields)
    scopes = [fields for scope, fields in parts.by_scope.items() if scope is not event.home_scope]

    assert order == list(vars(event))
    for fields in (parts.open, parts.hashed, *scopes):
        assert list(fields) == sorted(fields, key=order.index)
