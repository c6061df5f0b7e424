# ruff: noqa: ARG002 — the names are importlib's
"""Puts a wrong copy in the place of the real module: before it is imported, or into its living functions."""

import contextlib
import functools
import gc
import importlib.abc
import importlib.util
import sys
from collections.abc import Iterable, Iterator
from inspect import CO_OPTIMIZED
from types import CodeType, FunctionType


class OtherwiseThanInAFunction(Exception):
    """The wrong copy differs in what runs when the module is imported: it must be imported anew."""


class Instead(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Loads one module from other code, in a process that has not imported it yet."""

    def __init__(self, name: str, file: str, code: CodeType) -> None:
        self._name, self._file, self._code = name, file, code

    def find_spec(self, name, path=None, target=None):
        if name != self._name:
            return None
        return importlib.util.spec_from_file_location(name, self._file, loader=self)

    def get_code(self, fullname):
        return self._code

    def get_source(self, fullname):
        return None


def put_before_import(name: str, file: str, code: CodeType) -> None:
    """Let the module come from this code when it is imported."""
    sys.meta_path.insert(0, Instead(name, file, code))


class _Missing(importlib.abc.MetaPathFinder):
    """Lets one module not be found."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name, path=None, target=None):
        if name == self._name:
            raise ImportError


def import_without(missing: str, names: Iterable[str]) -> None:
    """Import those of these modules that can be where one is missing: they do not hold it."""
    missing_here = _Missing(missing)
    sys.meta_path.insert(0, missing_here)
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.meta_path.remove(missing_here)


class Living:
    """The functions of some files, whoever holds them, and what functions remember of their answers."""

    def __init__(self, files: set[str]) -> None:
        gc.unfreeze()  # what was read to collect tests was set aside (tests/conftest.py): none would be found
        there = gc.get_objects()
        gc.freeze()
        self._functions = [f for f in there if type(f) is FunctionType and f.__code__.co_filename in files]
        self._remembering = [
            each
            for each in there
            if type(each) is functools._lru_cache_wrapper and each.__module__.startswith(("hub.", "schemas."))
        ]

    def become(self, real: CodeType, wrong: CodeType) -> None:
        """Take the code of the wrong copy, and forget every answer.

        Raises OtherwiseThanInAFunction, before anything is changed.
        """
        of_file = [f for f in self._functions if f.__code__.co_filename == real.co_filename]
        found = [([f for f in of_file if f.__code__ == old], new) for old, new in _differing(real, wrong)]
        if not all(functions for functions, _ in found):
            raise OtherwiseThanInAFunction
        if any(f.__code__.co_freevars != new.co_freevars for functions, new in found for f in functions):
            raise OtherwiseThanInAFunction
        for functions, new in found:
            for function in functions:
                function.__code__ = new
        for each in self._remembering:
            each.cache_clear()


def _differing(real: CodeType, wrong: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions that differ, outermost only. Raises OtherwiseThanInAFunction."""
    if real == wrong:
        return
    if real.co_flags & CO_OPTIMIZED and (real.co_name == "<lambda>" or not real.co_name.startswith("<")):
        yield real, wrong
        return
    ours, theirs = (_without_inner(code) for code in (real, wrong))
    inner = [[c for c in code.co_consts if isinstance(c, CodeType)] for code in (real, wrong)]
    if ours != theirs or len(inner[0]) != len(inner[1]) or real.co_flags & CO_OPTIMIZED:
        raise OtherwiseThanInAFunction
    for old, new in zip(*inner, strict=True):
        yield from _differing(old, new)


def _without_inner(code: CodeType) -> tuple[object, ...]:
    consts = [(type(c), repr(c)) for c in code.co_consts if not isinstance(c, CodeType)]
    return code.co_code, code.co_names, code.co_varnames, consts
