"""The demonstration, served: what browser tests look at, and what the tour takes its pictures of."""

import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import uvicorn

from hub import compose
from hub.audit import prosecution, subject_access
from hub.demonstration.play import child_of, make_demonstration
from hub.demonstration.story import read_story
from hub.domain.child import By
from hub.domain.strand import Opens
from hub.intake.questions import questions
from hub.settings import load
from hub.sharing.look import Reader
from hub.web.app import create_app
from tests.journeys.demonstration import publish_here

BROWSERS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
"""The same engine without a desktop browser around it costs half the processor: it is taken where it is."""
CHROMIUM = next((browser for browser in BROWSERS if browser.exists()), None)


def play(folder: Path) -> None:
    """Play the whole story into a folder."""
    make_demonstration(load(folder), read_story(), publish_here, lambda: datetime.now(UTC), lambda _: None)


class Site:
    """The pages of one hub at an address, and the children of its story by name."""

    def __init__(self, hub, app, address):
        self.hub, self.app, self.window, self.address = hub, app, app.state.window, address
        story = read_story()
        self.children = {name: str(child_of(hub, story, name)) for name in story.children}
        (asked, *_), (held, *_) = questions(hub.records), hub.records.archive.rows.quarantined()
        flag = hub.drawn.flags(UUID(self.children["isla"]))[0].id
        self.numbers = {name: (i.system, i.value) for name, i in story.children.items()}
        waits = nearing(hub, UUID(self.children["kai"]))
        record = hub.records.child(UUID(self.children["isla"]))
        entry = next(k.entry.id for k in record.entries.values() if k.entry.agency == "social-care")
        short = UUID(self.children["reece"])
        keeper = By("demo-information-governance-lead", "information-governance-lead", "social-care")
        request, _ = subject_access.prepare(
            *(hub.records, hub.policy, keeper, short, "child", date(2026, 11, 1), {}, uuid4),
            subject_access.load(),
        )
        worker = Reader(By("demo-social-worker", "social-worker", "social-care"), "section-47")
        question = hub.gates.mash.ask(worker, record.id, "I see her at four: is it safe for her to go home?")
        court = prosecution.Asked("URN 01", "court-order", "A. Counsel, for a court", Opens.BOTH)
        export, _ = prosecution.prepare(
            *(hub.records, hub.policy, keeper, short, court, {}, uuid4), prosecution.load()
        )
        self.parts = {"request": request, "told": question.request, "export": export}
        self.parts |= {
            "question": asked.id,
            "number": held.id,
            "flag": flag,
            "item": waits["glass"],
            "entry": entry,
        }
        """What stands in addresses beside children, by the names of the routes' parameters."""
        self.places = {**self.children, **waits, **self.parts}


def nearing(hub, child):
    """Two who come near a record that is not theirs: what of it waits for a second person, by name."""
    reason = "His aunt is at the door with him, and nobody answers the telephone at this hour."
    stranger = Reader(By("demo-named-doctor", "named-doctor", "health"), "section-47")
    asker = Reader(By("demo-health-practitioner", "health-practitioner", "health"), "section-47")
    found = {"glass": hub.gates.break_glass(stranger, child, reason, Opens.BOTH).glass}
    hub.share.chronology(stranger, child)
    return {**found, "asked": hub.gates.ask(asker, child, reason, Opens.BOTH).request}


@contextmanager
def served(folder: Path):
    """Serve a demonstration's folder on a free port of this machine, in a thread."""
    with compose.open_hub(load(folder)) as hub:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        app = create_app(hub)
        settings = uvicorn.Config(
            app, log_level="error", access_log=False, server_header=False, lifespan="off"
        )
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        try:
            yield Site(hub, app, f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join(10)


def launch(playwright):
    """The system's Chromium, without a window."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
