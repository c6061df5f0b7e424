"""Unusual access: signs a person should look at, each with why it is listed. Never a sanction."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.audit.circumstances import Circumstances, Closeness
from hub.audit.looks import BARRED, GLASS, Looked
from hub.domain.calendar import LONDON
from hub.errors import HubError
from hub.sharing.policy import Policy

SHIPPED = Path(__file__).with_name("unusual.toml")
AGENCY_TIES = frozenset({"agency-involved", "agency-entry"})


class UnusualSettingsInvalid(HubError):
    """The settings of unusual access cannot be used; the text names file and key."""

    status, title, exit_code = 503, "The settings of unusual access cannot be used", 2


class Sign(BaseModel):
    """One sign: from how many looks or children on it is listed, within what time, its source, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    at_least: Annotated[int, Field(alias="at-least", ge=1)]
    within_minutes: Annotated[int, Field(alias="within-minutes", ge=1)] = 60
    source: Annotated[str, Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]


class Signs(BaseModel):
    """All signs there are."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    many_children: Annotated[Sign, Field(alias="many-children")]
    no_relationship: Annotated[Sign, Field(alias="no-relationship")]
    agency_only: Annotated[Sign, Field(alias="agency-only")]
    own_street: Annotated[Sign, Field(alias="own-street")]
    same_household: Annotated[Sign, Field(alias="same-household")]
    same_surname: Annotated[Sign, Field(alias="same-surname")]
    barred: Sign


class Unusual(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the report: who, from when until when, how many, and why it is listed, with the source.

    `child` is none where the sign is of many children. `counted` says of what `count` is.
    """

    sign: str
    person: str
    role: str
    agency: str
    since: datetime
    until: datetime
    count: int
    counted: str
    why: str
    source: str
    child: UUID | None = None


class _Whose(NamedTuple):
    person: str
    role: str
    agency: str


def load(file: Path = SHIPPED) -> Signs:
    """Read the signs and their numbers. Raises UnusualSettingsInvalid."""
    try:
        return Signs.model_validate(tomllib.loads(file.read_text()))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusualSettingsInvalid(f"{file.name}: {type(error).__name__}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnusualSettingsInvalid(f"{file.name}: {place}: {first['msg']}") from None


def unusual(looks: Sequence[Looked], signs: Signs, policy: Policy, own: Circumstances) -> list[Unusual]:
    """What is unusual among these looks, by person. Auditors' own looks are told as anybody's."""
    by_person: dict[_Whose, list[Looked]] = defaultdict(list)
    for look in looks:
        by_person[_Whose(look.person, look.role, look.agency)].append(look)
    found = [
        line
        for whose, seen in by_person.items()
        for part in (
            _many(whose, seen, signs.many_children),
            _unrelated(whose, seen, signs.no_relationship),
            _agency_only(whose, seen, signs.agency_only, policy),
            _close(whose, seen, signs, own),
            _refused(whose, seen, signs.barred),
        )
        for line in part
    ]
    return sorted(found, key=lambda line: (line.since, line.sign, line.person))


# ------------------------------------------------------------ one function a sign


def _many(whose: _Whose, looks: Sequence[Looked], sign: Sign) -> Iterator[Unusual]:
    """Stretches in which the number was reached within the time, again and again; each is one line."""
    within, first = timedelta(minutes=sign.within_minutes), 0
    stretches: list[tuple[int, int]] = []
    for last, look in enumerate(looks):
        while look.at - looks[first].at > within:
            first += 1
        if len({each.record for each in looks[first : last + 1]}) >= sign.at_least:
            goes_on = bool(stretches) and first <= stretches[-1][1]
            begun = stretches.pop()[0] if goes_on else first
            stretches.append((begun, last))
    for begun, last in stretches:
        yield _many_line(whose, looks[begun : last + 1], sign)


def _many_line(whose: _Whose, run: Sequence[Looked], sign: Sign) -> Unusual:
    children = len({look.record for look in run})
    counted = f"children, {sign.at_least} or more of them within {sign.within_minutes} minutes"
    return _line("many-children", whose, run, sign, children, counted)


def _unrelated(whose: _Whose, looks: Sequence[Looked], sign: Sign) -> Iterator[Unusual]:
    wanting = [look for look in looks if not look.tie or (look.tie == GLASS and look.review != "justified")]
    for child, seen in _by_child(wanting):
        if len(seen) >= sign.at_least:
            words = sorted({look.review or "not reviewed" for look in seen if look.tie == GLASS})
            yield _line("no-relationship", whose, seen, sign, len(seen), _looks(words), child)


def _agency_only(whose: _Whose, looks: Sequence[Looked], sign: Sign, policy: Policy) -> Iterator[Unusual]:
    role = policy.roles.get(whose.role)
    if role is not None and role.coordinates:  # whose work is every child that comes
        return
    for child, seen in _by_child(look for look in looks if look.tie in AGENCY_TIES):
        days = {look.at.astimezone(LONDON).date() for look in seen}
        if len(days) >= sign.at_least:
            yield _line("agency-only", whose, seen, sign, len(days), "days", child)


def _close(whose: _Whose, looks: Sequence[Looked], signs: Signs, own: Circumstances) -> Iterator[Unusual]:
    by_sign: Mapping[Closeness, Sign] = {
        Closeness.HOUSEHOLD: signs.same_household,
        Closeness.STREET: signs.own_street,
        Closeness.SURNAME: signs.same_surname,
    }
    for child, seen in _by_child(look for look in looks if look.tie != BARRED):
        for closeness in own.of(whose.person, whose.agency, child):
            sign = by_sign[closeness]
            if len(seen) >= sign.at_least:
                yield _line(closeness.value, whose, seen, sign, len(seen), "looks", child)


def _refused(whose: _Whose, looks: Sequence[Looked], sign: Sign) -> Iterator[Unusual]:
    for child, seen in _by_child(look for look in looks if look.tie == BARRED):
        if len(seen) >= sign.at_least:
            yield _line("barred", whose, seen, sign, len(seen), "attempts", child)


def _by_child(looks: Iterable[Looked]) -> Iterable[tuple[UUID, list[Looked]]]:
    found: dict[UUID, list[Looked]] = defaultdict(list)
    for look in looks:
        found[look.record].append(look)
    return found.items()


def _looks(words: Sequence[str]) -> str:
    return f"looks ({', '.join(words)})" if words else "looks"


def _line(
    code: str,
    whose: _Whose,
    seen: Sequence[Looked],
    sign: Sign,
    count: int,
    counted: str,
    child: UUID | None = None,
) -> Unusual:
    first, last = seen[0].at, seen[-1].at
    return Unusual(code, *whose, first, last, count, counted, sign.why, sign.source, child)
