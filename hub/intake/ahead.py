"""Reads the next batch in a process of its own while the one before it is being recorded."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import msgspec

from hub.intake.beside import Answers, Beside
from hub.intake.deliveries import Delivery
from hub.intake.opening import Read, Reader

Recipe = Callable[[], Reader]
"""How another process makes its reader: it can be pickled, and travels on no command line."""

Found = Callable[[], list[Read]]
"""Gives what a batch turned out to be: any thread may ask it."""

Reading = Callable[[], Found]
"""Asked once, waits until a batch is read."""

WORTH = 500
"""Deliveries of a batch from which two in a row say that more are waiting: then it is worth a process."""

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_deliveries = msgspec.msgpack.Decoder(list[Delivery]).decode
_read = msgspec.msgpack.Decoder(list[Read]).decode


class ReadAhead:
    """Hands batches to a reader, one at a time: here, or beside where that is worth it and there is a core.

    A process that dies loses nothing: its batch is read here. Where what the reader is made from has changed
    (`stamp`), both processes make theirs anew: an agency's key that was ended counts for no later batch.
    To be used by one thread.
    """

    def __init__(
        self,
        recipe: Recipe,
        cores: int | None = None,
        stamp: Callable[[], object] = lambda: None,
        first: Reader | None = None,
    ) -> None:
        """Read with `first`, made of keys that are open already, or with one the recipe makes."""
        self._recipe, self._stamp = recipe, stamp
        self._made_of, self._reader = stamp(), first or recipe()
        self._process = Beside(partial(reads, recipe), cores)

    @property
    def beside(self) -> bool:
        """Whether a process is there to read while this one does something else."""
        return self._process.ready

    def begin(self, batch: Sequence[Delivery]) -> Reading:
        """Begin to read a batch. What an earlier one turned out to be can no longer be asked."""
        if self._stamp() != self._made_of:
            self.renew()
        self._process.look(worth=len(batch) >= WORTH)
        beside = self.beside and self._process.ask(_encode(batch))
        return lambda: self._found(batch, self._process.heard() if beside else b"")

    def renew(self) -> None:
        """Make the reader anew, here and beside, from what it is made from now."""
        self.close()
        self._made_of = self._stamp()
        self._reader = self._recipe()

    def here(self, batch: Sequence[Delivery]) -> list[Read]:
        """Read a batch at once, in this process."""
        return self._reader.read(batch)

    def close(self) -> None:
        """Let the process end."""
        self._process.close()

    def _found(self, batch: Sequence[Delivery], answer: bytes) -> Found:
        if answer:
            return lambda: _read(answer)
        read = self.here(batch)
        return lambda: read


@contextmanager
def reads(recipe: Recipe) -> Iterator[Answers]:
    """What the process beside answers with: what a batch turned out to be."""
    reader = recipe()
    yield lambda batch: _encode(reader.read(_deliveries(batch)))
