"""What people record in the hub is kept as what agencies say is: sealed, once, in the one chronology."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.domain.child import By, allocate
from hub.errors import Refused, UnknownChild
from hub.intake.acts import record_act
from schemas.protocol import ReferralReceived, S47NotStarted
from schemas.vocabulary import LinkRelation
from tests.events import ANN, BEN, DAY, missing
from tests.hubs import NOW, SOCIAL_WORKER, only_child

COORDINATOR = By("mc", "mash-coordinator", "social-care")


def referral(name="r1", **more):
    return ReferralReceived(
        **{
            "agency": "social-care",
            "system": "hub",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(hours=2),
            "referral": {"system": "hub", "value": "R1"},
            **ANN,
            **more,
        }
    )


def test_an_act_is_recorded_once_and_stands_in_the_chronology(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)

        assert record_act(hub.records, child, referral(), SOCIAL_WORKER.by, uuid4)
        assert not record_act(hub.records, child, referral(), SOCIAL_WORKER.by, uuid4)
        own = hub.share.chronology(SOCIAL_WORKER, child)
        hub.records.act(child, lambda c: allocate(c, SOCIAL_WORKER.by, None, COORDINATOR))
        shared = hub.share.chronology(SOCIAL_WORKER, child)

    assert ["protocol.referral-received.v1"] == [x.type for x in own.lines]  # decision 92
    assert ["police.missing-episode.v1", "protocol.referral-received.v1"] == [x.type for x in shared.lines]


def test_the_same_act_in_other_words_is_refused(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        record_act(hub.records, child, referral(), SOCIAL_WORKER.by, uuid4)

        with pytest.raises(Refused):
            record_act(hub.records, child, referral(received_by="Somebody else"), SOCIAL_WORKER.by, uuid4)


def test_an_act_for_no_child_is_refused(desk):
    with desk.open() as hub, pytest.raises(UnknownChild):
        record_act(hub.records, uuid4(), referral(), SOCIAL_WORKER.by, uuid4)


def test_another_child_named_in_an_act_is_linked(desk):
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": BEN["identifiers"]},)
    desk.take_in(missing(), missing("m2", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        ann, ben = sorted(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        record_act(hub.records, ann, referral(children=linked), SOCIAL_WORKER.by, uuid4)

        assert 1 == len(hub.records.child(ann).links)
        assert 2 == len(hub.records.children())
        assert ben in hub.records.children()


def test_a_decision_not_to_start_a_section_47_needs_a_reason_and_a_next_step():
    with pytest.raises(ValueError, match="next_step"):
        S47NotStarted(agency="social-care", system="hub", source_event_id="x", occurred_at=DAY, **ANN)
