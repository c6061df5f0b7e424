"""Whose guardian looks at why the glass was broken: the agency's that leads for the child, by the record."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from hub.domain.access import AgencyInvolved, AgencyInvolvementEnded, GlassBroken
from hub.domain.access_desk import Waits
from hub.domain.child import AllocationEnded, By, Child, PractitionerAllocated, evolve
from hub.domain.entry import Envelope
from hub.errors import UnknownChild
from hub.sharing.lead_agency import guardians_of, lead_agency
from hub.sharing.look import Reader
from hub.sharing.policy import PolicyInvalid, load, read
from schemas.vocabulary import Agency
from tests.events import attendance
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER
from tests.sharing.test_access import BOTH, GUARDIAN, LEAD, REASON, only
from tests.telling.servers import names
from tests.telling.test_access_told import told

ANN = By("sw9", "social-worker", "social-care")
POLICE, SCHOOL = By("po9", "police-officer", "police"), By("dsl9", "school-lead", "schools")
AUDITOR = Reader(By("au", "auditor", "social-care"), "audit")
DAY = timedelta(days=1)
RULE = load()
CALDICOTT, GOVERNANCE = "caldicott-guardian", "information-governance-lead"


def allocated(by, since=None, until=None):
    return PractitionerAllocated(practitioner=by, until=until, by=ANN, since=since)


def involved(agency, until=None):
    return AgencyInvolved(agency=agency, until=until, by=ANN)


def record(*events):
    child = Child(NOW_ID)
    for at, event in enumerate(events):
        evolve(child, event, NOW - timedelta(days=20 - at))
    return (child,)


NOW_ID = UUID(int=7)


@pytest.mark.parametrize(
    ("events", "leads"),
    [
        ((), ""),
        ((allocated(SCHOOL), allocated(POLICE)), "schools"),
        ((allocated(POLICE), allocated(SCHOOL), allocated(ANN)), "social-care"),
        ((allocated(ANN), AllocationEnded(practitioner=ANN, by=ANN), allocated(POLICE)), "police"),
        ((allocated(ANN, until=NOW - DAY), allocated(POLICE)), "police"),
        ((allocated(ANN, until=NOW), allocated(POLICE)), "social-care"),
        ((allocated(ANN, since=NOW + DAY), allocated(POLICE)), "police"),
        ((allocated(ANN, since=NOW), allocated(POLICE)), "social-care"),
        ((involved("health"), involved("schools")), "health"),
        ((involved("health"), involved("social-care")), "social-care"),
        ((involved("health"), allocated(POLICE)), "police"),
        ((involved("health", until=NOW), involved("schools")), "health"),
        ((involved("health", until=NOW - DAY), involved("schools")), "schools"),
        ((involved("health"), AgencyInvolvementEnded(agency="health", by=ANN)), ""),
    ],
)
def test_who_leads_follows_from_who_works_with_the_child(events, leads):
    assert leads == lead_agency(record(*events), NOW)


@pytest.mark.parametrize(
    ("leads", "breaker", "guardians"),
    [
        (ANN, "police", (GOVERNANCE,)),
        (ANN, "social-care", (GOVERNANCE, CALDICOTT)),
        (By("n", "health-practitioner", "health"), "police", (CALDICOTT,)),
        (By("n", "health-practitioner", "health"), "health", (CALDICOTT, GOVERNANCE)),
        (SCHOOL, "police", (CALDICOTT,)),
        (None, "police", (CALDICOTT,)),
        (None, "health", (CALDICOTT, GOVERNANCE)),
    ],
)
def test_the_lead_agencys_guardian_else_the_policys_own_and_never_an_agency_at_itself_alone(
    leads, breaker, guardians
):
    records = record(*([allocated(leads)] if leads else []))

    assert (leads.agency if leads else "", guardians) == guardians_of(records, RULE, breaker, NOW)


def test_of_several_agencies_that_could_look_too_one_does():
    rule = RULE.break_glass.model_copy(
        update={"guardians": {**RULE.break_glass.guardians, Agency.SCHOOLS: "school-lead"}}
    )
    policy = RULE.model_copy(update={"break_glass": rule})

    assert (GOVERNANCE, CALDICOTT) == guardians_of(record(allocated(ANN)), policy, "social-care", NOW).roles


def broken(hub, reader):
    """The only child, whom a social worker works with, and whose record a reader broke the glass of."""
    child = only(hub)
    hub.records.act(child, lambda _: [allocated(ANN)])
    return child, hub.gates.break_glass(reader, child, REASON, BOTH)


def test_the_guardian_of_the_lead_agency_is_told_reviews_and_no_other(desk, mails):
    box, port = mails
    names(desk, port, CALDICOTT, GOVERNANCE)
    desk.take_in(attendance(), at=NOW)
    with desk.open(at=NOW) as hub:
        child, opened = broken(hub, POLICE_OFFICER)
        hub.teller.step()
        (waits,) = hub.gates.desk.waiting(LEAD, Waits.REVIEW)
        others = hub.gates.desk.waiting(GUARDIAN, Waits.REVIEW)
        for attempt in (
            lambda: hub.gates.desk.brief(Reader(GUARDIAN, "audit"), opened.glass),
            lambda: hub.gates.review(GUARDIAN, opened.glass, REASON, justified=True),
            lambda: hub.gates.give_review(GUARDIAN, opened.glass, GUARDIAN),
        ):
            with pytest.raises(UnknownChild):
                attempt()
        hub.gates.review(LEAD, opened.glass, REASON, justified=True)
        settled = hub.records.child(child).access.glass[opened.glass]

    assert ((GOVERNANCE,), "social-care", []) == (opened.guardians, waits.lead, others)
    assert [GOVERNANCE] == [to for to, _ in told(box)]
    assert LEAD == settled.reviewed.by


def test_two_are_told_where_the_agency_that_leads_broke_it_and_either_may_review(desk, mails):
    box, port = mails
    names(desk, port, CALDICOTT, GOVERNANCE)
    desk.take_in(attendance(), at=NOW)
    with desk.open(at=NOW) as hub:
        _, opened = broken(hub, SOCIAL_WORKER)
        assert (GOVERNANCE, CALDICOTT) == opened.guardians
        hub.teller.step()
        hub.gates.review(GUARDIAN, opened.glass, REASON, justified=False)
        left = hub.gates.desk.waiting(LEAD, Waits.REVIEW)

    assert {CALDICOTT, GOVERNANCE} == {to for to, _ in told(box)}
    assert [] == left


def test_overdue_at_two_working_days_an_auditor_sees_it_and_everyone_who_reviews_may(desk):
    desk.take_in(attendance(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only(hub)
        opened = hub.gates.break_glass(POLICE_OFFICER, child, REASON, BOTH)
        in_time = hub.gates.desk.waiting(AUDITOR.by, Waits.REVIEW), hub.gates.desk.waiting(LEAD, Waits.REVIEW)
    with desk.open(at=opened.review_by + timedelta(minutes=1)) as hub:
        (late,) = hub.gates.desk.waiting(AUDITOR.by, Waits.REVIEW)
        hub.gates.review(LEAD, opened.glass, REASON, justified=True)

    assert ((CALDICOTT,), False, []) == (opened.guardians, in_time[0][0].overdue, in_time[1])
    assert late.overdue


def test_a_breaking_of_before_it_said_whose_review_it_is_reads_as_it_did():
    said = (
        b"\x11" * 16,
        ["po", "police-officer", "police"],
        "section-47",
        NOW,
        NOW,
        CALDICOTT,
        ["police", b""],
    )
    old = msgspec.convert(["glass-broken", *said], GlassBroken, strict=False)

    assert (CALDICOTT, "", (), Envelope("police", b"")) == (old.guardian, old.lead, old.guardians, old.reason)


@pytest.mark.parametrize(
    "guardians",
    ['{ police = "nobody-we-know" }', '{ the-press = "auditor" }', '{ health = "caldicott-guardian" }'],
)
def test_guardians_that_are_in_no_table_or_of_one_agency_alone_are_refused(guardians):
    text, agreements = RULE.texts
    line = next(x for x in text.decode().splitlines() if x.startswith("guardians = "))

    with pytest.raises(PolicyInvalid):
        read((text.decode().replace(line, f"guardians = {guardians}").encode(), agreements))


def test_a_policy_of_before_guardians_were_named_by_agency_still_loads_and_its_own_guardian_reviews():
    text, agreements = RULE.texts
    line = next(x for x in text.decode().splitlines() if x.startswith("guardians = "))
    before = read((text.decode().replace(line, "").encode(), agreements))

    assert ("social-care", (CALDICOTT,)) == guardians_of(record(allocated(ANN)), before, "police", NOW)
