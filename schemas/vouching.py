"""What an agency signs of what it says: salted digests of each part, one signature for many events.

A statement is the digests of one event's parts: the whole as it was sent, what is open, and each scope. It is
a leaf of a hash tree, whose root the agency signs; each event travels with its place in the tree. Whoever
holds statement, path and signature can check that the agency said it, without reading a word; whoever holds a
part with its salt can check that it is what was said; without the salt a digest says nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256, shake_256
from typing import NamedTuple

import msgspec

from schemas.case_event import CaseEvent
from schemas.catalogue import InvalidEvent, UnknownType, UnknownVersion, parse_event, split
from schemas.sealing import pack, unpack

SALT, HASH = 16, 32
VERSION = b"\x01"
"""First byte of a body that comes with its voucher; an event on its own begins with a brace."""
WHOLE, OPENLY = "whole", "open"
"""The parts that are no scope: the bytes as they were sent, and the fields any reader of the entry sees."""
SPINE = frozenset(
    ("type", "agency", "occurred_at", "precision", "ended_at", "ongoing", "learned_at", "recorded_at")
)

_json = msgspec.json.Encoder().encode


class Voucher(NamedTuple):
    """What travels with an event: the signed root, the way to it, and the salts and digests of the parts.

    Parts stand in the order of their names, after the whole. `batch` is what `pack_batch` made.
    """

    batch: bytes
    place: int
    path: bytes
    salts: bytes
    digests: bytes


class Batch(NamedTuple):
    """A signed root: whose, by which key, for which hub (its key's id), when, over how many statements."""

    agency: str
    key_id: str
    audience: str
    at: int
    size: int
    root: bytes
    signature: bytes


# ------------------------------------------------------------ what is said of one event


def parts_of(event: CaseEvent) -> dict[str, bytes]:
    """An event's parts as bytes, by name: `open`, and one for each scope it has fields in."""
    parts = split(event)
    rest = {name: value for name, value in parts.open.items() if name not in SPINE and name != "source"}
    where = parts.open.get("source")
    if where is not None:
        rest["source"] = where
    spine = open_part(
        event.public_type,
        event.agency,
        event.precision,
        event.ongoing,
        (event.occurred_at, event.ended_at, event.learned_at, event.recorded_at),
        _json(rest),
    )
    return {OPENLY: spine} | {str(scope): _json(fields) for scope, fields in parts.by_scope.items()}


def open_part(
    type_: str,
    agency: str,
    precision: str,
    ongoing: bool,  # noqa: FBT001 — a field like the others
    times: Sequence[datetime | None],
    rest: bytes,
) -> bytes:
    """The open fields as they are signed: type, agency, precision, whether it goes on, times, the rest."""
    moments = [None if at is None else at.astimezone(UTC) for at in times]
    return _json((type_, agency, precision, ongoing, moments)) + b"\n" + rest


def digest(salt: bytes, name: str, part: bytes) -> bytes:
    """The salted digest of one part."""
    return sha256(salt + _named(name) + part).digest()


@lru_cache(maxsize=64)  # the parts' names are a closed list
def _named(name: str) -> bytes:
    return len(name).to_bytes(2, "big") + name.encode()


def digests_of(salts: bytes, body: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The digests of the whole and of the parts in the order of their names, each under its own salt."""
    found, at = [sha256(salts[:SALT] + _named(WHOLE) + body).digest()], SALT
    for name in sorted(parts):
        found.append(sha256(salts[at : at + SALT] + _named(name) + parts[name]).digest())
        at += SALT
    return b"".join(found)


def leaf_of(agency: str, digests: bytes) -> bytes:
    """The leaf of one statement."""
    return sha256(b"\0" + pack((b"hub/said", agency.encode(), digests))).digest()


# ------------------------------------------------------------ the tree over many


def node_of(left: bytes, right: bytes) -> bytes:
    """An inner node: RFC 9162's."""
    return sha256(b"\1" + left + right).digest()


def tree(leaves: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
    """The root over leaves, and for each the nodes beside its way to it, end to end (RFC 9162 2.1.3)."""
    paths = [bytearray() for _ in leaves]
    level, shift = list(leaves), 0
    while len(level) > 1:
        for index in range(len(paths)):
            other = index >> shift ^ 1
            if other < len(level):
                paths[index] += level[other]
        above = [node_of(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level, shift = above + level[len(level) & ~1 :], shift + 1
    return level[0], list(map(bytes, paths))


def beside(size: int, ways: Mapping[int, bytes]) -> bytes:
    """The nodes that some leaves of a tree need to reach its root, when they stand together.

    `ways`: each leaf's own path, by its place. In the order in which `root_of` takes them.
    """
    needed, level, width = bytearray(), {index: (way, 0) for index, way in ways.items()}, size
    while width > 1:
        above: dict[int, tuple[bytes, int]] = {}
        for index in sorted(level):
            other = index ^ 1
            way, at = level[index]
            if other < width:
                if other not in level:
                    needed += way[at : at + HASH]
                at += HASH
            above[index >> 1] = way, at
        level, width = above, width + 1 >> 1
    return bytes(needed)


def root_of(size: int, leaves: Mapping[int, bytes], nodes: bytes) -> bytes:
    """The root that some leaves lead to with the nodes beside them. Raises ValueError where there is none."""
    if not leaves or not all(0 <= index < size for index in leaves):
        raise ValueError("not leaves of this tree")
    level, width, at = dict(leaves), size, 0
    while width > 1:
        above: dict[int, bytes] = {}
        for index in sorted(level):
            other = index ^ 1
            if other in level:
                if index < other:
                    above[index >> 1] = node_of(level[index], level[other])
            elif other < width:
                node, at = nodes[at : at + HASH], at + HASH
                above[index >> 1] = node_of(node, level[index]) if index & 1 else node_of(level[index], node)
            else:
                above[index >> 1] = level[index]
        level, width = above, width + 1 >> 1
    if at != len(nodes):
        raise ValueError("nodes are left over, or missing")
    return level[0]


def batch_statement(agency: str, key_id: str, audience: str, at: int, size: int, root: bytes) -> bytes:
    """What an agency signs: that it said the statements under this root, to this hub, at this moment."""
    return b"hub/vouched" + pack(_batch(agency, key_id, audience, at, size, root))


def pack_batch(
    agency: str, key_id: str, audience: str, at: int, size: int, root: bytes, signature: bytes
) -> bytes:
    """A signed root as it travels and is kept."""
    return pack((*_batch(agency, key_id, audience, at, size, root), signature))


def read_batch(packed: bytes) -> Batch:
    """Take a signed root apart. Raises ValueError."""
    agency, key_id, audience, at, size, root, signature = unpack(packed, 7)
    if (len(at), len(size), len(root)) != (8, 4, HASH):
        raise ValueError("not a signed root")
    numbers = int.from_bytes(at, "big"), int.from_bytes(size, "big")
    return Batch(agency.decode(), key_id.decode(), audience.decode(), *numbers, root, signature)


def _batch(agency: str, key_id: str, audience: str, at: int, size: int, root: bytes) -> tuple[bytes, ...]:
    names = (agency.encode(), key_id.encode(), audience.encode())
    return (*names, at.to_bytes(8, "big"), size.to_bytes(4, "big"), root)


# ------------------------------------------------------------ how it travels


class Statement(NamedTuple):
    """One event to be sent: its body, and what is signed of it."""

    body: bytes
    salts: bytes
    digests: bytes
    leaf: bytes


def statement(agency: str, body: bytes, secret: bytes) -> Statement:
    """Digest an event as the hub will read it. What the hub will refuse is digested whole.

    Salts come of the agency's own secret and of what is said: the same words said again are the same
    statement, and the agency can show what it said years later, from its own files.
    """
    try:
        parts = parts_of(parse_event(body))
    except (UnknownType, UnknownVersion, InvalidEvent):
        parts = {}
    salts = shake_256(b"hub/salts" + secret + sha256(body).digest()).digest(SALT * (len(parts) + 1))
    digests = digests_of(salts, body, parts)
    return Statement(body, salts, digests, leaf_of(agency, digests))


def with_voucher(said: Statement, batch: bytes, index: int, path: bytes) -> bytes:
    """The body of a message: the voucher, then the event."""
    return VERSION + pack((batch, index.to_bytes(4, "big"), path, said.salts, said.digests, said.body))


def taken_apart(body: bytes) -> tuple[Voucher, bytes]:
    """A message's voucher and its event. Raises ValueError where it has none."""
    if body[:1] != VERSION:
        raise ValueError("no voucher")
    batch, index, path, salts, digests, event = unpack(body, 6, 1)
    if len(salts) % SALT or len(digests) != len(salts) // SALT * HASH or not digests:
        raise ValueError("not a voucher")
    return Voucher(batch, int.from_bytes(index, "big"), path, salts, digests), event
