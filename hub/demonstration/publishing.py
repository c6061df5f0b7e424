"""Runs `hub-publish` for the story, one process for each agency as in earnest: the hub imports no adapter."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hub.demonstration.story import FOLDER, SentFile, Step, Story
from hub.errors import Unavailable

REFUSED = 1
"""The exit code of `hub-publish` where part of a file was refused: expected, and told."""

Publisher = Callable[[str, Sequence[str]], str]
"""Runs an agency's `hub-publish` with arguments; tells its standard output. Raises Unavailable."""


class Found(NamedTuple):
    """One finding of an adapter: its place, a closed code, the sender's field name. Never a value."""

    place: str
    code: str
    field: str | None
    refused: bool


class FileTaken(NamedTuple):
    """What became of one file: how many events it gave, and what in it was refused or warned of."""

    file: str
    events: int
    findings: tuple[Found, ...]


@contextmanager
def publishers() -> Iterator[Publisher]:
    """A `hub-publish` process for each agency, started when it is first asked and kept running to the end."""
    command = [sys.executable, "-m", "adapters", "--jobs"]
    running: dict[str, subprocess.Popen[str]] = {}

    def publish(agency: str, arguments: Sequence[str]) -> str:
        if agency not in running:
            running[agency] = subprocess.Popen(  # noqa: S603 — our own arguments, no shell
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        return _ask(running[agency], arguments)

    try:
        yield publish
    finally:
        for process in running.values():
            process.communicate()  # closes its input, which ends it


def publish_step(publish: Publisher, data: Path, story: Story, step: Step) -> list[FileTaken]:
    """Publish a step's files, agencies at the same time and each agency's own in order, then heartbeats."""
    by_agency: dict[str, list[SentFile]] = {}
    for sent in step.files:
        by_agency.setdefault(story.senders[sent.sender].agency, []).append(sent)

    def of_agency(files: list[SentFile]) -> list[FileTaken]:
        return [_publish(publish, data, story, step, sent) for sent in files]

    with ThreadPoolExecutor() as pool:
        taken = [file for files in pool.map(of_agency, by_agency.values()) for file in files]
    for agency in step.heartbeats:
        publish(agency.value, ["--data", str(data), "--heartbeat", agency.value])
    return taken


def enrol_agencies(publish: Publisher, data: Path, agencies: Sequence[str]) -> list[Path]:
    """Let each agency make its own keys; tells the files with the public ones, for the hub to take on."""

    def enrol(agency: str) -> Path:
        publish(agency, ["--data", str(data), "--enrol", agency])
        return data / "agencies" / agency / "public-key.json"

    with ThreadPoolExecutor() as pool:
        return list(pool.map(enrol, agencies))


# ------------------------------------------------------------


def _ask(process: "subprocess.Popen[str]", arguments: Sequence[str]) -> str:
    assert process.stdin is not None  # noqa: S101 — both are pipes
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(json.dumps(list(arguments)) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise Unavailable("hub-publish ended before its time")
    answer = json.loads(line)
    if answer["code"] not in (0, REFUSED):
        raise Unavailable(answer["err"].strip() or "hub-publish failed")
    said: str = answer["out"]
    return said


def _publish(publish: Publisher, data: Path, story: Story, step: Step, sent: SentFile) -> FileTaken:
    sender = story.senders[sent.sender]
    settings = ["--settings", str(FOLDER / sender.settings)] if sender.settings else []
    told = publish(
        sender.agency,
        [
            *(sender.format, str(FOLDER / "files" / sent.file), "--json", *settings),
            *("--data", str(data), "--read-at", step.at.isoformat()),
            *("--organisation", sender.organisation, "--system", sender.system),
        ],
    )
    (report,) = json.loads(told)
    if report["unreadable"] or report["unavailable"]:
        raise Unavailable(f"{sent.file} could not be published")
    return FileTaken(sent.file, report["events"], tuple(map(_found, report["findings"])))


def _found(finding: dict[str, Any]) -> Found:
    return Found(finding["place"], finding["code"], finding["field"], finding["refused"])
