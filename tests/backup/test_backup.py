"""Back-up and restore on both engines: nothing lost, nothing brought back that was erased."""

import json
import shutil
import time

import psycopg
import pytest
from typer.testing import CliRunner

from hub.__main__ import app
from hub.audit.standalone import extends, read_note
from hub.backup import BackupUnusable, back_up, restore
from hub.domain.child import allocate
from hub.engines import NotFounded
from hub.errors import Conflict, HubError, Refused
from hub.settings import Settings
from hub.sharing.policy_in_force import PolicyInForce
from schemas.receipts import read_receipt
from tests.engines.postgres.keeper import TEMPLATE
from tests.events import ANN, BEN, attendance, missing
from tests.hubs import NOW, SOCIAL_WORKER, Desk, take_all


@pytest.fixture
def desk(tmp_path, any_store):
    """A hub with two children, drawn and in its ledger."""
    desk = Desk(tmp_path / "data", store=any_store)
    desk.take_in(missing("m1"), attendance("a1"), missing("m2", who=BEN))
    with desk.open() as hub:
        for follower in hub.followers:
            follower.catch_up()
        hub.ledger.catch_up()
    return desk


@pytest.fixture
def again(desk, tmp_path):
    """Lose everything but the key file and the bus, and restore."""

    def lose_and_restore(events, keys, destroyed=(), secrets=None):
        settings = desk.settings
        for file in settings.data.iterdir():
            if file.name.startswith(("hub.sqlite", "ledger", "views", "child-keys", "checkpoints")):
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        if settings.store is not None:
            name = settings.store.database
            with psycopg.connect(
                settings.store.address.rpartition("/")[0] + "/postgres", autocommit=True
            ) as c:
                c.execute(f"DROP DATABASE {name} WITH (FORCE)")
                c.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return restore(settings, events, keys, destroyed, secrets)

    return lose_and_restore


def copied(desk, tmp_path, name="one"):
    events, keys = tmp_path / f"{name}-events", tmp_path / f"{name}-keys"
    back_up(desk.settings, events, keys, NOW)
    return events, keys


def told(desk):
    """Every child's chronology as a social worker sees it, what is drawn, whether the ledger verifies."""
    with desk.open() as hub:
        take_all(hub)
        for follower in hub.followers:
            follower.catch_up()
        hub.ledger.catch_up()
        children = hub.records.children()
        for child in children:
            hub.records.act(child, lambda c: allocate(c, SOCIAL_WORKER.by, None, SOCIAL_WORKER.by))
        lines = [hub.share.chronology(SOCIAL_WORKER, child).lines for child in children]
        entries = [[(line.id, line.fields) for line in of] for of in lines]
        return entries, [follower.rows() for follower in hub.followers], hub.ledger.verify().holds


def drawn_ids(rows):
    """Which flags and lists there are of whom; the times at which the hub came to know are others now."""
    return {child: sorted(of) for child, of in rows.items()}


def test_what_was_recorded_after_the_back_up_is_read_again_from_the_bus(desk, again, tmp_path):
    places = copied(desk, tmp_path)
    desk.take_in(missing("m3"), attendance("a2", who=BEN))
    before = told(desk)
    again(*places)

    after = told(desk)

    assert before[0] == after[0]
    assert [drawn_ids(rows) for rows in before[1]] == [drawn_ids(rows) for rows in after[1]]
    assert after[2]


def test_a_restored_store_that_is_older_than_a_checkpoint_is_named(desk, again, tmp_path):
    places = copied(desk, tmp_path)
    desk.take_in(missing("m3"))
    with desk.open() as hub:
        hub.ledger.catch_up()
    kept = tmp_path / "kept-by-an-agency"
    shutil.copytree(desk.settings.checkpoints, kept)
    again(*places)
    shutil.copytree(kept, desk.settings.checkpoints, dirs_exist_ok=True)

    with desk.open() as hub:
        verdict = hub.ledger.verify()

    assert not verdict.holds
    assert "checkpoint" in str(verdict.faults[0])


def test_a_child_that_was_erased_stays_erased_with_an_older_copy_of_the_keys(desk, again, tmp_path):
    with desk.open() as hub:
        hub.share.disclosures.adopt(hub.policy, SOCIAL_WORKER.by)
    _, old_keys = copied(desk, tmp_path, "old")
    with desk.open() as hub:
        ann, ben = hub.records.children()
        hub.keys.destroy(ann)
    events, _ = copied(desk, tmp_path, "new")
    again(events, old_keys)

    with desk.open() as hub:
        # Of the events, too: which policy was adopted, that live data goes by (decision 91).
        policies = PolicyInForce(hub.records, hub.policies.on_disk, time.monotonic, adopts=True)
        assert (hub.policy.texts, True) == (policies().texts, policies.adopted)
        assert {} == hub.records.child(ann).entries
        assert 1 == len(hub.records.child(ben).entries)
        assert 1 <= hub.keys._keys.destroyed()


def test_a_later_list_of_destroyed_keys_may_be_given(desk, again, tmp_path):
    old = copied(desk, tmp_path, "old")
    with desk.open() as hub:
        ann, _ = hub.records.children()
        hub.keys.destroy(ann)
    later, _ = copied(desk, tmp_path, "later")
    again(*old, [later / "destroyed-keys.json"])

    with desk.open() as hub:
        assert {} == hub.records.child(ann).entries


def test_neither_half_holds_the_other_and_nothing_is_readable(desk, tmp_path):
    events, keys = copied(desk, tmp_path)
    halves = [b"".join(f.read_bytes() for f in folder.rglob("*") if f.is_file()) for folder in (events, keys)]
    said = [value.encode() for value in (ANN["name"]["family"], ANN["identifiers"][0]["value"])]

    assert [] == [word for word in said for half in halves if word in half]
    assert not list(events.rglob("child-keys*")) + list(keys.rglob("hub.sqlite"))
    assert not [f for folder in (events, keys) for f in folder.rglob("keys.json")]


def test_a_copy_that_was_altered_is_refused_by_name(desk, again, tmp_path):
    events, keys = copied(desk, tmp_path)
    (events / "destroyed-keys.json").write_text("[] ")

    with pytest.raises(BackupUnusable, match=r"destroyed-keys\.json"):
        again(events, keys)


def test_halves_cannot_be_taken_for_each_other(desk, again, tmp_path):
    events, keys = copied(desk, tmp_path)

    with pytest.raises(BackupUnusable, match="holds the keys of a hub"):
        again(keys, events)


def test_a_restore_overwrites_no_hub(desk, tmp_path):
    places = copied(desk, tmp_path)

    with pytest.raises(HubError, match="holds a hub already"):
        restore(desk.settings, *places)


def test_events_and_keys_never_go_to_one_place(desk, tmp_path):
    with pytest.raises(Refused, match="different places"):
        back_up(desk.settings, tmp_path / "x", tmp_path / "x", NOW)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with pytest.raises(Refused, match="not empty"):
        back_up(desk.settings, tmp_path / "full", tmp_path / "y", NOW)


def test_a_copy_that_fails_leaves_nothing_that_passes_for_one_and_nothing_in_the_way(desk, tmp_path):
    places = [tmp_path / name for name in ("events", "keys", "secrets")]
    asked = desk.settings, places[0], places[1], NOW, places[2]
    hidden = desk.settings.key_file.rename(tmp_path / "key-file")
    with pytest.raises(FileNotFoundError):
        back_up(*asked)
    left = [list(place.iterdir()) for place in places]
    hidden.rename(desk.settings.key_file)
    back_up(*asked)

    assert [[], [], []] == left
    assert all((place / "manifest.json").exists() for place in places)


def test_the_manifest_says_what_when_and_how_far_and_nothing_of_a_child(desk, tmp_path):
    events, _ = copied(desk, tmp_path)
    manifest = json.loads((events / "manifest.json").read_text())

    assert (NOW.isoformat(), "events") == (manifest["made_at"], manifest["half"])
    assert manifest["at_least_position"] >= manifest["at_least_ledger_rows"] > 0


def test_where_there_is_no_hub_there_is_nothing_to_copy(tmp_path):
    with pytest.raises(NotFounded):
        back_up(Settings(data=tmp_path / "none"), tmp_path / "a", tmp_path / "b", NOW)


@pytest.mark.parametrize("content", [None, "not a list", '[["x"]]'])
def test_a_list_of_destroyed_keys_that_cannot_be_read_stops_a_restore_before_anything_is_written(
    desk, again, tmp_path, content
):
    places = copied(desk, tmp_path)
    given = tmp_path / "given.json"
    if content is not None:
        given.write_text(content)
    with pytest.raises(BackupUnusable, match=r"given\.json"):
        again(*places, [given])
    again(*places)

    with desk.open() as hub:
        assert 2 == len(hub.records.children())


def test_a_place_that_still_holds_a_part_of_a_hub_is_refused(tmp_path):
    desk = Desk(tmp_path / "data")
    places = copied(desk, tmp_path)
    for file in tmp_path.glob("data/hub.sqlite*"):
        file.unlink()

    with pytest.raises(Refused, match=r"part of one: child-keys\.sqlite"):
        restore(desk.settings, *places)


def test_the_commands_copy_and_put_back(desk, tmp_path):
    run, data = CliRunner(), ["--data", str(desk.settings.data)]
    store = {"HUB_STORE": desk.settings.store.address} if desk.settings.store else {}
    events, keys = str(tmp_path / "e"), str(tmp_path / "k")
    done = run.invoke(app, [*data, "backup", "--events-to", events, "--keys-to", keys], env=store)
    again = run.invoke(app, [*data, "restore", "--events-from", events, "--keys-from", keys], env=store)

    assert 0 == done.exit_code
    assert f"events: {events}" in done.output
    assert 1 == again.exit_code
    assert isinstance(again.exception, HubError)


def test_after_all_is_lost_the_ledger_is_whole_and_goes_on_under_the_same_key_and_receipts_are_given(
    desk, again, tmp_path
):
    settings = desk.settings
    with desk.open() as hub:
        first = len(hub.receipts.lay_down())
        kept_by_an_agency = hub.ledger.latest()
        agencys_key = settings.ledger_public_key.read_text().strip()
    events, keys, secrets = (tmp_path / name for name in ("events", "keys", "secrets"))
    back_up(settings, events, keys, NOW, secrets)
    for lost in (
        settings.key_file,
        settings.ledger_public_key,
        settings.agency_keys,
        settings.hub_public_key,
    ):
        lost.unlink()
    shutil.rmtree(settings.receipts)
    again(events, keys, secrets=secrets)

    with desk.open() as hub:
        assert hub.ledger.verify().holds
        assert ([], first) == (hub.receipts.lay_down(), len(list(settings.receipts.glob("*/*.json"))))
    desk.take_in(attendance("a9", day=4))
    with desk.open() as hub:
        hub.ledger.catch_up()
        old, new = (read_note(note, agencys_key) for note in (kept_by_an_agency, hub.ledger.latest()))
        path = hub.ledger.ledger.consistency(old[1], new[1]).path
        assert 1 == len(hub.receipts.lay_down())
        newest = max((settings.receipts / "health").glob("*.json"))
        assert 1 == len(read_receipt(newest.read_bytes(), agencys_key).leaves)
    assert old[1] < new[1]
    assert extends(old[1], new[1], list(path), old[2], new[2])


def test_no_copy_holds_two_of_events_keys_and_secrets_and_a_key_file_is_never_written_over(desk, tmp_path):
    events, keys, secrets = (tmp_path / name for name in ("events", "keys", "secrets"))
    with pytest.raises(Refused, match="different places"):
        back_up(desk.settings, events, keys, NOW, keys)
    back_up(desk.settings, events, keys, NOW, secrets)

    assert {"keys.json", "manifest.json"} == {file.name for file in secrets.iterdir()}
    assert 0 == (secrets / "keys.json").stat().st_mode & 0o077
    secret = json.loads(desk.settings.key_file.read_text())["ledger"].encode()
    halves = {
        half: [f.read_bytes() for f in half.rglob("*") if f.is_file()] for half in (events, keys, secrets)
    }
    assert [secrets] == [half for half, files in halves.items() if any(secret in file for file in files)]
    with pytest.raises(Refused, match="never written over"):
        restore(desk.settings, events, keys, secrets_from=secrets)
    desk.settings.key_file.unlink()
    with pytest.raises((Refused, Conflict), match="holds a hub already"):
        restore(desk.settings, events, keys, secrets_from=secrets)
    assert not desk.settings.key_file.exists(), "it would stand in the way of the next attempt"
