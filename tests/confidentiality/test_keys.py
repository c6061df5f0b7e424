"""A data key for each child, scope and generation: made by who seals, never by who reads."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from hub.confidentiality import child_keys, key_file
from hub.confidentiality.child_keys import ChildKey, context_of
from hub.confidentiality.keys import KeyRing, ScopeWithdrawn
from hub.confidentiality.remembered import Remembered
from hub.confidentiality.sealing import CannotUnseal, DataKey, seal, unseal
from hub.errors import Conflict, Unavailable
from tests.confidentiality.rings import AT

CHILD, OTHER, HUB = uuid4(), uuid4(), UUID(int=0)
EVENT = uuid4()


def kept(site) -> dict[UUID, list[ChildKey]]:
    """What the table holds, by child."""
    with closing(sqlite3.connect(site.table)) as connection:
        rows = connection.execute("SELECT child, keys FROM children").fetchall()
    return {UUID(bytes=child): child_keys.read(keys) for child, keys in rows}


def every_key(site) -> list[ChildKey]:
    return [key for keys in kept(site).values() for key in keys]


def put(site, child, keys) -> None:
    """Write a child's row as a thief or an old back-up would."""
    row = child_keys.change(child, None, keys)
    with closing(sqlite3.connect(site.table)) as connection, connection:
        connection.execute("DELETE FROM children WHERE child=?", (child.bytes,))
        connection.execute("INSERT INTO children VALUES (?,?,?)", (child.bytes, row.after, row.destroyed))


def kept_rows(site) -> dict[UUID, bytes]:
    """The table as it is, whichever engine keeps it."""
    return dict(site.child_keys().page(None, 100))


def reason(act) -> str:
    with pytest.raises(CannotUnseal) as caught:
        act()
    return caught.value.reason


def test_two_rings_on_one_file_agree(file_site):
    one, other = file_site.ring(), file_site.ring()

    assert one.for_sealing(CHILD, "police").secret == other.for_sealing(CHILD, "police").secret
    assert 1 == len(every_key(file_site))


def test_rings_that_make_the_same_key_at_once_agree(file_site):
    children = [uuid4() for _ in range(40)]
    rings = [file_site.ring() for _ in range(4)]

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda ring: [ring.for_sealing(c, "police").secret for c in children], rings))

    assert [made[0]] * 4 == made
    assert 40 == len(every_key(file_site))


def test_threads_that_share_a_ring_agree(site):
    ring = site.ring()
    children = [uuid4() for _ in range(40)]

    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: [ring.for_sealing(c, "police").secret for c in children], range(4)))

    assert [made[0]] * 4 == made


def test_every_child_scope_and_ring_of_its_own_has_another_key(site):
    ring = site.ring()
    keys = ring.for_sealing_many(dict.fromkeys((CHILD, OTHER, HUB), ("police", "health")))

    assert {child: {"police", "health"} for child in (CHILD, OTHER, HUB)} == {
        child: set(own) for child, own in keys.items()
    }
    assert 6 == len({key.secret for own in keys.values() for key in own.values()})


def test_many_keys_are_the_ones_that_single_asking_gives(site):
    children = [uuid4() for _ in range(1100)]
    many = site.ring().for_sealing_many(dict.fromkeys(children, ("police", "health")))
    ring = site.ring()

    assert {(child, scope): key.secret for child, own in many.items() for scope, key in own.items()} == {
        (child, scope): ring.for_sealing(child, scope).secret
        for child in children
        for scope in ("police", "health")
    }


class Watched:
    """A table of keys that keeps whose rows were asked for."""

    def __init__(self, table) -> None:
        self._table, self.asked = table, []

    def __getattr__(self, name):
        return getattr(self._table, name)

    def of(self, children):
        self.asked.append(set(children))
        return self._table.of(children)


def test_what_another_process_fetched_is_fetched_nowhere_else_and_remembered(site):
    other, table = site.ring(), Watched(site.child_keys())
    worker = KeyRing(table, key_file.load(site.keys_json), site.clock, now=lambda: AT)
    asked = {CHILD: ("police", "health"), OTHER: ("police",)}
    there = other.for_sealing_many(asked)
    told = []

    def elsewhere(missing):
        told.append(set(missing))
        return {child: there[child] for child in missing if child == CHILD}

    found = worker.for_sealing_many(asked, elsewhere)
    again = worker.for_sealing_many(asked, elsewhere)
    whole = site.ring().for_sealing_many(asked, lambda missing: {child: there[child] for child in missing})

    assert [{CHILD, OTHER}] == told
    assert [{OTHER}] == table.asked
    assert there[CHILD] == found[CHILD] == again[CHILD] == whole[CHILD]
    assert there[OTHER]["police"].secret == found[OTHER]["police"].secret
    assert 3 == worker.cached


def test_where_all_was_fetched_elsewhere_no_row_is_asked_for(site):
    there, table = site.ring().for_sealing_many({CHILD: ("police",)}), Watched(site.child_keys())
    KeyRing(table, key_file.load(site.keys_json), site.clock).for_sealing_many(
        {CHILD: ("police",)}, lambda _: there
    )

    assert [] == table.asked


def test_who_lacks_a_key_is_left_out_where_none_may_be_made(site):
    maker, reader = site.ring(), site.ring()
    maker.for_sealing_many({CHILD: ("police", "health"), OTHER: ("police",)})
    first = maker.for_sealing(CHILD, "health").secret
    maker.renew(CHILD, "health")
    rows = kept_rows(site)
    found = reader.newest_secrets(
        [(OTHER, ["police", "health"]), (CHILD, ["health", "police"]), (HUB, ["spine"])]
    )
    again = [maker.for_sealing(CHILD, scope) for scope in ("health", "police")]

    assert [[], [(2, again[0].secret), (1, again[1].secret)], []] == found
    assert first != again[0].secret
    assert rows == kept_rows(site)
    assert 0 == reader.cached


def test_whose_key_is_destroyed_or_is_a_year_old_lacks_one_where_none_may_be_made(site):
    site.ring().for_sealing_many({CHILD: ("police", "health"), OTHER: ("police",)})
    site.ring().destroy(CHILD, ("health",))

    def found(after):
        reader = KeyRing(site.child_keys(), key_file.load(site.keys_json), site.clock, now=lambda: AT + after)
        return [
            len(keys) for keys in reader.newest_secrets([(CHILD, ["police", "health"]), (OTHER, ["police"])])
        ]

    assert [0, 1] == found(timedelta(days=365))
    assert [0, 0] == found(timedelta(days=366))


def test_who_may_make_none_hears_of_a_withdrawal_within_a_second(site):
    maker, reader = site.ring(), site.ring()
    maker.for_sealing(CHILD, "police")
    assert reader.newest_secrets([(CHILD, ["police"])])[0]
    key_file.load(site.keys_json).withdraw("police")
    site.clock.now += 1.0

    with pytest.raises(ScopeWithdrawn):
        reader.newest_secrets([(CHILD, ["police"])])


def test_a_scope_that_a_child_lacked_joins_the_others_in_its_row(site):
    ring = site.ring()
    before = ring.for_sealing_many({CHILD: ("police", "spine")})[CHILD]
    after = ring.for_sealing_many({CHILD: ("police", "health"), OTHER: ("spine",)})[CHILD]
    found = site.ring().for_opening_all(CHILD, ("police", "health", "spine"))

    assert before["police"].secret == after["police"].secret
    assert {"police": 1, "health": 1, "spine": 1} == {scope: 1 for scope, _ in found}
    assert after["health"].secret == found["health", 1].secret


def test_a_key_of_more_than_a_year_seals_no_more_but_still_opens(site):
    first = site.ring().for_sealing(CHILD, "police")
    later = KeyRing(
        site.child_keys(), key_file.load(site.keys_json), site.clock, now=lambda: AT + timedelta(days=366)
    )

    assert 2 == later.for_sealing(CHILD, "police").generation
    assert first.secret == later.for_opening(CHILD, "police", 1).secret


def test_a_reader_never_makes_a_key(file_site):
    ring = file_site.ring()

    assert "key-missing" == reason(lambda: ring.for_opening(CHILD, "police", 1))
    assert {} == ring.for_opening_all(CHILD, ("police", "health"))
    assert {} == kept(file_site)


def test_a_reader_gets_only_the_scopes_asked_for(site):
    made = site.ring().for_sealing_many({CHILD: ("police", "health"), OTHER: ("police",)})
    found = site.ring().for_opening_all(CHILD, ("police",))

    assert {("police", 1): made[CHILD]["police"].secret} == {at: key.secret for at, key in found.items()}


def test_an_older_generation_still_opens_what_it_sealed(site):
    ring = site.ring()
    first = ring.for_sealing(CHILD, "police")
    envelope = seal(first, CHILD, EVENT, "police", "t.v1", b"told in March")
    second = ring.renew(CHILD, "police")
    later = site.ring()

    assert (1, 2) == (first.generation, second.generation)
    assert second.secret == later.for_sealing(CHILD, "police").secret
    assert b"told in March" == unseal(
        later.for_opening(CHILD, "police", 1), CHILD, EVENT, "police", "t.v1", envelope
    )
    assert {("police", 1), ("police", 2)} == set(later.for_opening_all(CHILD, ("police",)))


def test_a_destroyed_key_opens_nothing_and_leaves_no_bytes(file_site):
    ring = file_site.ring()
    ring.for_sealing_many({CHILD: ("police", "health"), OTHER: ("police",)})
    wrapped = [key.wrapped for key in kept(file_site)[CHILD]]
    assert all(each in file_site.bytes_on_disk() for each in wrapped)

    assert 2 == ring.destroy(CHILD)
    assert not any(each in file_site.bytes_on_disk() for each in wrapped)
    assert not any(each[12:40] in file_site.bytes_on_disk() for each in wrapped)
    assert "key-destroyed" == reason(lambda: ring.for_opening(CHILD, "police", 1))
    assert {} == ring.for_opening_all(CHILD, ("police", "health"))
    assert ring.for_opening(OTHER, "police", 1)


def test_one_scope_can_be_destroyed_alone(site):
    ring = site.ring()
    ring.for_sealing_many({CHILD: ("police", "health")})
    ring.destroy(CHILD, ("health",))

    assert {("police", 1)} == set(ring.for_opening_all(CHILD, ("police", "health")))


def test_older_keys_are_destroyed_up_to_one_and_the_newest_by_an_erasure_alone(file_site):
    ring = file_site.ring()
    ring.for_sealing(CHILD, "health")
    for _ in range(3):
        ring.renew(CHILD, "police")
    for last in (3, 4):
        with pytest.raises(Conflict, match="by an erasure alone"):
            ring.destroy_older(CHILD, "police", last)
    with pytest.raises(Conflict):
        ring.destroy_older(OTHER, "police", 1)

    assert (2, 0) == (ring.destroy_older(CHILD, "police", 2), ring.destroy_older(CHILD, "police", 2))
    assert [("police", 1), ("police", 2)] == [
        (k.scope, k.generation) for k in every_key(file_site) if k.destroyed_at
    ]
    assert 3 == ring.for_opening(CHILD, "police", 3).generation
    assert ("key-destroyed", 1) == (
        reason(lambda: ring.for_opening(CHILD, "police", 2)),
        ring.for_opening(CHILD, "health", 1).generation,
    )


@pytest.mark.parametrize(("seconds", "settled"), [(0, False), (300, False), (301, True)])
def test_after_five_minutes_every_process_seals_with_the_newest_key(file_site, seconds, settled):
    file_site.ring().for_sealing(CHILD, "police")
    later = file_site.ring()
    later._now = lambda: AT + timedelta(seconds=seconds)

    assert (settled, True) == (later.settled(CHILD, "police"), later.settled(CHILD, "health"))


def test_what_comes_after_a_destruction_gets_a_number_of_its_own(site):
    ring = site.ring()
    gone = ring.for_sealing(CHILD, "police").secret
    ring.destroy(CHILD)
    anew = ring.for_sealing(CHILD, "police")

    assert 2 == anew.generation
    assert gone != anew.secret
    assert "key-destroyed" == reason(lambda: ring.for_opening(CHILD, "police", 1))


def test_other_processes_forget_a_destroyed_key_within_a_second(site):
    eraser, worker = site.ring(), site.ring()
    gone = worker.for_sealing(CHILD, "police").secret
    eraser.destroy(CHILD)
    site.clock.now += 1.0

    assert gone != worker.for_sealing(CHILD, "police").secret
    assert "key-destroyed" == reason(lambda: worker.for_opening(CHILD, "police", 1))


class Meanwhile:
    """A table of keys in whose way something comes once, after rows were read and before they are used."""

    def __init__(self, table) -> None:
        self._table, self.comes = table, None

    def __getattr__(self, name):
        return getattr(self._table, name)

    def of(self, children):
        rows, comes, self.comes = self._table.of(children), self.comes, None
        if comes:
            comes()
        return rows


@pytest.mark.parametrize(
    "fetch",
    [
        lambda ring: ring.for_sealing(CHILD, "police"),
        lambda ring: ring.for_opening(CHILD, "police", 1),
        lambda ring: ring.for_opening_all(CHILD, ("police",)),
    ],
)
def test_a_key_that_was_destroyed_while_a_thread_fetched_it_is_not_remembered(site, fetch):
    eraser, table = site.ring(), Meanwhile(site.child_keys())
    worker = KeyRing(table, key_file.load(site.keys_json), site.clock, now=lambda: AT)
    eraser.for_sealing(CHILD, "police")

    def another_thread_hears_of_it():
        eraser.destroy(CHILD)
        site.clock.now += 1.0
        worker.for_sealing(OTHER, "police")

    table.comes = another_thread_hears_of_it
    fetch(worker)

    assert not worker.remembers(CHILD)
    assert worker.remembers(OTHER)
    assert "key-destroyed" == reason(lambda: worker.for_opening(CHILD, "police", 1))


def test_rings_that_share_a_table_forget_what_one_of_them_destroyed(site):
    table, store = site.child_keys(), key_file.load(site.keys_json)
    one, other = (KeyRing(table, store, site.clock) for _ in range(2))
    gone = other.for_sealing(CHILD, "police").secret
    one.destroy(CHILD)
    site.clock.now += 1.0

    assert gone != other.for_sealing(CHILD, "police").secret


def test_destroying_says_so_when_a_reader_holds_the_log(file_site):
    ring = file_site.ring(busy_seconds=0.05)
    ring.for_sealing(CHILD, "police")
    wrapped = every_key(file_site)[0].wrapped
    with closing(sqlite3.connect(file_site.table, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM children").fetchall()
        with pytest.raises(Unavailable, match="log"):
            ring.destroy(CHILD)

        assert "key-destroyed" == reason(lambda: ring.for_opening(CHILD, "police", 1))
    ring.destroy(CHILD)

    assert wrapped not in file_site.bytes_on_disk()


def test_a_rotated_scope_still_opens_what_was_sealed_before(file_site):
    ring = file_site.ring()
    key = ring.for_sealing(CHILD, "police")
    ring.renew(CHILD, "police")
    ring.for_sealing(OTHER, "health")
    envelope = seal(key, CHILD, EVENT, "police", "t.v1", b"told in March")
    before = kept(file_site)

    assert (2, 0) == ring.rotate_kek("police")
    assert [("police", 2)] * 2 == [(key.scope, key.version) for key in kept(file_site)[CHILD]]
    assert before[OTHER] == kept(file_site)[OTHER]
    opened = file_site.ring().for_opening(CHILD, "police", 1)
    assert b"told in March" == unseal(opened, CHILD, EVENT, "police", "t.v1", envelope)


def test_a_rotation_that_was_cut_off_is_finished_by_wrapping_again(file_site):
    ring = file_site.ring()
    ring.for_sealing_many({uuid4(): ("police",) for _ in range(2500)})
    key_file.load(file_site.keys_json).rotate("police")

    assert (2500, 0) == ring.rewrap("police")
    assert (0, 0) == ring.rewrap("police")
    assert {2} == {key.version for key in every_key(file_site)}


def test_a_running_process_wraps_under_the_newest_key_after_anothers_rotation(file_site):
    worker = file_site.ring()
    worker.for_sealing(CHILD, "police")
    file_site.ring().rotate_kek("police")
    worker.for_sealing(OTHER, "police")

    assert {2} == {key.version for key in every_key(file_site)}


def test_a_running_process_opens_what_anothers_rotation_wrapped(site):
    made = site.ring().for_sealing(CHILD, "police").secret
    reader = site.ring()
    site.ring().rotate_kek("police")

    assert made == reader.for_opening(CHILD, "police", 1).secret


def test_a_rotation_beside_others_who_make_keys_loses_none_and_leaves_none_under_the_old(site):
    children = [uuid4() for _ in range(120)]
    worker, made = site.ring(), dict[UUID, bytes]()
    site.ring().for_sealing_many(dict.fromkeys(children[:60], ("police", "health")))

    def take_in() -> None:
        for child in children:
            made[child] = worker.for_sealing_many({child: ("police", "spine")})[child]["police"].secret

    rotating = site.ring()
    with ThreadPoolExecutor(2) as both:
        taking, rotated = both.submit(take_in), both.submit(rotating.rotate_kek, "police")
        taking.result()
        assert 0 == rotated.result().unreadable
    rotating.rewrap("police")
    fresh = site.ring()

    assert 2 == fresh.oldest("police")
    assert made == {child: fresh.for_opening(child, "police", 1).secret for child in children}


def test_a_withdrawn_scope_seals_and_opens_nothing_in_any_process_until_it_is_back(site):
    worker, reader = site.ring(), site.ring()
    worker.for_sealing_many({CHILD: ("police", "health")})
    reader.for_opening_all(CHILD, ("police", "health"))
    key_file.load(site.keys_json).withdraw("health")
    site.clock.now += 1.0

    assert {"health"} == set(worker.withdrawn)
    with pytest.raises(ScopeWithdrawn, match="scope health"):
        worker.for_sealing(CHILD, "health")
    assert {("police", 1)} == set(reader.for_opening_all(CHILD, ("police", "health")))
    key_file.load(site.keys_json).withdraw("health", back=True)
    site.clock.now += 1.0
    assert worker.for_sealing(CHILD, "health")


def test_a_wrapping_is_bound_to_child_scope_and_generation():
    places = [(CHILD, "police", 1), (OTHER, "police", 1), (CHILD, "health", 1), (CHILD, "police", 2)]

    assert 4 == len({context_of(*place) for place in places})


def test_a_destroyed_key_is_not_brought_back_by_a_rotation(site):
    ring = site.ring()
    ring.for_sealing(CHILD, "police")
    ring.destroy(CHILD)

    assert (0, 0) == ring.rotate_kek("police")
    assert "key-destroyed" == reason(lambda: ring.for_opening(CHILD, "police", 1))


def test_after_rotation_an_old_backup_of_the_table_opens_nothing_once_the_old_version_is_gone(file_site):
    ring = file_site.ring()
    ring.for_sealing(CHILD, "police")
    backup = kept(file_site)[CHILD]
    ring.destroy(CHILD)
    ring.rotate_kek("police")
    key_file.load(file_site.keys_json).destroy_version("police", 1)
    put(file_site, CHILD, backup)

    assert "key-destroyed" == reason(lambda: file_site.ring().for_opening(CHILD, "police", 1))


@pytest.mark.parametrize("column", ["child", "scope", "generation"])
def test_a_row_copied_elsewhere_opens_nothing(file_site, column):
    ring = file_site.ring()
    ring.for_sealing(CHILD, "police")
    key = kept(file_site)[CHILD][0]
    moved = {
        "child": (OTHER, key),
        "scope": (CHILD, msgspec.structs.replace(key, scope="health")),
        "generation": (CHILD, msgspec.structs.replace(key, generation=2)),
    }
    put(file_site, moved[column][0], [moved[column][1]])
    at = {
        "child": (OTHER, "police", 1),
        "scope": (CHILD, "health", 1),
        "generation": (CHILD, "police", 2),
    }[column]
    fresh = file_site.ring()

    assert "wrong-key-or-place" == reason(lambda: fresh.for_opening(*at))
    assert {} == fresh.for_opening_all(at[0], (at[1],))
    assert "wrong-key-or-place" == reason(lambda: fresh.for_sealing(at[0], at[1]))


def test_one_altered_row_keeps_no_other_from_opening_or_being_wrapped_anew(file_site):
    ring = file_site.ring()
    ring.for_sealing_many({CHILD: ("police", "health"), OTHER: ("police",)})
    altered = {"police": b"x" * 92}
    keys = kept(file_site)[CHILD]
    put(file_site, CHILD, [msgspec.structs.replace(k, wrapped=altered.get(k.scope, k.wrapped)) for k in keys])
    fresh = file_site.ring()

    assert {("health", 1)} == set(fresh.for_opening_all(CHILD, ("police", "health")))
    assert (1, 1) == fresh.rotate_kek("police")


def test_a_ring_remembers_a_bounded_number_of_keys(site):
    ring = site.ring(cached=10)
    ring.for_sealing_many({uuid4(): ("police",) for _ in range(50)})
    for _ in range(50):
        ring.for_sealing(uuid4(), "police")
        ring.for_opening_all(CHILD, ("police",))

    assert 10 == len(ring._remembered)


def test_a_view_is_drawn_under_the_key_there_is_however_old_and_by_who_may_change_none(site):
    old = site.ring().for_sealing(CHILD, "police")
    years_later = KeyRing(
        site.child_keys(), key_file.load(site.keys_json), site.clock, now=lambda: AT + timedelta(days=800)
    )

    assert old.secret == years_later.for_drawing(CHILD, "police").secret
    assert 1 == years_later.for_drawing(CHILD, "police").generation
    assert 2 == years_later.for_sealing(CHILD, "police").generation
    assert 2 == years_later.for_drawing(CHILD, "police").generation


def test_where_there_is_no_key_or_it_was_destroyed_a_view_gets_a_new_one(site):
    ring = site.ring()

    assert 1 == ring.for_drawing(CHILD, "police").generation
    ring.destroy(CHILD)
    assert 2 == ring.for_drawing(CHILD, "police").generation


def test_a_ring_forgets_after_300_seconds(site):
    ring = site.ring()
    first = ring.for_sealing(CHILD, "police")
    site.clock.now += 299.0
    assert first is ring.for_sealing(CHILD, "police")
    assert first is ring.for_opening(CHILD, "police", 1)
    site.clock.now += 1.0
    ring.for_opening_all(OTHER, ("police",))

    assert 0 == len(ring._remembered)
    assert first is not ring.for_sealing(CHILD, "police")


def test_a_kept_key_is_given_out_before_its_last_second_only():
    key, kept = DataKey(1, bytes(64)), Remembered(10, 300.0)
    kept.keep(CHILD, "police", key, 0.0, 0)

    assert (key, None) == (kept.of(CHILD, "police", 1, 299.9), kept.of(CHILD, "police", 1, 300.0))


def test_forgetting_one_scope_keeps_the_others():
    key, kept = DataKey(1, bytes(64)), Remembered(10, 300.0)
    kept.keep_newest({CHILD: {"police": key}}, 0.0, 0)
    kept.keep_newest({CHILD: {"health": key}, OTHER: {"police": key}}, 0.0, 0)
    kept.forget(CHILD, ("police",))

    assert 2 == len(kept)
    assert kept.newest(CHILD, ("police",), 1.0) is None
    assert {"health": key} == kept.newest(CHILD, ("health",), 1.0)
    assert {"police": key} == kept.newest(OTHER, ("police",), 1.0)


def test_a_look_that_leaves_nothing_behind_is_not_remembered(site):
    site.ring().for_sealing(CHILD, "police")
    ring = site.ring()

    assert {("police", 1)} == set(ring.for_opening_all(CHILD, ("police",), remember=False))
    assert 0 == len(ring._remembered)


def test_making_the_table_again_changes_nothing(file_site):
    file_site.ring().for_sealing(CHILD, "police")
    before = kept(file_site)
    file_site.child_keys().migrate()

    assert before == kept(file_site)
    assert int(AT.timestamp()) == before[CHILD][0].made_at


def test_a_scope_without_a_key_is_refused(site):
    with pytest.raises(Unavailable, match="no key for scope gardening"):
        site.ring().for_sealing(CHILD, "gardening")


def test_the_table_holds_no_secret(file_site):
    ring = file_site.ring()
    keys = ring.for_sealing_many({CHILD: ("police", "health")})
    disk = file_site.bytes_on_disk()

    secrets = [key.secret for key in keys[CHILD].values()]

    assert 2 == len(secrets)
    assert not any(secret[:16] in disk for secret in secrets)
    assert not any(secret.hex() in repr(ring) + repr(keys) for secret in secrets)


def test_scopes_that_are_kept_together_have_their_keys_made_together(site):
    ring = site.ring(together=("police", "health"))
    ring.for_sealing(HUB, "spine")
    ring.for_sealing(CHILD, "police")
    again = site.ring(together=("police", "health"))
    again._keys.change = None  # a stranger's second agency changes no row

    assert {"spine"} == {key.scope for key in ring.standing(HUB)}
    assert {("police", 1), ("health", 1)} == {(key.scope, key.generation) for key in ring.standing(CHILD)}
    assert ring.for_sealing(CHILD, "health").secret == again.for_sealing(CHILD, "health").secret


def test_of_scopes_kept_together_none_that_is_withdrawn_or_destroyed_is_made(site):
    ring = site.ring(together=("police", "health"))
    key_file.load(site.keys_json).withdraw("health")
    ring.for_sealing(CHILD, "police")
    key_file.load(site.keys_json).withdraw("health", back=True)
    ring.for_sealing(OTHER, "police")
    ring.destroy(OTHER, ["health"])
    ring.renew(OTHER, "police")

    assert {("police", 1)} == {(key.scope, key.generation) for key in ring.standing(CHILD)}
    assert {"health"} == {key.scope for key in ring.standing(OTHER) if key.destroyed_at}
    assert 1 == sum(key.scope == "health" for key in ring.standing(OTHER))
