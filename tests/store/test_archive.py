"""The archive: inserted into and never changed, every body sealed in its place, replayed with no scope."""

import sqlite3

import pytest

from hub.confidentiality.sealing import CannotUnseal
from hub.domain.child import Child
from hub.records.reading import fold
from hub.store.mapper import HUB, IDENTIFIER
from schemas.scope import SIGNALS, Scope
from tests.events import missing
from tests.hubs import only_child


def database(desk):
    return sqlite3.connect(desk.settings.archive)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET state=x'00' WHERE position=2",
        "UPDATE events SET originator_version=9 WHERE position=2",
        "DELETE FROM events WHERE position=2",
    ],
)
def test_the_database_refuses_to_change_or_drop_an_event(desk, change):
    desk.take_in(missing())
    connection = database(desk)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute(change)
    connection.close()


def test_rows_of_two_places_cannot_be_swapped_and_read(desk):
    desk.take_in(missing(), missing("m2"))
    connection = database(desk)
    connection.execute("DROP TRIGGER events_update")
    rows = connection.execute(
        "SELECT position, state FROM events WHERE topic='child' ORDER BY position"
    ).fetchall()
    (first, one), (second, two) = rows[-2:]
    connection.execute("UPDATE events SET state=? WHERE position=?", (two, first))
    connection.execute("UPDATE events SET state=? WHERE position=?", (one, second))
    connection.commit()
    connection.close()

    with desk.open() as hub, pytest.raises(CannotUnseal):
        hub.records.child(only_child(hub))


def test_each_scope_of_an_event_is_one_envelope_and_nothing_else_is_readable(desk):
    desk.take_in(missing(summary="Seen at the quay.", postcode="DL1 1AA"))
    with desk.open() as hub:
        (kept,) = hub.records.child(only_child(hub)).entries.values()
        (row,) = [r for r in hub.records.archive.rows.rows_after(0, 99) if b"missing" in r.state] or [None]

    scopes = [envelope.scope for envelope in kept.entry.envelopes]
    assert sorted(scopes) == sorted({Scope.IDENTITY, Scope.WHEREABOUTS, Scope.POLICE, SIGNALS})
    assert None is row


def test_a_record_is_rebuilt_without_the_key_of_any_scope(desk):
    desk.take_in(missing())
    with desk.open() as hub:
        child = only_child(hub)
        hub.keys.destroy(child, [*(s.value for s in Scope), SIGNALS])

        record = fold(Child(child), hub.records.archive.stream(child))
        assert (2, 1) == (record.version, len(record.entries))
        assert 1 == len(hub.records.lines(child))
        assert 0 == len(hub.records.facts(child))


def test_of_a_child_whose_keys_are_all_destroyed_only_its_versions_are_left(desk):
    desk.take_in(missing())
    with desk.open() as hub:
        child = only_child(hub)
        before = hub.records.child(child).version
        hub.keys.destroy(child)
        left = fold(Child(child), hub.records.archive.stream(child))

        assert Child(child, version=before) == left


def test_many_identifiers_are_read_as_each_is_alone(desk):
    desk.take_in(missing(), missing("m2"))
    with desk.open() as hub:
        archive = hub.records.archive
        ids = archive.rows.streams_of(IDENTIFIER)

        assert len(ids) > 1
        assert [event for id_ in ids for event in archive.stream(id_)] == sorted(
            archive.identifiers(ids), key=lambda event: ids.index(event.originator_id)
        )


def test_what_is_not_an_identifier_is_not_read_as_one(desk):
    desk.take_in(missing())
    with desk.open() as hub, pytest.raises(CannotUnseal):
        list(hub.records.archive.identifiers([only_child(hub), HUB]))
