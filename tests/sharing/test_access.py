"""Relationships, broken glass, seals, shields, bars, requests: who comes near a record, who answers."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from hub.audit import desk as desks
from hub.audit.explaining import disclosures_of
from hub.audit.history import history_of
from hub.audit.inspection import story_for, untrue_for
from hub.domain.access import AgencyInvolved, Closing, Interest, MeetingConvened
from hub.domain.access_desk import Waits
from hub.domain.child import By, allocate
from hub.domain.strand import Opens
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.identity.practitioners import Practitioners
from hub.sharing.look import Reader
from hub.sharing.share import Named
from hub.sharing.view import encode
from hub.web.pages.audit import hall_of
from schemas.case_event import Identifier, PersonName
from schemas.health import SexualHealthContact
from schemas.social_care import Contact
from tests.events import ANN, BEN, DAY, attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, Desk

WORKER = SOCIAL_WORKER.by
GUARDIAN = By("cg", "caldicott-guardian", "health")
LEAD = By("ig", "information-governance-lead", "social-care")
COORDINATOR = By("mc", "mash-coordinator", "social-care")
REASON = "A child at the door, hurt, and nobody to ask at this hour"
BOTH = Opens.BOTH


def contact():
    return Contact(agency="social-care", system="s", source_event_id="k1", occurred_at=DAY, **ANN)


def gates(hub):
    return hub.gates


def story_of(hall, reader, child):
    return story_for(hall.records, hall.policy, reader, child)


def untrue_of(hall, reader, child):
    return untrue_for(hall.records, hall.policy, reader, child, lambda _: ())


def only(hub):
    return hub.records.children()[0]


def test_broken_glass_opens_some_scopes_for_some_hours_and_stands_on_the_disclosure(desk):
    desk.take_in(missing(postcode="AB1 2CD"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        with pytest.raises(UnknownChild):
            hub.share.chronology(SOCIAL_WORKER, child)
        until = gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH).until
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
            gates(hub).break_glass(reader, only(hub), reason, BOTH)

        assert {} == hub.records.child(only(hub)).access.glass


def test_a_second_named_person_reviews_within_two_working_days_and_what_is_overdue_is_told(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH)
        (waiting,) = gates(hub).desk.waiting(GUARDIAN, Waits.REVIEW)
        with pytest.raises(NotAllowed):
            gates(hub).review(WORKER, waiting.item, "I was right", justified=True)

        assert not waiting.overdue
    with desk.open(at=NOW + timedelta(days=5)) as hub:
        (late,) = gates(hub).desk.waiting(LEAD, Waits.REVIEW)
        gates(hub).review(GUARDIAN, late.item, "The child was in danger", justified=True)

        assert late.overdue
        assert [] == gates(hub).desk.waiting(LEAD, Waits.REVIEW)
        with pytest.raises(Refused):
            gates(hub).review(GUARDIAN, late.item, "Again", justified=False)


def test_glass_does_not_open_a_sealed_record_and_those_named_on_the_seal_see_it(desk):
    desk.take_in(missing(), contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        seal = gates(hub).close(LEAD, child, Closing.SEALED, "Adopted", named=(POLICE_OFFICER.by,))

        assert hub.share.chronology(POLICE_OFFICER, child).lines
        for attempt in (
            lambda: hub.share.chronology(SOCIAL_WORKER, child),
            lambda: gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH),
        ):
            with pytest.raises(UnknownChild):
                attempt()
        with pytest.raises(
            Refused, match="somebody else"
        ):  # who reads does not open to themselves what is shut
            gates(hub).reopen(COORDINATOR, child, seal, "I want to look")
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
            gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH)
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
        gates(hub).ask(SOCIAL_WORKER, child, "The brother is allocated to me", BOTH)
        gates(hub).ask(SOCIAL_WORKER, uuid4(), "Nobody has this id, and that is not told", BOTH)
        (waiting,) = gates(hub).desk.waiting(LEAD, Waits.REQUEST)
        with pytest.raises(NotAllowed):
            gates(hub).answer(WORKER, waiting.item, "Mine", 7)
        with pytest.raises(Refused):
            gates(hub).answer(LEAD, waiting.item, "Too long", 400)
        gates(hub).answer(LEAD, waiting.item, "Needed for the brother", 7)

        assert hub.share.chronology(SOCIAL_WORKER, child).lines
        assert [] == gates(hub).desk.waiting(LEAD, Waits.REQUEST)
    with desk.open(at=NOW + timedelta(days=8)) as hub, pytest.raises(UnknownChild):
        hub.share.chronology(SOCIAL_WORKER, child)


def test_a_reason_is_as_long_as_it_must_be_and_a_request_is_granted_for_its_shortest_and_longest_time(desk):
    desk.take_in(missing(), missing(source_event_id="b1", who=BEN), at=NOW)
    length = "x" * 20
    with desk.open(at=NOW) as hub:
        ann, ben = hub.records.children()
        with pytest.raises(Refused, match="20 characters"):
            gates(hub).break_glass(SOCIAL_WORKER, ann, length[1:], BOTH)
        for sought in (ann, uuid4()):  # alike, whether or not there is a record
            with pytest.raises(Refused, match="a reason"):
                gates(hub).ask(SOCIAL_WORKER, sought, " ", BOTH)
        assert [] == gates(hub).desk.mine(WORKER)
        gates(hub).break_glass(SOCIAL_WORKER, ann, length, BOTH)
        for child, days in ((ann, 1), (ben, 28)):
            request = gates(hub).ask(SOCIAL_WORKER, child, REASON, BOTH).request
            for wrong in (0, 29):
                with pytest.raises(Refused, match="1 to 28 days"):
                    gates(hub).answer(LEAD, request, REASON, wrong)
            gates(hub).answer(LEAD, request, REASON, days)

        asked = [mine for mine in gates(hub).desk.mine(WORKER) if mine.what is Waits.REQUEST]
        assert [28, 1] == [(mine.until - NOW).days for mine in asked]


def test_a_request_of_a_friday_is_answered_by_the_tuesday_whether_or_not_there_is_a_record(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        for sought in (only(hub), uuid4()):
            taken = gates(hub).ask(SOCIAL_WORKER, sought, REASON, BOTH)

            assert (NOW + timedelta(days=4)).date() == taken.answer_by.date()


def test_a_request_for_no_record_a_barred_and_a_refused_one_look_the_same_to_whoever_asked(desk):
    desk.take_in(missing(), missing(source_event_id="b1", who=BEN), at=NOW)
    with desk.open(at=NOW) as hub:
        ann, ben = hub.records.children()
        gates(hub).close(LEAD, ben, Closing.BARRED, "His niece", named=(WORKER,), interest=Interest.RELATIVE)
        asked = [
            gates(hub).ask(SOCIAL_WORKER, sought, "I was called about this child", BOTH)
            for sought in (ann, ben, uuid4(), Identifier("nhs-number", "9990000000"))
        ]
        (waiting,) = gates(hub).desk.waiting(LEAD, Waits.REQUEST)
        gates(hub).answer(LEAD, waiting.item, "Ring the front door first", None)
        again = gates(hub).ask(SOCIAL_WORKER, ann, "I was called about this child", BOTH)
        before = gates(hub).desk.mine(WORKER)
    with desk.open(at=NOW + timedelta(days=5)) as hub:
        after = gates(hub).desk.mine(WORKER)

    assert asked[0] == again
    assert 4 == len({taken.request for taken in asked})
    assert [{"waits"}, {"not-granted"}] == [{mine.state for mine in found} for found in (before, after)]
    assert {(None, None)} == {(mine.child, mine.until) for mine in (*before, *after)}
    assert [4, 4] == [len(before), len(after)]


def test_a_record_is_meant_by_number_or_name_only_as_far_as_the_glass_would_open_it(desk):
    hidden = {"identifiers": (Identifier("hospital:clinic", "HIDDEN1"),), "name": ANN["name"]}
    clinic = SexualHealthContact(
        agency="health",
        system="clinic",
        source_event_id="s1",
        occurred_at=DAY,
        **{**ANN, "identifiers": (*ANN["identifiers"], *hidden["identifiers"])},
    )
    desk.take_in(missing(), clinic, at=NOW)
    with desk.open(at=NOW) as hub:
        with pytest.raises(UnknownChild):
            gates(hub).break_glass(SOCIAL_WORKER, hidden["identifiers"][0], REASON, BOTH)
        with pytest.raises(UnknownChild):
            gates(hub).break_glass(SOCIAL_WORKER, Identifier("nhs-number", "9990000000"), REASON, BOTH)
        before = dict(hub.records.child(only(hub)).access.glass)
        named = Named(PersonName(**ANN["name"]), date.fromisoformat(ANN["date_of_birth"]))
        opened = [
            gates(hub).break_glass(SOCIAL_WORKER, sought, REASON, BOTH)
            for sought in (Identifier("nhs-number", "944 930 5552"), named, only(hub))
        ]

        assert {} == before
        assert [only(hub)] == [found.child for found in opened][:1]
        assert 1 == len({found.glass for found in opened})


def test_who_works_with_the_child_is_told_that_the_record_opens_without_glass_or_asking(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        for act in (gates(hub).break_glass, gates(hub).ask):
            with pytest.raises(Refused, match="the record opens without"):
                act(SOCIAL_WORKER, only(hub), REASON, BOTH)


def test_on_live_data_a_review_is_given_to_nobody_who_may_not_act_in_that_role(tmp_path):
    """It would wait for a name nobody has; in a demonstration people are invented."""
    desk = Desk(tmp_path / "live", live=True)
    desk.take_in(missing(occurred_at=datetime.now(UTC) - timedelta(days=1)))
    with desk.open() as hub:
        people = Practitioners(hub.records, hub.policy)
        admits = By("ig-lead@local", "operator", "hub")
        known = people.grant(
            "https://idp.invalid", "lead", LEAD.role, LEAD.agency, None, admits, "works there"
        )
        glass = gates(hub).break_glass(SOCIAL_WORKER, only(hub), REASON, BOTH).glass
        lead, doctor = (
            By(known.person, LEAD.role, LEAD.agency),
            By(known.person, GUARDIAN.role, GUARDIAN.agency),
        )
        for nobody in (LEAD, doctor):
            with pytest.raises(Refused, match="nobody of this name"):
                gates(hub).give_review(GUARDIAN, glass, nobody)
        gates(hub).give_review(GUARDIAN, glass, lead)
        people.depart(known.id, admits, "left")
        with pytest.raises(Refused, match="nobody of this name"):
            gates(hub).give_review(GUARDIAN, glass, lead)

        assert lead == hub.records.child(only(hub)).access.glass[glass].reviewer


def test_a_review_given_to_a_named_person_is_theirs_alone_and_never_the_breakers_own(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        glass = gates(hub).break_glass(SOCIAL_WORKER, only(hub), REASON, BOTH).glass
        with pytest.raises(Refused):
            gates(hub).give_review(GUARDIAN, glass, By("sw", LEAD.role, LEAD.agency))
        with pytest.raises(Refused):
            gates(hub).give_review(GUARDIAN, glass, By("mc", "mash-coordinator", "social-care"))
        with pytest.raises(Refused, match="no such role"):
            gates(hub).give_review(GUARDIAN, glass, By("x", GUARDIAN.role, "police"))
        gates(hub).give_review(GUARDIAN, glass, LEAD)
        with pytest.raises(Refused):
            gates(hub).review(GUARDIAN, glass, "I look at it myself", justified=True)
        (waiting,) = gates(hub).desk.waiting(GUARDIAN, Waits.REVIEW)
        gates(hub).review(LEAD, glass, "There was no danger", justified=False)
        (done,) = gates(hub).desk.waiting(GUARDIAN, Waits.REVIEW, settled=True)

        assert LEAD == waiting.reviewer
        assert ("not-justified", LEAD) == (done.outcome, done.settled_by)
        with pytest.raises(UnknownChild):  # what was not justified opens nothing any more
            hub.share.chronology(SOCIAL_WORKER, only(hub))
        with pytest.raises(NotAllowed):
            gates(hub).desk.waiting(By("mc", "mash-coordinator", "social-care"), Waits.REVIEW)


def test_a_second_person_is_shown_the_reason_and_what_was_seen_and_that_they_were_is_recorded_first(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        glass = gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH).glass
        hub.share.chronology(SOCIAL_WORKER, child)
        brief = gates(hub).desk.brief(Reader(GUARDIAN, "audit"), glass)
        shown = hub.records.child(child).disclosures[-1][1]

        assert (REASON, ["chronology"]) == (brief.reason, [seen.question for seen in brief.seen])
        assert ("access-review", GUARDIAN, ()) == (shown.question, shown.reader, shown.scopes)
        with pytest.raises(NotAllowed):
            gates(hub).desk.brief(SOCIAL_WORKER, glass)
        with pytest.raises(UnknownChild):
            gates(hub).desk.brief(Reader(GUARDIAN, "audit"), uuid4())


def test_nobody_answers_or_is_shown_anything_of_a_record_that_is_barred_to_them(desk):
    desk.take_in(missing(), at=NOW)
    other = By("ig2", "information-governance-lead", "social-care")
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).ask(SOCIAL_WORKER, child, "The brother is allocated to me", BOTH)
        glass = gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH).glass
        auditor, hall = Reader(By("ig", "auditor", "social-care"), "audit"), hall_of(hub)
        assert story_of(hall, auditor, child)
        (seen,) = disclosures_of(hub.records, child)
        bar = gates(hub).close(other, child, Closing.BARRED, "Hers", named=(LEAD,), interest=Interest.OWN)
        acts = (
            lambda: gates(hub).desk.brief(Reader(LEAD, "audit"), glass),
            lambda: gates(hub).review(LEAD, glass, "Mine", justified=True),
            lambda: gates(hub).desk.restrictions(Reader(LEAD, "audit"), child),
            lambda: gates(hub).reopen(LEAD, child, bar, "Mine"),
            lambda: gates(hub).close(LEAD, child, Closing.ADDRESS, "Mine"),
            *(partial(ask, hall, auditor, child) for ask in (desks.who_saw, story_of, untrue_of)),
            lambda: desks.shown_at(hall, auditor, child, seen.version),
            lambda: desks.shown_to(hall, auditor, child, "ig", seen.at),
            lambda: desks.stood_at(hall, auditor, child, NOW, 1),
        )

        assert [] == [w for what in Waits for w in gates(hub).desk.waiting(LEAD, what)]
        assert 1 == len(gates(hub).desk.waiting(other, Waits.REQUEST))
        assert 1 == len(gates(hub).desk.waiting(GUARDIAN, Waits.REVIEW))
        for act in acts:
            with pytest.raises(UnknownChild):
                act()


def test_a_restriction_names_people_agencies_and_entries_that_there_are(desk):
    desk.take_in(missing(), at=NOW)
    stranger = By("x", "social-worker", "police")
    wrong = (
        {"what": Closing.SEALED},
        {"what": Closing.SEALED, "named": (stranger,)},
        {"what": Closing.NOT_SHARED, "agency": "the-press"},
        {"what": Closing.NOT_SHARED},
        {"what": Closing.ADDRESS, "entries": (uuid4(),)},
    )
    with desk.open(at=NOW) as hub:
        for each in wrong:
            with pytest.raises(Refused):
                gates(hub).close(LEAD, only(hub), reason="A reason", **each)
        gates(hub).close(LEAD, only(hub), Closing.NOT_SHARED, "More detrimental", agency="schools")
        (stands,) = gates(hub).desk.restrictions(Reader(LEAD, "audit"), only(hub))

        assert ("not-shared", "schools", "More detrimental", LEAD) == (
            stands.what,
            stands.agency,
            stands.reason,
            stands.by,
        )


def test_a_barred_person_who_tries_is_recorded_each_time_and_told_there_is_no_record(desk):
    desk.take_in(contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        gates(hub).close(LEAD, child, Closing.BARRED, "His own", named=(WORKER,), interest=Interest.OWN)
        for attempt in (
            lambda: hub.share.chronology(SOCIAL_WORKER, child),
            lambda: hub.share.find(SOCIAL_WORKER, Identifier("nhs-number", "944 930 5552")),
            lambda: gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH),
            lambda: hub.share.flags(SOCIAL_WORKER, child),
        ):
            with pytest.raises(UnknownChild) as told:
                attempt()
            assert type(told.value) is UnknownChild
        met = [happening for happening in history_of(hub.records, child) if happening.what == "bar-met"]

        by = f"by {WORKER.person} ({WORKER.role}, {WORKER.agency})"
        assert [f"{question} {by}" for question in ("chronology", "find", "break-glass", "flags")] == [
            one.detail for one in met
        ]


def test_every_act_about_access_stands_in_the_story_without_its_reason(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        glass = gates(hub).break_glass(SOCIAL_WORKER, child, REASON, BOTH).glass
        gates(hub).give_review(GUARDIAN, glass, LEAD)
        gates(hub).review(LEAD, glass, REASON, justified=True)
        request = gates(hub).ask(SOCIAL_WORKER, child, REASON, BOTH).request
        gates(hub).answer(LEAD, request, REASON, 7)
        seal = gates(hub).close(LEAD, child, Closing.SEALED, REASON, named=(WORKER,))
        gates(hub).reopen(LEAD, child, seal, REASON)
        story = [h for h in history_of(hub.records, child) if h.what.startswith(("glass", "access"))]
        stored = b"".join(encode(h) for h in story)

        assert [
            "glass-broken",
            "glass-review-given",
            "glass-reviewed",
            "access-asked",
            "access-answered",
            "access-closed",
            "access-reopened",
        ] == [happening.what for happening in story]
        assert all(happening.detail for happening in story)
        assert REASON.encode() not in stored
