"""Least privilege, asked of the real database: who may insert; nobody may change what is recorded."""

import time
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from msgspec import structs
from prometheus_client import generate_latest

from hub.audit import standalone
from hub.audit.prosecution import again, approve, encode, prepare
from hub.commands.running import standing
from hub.confidentiality import child_keys
from hub.errors import Unavailable
from hub.observing.measures import Measures
from hub.sharing.policy_in_force import PolicyInForce
from schemas.vocabulary import Agency
from tests.audit.test_prosecution import RULES, URN
from tests.audit.test_subject_access import GUARDIAN, LEAD
from tests.events import missing
from tests.hubs import Desk, only_child
from tests.telling.test_answering_told import CARE, FOUND

CHANGES = [
    "UPDATE hub.events SET state='' WHERE position=1",
    "DELETE FROM hub.events WHERE position=1",
    "TRUNCATE hub.events",
    "UPDATE hub.taken SET digest=''",
    "DELETE FROM hub.taken",
    "UPDATE hub_ledger.ledger SET hash=''",
    "DELETE FROM hub_ledger.nodes",
    "TRUNCATE hub_ledger.checkpoints",
]
INSERTS = {
    "events": "INSERT INTO hub.events (originator_id, originator_version, topic, state)"
    " VALUES (gen_random_uuid(), 1, 'child', '')",
    "positions": "INSERT INTO hub.positions VALUES ('t', 0, 1)",
    "keys": "INSERT INTO hub_keys.children VALUES (gen_random_uuid(), '')",
    "views": "INSERT INTO hub_views.pointers VALUES ('p', 1)",
    "ledger": "INSERT INTO hub_ledger.ledger VALUES (0, 1, '')",
}
MAY = {
    "hub_writer": {"events", "positions", "keys"},
    "hub_projector": {"keys", "views", "ledger"},
    "hub_reader": set(),
}


@pytest.fixture
def recorded(tmp_path, postgres_store):
    desk = Desk(tmp_path / "data", store=postgres_store)
    desk.take_in(missing())
    return postgres_store


def as_role(access, role, statement):
    with psycopg.connect(access.address) as connection:
        connection.execute(f"SET ROLE {role}")
        connection.execute(statement)
        connection.rollback()


@pytest.mark.parametrize("change", CHANGES)
def test_not_even_the_owner_changes_what_is_recorded(recorded, change):
    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        as_role(recorded, "hub_owner", change)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("role", MAY)
def test_no_role_may_try(recorded, role, change):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(recorded, role, change)


@pytest.mark.parametrize("what", INSERTS)
@pytest.mark.parametrize("role", MAY)
def test_each_role_writes_its_own_and_nothing_else(recorded, role, what):
    if what in MAY[role]:
        as_role(recorded, role, INSERTS[what])
    else:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(recorded, role, INSERTS[what])


@pytest.mark.parametrize("role", MAY)
def test_no_role_makes_or_drops_a_table_or_spoils_the_store_by_what_everybody_may(recorded, role):
    """A row far ahead stands before all that is recorded later; a lock that is kept stops all recording."""
    for statement in (
        "INSERT INTO hub.events OVERRIDING SYSTEM VALUE VALUES (2^62, gen_random_uuid(), 1, 'child', '')",
        "SELECT pg_advisory_lock(7355608)",
        "SELECT pg_try_advisory_lock_shared(7355608)",
        "SELECT lo_from_bytea(0, '')",
        *(["SELECT pg_advisory_xact_lock(7355608)"] if role == "hub_reader" else []),
        "CREATE TABLE hub.more (a int)",
        "DROP TABLE hub.events",
        "ALTER TABLE hub.events DISABLE TRIGGER ALL",
        "CREATE TABLE public.more (a int)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_role(recorded, role, statement)


def test_a_reader_sees_no_key(recorded):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_role(recorded, "hub_reader", "SELECT * FROM hub_keys.children")


@pytest.fixture
def workers_desk(tmp_path, postgres_store):
    """A hub whose workers sign in with no more rights than docs/operating.md gives them."""
    desk = Desk(tmp_path / "data", store=postgres_store)
    for name, role in (("t_intake", "hub_writer"), ("t_follow", "hub_projector")):
        with psycopg.connect(postgres_store.address, autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_roles WHERE rolname=%s", (name,)).fetchone()
            if not there:
                # another test's worker was first, or is just at it
                with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                    connection.execute(f"CREATE ROLE {name} LOGIN IN ROLE {role}")
    return desk


def test_each_worker_does_its_work_with_its_own_rights(workers_desk):
    workers_desk.publish(CARE, FOUND)
    as_intake, as_follow = signed_in(workers_desk, "t_intake"), signed_in(workers_desk, "t_follow")

    assert 2 == as_intake.take_in().recorded
    with as_intake.open() as hub:
        hub.share.disclosures.adopt(hub.policy, LEAD)
    with as_follow.open() as hub:
        policies = PolicyInForce(hub.records, hub.policies.on_disk, time.monotonic, adopts=True)
        assert (hub.policy.texts, True) == (policies().texts, policies.adopted)
        for follower in hub.followers:
            follower.catch_up()
        hub.ledger.catch_up()

        assert hub.ledger.verify().holds
        assert hub.drawn.answering.rows()
        assert {0} == {follower.lag() for follower in hub.followers}


def test_who_follows_tells_the_figures_of_the_whole_hub_and_reads_nothing_that_is_held(workers_desk):
    """`hub follow --metrics-port` and `hub status` with the rights that docs/operating.md gives."""
    workers_desk.send(*(one._replace(value=b"spoilt") for one in workers_desk.messages(CARE)))
    signed_in(workers_desk, "t_intake").take_in()
    measures = Measures()
    with signed_in(workers_desk, "t_follow").open() as hub:
        measures.store(hub, hub.clock())

        assert {"damaged": 1} == standing(hub)["quarantined"]
        with pytest.raises(Unavailable):
            hub.records.archive.rows.quarantined()
    assert 'hub_quarantine_held{reason="damaged"} 1.0' in generate_latest(measures.registry).decode()


def test_who_follows_needs_no_right_to_change_a_key_however_old_the_keys_are(workers_desk):
    """hub_projector may read and add keys, not change them: it draws under the keys there are."""
    workers_desk.publish(missing("m1"), missing("m2"))
    as_intake, as_follow = signed_in(workers_desk, "t_intake"), signed_in(workers_desk, "t_follow")
    as_intake.take_in()
    with psycopg.connect(workers_desk.settings.store.address) as owner:
        for child, row in owner.execute("SELECT child, keys FROM hub_keys.children").fetchall():
            aged = [structs.replace(key, made_at=1) for key in child_keys.read(row)]
            change = child_keys.change(child, row, aged)
            owner.execute("UPDATE hub_keys.children SET keys=%s WHERE child=%s", (change.after, child))
    with as_follow.open() as hub:
        for follower in hub.followers:
            follower.catch_up()

        assert {0} == {follower.lag() for follower in hub.followers}
        assert [] == [parked for follower in hub.followers for parked in follower.parked()]


def test_who_records_signs_no_checkpoint_and_hands_out_what_a_court_asks_for_once_there_is_one(
    workers_desk,
):
    as_intake, as_follow = signed_in(workers_desk, "t_intake"), signed_in(workers_desk, "t_follow")
    workers_desk.publish(missing("m1"))
    as_intake.take_in()
    with as_intake.open() as hub:
        with as_follow.open() as following:
            following.ledger.catch_up()
        keep = (hub.records, hub.ledger, hub.policy, GUARDIAN)
        id_, _ = prepare(hub.records, hub.policy, LEAD, only_child(hub), URN, {}, uuid4, RULES)
        with pytest.raises(Unavailable, match="hub prosecution again"):
            approve(*keep, id_, RULES)
        with as_follow.open() as following:
            following.ledger.catch_up()
        export, proofs = again(*keep, id_, RULES)
        key, police = hub.ledger.verifier_key(), workers_desk.agencies[Agency.POLICE].signing.public_key()
    keys = standalone.read_keys([f"police={police.public_bytes_raw().hex()}"])

    assert "as their agencies signed them: police 1" in standalone.check_export(
        encode(export), proofs.decode(), key, keys
    )


def signed_in(desk, user):
    address = desk.settings.store.address.replace("hub_owner@", f"{user}@")
    store = desk.settings.store.model_copy(update={"address": address})
    other = object.__new__(Desk)
    other.__dict__.update(desk.__dict__)
    other.settings = desk.settings.model_copy(update={"store": store})
    return other
