"""Topics and access rules: the plan is pure; applied, each agency can write to its own topic alone."""

from dataclasses import replace
from uuid import uuid4

import pytest

from adapters.bus_kafka import KafkaProducing
from adapters.publish import BusUnavailable
from hub.compose import open_topics
from hub.errors import Unavailable
from hub.intake.deliveries_kafka import KafkaDeliveries
from hub.intake.topics import Plan, Rule, Standing, Topic, Wish, plan
from schemas.bus_access import BusAccess
from schemas.vocabulary import Agency
from schemas.wire import RECEIPT_TOPICS, TOPICS, Message
from tests.journeys.commands import hub

WISH = Wish(BusAccess(address="kafka://localhost/north"))
EMPTY = Standing({}, frozenset())


def after(wish):
    return Standing({topic.name: topic for topic in wish.topics()}, frozenset(wish.rules()))


def test_an_empty_bus_gets_a_topic_an_agency_with_bounded_retention_and_two_copies_before_an_answer():
    made = {topic.name: topic for topic in plan(WISH, EMPTY).create}

    assert {f"north.{topic}" for topic in (*TOPICS, *RECEIPT_TOPICS)} == set(made)
    assert {(6, 3)} == {
        (made[f"north.{topic}"].partitions, made[f"north.{topic}"].replicas) for topic in TOPICS
    }
    assert {1} == {made[f"north.{topic}"].partitions for topic in RECEIPT_TOPICS}
    assert {
        "cleanup.policy": "delete",
        "compression.type": "lz4",
        "max.message.bytes": "4194304",
        "min.insync.replicas": "2",
        "retention.ms": "1209600000",
    } == made["north.safeguarding.police.v1"].settings


def test_what_was_applied_leaves_nothing_to_do():
    assert plan(WISH, after(WISH)) == Plan()
    assert plan(WISH, after(WISH)).nothing


def test_partitions_are_raised_and_never_lowered():
    more, fewer = replace(WISH, partitions=12), replace(WISH, partitions=3)

    assert {12} == {topic.partitions for topic in plan(more, after(WISH)).widen}
    assert len(TOPICS) == len(plan(more, after(WISH)).widen)
    assert () == plan(fewer, after(WISH)).widen
    assert "north.safeguarding.police.v1 has 6 partitions, more than 3" in plan(fewer, after(WISH)).left


def test_other_differences_are_named_and_left():
    there = after(WISH)
    name = "north.safeguarding.health.v1"
    forever = Topic(name, 6, 1, {**there.topics[name].settings, "retention.ms": "-1"})

    found = plan(WISH, replace(there, topics={**there.topics, name: forever}))

    assert found.nothing
    assert (
        f"{name} has 1 replicas, not 3",
        f"{name} has retention.ms=-1, not 1209600000",
    ) == found.left


def test_an_agency_may_write_to_its_own_topic_only_and_the_hub_may_only_read():
    rules = plan(WISH, EMPTY).allow
    on_topics = {(r.principal, r.operation, r.name) for r in rules if r.resource == "TOPIC"}
    expected = {
        (f"User:{a.value}", what, f"north.safeguarding.{a.value}.v1")
        for a in Agency
        for what in ("WRITE", "DESCRIBE")
    } | {("User:hub", what, f"north.{topic}") for topic in TOPICS for what in ("READ", "DESCRIBE")}
    back = {
        (who, what, f"north.safeguarding.{a.value}.receipts.v1")
        for a in Agency
        for who, what in (
            *(("User:hub", "WRITE"), ("User:hub", "DESCRIBE")),
            *((f"User:{a.value}", "READ"), (f"User:{a.value}", "DESCRIBE")),
        )
    }

    assert expected | back == on_topics
    assert {("User:hub", "READ", "north.safeguarding-hub")} == {
        (r.principal, r.operation, r.name) for r in rules if r.resource == "GROUP"
    }


def test_a_rule_for_somebody_else_is_named_and_left():
    foreign = Rule("User:eve", "READ", "TOPIC", "north.safeguarding.police.v1")
    there = after(WISH)

    found = plan(WISH, replace(there, rules=there.rules | {foreign}, others=("DENY all",)))

    assert found.nothing
    assert ("besides: User:eve may READ TOPIC north.safeguarding.police.v1", "DENY all") == found.left


def test_a_bus_without_access_rules_is_told_of():
    found = plan(WISH, replace(EMPTY, rules=None))

    assert () == found.allow
    assert ["the bus keeps no access rules: whoever reaches it may read and write sealed messages"] == list(
        found.left
    )


@pytest.fixture
def signed_in(broker, tmp_path, monkeypatch, capsys):
    """The run's broker with sign-in: an access for each user, with a password of its own."""
    if "SIGNED" not in broker:
        pytest.skip("the broker named by HUB_TEST_KAFKA is known in clear only")
    namespace = f"t{uuid4().hex[:12]}"

    def access(user):
        file = tmp_path / f"{user}.password"
        file.write_text(f"{user}-{uuid4().hex}\n")
        name = f"{namespace}-{user}"
        monkeypatch.setenv("HUB_BUS", f"kafka://{broker['PLAIN']}")
        set_ = hub(monkeypatch, capsys, "topics", "password", name, "--file", str(file))
        assert (0, True) == (set_.code, file.read_text().strip() not in set_.out)
        return BusAccess(
            address=f"kafka://{broker['SIGNED']}/{namespace}", user=name, password_file=file, patience=5
        )

    return namespace, access


def message(topic):
    return Message(topic, b"key", (("ce_id", b"1"),), b"sealed")


def test_applied_on_a_broker_each_agency_writes_to_its_own_topic_and_only_the_hub_reads(
    broker, signed_in, monkeypatch, capsys
):
    namespace, access = signed_in
    police, health, reader = access("police"), access("health"), access("hub")
    clear = BusAccess(address=f"kafka://{broker['PLAIN']}/{namespace}")
    people = [f"--principal={who}=User:{namespace}-{who}" for who in ("police", "health", "hub")]
    monkeypatch.setenv("HUB_BUS", clear.address)
    apply = ("topics", "apply", "--replicas=1", *people)

    too_many = hub(monkeypatch, capsys, "topics", "apply", *people)
    rehearsed = hub(monkeypatch, capsys, *apply, "--dry-run")
    with open_topics(clear) as bus:
        untouched = bus.standing(Wish(clear))
    done = hub(monkeypatch, capsys, *apply)
    again = hub(monkeypatch, capsys, *apply)
    own = KafkaProducing(police)
    own.send([message("safeguarding.police.v1")])

    assert (4, 1) == (too_many.code, len(too_many.err.splitlines()))
    assert "fewer brokers than a new topic is to have copies" in too_many.err
    assert (0, 0, 0) == (rehearsed.code, done.code, again.code)
    assert rehearsed.out == done.out + "nothing was done: this was a dry run\n"
    assert ({}, frozenset()) == (untouched.topics, {r for r in untouched.rules if namespace in r.name})
    assert "nothing to do\n" == again.out
    with pytest.raises(BusUnavailable, match="TopicAuthorizationFailed"):
        own.send([message("safeguarding.health.v1")])
    with pytest.raises(Unavailable, match=r"not for the hub to read: safeguarding\.early-help\.v1, "):
        KafkaDeliveries(health)
    own_topic = KafkaDeliveries(police, reads="safeguarding.police.v1".__eq__)
    with pytest.raises(Unavailable, match="TopicAuthorizationFailed"):
        own_topic.poll(1, 0.0)
    own_topic.close()
    read = KafkaDeliveries(reader)
    assert [b"sealed"] == [d.value for d in read.poll(10, 0.0)]
    read.close()
    own.close()


def test_a_wrong_password_is_one_line_without_it(signed_in, tmp_path):
    _, access = signed_in
    wrong = tmp_path / "wrong"
    wrong.write_text("CANARY")
    police = access("police").model_copy(update={"password_file": wrong, "patience": 2.0})

    with pytest.raises(BusUnavailable) as refused:
        KafkaProducing(police).send([message("safeguarding.police.v1")])

    assert "CANARY" not in f"{refused.value!s}{refused.value!r}{police!r}"
    assert 1 == len(str(refused.value).splitlines())
