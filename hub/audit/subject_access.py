"""A child's record for the child, or who asks for them: all of it, each redaction with its ground (Art 15).

But for what is of a restricted type and not handed out: of that the export has no trace, unless who prepares
it says that it may be confirmed (decision 94). What was left out so, and why, is kept with the request.

Two persons: one prepares it and reads every word of it, another approves. What is handed out is, byte for
byte, what was prepared; if the record can no longer be drawn so, it must be prepared again.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec

from hub.audit import exporting
from hub.audit.exporting import (
    KEEPERS,
    WAITS,
    Redaction,
    Requests,
    as_they_stood,
    counted,
    is_barred,
    same_as_prepared,
)
from hub.confidentiality.sealing import CannotUnseal
from hub.domain.access import Closing
from hub.domain.child import (
    AnswerHeard,
    AnswersNoLongerWanted,
    AnswersWanted,
    By,
    Child,
    Disclosed,
    StoodOn,
)
from hub.domain.chronology import Line
from hub.domain.entry import Entry
from hub.domain.feed import (
    ControllerAnswered,
    SubjectAccessApproved,
    SubjectAccessPrepared,
    SubjectAccessRefused,
)
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.records import Records
from hub.records.reading import Opener
from hub.records.roles import accounts_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.policy import Policy
from hub.sharing.programs import programs
from hub.sharing.relationship import bar_of
from hub.store.mapper import HUB
from schemas.catalogue import home_scope_of
from schemas.scope import Scope

SHIPPED = Path(__file__).with_name("subject_access.toml")
STREAM = uuid5(HUB, "subject access")
ANSWERS = {
    "may-be-handed-out": "It may be handed out: no serious harm, nothing more to be left out",
    "leave-more-out": "More of it is to be left out",
}
"""What an agency may say of its words, by code."""
ROLE = 100
"""Letters of who answered, at most."""
PURPOSE, DRAFT = "subject-access", "subject-access-draft"
SCOPES = tuple(scope.value for scope in Scope)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


ALL_OF_IT, PART_OF_IT = "all of it", "part of it"
TOLD_OF = frozenset({*KEEPERS, "auditor"})
"""Whom it is told what an export has no trace of, and why."""


class Rules(msgspec.Struct, frozen=True, rename="kebab"):
    """What is left out, on which grounds; see subject_access.toml."""

    basis: str
    days: int
    neither_confirmed_nor_denied: str
    unnamed_readers: tuple[str, ...]
    scopes: Mapping[str, str]
    askers: Mapping[str, Mapping[str, str]]
    grounds: Mapping[str, str]
    standing: Mapping[str, str]


class GivenEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry as it is handed out: when, by whom, what it says, and what was left out with why."""

    id: UUID
    happened: datetime
    agency: str
    type: str
    standing: str
    says: Mapping[str, Any] = {}
    redacted: tuple[Redaction, ...] = ()
    restricted: str = ""
    """The ground on which its processing is restricted (art. 18): it is handed out all the same."""


class Export(msgspec.Struct, frozen=True):
    """All of a record, in the order it happened. `recipients`: to which roles it was shown (Art 15(1)(c)).

    `unsaid`: that of some kinds it is neither confirmed nor denied that there is any; in every export.
    """

    child: UUID
    asker: str
    asked_on: date
    due: date
    as_at: datetime
    basis: str
    entries: tuple[GivenEntry, ...]
    recipients: tuple[str, ...]
    redactions: Mapping[str, int]
    unsaid: str = ""


class Untold(msgspec.Struct, frozen=True):
    """An entry that an export has no trace of, for who keeps exports and the auditor; and on which ground."""

    entry: UUID
    agency: str
    happened: datetime
    ground: str


Request = exporting.Request[SubjectAccessPrepared]
Asked = tuple[UUID, str, date]
"""Of which child, who asks, and the day it was asked for: drafts of one request have these in common."""
Answer = tuple[datetime, ControllerAnswered]
ASKED = Requests(
    "A subject-access export", STREAM, SubjectAccessPrepared, SubjectAccessApproved, SubjectAccessRefused
)


@cache
def load(file: Path = SHIPPED) -> Rules:
    """Read the grounds. Raises Refused where the file cannot be used."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), Rules)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused(f"{file.name} cannot be used: {type(error).__name__}") from None


def requests(records: Records) -> dict[UUID, Request]:
    """Every request there was, and how it stands."""
    return ASKED.all(records)


def listed(records: Records, by: By) -> list[Request]:
    """The same, the newest first, but for a record that is barred to this person. Raises NotAllowed."""
    return ASKED.listed(records, by)


def waiting(records: Records, by: By, request: UUID) -> SubjectAccessPrepared:
    """A request that waits for a second person. Raises NotAllowed; Refused for none."""
    return ASKED.waiting(records, by, request)


def prepare(
    records: Records,
    policy: Policy,
    by: By,
    child: UUID,
    asker: str,
    asked_on: date,
    held: Mapping[UUID, str],
    new_id: Callable[[], UUID],
    rules: Rules,
    confirmed: Collection[UUID] = (),
) -> tuple[UUID, Export]:
    """Draw the export for its preparer to read, recorded first. `held` names entries left out, by ground.

    `confirmed`: entries of restricted types that are left out, and may be said to be there.
    Raises NotAllowed; Refused for no such asker or ground, an entry that is not there, or one to be confirmed
    that leaves a trace in any case; UnknownChild.
    """
    ASKED.may(by)
    if asker not in rules.askers:
        raise Refused(f"who asks is one of: {', '.join(rules.askers)}")
    unknown = set(held.values()) - set(rules.grounds)
    if unknown:
        raise Refused(f"a ground is one of: {', '.join(rules.grounds)}")
    people, now = records.person(child), records.clock()
    if bar_of(people, by, accounts_of(records, by)) is not None:
        raise UnknownChild
    prepared = SubjectAccessPrepared(
        request=new_id(),
        child=people[0].id,
        asker=asker,
        asked_on=asked_on,
        due=asked_on + timedelta(days=rules.days),
        drawn_at=now,
        versions=tuple((record.id, record.version) for record in people),
        held=tuple(sorted(held.items())),
        digest=b"",
        by=by,
    )
    before = as_they_stood(records, prepared)
    if confirmed and set(confirmed) - {each.id for each in _export(before, prepared, rules)[1]}:
        raise Refused("an entry to be confirmed is not one that this export has no trace of")
    prepared = msgspec.structs.replace(prepared, confirmed=tuple(sorted(confirmed)))
    export, untold = _export(before, prepared, rules)
    if set(held) - {given.id for given in (*export.entries, *untold)}:
        raise Refused("an entry to be left out is not on this record")
    told = msgspec.structs.replace(
        prepared, digest=_digest(export), untold=tuple((each.id, _grounds(each)) for each in untold)
    )
    _show(records, policy, by, told, DRAFT, rules)
    heard = _answers_to(_asked(told), *_drafts_and_answers(records))  # of an earlier draft, if any
    owners = controllers(export, untold)
    wanted = AnswersWanted(request=told.request, agencies=unanswered(owners, heard), due=told.due, by=by)
    records.record({}, appended={STREAM: [told], told.child: [wanted]})
    return told.request, export


def approve(records: Records, policy: Policy, by: By, request: UUID, rules: Rules) -> Export:
    """Approve, as a second person, and hand it out, recorded first.

    Raises NotAllowed; Refused by the person who prepared it, for one that does not wait, or where it can no
    longer be drawn as it was prepared.
    """
    prepared = ASKED.to_approve(records, by, request)
    export = _as_prepared(records, prepared, rules)
    owners = controllers(export, untold_of(records, by, request))

    def record(unmoved: Mapping[UUID, int]) -> None:
        left = unanswered(owners, answers(records, request))
        approved = SubjectAccessApproved(request=request, by=by, unanswered=left)
        over = AnswersNoLongerWanted(request=request, by=by)
        ended: dict[UUID, Sequence[object]] = {STREAM: [approved], prepared.child: [over]}
        _show(records, policy, by, prepared, PURPOSE, rules, ended, unmoved)

    ASKED.end(records, request, record)
    return export


def read(records: Records, policy: Policy, by: By, request: UUID, rules: Rules) -> tuple[Request, Export]:
    """What waits, or was handed out, as it was prepared; recorded first.

    Raises NotAllowed; UnknownChild for none, one that was refused, or one of a record that is barred to this
    person; CannotBeDrawn where it can no longer be drawn as it was prepared.
    """
    found = ASKED.readable(records, by, request)
    export = _as_prepared(records, found.prepared, rules)
    _show(records, policy, by, found.prepared, DRAFT if found.state == WAITS else PURPOSE, rules)
    return found, export


def refuse(records: Records, by: By, request: UUID, reason: str) -> None:
    """Say that it is not handed out, and why. Raises NotAllowed, Refused."""
    prepared = ASKED.waiting(records, by, request)
    over = AnswersNoLongerWanted(request=request, by=by)
    ASKED.refuse(records, by, request, reason, {prepared.child: [over]})


def untold_of(records: Records, by: By, request: UUID) -> tuple[Untold, ...]:
    """What an export has no trace of, and on which ground, as it was recorded when it was prepared.

    Raises NotAllowed for who neither keeps exports nor audits them; UnknownChild for none, or one of a record
    that is barred to this person.
    """
    if by.role not in TOLD_OF:
        raise NotAllowed("what an export has no trace of is for who keeps exports, or audits them")
    found = ASKED.all(records).get(request)
    if found is None or is_barred(records, found.prepared, by):
        raise UnknownChild
    people = as_they_stood(records, found.prepared).person(found.prepared.child)
    kept = {id_: each.entry for child in people for id_, each in child.entries.items()}
    return tuple(
        Untold(id_, kept[id_].agency, kept[id_].occurred_at, ground) for id_, ground in found.prepared.untold
    )


class _OfAgency(Protocol):
    @property
    def agency(self) -> str:
        """Whose entry it is."""


def controllers(export: Export, untold: Sequence[_OfAgency]) -> Mapping[str, int]:
    """How many of the entries are of each agency, most first: it controls them, and is to be asked first.

    `untold`: those the export has no trace of, whose agency is asked too. For who keeps exports, nobody else.
    """
    return dict(Counter(each.agency for each in (*export.entries, *untold)).most_common())


def unanswered(owners: Iterable[str], heard: Container[str]) -> tuple[str, ...]:
    """The agencies whose words are in it and that were not `heard`, most entries first."""
    return tuple(agency for agency in owners if agency not in heard)


def answered(records: Records, by: By, request: UUID, agency: str, answer: str, said_by: str) -> None:
    """Record what an agency whose words are in it said; said again, the last holds.

    Raises NotAllowed; Refused for a request that does not wait, an agency with no entry on the record, no
    such answer, or where it is not said who answered.
    """
    prepared = ASKED.waiting(records, by, request)
    theirs = {kept.entry.agency for one in records.person(prepared.child) for kept in one.entries.values()}
    if agency not in theirs:
        raise Refused("nothing of this record is of that agency")
    if answer not in ANSWERS:
        raise Refused(f"an answer is one of: {', '.join(ANSWERS)}")
    if not said_by.strip():
        raise Refused("say who answered, by role or profession")
    said = ControllerAnswered(
        request=request, agency=agency, answer=answer, said_by=said_by.strip()[:ROLE], by=by
    )
    heard = AnswerHeard(request=request, agency=agency, by=by)
    records.record({}, appended={STREAM: [said], prepared.child: [heard]})


def answers(records: Records, request: UUID) -> Mapping[str, Answer]:
    """What each agency said last, and when; also of an earlier draft for the same who asked the same day."""
    drafts, given = _drafts_and_answers(records)
    return _answers_to(drafts[request], drafts, given) if request in drafts else {}


def encode(export: Export) -> bytes:
    """The export as JSON; its digest is of these bytes."""
    return msgspec.json.encode(export, order="deterministic")


# ------------------------------------------------------------


def _asked(prepared: SubjectAccessPrepared) -> Asked:
    return prepared.child, prepared.asker, prepared.asked_on


def _drafts_and_answers(records: Records) -> tuple[dict[UUID, Asked], dict[UUID, dict[str, Answer]]]:
    """What every draft was asked as, and what agencies answered of it."""
    drafts: dict[UUID, Asked] = {}
    given: dict[UUID, dict[str, Answer]] = {}
    for event in records.archive.stream(STREAM):
        body = event.body
        if isinstance(body, SubjectAccessPrepared):
            drafts[body.request] = _asked(body)
        elif isinstance(body, ControllerAnswered):
            given.setdefault(body.request, {})[body.agency] = event.at, body
    return drafts, given


def _answers_to(
    asked: Asked, drafts: Mapping[UUID, Asked], given: Mapping[UUID, Mapping[str, Answer]]
) -> dict[str, Answer]:
    same = (of for of, each in drafts.items() if each == asked)
    return {agency: said for of in same for agency, said in given.get(of, {}).items()}


def _digest(export: Export) -> bytes:
    return sha256(encode(export)).digest()


def _as_prepared(records: Records, prepared: SubjectAccessPrepared, rules: Rules) -> Export:
    """Draw it from the records as they stood when it was prepared. Raises CannotBeDrawn."""
    export, _ = _export(as_they_stood(records, prepared), prepared, rules)
    closed = frozenset(rules.standing.values())
    now = {each.id: each.redacted for each in _export(records, prepared, rules)[0].entries}
    open_still = all(
        each.id in now
        and (not each.says or {r for r in now[each.id] if r.ground in closed} <= {*each.redacted})
        for each in export.entries
    )
    same_as_prepared(_digest(export), prepared, open_still=open_still)
    return export


def _show(
    records: Records,
    policy: Policy,
    by: By,
    prepared: SubjectAccessPrepared,
    question: str,
    rules: Rules,
    beside: Mapping[UUID, Sequence[object]] = MappingProxyType({}),
    unmoved: Mapping[UUID, int] = MappingProxyType({}),
) -> None:
    """Record in the child's record what is about to be shown, and what goes `beside`. Raises Conflict."""
    shown = Disclosed(
        reader=by,
        purpose=PURPOSE,
        basis=rules.basis,
        policy=policy.name,
        question=question,
        scopes=tuple(sorted(set(SCOPES) - set(_scopes(prepared.asker, rules)))),
        version=dict(prepared.versions)[prepared.child],
        known_at=None,
        digest=prepared.digest,
        drawn_at=prepared.drawn_at,
        stood_on=StoodOn(programs(), beside=prepared.versions[1:]),
    )
    Disclosures(records).record(policy, prepared.child, shown, beside, unmoved)


def _scopes(asker: str, rules: Rules) -> dict[str, str]:
    """The scopes that are left out for who asks, and on which ground."""
    return {**rules.scopes, **rules.askers[asker]}


def _grounds(given: GivenEntry) -> str:
    return "; ".join(dict.fromkeys(each.ground for each in given.redacted))


def _export(
    records: Records, prepared: SubjectAccessPrepared, rules: Rules
) -> tuple[Export, tuple[GivenEntry, ...]]:
    """Draw it from these records; and what it has no trace of."""
    people = records.person(prepared.child)
    out = _Redacting(people, _scopes(prepared.asker, rules), dict(prepared.held), rules)
    openers = {record.id: Opener(records.keys, record.id, SCOPES, _decode) for record in people}
    entries: list[GivenEntry] = []
    untold: list[GivenEntry] = []
    for line in records.lines(prepared.child):
        given = out.given(line, openers[line.record])
        traceless = out.traceless(line.entry, given) and given.id not in prepared.confirmed
        (untold if traceless else entries).append(given)
    readers = {d.reader for child in people for _, d in child.disclosures}
    export = Export(
        prepared.child,
        prepared.asker,
        prepared.asked_on,
        prepared.due,
        prepared.drawn_at,
        rules.basis,
        tuple(entries),
        tuple(sorted({f"{r.role}, {r.agency}" for r in readers if r.role not in rules.unnamed_readers})),
        counted(each for given in entries for each in given.redacted),
        rules.neither_confirmed_nor_denied,
    )
    return export, tuple(untold)


class _Redacting:
    """What is left out of a record, entry by entry, always with its ground."""

    def __init__(
        self, people: Sequence[Child], scopes: Mapping[str, str], held: Mapping[UUID, str], rules: Rules
    ) -> None:
        self._rules, self._held = rules, held
        self._restricted = {id_: r.ground.value for each in people for id_, r in each.restrictions.items()}
        closings = [c.closed for child in people for c in child.access.closed.values()]
        self._sealed = {e for c in closings if c.what is Closing.SEALED for e in c.entries}
        self._all_sealed = any(c.what is Closing.SEALED and not c.entries for c in closings)
        shielded = any(c.what is Closing.ADDRESS for c in closings)
        shield = {"whereabouts": rules.standing["address-shielded"]} if shielded else {}
        self._scopes = {**shield, **scopes}

    def given(self, line: Line, opener: Opener[dict[str, Any]]) -> GivenEntry:
        """One entry. Where all of it is left out, its time, agency and coarse type still stand."""
        entry = line.entry
        whole = self._whole(entry)
        says: dict[str, Any] = {}
        redacted = [Redaction(ALL_OF_IT, whole)] if whole else []
        if not whole:
            for part in self._told(line, redacted):
                says.update(_decode(part.open))
                redacted += self._open(part, opener, says)
        return GivenEntry(
            entry.id,
            entry.occurred_at,
            entry.agency,
            str(says.get("type", entry.type)),
            str(line.standing),
            says,
            tuple(dict.fromkeys(redacted)),
            self._restricted.get(entry.id, ""),
        )

    @staticmethod
    def traceless(entry: Entry, given: GivenEntry) -> bool:
        """Whether it would tell that there is something: of a restricted type, and just that is not given."""
        without = {ALL_OF_IT, PART_OF_IT, home_scope_of(entry.type, entry.agency).value}
        return entry.restricted and not without.isdisjoint(each.what for each in given.redacted)

    def _told(self, line: Line, redacted: list[Redaction]) -> Iterable[Entry]:
        """The entry, and how it ended; an ending that is sealed by itself is said to be left out."""
        entry, ending = line.entry, line.completed_by.entry if line.completed_by else None
        if ending is None or ending is entry:
            return (entry,)
        if self._whole(ending):
            redacted.append(Redaction("how it ended", self._whole(ending)))
            return (entry,)
        return entry, ending

    def _whole(self, entry: Entry) -> str:
        """The ground on which all of an entry is left out; empty: it is not."""
        if self._all_sealed or entry.id in self._sealed:
            return self._rules.standing["sealed"]
        ground = self._held.get(entry.id)
        return self._rules.grounds[ground] if ground else ""

    def _open(
        self, entry: Entry, opener: Opener[dict[str, Any]], says: dict[str, Any]
    ) -> Iterable[Redaction]:
        erased = Redaction(PART_OF_IT, self._rules.standing["erased"])
        try:
            fields, _ = opener.open(entry)
        except CannotUnseal:
            return [erased]
        left_out = []
        for envelope in entry.envelopes:
            scope = envelope.scope
            if scope in self._scopes:
                left_out.append(Redaction(scope, self._scopes[scope]))
            elif scope in fields:
                says.update(fields[scope])
            elif scope in SCOPES:
                left_out.append(erased)
        return left_out
