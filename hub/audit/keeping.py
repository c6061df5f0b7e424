"""Keeps the ledger up with the store, and lays signed checkpoints down outside it."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit.checkpoint import Checkpoint, sign, verifier_key
from hub.audit.ledger import BATCH, Ledger, NotInLedger
from hub.audit.merkle import Proof
from hub.audit.verify import Progress, Verdict, verify
from hub.errors import Conflict
from schemas.whole_file import write_whole

ORIGIN = "safeguarding-hub/ledger"
LONGEST = timedelta(seconds=20)
"""So long what is taken in waits for a checkpoint while more comes (security.md 4.2: 60 seconds at most)."""


class LedgerKeeper:
    """Follows, signs, verifies: one ledger, one signing key, one folder of checkpoints.

    In earnest the folder is the agencies' own: what they hold cannot be taken back (security.md 4.1).
    """

    def __init__(
        self, ledger: Ledger, key: Ed25519PrivateKey, folder: Path, clock: Callable[[], datetime]
    ) -> None:
        self.ledger, self._key, self._folder, self._clock = ledger, key, folder, clock

    def catch_up(
        self, done: Callable[[int], None] = lambda _: None, stopping: Callable[[], bool] = lambda: False
    ) -> int:
        """Take in all rows there are, or until `stopping`, and sign a checkpoint where there were any.

        And one at least every `LONGEST`, however much there is. Tells how many.
        """
        total, began = 0, self._clock()
        while not stopping():
            try:
                taken = self.ledger.follow(BATCH)
            except Conflict:  # another follower took them in
                continue
            if not taken:
                break
            total += taken
            done(taken)
            if self._clock() - began >= LONGEST:  # others record as fast as this follows
                self._checkpoint()
                began = self._clock()
        if self.ledger.size() > self._signed():
            self._checkpoint()
        return total

    def verify(self, progress: Progress = lambda _done, _total: None, kept: Sequence[str] = ()) -> Verdict:
        """Derive the ledger again from the store, and compare it with every checkpoint there is.

        With those laid down here, those that witnesses cosigned, and those they `kept` themselves.
        """
        here = (*sorted(self._folder.glob("*.checkpoint")), *sorted(self._folder.glob("*.cosigned")))
        notes = [*(file.read_text() for file in here), *kept]
        return verify(self.ledger.rows, self.ledger, notes, self._key.public_key(), progress=progress)

    def latest(self) -> str:
        """The note of the last checkpoint laid down. Raises NotInLedger where there is none."""
        size = self._signed()
        if not size:
            raise NotInLedger("no checkpoint was signed yet")
        return (self._folder / f"{size:012d}.checkpoint").read_text()

    def vouching(self, position: int) -> str:
        """The note to prove a row with: the last that a witness cosigned, where one covers the row.

        Else the last laid down: then the hub's word alone. Raises NotInLedger where there is none.
        """
        latest = self.latest()
        sizes = {int(file.name.split(".")[0]) for file in self._folder.glob("*.cosigned")}
        size = next((size for size in sorted(sizes, reverse=True) if self._covers(size, position)), None)
        if size is None:
            return latest
        first, *others = sorted(file.read_text() for file in self._folder.glob(f"{size:012d}.*.cosigned"))
        return first + "".join(note.rpartition("\n\n")[2].split("\n", 1)[1] for note in others)

    def _covers(self, size: int, position: int) -> bool:
        try:
            self.ledger.inclusion(position, size)
        except NotInLedger:
            return False
        return True

    def latest_signed(self) -> tuple[str, int]:
        """The same, with how many rows it covers."""
        return self.latest(), self._signed()

    def verifier_key(self) -> str:
        """The key that checkpoints are signed with, as verifiers take it."""
        return verifier_key(ORIGIN, self._key.public_key())

    def keep_cosigned(self, size: int, witness: str, note: str) -> str:
        """Keep a note that a witness cosigned, beside the one it is of; tells the file's name."""
        file = self._folder / f"{size:012d}.{sha256(witness.encode()).hexdigest()[:12]}.cosigned"
        _lay_down(file, note)
        return file.name

    def _signed(self) -> int:
        """The size of the last checkpoint laid down."""
        return max((int(file.stem) for file in self._folder.glob("*.checkpoint")), default=0)

    def _checkpoint(self) -> None:
        size = self.ledger.size()
        root = self.ledger.root(size)
        note = sign(ORIGIN, size, root, self._key, ORIGIN)
        self.ledger.keep(Checkpoint(ORIGIN, size, root), note, self._clock())
        self._folder.mkdir(exist_ok=True, mode=0o700)
        _lay_down(self._folder / f"{size:012d}.checkpoint", note)


def proof_text(proof: Proof, note: str) -> str:
    """A proof of inclusion with the checkpoint it leads to, as C2SP tlog-proof has it."""
    path = "".join(f"{base64.b64encode(step).decode()}\n" for step in proof.path)
    return f"c2sp.org/tlog-proof@v1\nindex {proof.at}\n{path}\n{note}"


def _lay_down(file: Path, note: str) -> None:
    """Write a checkpoint whole or not at all; one that is there is never written over."""
    if file.exists() and file.read_text() != note:
        raise Conflict(f"{file.name} holds another checkpoint of this size")
    write_whole(file, note.encode())
