"""How commands speak: data on standard output, progress and errors on standard error, times in London."""

import signal
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import typer
from eventsourcing.persistence import PersistenceError

from hub.compose import Hub, open_hub
from hub.errors import HubError, Refused, Unavailable, UnknownChild
from hub.settings import Settings, load
from hub.terminal import spelt_out

T = TypeVar("T")

LONDON = ZoneInfo("Europe/London")
SHORTEST = 8
"""Characters of an id's beginning that are enough; shorter ones are too often shared."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]

_days = {
    "minute": "%a %d %b %Y %H:%M",
    "hour": "%a %d %b %Y %Hh",
    "day": "%a %d %b %Y",
    "month": "%B %Y",
    "year": "%Y",
}


def say(text: str = "") -> None:
    """Print a line of data."""
    typer.echo(spelt_out(text))


def say_aside(text: str) -> None:
    """Print a line that is no data: what happens meanwhile."""
    typer.echo(spelt_out(text), err=True)


def say_if_late(hub: Hub) -> None:
    """Say aside that what was drawn may not be all: an empty list must not pass for nothing to do.

    Asked before the list is read: what is drawn in between makes it more, and never the word a lie.
    """
    if hub.drawn.late():
        say_aside("not all that was recorded or fell due is drawn yet: this may not be all (hub follow)")


def say_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    typer.echo(spelt_out(msgspec.json.encode(value).decode()))


def say_each(found: Sequence[T], lines: Callable[[T], Iterable[str]], none: str, *, json: bool) -> None:
    """Print what was found, each in its lines, or that there is none; or all of it as JSON."""
    if json:
        say_json(found)
        return
    for one in found:
        for line in lines(one):
            say(line)
    if not found:
        say(none)


def when(at: datetime, precision: str = "minute") -> str:
    """A time as people say it here, no more exact than it is known."""
    return at.astimezone(LONDON).strftime(_days[precision])


def settings_of(context: typer.Context) -> Settings:
    """The settings of the folder named by --data."""
    found: Settings = load(context.obj)
    return found


@contextmanager
def opened(context: typer.Context, *, adopting: bool = False) -> Iterator[Hub]:
    """The hub in the folder named by --data; `adopting` as in `open_hub`."""
    with open_hub(settings_of(context), adopting=adopting) as hub:
        yield hub


def waiting_said(hub: Hub) -> str:
    """What lies on disk and is not used, since nobody adopted it; empty where nothing waits."""
    waits = hub.policies.waiting()
    if waits is None:
        return ""
    if waits.fault:
        return f"NOT USED: what lies on disk is no policy ({waits.fault})"
    return f"WAITS TO BE ADOPTED, not used until then: policy {waits.name} (hub policy diff, adopt)"


def policy_said(hub: Hub) -> Iterator[str]:
    """Which policy is in force, whether somebody adopted it, and what waits; nothing in a demonstration."""
    if hub.demo:
        return
    nobody = "as it lies on disk: adopted by nobody (hub policy adopt)"
    yield f"policy {hub.policy.name}, {'adopted' if hub.policies.adopted else nobody}"
    if said := waiting_said(hub):
        yield said


def child_named(hub: Hub, named: str) -> UUID:
    """The child of an id, or of the first eight or more characters of one. Raises UnknownChild."""
    try:
        return UUID(named)
    except ValueError:
        none = UnknownChild("no record under this id")
        return one_named(
            named, hub.records.children(), none, "more than one child's id begins so; give more of it"
        )


def one_named(named: str, ids: Iterable[UUID], none: HubError, several: str) -> UUID:
    """The one of these that is meant by its id or the first eight or more characters of it.

    Raises `none` where there is no such one, or too little is said; Refused in the words of `several`.
    """
    found = [id_ for id_ in ids if id_.hex.startswith(named.replace("-", ""))]
    if len(named) < SHORTEST or not found:
        raise none from None
    if len(found) > 1:
        raise Refused(several) from None
    return found[0]


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, where that is a terminal; calls advance it."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from hub.commands.bars import counting  # noqa: PLC0415 — most commands draw none, and start sooner

    with counting(what, total) as advance:
        yield advance


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or an interrupt came, to be asked between two batches. A second one ends it at once."""
    asked: list[int] = []

    def note(number: int, _: object) -> None:
        asked.append(number)
        for each, handler in before.items():
            signal.signal(each, handler)

    before = {each: signal.signal(each, note) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def run(app: typer.Typer) -> None:
    """Run the commands; an error a person can be told is one line, and the exit code says what kind it is."""
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as wrong:
        _stop(_usage(wrong), wrong.exit_code)
    except typer.Abort:
        _stop("Broken off", 1)
    except HubError as error:
        _stop(f"{type(error).title}: {error}" if str(error) else type(error).title, error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as fault:
        what = ": ".join(str(part) for part in (fault.filename, fault.strerror) if part)
        _stop(f"{Unavailable.title}: {what or 'the system refused it'}", Unavailable.exit_code)
    except (sqlite3.DatabaseError, PersistenceError) as fault:
        why = _unusable(fault)
        if why is None:
            raise
        _stop(f"{Unavailable.title}: a file of the data folder: {why}", Unavailable.exit_code)


def _usage(wrong: typer.TyperException) -> str:
    """What was typed wrong and how it is typed, in one line; nothing where the help was printed instead."""
    said = " ".join(wrong.format_message().split())
    if not said:
        return ""
    context = getattr(wrong, "ctx", None)
    told = f"Wrong usage: {said.removesuffix('.')}"
    if context is None:
        return told
    return f"{told}. {' '.join(context.get_usage().split())}; more: {context.command_path} --help"


def _unusable(fault: BaseException | None) -> str | None:
    """Why a SQLite file cannot be used, in SQLite's words, which hold no value; None: another fault."""
    while fault is not None:
        if type(fault) in {sqlite3.OperationalError, sqlite3.DatabaseError}:
            return str(fault)
        fault = fault.__cause__
    return None


def _stop(line: str, code: int) -> NoReturn:
    if line:
        say_aside(line)
    sys.exit(code)


def uuid_of(text: str, hint: str = "") -> UUID:
    """An id as it was typed. Raises Refused for what is none, with the hint where one is given."""
    try:
        return UUID(text)
    except ValueError:
        raise Refused(f"not an id; {hint}" if hint else "not an id") from None
