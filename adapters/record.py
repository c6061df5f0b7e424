"""One record of a file becomes one case event, or a finding that says why not."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from urllib.parse import quote

from pydantic import ValidationError

from adapters.format import Finding
from schemas.case_event import CaseEvent, Identifier

MAX_KEY = 300
"""The longest `source_event_id` the published language allows."""


class BadRecord(Exception):
    """A record, or a field of it, cannot be used. Carries the reason, never the value."""

    def __init__(self, code: str, field: str | None = None) -> None:
        """Keep the closed code and the sender's field name."""
        super().__init__(code)
        self.code, self.field = code, field

    def at(self, place: str, *, refused: bool = True) -> Finding:
        """The finding that names it."""
        return Finding(place, self.code, self.field, refused)


def say(place: str, make: Callable[[], CaseEvent]) -> CaseEvent | Finding:
    """The event `make` builds; a refused finding where it cannot be built."""
    try:
        return make()
    except BadRecord as bad:
        return bad.at(place)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        return Finding(place, "unacceptable-value", str(where[0]) if where else None)


def source_id(*parts: str) -> str:
    """The sender's natural key as one string; a separator inside a part cannot make two keys meet.

    Raises BadRecord where a part is empty or the key too long to carry.
    """
    if not all(parts):
        raise BadRecord("no-natural-key")
    key = "/".join(quote(part, safe=" ") for part in parts)
    if len(key) > MAX_KEY:
        raise BadRecord("key-too-long")
    return key


def hashed(identifier: Identifier) -> str:
    """A child as source ids have it: who a child is stands in the identity scope, a source id does not."""
    return sha256(f"{identifier.system}/{identifier.value}".encode()).hexdigest()[:16]


def once(said: Iterable[CaseEvent | Finding]) -> Iterator[CaseEvent | Finding]:
    """What is said, each source id once: a key the file uses again is refused, for it names two things."""
    seen: set[bytes] = set()
    for what in said:
        if isinstance(what, Finding):
            yield what
        elif what.event_id.bytes in seen:
            yield Finding(what.source.place if what.source else "document", "repeated-key")
        else:
            seen.add(what.event_id.bytes)
            yield what
