"""A flag drawn from another child's record too is drawn without it for whom that record is closed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.replaying import Verdict, replay
from hub.domain.access import Closing, Interest
from hub.domain.child import By, FlagDecision, PartShown, RestrictionGround, show_part
from hub.simulation.drawn import day, event_of
from hub.telling.settings import Kind
from tests.audit.test_subject_access import LEAD
from tests.events import ANN, BEN
from tests.hubs import NOW, SCHOOL_LEAD, SOCIAL_WORKER, Desk
from tests.policies import version
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, codes, look
from tests.telling.servers import names

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


def test_one_that_is_sealed_takes_nothing_from_what_stands_on_a_third(desk):
    hers = event_of("schools concern-logged person=adult-of-concern:lee", day(60), UUID(int=3), CAL)
    desk.publish(HERS, HIS, hers)
    with desk.open(at=NOW) as hub:
        look(hub)
        (ann,) = (id_ for id_ in hub.records.children() if agencies(hub, id_) == {"social-care"})
        first, second = sorted({*hub.records.children()} - {ann})
        stands = []
        for sealed in (first, second):
            hub.gates.close(LEAD, sealed, Closing.SEALED, "A threat", **TO_ALL)
            look(hub)
            stands.append(RULE in codes(hub.drawn.flags(ann)))

    assert [True, False] == stands


@pytest.mark.parametrize("barred", [False, True])
def test_who_holds_it_is_told_by_name_that_it_waits_where_the_other_record_is_not_barred_to_them(
    desk, barred
):
    """Who is barred is shown other flags of the child: it is not enough that some are shown to them."""
    desk.publish(HERS, HIS, HARMING, HARMED, KNOWN)
    who, role = COORDINATOR.by.person, COORDINATOR.by.role
    names(desk, 9, who, role, of=[Kind.FLAG_WAITS.value])
    with desk.open(at=NOW) as hub:
        ann = look(hub)
        (ben,) = {*hub.records.children()} - {ann}
        flag = next(f for f in hub.drawn.flags(ann) if f.pattern == RULE)
        hub.flag_work.own(COORDINATOR, ann, flag.id)
        hub.flag_work.review(COORDINATOR, ann, flag.id, FlagDecision.HELD_BY_PLAN, "The plan covers it.")
        hub.flag_work.disagree(ANOTHER, ann, flag.id, "The plan does not reach it.")
        if barred:
            hub.gates.close(LEAD, ben, Closing.BARRED, "His aunt", **TO_ONE)
    with desk.open(at=NOW + timedelta(days=30)) as hub:
        look(hub)
        hub.teller.step()
        told = [one.decided for one in hub.teller.untold()]
        shown = codes(hub.share.flags(COORDINATOR, ann))

    assert (not barred, True) == (RULE in shown, bool(shown - {RULE}))
    assert {role if barred else who} == {
        one.recipient.partition(" by ")[0] for one in told if one.subject == flag.id
    }


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


LOOKING_BACK = COORDINATOR._replace(purpose="practice-review")
HELPING = COORDINATOR._replace(purpose="section-17")
CLOSED = event_of("social-care closed", day(40), UUID(int=3), BEN)


def test_an_entry_of_the_other_that_is_restricted_counts_where_a_child_is_protected_and_nowhere_else(two):
    hub, ann, ben = two
    before = told(hub, ann, LOOKING_BACK)
    counted = codes(hub.partnership._counted(ann, hub.drawn.flags(ann)))
    (his,) = hub.records.child(ben).entries
    hub.restrictions.restrict(SCHOOL_LEAD, ben, his, RestrictionGround.ACCURACY, "It was somebody else")
    look(hub)

    assert (True, True, True) == (*before, RULE in counted)
    assert RULE in codes(hub.share.flags(COORDINATOR, ann))
    assert RULE not in codes(hub.share.flags(LOOKING_BACK, ann))
    assert not told(hub, ann, COORDINATOR)[1]
    assert RULE not in codes(hub.partnership._counted(ann, hub.drawn.flags(ann)))


def test_what_is_sealed_of_the_other_counts_in_no_flag_also_for_whom_the_seal_names(desk):
    """What a reader may know more of than the front door makes no flag of another child."""
    known = event_of("social-care contact person=adult-of-concern:lee", day(29), UUID(int=7), BEN)
    desk.publish(HERS, known, HIS, event_of("schools concern-logged", day(31), UUID(int=8), BEN))
    with desk.open(at=NOW) as hub:
        look(hub)
        ann, ben = sorted(hub.records.children(), key=lambda child: len(hub.records.child(child).entries))
        kept = sorted(hub.records.child(ben).entries.values(), key=lambda one: one.entry.occurred_at)
        _, his, other = [one.entry.id for one in kept]
        hub.restrictions.restrict(SCHOOL_LEAD, ben, other, RestrictionGround.ACCURACY, "Not he")
        look(hub)
        before = codes(hub.share.flags(LOOKING_BACK, ann))
        hub.gates.close(LEAD, ben, Closing.SEALED, "A threat", entries=(his,), named=[COORDINATOR.by])
        look(hub)

        assert RULE in before
        assert RULE not in codes(hub.share.flags(LOOKING_BACK, ann))


@pytest.mark.usefixtures("at_once")
def test_what_the_front_door_only_knows_of_the_other_still_counts_where_something_else_of_it_is_not_read(
    tmp_path,
):
    """Else it would be told by the flag that goes that the processing of some other entry is restricted."""
    desk, now = Desk(tmp_path / "live", live=True), datetime.now(UTC)
    with desk.open() as hub:
        hub.share.disclosures.adopt(version(2027, "mash-coordinator", education="knows"), LEAD)
    known = event_of("social-care contact", day(31), UUID(int=8), BEN)
    ago = zip((HERS, HIS, known), (60, 30, 29), strict=True)
    desk.publish(*(e.model_copy(update={"occurred_at": now - timedelta(days=d)}) for e, d in ago))
    with desk.open() as hub:
        look(hub)
        ann, ben = sorted(hub.records.children(), key=lambda child: len(hub.records.child(child).entries))
        before = codes(hub.share.flags(LOOKING_BACK, ann))
        (other,) = (i for i, k in hub.records.child(ben).entries.items() if k.entry.agency == "social-care")
        hub.restrictions.restrict(SOCIAL_WORKER, ben, other, RestrictionGround.ACCURACY, "Not he")
        look(hub)

        assert (True, True) == (RULE in before, RULE in codes(hub.share.flags(LOOKING_BACK, ann)))


@pytest.mark.parametrize(("days", "reads"), [(80, True), (100, False), (400, False)])
def test_what_the_other_said_counts_no_more_for_a_purpose_for_which_its_closed_case_is_not_read(
    desk, days, reads
):
    desk.publish(HERS, HIS, CLOSED)
    with desk.open(at=day(41)) as hub:
        look(hub)
    with desk.open(at=day(40 + days)) as hub:
        look(hub)
        ann, _ = sorted(hub.records.children(), key=lambda id_: agencies(hub, id_) != {"social-care"})

        assert reads is (RULE in codes(hub.share.flags(HELPING, ann)))
        assert (reads, True) == (told(hub, ann, HELPING)[1], told(hub, ann, COORDINATOR)[0])


AT_THE_PARK = "place=public-place:park"
CAL = {**BEN, "identifiers": ({"system": "nhs-number", "value": "9449306427"},), "name": {"family": "Oak"}}
GONE = event_of(f"police missing-episode {AT_THE_PARK}", day(0), UUID(int=4), ANN)
HARMED_THEM = "schools sexual-behaviour-incident part=has-sexually-harmed"
HIS_PART = event_of(f"{HARMED_THEM} {AT_THE_PARK}", day(20), UUID(int=5), BEN)
THIRD = event_of(f"police missing-episode {AT_THE_PARK}", day(80), UUID(int=6), CAL)


def test_what_the_other_did_counts_no_more_where_a_review_took_it_out_of_view(desk):
    desk.publish(GONE, KNOWN, HIS_PART, THIRD)
    with desk.open(at=NOW) as hub:
        look(hub)
        of = {frozenset(agencies(hub, child)): child for child in hub.records.children()}
        ann, ben = of[frozenset({"police", "social-care"})], of[frozenset({"schools"})]
        before = codes(hub.share.flags(HELPING, ann))
        said = PartShown(entry=UUID(int=9), until=None, by=LEAD)
        hub.records.act(ben, lambda record: show_part(record, said))
        look(hub)

        assert "P30" in before
        assert "P30" in codes(hub.share.flags(COORDINATOR, ann))
        assert "P30" not in codes(hub.share.flags(HELPING, ann))
