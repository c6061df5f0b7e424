"""The chronology: ordered by when it happened, nothing overwritten, whatever order things arrive in."""

from datetime import timedelta
from itertools import permutations
from uuid import uuid5

from hypothesis import given as for_all
from hypothesis import strategies as st

from hub.domain.child import Registered
from hub.domain.chronology import Standing, chronology
from hub.domain.entry import Relation
from tests.domain.given import CHILD, DAY, entry, given, said

FOUND = DAY + timedelta(hours=30)


def lines(*events):
    return chronology([given(Registered(because="first-event"), *events)])


def shown(*events):
    return [(line.entry.source.decode(), line.standing.value, line.ongoing) for line in lines(*events)]


def test_entries_stand_in_the_order_they_happened_not_in_which_they_came():
    assert ["early", "late"] == [name for name, *_ in shown(said("late", day=5), said("early", day=1))]


def test_a_corrected_entry_stays_beside_what_corrects_it():
    story = shown(said("a", day=1), said("b", day=2, relation=Relation.CORRECTS, of="a"))

    assert [("a", "corrected", False), ("b", "current", False)] == story


def test_a_withdrawn_entry_stays_struck_through_and_its_withdrawal_is_no_line_of_its_own():
    story = shown(said("a", day=1), said("w", day=2, relation=Relation.WITHDRAWS, of="a"))

    assert [("a", "withdrawn", False)] == story


def test_a_child_still_missing_is_an_entry_at_once_and_is_completed_later():
    missing = said("gone", ongoing=True)
    (line,) = lines(missing, said("found", relation=Relation.COMPLETES, of="gone", ended_at=FOUND))

    assert [("gone", "current", True)] == shown(missing)
    assert (FOUND, False) == (line.ended_at, line.ongoing)


def test_an_entry_split_off_is_read_on_the_other_record_only():
    from hub.domain.child import By, EntriesSplitOff
    from tests.domain.given import OTHER, REASON

    gone = EntriesSplitOff(entries=(uuid5(CHILD, "a"),), to=OTHER, by=By("p", "r", "x"), reason=REASON)

    assert [("b", "current", False)] == shown(said("a"), said("b"), gone)


def test_what_stands_does_not_depend_on_the_order_of_arrival():
    events = [
        said("a", day=1, ongoing=True),
        said("b", day=2, relation=Relation.CORRECTS, of="a"),
        said("c", day=3, relation=Relation.COMPLETES, of="b", ended_at=FOUND + timedelta(days=9)),
        said("w", day=4, relation=Relation.WITHDRAWS, of="b"),
    ]

    assert 1 == len({tuple(shown(*order)) for order in permutations(events)})


@for_all(st.permutations([(f"e{n}", n % 5) for n in range(12)]))
def test_entries_of_one_moment_keep_one_order(order):
    arrived = lines(*(said(name, day=day) for name, day in order))

    assert sorted(arrived, key=lambda x: (x.entry.occurred_at, x.entry.id.bytes)) == list(arrived)
    assert {Standing.CURRENT} == {line.standing for line in arrived}


def test_two_joined_records_make_one_chronology():
    one, two = given(said("a", day=2)), given(said("b", day=1))
    two.id = uuid5(CHILD, "other record")

    assert [b"b", b"a"] == [line.entry.source for line in chronology([one, two])]


def test_a_second_correction_of_the_same_entry_is_the_one_that_counts_by_when_it_was_said():
    first = said("b", relation=Relation.CORRECTS, of="a", source_recorded_at=DAY)
    second = said("c", relation=Relation.CORRECTS, of="a", source_recorded_at=DAY + timedelta(1))

    for order in permutations([said("a"), first, second]):
        (line,) = [x for x in lines(*order) if x.entry.source == b"a"]
        assert entry("c").id == line.changed_by.entry.id


def test_taking_an_entry_back_takes_back_what_corrected_it():
    story = shown(
        said("a"),
        said("b", day=1, relation=Relation.CORRECTS, of="a"),
        said("w", day=2, relation=Relation.WITHDRAWS, of="a"),
    )

    assert [("a", "withdrawn", False), ("b", "withdrawn", False)] == story


def test_an_ending_said_of_the_first_version_ends_the_corrected_one_too():
    ending = said("found", day=1, relation=Relation.COMPLETES, of="a", ended_at=FOUND)
    corrected = said("b", relation=Relation.CORRECTS, of="a", ongoing=True)

    assert [False, False] == [line.ongoing for line in lines(said("a", ongoing=True), corrected, ending)]


def test_an_ending_said_again_stands_in_the_place_of_the_first():
    first = said("found", day=1, relation=Relation.COMPLETES, of="a", ended_at=FOUND)
    again = said(
        "found#2",
        day=1,
        relation=Relation.COMPLETES,
        of="a",
        ended_at=FOUND + timedelta(hours=1),
        supersedes=b"found",
    )
    for order in permutations([said("a", ongoing=True), first, again]):
        (line,) = lines(*order)
        assert FOUND + timedelta(hours=1) == line.ended_at


def test_an_ending_that_was_taken_back_leaves_the_episode_going_on():
    ending = said("found", day=1, relation=Relation.COMPLETES, of="a", ended_at=FOUND)
    taken_back = said("w", day=2, relation=Relation.WITHDRAWS, of="found")

    assert [("a", "current", True)] == shown(said("a", ongoing=True), ending, taken_back)


def test_the_end_of_an_episode_whose_beginning_never_came_is_a_line_of_its_own():
    ending = said("found", day=1, relation=Relation.COMPLETES, of="gone", ended_at=FOUND)

    assert [("found", "current", False)] == shown(ending)
    assert [("gone", "current", False)] == shown(ending, said("gone", ongoing=True))
