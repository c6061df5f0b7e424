"""What stands now, kept in a folder for whoever assesses the hub: the pack of docs/dspt.md."""

import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from hub.casework.duties import GOVERNANCE
from hub.commands.acting import on_duty
from hub.commands.saying import opened, progress, say, settings_of, when
from hub.errors import HubError, Refused

INDEX = "index.md"
COMPONENTS = "components.json"
BESIDE = "beside"
_STAMP = "%Y-%m-%dT%H%M%SZ"


class Piece(NamedTuple):
    """One file of the pack: what it shows, and the words of the command that prints it.

    `kept`: what is kept of the JSON that is printed, where that names records; None: all of it.
    """

    file: str
    shows: str
    words: tuple[str, ...]
    kept: Callable[[Any], Any] | None = None


def _states(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(row["state"] for row in rows))


def _reviews(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    settled = sum("settled_by" in row for row in rows)
    overdue = sum(row.get("overdue", False) for row in rows)
    return {"broken": len(rows), "reviewed": settled, "waiting": len(rows) - settled, "overdue": overdue}


PIECES = (
    Piece("status.json", "how far every feed and view is, and what waits", ("status", "--json")),
    Piece("policy.txt", "who may see what for which purpose, adopted by whom", ("policy", "show")),
    Piece("policy-check.txt", "that the policy is whole; each agreement's dates", ("policy", "check")),
    Piece("impact-assessment.md", "the beginning of an impact assessment", ("policy", "assess")),
    Piece("people.json", "who may act in which role, and signed in when", ("people", "list", "--json")),
    Piece("systems.json", "which systems are admitted", ("systems", "list", "--json")),
    Piece("glass.json", "broken glass, and its reviews", ("access", "reviews", "--all", "--json"), _reviews),
    Piece("partnership.json", "feeds, flags, clocks and shares, counted", ("partnership", "--json")),
    Piece("keys.json", "key-encryption keys, by scope and version", ("keys", "status", "--json")),
    Piece("agency-keys.json", "agencies' keys, and their days", ("keys", "agencies", "--json")),
    Piece("agency-key-changes.json", "who changed them", ("keys", "agencies", "--who", "--json")),
    Piece("retention.json", "how long what is kept, on which ground", ("retention", "show", "--json")),
    Piece("erasures.json", "erasures, by what became of them", ("keys", "erasures", "--json"), _states),
    Piece("procedures.json", "the procedure packs, by date", ("pack", "list", "--json")),
    Piece("verified.txt", "that nothing stored was changed", ("verify",)),
    Piece("checkpoint.txt", "the signed checkpoint of now", ("ledger", "checkpoint")),
)


class Kept(NamedTuple):
    """A file as it was kept: what the command ended with, in a word or two, and the digest of the file."""

    file: str
    shows: str
    by: str
    outcome: str
    digest: str


def evidence(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(help="Where packs are kept, a folder each; it is made where there is none.")
    ],
    beside: Annotated[
        list[Path] | None,
        typer.Option(
            "--beside",
            help="A file to keep with it, the record of a restore drill, say, or the scan's report.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Keep what stands now for whoever assesses the hub: policy, access, keys, retention, ledger.

    Each file is what one command prints; the index names it, with its digest and whether it differs from the
    pack before. Nothing in it is of a child; it names staff. Exit code 1: something is lacking or was found.
    """
    with opened(context) as hub:
        by, now = on_duty(hub, GOVERNANCE), hub.clock().astimezone(UTC)
        of = f"a {'demonstration' if hub.demo else 'live'} hub, policy {hub.policy.name}"
    twice = [name for name, times in Counter(file.name for file in beside or ()).items() if times > 1]
    if twice:
        raise Refused(f"two files are called {twice[0]}")
    before = max((each for each in folder.glob("*Z") if (each / INDEX).is_file()), default=None)
    there = folder / now.strftime(_STAMP)
    if there.exists():
        raise Refused(f"{there} is there already")
    there.mkdir(parents=True, mode=0o700)
    with progress("Keeping evidence", len(PIECES)) as advance:
        kept = []
        for piece in PIECES:
            kept.append(_kept(context, there, piece))
            advance(1)
    kept.append(_write(there, COMPONENTS, "what is installed: name, version, licence", "", _components()))
    kept += [_beside(there, file) for file in beside or ()]
    head = f"Kept on {when(now)} by {by.person} ({by.role}) of {of}."
    (there / INDEX).write_text("\n".join(_index(head, kept, before)) + "\n")
    say(f"{there}: {len(kept)} files, {INDEX} names them")
    wrong = [one for one in kept if one.outcome]
    for one in wrong:
        say(f"{one.file}: {one.outcome}")
    if wrong:
        raise typer.Exit(1)


# ------------------------------------------------------------


def _kept(context: typer.Context, there: Path, piece: Piece) -> Kept:
    """Run a command and keep what it prints; of one that is refused, its line."""
    said, outcome = _printed(context, piece.words)
    if piece.kept is not None and said:
        said = msgspec.json.encode(piece.kept(msgspec.json.decode(said))) + b"\n"
    return _write(there, piece.file, piece.shows, " ".join(("hub", *piece.words)), said, outcome)


def _printed(context: typer.Context, words: Sequence[str]) -> tuple[bytes, str]:
    """What a command prints as data, and what is wrong, if anything is: refused, or found."""
    out = io.StringIO()
    asked = ["--data", str(settings_of(context).data), *words]
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        try:
            code = context.find_root().command.main(asked, prog_name="hub", standalone_mode=False)
        except HubError as refused:
            return out.getvalue().encode(), f"{refused.title}: {refused}".removesuffix(": ")
    return out.getvalue().encode(), f"exit code {code}: something was found" if code else ""


def _components() -> bytes:
    """What is installed beside the hub, by name, each with the licence it says."""
    found = {(one.name, one.version): _licence(one.metadata.json) for one in distributions()}
    rows = [
        {"name": name, "version": version, "licence": licence}
        for (name, version), licence in sorted(found.items())
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n"


def _licence(said: Mapping[str, str | list[str]]) -> str:
    """The licence that a distribution says it has, in one line, the older ways too; empty: it says none."""
    classed = [each for each in said.get("classifier", ()) if each.startswith("License ::")]
    words = said.get("license_expression") or ", ".join(each.rpartition(" :: ")[2] for each in classed)
    return str(words or said.get("license", "")).strip().partition("\n")[0]


def _beside(there: Path, file: Path) -> Kept:
    (there / BESIDE).mkdir(exist_ok=True)
    return _write(there, f"{BESIDE}/{file.name}", "kept beside", "", file.read_bytes())


def _write(there: Path, file: str, shows: str, by: str, said: bytes, outcome: str = "") -> Kept:
    (there / file).write_bytes(said)
    return Kept(file, shows, by, outcome, sha256(said).hexdigest())


def _index(head: str, kept: Iterable[Kept], before: Path | None) -> Iterator[str]:
    yield "# Evidence of what stands in this hub"
    yield ""
    yield head
    yield "Nothing here is of a child. It names staff: keep it as you keep who may act in which role."
    yield f"Compared with the pack of {before.name}." if before else "There is no pack before this one."
    yield ""
    yield "| file | shows | printed by | since the pack before | SHA-256 |"
    yield "|---|---|---|---|---|"
    for one in kept:
        wrong = f" **{one.outcome}**" if one.outcome else ""
        by = f"`{one.by}`" if one.by else ""
        yield f"| {one.file} | {one.shows}{wrong} | {by} | {_since(one, before)} | `{one.digest}` |"


def _since(one: Kept, before: Path | None) -> str:
    if before is None or not (before / one.file).is_file():
        return "new"
    same = sha256((before / one.file).read_bytes()).hexdigest() == one.digest
    return "the same" if same else "changed"
