"""Who came against a bar is told of once a day for each person and bar, whatever else was refused."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest

from hub.domain.by import By
from hub.domain.refusal import NO_BAR, LookRefused, Rule, refusals_of
from hub.sharing.look import Reader
from hub.sharing.refusals import BarsMet, Refusals
from hub.sharing.relationship import Barred
from hub.store.effects import StoredRow
from hub.store.mapper import REFUSED, StreamEvent
from hub.telling.matter import Matter
from hub.telling.settings import Kind

ANN, BEN, BAR = UUID(int=1), UUID(int=2), UUID(int=3)
NURSE, OFFICER = By("hp", "health-practitioner", "health"), By("po", "police-officer", "police")
AT = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
"""Half past midnight of the 2nd in London."""
TO = ("information-governance-lead", "caldicott-guardian")


class Store:
    """Records as they are asked of refused looks: streams in memory, and the rows they lie in."""

    def __init__(self):
        self.streams, self.log, self.read = {}, [], []
        self.archive = SimpleNamespace(rows=self, stream=self.stream)

    def append(self, id_, bodies, at=AT, topic=REFUSED):
        for body in bodies:
            stream = self.streams.setdefault(id_, [])
            stream.append(StreamEvent(id_, len(stream) + 1, at, body))
            self.log.append(StoredRow(len(self.log) + 1, id_.bytes, len(stream), topic, b""))

    def stream(self, id_, *, after=None):
        self.read.append(id_)
        return [event for event in self.streams[id_] if event.originator_version > (after or 0)]

    def max_notification_id(self):
        return len(self.log) or None

    def streams_of(self, topic):
        return list(dict.fromkeys(UUID(bytes=row.stream) for row in self.log if row.topic == topic))

    def rows_after(self, position, limit):
        assert position >= 0
        return [row for row in self.log if row.position > position][:limit]


@pytest.fixture
def store():
    return Store()


def refused(store, by=NURSE, child=ANN, bar=BAR, at=AT):
    body = LookRefused(reader=by, purpose="section-47", question="find", sought=child, bar=bar)
    store.append(refusals_of(child), [body], at)


def told(child=ANN, who="hp", day="2026-07-02", at=AT):
    return Matter(Kind.BAR_MET, BAR, f"{who}@{day}", child, TO, at)


def test_a_refusal_stands_with_the_record_that_is_barred_else_with_what_was_asked_about(store):
    reader = Reader(NURSE, "section-47")
    Refusals(store).note(reader, "find", BEN, Barred(ANN, BAR))
    Refusals(store).note(reader, "chronology", BEN)
    said = [store.streams[refusals_of(child)][0].body for child in (ANN, BEN)]

    assert [
        LookRefused(
            reader=NURSE, purpose="section-47", question="find", sought=ANN, bar=BAR, rule=Rule.BARRED
        ),
        LookRefused(
            reader=NURSE, purpose="section-47", question="chronology", sought=BEN, bar=NO_BAR, rule=Rule.ACT
        ),
    ] == said


def test_all_there_ever_was_is_told_at_first_and_then_what_is_new_until_it_is_settled(store):
    refused(store)
    refused(store, bar=NO_BAR, child=BEN)
    met = BarsMet(store)

    assert [told()] == met.until(AT) == met.until(AT)
    met.settled()
    assert [] == met.until(AT)
    refused(store, by=OFFICER, child=BEN, at=AT - timedelta(hours=1))
    refused(store, bar=NO_BAR)
    assert [told(BEN, "po", "2026-07-01", AT - timedelta(hours=1))] == met.until(AT)


def test_where_nothing_was_ever_refused_the_first_is_told_when_it_comes(store):
    met = BarsMet(store)
    assert [] == met.until(AT)
    refused(store)

    assert [told()] == met.until(AT)


def test_what_is_new_is_read_page_by_page_once_and_nothing_but_refusals(store, monkeypatch):
    monkeypatch.setattr("hub.sharing.refusals.PAGE", 2)
    met = BarsMet(store)
    refused(store)
    met.until(AT)
    met.settled()
    store.read.clear()
    for n in range(3):
        store.append(BEN, ["something else"], topic="child")
        refused(store, at=AT + timedelta(days=n))

    assert [told(day=f"2026-07-0{n + 2}", at=AT + timedelta(days=n)) for n in range(3)] == met.until(AT)
    assert {refusals_of(ANN)} == set(store.read)
    store.read.clear()
    assert 3 == len(met.until(AT))
    assert [] == store.read
