"""What was read ahead is handed out in equal shares, in order, and counted to the byte."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from hub.intake.lanes import Lanes


@dataclass(frozen=True)
class Record:
    number: int
    value: bytes | None = b"x"
    serialized_header_size: int = 10


def filled(**counts):
    lanes = Lanes()
    for partition, count in counts.items():
        lanes.add(partition, [Record(n) for n in range(count)])
    return lanes


def test_a_busy_lane_gets_no_more_than_its_share_while_others_wait():
    first = filled(busy=1000, quiet=10, small=2).share(30)

    assert {"busy": 10, "quiet": 10, "small": 2} == Counter(handed.partition for handed in first)


@given(
    counts=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 30)),
    limits=st.lists(st.integers(1, 20), min_size=1),
)
def test_everything_comes_once_in_the_order_of_its_lane_and_nothing_stays_counted(counts, limits):
    lanes = filled(**counts)
    found = []
    while lanes:
        for limit in limits:
            handed = lanes.share(limit)
            assert len(handed) <= limit
            found += handed

    assert 0 == lanes.held
    for partition, count in counts.items():
        assert list(range(count)) == [h.record.number for h in found if h.partition == partition]


def test_what_is_dropped_is_not_counted_and_not_handed_out():
    lanes = filled(a=3, b=2)
    before = lanes.held

    lanes.drop("a")
    lanes.drop("nobody")

    assert (5 * 75, 2 * 75) == (before, lanes.held)
    assert ["b", "b"] == [h.partition for h in lanes.share(10)]


def test_headers_count_as_well_as_values():
    lanes = Lanes()
    lanes.add("a", [Record(0, None, 4_000_000), Record(1, b"", -1)])

    assert 4_000_128 == lanes.held
