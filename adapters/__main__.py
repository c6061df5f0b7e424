"""The command `hub-publish`: an agency's files in, sealed events out."""

import gc

gc.disable()  # nothing that is read below is let go: to look for it is a fifth of starting

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from adapters.catalogue import FORMATS, UnknownFormat, format_named
from adapters.days import LONDON
from adapters.door import Report, rehearse
from adapters.format import Finding, Format, Sender
from adapters.jobs import answers
from adapters.listening import listen
from adapters.publish import BusUnavailable, flush, heartbeat, publish_file
from adapters.receipts import compare
from adapters.receipts_bus import take
from adapters.seal import KeyFileUnusable, create_agency_keys, load_agency_keys
from adapters.spool import SpoolUnavailable
from adapters.station import HUB_KEY, open_receipts, open_spool, open_station
from adapters.systems import DoorInvalid
from adapters.systems import load as load_door
from schemas.bus_access import BusMisdescribed
from schemas.tls import TlsUnusable
from schemas.topic_log import TopicLogUnavailable
from schemas.tracing import TracingUnavailable
from schemas.vocabulary import Agency

gc.freeze()
gc.enable()

REFUSED, USAGE, UNAVAILABLE = 1, 2, 4
LONG = 1_000_000
"""Bytes from which a file gets a progress bar."""
WIDE = 200
"""Columns of a table that no terminal shows: a program reads it, a line a row."""

app = typer.Typer(add_completion=True, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(
    epilog="Exit code: 0 all was taken, 1 something was refused, 2 wrong usage, 4 not available now."
)
def publish(
    format_: Annotated[
        str | None, typer.Argument(metavar="FORMAT", help="A name from --list, such as police.custodian.")
    ] = None,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Files in that format.")
    ] = None,
    *,
    data: Annotated[Path, typer.Option(envvar="HUB_DATA", help="The data folder.")] = Path("demo-data"),
    organisation: Annotated[str, typer.Option(help="Who sends: the force, trust, school, authority.")] = "",
    system: Annotated[str, typer.Option(help="The system the file comes from.")] = "",
    settings: Annotated[Path | None, typer.Option(help="The sender's own column map or code list.")] = None,
    read_at: Annotated[
        str | None,
        typer.Option(help="When the file was read or the question asked (ISO 8601); now if not said."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; send nothing.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="The formats there are.")] = False,
    refusals: Annotated[
        Agency | None, typer.Option(help="What an agency's files held that was refused.")
    ] = None,
    flush_: Annotated[
        Agency | None, typer.Option("--flush", help="Send what still waits in the spool.")
    ] = None,
    heartbeat_: Annotated[
        Agency | None, typer.Option("--heartbeat", help="Say that an agency's feed is alive.")
    ] = None,
    listen_: Annotated[
        Agency | None,
        typer.Option("--listen", help="Take events that an agency's systems post by HTTP (door.toml)."),
    ] = None,
    enrol: Annotated[
        Agency | None, typer.Option(help="Make an agency's own keys; the hub takes the public one on.")
    ] = None,
    jobs: Annotated[
        bool,
        typer.Option("--jobs", help="For programs: a list of arguments a line in, an answer a line out."),
    ] = False,
    receipts: Annotated[
        Agency | None,
        typer.Option(help="Check the hub's receipts (FORMAT and FILE… are files or folders of them)."),
    ] = None,
    from_bus: Annotated[
        bool, typer.Option("--from-bus", help="With --receipts: take them from the bus, check and keep them.")
    ] = False,
    ledger_key: Annotated[str, typer.Option(help="The hub's ledger key: 'hub ledger key' said it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Read an agency's files and publish what they say, sealed, to the bus.

    A record that cannot be used is named with its place and reason, and the rest of the file goes on. A file
    that cannot be read to its end is not taken at all. What was taken waits in the agency's spool until the
    bus has it. For example: hub-publish police.custodian record.json --data demo-data --organisation Durham
    """
    with _one_line():
        if jobs:
            _work()
        elif list_:
            _list(as_json)
        elif enrol:
            _enrol(data, enrol, as_json)
        elif listen_:
            _listen(data, listen_)
        elif refusals:
            _refusals(data, refusals, as_json)
        elif receipts:
            places = [Path(place) for place in (format_, *(files or ())) if place]
            _receipts(data, receipts, places, ledger_key, from_bus=from_bus, as_json=as_json)
        elif flush_:
            with open_station(data, flush_, _now, os.environ) as station:
                _say({"agency": flush_.value, "sent": flush(station)}, as_json)
        elif heartbeat_:
            with open_station(data, heartbeat_, _now, os.environ) as station:
                sent = heartbeat(station, heartbeat_, system or heartbeat_.value)
                _say({"agency": heartbeat_.value, "sent": sent}, as_json)
        elif format_ is None or not files:
            _stop("say a FORMAT and its files, or --list to see the formats", USAGE)
        else:
            found = format_named(format_)
            sender = Sender(
                organisation or found.agency.value, system or found.name, _moment(read_at), settings
            )
            _publish(found, files, sender, data, dry_run=dry_run, as_json=as_json)


def main() -> None:
    """Run the command; what was typed wrong is told in one line."""
    sys.exit(_run(sys.argv[1:]))


# ------------------------------------------------------------


def _work() -> None:
    """Answer jobs from standard input until it ends."""
    for answer in answers(sys.stdin, _alone):
        typer.echo(answer)


def _alone(arguments: Sequence[str]) -> int:
    """Run this command again with other arguments; tells the exit code."""
    try:
        return _run(arguments)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else REFUSED


def _run(arguments: Sequence[str]) -> int:
    try:
        return app(list(arguments), prog_name="hub-publish", standalone_mode=False) or 0
    except typer.TyperException as wrong:
        said = " ".join(wrong.format_message().split()).removesuffix(".")
        typer.echo(f"hub-publish: {said}; see hub-publish --help", err=True)
        return wrong.exit_code


def _publish(
    format_: Format, files: Sequence[Path], sender: Sender, data: Path, *, dry_run: bool, as_json: bool
) -> None:
    reports: list[tuple[Path, Report]] = []
    with ExitStack() as opened:
        station = (
            None if dry_run else opened.enter_context(open_station(data, format_.agency, _now, os.environ))
        )
        for path in files:
            with path.open("rb") as file, _bar(path) as progress:
                if station is None:
                    report = rehearse(format_, file, sender, progress)
                else:
                    report = publish_file(station, format_, file, sender, progress)
            reports.append((path, report))
            if not as_json:
                _tell(path, report, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps([{"file": str(path), **asdict(report)} for path, report in reports], indent=2))
    unavailable = next((report.unavailable for _, report in reports if report.unavailable), None)
    if unavailable:
        _stop(
            f"{unavailable}; what was taken waits in the spool: --flush {format_.agency.value}", UNAVAILABLE
        )
    if any(report.refused for _, report in reports):
        raise typer.Exit(REFUSED)


def _tell(path: Path, report: Report, *, dry_run: bool) -> None:
    if report.unreadable:
        typer.echo(f"{path}: nothing taken: {_line(report.unreadable)}")
        return
    taken = f"{report.events} events {'would be taken' if dry_run else 'taken'}"
    rest = f"{report.unchanged} unchanged, {report.refused} refused, {report.warnings} warnings"
    sent = "" if dry_run else f", {report.sent} messages sent"
    typer.echo(f"{path}: {taken}, {rest}{sent}")
    for finding in report.findings:
        typer.echo(f"  {_line(finding)}")
    more = report.refused + report.warnings - len(report.findings)
    if more > 0:
        typer.echo(f"  and {more} more; see --refusals")


def _line(finding: Finding) -> str:
    said = f"{finding.place}: {finding.code}" + (f" ({finding.field})" if finding.field else "")
    return f"refused {said}" if finding.refused else f"warning {said}"


def _list(as_json: bool) -> None:
    rows = [
        {"name": f.name, "agency": f.agency.value, "kind": f.kind, "about": f.about, "sample": str(f.sample)}
        for f in FORMATS
    ]
    _table(rows, ("name", "agency", "kind", "about"), as_json)


def _enrol(data: Path, agency: Agency, as_json: bool) -> None:
    """The private key stays here; what the hub is given, by hand or in person, is the public one."""
    folder = data / "agencies" / agency.value
    public = create_agency_keys(folder / "signing-key.json", agency.value)
    key_id = load_agency_keys(folder / "signing-key.json").key_id
    card = {"agency": agency.value, "key_id": key_id, "public": public.hex()}
    (folder / "public-key.json").write_text(json.dumps(card))
    told = {**card, "file": str(folder / "public-key.json")}
    typer.echo(json.dumps(told) if as_json else f"{agency.value}: give the hub {told['file']}")


def _listen(data: Path, agency: Agency) -> None:
    settings, admitted = load_door(data / "agencies" / agency.value / "door.toml")
    listen(data, agency, settings, admitted, _now, os.environ, lambda said: typer.echo(said, err=True))


def _receipts(
    data: Path, agency: Agency, places: Sequence[Path], ledger_key: str, *, from_bus: bool, as_json: bool
) -> None:
    """What the hub proves to have taken in, and what not. Without a place: where the hub lays receipts."""
    key = ledger_key or _ledger_key(data)
    with closing(open_spool(data, agency)) as kept:
        if from_bus:
            if places:
                _stop("--from-bus reads the bus: name no files beside it", USAGE)
            folder = data / "agencies" / agency.value / "receipts"
            with open_receipts(data, agency, os.environ) as reading, kept.turn():
                found = take(kept, agency, reading, folder, key, data / HUB_KEY)
        else:
            found = compare(kept, agency, places or [data / "receipts" / agency.value], key)
    if as_json:
        typer.echo(json.dumps({"agency": agency.value, **asdict(found)}))
    else:
        typer.echo(f"{agency.value}: {found.receipts} receipts hold, {found.proved} events newly proved")
        since = f", the oldest taken in on {found.since}" if found.since else ""
        typer.echo(f"{found.wait} events have no receipt yet{since}")
        for why in found.invalid:
            typer.echo(f"  DOES NOT HOLD: {why}")
        if found.key:
            typer.echo(
                f"  from now on it is sealed to the hub's key {found.key}, which its ledger's key signed"
            )
        if found.lost:
            typer.echo(f"  {found.lost} receipts left the bus unread: the operator has their files")
    if found.invalid:
        raise typer.Exit(REFUSED)


def _ledger_key(data: Path) -> str:
    try:
        return (data / "hub-ledger-key").read_text().strip()
    except FileNotFoundError:
        _stop("say --ledger-key: the hub's operator has it of 'hub ledger key'", USAGE)


def _refusals(data: Path, agency: Agency, as_json: bool) -> None:
    kept = open_spool(data, agency)
    rows = [
        {
            "file": refused.sha256[:12],
            "format": refused.format,
            "place": refused.finding.place,
            "code": refused.finding.code,
            "field": refused.finding.field or "",
            "refused": "yes" if refused.finding.refused else "no",
            "at": refused.at,
        }
        for refused in kept.refusals()
    ]
    kept.close()
    _table(rows, ("file", "format", "place", "code", "field", "refused"), as_json)


def _table(rows: Sequence[dict[str, str]], columns: Sequence[str], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(row[column] for column in columns))
    Console(markup=False, width=None if sys.stdout.isatty() else WIDE).print(table)


def _say(said: dict[str, str | int], as_json: bool) -> None:
    typer.echo(json.dumps(said) if as_json else f"{said['agency']}: {said['sent']} messages sent")


@contextmanager
def _bar(path: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error for a long file; silence for a short one."""
    size = path.stat().st_size
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    shown = size >= LONG and sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=not shown, transient=True) as bar:
        task = bar.add_task(path.name, total=size)
        yield lambda read: bar.update(task, completed=read)


def _moment(text: str | None) -> datetime:
    if text is None:
        return _now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _stop("--read-at wants a moment such as 2026-03-01T09:00:00+00:00", USAGE)
    return moment if moment.tzinfo else moment.replace(tzinfo=LONDON)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _one_line() -> Iterator[None]:
    """An expected error is one line for a person and an exit code a program can read."""
    try:
        yield
    except UnknownFormat as error:
        _stop(str(error), USAGE)
    except TopicLogUnavailable as error:
        _stop(f"{error}; run 'hub keys init' first", UNAVAILABLE)
    except (BusMisdescribed, TracingUnavailable, DoorInvalid, TlsUnusable) as error:
        _stop(str(error), USAGE)
    except (KeyFileUnusable, SpoolUnavailable, BusUnavailable) as error:
        _stop(str(error), UNAVAILABLE)
    except OSError as error:
        _stop(f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror), USAGE)


def _stop(words: str, code: int) -> NoReturn:
    typer.echo(f"hub-publish: {words}", err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()
