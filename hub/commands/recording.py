"""Recording acts from the command line: which there are, what each asks, and doing one."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hub.casework.recording import Who
from hub.commands.reading import reader_of
from hub.commands.saying import AsJson, child_named, opened, say, say_json
from hub.errors import Refused
from hub.protocol.command import Command, Kind
from hub.protocol.commands import COMMANDS, NAMED
from schemas.case_event import Identifier


def record(
    context: typer.Context,
    act: Annotated[str | None, typer.Argument(help="The act, for instance record-account.")] = None,
    child: Annotated[
        str | None, typer.Argument(help="The child's id, or its first eight characters.")
    ] = None,
    says: Annotated[
        list[str] | None,
        typer.Option("--say", help="One answer, for instance part=witness."),
    ] = None,
    form: Annotated[
        Path | None, typer.Option("--form", help="A file of answers: TOML or JSON; '-' reads JSON.")
    ] = None,
    who: Annotated[
        str | None,
        typer.Option("--who", help="Instead of a child, for what is heard first: SYSTEM=VALUE."),
    ] = None,
    as_: Annotated[str, typer.Option("--as", help="The role to act as.")] = "social-worker",
    purpose: Annotated[str, typer.Option("--purpose", help="Why.")] = "section-47",
    listed: Annotated[bool, typer.Option("--list", help="Name the acts there are.")] = False,
    ask: Annotated[bool, typer.Option("--ask", help="Show what the act asks, and record nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Record what was done for a child: an account, a referral, a meeting, a decision, a plan."""
    if listed or act is None:
        _list(json=json)
        return
    command = NAMED.get(act)
    if command is None:
        raise Refused("there is no such act; 'hub record --list' names them")
    if ask:
        _ask(command, json=json)
        return
    answers = {**_read(form), **_said(command, says or [])}
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        if who is not None:
            done = hub.recorder.record_first(reader.by, _who(who), act, answers)
        elif child is not None:
            done = hub.recorder.record(reader, child_named(hub, child), act, answers)
        else:
            raise Refused("of which child? name an id, or --who for a first account")
    if json:
        say_json(done)
        return
    stands = "recorded" if done.new else "recorded before"
    say(f"{stands}: {command.title}; act {done.act}, entry {done.entry}")
    for remark in done.remarks:
        say(remark)


def _list(*, json: bool) -> None:
    if json:
        say_json([{"name": c.name, "title": c.title, "rows": c.rows, "group": c.group} for c in COMMANDS])
        return
    for command in COMMANDS:
        say(f"{command.name:<32} {command.title}  [{', '.join(command.rows)}; {command.line}]")


def _ask(command: Command, *, json: bool) -> None:
    if json:
        say_json(command.questions)
        return
    say(f"{command.title} ({command.line})")
    say(command.about)
    for question in command.questions:
        must = " *" if question.required else ""
        stop = "" if question.title.endswith("?") else "."
        say(f"  {question.name}{must}: {question.title}{stop} {question.help}".rstrip())
        if question.choices:
            say(f"      {', '.join(question.choices)}")
    say("  * is not left out")


def _read(form: Path | None) -> dict[str, Any]:
    """The answers in a file. Raises Refused, which says where and never what."""
    if form is None:
        return {}
    try:
        if str(form) == "-":
            found = msgspec.json.decode(typer.get_text_stream("stdin").read())
        elif form.suffix == ".toml":
            found = tomllib.loads(form.read_text("utf-8"))
        else:
            found = msgspec.json.decode(form.read_bytes())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.DecodeError):
        raise Refused("the form cannot be read; it is TOML, or JSON") from None
    if not isinstance(found, dict):
        raise Refused("the form is not a table of answers")
    return found


def _said(command: Command, says: list[str]) -> dict[str, Any]:
    many = {q.name for q in command.questions if q.kind in (Kind.CHOICES, Kind.CODES)}
    found: dict[str, Any] = {}
    for one in says:
        name, equals, value = one.partition("=")
        if not equals:
            raise Refused("an answer is NAME=VALUE")
        found[name] = [part.strip() for part in value.split(",")] if name in many else value
    return found


def _who(text: str) -> Who:
    system, equals, value = text.partition("=")
    try:
        return Who(identifiers=(Identifier(system, value),))
    except ValueError:
        raise Refused(f"who is SYSTEM=VALUE{'' if equals else ', with a sign of equality'}") from None
