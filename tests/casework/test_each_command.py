"""Given a child several agencies know; when somebody records an act; then it stands, for whom it is for."""

from datetime import timedelta

import pytest

from hub.casework.recording import Who
from hub.domain.child import By
from hub.errors import NotAllowed
from hub.protocol.asking.shares import ENCOMPASS, REPORT
from hub.protocol.commands import COMMANDS, NAMED, Incomplete
from hub.sharing.look import Reader
from schemas.case_event import field_marks
from schemas.scope import Scope
from tests.casework.acting import COORDINATOR, HAS_HARMED, MONDAY, REFERRED, child_of, follow, incident
from tests.casework.examples import EXAMPLES
from tests.events import ANN, attendance, missing
from tests.hubs import Desk, take_all

RECORDS_NOTHING = Reader(By("au-1", "auditor", "social-care"), "audit")
every = pytest.mark.parametrize("name", [c.name for c in COMMANDS])


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("each") / "data")
    desk.publish(incident("i1"), missing(), attendance())
    with desk.open(at=MONDAY + timedelta(days=5)) as hub:
        take_all(hub)
        youth_justice = By("yj-1", "youth-justice-worker", "youth-justice")
        who = Who.model_validate({"identifiers": ANN["identifiers"]})
        hub.recorder.record_first(COORDINATOR.by, who, "receive-referral", REFERRED)
        hub.recorder.record_first(
            youth_justice, who, "make-referral", {"referral": "R-0", "part": HAS_HARMED}
        )
        follow(hub)
        yield hub


@pytest.fixture(scope="module")
def ann(hub):
    return child_of(hub)


def test_there_is_an_example_of_each():
    assert [c.name for c in COMMANDS] == list(EXAMPLES)


@every
def test_it_is_recorded_by_whom_it_names_and_stands_with_what_was_said(hub, ann, name):
    who, says = EXAMPLES[name]
    if name == "withdraw-act":
        hub.recorder.record(who, ann, "reassure-child", {"by_role": "caretaker", "act": "to-withdraw"})

    done = hub.recorder.record(who, ann, name, {"reason_later": True, **says})

    kept = hub.records.child(ann).entries[done.entry].entry
    (said,) = [e.body for e in hub.records.history(ann) if getattr(e.body, "entry", None) == kept]
    assert (who.by, who.by.agency) == (said.by, kept.agency)
    marks = field_marks(NAMED[name].kind)
    wanted = {
        str(marks[field].scope) for field in says if field in marks and isinstance(marks[field].scope, Scope)
    }
    assert wanted <= {envelope.scope for envelope in kept.envelopes}


@every
def test_it_is_not_taken_without_what_it_always_needs(hub, ann, name):
    who, says = EXAMPLES[name]
    for question in NAMED[name].questions:
        if question.required:
            with pytest.raises(Incomplete, match=question.name):
                hub.recorder.record(who, ann, name, {k: v for k, v in says.items() if k != question.name})


@every
def test_who_may_record_nothing_does_not_record_it(hub, ann, name):
    with pytest.raises(NotAllowed):
        hub.recorder.record(RECORDS_NOTHING, ann, name, EXAMPLES[name][1])


NEEDED = [
    ("R44", "consider-separate-meeting", {"decision": "not-proportionate"}, "evidence"),
    ("R56", "answer-planning-factor", {"answer": "outstanding"}, "owner"),
    ("R56", "answer-planning-factor", {"reason": " "}, "reason"),
    ("R50", "answer-objective", {"answer": "not-relevant"}, "reason"),
    ("R75", "decide-specialist-assessment", {"assessor": " "}, "assessor"),
    ("R79", "consider-disclosure", {"decision": "withhold", "withheld_because": "other"}, "reason"),
    (
        "R79",
        "consider-disclosure",
        {"decision": "withhold", "reason": "Not there."},
        "withheld_because",
    ),
    ("R79", "consider-disclosure", {"how_far": None}, "how_far"),
    ("R131", "consider-disclosure", {"not_told_because": None}, "not_told_because"),
    ("R131", "consider-disclosure", {"objection_answer": None}, "objection_answer"),
    (ENCOMPASS, "tell-school-of-domestic-abuse", {"to": None}, "to"),
    (ENCOMPASS, "tell-school-of-domestic-abuse", {"stage": "not-told", "reason": "No."}, "withheld_because"),
    (REPORT, "record-mandatory-report", {"to": []}, "to"),
    (REPORT, "record-mandatory-report", {"stage": "delayed", "reason": "He is at home."}, "delayed_until"),
    (REPORT, "record-mandatory-report", {"stage": "not-owed"}, "not_owed_because"),
    ("R87", "agree-course-of-admission", {"course": "same-interview-goes-on"}, "reason"),
    ("R93", "consider-conference", {"manager": ""}, "manager"),
    ("R102", "consider-services", {"needed": "no"}, "reason"),
    ("R114", "agree-risk-management-plan", {"settings_covered": []}, "settings_covered"),
    ("R41", "set-safety-measure", {"owner": ""}, "owner"),
]


@pytest.mark.parametrize(
    ("row", "name", "more", "field"), NEEDED, ids=lambda x: x if isinstance(x, str) else ""
)
def test_what_a_row_asks_for_in_this_case_is_asked_for(hub, ann, row, name, more, field):
    who, says = EXAMPLES[name]

    with pytest.raises(Incomplete, match=f"{field}: asked for by {row}"):
        hub.recorder.record(who, ann, name, {**says, **more})
