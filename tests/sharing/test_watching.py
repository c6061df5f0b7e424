"""What the rules made of children lately is remembered by how much it is, long ones apart from short ones."""

from contextlib import closing
from uuid import UUID, uuid5

import pytest

from hub.domain.access import Closing
from hub.domain.child import Child, EntriesSplitOff, OneIncident, evolve
from hub.domain.entry import Relation
from hub.domain.strand import HAS_HARMED, WAS_HARMED, key_owner
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.flags import Watch
from hub.patterns.settings import load
from hub.records.reading import ALL, Parted
from hub.sharing import watching
from hub.sharing.front_door import FrontDoor
from hub.sharing.watching import A_CHILD, Watches, _Held, _Lately
from schemas.scope import SIGNALS
from tests.domain.given import CHILD, DAY, REASON
from tests.sharing.test_look import ANN, BEN, JOINED, LEAD, POLICY, Held, closed


def held():
    return _Held({}, [], None)


def test_what_was_held_longest_ago_goes_first_and_only_as_much_as_must():
    lately = _Lately(10)
    for number, entries in enumerate((4, 4, 3)):
        lately.put(UUID(int=number), held(), entries)

    assert lately.pop(UUID(int=0)) is None
    assert lately.pop(UUID(int=1)) is not None
    lately.put(UUID(int=3), held(), 7)
    assert lately.pop(UUID(int=2)) is not None


def test_a_record_longer_than_all_that_may_be_remembered_is_remembered_while_it_is_the_latest():
    lately = _Lately(10)
    lately.put(UUID(int=1), held(), 100)
    kept = lately.pop(UUID(int=1))
    lately.put(UUID(int=1), held(), 100)
    lately.put(UUID(int=2), held(), 1)

    assert kept is not None
    assert lately.pop(UUID(int=1)) is None


SETTINGS = load(CATALOGUE)

# ---------------------------------------------------------------- what is looked at again


class Noted(Watch):
    """A watch that says of how many entries it was told, each time."""

    def __init__(self, *how):
        super().__init__(*how)
        self.told = []

    def learn(self, known):
        known = list(known)
        self.told.append(len(known))
        super().learn(known)


@pytest.fixture
def held_records(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "Watch", Noted)
    with closing(Held(tmp_path)) as records:
        yield records


def said(records, name, record=ANN, **more):
    return records.said(name, {SIGNALS: {"risk": "exploitation"}}, record=record, **more)


def watches(records):
    return Watches(records.keys, SETTINGS, CATALOGUE, ALL)


def test_a_new_entry_that_nothing_said_before_is_about_is_all_that_is_looked_at(held_records):
    records, seen = held_records.add(ANN, said(held_records, "a")), watches(held_records)
    first = seen.of(records.person(ANN))
    again = seen.of(records.person(ANN))
    records.add(ANN, said(records, "b"), said(records, "c"))
    grown = seen.of(records.person(ANN))
    records.add(ANN, said(records, "d"))

    assert first is again is grown is seen.of(records.person(ANN))
    assert [1, 0, 2, 1] == first.told


def test_what_one_may_not_see_is_not_told(held_records):
    records = held_records.add(ANN, said(held_records, "a"))
    seen = Watches(records.keys, SETTINGS, CATALOGUE, FrontDoor(POLICY, DAY))
    watch = seen.of(records.person(ANN))
    restricted = said(records, "s", agency="health", type_="health.restricted.v1")
    records.add(ANN, restricted, said(records, "b"))

    assert watch is seen.of(records.person(ANN))
    assert [1, 1] == watch.told


def correction(records, **more):
    return said(records, "z", relation=Relation.CORRECTS, of="a", **more)


ANEW = {
    "a correction": lambda records: records.add(ANN, correction(records)),
    "an entry told of before it came": lambda records: records.add(ANN, said(records, "late")),
    "an entry split off": lambda records: records.add(
        ANN, EntriesSplitOff(entries=(uuid5(CHILD, "a"),), to=BEN, by=LEAD, reason=REASON)
    ),
    "what people said of entries": lambda records: records.add(
        ANN, OneIncident(entries=(uuid5(CHILD, "a"), uuid5(CHILD, "s")), by=LEAD, reason=REASON)
    ),
    "a new entry beside something else": lambda records: records.add(
        ANN, said(records, "b"), correction(records)
    ),
    "a seal": lambda records: records.add(ANN, closed(Closing.SEALED, LEAD)),
    "an erased key": lambda records: records.keys.destroy(records.strand, [SIGNALS]),
    "another record read with it": lambda records: records.add(JOINED),
}


@pytest.mark.parametrize("what", ANEW)
def test_whatever_else_comes_has_everything_looked_at_again(held_records, what):
    records, seen = held_records, watches(held_records)
    records.strand = key_owner(ANN, HAS_HARMED)
    records.keys.for_sealing_many({records.strand: (SIGNALS,)})
    before = said(records, "b0", relation=Relation.COMPLETES, of="late")
    first = seen.of(
        records.add(ANN, said(records, "a"), before, said(records, "s", strand=WAS_HARMED)).person(ANN)
    )
    ANEW[what](records)
    second = seen.of(records.person(ANN))

    assert first is not second
    assert second is seen.of(records.person(ANN))


def test_records_that_were_once_read_with_it_count_where_they_are_told(held_records):
    records, seen = held_records.add(ANN, said(held_records, "a")), watches(held_records)
    (now,) = records.person(ANN)
    once = Held.person(records, ANN)[0]
    parted = (Parted(once, DAY, DAY),)
    first = seen.of((now,), parted)

    assert first is seen.of((now,), parted) is seen.of((now,))
    assert first is not seen.of((now,), ())


def test_many_short_records_push_out_one_another_and_no_long_one(held_records, monkeypatch):
    monkeypatch.setattr(watching, "REMEMBERED", 2 * A_CHILD + 1)
    monkeypatch.setattr(watching, "LONG", 2)
    records, seen = held_records, watches(held_records)
    every = [UUID(int=number) for number in (1, 2, 3)]
    long, *short = [record(records, child, 2 if child == ANN else 1) for child in every]
    first = seen.of(long)
    one, other = seen.of(short[0]), seen.of(short[1])

    assert first is seen.of(long)
    assert other is seen.of(short[1])
    assert one is not seen.of(short[0])


def record(records, child, entries):
    found = Child(child)
    for number in range(entries):
        evolve(found, said(records, f"{child}{number}", record=child), DAY)
    return (found,)


def test_what_was_never_held_takes_no_room():
    lately = _Lately(10)
    for number in range(20):
        assert lately.pop(UUID(int=100 + number)) is None
    lately.put(UUID(int=1), held(), 5)
    lately.put(UUID(int=2), held(), 5)

    assert lately.pop(UUID(int=1)) is not None
