"""The figures a worker tells Prometheus: counts and times, under labels from closed lists."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from hub.compose import Hub
from hub.intake.lag import Waiting
from hub.intake.questions import questions
from hub.intake.work import Tally

PLACE = ("topic", "partition")


class Measures:
    """One worker's figures. Its own thread sets them; whoever scrapes sees the last that were set."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._read = self._counter("hub_intake_read", "Deliveries read from the bus")
        self._recorded = self._counter("hub_intake_recorded", "Events recorded")
        self._resent = self._counter("hub_intake_resent", "Events that came before, in the same words")
        self._beats = self._counter("hub_intake_heartbeats", "Heartbeats of agencies")
        self._held = self._counter("hub_intake_held", "Deliveries held in quarantine", "reason")
        self._lag = self._gauge("hub_intake_lag_events", "Deliveries that wait", *PLACE)
        self._age = self._gauge("hub_intake_lag_seconds", "Age of the oldest that waits", *PLACE)
        self._bus = self._gauge("hub_bus_reachable", "1 where the bus answered when last asked")
        self._quarantine = self._gauge("hub_quarantine_held", "Deliveries that wait for a person", "reason")
        self._undrawn = self._gauge("hub_projection_lag_events", "Events not yet drawn", "projection")
        self._since = self._gauge("hub_projection_lag_seconds", "Age of the oldest not drawn", "projection")
        self._parked = self._gauge("hub_projection_parked", "Children that could not be drawn", "projection")
        self._questions = self._gauge("hub_matching_questions_open", "Questions of identity that wait")
        self._oldest = self._gauge("hub_matching_questions_oldest_seconds", "Age of the oldest of them")
        self._rows = self._gauge("hub_ledger_rows", "Rows the ledger holds")
        self._behind = self._gauge("hub_ledger_lag_events", "Rows the ledger does not hold yet")
        self._heard = self._gauge(
            "hub_feed_heard_timestamp_seconds", "When an agency was last heard", "agency"
        )
        self._cached = self._gauge("hub_keys_cached", "Data keys in memory")
        self._hits = self._gauge("hub_keys_hits", "Times a key was in memory, since the start")
        self._misses = self._gauge("hub_keys_misses", "Times it had to be fetched, since the start")
        self._stepped = self._gauge("hub_worker_step_timestamp_seconds", "When the worker last did its work")

    def took(self, tally: Tally, now: datetime) -> None:
        """Count what one step of intake took in."""
        self._read.inc(tally.read)
        self._recorded.inc(tally.recorded)
        self._resent.inc(tally.resent)
        self._beats.inc(tally.heartbeats)
        for reason, count in tally.reasons.items():
            self._held.labels(reason).inc(count)
        self.stepped(now)

    def stepped(self, now: datetime) -> None:
        """The worker is alive and did its work."""
        self._stepped.set(now.timestamp())

    def keys(self, hub: Hub) -> None:
        """How many keys are in memory, and how often one was."""
        self._cached.set(hub.keys.cached)
        self._hits.set(hub.keys.hits)
        self._misses.set(hub.keys.misses)

    def bus(self, waits: Mapping[tuple[str, int], Waiting] | None, now: datetime) -> None:
        """What waits on the bus; None: it did not answer, and what was last known stands."""
        self._bus.set(waits is not None)
        if waits is None:
            return
        self._lag.clear()
        self._age.clear()
        for (topic, partition), found in waits.items():
            self._lag.labels(topic, str(partition)).set(found.events)
            age = (now - found.since).total_seconds() if found.since else 0.0
            self._age.labels(topic, str(partition)).set(max(0.0, age))

    def store(self, hub: Hub, now: datetime) -> None:
        """How far projections and ledger are, what is held, what waits for a person, who was heard."""
        rows = hub.records.archive.rows
        self._quarantine.clear()
        for reason, count in rows.held().items():
            self._quarantine.labels(reason).set(count)
        for follower in hub.followers:
            name, since = follower.projection.name, follower.undrawn_since()
            self._undrawn.labels(name).set(follower.lag())
            self._since.labels(name).set((now - since).total_seconds() if since else 0.0)
            self._parked.labels(name).set(len(follower.parked()))
        waiting = questions(hub.records)
        asked = [q.opened_at for q in waiting if q.opened_at is not None]
        self._questions.set(len(waiting))
        self._oldest.set((now - min(asked)).total_seconds() if asked else 0.0)
        self._rows.set(hub.ledger.ledger.size())
        self._behind.set(hub.ledger.ledger.behind(rows.max_notification_id() or 0))
        for agency, heard in hub.drawn.feeds().items():
            self._heard.labels(agency).set(heard.timestamp())
        self.keys(hub)

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def _gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)
