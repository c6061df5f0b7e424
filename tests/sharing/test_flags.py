"""Flags as readers see them: raised to the coordinator, drawn again for others, released in fixed words."""

from datetime import timedelta
from uuid import UUID

import msgspec

from hub.domain.child import By, FlagDecision, FlagReleased, acknowledge_flag, review_flag
from hub.domain.entry import Envelope
from hub.sharing.look import Reader
from schemas.health import SexualHealthContact
from schemas.police import OffenceReported
from schemas.protocol import ImmediateRiskConsidered
from schemas.schools import SexualBehaviourIncident
from schemas.social_care import Contact
from tests.events import ANN, DAY
from tests.hubs import NOW, SCHOOL_LEAD, SOCIAL_WORKER, Desk, take_all

COORDINATOR = Reader(By("mc", "mash-coordinator", "social-care"), "screening")
OFFICER = Reader(By("po", "police-officer", "police"), "section-47")


def said(cls, name, agency, day, **more):
    fields = {"agency": agency, "system": "s", "source_event_id": name, **ANN, **more}
    return cls(**fields, occurred_at=DAY + timedelta(days=day))


HARMING = said(SexualBehaviourIncident, "i1", "schools", 0, part="has-sexually-harmed", hsb_class="abusive")
HARMED = said(
    OffenceReported, "o1", "police", 40, part="has-been-sexually-harmed", hsb_forms=["peer-on-peer"]
)
KNOWN = said(Contact, "k1", "social-care", 41)


def told(desk, *events):
    desk.publish(*events)


def look(hub):
    take_all(hub)
    for follower in hub.followers:
        follower.catch_up()
    return max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))


def codes(flags):
    return {flag.pattern for flag in flags}


def test_what_only_several_agencies_together_show_is_raised_to_the_coordinator(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)
        flags = hub.share.flags(COORDINATOR, child)

    assert "P03" in codes(flags)
    flag = next(f for f in flags if f.pattern == "P03")
    assert {"schools", "police"} == {piece.family for piece in flag.evidence}
    assert all(not alone.holds for alone in flag.alone)
    assert any("worth reading together" in line for line in flag.lines)


def test_a_reader_is_shown_what_is_drawn_again_from_what_they_may_read(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)

        assert "P03" in codes(hub.share.flags(SOCIAL_WORKER, child))
        assert "P03" not in codes(hub.share.flags(OFFICER, child))
        assert () == hub.share.flags(SCHOOL_LEAD, child)


def test_a_hidden_entry_neither_raises_nor_changes_a_readers_flags(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)
        before = hub.share.flags(SOCIAL_WORKER, child)

        hidden = said(SexualHealthContact, "s1", "health", 30, infection=True, part="subject")
        desk.publish(hidden)
        look(hub)
        after = hub.share.flags(SOCIAL_WORKER, child)

    assert before == after


def test_a_released_flag_says_the_rules_fixed_words_alone(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)
        flag = next(f for f in hub.share.flags(COORDINATOR, child) if f.pattern == "P03")
        reason = Envelope("social-care", b"sealed")
        release = FlagReleased(
            flag=flag.id, roles=("school-lead",), by=COORDINATOR.by, reason=reason, pattern=flag.pattern
        )
        hub.records.act(child, lambda _: [release])
        look(hub)
        (shown,) = hub.share.flags(SCHOOL_LEAD, child)

    assert ("", True, ()) == (shown.pattern, shown.released, shown.evidence)
    assert "Speak to" in shown.says


def test_a_flag_lives_acknowledged_reviewed_and_reopened_by_new_evidence(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)

        def state():
            return next(f for f in hub.share.flags(COORDINATOR, child) if f.pattern == "P03")

        raised = state()
        hub.records.act(child, lambda c: acknowledge_flag(c, raised.id, COORDINATOR.by))
        look(hub)
        acknowledged = state()
        evidence = tuple(UUID(piece.entry) for piece in acknowledged.evidence)
        hub.records.act(
            child,
            lambda _: review_flag(
                raised.id,
                FlagDecision.HELD_BY_PLAN,
                evidence,
                COORDINATOR.by,
                Envelope("social-care", b"sealed"),
            ),
        )
        look(hub)
        reviewed = state()
    desk.publish(said(OffenceReported, "o2", "police", 60, part="has-been-sexually-harmed", category="rape"))
    with desk.open(at=NOW + timedelta(days=1)) as hub:
        look(hub)
        reopened = next(f for f in hub.share.flags(COORDINATOR, child) if f.pattern == "P03")

    assert ["raised", "acknowledged", "reviewed", "reopened"] == [
        f.state for f in (raised, acknowledged, reviewed, reopened)
    ]


def test_flags_rebuilt_are_the_flags_kept_up_step_by_step(desk):
    with desk.open(at=NOW) as hub:
        for event in (KNOWN, HARMED, HARMING):
            desk.publish(event)
            child = look(hub)
        kept = [follower.rows(child) for follower in hub.followers]
        for follower in hub.followers:
            follower.rebuild()

        assert kept == [follower.rows(child) for follower in hub.followers]


def test_due_dates_are_shown_and_that_they_were_is_recorded(desk):
    desk.publish(HARMING, KNOWN)
    with desk.open(at=NOW) as hub:
        child = look(hub)
        whole = hub.share.due(COORDINATOR, child)
        school = hub.share.due(SCHOOL_LEAD, child)
        asked = [d.question for _, d in hub.records.child(child).disclosures]

    assert {"R42"} <= {i.obligation for i in whole}
    assert {"R37", "R42"}.isdisjoint({i.obligation for i in school if i.state == "met"})
    assert ["due", "due"] == asked


def test_what_is_hidden_from_a_reader_makes_no_duty_overdue_and_none_met(tmp_path):
    """Two histories that differ only in what the police recorded give a school the same due dates."""
    risk = said(ImmediateRiskConsidered, "r1", "police", 1, considered_by="police")
    answers = []
    for name, history in (("without", (HARMING, KNOWN)), ("with", (HARMING, KNOWN, risk))):
        desk = Desk(tmp_path / name)
        desk.publish(*history)
        with desk.open(at=NOW) as hub:
            answers.append([msgspec.json.encode(one) for one in hub.share.due(SCHOOL_LEAD, look(hub))])

    assert answers[0] == answers[1]
    assert any(b"is not yours to read" in one for one in answers[0])
    assert not any(b"overdue" in one for one in answers[0] if b"(Police)" in one)
