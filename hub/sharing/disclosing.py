"""That something was shown, recorded before it is shown, with the policy it was shown under."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid5

from hub.domain.by import By
from hub.domain.child import Disclosed
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.errors import Conflict, Refused
from hub.records import Records
from hub.sharing.policy import Policy, read
from hub.store.effects import Effects
from hub.store.mapper import HUB

POLICIES = uuid5(HUB, "policies in use")
"""The stream that keeps the text of every policy under which something was ever shown."""
CALLED = 60
"""Characters at most of what people call a policy that was adopted: it stands in one line."""
ATTEMPTS = 10

Telling = tuple[Policy, UUID, Disclosed]
"""That something is told: under which policy, of which child, and what is recorded of it."""


class Disclosures:
    """Records disclosures; keeps the policies they were made under."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._kept: dict[str, Policy | None] = {}

    def record(
        self,
        policy: Policy,
        child: UUID,
        disclosed: Disclosed,
        beside: Mapping[UUID, Sequence[object]] = MappingProxyType({}),
        unmoved: Mapping[UUID, int] = MappingProxyType({}),
    ) -> None:
        """Record a disclosure, what goes `beside`, and the policy's text where it is the first under it.

        All or nothing. Raises Conflict where a stream that was to be `unmoved` has moved on from its version.
        """
        self._keep([policy], {**beside, child: [disclosed, *beside.get(child, ())]}, unmoved)

    def record_all(self, told: Sequence[Telling]) -> None:
        """Record what was shown of several children, each as `record` does, in one transaction."""
        appended: dict[UUID, list[object]] = {}
        for _, child, disclosed in told:
            appended.setdefault(child, []).append(disclosed)
        self._keep([policy for policy, _, _ in told], appended)

    def keep(self, policy: Policy) -> None:
        """Keep a policy's text, where nothing was told under it before."""
        self._keep([policy], {})

    def adopt(self, policy: Policy, by: By, called: str = "") -> PolicyAdopted:
        """Record who adopted a policy, what people call it, and its text where it is new.

        Raises Refused where it is the last, another text is kept under its name, or `called` is no name;
        Conflict.
        """
        called = called.strip()
        if len(called) > CALLED:
            raise Refused(f"what a policy is called has {CALLED} characters at most")
        if not called.isprintable():  # of it a line is made, for everybody
            raise Refused("what a policy is called is one line, without control characters")
        for _ in range(ATTEMPTS):
            said = list(self._records.archive.stream(POLICIES))
            version = said[-1].originator_version if said else 0
            before, in_use = _checked(policy, [event.body for event in said])
            done = PolicyAdopted(name=policy.name, before=before, by=by, called=called)
            try:
                self._records.record({POLICIES: (version, [*in_use, done])})
            except Conflict:  # another was adopted just now, and is the one before
                continue
            self._kept[policy.name] = policy
            return done
        raise Conflict("policies are being adopted by others; try again")

    def adopted(self, name: str) -> list[tuple[datetime, PolicyAdopted]]:
        """Who adopted the policy of this name, and when; the oldest first."""
        said = [(event.at, event.body) for event in self._records.archive.stream(POLICIES)]
        return [(at, one) for at, one in said if isinstance(one, PolicyAdopted) and one.name == name]

    def policy(self, name: str) -> Policy | None:
        """The policy of this name, as it was; None where nothing was ever shown under it here."""
        if name not in self._kept or self._kept[name] is None:
            for event in self._records.archive.stream(POLICIES):
                if isinstance(event.body, PolicyInUse) and event.body.name == name:
                    self._kept[name] = read((event.body.policy, event.body.agreements))
        return self._kept.get(name)

    def _keep(
        self,
        policies: Iterable[Policy],
        appended: Mapping[UUID, Sequence[object]],
        unmoved: Mapping[UUID, int] = MappingProxyType({}),
    ) -> None:
        """Record what is told under policies; with it the text of each that is the first told under it."""
        named, kept = {policy.name: policy for policy in policies}, self._names()
        texts = [_text_of(policy) for name, policy in named.items() if name not in kept]
        if texts:
            appended = {**appended, POLICIES: texts}
        if appended:
            self._records.record({}, Effects(unmoved=unmoved), appended)
        self._kept.update(named)

    def _names(self) -> set[str]:
        if not self._kept:
            for event in self._records.archive.stream(POLICIES):
                if isinstance(event.body, PolicyInUse):
                    self._kept.setdefault(event.body.name, None)
        return set(self._kept)


def _text_of(policy: Policy) -> PolicyInUse:
    text, agreements = policy.texts
    return PolicyInUse(name=policy.name, policy=text, agreements=agreements)


def _checked(policy: Policy, said: Sequence[Any]) -> tuple[str, list[PolicyInUse]]:
    """Which policy one to be adopted follows, and its text where it is not kept yet. Raises Refused."""
    adopted = [one.name for one in said if isinstance(one, PolicyAdopted)]
    if adopted[-1:] == [policy.name]:
        raise Refused("this policy is adopted already, and none since")
    used = [one.name for one in said if isinstance(one, PolicyInUse) and one.name != policy.name]
    kept = [one for one in said if isinstance(one, PolicyInUse) and one.name == policy.name]
    if any((one.policy, one.agreements) != policy.texts for one in kept):
        raise Refused("another policy is kept here under the same name: change the file, then adopt it")
    return next(reversed(adopted or used), ""), [] if kept else [_text_of(policy)]
