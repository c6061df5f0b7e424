"""Erasure: two persons, nothing left to read, no byte in a file, final 35 days later even from a back-up."""

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hub.audit.history import history_of
from hub.commands.text import chronology_text
from hub.confidentiality import child_keys
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.disposal import erasing, retention
from hub.domain.child import (
    By,
    KeysDestroyed,
    ProcessingRestricted,
    RestrictionGround,
    RestrictionLifted,
    allocate,
)
from hub.domain.entry import Envelope
from hub.domain.strand import key_owners
from hub.errors import Conflict, Refused
from hub.intake.questions import confirm, separate
from hub.intake.splitting import split
from hub.intake.work import same_again
from hub.records.entries import bodies_of
from hub.sharing.look import Look
from tests.events import ANN, BEN, attendance, concern, missing
from tests.hubs import SOCIAL_WORKER, Desk, take_all
from tests.intake.test_matching import said_to_be_one, who
from tests.journeys.commands import hub as typed

ASKER, CONFIRMER = By("asker", "operator", "hub"), By("confirmer", "operator", "hub")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def filled(desk):
    """Ann, known to police and health, and Ben."""
    desk.take_in(missing(who=ANN), attendance(day=1, who=ANN), missing("m2", who=BEN))
    return desk


@pytest.fixture
def any_filled(tmp_path, any_store):
    desk = Desk(tmp_path / "any", None, any_store)
    desk.take_in(missing(who=ANN), attendance(day=1, who=ANN), missing("m2", who=BEN))
    return desk


def erase(hub, child, scopes=None):
    erasure = uuid4()
    erasing.ask_erasure(hub.records, erasure, child, scopes, "asked for", "UK GDPR art. 17", ASKER)
    return erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)


def copied(table, to):
    with closing(sqlite3.connect(table)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)


def children(hub):
    return hub.records.children()


def test_nothing_is_destroyed_before_a_second_person_confirms(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        erasure = uuid4()
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        with pytest.raises(Refused, match="a second person confirms"):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, ASKER)

        assert 2 == len(hub.records.child(ann).entries)
        assert 0 == hub.keys._keys.destroyed()
        assert "asked" == erasing.disposals(hub.records).erasures[erasure].state


@pytest.mark.parametrize(("reason", "authority"), [(" ", "art. 17"), ("asked for", "")])
def test_an_erasure_without_reason_or_authority_is_refused(filled, reason, authority):
    with filled.open() as hub, pytest.raises(Refused, match="a reason and an authority are needed"):
        erasing.ask_erasure(hub.records, uuid4(), children(hub)[0], None, reason, authority, ASKER)


def test_an_erased_child_has_no_entries_and_says_when_by_whom_and_on_which_ground(any_filled):
    with any_filled.open() as hub:
        ann, ben = children(hub)
        version = hub.records.child(ann).version
        done = erase(hub, ann)
        standing = hub.records.child(ann)
    with any_filled.open() as hub:
        rebuilt = hub.records.child(ann)
        last = history_of(hub.records, ann)[-1]

        assert replace(standing, told=rebuilt.told) == rebuilt
        assert ({}, version + 1) == (rebuilt.entries, rebuilt.version)
        assert "erased" == done.state
        assert "keys-destroyed" == last.what
        assert (
            "everything, on UK GDPR art. 17; asked by asker (operator, hub), confirmed by confirmer"
            in last.detail
        )
        assert 1 == len(hub.records.child(ben).entries)
        assert hub.ledger.catch_up()
        assert hub.ledger.verify().holds


def test_what_was_drawn_of_an_erased_child_goes_and_a_rebuild_draws_the_same(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        for follower in hub.followers:
            follower.catch_up()
        erase(hub, ann)
        for follower in hub.followers:
            follower.catch_up()
            before = follower.rows()
            follower.rebuild()

            assert [] == follower.parked()
            assert before == follower.rows()


def test_one_scope_is_erased_alone_and_the_entry_shows_it(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        worker = SOCIAL_WORKER.by
        hub.records.act(ann, lambda child: allocate(child, worker, None, worker))
        erase(hub, ann, ["health"])
        shown = Look(hub.records, hub.policy, SOCIAL_WORKER, ann, None).shared().lines

        assert [False, True] == [line.erased for line in shown]
        assert "health" not in shown[1].fields
        assert "identity" in shown[1].fields
        assert [("health",)] == [done.scopes for _, done in hub.records.child(ann).erasures]


def test_a_certificate_counts_the_keys_this_erasure_destroyed_and_names_its_scopes_alone(filled):
    with filled.open() as hub:
        ann, ben = children(hub)
        health, police = (erase(hub, ann, [scope]).certificate for scope in ("health", "police"))
        moved = {key.version for key in hub.keys.standing(ben) if key.scope == "police"}
        all_ = erase(hub, ben).certificate
        destroyed = [key.scope for key in hub.keys.standing(ben) if key.destroyed_at]

        assert [(1, {"health": 2}), (1, {"police": 2})] == [(x.keys, x.versions) for x in (health, police)]
        assert {2} == moved  # what lives on is wrapped under the newer version at once
        assert (len(destroyed), set(destroyed)) == (all_.keys, set(all_.versions))


def test_an_erasure_is_final_whatever_came_of_the_child_since(filled):
    with filled.open(at=AT) as hub:
        done = erase(hub, children(hub)[0]).asked.erasure
    filled.take_in(concern("new", day=9, who=ANN), at=AT + timedelta(days=1))
    with filled.open(at=AT + timedelta(days=36)) as hub:
        assert set() == erasing.lacking(hub.records, erasing.disposals(hub.records).erasures[done])
        assert [done] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert hub.keys.for_opening_all(children(hub)[0], ("education", "identity"))


def test_a_version_under_which_somebodys_key_cannot_be_read_is_kept_and_the_erasure_is_not_final(filled):
    with filled.open(at=AT) as hub:
        ann, ben = children(hub)
        (wrapped,) = (key.wrapped for key in hub.keys.standing(ben) if key.scope == "police")
        with closing(sqlite3.connect(filled.settings.child_keys)) as table, table:
            (row,) = table.execute("SELECT keys FROM children WHERE child=?", (ben.bytes,)).fetchone()
            spoilt = row.replace(wrapped, bytes(len(wrapped)))
            table.execute("UPDATE children SET keys=? WHERE child=?", (spoilt, ben.bytes))
        assert spoilt != row
        done = erase(hub, ann, ["health", "police"]).asked.erasure
    with filled.open(at=AT + timedelta(days=36)) as hub:
        real, gone = hub.key_store.destroy_version, []
        hub.key_store.destroy_version = lambda *which: gone.append(which) or real(*which)

        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert [("health", 1)] == gone
        assert "erased" == erasing.disposals(hub.records).erasures[done].state


def test_a_withdrawn_scope_is_said_to_be_withdrawn_not_erased_and_comes_back(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        worker = SOCIAL_WORKER.by
        hub.records.act(ann, lambda child: allocate(child, worker, None, worker))

        def shown():
            return Look(hub.records, hub.policy, SOCIAL_WORKER, ann, None).shared().lines

        whole = shown()
        hub.key_file.withdraw("health")
        hub.keys._look_at = float("-inf")  # another process sees it within a second
        shut = shown()
        erase(hub, ann, ["police"])
        both = shown()
        hub.key_file.withdraw("health", back=True)
        hub.keys._look_at = float("-inf")
        back = shown()

        assert [(False, ()), (False, ())] == [(line.erased, line.withdrawn) for line in whole]
        assert [(False, ()), (False, ("health",))] == [(line.erased, line.withdrawn) for line in shut]
        assert [(True, ()), (False, ("health",))] == [(line.erased, line.withdrawn) for line in both]
        assert [(True, ()), (False, ())] == [(line.erased, line.withdrawn) for line in back]
        hub.key_file.withdraw("health")
        hub.keys._look_at = float("-inf")
        text = chronology_text(Look(hub.records, hub.policy, SOCIAL_WORKER, ann, None).shared())
        assert "(health: withdrawn for now by whoever holds its key)" in text


def test_what_is_said_of_an_erased_child_later_is_taken_in_anew_and_what_was_said_before_is_not(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        erase(hub, ann)
    filled.publish(missing(who=ANN), missing("m9", day=9, who=ANN))
    with filled.open() as hub:
        tally = take_all(hub)

        assert (1, 1) == (tally.resent, tally.recorded)
        assert 1 == len(hub.records.child(ann).entries)


def test_what_was_said_of_an_erased_child_cannot_be_tested_by_guessing_a_whole_message(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        guessed = bodies_of(missing(who=ANN), hub.records.hashes).entry
        row = hub.records.archive.rows.taken([guessed.source])[guessed.source]
        alike = same_again(hub.records, [(row, guessed.digest), (row, bytes(32))])
        (key,) = hub.keys.for_opening_many((ann,), "spine")[ann]
        erase(hub, ann)
        gone, *left = hub.keys.for_opening_many((ann,), "spine")[ann]
    on_disk = b"".join(file.read_bytes() for file in filled.settings.data.rglob("*") if file.is_file())

    assert [True, False] == alike
    assert row.digest == key.blinds(guessed.digest)
    assert guessed.digest not in on_disk
    assert gone is None
    assert row.digest not in {each.blinds(guessed.digest) for each in left if each}


def test_after_an_erasure_what_comes_again_is_known_by_its_id_and_what_is_new_is_compared(filled):
    later = missing("m9", day=9, who=ANN)
    with filled.open() as hub:
        erase(hub, children(hub)[0])
    filled.take_in(later)
    filled.publish(
        missing(who=ANN, found_where="elsewhere"),
        later,
        missing("m9", day=9, who=ANN, found_where="elsewhere"),
    )
    with filled.open() as hub:
        tally = take_all(hub)

    assert (2, 0, {"conflicting-resend": 1}) == (tally.resent, tally.recorded, tally.reasons)


def test_what_was_taken_before_its_hash_was_blinded_is_still_known(filled):
    said = missing("m2", who=BEN)
    with filled.open() as hub:
        entry = bodies_of(said, hub.records.hashes).entry
    with closing(sqlite3.connect(filled.settings.archive)) as store, store:
        store.execute("UPDATE taken SET digest=? WHERE source=?", (entry.digest, entry.source))
    filled.publish(said, missing("m2", who=BEN, found_where="elsewhere"))
    with filled.open() as hub:
        tally = take_all(hub)

    assert (1, {"conflicting-resend": 1}) == (tally.resent, tally.reasons)


def test_no_byte_of_a_destroyed_key_is_in_any_file(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        wrapped = [key.wrapped for key in hub.keys.standing(ann)]
        erase(hub, ann)
    on_disk = b"".join(file.read_bytes() for file in filled.settings.data.rglob("*") if file.is_file())

    assert 4 < len(wrapped)
    assert not [w for w in wrapped if w in on_disk or w[12:44] in on_disk]


def test_a_key_back_up_of_36_days_ago_opens_nothing_once_the_erasure_is_final(filled, tmp_path):
    stray = tmp_path / "stray.sqlite"
    with filled.open(at=AT) as hub:
        ann, ben = children(hub)
        with (
            closing(sqlite3.connect(filled.settings.child_keys)) as table,
            closing(sqlite3.connect(stray)) as copy,
        ):
            table.backup(copy)
        done = erase(hub, ann)
        assert [] == erasing.finish(hub.records, hub.key_store, AT + timedelta(days=34))
        restored = _ring_over(hub, stray)
        assert restored.for_opening_all(ann, ("police",))
    with filled.open(at=AT + timedelta(days=36)) as hub:
        assert [done.asked.erasure] == erasing.finish(hub.records, hub.key_store, hub.clock())
        restored = _ring_over(hub, stray)

        assert {} == restored.for_opening_all(ann, done.certificate.versions)
        with pytest.raises(CannotUnseal):
            restored.for_opening(ann, "spine", 1)
        assert 1 == len(hub.records.child(ben).entries)
        assert hub.keys.for_opening_all(ben, ("police",))
        assert "final" == erasing.disposals(hub.records).erasures[done.asked.erasure].state
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())


def test_looking_for_what_is_due_records_nothing_where_nothing_is(filled):
    with filled.open(at=AT) as hub:
        erase(hub, children(hub)[0])
        before = erasing.disposals(hub.records).version, hub.key_store.scopes()
        erasing.finish(hub.records, hub.key_store, AT + timedelta(days=34))

        assert before == (erasing.disposals(hub.records).version, hub.key_store.scopes())


def test_an_erasure_survives_the_restore_of_an_older_key_table(filled, tmp_path):
    older = tmp_path / "older.sqlite"
    with filled.open() as hub:
        ann, _ = children(hub)
        with (
            closing(sqlite3.connect(filled.settings.child_keys)) as table,
            closing(sqlite3.connect(older)) as copy,
        ):
            table.backup(copy)
        erase(hub, ann)
        graves = child_keys.tombstones(hub.keys._keys)
    shutil.copy(older, filled.settings.child_keys)
    filled.settings.child_keys.with_name("child-keys.sqlite-wal").unlink(missing_ok=True)
    with filled.open() as hub:
        child_keys.entomb(hub.keys._keys, graves)

        assert {} == hub.records.child(ann).entries


@pytest.mark.parametrize("where", ["destroy_all", "append", "rewrap", "record"])
def test_an_erasure_that_breaks_off_is_carried_out_the_next_time(filled, monkeypatch, where):
    erasure = uuid4()
    with filled.open() as hub:
        ann, _ = children(hub)
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        target = hub.keys if where in ("destroy_all", "rewrap") else hub.records
        real, calls = getattr(target, where), []

        def breaks(*arguments, **more):
            calls.append(where)
            if where != "record" or len(calls) == 3:
                raise KeyboardInterrupt
            return real(*arguments, **more)

        monkeypatch.setattr(target, where, breaks)
        with pytest.raises(KeyboardInterrupt):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
    with filled.open() as hub:
        assert erasing.disposals(hub.records).erasures[erasure].under_way
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        done = erasing.disposals(hub.records).erasures[erasure]
        told = [event.body for event in hub.records.history(ann) if isinstance(event.body, KeysDestroyed)]

        assert "erased" == done.state
        assert 1 == len(told)
        assert {} == hub.records.child(ann).entries


def test_an_erasure_that_is_carried_on_later_leaves_what_was_said_of_the_child_since(filled, monkeypatch):
    erasure = uuid4()
    with filled.open() as hub:
        ann, _ = children(hub)
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        monkeypatch.setattr(hub.keys, "rewrap", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
    filled.take_in(concern("new", day=9, who=ANN))
    with filled.open() as hub:
        erasing.finish(hub.records, hub.key_store, hub.clock())

        assert "erased" == erasing.disposals(hub.records).erasures[erasure].state
        assert ["schools"] == [kept.entry.agency for kept in hub.records.child(ann).entries.values()]


def test_a_hold_keeps_everything_of_a_child_until_it_is_lifted(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        erasure = uuid4()
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)
        with pytest.raises(Refused, match="held back by confirmer: public inquiry"):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
        with pytest.raises(Refused, match="held back"):
            erasing.ask_erasure(hub.records, uuid4(), ann, ["health"], "again", "art. 17", ASKER)
        erasing.lift_hold(hub.records, ann, "inquiry reported", CONFIRMER)

        assert "erased" == erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER).state


def test_a_child_is_held_by_each_who_holds_it_and_who_lifts_their_own_hold_lifts_no_others(filled):
    third = By("third", "information-governance-lead", "social-care")
    with filled.open() as hub:
        ann, _ = children(hub)

        def asks():
            erasing.ask_erasure(hub.records, uuid4(), ann, None, "asked for", "UK GDPR art. 17", ASKER)

        erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)
        erasing.hold_child(hub.records, ann, "a claim", ASKER)
        with pytest.raises(Refused, match="held by confirmer: public inquiry; asker: a claim"):
            erasing.lift_hold(hub.records, ann, "over", third)
        erasing.lift_hold(hub.records, ann, "inquiry reported", CONFIRMER)
        with pytest.raises(Refused, match="held back by asker: a claim"):
            asks()
        erasing.hold_child(hub.records, ann, "another inquiry", CONFIRMER)
        erasing.lift_hold(hub.records, ann, "asker has left; the claim is settled", third, "asker")
        with pytest.raises(Refused, match="held back by confirmer: another inquiry"):
            asks()
        with pytest.raises(Refused, match="no hold of theirs on this child"):
            erasing.lift_hold(hub.records, ann, "over", third, "asker")
        erasing.lift_hold(hub.records, ann, "reported", third)  # there is one alone, whoever's
        asks()

        assert ["asked"] == [one.state for one in erasing.disposals(hub.records).erasures.values()]


def test_while_an_entry_is_restricted_an_erasure_is_neither_asked_for_nor_confirmed(filled):
    """Who opposes erasure has it restricted for that (UK GDPR art. 18(1)(b))."""
    why = Envelope("police", b"")
    with filled.open() as hub:
        ann, ben = children(hub)
        asked = uuid4()
        erasing.ask_erasure(hub.records, asked, ann, None, "asked for", "art. 17", ASKER)
        entry = next(iter(hub.records.child(ann).entries))
        restricted = ProcessingRestricted(entry, RestrictionGround.UNLAWFUL, AT, CONFIRMER, why)
        hub.records.append(ann, [restricted])

        assert [True, False] == [erasing.restricted(hub.records, [child]) for child in (ann, ben)]
        with pytest.raises(Refused, match="is restricted"):
            erasing.ask_erasure(hub.records, uuid4(), ann, ["health"], "again", "art. 17", ASKER)
        with pytest.raises(Refused, match="is restricted"):
            erasing.confirm_erasure(hub.records, hub.key_store, asked, CONFIRMER)
        assert 0 == hub.keys._keys.destroyed()
        hub.records.append(ann, [RestrictionLifted(entry, CONFIRMER, why, why)])
        assert "erased" == erasing.confirm_erasure(hub.records, hub.key_store, asked, CONFIRMER).state


def test_an_erasure_is_not_confirmed_once_the_records_turned_out_to_be_of_two_children_or_of_one(desk):
    """Else it destroyed another child's record, or passed over a hold that stands on the other's."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        joined, ann = said_to_be_one(hub, CONFIRMER)
        other, of_both, of_one = joined.opened.provisional, uuid4(), uuid4()
        erasing.ask_erasure(hub.records, of_both, ann, None, "asked for", "art. 17", ASKER)
        separate(hub.records, joined.id, CONFIRMER, "They are cousins")
        with pytest.raises(Refused, match="which records are this child's"):
            erasing.confirm_erasure(hub.records, hub.key_store, of_both, CONFIRMER)
        erasing.ask_erasure(hub.records, of_one, ann, None, "asked for", "art. 17", ASKER)
        erasing.hold_child(hub.records, other, "public inquiry", CONFIRMER)
        confirm(hub.records, joined.id, ann, CONFIRMER, "One after all")
        with pytest.raises(Refused, match="which records are this child's"):
            erasing.confirm_erasure(hub.records, hub.key_store, of_one, CONFIRMER)

        assert 0 == hub.keys._keys.destroyed()
        erasing.lift_hold(hub.records, other, "inquiry reported", CONFIRMER)
        assert "erased" == erasing.confirm_erasure(hub.records, hub.key_store, of_both, CONFIRMER).state


def test_what_nobody_confirmed_is_not_carried_out_and_what_was_done_is_not_done_again(filled, monkeypatch):
    with filled.open() as hub:
        ann, ben = children(hub)
        asked, done = uuid4(), erase(hub, ben)
        erasing.ask_erasure(hub.records, asked, ann, None, "asked for", "art. 17", ASKER)
        for erasure in (asked, uuid4()):
            with pytest.raises(Refused, match="was not confirmed"):
                erasing.carry_out(hub.records, hub.key_store, erasure)
        monkeypatch.setattr(hub.key_store, "rotate", lambda *_: 1 / 0)

        assert done == erasing.carry_out(hub.records, hub.key_store, done.asked.erasure)
        assert 2 == len(hub.records.child(ann).entries)


def test_what_was_refused_or_done_is_not_confirmed_again(filled):
    with filled.open() as hub:
        ann, ben = children(hub)
        refused = uuid4()
        erasing.ask_erasure(hub.records, refused, ben, None, "asked for", "art. 17", ASKER)
        erasing.refuse_erasure(hub.records, refused, "the record is needed", CONFIRMER)
        done = erase(hub, ann).asked.erasure

        for erasure in (refused, done, uuid4()):
            with pytest.raises(Refused, match="no erasure of this id waits"):
                erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
        assert 1 == len(hub.records.child(ben).entries)


def test_a_withdrawn_scope_does_not_keep_a_child_from_being_erased(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        hub.key_file.withdraw("health")
        done = erase(hub, ann)

        assert "health" not in done.certificate.versions
        assert "police" in done.certificate.versions
        assert not [key for key in hub.keys.standing(ann) if key.scope == "health" and not key.destroyed_at]


def test_what_was_withdrawn_at_the_erasure_is_rotated_when_it_is_back_and_final_35_days_after_that(
    filled, tmp_path
):
    stray, day = tmp_path / "stray.sqlite", timedelta(days=1)
    with filled.open(at=AT) as hub:
        ann, ben = children(hub)
        copied(filled.settings.child_keys, stray)
        hub.key_file.withdraw("health")
        done = erase(hub, ann).asked.erasure
    with filled.open(at=AT + 36 * day) as hub:
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert {"health"} == erasing.lacking(hub.records, erasing.disposals(hub.records).erasures[done])
        assert {} == _ring_over(hub, stray).for_opening_all(ann, ("police",))
        hub.key_file.withdraw("health", back=True)
        assert _ring_over(hub, stray).for_opening_all(ann, ("health",))
    with filled.open(at=AT + 40 * day) as hub:
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert set() == erasing.lacking(hub.records, erasing.disposals(hub.records).erasures[done])
    with filled.open(at=AT + 74 * day) as hub:
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
    with filled.open(at=AT + 76 * day) as hub:
        assert [done] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert {} == _ring_over(hub, stray).for_opening_all(ann, hub.key_store.scopes())
        assert hub.keys.for_opening_all(ben, ("police",))


def test_nobody_elses_keys_are_lost_where_they_cannot_be_wrapped_anew_when_the_old_version_is_due(
    filled, tmp_path
):
    older = tmp_path / "older.sqlite"
    with filled.open(at=AT) as hub:
        ann, ben = children(hub)
        copied(filled.settings.child_keys, older)
        done = erase(hub, ann).asked.erasure
        graves = child_keys.tombstones(hub.keys._keys)
    shutil.copy(older, filled.settings.child_keys)
    filled.settings.child_keys.with_name("child-keys.sqlite-wal").unlink(missing_ok=True)
    with filled.open(at=AT + timedelta(days=36)) as hub:
        child_keys.entomb(hub.keys._keys, graves)
        hub.key_file.withdraw("police")
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        hub.key_file.withdraw("police", back=True)
        hub.keys._look_at = float("-inf")
        assert hub.keys.for_opening_all(ben, ("police",))
        assert [done] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert hub.keys.for_opening_all(ben, ("police",), remember=False)


def test_while_its_holder_has_a_scope_withdrawn_no_version_of_it_goes_though_nothing_stands_under_it(filled):
    with filled.open(at=AT) as hub:
        done = erase(hub, children(hub)[0], ["health", "police"]).asked.erasure
    with filled.open(at=AT + timedelta(days=36)) as hub:
        real, gone = hub.key_store.destroy_version, []
        hub.key_store.destroy_version = lambda *which: gone.append(which) or real(*which)
        hub.key_file.withdraw("health")
        assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert [("police", 1)] == gone
        hub.key_file.withdraw("health", back=True)

        assert [done] == erasing.finish(hub.records, hub.key_store, hub.clock())
        assert ("health", 1) in gone


def test_a_holder_who_shuts_a_scope_in_its_own_service_keeps_nothing_from_going_on(filled, monkeypatch):
    with filled.open(at=AT) as hub:
        done = erase(hub, children(hub)[0], ["health", "police"]).asked.erasure
    with filled.open(at=AT + timedelta(days=36)) as hub:
        real, gone = hub.key_store.destroy_version, []

        def shut(scope, version):
            if scope == "health" and not gone:
                raise ScopeWithdrawn(scope)
            real(scope, version)
            gone.append(scope)

        monkeypatch.setattr(hub.key_store, "destroy_version", shut)
        first = erasing.finish(hub.records, hub.key_store, hub.clock())

        assert ([], [done]) == (first, erasing.finish(hub.records, hub.key_store, hub.clock()))
        assert {"health", "police"} == {*gone}


def test_two_who_decide_at_once_are_put_in_order(filled, monkeypatch):
    with filled.open() as hub:
        ann, ben = children(hub)
        real = hub.records.record
        others = [ben]

        def beside(bodies, *more):
            if others:
                erasing_of = others.pop()
                erasing.ask_erasure(hub.records, uuid4(), erasing_of, None, "beside", "art. 17", ASKER)
            real(bodies, *more)

        monkeypatch.setattr(hub.records, "record", beside)
        erasing.ask_erasure(hub.records, uuid4(), ann, None, "asked for", "art. 17", ASKER)
        monkeypatch.setattr(hub.records, "record", lambda *_: (_ for _ in ()).throw(Conflict("always")))
        with pytest.raises(Conflict, match="being decided by others"):
            erasing.hold_child(hub.records, ann, "inquiry", ASKER)

        assert 2 == len(erasing.disposals(hub.records).erasures)


def test_two_persons_type_an_erasure_and_it_is_listed(filled, monkeypatch, capsys):
    def run(person, *arguments):
        monkeypatch.setenv("USER", person)
        return typed(monkeypatch, capsys, *arguments, data=filled.settings.data)

    with filled.open() as hub:
        ann = str(children(hub)[0])
    asked = run("mary", "keys", "erase", ann, "--reason", "asked for", "--authority", "UK GDPR art. 17")
    erasure = asked.out.split()[1]
    alone = run("mary", "keys", "confirm-erasure", erasure)
    both = run("john", "keys", "confirm-erasure", erasure)
    listed = run("mary", "keys", "erasures")
    finished = run("mary", "keys", "finish-erasures")

    assert (0, 1, 0, 0) == (asked.code, alone.code, both.code, listed.code)
    assert "a second person confirms" in alone.err
    assert "keys destroyed" in both.out
    assert "erased" in listed.out
    assert "confirmed by john@local" in listed.out
    assert "nothing is due\n" == finished.out


def _ring_over(hub, table):
    from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
    from hub.confidentiality.keys import KeyRing

    return KeyRing(SqliteChildKeys(table), hub.key_store, lambda: 0.0)


def test_what_was_moved_off_a_record_that_is_held_is_held_where_it_went_until_the_hold_is_lifted(filled):
    """Else a hold is passed by: the entries go to a record of their own, and that is erased."""
    with filled.open() as hub:
        ann, ben = children(hub)
        first = next(iter(hub.records.child(ann).entries))
        erasing.hold_child(hub.records, ann, "an inquiry", ASKER)
        new = split(hub.records, ann, [first], CONFIRMER, "Another girl", uuid4)
        further = split(hub.records, new, [first], CONFIRMER, "Another still", uuid4)
        for child in (new, further):
            with pytest.raises(Refused, match="an inquiry"):
                erase(hub, child)
        schedule, then = retention.load(retention.SHIPPED), datetime(2090, 1, 1, tzinfo=UTC)
        listed = {one.child: one.held for one in retention.due(hub.records, schedule, then)}
        assert {ann: "an inquiry", ben: None, new: "an inquiry", further: "an inquiry"} == listed
        with pytest.raises(Refused, match="an inquiry"):
            retention.approve(
                hub.records, hub.key_store, schedule, further, uuid4(), then, CONFIRMER, "reviewed"
            )
        erasing.lift_hold(hub.records, ann, "it ended", ASKER)

        assert erase(hub, further).certificate
    with filled.open() as hub:
        erasing.hold_child(hub.records, ann, "a claim", ASKER)  # of what is hers now
        moved = split(hub.records, ben, list(hub.records.child(ben).entries), CONFIRMER, "Hers", uuid4, ann)
        with pytest.raises(Refused, match="a claim"):
            erase(hub, moved)
        assert erase(hub, new).certificate


def test_a_hold_that_was_put_on_after_entries_were_moved_off_is_not_of_them(filled):
    with filled.open() as hub:
        ann, _ = children(hub)
        first = next(iter(hub.records.child(ann).entries))
        new = split(hub.records, ann, [first], CONFIRMER, "Another girl", uuid4)
        erasing.hold_child(hub.records, ann, "an inquiry", ASKER)

        assert erase(hub, new).certificate


def test_what_was_asked_before_it_was_known_that_it_is_held_is_not_confirmed(filled):
    with filled.open() as hub:
        ann, ben = children(hub)
        erasure = uuid4()
        erasing.ask_erasure(hub.records, erasure, ben, None, "asked for", "UK GDPR art. 17", ASKER)
        erasing.hold_child(hub.records, ann, "an inquiry", ASKER)
        entries = list(hub.records.child(ann).entries)
        split(hub.records, ann, entries[:1], CONFIRMER, "It is his", uuid4, ben)
        with pytest.raises(Refused, match="an inquiry"):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)


def _broken_off(hub, monkeypatch, child, erased=0):
    """A confirmed erasure of everything of a child that broke off once so many records were erased."""
    erasure, real, calls = uuid4(), hub.keys.destroy_all, []

    def breaks(*arguments):
        if len(calls) == erased:
            raise KeyboardInterrupt
        calls.append(arguments)
        real(*arguments)

    erasing.ask_erasure(hub.records, erasure, child, None, "asked for", "UK GDPR art. 17", ASKER)
    with monkeypatch.context() as broken:
        broken.setattr(hub.keys, "destroy_all", breaks)
        with pytest.raises(KeyboardInterrupt):
            erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
    return erasure


def _finished(hub, erasure):
    assert [] == erasing.finish(hub.records, hub.key_store, hub.clock())
    found = erasing.disposals(hub.records).erasures[erasure]
    return found.state, erasing.kept_back(hub.records, found)


@pytest.mark.parametrize("joined", ["parted", "one more"])
def test_what_broke_off_is_not_carried_out_on_what_has_been_found_to_be_another_childs(
    desk, monkeypatch, joined
):
    """Else the daily command destroyed another child's record, of whom nobody had asked it."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        one, ann = said_to_be_one(hub, CONFIRMER)
        if joined == "one more":
            separate(hub.records, one.id, CONFIRMER, "They are cousins")
        erasure = _broken_off(hub, monkeypatch, ann)
        if joined == "one more":
            confirm(hub.records, one.id, ann, CONFIRMER, "One after all")
        else:
            separate(hub.records, one.id, CONFIRMER, "They are cousins")

        assert ("confirmed", erasing.MOVED) == _finished(hub, erasure)
        with pytest.raises(Refused, match="which records are this child's"):
            erasing.carry_out(hub.records, hub.key_store, erasure)
        assert 0 == hub.keys._keys.destroyed()
        erasing.refuse_erasure(hub.records, erasure, "they are two", CONFIRMER)
        assert ("stopped", None) == _finished(hub, erasure)
        assert 0 == hub.keys._keys.destroyed()
        assert erasing.disposals(hub.records).erasures[erasure].certificate is None
        assert erase(hub, ann).certificate


def test_the_record_that_is_left_once_one_was_erased_is_kept_where_they_are_parted_and_the_rest_is_certified(
    desk, monkeypatch
):
    """It is the one the other was joined into, which alone says still that the two were one."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open(at=AT) as hub:
        one, ann = said_to_be_one(hub, CONFIRMER)
        other, before = one.opened.provisional, hub.keys.destroy(ann, ("police",))
        erasure = _broken_off(hub, monkeypatch, ann, erased=1)
        assert [[], [ann]] == [list(hub.records.child(other).entries), [hub.records.person(ann)[0].id]]
        separate(hub.records, one.id, CONFIRMER, "They are cousins")

        assert ("confirmed", erasing.MOVED) == _finished(hub, erasure)
        assert 1 == len(hub.records.child(ann).entries)
        erasing.refuse_erasure(hub.records, erasure, "they are two", CONFIRMER)
        assert ("stopped", None) == _finished(hub, erasure)
        done = erasing.disposals(hub.records).erasures[erasure].certificate
        assert hub.keys._keys.destroyed() - before == done.keys > before > 0
        assert {key.scope for key in hub.keys.standing(other) if key.destroyed_at} == {*done.versions}
        assert 1 == len(hub.records.child(ann).entries)
        with pytest.raises(Refused, match="no erasure of this id waits"):
            erasing.refuse_erasure(hub.records, erasure, "again", CONFIRMER)
    with desk.open(at=AT + timedelta(days=36)) as hub:
        assert [erasure] == erasing.finish(hub.records, hub.key_store, hub.clock())


def test_a_record_whose_keys_are_gone_says_so_whatever_was_found_since(desk, monkeypatch):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        one, ann = said_to_be_one(hub, CONFIRMER)
        other, erasure = one.opened.provisional, uuid4()
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        with monkeypatch.context() as broken:
            broken.setattr(hub.records, "append", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
        erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)

        assert ("confirmed", "held back by confirmer: public inquiry") == _finished(hub, erasure)
        assert [True, False] == [bool(hub.records.child(record).erasures) for record in (other, ann)]
        assert 1 == len(hub.records.child(ann).entries)
        erasing.lift_hold(hub.records, ann, "inquiry reported", CONFIRMER)
        assert ("erased", None) == _finished(hub, erasure)
        assert {} == hub.records.child(ann).entries


def test_a_record_without_keys_says_so_though_it_is_not_its_turn_and_no_other_loses_any_for_it(
    desk, monkeypatch
):
    """An older release erased them in another order, and may have broken off."""
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        one, ann = said_to_be_one(hub, CONFIRMER)
        erasure = _broken_off(hub, monkeypatch, ann)
        hub.keys.destroy_all(key_owners(ann))
        erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)
        gone = hub.keys._keys.destroyed()

        assert "confirmed" == _finished(hub, erasure)[0]
        assert hub.records.child(ann).erasures
        assert 1 == len(hub.records.child(one.opened.provisional).entries)
        assert gone == hub.keys._keys.destroyed()


def test_a_scope_whose_keys_are_gone_is_said_to_be_though_the_child_is_held_since(filled, monkeypatch):
    erasure = uuid4()
    with filled.open() as hub:
        ann, _ = children(hub)
        erasing.ask_erasure(hub.records, erasure, ann, ["police"], "asked for", "UK GDPR art. 17", ASKER)
        with monkeypatch.context() as broken:
            broken.setattr(hub.records, "append", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
        erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)

        assert erasing.kept_back(hub.records, erasing.disposals(hub.records).erasures[erasure]) is None
        assert ("erased", None) == _finished(hub, erasure)


def test_who_holds_a_child_whose_keys_are_going_hears_that_it_may_be_too_late_and_who_does_before_is_heeded(
    filled, monkeypatch
):
    """Else somebody was told that it is held, and it was gone."""
    with filled.open() as hub:
        ann, ben = children(hub)
        real, said = hub.keys.destroy_all, []

        def held_meanwhile(*arguments):
            said.extend(erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER))
            real(*arguments)

        monkeypatch.setattr(hub.keys, "destroy_all", held_meanwhile)
        done = erase(hub, ann)
        assert ("erased", [done.asked.erasure]) == (done.state, said)
        assert [] == erasing.hold_child(hub.records, ann, "public inquiry", CONFIRMER)

        look = erasing.not_held

        def holds_just_after(*arguments):
            look(*arguments)
            erasing.hold_child(hub.records, ben, "a claim", CONFIRMER)

        monkeypatch.setattr(erasing, "not_held", holds_just_after)
        with pytest.raises(Refused, match="held back by confirmer: a claim"):
            erase(hub, ben)
        assert 1 == len(hub.records.child(ben).entries)


def test_what_was_moved_there_and_back_is_held_where_a_record_on_its_way_is(filled):
    with filled.open() as hub:
        ann, ben = children(hub)
        first = next(iter(hub.records.child(ann).entries))
        split(hub.records, ann, [first], CONFIRMER, "It is his", uuid4, ben)
        split(hub.records, ben, [first], CONFIRMER, "Hers after all", uuid4, ann)

        assert {ann, ben} == erasing.came_from(hub.records, [ann]).keys()


def test_what_broke_off_waits_while_it_is_held_or_restricted_and_is_refused_only_then(filled, monkeypatch):
    why = Envelope("police", b"")
    with filled.open() as hub:
        ann, _ = children(hub)
        erasure = _broken_off(hub, monkeypatch, ann)
        with pytest.raises(Refused, match="no erasure of this id waits"):
            erasing.refuse_erasure(hub.records, erasure, "two had decided it", CONFIRMER)
        entry = next(iter(hub.records.child(ann).entries))
        restricted = ProcessingRestricted(entry, RestrictionGround.UNLAWFUL, AT, CONFIRMER, why)
        hub.records.append(ann, [restricted])

        assert ("confirmed", erasing.RESTRICTED) == _finished(hub, erasure)
        hub.records.append(ann, [RestrictionLifted(entry, CONFIRMER, why, why)])
        assert ("erased", None) == _finished(hub, erasure)


def test_what_is_kept_back_is_said_every_day_and_in_the_list_and_can_be_stopped(filled, monkeypatch, capsys):
    def run(*arguments):
        return typed(monkeypatch, capsys, "keys", *arguments, data=filled.settings.data)

    with filled.open() as hub:
        ann, _ = children(hub)
        erasure = _broken_off(hub, monkeypatch, ann)
    held = run("hold", str(ann), "--reason", "public inquiry")
    daily, listed = run("finish-erasures"), run("erasures")
    stopped, after = run("refuse-erasure", str(erasure), "--reason", "the inquiry needs it"), run("erasures")

    assert f"it may be TOO LATE: {erasure} was being carried out" in held.out
    assert f"confirmed and NOT CARRIED OUT: {erasure}; 'hub keys erasures' says why\n" in daily.out
    assert "  confirmed by confirmer\n" in listed.out
    assert re.search("  NOT CARRIED OUT: held back by .+: public inquiry\n", listed.out)
    assert "stopped; what it had destroyed stays destroyed" in stopped.out
    assert f"{erasure}  stopped " in after.out
    assert "nothing is due\n" == run("finish-erasures").out
