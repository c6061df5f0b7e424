"""The command `hub`: every command by hand, in the order a newcomer needs them."""

import gc

gc.disable()  # nothing that is read below is let go: to look for it is a fifth of starting

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from hub.commands import (
    access,
    asking,
    auditing,
    backing_up,
    disposing,
    disputing,
    evidence,
    flagging,
    grouping,
    key_care,
    ledger,
    letting_in,
    migrating,
    packs,
    partnership,
    policy,
    prosecution,
    reading,
    recording,
    restricting,
    running,
    signing_in,
    simulating,
    subject_access,
    telling,
    topics,
    trying,
    upkeep,
    worklists,
)
from hub.commands.demo import demo
from hub.commands.saying import run, say

gc.freeze()
gc.enable()

INTRODUCTION = """
Put together what police, health, schools, social care and youth justice know of a child.

Each agency publishes what it holds with hub-publish. The hub takes it in, finds the child, and shows each
reader one chronology, as far as the partnership's policy lets them see. It points out what only becomes clear
when several agencies' entries are read together, and what the guidance asks for, by when. It never decides
about a child.

Begin with: hub demo

Then, for example: hub children, hub chronology CHILD --as social-worker --purpose section-47, hub verify
"""
EXIT_CODES = (
    "Exit codes: 0 done, 1 something was found or refused, 2 wrong usage, 3 not allowed, 4 not available."
)
START, READ, WORK = "Begin", "Read a child's record", "Record what was done"
RUN, UPKEEP = "Run the hub", "Look after it"


def _say_version(asked: bool) -> None:  # noqa: FBT001 — a flag of the command line
    if not asked:
        return
    try:
        say(version("safeguarding-hub"))
    except PackageNotFoundError:
        say("not installed")
    raise typer.Exit


app = typer.Typer(
    name="hub",
    help="\n\n".join(" ".join(part.split()) for part in INTRODUCTION.split("\n\n")),
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def options(
    context: typer.Context,
    *,
    data: Annotated[
        Path | None, typer.Option("--data", help="The data folder; else HUB_DATA, else demo-data.")
    ] = None,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say the version and stop.", is_eager=True, callback=_say_version),
    ] = False,
) -> None:
    """Take the options of every command: which folder."""
    context.obj = data


app.command(rich_help_panel=START)(demo)
app.command(rich_help_panel=START)(running.status)

app.command("sign-in", rich_help_panel=READ)(signing_in.sign_in)
app.command("sign-out", rich_help_panel=READ)(signing_in.sign_out)
app.command(rich_help_panel=READ)(reading.children)
app.command(rich_help_panel=READ)(reading.chronology)
app.add_typer(flagging.flags, name="flags", rich_help_panel=READ)
app.add_typer(grouping.incidents, name="incidents", rich_help_panel=READ)
app.command(rich_help_panel=READ)(asking.explain)
app.command(rich_help_panel=READ)(asking.due)
app.command(rich_help_panel=READ)(reading.history)
app.add_typer(auditing.audit, name="audit", rich_help_panel=READ)
app.add_typer(subject_access.commands, name="subject-access", rich_help_panel=READ)
app.add_typer(prosecution.commands, name="prosecution", rich_help_panel=READ)
app.command("no-longer-true", rich_help_panel=READ)(flagging.untrue)
app.command(rich_help_panel=READ)(trying.backtest)
app.command(rich_help_panel=READ)(simulating.simulate)

app.command(rich_help_panel=WORK)(recording.record)
app.command(rich_help_panel=WORK)(disputing.dispute)
app.command("settle-dispute", rich_help_panel=WORK)(disputing.settle)
app.command("restrict-entry", rich_help_panel=WORK)(restricting.restrict)
app.command("keep-restriction", rich_help_panel=WORK)(restricting.keep)
app.command("lift-restriction", rich_help_panel=WORK)(restricting.lift)
app.command(rich_help_panel=WORK)(worklists.worklist)
app.command(rich_help_panel=WORK)(partnership.partnership)
app.add_typer(worklists.calendar, name="calendar", rich_help_panel=WORK)
app.add_typer(letting_in.access, name="access", rich_help_panel=WORK)

app.command(rich_help_panel=RUN)(running.intake)
app.command(rich_help_panel=RUN)(running.follow)
app.command(rich_help_panel=RUN)(telling.tell)
app.command(rich_help_panel=RUN)(running.serve)
app.command(rich_help_panel=RUN)(running.health)

app.command(rich_help_panel=UPKEEP)(migrating.migrate)
app.command(rich_help_panel=UPKEEP)(backing_up.backup)
app.command("restore", rich_help_panel=UPKEEP)(backing_up.put_back)
app.add_typer(packs.pack, name="pack", rich_help_panel=UPKEEP)
app.add_typer(access.people, name="people", rich_help_panel=UPKEEP)
app.add_typer(access.systems, name="systems", rich_help_panel=UPKEEP)
app.add_typer(policy.policy, name="policy", rich_help_panel=UPKEEP)
app.add_typer(topics.topics, name="topics", rich_help_panel=UPKEEP)
for name, command in {**key_care.COMMANDS, **disposing.COMMANDS}.items():
    upkeep.keys.command(name)(command)
app.add_typer(upkeep.keys, name="keys", rich_help_panel=UPKEEP)
app.add_typer(disposing.retention_commands, name="retention", rich_help_panel=UPKEEP)
app.add_typer(ledger.ledger, name="ledger", rich_help_panel=UPKEEP)
app.add_typer(upkeep.matching, name="matching", rich_help_panel=UPKEEP)
app.add_typer(upkeep.quarantine, name="quarantine", rich_help_panel=UPKEEP)
app.command(rich_help_panel=UPKEEP)(upkeep.rebuild)
app.command(rich_help_panel=UPKEEP)(upkeep.verify)
app.command(rich_help_panel=UPKEEP)(evidence.evidence)


def main() -> None:
    """Run the commands; an expected error is one line and an exit code. What they make nobody else writes."""
    os.umask(os.umask(0o077) | 0o022)
    run(app)


if __name__ == "__main__":
    main()
