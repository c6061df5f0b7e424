"""What several agencies' entries show together, why, and what the guidance asks for."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import typer

from hub.commands.reading import reader_of
from hub.commands.saying import AsJson, child_named, opened, say, say_if_late, say_json, when
from hub.compose import Hub
from hub.errors import Refused, UnknownChild
from hub.protocol.worklist import Item, text
from hub.sharing.flagging import SharedFlag

Child = Annotated[
    str | None, typer.Option("--child", help="One child only: an id, or its first eight characters.")
]
As = Annotated[str, typer.Option("--as", help="The role to ask as.")]
Purpose = Annotated[str, typer.Option("--purpose", help="Why you ask.")]
COORDINATOR, SCREENING = "mash-coordinator", "screening"


def flags(
    context: typer.Context,
    child: Child = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """List flags: questions to people that only several agencies' entries together raise."""
    with opened(context) as hub:
        say_if_late(hub)
        found = list(_flags(hub, child, as_, purpose))
    if json:
        say_json([{"child": id_, "flag": flag} for id_, flag in found])
        return
    for id_, flag in found:
        stands = f"{flag.pattern:<4} {flag.name}: {flag.state}, severity {flag.severity}"
        say(f"{flag.id}  child {str(id_)[:8]}  {stands}")
        say(f"    {flag.says}")
    if not found:
        say("no flags")


def explain(
    context: typer.Context,
    flag: Annotated[str, typer.Argument(help="The flag's id, or its first eight characters.")],
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """Say why a flag stands: the rule, the evidence, and what each agency alone would have seen."""
    with opened(context) as hub:
        found = [f for _, f in _flags(hub, None, as_, purpose) if str(f.id).startswith(flag)]
    if len(found) != 1:
        raise Refused("no flag under this id" if not found else "more than one flag's id begins so")
    if json:
        say_json(found[0])
        return
    for line in flag_lines(found[0]):
        say(line)


def due(
    context: typer.Context,
    child: Child = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """List what the guidance asks for on each child, most pressing first."""
    with opened(context) as hub:
        say_if_late(hub)
        found = [(id_, i) for id_ in _children(hub, child) for i in _due(hub, id_, as_, purpose)]
    if json:
        say_json([{"child": id_, "due": item} for id_, item in found])
        return
    for id_ in dict.fromkeys(id_ for id_, _ in found):
        say(f"child {str(id_)[:8]}")
        for other, item in found:
            if other == id_:
                say(f"  {text(item)}")
    if not found:
        say("nothing is due")


def flag_lines(flag: SharedFlag) -> Iterator[str]:
    """A flag in plain words."""
    yield f"{flag.name} ({flag.state} since {when(flag.raised_at)})"
    for line in flag.lines or (flag.says,):
        yield f"  {line}"
    if flag.acknowledge_by and flag.state in ("raised", "reopened"):
        yield f"  To be looked at by {when(flag.acknowledge_by)}"
    if flag.owner_left:
        yield "  In nobody's hands: who had it has that role here no longer"


def _children(hub: Hub, named: str | None) -> Iterator[UUID]:
    if named is not None:
        yield child_named(hub, named)
        return
    for id_ in hub.records.children():
        if hub.records.child(id_).joined_into is None:
            yield id_


def _flags(hub: Hub, child: str | None, role: str, purpose: str) -> Iterator[tuple[UUID, SharedFlag]]:
    reader = reader_of(hub, role, purpose)
    for id_ in _children(hub, child):
        try:
            yield from ((id_, flag) for flag in hub.share.flags(reader, id_))
        except UnknownChild:
            if child is not None:
                raise


def _due(hub: Hub, child: UUID, role: str, purpose: str) -> tuple[Item, ...]:
    try:
        return hub.share.due(reader_of(hub, role, purpose), child)
    except UnknownChild:
        return ()
