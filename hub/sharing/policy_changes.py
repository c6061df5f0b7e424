"""What changes for whom between two policies: every answer compared, not the text."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from hub.sharing.policy import ORDER, Policy, Tier
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME
from schemas.scope import Scope


class PolicyChange(NamedTuple):
    """One difference: what it is about, as it was, as it will be (empty: there is none)."""

    about: str
    old: str
    new: str
    widens: bool
    """True where somebody gets more than before, or for longer."""


def changes(old: Policy, new: Policy) -> list[PolicyChange]:
    """Every difference that changes an answer, a duty or a date; in the order of the file."""
    return [*_roles(old, new), *_cells(old, new), *_purposes(old, new), *_rest(old, new)]


def _roles(old: Policy, new: Policy) -> Iterator[PolicyChange]:
    for role in sorted(old.roles.keys() ^ new.roles.keys()):
        added = role in new.roles
        yield PolicyChange(f"role {role}", "" if added else "there", "there" if added else "", added)


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
    agreed = [{a.id: a for a in policy.agreements} for policy in (old, new)]
    for id_ in {**agreed[0], **agreed[1]}:
        one, other = agreed[0].get(id_), agreed[1].get(id_)
        if one != other:
            yield PolicyChange(
                f"agreement {id_}", _agreement(one), _agreement(other), one is None or other is not None
            )


def _tiers(about: str, was: Tier, now: Tier) -> PolicyChange:
    return PolicyChange(about, was.value, now.value, ORDER.index(now) > ORDER.index(was))


def _more(was: object, now: object) -> bool:
    if isinstance(was, frozenset) and isinstance(now, frozenset):
        return bool(now - was)
    return type(was) is type(now) and not isinstance(was, str) and bool(now > was)  # type: ignore[operator]


def _words(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)


def _agreement(agreement: object) -> str:
    dates = getattr(agreement, "start_date", None), getattr(agreement, "end_date", None)
    return f"from {dates[0]} to {dates[1]}" if agreement else ""


def _yes(said: bool) -> str:  # noqa: FBT001 — it is said, not switched
    return "yes" if said else "no"
