"""What this house forbids and no other tool can see: semgrep with the rules of `rules/house.yaml` only.

semgrep pins libraries at other versions than the hub, so it has an environment of its own inside the
hub's, made from `semgrep.lock` the first time and kept. It asks no registry, sends no figures, needs no home.
"""

# ruff: noqa: INP001, S603 — commands are our own arguments; what it prints is what it is run for
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
RULES = HERE / "rules" / "house.yaml"
TRIED = HERE / "rules" / "house.py"
LOCK = HERE / "semgrep.lock"
ALONE = ("--metrics=off", "--disable-version-check")
TO_INSTALL, TO_LOOK = 300, 300
"""Seconds; on two cores 20 and 12 were measured."""


class NotChecked(Exception):
    """semgrep is not here and cannot be had."""


def installed() -> Path:
    """The folder of semgrep's programs, made if not there or of another lock. Raises NotChecked."""
    there = Path(sys.prefix) / "semgrep"
    made, of_lock = there / ".made-from", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not made.exists() or made.read_text() != of_lock:
        make = [sys.executable, "-m", "venv", "--clear", there]
        fill = [there / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        try:
            subprocess.run(make, check=True, capture_output=True, timeout=TO_INSTALL)
            told = [*fill, "--retries=1", "--no-deps", "--requirement", LOCK]
            subprocess.run(told, check=True, capture_output=True, timeout=TO_INSTALL)
        except (OSError, subprocess.SubprocessError):
            raise NotChecked from None
        made.write_text(of_lock)
    return there / "bin"


def found(programs: Path, root: Path, code: Sequence[str], rules: Path = RULES) -> list[str]:
    """A line for each finding in `code`, and for whatever kept semgrep from looking at all of it."""
    done = _run(programs, root, "--json", "--error", "--strict", "--jobs=2", "--config", str(rules), *code)
    try:
        said = json.loads(done.stdout)
        looked_at = set(said["paths"]["scanned"])
        lines = [f"{one['path']}:{one['start']['line']}: {_rule(one['check_id'])}" for one in said["results"]]
        lines += [f"{one.get('path', 'semgrep')}: {one['type']}" for one in said["errors"]]
    except (ValueError, KeyError):
        return [f"semgrep ended with {done.returncode} and no result"]
    passed_over = _python(root, code) - looked_at
    lines += [f"{file}: not looked at" for file in sorted(passed_over)]
    if not looked_at:
        lines.append("no file was looked at")
    if done.returncode and not lines:
        lines.append(f"semgrep ended with {done.returncode}")
    return lines


def toothless(programs: Path, rules: Path = RULES, tried: Path = TRIED) -> list[str]:
    """A line for each rule that finds not what it must, or what it must not, or is not tried both ways."""
    named = set(re.findall(r"^ *- id: (\S+)", rules.read_text(), re.MULTILINE))
    text = tried.read_text()
    lines = [
        f"{rule}: nothing in {tried.name} says what it {what}"
        for mark, what in (("ruleid", "must find"), ("ok", "must leave be"))
        for rule in sorted(named - set(re.findall(r"[\w-]+", " ".join(re.findall(rf"# {mark}: (.*)", text)))))
    ]
    done = _run(programs, tried.parent, "--test", "--json", "--config", str(rules), str(tried))
    try:
        checks = [
            one for file in json.loads(done.stdout)["results"].values() for one in file["checks"].items()
        ]
    except (ValueError, KeyError):
        dead = [rule for rule in sorted(named) if f"'{rule}'" in done.stdout + done.stderr]
        lines += [f"{rule}: finds nothing of what {tried.name} says" for rule in dead]
        return lines or [f"semgrep ended with {done.returncode} and tried nothing"]
    lines += [
        f"{_rule(rule)}: finds not all, or more than, what {tried.name} says"
        for rule, how in checks
        if not how["passed"]
    ]
    if done.returncode and not lines:
        lines.append(f"semgrep ended with {done.returncode}")
    return lines


def _run(programs: Path, root: Path, *how: str) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory() as home:
        own = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "SEMGREP_SEND_METRICS": "off"}
        kept = {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "PYTHONUTF8": "1"}
        command = [programs / "semgrep", "scan", *ALONE, *how]
        try:
            return subprocess.run(
                command,
                cwd=root,
                env={**kept, **own},
                capture_output=True,
                text=True,
                timeout=TO_LOOK,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(command, -1, "", "")


def _python(root: Path, code: Sequence[str]) -> set[str]:
    return {file.relative_to(root).as_posix() for part in code for file in (root / part).rglob("*.py")}


def _rule(check: str) -> str:
    return check.rpartition(".")[2]
