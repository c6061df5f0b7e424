"""A closed case narrows, for who may know that it was closed, and opens again with what is recorded."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from hub.domain.access import AgencyInvolved, MeetingConvened
from hub.domain.calendar import start_of_day
from hub.domain.child import AllocationEnded, By, PractitionerAllocated, entry_event
from hub.domain.chronology import chronology
from hub.domain.entry import Relation
from hub.domain.strand import HAS_HARMED, WAS_HARMED, Opens
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.archive import Narrowing, narrowed, narrowing
from hub.sharing.look import Reader
from hub.sharing.national_export import national_export
from hub.sharing.policy import Tier, load
from hub.sharing.relationship import goes_on
from schemas.social_care import Closed
from tests.casework.test_flag_work import draw
from tests.domain.given import DAY, entry, given
from tests.events import ANN, attendance, concern, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, only_child
from tests.journeys.commands import hub as command
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN

POLICY = load()
ARCHIVE = POLICY.archive
FIRST, LAST = (step.days for step in ARCHIVE.steps)
CLOSED, REFERRAL = "social-care.closed.v1", "social-care.referral.v1"
ON = DAY.date()
LEAD = By("ig", "information-governance-lead", "social-care")
WORKER = By("sw", "social-worker", "social-care")


def social_care(name, type_=REFERRAL, **more):
    return entry(name, agency="social-care", type_=type_, **more)


CLOSING = social_care("closed", CLOSED, occurred_at=DAY)


def found(*entries, days=FIRST, tier=lambda _: Tier.READ, recorded=-400):
    child = given(*map(entry_event, entries), at=DAY + timedelta(days=recorded))
    return narrowing(ARCHIVE, chronology([child]), tier, DAY + timedelta(days=days))


@pytest.mark.parametrize(("days", "step"), [(0, 0), (FIRST - 1, 0), (FIRST, 1), (LAST - 1, 1), (LAST, 2)])
def test_it_narrows_step_by_step_from_the_day_of_the_closing(days, step):
    assert Narrowing(ON, step) == found(social_care("r", day=-9), CLOSING, days=days)


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ([], True),
        ([social_care("again", day=1)], False),
        ([entry("incident", day=0)], False),
        ([entry("before", day=-1)], True),
        ([entry("as that day begins", occurred_at=start_of_day(ON))], False),
        ([entry("as the day before ends", occurred_at=start_of_day(ON) - timedelta(minutes=1))], True),
        ([entry("learned", day=-9, learned_at=DAY)], False),
        ([entry("lasting", day=-9, ended_at=DAY)], False),
        ([entry("goes on", day=-9, ongoing=True)], False),
        ([entry("that month", day=-31, precision="month")], False),
        ([entry("a month before", day=-32, precision="month")], True),
        ([entry("that year", day=-366, precision="year")], False),
        ([entry("a year before", day=-367, precision="year")], True),
        ([entry("quiet", agency="schools", type_="schools.absence.v2", day=5)], True),
        ([entry("strength", agency="schools", type_="schools.strength-noted.v1", day=5)], True),
        ([social_care("again", day=1), social_care("closed again", CLOSED, day=2)], True),
        ([social_care("reviewed", "protocol.part-reviewed.v1", day=5)], True),
        ([social_care("told", "protocol.account-recorded.v1", day=5)], False),
        ([entry("new", day=5), entry("taken back", day=5, relation=Relation.WITHDRAWS, of="new")], True),
        ([entry("not closed", relation=Relation.WITHDRAWS, of="closed", day=-1)], False),
    ],
)
def test_what_opens_it_again_and_what_does_not(more, closed):
    last = max((x.occurred_at.date() for x in more if x.type == CLOSED), default=ON)
    assert ([last] if closed else []) == [one.closed_on for one in [found(CLOSING, *more)] if one]


def test_without_a_closing_it_never_narrows():
    assert found(social_care("r", day=-9), days=4000) is None


def test_what_comes_late_of_before_the_closing_is_read_for_as_long_as_a_case_newly_closed():
    late = entry("late", day=-30)

    assert [0, 1] == [found(CLOSING, late, recorded=200, days=200 + days).step for days in (FIRST - 1, FIRST)]


def test_what_comes_late_and_may_only_be_known_of_begins_nothing_anew():
    late = entry("late", day=-30)
    known = found(
        CLOSING, late, recorded=200, days=200, tier=lambda e: Tier.KNOWS if e == late else Tier.READ
    )

    assert 1 == known.step


@pytest.mark.parametrize(
    ("purpose", "events", "days", "step"),
    [
        ("section-17", [], FIRST, 1),
        ("section-17", [], FIRST - 1, None),
        ("screening", [], FIRST, None),
        ("screening", [], LAST, 2),
        ("section-47", [], LAST, None),
        ("practice-review", [], LAST, None),
        ("section-17", [AgencyInvolved("social-care", DAY + timedelta(days=LAST), LEAD)], FIRST, None),
    ],
)
def test_it_takes_nothing_from_who_reads_on_for_their_purpose_or_for_their_work(purpose, events, days, step):
    child = given(entry_event(CLOSING), *events)

    def of(policy, lines=lambda: chronology([child])):
        now = DAY + timedelta(days=days)
        return narrowed(policy, WORKER, purpose, [child], lines, lambda _: Tier.READ, now)

    assert step == getattr(of(POLICY), "step", None)
    assert of(POLICY.model_copy(update={"archive": None})) is None
    assert of(POLICY, lambda: ()) is None


def test_who_may_not_know_of_the_closing_is_not_narrowed_and_of_the_opening_not_widened():
    again = social_care("again", day=1)
    secret = entry("secret", type_="police.restricted.v1", day=1)

    def but(hidden, tier):
        return lambda one: tier if one.id == hidden.id else Tier.READ

    assert found(CLOSING, tier=but(CLOSING, Tier.NOTHING)) is None
    assert found(CLOSING, tier=but(CLOSING, Tier.KNOWS)) is not None
    assert found(CLOSING, again, tier=but(again, Tier.NOTHING)) is not None
    assert found(CLOSING, again, tier=but(again, Tier.KNOWS)) is None
    assert found(CLOSING, secret, tier=but(secret, Tier.KNOWS)) is not None
    assert found(CLOSING, secret) is None


def test_of_what_may_only_be_known_of_the_day_alone_counts():
    known = entry("known", day=-1, learned_at=DAY, ended_at=DAY, ongoing=True, precision="year")

    assert found(CLOSING, known, tier=lambda e: Tier.KNOWS if e.id == known.id else Tier.READ) is not None


def test_a_child_of_two_strands_is_narrowed_once_both_are_closed():
    harmed = social_care("h", day=-9, strand=HAS_HARMED)
    was = social_care("w", day=-9, strand=WAS_HARMED)
    of_one = replace(CLOSING, strand=HAS_HARMED)

    assert found(harmed, was, of_one) is None
    assert found(harmed, of_one) is not None
    assert found(harmed, was, CLOSING) is not None
    assert found(harmed, was, CLOSING, replace(entry("new", day=3), strand=WAS_HARMED)) is None


LATER = DAY + timedelta(days=FIRST)


@pytest.mark.parametrize(
    ("events", "works"),
    [
        ([], False),
        ([PractitionerAllocated(WORKER, LATER, LEAD)], True),
        ([PractitionerAllocated(WORKER, LATER - timedelta(seconds=1), LEAD)], False),
        ([PractitionerAllocated(WORKER, None, LEAD)], True),
        ([PractitionerAllocated(WORKER, None, LEAD), AllocationEnded(WORKER, LEAD)], False),
        ([PractitionerAllocated(WORKER, None, LEAD, LATER + timedelta(days=1))], False),
        ([PractitionerAllocated(By("other", WORKER.role, WORKER.agency), LATER, LEAD)], False),
        ([AgencyInvolved("social-care", LATER, LEAD)], True),
        ([AgencyInvolved("social-care", None, LEAD)], False),
        ([AgencyInvolved("police", LATER, LEAD)], False),
        ([MeetingConvened((WORKER,), LATER, LEAD)], True),
    ],
)
def test_who_still_works_with_the_child_reads_on(events, works):
    assert works == goes_on([given(), given(*events)], WORKER, ON, LATER)


def test_an_allocation_of_before_the_closing_that_has_no_end_is_not_enough():
    before = given(PractitionerAllocated(WORKER, None, LEAD), at=DAY - timedelta(days=1))

    assert not goes_on([before], WORKER, ON, LATER)


# ---------------------------------------------------------------- in a hub

HELPING = Reader(SOCIAL_WORKER.by, "section-17")
SCREENING = Reader(SOCIAL_WORKER.by, "screening")
DOOR_HELPING = Reader(COORDINATOR.by, "section-17")
DOCTOR = Reader(By("nd", "named-doctor", "health"), "direct-care")


def closed_by_social_care(day):
    at = {"occurred_at": NOW + timedelta(days=day)}
    return Closed(agency="social-care", system="s", source_event_id="closed", **at, **ANN)


def words(shared):
    return [line.all_fields().get("summary") for line in shared.lines if hasattr(line, "fields")]


def at(days):
    return NOW + timedelta(days=days)


def test_a_closed_case_is_read_less_is_still_found_and_says_so_until_something_is_recorded(
    desk, monkeypatch, capsys
):
    desk.publish(HARMED, HARMING, KNOWN, missing(summary="late"), attendance(summary="arm"))
    desk.publish(closed_by_social_care(1))
    with desk.open(at=at(1)) as hub:
        draw(hub)
        child = only_child(hub)
        flags = len(hub.share.flags(COORDINATOR, child))
    with desk.open(at=at(FIRST)) as hub:
        assert hub.share.chronology(HELPING, child).archived is None
    with desk.open(at=at(FIRST + 1)) as hub:
        ours, all_ = (hub.share.chronology(reader, child) for reader in (HELPING, SCREENING))
        doctors = hub.share.chronology(DOCTOR, child)
        assert {"social-care"} == {line.agency for line in ours.lines}
        assert (("screening", "section-47"), True) == (ours.archived.read_for, ours.archived.own_words)
        assert ["arm"] == words(doctors)
        assert all_.archived is None
        assert {"late", "arm"} <= set(words(all_))
    with desk.open(at=at(LAST + 1)) as hub:
        ours = hub.share.chronology(HELPING, child)
        asked = hub.share.find(HELPING, missing().identifiers[0])
        assert ((), "2026-11-21") == (ours.lines, str(ours.archived.closed_on))
        assert (("section-47",), False) == (ours.archived.read_for, ours.archived.own_words)
        assert "children's social care duty team" in ours.archived.contact
        assert {"name", "date_of_birth", "identifiers"} == set(ours.who) == set(asked.who)
        assert () == hub.share.flags(HELPING, child) == hub.share.flags(DOOR_HELPING, child)
        assert "2026-11-21" == national_export(ours)["archived"]
        assert flags == len(hub.share.flags(COORDINATOR, child)) > 0
        assert hub.share.archived(COORDINATOR, child) is None
        assert "late" in words(hub.share.chronology(SOCIAL_WORKER, child))
        said = command(
            monkeypatch, capsys, "chronology", str(child), "--as", "social-worker", "--purpose", "section-17",
            data=desk.settings.data,
        )  # fmt: skip
        assert "CLOSED on 21 Nov 2026, and no longer read" in " ".join(said.out.split())
        again = hub.records.child(child).disclosures[-1][1]
        assert "section-17" == again.purpose
        told = command(
            monkeypatch, capsys, "policy", "explain", f"{child}@{hub.records.child(child).version}",
            data=desk.settings.data,
        )  # fmt: skip
        assert "The case is closed, and this purpose no longer reads it" in told.out
    desk.publish(concern("new", summary="a bruise", occurred_at=at(LAST + 1)))
    with desk.open(at=at(LAST + 1)) as hub:
        draw(hub)
        opened = hub.share.chronology(HELPING, child)
        assert opened.archived is None
        assert {"late", "arm", "a bruise"} <= set(words(opened))


def test_who_has_nothing_to_do_with_the_child_is_told_nothing_of_it_and_the_glass_opens_all(desk):
    desk.take_in(missing(summary="late"), closed_by_social_care(0), at=NOW)
    with desk.open(at=at(LAST)) as hub:
        child = only_child(hub)
        doctor = Reader(DOCTOR.by, "screening")
        with pytest.raises(UnknownChild):
            hub.share.archived(doctor, child)
        hub.gates.break_glass(doctor, child, "The child is here now, hurt and afraid", Opens.BOTH)
        shown = hub.share.chronology(doctor, child)

        assert (None, 1) == (shown.archived, sum(line.agency == "social-care" for line in shown.lines))
        assert hub.share.archived(Reader(POLICE_OFFICER.by, "screening"), child) is not None
        with pytest.raises(NotAllowed):
            hub.share.archived(Reader(POLICE_OFFICER.by, "section-17"), child)
