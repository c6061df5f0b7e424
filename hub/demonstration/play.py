"""Plays the story into a fresh demonstration hub: publish, take in, follow, act, moment by moment."""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

from hub import compose
from hub.compose import Hub
from hub.confidentiality import key_file
from hub.confidentiality.key_file import KeyFileUnusable
from hub.demonstration.publishing import FileTaken, Publisher, enrol_agencies, publish_step
from hub.demonstration.story import Act, Answered, Step, Story
from hub.domain.child import By
from hub.errors import Refused, UnknownChild, WrongKind
from hub.intake.acts import record_act
from hub.intake.questions import confirm, questions
from hub.intake.work import Tally
from hub.settings import Settings, load, write_stage

BEFORE = timedelta(days=1)

Told = Callable[[str], None]
"""Is told what a step is about, before it is played."""


class Played(NamedTuple):
    """What came of it: what became of each file, and all that was taken in."""

    files: tuple[FileTaken, ...]
    tally: Tally


def make_demonstration(
    settings: Settings, story: Story, publish: Publisher, since: Callable[[], datetime], told: Told
) -> Played:
    """Make the demonstration anew in its folder and play the whole story.

    `since` says where the machine's clock stands when the story's is put to a moment. Raises WrongKind where
    the folder holds anything else than a demonstration.
    """
    told("Making the hub and the agencies' keys")
    _clear(settings)
    compose.found(settings, demo=True)
    folder = settings.data
    write_stage(folder, min(since(), story.step[0].at) - BEFORE, since())
    keys = enrol_agencies(publish, folder, story.agencies)
    with compose.open_hub(load(folder)) as hub:
        for file in keys:
            compose.enrol(hub, file)
    files: list[FileTaken] = []
    tally = Tally()
    for step in story.step:
        told(step.about)
        write_stage(folder, step.at, since())
        files += publish_step(publish, folder, story, step)
        with compose.open_hub(load(folder)) as hub:
            tally = tally + play_step(hub, story, step)
    write_stage(folder, story.ends, since())
    with compose.open_hub(load(folder)) as hub:
        _follow(hub)
    return Played(tuple(files), tally)


def play_step(hub: Hub, story: Story, step: Step) -> Tally:
    """Take in what was published, then record what people did, and draw what follows from both."""
    tally = Tally()
    with compose.open_intake(hub) as intake:
        while (taken := intake.step()).read:
            tally = tally + taken
    for act in step.act:
        _act(hub, story, act)
    _follow(hub)
    for answer in step.answer:
        _answer(hub, story, answer)
    if step.answer:
        _follow(hub)
    return tally


def child_of(hub: Hub, story: Story, name: str) -> UUID:
    """The record of a child of the story. Raises UnknownChild before anything was said of them."""
    stream = hub.records.hashes.stream(story.children[name])
    claimed = hub.records.identities.look_up([stream]).get(stream)
    if claimed is None or claimed.child is None:
        raise UnknownChild
    return hub.records.person(claimed.child)[0].id


# ------------------------------------------------------------


def _act(hub: Hub, story: Story, act: Act) -> None:
    event = story.event(act)
    role = event.recorder_role or "practitioner"
    by = By(f"demo-{role}", role, event.agency.value)
    record_act(hub.records, child_of(hub, story, act.child), event, by, uuid4)


def _answer(hub: Hub, story: Story, answer: Answered) -> None:
    child = child_of(hub, story, answer.child)
    for question in questions(hub.records):
        if question.opened is not None and child in question.opened.candidates:
            by = story.people[answer.by].by
            return confirm(hub.records, question.id, child, by, answer.reason)
    raise Refused("the story answers a question that nobody asked")


def _follow(hub: Hub) -> None:
    for follower in hub.followers:
        follower.catch_up()
    hub.ledger.catch_up()


def _clear(settings: Settings) -> None:
    """Take an earlier demonstration away; touch nothing in a folder that holds anything else."""
    folder = settings.data
    if not folder.exists() or not any(folder.iterdir()):
        return
    try:
        demo = key_file.load(settings.key_file).demo
    except KeyFileUnusable:
        demo = False
    if not demo:
        raise WrongKind(f"{folder} is not a demonstration's folder; name another with --data")
    for place in _places(settings):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def _places(settings: Settings) -> Iterable[Path]:
    """Everything a demonstration lays down; the key file last, so that an interrupted clearing can go on."""
    stores = (settings.archive, settings.child_keys, settings.views, settings.ledger, settings.topic_log)
    for store in stores:
        yield from (store, *(store.with_name(store.name + end) for end in ("-wal", "-shm", "-journal")))
    yield from (settings.agencies, settings.checkpoints, settings.receipts)
    yield from (settings.agency_keys, settings.hub_public_key, settings.ledger_public_key)
    yield from (settings.data / "settings.toml", settings.key_file)
