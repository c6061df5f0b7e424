"""The golden story: agencies' native files in; each role's chronology, flags and due dates out, as text."""

import pytest

from hub.commands.lists import FALLEN
from hub.commands.reading import reader_of
from hub.demonstration.play import child_of, make_demonstration
from hub.errors import WrongKind
from hub.intake.questions import questions
from hub.settings import Settings
from tests.journeys.demonstration import CHILDREN, ROLES, STANDS_STILL, publish_here

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", CHILDREN)
@pytest.mark.parametrize("role", [*ROLES, "intelligence-officer"])
def test_each_role_sees_of_each_child_what_was_approved(told, hub, golden, name, role):
    golden(f"demo/{name}-{role}.txt", told.chronology(hub, name, role))


@pytest.mark.parametrize("name", CHILDREN)
@pytest.mark.parametrize("role", ["mash-coordinator", *ROLES])
def test_each_role_sees_the_flags_that_were_approved(told, hub, golden, name, role):
    golden(f"demo/flags/{name}-{role}.txt", told.flags(hub, name, role))


@pytest.mark.parametrize("name", CHILDREN)
@pytest.mark.parametrize("role", ["mash-coordinator", "social-worker", "school-lead"])
def test_each_role_sees_the_due_dates_that_were_approved(told, hub, golden, name, role):
    golden(f"demo/due/{name}-{role}.txt", told.due(hub, name, role))


def test_every_standing_flag_is_emergent_and_every_child_has_one(told, hub):
    reader = reader_of(hub, "mash-coordinator", "screening")
    standing = {
        name: [f for f in hub.share.flags(reader, child_of(hub, told.story, name)) if f.state not in FALLEN]
        for name in CHILDREN
    }

    assert {
        "kai": {"P01", "P03", "P15"},
        "isla": {"P16"},
        "poppy": {"P26"},
        "reece": {"P18", "P19", "P20", "P34"},
    } == {name: {flag.pattern for flag in flags} for name, flags in standing.items()}
    assert not any(alone.holds for flags in standing.values() for flag in flags for alone in flag.alone)


def test_the_obligations_stand_in_various_states(told, hub):
    reader = reader_of(hub, "mash-coordinator", "screening")
    states = {i.state for n in CHILDREN for i in hub.share.due(reader, child_of(hub, told.story, n))}

    assert {"met", "met-late", "open", "overdue"} <= states


def test_what_was_refused_is_named_by_place_and_reason(told, golden):
    lines = [
        f"{file.file}: {found.place}: {found.code} ({found.field or '-'})"
        for file in told.played.files
        for found in file.findings
        if found.refused
    ]

    golden("demo/refused.txt", "\n".join(lines) + "\n")


def test_every_format_is_read_and_every_agency_kind_is_there(told):
    from adapters.catalogue import FORMATS

    read = {told.story.senders[sent.sender].format for step in told.story.step for sent in step.files}

    assert {format_.name for format_ in FORMATS} == read


def test_two_reworded_resends_are_held_and_one_question_of_identity_is_open(told, hub):
    held = [row.held.reason for row in hub.records.archive.rows.quarantined()]
    (asked,) = questions(hub.records)
    poppy = child_of(hub, told.story, "poppy")

    assert ["conflicting-resend"] * 2 == held
    assert poppy in asked.opened.candidates


def test_two_children_are_linked_by_one_incident(told, hub):
    from schemas.schools import SexualBehaviourIncident

    records = hub.records
    incidents = [
        {fact.incident for fact in records.facts(child_of(hub, told.story, name)).of(SexualBehaviourIncident)}
        for name in ("kai", "isla")
    ]

    assert incidents[0] & incidents[1]


def test_the_ledger_holds(hub):
    assert hub.ledger.verify().holds


def test_a_folder_that_is_not_a_demonstration_is_left_alone(told, tmp_path):
    (tmp_path / "letters.txt").write_text("not ours")

    with pytest.raises(WrongKind):
        make_demonstration(
            Settings(data=tmp_path), told.story, publish_here, lambda: STANDS_STILL, lambda _: None
        )
    assert ["letters.txt"] == [file.name for file in tmp_path.iterdir()]
