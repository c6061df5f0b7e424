"""What a sealed message on the bus is bound to: its topic, its key and its attributes."""

from collections.abc import Mapping, Sequence


def message_aad(topic: str, key: bytes, attributes: Mapping[str, bytes]) -> bytes:
    """Say where a message belongs, so that no two places are said alike."""
    parts = [topic.encode(), key]
    for name, value in sorted(attributes.items()):
        parts += [name.encode(), value]
    return b"hub/bus" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def session_statement(agency: str, key_id: str, kid: str, opened_at: int, encapsulated: bytes) -> bytes:
    """Say what an agency signs when it opens a session: who, with which key, to whom, when, which key."""
    parts = (agency.encode(), key_id.encode(), kid.encode(), opened_at.to_bytes(8, "big"), encapsulated)
    return b"hub/session" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def pack(parts: Sequence[bytes]) -> bytes:
    """Lay parts end to end, each with its length."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def unpack(data: bytes, count: int) -> list[bytes]:
    """Take apart what `pack` laid together. Raises ValueError where it is not exactly so many parts."""
    parts: list[bytes] = []
    while data and len(parts) < count:
        length = int.from_bytes(data[:4], "big")
        if len(data) < 4 + length:
            raise ValueError("a part is cut short")
        parts.append(data[4 : 4 + length])
        data = data[4 + length :]
    if data or len(parts) != count:
        raise ValueError(f"not {count} parts")
    return parts
