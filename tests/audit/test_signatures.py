"""What an agency signed can be checked: by the hub, by an outsider, after an erasure, word for word."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from adapters import seal
from hub.audit import standalone
from hub.audit.checkpoint import verifier_key
from hub.audit.keeping import ORIGIN
from hub.audit.signatures import OWN, Found, Unsound, as_signed, check, statements
from hub.confidentiality.agency_keys import (
    add_agency_key,
    end_agency_key,
    load_agency_keys,
    remove_agency_key,
)
from hub.confidentiality.sealing import Sealing, filled, unseal_again
from hub.confidentiality.sealing import seal as seal_here
from hub.disposal import erasing
from hub.domain.child import By, EntryRecorded, Resealed
from hub.domain.entry import Envelope
from hub.intake.splitting import split
from hub.store.effects import Effects
from hub.store.mapper import said_openly
from schemas import vouching, wire
from schemas.vocabulary import Agency
from tests.events import ANN, BEN, attendance, concern, missing
from tests.hubs import Desk, take_all
from tests.journeys.commands import hub as typed

ASKER, CONFIRMER = By("asker", "operator", "hub"), By("confirmer", "operator", "hub")
SAID = (
    missing("m1", who=ANN),
    attendance("a1", 1, who=ANN),
    concern("c1", 2, who=BEN),
    missing("m2", 3, who=BEN),
)


@pytest.fixture
def desk(tmp_path):
    """A hub that took in four events of three agencies: two of Ann, two of Ben."""
    desk = Desk(tmp_path / "data")
    desk.take_in(*SAID)
    return desk


@pytest.fixture
def any_desk(tmp_path, any_store):
    """The same on either store."""
    desk = Desk(tmp_path / "data", store=any_store)
    desk.take_in(*SAID)
    return desk


def signed(desk, hub, contents=True):
    archive = hub.records.archive
    agencies = load_agency_keys(desk.settings.agency_keys)
    return check(archive.rows, archive.sealing, agencies, hub.keys if contents else None)


def rows(hub, topic=None):
    found = hub.records.archive.rows.rows_after(0, 1000)
    return [row for row in found if topic in (None, row.topic)]


def entries(hub):
    """Every entry of every child, with the child."""
    return [(c, kept.entry) for c in hub.records.children() for kept in hub.records.child(c).entries.values()]


def test_every_entry_is_signed_and_holds_word_for_word_what_was_signed(any_desk):
    desk = any_desk
    with desk.open() as hub:
        found = signed(desk, hub)

        assert found.holds
        assert (4, 4, 0, 0) == (found.entries, found.statements, found.left, found.uncompared)
        assert 3 == len(rows(hub, "vouched"))  # a row an agency, not an event


def test_what_is_recorded_as_an_agencys_and_that_nobody_signed_is_named_even_after_the_last_checkpoint(desk):
    """The one tampering the tree cannot see (security.md 4.2): a forged row that no checkpoint covers yet."""
    with desk.open() as hub:
        hub.ledger.catch_up()
        child, entry = entries(hub)[0]
        forged = msgspec.structs.replace(entry, id=uuid4(), source=b"forged", said=None)
        replayed = msgspec.structs.replace(entry, id=uuid4(), source=b"replayed")
        for body in (forged, replayed):
            hub.records.record({}, Effects(), {child: [EntryRecorded(entry=body)]})
        last = rows(hub)[-1].position

        assert hub.ledger.verify().holds
        assert [Found(Unsound.NOT_SIGNED, last - 1), Found(Unsound.NOT_SIGNED, last)] == signed(
            desk, hub, contents=False
        ).unsound


def test_words_changed_under_the_hubs_own_keys_are_not_what_was_signed(desk):
    """Who has every key of the hub can seal anew; what the agency signed they cannot."""
    with desk.open() as hub:
        child, entry = entries(hub)[0]
        (scope, _), *rest = entry.envelopes
        key = {scope: hub.keys.for_sealing(child, scope)}
        ((_, other),) = Sealing(child, key).seal(entry.id, entry.type, {scope: filled(b"{}", bytes(16))})
        altered = [
            msgspec.structs.replace(entry, envelopes=(Envelope(scope, other), *rest)),
            msgspec.structs.replace(entry, occurred_at=entry.occurred_at + timedelta(days=1)),
            msgspec.structs.replace(entry, open=b"{}"),
        ]
        for body in altered:
            hub.records.record({}, Effects(), {child: [EntryRecorded(entry=body)]})
        what = [found.what for found in signed(desk, hub).unsound]

        assert 3 == what.count(Unsound.NOT_AS_SIGNED)


@pytest.mark.parametrize(
    ("what", "told"), [("same", None), ("other", Unsound.NOT_AS_SIGNED), ("damaged", Unsound.UNREADABLE)]
)
def test_what_is_sealed_again_is_compared_as_it_is_sealed_now(desk, what, told):
    with desk.open() as hub:
        child, entry = entries(hub)[0]
        (scope, was), *_ = entry.envelopes
        newer, place = hub.keys.renew(child, scope), (child, entry.id, scope, entry.type)
        same = unseal_again(hub.keys.for_opening(child, scope, 1), newer, *place, was)
        sealed = {
            "same": same,
            "other": seal_here(newer, *place, b"{}"),
            "damaged": same[:-1] + bytes([same[-1] ^ 1]),
        }
        again = ((Envelope(scope, was).mark, sealed[what]),)
        hub.records.append(child, [Resealed(scopes=(scope,), envelopes=again, reason="lost", by=ASKER)])
        last = rows(hub)[-1].position
        desk.publish(missing("m9", 9, who=ANN))
        take_all(hub)
        found = signed(desk, hub)

        assert last < rows(hub, "child")[-1].position
        assert ([Found(told, last)] if told else []) == found.unsound
        assert (5, 0) == (found.entries, found.uncompared)
        assert signed(desk, hub, contents=False).holds


def test_of_all_that_is_sealed_again_each_is_compared_though_one_cannot_be_read(desk):
    with desk.open() as hub:
        ann, *_ = hub.records.children()
        first, second = (kept.entry for kept in hub.records.child(ann).entries.values())
        (scope, was), *_ = first.envelopes
        (other, of_second), *_ = second.envelopes
        words = seal_here(hub.keys.renew(ann, other), ann, second.id, other, second.type, b"{}")
        again = (
            (Envelope(scope, was).mark, was[:-1] + bytes([was[-1] ^ 1])),
            (Envelope(other, of_second).mark, words),
        )
        hub.records.append(ann, [Resealed(scopes=(scope,), envelopes=again, reason="lost", by=ASKER)])
        last = rows(hub)[-1].position

        assert [Found(Unsound.UNREADABLE, last), Found(Unsound.NOT_AS_SIGNED, last)] == signed(
            desk, hub
        ).unsound


def test_what_came_of_another_edition_of_the_schemas_is_signed_and_said_not_to_be_compared(desk, monkeypatch):
    """Its sender signed parts that this hub takes apart otherwise: the whole was compared, when it came."""
    with monkeypatch.context() as sender:
        parts_of = vouching.parts_of
        sender.setattr(vouching, "parts_of", lambda event: {**parts_of(event), "newer": b"{}"})
        sent = desk.messages(missing("m9", 9, who=ANN), missing("m10", 10, who=ANN))
    desk.send(*sent)
    with desk.open() as hub:
        assert 2 == take_all(hub).recorded
        found = signed(desk, hub)
        child, entry = next((child, entry) for child, entry in entries(hub) if not entry.said.salt)

        assert (True, 6, 6, 2) == (found.holds, found.entries, found.statements, found.uncompared)
        assert as_signed(hub.keys, child, entry) is None


def test_signatures_are_checked_after_an_erasure_and_say_nothing_of_whom(desk):
    with desk.open() as hub:
        ann, ben = hub.records.children()
        erasure = uuid4()
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "UK GDPR art. 17", ASKER)
        erasing.confirm_erasure(hub.records, hub.key_store, erasure, CONFIRMER)
        found = signed(desk, hub)
        held = b"".join(row.state for row in rows(hub, "vouched"))

        assert found.holds
        assert (2, 4, 2) == (found.entries, found.statements, found.left)
        assert not any(child.bytes in held or child.hex.encode() in held for child in (ann, ben))


def test_what_was_split_off_to_another_record_is_still_what_was_signed(desk):
    with desk.open() as hub:
        ann, _ = hub.records.children()
        moved = next(iter(hub.records.child(ann).entries))
        other = split(hub.records, ann, [moved], By("c", "coordinator", "hub"), "another's", uuid4)
        entry = hub.records.child(other).entries[moved].entry

        assert as_signed(hub.keys, other, entry)
        assert signed(desk, hub).holds


def test_a_signature_that_is_altered_or_whose_key_was_stolen_is_not_believed(desk):
    with desk.open() as hub:
        (row,) = [row for row in rows(hub, "vouched") if b"schools" in row.state]
        keys = desk.agencies[Agency.SCHOOLS]
        remove_agency_key(desk.settings.agency_keys, "schools", keys.key_id)
        unsound = signed(desk, hub).unsound

        assert Found(Unsound.BAD_SIGNATURE, row.position) in unsound
        assert {Unsound.BAD_SIGNATURE, Unsound.NOT_SIGNED} == {found.what for found in unsound}


class Rows:
    """The store's rows as its administrator could leave them, numbered in this order."""

    def __init__(self, rows):
        self.rows = [row._replace(position=position) for position, row in enumerate(rows, 1)]

    def rows_after(self, position, limit):
        return [row for row in self.rows if row.position > position][:limit]


def flipped(row, part):
    """The row with a bit of one part of its state changed, where that stands last."""
    before, found, after = row.state.rpartition(part)
    assert found
    return row._replace(state=before + bytes([found[0] ^ 1]) + found[1:] + after)


def test_one_bit_of_a_signature_a_statement_or_an_entry_is_named_where_it_stands(desk):
    with desk.open() as hub:
        sealing, agencies = hub.records.archive.sealing, load_agency_keys(desk.settings.agency_keys)
        kept = Rows(rows(hub)).rows
        at = next(n for n, row in enumerate(kept) if row.topic == "vouched" and b"schools" in row.state)
        body = said_openly(kept[at].state)[1]
        signature, leaf = statements(body)[0].signature, body.leaves[4:]
        entry = next(n for n, row in enumerate(kept) if row.topic == "child" and row.version > 1)

        def unsound(place, part):
            altered = [*kept[:place], flipped(kept[place], part), *kept[place + 1 :]]
            return check(Rows(altered), sealing, agencies).unsound

        forged, other, unreadable = (
            unsound(at, signature),
            unsound(at, leaf),
            unsound(entry, kept[entry].state[-40:]),
        )

    assert Found(Unsound.BAD_SIGNATURE, at + 1) in forged
    assert {Unsound.BAD_SIGNATURE, Unsound.NOT_SIGNED} == {found.what for found in forged}
    assert sorted({found.position for found in forged}) == [found.position for found in forged]
    assert forged == other
    assert [Found(Unsound.UNREADABLE, entry + 1)] == unreadable


def test_a_statement_that_stands_before_its_entry_counts_for_one_entry_and_no_copy_of_it(desk, monkeypatch):
    monkeypatch.setattr("hub.audit.signatures.BATCH", 3)
    with desk.open() as hub:
        sealing, agencies = hub.records.archive.sealing, load_agency_keys(desk.settings.agency_keys)
        said, others = rows(hub, "vouched"), [row for row in rows(hub) if row.topic != "vouched"]
        copy, told = next(row for row in others if row.topic == "child" and row.version > 1), []
        found = check(Rows([*said, *others]), sealing, agencies, progress=told.append)
        twice = check(Rows([*said, *others, copy]), sealing, agencies)

    assert (True, 4, 4, 0) == (found.holds, found.entries, found.statements, found.left)
    assert [Found(Unsound.NOT_SIGNED, len(said) + len(others) + 1)] == twice.unsound
    assert len(said) + len(others) == sum(told)
    assert {3} == set(told[:-1])


def test_a_scope_that_is_erased_keeps_no_other_from_being_compared(desk):
    with desk.open() as hub:
        child, entry = next((c, e) for c, e in entries(hub) if len(e.envelopes) > 1)
        first, (scope, _), *rest = entry.envelopes
        key = {scope: hub.keys.for_sealing(child, scope)}
        ((_, other),) = Sealing(child, key).seal(entry.id, entry.type, {scope: filled(b"{}", bytes(16))})
        altered = msgspec.structs.replace(entry, envelopes=(first, Envelope(scope, other), *rest))
        hub.keys.destroy(child, (first.scope,))

        assert OWN.isdisjoint((first.scope, scope))
        assert as_signed(hub.keys, child, entry)
        assert as_signed(hub.keys, child, altered) is False


def test_keys_are_rolled_and_what_either_signed_in_its_time_is_believed(desk):
    old = desk.agencies[Agency.POLICE]
    now = datetime.now(UTC)
    (waits,) = desk.messages(missing("waits", 5))
    new = seal.AgencyKeys("police", "new", seal.Ed25519PrivateKey.generate(), old.reference_secret)
    public = new.signing.public_key().public_bytes_raw()
    add_agency_key(desk.settings.agency_keys, "police", "new", public, now - timedelta(minutes=5))
    session = seal.Session.open(new, seal.load_hub_key(desk.settings.hub_public_key), now)
    desk.outgoing[Agency.POLICE] = wire.Outgoing(session, old.reference_secret)
    desk.publish(missing("after", 6))
    end_agency_key(desk.settings.agency_keys, "police", old.key_id, now + timedelta(seconds=2))
    desk.send(waits)
    late = session_of(desk, old, now)
    desk.send(wire.event_message(missing("late", 7), late, now + timedelta(minutes=1)))
    with desk.open() as hub:
        tally = take_all(hub)

        assert (2, {"unknown-agency-key": 1}) == (tally.recorded, tally.reasons)
        assert signed(desk, hub).holds


def session_of(desk, keys, now):
    hub_key = seal.load_hub_key(desk.settings.hub_public_key)
    return wire.Outgoing(seal.Session.open(keys, hub_key, now), keys.reference_secret)


# ------------------------------------------------------------ from outside


def outsider(desk, hub, folder):
    """What an auditor has: the log's key, a checkpoint, the agencies' keys, the rows; no key of the hub."""
    hub.ledger.catch_up()
    store = folder / "rows.jsonl"
    lines = ([r.position, r.stream.hex(), r.version, r.topic, r.state.hex()] for r in rows(hub))
    store.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "note").write_text(hub.ledger.latest())
    key = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
    given = [
        ["--agency", f"{a}={keys.signing.public_key().public_bytes_raw().hex()}"]
        for a, keys in desk.agencies.items()
    ]
    return store, folder / "note", key, [word for pair in given for word in pair]


def ran(capsys, *words):
    capsys.readouterr()
    code = standalone.main([str(word) for word in words])
    return code, "".join(capsys.readouterr())


def test_an_outsider_checks_every_signature_without_a_key_of_the_hub(desk, tmp_path, capsys):
    with desk.open() as hub:
        store, note, key, agencies = outsider(desk, hub, tmp_path)
    ask = ("signatures", store, note, "--key", key)
    code, said = ran(capsys, *ask, *agencies)
    wrong = [
        word.replace("police=", "police=00")[:-2] if word.startswith("police=") else word for word in agencies
    ]
    exchanged = [
        w.replace("health=", "x=").replace("police=", "health=").replace("x=", "police=") for w in agencies
    ]

    assert (0, True) == (code, "statements that agencies signed: health 1, police 2, schools 1" in said)
    assert 1 == ran(capsys, *ask, *wrong)[0]
    code, said = ran(capsys, *ask)
    assert (1, True) == (code, "no key of" in said)
    assert 1 == ran(capsys, *ask, *exchanged)[0]


def test_one_entry_is_proved_to_be_its_agencys_own_without_a_word_of_it(desk, tmp_path, capsys, monkeypatch):
    with desk.open() as hub:
        *_, key, agencies = outsider(desk, hub, tmp_path)
        child, _ = entries(hub)[0]
        position = next(r.position for r in rows(hub, "child") if r.stream == child.bytes and r.version == 2)
    file = tmp_path / "evidence.json"
    done = typed(
        monkeypatch, capsys, "ledger", "said", str(position), "--to", str(file), data=desk.settings.data
    )
    nothing = typed(monkeypatch, capsys, "ledger", "said", "1", data=desk.settings.data)
    code, said = ran(capsys, "said", file, "--key", key, *agencies)
    other = tmp_path / "other.json"
    evidence = json.loads(file.read_text())
    digests = evidence["digests"]
    another = "11" if digests.endswith("00") else "00"  # one in 256 ends so by itself
    other.write_text(json.dumps(evidence | {"digests": digests[:-2] + another}))

    assert (0, 1) == (done.code, nothing.code)
    assert (0, True) == (code, " said this, in " in said)
    assert b"Marsh" not in file.read_bytes()
    assert 1 == ran(capsys, "said", other, "--key", key, *agencies)[0]


def test_verify_says_what_no_agency_signed(any_desk, monkeypatch, capsys):
    desk = any_desk
    if desk.settings.store is not None:
        monkeypatch.setenv("HUB_STORE", desk.settings.store.address)
    whole = typed(monkeypatch, capsys, "verify", "--contents", data=desk.settings.data)
    with desk.open() as hub:
        child, entry = entries(hub)[0]
        forged = msgspec.structs.replace(entry, id=uuid4(), source=b"forged", said=None)
        hub.records.record({}, Effects(), {child: [EntryRecorded(entry=forged)]})
        last = rows(hub)[-1].position
    spoilt = typed(monkeypatch, capsys, "verify", data=desk.settings.data)

    assert (0, 1) == (whole.code, spoilt.code)
    assert "4 entries of agencies, 4 statements that agencies signed" in whole.out
    assert f"position {last}: {Unsound.NOT_SIGNED}" in spoilt.out
