"""The policy that the hub works under: on live data the one adopted last (decision 91)."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from hub.confidentiality.sealing import CannotUnseal
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.records import Records
from hub.sharing.disclosing import POLICIES
from hub.sharing.policy import Policy, PolicyInvalid, read
from hub.sharing.policy_file import PolicyFile

LOOK = 1.0
"""Seconds between two looks whether another was adopted: so late, at most, a process works under it."""


class Waiting(NamedTuple):
    """What lies on disk and is not used: a policy of this name, or what is wrong with the files."""

    name: str
    fault: str


class PolicyInForce:
    """Gives the policy in force: the file on disk until one is adopted, then the one adopted last, as kept.

    Raises PolicyInvalid where that one cannot be read back, or the file that is used cannot be: nothing is
    shown then, and never by the file instead. A look asks the store: whoever shares its connections between
    threads calls within their turn, and outside it asks for `seen`.
    """

    def __init__(
        self, records: Records, on_disk: PolicyFile, monotonic: Callable[[], float], *, adopts: bool
    ) -> None:
        """`adopts`: whether what was adopted counts; in a demonstration the file on disk always does."""
        self._records, self._monotonic, self._adopts = records, monotonic, adopts
        self.on_disk = on_disk
        """The files as they lie there, adopted or not."""
        self._look_at = float("-inf")
        self._version = 0
        self._kept: dict[str, tuple[bytes, bytes]] = {}
        self._adopted = ""
        self.since: datetime | None = None
        """When the one adopted last was, as far as it was looked; None: none was."""
        self._read: tuple[str, Policy] | None = None
        """With the name it was adopted by: whoever asks beside a look puts nothing in its place for good."""

    def __call__(self) -> Policy:
        """The policy in force now. Raises PolicyInvalid, Unavailable."""
        self.look()
        return self.seen()

    def look(self) -> None:
        """See what was adopted since, where the last look is longer ago than `LOOK`."""
        now = self._monotonic()
        if not self._adopts or now < self._look_at:
            return
        try:
            said = list(self._records.archive.stream(POLICIES, after=self._version))
        except CannotUnseal as cannot:
            raise PolicyInvalid(f"which policy was adopted cannot be read: {cannot.reason}") from None
        for event in said:
            match event.body:
                case PolicyInUse(name=name, policy=policy, agreements=agreements):
                    self._kept.setdefault(name, (policy, agreements))
                case PolicyAdopted(name=name):
                    self._adopted, self.since = name, event.at
            self._version = event.originator_version
        self._look_at = now + LOOK

    def seen(self) -> Policy:
        """The policy in force when it was last looked: asks no store. Raises PolicyInvalid."""
        name, held = self._adopted, self._read
        if not name:
            return self.on_disk()
        if held is None or held[0] != name:
            self._read = held = name, self._read_back(name)
        return held[1]

    @property
    def adopted(self) -> bool:
        """Whether the policy in force is one that was adopted, and not whatever lies on disk."""
        return bool(self._adopted)

    def waiting(self) -> Waiting | None:
        """What lies on disk and waits to be adopted; None where it is what is in force."""
        if not self._adopted:
            return None
        try:
            there = self.on_disk()
        except PolicyInvalid as invalid:
            return Waiting("", str(invalid))
        return None if there.texts == self._kept.get(self._adopted) else Waiting(there.name, "")

    def _read_back(self, name: str) -> Policy:
        if name not in self._kept:
            raise PolicyInvalid(f"the policy adopted last, {name}, is not kept here")
        try:
            return read(self._kept[name])
        except PolicyInvalid as invalid:
            raise PolicyInvalid(f"the policy adopted last, {name}: {invalid}") from None
