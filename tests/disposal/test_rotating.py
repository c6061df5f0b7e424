"""Key-encryption keys are rotated by the running hub, by one of many workers, and nothing of it is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from hub.confidentiality import key_file
from hub.confidentiality.holder import HOUSE, Holder
from hub.confidentiality.keys import KeyRing, ScopeWithdrawn
from hub.disposal.rotating import ROTATIONS, NotRotated, Rotations, last_rotated, rotate
from hub.domain.by import By
from hub.domain.feed import KeyRotated, KeyRotating
from tests.events import missing
from tests.hubs import NOW, POLICE_OFFICER, only_child
from tests.journeys.commands import hub as command

MONTH = timedelta(days=30)


def rotations(hub):
    return Rotations(hub.records, Holder(hub.key_file, hub.key_store), MONTH, NOW)


def all_of(worker):
    """What a worker does until there is nothing to do."""
    return list(iter(worker.step, None))


def done(hub):
    bodies = [event.body for event in hub.records.archive.stream(ROTATIONS)]
    return [body for body in bodies if isinstance(body, KeyRotated)]


def test_each_key_is_rotated_once_a_month_by_one_of_many_workers_and_all_opens(desk):
    desk.take_in(missing(found_where="By the river"), at=NOW)
    with desk.open(at=NOW + timedelta(days=29)) as hub:
        assert [] == all_of(rotations(hub))
    with desk.open(at=NOW + timedelta(days=31)) as hub, ThreadPoolExecutor(3) as pool:
        whole = hub.share.chronology(POLICE_OFFICER, only_child(hub)).lines
        list(pool.map(all_of, [rotations(hub) for _ in range(3)]))
        scopes = hub.key_store.scopes()
        versions = {key.version for key in hub.keys.standing(only_child(hub))}

        assert ({2}, {2}) == (set(scopes.values()), versions)
        assert sorted(scopes) == sorted(one.scope for one in done(hub))
        assert {(None, 2, 0)} == {(one.by, one.version, one.unreadable) for one in done(hub)}
        assert whole == hub.share.chronology(POLICE_OFFICER, only_child(hub)).lines
        assert [] == all_of(rotations(hub))
    with desk.open(at=NOW + timedelta(days=62)) as hub:
        assert len(scopes) == len(all_of(rotations(hub)))


@pytest.mark.parametrize("at", ["make", "wrap", "record"])
def test_a_rotation_broken_off_anywhere_is_gone_on_with_an_hour_later_and_makes_no_second_key(
    desk, at, monkeypatch
):
    desk.take_in(missing(), at=NOW)
    breaks = {"make": (key_file.KeyFile, "rotate"), "wrap": (KeyRing, "rewrap")}
    with desk.open(at=NOW + MONTH) as hub:
        breaks["record"] = (hub.records, "record")
        left = [hub.records.record] if at == "record" else []  # that it is begun is recorded before

        def broken(*a, **k):
            return left.pop()(*a, **k)

        monkeypatch.setattr(*breaks[at], broken)
        with pytest.raises(IndexError):
            rotations(hub).step()
        monkeypatch.undo()
        begun = {event.body.scope for event in hub.records.archive.stream(ROTATIONS)}
        others = {one.scope for one in all_of(rotations(hub))}

        assert not begun & others
        assert others
    with desk.open(at=NOW + MONTH + timedelta(hours=1.1)) as hub:
        assert begun == {one.scope for one in all_of(rotations(hub))}
        assert {2} == set(hub.key_store.scopes().values())
        assert {2} == {key.version for key in hub.keys.standing(only_child(hub))}


def test_what_is_withdrawn_waits_and_what_cannot_be_rotated_is_said_and_holds_nothing_up(desk, monkeypatch):
    rotate = key_file.KeyFile.rotate

    def refused(self, scope):
        if scope == "police":
            raise ScopeWithdrawn(scope)
        return rotate(self, scope)

    with desk.open(at=NOW + MONTH) as hub:
        hub.key_file.withdraw("health")
        monkeypatch.setattr(key_file.KeyFile, "rotate", refused)
        said = all_of(rotations(hub))
        versions = hub.key_store.scopes()

        assert [NotRotated("police", "ScopeWithdrawn")] == [
            one for one in said if isinstance(one, NotRotated)
        ]
        assert ["health", "police"] == sorted(scope for scope, version in versions.items() if version == 1)
        hub.key_file.withdraw("health", back=True)
        assert ["health"] == [one.scope for one in all_of(rotations(hub))]


def test_who_found_nothing_due_looks_again_ten_minutes_later(desk, monkeypatch):
    with desk.open(at=NOW) as hub:
        worker, now, found = rotations(hub), [NOW], []
        monkeypatch.setattr(hub.records, "clock", lambda: now[0])
        for minutes in (-1, 8.9, 9):
            now[0] = NOW + MONTH + timedelta(minutes=minutes)
            found.append(worker.step() is not None)

    assert [False, False, True] == found


def test_a_scope_that_could_not_be_rotated_is_left_for_a_day_and_then_gone_on_with(desk, monkeypatch):
    rotate, now, said = key_file.KeyFile.rotate, [NOW + MONTH], []

    def refused(self, scope):
        if scope == "police" and now[0] < NOW + MONTH + timedelta(days=1):
            raise ScopeWithdrawn(scope)
        return rotate(self, scope)

    with desk.open(at=NOW) as hub:
        worker = rotations(hub)
        monkeypatch.setattr(hub.records, "clock", lambda: now[0])
        monkeypatch.setattr(key_file.KeyFile, "rotate", refused)
        for later in (timedelta(0), timedelta(hours=23.9), timedelta(days=1, minutes=15)):
            now[0] = NOW + MONTH + later
            said.append([one.scope for one in all_of(worker)])

        assert "police" in said[0]
        assert ([], ["police"]) == tuple(said[1:])
        assert 2 == hub.key_store.scopes()["police"]


@pytest.mark.parametrize("broken", [True, False])
def test_by_hand_what_was_broken_off_is_finished_under_the_same_key_and_where_nothing_was_none_is_made(
    desk, monkeypatch, broken
):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        held, by = Holder(hub.key_file, hub.key_store), By("op", "operator", "hub")
        if broken:
            monkeypatch.setattr(KeyRing, "rewrap", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                rotate(hub.records, held, "police", by=by)
            monkeypatch.undo()
            begun = [event.body for event in hub.records.archive.stream(ROTATIONS)]
            assert [KeyRotating(scope="police", version=2)] == begun
            assert {} == last_rotated(hub.records)
        done_ = rotate(hub.records, held, "police", resume=True, by=by)
        (said,) = done(hub)

        assert ("police", 2 if broken else 1, 1 if broken else 0, 0) == done_
        assert (by, done_) == (said.by, (said.scope, said.version, said.keys, said.unreadable))
        assert ["police"] == list(last_rotated(hub.records))
        assert (3 if broken else 2) == rotate(hub.records, held, "police").version


class Elsewhere:
    """A key service that holds the key of the hub's own secrets, and the file that is sealed under it."""

    def __init__(self):
        self.version, self.sealed_under = 1, 1

    def scopes(self):
        return {HOUSE: self.version}

    def rotate(self, scope):
        assert scope == HOUSE
        self.version += 1

    def seal_anew(self):
        self.sealed_under = self.version


def test_the_hubs_own_secrets_are_sealed_anew_under_the_newer_key_and_no_childs_key_is_touched(desk):
    desk.take_in(missing(), at=NOW)
    there = Elsewhere()
    with desk.open(at=NOW) as hub:
        before = hub.keys.standing(only_child(hub))
        rotated = rotate(hub.records, Holder(there, there), HOUSE)

        assert (HOUSE, 2, 0, 0) == rotated
        assert (2, 2) == (there.version, there.sealed_under)
        assert before == hub.keys.standing(only_child(hub))


def test_intake_rotates_by_its_settings_and_without_them_never_and_a_person_does_it_by_hand(
    desk, monkeypatch, capsys
):
    desk.take_in(missing(), at=NOW)

    def typed(*words):
        return command(monkeypatch, capsys, *words, data=desk.settings.data)

    with desk.open(at=datetime.now(UTC) + 2 * MONTH):
        typed("intake", "--once")
    with desk.open(at=datetime.now(UTC) + 2 * MONTH) as hub:
        never = last_rotated(hub.records)
        by_hand = typed("keys", "rotate", "police")
        monkeypatch.setenv("HUB_ROTATE_DAYS", "30")
        typed("intake", "--once")
        first, *_ = done(hub)

    assert ({}, 0) == (never, by_hand.code)
    assert ("police", 2, "operator") == (first.scope, first.version, first.by.role)
    assert "police               version 2, rotated " in typed("keys", "status").out
