"""Keys in a real key service: OpenBao, which speaks HashiCorp Vault's protocol, by the policy documented."""

import os
import time
from uuid import uuid4

import hvac
import pytest
from hvac import exceptions

from hub.compose import SCOPES as ALL_SCOPES
from hub.confidentiality.child_keys import Wrapped
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.confidentiality.holder import HOUSE
from hub.confidentiality.keys import KeyRing, ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.confidentiality.vault import AT_ONCE, TransitKeys
from hub.confidentiality.vault_access import VaultAccess
from hub.confidentiality.vault_policies import policy
from hub.disposal.erasing import ask_erasure, confirm_erasure
from hub.domain.child import By
from hub.errors import Refused, Unavailable
from tests.confidentiality.rings import Clock
from tests.engines.openbao.server import AUDIT_LOG, ROOT_TOKEN, NoOpenBao, serving
from tests.events import attendance, missing
from tests.hubs import POLICE_OFFICER, Desk
from tests.journeys.commands import hub as typed
from tests.telling.test_answering_told import CARE, FOUND

SCOPES = ("police", "health", "spine")
OPERATOR, SECOND = By("one", "operator", "hub"), By("two", "operator", "hub")


@pytest.fixture(scope="module")
def openbao(tmp_path_factory):
    """A server of this module's own, its transit engine on."""
    try:
        folder = tmp_path_factory.mktemp("openbao")
        with serving(folder) as address:
            root = hvac.Client(url=address, token=ROOT_TOKEN)
            root.sys.enable_secrets_engine("transit")
            root.audit_log = folder / AUDIT_LOG
            yield root
    except NoOpenBao as missing_:
        if os.environ.get("HUB_TEST_REQUIRE_ALL"):
            pytest.fail(str(missing_))
        pytest.skip(str(missing_))


class Service:
    """What a hub signs in with: a token of the policy in docs/operating.md, under a prefix of its own."""

    def __init__(self, root: hvac.Client, folder) -> None:
        self.root, self.prefix, self.clock = root, f"t{uuid4().hex[:8]}-", Clock()
        self.token_file = folder / "token"
        self.access = VaultAccess(address=root.url, token_file=self.token_file, prefix=self.prefix)
        self.sign_in()
        self.store = TransitKeys(self.access, SCOPES, self.clock)

    def sign_in(self, denied=()) -> None:
        """Put a token in its file; `denied`: keys it may not touch."""
        verbs = (
            "keys",
            "encrypt",
            "decrypt",
            "rewrap",
        )  # a path with + would give way
        names = [f"transit/{verb}/{self.prefix}{key}" for key in denied for verb in verbs]
        shut = "".join(f'path "{name}" {{ capabilities = ["deny"] }}\n' for name in names)
        policy = f"""{shut}
path "transit/keys/{self.prefix}*" {{ capabilities = ["create", "read", "update"] }}
path "transit/encrypt/{self.prefix}*" {{ capabilities = ["update"] }}
path "transit/decrypt/{self.prefix}*" {{ capabilities = ["update"] }}
path "transit/rewrap/{self.prefix}*" {{ capabilities = ["update"] }}
path "sys/audit-hash/to-file" {{ capabilities = ["update"] }}
"""
        self.root.sys.create_or_update_policy(self.prefix, policy)
        made = self.root.auth.token.create(policies=[self.prefix])
        self.token_file.write_text(made["auth"]["client_token"])


@pytest.fixture
def service(openbao, tmp_path):
    service = Service(openbao, tmp_path)
    service.store.add_scopes(SCOPES)
    return service


@pytest.fixture
def table(tmp_path):
    table = SqliteChildKeys(tmp_path / "child-keys.sqlite")
    table.migrate()
    yield table
    table.close()


def test_openbao_opens_what_it_wrapped_in_its_scope_and_context_only_and_a_bad_item_spoils_no_other(service):
    number = AT_ONCE * 2 + 1
    items = [("police", str(n).encode(), n.to_bytes(64, "big")) for n in range(number)]
    wrapped = service.store.wrap_many(items)
    asked = [(scope, at, w) for (scope, at, _), w in zip(items, wrapped, strict=True)]
    asked[3] = ("police", b"elsewhere", wrapped[3])
    asked[5] = ("police", b"5", Wrapped(1, b"\xff not a ciphertext"))
    asked[7] = ("health", b"7", wrapped[7])
    found = service.store.unwrap_many(asked)

    assert [3, 5, 7] == [n for n, secret in enumerate(found) if secret is None]
    assert [3, 5, 7] == [n for n, anew in enumerate(service.store.rewrap(asked)) if anew is None]
    assert {n: s for n, (_, _, s) in enumerate(items) if n not in (3, 5, 7)} == {
        n: secret for n, secret in enumerate(found) if secret is not None
    }


def test_openbao_rotates_under_a_ring_and_an_older_version_is_destroyed_for_good(service, table):
    ring, child = KeyRing(table, service.store, service.clock), uuid4()
    secret = ring.for_sealing(child, "police").secret
    (stray,) = ring.standing(child)

    assert (1, 0) == ring.rotate_kek("police")
    assert secret == KeyRing(table, service.store, service.clock).for_opening(child, "police", 1).secret
    service.store.destroy_version("police", 1)
    with pytest.raises(Refused, match="not an older key"):
        service.store.destroy_version("police", 2)
    with pytest.raises(CannotUnseal):
        service.store.unwrap("police", b"", Wrapped(stray.version, stray.wrapped))
    assert secret == KeyRing(table, service.store, service.clock).for_opening(child, "police", 1).secret


def test_a_holder_shuts_a_scope_in_openbao_by_policy_and_lets_it_be_used_again(service, table):
    child = uuid4()
    KeyRing(table, service.store, service.clock).for_sealing_many({child: SCOPES})
    service.sign_in(denied=["health"])
    fresh = KeyRing(table, TransitKeys(service.access, SCOPES, service.clock), service.clock)

    assert {("police", 1), ("spine", 1)} == set(fresh.for_opening_all(child, SCOPES))
    assert {"health"} == set(fresh.withdrawn)
    with pytest.raises(ScopeWithdrawn, match="holder of scope health"):
        fresh.for_sealing(uuid4(), "health")
    service.sign_in()
    service.clock.now += 61.0
    assert set() == set(fresh.withdrawn)
    assert fresh.for_sealing(uuid4(), "health")


def test_a_key_that_is_gone_from_openbao_is_not_made_again_by_sealing(service):
    service.root.secrets.transit.update_key_configuration(f"{service.prefix}health", deletion_allowed=True)
    service.root.secrets.transit.delete_key(f"{service.prefix}health")

    with pytest.raises(ScopeWithdrawn):
        service.store.wrap("health", b"here", b"s" * 64)
    with pytest.raises(exceptions.InvalidPath):
        service.root.secrets.transit.read_key(f"{service.prefix}health")


def test_a_token_that_openbao_revoked_is_read_again_from_its_file(service):
    service.root.auth.token.revoke(service.token_file.read_text())
    service.sign_in()

    assert service.store.wrap("police", b"here", b"s" * 64)


def test_a_hub_lives_on_openbao_takes_in_rotates_and_erases(service, tmp_path):
    desk = Desk(tmp_path / "hub", vault=service.access)
    desk.take_in(missing("m1"), attendance("a1"))
    with desk.open() as hub:
        (child,) = hub.records.children()
        assert 2 == len(hub.records.facts(child))
        hub.key_store.rotate("police")
        assert hub.keys.rewrap("police").done
        erasure = uuid4()
        ask_erasure(hub.records, erasure, child, None, "asked for", "Art 17", OPERATOR)
        confirm_erasure(hub.records, hub.key_store, erasure, SECOND)
    with desk.open() as hub:
        assert {} == hub.records.child(child).entries
        assert 3 == hub.key_store.scopes()["police"]


def test_what_openbao_logged_of_a_hub_is_accounted_for_and_what_a_stray_token_asked_is_named(
    service, tmp_path, monkeypatch, capsys
):
    desk = Desk(tmp_path / "hub", vault=service.access)
    desk.take_in(missing("m1"), attendance("a1"))
    with desk.open() as hub:
        hub.share.chronology(POLICE_OFFICER, hub.records.children()[0])
    said = f"""[vault]
address = "{service.access.address}"
token_file = "{service.token_file}"
prefix = "{service.prefix}"
"""
    (desk.settings.data / "settings.toml").write_text(said)

    def unwrapped(*more):
        asked = ("audit", "unwrapped", str(service.root.audit_log), *more)
        return typed(monkeypatch, capsys, *asked, data=desk.settings.data)

    good = unwrapped("--all", "--device", "to-file")
    of, transit = f"{service.prefix}police", service.root.secrets.transit
    for stray in ("c3RyYXk=", "b3RoZXI="):  # two: more than is accounted for on either side of an hour's end
        sealed = transit.encrypt_data(of, plaintext="AAAA", context=stray)["data"]["ciphertext"]
        transit.decrypt_data(of, ciphertext=sealed, context=stray)
    bad, named = unwrapped(), unwrapped("--device", "to-file")
    nowhere = unwrapped("--device", "no-such")

    assert (0, 1) == (good.code, bad.code), good
    assert "police: 1 keys in" in good.out
    assert "keys were asked for; what is recorded accounts for 1" in bad.out
    assert "of whom nothing was recorded" in named.out
    assert "of nobody here" in named.out
    assert "does not say a hash of its audit device 'no-such'" in nowhere.err


class Apart(Service):
    """Each kind of process with a token of its own, by the policies that `hub keys policies` prints."""

    def of(self, process: str, *, rotates: bool = False) -> VaultAccess:
        name = f"{self.prefix}{process}{'-rotates' if rotates else ''}"
        may = policy(process, self.access, (*ALL_SCOPES, HOUSE), rotates=rotates)
        self.root.sys.create_or_update_policy(name, may)
        made = self.root.auth.token.create(policies=[name])
        file = self.token_file.with_name(name)
        file.write_text(made["auth"]["client_token"])
        return self.access.model_copy(update={"token_file": file})


def test_each_process_does_its_work_with_its_own_token_and_who_draws_flags_opens_signals_alone(
    openbao, tmp_path
):
    tokens = Apart(openbao, tmp_path)
    desk = Desk(tmp_path / "hub", vault=tokens.of("keys"))
    founded = desk.settings

    def as_process(process):
        desk.settings = founded.model_copy(update={"vault": tokens.of(process)})
        return desk

    assert 2 == as_process("work").take_in(CARE, FOUND).recorded
    with as_process("follow").open() as hub:
        (child,) = hub.records.children()
        drawn = [follower.catch_up().children for follower in hub.followers]
        asked = hub.ledger.catch_up(), hub.drawn.answering.rows(), frozenset(hub.keys.withdrawn)
        opened = {scope: hub.keys.for_opening_all(child, (scope,)) for scope in ALL_SCOPES}
        rest = frozenset(hub.keys.withdrawn)
    with as_process("keys").open() as hub:
        newer = hub.key_store.rotate("police"), hub.keys.rewrap("police").done

    assert [1, 1, 1] == drawn
    assert (True, True, frozenset()) == (asked[0] > 0, bool(asked[1]), asked[2])
    assert {"signals", "spine"} == {scope for scope, keys in opened.items() if keys}
    assert {"police", "health"} <= rest
    assert (2, True) == newer


def test_a_token_of_work_changes_no_key_and_that_of_follow_seals_nothing(openbao, tmp_path):
    tokens = Apart(openbao, tmp_path)
    TransitKeys(tokens.of("keys"), SCOPES, tokens.clock).add_scopes((*SCOPES, "signals"))
    work = TransitKeys(tokens.of("work"), SCOPES, tokens.clock)
    follow = TransitKeys(tokens.of("follow"), SCOPES, tokens.clock)
    wrapped = work.wrap("signals", b"here", b"s" * 64)

    assert b"s" * 64 == follow.unwrap("signals", b"here", wrapped)
    for refused in (
        lambda: work.rotate("police"),
        lambda: work.destroy_version("police", 1),
        lambda: work.add_scopes(["more"]),
        lambda: follow.wrap("signals", b"here", b"s" * 64),
        lambda: follow.unwrap("police", b"here", work.wrap("police", b"here", b"s" * 64)),
    ):
        with pytest.raises((ScopeWithdrawn, Refused)):
            refused()


def test_a_token_of_work_that_may_rotate_destroys_nothing_and_one_that_may_not_shuts_no_scope(
    openbao, tmp_path
):
    tokens = Apart(openbao, tmp_path)
    TransitKeys(tokens.of("keys"), SCOPES, tokens.clock).add_scopes(SCOPES)
    never, may = (
        TransitKeys(tokens.of("work", rotates=rotates), SCOPES, tokens.clock) for rotates in (False, True)
    )
    older = never.wrap("police", b"here", b"s" * 64)
    with pytest.raises(ScopeWithdrawn):
        never.rotate("police")
    left = never.rewrap([("police", b"here", older)])
    version = may.rotate("police")
    (newer,) = may.rewrap([("police", b"here", older)])

    assert (2, 2, [None]) == (version, newer.version, left)
    assert frozenset() == never.withdrawn()
    assert b"s" * 64 == never.unwrap("police", b"here", newer)
    with pytest.raises(ScopeWithdrawn):
        may.destroy_version("police", 1)


def test_openbao_that_is_sealed_is_said_to_be_unavailable(tmp_path):
    try:
        with serving(tmp_path) as address:
            root = hvac.Client(url=address, token=ROOT_TOKEN)
            root.sys.enable_secrets_engine("transit")
            service = Service(root, tmp_path)
            service.store.add_scopes(SCOPES)
            root.sys.seal()
            with pytest.raises(Unavailable, match="key service"):
                TransitKeys(service.access, SCOPES, time.monotonic).wrap("police", b"here", b"s" * 64)
    except NoOpenBao as missing_:
        pytest.skip(str(missing_))
