"""Keys in a key service: the same hierarchy, one call a scope, and a holder who can shut what is theirs."""

import json
import time
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import pytest

from hub import compose
from hub.confidentiality import holder
from hub.confidentiality.child_keys import Change, Wrapped
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.confidentiality.keys import KeyRing, ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.secret_file import KeyFileUnusable
from hub.confidentiality.vault import TransitKeys
from hub.confidentiality.vault_access import VaultAccess
from hub.disposal.rotating import Rotations
from hub.errors import Refused, Unavailable
from hub.settings import Settings, SettingsInvalid, load
from tests.confidentiality.rings import Clock
from tests.confidentiality.transit import TOKEN, Transit, serving
from tests.journeys.commands import hub as command

SCOPES = ("police", "health", "spine")
CHILD, OTHER = uuid4(), uuid4()


class Service:
    """A key service and what signs in to it."""

    def __init__(self, address: str, transit: Transit, folder) -> None:
        self.transit, self.clock = transit, Clock()
        self.token_file = folder / "token"
        self.token_file.write_text(TOKEN + "\n")
        self.access = VaultAccess(address=address, token_file=self.token_file)
        self.store = TransitKeys(self.access, SCOPES, self.clock)
        self.store.add_scopes(SCOPES)


@pytest.fixture
def service(tmp_path):
    with ExitStack() as held:
        transit = Transit()
        yield Service(held.enter_context(serving(transit)), transit, tmp_path)


@pytest.fixture
def table(tmp_path):
    table = SqliteChildKeys(tmp_path / "child-keys.sqlite")
    table.migrate()
    yield table
    table.close()


def ring(service, table) -> KeyRing:
    return KeyRing(table, service.store, service.clock)


def reason(act) -> str:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value.reason


def test_what_was_wrapped_unwraps_in_its_scope_and_context_only(service):
    wrapped = service.store.wrap("police", b"here", b"s" * 64)

    assert b"s" * 64 == service.store.unwrap("police", b"here", wrapped)
    assert "wrong-key-or-place" == reason(lambda: service.store.unwrap("police", b"there", wrapped))
    assert "wrong-key-or-place" == reason(lambda: service.store.unwrap("health", b"here", wrapped))


def test_a_batch_is_one_call_a_scope_and_a_bad_item_spoils_no_other(service):
    items = [(s, str(n).encode(), bytes([n]) * 64) for n in range(50) for s in ("police", "health")]
    before = len(service.transit.asked)
    wrapped = service.store.wrap_many(items)
    asked = [(scope, at, w) for (scope, at, _), w in zip(items, wrapped, strict=True)]
    asked[3] = ("health", b"elsewhere", wrapped[3])
    asked[5] = ("health", b"2", Wrapped(1, b"\xff not a ciphertext"))
    found = service.store.unwrap_many(asked)

    assert 4 == len(service.transit.asked) - before
    assert [n for n, secret in enumerate(found) if secret is None] == [3, 5]
    assert [secret for n, (_, _, secret) in enumerate(items) if n not in (3, 5)] == [s for s in found if s]


def test_a_ring_over_a_key_service_rotates_without_seeing_a_key(service, table):
    keys = ring(service, table).for_sealing_many({CHILD: SCOPES, OTHER: ("police",)})
    service.transit.asked.clear()

    assert (2, 0) == ring(service, table).rotate_kek("police")
    assert [] == [path for _, path in service.transit.asked if "decrypt" in path]
    assert keys[CHILD]["police"].secret == ring(service, table).for_opening(CHILD, "police", 1).secret
    assert 2 == ring(service, table).oldest("police")


def test_an_older_version_is_destroyed_for_good(service, table):
    ring(service, table).for_sealing(CHILD, "police")
    stray = table.of([CHILD])[CHILD]
    rotated = ring(service, table)
    rotated.rotate_kek("police")
    service.store.destroy_version("police", 1)
    stolen = SqliteChildKeys(table_of := service.token_file.with_name("stray.sqlite"))
    stolen.migrate()
    stolen.change([Change(CHILD, None, stray, 0)])

    assert table_of.exists()
    assert "wrong-key-or-place" == reason(
        lambda: KeyRing(stolen, service.store, Clock()).for_opening(CHILD, "police", 1)
    )
    assert {2} == set(service.transit.keys["hub-police"]["versions"])
    with pytest.raises(Refused, match="not an older key"):
        service.store.destroy_version("police", 2)
    stolen.close()


def test_a_holder_shuts_a_scope_and_the_rest_still_opens(service, table):
    ring(service, table).for_sealing_many({CHILD: SCOPES})
    service.transit.denied.add("hub-health")
    fresh = ring(service, table)

    assert {("police", 1), ("spine", 1)} == set(fresh.for_opening_all(CHILD, SCOPES))
    assert {"health"} == set(fresh.withdrawn)
    with pytest.raises(ScopeWithdrawn, match="holder of scope health"):
        fresh.for_sealing(OTHER, "health")
    service.transit.denied.clear()
    service.clock.now += 61.0
    assert set() == set(fresh.withdrawn)
    assert fresh.for_sealing(OTHER, "health")


def test_a_newer_token_in_its_file_is_taken_when_the_older_is_refused(service):
    service.transit.tokens = {"s.newer"}
    service.token_file.write_text("s.newer")

    assert service.store.wrap("police", b"here", b"s" * 64)


@pytest.mark.parametrize("fault", ["sealed", "away", "no token"])
def test_a_key_service_that_cannot_answer_is_waited_for_and_says_so_without_the_token(
    service, tmp_path, fault
):
    access = service.access
    if fault == "sealed":
        service.transit.sealed = True
    elif fault == "away":
        access = access.model_copy(update={"address": "http://127.0.0.1:9", "seconds": 0.5})
    else:
        access = access.model_copy(update={"token_file": tmp_path / "none"})

    with pytest.raises(Unavailable) as caught:
        TransitKeys(access, SCOPES, Clock()).wrap("police", b"here", b"s" * 64)
    assert TOKEN not in f"{caught.value} {service.store!r} {caught.value.__cause__!r}"


def test_a_hub_lives_on_a_key_service_and_its_folder_holds_no_secret(service, tmp_path):
    settings = Settings(data=tmp_path / "hub", vault=service.access)
    compose.found(settings, demo=True)
    with compose.open_hub(settings) as hub:
        public, index = hub.key_file.bus_public(), hub.key_file.blind_index().index("look", "x")
        rolled = hub.key_file.add_bus_key(at=5)
        private = hub.key_file._body["ledger"]
    with compose.open_hub(settings) as hub:
        assert rolled == hub.key_file.bus_public()["kid"]
        assert {public["kid"], rolled} == set(hub.key_file.bus_keys())
        assert index == hub.key_file.blind_index().index("look", "x")
        assert hub.demo
    on_disk = b"".join(file.read_bytes() for file in settings.data.rglob("*") if file.is_file())

    assert private.encode() not in on_disk
    assert TOKEN.encode() not in on_disk
    service.transit.denied.add("hub-house")
    with pytest.raises(ScopeWithdrawn):
        holder.load(settings.key_file, compose.SCOPES, settings.key_services, time.monotonic)


def test_what_seals_the_hubs_own_secrets_is_rotated_too_and_not_destroyed_while_they_need_it(
    service, tmp_path, monkeypatch, capsys
):
    settings = Settings(data=tmp_path / "hub", vault=service.access)
    compose.found(settings, demo=True)
    month = timedelta(days=30)
    with compose.open_hub(settings) as hub:
        held, past = holder.Holder(hub.key_file, hub.key_store), hub.clock() - 2 * month
        done = list(iter(Rotations(hub.records, held, month, past).step, None))
        scopes = hub.key_store.scopes()
        under = hub.key_file.sealed_under()
    (tmp_path / "hub" / "settings.toml").write_text(
        f'[vault]\naddress = "{service.access.address}"\ntoken_file = "{service.access.token_file}"\n'
    )

    def typed(*words):
        return command(monkeypatch, capsys, "keys", *words, data=settings.data).code

    gone = typed("destroy-version", "house", "1"), typed("destroy-version", "house", "2")
    with compose.open_hub(settings) as hub:
        assert hub.demo
    assert ({2}, 2, (0, 1)) == (set(scopes.values()), under, gone)
    assert sorted(scopes) == sorted(one.scope for one in done)


def test_a_scope_can_lie_in_its_holders_own_service_beside_a_key_file(service, tmp_path):
    settings = Settings(data=tmp_path / "hub", vaults={"health": service.access})
    compose.found(settings, demo=True)
    service.transit.asked.clear()
    with compose.open_hub(settings) as hub:
        hub.keys.for_sealing_many({CHILD: ("police", "health")})

    assert {"/v1/transit/encrypt/hub-health"} == {path for _, path in service.transit.asked}
    with compose.open_hub(settings) as hub:
        assert {("police", 1), ("health", 1)} == set(hub.keys.for_opening_all(CHILD, ("police", "health")))
    service.transit.denied.add("hub-health")
    with compose.open_hub(settings) as hub:
        assert {("police", 1)} == set(hub.keys.for_opening_all(CHILD, ("police", "health")))


def test_a_file_that_no_key_service_sealed_is_refused(service, tmp_path):
    settings = Settings(data=tmp_path / "hub", vault=service.access)
    compose.found(settings, demo=True)
    said = json.loads(settings.key_file.read_text())
    settings.key_file.write_text(json.dumps({**said, "id": "live:another"}))
    with pytest.raises(KeyFileUnusable, match="not a file that the key service sealed"):
        holder.load(settings.key_file, compose.SCOPES, settings.key_services, time.monotonic)


def test_settings_name_a_token_file_and_never_a_token(tmp_path):
    (tmp_path / "settings.toml").write_text('[vault]\naddress = "https://v"\ntoken = "s.secret"\n')
    with pytest.raises(SettingsInvalid) as caught:
        load(tmp_path, {})
    assert "s.secret" not in str(caught.value)

    (tmp_path / "settings.toml").write_text('[vaults.health]\naddress = "https://h"\ntoken_file = "/t"\n')
    settings = load(tmp_path, {"HUB_VAULT": "https://v", "HUB_VAULT_TOKEN_FILE": "/run/token"})
    assert {"": "https://v", "health": "https://h"} == {
        s: a.address for s, a in settings.key_services.items()
    }
