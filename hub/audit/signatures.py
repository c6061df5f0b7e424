"""Whether agencies signed what is recorded as theirs: each signature, each entry, on demand each word."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidSignature

from hub.audit.ledger import BATCH, START, StoredRows
from hub.confidentiality.agency_keys import AgencyKeys
from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import CannotUnseal, generation_of, unseal_with
from hub.domain.child import EntryCorrected, EntryRecorded, EntryWithdrawn, EpisodeCompleted, Resealed
from hub.domain.entry import Entry
from hub.domain.strand import key_owner
from hub.domain.vouched import Vouched
from hub.records.reading import as_sealed_now
from hub.store.effects import StoredRow
from hub.store.mapper import CHILD, VOUCHED, SealingMapper, said_openly
from schemas.scope import SIGNALS, Scope
from schemas.vouching import (
    HASH,
    OPENLY,
    SALT,
    Batch,
    batch_statement,
    digest,
    leaf_of,
    open_part,
    read_batch,
    root_of,
)

ENTRIES = (EntryRecorded, EntryCorrected, EpisodeCompleted, EntryWithdrawn)
PLACED = 4 + HASH
OWN = frozenset((SIGNALS, Scope.OTHER_CHILD.value))
"""Envelopes in which the hub keeps what it made itself: repeated signals, and pointers to other children."""


class Unsound(StrEnum):
    """What is wrong with a signature, or with an entry that should have one."""

    NOT_SIGNED = "an agency's entry that no agency signed"
    BAD_SIGNATURE = "an agency's signature does not hold, or its key is not believed"
    NOT_AS_SIGNED = "what is recorded is not what the agency signed"
    UNREADABLE = "the row cannot be read"


class Rows(StoredRows, Protocol):
    """The store's rows in order, and those of one stream."""

    def select_rows(self, originator_id: UUID) -> list[tuple[int, str, bytes]]:
        """One stream's version, topic and state, in order."""
        ...


class Found(NamedTuple):
    """Something unsound, and where it stands."""

    what: Unsound
    position: int


@dataclass(slots=True)
class Signed:
    """What was looked at: statements under good signatures, entries that have one, and what is unsound.

    `left`: statements whose entry is not read any more (erased). `uncompared`: entries of an agency with
    another edition of the schemas; they are signed, and were compared when they came, as they came.
    """

    statements: int = 0
    entries: int = 0
    uncompared: int = 0
    left: int = 0
    unsound: list[Found] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.unsound


def check(
    rows: Rows,
    mapper: SealingMapper,
    agencies: AgencyKeys,
    contents: KeyRing | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Signed:
    """Walk the store once. An entry and its agency's signature were recorded together, so memory stays small.

    `contents`: also open every envelope, by machine and shown to nobody, and compare it with what was signed;
    what was sealed again as it was and as it is now.
    """
    found, entries, said, again = Signed(), dict[bytes, int](), set[bytes](), dict[UUID, int]()
    for row in _rows(rows, progress):
        try:
            if row.topic == VOUCHED:
                leaves = _statements(row, agencies, found)
                said.update(leaf for leaf in leaves if entries.pop(leaf, None) is None)
            elif row.topic == CHILD:
                leaf = _entry(row, mapper, contents, found, again)
                if leaf in said:
                    said.remove(leaf)
                elif leaf:
                    entries[leaf] = row.position
        except CannotUnseal:
            found.unsound.append(Found(Unsound.UNREADABLE, row.position))
    if contents is not None:
        for child, position in again.items():
            _sealed_again(child, position, rows, mapper, contents, found)
    found.left = len(said)
    found.unsound += [Found(Unsound.NOT_SIGNED, position) for position in entries.values()]
    found.unsound.sort(key=lambda one: one.position)
    return found


def statements(body: Vouched) -> tuple[Batch, dict[int, bytes]]:
    """The signed root, and the statements under it by place. Raises ValueError where they lead elsewhere."""
    batch = read_batch(body.batch)
    leaves = {
        int.from_bytes(body.leaves[at : at + 4], "big"): body.leaves[at + 4 : at + PLACED]
        for at in range(0, len(body.leaves), PLACED)
    }
    if root_of(batch.size, leaves, body.nodes) != batch.root:
        raise ValueError("the statements do not lead to the signed root")
    return batch, leaves


def leaf_of_entry(entry: Entry) -> bytes:
    """The leaf of what an agency signed of an entry; of an entry nobody signed, nothing."""
    return leaf_of(entry.agency, entry.said.digests) if entry.said else b""


def as_signed(keys: KeyRing, child: UUID, entry: Entry) -> bool | None:
    """Whether an entry holds what its agency signed, word for word; None: it cannot be compared.

    Scopes that are erased or withdrawn are passed over. Raises CannotUnseal for what is damaged.
    """
    said = entry.said
    if said is None or not said.salt:
        return None
    signed = {said.digests[at : at + HASH] for at in range(HASH, len(said.digests), HASH)}
    return all(
        digest(part.salt, part.name, part.body) in signed for part in parts_of_entry(keys, child, entry)
    )


class EntryPart(NamedTuple):
    """A part of an entry as its agency digested it: the open one, or a scope's, and the salt it was under."""

    name: str
    salt: bytes
    body: bytes


def parts_of_entry(
    keys: KeyRing, child: UUID, entry: Entry, scopes: Collection[str] | None = None
) -> Iterator[EntryPart]:
    """Open an entry's parts, of these scopes (None: all); what is erased or withdrawn is passed over.

    Of an entry that nobody signed, or with salts that were not kept, the salts say nothing. Raises
    CannotUnseal for what is damaged.
    """
    times = (entry.occurred_at, entry.ended_at, entry.learned_at, entry.source_recorded_at)
    openly = open_part(entry.type, entry.agency, entry.precision, entry.ongoing, times, entry.open)
    yield EntryPart(OPENLY, entry.said.salt if entry.said else b"", openly)
    owner = key_owner(child, entry.strand)
    for scope, envelope in entry.envelopes:
        if scope not in OWN and (scopes is None or scope in scopes):
            try:
                key = keys.for_opening(owner, scope, generation_of(envelope))
            except CannotUnseal:
                continue
            body, salt = unseal_with(key, owner, entry.id, scope, entry.type, envelope, SALT)
            yield EntryPart(scope, salt, body)


# ------------------------------------------------------------


def _rows(rows: StoredRows, progress: Callable[[int], None]) -> Iterator[StoredRow]:
    position = START
    while batch := rows.rows_after(position, BATCH):
        yield from batch
        position = batch[-1].position
        progress(len(batch))


def _statements(row: StoredRow, agencies: AgencyKeys, found: Signed) -> Collection[bytes]:
    try:
        batch, leaves = statements(said_openly(row.state)[1])
        signer = agencies.get((batch.agency, batch.key_id))
        if signer is not None and signer.valid_at(batch.at):
            signer.public.verify(batch.signature, batch_statement(*batch[:6]))
            found.statements += len(leaves)
            return leaves.values()
    except (ValueError, InvalidSignature):
        pass
    found.unsound.append(Found(Unsound.BAD_SIGNATURE, row.position))
    return ()


def _sealed_again(
    child: UUID, position: int, rows: Rows, mapper: SealingMapper, contents: KeyRing, found: Signed
) -> None:
    """Compare what was sealed again of a child, as it is sealed now, with what agencies signed of it."""
    events = list(mapper.open_rows(child, rows.select_rows(child)))
    for was, now in zip(events, as_sealed_now(events), strict=True):
        body = now.body
        if not isinstance(body, ENTRIES) or body.by is not None or body == was.body:
            continue
        try:
            same = as_signed(contents, child, body.entry)
        except CannotUnseal:
            found.unsound.append(Found(Unsound.UNREADABLE, position))
            continue
        if same is False:
            found.unsound.append(Found(Unsound.NOT_AS_SIGNED, position))


def _entry(
    row: StoredRow, mapper: SealingMapper, contents: KeyRing | None, found: Signed, again: dict[UUID, int]
) -> bytes:
    """The leaf under which an entry's statement must stand; nothing for a row that is no agency's entry."""
    child = UUID(bytes=row.stream)
    (event,) = mapper.open_rows(child, [(row.version, row.topic, row.state)])
    body = event.body
    if isinstance(body, Resealed):
        again[child] = row.position
    if not isinstance(body, ENTRIES) or body.by is not None:
        return b""
    found.entries += 1
    if body.entry.said is None:
        found.unsound.append(Found(Unsound.NOT_SIGNED, row.position))
    elif contents is not None:
        same = as_signed(contents, child, body.entry)
        found.uncompared += same is None
        if same is False:
            found.unsound.append(Found(Unsound.NOT_AS_SIGNED, row.position))
    return leaf_of_entry(body.entry)
