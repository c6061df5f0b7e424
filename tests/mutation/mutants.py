"""Wrong copies of a module: each with one small change of the kind that people make."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType
from typing import NamedTuple

PAIRS = (
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
    (ast.And, ast.Or),
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.LShift, ast.RShift),
)
SWAPPED = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
SWAPPED |= {ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitAnd}


class Mutant(NamedTuple):
    """One wrong copy, said so that it is found again after lines above it moved."""

    key: str
    """`function: change: the line`, and which of several alike: what `survivors.toml` explains."""
    lines: range
    """Of the statement that is changed: whoever runs none of them can hardly notice."""
    around: range
    """Of the function it stands in: what was made once and kept is noticed elsewhere in it."""
    code: Callable[[], CodeType]
    """The wrong copy, compiled, with the lines of the real one."""


class _Place(NamedTuple):
    node: ast.AST
    function: str
    statement: range
    around: range


def mutants(source: str, file: str = "<mutant>") -> list[Mutant]:
    """Every wrong copy there is of a source; types, docstrings, names and sentences are left alone."""
    text, seen, found = source.splitlines(), Counter(), []
    for number, place in enumerate(_places(ast.parse(source))):
        for which, (change, _) in enumerate(_changes(place.node)):
            key = f"{place.function}: {change}: {_without_comment(text[place.node.lineno - 1])}"
            seen[key] += 1
            key += f" #{seen[key]}" if seen[key] > 1 else ""
            found.append(
                Mutant(key, place.statement, place.around, partial(_compiled, source, file, number, which))
            )
    return found


def _without_comment(line: str) -> str:
    return line.split("  # ", 1)[0].strip()


def _compiled(source: str, file: str, number: int, which: int) -> CodeType:
    tree = ast.parse(source)
    node = list(_places(tree))[number].node
    list(_changes(node))[which][1](node)
    return compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)


def _places(tree: ast.Module) -> Iterator[_Place]:
    """Every node with a line, in the order of the source, with its function and its statement's lines."""
    yield from _inside(tree, "the module", range(0), range(0))


def _inside(node: ast.AST, function: str, statement: range, around: range) -> Iterator[_Place]:
    if isinstance(node, ast.stmt):
        statement = _own_lines(node)
    if hasattr(node, "lineno"):
        yield _Place(node, function, statement, around)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = node.name if function == "the module" else f"{function}.{node.name}"
        if not isinstance(node, ast.ClassDef):
            around = around or range(node.body[0].lineno, node.end_lineno + 1)
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _said(child, node):
                yield from _inside(child, function, statement, around)


def _own_lines(node: ast.stmt) -> range:
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body:
        return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    first = body[0].lineno if hasattr(body[0], "lineno") else body[0].pattern.lineno
    return range(node.lineno, max(first, node.lineno + 1))


def _said(node: ast.AST, parent: ast.AST) -> bool:
    """Text for people, names for tools, and that a zip is strict, which is an assertion."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    match parent:
        case ast.Expr() | ast.JoinedStr() | ast.FormattedValue() | ast.Call(func=ast.Name(id="TypeVar")) if (
            is_text
        ):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True  # for `import *`, which nobody here does; ruff sees a name in it that there is not
        case ast.FormattedValue():
            return isinstance(node, ast.JoinedStr)  # a format
        case ast.Subscript(value=ast.Name(id="Literal")):
            return node is parent.slice  # a type
        case ast.Call(func=ast.Name(id="zip")):
            return isinstance(node, ast.keyword)
    return False


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], object]]]:  # noqa: C901, PLR0912 — a table
    match node:
        case ast.Compare(ops=ops):
            for number, op in enumerate(ops):
                if type(op) in SWAPPED:
                    yield _named(op), partial(_swap, number=number)
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPPED:
            yield _named(op), lambda n: setattr(n, "op", SWAPPED[type(n.op)]())
        case ast.UnaryOp(op=ast.Not()):
            yield "not gone", lambda n: _become(n, ast.Call(ast.Name("bool", ast.Load()), [n.operand], []))
        case ast.If() | ast.IfExp():
            yield "always", lambda n: setattr(n, "test", ast.Constant(True))
            yield "never", lambda n: setattr(n, "test", ast.Constant(False))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            if any(each.ifs for each in node.generators):
                yield "all of them", lambda n: [each.ifs.clear() for each in n.generators]
        case ast.Match(cases=cases) if len(cases) > 1:
            for number in range(len(cases)):
                yield f"case {number + 1} gone", partial(_without_case, number=number)
        case ast.Raise():
            yield "raises not", lambda n: _become(n, ast.Pass())
        case ast.Break() | ast.Continue():
            yield (
                "goes on otherwise",
                lambda n: _become(n, ast.Continue() if isinstance(n, ast.Break) else ast.Break()),
            )
        case ast.Expr(value=ast.Call()):
            yield "does not", lambda n: _become(n, ast.Pass())
        case ast.Return(value=value) if value is not None and not _is_nothing(value):
            yield "tells nothing", lambda n: setattr(n, "value", ast.Constant(None))
        case ast.Constant(value=bool()):
            yield "other truth", lambda n: setattr(n, "value", not n.value)
        case ast.Constant(value=int() | float()):
            yield "one more", lambda n: setattr(n, "value", n.value + 1)
        case ast.Constant(value=bytes(text)) if text:
            yield "other bytes", lambda n: setattr(n, "value", n.value + b"x")
        case ast.Constant(value=str(text)) if text and not any(c.isspace() for c in text):
            yield "other word", lambda n: setattr(n, "value", n.value + "x")


def _swap(node, number):
    node.ops[number] = SWAPPED[type(node.ops[number])]()


def _without_case(node, number):
    del node.cases[number]


def _become(node, other):
    node.__class__ = other.__class__
    fields = {name: getattr(other, name) for name in other._fields}
    for name in [*node._fields, *fields]:
        if name in fields:
            setattr(node, name, fields[name])


def _named(op):
    return f"{type(op).__name__} becomes {SWAPPED[type(op)].__name__}"


def _is_nothing(node):
    return isinstance(node, ast.Constant) and node.value in {None, False}
