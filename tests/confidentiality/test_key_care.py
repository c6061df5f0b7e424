"""The commands that look after keys, as they are typed."""

import json
import sqlite3
from contextlib import closing

from hub.compose import open_intake
from hub.confidentiality.agency_keys import load_agency_keys
from hub.records.reading import Opener
from schemas.vocabulary import Agency
from tests.events import attendance, missing
from tests.hubs import Desk, only_child, take_all
from tests.journeys.commands import hub


def test_a_scope_is_rotated_its_older_key_destroyed_and_everything_still_opens(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    desk.take_in(missing())
    before = events(desk)
    said = hub(monkeypatch, capsys, "keys", "rotate", "police", data=desk.settings.data)
    gone = hub(monkeypatch, capsys, "keys", "destroy-version", "police", "1", data=desk.settings.data)
    again = hub(monkeypatch, capsys, "keys", "rotate", "police", "--resume", data=desk.settings.data)

    assert before == events(desk)[: len(before)]
    assert (0, "police: 1 data keys are now under version 2\n") == (said.code, said.out)
    assert "version 1 and all before it are destroyed" in gone.out
    assert "police: 0 data keys are now under version 2\n" == again.out
    with desk.open() as opened:
        assert {("police", 1)} == set(opened.keys.for_opening_all(only_child(opened), ("police",)))


def events(desk):
    """Every stored event as it lies in the file."""
    with closing(sqlite3.connect(desk.settings.archive)) as archive:
        return archive.execute("SELECT * FROM events ORDER BY position").fetchall()


def test_a_scope_is_rotated_while_the_hub_takes_in_and_nothing_is_lost(tmp_path, monkeypatch, capsys):
    """Another process rotates between one batch and the next; what was in memory goes on, all of it opens."""
    desk = Desk(tmp_path / "hub")
    desk.publish(*(missing(f"m{n}", n % 60, who=child(n % 12)) for n in range(60)))
    recorded = 0
    with desk.open() as opened, open_intake(opened) as intake:
        while tally := intake.step(15).recorded:
            recorded += tally
            rotated = hub(monkeypatch, capsys, "keys", "rotate", "police", data=desk.settings.data)
            assert 0 == rotated.code
    with desk.open() as opened:
        gone = hub(monkeypatch, capsys, "keys", "destroy-version", "police", "4", data=desk.settings.data)
        found = [
            Opener(opened.keys, id_, ("police",), bytes).open(kept.entry)[0]
            for id_ in opened.records.children()
            for kept in opened.records.child(id_).entries.values()
        ]

        assert (60, 60) == (recorded, len(found))
        assert all("police" in fields for fields in found)
        assert 0 == gone.code, gone.err
        assert 5 <= opened.key_store.scopes()["police"]


def child(n):
    return {"identifiers": ({"system": "police:durham", "value": f"C{n}"},)}


def test_a_version_that_still_wraps_keys_is_not_destroyed(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    desk.take_in(missing())
    with desk.open() as opened:
        opened.key_store.rotate("police")
    refused = hub(monkeypatch, capsys, "keys", "destroy-version", "police", "1", data=desk.settings.data)

    assert 1 == refused.code
    assert "data keys are still under version 1: 'hub keys rotate police --resume' first" in refused.err


def test_agencies_seal_to_a_rolled_key_and_what_they_sealed_before_still_opens(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    desk.publish(missing())
    said = hub(monkeypatch, capsys, "keys", "roll", data=desk.settings.data)
    desk.outgoing.clear()
    desk.publish(missing("m2"))
    with desk.open() as opened:
        taken = take_all(opened)

    assert 0 == said.code
    assert 2 == taken.recorded


def test_a_replaced_hub_key_is_destroyed_once_no_topic_can_hold_what_was_sealed_to_it(tmp_path):
    desk = Desk(tmp_path / "hub")
    with desk.open() as opened:
        first = opened.key_file.bus_public()["kid"]
        second = opened.key_file.add_bus_key(at=2_000_000_000)

        assert [] == opened.key_file.drop_bus_keys(2_000_000_000)
        assert [first] == opened.key_file.drop_bus_keys(2_000_000_001)
        assert [second] == list(opened.key_file.bus_keys())


def test_a_key_is_listed_ended_and_forgotten(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    key = desk.agencies[Agency.POLICE].key_id
    data = desk.settings.data
    listed = json.loads(hub(monkeypatch, capsys, "keys", "agencies", "--json", data=data).out)
    ended = hub(monkeypatch, capsys, "keys", "end", "police", key, "--at", "2026-03-01", data=data)
    until = load_agency_keys(desk.settings.agency_keys)["police", key].valid_until
    forgotten = hub(monkeypatch, capsys, "keys", "stolen", "police", key, data=data)
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"agency": "police", "key_id": "again", "public": "00" * 32}))
    again = hub(monkeypatch, capsys, "keys", "enrol", str(given), data=data)
    who = json.loads(hub(monkeypatch, capsys, "keys", "agencies", "--who", "--json", data=data).out)
    told = hub(monkeypatch, capsys, "keys", "agencies", "--who", data=data).out

    assert {"agency": "police", "key": key, "from": "2020-01-01T00:00:00+00:00", "until": ""} in listed
    assert (0, 0, 0) == (ended.code, forgotten.code, again.code)
    assert [("ended", key), ("stolen", key), ("taken-on", "again")] == [(w["what"], w["key"]) for w in who]
    assert ["operator"] * 3 == [one["role"] for one in who]
    assert f"taken-on by {who[0]['person']} (operator)" in told
    assert until is not None
    assert ("police", key) not in load_agency_keys(desk.settings.agency_keys)


def test_a_scope_there_is_none_of_is_one_line(tmp_path, monkeypatch, capsys):
    desk = Desk(tmp_path / "hub")
    for command in ("rotate", "withdraw"):
        refused = hub(monkeypatch, capsys, "keys", command, "gardening", data=desk.settings.data)

        assert 1 == refused.code
        assert "no such scope" in refused.err


def test_what_arrives_for_a_withdrawn_scope_is_held_the_rest_taken_and_it_is_taken_once_it_is_back(
    tmp_path, monkeypatch, capsys
):
    desk = Desk(tmp_path / "hub")
    data = desk.settings.data
    hub(monkeypatch, capsys, "keys", "withdraw", "police", data=data)
    tally = desk.take_in(missing(), attendance())
    hub(monkeypatch, capsys, "keys", "withdraw", "police", "--back", data=data)
    retried = hub(monkeypatch, capsys, "quarantine", "retry", data=data)

    assert ({"scope-withdrawn": 1}, 1) == (tally.reasons, tally.recorded)
    assert (0, "1: taken\n") == (retried.code, retried.out)


def test_the_policy_of_each_process_is_printed_and_an_own_holder_is_asked_for_nothing(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "settings.toml").write_text(
        '[vault]\naddress = "https://keys.example"\ntoken_file = "t"\nprefix = "h-"\n'
        '[vaults.health]\naddress = "https://trust.example"\ntoken_file = "h"\nmount = "theirs"\n'
    )
    said = {
        process: hub(monkeypatch, capsys, "keys", "policies", process, data=tmp_path).out
        for process in ("follow", "work", "keys")
    }
    unknown = hub(monkeypatch, capsys, "keys", "policies", "everything", data=tmp_path)
    monkeypatch.setenv("HUB_ROTATE_DAYS", "30")
    rotates = hub(monkeypatch, capsys, "keys", "policies", "work", data=tmp_path).out
    without = hub(monkeypatch, capsys, "keys", "policies", "work", data=tmp_path / "elsewhere")

    assert (
        "# follow at https://keys.example, all scopes without a holder of their own\n"
        'path "transit/decrypt/h-signals" { capabilities = ["update"] }\n'
        'path "transit/decrypt/h-spine" { capabilities = ["update"] }\n'
        'path "transit/decrypt/h-house" { capabilities = ["update"] }\n'
        "# follow at https://trust.example, health\n# needs no token there\n"
    ) == said["follow"]
    assert 'path "theirs/decrypt/hub-health" { capabilities = ["update"] }' in said["work"]
    assert "rotate" not in said["work"]
    assert 'path "transit/keys/h-police/rotate" { capabilities = ["update"] }' in rotates
    assert ("house/rotate" in rotates, "house/rewrap" in rotates, "trim" in rotates) == (True, False, False)
    assert 'path "transit/keys/h-police/rotate" { capabilities = ["update"] }' in said["keys"]
    assert "there are work, follow, keys" in unknown.err
    assert "no key service" in without.err
