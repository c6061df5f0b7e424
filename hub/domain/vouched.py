"""What agencies signed, and what was handed out: in the open, for anyone to check, also after an erasure."""

from uuid import UUID, uuid5

import msgspec

_VOUCHED = UUID("0d8a3f44-0f0b-5a3e-8a52-3b9d3a0f7e13")


class Vouched(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Statements of one batch an agency signed, taken in together. It holds digests of digests and no more.

    `batch` is the signed root (`schemas.vouching.read_batch`); `leaves` are places (four bytes) and leaves of
    the statements; `nodes` what they need to reach the root.
    """

    batch: bytes
    leaves: bytes
    nodes: bytes


class HandedOut(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """An export left the hub: SHA-256 of all of it. Recorded before it is handed out; names no child.

    The export holds a random id, so that nobody tests a guess of it against the digest.
    """

    digest: bytes


def vouched_by(agency: str) -> UUID:
    """The stream that keeps what an agency signed."""
    return uuid5(_VOUCHED, agency)
