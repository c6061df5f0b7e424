"""The demonstration as a command: makes it, prints what a newcomer should see, then serves the pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.commands.saying import opened, say, settings_of
from hub.commands.showing import parts
from hub.demonstration.play import make_demonstration
from hub.demonstration.publishing import publishers
from hub.demonstration.story import Story, read_story


def demo(
    context: typer.Context,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End after printing; do not serve the pages.")
    ] = False,
) -> None:
    """Play ten weeks of four invented children into a fresh folder, and show what comes of it.

    Every agency's native files are published and taken in, people record what they did, and then this prints
    one child's chronology as two roles see it, the flags, the due dates, and what waits for a person.
    A folder that holds anything but a demonstration is left alone; a demonstration is made anew.
    """
    settings, story = settings_of(context), read_story()
    with _progress(story) as told, publishers(story.agencies) as publish:
        played = make_demonstration(settings, story, publish, lambda: datetime.now(UTC), told)
    with opened(context) as hub:
        for part in parts(hub, story, played):
            say(part)
    if not no_serve:
        from hub.web.serving import serve  # noqa: PLC0415 — FastAPI is loaded only to serve

        with opened(context) as hub:
            serve(hub)


@contextmanager
def _progress(story: Story) -> Iterator[Callable[[str], None]]:
    """A bar on standard error, a line a step: what happens in the story while it is played."""
    console = Console(stderr=True)
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=len(story.step) + 1)

        def told(about: str) -> None:
            bar.update(task, description=about, advance=1)

        yield told
