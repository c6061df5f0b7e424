"""A flag drawn from another child's record too is drawn without it for whom that record is closed."""

from uuid import UUID

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.replaying import Verdict, replay
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.simulation.drawn import day, event_of
from tests.audit.test_subject_access import LEAD
from tests.events import ANN, BEN
from tests.hubs import NOW
from tests.sharing.test_flags import COORDINATOR, codes, look

HERS = event_of("social-care contact person=adult-of-concern:lee", day(0), UUID(int=1), ANN)
HIS = event_of("schools concern-logged person=adult-of-concern:lee", day(30), UUID(int=2), BEN)
ANOTHER = COORDINATOR._replace(by=By("another", "mash-coordinator", "social-care"))
TO_ONE = {"named": [COORDINATOR.by], "interest": Interest.RELATIVE}
TO_ALL = {"named": [LEAD]}
RULE = "P29"


@pytest.fixture
def two(desk):
    """Ann and Ben, on whose records two agencies name one adult."""
    desk.publish(HERS, HIS)
    with desk.open(at=NOW) as hub:
        look(hub)
        ann, ben = sorted(hub.records.children(), key=lambda id_: agencies(hub, id_) != {"social-care"})
        yield hub, ann, ben


def agencies(hub, child):
    return {kept.entry.agency for kept in hub.records.child(child).entries.values()}


def told(hub, child, reader):
    (side,) = hub.backtest.tried(reader, RULE, [hub.drawn.settings], lambda _: None)
    return RULE in codes(hub.share.flags(reader, child)), child in {one.child for one in side.fired}


def test_it_is_there_for_every_coordinator_while_nothing_is_closed(two):
    hub, ann, _ = two

    assert [(True, True)] * 2 == [told(hub, ann, reader) for reader in (COORDINATOR, ANOTHER)]


def test_to_whom_the_other_record_is_barred_neither_flag_nor_trial_tells_and_to_another_both_do(two):
    hub, ann, ben = two
    hub.gates.close(LEAD, ben, Closing.BARRED, "His aunt", **TO_ONE)
    look(hub)

    assert (False, False) == told(hub, ann, COORDINATOR)
    assert (True, True) == told(hub, ann, ANOTHER)


def test_a_record_that_is_sealed_raises_no_flag_of_another_child(two):
    hub, ann, ben = two
    hub.gates.close(LEAD, ben, Closing.SEALED, "A threat", **TO_ALL)
    look(hub)

    assert RULE not in codes(hub.drawn.flags(ann))
    assert (False, False) == told(hub, ann, COORDINATOR)


def test_what_each_was_shown_is_drawn_again_to_the_byte_also_once_it_is_open_to_them(two):
    hub, ann, ben = two
    bar = hub.gates.close(LEAD, ben, Closing.BARRED, "His aunt", **TO_ONE)
    look(hub)
    for reader in (COORDINATOR, ANOTHER):
        hub.share.flags(reader, ann)
        hub.share.beside(reader, ann)
    hub.gates.reopen(LEAD, ben, bar, "She is not")
    look(hub)
    shown = disclosures_of(hub.records, ann)
    found = [replay(hub.records, hub.drawn, hub.share.disclosures, each).verdict for each in shown]

    assert [Verdict.SAME] * 4 == found
    assert (True, True) == told(hub, ann, COORDINATOR)
