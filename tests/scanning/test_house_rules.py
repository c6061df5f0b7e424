"""The scan by the house's own rules finds what is planted, and does not pass where it looked at nothing."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _loaded():
    spec = importlib.util.spec_from_file_location("house", ROOT / ".ci/house.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


house = _loaded()


@pytest.fixture(scope="module")
def programs():
    """semgrep, where `make scan` was run before; the tests themselves ask no network for it."""
    there = Path(sys.prefix) / "semgrep"
    if not (there / ".made-from").exists():
        pytest.skip("semgrep is not installed: make scan")
    return there / "bin"


def _planted(folder, text):
    (folder / "hub").mkdir()
    (folder / "hub" / "planted.py").write_text(text)
    return folder


@pytest.mark.slow
def test_what_is_planted_is_found_by_line_and_rule(programs, tmp_path):
    root = _planted(tmp_path, "def f(event, log):\n    log.info('read %s', event.date_of_birth)\n")

    assert ["hub/planted.py:2: a-childs-data-in-a-log-or-error"] == house.found(programs, root, ["hub"])


@pytest.mark.slow
def test_a_file_that_cannot_be_read_as_python_is_no_clean_file(programs, tmp_path):
    root = _planted(tmp_path, "def f(:\n    pickle.loads(\n")

    assert house.found(programs, root, ["hub"])


@pytest.mark.slow
def test_a_folder_without_a_file_is_no_clean_folder(programs, tmp_path):
    (tmp_path / "hub").mkdir()

    assert "no file was looked at" in house.found(programs, tmp_path, ["hub"])


@pytest.mark.slow
def test_a_file_that_is_passed_over_is_named(programs, tmp_path):
    root = _planted(tmp_path, "x = 1\n" * 200_000)  # more than a megabyte: semgrep leaves it out
    (root / "hub" / "other.py").write_text("y = 1\n")

    assert ["hub/planted.py: not looked at"] == house.found(programs, root, ["hub"])


@pytest.mark.slow
def test_rules_that_cannot_be_read_are_no_clean_code(programs, tmp_path):
    root = _planted(tmp_path, "x = 1\n")
    (root / "rules.yaml").write_text("rules:\n  - id: nothing-more\n")

    assert house.found(programs, root, ["hub"], root / "rules.yaml")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "instead", "said"),
    [
        ("random.$DRAW(...)", "chance.$DRAW(...)", "chance-that-can-be-guessed: finds nothing of what"),
        ("os.system(...)", "os.mystem(...)", "a-command-as-one-string: finds not all, or more than, what"),
        (
            "random.$DRAW(...)",
            "$ANY.$DRAW(...)",
            "chance-that-can-be-guessed: finds not all, or more than, what",
        ),
    ],
)
def test_a_rule_that_finds_less_or_more_is_named(programs, tmp_path, pattern, instead, said):
    rules, tried = tmp_path / "house.yaml", tmp_path / "house.py"
    rules.write_text(house.RULES.read_text().replace(pattern, instead))
    tried.write_text(house.TRIED.read_text())

    assert [f"{said} house.py says"] == house.toothless(programs, rules, tried)


@pytest.mark.slow
def test_a_rule_that_is_not_tried_is_named(programs, tmp_path):
    rules, tried = tmp_path / "house.yaml", tmp_path / "house.py"
    rules.write_text(house.RULES.read_text())
    tried.write_text(house.TRIED.read_text().replace("# ok: chance-that-can-be-guessed", "#"))

    said = house.toothless(programs, rules, tried)

    assert ["chance-that-can-be-guessed: nothing in house.py says what it must leave be"] == said


@pytest.mark.slow
def test_every_rule_finds_what_it_must_and_nothing_else(programs):
    assert [] == house.toothless(programs)


def test_where_it_cannot_be_installed_it_is_said_and_leaves_nothing_that_looks_installed(
    tmp_path, monkeypatch
):
    (tmp_path / "lock").write_text("semgrep==0.0.0.0\n")
    monkeypatch.setattr(house, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(house.NotChecked):
        house.installed()

    assert not (tmp_path / "semgrep" / ".made-from").exists()
