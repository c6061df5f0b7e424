"""The life of a flag in people's hands: who may do what, what follows, and who was shown what was not so."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.history import history_of
from hub.audit.inspection import story_for, untrue_for
from hub.audit.replaying import Verdict, replay
from hub.audit.untrue import no_longer_true
from hub.casework.recording import Who
from hub.domain.access import Closing, Interest
from hub.domain.child import By, FlagDecision, RecordJoinedInto, join, part
from hub.domain.entry import Envelope
from hub.domain.strand import Opens
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.intake.splitting import split
from hub.patterns.life import State, Why
from hub.sharing.look import Reader
from schemas.case_event import Identifier, PersonName, Withdrawal
from schemas.health import SexualHealthContact
from schemas.police import MissingEpisode
from tests.casework.acting import NURSE
from tests.events import ANN, BEN
from tests.hubs import NOW, SCHOOL_LEAD, SOCIAL_WORKER, take_all
from tests.journeys.commands import hub as command
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, OFFICER, said

DECISION, REASON = FlagDecision.HELD_BY_PLAN, "The plan of 3 November already covers it."
AUDITOR = Reader(By("au", "auditor", "social-care"), "audit")
GUARDIAN = By("cg", "caldicott-guardian", "health")
SOON = timedelta(minutes=2)


def draw(hub):
    take_all(hub)
    for follower in hub.followers:
        follower.catch_up()


def flagged(hub, pattern="P03"):
    draw(hub)
    child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
    root = hub.records.person(child)[0].id
    return root, next(f for f in hub.drawn.flags(root) if f.pattern == pattern)


def again(hub, child, flag):
    draw(hub)
    return next(f for f in hub.drawn.flags(child) if f.id == flag.id)


@pytest.fixture
def raised(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
        yield hub, child, flag


@pytest.mark.parametrize("taken", [True, False])
def test_who_decides_about_a_flag_as_another_does_is_told_and_looks_again(raised, monkeypatch, taken):
    hub, child, flag = raised
    work, look = hub.flag_work, hub.share.seen
    other = Reader(By("mc2", "mash-coordinator", "social-care"), "screening")

    def decides():
        work.review(COORDINATOR, child, flag.id, FlagDecision.NOT_A_CONCERN, "I rang the school.")

    def then_the_other(*asked):
        found = look(*asked)
        monkeypatch.setattr(hub.share, "seen", look)
        if taken:
            work.own(other, child, flag.id)
        else:
            work.review(other, child, flag.id, DECISION, REASON)
        return found

    monkeypatch.setattr(hub.share, "seen", then_the_other)
    with pytest.raises(Refused, match="just now; look again"):
        decides()
    before = again(hub, child, flag)
    decides()

    assert ((other.by, None) if taken else (None, DECISION)) == (before.owner, before.decision)
    assert FlagDecision.NOT_A_CONCERN == again(hub, child, flag).decision


def test_acknowledged_owned_decided_with_a_reason_and_each_act_is_told(raised):
    hub, child, flag = raised
    work = hub.flag_work
    acknowledged = work.acknowledge(COORDINATOR, child, flag.id)
    twice = work.acknowledge(COORDINATOR, child, flag.id)
    work.own(COORDINATOR, child, flag.id, SOCIAL_WORKER.by)
    work.review(SOCIAL_WORKER, child, flag.id, DECISION, REASON)
    after = again(hub, child, flag)
    shown = next(f for f in hub.share.flags(COORDINATOR, child) if f.id == flag.id)

    assert (True, False) == (acknowledged.new, twice.new)
    assert (State.REVIEWED, DECISION, SOCIAL_WORKER.by) == (after.state, after.decision, after.owner)
    assert ["acknowledged", "owned", "reviewed"] == [deed.what for deed in shown.deeds]
    assert (REASON, DECISION.value) == (shown.deeds[-1].reason, shown.deeds[-1].detail)


def test_a_disagreement_opens_again_what_was_decided_and_stands_beside_what_was_not(raised):
    hub, child, flag = raised
    hub.flag_work.disagree(SOCIAL_WORKER, child, flag.id, "It was told to us twice.")
    before = again(hub, child, flag)
    hub.flag_work.review(COORDINATOR, child, flag.id, DECISION, REASON)
    hub.flag_work.disagree(SOCIAL_WORKER, child, flag.id, "The plan does not reach it.")
    after = again(hub, child, flag)

    assert (State.RAISED, 1) == (before.state, before.disagreed)
    assert (State.REOPENED, Why.DISAGREED, 2) == (after.state, after.turns[-1].why, after.disagreed)
    assert after.acknowledge_by is not None


def test_beside_a_decision_stands_what_who_decided_had_been_shown_of_the_record(raised):
    hub, child, flag = raised
    hub.flag_work.own(COORDINATOR, child, flag.id, SOCIAL_WORKER.by)
    for shows in (hub.share.flags, hub.share.chronology):
        shows(COORDINATOR, child)
    hub.flag_work.renew(COORDINATOR, child, flag.id, REASON)
    hub.flag_work.review(SOCIAL_WORKER, child, flag.id, DECISION, REASON)
    told = {line.what: line.detail for line in history_of(hub.records, child)}

    seen = "who had been shown this record 2 times, last at 2026-11-20T09:00+00:00"
    assert (True, True) == (
        told["flag-renewed"].endswith(seen),
        told["flag-reviewed"].endswith("who had never been shown this record"),
    )


def test_a_flag_expires_after_twelve_months_unless_renewed(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
    with desk.open(at=NOW + timedelta(days=364)) as hub:
        hub.flag_work.renew(COORDINATOR, child, flag.id, "The two children are still in one school.")
        draw(hub)
    with desk.open(at=NOW + timedelta(days=366)) as hub:
        renewed = again(hub, child, flag)
    with desk.open(at=NOW + timedelta(days=364 + 366)) as hub:
        expired = again(hub, child, flag)
        with pytest.raises(Refused):
            hub.flag_work.renew(COORDINATOR, child, flag.id, "Too late.")

    assert State.RAISED is renewed.state
    assert State.EXPIRED is expired.state


def test_who_does_not_see_a_flag_can_do_nothing_about_it_and_learns_nothing(raised):
    hub, child, flag = raised
    for reader in (OFFICER, SCHOOL_LEAD):
        for id_ in (flag.id, uuid4()):
            with pytest.raises(UnknownChild) as unknown:
                hub.flag_work.acknowledge(reader, child, id_)
            assert "no flag under this id" == str(unknown.value)


def test_to_decide_is_the_coordinators_and_the_owners_and_to_release_the_coordinators(raised):
    hub, child, flag = raised
    work = hub.flag_work
    with pytest.raises(NotAllowed):
        work.review(SOCIAL_WORKER, child, flag.id, DECISION, REASON)
    with pytest.raises(NotAllowed):
        work.release(SOCIAL_WORKER, child, flag.id, ("school-lead",), REASON)
    with pytest.raises(NotAllowed):
        work.own(SOCIAL_WORKER, child, flag.id, By("another", "social-worker", "social-care"))
    with pytest.raises(Refused):
        work.review(COORDINATOR, child, flag.id, DECISION, "  ")
    with pytest.raises(Refused):
        work.release(COORDINATOR, child, flag.id, ("nobody",), REASON)
    with pytest.raises(Refused):
        work.own(COORDINATOR, child, flag.id, By("another", "social-worker", "police"))
    work.own(SOCIAL_WORKER, child, flag.id)
    work.review(SOCIAL_WORKER, child, flag.id, DECISION, REASON)
    work.release(COORDINATOR, child, flag.id, ("school-lead",), REASON)
    draw(hub)
    (fixed,) = hub.share.flags(SCHOOL_LEAD, child)

    assert fixed.released
    assert () == fixed.deeds


def test_a_flag_that_is_released_to_a_role_is_not_told_to_whom_their_own_act_alone_ties_to_the_child(raised):
    """Decision 92: otherwise an account that anybody may record would be answered with the flag."""
    hub, child, flag = raised
    hub.flag_work.release(COORDINATOR, child, flag.id, ("health-practitioner",), REASON)
    told = {"words": "She cried.", "told_at": NOW.isoformat(), "received_by": "nurse", "part": "subject"}
    who = Who.model_validate({"identifiers": ANN["identifiers"]})
    hub.recorder.record_first(NURSE.by, who, "record-account", {**told, "provenance": "told-by-child"})
    draw(hub)
    own = [line.type for line in hub.share.chronology(NURSE, child).lines]
    alone = hub.share.flags(NURSE, child)
    hub.letting_in.involve(GUARDIAN, child, "health", Opens.BOTH, 7, "Their enquiry")

    assert (["protocol.account-recorded.v1"], ()) == (own, alone)
    assert [True] == [found.released for found in hub.share.flags(NURSE, child) if found.id == flag.id]


def test_a_reason_lies_sealed_and_is_read_by_who_reads_the_agencys_words(raised, desk):
    hub, child, flag = raised
    word = "Quillfeather"
    hub.flag_work.disagree(SOCIAL_WORKER, child, flag.id, f"{word} disagrees.")
    stored = b"".join(p.read_bytes() for p in desk.settings.data.rglob("*") if p.is_file())

    assert word.encode() not in stored
    assert word in str(hub.share.flags(COORDINATOR, child))


def test_withdrawn_by_a_correction_it_is_listed_who_had_been_shown_it(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
        hub.share.flags(COORDINATOR, child)
        hub.share.flags(OFFICER, child)
        hub.share.chronology(OFFICER, child)
        hub.share.chronology(SCHOOL_LEAD, child)
    desk.publish(said(Withdrawal, "w1", "police", 50, type="police.withdrawal.v1", withdraws="o1"))
    with desk.open(at=NOW + SOON) as hub:
        after = again(hub, child, flag)
        hub.share.chronology(SOCIAL_WORKER, child)
        found = {
            one.what: one for one in untrue_for(hub.records, hub.policy, AUDITOR, child, hub.drawn.flags)
        }
        with pytest.raises(NotAllowed):
            untrue_for(hub.records, hub.policy, COORDINATOR, child, hub.drawn.flags)
        recorded = [d.question for _, d in hub.records.child(child).disclosures]

    assert (State.WITHDRAWN, Why.CHANGED_AT_SOURCE) == (after.state, after.turns[-1].why)
    assert ["mc"] == [seen.reader.person for seen in found["flag"].shown]
    entry = [(seen.reader.person, seen.question) for seen in found["withdrawn"].shown]
    assert [
        ("mc", "flags"),
        ("po", "flags"),
        ("po", "chronology"),
    ] == entry  # the school reads no police entry
    assert "no-longer-true" == recorded[-1]


def test_withdrawn_by_an_unmerge_a_flag_is_not_silently_gone_and_both_records_list_who_saw_them_as_one(desk):
    harmed = HARMED.model_copy(update={"identifiers": (Identifier(**BEN["identifiers"][0]),)})
    desk.publish(HARMING, KNOWN, harmed.model_copy(update={"name": PersonName(**BEN["name"])}))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        ann, ben = sorted(hub.records.children(), key=lambda c: -len(hub.records.child(c).entries))
        by, why = By("op", "operator", "social-care"), Envelope("identity", b"sealed")
        one, other = hub.records.child(ann), hub.records.child(ben)
        joined = {ann: (one.version, join(one, other, None, by, why))}
        joined[ben] = (other.version, [RecordJoinedInto(survivor=ann, question=None, by=by)])
        hub.records.record(joined)
        child, flag = flagged(hub)
        hub.share.flags(COORDINATOR, ann)
        one, other = hub.records.child(ann), hub.records.child(ben)
        parting = {a.id: (a.version, part(a, b.id, by, why)) for a, b in ((one, other), (other, one))}
        hub.records.record(parting)
        after = again(hub, child, flag)
        live = sorted(hub.followers[0].rows()[ann])
        hub.followers[0].rebuild()
        found = [no_longer_true(hub.records, hub.policy, hub.drawn.flags(c), c) for c in (ann, ben)]
        shown = next(f for f in hub.share.flags(COORDINATOR, ann) if f.id == flag.id)
        named = {"named": [AUDITOR.by], "interest": Interest.RELATIVE}
        hub.gates.close(GUARDIAN, ben, Closing.BARRED, "Her niece", **named)
        barred = untrue_for(hub.records, hub.policy, AUDITOR, ann, hub.drawn.flags)
        story = {one.what: one.detail for one in story_for(hub.records, hub.policy, AUDITOR, ann)}

        assert "joining" not in {u.what for u in barred}
        assert "with another record, by op (operator, social-care)" == story["joined"] == story["parted"]
        assert live == sorted(hub.followers[0].rows()[ann])
    assert ann == child
    assert (State.WITHDRAWN, Why.CHANGED_AT_SOURCE) == (after.state, after.turns[-1].why)
    assert {"flag", "joining"} == {u.what for u in found[0]}
    assert [("joining", ann)] == [(u.what, u.id) for u in found[1]]
    for untrue in (*found[0], *found[1]):
        assert ["mc"] == [seen.reader.person for seen in untrue.shown]
    assert {"schools"} == {
        piece.family for piece in shown.evidence
    }  # of the other child's entry nothing is named


def test_what_was_split_off_as_another_childs_closes_the_flag_and_is_listed(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
        hub.share.chronology(SOCIAL_WORKER, child)
        entries = hub.records.child(child).entries.values()
        entry = next(kept.entry.id for kept in entries if kept.entry.agency == "police")
        split(hub.records, child, [entry], SOCIAL_WORKER.by, "Another child of that name.", uuid4)
        after = again(hub, child, flag)
        found = no_longer_true(hub.records, hub.policy, hub.drawn.flags(child), child)

    assert (State.WITHDRAWN, Why.CHANGED_AT_SOURCE) == (after.state, after.turns[-1].why)
    assert {"flag", "of-another-child"} == {untrue.what for untrue in found}
    assert ["sw"] == [s.reader.person for u in found if u.what == "of-another-child" for s in u.shown]


def test_an_auditors_story_says_nothing_of_an_entry_that_was_moved_to_a_record_barred_to_them(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, _ = flagged(hub)
        entries = hub.records.child(child).entries.values()
        entry = next(kept.entry.id for kept in entries if kept.entry.agency == "police")
        niece = split(hub.records, child, [entry], SOCIAL_WORKER.by, "My niece.", uuid4)
        before = story_for(hub.records, hub.policy, AUDITOR, child)
        named = {"named": [AUDITOR.by], "interest": Interest.RELATIVE}
        hub.gates.close(GUARDIAN, niece, Closing.BARRED, "Her niece", **named)
        after = story_for(hub.records, hub.policy, AUDITOR, child)[: len(before)]
        looks = disclosures_of(hub.records, child)
        verdicts = [replay(hub.records, hub.drawn, hub.share.disclosures, each).verdict for each in looks]

    assert f"1 to {niece}" in str(before)
    assert "police" in str(before)
    assert str(niece) not in str(after)
    assert "police" not in str(after)
    assert entry not in {one.entry for one in after}
    assert [one.recorded_at for one in before] == [one.recorded_at for one in after]
    assert [Verdict.SAME] * 2 == verdicts


def test_the_commands_take_a_flag_through_its_life(desk, monkeypatch, capsys):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)

    def run(*arguments):
        return command(monkeypatch, capsys, *arguments, data=desk.settings.data)

    short = str(flag.id)[:8]
    done = [
        run("flags", "acknowledge", short),
        run("flags", "own", short, "--to", "sw:social-worker"),
        run("flags", "review", short, "--decision", "acted-on", "--reason", REASON),
        run("flags", "disagree", short, "--reason", REASON),
        run("flags", "renew", short, "--reason", REASON),
        run("flags", "release", short, "--to", "school-lead", "--reason", REASON),
        run("follow", "--once"),
        run("no-longer-true", str(child)[:8]),
    ]
    listed, story = run("flags"), run("history", str(child)[:8]).out
    wrong = run("flags", "acknowledge", "00000000")

    assert [0] * 8 == [one.code for one in done]
    assert f"{flag.id}" in listed.out
    assert "reopened" in listed.out
    for what in ("flag-acknowledged", "flag-owned", "flag-reviewed", "flag-disagreed", "flag-renewed"):
        assert what in story
    assert "in the hands of sw (social-worker, social-care)" in story
    assert REASON not in story
    assert "nothing that was shown has turned out untrue" in done[-1].out
    assert (1, "Not possible: no flag under this id") == (wrong.code, wrong.err.strip())


def test_what_becomes_of_the_evidence_does_not_show_in_a_release_and_it_can_be_taken_back(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        child, flag = flagged(hub)
        hub.flag_work.release(COORDINATOR, child, flag.id, ("police-officer",), REASON)
        before = hub.share.flags(OFFICER, child)
        desk.publish(said(Withdrawal, "w1", "schools", 50, type="schools.withdrawal.v1", withdraws="i1"))
        draw(hub)
        after = hub.share.flags(OFFICER, child)
        hub.flag_work.take_back(COORDINATOR, child, flag.id, REASON)
        with pytest.raises(Refused):
            hub.flag_work.take_back(COORDINATOR, child, flag.id, REASON)
        ended = hub.share.flags(OFFICER, child)

    assert [True] == [one.released for one in before]
    assert before == after
    assert () == ended


def test_who_sees_a_flag_that_is_kept_from_the_coordinator_may_release_its_words_to_them_alone(desk):
    care = said(SexualHealthContact, "s1", "health", 0, age=13)
    desk.publish(care, KNOWN, said(MissingEpisode, "m1", "police", 10, found_with_adult=True))
    with desk.open(at=NOW) as hub:
        draw(hub)
        (child,) = hub.records.children()
        doctor = Reader(By("nd", "named-doctor", "health"), "section-47")
        (seen,) = (f for f in hub.share.flags(doctor, child) if f.pattern == "P32")
        kept_from = hub.share.flags(COORDINATOR, child)
        with pytest.raises(NotAllowed):
            hub.flag_work.release(doctor, child, seen.id, ("school-lead",), REASON)
        hub.flag_work.release(doctor, child, seen.id, ("mash-coordinator",), REASON)
        told = hub.share.flags(COORDINATOR, child)

    assert "P32" not in {flag.pattern for flag in kept_from}
    assert [(seen.id, True, ())] == [(f.id, f.released, f.evidence) for f in told if f not in kept_from]
