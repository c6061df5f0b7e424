"""The demonstration as a command: makes it, prints what a newcomer should see, then serves the pages."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Annotated

import typer

from hub.commands.running import WAIT, draw
from hub.commands.saying import opened, say, settings_of
from hub.commands.showing import parts
from hub.demonstration.play import make_demonstration
from hub.demonstration.publishing import publishers
from hub.demonstration.story import Story, read_story
from hub.keeping_on import keep_on


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
    with _progress(story) as told, publishers() as publish:
        played = make_demonstration(settings, story, publish, lambda: datetime.now(UTC), told)
    with opened(context) as hub:
        for part in parts(hub, story, played):
            say(part)
    if not no_serve:
        from hub.web.serving import serve  # noqa: PLC0415 — FastAPI is loaded only to serve

        with opened(context) as hub, _drawn_meanwhile(context):
            serve(hub)


@contextmanager
def _drawn_meanwhile(context: typer.Context) -> Iterator[None]:
    """What is recorded on the pages is drawn meanwhile, as `hub follow` does beside `hub serve`."""
    ended = Event()

    def follow() -> None:
        with opened(context) as hub:

            def step() -> None:
                draw(hub, ended.is_set)
                hub.wait(WAIT)

            keep_on(step, ended.is_set, lambda *_: None, time.sleep)

    thread = Thread(target=follow, name="follow")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def _progress(story: Story) -> Iterator[Callable[[str], None]]:
    """A bar on standard error, a line a step: what happens in the story while it is played."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from hub.commands.bars import telling  # noqa: PLC0415 — as in saying.py

    with telling(len(story.step) + 1) as told:
        yield told
