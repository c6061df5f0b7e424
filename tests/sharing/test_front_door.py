"""What the front door's rules see of a child of two records, and of how something ended."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from hub.domain.access import Closing, Interest
from hub.domain.child import RestrictionGround
from hub.intake.questions import confirm, questions, separate
from hub.intake.splitting import split
from hub.records.reading import facts_of
from hub.sharing.front_door import WHERE, FrontDoor
from hub.sharing.policy import Tier
from hub.simulation.drawn import event_of
from schemas.any_agency import SafetyMeasure
from schemas.police import MissingEpisode, OffenceReported
from schemas.schools import SexualBehaviourIncident
from schemas.scope import Scope
from schemas.social_care import Contact
from tests.audit.test_subject_access import LEAD
from tests.events import ANN, BEN, DAY, missing
from tests.hubs import NOW, SCHOOL_LEAD, SOCIAL_WORKER
from tests.sharing.situations import POLICY
from tests.sharing.test_flags import COORDINATOR, codes, look, said
from tests.sharing.test_flags_across import LOOKING_BACK

TO_ALL = {"named": [LEAD]}
SOON = timedelta(microseconds=1)
OVER = {"end_date": NOW.date() - timedelta(days=1)}


def who(number):
    return {"identifiers": ({"system": "upn", "value": number},)}


HARMING = said(
    SexualBehaviourIncident,
    "i1",
    "schools",
    0,
    **{**who("A1"), "part": "has-sexually-harmed", "hsb_class": "abusive"},
)
HARMED = said(
    OffenceReported,
    "o1",
    "police",
    40,
    **{**who("B2"), "part": "has-been-sexually-harmed", "hsb_forms": ["peer-on-peer"]},
)
KNOWN = said(Contact, "k1", "social-care", 41, **who("B2"))
MOVED = event_of("schools move kind=new-school place=school:hill", DAY, UUID(int=7), {**ANN, **who("A1")})


@pytest.fixture
def one(desk):
    """Ann's two records, taken for one child's: a school's, and the others'."""
    desk.publish(HARMING, MOVED)
    desk.publish(HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        _, first, _ = confirmed(hub)
        yield hub, hub.records.person(first)


def confirmed(hub):
    """The question that was asked, and its two records, which are read as one child's from now on."""
    look(hub)
    (asked,) = questions(hub.records)
    one, other = asked.opened.candidates[0], asked.opened.provisional
    confirm(hub.records, asked.id, one, COORDINATOR.by, "The school said so")
    look(hub)
    return asked.id, one, other


def fires(hub, child):
    """Whether a trial of P03 fires on this child, for the coordinator."""
    (side,) = hub.backtest.tried(COORDINATOR, "P03", [hub.drawn.settings], lambda _: None)
    return child in {one.child for one in side.fired}


def seen(hub, child):
    return facts_of(hub.records.person(child), hub.keys, hub.drawn.door)


def test_what_is_sealed_of_a_record_that_was_joined_to_another_raises_no_flag(one):
    hub, (root, joined) = one
    before = codes(hub.share.flags(COORDINATOR, root.id))
    entries = tuple(joined.entries)
    hub.gates.close(LEAD, root.id, Closing.SEALED, "A threat", entries=entries, **TO_ALL)
    look(hub)

    assert "P03" in before
    assert "P03" not in codes(hub.share.flags(COORDINATOR, root.id))
    assert not {fact.entry for fact in seen(hub, root.id)} & {*entries}


def test_a_shield_on_one_record_shields_the_places_on_each_that_is_read_with_it(one):
    hub, (root, _) = one
    before = [tie.relation for fact in seen(hub, root.id) for tie in fact.places]
    hub.gates.close(LEAD, root.id, Closing.ADDRESS, "In danger", **TO_ALL)

    assert before
    assert WHERE.issuperset(before)
    assert not [tie for fact in seen(hub, root.id) for tie in fact.places]


def test_it_is_the_same_until_the_moment_an_agreement_begins_or_ends():
    begins, ends = datetime(2020, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
    one = POLICY.model_copy(update={"agreements": POLICY.agreements[:1]})
    before, within, after = (FrontDoor(one, at) for at in (begins - SOON, begins, ends))

    assert [None, begins, ends] == [door.since for door in (before, within, after)]
    assert [True, False] == [before.holds(at) for at in (begins - SOON, begins)]
    assert [False, True, True, False] == [
        within.holds(at) for at in (begins - SOON, begins, ends - SOON, ends)
    ]
    assert [False, True] == [after.holds(at) for at in (ends - SOON, ends)]
    assert within.fits(one, ends - SOON)
    assert not within.fits(one, ends)


def coordinated(**how):
    """The policy in which the coordinator's role is otherwise."""
    row = POLICY.roles["mash-coordinator"].model_copy(update=how)
    return POLICY.model_copy(update={"roles": {**POLICY.roles, "mash-coordinator": row}})


def test_under_a_policy_by_which_the_coordinator_gets_less_it_is_another_and_else_the_same():
    row = POLICY.roles["mash-coordinator"]
    moved = {"reads": row.reads - {Scope.HEALTH}, "nothing": row.nothing | {Scope.HEALTH}}
    door = FrontDoor(POLICY, NOW)

    assert door.fits(coordinated(), NOW)
    assert not door.fits(coordinated(**moved), NOW)


def test_it_sees_nothing_of_a_type_that_is_kept_from_the_coordinator_by_name():
    kind = "health.emergency-attendance.v1"
    door = FrontDoor(coordinated(types={kind: Tier.NOTHING}), NOW)

    assert {(kind, "health")} == {*FrontDoor(POLICY, NOW).seen} - {*door.seen}


@pytest.mark.parametrize("agreements", [(), (POLICY.agreements[0].model_copy(update=OVER),)])
def test_without_an_agreement_in_force_it_sees_what_its_own_agency_said_and_no_more(agreements):
    door = FrontDoor(POLICY.model_copy(update={"agreements": agreements}), NOW)

    assert {"social-care"} == {agency for _, agency in door.seen}


def test_how_something_ended_that_is_sealed_by_itself_is_seen_by_no_rule(desk):
    begun = missing("m1", ongoing=True)
    ended = missing("m2", ended_at=DAY + timedelta(days=1), completes="m1", found_with_adult=True)
    desk.publish(begun, ended)
    with desk.open(at=NOW) as hub:
        child = look(hub)
        before = [(fact.ongoing, fact.get("found_with_adult")) for fact in seen(hub, child)]
        entries = (ended.event_id,)
        hub.gates.close(LEAD, child, Closing.SEALED, "A threat", entries=entries, **TO_ALL)

        assert [(False, True)] == before
        assert [(True, None)] == [(fact.ongoing, fact.get("found_with_adult")) for fact in seen(hub, child)]


@pytest.mark.parametrize("what", [Closing.BARRED, Closing.SEALED])
def test_a_flag_that_rested_on_a_record_parted_since_tells_nothing_of_that_record_once_it_is_closed(
    desk, what
):
    """A stranger's record was read as Ann's, and a flag stood: what closes it closes that past, too."""
    desk.publish(HARMING, said(Contact, "k2", "social-care", 41, **who("A1")))
    desk.publish(HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        asked, one, other = confirmed(hub)
    with desk.open(at=NOW + timedelta(hours=1)) as hub:
        separate(hub.records, asked, COORDINATOR.by, "It was her cousin")
        look(hub)
        before, tried = codes(hub.share.flags(COORDINATOR, one)), fires(hub, one)
        named = [COORDINATOR.by] if what is Closing.BARRED else [LEAD]
        interest = Interest.RELATIVE if what is Closing.BARRED else None
        closed = hub.gates.close(LEAD, other, what, "A threat", named=named, interest=interest)
        look(hub)
        meanwhile, tried_meanwhile = codes(hub.share.flags(COORDINATOR, one)), fires(hub, one)
        counted = codes(hub.drawn.flags(one))
        hub.gates.reopen(LEAD, other, closed, "It is over")
        look(hub)

        assert "P03" in before
        assert set() == meanwhile
        assert (what is Closing.BARRED) == ("P03" in counted)  # barred from one, it is every other's to see
        assert (True, False) == (tried, tried_meanwhile)
        assert before == codes(hub.share.flags(COORDINATOR, one))


@pytest.mark.parametrize(
    ("what", "alone"),
    [
        (Closing.BARRED, False),  # a bar is of a whole record
        (Closing.SEALED, False),
        (Closing.SEALED, True),
        (Closing.NOT_SHARED, False),
        (Closing.NOT_SHARED, True),
    ],
)
def test_a_flag_that_rested_on_an_entry_moved_since_tells_nothing_of_it_once_it_is_closed_where_it_stands(
    desk, what, alone
):
    """A stranger's entry stood on Ann's record, and a flag with it: what closes it there closes that past."""
    desk.publish(
        HARMING, said(OffenceReported, "o1", "police", 40, **who("A1"), part="has-been-sexually-harmed")
    )
    desk.publish(said(Contact, "k1", "social-care", 41, **who("A1")))
    with desk.open(at=NOW) as hub:
        one = look(hub)
        assert "P03" in codes(hub.share.flags(COORDINATOR, one))
        entry = next(
            k.entry.id for k in hub.records.child(one).entries.values() if k.entry.agency == "police"
        )
    with desk.open(at=NOW + timedelta(hours=1)) as hub:
        other = split(hub.records, one, [entry], COORDINATOR.by, "It was her cousin", uuid4)
        look(hub)
        before, tried = codes(hub.share.flags(COORDINATOR, one)), fires(hub, one)
        more = {
            Closing.BARRED: {"named": [COORDINATOR.by], "interest": Interest.RELATIVE},
            Closing.SEALED: TO_ALL,
            Closing.NOT_SHARED: {"agency": "social-care"},
        }[what]
        entries = {"entries": (entry,)} if alone else {}
        closed = hub.gates.close(LEAD, other, what, "A threat", **more, **entries)
        look(hub)
        meanwhile, tried_meanwhile = codes(hub.share.flags(COORDINATOR, one)), fires(hub, one)
        hub.gates.reopen(LEAD, other, closed, "It is over")
        look(hub)

        assert "P03" in before
        assert set() == meanwhile
        assert (True, False) == (tried, tried_meanwhile)
        assert before == codes(hub.share.flags(COORDINATOR, one))


def test_what_had_ended_on_a_record_parted_since_has_ended_for_whom_something_else_of_it_is_not_read(desk):
    """Else a flag would come to them that never was, and tell that something of that record is restricted."""
    apart = {"children": ({"relation": "same-incident", "identifiers": BEN["identifiers"]},)}
    measure = {**who("A1"), **apart, "type": "schools.safety-measure.v1", "kind": "keep-apart"}
    begun = said(SafetyMeasure, "s1", "schools", 40, **measure, stage="started", ongoing=True)
    over = {"completes": "s1", "ended_at": DAY + timedelta(days=42)}
    ended = said(SafetyMeasure, "s2", "schools", 40, **measure, stage="started", **over)
    known = said(Contact, "k2", "social-care", 41, **who("A1"))
    desk.publish(begun, ended, known)
    desk.publish(said(MissingEpisode, "m1", "police", 50, **who("B2"), **apart), KNOWN)
    with desk.open(at=NOW) as hub:
        asked, one, other = confirmed(hub)
    with desk.open(at=NOW + timedelta(hours=1)) as hub:
        separate(hub.records, asked, COORDINATOR.by, "It was her cousin")
        look(hub)
        before = codes(hub.share.flags(LOOKING_BACK, one))
        hub.restrictions.restrict(SOCIAL_WORKER, other, known.event_id, RestrictionGround.ACCURACY, "Not she")
        look(hub)

        assert other in hub.share.less(LOOKING_BACK, one)
        assert before == codes(hub.share.flags(LOOKING_BACK, one)) == codes(hub.drawn.flags(one))


def test_a_flag_that_rested_on_a_record_parted_since_goes_with_what_is_not_read_of_it_and_with_nothing_else(
    desk,
):
    other_word = said(Contact, "k2", "social-care", 41, **who("A1"))
    desk.publish(HARMING, other_word, said(Contact, "k3", "social-care", 42, **who("A1")))
    desk.publish(HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        look(hub)
        (asked,) = questions(hub.records)
        one, other = asked.opened.candidates[0], asked.opened.provisional
        confirm(hub.records, asked.id, one, COORDINATOR.by, "The school said so")
        look(hub)
    with desk.open(at=NOW + timedelta(hours=1)) as hub:
        separate(hub.records, asked.id, COORDINATOR.by, "It was her cousin")
        stands = []
        for reader, entry in ((SOCIAL_WORKER, other_word), (SCHOOL_LEAD, HARMING)):
            hub.restrictions.restrict(reader, other, entry.event_id, RestrictionGround.ACCURACY, "Not she")
            look(hub)
            stands.append("P03" in codes(hub.share.flags(LOOKING_BACK, one)))

    assert [True, False] == stands
