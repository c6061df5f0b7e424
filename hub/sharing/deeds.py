"""What people did about a flag, as far as one reader may know it: who, when, what, and the reason."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import seal
from hub.domain.child import (
    By,
    Child,
    FlagAcknowledged,
    FlagAct,
    FlagDisagreed,
    FlagOwned,
    FlagReleased,
    FlagReleaseEnded,
    FlagRenewed,
    FlagReviewed,
)
from hub.domain.entry import Envelope
from hub.errors import Refused
from hub.patterns.flags import Flag
from hub.sharing.look import Look
from hub.sharing.policy import Policy
from hub.sharing.reasons import opened_reason
from schemas.case_event import AGENCY_SCOPE
from schemas.vocabulary import Agency

LONGEST = 4_000
"""Characters of a reason."""


class Deed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act about a flag. `reason` stands where the reader reads what the acting agency writes."""

    at: datetime
    what: str
    by: By
    detail: str = ""
    reason: str = ""


def sealed_reason(keys: KeyRing, child: UUID, about: UUID, by: By, reason: str) -> Envelope:
    """Seal a reason under the child's own key, in the scope of the acting agency. Raises Refused for none.

    `about` is the id of the flag, or of the proposal, that it is about.
    """
    if not reason.strip():
        raise Refused("a reason is needed")
    if len(reason) > LONGEST:
        raise Refused(f"a reason has at most {LONGEST} characters")
    scope = AGENCY_SCOPE[Agency(by.agency)].value
    key = keys.for_sealing(child, scope)
    return Envelope(scope, seal(key, child, about, scope, "reason", reason.encode()))


def deeds(view: Look, policy: Policy, by: By, keys: KeyRing) -> Callable[[Flag], tuple[Deed, ...]]:
    """What was done about each flag: own agency's and coordinators' acts, all to coordinators.

    Only what was done while the flag stood for this reader: what was done before says what others saw.
    """
    coordinators = {name for name, role in policy.roles.items() if role.coordinates}

    def of(flag: Flag) -> Iterator[Deed]:
        for child, at, act in _acts(view.people, flag.id):
            if not flag.stood(at):
                continue
            own = act.by.agency == by.agency or act.by.role in coordinators
            if own or by.role in coordinators:
                yield _deed(at, act, child, view, keys)

    return lambda flag: tuple(sorted(of(flag), key=lambda deed: deed.at))


def owners(people: Iterable[Child], flag: UUID) -> list[By]:
    """Who has had the flag in hand, the present one last."""
    acts = sorted(_acts(people, flag), key=lambda one: one[1])
    return [act.owner for _, _, act in acts if isinstance(act, FlagOwned)]


def _acts(people: Iterable[Child], flag: UUID) -> Iterator[tuple[Child, datetime, FlagAct]]:
    for child in people:
        yield from ((child, at, act) for at, act in child.flags.get(flag, ()) if isinstance(act, FlagAct))


def _deed(at: datetime, act: FlagAct, child: Child, view: Look, keys: KeyRing) -> Deed:
    what = type(act).__struct_config__.tag
    envelope = getattr(act, "reason", None)
    reason = ""
    if envelope is not None and view.reads_why(act.by, envelope):
        remember = view.glass is None
        reason = opened_reason(keys, child.id, act.flag, envelope, remember=remember)
    return Deed(at, str(what).removeprefix("flag-"), act.by, _detail(act), reason)


def _detail(act: FlagAct) -> str:
    match act:
        case FlagReviewed():
            return act.decision.value
        case FlagReleased():
            return ", ".join(act.roles)
        case FlagOwned():
            return f"in the hands of {act.owner.role}, {act.owner.agency}"
        case FlagAcknowledged() | FlagDisagreed() | FlagRenewed() | FlagReleaseEnded():
            return ""
