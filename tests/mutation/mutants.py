"""Wrong copies of a module: each with one small change of the kind that people make."""

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

PAIRS = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.Add, ast.Sub),
)
SWAPPED = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])} | {ast.BitOr: ast.BitAnd}


class Mutant(NamedTuple):
    """One wrong copy: its line, what was changed, and its source."""

    line: int
    change: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every wrong copy there is of a source, by line; types, docstrings and names are left alone."""
    tree = ast.parse(source)
    places = [node for node in ast.walk(tree) if isinstance(node, ast.AST) and hasattr(node, "lineno")]
    left_alone = _annotations(tree) | _docstrings(tree)
    found = []
    for number, node in enumerate(places):
        if id(node) in left_alone:
            continue
        for change, alter in _changes(node):
            wrong = copy.deepcopy(tree)
            copied = [n for n in ast.walk(wrong) if isinstance(n, ast.AST) and hasattr(n, "lineno")][number]
            alter(copied)
            found.append(Mutant(node.lineno, change, ast.unparse(ast.fix_missing_locations(wrong))))
    return iter(sorted(found, key=lambda m: m.line))


def _changes(node):  # noqa: C901 — a table of changes
    match node:
        case ast.Compare(ops=[op]) if type(op) in SWAPPED:
            yield _named(op), lambda n: n.ops.__setitem__(0, SWAPPED[type(n.ops[0])]())
        case ast.BoolOp(op=op):
            yield _named(op), lambda n: setattr(n, "op", SWAPPED[type(n.op)]())
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            yield _named(op), lambda n: setattr(n, "op", SWAPPED[type(n.op)]())
        case ast.UnaryOp(op=ast.Not()):
            yield "not gone", lambda n: _become(n, ast.Call(ast.Name("bool", ast.Load()), [n.operand], []))
        case ast.If() | ast.IfExp():
            yield "always", lambda n: setattr(n, "test", ast.Constant(True))
            yield "never", lambda n: setattr(n, "test", ast.Constant(False))
        case ast.Raise():
            yield "raises not", lambda n: _become(n, ast.Pass())
        case ast.Expr(value=ast.Call()):
            yield "does not", lambda n: _become(n, ast.Pass())
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield "tells nothing", lambda n: setattr(n, "value", ast.Constant(None))
        case ast.Constant(value=bool()):
            yield "other truth", lambda n: setattr(n, "value", not n.value)
        case ast.Constant(value=int()):
            yield "one more", lambda n: setattr(n, "value", n.value + 1)
        case ast.Constant(value=bytes(text)) if text:
            yield "other bytes", lambda n: setattr(n, "value", n.value + b"x")


def _become(node, other):
    node.__class__ = other.__class__
    fields = {name: getattr(other, name) for name in other._fields}
    for name in [*node._fields, *fields]:
        if name in fields:
            setattr(node, name, fields[name])


def _named(op):
    return f"{type(op).__name__} becomes {SWAPPED[type(op)].__name__}"


def _is_none(node):
    return isinstance(node, ast.Constant) and node.value is None


def _annotations(tree):
    held = set()
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            said = getattr(node, name, None)
            if isinstance(said, ast.AST):
                held |= {id(n) for n in ast.walk(said)}
    return held


def _docstrings(tree):
    return {id(n) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
