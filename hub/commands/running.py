"""Running the hub: intake, follow, serve, and how it stands."""

import ssl
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer

from hub.audit.keeping import LONGEST
from hub.commands.saying import (
    AsJson,
    asked_to_stop,
    opened,
    policy_said,
    progress,
    say,
    say_aside,
    say_json,
    when,
)
from hub.commands.watching import watched, windows_watched
from hub.compose import Hub, founded_at, open_intake, settle
from hub.confidentiality.holder import Holder
from hub.disposal.rolling import Rolled, roll
from hub.disposal.rotating import Rotations
from hub.errors import HubError, Unavailable
from hub.follow import Followed
from hub.intake import keeping_on
from hub.intake.keeping_on import take_what_is_there
from hub.intake.lag import Waiting
from hub.intake.questions import questions
from hub.intake.work import Tally
from hub.keeping_on import keep_on
from hub.observing.serving import HERE

Once = Annotated[bool, typer.Option("--once", help="Stop when nothing is left, instead of waiting for more.")]
Port = Annotated[
    int | None,
    typer.Option(
        "--metrics-port", min=0, max=65535, help="Serve /metrics, /health/live and /health/ready there."
    ),
]
Host = Annotated[str, typer.Option("--metrics-host", help="The address they are served on.")]
WAIT, COVERED = 1.0, LONGEST.total_seconds()
"""Seconds: until it is looked again whether there is anything; between checkpoints while views are drawn."""


def intake(
    context: typer.Context,
    once: Once = False,
    json: AsJson = False,
    metrics_port: Port = None,
    metrics_host: Host = HERE,
) -> None:
    """Take in what agencies have published: every event once, in one transaction with its position.

    On Kafka, start it as often as you like: the workers divide the partitions between them. Asked to stop, it
    finishes the batch in hand and leaves its partitions to the others.
    """
    settle()
    with opened(context) as hub, open_intake(hub, shares=not once) as worker, ExitStack() as held:
        watch = held.enter_context(watched("intake", hub, metrics_port, metrics_host))
        stopping = held.enter_context(asked_to_stop())
        advance = held.enter_context(progress("taking in", None))
        rotations = rotations_of(hub)

        def told(step: Tally) -> None:
            advance(step.read)
            watch.took(step, hub)
            watch.set_aside(worker.aside)
            watch.rolled(rolled_if_due(hub))
            watch.rotated(rotations.step() if rotations is not None else None)

        if once:
            total = take_what_is_there(worker, told, stopping)
        else:
            total = keeping_on.keep_on(worker, stopping, told, watch.waits)
        _say_tally(total, json)


def rolled_if_due(hub: Hub) -> Rolled | None:
    """Make the key that agencies seal to anew, as often as the settings say: it is intake that may record."""
    days, retained = hub.settings.roll_days, hub.settings.roll_retained_days
    if days is None:
        return None
    return roll(
        hub.records,
        hub.key_file,
        hub.settings.hub_public_key,
        hub.clock(),
        after=timedelta(days=days),
        retained=timedelta(days=retained) if retained is not None else None,
    )


def rotations_of(hub: Hub) -> Rotations | None:
    """What rotates key-encryption keys as often as the settings say, a scope a step; None: nothing does."""
    days = hub.settings.rotate_days
    if days is None:
        return None
    held = Holder(hub.key_file, hub.key_store)
    return Rotations(hub.records, held, timedelta(days=days), founded_at(hub.records))


def follow(
    context: typer.Context,
    once: Once = False,
    json: AsJson = False,
    metrics_port: Port = None,
    metrics_host: Host = HERE,
) -> None:
    """Draw flags and due dates from what was recorded, look again as time passes, keep the ledger.

    Its figures are those of the whole hub: what waits on the bus, how far projections and ledger are.
    """
    settle()
    with opened(context) as hub, ExitStack() as held:
        watch = held.enter_context(watched("follow", hub, metrics_port, metrics_host))
        stopping = held.enter_context(asked_to_stop())
        _say_followed(hub, *draw(hub, stopping), json)

        def step() -> None:
            hub.wait(WAIT)
            watch.drew(draw(hub, stopping)[0], hub)

        if not once:
            keep_on(step, stopping, watch.waits, time.sleep)


def draw(hub: Hub, stopping: Callable[[], bool]) -> tuple[dict[str, Followed], int]:
    """Draw what is not drawn, take it into the ledger, send receipts; what each did, the ledger's rows."""
    between = covering(hub, stopping, time.monotonic)
    drawn = {f.projection.name: f.catch_up(stopping=between) for f in hub.followers}
    covered = hub.ledger.catch_up(stopping=stopping)
    laid = hub.receipts.lay_down(stopping)
    with suppress(Unavailable):  # they lie in their folder, and go with the next
        hub.post.send(laid, stopping)
        hub.post.announce(hub.key_file.bus_public())
    return drawn, covered


def covering(hub: Hub, stopping: Callable[[], bool], monotonic: Callable[[], float]) -> Callable[[], bool]:
    """Whether to stop, asked between two children; every `COVERED` the ledger is kept up meanwhile.

    Drawing many children takes minutes, and what is recorded is to be under a checkpoint within one.
    """
    last = monotonic()

    def between() -> bool:
        nonlocal last
        if monotonic() - last >= COVERED:
            hub.ledger.catch_up(stopping=stopping)
            last = monotonic()
        return stopping()

    return between


def _say_followed(hub: Hub, drawn: dict[str, Followed], covered: int, json: AsJson) -> None:
    if json:
        say_json({**drawn, "ledger": {"events": covered}})
        return
    for name, followed in drawn.items():
        say(f"{name}: {followed.events} events, {followed.children} children drawn")
    say(f"ledger: {covered} events taken in, {hub.ledger.ledger.size()} in all")


def health(
    url: Annotated[str, typer.Argument(help="For example https://127.0.0.1:9100/health/ready")],
    ca: Annotated[
        Path | None, typer.Option(help="The authority (PEM) whose certificate must answer, and no other.")
    ] = None,
) -> None:
    """Ask a worker, or the pages, whether they are ready: for a container's health check. Not ready: 4."""
    try:
        believed = ssl.create_default_context(cafile=ca)
    except OSError:
        raise Unavailable("--ca names no file with an authority's certificate") from None
    try:
        with urlopen(Request(url), timeout=5, context=believed) as answer:  # noqa: S310 — the operator's own
            say(f"ready ({answer.status})")
    except HTTPError as refused:
        raise Unavailable(f"not ready ({refused.status})") from None
    except URLError as error:
        match error.reason:
            case ssl.SSLCertVerificationError() as disbelieved:
                raise Unavailable(f"its certificate is not believed: {disbelieved.verify_message}") from None
            case ssl.SSLError():
                raise Unavailable("what answers there does not speak TLS") from None
        raise Unavailable("nothing answers there") from None
    except (OSError, ValueError, HTTPException):
        raise Unavailable("nothing answers there") from None


def serve(context: typer.Context, metrics_port: Port = None, metrics_host: Host = HERE) -> None:
    """Serve the pages and the API: a demonstration to this machine only, live data to who can sign in."""
    from hub.web.serving import serve as serve_pages  # noqa: PLC0415 — FastAPI is loaded only to serve

    settle()
    with opened(context) as hub, windows_watched(hub, metrics_port, metrics_host) as watching:
        for line in policy_said(hub):
            say_aside(line)
        serve_pages(hub, watching)


def status(context: typer.Context, json: AsJson = False) -> None:
    """Say how far intake and projections are, what is held, and what waits for a person. Counts only."""
    with opened(context) as hub:
        found = standing(hub)
    if json:
        say_json(found)
        return
    for name, value in found.items():
        if isinstance(value, dict):
            say(f"{name.replace('_', ' ')}:")
            for at, count in value.items():
                say(f"  {at:<40} {_said(count)}")
        else:
            say(f"{name.replace('_', ' ')}: {_said(value)}")


def standing(hub: Hub) -> dict[str, object]:
    """How the whole hub stands: counts only, with the rights of who takes in or of who follows."""
    rows = hub.records.archive.rows
    bus, lag, queued = _on_the_bus(hub)
    waits = hub.policies.waiting()
    return {
        "kind": "demonstration" if hub.demo else "live",
        "store": hub.engine,
        "records": len(hub.records.children()),
        "events": rows.max_notification_id() or 0,
        "bus": bus,
        "intake_lag": lag,
        "waiting": {
            f"{topic}/{part}": {"events": waiting.events, "oldest_published": waiting.since}
            for (topic, part), waiting in queued.items()
        },
        "projection_lag": {f.projection.name: f.lag() for f in hub.followers},
        "parked": {f.projection.name: len(f.parked()) for f in hub.followers},
        "quarantined": rows.held(),
        "open_matching_questions": len(questions(hub.records)),
        "to_be_told": len(hub.teller.untold()),
        "receipts_to_send": hub.post.waiting(),
        "ledger_lag": hub.ledger.ledger.behind(rows.max_notification_id() or 0),
        "policy": hub.policy.name,
        "policy_adopted": bool(hub.share.disclosures.adopted(hub.policy.name)),
        "policy_waiting": (waits.name or f"no policy: {waits.fault}") if waits else None,
    }


def _on_the_bus(hub: Hub) -> tuple[str, dict[str, int], dict[tuple[str, int], Waiting]]:
    """What waits there; a bus that is away, or has lost something, hides nothing else of the hub's state."""
    lag: Counter[str] = Counter()
    try:
        with open_intake(hub) as worker:
            for (topic, _), count in worker.lag().items():
                lag[topic] += count
            return "reached", lag, worker.waiting()
    except HubError as error:
        return f"{type(error).title}: {error}", {}, {}


def _said(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "yes", False: "no"}[value]
    if not isinstance(value, dict):
        return str(value)
    since = value["oldest_published"]
    return f"{value['events']} waiting" + (f", the oldest published {when(since)}" if since else "")


def _say_tally(total: Tally, json: AsJson) -> None:
    if json:
        say_json(total)
        return
    say(
        f"read {total.read}, recorded {total.recorded}, resent {total.resent}, held {total.held}, "
        f"heartbeats {total.heartbeats}; {total.registered} children registered"
    )
    for reason, count in sorted(total.reasons.items()):
        say(f"  held: {reason}: {count}")
