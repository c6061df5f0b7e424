"""Lists, calendars and messages of one child tell nothing of another of the incident that is closed."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.casework.worklists import Whose
from hub.domain.access import Closing
from hub.domain.child import By
from hub.intake.acts import record_act
from hub.sharing.look import Reader
from schemas.case_event import Identifier
from schemas.protocol import ReferralOutcomeSet
from schemas.vocabulary import Agency
from tests.casework.acting import (
    COORDINATOR,
    HARMED,
    HAS_HARMED,
    MONDAY,
    REFERRED,
    SCHOOL,
    child_of,
    follow,
    incident,
)
from tests.casework.test_recording import known
from tests.events import ANN, BEN
from tests.hubs import Desk, take_all
from tests.sharing.test_access import LEAD

OUTCOME = {
    "referral": "R-1",
    "outcome": "child-and-family-assessment",
    "decided_by": "a manager",
    "next_step": "Assess",
    "next_step_owner": "a worker",
}
NEXT_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def hub(tmp_path):
    """Ann and Ben, of one incident, both referred, each with one worker, and an outcome for Ann alone."""
    desk = Desk(tmp_path / "data")
    desk.publish(incident("i1"), incident("i2", who=BEN, part=HARMED, other=ANN))
    with desk.open(at=MONDAY + timedelta(hours=2)) as hub:
        take_all(hub)
        for who, part in ((ANN, HAS_HARMED), (BEN, HARMED)):
            said = {**REFERRED, "part": part}
            hub.recorder.record_first(COORDINATOR.by, known(who), "receive-referral", said)
        hub.recorder.record(COORDINATOR, child_of(hub), "decide-referral", OUTCOME)
    with desk.open(at=NEXT_WEEK) as hub:
        follow(hub)
        yield hub


def listed(hub, reader, child, agency):
    """What waits for an agency of this child as this reader is told: by its own page, on the list, ahead."""
    whose = Whose(agency=agency)
    own = [w.item for w in hub.worklists._on(child, hub.share.due(reader, child)) if w.agency == agency.value]
    lists = (hub.worklists.of(reader, whose), hub.worklists.outlook(reader, whose))
    return [
        sorted(own, key=str),
        *(sorted((w.item for w in some if w.child == child), key=str) for some in lists),
    ]


def test_what_waits_for_a_reader_is_on_their_list_whatever_the_front_door_knows_of_it(hub):
    """The front door has the referral: a child that is not on the school's list would tell the school."""
    ann = child_of(hub)
    own, *lists = listed(hub, SCHOOL, ann, Agency.SCHOOLS)

    assert {"R37", "R38"} == {item.obligation for item in own}
    assert [own, own] == lists


def test_of_a_list_only_the_children_it_shows_are_recorded_as_shown_and_none_as_refused(hub):
    stranger = Reader(By("yj-1", "youth-justice-worker", "youth-justice"), "section-47")
    before = hub.records.archive.rows.max_notification_id()

    assert () == hub.worklists.of(stranger, Whose(agency=Agency.YOUTH_JUSTICE))
    assert before == hub.records.archive.rows.max_notification_id()


@pytest.mark.parametrize("what", [Closing.SEALED, Closing.NOT_SHARED])
def test_a_record_that_is_closed_as_a_whole_makes_nothing_due_of_another_child(hub, what):
    """Else it were told by e-mail, and counted among the clocks."""
    ann, ben = child_of(hub), child_of(hub, BEN)
    more = {"named": [LEAD]} if what is Closing.SEALED else {"agency": "social-care"}

    def of_others():
        follow(hub)
        return [i for i in hub.drawn.worklist(ann) if i.obligation == "R91" and "other child" in i.asks]

    hub.gates.close(LEAD, ben, what, "A threat", **more)
    before = of_others()
    names = {"agency": "social-care", "system": "hub", "source_event_id": "hub/outcome-1"}
    said = {"identifiers": (Identifier("hub", ben.hex),), "occurred_at": MONDAY + timedelta(days=1)}
    assert record_act(
        hub.records,
        ben,
        ReferralOutcomeSet(**names, **said, **{**OUTCOME, "referral": Identifier("hub", "R-1")}),
        LEAD,
        uuid4,
    )

    assert 1 == len(before)
    assert before == of_others()
