"""Relationships, broken glass, seals, shields, bars, requests: who comes near a record, who answers."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.domain.access import AgencyInvolved, Closing, Interest, MeetingConvened
from hub.domain.child import By, allocate
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.sharing.access import Gates
from hub.sharing.look import Reader
from hub.sharing.view import encode
from schemas.social_care import Contact
from tests.events import ANN, DAY, attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER

WORKER = SOCIAL_WORKER.by
GUARDIAN = By("cg", "caldicott-guardian", "health")
LEAD = By("ig", "information-governance-lead", "social-care")
REASON = "A child at the door, hurt, and nobody to ask at this hour"


def contact():
    return Contact(agency="social-care", system="s", source_event_id="k1", occurred_at=DAY, **ANN)


def gates(hub):
    return Gates(hub.records, lambda: hub.policy, uuid4)


def only(hub):
    return hub.records.children()[0]


def test_broken_glass_opens_some_scopes_for_some_hours_and_stands_on_the_disclosure(desk):
    desk.take_in(missing(postcode="AB1 2CD"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        with pytest.raises(UnknownChild):
            hub.share.chronology(SOCIAL_WORKER, child)
        until = gates(hub).break_glass(SOCIAL_WORKER, child, REASON)
        shown = hub.share.chronology(SOCIAL_WORKER, child)
        disclosed = hub.records.child(child).disclosures[-1][1]

        assert timedelta(hours=4) <= until - NOW < timedelta(hours=4, minutes=5)
        assert {"identity", "whereabouts", "police"} == set(disclosed.scopes) - {"social-care", "health"}
        assert ["police"] == [line.agency for line in shown.lines]
        assert disclosed.glass in hub.records.child(child).access.glass
    with desk.open(at=NOW + timedelta(hours=5)) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(SOCIAL_WORKER, child)


@pytest.mark.parametrize(
    ("reader", "reason", "error"),
    [
        (Reader(By("x", "school-lead", "schools"), "section-47"), REASON, NotAllowed),
        (Reader(By("x", "social-worker", "police"), "section-47"), REASON, NotAllowed),
        (Reader(WORKER, "investigation"), REASON, NotAllowed),
        (SOCIAL_WORKER, "urgent", Refused),
        (SOCIAL_WORKER, " " * 40, Refused),
    ],
)
def test_who_may_not_break_the_glass_or_gives_no_reason_does_not(desk, reader, reason, error):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        with pytest.raises(error):
            gates(hub).break_glass(reader, only(hub), reason)

        assert {} == hub.records.child(only(hub)).access.glass


def test_a_second_named_person_reviews_within_two_working_days_and_what_is_overdue_is_told(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).break_glass(SOCIAL_WORKER, child, REASON)
        (waiting,) = gates(hub).open_glass(LEAD)
        with pytest.raises(NotAllowed):
            gates(hub).review(WORKER, child, waiting.glass.broken.glass, "I was right", justified=True)

        assert not waiting.overdue
    with desk.open(at=NOW + timedelta(days=5)) as hub:
        (late,) = gates(hub).open_glass(LEAD)
        gates(hub).review(GUARDIAN, child, late.glass.broken.glass, "The child was in danger", justified=True)

        assert late.overdue
        assert [] == gates(hub).open_glass(LEAD)
        with pytest.raises(Refused):
            gates(hub).review(GUARDIAN, child, late.glass.broken.glass, "Again", justified=False)


def test_glass_does_not_open_a_sealed_record_and_those_named_on_the_seal_see_it(desk):
    desk.take_in(missing(), contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        seal = gates(hub).close(LEAD, child, Closing.SEALED, "Adopted", named=(POLICE_OFFICER.by,))

        assert hub.share.chronology(POLICE_OFFICER, child).lines
        for attempt in (
            lambda: hub.share.chronology(SOCIAL_WORKER, child),
            lambda: gates(hub).break_glass(SOCIAL_WORKER, child, REASON),
        ):
            with pytest.raises(UnknownChild):
                attempt()
        gates(hub).reopen(LEAD, child, seal, "The order ended")
        assert hub.share.chronology(SOCIAL_WORKER, child).lines


@pytest.mark.parametrize(
    ("what", "more"),
    [(Closing.SEALED, {"named": (POLICE_OFFICER.by,)}), (Closing.NOT_SHARED, {"agency": "social-care"})],
)
def test_an_entry_that_is_sealed_or_not_shared_does_not_exist_for_who_may_not_see_it(desk, what, more):
    desk.take_in(contact(), missing(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        before = hub.share.chronology(SOCIAL_WORKER, child).lines
    desk.take_in(attendance(day=2), at=NOW)
    with desk.open(at=NOW) as hub:
        (entry,) = (
            k.entry.id for k in hub.records.child(child).entries.values() if k.entry.agency == "health"
        )
        gates(hub).close(LEAD, child, what, "More detrimental to the child", entries=(entry,), **more)

        assert encode(before) == encode(hub.share.chronology(SOCIAL_WORKER, child).lines)


def test_a_persons_own_and_relatives_records_are_blocked_glass_or_not(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        bar = gates(hub).close(
            LEAD, child, Closing.BARRED, "His niece", named=(WORKER,), interest=Interest.RELATIVE
        )
        other = Reader(By("sw2", "social-worker", "social-care"), "section-47")

        assert hub.share.chronology(other, child).lines
        with pytest.raises(UnknownChild):
            hub.share.chronology(SOCIAL_WORKER, child)
        with pytest.raises(UnknownChild):
            gates(hub).break_glass(SOCIAL_WORKER, child, REASON)
        with pytest.raises(Refused):
            gates(hub).close(LEAD, child, Closing.BARRED, "No word of whom")
        gates(hub).reopen(LEAD, child, bar, "Entered in error")
        assert hub.share.chronology(SOCIAL_WORKER, child).lines


def test_a_shielded_address_is_shown_to_those_named_alone(desk):
    desk.take_in(contact(), missing(day=1, postcode="AB1 2CD"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).close(LEAD, child, Closing.ADDRESS, "In a refuge", named=(POLICE_OFFICER.by,))

        assert "postcode" in hub.share.chronology(POLICE_OFFICER, child).who
        shown = hub.share.chronology(SOCIAL_WORKER, child)
        assert b"AB1 2CD" not in encode(shown)
        assert b"whereabouts" not in encode(shown.lines)


def test_a_relationship_has_a_beginning_an_end_and_days_of_grace(desk):
    desk.take_in(missing(), at=NOW)
    starts, ends = NOW + timedelta(days=10), NOW + timedelta(days=20)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        hub.records.act(child, lambda c: allocate(c, WORKER, ends, WORKER, since=starts))
    for day, works in ((9, False), (11, True), (47, True), (49, False)):
        with desk.open(at=NOW + timedelta(days=day)) as hub:
            if works:
                assert hub.share.chronology(SOCIAL_WORKER, child).lines
            else:
                with pytest.raises(UnknownChild):
                    hub.share.chronology(SOCIAL_WORKER, child)


@pytest.mark.parametrize(
    "event",
    [
        AgencyInvolved(agency="social-care", until=None, by=LEAD),
        MeetingConvened(members=(WORKER,), until=NOW + timedelta(days=3), by=LEAD),
    ],
)
def test_an_agency_that_is_involved_and_a_member_of_a_meeting_work_with_the_child(desk, event):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        hub.records.append(only(hub), [event])

        assert hub.share.chronology(SOCIAL_WORKER, only(hub)).lines


def test_a_request_is_answered_by_another_named_person_and_ends(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).ask(SOCIAL_WORKER, child, "The brother is allocated to me")
        gates(hub).ask(SOCIAL_WORKER, uuid4(), "Nobody has this id, and that is not told")
        (waiting,) = gates(hub).open_requests(LEAD)
        with pytest.raises(NotAllowed):
            gates(hub).answer(WORKER, child, waiting.request.asked.request, "Mine", 7)
        with pytest.raises(Refused):
            gates(hub).answer(LEAD, child, waiting.request.asked.request, "Too long", 400)
        gates(hub).answer(LEAD, child, waiting.request.asked.request, "Needed for the brother", 7)

        assert hub.share.chronology(SOCIAL_WORKER, child).lines
        assert [] == gates(hub).open_requests(LEAD)
    with desk.open(at=NOW + timedelta(days=8)) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(SOCIAL_WORKER, child)
