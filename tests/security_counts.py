"""Prints how much the tests of section 6 of the security design looked at: `python -m tests.security_counts`.

The tests say it themselves (the `counted` fixture), while they run; a row whose tests fail has no figure.
"""

# ruff: noqa: T201 — what it prints is what it is run for
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROWS = {
    1: ("Primitives against published vectors", ["tests/confidentiality/test_published_vectors.py"]),
    2: ("Envelope", ["tests/confidentiality/test_sealing.py"]),
    3: ("Frozen vectors", ["tests/confidentiality/test_frozen_vectors.py"]),
    4: ("Policy: every situation, oracle, mutants", ["tests/sharing"]),
    5: ("Canaries", ["tests/properties/test_canaries.py", "tests/doors/test_route_canaries.py"]),
    6: ("Non-interference", ["tests/properties"]),
    7: ("Malformed input", ["tests/hostile"]),
    8: ("Tampering", ["tests/audit"]),
    9: ("Refusals; signatures on the bus", ["tests/doors/test_refusals.py", "tests/intake/test_ingest.py"]),
    10: ("Faults", ["tests/faults"]),
    11: ("Erasure", ["tests/disposal", "tests/backup"]),
    12: (
        "Routes and generated requests",
        ["tests/doors/test_generated_requests.py", "tests/web/test_app.py"],
    ),
    15: ("OWASP ASVS 5.0", ["tests/doors/test_asvs.py"]),
    16: ("Budgets", ["tests/doors/test_budgets.py"]),
}
"""What each row is, and the tests that stand for it. 13 is `make mutants`, 14 is `make scan`."""


def main() -> int:
    """Run the tests of the rows asked for (all, without) and print what they counted."""
    asked = [int(row) for row in sys.argv[1:]] or list(ROWS)
    files = sorted({file for row in asked for file in ROWS[row][1] if Path(file).exists()})
    with tempfile.TemporaryDirectory() as folder:
        counts, junit = Path(folder) / "counts", Path(folder) / "junit.xml"
        run = [sys.executable, "-m", "pytest", "-q", "-n", "2", f"--junitxml={junit}", *files]
        done = subprocess.run(run, env={**os.environ, "HUB_COUNTS": str(counts)}, check=False)
        said = counts.read_text().splitlines() if counts.exists() else []
        passed = _passed(junit)
    told = defaultdict(Counter)
    for line in said:
        row, what, number = line.split("\t")
        told[int(row)][what] += int(number)
    for row in asked:
        named = ROWS[row][1]
        tests = sum(n for file, n in passed.items() if any(_under(file, name) for name in named))
        print(f"{row:>2}  {ROWS[row][0]}: {tests} tests passed")
        for what, number in told[row].items():
            print(f"      {number:>9,}  {what}")
    return done.returncode


def _passed(junit: Path) -> dict[str, int]:
    from xml.etree import ElementTree as ET

    found: dict[str, int] = defaultdict(int)
    for case in ET.parse(junit).iter("testcase"):
        if not len(case):
            found[case.get("classname", "").replace(".", "/")] += 1
    return found


def _under(file: str, name: str) -> bool:
    return f"{file}.py" == name or file.startswith(f"{name}/")


if __name__ == "__main__":
    sys.exit(main())
