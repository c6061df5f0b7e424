"""The tampering that security.md 4.2 names, done to the real SQLite file and to the real PostgreSQL table.

Each is found by `hub verify`, with the first bad position and what was done, and from outside by the one
file that knows no key of the hub. `make tamper` does it at every row: 1,197 cases on each engine.
"""

import json
import os
from collections import Counter
from contextlib import closing

import pytest

from hub.audit import standalone
from hub.audit.checkpoint import verifier_key
from hub.audit.keeping import ORIGIN
from hub.audit.suspect import Wrong
from hub.audit.walk import Fault
from schemas.vocabulary import Agency
from tests.audit.real_tables import tables_of
from tests.events import attendance, concern, missing
from tests.hubs import Desk, take_all
from tests.journeys.commands import hub as typed

ROWS, FIRST_NOTE = 100, 80
EVERYWHERE = bool(os.environ.get("HUB_TAMPER_EVERYWHERE"))
FEW = (1, 2, 40, FIRST_NOTE, FIRST_NOTE + 1, ROWS - 1, ROWS)


# ---------------------------------------------------------------- what is done to the rows: p counts from 1


def state_bit(rows, p, place):
    state = bytearray(rows[p - 1].state)
    at = {"first": 0, "middle": len(state) // 2, "last": len(state) - 1}[place]
    state[at] ^= 1 << p % 8
    return changed(rows, p, state=bytes(state))


def topic(rows, p):
    was = rows[p - 1].topic
    return changed(rows, p, topic=chr(ord(was[0]) ^ 1) + was[1:])


def stream_bit(rows, p):
    stream = bytearray(rows[p - 1].stream)
    stream[p % 16] ^= 1 << p % 8
    return changed(rows, p, stream=bytes(stream))


def version(rows, p):
    return changed(rows, p, version=rows[p - 1].version + 1000)


def delete(rows, p):
    return rows[: p - 1] + rows[p:]


def truncate(rows, p):
    return rows[:p]


def swap_states(rows, p):
    one, two = rows[p - 1], rows[p]
    return changed(changed(rows, p, state=two.state), p + 1, state=one.state)


def reorder(rows, p):
    one, two = rows[p - 1], rows[p]
    return [
        *rows[: p - 1],
        two._replace(position=one.position),
        one._replace(position=two.position),
        *rows[p + 1 :],
    ]


def insert(rows, p):
    forged = rows[p - 1]._replace(version=1000, state=b"forged")
    return [*rows[: p - 1], forged, *(row._replace(position=row.position + 1) for row in rows[p - 1 :])]


def rewrite(rows, p):
    return rows[: p - 1] + [row._replace(state=b"forged" + row.state) for row in rows[p - 1 :]]


def changed(rows, p, **to):
    return [*rows[: p - 1], rows[p - 1]._replace(**to), *rows[p:]]


EVERY, BUT_LAST = range(1, ROWS + 1), range(1, ROWS)
MATRIX = [
    # what is done, where, how often where it is done everywhere, said to be, first bad row (of p)
    ("first byte of a state", lambda r, p: state_bit(r, p, "first"), EVERY, Wrong.ROW_ALTERED, 0),
    ("middle of a state", lambda r, p: state_bit(r, p, "middle"), EVERY, Wrong.ROW_ALTERED, 0),
    ("last byte of a state", lambda r, p: state_bit(r, p, "last"), EVERY, Wrong.ROW_ALTERED, 0),
    ("topic", topic, EVERY, Wrong.ROW_ALTERED, 0),
    ("stream id", stream_bit, EVERY, Wrong.ROW_ALTERED, 0),
    ("version", version, EVERY, Wrong.ROW_ALTERED, 0),
    ("delete a row", delete, BUT_LAST, Wrong.ROW_MISSING, 0),
    ("delete the last row", delete, range(ROWS, ROWS + 1), Wrong.STORE_SHORTER, 0),
    ("truncate", truncate, BUT_LAST, Wrong.STORE_SHORTER, 1),
    ("swap two states", swap_states, BUT_LAST, Wrong.ORDER, 0),
    ("reorder two rows", reorder, BUT_LAST, Wrong.ORDER, 0),
    ("insert before the checkpoint", insert, EVERY, Wrong.ROW_INSERTED, 0),
    ("rewrite from a row on", rewrite, EVERY, Wrong.ROW_ALTERED, 0),
]


class Witnessed:
    """A hub of 100 rows, its checkpoints at 80 and 100 held outside, and an administrator's hand on it."""

    def __init__(self, desk):
        self.desk = desk
        with desk.open() as hub:
            self.fill(hub, FIRST_NOTE)
            self.fill(hub, ROWS)
            notes = sorted(desk.settings.checkpoints.glob("*.checkpoint"))
            self.notes = [note.read_text() for note in notes]
            self.key = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
        self.tables = tables_of(desk.settings)
        self.honest = self.tables.rows()
        assert ROWS == len(self.honest)

    def fill(self, hub, rows):
        """Take in events of three agencies, and heartbeats at the end, until there are so many rows; sign."""
        kinds, n = (missing, attendance, concern), 0
        while left := rows - len(hub.records.archive.rows.rows_after(0, 1000)):
            if left > 12:
                self.desk.publish(*(kinds[m % 3](f"{rows}-{m}", m) for m in range(n, n + left - 10)))
                n += left
            else:
                self.desk.heartbeat(Agency.POLICE)
            take_all(hub)
        hub.ledger.catch_up()

    def within(self, hub):
        return hub.ledger.verify().faults

    def outside(self, folder):
        """What the one file says that an auditor runs; it reads the SQLite file itself, or written rows."""
        store = self.desk.settings.archive
        if self.desk.settings.store is not None:
            store = folder / "rows.jsonl"
            lines = (
                [r.position, r.stream.hex(), r.version, r.topic, r.state.hex()] for r in self.tables.rows()
            )
            store.write_text("".join(json.dumps(line) + "\n" for line in lines))
        try:
            return standalone.check_store(store, self.notes, self.key)
        except standalone.Fails as fails:
            return str(fails)


@pytest.mark.slow
def test_whatever_is_done_to_the_real_table_is_found_within_and_from_outside(
    tmp_path, any_store, monkeypatch, capsys, counted
):
    witnessed = Witnessed(Desk(tmp_path / "data", store=any_store))
    with closing(witnessed.tables):
        counted(8, "tamper cases, on each store", every_way_is_found(witnessed, tmp_path))
        commands_name_it(witnessed, monkeypatch, capsys)
        rewriting_both_is_given_away(witnessed, tmp_path)


def every_way_is_found(witnessed, tmp_path):
    detected, missed = Counter(), []
    positions = [row.position for row in witnessed.honest]
    with witnessed.desk.open() as hub:
        assert () == witnessed.within(hub)
        assert f"{ROWS} rows are as they were signed" == witnessed.outside(tmp_path)
        for name, tamper, places, what, after in MATRIX:
            for p in places if EVERYWHERE else [p for p in FEW if p in places]:
                witnessed.tables.write(tamper(witnessed.honest, p))
                expected = (Fault(what, positions[p - 1 + after]),)
                said = witnessed.outside(tmp_path)
                if expected == witnessed.within(hub) and said in blamed(p + after, what):
                    detected[name] += 1
                else:
                    missed.append((name, p, witnessed.within(hub), said))
        witnessed.tables.write(witnessed.honest)

        assert [] == missed
        assert (1197 if EVERYWHERE else 81) == detected.total()
        assert () == witnessed.within(hub)
    return detected.total()


def blamed(row, what):
    """What the outsider, who has no leaves but two checkpoints, may say of the first bad row."""
    first, end = (1, FIRST_NOTE) if row <= FIRST_NOTE else (FIRST_NOTE + 1, ROWS)
    said = {f"something was changed between row {first} and row {end}"}
    if what in {Wrong.STORE_SHORTER, Wrong.ROW_MISSING}:
        said.add(f"the store ends before row {end}, which a checkpoint covers")
    return said


def commands_name_it(witnessed, monkeypatch, capsys):
    if witnessed.desk.settings.store is not None:
        monkeypatch.setenv("HUB_STORE", witnessed.desk.settings.store.address)
    witnessed.tables.write(changed(witnessed.honest, 40, state=b"forged"))
    for words in (("verify",), ("ledger", "verify")):
        done = typed(monkeypatch, capsys, *words, data=witnessed.desk.settings.data)

        assert 1 == done.code
        assert f"position {witnessed.honest[39].position}: {Wrong.ROW_ALTERED}" in done.out


def rewriting_both_is_given_away(witnessed, folder):
    """The administrator has every table; what they have not is the checkpoint that was handed out."""
    witnessed.tables.write(changed(witnessed.honest, 40, state=b"forged"))
    with witnessed.desk.open() as hub:
        rewritten(hub)
        faults = hub.ledger.verify().faults

    assert (Fault(Wrong.ROOT_DIFFERS, witnessed.honest[0].position, witnessed.honest[79].position),) == faults
    assert "something was changed between row 1 and row 80" == witnessed.outside(folder)


def rewritten(hub):
    """The ledger's tables derived anew from what the table holds now, as if nothing had been."""
    tables = hub.ledger.ledger.tables
    if hub.settings.store is None:
        for table in ("ledger", "nodes"):
            tables._connection.execute(f"DROP TRIGGER {table}_delete")
            tables._connection.execute(f"DELETE FROM {table}")
    else:
        with tables._database.transaction() as c:
            c.execute("SET LOCAL session_replication_role = replica")
            c.execute("DELETE FROM hub_ledger.ledger")
            c.execute("DELETE FROM hub_ledger.nodes")
    while hub.ledger.ledger.follow():
        pass
