"""Takes each row out of the pack and runs the tests named after it: `make rows-bite`. A row whose tests still pass is
named, and the command fails: such a test would not notice if the row were lost."""

import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from hub.protocol import packs
from tests.protocol.rows_page import ROWS, named_tests

ROOM = Path("tests/protocol")
OPTIONS = ["-q", "--no-header", "--no-summary", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
FAILED = 1


def selected(tests: Iterable[str]) -> list[str]:
    """What pytest is asked for, from the names in the rows' table."""
    found, cases = [], []
    for name in tests:
        module, _, rest = name.partition("::")
        if rest:
            found.append(f"{ROOM / module}.py::{rest}")
        else:
            cases.append(name.partition("[")[2].rstrip("…]"))
    return [*found, *(f"{ROOM / 'test_asked.py'}::{case}" for case in asked(cases))]


def asked(rows: Iterable[str]) -> list[str]:
    """The drawn cases of these rows, by the ids that `test_asked` gives them."""
    from tests.protocol.asked import DEPARTS, TABLE, drawn, named

    return [
        f"{test}[{named(row)}-{n}]"
        for test, table in (
            ("test_a_row_asks_until_what_it_asks_is_recorded", TABLE),
            ("test_a_departure_is_recorded_and_asked_why_until_a_reason_is", DEPARTS),
        )
        for n, (row, *_) in enumerate(drawn(table))
        if named(row) in rows
    ]


def bites(row: str) -> tuple[str, int]:
    """Run the row's tests without the row, in this process, which then ends; the exit code of pytest."""
    read = packs._read

    def without(path: Path) -> packs._Written:
        written = read(path)
        written.said["rows"] = [one for one in written.said["rows"] if one["id"] != row]
        for listed in written.said.get("checklists", ()):
            listed["items"] = [one for one in listed["items"] if one["row"] != row]
        full = [one for one in written.said.get("checklists", ()) if one["items"]]
        return written._replace(said={**written.said, "checklists": full})

    packs._read = without
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 — a device
        os.dup2(nowhere.fileno(), 1)
        return row, int(pytest.main([*OPTIONS, *selected(named_tests()[row])]))


def main(rows: list[str]) -> int:
    """Every row, or those named; prints the ones that do not bite."""
    wanted = rows or ROWS
    context = get_context("fork")
    dull = []
    for row in wanted:  # each in a process of its own, so that no module remembers another pack
        with ProcessPoolExecutor(1, context) as one:
            _, code = one.submit(bites, row).result(timeout=120)
        if code != FAILED:
            dull.append(f"{row} (pytest ended with {code})")
    print(f"{len(wanted) - len(dull)} of {len(wanted)} rows: a test named after the row fails without it")  # noqa: T201
    for row in dull:
        print(f"  does not bite: {row}")  # noqa: T201
    return 1 if dull else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
