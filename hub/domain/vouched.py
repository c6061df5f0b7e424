"""What agencies signed: kept in the open, so that anyone can check it, and so that it outlives an erasure."""

import msgspec


class Vouched(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Statements of one batch an agency signed, taken in together. It holds digests of digests and no more.

    `batch` is the signed root (`schemas.vouching.read_batch`); `leaves` are places (four bytes) and leaves of
    the statements; `nodes` what they need to reach the root.
    """

    batch: bytes
    leaves: bytes
    nodes: bytes
