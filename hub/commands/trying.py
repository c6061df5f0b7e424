"""Trying a pattern on history before its numbers are changed."""

from pathlib import Path
from typing import Annotated

import typer

from hub.backtest import picture as pictures
from hub.backtest.table import lines
from hub.commands.asking import COORDINATOR, SCREENING, As, Purpose
from hub.commands.reading import reader_of
from hub.commands.saying import AsJson, opened, progress, say, say_aside, say_json
from hub.errors import Refused
from hub.patterns import settings as pattern_settings
from hub.patterns.catalogue import CATALOGUE


def backtest(
    context: typer.Context,
    pattern: Annotated[str, typer.Argument(help="The pattern, for instance P01.")],
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Other numbers, to be put beside those in force.")
    ] = None,
    picture: Annotated[
        list[Path] | None, typer.Option("--picture", help="Write a picture: FILE.svg or FILE.png.")
    ] = None,
    as_: As = COORDINATOR,
    purpose: Purpose = SCREENING,
    json: AsJson = False,
) -> None:
    """Replay all history as it was known at each moment: when a pattern would have fired, and how early.

    With other settings both are put beside each other. That the coordinator was shown it is recorded first.
    """
    wrong = [file.name for file in picture or () if file.suffix not in (".svg", ".png")]
    if wrong:
        raise Refused(f"a picture is a .svg or a .png: {wrong[0]}")
    other = [pattern_settings.load(CATALOGUE, settings)] if settings else []
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        sides = [hub.drawn.settings, *other]
        with progress("replaying", len(hub.records.children())) as advance:
            found = hub.backtest.tried(reader, pattern, sides, advance)
    drawn = pictures.drawn(found)
    for file in picture or ():
        written = pictures.png(drawn) if file.suffix == ".png" else pictures.svg(drawn).encode()
        file.write_bytes(written)
        say_aside(f"written: {file}")
    if json:
        say_json(found)
        return
    for line in lines(found):
        say(line)
