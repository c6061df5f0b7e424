"""What the tests of sealing share: one key, one place, one invented body."""

from uuid import UUID

from hub.confidentiality.sealing import DataKey, seal

KEY = DataKey(1, bytes(range(64)))
CHILD = UUID("11111111-2222-4333-8444-555555555555")
EVENT = UUID("aaaaaaaa-bbbb-5ccc-8ddd-eeeeeeeeeeee")
SCOPE, SCHEMA = "police", "police.missing-episode.v1"
CANARY = b"the heron stood by Skerne weir"


def salted(seed: int):
    """A source of bytes that a test can repeat."""
    return lambda size: bytes((seed + i) % 256 for i in range(size))


def sealed(body: bytes = CANARY, key: DataKey = KEY, seed: int = 7) -> bytes:
    return seal(key, CHILD, EVENT, SCOPE, SCHEMA, body, random=salted(seed))
