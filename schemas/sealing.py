"""What a sealed message on the bus, and the session that seals it, are bound to."""

import struct
from collections.abc import Sequence

_PREFIX = 4
_LENGTH = struct.Struct(">I")


def message_aad(topic: str, key: bytes, attributes: Sequence[bytes]) -> bytes:
    """Say where a message belongs, so that no two places are said alike: lengths first, then the parts.

    `attributes` are the values of a fixed list of attributes, in its order.
    """
    parts = (topic.encode(), key, *attributes)
    return b"hub/bus" + struct.pack(f">I{len(parts)}I", len(parts), *map(len, parts)) + b"".join(parts)


def session_info(agency: str, key_id: str, kid: str, opened_at: int) -> bytes:
    """Say what a session key is encapsulated for: no other agency can pass it off as its own."""
    return b"hub/session-key" + pack(_opening(agency, key_id, kid, opened_at))


def session_statement(agency: str, key_id: str, kid: str, opened_at: int, encapsulated: bytes) -> bytes:
    """Say what an agency signs when it opens a session: who, with which key, to whom, when, which key."""
    return b"hub/session" + pack((*_opening(agency, key_id, kid, opened_at), encapsulated))


def session_token(
    agency: str, key_id: str, kid: str, opened_at: int, encapsulated: bytes, signature: bytes
) -> bytes:
    """What travels with every message of a session and lets the hub open it."""
    return pack((*_opening(agency, key_id, kid, opened_at), encapsulated, signature))


def read_token(token: bytes) -> tuple[str, str, str, int, bytes, bytes]:
    """Take a token apart: agency, key id, hub's key id, opened at, encapsulated key, signature.

    Raises ValueError where it is not one; every token has one spelling.
    """
    agency, key_id, kid, opened_at, encapsulated, signature = unpack(token, 6)
    if len(opened_at) != 8:  # noqa: PLR2004 — seconds, as packed above
        raise ValueError("not a moment")
    moment = int.from_bytes(opened_at, "big")
    return agency.decode(), key_id.decode(), kid.decode(), moment, encapsulated, signature


def pack(parts: Sequence[bytes]) -> bytes:
    """Lay parts end to end, each after its length."""
    return b"".join(len(part).to_bytes(_PREFIX, "big") + part for part in parts)


def unpack(data: bytes, count: int, at: int = 0) -> list[bytes]:
    """Take apart what `pack` laid together, from `at` on. Raises ValueError where it is not so many parts."""
    parts: list[bytes] = []
    whole, length = len(data), _LENGTH.unpack_from
    while at < whole and len(parts) < count:
        start = at + _PREFIX
        if start > whole:
            raise ValueError("a part is cut short")
        at = start + length(data, at)[0]
        if at > whole:
            raise ValueError("a part is cut short")
        parts.append(data[start:at])
    if at != whole or len(parts) != count:
        raise ValueError(f"not {count} parts")
    return parts


def _opening(agency: str, key_id: str, kid: str, opened_at: int) -> tuple[bytes, bytes, bytes, bytes]:
    return agency.encode(), key_id.encode(), kid.encode(), opened_at.to_bytes(8, "big")
