"""Telling people, by e-mail or webhook, that something waits for them."""

import time
from contextlib import ExitStack

import typer

from hub.commands.running import WAIT, Host, Once, Port
from hub.commands.saying import AsJson, asked_to_stop, opened, say, say_json
from hub.commands.watching import watched
from hub.keeping_on import keep_on
from hub.observing.serving import HERE
from hub.telling.teller import Told


def tell(
    context: typer.Context,
    once: Once = False,
    json: AsJson = False,
    metrics_port: Port = None,
    metrics_host: Host = HERE,
) -> None:
    """Tell the people named in telling.toml what waits for them: a link and a reference, nothing of a child.

    Everyone is told once of each matter, however often flags are drawn again. Whoever cannot be reached is
    tried again, later and later, at most an hour apart; with --once, once.
    """
    with opened(context) as hub, ExitStack() as held:
        watch = held.enter_context(watched("tell", hub, metrics_port, metrics_host))
        stopping = held.enter_context(asked_to_stop())

        def step() -> Told:
            told = hub.teller.step(stopping)
            watch.told(told)
            return told

        total = step()
        if json:
            say_json({**_counts(total), "waiting": len(hub.teller.untold())})
        elif not hub.teller.settings.to:
            say("nobody is named to be told; see telling.toml in docs/operating.md")
        else:
            say(f"{total.decided} to be told, {total.told} told, {len(hub.teller.untold())} waiting")

        def keep() -> None:
            hub.wait(WAIT)
            step()

        if not once:
            keep_on(keep, stopping, watch.waits, time.sleep)


def _counts(told: Told) -> dict[str, int]:
    return {"decided": told.decided, "told": told.told, "delayed": told.delayed}
