"""Questions of identity in people's hands: what the records share, in what they differ, and the answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hub.casework.duties import IDENTITY
from hub.domain.child import By
from hub.domain.question import Answer, Question, QuestionKind
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.intake.questions import confirm, question, questions, separate
from hub.intake.splitting import split
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.look import Reader
from hub.sharing.relationship import bar_of
from hub.sharing.share import Share
from hub.sharing.view import ShownEntry

BORN = "Date of birth"
PURPOSE = "screening"
"""Whoever answers a question of identity looks at the records to tell whose they are."""


class Asked(NamedTuple):
    """An open question, without anything of the children: why it is asked, and of how many records."""

    id: UUID
    kind: QuestionKind
    agency: str
    opened_at: datetime | None
    records: int
    answer: Answer | None
    answered_by: By | None


class Beside(NamedTuple):
    """One of the records, as this reader may read it; `who` None where they may not."""

    record: UUID
    provisional: bool
    who: Mapping[str, Any] | None
    entries: Sequence[ShownEntry]


class Compared(NamedTuple):
    """One thing the records say of who the child is: what each says, and whether those that say it agree.

    `number`: it is an identifier, and `name` its system.
    """

    name: str
    values: tuple[str, ...]
    alike: bool | None
    number: bool


class Matter(NamedTuple):
    """A question with its records side by side."""

    asked: Asked
    records: tuple[Beside, ...]
    compared: tuple[Compared, ...]
    twins: bool


class IdentityDesk:
    """Answers questions of identity, and takes entries off a record they do not belong to.

    All raise NotAllowed for a role that has not this duty, and Refused for what cannot be done.
    """

    def __init__(self, records: Records, share: Share, new_id: Callable[[], UUID]) -> None:
        self._records, self._share, self._new_id = records, share, new_id

    def waiting(self, by: By) -> list[Asked]:
        """The questions, those that wait for an answer first."""
        IDENTITY.check(by)
        found = [_asked(one) for one in questions(self._records, every=True)]
        return sorted(found, key=lambda one: one.answer is not None)

    def matter(self, by: By, id_: UUID) -> Matter:
        """One question with its records, each shown as this reader may read it, and recorded as shown.

        Where it was answered that they are one child, they are read as one, and stand together.
        """
        IDENTITY.check(by)
        asked = question(self._records, id_)
        opened = asked.opened
        if opened is None:
            raise Refused("no such question")
        records = tuple(
            self._beside(by, record, provisional=record == opened.provisional)
            for record in (opened.provisional, *opened.candidates)
        )
        known = [one.who or {} for one in records]
        return Matter(_asked(asked), records, compared(known), may_be_twins(known))

    def same(self, by: By, id_: UUID, child: UUID, reason: str) -> None:
        """Say that they are one child: their records are read as one from now on."""
        self._may_answer(by, id_)
        confirm(self._records, id_, child, by, reason)

    def different(self, by: By, id_: UUID, reason: str) -> None:
        """Say that they are different children; a joining made before is undone."""
        self._may_answer(by, id_)
        separate(self._records, id_, by, reason)

    def move(
        self, by: By, id_: UUID, child: UUID, entries: Sequence[UUID], reason: str, to: UUID | None
    ) -> UUID:
        """Move entries from one record of a question to another of it, or to a new one; tells which.

        Only entries that this person may read: what they cannot see they cannot tell whose it is.
        """
        matter = self.matter(by, id_)
        here = next((one for one in matter.records if one.record == child), None)
        if here is None or (to is not None and to not in [one.record for one in matter.records]):
            raise Refused("choose records of this question")
        if not entries or not {one.id for one in here.entries}.issuperset(entries):
            raise Refused("choose the entries that are of another child")
        return split(self._records, child, entries, by, reason, self._new_id, to)

    def _may_answer(self, by: By, id_: UUID) -> None:
        """Nobody answers of a record that is barred to them: it is as if nothing were asked of it."""
        IDENTITY.check(by)
        opened = question(self._records, id_).opened
        of = (opened.provisional, *opened.candidates) if opened is not None else ()
        mine = accounts_of(self._records, by)
        if any(bar_of(self._records.person(record), by, mine) is not None for record in of):
            raise Refused("no such question")

    def _beside(self, by: By, record: UUID, *, provisional: bool) -> Beside:
        try:
            shared = self._share.chronology(Reader(by, PURPOSE), record)
        except (NotAllowed, UnknownChild):
            return Beside(record, provisional, None, ())
        entries = [line for line in shared.lines if isinstance(line, ShownEntry)]
        return Beside(record, provisional, shared.who, entries)


def compared(known: Sequence[Mapping[str, Any]]) -> tuple[Compared, ...]:
    """What the records say of who the child is, line by line; a line for each thing any of them says."""
    said = [_facts(who) for who in known]
    names = dict.fromkeys(name for facts in said for name in facts)
    systems = {identifier["system"] for who in known for identifier in who.get("identifiers", ())}
    return tuple(
        Compared(name, tuple(facts.get(name, "") for facts in said), _alike(name, said), name in systems)
        for name in names
    )


def may_be_twins(known: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two of the records have one date of birth and one last name, and first names that differ.

    Twins share more than any two other children: where this holds, nothing else that agrees should weigh.
    """
    seen: dict[tuple[str, str], set[str]] = {}
    for who in known:
        name, born = who.get("name") or {}, who.get("date_of_birth")
        if born and name.get("family") and name.get("given"):
            seen.setdefault((born, name["family"].casefold()), set()).add(name["given"].casefold())
    return any(len(given) > 1 for given in seen.values())


def _facts(who: Mapping[str, Any]) -> dict[str, str]:
    name = who.get("name") or {}
    plain = {
        "First name": name.get("given"),
        "Last name": name.get("family"),
        BORN: who.get("date_of_birth"),
        "Postcode": who.get("postcode"),
        "Address": who.get("address"),
    }
    numbers: dict[str, list[str]] = {}
    for identifier in who.get("identifiers", ()):
        numbers.setdefault(identifier["system"], []).append(str(identifier["value"]))
    return {
        **{label: str(value) for label, value in plain.items() if value},
        **{system: ", ".join(sorted(values)) for system, values in numbers.items()},
    }


def _alike(name: str, said: Sequence[Mapping[str, str]]) -> bool | None:
    """None where fewer than two say it: then nothing agrees, and nothing differs."""
    values = [facts[name].casefold() for facts in said if name in facts]
    return len(set(values)) == 1 if len(values) > 1 else None


def _asked(one: Question) -> Asked:
    opened, answered = one.opened, one.answered
    if opened is None:
        raise Refused("no such question")
    return Asked(
        one.id,
        opened.kind,
        opened.agency,
        one.opened_at,
        1 + len(opened.candidates),
        answered.answer if answered else None,
        answered.by if answered else None,
    )
