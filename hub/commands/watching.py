"""How a worker's command is watched: figures and health on a port, lines for a person or for a log."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from hub.commands.saying import say_aside
from hub.compose import Hub, open_intake
from hub.disposal.rolling import Rolled
from hub.disposal.rotating import NotRotated, Rotated
from hub.errors import HubError
from hub.follow import Followed
from hub.intake.work import Tally
from hub.observing.health import Health
from hub.observing.logs import logger, where
from hub.observing.measures import Measures
from hub.observing.serving import HERE, served
from hub.observing.windows import WindowMeasures
from hub.telling.teller import Told

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

EVERY = 5.0
"""Seconds between two looks at the whole hub: each asks the store a dozen questions."""


class Watch:
    """One worker, as it is seen from outside."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        log: "FilteringBoundLogger | None",
        *,
        scraped: bool = True,
    ) -> None:
        self.measures, self.health = Measures(), Health(time.monotonic)
        self._clock, self._log, self._scraped = clock, log, scraped
        self._looked = float("-inf")
        self._aside: frozenset[str] = frozenset()

    def took(self, tally: Tally, hub: Hub) -> None:
        """A step of intake was finished."""
        self.health.did()
        self.measures.took(tally, self._clock())
        self.measures.keys(hub)
        if tally.read and self._log is not None:
            self._log.info(
                "took", read=tally.read, recorded=tally.recorded, resent=tally.resent, held=tally.held
            )

    def set_aside(self, topics: Iterable[str]) -> None:
        """Most of what stood last on these was refused: a person looks, and starts the worker again."""
        for topic in sorted(set(topics) - self._aside):
            if self._log is None:
                say_aside(f"{topic} is read no further: most of the last deliveries on it were refused")
            else:
                self._log.error("set-aside", topic=topic)
        self._aside = frozenset(topics)

    def rolled(self, rolled: Rolled | None) -> None:
        """Agencies are to seal to a newer key: somebody hands it to them."""
        if rolled is None:
            return
        if self._log is None:
            say_aside(f"agencies seal to {rolled.kid} from now on: hand out hub-public-key.json")
        else:
            self._log.warning("rolled", key=rolled.kid, destroyed=len(rolled.destroyed))

    def rotated(self, rotated: Rotated | NotRotated | None) -> None:
        """A scope's key was rotated, or could not be."""
        if rotated is None:
            return
        if isinstance(rotated, NotRotated):
            if self._log is None:
                say_aside(f"the key of scope {rotated.scope} could not be rotated ({rotated.why})")
            else:
                self._log.error("not-rotated", key=rotated.scope, why=rotated.why)
        elif self._log is None:
            say_aside(f"the key of scope {rotated.scope} is rotated: version {rotated.version}")
        else:
            self._log.warning("rotated", key=rotated.scope, keys=rotated.keys, unreadable=rotated.unreadable)

    def drew(self, drawn: dict[str, Followed], hub: Hub) -> None:
        """A step of all followers was finished."""
        self.health.did()
        self.measures.stepped(self._clock())
        events, children = (sum(getattr(f, name) for f in drawn.values()) for name in ("events", "children"))
        if events and self._log is not None:
            self._log.info(
                "drew", events=events, children=children, parked=sum(f.parked for f in drawn.values())
            )
        if self._scraped and time.monotonic() - self._looked >= EVERY:
            self._look(hub)

    def told(self, told: Told) -> None:
        """A step of telling was finished."""
        self.health.did()
        self.measures.stepped(self._clock())
        if (told.told or told.delayed) and self._log is not None:
            self._log.info("told", decided=told.decided, told=told.told, delayed=told.delayed)

    def waits(self, why: str, seconds: float) -> None:
        """Something cannot be reached; it is tried again after so many seconds."""
        self.health.waits()
        if self._log is None:
            say_aside(f"{why}; trying again in {seconds:.0f} s")
        else:
            self._log.warning("waiting", why=why, seconds=seconds)

    def _look(self, hub: Hub) -> None:
        """Look at the whole hub. A bus that is away, or has lost something, ends no drawing of flags."""
        self._looked, now = time.monotonic(), self._clock()
        self.measures.store(hub, now)
        try:
            with open_intake(hub) as idle:
                self.measures.bus(idle.waiting(), now)
        except HubError:  # a person is told by intake, which stops; what was last seen stands
            self.measures.bus(None, now)


@contextmanager
def watched(
    worker: Literal["intake", "follow", "tell"],
    hub: Hub,
    port: int | None,
    host: str = HERE,
) -> Iterator[Watch]:
    """Watch a worker while it works; HUB_LOG=json writes its log as JSON lines, else a person reads it."""
    log = logger(worker) if hub.settings.log == "json" else None
    watch = Watch(hub.clock, log, scraped=port is not None)
    with ExitStack() as held:
        if port is not None:
            held.enter_context(served(watch.measures, watch.health, hub.settings, port, host))
        if log is not None:
            log.info("started", **({"port": port} if port is not None else {}))
        try:
            yield watch
        except Exception as fault:
            if log is not None:
                log.critical("failed", kind=type(fault).__name__, at=where(fault))
            raise
        if log is not None:
            log.info("stopped")


@contextmanager
def windows_watched(hub: Hub, port: int | None, host: str = HERE) -> Iterator[WindowMeasures]:
    """Watch the window while it serves: its figures on a port of their own, never on that of the pages."""
    measures, health = WindowMeasures(), Health(time.monotonic)
    with ExitStack() as held:
        if port is not None:
            health.stands()
            held.enter_context(served(measures, health, hub.settings, port, host))
        yield measures
