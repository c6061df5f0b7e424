"""The command `hub` as it is typed, run in this process: its exit code, what it said, and its errors."""

from typing import NamedTuple

from hub import __main__ as command


class Done(NamedTuple):
    code: int
    out: str
    err: str


def hub(monkeypatch, capsys, *arguments, data=None):
    """Run `hub` with these arguments, as wide as a usual terminal."""
    where = ["--data", str(data)] if data else []
    monkeypatch.setattr("sys.argv", ["hub", *where, *arguments])
    monkeypatch.setenv("COLUMNS", "100")
    capsys.readouterr()
    code = 0
    try:
        command.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    return Done(code, *capsys.readouterr())
