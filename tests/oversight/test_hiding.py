"""Small numbers are not shown, and no arithmetic on what is shown brings one back."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.oversight.hiding import ALL, LEAST, Counted, shown

ROWS = "abcdef"


def drawn(*tables):
    """Tables of one column, as what stands in it: row by row, then the total."""
    counted = [
        Counted(str(n), {r: {"x": c} for r, c in zip(ROWS, t, strict=False)}) for n, t in enumerate(tables)
    ]
    return [[line.counts[0] for line in table.lines] for table in shown(counted, ("x",))]


@pytest.mark.parametrize(
    ("counts", "reads"),
    [
        ([12, 30], [12, 30, 42]),
        ([12, 0], [12, 0, 12]),
        ([3, 12, 30], [None, None, 30, 45]),  # the 3 would follow from the total: the 12 goes with it
        ([3, 4, 30], [None, None, 30, 37]),  # together 7: neither follows
        ([1, 1, 9, 30], [None, None, None, 30, 41]),  # two hidden that add up to two would each be one
        ([1, 1, 1, 1, 1, 9], [None, None, None, None, None, None, 14]),
        ([3], [None, None]),
        ([3, 0], [None, 0, None]),
        ([2, 2], [None, None, None]),
        ([], [0]),
    ],
)
def test_what_could_be_worked_out_is_hidden_too(counts, reads):
    assert [reads] == drawn(counts)


def test_a_total_that_is_hidden_in_one_table_is_given_away_by_no_other():
    one, other = drawn([4], [2, 2, 0])

    assert [None, None] == one
    assert [None, None, 0, None] == other


def test_a_table_of_large_counts_hides_one_where_its_total_is_hidden_elsewhere():
    """A single group with less than a whole table's other counts: the total cannot be shown."""
    one, other = drawn([3, 9], [12])

    assert [None, None, 12] == one
    assert [12, 12] == other


def possible(table, total, most=60):
    """Every way in which the hidden counts of a table can be, at least one each, to one who reads it."""
    hidden = [n for n, count in enumerate(table[:-1]) if count is None]
    known = sum(count for count in table[:-1] if count is not None)
    if total is None:
        totals = range(known + len(hidden), min(known + len(hidden) + most, known + len(hidden) + 6))
    else:
        totals = [total]
    for whole in totals:
        for rest in product(range(1, LEAST + 4), repeat=max(len(hidden) - 1, 0)):
            last = whole - known - sum(rest)
            if hidden and last >= 1:
                yield whole, dict(zip(hidden, (*rest, last), strict=True))


@settings(deadline=None, max_examples=120)
@given(st.lists(st.lists(st.integers(0, 14), min_size=1, max_size=4), min_size=1, max_size=1))
def test_no_hidden_count_can_be_worked_out(tables):
    for read, counts in zip(drawn(*tables), tables, strict=True):
        for n, count in enumerate(read[:-1]):
            assert count in (None, counts[n])
            assert not (count is not None and 0 < count < LEAST)
            if count is None:
                found = {way[n] for _, way in possible(read, read[-1])}
                assert len(found) > 1, (counts, read)


@settings(deadline=None, max_examples=120)
@given(st.lists(st.integers(0, 9), min_size=2, max_size=6), st.data())
def test_tables_over_the_same_things_hide_or_show_their_total_together(counts, data):
    """The same things divided otherwise: whoever adds up one table learns nothing hidden in another."""
    cut = data.draw(st.integers(1, len(counts) - 1))
    other = [sum(counts[:cut]), sum(counts[cut:])]
    first, second = drawn(counts, other)

    assert first[-1] == second[-1]
    for table in (first, second):
        hidden = sum(count is None for count in table[:-1])
        if first[-1] is None:
            assert hidden, (first, second)  # a table without a gap would add up to the hidden total
        elif hidden:
            assert first[-1] - sum(c or 0 for c in table[:-1]) > hidden > 1
            assert first[-1] - sum(c or 0 for c in table[:-1]) >= LEAST


def test_the_last_line_is_the_total():
    (table,) = shown([Counted("t", {"a": {"x": 7, "y": 9}, "b": {"x": 8}})], ("x", "y"))

    assert (ALL, (15, 9)) == (table.lines[-1].name, table.lines[-1].counts)
    assert (8, 0) == table.lines[1].counts
