"""People record acts: who may, of whom, once, asked why; what they recorded stands in the one chronology."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hub.casework.recording import ReasonAsked, Who
from hub.casework.worklists import workers, works_with
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.protocol.commands import Incomplete
from hub.sharing.look import Reader
from tests.casework.acting import (
    COORDINATOR,
    HARMED,
    HAS_HARMED,
    MONDAY,
    NURSE,
    POLICE,
    REFERRED,
    SCHOOL,
    WORKER,
    YOUTH_JUSTICE,
    child_of,
    follow,
    incident,
)
from tests.casework.examples import EXAMPLES
from tests.events import ANN, BEN
from tests.hubs import Desk, take_all
from tests.sharing.test_access import LEAD

ACCOUNT = {
    "words": "  He said dont tell.\n\nThen she cried.  ",
    "told_at": "2026-11-16T09:40:00+00:00",
    "received_by": "class teacher",
    "provenance": "told-by-child",
    "part": HARMED,
}
DAY = timedelta(days=1)
FRIDAY = MONDAY + timedelta(days=4)
CAL = {
    "identifiers": ({"system": "nhs-number", "value": "9449306427"},),
    "name": {"family": "Marsh", "given": "Cal"},
}
NOBODY = {"system": "upn", "value": "Z999400120440"}


def known(who):
    return Who.model_validate({"identifiers": who["identifiers"]})


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("acts") / "data")
    desk.publish(incident("i1"), incident("i2", who=BEN, part=HARMED, other=ANN))
    with desk.open(at=MONDAY + timedelta(hours=2)) as hub:
        take_all(hub)
        for who, part in ((ANN, HAS_HARMED), (BEN, HARMED)):
            hub.recorder.record_first(
                COORDINATOR.by, known(who), "receive-referral", {**REFERRED, "part": part}
            )
        hub.recorder.record(COORDINATOR, child_of(hub), "allocate-worker", {"worker": "sw-1"})
    return desk


@pytest.fixture
def hub(desk):
    with desk.open(at=FRIDAY) as hub:
        follow(hub)
        yield hub


@pytest.fixture
def ann(hub):
    return child_of(hub)


def test_r34_an_account_stands_word_for_word_in_its_own_scope(hub, ann):
    done = hub.recorder.record(SCHOOL, ann, "record-account", ACCOUNT)

    (line,) = [x for x in hub.share.chronology(WORKER, ann).lines if x.id == done.entry]
    assert ACCOUNT["words"] == json.loads(bytes(line.fields["account"]))["words"]
    shown = {getattr(x, "id", None): x for x in hub.share.chronology(SCHOOL, ann).lines}
    assert "account" not in shown[done.entry].fields


def test_who_recorded_it_stands_with_the_entry(hub, ann):
    done = hub.recorder.record(SCHOOL, ann, "reassure-child", {"by_role": "class teacher"})

    said = [e.body for e in hub.records.history(ann) if hasattr(e.body, "by")]
    assert [SCHOOL.by] == [x.by for x in said if getattr(getattr(x, "entry", None), "id", None) == done.entry]


def test_the_same_act_sent_again_is_recorded_once_and_in_other_words_refused(hub, ann):
    said = {"by_role": "class teacher", "act": "again"}

    assert hub.recorder.record(SCHOOL, ann, "reassure-child", said).new
    assert not hub.recorder.record(SCHOOL, ann, "reassure-child", said).new
    with pytest.raises(Refused):
        hub.recorder.record(SCHOOL, ann, "reassure-child", {**said, "by_role": "head teacher"})


def test_a_correction_is_a_new_act_and_both_stay(hub, ann):
    first = hub.recorder.record(SCHOOL, ann, "reassure-child", {"by_role": "caretaker", "act": "wrong"})
    second = hub.recorder.record(
        SCHOOL, ann, "reassure-child", {"by_role": "class teacher", "corrects": first.act}
    )

    lines = hub.share.chronology(WORKER, ann).lines
    standing = {x.id: x.standing for x in lines if x.id in (first.entry, second.entry)}
    assert {first.entry: "corrected", second.entry: "current"} == standing


@pytest.mark.parametrize(
    ("who", "what"),
    [
        (SCHOOL, "decide-referral"),
        (NURSE, "hold-strategy-meeting"),
        (SCHOOL, "end-police-enquiry"),
        (POLICE, "allocate-worker"),
    ],
    ids=lambda x: x if isinstance(x, str) else x.by.role,
)
def test_a_role_records_only_what_the_policy_lets_it(hub, ann, who, what):
    with pytest.raises(NotAllowed, match="may not record this"):
        hub.recorder.record(who, ann, what, {})


def test_a_child_who_is_not_yours_looks_like_no_child(hub, ann):
    with pytest.raises(UnknownChild):
        hub.recorder.record(NURSE, ann, "reassure-child", {"by_role": "nurse"})


def test_no_such_act_and_no_such_answer_are_said_without_what_was_sent(hub, ann):
    with pytest.raises(Refused, match="no such act"):
        hub.recorder.record(SCHOOL, ann, "write-poem", {})
    with pytest.raises(Incomplete) as refused:
        hub.recorder.record(SCHOOL, ann, "reassure-child", {"by_role": "x", "canary-word": "canary-value"})
    assert "canary" not in str(refused.value)


def test_a_time_to_come_is_not_taken(hub, ann):
    later = (FRIDAY + timedelta(hours=1)).isoformat()

    with pytest.raises(Incomplete, match="at: is still to come"):
        hub.recorder.record(SCHOOL, ann, "reassure-child", {"by_role": "x", "at": later})


def test_r20_a_picture_is_refused(hub, ann):
    with pytest.raises(Refused, match="pictures"):
        hub.recorder.record(SCHOOL, ann, "reassure-child", {"by_role": "data:image/png;base64,AAAA"})


def test_r42_late_is_asked_why_recorded_with_a_reason_and_never_refused(hub, ann):
    said = {"meeting": "M-1", "attended": ["youth-justice"], "separate_meeting": "held-together"}
    held = {**said, "part": HAS_HARMED}

    with pytest.raises(ReasonAsked, match="R42"):
        hub.recorder.record(WORKER, ann, "hold-strategy-meeting", held)
    later = {**held, "reason_later": True, "act": "m"}
    assert hub.recorder.record(WORKER, ann, "hold-strategy-meeting", later).new
    follow(hub)
    assert [True] == [i.asks_reason for i in hub.drawn.worklist(ann) if "hold" in i.asks]
    why = {**held, "reason": "the roads were closed by snow", "corrects": "hub/m"}
    assert hub.recorder.record(WORKER, ann, "hold-strategy-meeting", why).new
    follow(hub)
    assert [False] == [i.asks_reason for i in hub.drawn.worklist(ann) if "hold" in i.asks]


def test_r79_a_share_says_what_for_how_far_who_was_told_and_what_was_made_of_an_objection(hub, ann):
    who, says = EXAMPLES["consider-disclosure"]
    done = hub.recorder.record(who, ann, "consider-disclosure", says)
    looked = hub.recorder.record(who, ann, "consider-disclosure", {**says, "looked_at_by": "team manager"})
    (line,) = [x for x in hub.share.chronology(WORKER, ann).lines if x.id == done.entry]
    said = json.loads(bytes(line.fields["social-care"]))

    assert ("keep-other-children-safe", "headline") == (said["purpose"], said["how_far"])
    assert ("no", "not-yet") == (said["child_told"], said["not_told_because"])
    assert (says["objection"], "less-is-shared") == (said["objection"], said["objection_answer"])
    assert ["The child objects"] == [r.partition(",")[0] for r in done.remarks]
    assert () == looked.remarks


def test_a_mandatory_report_that_waits_longer_than_the_law_lets_it_is_pointed_out(hub, ann):
    who, says = EXAMPLES["record-mandatory-report"]
    late = {**says, "stage": "delayed", "reason": "He is at home with her."}
    said = [(FRIDAY + timedelta(days=days)).date().isoformat() for days in (7, 8)]
    done = [
        hub.recorder.record(who, ann, "record-mandatory-report", {**late, "delayed_until": d}) for d in said
    ]

    assert [0, 1] == [len(one.remarks) for one in done]


def test_r46_one_worker_for_two_linked_children_is_asked_why(hub):
    ben = child_of(hub, BEN)

    with pytest.raises(ReasonAsked, match="R46"):
        hub.recorder.record(COORDINATOR, ben, "allocate-worker", {"worker": "sw-1"})
    assert hub.recorder.record(COORDINATOR, ben, "allocate-worker", {"worker": "sw-2"}).new


def test_r46_who_may_not_know_of_the_other_child_is_asked_nothing_and_who_may_has_it_on_the_list(hub, ann):
    """Otherwise they would learn by the question that the other child has this worker (decision 94)."""
    ben, barred = child_of(hub, BEN), Reader(By("mash-9", "mash-coordinator", "social-care"), "section-47")
    hub.gates.close(LEAD, ann, Closing.BARRED, "Her aunt", named=[barred.by], interest=Interest.RELATIVE)

    def of_others(reader):
        follow(hub)
        items = hub.share.due(reader, ben)
        return [item.state for item in items if item.obligation == "R46" and item.asks_reason]

    said = {"worker": "sw-1", "role": "co-worker"}
    with pytest.raises(ReasonAsked, match="R46"):
        hub.recorder.record(COORDINATOR, ben, "allocate-worker", said)
    done = hub.recorder.record(barred, ben, "allocate-worker", said)

    assert (True, ()) == (done.new, done.remarks)
    assert [] == of_others(barred)
    assert ["prompt"] == of_others(COORDINATOR)
    works_with_both = (hub.share.due(WORKER, ben), hub.share.pathway(WORKER, ben).items)
    assert not any(item.asks_reason for items in works_with_both for item in items)
    whole, less = ({i.obligation for i in hub.share.due(who, ben)} for who in (COORDINATOR, barred))
    assert {"R46"} == whole - less
    assert less < whole
    hub.recorder.record(barred, ben, "allocate-worker", {**said, "stage": "ended"})
    assert [] == of_others(COORDINATOR)


def test_r46_one_worker_for_brothers_and_sisters_whom_no_incident_joins_is_asked_nothing(desk, hub):
    sister = {"relation": "sibling", "identifiers": ANN["identifiers"]}
    desk.publish(incident("i3", who=CAL, other=None, children=(sister,)))
    take_all(hub)
    hub.recorder.record_first(COORDINATOR.by, known(CAL), "receive-referral", {**REFERRED, "referral": "R-3"})

    assert hub.recorder.record(COORDINATOR, child_of(hub, CAL), "allocate-worker", {"worker": "sw-1"}).new


def test_r46_an_allocation_opens_that_childs_record_alone(hub, ann):
    ben, helper = child_of(hub, BEN), By("sw-9", "social-worker", "social-care")
    hub.recorder.record(COORDINATOR, ann, "allocate-worker", {"worker": "sw-9", "role": "co-worker"})

    assert hub.records.child(ann).worked[helper] is None
    assert helper not in hub.records.child(ben).worked
    ended = {"worker": "sw-9", "role": "co-worker", "stage": "ended"}
    assert hub.recorder.record(COORDINATOR, ann, "allocate-worker", ended).new
    assert hub.records.child(ann).worked[helper] is not None


def test_an_allocation_may_have_an_end_of_its_own_and_sent_again_undoes_nothing(desk, hub, ann):
    act = {"worker": "sw-8", "role": "co-worker", "act": "with-an-end", "until": "2026-12-01"}
    worker = By("sw-8", "social-worker", "social-care")
    with pytest.raises(Incomplete, match="is before it begins") as wrong:
        hub.recorder.record(COORDINATOR, ann, "allocate-worker", {**act, "until": "2026-11-19"})
    assert ("until",) == wrong.value.fields
    hub.recorder.record(COORDINATOR, ann, "allocate-worker", act)
    ends = datetime(2026, 12, 1, 23, 59, 59, 999999, tzinfo=UTC)

    assert ends == hub.records.child(ann).worked[worker]
    people = hub.records.person(ann)
    for at, works in ((ends, True), (ends + DAY, False)):
        assert works == works_with(people, "sw-8", "social-care", at)
        assert works == ("sw-8" in workers(people, at, lambda _: True).get("social-care", ()))
    over = {"worker": "sw-8", "role": "co-worker", "stage": "ended"}
    hub.recorder.record(COORDINATOR, ann, "allocate-worker", over)
    assert not hub.recorder.record(COORDINATOR, ann, "allocate-worker", act).new
    assert ends > hub.records.child(ann).worked[worker]


def test_r4_nobody_allocates_themselves_to_a_child_or_to_the_other_strand_of_one(hub, ann):
    hub.recorder.record(COORDINATOR, ann, "allocate-worker", {"worker": "sw-3", "part": HARMED})
    worker = Reader(By("sw-3", "social-worker", "social-care"), "section-47")
    before = hub.records.child(ann).strands[worker.by]
    done = hub.recorder.record(worker, ann, "allocate-worker", {"worker": "sw-3", "part": HAS_HARMED})

    assert done.new
    assert "somebody else allocates you" in done.remarks[0]
    assert before == hub.records.child(ann).strands[worker.by]


def test_who_tells_of_a_child_they_do_not_work_with_is_shown_what_they_told_and_no_more(hub):
    """Otherwise any number would open its record to whoever writes that they were told something."""
    somebody = Who.model_validate({"identifiers": [{"system": "upn", "value": "K999400120443"}]})
    ben, before = child_of(hub, BEN), set(hub.records.children())
    with pytest.raises(UnknownChild):
        hub.share.chronology(YOUTH_JUSTICE, ben)
    for who in (known(BEN), somebody):
        hub.recorder.record_first(YOUTH_JUSTICE.by, who, "record-account", {**ACCOUNT, "part": HAS_HARMED})
    follow(hub)
    (new,) = set(hub.records.children()) - before
    known_to_others, to_nobody = (
        (
            [line.type for line in hub.share.chronology(YOUTH_JUSTICE, child).lines],
            [(item.title, item.state) for item in hub.share.due(YOUTH_JUSTICE, child)],
            hub.share.flags(YOUTH_JUSTICE, child),
        )
        for child in (ben, new)
    )

    assert ["protocol.account-recorded.v1"] == known_to_others[0]
    assert to_nobody == known_to_others
    assert len(hub.share.chronology(COORDINATOR, ben).lines) > 1


def test_r133_the_first_account_of_a_child_nobody_knew_opens_a_record(hub):
    who = Who.model_validate({"identifiers": [NOBODY], "name": {"family": "New"}})
    before = len(hub.records.children())

    assert hub.recorder.record_first(NURSE.by, who, "record-account", ACCOUNT).new
    assert before + 1 == len(hub.records.children())
    assert hub.recorder.record_first(NURSE.by, who, "record-account", {**ACCOUNT, "act": "second"}).new
    assert before + 1 == len(hub.records.children())


def test_a_decision_is_not_made_of_a_child_nobody_knows(hub):
    who = Who.model_validate({"identifiers": [NOBODY]})

    with pytest.raises(Refused, match="known already"):
        hub.recorder.record_first(COORDINATOR.by, who, "decide-referral", {})
