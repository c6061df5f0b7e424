"""Runs `hub-publish` for a program that publishes often: one process, a command a line, an answer a line."""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout

USAGE = 2

Run = Callable[[Sequence[str]], int]
"""Runs the command with arguments as if it stood alone; tells its exit code."""


def answers(lines: Iterable[str], run: Run) -> Iterator[str]:
    """The answer to each job, in order: its exit code and what it said, as one line of JSON.

    A job is a JSON list of the arguments that would stand on the command line. One that is not is answered
    with the code of wrong usage, and the next is read.
    """
    for line in lines:
        out, err = io.StringIO(), io.StringIO()
        arguments = _arguments(line)
        if arguments is None:
            code = USAGE
            err.write("hub-publish: a job is a JSON list of arguments\n")
        else:
            with redirect_stdout(out), redirect_stderr(err):
                code = run(arguments)
        yield json.dumps({"code": code, "out": out.getvalue(), "err": err.getvalue()})


def _arguments(line: str) -> list[str] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, list) and all(isinstance(one, str) for one in said) else None
