"""The procedure packs: what is wrong with one, and which applied when."""

from pathlib import Path
from typing import Annotated

import typer

from hub.commands.saying import AsJson, say, say_json
from hub.errors import HubError
from hub.protocol.confirming import proposals
from hub.protocol.packs import SHIPPED, check, load_all, to_confirm

pack = typer.Typer(no_args_is_help=True, help="The partnership's procedures as data: rows, clocks, contacts.")


class PackWrong(HubError):
    """A pack has something wrong with it; what it is has been said."""


@pack.command("check")
def check_pack(
    file: Annotated[Path, typer.Argument(help="A pack: its file, its folder, or a folder of several.")],
) -> None:
    """Say all that is wrong with a pack, each with its file, line and key; and what is to be confirmed."""
    problems = check(file)
    for problem in problems:
        say(problem)
    if problems:
        raise PackWrong(f"{len(problems)} wrong")
    for one in load_all(file).all:
        rows, asks = len(one.rows), len(one.asked)
        say(f"{one.name}: in order; {rows} rows, {asks} things asked, effective {one.effective}")
        say(f"{one.name}: {proposals(one)} of its lengths and things asked are proposals, to be signed off")
    for line in to_confirm(file):
        say(f"to be confirmed: {line}")


@pack.command("list")
def list_packs(
    file: Annotated[
        Path | None, typer.Argument(help="A pack or a folder of packs; else those that are shipped.")
    ] = None,
    json: AsJson = False,
) -> None:
    """List packs by when they come into effect; each applies until the next does."""
    found = load_all(file or SHIPPED).all
    if json:
        say_json([{"name": p.name, "partnership": p.partnership, "effective": p.effective} for p in found])
        return
    for one in found:
        say(f"{one.effective}  {one.name:<24} {one.partnership}, {len(one.rows)} rows")
