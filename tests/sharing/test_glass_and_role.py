"""Broken glass ends with the role it was broken in: a role given anew breaks it anew, or sees nothing."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.replaying import Verdict, replay
from hub.domain.access import Glass, GlassBroken
from hub.domain.access_desk import Waits
from hub.domain.child import By, allocate
from hub.domain.entry import Envelope
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.domain.refusal import refusals_of
from hub.domain.strand import HAS_HARMED, WAS_HARMED, WHOLE, Opens
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.identity.practitioners import Practitioners
from hub.records import Records
from hub.sharing.disclosing import POLICIES
from hub.sharing.glass import as_it_stands
from hub.sharing.look import Reader
from hub.sharing.policy import read
from schemas.police import OffenceReported
from tests.events import missing
from tests.hubs import NOW, Desk, only_child, take_all
from tests.policies import version
from tests.sharing.situations import POLICY
from tests.sharing.test_drawn import LEAD
from tests.sharing.test_flags import HARMED, said
from tests.sharing.test_strands import strands_known

ISSUER = "https://idp.invalid"
ADMITS = By("ig-lead@local", "operator", "hub")
GUARDIAN = By("cg", "caldicott-guardian", "health")
REASON = "A child at the door, hurt, and nobody to ask at this hour"
BOTH = Opens.BOTH
SOON = timedelta(minutes=30)


class Team:
    """A hub that knows of Ann by the police alone, and a social worker whom the partnership gave roles."""

    def __init__(self, hub):
        self.hub, self.people, self.child = hub, Practitioners(hub.records, hub.policy), only_child(hub)

    def give(self, role="social-worker", *, until=None, subject="sal"):
        agency = self.hub.policy.roles[role].agency.value
        who = self.people.grant(f"{ISSUER}/{agency}", subject, role, agency, until, ADMITS, "works there")
        return Reader(who.by(role), "section-47")

    def withdraw(self, reader):
        self.people.withdraw(self.one(reader), reader.by.role, ADMITS, "moved to another team")

    def leave(self, reader):
        self.people.depart(self.one(reader), ADMITS, "left")

    def one(self, reader):
        return next(each.id for each in self.people.everyone() if each.person == reader.by.person)

    def breaks(self, reader, strand=BOTH):
        return self.hub.gates.break_glass(reader, self.child, REASON, strand).glass

    def sees(self, reader):
        """Whether the record opens to them, now, and by the page's address as well as by its lines."""
        try:
            shown = self.hub.share.chronology(reader, self.child)
        except UnknownChild:
            assert self.hub.gates.desk.under(reader, self.child) is None
            return False
        assert self.hub.gates.desk.under(reader, self.child) is not None
        return bool(shown.lines)

    def waits(self, **more):
        return self.hub.gates.desk.waiting(GUARDIAN, Waits.REVIEW, **more)

    def mine(self, reader):
        return [(one.item, one.state, one.child) for one in self.hub.gates.desk.mine(reader.by)]


@pytest.fixture
def team(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        yield Team(hub)


@pytest.mark.parametrize("ends", [Team.withdraw, Team.leave])
def test_who_is_given_the_role_anew_looks_under_no_glass_of_before(team, ends):
    sal = team.give()
    old = team.breaks(sal)
    seen = team.sees(sal)
    ends(team, sal)
    without = team.sees(sal)
    again = team.give()

    assert again == sal
    assert (True, False, False) == (seen, without, team.sees(sal))
    assert [(old, "over", None)] == team.mine(sal)


def test_glass_broken_anew_is_another_reviewed_beside_the_first(team):
    sal = team.give()
    old = team.breaks(sal)
    team.withdraw(sal)
    team.give()
    new = team.breaks(sal)

    assert old != new
    assert team.sees(sal)
    assert [(new, "open", team.child), (old, "over", None)] == team.mine(sal)
    assert {old, new} == {one.item for one in team.waits()}
    assert new == list(disclosures_of(team.hub.records, team.child))[-1].disclosed.glass


def test_what_was_seen_before_the_role_was_withdrawn_is_reviewed_still_and_overdue_in_its_time(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        team = Team(hub)
        sal = team.give()
        old = team.breaks(sal)
        team.sees(sal)
        team.withdraw(sal)
        team.give()
        (waiting,) = team.waits()
        brief = hub.gates.desk.brief(Reader(GUARDIAN, "audit"), old)
        soon = hub.clock()
    with desk.open(at=NOW + timedelta(days=5)) as hub:
        (late,) = Team(hub).waits()
        told = {matter.subject for matter in hub.gates.desk.until(hub.clock())}
        hub.gates.review(GUARDIAN, old, "The child was in danger", justified=True)
        (done,) = Team(hub).waits(settled=True)

    assert (old, False) == (waiting.item, waiting.overdue)
    assert NOW < waiting.until <= soon  # it opened the record no longer than that
    assert ["chronology"] == [seen.question for seen in brief.seen]
    assert ({old}, True) == (told, late.overdue)
    assert ("justified", waiting.until) == (done.outcome, done.until)


def test_what_a_review_found_justified_does_not_open_again_with_the_role(team):
    sal = team.give()
    old = team.breaks(sal)
    team.hub.gates.review(GUARDIAN, old, "The child was in danger", justified=True)
    assert team.sees(sal)
    team.withdraw(sal)
    team.give()

    assert not team.sees(sal)


def test_the_glass_broken_in_another_role_goes_on_and_of_a_leaver_none_does(team):
    doctor = team.give("named-doctor", subject="dee")
    practitioner = team.give("health-practitioner", subject="dee")
    team.breaks(doctor)
    team.withdraw(practitioner)
    one_of_two = team.sees(doctor)
    team.give("health-practitioner", subject="dee")
    team.leave(doctor)
    team.give("named-doctor", subject="dee")

    assert (True, False) == (one_of_two, team.sees(doctor))


def test_the_same_subject_of_another_agency_is_somebody_else_whose_glass_goes_on(team):
    sal, officer = team.give(), team.give("police-officer")
    team.breaks(sal)
    team.leave(officer)
    team.give("police-officer")

    assert sal.by.person != officer.by.person
    assert team.sees(sal)


def test_a_role_that_is_given_for_longer_before_it_ends_was_never_withdrawn(team):
    sal = team.give(until=team.hub.clock() + timedelta(hours=1))
    old = team.breaks(sal)
    team.give()
    longer = team.sees(sal)
    same = team.breaks(sal)
    team.withdraw(sal)
    team.give()

    assert (True, old) == (longer, same)
    assert not team.sees(sal)


def test_a_role_that_ran_out_and_is_given_anew_looks_under_no_glass_of_before(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        team = Team(hub)
        end = hub.clock() + SOON
        sal = team.give(until=end)
        team.breaks(sal)
        assert team.sees(sal)
    with desk.open(at=NOW + 2 * SOON) as hub:
        team = Team(hub)
        over = team.sees(sal)
        team.give()
        (waiting,) = team.waits()

        assert (False, False, end) == (over, team.sees(sal), waiting.until)


def test_nobody_breaks_the_glass_in_a_role_they_no_longer_have_and_that_they_tried_is_recorded(team):
    sal = team.give()
    team.withdraw(sal)
    with pytest.raises(NotAllowed):
        team.breaks(sal)
    (tried,) = team.hub.records.archive.stream(refusals_of(team.child))

    assert ("break-glass", sal.by) == (tried.body.question, tried.body.reader)
    assert {} == team.hub.records.child(team.child).access.glass


def test_a_role_withdrawn_while_the_glass_is_being_broken_opens_nothing(team, monkeypatch):
    """The glass is recorded, is reviewed, and opens nothing: neither then nor with the role given anew."""
    sal, act = team.give(), Records.act

    def withdrawn_first(records, id_, decide, *more):
        team.withdraw(sal)
        return act(records, id_, decide, *more)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Records, "act", withdrawn_first)
        with pytest.raises(NotAllowed):
            team.breaks(sal)
    team.give()

    assert 1 == len(team.waits())
    assert not team.sees(sal)


def test_with_the_role_ends_what_the_glass_opened_of_a_strand_beside_ones_own(desk):
    harming = said(OffenceReported, "o2", "police", 1, part=HAS_HARMED, category="rape")
    desk.take_in(harming, HARMED, missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        team = Team(hub)
        sal = team.give()
        team.breaks(sal, Opens.WAS_HARMED)
        hub.records.act(team.child, lambda c: allocate(c, sal.by, None, ADMITS, strand=HAS_HARMED))
        both = strands_known(hub, team.child, sal)
        team.withdraw(sal)
        team.give()

        assert {HAS_HARMED, WAS_HARMED} == both - {WHOLE}
        assert {HAS_HARMED} == strands_known(hub, team.child, sal) - {WHOLE}


def test_what_was_shown_under_the_first_glass_is_drawn_again_whatever_became_of_the_role(team):
    sal = team.give()
    team.breaks(sal)
    team.sees(sal)
    team.withdraw(sal)
    team.sees(sal)
    team.give()
    team.sees(sal)
    team.breaks(sal)
    team.sees(sal)
    team.leave(sal)
    found = [
        replay(team.hub.records, team.hub.drawn, team.hub.share.disclosures, each)
        for each in disclosures_of(team.hub.records, team.child)
    ]

    assert [("chronology", Verdict.SAME)] * 2 == [(r.shown.disclosed.question, r.verdict) for r in found]


def test_whether_a_role_goes_on_is_asked_of_nobody_but_who_would_look_under_the_glass(team, monkeypatch):
    """Else a look would cost, and tell by its time, how many others had broken the glass."""
    sal, dee, officer = team.give(), team.give(subject="dee"), team.give("police-officer")
    for each in (sal, dee):
        team.breaks(each)
    asked, history = [], Records.history
    monkeypatch.setattr(Records, "history", lambda records, id_: asked.append(id_) or history(records, id_))
    team.hub.share.chronology(officer, team.child)
    of_who_looks = {id_.hex for id_ in asked}
    asked.clear()
    team.hub.share.chronology(sal, team.child)

    assert {officer.by.person} == of_who_looks  # whose accounts are theirs
    assert {sal.by.person, POLICIES.hex} == {id_.hex for id_ in asked}


@pytest.mark.parametrize("ends", [Team.withdraw, Team.leave])
def test_a_request_of_whom_the_role_was_taken_from_since_is_granted_no_more_and_may_be_refused(team, ends):
    """Else it would open the record by itself to whoever is given the role anew, for days."""
    sal = team.give()
    gates, coordinator = team.hub.gates, By("mc", "mash-coordinator", "social-care")
    asked = gates.ask(sal, team.child, "She is on my list from Monday", BOTH).request
    ends(team, sal)
    with pytest.raises(Refused, match="who asked has this role no longer"):
        gates.answer(coordinator, asked, "They work with her", 5)
    waits = [one.item for one in gates.desk.waiting(coordinator, Waits.REQUEST)]
    gates.answer(coordinator, asked, "They have left", None)
    team.give()

    assert [asked] == waits
    assert [] == gates.desk.waiting(coordinator, Waits.REQUEST)
    assert not team.sees(sal)


# ------------------------------------------------------------ a role that an adopted policy drops


def without(policy, role):
    """This policy with a role called otherwise wherever it is named."""
    text, agreements = policy.texts
    return read((text.replace(role.encode(), b"former-" + role.encode()), agreements))


@pytest.fixture
def live(tmp_path):
    """A live hub under an adopted policy, of a child of whom the police alone said something."""
    desk = Desk(tmp_path / "live", live=True)
    desk.publish(missing())
    with desk.open() as hub:
        hub.share.disclosures.adopt(version(2027), LEAD)
    with desk.open() as hub:
        take_all(hub)
        yield Team(hub)


@pytest.mark.usefixtures("at_once")
def test_glass_ends_with_the_role_that_an_adoption_drops_and_another_that_has_it_again_opens_nothing(live):
    sal, adopt = live.give(), live.hub.share.disclosures.adopt
    old = live.breaks(sal)
    seen = live.sees(sal)
    adopt(version(2028, "police-officer", police="knows"), LEAD)
    still = live.sees(sal)
    adopt(without(version(2029), "social-worker"), LEAD)
    with pytest.raises(NotAllowed):
        live.sees(sal)
    adopt(version(2030), LEAD)

    assert (True, True, False) == (seen, still, live.sees(sal))
    assert [(old, "over", None)] == live.mine(sal)
    new = live.breaks(sal)
    assert live.sees(sal)
    assert {old, new} == {one.item for one in live.waits()}
    looks = list(disclosures_of(live.hub.records, live.child))
    again = [replay(live.hub.records, live.hub.drawn, live.hub.share.disclosures, each) for each in looks]
    assert {Verdict.SAME} == {one.verdict for one in again}


@pytest.mark.usefixtures("at_once")
def test_glass_that_a_process_broke_before_it_saw_the_role_dropped_opens_nothing_once_it_is_back(live):
    sal, adopt = live.give(), live.hub.share.disclosures.adopt
    look = live.hub.policies.look
    live.hub.policies.look = lambda: None  # the second in which another process adopts
    adopt(without(version(2029), "social-worker"), LEAD)
    with pytest.raises(NotAllowed, match="any more"):
        live.breaks(sal)
    live.hub.policies.look = look
    adopt(version(2030), LEAD)

    assert not live.sees(sal)
    assert 1 == len(live.waits())


@pytest.mark.usefixtures("at_once")
def test_a_request_made_in_a_role_that_an_adopted_policy_has_no_more_is_granted_no_more(live):
    sal, adopt = live.give(), live.hub.share.disclosures.adopt
    asked = live.hub.gates.ask(sal, live.child, "She is on my list from Monday", BOTH).request
    adopt(without(version(2029), "social-worker"), LEAD)
    with pytest.raises(Refused, match="who asked has this role no longer"):
        live.hub.gates.answer(By("mc", "mash-coordinator", "social-care"), asked, "They work with her", 5)
    adopt(version(2030), LEAD)

    assert not live.sees(sal)


class Adoptions:
    """Records in which stands which policies were adopted, and when: nothing else."""

    def __init__(self, *adopted):
        self._said = []
        for at, name, texts in adopted:
            if texts is not None:
                self._said.append((at, PolicyInUse(name=name, policy=texts[0], agreements=texts[1])))
            self._said.append((at, PolicyAdopted(name=name, before="", by=LEAD)))

    def history(self, id_):
        assert POLICIES == id_
        return [SimpleNamespace(at=at, body=body) for at, body in self._said]


HAS, HAS_NOT = POLICY.texts, without(POLICY, "social-worker").texts
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("adopted", "ends"),
    [
        ([], None),
        ([(NOW - MOMENT, HAS)], None),
        ([(NOW - MOMENT, HAS_NOT), (NOW, HAS)], None),
        ([(NOW, HAS_NOT), (NOW, HAS)], None),
        ([(NOW - MOMENT, HAS_NOT)], NOW),
        ([(NOW, HAS), (NOW + MOMENT, HAS_NOT), (NOW + SOON, HAS)], NOW + MOMENT),
        ([(NOW + MOMENT, None)], NOW + MOMENT),
        ([(NOW + MOMENT, (b"no policy", b""))], NOW + MOMENT),
    ],
)
def test_glass_stands_under_the_policy_adopted_last_before_it_and_ends_with_one_that_has_not_its_role(
    adopted, ends
):
    """Also with one that cannot be read back, or of which no text is kept."""
    who = By("sal", "social-worker", "social-care")
    broken = GlassBroken(
        glass=UUID(int=1),
        reader=who,
        purpose="section-47",
        until=NOW + SOON,
        review_by=NOW + SOON,
        guardian="caldicott-guardian",
        reason=Envelope("house", b""),
    )
    records = Adoptions(*((at, str(number), texts) for number, (at, texts) in enumerate(adopted)))

    assert ends == as_it_stands(records, Glass(NOW, broken)).ended_at
