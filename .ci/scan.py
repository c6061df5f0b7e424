"""Looks for what is dangerous in code, for secrets in files, and for known faults in dependencies.

`python .ci/scan.py`: one line each, and exit code 1 where something was found. What could not be looked at is
said, and is no failure unless HUB_SCAN_REQUIRE_ALL is set: a build without a network still builds.
"""

# ruff: noqa: INP001, T201 — what it prints is what it is run for
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import faults
import house
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CODE = ("hub", "adapters", "schemas")
LOOKED_THROUGH = (
    *CODE,
    "docs",
    "benchmarks",
    ".ci",
    "docker-compose.yml",
    "Dockerfile",
    "Makefile",
    "README.md",
)
GENERATED = ("hub/web/static/govuk-frontend.min.css", "schemas/published/")
"""Compared by tests with what they are made from."""
LOCKS = ("requirements.lock", ".ci/semgrep.lock")
"""What is installed: for the hub, and apart from it for semgrep, which looks at its code in every build."""
SECONDS = 90
"""To ask about one lock."""
Answer = dict[str, Any]
"""What pip-audit says of one dependency: `vulns` where the service knew it."""


def main() -> int:
    """Run every look; the exit code."""
    found = [_code("ruff", "check", "--quiet", "--select", "S", *CODE), _code(*BANDIT)]
    found += [_house(), _secrets(), _faults()]
    return 1 if any(found) else 0


BANDIT = ("bandit", "--quiet", "--recursive", "-ll", "--skip", "B301,B310,B608", *CODE)
"""Of middle severity and more; the three skipped are ruff's S301, S310 and S608, said there with a reason."""


def _code(tool: str, *how: str) -> bool:
    done = subprocess.run([BIN / tool, *how], cwd=ROOT, check=False)  # noqa: S603 — our own arguments
    print(f"{tool}: {'FOUND something' if done.returncode else 'nothing'} in {', '.join(CODE)}")
    return done.returncode != 0


def _house() -> bool:
    """Try the house's rules on what they must find, then look with them."""
    try:
        programs = house.installed()
    except house.NotChecked:
        print("semgrep: NOT CHECKED: it is not installed and cannot be had")
        return "HUB_SCAN_REQUIRE_ALL" in os.environ
    lines = house.toothless(programs) + house.found(programs, ROOT, CODE)
    for line in lines:
        print(line)
    print(f"semgrep: {'FOUND something' if lines else 'nothing'} in {', '.join(CODE)} by the house's rules")
    return bool(lines)


def _secrets() -> bool:
    """Compare with the baseline by file and hash: a line that moved is the same line."""
    baseline = json.loads((ROOT / ".secrets.baseline").read_text())
    read = {(file, one["hashed_secret"]) for file, all_ in baseline["results"].items() for one in all_}
    new, files = [], list(_files())
    plugins = [one for one in baseline["plugins_used"] if one["name"] != "IPPublicDetector"]
    with transient_settings({"plugins_used": plugins, "filters_used": FILTERS}):  # 3.1.3.7 is a section
        for file in files:
            new += [s for s in scan_file(file) if (file, s.secret_hash) not in read]
    for secret in new:
        print(f"{secret.filename}:{secret.line_number}: {secret.type}")
    print(f"detect-secrets: {len(new)} new in {len(files)} files; {len(read)} were read and are none")
    return bool(new)


FILTERS = [
    {"path": "detect_secrets.filters.allowlist.is_line_allowlisted"},
    {"path": "detect_secrets.filters.heuristic.is_indirect_reference"},
    {"path": "detect_secrets.filters.heuristic.is_likely_id_string"},
    {"path": "detect_secrets.filters.heuristic.is_potential_uuid"},
    {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
    {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
]


def _files() -> Iterator[str]:
    listed = ["git", "ls-files", "-z", *LOOKED_THROUGH]
    done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 — likewise
    for file in filter(None, done.stdout.split("\0")):
        if not file.startswith(GENERATED):
            yield file


def _faults() -> bool:
    """Ask the advisory service about every locked dependency, lock by lock: two pin one library otherwise."""
    return judged({lock: _asked(lock) for lock in LOCKS})


def _asked(lock: str) -> list[Answer]:
    """What the service says of each dependency of a lock; nothing where it could not be asked."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "audit.json"
        asked = ["pip-audit", "--requirement", lock, "--no-deps", "--disable-pip"]
        how = [BIN / asked[0], *asked[1:], "--progress-spinner", "off", "-f", "json", "-o", told]
        try:
            subprocess.run(how, cwd=ROOT, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 — likewise
            found: list[Answer] = json.loads(told.read_text())["dependencies"]
        except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
            return []
        return found


def judged(said: Mapping[str, list[Answer]]) -> bool:
    """Count those that the service really answered for, by lock; whether anything of it stops a build."""
    names: list[set[str]] = []
    unasked = False
    for lock, dependencies in said.items():
        answered = [one for one in dependencies if "vulns" in one]
        faulty = [one for one in answered if one["vulns"]]
        for one in faulty:
            print(f"{one['name']} {one['version']}: {', '.join(v['id'] for v in one['vulns'])}")
            names += [{v["id"], *v.get("aliases", ())} for v in one["vulns"]]
        of = f"{len(faulty)} with known faults of {len(answered)} that the service answered for"
        print(f"pip-audit: {lock}: {of}")
        if not answered or len(answered) < len(dependencies):
            print(f"pip-audit: {lock}: NOT CHECKED: the service cannot be reached, or knows not all of it")
            unasked = True
    stops = list(faults.late(faults.registered(faults.REGISTER.read_text()), names, date.today()))  # noqa: DTZ011
    for line in stops:
        print(f"faults: {line}")
    strict = "HUB_SCAN_REQUIRE_ALL" in os.environ
    for lock in said:
        if date.today() - _locked(lock) > faults.LIBRARIES_LOOKED_AT:  # noqa: DTZ011 — a day is near enough
            print(f"faults: {lock} is older than a quarter: look what is newer")
            stops += ["old"] if strict else []
    return bool(stops) or (unasked and strict)


def _locked(lock: str) -> date:
    """When a lock was last made anew."""
    asked = ["git", "log", "-1", "--format=%cs", lock]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 — likewise
    return date.fromisoformat(done.stdout.strip()) if done.stdout.strip() else date.today()  # noqa: DTZ011


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
