"""That something was shown, recorded before it is shown, with the policy it was shown under."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID, uuid5

from hub.domain.by import By
from hub.domain.child import Disclosed
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.errors import Refused
from hub.records import Records
from hub.sharing.policy import Policy, read
from hub.store.mapper import HUB

POLICIES = uuid5(HUB, "policies in use")
"""The stream that keeps the text of every policy under which something was ever shown."""
CALLED = 60
"""Characters at most of what people call a policy that was adopted: it stands in one line."""


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
    ) -> None:
        """Record a disclosure, what goes `beside`, and the policy's text where it is the first under it.

        All or nothing.
        """
        self._keep(policy, {**beside, child: [disclosed]})

    def keep(self, policy: Policy) -> None:
        """Keep a policy's text, where nothing was told under it before."""
        self._keep(policy, {})

    def adopt(self, policy: Policy, by: By, called: str = "") -> PolicyAdopted:
        """Record who adopted a policy, what people call it, and its text where it is new.

        Raises Refused where it is the last, another text is kept under its name, or `called` is no name.
        """
        called = called.strip()
        if len(called) > CALLED:
            raise Refused(f"what a policy is called has {CALLED} characters at most")
        if not called.isprintable():  # of it a line is made, for everybody
            raise Refused("what a policy is called is one line, without control characters")
        said = [event.body for event in self._records.archive.stream(POLICIES)]
        adopted = [one.name for one in said if isinstance(one, PolicyAdopted)]
        if adopted[-1:] == [policy.name]:
            raise Refused("this policy is adopted already, and none since")
        used = [one.name for one in said if isinstance(one, PolicyInUse) and one.name != policy.name]
        kept = [one for one in said if isinstance(one, PolicyInUse) and one.name == policy.name]
        if any((one.policy, one.agreements) != policy.texts for one in kept):
            raise Refused("another policy is kept here under the same name: change the file, then adopt it")
        before = next(reversed(adopted or used), "")
        self.keep(policy)
        done = PolicyAdopted(name=policy.name, before=before, by=by, called=called)
        self._records.record({}, appended={POLICIES: [done]})
        return done

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

    def _keep(self, policy: Policy, appended: Mapping[UUID, Sequence[object]]) -> None:
        """Record what is told under a policy; with it the policy's text, where it is the first told."""
        if policy.name not in self._names():
            text, agreements = policy.texts
            appended = {
                **appended,
                POLICIES: [PolicyInUse(name=policy.name, policy=text, agreements=agreements)],
            }
        if appended:
            self._records.record({}, appended=appended)
        self._kept[policy.name] = policy

    def _names(self) -> set[str]:
        if not self._kept:
            for event in self._records.archive.stream(POLICIES):
                if isinstance(event.body, PolicyInUse):
                    self._kept.setdefault(event.body.name, None)
        return set(self._kept)
