"""What a prosecutor or a court asks for of a child's record, with proof that it is what agencies said.

One person prepares it and reads it, another approves. Each entry stands as its agency signed it, part by part
with the salt of its digest; with the agency's signature, proof that the ledger holds that, and that the hub
recorded this very export before it was handed out. Whoever gets it checks it with `verify_ledger.py export`,
the log's key and the agencies', and no key of the hub.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from hub.audit import exporting
from hub.audit.evidence import proving_under, row_proved, vouched_of
from hub.audit.exporting import APPROVED, Redaction, Requests, as_they_stood, counted, same_as_prepared
from hub.audit.keeping import LedgerKeeper
from hub.audit.ledger import NotInLedger
from hub.audit.signatures import ENTRIES, parts_of_entry
from hub.domain.calendar import LONDON
from hub.domain.child import By, Child, Disclosed, StoodOn
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Entry
from hub.domain.feed import ProsecutionApproved, ProsecutionPrepared, ProsecutionRefused
from hub.domain.strand import WHOLE, Opens, opened_by
from hub.domain.vouched import HandedOut
from hub.errors import Refused, Unavailable, UnknownChild
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.front_door import WHERE
from hub.sharing.policy import Policy
from hub.sharing.programs import programs
from hub.sharing.relationship import address_shut, bar_of, barred, shut_entries
from hub.store.effects import StoredRow
from hub.store.mapper import HUB
from schemas.catalogue import home_scope_of
from schemas.scope import SIGNALS, Scope
from schemas.vocabulary import Agency
from schemas.vouching import OPENLY

SHIPPED = Path(__file__).with_name("prosecution.toml")
STREAM = uuid5(HUB, "prosecution")
HANDED = uuid5(HUB, "handed out")
PURPOSE, DRAFT = "prosecution", "prosecution-draft"
OUTSIDE = By("", "prosecutor", Agency.POLICE.value)
"""For whom something is closed: who is not named on a seal, and gets what is shared with the police."""
ALL_OF_IT = "all of it"
THIRD_PARTY = Scope.THIRD_PARTY.value


class Rules(msgspec.Struct, frozen=True, rename="kebab"):
    """What is left out and what there is no trace of, why, and on what a request may stand."""

    bases: Mapping[str, str]
    left_out: Mapping[str, str]
    no_trace: Mapping[str, str]
    never: Mapping[str, str]
    grounds: Mapping[str, str]
    standing: Mapping[str, str]


class Asked(NamedTuple):
    """What a request says: its reference, its basis (a key of the rules'), whose it is, and for what it asks.

    `agencies` none: of all; `since`, `until`: days on which it happened; `scopes`: asked for by their names.
    """

    reference: str
    basis: str
    asked_by: str
    opens: Opens
    agencies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    scopes: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of an entry as its agency said it, byte for byte, and the salt of its digest in hexadecimal.

    `open`: what anyone who sees the entry may read; else the name of a scope. No salt: it was not kept, or
    nobody signed.
    """

    name: str
    says: str
    salt: str = ""


class GivenEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry as it is handed out: when, by whom, what it says, and what was left out with why.

    `relation`: what it is to an earlier entry of its agency; `standing`: whether the agency later changed it.
    `disputed`: somebody says that it is not right. `restricted`: the ground on which its processing is (UK
    GDPR art. 18); what a court or a crime asks for is handed out all the same. `signed`: its agency signed
    it; else people recorded it in the hub, or it is of before agencies signed.
    """

    id: UUID
    happened: datetime
    agency: str
    type: str
    relation: str
    standing: str
    signed: bool
    disputed: bool = False
    restricted: str = ""
    parts: tuple[Part, ...] = ()
    redacted: tuple[Redaction, ...] = ()

    @property
    def says(self) -> dict[str, Any]:
        """Every field, by name."""
        found: dict[str, Any] = {}
        for part in self.parts:
            found.update(
                msgspec.json.decode(part.says.partition("\n")[2] if part.name == OPENLY else part.says)
            )
        return found


class Export(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is handed out: what was asked for, the entries in the order they happened, what is left out.

    What there is to be no trace of is in no number here.
    """

    request: UUID
    reference: str
    basis: str
    asked_by: str
    child: UUID
    strands: tuple[str, ...]
    as_at: datetime
    entries: tuple[GivenEntry, ...]
    redactions: Mapping[str, int]
    agencies: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    scopes: tuple[str, ...] = ()


Request = exporting.Request[ProsecutionPrepared]
ASKED = Requests(
    "An export for a prosecutor", STREAM, ProsecutionPrepared, ProsecutionApproved, ProsecutionRefused
)


@cache
def load(file: Path = SHIPPED) -> Rules:
    """Read what is left out. Raises Refused where the file cannot be used."""
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), Rules)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused(f"{file.name} cannot be used: {type(error).__name__}") from None


def prepare(
    records: Records,
    policy: Policy,
    by: By,
    child: UUID,
    asked: Asked,
    held: Mapping[UUID, str],
    new_id: Callable[[], UUID],
    rules: Rules,
) -> tuple[UUID, Export]:
    """Draw the export for its preparer to read, recorded first. `held` names entries left out, by ground.

    Raises NotAllowed; Refused for a request that cannot be met as it stands, an entry that is not in it, or
    where nothing on the record is what it asks for; UnknownChild.
    """
    ASKED.may(by)
    _check(asked, held, rules)
    people, now = records.person(child), records.clock()
    if bar_of(people, by, accounts_of(records, by)) is not None:
        raise UnknownChild
    prepared = ProsecutionPrepared(
        request=new_id(),
        child=people[0].id,
        reference=asked.reference.strip(),
        basis=asked.basis,
        asked_by=asked.asked_by.strip(),
        strands=asked.opens.strands,
        agencies=asked.agencies,
        since=asked.since,
        until=asked.until,
        scopes=asked.scopes,
        drawn_at=now,
        versions=tuple((record.id, record.version) for record in people),
        held=tuple(sorted(held.items())),
        digest=b"",
        by=by,
    )
    export, _ = _export(as_they_stood(records, prepared), prepared, rules)
    if not export.entries:
        raise Refused("nothing on this record is what the request asks for")
    if set(held) - {given.id for given in export.entries}:
        raise Refused("an entry to be left out is not in what the request asks for")
    told = msgspec.structs.replace(prepared, digest=_digest(export))
    Disclosures(records).record(policy, told.child, _shown(policy, by, told, DRAFT, rules), {STREAM: [told]})
    return told.request, export


def approve(
    records: Records, keeper: LedgerKeeper, policy: Policy, by: By, request: UUID, rules: Rules
) -> tuple[Export, bytes]:
    """Approve, as a second person, and hand it out with its proofs (JSON); recorded first.

    That it is handed out, and its digest, stand under the signed checkpoint that the proofs lead to. Raises
    NotAllowed; Refused by the person who prepared it, for one that does not wait, or where it can no longer
    be drawn as it was prepared; Unavailable where it is approved and no checkpoint covers it yet: `again`.
    """
    prepared = ASKED.to_approve(records, by, request)
    approved = ProsecutionApproved(request=request, by=by)
    return _hand_out(records, keeper, policy, by, prepared, rules, [approved])


def again(
    records: Records, keeper: LedgerKeeper, policy: Policy, by: By, request: UUID, rules: Rules
) -> tuple[Export, bytes]:
    """Hand out again what was approved, recorded again; with proofs under the checkpoint of now.

    Raises NotAllowed; UnknownChild for one that was not approved; CannotBeDrawn.
    """
    found = ASKED.readable(records, by, request)
    if found.state != APPROVED:
        raise UnknownChild
    return _hand_out(records, keeper, policy, by, found.prepared, rules, [])


def read(records: Records, policy: Policy, by: By, request: UUID, rules: Rules) -> tuple[Request, Export]:
    """What waits, or was handed out, as it was prepared, for who keeps it to read; recorded first.

    Nothing is handed out by it. Raises NotAllowed; UnknownChild for none, one that was refused, or one of a
    record that is barred to this person; CannotBeDrawn where it can no longer be drawn as it was prepared.
    """
    found = ASKED.readable(records, by, request)
    export, _ = _as_prepared(records, found.prepared, rules)
    shown = _shown(policy, by, found.prepared, DRAFT, rules)
    Disclosures(records).record(policy, found.prepared.child, shown)
    return found, export


def asked_in(prepared: ProsecutionPrepared) -> Asked:
    """What the request asked for, to prepare it again with other entries left out."""
    return Asked(
        prepared.reference,
        prepared.basis,
        prepared.asked_by,
        opened_by(prepared.strands) or Opens.NEITHER,
        prepared.agencies,
        prepared.since,
        prepared.until,
        prepared.scopes,
    )


def nameable(rules: Rules) -> list[str]:
    """The scopes that a request may ask for by name."""
    return sorted({*rules.left_out, *rules.no_trace} - set(rules.never))


def encode(export: Export) -> bytes:
    """The export as JSON; its digest is of these bytes."""
    return msgspec.json.encode(export, order="deterministic")


# ------------------------------------------------------------


def _check(asked: Asked, held: Mapping[UUID, str], rules: Rules) -> None:
    if not asked.reference.strip() or not asked.asked_by.strip():
        raise Refused("say the request's reference, and the named person and body it comes from")
    if asked.basis not in rules.bases:
        raise Refused(f"the basis is one of: {', '.join(rules.bases)}")
    if set(asked.agencies) - set(Agency):
        raise Refused(f"an agency is one of: {', '.join(Agency)}")
    for scope in asked.scopes:
        if scope in rules.never:
            raise Refused(f"{scope} is not handed out: {rules.never[scope]}")
        if scope not in {*rules.left_out, *rules.no_trace}:
            raise Refused(f"by name one asks for: {', '.join(nameable(rules))}")
    if set(held.values()) - set(rules.grounds):
        raise Refused(f"a ground is one of: {', '.join(rules.grounds)}")


def _hand_out(
    records: Records,
    keeper: LedgerKeeper,
    policy: Policy,
    by: By,
    prepared: ProsecutionPrepared,
    rules: Rules,
    beside: Sequence[object],
) -> tuple[Export, bytes]:
    export, entries = _as_prepared(records, prepared, rules)
    vouched = _vouched(records, entries)
    streams: dict[UUID, Sequence[object]] = {HANDED: [HandedOut(digest=prepared.digest)]}
    if beside:
        streams[STREAM] = beside
    shown = _shown(policy, by, prepared, PURPOSE, rules)
    record = partial(Disclosures(records).record, policy, prepared.child, shown, streams)
    if beside:
        ASKED.end(records, prepared.request, record)
    else:
        record()
    return export, _proofs(records, keeper, vouched, prepared.digest)


def _digest(export: Export) -> bytes:
    return sha256(encode(export)).digest()


def _shown(policy: Policy, by: By, prepared: ProsecutionPrepared, question: str, rules: Rules) -> Disclosed:
    out = {*rules.left_out, *rules.no_trace} - set(prepared.scopes)
    return Disclosed(
        reader=by,
        purpose=PURPOSE,
        basis=rules.bases[prepared.basis],
        policy=policy.name,
        question=question,
        scopes=tuple(sorted({scope.value for scope in Scope} - out)),
        version=dict(prepared.versions)[prepared.child],
        known_at=None,
        digest=prepared.digest,
        drawn_at=prepared.drawn_at,
        stood_on=StoodOn(programs(), beside=prepared.versions[1:]),
        asked={
            "request": str(prepared.request),
            "reference": prepared.reference,
            "asked_by": prepared.asked_by,
        },
    )


def _as_prepared(
    records: Records, prepared: ProsecutionPrepared, rules: Rules
) -> tuple[Export, list[tuple[UUID, Entry]]]:
    """Draw it from the records as they stood when it was prepared. Raises CannotBeDrawn."""
    export, entries = _export(as_they_stood(records, prepared), prepared, rules)
    now = {given.id: given.parts for given in _export(records, prepared, rules)[0].entries}
    open_still = all(now.get(given.id) == given.parts for given in export.entries)
    same_as_prepared(_digest(export), prepared, open_still=open_still)
    return export, entries


def _export(
    records: Records, prepared: ProsecutionPrepared, rules: Rules
) -> tuple[Export, list[tuple[UUID, Entry]]]:
    """Draw it from these records; and what is to be proved, by record."""
    giving = _Giving(records, records.person(prepared.child), prepared, rules)
    given: list[GivenEntry] = []
    entries: list[tuple[UUID, Entry]] = []
    for line in records.lines(prepared.child):
        if giving.asks_for(line.entry):
            for entry in filter(giving.exists, _told(line)):
                given.append(giving.given(line, entry))
                if given[-1].signed and given[-1].parts:
                    entries.append((line.record, entry))
    export = Export(
        request=prepared.request,
        reference=prepared.reference,
        basis=rules.bases[prepared.basis],
        asked_by=prepared.asked_by,
        child=prepared.child,
        strands=prepared.strands,
        as_at=prepared.drawn_at,
        entries=tuple(given),
        redactions=counted(each for one in given for each in one.redacted),
        agencies=prepared.agencies,
        since=prepared.since,
        until=prepared.until,
        scopes=prepared.scopes,
    )
    return export, entries


def _told(line: Line) -> Iterator[Entry]:
    """What an agency said of one line: that it happened, how it ended, that it is taken back."""
    yield line.entry
    ending = line.completed_by.entry if line.completed_by else line.entry
    if ending is not line.entry:
        yield ending
    if line.standing is Standing.WITHDRAWN and line.changed_by is not None:
        yield line.changed_by.entry


class _Giving:
    """What of a record a request gets, entry by entry."""

    def __init__(
        self, records: Records, people: Sequence[Child], prepared: ProsecutionPrepared, rules: Rules
    ) -> None:
        self._keys, self._prepared, self._rules = records.keys, prepared, rules
        self._held = dict(prepared.held)
        self._closed = barred(people, OUTSIDE)
        self._shut = shut_entries(people, OUTSIDE)
        self._restricted = {id_: r.ground.value for each in people for id_, r in each.restrictions.items()}
        self._disputed = {entry for child in people for entry in child.disputed}
        named = set(prepared.scopes)
        self._out = {s: why for s, why in {**rules.no_trace, **rules.left_out}.items() if s not in named}
        self._shielded = address_shut(people, OUTSIDE)
        if self._shielded:
            self._out[Scope.WHEREABOUTS.value] = rules.standing["address-shielded"]
        self._no_trace = set(rules.no_trace) - named

    def asks_for(self, entry: Entry) -> bool:
        """Whether there is such an entry for whoever asks; of any other nothing shows."""
        asked, day = self._prepared, entry.occurred_at.astimezone(LONDON).date()
        return (
            self.exists(entry)
            and (not asked.agencies or entry.agency in asked.agencies)
            and (asked.since is None or asked.since <= day)
            and (asked.until is None or day <= asked.until)
        )

    def exists(self, entry: Entry) -> bool:
        """Whether it is there for whoever asks, whatever they ask for: how an entry ended need not be."""
        asked, home = self._prepared, home_scope_of(entry.type, entry.agency).value
        return (
            not (self._closed or entry.id in self._shut or home in self._no_trace)
            and not (entry.restricted and home not in asked.scopes)
            and entry.strand in (WHOLE, *asked.strands)
        )

    def given(self, line: Line, entry: Entry) -> GivenEntry:
        """One entry. Where all of it is left out, its time, agency and coarse type still stand."""
        ground = self._held.get(line.entry.id) or self._held.get(entry.id)
        if ground is None:
            parts, redacted = self._parts(line.record, entry)
        else:
            parts, redacted = (), (Redaction(ALL_OF_IT, self._rules.grounds[ground]),)
        return GivenEntry(
            id=entry.id,
            happened=entry.occurred_at.astimezone(UTC),
            agency=entry.agency,
            type=entry.type,
            relation=entry.relation.value,
            standing=(line.standing if entry is line.entry else Standing.CURRENT).value,
            signed=entry.said is not None,
            disputed=entry.id in self._disputed,
            restricted=self._restricted.get(line.entry.id, ""),
            parts=parts,
            redacted=redacted,
        )

    def _parts(self, record: UUID, entry: Entry) -> tuple[tuple[Part, ...], tuple[Redaction, ...]]:
        scopes = {envelope.scope for envelope in entry.envelopes} - {SIGNALS}
        kept = entry.said is not None and entry.said.salt != b""
        parts = tuple(
            Part(part.name, part.body.decode(), part.salt.hex() if kept else "")
            for part in parts_of_entry(self._keys, record, entry, scopes - set(self._out))
        )
        why = dict(self._out)
        if self._shielded and any(part.name == THIRD_PARTY and _tells_where(part.says) for part in parts):
            # A part is given whole, as it was signed, or not at all.
            parts = tuple(part for part in parts if part.name != THIRD_PARTY)
            why[THIRD_PARTY] = self._rules.standing["address-shielded"]
        erased = self._rules.standing["erased"]
        left_out = sorted(scopes - {part.name for part in parts})
        return parts, tuple(Redaction(scope, why.get(scope, erased)) for scope in left_out)


def _tells_where(says: str) -> bool:
    """Whether a part names a place where the child lives, is placed or schooled."""
    return any(place["kind"] in WHERE for place in msgspec.json.decode(says).get("places", ()))


# ------------------------------------------------------------


def _vouched(records: Records, entries: Sequence[tuple[UUID, Entry]]) -> dict[UUID, tuple[StoredRow, bytes]]:
    """The row that holds each entry's signature, and what was digested of it. Raises Refused for none."""
    places: dict[UUID, dict[UUID, int]] = {}
    found: dict[UUID, tuple[StoredRow, bytes]] = {}
    for record, entry in entries:
        if record not in places:
            places[record] = _places(records, record)
        row = vouched_of(records.archive, entry, places[record].get(entry.id))
        found[entry.id] = row, entry.said.digests if entry.said else b""
    return found


def _proofs(
    records: Records, keeper: LedgerKeeper, vouched: Mapping[UUID, tuple[StoredRow, bytes]], digest: bytes
) -> bytes:
    """A checkpoint that covers all of it; for the export and each entry the row that holds it and its way."""
    with suppress(Unavailable):  # who may not write the ledger waits for who follows
        keeper.catch_up()
    archive = records.archive
    places = dict(archive.rows.places_of(HANDED))
    versions = [e.originator_version for e in archive.stream(HANDED) if e.body.digest == digest]
    handed, note = _covered(keeper, [places[version] for version in versions])
    (row,) = archive.rows.rows_after(handed - 1, 1)
    proving = proving_under(keeper, note)
    proofs = {
        str(entry): row_proved(proving, signed) | {"digests": digests.hex()}
        for entry, (signed, digests) in vouched.items()
    }
    told = {"checkpoint": note, "handed_out": row_proved(proving, row), "entries": proofs}
    return msgspec.json.encode(told)


def _covered(keeper: LedgerKeeper, positions: Sequence[int]) -> tuple[int, str]:
    """The last of these rows that a signed checkpoint covers, with its note. Raises Unavailable for none."""
    for position in reversed(positions):
        with suppress(NotInLedger):
            note, size = keeper.latest_signed()
            keeper.ledger.inclusion(position, size)
            return position, note
    raise Unavailable(
        "it is recorded, and no signed checkpoint covers it yet: when 'hub follow' has signed one, within a"
        " minute, hand it out with 'hub prosecution again'"
    )


def _places(records: Records, record: UUID) -> dict[UUID, int]:
    """Where the store holds what was taken in on a record."""
    at = dict(records.archive.rows.places_of(record))
    events = records.history(record)
    return {e.body.entry.id: at[e.originator_version] for e in events if isinstance(e.body, ENTRIES)}
