"""Every lock in the tree is asked about: a library with a known fault is found in whichever it stands."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def scan(monkeypatch):
    """`make scan`, read as it is run: beside its neighbours in `.ci`."""
    monkeypatch.syspath_prepend(str(ROOT / ".ci"))
    spec = importlib.util.spec_from_file_location("scan", ROOT / ".ci/scan.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for neighbour in ("faults", "house"):
        monkeypatch.delitem(sys.modules, neighbour)
    return module


def answered(*, of="fine", vulns=()):
    """What pip-audit says of one library that the service answered for."""
    return {"name": of, "version": "1.0", "vulns": [{"id": each, "aliases": []} for each in vulns]}


UNANSWERED = {"name": "unknown", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def test_every_lock_of_the_tree_is_asked_about(scan):
    listed = subprocess.run(
        ["git", "ls-files", "*.lock"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert sorted(listed.stdout.split()) == sorted(scan.LOCKS)


def test_a_fault_stops_a_build_in_whichever_lock_its_library_stands(scan, capsys):
    for faulty in scan.LOCKS:
        said = {lock: [answered(of=lock, vulns=("GHSA-x",) if lock == faulty else ())] for lock in scan.LOCKS}

        assert scan.judged(said)
        assert f"{faulty}: 1 with known faults of 1 that the service answered for" in capsys.readouterr().out
    assert not scan.judged({lock: [answered()] for lock in scan.LOCKS})


@pytest.mark.parametrize("said", [[], [answered(), UNANSWERED]], ids=["nothing", "not all of it"])
def test_where_one_lock_was_not_answered_for_it_is_said_of_that_one_and_stops_who_wants_all(
    scan, capsys, monkeypatch, said
):
    monkeypatch.delenv("HUB_SCAN_REQUIRE_ALL", raising=False)
    first, last = scan.LOCKS
    stops = [scan.judged({first: [answered()], last: said})]
    told = capsys.readouterr().out
    monkeypatch.setenv("HUB_SCAN_REQUIRE_ALL", "1")
    stops.append(scan.judged({first: [answered()], last: said}))

    assert [False, True] == stops
    assert f"{last}: NOT CHECKED" in told
    assert f"{first}: NOT CHECKED" not in told
