"""What is drawn beforehand, under the policy in force: another is adopted, and it is drawn anew.

So it is where an agreement begins or ends by its day, though nobody adopts anything (decision 108). What was
drawn for one front door is never shown, counted or told where the policy or the day has another: it lies in
views of its own (`Follower.name`). Until `hub follow` has drawn the new ones, what is asked of a child is
worked out with the look, lists say that they may not be all, and counts wait.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.domain.child import Child, restrictions_of
from hub.follow import Follower, Looking
from hub.patterns.flags import Flag
from hub.patterns.settings import Settings
from hub.protocol.packs import Packs
from hub.protocol.worklist import Item
from hub.records import Records
from hub.records.reading import known_of
from hub.sharing.considered import Considered
from hub.sharing.drawing import (
    NOTHING_LESS,
    FlagsProjection,
    Less,
    Rest,
    flags_of,
    items_of,
    own_tie,
    rest_of,
    shares_id,
    shares_of,
    worklist_id,
)
from hub.sharing.front_door import FrontDoor
from hub.sharing.policy import Policy
from hub.sharing.policy_in_force import PolicyInForce
from hub.store.views import Views


class Sight(NamedTuple):
    """Everything that is drawn under one policy, and through whose eyes."""

    policy: Policy
    at: datetime
    """The moment it was made for: it stands until an agreement begins or ends."""
    door: FrontDoor
    flags: Follower
    worklist: Follower
    answering: Follower
    """For the teller alone: nothing that anybody is shown is drawn from it."""

    @property
    def shown(self) -> tuple[Follower, Follower]:
        """Who draws what people are shown: flags, and worklists."""
        return self.flags, self.worklist


MakeSight = Callable[[Policy, datetime, Sight | None], Sight]
"""Of a policy and a moment, and of the sight until then: what is drawn alike under both is drawn on."""


class Drawn:
    """What the projections have drawn, as sharing asks for it."""

    def __init__(
        self,
        settings: Settings,
        packs: Packs,
        records: Records,
        views: Views,
        policies: PolicyInForce,
        make: MakeSight,
    ) -> None:
        """Begin under the policy in force. Raises PolicyInvalid, Unavailable."""
        self.settings, self.packs = settings, packs
        self._records, self._views, self._policies, self._make = records, views, policies, make
        self._sight = make(policies(), records.clock(), None)
        self._adopted = policies.since
        self._before: Sight | None = None
        """What was whole last, while what is in its place is not: for ties, feeds, and whom to ask of."""
        self._whole: set[str] = set()

    def sight(self) -> Sight:
        """What is drawn today under the policy adopted last, as far as `policies` looked.

        Before any was adopted its policy stays what it began with, whatever becomes of the file.
        Raises PolicyInvalid.
        """
        policies, was, now = self._policies, self._sight, self._records.clock()
        same = policies.since == self._adopted
        if same and was.door.holds(now):
            return was
        found = self._make(was.policy if same else policies.seen(), now, was)
        drawn_on = {one.name for one in found.shown} & {one.name for one in was.shown}
        if len(drawn_on) < len(found.shown) and all(map(self.drew, was.shown)):
            self._before = self._make(was.policy, was.at, None)  # which remembers nothing of any child
        self._whole &= drawn_on
        self._sight, self._adopted = found, policies.since
        return found

    def whole(self) -> bool:
        """Whether all that people are shown is drawn as the policy in force asks.

        Where nothing was adopted, nor any agreement began or ended, it is taken as it is.
        Raises PolicyInvalid.
        """
        return all(map(self.drew, self.sight().shown))

    def drew(self, follower: Follower) -> bool:
        """Whether one of today's followers has drawn all there was when the front door last changed.

        By an adoption, or by the day of an agreement: what was recorded until then, and what fell due.
        """
        since = max((at for at in (self._adopted, self._sight.door.since) if at is not None), default=None)
        if since is None or follower.name in self._whole:
            return True
        undrawn = follower.undrawn_since()
        if (undrawn is not None and undrawn <= since) or self._views.due(follower.live, since, 1):
            return False
        self._whole.add(follower.name)
        return True

    def stands(self, policy: Policy) -> bool:
        """Whether what is drawn is what this policy's front door sees, and all there."""
        return self.sight().door.fits(policy, self._records.clock()) and self.whole()

    @property
    def followers(self) -> tuple[Follower, Follower]:
        """Who draws flags, and who draws worklists."""
        return self.sight().shown

    @property
    def answering(self) -> Follower:
        """Who draws for those who answer for restricted entries."""
        return self.sight().answering

    @property
    def door(self) -> FrontDoor:
        """Through whose eyes they were drawn."""
        return self.sight().door

    def flags(self, child: UUID) -> list[Flag]:
        """The flags of a child."""
        return flags_of(self.followers[0].rows(child).get(child, {}), child)

    def beside(self, child: UUID) -> Rest:
        """What rules say of a child beside flags."""
        return rest_of(self.followers[0].rows(child).get(child, {}), child)

    def knowing(self, child: UUID, less: Less) -> tuple[list[Flag], Rest]:
        """Both, drawn again now as if of these other children no more were known than this."""
        return self.redrawn(self._records.person(child), self.settings, less)

    def unrestricted(self, child: UUID, less: Less = NOTHING_LESS) -> Less:
        """What is known of the other children without entries whose processing is restricted.

        For counts and trials, which protect no child (decision 86); `less` as somebody may know of them.
        """
        found, keys = dict(less), self._records.keys
        for other in self.crossed(child):
            people = self._records.person(other)
            restricted = restrictions_of(people)
            if restricted:
                known = found[other] if other in found else known_of(people, keys, eyes=self.door)
                found[other] = [one for one in known if one.fact.entry not in restricted]
        return found

    def crossed(self, child: UUID) -> set[UUID]:
        """The other children whose flags share a tie with the child's."""
        live = self._known().flags.live
        return self._views.tied(live, self._views.ties_of(live, [child])) - {child}

    def redrawn(
        self, people: tuple[Child, ...], numbers: Settings, less: Less = NOTHING_LESS
    ) -> tuple[list[Flag], Rest]:
        """A child's flags and what is said beside them, drawn again under other numbers; keeps nothing."""
        sight, records, root = self.sight(), self._records, people[0].id

        def tied(ties: Iterable[str]) -> Mapping[UUID, tuple[Child, ...]]:
            others = self._views.tied(sight.flags.live, ties) - {root}
            return {other: records.person(other) for other in sorted(others)}

        projection = FlagsProjection(records.keys, records.index, numbers, sight.door, less)
        looking = Looking(people, records.clock(), self.feeds(), tied, records.once_theirs(people))
        rows = projection.draw(looking).rows
        return flags_of(rows, root), rest_of(rows, root)

    def worklist(self, child: UUID) -> list[Item]:
        """What the protocol asks for on a child."""
        row = self.followers[1].rows(child).get(child, {}).get(worklist_id(child))
        return items_of(row) if row else []

    def on_worklists(self) -> Iterable[UUID]:
        """The children of whom `worklists` tells, by which rows there are: none is opened."""
        known, now = self._known(), self.sight()
        before = known.worklist.sealed() if known is not now else []
        return dict.fromkeys(row.stream for row in (*before, *now.worklist.sealed()))

    def worklists(self) -> dict[UUID, list[Item]]:
        """What the protocol asks for, and which corrections are asked for, on every child with either.

        Until it is whole also what was drawn before, of who is not drawn yet: it is not counted.
        """
        known, now = self._known(), self.sight()
        before = known.worklist.rows() if known is not now else {}
        return {
            child: [item for id_, row in rows.items() if id_ != shares_id(child) for item in items_of(row)]
            for child, rows in {**before, **now.worklist.rows()}.items()
        }

    def shares(self) -> list[Considered]:
        """Every share that was considered, on whichever child."""
        drawn = self.followers[1].rows().items()
        return [share for child, rows in drawn for share in shares_of(rows, child)]

    def every_flag(self) -> dict[UUID, list[Flag]]:
        """Every flag there is or was, by child."""
        return {child: flags_of(rows, child) for child, rows in self.followers[0].rows().items()}

    def tied(self, hashed: str) -> set[UUID]:
        """Children whose worklist is tied to the child of this keyed hash."""
        return self._views.tied(self._known().worklist.live, [own_tie(hashed)])

    def involved(self, child: UUID) -> set[UUID]:
        """The other children whose worklists share a tie with the child's: of its incidents, or further."""
        live = self._known().worklist.live
        return self._views.tied(live, self._views.ties_of(live, [child])) - {child}

    def tied_to(self, projection: str, ties: Iterable[str]) -> set[UUID]:
        """Children whose drawing, by this projection, is tied by one of these."""
        (follower,) = (f for f in self._known().shown if f.projection.name == projection)
        return self._views.tied(follower.live, list(ties))

    def drawn_to(self) -> int:
        """The position of the last event that every projection has drawn."""
        return min(self._views.position(follower.live) for follower in self.followers)

    def late(self) -> bool:
        """Whether a projection lacks what it should have drawn by now: then what is drawn may not be all."""
        return not self.whole() or any(follower.late() for follower in self.followers)

    def feeds(self) -> Mapping[str, datetime]:
        """When each agency was last heard."""
        known, now = self._known(), self.sight()
        heard = self._views.heard(now.flags.live)
        before = self._views.heard(known.flags.live) if known is not now else {}
        return {agency: max(heard.get(agency, at), at) for agency, at in {**heard, **before}.items()}

    def _known(self) -> Sight:
        """What is whole: what is drawn now, or what was before it."""
        found = self.sight()
        if self._before is not None and self.whole():
            self._before = None
        return self._before or found
