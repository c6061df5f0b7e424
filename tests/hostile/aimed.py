"""One input at a time for one target, and what must hold of it: what `guided.py` aims inputs at.

A target is a format, or `said`: what an agency itself sealed and signed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from adapters.catalogue import FORMATS, format_named
from hub.compose import holder_of
from hub.confidentiality import bus_sessions
from hub.confidentiality.bus_sessions import SessionOpener
from hub.intake.deliveries import Delivery
from hub.intake.opening import REASONS, Reader, Refusal
from hub.records.whose import Hashes
from schemas.wire import encode
from tests.hostile import files
from tests.hostile.alterations import Case
from tests.hostile.bodies import sound_events
from tests.hostile.files import MalformedFile
from tests.hubs import Desk

SAID = "said"
TARGETS = (*(form.name for form in FORMATS), SAID)
CANARY = "zqguidedinputs"
"""As long as those of `files.malformed`, in whose place it stands."""
BEGUN, SEED = 300, 20261128
"""Malformed files of each format that a target begins with, besides sound ones."""

Examine = Callable[[bytes], None]
"""Raises AssertionError, which says what must not be, or whatever else must not happen."""


class _OfADesk(Case):
    """A sound event whose message is made once: what is put in its place is what changes."""

    @cached_property
    def sound(self):
        return super().sound


@contextmanager
def aimed_at(target: str) -> Iterator[tuple[Examine, list[bytes]]]:
    """What examines an input of this target, and the inputs to begin with."""
    if target != SAID:
        yield _file(target)
        return
    with TemporaryDirectory() as folder:
        yield _said(Desk(Path(folder) / "data"))


def _file(name: str) -> tuple[Examine, list[bytes]]:
    form = format_named(name)

    def examine(raw: bytes) -> None:
        canary = CANARY if CANARY.encode() in raw else "\0"
        files.examined(MalformedFile(form, files.SENDER, raw, files.NAMES[0], ("guided",), canary))

    drawn = (files.malformed(SEED, n) for n in range(BEGUN * len(FORMATS)))
    spoilt = [one.raw.replace(one.canary.encode(), CANARY.encode()) for one in drawn if one.form is form]
    return examine, [*dict.fromkeys(files.beginnings(form)), *spoilt]


def _said(desk: Desk) -> tuple[Examine, list[bytes]]:
    """Of an input the first byte says whose message it is in, and of which type."""
    events = sound_events()
    cases = [_OfADesk(desk, event, Random(SEED), CANARY) for event in events]
    agencies = bus_sessions.load_agency_keys(desk.settings.agency_keys)
    house = holder_of(desk.settings).house
    reader = Reader(SessionOpener(house.bus_keys(), agencies), Hashes(house.blind_index()))

    def examine(raw: bytes) -> None:
        message = cases[(raw or b"\0")[0] % len(cases)].sealed(raw[1:])
        (read,) = reader.read([Delivery(message.topic, 0, 0, message.key, message.headers, message.value)])
        if isinstance(read, Refusal):
            assert read.reason in REASONS, "a reason of no list"
            assert CANARY not in repr(read.fields), "a field of a refusal carries input"

    sound = [bytes([n]) + encode(event) for n, event in enumerate(events)]
    return examine, [*sound, *(one.replace(b"Ann", CANARY.encode()) for one in sound)]
