"""Makes topics and access rules on Kafka, as a plan says."""

import time
from collections.abc import Iterable
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import InvalidReplicationFactorError, SecurityDisabledError

from hub.errors import Unavailable
from hub.intake.bus_client import connecting, explained
from hub.intake.topics import Plan, Rule, Standing, Topic, Wish
from schemas.bus_access import BusAccess

ANY_HOST = "*"
ITERATIONS = 16_384
"""Of the password's hash: the most a broker takes."""
MOMENT = 0.05
"""Seconds between two looks."""


class KafkaTopics:
    """An administrator of a Kafka: its principal must be allowed to create topics and alter the cluster."""

    def __init__(self, access: BusAccess) -> None:
        """Reach the bus. Raises Unavailable."""
        self._patience = access.patience
        with connecting(access) as config:
            self._admin = KafkaAdminClient(**config, client_id="hub-topics")

    def close(self) -> None:
        """Let go of the bus."""
        self._admin.close()

    def standing(self, wish: Wish) -> Standing:
        """What there is of what is wished. Raises Unavailable."""
        with explained():
            names = [topic.name for topic in wish.topics()]
            there = {t["name"]: t for t in self._admin.describe_topics(names) if not t["error_code"]}
            settings = self._settings(list(there))
            topics = {name: _topic(name, said, settings[name]) for name, said in there.items()}
            rules, others = self._rules(wish.rules())
        return Standing(topics, rules, others)

    def apply(self, plan: Plan) -> None:
        """Carry a plan out. Raises Unavailable; done again it goes on where it ended."""
        with explained():
            if plan.create:
                made = {
                    t.name: {
                        "num_partitions": t.partitions,
                        "replication_factor": t.replicas,
                        "configs": dict(t.settings),
                    }
                    for t in plan.create
                }
                try:
                    self._admin.create_topics(made, wait_for_metadata=True)
                except InvalidReplicationFactorError:
                    raise Unavailable(
                        "the bus has fewer brokers than a new topic is to have copies (--replicas)"
                    ) from None
            if plan.widen:
                self._admin.create_partitions({t.name: t.partitions for t in plan.widen})
            if plan.allow and self._admin.create_acls([_acl(rule) for rule in plan.allow])["failed"]:
                raise Unavailable("the bus did not take every access rule")
            self._wait_for(set(plan.allow))

    def set_password(self, user: str, password: str) -> None:
        """Let a user sign in with a password (SCRAM-SHA-512); the one before is void. Raises Unavailable."""
        said = UserScramCredentialUpsertion(
            user, ScramMechanism.SCRAM_SHA_512, password, iterations=ITERATIONS
        )
        with explained():
            refused = self._admin.alter_user_scram_credentials([said])[user]
        if refused:
            raise Unavailable("the bus did not take the password")

    # ------------------------------------------------------------

    def _wait_for(self, rules: set[Rule]) -> None:
        """Brokers learn of a rule a moment after it was taken."""
        until = time.monotonic() + self._patience
        while rules - (self._rules(rules)[0] or frozenset()):
            if time.monotonic() > until:
                raise Unavailable("the bus took the access rules, but does not show them yet")
            time.sleep(MOMENT)

    def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = self._admin.describe_configs(asked, config_filter="all")["topic"]
        return {name: {k: said["value"] for k, said in found[name].items()} for name in names}

    def _rules(self, wished: Iterable[Rule]) -> tuple[frozenset[Rule] | None, tuple[str, ...]]:
        """Rules that touch what is wished; wildcards, prefixes, hosts, refusals are for a person to judge."""
        rules, others = set(), set()
        try:
            for resource, name in sorted({(rule.resource, rule.name) for rule in wished}):
                for acl in self._admin.describe_acls(_touching(resource, name))[0]:
                    if _is_plain(acl):
                        rules.add(Rule(acl.principal, acl.operation.name, resource, name))
                    else:
                        others.add(f"another kind of rule: {_said(acl)}")
        except SecurityDisabledError:
            return None, ()
        return frozenset(rules), tuple(sorted(others))


def _topic(name: str, said: dict[str, Any], settings: dict[str, str]) -> Topic:
    parts = said["partitions"]
    return Topic(name, len(parts), min(len(p["replica_nodes"]) for p in parts), settings)


def _touching(resource: str, name: str) -> ACLFilter:
    pattern = ResourcePatternFilter(ResourceType[resource], name, ACLResourcePatternType.MATCH)
    return ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, pattern)


def _is_plain(acl: ACL) -> bool:
    pattern = acl.resource_pattern
    return bool(
        acl.permission_type is ACLPermissionType.ALLOW
        and acl.host == ANY_HOST
        and pattern.pattern_type is ACLResourcePatternType.LITERAL
        and pattern.resource_name != ANY_HOST
    )


def _said(acl: ACL) -> str:
    pattern = acl.resource_pattern
    return (
        f"{acl.permission_type.name} {acl.principal} {acl.operation.name} from {acl.host} on "
        f"{pattern.pattern_type.name} {pattern.resource_type.name} {pattern.resource_name}"
    )


def _acl(rule: Rule) -> ACL:
    pattern = ResourcePattern(ResourceType[rule.resource], rule.name)
    return ACL(rule.principal, ANY_HOST, ACLOperation[rule.operation], ACLPermissionType.ALLOW, pattern)
