"""Accounts of one incident side by side: what each says, and where they do not say the same."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from hub.sharing.view import Gap
from hub.web.rows import details_of, row
from hub.web.themes import Theme, theme_of
from hub.web.told import Told
from hub.web.wording import spoken, type_said, when

ASIDE = frozenset(
    ("incident", "corrects", "completes", "recorder_role", "children", "people", "places", "first_teller")
)
"""Who recorded it and what it refers to: that may differ without saying anything of what happened."""
WHOSE = frozenset(("Significance", "Organisation"))
"""Whose account it is, and how much it matters to them: shown, and no other telling of what happened."""
SIDE_BY_SIDE = 4
"""Accounts in one table; more of one incident stand in further tables, beside the first account."""


class Account(NamedTuple):
    """One entry's account: who says it, and when it happened."""

    agency: str
    what: str
    when: str
    says: str
    voice: str


class Compared(NamedTuple):
    """One thing that two or more of the accounts speak of; `differs` where they do not say the same."""

    name: str
    values: tuple[str, ...]
    differs: bool


class Accounts(NamedTuple):
    """All accounts of one incident that this reader may read."""

    heading: str
    accounts: tuple[Account, ...]
    compared: tuple[Compared, ...]

    @property
    def differ(self) -> bool:
        """Whether any two say something different of the same thing."""
        return any(one.differs for one in self.compared)


def accounts_of(lines: Iterable[Told | Gap]) -> list[Accounts]:
    """Incidents of which more than one standing entry tells, those that tell it differently in front."""
    together: dict[tuple[str, str], list[Told]] = {}
    for line in lines:
        if isinstance(line, Gap) or line.entry.standing != "current":
            continue
        incident = line.fields.get("incident")
        # What was done about it is no account of it.
        if incident and theme_of(line.entry.type) is not Theme.MEETINGS_AND_DECISIONS:
            together.setdefault((incident["system"], incident["value"]), []).append(line)
    found = [_compared(some) for told in together.values() if len(told) > 1 for some in _beside(told)]
    return sorted(found, key=lambda one: not one.differ)


def _beside(told: Sequence[Told]) -> Iterable[Sequence[Told]]:
    yield told[:SIDE_BY_SIDE]
    for at in range(SIDE_BY_SIDE, len(told), SIDE_BY_SIDE - 1):
        yield (told[0], *told[at : at + SIDE_BY_SIDE - 1])


def _compared(told: Sequence[Told]) -> Accounts:
    fields = [_told_of(one) for one in told]
    names = dict.fromkeys(name for said in fields for name in said)
    compared = tuple(
        Compared(
            name,
            tuple(said.get(name, "") for said in fields),
            name not in WHOSE and len({s[name] for s in fields if name in s}) > 1,
        )
        for name in names
        if sum(name in said for said in fields) > 1
    )
    first = told[0].entry
    return Accounts(
        f"{type_said(first.type)}, {when(first.occurred_at, first.precision)}",
        tuple(map(_account, told)),
        compared,
    )


def _told_of(told: Told) -> Mapping[str, str]:
    fields = dict(details_of({name: value for name, value in told.fields.items() if name not in ASIDE}))
    return {"Significance": spoken(told.significance), **fields}


def _account(told: Told) -> Account:
    worded = row(told)
    return Account(worded.agency, worded.what, worded.when, worded.summary, worded.voice)
