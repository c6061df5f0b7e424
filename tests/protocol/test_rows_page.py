"""The page that maps every row of the protocol to its line and its test is the one that is built."""

from pathlib import Path

from hub.protocol.packs import load
from tests.protocol.rows_page import CLOCKS, PAGE, QUIRKS, ROWS, named_tests, page

ROOT = Path(__file__).parents[2]
PACK = load()


def test_the_page_is_the_one_that_is_built():
    assert page(PACK) == PAGE.read_text(), "run `make rows`"


def test_every_row_of_the_pack_has_a_test_named_after_it():
    named = named_tests()

    assert [] == [row.id for row in PACK.rows if row.id not in named]
    assert [] == [id_ for id_ in (*ROWS, *QUIRKS, *CLOCKS) if id_ not in named]
    assert {row.id for row in PACK.rows} == set(ROWS)
