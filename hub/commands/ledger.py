"""The ledger, for auditors and witnesses: checkpoints, proofs, verifying, and the verifier to take away."""

import json as stdlib_json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hub.audit import standalone
from hub.audit.checkpoint import parse_and_verify, verifier_key
from hub.audit.evidence import evidence_of_entry
from hub.audit.keeping import ORIGIN, proof_text
from hub.commands.saying import opened, say
from hub.commands.upkeep import verify
from hub.errors import HubError, Refused

ledger = typer.Typer(
    help="The ledger: checkpoints, proofs, and what outsiders need to check it.", no_args_is_help=True
)
ledger.command("verify")(verify)

To = Annotated[Path | None, typer.Option("--to", help="A file to write; without: shown.")]


@ledger.command("key")
def key(context: typer.Context) -> None:
    """Say the key that checkpoints are signed with, as verifiers take it: give it to every agency once."""
    with opened(context) as hub:
        say(verifier_key(ORIGIN, hub.key_file.ledger_key().public_key()))


@ledger.command("checkpoint")
def checkpoint(context: typer.Context, to: To = None) -> None:
    """Take in what was recorded, sign a checkpoint of it, and hand it out: a witness keeps it."""
    with opened(context) as hub:
        hub.ledger.catch_up()
        _out(hub.ledger.latest(), to)


@ledger.command("prove")
def prove(
    context: typer.Context,
    position: Annotated[int, typer.Argument(help="The position of the row (see 'hub ledger rows').")],
    to: To = None,
) -> None:
    """Prove that a row is under a checkpoint (C2SP tlog-proof): the last a witness cosigned, else the last.

    Says the row's leaf hash.
    """
    with opened(context) as hub:
        note = hub.ledger.vouching(position)
        signed = parse_and_verify(note, hub.key_file.ledger_key().public_key())
        proof = hub.ledger.ledger.inclusion(position, signed.size)
        leaf = hub.ledger.ledger.tables.node(0, proof.at)
        _out(proof_text(proof, note), to)
    say(f"leaf {leaf.hex()}")


@ledger.command("said")
def said(
    context: typer.Context,
    position: Annotated[int, typer.Argument(help="The position of an agency's entry.")],
    to: To = None,
) -> None:
    """Hand out that an agency said what stands at a position: signature and proof, without a word of it."""
    with opened(context) as hub:
        found = evidence_of_entry(hub.ledger, hub.records.archive.sealing, position)
    _out(stdlib_json.dumps(found) + "\n", to)


@ledger.command("consistency")
def consistency(
    context: typer.Context,
    old: Annotated[int, typer.Argument(help="The older checkpoint's size.")],
    new: Annotated[int, typer.Argument(help="The newer checkpoint's size.")],
    to: To = None,
) -> None:
    """Prove that the newer checkpoint's rows begin with the older's: a witness asks before it cosigns."""
    with opened(context) as hub:
        proof = hub.ledger.ledger.consistency(old, new)
    said = {"old": old, "new": new, "path": [step.hex() for step in proof.path]}
    _out(stdlib_json.dumps(said) + "\n", to)


@ledger.command("rows")
def rows(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", help="A file ending in .jsonl.")],
) -> None:
    """Write all stored rows, sealed as they lie, for a verifier without access to the database."""
    with opened(context) as hub, to.open("x") as out:
        position = -(2**63)
        while batch := hub.ledger.ledger.rows.rows_after(position, 1000):
            for row in batch:
                said = [row.position, row.stream.hex(), row.version, row.topic, row.state.hex()]
                out.write(stdlib_json.dumps(said) + "\n")
            position = batch[-1].position


@ledger.command("verifier")
def verifier(file: Annotated[Path, typer.Argument(help="Where to put it.")]) -> None:
    """Hand out the verifier: one file, Python and `cryptography`, no key of the hub."""
    if file.exists():
        raise Refused(f"{file} is there already")
    shutil.copyfile(standalone.__file__, file)
    say(f"{file}: read it, then run 'python {file} --help'")


@ledger.command("cosigned")
def cosigned(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The checkpoint as the witness gave it back.")],
    name: Annotated[str, typer.Option("--witness", help="The witness's name.")],
    public: Annotated[str, typer.Option("--key", help="Its public key: 32 bytes in hexadecimal.")],
) -> None:
    """Keep a witness's cosignature beside the checkpoint, once it is checked."""
    with opened(context) as hub:
        note = file.read_text()
        own = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
        try:
            _, size, _, text = standalone.read_note(note, own)
            held = standalone.cosignature_holds(note, text, name, bytes.fromhex(public))
        except (standalone.Fails, ValueError) as why:
            raise HubError(f"{file} is not a checkpoint of this ledger: {why}") from None
        if not held:
            raise Refused(f"{name} has not cosigned this checkpoint with this key")
        kept = hub.ledger.keep_cosigned(size, name, note)
    say(f"{kept}: {size} rows, cosigned by {name}")


def _out(text: str, to: Path | None) -> None:
    if to is None:
        say(text.rstrip("\n"))
    else:
        with to.open("x") as file:
            file.write(text)
