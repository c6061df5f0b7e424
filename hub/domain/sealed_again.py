"""Finds envelopes wherever they stand, and puts those that were sealed again in their place (decision 74)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import msgspec

from hub.domain.entry import Entry, Envelope, Kept
from hub.domain.growing import Growing

T = TypeVar("T")


def envelopes_in(said: Any) -> Iterator[Envelope]:
    """Every envelope in an event, however deep it stands."""
    if isinstance(said, Envelope):
        yield said
    elif isinstance(said, msgspec.Struct):
        for name in said.__struct_fields__:
            yield from envelopes_in(getattr(said, name))
    elif isinstance(said, tuple):
        for one in said:
            yield from envelopes_in(one)


def sealed_again(said: T, again: Mapping[bytes, bytes]) -> T:
    """The same with envelopes, by their marks, in the place of those that were; itself where none was."""
    found: Any = said
    match said:
        case Envelope():
            newer = again.get(said.mark)
            found = said if newer is None else Envelope(said.scope, newer)
        case Entry():  # there may be thousands: nothing else of one is looked at
            if any(one.mark in again for one in said.envelopes):
                found = msgspec.structs.replace(said, envelopes=sealed_again(said.envelopes, again))
        case Kept(entry=entry):
            changed = sealed_again(entry, again)
            found = said if changed is entry else said._replace(entry=changed)
        case tuple() | list():
            found = _of_each(said, said, again, lambda parts: _like(said, parts))
        case Growing() | dict():
            found = _of_each(
                said, said.values(), again, lambda parts: type(said)(zip(said, parts, strict=True))
            )
        case msgspec.Struct():
            anew = _anew(said, said.__struct_fields__, again)
            found = msgspec.structs.replace(said, **anew) if anew else said
        case _ if is_dataclass(said) and not isinstance(said, type):
            anew = _anew(said, [one.name for one in fields(said)], again)
            found = replace(said, **anew) if anew else said
    return found  # type: ignore[no-any-return]


def _of_each(
    said: Any, values: Iterable[Any], again: Mapping[bytes, bytes], made_of: Callable[[list[Any]], Any]
) -> Any:
    was = list(values)
    now = [sealed_again(one, again) for one in was]
    return made_of(now) if any(one is not other for one, other in zip(was, now, strict=True)) else said


def _like(said: Any, parts: list[Any]) -> Any:
    return type(said)(*parts) if hasattr(said, "_fields") else type(said)(parts)


def _anew(said: Any, names: Iterable[str], again: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The fields of something in which an envelope was sealed again."""
    parts = {name: sealed_again(getattr(said, name), again) for name in names}
    return {name: part for name, part in parts.items() if part is not getattr(said, name)}
