"""Checks a hub's ledger from outside: one file, Python's own library and `cryptography`, no key of the hub's.

For auditors and witnesses. `hub ledger verifier FILE` hands it out; read it before you run it:

    python verify_ledger.py store hub.sqlite 000001000.checkpoint --key 'NAME+HASH+KEY'
    python verify_ledger.py consistency OLD.checkpoint NEW.checkpoint PROOF.json --key …
    python verify_ledger.py inclusion PROOF.txt LEAFHASH --key …
    python verify_ledger.py signatures hub.sqlite 000001000.checkpoint --key … --agency police=HEX …
    python verify_ledger.py said EVIDENCE.json --key … --agency police=HEX
    python verify_ledger.py export FOLDER --key … --agency police=HEX …
    python verify_ledger.py cosign NEW.checkpoint --key … --seen SEEN.checkpoint --proof PROOF.json \
        --name police.example --secret witness-key

The tree is RFC 9162's, checkpoints are C2SP signed notes (tlog-checkpoint), cosignatures C2SP cosignature/v1,
proofs of inclusion C2SP tlog-proof. A store is the hub's SQLite file, or JSON lines of [position, stream,
version, topic, state] with bytes in hexadecimal (`hub ledger rows`).

Exit codes: 0 it holds, 1 it does not, 2 wrong usage, or something cannot be read.
"""

import argparse
import base64
import json
import sqlite3
import struct
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "\u2014"
LOG, WITNESS = b"\x01", b"\x04"
EMPTY = sha256(b"").digest()
Row = tuple[int, bytes, int, str, bytes]
Note = tuple[str, int, bytes, str]
"""Origin, size, root, and the text that was signed."""


class Fails(Exception):
    """It does not hold; the text says what."""


# ------------------------------------------------------------ notes


def read_key(said: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """A verifier key: `name+hash+base64`. Raises Fails."""
    try:
        name, hash_, key = said.split("+", 2)
        raw = base64.b64decode(key, validate=True)
    except ValueError:
        raise Fails("not a verifier key") from None
    if raw[:1] != LOG or key_hash(name, LOG, raw[1:]).hex() != hash_:
        raise Fails("the verifier key does not fit its own hash")
    return name, bytes.fromhex(hash_), Ed25519PublicKey.from_public_bytes(raw[1:])


def key_hash(name: str, kind: bytes, public: bytes) -> bytes:
    """The four bytes by which a note names a key."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def read_note(note: str, key: str) -> Note:
    """Read a checkpoint that this key signed. Raises Fails."""
    name, hash_, public = read_key(key)
    text, blank, signatures = note.rpartition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3:  # noqa: PLR2004 — origin, size, root
        raise Fails("not a checkpoint")
    text += "\n"
    for line in signatures.splitlines():
        parts = line.split(" ")
        if len(parts) == 3 and parts[:2] == [DASH, name]:  # noqa: PLR2004 — dash, name, signature
            raw = base64.b64decode(parts[2])
            if raw[:4] == hash_ and _signed(public, raw[4:], text.encode()):
                return lines[0], int(lines[1]), base64.b64decode(lines[2]), text
    raise Fails("the checkpoint is not signed by this key, or was altered")


def cosigned(note: str, text: str, name: str, secret: Ed25519PrivateKey, at: int) -> str:
    """The note with a witness's cosignature/v1 added."""
    public = secret.public_key().public_bytes_raw()
    signature = secret.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    raw = key_hash(name, WITNESS, public) + struct.pack(">Q", at) + signature
    return f"{note}{DASH} {name} {base64.b64encode(raw).decode()}\n"


def cosignature_holds(note: str, text: str, name: str, public: bytes) -> bool:
    """Whether a witness of this name and key cosigned the note."""
    key = Ed25519PublicKey.from_public_bytes(public)
    for line in note.rpartition("\n\n")[2].splitlines():
        parts = line.split(" ")
        if len(parts) == 3 and parts[1] == name:  # noqa: PLR2004 — dash, name, signature
            raw = base64.b64decode(parts[2])
            at = int.from_bytes(raw[4:12], "big")
            statement = f"cosignature/v1\ntime {at}\n{text}".encode()
            if raw[:4] == key_hash(name, WITNESS, public) and _signed(key, raw[12:], statement):
                return True
    return False


def _signed(key: Ed25519PublicKey, signature: bytes, statement: bytes) -> bool:
    try:
        key.verify(signature, statement)
    except InvalidSignature:
        return False
    return True


# ------------------------------------------------------------ the tree


def leaf_of(row: Row) -> bytes:
    """The hash of a stored row: each of its parts after its length. Raises Fails for what is no row."""
    position, stream, version, topic, state = row
    try:
        name = topic.encode(errors="surrogateescape")
        data = struct.pack(">IqI", 8, position, len(stream)) + stream
        data += struct.pack(">IqI", 8, version, len(name)) + name + struct.pack(">I", len(state)) + state
    except (TypeError, AttributeError, struct.error, UnicodeEncodeError):
        raise Fails(f"the row at position {position} is not what a hub writes") from None
    return sha256(b"\0" + data).digest()


def roots(leaves: Iterable[bytes], sizes: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """The root at each of these sizes, smallest first, as far as the leaves reach; each leaf is read once."""
    peaks: list[bytes] = []
    wanted = sorted(set(sizes))
    if wanted and wanted[0] == 0:
        yield wanted.pop(0), EMPTY
    for count, leaf in enumerate(leaves, 1):
        found, index = leaf, count - 1
        while index & 1:
            found, index = _node(peaks.pop(), found), index >> 1
        peaks.append(found)
        if wanted and wanted[0] == count:
            found = peaks[-1]
            for peak in reversed(peaks[:-1]):
                found = _node(peak, found)
            yield wanted.pop(0), found
        if not wanted:
            return


def includes(index: int, size: int, path: Sequence[bytes], leaf: bytes, root: bytes) -> bool:
    """RFC 9162 2.1.3.2."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = _node(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = _node(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def extends(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162 2.1.4.2: whether the tree under the old root is the start of the one under the new."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not path and old_root == (new_root if old == new else EMPTY)
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not steps:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = _node(step, first), _node(step, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = _node(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and (first, second) == (old_root, new_root)


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


# ------------------------------------------------------------ what is asked


def check_store(store: Path, notes: Sequence[str], key: str) -> str:
    """Derive every leaf again; compare with each checkpoint. Raises Fails, naming the range."""
    signed = sorted((read_note(note, key) for note in notes), key=lambda note: note[1])
    found = dict(roots(map(leaf_of, _rows(store)), [size for _, size, _, _ in signed]))
    agreed = 0
    for _, size, root, _ in signed:
        if size not in found:
            raise Fails(f"the store ends before row {size}, which a checkpoint covers")
        if found[size] != root:
            raise Fails(f"something was changed between row {agreed + 1} and row {size}")
        agreed = size
    return f"{agreed} rows are as they were signed"


def _rows(store: Path) -> Iterator[Row]:
    if store.suffix == ".jsonl":
        with store.open() as lines:
            for line in lines:
                position, stream, version, topic, state = json.loads(line)
                yield position, bytes.fromhex(stream), version, topic, bytes.fromhex(state)
        return
    connection = sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    yield from connection.execute(
        "SELECT position, originator_id, originator_version, topic, state FROM events ORDER BY position"
    )
    connection.close()


def check_consistency(old: str, new: str, proof: str, key: str) -> tuple[Note, Note]:
    """Both notes are the log's, and the newer tree begins with the older. Raises Fails."""
    before, after = read_note(old, key), read_note(new, key)
    path = [bytes.fromhex(step) for step in json.loads(proof)["path"]]
    if before[0] != after[0] or not extends(before[1], after[1], path, before[2], after[2]):
        raise Fails("the newer checkpoint does not begin with what the older vouched for")
    return before, after


def check_inclusion(proof: str, leaf: bytes, key: str) -> str:
    """A tlog-proof shows that the leaf is under its checkpoint. Raises Fails."""
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise Fails("not a proof of inclusion")
    return _under(int(lines[1][6:]), [base64.b64decode(line) for line in lines[2:]], leaf, note, key)


def _under(index: int, path: Sequence[bytes], leaf: bytes, note: str, key: str) -> str:
    _, size, root, _ = read_note(note, key)
    if not includes(index, size, path, leaf, root):
        raise Fails("the proof does not lead from this leaf to the checkpoint's root")
    return f"leaf {index} is one of the {size} that were signed"


# ------------------------------------------------------------ what agencies signed

VOUCHED, HANDED_OUT, OPEN = "vouched", "handed-out", b"\0"
Keys = dict[str, list[Ed25519PublicKey]]
"""Each agency's public keys, the older ones too, as the agency itself gave them."""


def read_keys(said: Sequence[str]) -> Keys:
    """Keys given as `agency=` and 32 bytes in hexadecimal. Raises Fails."""
    keys: Keys = {}
    for one in said:
        agency, _, key = one.partition("=")
        try:
            keys.setdefault(agency, []).append(Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)))
        except ValueError:
            raise Fails(f"not a key: {agency}") from None
    return keys


def unpacked(data: bytes, count: int) -> list[bytes]:
    """Parts laid end to end, each after its length in four bytes. Raises Fails."""
    parts: list[bytes] = []
    while data and len(parts) < count:
        end = 4 + int.from_bytes(data[:4], "big")
        parts.append(data[4:end])
        data = data[end:]
    if data or len(parts) != count:
        raise Fails("a row of signatures cannot be taken apart")
    return parts


def read_vouched(row: Row, keys: Keys) -> tuple[str, list[bytes]]:
    """An agency, and the statements a row holds under its signature. Raises Fails, naming the position."""
    position, _, _, topic, state = row
    if topic != VOUCHED or state[:1] != OPEN:
        raise Fails(f"the row at position {position} holds no signatures")
    _, batch, leaves, nodes = unpacked(state[1:], 4)
    *signed, signature = unpacked(batch, 7)
    agency, size, root = signed[0].decode(), int.from_bytes(signed[4][:9], "big"), signed[5]
    if size >> 64:
        raise Fails(f"the row at position {position} is not what a hub writes")
    under = {
        int.from_bytes(leaves[at : at + 4], "big"): leaves[at + 4 : at + 36]
        for at in range(0, len(leaves), 36)
    }
    if leads_to(size, under, nodes) != root:
        raise Fails(f"the statements at position {position} are not those that {agency} signed")
    statement = b"hub/vouched" + b"".join(len(part).to_bytes(4, "big") + part for part in signed)
    if agency not in keys:
        raise Fails(f"no key of {agency} was given, whose signature is at position {position}")
    if not any(_signed(key, signature, statement) for key in keys[agency]):
        raise Fails(f"the signature at position {position} is not {agency}'s")
    return agency, list(under.values())


def leads_to(size: int, leaves: dict[int, bytes], nodes: bytes) -> bytes | None:
    """The root of a tree of a size, from some of its leaves and the nodes beside them, or None."""
    level, width = leaves, size
    if not level or not 0 <= min(level) <= max(level) < size:
        return None
    while width > 1:
        above: dict[int, bytes] = {}
        for place in sorted(level):
            other = place ^ 1
            if other in level:
                above[place >> 1] = _node(level[place & ~1], level[place | 1])
            elif other < width:
                beside, nodes = nodes[:32], nodes[32:]
                above[place >> 1] = _node(beside, level[place]) if place & 1 else _node(level[place], beside)
            else:
                above[place >> 1] = level[place]
        level, width = above, (width + 1) >> 1
    return None if nodes else level[0]


def check_signatures(store: Path, notes: Sequence[str], key: str, keys: Keys) -> str:
    """The store is as it was signed, and every agency's signature in it is that agency's. Raises Fails."""
    held = check_store(store, notes, key)
    counts: dict[str, int] = {}
    for row in _rows(store):
        if row[3] == VOUCHED:
            agency, leaves = read_vouched(row, keys)
            counts[agency] = counts.get(agency, 0) + len(leaves)
    said = ", ".join(f"{agency} {count}" for agency, count in sorted(counts.items())) or "none"
    return f"{held}; statements that agencies signed: {said}"


def check_said(evidence: str, key: str, keys: Keys) -> str:
    """One statement is an agency's, and the row that holds it is under a signed checkpoint. Raises Fails."""
    said = json.loads(evidence)
    row = _row(said["row"])
    agency, leaves = read_vouched(row, keys)
    taken = check_inclusion(said["proof"], leaf_of(row), key)
    if "digests" not in said:
        return f"{agency} signed {len(leaves)} statements; {taken}"
    digests = bytes.fromhex(said["digests"])
    if _statement(agency, digests) not in leaves:
        raise Fails(f"this statement is not among those {agency} signed here")
    return f"{agency} said this, in {len(digests) // 32 - 1} parts; {taken}"


def _statement(agency: str, digests: bytes) -> bytes:
    parts = (b"hub/said", agency.encode(), digests)
    return sha256(b"\0" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()


def _row(said: Sequence[Any]) -> Row:
    position, stream, version, topic, state = said
    return position, bytes.fromhex(stream), version, topic, bytes.fromhex(state)


# ------------------------------------------------------------ what was handed out of one record

HASH = 32


def check_export(export: bytes, proofs: str, key: str, keys: Keys) -> str:
    """Every entry is as its agency signed it, and all of it is what the hub recorded it handed out.

    Raises Fails, naming the entry by its place in the export: the first is 1.
    """
    given, told = json.loads(export), json.loads(proofs)
    note, counts, unsigned, uncompared, out = told["checkpoint"], dict[str, int](), 0, 0, 0
    for place, entry in enumerate(given["entries"], 1):
        out += len(entry.get("redacted", ()))
        if not entry["signed"]:
            unsigned += 1
        elif entry.get("parts"):
            if entry["id"] not in told["entries"]:
                raise Fails(f"entry {place}: nothing proves it")
            try:
                uncompared += not _check_entry(entry, told["entries"][entry["id"]], note, key, keys)
            except Fails as why:
                raise Fails(f"entry {place}: {why}") from None
            counts[entry["agency"]] = counts.get(entry["agency"], 0) + 1
    recorded = _handed_out(export, told["handed_out"], note, key)
    said = ", ".join(f"{agency} {count}" for agency, count in sorted(counts.items())) or "none"
    return (
        f"{len(given['entries'])} entries, none changed, added or left out since the hub recorded them;"
        f" as their agencies signed them: {said}; not compared, for want of salts: {uncompared};"
        f" that no agency signed: {unsigned}; left out, each with why: {out}; {recorded}"
    )


def _check_entry(entry: dict[str, Any], proof: dict[str, Any], note: str, key: str, keys: Keys) -> bool:
    """An entry is what its agency signed, and the row that holds that is in the ledger. False: no salts."""
    row, digests = _row(proof["row"]), bytes.fromhex(proof["digests"])
    agency, leaves = read_vouched(row, keys)
    if agency != entry["agency"] or _statement(agency, digests) not in leaves:
        raise Fails(f"the signature is not {entry['agency']}'s over this entry")
    _under(proof["index"], [bytes.fromhex(step) for step in proof["path"]], leaf_of(row), note, key)
    signed = {digests[at : at + HASH] for at in range(HASH, len(digests), HASH)}
    parts = entry["parts"]
    if not all(part.get("salt") for part in parts):
        return False
    if len(signed) != len(parts) + len(entry.get("redacted", ())):
        raise Fails("a part is left out, and it does not say so")
    for part in parts:
        name, salt = part["name"].encode(), bytes.fromhex(part["salt"])
        if sha256(salt + len(name).to_bytes(2, "big") + name + part["says"].encode()).digest() not in signed:
            raise Fails(f"its part {part['name']} is not what {agency} signed")
    openly = json.loads(next(part["says"] for part in parts if part["name"] == "open").partition("\n")[0])
    if [entry["type"], agency, entry["happened"]] != [openly[0], openly[1], openly[4][0]]:
        raise Fails(f"its type or its time is not what {agency} signed")
    return True


def _handed_out(export: bytes, proof: dict[str, Any], note: str, key: str) -> str:
    """The hub recorded this export, byte for byte, before it was handed out."""
    row = _row(proof["row"])
    if row[3] != HANDED_OUT or row[4][:1] != OPEN:
        raise Fails("the row that should record the export records something else")
    moment, digest = unpacked(row[4][1:], 2)
    if digest != sha256(export).digest():
        raise Fails("this is not the export that the hub recorded: changed, added to, or an entry left out")
    taken = _under(proof["index"], [bytes.fromhex(step) for step in proof["path"]], leaf_of(row), note, key)
    at = datetime.fromtimestamp(int.from_bytes(moment, "big") / 1_000_000, UTC)
    return f"recorded {at:%Y-%m-%d %H:%M} UTC, before it was handed out; {taken}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one question."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = asked.add_subparsers(dest="command", required=True)
    for name, places in (
        ("store", ("store", "checkpoints")),
        ("consistency", ("old", "new", "proof")),
        ("inclusion", ("proof", "leaf")),
        ("signatures", ("store", "checkpoints")),
        ("said", ("evidence",)),
        ("export", ("folder",)),
        ("cosign", ("new",)),
    ):
        command = commands.add_parser(name)
        for place in places:
            command.add_argument(place, nargs="+" if place == "checkpoints" else None)
        command.add_argument("--key", required=True, help="the log's verifier key: hub ledger key")
        if name in ("signatures", "said", "export"):
            given = "an agency's public key, as it gave it to you: NAME=HEX; again for each"
            command.add_argument("--agency", action="append", default=[], help=given)
        if name == "cosign":
            command.add_argument("--seen", help="the last checkpoint this witness cosigned")
            command.add_argument("--proof", help="of consistency from it (hub ledger consistency)")
            command.add_argument("--name", required=True)
            command.add_argument("--secret", required=True, help="a file of 32 bytes in hexadecimal")
    said = asked.parse_args(arguments)
    try:
        print(_spelt_out(_answer(said)))  # noqa: T201 — this is what a command says
    except Fails as why:
        print(_spelt_out(f"DOES NOT HOLD: {why}"))  # noqa: T201 — likewise
        return 1
    except Exception as fault:  # noqa: BLE001 — a hostile file may be anything: none of it holds
        print(_spelt_out(f"cannot be read: {type(fault).__name__}: {fault}"), file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _spelt_out(text: str) -> str:
    """The text with what a terminal would obey, instead of show, written out: names come from the files."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in text)


def _answer(said: argparse.Namespace) -> str:  # noqa: PLR0911 — one for each question
    match said.command:
        case "store":
            return check_store(Path(said.store), [Path(c).read_text() for c in said.checkpoints], said.key)
        case "consistency":
            old, new, proof = (Path(name).read_text() for name in (said.old, said.new, said.proof))
            before, after = check_consistency(old, new, proof, said.key)
            return f"the {after[1]} rows begin with the {before[1]}"
        case "inclusion":
            return check_inclusion(Path(said.proof).read_text(), bytes.fromhex(said.leaf), said.key)
        case "signatures":
            notes = [Path(c).read_text() for c in said.checkpoints]
            return check_signatures(Path(said.store), notes, said.key, read_keys(said.agency))
        case "said":
            return check_said(Path(said.evidence).read_text(), said.key, read_keys(said.agency))
        case "export":
            export, proofs = Path(said.folder, "export.json"), Path(said.folder, "proofs.json")
            return check_export(export.read_bytes(), proofs.read_text(), said.key, read_keys(said.agency))
    note = Path(said.new).read_text()
    if said.seen:
        check_consistency(Path(said.seen).read_text(), note, Path(said.proof).read_text(), said.key)
    text = read_note(note, said.key)[3]
    secret = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(Path(said.secret).read_text().strip()))
    return cosigned(note, text, said.name, secret, int(time.time())).rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
