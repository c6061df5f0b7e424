"""The page that maps every row of the protocol to its line and its test is the one that is built."""

import re
from pathlib import Path

from hub.protocol.pathway import OBLIGATIONS

ROOT = Path(__file__).parents[2]
LAST = 134


def page() -> str:
    files = sorted((ROOT / "tests/protocol").glob("test_*.py"))
    tests = [t for f in files for t in re.findall(r"^def (test_r\d\w+)", f.read_text(), re.MULTILINE)]
    lines = [
        "# The protocol's rows",
        "",
        "Source: practice guidance, February 2025; `L85` is a line of it. Written by `tests/protocol/test_rows_page.py`.",
        "",
        "| row | asks | guidance | kind | tests |",
        "|---|---|---|---|---|",
    ]
    for row in OBLIGATIONS:
        named = ", ".join(f"`{t}`" for t in tests if re.search(rf"_{row.id.lower()}(_|$)", t))
        lines.append(f"| {row.id} | {row.title} | {row.line} | {row.kind} | {named} |")
    built = {row.id for row in OBLIGATIONS}
    missing = [f"R{n}" for n in range(1, LAST + 1) if f"R{n}" not in built]
    lines += ["", f"Not built yet (issue 6), {len(missing)} rows: {', '.join(missing)}.", ""]
    return "\n".join(lines)


def test_the_page_is_the_one_that_is_built():
    file = ROOT / "docs" / "protocol-rows.md"

    assert page() == file.read_text()


if __name__ == "__main__":
    (ROOT / "docs" / "protocol-rows.md").write_text(page())
