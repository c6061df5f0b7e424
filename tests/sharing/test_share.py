"""What a reader is shown: decided by the policy, recorded first, and nothing hidden shines through."""

from datetime import timedelta

import pytest

from hub.domain.child import By, Disclosed, allocate, end_allocation
from hub.errors import Conflict, NotAllowed, UnknownChild
from hub.sharing.look import Reader
from hub.sharing.view import Gap, ShownEntry, encode
from schemas.any_agency import StrengthNoted
from schemas.health import Camhs, SexualHealthContact
from schemas.social_care import Contact
from schemas.vocabulary import LinkRelation
from tests.events import ANN, BEN, DAY, attendance, concern, missing
from tests.hubs import NOW, POLICE_OFFICER, SCHOOL_LEAD, SOCIAL_WORKER

WORKER = SOCIAL_WORKER.by


def said(cls, name, day=0, agency="social-care", **more):
    return cls(
        **{
            "agency": agency,
            "system": "s",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            **ANN,
            **more,
        }
    )


def contact(name="k1", day=0, **more):
    return said(Contact, name, day, **more)


def child_of(hub):
    return max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))


def test_a_reader_whose_agency_knows_the_child_sees_what_their_role_reads(desk):
    desk.take_in(contact(), missing(day=1), attendance(day=2), concern(day=3), at=NOW)
    with desk.open(at=NOW) as hub:
        shared = hub.share.chronology(SOCIAL_WORKER, child_of(hub))

    assert ["social-care", "police", "health", "schools"] == [line.agency for line in shared.lines]
    assert {"family": "Marsh", "given": "Ann"} == shared.who["name"]


def test_what_a_role_may_know_of_is_a_gap_that_names_whom_to_ring_and_the_rest_is_not_there(desk):
    desk.take_in(contact(day=1), missing(day=2), attendance(day=3), concern(day=4), at=NOW)
    with desk.open(at=NOW) as hub:
        gap, entry = hub.share.chronology(SCHOOL_LEAD, child_of(hub)).lines

    assert isinstance(gap, Gap)
    assert ("social-care", "the children's social care duty team", 0) == (
        gap.agency,
        gap.contact,
        gap.occurred_at.hour,
    )
    assert isinstance(entry, ShownEntry)
    assert "schools" == entry.agency


def test_a_field_in_a_scope_that_may_be_known_of_is_named_and_withheld(desk):
    desk.take_in(contact(), said(Camhs, "c", 1, "health", stage="referred"), at=NOW)
    with desk.open(at=NOW) as hub:
        _, gap = hub.share.chronology(SOCIAL_WORKER, child_of(hub)).lines

    assert isinstance(gap, Gap)
    assert "the named nurse for safeguarding children" == gap.contact


def test_a_restricted_entry_does_not_exist_for_who_may_not_read_it(desk):
    plain = [contact(), attendance(day=1)]
    desk.take_in(*plain, at=NOW)
    with desk.open(at=NOW) as hub:
        child = child_of(hub)
        before = hub.share.chronology(SOCIAL_WORKER, child)

    desk.take_in(said(SexualHealthContact, "shc", 2, "health"), at=NOW)
    with desk.open(at=NOW) as hub:
        after = hub.share.chronology(SOCIAL_WORKER, child)
        doctor = Reader(By("nd", "named-doctor", "health"), "direct-care")
        shown = hub.share.chronology(doctor, child)

    assert encode(before.lines) == encode(after.lines)
    assert "health.sexual-health-contact.v1" == shown.lines[-1].type


@pytest.mark.parametrize(
    ("reader", "error"),
    [
        (Reader(By("x", "social-worker", "social-care"), "direct-care"), NotAllowed),
        (Reader(By("x", "social-worker", "police"), "section-47"), NotAllowed),
        (Reader(By("x", "burglar", "police"), "section-47"), NotAllowed),
        (Reader(By("x", "auditor", "social-care"), "audit"), UnknownChild),
        (Reader(By("x", "youth-justice-worker", "youth-justice"), "section-47"), UnknownChild),
    ],
)
def test_who_has_no_right_is_told_so_or_that_there_is_no_such_child(desk, reader, error):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub, pytest.raises(error):
        hub.share.chronology(reader, child_of(hub))


def test_an_agency_works_with_a_child_for_so_long_after_its_last_entry(desk):
    desk.take_in(missing(), contact(), at=NOW)
    with desk.open(at=NOW + timedelta(days=700)) as hub:
        assert hub.share.chronology(POLICE_OFFICER, child_of(hub)).lines
    with desk.open(at=NOW + timedelta(days=740)) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(POLICE_OFFICER, child_of(hub))


def test_a_practitioner_sees_the_child_while_allocated_and_in_the_days_of_grace(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = child_of(hub)
        hub.records.act(child, lambda c: allocate(c, WORKER, None, WORKER))
        hub.records.act(child, lambda c: end_allocation(c, WORKER, WORKER))
    with desk.open(at=NOW + timedelta(days=27)) as hub:
        assert hub.share.chronology(SOCIAL_WORKER, child).lines
    with desk.open(at=NOW + timedelta(days=29)) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(SOCIAL_WORKER, child)


def test_who_works_with_both_children_is_not_told_who_the_other_is(desk):
    linked = ({"relation": LinkRelation.SAME_INCIDENT, "identifiers": BEN["identifiers"]},)
    desk.take_in(missing("b", who=BEN), at=NOW)
    desk.take_in(contact(), missing(day=1, children=linked), at=NOW)
    with desk.open(at=NOW) as hub:
        ben, ann = hub.records.children()
        apart = hub.share.chronology(SOCIAL_WORKER, ann).lines[1].fields
        hub.records.act(ben, lambda c: allocate(c, WORKER, None, WORKER))
        both = hub.share.chronology(SOCIAL_WORKER, ann).lines[1].fields

    assert {"other-child"} == apart.keys() - both.keys()
    assert ben.hex.encode() in bytes(apart["other-child"])


def test_every_showing_is_recorded_with_its_purpose_basis_policy_and_digest(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = child_of(hub)
        hub.share.chronology(SOCIAL_WORKER, child)
        ((at, shown),) = hub.records.child(child).disclosures

    assert isinstance(shown, Disclosed)
    assert (WORKER, "section-47", "chronology") == (shown.reader, shown.purpose, shown.question)
    assert "Children Act 1989 s.47" in shown.basis
    assert 32 == len(shown.digest)
    assert at >= NOW


def test_nothing_is_shown_where_it_cannot_be_recorded(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = child_of(hub)

        def refuse(*_, **__):
            raise Conflict("the disk is full")

        hub.records.record = refuse
        with pytest.raises(Conflict):
            hub.share.chronology(SOCIAL_WORKER, child)


def test_strengths_stand_in_the_same_chronology(desk):
    strength = said(StrengthNoted, "s1", 5, type="social-care.strength-noted.v1", kind="family")
    desk.take_in(contact(), strength, at=NOW)
    with desk.open(at=NOW) as hub:
        assert (
            "social-care.strength-noted.v1"
            == hub.share.chronology(SOCIAL_WORKER, child_of(hub)).lines[-1].type
        )
