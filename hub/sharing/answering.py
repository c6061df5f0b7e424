"""The projection for who answers for restricted entries: flags that stand on these, as they are shown them.

The front door's flags are drawn without what is restricted, so nobody would be told that one stands on it.
This draws them for each role that is told (`told` in the policy), by the very look such a reader would take;
nobody reads it but the teller (decision 61).
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from hub.domain.child import By, Child
from hub.errors import UnknownChild
from hub.follow import Drawn, Looking
from hub.patterns.flags import Flag
from hub.patterns.settings import Settings
from hub.records import Records
from hub.sharing.agreements import turns
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Policy, PolicyStale
from hub.sharing.redrawn import Redrawn, drawn_again, is_restricted

ANYBODY = ""
"""One of a role who is nobody in particular: allocated to no child, named on no seal, let in nowhere."""
_encode = msgspec.json.Encoder().encode


class Answered(msgspec.Struct, frozen=True):
    """A flag that stands on a restricted entry, and who is told of it: a role, or one person of it.

    A person, where they are shown it for being allocated to the child, and their role at large is not.
    """

    to: str
    role: str
    flag: Flag

    @property
    def names(self) -> tuple[str, ...]:
        """Who is told: of the role at large whoever has it in hand, else the role. Nobody of another role."""
        owner = self.flag.owner
        if owner is not None and owner.role == self.role == self.to:
            return owner.person, self.role
        return (self.to,)


class AnsweringProjection:
    """For each role that is told: the flags on restricted entries that it is shown. One row a flag and role.

    It costs nothing of a child of whom nothing is restricted.
    """

    name = "answering"

    def __init__(self, records: Records, policy: Policy, settings: Settings) -> None:
        self._records, self._policy, self._settings = records, policy, settings
        self._roles = [name for name, role in sorted(policy.roles.items()) if role.told]
        self.version = f"1.{policy.digest[:8]}"

    def draw(self, looking: Looking) -> Drawn:
        """Draw one child's, for every role that is told, and everyone of it who works with the child."""
        people = looking.records
        if not any(child.restricted for child in people):
            return Drawn({})
        rows: dict[UUID, bytes] = {}
        moments, awaits = list(_days(self._policy, looking.now)), set[str]()
        for role in self._roles:
            at_large: dict[UUID, Flag] = {}
            for by in self._viewers(role, people):
                shown: dict[UUID, Flag] = {}
                for found in self._seen(by, looking):
                    moments.extend([found.look_at] if found.look_at else [])
                    awaits |= found.awaits
                    for flag in filter(is_restricted, found.flags):
                        shown.setdefault(flag.id, flag)
                for id_ in shown.keys() - at_large.keys():
                    to = by.person or role
                    rows[uuid5(id_, f"{role}/{to}")] = _encode(Answered(to, role, shown[id_]))
                at_large |= {} if by.person else shown
        return Drawn(rows, min(moments, default=None), (), sorted(awaits))

    def _viewers(self, role: str, people: tuple[Child, ...]) -> Iterator[By]:
        """The role at large first; then those of it who work or worked with the child."""
        agency = self._policy.roles[role].agency.value
        yield By(ANYBODY, role, agency)
        mine = {by for child in people for by in child.worked if (by.role, by.agency) == (role, agency)}
        yield from sorted(mine, key=lambda by: by.person)

    def _seen(self, by: By, looking: Looking) -> Iterator[Redrawn]:
        """What they are shown, for each purpose they may look for; nothing of what is no record to them."""
        for purpose in sorted(self._policy.roles[by.role].purposes):
            try:
                view = Look(self._records, self._policy, Reader(by, purpose), looking.records[0].id, None)
            except (UnknownChild, PolicyStale):
                continue
            yield drawn_again(view, self._settings, looking.feeds)


def answered_of(row: bytes) -> Answered:
    """Read a drawn row back."""
    return msgspec.json.decode(row, type=Answered)


def _days(policy: Policy, now: datetime) -> Iterator[datetime]:
    """The moments to come at which policy or agreements begin or end to hold: London's midnights."""
    days = {(policy.validity.since, policy.validity.until), *(one.days for one in policy.agreements)}
    return (at for at in turns(days) if at > now)
