"""What a child's older keys sealed is sealed again: the same is read, now and of then, under newer ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4, uuid5

import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.history import history_of
from hub.audit.replaying import Verdict, replay
from hub.audit.signatures import check
from hub.backup import back_up, restore
from hub.confidentiality.agency_keys import load_agency_keys
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal, generation_of, seal, unseal
from hub.disposal import peppers, resealing
from hub.disposal.renewing import renew
from hub.domain.access import Told
from hub.domain.by import By
from hub.domain.child import EntriesSplitOff, EntryDisputed, EntryRecorded, Resealed, TwoIncidents
from hub.domain.entry import Envelope
from hub.domain.question import AnswersResealed
from hub.domain.sealed_again import envelopes_in
from hub.domain.strand import HAS_HARMED, Opens, key_owner, key_owners
from hub.errors import Conflict, Refused
from hub.intake.questions import question, questions, separate
from hub.intake.splitting import split
from hub.records.reading import as_sealed_now
from hub.settings import Settings
from hub.sharing.view import encode
from tests.casework.test_grouping import COORDINATOR as MASH
from tests.casework.test_grouping import KNOWN, POLICE, SCHOOL, only
from tests.casework.test_grouping import NOW as NEAR
from tests.disposal.test_erasing import erase
from tests.events import BEN, attendance, concern, harming, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, Desk, only_child
from tests.intake.test_matching import said_to_be_one, who
from tests.journeys.commands import hub as command
from tests.sharing.test_access import LEAD, contact

BY = By("op", "operator", "hub")
COORDINATOR = By("mc", "mash-coordinator", "social-care")
WHY = "A laptop with a copy of the window's memory was lost"
SAID = "His mother says he was at his aunt's that night"
LINKED = {"relation": "sibling", "identifiers": BEN["identifiers"]}
"""Whom the first entry names beside Ann."""


@pytest.fixture
def any_played(tmp_path, any_store):
    """Ann, of whom four agencies spoke, on both strands' records and in every kind of reason."""
    desk = Desk(tmp_path / "data", None, any_store)
    desk.take_in(missing(found_where="By the river", children=[LINKED]), attendance(day=1), at=NOW)
    desk.take_in(harming(day=2), contact(), at=NOW)
    return desk


def ann_of(hub):
    return max(hub.records.children(), key=lambda child: len(hub.records.child(child).entries))


def acted(hub, ann):
    """A dispute, an answered question to the MASH, an agency let in: each with a reason, placed otherwise."""
    entry = next(k.entry.id for k in hub.records.child(ann).entries.values() if k.entry.agency == "police")
    hub.disputes.dispute(SOCIAL_WORKER, ann, entry, SAID)
    asked = hub.gates.mash.ask(POLICE_OFFICER, ann, "Is there more?").request
    hub.gates.mash.answer(COORDINATOR, asked, Told.WITHHELD, "Ring me", "Told in confidence")
    hub.letting_in.involve(LEAD, ann, "health", Opens.BOTH, 60, "They see her weekly")
    return asked


def later(hub):
    """Six minutes on: no process holds an older key in memory."""
    hub.keys._now = lambda: datetime.now(UTC) + timedelta(minutes=6)


def renewed(hub, child, scopes):
    """Make newer keys of a child in these scopes, and seal again what older ones sealed."""
    renew(hub.records, child, scopes, WHY, BY)
    later(hub)
    return resealing.reseal(hub.records, child, (), WHY, BY)


def shown(hub, ann, reader=SOCIAL_WORKER):
    return encode(hub.share.chronology(reader, ann).lines)


def again(hub, ann):
    found = disclosures_of(hub.records, ann)
    return {replay(hub.records, hub.drawn, hub.share.disclosures, each).verdict for each in found}


def signed(desk, hub):
    archive = hub.records.archive
    return check(archive.rows, archive.sealing, load_agency_keys(desk.settings.agency_keys), hub.keys)


def test_what_older_keys_sealed_opens_with_newer_ones_alone_and_all_is_read_as_it_was(any_played):
    desk = any_played
    with desk.open(at=NOW) as hub:
        ann = ann_of(hub)
        asked = acted(hub, ann)
        whole, old = shown(hub, ann), opened_by(hub, ann)
        hub.share.flags(SOCIAL_WORKER, ann)
    with desk.open(at=NOW + timedelta(hours=2)) as hub:
        (ben,) = set(hub.records.children()) - {ann}
        renew(hub.records, ben, (), WHY, BY)
        renew(hub.records, ann, (), WHY, BY)
        with pytest.raises(Refused, match="5 minutes old"):
            resealing.reseal(hub.records, ann, (), WHY, BY)
        later(hub)
        done = resealing.reseal(hub.records, ann, (), WHY, BY)
        lines = hub.records.lines(ann)
        standing = replace(hub.records.child(ann))
        hub.records.forget()
        rebuilt = hub.records.child(ann)
        now = [e for kept in rebuilt.entries.values() for e in kept.entry.envelopes]

        assert standing == rebuilt
        assert {2} == {generation_of(e.sealed) for line in lines for e in line.entry.envelopes}
        assert ({2}, ()) == ({generation_of(e.sealed) for e in now}, done.left)
        assert len(now) < done.envelopes  # reasons, and the pointer to Ben
        assert whole == shown(hub, ann)
        assert (1, ()) == resealing.reseal(hub.records, ben, (), WHY, BY)  # as what the first entry named him
        with pytest.raises(Refused, match="rows are never changed"):
            resealing.reseal(hub.records, ann, ("spine",), WHY, BY)
    with desk.open(at=NOW + timedelta(days=34)) as hub:
        assert (0, 0) == resealing.finish(hub.records, hub.clock())
        later(hub)
        assert (0, ()) == resealing.reseal(hub.records, ann, (), WHY, BY)  # the 35 days do not begin anew
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        gone = resealing.finish(hub.records, hub.clock())
        keys = [k for owner in (*key_owners(ann), ben) for k in hub.keys.standing(owner) if k.generation == 1]

        assert (sum(k.scope != "spine" for k in keys), 0) == gone
        assert {k.scope == "spine" for k in keys if not k.destroyed_at} == {True}
        assert (0, 0) == resealing.finish(hub.records, hub.clock())
        assert {} == resealing.disposals(hub.records).older
        with pytest.raises(Refused, match="no older key of the child lives"):
            resealing.reseal(hub.records, ann, (), WHY, BY)
        assert whole == shown(hub, ann)
        assert whole == encode(hub.share.chronology(SOCIAL_WORKER, ann, NOW + timedelta(hours=1)).lines)
        assert {Verdict.SAME} == again(hub, ann)
        assert "Ring me" == hub.gates.desk.told(POLICE_OFFICER.by, asked).answer
        assert (signed(desk, hub).holds, signed(desk, hub).uncompared) == (True, 0)
        hub.ledger.catch_up()
        assert hub.ledger.verify().holds
        assert a_thief_reads(hub, ann, old) == (len(now), 0)


def opened_by(hub, child):
    """The keys that somebody made off with."""
    return {
        (owner, key.scope): hub.keys.for_opening(owner, key.scope, 1)
        for owner in key_owners(child)
        for key in hub.keys.standing(owner)
    }


def a_thief_reads(hub, child, stolen):
    """How many envelopes open with keys that leaked: of the rows as they lie, and of what stands now."""
    rows = hub.records.history(child)  # the older spine's key, which opens these, leaked with the rest

    def opens(events):
        entries = [event.body.entry for event in events if isinstance(event.body, EntryRecorded)]
        return sum(opens_with(stolen, child, entry, e) for entry in entries for e in entry.envelopes)

    return opens(rows), opens(as_sealed_now(rows))


def opens_with(stolen, child, entry, envelope):
    owner, scope = key_owner(child, entry.strand), envelope.scope
    try:
        return bool(unseal(stolen[owner, scope], owner, entry.id, scope, entry.type, envelope.sealed))
    except CannotUnseal:
        return False


def test_a_restore_reads_what_was_sealed_again_and_nobody_is_taken_for_erased(desk, tmp_path):
    desk.take_in(missing(), attendance(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        whole = shown(hub, ann, POLICE_OFFICER)
        renew(hub.records, ann, ("police", "identity"), WHY, BY)
        later(hub)
        resealing.reseal(hub.records, ann, (), WHY, BY)
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        assert (2, 0) == resealing.finish(hub.records, hub.clock())
        assert not peppers._is_erased(hub.records, ann)
        renew(hub.records, ann, ("police",), WHY, BY)
        later(hub)
        resealing.reseal(hub.records, ann, (), WHY, BY)
    with desk.open(at=NOW + timedelta(days=72)) as hub:
        assert (1, 0) == resealing.finish(hub.records, hub.clock())
        known_then = hub.share.chronology(POLICE_OFFICER, ann, NOW + timedelta(days=1))
        assert whole == encode(known_then.lines)  # sealed twice since
    folders = [tmp_path / name for name in ("events", "keys", "secrets")]
    back_up(desk.settings, folders[0], folders[1], NOW, folders[2])
    there = desk.copied(tmp_path / "there")
    there.settings = Settings(data=tmp_path / "restored")
    restore(there.settings, folders[0], folders[1], (), folders[2])
    with there.open(at=NOW) as hub:
        assert whole == shown(hub, ann, POLICE_OFFICER)
        assert "erased" == erase(hub, ann).state
        assert {} == hub.records.child(ann).entries


def test_why_a_question_of_identity_was_answered_so_is_sealed_again_wherever_it_stands(desk, monkeypatch):
    """On the record that survived, on the question's own stream, twice: under the identity of the other."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")), at=NOW)
    with desk.open(at=NOW) as hub:
        asked, ann = said_to_be_one(hub, BY)
        separate(hub.records, asked.id, BY, "They are cousins")
        renew(hub.records, ann, (), WHY, BY)
        renew(hub.records, asked.opened.provisional, (), WHY, BY)
        later(hub)
        monkeypatch.setattr(resealing, "decide", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            resealing.reseal(hub.records, ann, ("identity",), WHY, BY)
        monkeypatch.undo()
        assert (0, ()) == resealing.reseal(hub.records, ann, ("identity",), WHY, BY)
        other = resealing.reseal(hub.records, asked.opened.provisional, ("identity",), WHY, BY)
        version = question(hub.records, asked.id).version
        assert (0, ()) == resealing.reseal(hub.records, asked.opened.provisional, ("identity",), WHY, BY)
        assert version == question(hub.records, asked.id).version
        answered = question(hub.records, asked.id).answered.reason
        history = as_sealed_now(hub.records.history(asked.id))
        reasons = [e for event in history for e in envelopes_in(event.body)]
        key = hub.keys.for_opening(asked.opened.provisional, "identity", 2)
        about = uuid5(asked.id, "2")
        opened = unseal(key, asked.opened.provisional, about, "identity", "reason", answered.sealed)

        assert (6, ()) == other  # its entry's own; twice on the question, twice on Ann's record, once on it
        assert (b"They are cousins", answered) == (opened, reasons[-1])
        assert [2, 2] == [generation_of(reason.sealed) for reason in reasons]
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        assert (2, 0) == resealing.finish(hub.records, hub.clock())
        assert [] == questions(hub.records)


def test_what_came_under_an_older_key_since_keeps_it_until_it_is_sealed_again(desk):
    """Of a process that slept through its five minutes, or a table of keys that was put back."""
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        older = hub.keys.for_sealing(ann, "police")
        renew(hub.records, ann, ("police",), WHY, BY)
        later(hub)
        resealing.reseal(hub.records, ann, (), WHY, BY)
        ((_, kept),) = hub.records.child(ann).entries.items()
        sealed = seal(older, ann, kept.entry.id, "police", "reason", SAID.encode())
        disputed = EntryDisputed(entry=kept.entry.id, by=SOCIAL_WORKER.by, reason=Envelope("police", sealed))
        hub.records.append(ann, [disputed])
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        version = resealing.disposals(hub.records).version
        kept_back = resealing.finish(hub.records, hub.clock())
        assert version == resealing.disposals(hub.records).version
        later(hub)
        resealing.reseal(hub.records, ann, ("police",), WHY, BY)

        assert ((0, 1), (0, 0)) == (kept_back, resealing.finish(hub.records, hub.clock()))
    with desk.open(at=NOW + timedelta(days=72)) as hub:
        assert (1, 0) == resealing.finish(hub.records, hub.clock())


def test_the_last_second_of_the_35_days_counts(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        renewed(hub, only_child(hub), ("police",))
        ((_, _, at),) = resealing.disposals(hub.records).older.values()

        assert (0, 0) == resealing.finish(hub.records, at + timedelta(days=35, seconds=-1))
        assert (1, 0) == resealing.finish(hub.records, at + timedelta(days=35))


def under(generation):
    """What is said to be sealed under a generation, and opens with no key."""
    return b"\x01" + generation.to_bytes(4, "big") + bytes(80)


@pytest.mark.parametrize(
    ("scope", "sealed", "left"),
    [
        ("police", b"", ("police",)),  # nobody can tell under which
        ("police", under(0), ()),
        ("police", under(1), ("police",)),
        ("police", under(2), ()),
        ("health", under(1), ()),  # its key was not renewed: there is no older one
        ("education", under(1), ()),
    ],
)
def test_what_cannot_be_opened_and_may_be_under_an_older_key_keeps_that_key(desk, scope, sealed, left):
    desk.take_in(missing(), attendance(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        entry = next(iter(hub.records.child(ann).entries))
        hub.records.append(ann, [EntryDisputed(entry=entry, by=BY, reason=Envelope(scope, sealed))])

        assert (1, left) == renewed(hub, ann, ("police",))
        assert ([] if left else ["police"]) == [of for _, of in resealing.disposals(hub.records).older]
        assert (0 if left else 1) == resealing.disposals(hub.records).version


def test_what_cannot_be_opened_where_a_strand_has_such_a_key_and_the_record_none_is_left_too(desk):
    desk.take_in(harming(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        assert "education" not in {key.scope for key in hub.keys.standing(ann)}
        entry = next(iter(hub.records.child(ann).entries))
        hub.records.append(ann, [EntryDisputed(entry=entry, by=BY, reason=Envelope("education", under(1)))])

        assert ("education",) == renewed(hub, ann, ("education",)).left


@pytest.mark.parametrize(("what", "kept"), [("said", 1), ("altered", 2)])
def test_of_what_came_since_its_own_older_key_is_kept_and_where_that_is_not_known_every_one(desk, what, kept):
    desk.take_in(missing(), harming(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        entry = next(iter(hub.records.child(ann).entries))
        said = seal(hub.keys.for_sealing(ann, "identity"), ann, entry, "identity", "reason", b"At his aunt's")
        renewed(hub, ann, ())
        reason = Envelope("identity", said if what == "said" else under(1))
        hub.records.append(ann, [EntryDisputed(entry=entry, by=BY, reason=reason)])
        owners = [key_owner(ann, strand) for strand in ("", HAS_HARMED)]
        all_ = len(resealing.disposals(hub.records).older)
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        assert (all_ - kept, kept) == resealing.finish(hub.records, hub.clock())
        older = [hub.keys.for_opening_all(owner, ["identity"]).get(("identity", 1)) for owner in owners]
        assert [True, kept > 1] == [key is not None for key in older]


def test_while_a_scope_is_withdrawn_nothing_is_sealed_again(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        renew(hub.records, ann, ("police", "identity"), WHY, BY)
        later(hub)
        hub.key_file.withdraw("police")
        with pytest.raises(ScopeWithdrawn):
            resealing.reseal(hub.records, ann, (), WHY, BY)
        assert 0 == resealing.disposals(hub.records).version
        hub.key_file.withdraw("police", back=True)

        assert (2, ()) == resealing.reseal(hub.records, ann, (), WHY, BY)


def test_what_is_said_while_a_record_is_sealed_again_is_sealed_with_it(desk, monkeypatch):
    monkeypatch.setattr(resealing, "TOGETHER", 2)
    desk.take_in(missing(), attendance(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        entry = next(iter(hub.records.child(ann).entries))
        older, real, others = hub.keys.for_sealing(ann, "police"), hub.records.record, [1]
        envelopes = sum(len(kept.entry.envelopes) for kept in hub.records.child(ann).entries.values())
        late = Envelope("police", seal(older, ann, entry, "police", "reason", SAID.encode()))

        def beside(bodies, **more):
            if others and ann in bodies:
                others.clear()
                real({}, appended={ann: [EntryDisputed(entry=entry, by=BY, reason=late)]})
            real(bodies, **more)

        monkeypatch.setattr(hub.records, "record", beside)

        assert (envelopes + 1, ()) == renewed(hub, ann, ())
        said = [event.body for event in hub.records.history(ann) if isinstance(event.body, Resealed)]
        assert (envelopes + 2) // 2 == len(said)
        assert {1, 2} >= {len(each.envelopes) for each in said}


def test_where_others_always_write_first_it_is_said_and_nothing_may_go(desk, monkeypatch):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann, real = only_child(hub), hub.records.record

        def others_first(bodies, **more):
            if ann in bodies:
                raise Conflict("another came first")
            real(bodies, **more)

        monkeypatch.setattr(hub.records, "record", others_first)
        with pytest.raises(Conflict, match="the record is being written by others"):
            renewed(hub, ann, ())
        assert {} == resealing.disposals(hub.records).older


def test_why_entries_are_of_two_incidents_or_another_childs_is_sealed_again(desk):
    desk.publish(SCHOOL, POLICE, KNOWN)
    with desk.open(at=NEAR) as hub:
        child = only(hub)
        (proposal,) = hub.share.incidents(MASH, child).open
        hub.incident_work.two(MASH, child, proposal.id, (), SAID)
        known = max(hub.records.child(child).entries.values(), key=lambda kept: kept.entry.occurred_at)
        split(hub.records, child, [known.entry.id], BY, "It is her brother's", uuid4)

        assert () == renewed(hub, child, ()).left
        reasons = {
            type(event.body): envelope
            for event in as_sealed_now(hub.records.history(child))
            for envelope in envelopes_in(event.body)
        }

        def opened(said, about):
            scope, sealed = reasons[said].scope, reasons[said].sealed
            return unseal(hub.keys.for_opening(child, scope, 2), child, about, scope, "reason", sealed)

        assert SAID.encode() == opened(TwoIncidents, proposal.id)
        assert b"It is her brother's" == opened(EntriesSplitOff, known.entry.id)


def test_a_reason_of_a_record_that_was_joined_later_is_found_where_the_others_key_of_then_is_gone(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")), at=NOW)
    with desk.open(at=NOW) as hub:
        (asked,) = questions(hub.records)
        renewed(hub, asked.opened.candidates[0], ("identity",))
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        assert (1, 0) == resealing.finish(hub.records, hub.clock())
        asked, ann = said_to_be_one(hub, BY)

        assert () == renewed(hub, ann, ("identity",)).left
        assert 2 == generation_of(question(hub.records, asked.id).answered.reason.sealed)


@pytest.mark.parametrize("what", ["altered", "older"])
def test_an_answer_that_stands_under_an_older_key_again_keeps_it(desk, what):
    """It was altered, or an older copy of the question was put back."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")), at=NOW)
    with desk.open(at=NOW) as hub:
        asked, _ = said_to_be_one(hub, BY)
        separate(hub.records, asked.id, BY, "They are cousins")
        whose, was = asked.opened.provisional, question(hub.records, asked.id).answered.reason
        renewed(hub, whose, ("identity",))
        now = question(hub.records, asked.id).answered.reason
        again = ((now.mark, was.sealed if what == "older" else under(1)),)
        hub.records.append(asked.id, [AnswersResealed(envelopes=again)])
        version = question(hub.records, asked.id).version
    with desk.open(at=NOW + timedelta(days=36)) as hub:
        assert (0, 1) == resealing.finish(hub.records, hub.clock())
        later(hub)
        done = resealing.reseal(hub.records, whose, ("identity",), WHY, BY)

        assert ((1, ()) if what == "older" else (0, ("identity",))) == done
        assert version + done.envelopes == question(hub.records, asked.id).version


def test_what_is_erased_or_altered_is_left_as_it_is_and_the_rest_is_sealed_again(desk):
    """A strand's keys are gone, and one reason is not what was put there: its key stays, and that is said."""
    desk.take_in(missing(), harming(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        hub.keys.destroy(key_owner(ann, HAS_HARMED))
        entry = next(iter(hub.records.child(ann).entries))
        altered = EntryDisputed(entry=entry, by=BY, reason=Envelope("police", b"\x01\0\0\0\x01" + bytes(80)))
        renew(hub.records, ann, (), WHY, BY)
        later(hub)
        hub.records.append(ann, [altered])

        assert (3, ("police",)) == resealing.reseal(hub.records, ann, (), WHY, BY)
        left = resealing.disposals(hub.records).older
        assert (
            {"identity", "signals"}
            <= {scope for _, scope in left}
            <= set(hub.key_store.scopes()) - {"police"}
        )


def test_it_is_typed_with_a_reason(desk, monkeypatch, capsys):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        ann = only_child(hub)
        renew(hub.records, ann, ("police",), WHY, BY)

    def typed(*words):
        return command(monkeypatch, capsys, "keys", *words, data=desk.settings.data)

    soon = typed("reseal", str(ann), "--reason", WHY)
    monkeypatch.setattr("hub.confidentiality.keys.SECONDS", -1)
    blank = typed("reseal", str(ann), "--reason", " ")
    other = typed("reseal", str(ann), "--reason", WHY, "--scope", "health")
    done = typed("reseal", str(ann), "--reason", WHY, "--scope", "police")
    with desk.open(at=NOW) as hub:
        (told,) = (line for line in history_of(hub.records, ann) if line.what == "resealed")
    with desk.open(at=NOW + timedelta(days=36)):
        finished = typed("finish-erasures")

    assert (1, 1, 1, 0, 0) == (soon.code, blank.code, other.code, done.code, finished.code)
    assert "other processes may still seal with older ones" in soon.err
    assert "no older key of the child lives in that scope" in other.err
    assert "1 envelopes are sealed again" in done.out
    assert "1 older keys of children are destroyed" in finished.out
    assert ("1 envelopes of police; by " in told.detail, WHY in told.detail) == (True, False)
