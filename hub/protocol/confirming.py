"""What a pack says from memory: nothing is wrong with it, and a partnership confirms it before relying on it."""

from collections.abc import Iterator

from hub.protocol.pack import Pack
from hub.protocol.places import Place

FROM_MEMORY = "M"


def unconfirmed(pack: Pack) -> Iterator[tuple[Place, str]]:
    """Every length, list of school days and date of a document that nobody has looked up yet."""
    for name, clock in pack.clocks.items():
        if clock.mark == FROM_MEMORY:
            yield ("clocks", name), f"this length is from memory ({clock.basis})"
    if pack.schools.terms and pack.schools.mark == FROM_MEMORY:
        yield ("schools",), f"these terms are not confirmed ({pack.schools.basis or 'no source is named'})"
    for key, listed in (("guidance", pack.guidance), ("instruments", pack.instruments)):
        for n, document in enumerate(listed):
            if document.mark == FROM_MEMORY:
                yield (key, n), f"when it applied is from memory: {document.title}"


def proposals(pack: Pack) -> int:
    """How many lengths and things asked are the hub's own proposals, for the partnership to sign off."""
    return sum(one.mark == "P" for one in (*pack.clocks.values(), *(ask for _, ask in pack.asked)))
