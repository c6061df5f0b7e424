"""Keeps the ledger up with the store, and lays signed checkpoints down outside it."""

import base64
from collections.abc import Callable
from datetime import datetime
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

        Tells how many.
        """
        total = 0
        while not stopping():
            try:
                taken = self.ledger.follow(BATCH)
            except Conflict:  # another follower took them in
                continue
            if not taken:
                break
            total += taken
            done(taken)
        if self.ledger.size() > self._signed():
            self._checkpoint()
        return total

    def verify(self, progress: Progress = lambda _done, _total: None) -> Verdict:
        """Derive the ledger again from the store, and compare it with every checkpoint laid down."""
        notes = [file.read_text() for file in sorted(self._folder.glob("*.checkpoint"))]
        return verify(self.ledger.rows, self.ledger, notes, self._key.public_key(), progress=progress)

    def latest(self) -> str:
        """The note of the last checkpoint laid down. Raises NotInLedger where there is none."""
        size = self._signed()
        if not size:
            raise NotInLedger("no checkpoint was signed yet")
        return (self._folder / f"{size:012d}.checkpoint").read_text()

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
