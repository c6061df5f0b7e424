"""What changes for whom between two policies: every answer compared, not the text."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from hub.sharing.agreements import Agreement
from hub.sharing.policy import ORDER, Policy, Tier
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME
from schemas.scope import Scope

SAID_AS_DATES = ("start_date", "end_date")
COVERS = ("parties", "data", "purposes")
"""What of an agreement says which sharing it covers."""
READ_OF_CLOSED = ("nothing", "own words", "all")


class PolicyChange(NamedTuple):
    """One difference: what it is about, as it was, as it will be (empty: there is none)."""

    about: str
    old: str
    new: str
    widens: bool
    """True where somebody gets more than before, or for longer."""


def changes(old: Policy, new: Policy) -> list[PolicyChange]:
    """Every difference that changes an answer, a duty or a date; in the order of the file."""
    return [*_roles(old, new), *_traits(old, new), *_cells(old, new), *_purposes(old, new), *_rest(old, new)]


def _roles(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for role in sorted(old.roles.keys() ^ new.roles.keys()):
        added = role in new.roles
        yield PolicyChange(f"role {role}", "" if added else "there", "there" if added else "", added)


def _traits(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """What a role is beside its cells. At another agency it may get more."""
    for role in (r for r in old.roles if r in new.roles):
        before, after = old.roles[role], new.roles[role]
        if before.agency is not after.agency:
            yield PolicyChange(f"{role}: agency", before.agency.value, after.agency.value, widens=True)
        for trait in ("coordinates", "both_strands", "told"):
            was, now = bool(getattr(before, trait)), bool(getattr(after, trait))
            if was != now:
                yield PolicyChange(f"{role}: {trait.replace('_', ' ')}", _yes(was), _yes(now), now)
        most, may = before.most_days, after.most_days
        if most != may:
            longer = may is None or (most is not None and may > most)
            yield PolicyChange(f"{role}: most days", _days(most), _days(may), longer)


def _cells(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    types = (*TYPE_BY_NAME, *RESTRICTED_HOME)
    for role in (r for r in old.roles if r in new.roles):
        before, after = old.roles[role], new.roles[role]
        for scope in Scope:
            if before.tier(scope) != after.tier(scope):
                yield _tiers(f"{role}/{scope.value}", before.tier(scope), after.tier(scope))
        for type_ in types:
            was, now = before.types.get(type_), after.types.get(type_)
            if was != now:
                widens = ORDER.index(now or Tier.READ) > ORDER.index(was or Tier.READ)
                yield PolicyChange(f"{role}/{type_}", str(was or ""), str(now or ""), widens)


def _purposes(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for role, purpose in product(
        sorted(old.roles.keys() & new.roles.keys()), {**old.purposes, **new.purposes}
    ):
        before, after = (purpose in p.roles[role].purposes for p in (old, new))
        if before != after:
            yield PolicyChange(f"{role} for {purpose}", _yes(before), _yes(after), after)
    for purpose in {**old.purposes, **new.purposes}:
        was, now = old.purposes.get(purpose, ""), new.purposes.get(purpose, "")
        if was != now:
            yield PolicyChange(f"lawful basis of {purpose}", was, now, not was)


def _rest(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for part in ("validity", "break_glass", "relationship"):
        before, after = getattr(old, part), getattr(new, part)
        for name in type(before).model_fields:
            was, now = _words(getattr(before, name)), _words(getattr(after, name))
            if was != now:
                about = f"{part.replace('_', '-')}: {name.replace('_', ' ')}"
                yield PolicyChange(about, was, now, _more(getattr(before, name), getattr(after, name)))
    for purpose in {**old.purposes, **new.purposes}:
        before, after = (p.reads_restricted(purpose) for p in (old, new))
        if before != after:
            yield PolicyChange(f"restricted entries read for {purpose}", _yes(before), _yes(after), after)
    yield from _archives(old, new)
    agreed = [{a.id: a for a in policy.agreements} for policy in (old, new)]
    for id_ in {**agreed[0], **agreed[1]}:
        one, other = agreed[0].get(id_), agreed[1].get(id_)
        if _agreement(one) != _agreement(other):
            yield PolicyChange(
                f"agreement {id_}", _agreement(one), _agreement(other), one is None or other is not None
            )
        if one is not None and other is not None:
            yield from _terms(id_, one, other)


def _tiers(about: str, was: Tier, now: Tier) -> PolicyChange:
    return PolicyChange(about, was.value, now.value, ORDER.index(now) > ORDER.index(was))


def _more(was: object, now: object) -> bool:
    if isinstance(was, frozenset) and isinstance(now, frozenset):
        return bool(now - was)
    said = isinstance(was, str | Mapping)  # words, and whose guardian reviews: neither is more or less
    return type(was) is type(now) and not said and bool(now > was)  # type: ignore[operator]


def _words(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def _archives(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    """What is read of a closed case on each day from which either policy reads less; what opens it."""
    days = sorted({step.days for p in (old, new) if p.archive for step in p.archive.steps})
    for day, purpose, door in product(days, {**old.purposes, **new.purposes}, (False, True)):
        was, now = (_of_closed(policy, day, purpose, door=door) for policy in (old, new))
        if was != now and not (
            door and _of_closed(old, day, purpose) == was and _of_closed(new, day, purpose) == now
        ):
            whom = " by the front door" if door else ""
            about = f"a case closed {day} days ago, for {purpose}{whom}"
            yield PolicyChange(about, was, now, READ_OF_CLOSED.index(now) > READ_OF_CLOSED.index(was))
    for what in ("closed_by", "opens"):
        before, after = (getattr(p.archive, what) if p.archive else frozenset() for p in (old, new))
        for type_ in sorted(before ^ after) if old.archive and new.archive else ():
            said = (
                f"{type_} {'closes' if what == 'closed_by' else 'opens'} a case{' again' * (what == 'opens')}"
            )
            yield PolicyChange(
                said, _yes(type_ in before), _yes(type_ in after), (type_ in after) is (what == "opens")
            )


def _of_closed(policy: Policy, day: int, purpose: str, *, door: bool = False) -> str:
    """What is read of a case closed so many days ago: everything, one's own agency's words, or nothing."""
    step = policy.archive.step(day) if policy.archive else 0
    if policy.archive is None or not step:
        return READ_OF_CLOSED[-1]
    at = policy.archive.steps[step - 1]
    if purpose in at.purposes or (door and purpose in policy.archive.front_door):
        return READ_OF_CLOSED[-1]
    return READ_OF_CLOSED[at.own_words]


def _terms(id_: str, one: Agreement, other: Agreement) -> Iterator[PolicyChange]:
    """Between whom, of what and for what an agreement is, and what else it says, where that is another."""
    for what in Agreement.model_fields:
        was, now = (_of(agreement, what) for agreement in (one, other))
        if was != now and what not in SAID_AS_DATES:
            more = bool(now - was) if what in COVERS else True  # whether other words allow more a person says
            yield PolicyChange(f"agreement {id_}: {what.replace('_', ' ')}", _words(was), _words(now), more)


def _of(agreement: Agreement, what: str) -> frozenset[str]:
    said = getattr(agreement, what)
    if what == "parties":
        return frozenset(party.agency.value for party in said)
    return frozenset(map(str, said)) if isinstance(said, tuple | frozenset) else frozenset((str(said),))


def _agreement(agreement: object) -> str:
    dates = getattr(agreement, "start_date", None), getattr(agreement, "end_date", None)
    return f"from {dates[0]} to {dates[1]}" if agreement else ""


def _days(most: int | None) -> str:
    return "no end needed" if most is None else str(most)


def _yes(said: bool) -> str:  # noqa: FBT001 — it is said, not switched
    return "yes" if said else "no"
