"""What topics and access rules the bus should have, and a plan of what is to be done about it: all pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from hub.intake.deliveries import GROUP
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency
from schemas.wire import LARGEST, PARTITIONS, receipts_topic_of, topic_of

DAY = 86_400_000
HUB = "hub"


class Rule(NamedTuple):
    """An access rule: this principal may do this to that, from anywhere."""

    principal: str
    operation: str
    resource: str
    name: str

    def __str__(self) -> str:
        return f"{self.principal} may {self.operation.replace('_', ' ')} {self.resource} {self.name}"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it stands, or as it should be."""

    name: str
    partitions: int
    replicas: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wish:
    """How this partnership wants its bus. `principals`: who an agency, or `hub`, is to the brokers.

    Retention is in days, never for ever: the bus carries, the hub's store keeps.
    """

    access: BusAccess
    partitions: int = PARTITIONS
    replicas: int = 3
    retention_days: int = 14
    principals: Mapping[str, str] = field(default_factory=dict)

    def topics(self) -> list[Topic]:
        """Two topics an agency, for what it says and for its receipts.

        Never compacted: a compacted topic forgets what came first.
        """
        settings = {
            "cleanup.policy": "delete",
            "compression.type": "lz4",  # whatever a sender packs with, the hub can unpack
            "max.message.bytes": str(LARGEST),
            "min.insync.replicas": str(min(2, self.replicas)),
            "retention.ms": str(self.retention_days * DAY),
        }
        wanted = [(topic_of(agency), self.partitions) for agency in Agency]
        wanted += [(receipts_topic_of(agency), 1) for agency in Agency]
        return [Topic(self.access.on_bus(name), parts, self.replicas, settings) for name, parts in wanted]

    def rules(self) -> list[Rule]:
        """An agency may write to its own topic alone; the hub may read all (security 5.2); nobody else.

        Receipts go the other way: the hub writes them, and each agency may read its own alone.
        """
        rules = [Rule(self._is(HUB), "READ", "GROUP", self.access.on_bus(GROUP))]
        for agency in Agency:
            topic = self.access.on_bus(topic_of(agency))
            sends, reads = self._is(agency.value), self._is(HUB)
            rules += [Rule(sends, what, "TOPIC", topic) for what in ("WRITE", "DESCRIBE")]
            rules += [Rule(reads, what, "TOPIC", topic) for what in ("READ", "DESCRIBE")]
            rules.append(Rule(sends, "IDEMPOTENT_WRITE", "CLUSTER", "kafka-cluster"))
            back = self.access.on_bus(receipts_topic_of(agency))
            rules += [Rule(reads, what, "TOPIC", back) for what in ("WRITE", "DESCRIBE")]
            rules += [Rule(sends, what, "TOPIC", back) for what in ("READ", "DESCRIBE")]
        rules.append(Rule(self._is(HUB), "IDEMPOTENT_WRITE", "CLUSTER", "kafka-cluster"))
        return rules

    def _is(self, who: str) -> str:
        return self.principals.get(who, f"User:{who}")


@dataclass(frozen=True, slots=True)
class Standing:
    """The bus as it is. `rules` None: it keeps none. `others`: rules of another kind, in words."""

    topics: Mapping[str, Topic]
    rules: frozenset[Rule] | None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, in order; and what differs from the wish and is left for a person."""

    create: tuple[Topic, ...] = ()
    widen: tuple[Topic, ...] = ()
    allow: tuple[Rule, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.create or self.widen or self.allow)

    def lines(self) -> list[str]:
        """The plan for a person to read."""
        made = [
            f"create {t.name}: {t.partitions} partitions, {t.replicas} replicas, "
            + ", ".join(f"{name}={value}" for name, value in t.settings.items())
            for t in self.create
        ]
        wider = [f"widen {t.name} to {t.partitions} partitions" for t in self.widen]
        allowed = [f"allow: {rule}" for rule in self.allow]
        return [*made, *wider, *allowed, *(f"left as it is: {what}" for what in self.left)]


class Topics(Protocol):
    """The administrator's side of a bus."""

    def standing(self, wish: Wish) -> Standing:
        """What there is of what is wished. Raises Unavailable."""

    def set_password(self, user: str, password: str) -> None:
        """Let a user sign in with this password from now on. Raises Unavailable."""

    def apply(self, plan: Plan) -> None:
        """Carry a plan out. Raises Unavailable; done again it goes on where it ended."""


def plan(wish: Wish, standing: Standing) -> Plan:
    """What is missing is made, partitions are raised, never lowered; other differences are only named."""
    create, widen, left = [], [], []
    for topic in wish.topics():
        there = standing.topics.get(topic.name)
        if there is None:
            create.append(topic)
            continue
        if there.partitions < topic.partitions:
            widen.append(topic)
        left += _differences(topic, there)
    if standing.rules is None:
        left.append("the bus keeps no access rules: whoever reaches it may read and write sealed messages")
        return Plan(tuple(create), tuple(widen), (), tuple(left))
    wished = wish.rules()
    allow = [rule for rule in wished if rule not in standing.rules]
    more = sorted(standing.rules - set(wished))
    left += [f"besides: {rule}" for rule in more if rule.resource != "CLUSTER"]
    return Plan(tuple(create), tuple(widen), tuple(allow), (*left, *standing.others))


def _differences(wished: Topic, there: Topic) -> list[str]:
    found = []
    if there.partitions > wished.partitions:
        found.append(f"{there.name} has {there.partitions} partitions, more than {wished.partitions}")
    if there.replicas != wished.replicas:
        found.append(f"{there.name} has {there.replicas} replicas, not {wished.replicas}")
    for name, value in wished.settings.items():
        if there.settings.get(name) != value:
            found.append(f"{there.name} has {name}={there.settings.get(name)}, not {value}")
    return found
