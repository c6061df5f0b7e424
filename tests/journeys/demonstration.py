"""The demonstration's story played into a folder, its clock standing still, as text without ids."""

import re
from datetime import UTC, datetime
from threading import Lock

from typer.testing import CliRunner

from adapters.__main__ import app as hub_publish
from hub import compose
from hub.commands.lists import due_text, flag_text
from hub.commands.reading import reader_of
from hub.commands.text import chronology_text
from hub.demonstration.play import child_of, make_demonstration
from hub.demonstration.story import read_story
from hub.errors import HubError
from hub.settings import Settings, load

STANDS_STILL = datetime(9999, 12, 31, tzinfo=UTC)
PURPOSES = {
    "social-worker": "section-47",
    "police-officer": "section-47",
    "school-lead": "section-17",
    "named-doctor": "section-47",
    "health-practitioner": "direct-care",
    "intelligence-officer": "section-47",
    "mash-coordinator": "screening",
}
ROLES = ("social-worker", "police-officer", "school-lead", "named-doctor", "health-practitioner")
CHILDREN = ("kai", "isla", "poppy", "reece")
POLICY = re.compile(r"(policy|Numbers of)\s+\d{4}-\d\d-\d\d:[0-9a-f]+")
EXPLAIN = re.compile(r"hub explain [0-9a-f]{8}")
ID = re.compile(r"\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")

_turn = Lock()


def publish_here(agency, arguments):
    """`hub-publish` in this process: the same command, without starting it 40 times."""
    with _turn:
        done = CliRunner().invoke(hub_publish, list(arguments))
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def by_pattern(flag):
    """Flags of one moment and severity are shown by id, which differs from run to run."""
    return flag.pattern


class Played:
    """The story, played to its end."""

    def __init__(self, folder, played):
        self.story = read_story()
        self.played = played
        self.settings = load(folder, {})

    @classmethod
    def anew(cls, folder, steps=None):
        """Play it, from its first moment; so many steps of it (None: all)."""
        story = read_story()
        story = story.model_copy(update={"step": story.step[:steps]})
        played = make_demonstration(
            Settings(data=folder), story, publish_here, lambda: STANDS_STILL, lambda _: None
        )
        return cls(folder, played)

    def open(self):
        return compose.open_hub(self.settings)

    def chronology(self, hub, name, role):
        """What a role sees of a child, or the refusal in its own words."""
        reader = reader_of(hub, role, PURPOSES[role])
        try:
            text = chronology_text(hub.share.chronology(reader, child_of(hub, self.story, name)))
        except HubError as error:
            return f"{type(error).title}\n"
        return self.without_ids(hub, text) + "\n"

    def flags(self, hub, name, role):
        """The flags on a child that a role sees."""
        reader = reader_of(hub, role, PURPOSES[role])
        try:
            found = sorted(hub.share.flags(reader, child_of(hub, self.story, name)), key=by_pattern)
        except HubError as error:
            return f"{type(error).title}\n"
        lines = [line for flag in found for line in (*flag_text(flag), *flag.lines, "")]
        text = "\n".join(lines or ["no flags"])
        return self.without_ids(hub, text) + "\n"

    def due(self, hub, name, role):
        """What is due on a child, as a role sees it."""
        reader = reader_of(hub, role, PURPOSES[role])
        try:
            found = hub.share.due(reader, child_of(hub, self.story, name))
        except HubError as error:
            return f"{type(error).title}\n"
        return self.without_ids(hub, "\n".join([*due_text(found)] or ["nothing is due"])) + "\n"

    def without_ids(self, hub, text):
        """The children's own names in place of ids, the rest of the ids and digests left out."""
        for name in self.story.children:
            for record in hub.records.person(child_of(hub, self.story, name)):
                for id_ in (str(record.id), record.id.hex, record.id.hex[:8]):
                    text = text.replace(id_, f"<{name}>")
        text = EXPLAIN.sub("hub explain <id>", text)
        return ID.sub("<id>", POLICY.sub(r"\1 <version>", text))
