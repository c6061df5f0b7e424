"""Who has left, or has their role no more, holds no flag and is told of nothing by name."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.replaying import Verdict, replay
from hub.commands.asking import flag_lines
from hub.domain.access import Closing, Interest
from hub.domain.child import By, FlagDecision, allocate
from hub.errors import Refused
from hub.identity.practitioners import Practitioners
from hub.sharing.look import Reader
from hub.telling.matter import Matter
from hub.telling.settings import Kind
from tests.casework.test_flag_work import draw, flagged
from tests.hubs import NOW, Desk
from tests.sharing.test_access import LEAD
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN
from tests.sharing.test_glass_and_role import ADMITS, ISSUER
from tests.telling.servers import names
from tests.telling.test_answering_told import CARE, DOCTOR, FOUND, shown_on_restricted
from tests.web.conftest import Served
from tests.web.test_pages import text

HERS = "mash-coordinator"
REASON = "The plan of 3 November already covers it."


class Team:
    """A child with a flag, and Sal, whom the partnership let act as a coordinator."""

    def __init__(self, hub):
        self.hub, self.people = hub, Practitioners(hub.records, hub.policy)
        self.child, self.flag = flagged(hub)
        self.sal = self.grant()

    def grant(self, role=HERS):
        agency = self.hub.policy.roles[role].agency.value
        who = self.people.grant(f"{ISSUER}/{agency}", "sal", role, agency, None, ADMITS, "works there")
        return who.by(role)

    def withdraw(self):
        self.people.withdraw(self.people.everyone()[0].id, HERS, ADMITS, "moved to another team")

    def leave(self):
        self.people.depart(self.people.everyone()[0].id, ADMITS, "left")

    def hold(self):
        self.hub.flag_work.own(COORDINATOR, self.child, self.flag.id, self.sal)
        draw(self.hub)

    def shown(self):
        return next(f for f in self.hub.share.flags(COORDINATOR, self.child) if f.id == self.flag.id)

    def open_again(self):
        """What Sal holds was decided about, and somebody does not agree: it waits once more."""
        work = self.hub.flag_work
        work.review(COORDINATOR, self.child, self.flag.id, FlagDecision.HELD_BY_PLAN, REASON)
        work.disagree(COORDINATOR, self.child, self.flag.id, "The plan does not reach it.")
        draw(self.hub)

    def told(self, *more):
        """Whom the settings would have told of these matters, or of the flag, by the names they know."""
        self.hub.teller.decide(more)
        self.hub.teller.step()
        about = {self.flag.id, *(matter.subject for matter in more)}
        told = (one.decided for one in self.hub.teller.untold())
        return {one.recipient.partition(" by ")[0] for one in told if one.subject in about}


@pytest.fixture
def team(desk):
    """Nobody listens where mail goes: what was decided waits, and can be looked at."""
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        person = Team(hub).sal.person
    names(
        desk,
        9,
        person,
        HERS,
        of=[kind.value for kind in (Kind.FLAG_WAITS, Kind.ITEM_OVERDUE, Kind.GLASS_GIVEN)],
    )
    with desk.open(at=NOW + timedelta(hours=1)) as hub:
        draw(hub)
        found = Team.__new__(Team)
        found.hub, found.people = hub, Practitioners(hub.records, hub.policy)
        (found.child, found.flag), found.sal = flagged(hub), By(person, HERS, "social-care")
        yield found


@pytest.mark.parametrize("ends", [Team.withdraw, Team.leave])
def test_a_flag_that_somebody_holds_who_is_here_no_longer_is_said_to_be_in_nobodys_hands(team, ends):
    team.hold()
    before = team.shown()
    ends(team)
    without = team.shown()
    verdicts = [
        replay(team.hub.records, team.hub.drawn, team.hub.share.disclosures, each).verdict
        for each in disclosures_of(team.hub.records, team.child)
    ]
    team.grant()
    again = team.shown()

    assert [team.sal] * 3 == [one.owner for one in (before, without, again)]
    assert (False, True, False) == tuple(one.owner_left for one in (before, without, again))
    assert [Verdict.SAME] * 2 == verdicts
    said = [any("nobody's hands" in line for line in flag_lines(one)) for one in (before, without)]
    assert [False, True] == said


def test_the_page_says_so(team):
    team.hold()
    team.leave()
    browser = Served(team.hub).browser(HERS)
    browser.post(f"/children/{team.child}/open", data={"purpose": "screening"})
    page = browser.get(f"/children/{team.child}/flags")

    assert "In nobody\u2019s hands" in text(page)
    assert "In hand with" not in text(page)


def test_on_live_data_a_flag_is_given_to_nobody_who_may_not_act_in_that_role(tmp_path):
    desk = Desk(tmp_path / "live", live=True)
    at = datetime.now(UTC) - timedelta(days=60)
    desk.take_in(
        *(one.model_copy(update={"occurred_at": at, "recorded_at": None}) for one in (HARMING, HARMED, KNOWN))
    )
    with desk.open() as hub:
        team = Team(hub)
        for nobody in (
            By("nobody", HERS, "social-care"),
            By(team.sal.person, "social-worker", "social-care"),
        ):
            with pytest.raises(Refused, match="nobody of this name"):
                hub.flag_work.own(COORDINATOR, team.child, team.flag.id, nobody)
        team.hold()

        assert team.sal == team.shown().owner


def withdraw_with_another_role_left(team):
    team.grant("social-worker")
    team.withdraw()


def barred(team):
    why = {"named": [team.sal], "interest": Interest.RELATIVE}
    team.hub.gates.close(LEAD, team.child, Closing.BARRED, "Her niece", **why)


@pytest.mark.parametrize(
    ("ends", "by_name"),
    [
        (lambda _: None, True),
        (Team.withdraw, False),
        (withdraw_with_another_role_left, False),
        (Team.leave, False),
        (barred, False),
    ],
)
def test_a_flag_that_waits_again_is_told_to_who_holds_it_where_they_are_shown_it_and_else_to_the_role(
    team, ends, by_name
):
    team.hold()
    team.open_again()
    at_once = team.told()
    ends(team)
    later = team.hub.records.clock() + timedelta(days=30)
    team.hub.records.clock = lambda: later

    assert set() == at_once
    assert {team.sal.person if by_name else HERS} == team.told()


def given_to(person):
    return Matter(Kind.GLASS_GIVEN, uuid4(), "1", uuid4(), (person, HERS), NOW)


def test_nobody_is_told_by_name_who_has_left_but_who_comes_after_them_and_by_name_again_once_they_are_back(
    team,
):
    person, told = team.sal.person, []
    for happens in (lambda: None, team.leave, team.grant):
        happens()
        told.append(team.told(given_to(person)))

    assert [{person}, {HERS}, {person}] == told


def test_what_was_decided_before_they_left_and_was_not_taken_over_yet_is_not_sent_after_them(team):
    team.told(given_to(team.sal.person))
    team.leave()
    later = team.hub.records.clock() + timedelta(minutes=5)
    team.hub.records.clock = lambda: later
    team.told()

    assert ["they-have-no-role-here-any-more"] == [one.why for one in team.hub.teller.untold()]


@pytest.mark.parametrize("ends", [None, Team.withdraw, Team.leave, barred])
def test_what_is_due_is_told_to_who_is_allocated_where_they_are_here_in_that_role_and_not_kept_from_it(
    team, ends
):
    team.grant("social-worker")
    team.hub.records.act(team.child, lambda record: allocate(record, team.sal, None, COORDINATOR.by))
    if ends is not None:
        ends(team)
    later = team.hub.records.clock() + timedelta(days=90)
    team.hub.records.clock = lambda: later
    draw(team.hub)
    team.hub.teller.step()
    told = {one.decided.kind for one in team.hub.teller.untold() if team.sal.person in one.decided.recipient}

    assert (ends is None) is (Kind.ITEM_OVERDUE in told)


def test_who_answers_for_restricted_entries_no_more_is_told_of_a_flag_on_one_no_more(desk):
    desk.publish(CARE, KNOWN, FOUND)
    with desk.open(at=NOW) as hub:
        draw(hub)
        people, (child,) = Practitioners(hub.records, hub.policy), hub.records.children()
        for role in (DOCTOR.role, "caldicott-guardian"):
            who = people.grant(f"{ISSUER}/health", "dee", role, "health", None, ADMITS, "works there")
        doctor = Reader(who.by(DOCTOR.role), "screening")
        flag = min(shown_on_restricted(hub, child))
        work = hub.flag_work
        work.own(doctor, child, flag)
        work.review(doctor, child, flag, FlagDecision.HELD_BY_PLAN, REASON)
        work.disagree(doctor, child, flag, "The plan does not reach it.")
        names(desk, 9, who.person, DOCTOR.role, of=[Kind.FLAG_WAITS.value])
    told = []
    for days, role in ((30, None), (60, DOCTOR.role)):
        with desk.open(at=NOW + timedelta(days=days)) as hub:
            if role:
                Practitioners(hub.records, hub.policy).withdraw(who.id, role, ADMITS, "moved")
            draw(hub)
            hub.teller.step()
            told.append({one.decided.recipient.partition(" by ")[0] for one in hub.teller.untold()})

    assert [{who.person}, {DOCTOR.role}] == told
