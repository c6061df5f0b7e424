"""An entry that somebody says is not right wears a mark for all who read it, until its agency answers."""

from datetime import timedelta

import pytest

from hub.audit.history import history_of
from hub.casework.worklists import Whose
from hub.domain.child import By
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.protocol.worklist import CORRECTION
from hub.sharing.flagging import DISPUTED
from hub.sharing.look import Reader
from hub.sharing.view import encode
from schemas.vocabulary import Agency
from tests.casework.test_flag_work import draw
from tests.events import attendance, intelligence, missing
from tests.hubs import INTELLIGENCE_OFFICER, NOW, POLICE_OFFICER, SOCIAL_WORKER, only_child
from tests.journeys.commands import hub as command
from tests.sharing.test_access import contact
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN

OTHER_OFFICER = Reader(By("po2", "police-officer", "police"), "section-47")
DOCTOR = Reader(By("nd", "named-doctor", "health"), "section-47")
WHY = "Her mother says she was at her aunt's that night"
ANSWER = "The log was read again: it stands"


@pytest.fixture
def known(desk):
    """A child of whom police, health and social care each said something; the police's entry."""
    desk.take_in(missing(), contact(), attendance(day=2), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        entry = next(
            k.entry.id for k in hub.records.child(child).entries.values() if k.entry.agency == "police"
        )
        yield hub, child, entry


def marks(hub, child, reader):
    lines = hub.share.chronology(reader, child).lines
    return {line.agency: line.dispute for line in lines if getattr(line, "dispute", None)}


def test_who_reads_the_entry_sees_that_it_is_disputed_and_why_as_far_as_they_read_the_agencys_words(known):
    hub, child, entry = known
    hub.disputes.dispute(SOCIAL_WORKER, child, entry, WHY)
    own, police = marks(hub, child, SOCIAL_WORKER)["police"], marks(hub, child, POLICE_OFFICER)["police"]
    (told,) = (line for line in history_of(hub.records, child) if line.what == "entry-disputed")

    assert ("social-care", WHY) == (own.agency, own.reason)
    assert own.since == police.since >= NOW
    assert WHY not in told.detail
    assert {"police"} == set(marks(hub, child, SOCIAL_WORKER))


def test_the_agency_whose_entry_it_is_answers_and_the_mark_goes(known):
    hub, child, entry = known
    before = encode(hub.share.chronology(SOCIAL_WORKER, child).lines)
    hub.disputes.dispute(POLICE_OFFICER, child, entry, WHY)
    hub.disputes.dispute(SOCIAL_WORKER, child, entry, WHY)
    with pytest.raises(NotAllowed):
        hub.disputes.settle(SOCIAL_WORKER, child, entry, ANSWER)
    with pytest.raises(Refused, match="a second person"):
        hub.disputes.settle(POLICE_OFFICER, child, entry, ANSWER)
    assert {"police"} == set(marks(hub, child, SOCIAL_WORKER))
    hub.disputes.settle(OTHER_OFFICER, child, entry, ANSWER)

    assert before == encode(hub.share.chronology(SOCIAL_WORKER, child).lines)
    with pytest.raises(Refused, match="not disputed"):
        hub.disputes.settle(OTHER_OFFICER, child, entry, ANSWER)


def test_an_entry_one_may_not_read_is_disputed_by_nobody_who_may_not_and_looks_like_none(known):
    hub, child, entry = known
    version = hub.records.child(child).version
    for reader in (Reader(By("sl", "school-lead", "schools"), "direct-care"), DOCTOR):
        with pytest.raises((UnknownChild, NotAllowed)):
            hub.disputes.dispute(reader, child, child, WHY)
    with pytest.raises(Refused, match="reason"):
        hub.disputes.dispute(SOCIAL_WORKER, child, entry, " ")

    assert version == hub.records.child(child).version


def waiting(hub, reader, agency):
    found = hub.worklists.of(reader, Whose(agency=agency))
    return [(w.item.state, w.item.due_at) for w in found if w.item.obligation == CORRECTION]


def test_it_waits_on_its_agencys_list_for_a_month_for_all_who_read_the_entry_and_for_nobody_else(desk, known):
    hub, child, entry = known
    hub.disputes.dispute(SOCIAL_WORKER, child, entry, WHY)
    draw(hub)
    ((at, _),) = hub.records.child(child).disputed.values()
    due = at.replace(month=at.month + 1) if at.month < 12 else at.replace(year=at.year + 1, month=1)
    lists = {agency: waiting(hub, POLICE_OFFICER, agency) for agency in (Agency.POLICE, Agency.HEALTH)}

    assert {Agency.POLICE: [("open", due)], Agency.HEALTH: []} == lists
    assert [("open", due)] == waiting(hub, SOCIAL_WORKER, Agency.POLICE)
    assert [] == waiting(hub, DOCTOR, Agency.POLICE)
    assert CORRECTION not in {item.obligation for item in hub.share.due(DOCTOR, child)}
    with desk.open(at=due + timedelta(hours=1)) as later:
        draw(later)
        assert [("overdue", due)] == waiting(later, POLICE_OFFICER, Agency.POLICE)
        later.disputes.settle(OTHER_OFFICER, child, entry, ANSWER)
        draw(later)
        assert [] == waiting(later, POLICE_OFFICER, Agency.POLICE)
        (answered,) = (i for i in later.share.due(POLICE_OFFICER, child) if i.obligation == CORRECTION)
        assert ("met-late", entry) == (answered.state, answered.started_by)


def test_that_an_entry_is_disputed_which_the_front_door_does_not_know_stands_on_its_agencys_list_alone(desk):
    desk.take_in(intelligence(), contact(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        (entry,) = (id_ for id_, k in hub.records.child(child).entries.items() if k.entry.restricted)
        hub.disputes.dispute(INTELLIGENCE_OFFICER, child, entry, WHY)
        draw(hub)

        assert ["open"] == [state for state, _ in waiting(hub, INTELLIGENCE_OFFICER, Agency.POLICE)]
        for reader in (COORDINATOR, SOCIAL_WORKER):
            assert [] == waiting(hub, reader, Agency.POLICE)


def test_a_flag_that_rests_on_a_disputed_entry_says_so(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = only_child(hub)
        before = {flag.id: DISPUTED in flag.lines for flag in hub.share.flags(COORDINATOR, child)}
        used = {p.entry for flag in hub.share.flags(COORDINATOR, child) for p in flag.evidence}
        kept = next(k.entry for k in hub.records.child(child).entries.values() if str(k.entry.id) in used)
        hub.disputes.dispute(COORDINATOR, child, kept.id, WHY)
        after = {flag.id: flag for flag in hub.share.flags(COORDINATOR, child)}

        assert before
        assert not any(before.values())
        for flag in after.values():
            rests = str(kept.id) in {piece.entry for piece in flag.evidence}
            assert rests == (DISPUTED in flag.lines)
        assert any(DISPUTED in flag.lines for flag in after.values())


def test_it_is_typed_read_and_answered(known, monkeypatch, capsys):
    hub, child, entry = known
    data = hub.settings.data

    def typed(*words):
        return command(monkeypatch, capsys, *words, data=data)

    worker = (str(child), str(entry), "--as", "social-worker", "--purpose", "section-47")
    done = typed("dispute", *worker, "--reason", WHY)
    text = typed("chronology", str(child), *worker[2:])
    draw(hub)
    list_ = typed("worklist", "--agency", "police", "--as", "police-officer", "--purpose", "section-47")
    answered = typed(
        "settle-dispute", *worker[:2], "--as", "police-officer", "--purpose", "section-47", "--reason", "Read"
    )

    assert (0, 0, 0) == (done.code, text.code, answered.code)
    assert "Art. 16 open        Correction asked for: correct the entry in your own system" in list_.out
    assert f"; entry {entry} [UK GDPR; within a month" in list_.out
    assert "DISPUTED since" in text.out
    assert "at her aunt's" in text.out.replace("\n", " ")
    assert "DISPUTED" not in typed("chronology", str(child), *worker[2:]).out
