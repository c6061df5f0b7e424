"""What the demonstration prints: six parts, each with a heading, from what any reader would get."""

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.commands.asking import COORDINATOR, SCREENING
from hub.commands.lists import FALLEN, due_text, flag_text
from hub.commands.reading import reader_of
from hub.commands.saying import when
from hub.commands.text import WIDTH, chronology_text, who_text
from hub.compose import Hub
from hub.demonstration.play import Played, child_of
from hub.demonstration.publishing import FileTaken
from hub.demonstration.story import Story
from hub.intake.questions import questions

SOCIAL_WORKER, SCHOOL_LEAD = ("social-worker", "section-47"), ("school-lead", "section-17")

CHRONOLOGY = """Nobody wrote this: it is rebuilt from what every agency said, in the order it happened. Each
entry says who said it and since when it is known here. What was taken back or put right stays, struck
through."""
SCHOOL = """The same record, opened for another role. Police and health entries do not exist here; of social
care's the lead may know that they are there, and whom to ring. The child's own words are not shown."""
FLAGS = """As the partnership's coordinator sees them. Each is a question to people, never a decision. It
stands only because no single agency's entries would have raised it, and says so for each."""
DUE = """Each line of the guidance that applies, judged from the record as it stands, with the lengths of
the partnership's procedure pack {pack}. The hub reminds and asks why; it never stops anybody."""
WAITING = """One bad record never spoils a file: it is named by its place and reason, never by its content.
What came changed under an old number is held, sealed. Who a child is, is never guessed."""
CHECKED = """Every look above is on record already. The ledger is derived again from what is stored, and
compared with signed checkpoints, which in earnest the agencies keep."""
BEGINNING = """Ten weeks in an invented town, from {first} to {last}. Everybody in it is invented. {files}
files in {formats} native formats came from {agencies} agencies: {entries} entries. People recorded {acts}
more in the hub itself: accounts, meetings, decisions. What each agency sent lies in
hub/demonstration/files."""


def parts(hub: Hub, story: Story, played: Played) -> Iterator[str]:
    """The parts, in the order they are printed."""
    yield _beginning(hub, story, played)
    yield from _chronologies(hub, story)
    yield from _flags(hub, story)
    yield from _due(hub, story)
    yield _people_wanted(hub, played)
    yield _next(hub, story)


def heading(title: str, about: str = "") -> str:
    """A part's heading, with what a newcomer should look for."""
    words = textwrap.fill(" ".join(about.split()), WIDTH)
    return f"\n{'─' * WIDTH}\n{title.upper()}\n{words}\n"


# ------------------------------------------------------------


def _beginning(hub: Hub, story: Story, played: Played) -> str:
    formats = {sender.format for sender in story.senders.values()}
    acts = sum(len(step.act) for step in story.step)
    first, last = story.step[0].at, story.ends
    about = BEGINNING.format(
        first=when(first, "day"),
        last=when(last, "day"),
        files=len(played.files),
        formats=len(formats),
        agencies=len(story.agencies),
        entries=played.tally.recorded,
        acts=acts,
    )
    children = [f"  {name:<7}{_who(hub, story, name)}" for name in story.children]
    return "\n".join([heading("A demonstration", about), *children])


def _who(hub: Hub, story: Story, name: str) -> str:
    """A child in a line, as the social worker may know them; that they were looked up is on record."""
    reader = reader_of(hub, *SOCIAL_WORKER)
    found = hub.share.find(reader, story.children[name])
    line = who_text({k: v for k, v in found.who.items() if k in ("name", "date_of_birth")})
    return f"{line:<38} record {str(found.child)[:8]}"


def _chronologies(hub: Hub, story: Story) -> Iterator[str]:
    child = child_of(hub, story, story.shown)
    yield heading(
        "1. One child's chronology, as her social worker sees it",
        CHRONOLOGY,
    )
    yield chronology_text(hub.share.chronology(reader_of(hub, *SOCIAL_WORKER), child))
    yield heading(
        "2. The same child, as her school's designated lead sees it",
        SCHOOL,
    )
    yield chronology_text(hub.share.chronology(reader_of(hub, *SCHOOL_LEAD), child))


def _flags(hub: Hub, story: Story) -> Iterator[str]:
    yield heading(
        "3. What only becomes clear when several agencies are read together",
        FLAGS,
    )
    reader = reader_of(hub, COORDINATOR, SCREENING)
    for name in story.children:
        yield f"{_name(name)}\n"
        found = hub.share.flags(reader, child_of(hub, story, name))
        for flag in sorted(found, key=lambda flag: (flag.state in FALLEN, flag.pattern)):
            yield "\n".join([*flag_text(flag), ""])


def _due(hub: Hub, story: Story) -> Iterator[str]:
    yield heading(
        "4. What the guidance asks for, and by when",
        DUE.format(pack=hub.drawn.packs.name),
    )
    reader = reader_of(hub, COORDINATOR, SCREENING)
    for name in story.children:
        items = hub.share.due(reader, child_of(hub, story, name))
        if items:
            yield "\n".join([f"{_name(name)}\n", *due_text(items), ""])


def _name(name: str) -> str:
    return name.capitalize()


def _people_wanted(hub: Hub, played: Played) -> str:
    lines = [heading("5. What waits for a person", WAITING), "Refused by the agencies' own adapters:"]
    lines += _refused(played.files)
    lines += ["", "Held by the hub (hub quarantine list):"]
    for held in hub.records.archive.rows.quarantined():
        lines.append(f"  {held.id:>3}  {held.held.topic:<32} {held.held.reason}")
    lines += ["", "Questions of identity (hub matching list):"]
    for asked in questions(hub.records):
        if asked.opened is not None:
            candidates = ", ".join(str(c)[:8] for c in asked.opened.candidates)
            lines.append(
                f"  {asked.id}  {asked.opened.kind.value}:\n"
                f"      is record {str(asked.opened.provisional)[:8]} of the same child as {candidates}?"
            )
    return "\n".join(lines)


def _refused(files: Sequence[FileTaken]) -> Iterator[str]:
    for file in files:
        for found in file.findings:
            if found.refused:
                field = f" ({found.field})" if found.field else ""
                yield f"  {file.file}\n      {found.place}: {found.code}{field}"


def _next(hub: Hub, story: Story) -> str:
    data = hub.settings.data
    child = str(child_of(hub, story, story.shown))[:8]
    commands = [
        ("verify", "nothing was changed, dropped, reordered or inserted"),
        (f"history {child}", "one child's story as recorded: said, decided, shown to whom"),
        (f"chronology {child} --as police-officer --purpose section-47", "as another role"),
        (
            f"chronology {child} --as social-worker --purpose section-47 --known-at 2026-10-20",
            "as it was known then",
        ),
        ("matching list", "the open question, and what to type to answer it"),
        ("serve", "the pages, on this machine only"),
    ]
    lines = [heading("6. Check it, and look around", CHECKED)]
    for command, why in commands:
        lines.append(f"  {_program()} --data {data} {command}\n      {why}")
    return "\n".join(lines)


def _program() -> str:
    """The command as it was typed, so that the lines can be copied: `.venv/bin/hub` after `make demo`."""
    typed = Path(sys.argv[0])
    return str(typed) if typed.name == "hub" else "hub"
