"""The tool that tells whether tests notice: what it changes, and that what it explains is still there."""

import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutation.examining import ROOT, Coverage, Room, Subject, importing
from tests.mutation.instead import Living, OtherwiseThanInAFunction
from tests.mutation.mutants import mutants

HERE = Path(__file__).parent
EXPLAINED = tomllib.loads((HERE / "survivors.toml").read_text())
ROOMS = tomllib.loads((HERE / "rooms.toml").read_text())
SOURCE = '''"""Said."""

__all__ = ["admit"]
LIMIT = 3


def admit(age, *, sealed: "bool" = False):
    """Said too."""
    if age <= LIMIT and not sealed:
        raise ValueError("too young for this")
    return [a for a in range(age) if 0 < a < age]
'''
COLLECTED = ModuleType("examined")
exec(compile(SOURCE, "examined.py", "exec"), COLLECTED.__dict__)


@pytest.mark.parametrize("name", EXPLAINED)
def test_whatever_is_explained_is_still_a_change_of_the_module(name):
    there = {mutant.key for mutant in mutants(Subject(name).source)}

    assert set() == set(EXPLAINED[name]) - there
    assert all(EXPLAINED[name].values())


def test_every_module_there_is_stands_in_one_room_whose_tests_there_are():
    names = [name for room in ROOMS.values() for name in room["modules"]]

    assert all(Path(Subject.file_of(name)).exists() for name in names)
    assert sorted(set(names)) == sorted(names)
    assert set(EXPLAINED) <= set(names)
    assert all((ROOT / test).exists() for room in ROOMS.values() for test in room["tests"])


def test_what_people_get_wrong_is_made_wrong_and_sentences_and_types_are_left_alone():
    assert [
        "the module: one more: LIMIT = 3",
        'admit: other truth: def admit(age, *, sealed: "bool" = False):',
        "admit: always: if age <= LIMIT and not sealed:",
        "admit: never: if age <= LIMIT and not sealed:",
        "admit: And becomes Or: if age <= LIMIT and not sealed:",
        "admit: LtE becomes Lt: if age <= LIMIT and not sealed:",
        "admit: not gone: if age <= LIMIT and not sealed:",
        'admit: raises not: raise ValueError("too young for this")',
        "admit: tells nothing: return [a for a in range(age) if 0 < a < age]",
        "admit: all of them: return [a for a in range(age) if 0 < a < age]",
        "admit: Lt becomes LtE: return [a for a in range(age) if 0 < a < age]",
        "admit: Lt becomes LtE: return [a for a in range(age) if 0 < a < age] #2",
        "admit: one more: return [a for a in range(age) if 0 < a < age]",
    ] == [mutant.key for mutant in mutants(SOURCE)]


def test_a_living_function_that_was_read_to_collect_tests_takes_the_wrong_code_whoever_holds_it():
    held, every = COLLECTED.admit, mutants(SOURCE, "examined.py")
    found = {mutant.key.split(": ")[1]: mutant for mutant in every}
    real = compile(SOURCE, "examined.py", "exec")
    living = Living({"examined.py"})

    living.become(real, found["raises not"].code())
    assert [1] == held(2)
    with pytest.raises(OtherwiseThanInAFunction):
        living.become(real, every[0].code())


def test_of_a_module_of_fields_alone_the_tests_that_import_it_are_asked():
    files = importing(Room(("tests/sharing",)), "hub.sharing.access_view")
    took = {"tests/sharing/test_access_view.py::one": 0.1, "tests/sharing/test_least.py::other": 0.1}
    said = {"took": took, "shared": dict.fromkeys(took, ()), "modules": {"hub.sharing.access_view": ("", {})}}
    seen = Coverage([said], 10.0, {"hub.sharing.access_view": files})

    assert ["tests/sharing/test_access_view.py::one"] == seen.tests("hub.sharing.access_view")
