"""Plays a case of the casebook: native files through the real adapters, acts through the real recorder.

A case is a folder of `tests/golden/cases/`: `case.toml` and the agencies' files beside it. Everything is real
but the waiting: bus, intake, followers and recorder are the hub's own; the clock is put to each step.
"""

import re
import textwrap
import tomllib
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from adapters.catalogue import format_named
from adapters.format import Sender
from adapters.publish import publish_file
from adapters.station import open_station
from hub.casework.recording import ReasonAsked, Who
from hub.casework.worklists import ORDER, SETTLED, Whose
from hub.commands.lists import due_text, flag_text
from hub.commands.saying import when
from hub.commands.text import chronology_text
from hub.domain.child import By
from hub.errors import HubError
from hub.protocol.commands import NAMED
from hub.sharing.look import Reader
from schemas.case_event import Identifier
from schemas.vocabulary import Agency
from tests.hubs import Desk, take_all

CASES = Path(__file__).parents[1] / "golden" / "cases"
ID = re.compile(r"\b[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b")
POLICY = re.compile(r"policy\s+\d{4}-\d\d-\d\d:[0-9a-f]+")
EXPLAIN = re.compile(r"\n\s+Why, in full: hub explain [0-9a-f]{8}")
ACT = re.compile(r"hub/<id>")
A_MINUTE = timedelta(minutes=1)
"""The clock goes on by so much from act to act: what people did stands in the order they did it."""
PURPOSES = {"school-lead": "section-17", "health-practitioner": "direct-care"}
COORDINATOR = Reader(By("mash", "mash-coordinator", "social-care"), "screening")


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(_Told):
    """One file, and who sends it."""

    file: str
    format: str
    organisation: str


class Act(_Told):
    """Something a person does: which command, of which child, and what they say. `first`: by identifier."""

    do: str
    child: str
    by: str
    first: bool = False
    at: AwareDatetime | None = None
    says: dict[str, Any] = {}
    asked: tuple[str, ...] = ()
    """Rows that ask why, before it is recorded with its reason."""


class Step(_Told):
    """One moment: what comes in, then what people do, then what follows."""

    at: AwareDatetime
    about: str
    files: tuple[File, ...] = ()
    acts: tuple[Act, ...] = ()


class Person(_Told):
    """Somebody who records."""

    role: str
    agency: Agency


class Known(_Told):
    """A child, by an identifier agencies hold; `born` where whoever tells of them first says it."""

    system: str
    value: str
    born: date | None = None

    @property
    def identifier(self) -> Identifier:
        """What the hub finds them by."""
        return Identifier(self.system, self.value)


class Case(_Told):
    """A whole case. `rows` and `flags` are those this case is about; others are left out of what it tells."""

    title: str
    about: str
    children: dict[str, Known]
    people: dict[str, Person]
    rows: tuple[str, ...]
    flags: tuple[str, ...] = ()
    readers: tuple[str, ...]
    feeds: tuple[Agency, ...] = (Agency.SOCIAL_CARE, Agency.YOUTH_JUSTICE, Agency.POLICE)
    """Whose own systems are there and alive: only then is their silence nothing done."""
    lists: tuple[str, ...] = ()
    """Whose worklists are told at the end: a person of the case, or an agency."""
    step: tuple[Step, ...]


class Played:
    """A case, played; what it tells is in `texts`, by file name."""

    def __init__(self, name: str, folder: Path) -> None:
        self.folder = CASES / name
        self.case = Case.model_validate(tomllib.loads((self.folder / "case.toml").read_text("utf-8")))
        self.now = self.case.step[0].at
        self.said: dict[str, dict[Any, str]] = {child: {} for child in self.case.children}
        self.lines = [self.case.title, "=" * len(self.case.title), "", *_paragraph(self.case.about)]
        self.texts: dict[str, str] = {}
        desk = Desk(folder)
        with ExitStack() as stack:
            self.hub = stack.enter_context(desk.open(at=self.now))
            self.hub.records.clock = lambda: self.now
            for step in self.case.step:
                self._play(desk, step)
            self._tell()

    # ------------------------------------------------------------ playing

    def _play(self, desk: Desk, step: Step) -> None:
        self.now = step.at
        self.lines += ["", f"{when(step.at)} · {step.about}"]
        for sent in step.files:
            self._send(desk, sent)
        for agency in self.case.feeds:
            desk.heartbeat(agency)
        take_all(self.hub)
        self._follow()
        for number, act in enumerate(step.acts):
            self.now = step.at + number * A_MINUTE
            self._act(act, f"{self.folder.name}.{step.at:%Y%m%d%H%M}.{number}")
        self._follow()
        self._what_changed()

    def _send(self, desk: Desk, sent: File) -> None:
        form = format_named(sent.format)
        sender = Sender(sent.organisation, "records", self.now)
        with (
            open_station(desk.settings.data, form.agency, lambda: datetime.now(UTC), {}) as station,
            (self.folder / sent.file).open("rb") as file,
        ):
            report = publish_file(station, form, file, sender)
        refused = [f"{f.place}: {f.code}" for f in report.findings if f.refused]
        assert not refused, f"{sent.file}: {refused}"
        count = "1 entry" if report.events == 1 else f"{report.events} entries"
        self.lines.append(f"  comes in   {sent.file}: {count}, {sent.organisation}")

    def _act(self, act: Act, id_: str) -> None:
        person = self.case.people[act.by]
        by = By(act.by, person.role, person.agency.value)
        reader = Reader(by, PURPOSES.get(person.role, "section-47"))
        says = {**({"at": act.at} if act.at else {}), "act": id_, **act.says}
        title = NAMED[act.do].title
        title = title[0].lower() + title[1:]
        if act.asked:
            without = {name: value for name, value in says.items() if name != "reason"}
            asked = self._asked_why(reader, act, without)
            assert set(act.asked) <= asked, (act.do, asked)
            self.lines.append(f"  asks why   {act.by}, to {title}: {', '.join(sorted(act.asked))}")
        if act.first:
            known = self.case.children[act.child]
            who = Who(identifiers=(known.identifier,), date_of_birth=known.born)
            done = self.hub.recorder.record_first(by, who, act.do, says)
        else:
            done = self.hub.recorder.record(reader, self._child(act.child), act.do, says)
        self.lines.append(f"  recorded   {act.by} of {act.child}: {title}")
        self.lines += [f"  points out {remark}" for remark in done.remarks]

    def _asked_why(self, reader: Reader, act: Act, says: dict[str, Any]) -> set[str]:
        try:
            self.hub.recorder.record(reader, self._child(act.child), act.do, says)
        except ReasonAsked as why:
            return {reason.row for reason in why.reasons}
        return set()

    def _follow(self) -> None:
        for follower in self.hub.followers:
            follower.catch_up()

    def _child(self, name: str) -> Any:
        records = self.hub.records
        stream = records.hashes.stream(self.case.children[name].identifier)
        return records.person(records.identities.look_up([stream])[stream].child)[0].id

    # ------------------------------------------------------------ telling

    def _what_changed(self) -> None:
        """What the coordinator is told at this step that they were not told before."""
        for child in self.case.children:
            try:
                items, flags = self._items(child), self._flags(child)
            except (HubError, KeyError):  # nothing is known of this child yet
                continue
            found = {("due", self._place(i)): _due_line(i) for i in items}
            found |= {("flag", f.pattern): f"flag       {f.pattern} {f.name}: {f.state}" for f in flags}
            before = self.said[child]
            changed = [line for at, line in found.items() if before.get(at) != line]
            changed += [f"no longer  {line}" for at, line in before.items() if at not in found]
            if changed:
                self.lines.append(f"  of {child}")
                self.lines += [f"    {line}" for line in changed]
            self.said[child] = found

    def _place(self, item: Any) -> tuple[str, ...]:
        return item.obligation, item.asks, item.of, item.strand, str(item.started_by)

    def _items(self, child: str) -> list[Any]:
        found = self.hub.share.due(COORDINATOR, self._child(child))
        return sorted((i for i in found if i.obligation in self.case.rows), key=lambda i: self._place(i)[:4])

    def _flags(self, child: str) -> list[Any]:
        found = self.hub.share.flags(COORDINATOR, self._child(child))
        return sorted((f for f in found if f.pattern in self.case.flags), key=lambda f: f.pattern)

    def _tell(self) -> None:
        self.lines += ["", f"How it stands on {when(self.now)}", "-" * 40]
        for child in self.case.children:
            self.lines += ["", f"{child}, to the coordinator"]
            for flag in self._flags(child):
                self.lines += ["", *flag_text(flag)]
            left = [i for i in self._items(child) if i.state not in SETTLED or i.asks_reason]
            left.sort(key=lambda item: ORDER.get(item.state, 9))
            self.lines += ["", *(list(due_text(left)) or ["of these rows nothing is left to do"])]
        for name in self.case.lists:
            self.lines += ["", f"Worklist of {name}", *self._list(name)]
        self.texts["case.txt"] = self._clean("\n".join(self.lines) + "\n")
        for child in self.case.children:
            for role in self.case.readers:
                self.texts[f"{child}-{role}.txt"] = self._clean(self._chronology(child, role) + "\n")

    def _list(self, name: str) -> list[str]:
        if name in self.case.people:
            person = self.case.people[name]
            reader = Reader(By(name, person.role, person.agency.value), "section-47")
            whose = Whose(person=name)
        else:
            reader, whose = COORDINATOR, Whose(agency=Agency(name))
        named = {self._child(child): child for child in self.case.children}
        found = [w for w in self.hub.worklists.of(reader, whose) if w.item.obligation in self.case.rows]
        return [f"  {named[w.child]:<8} {_due_line(w.item)}" for w in found] or ["  nothing waits"]

    def _chronology(self, child: str, role: str) -> str:
        agency = self.hub.policy.roles[role].agency.value
        reader = Reader(By(f"a-{role}", role, agency), PURPOSES.get(role, "section-47"))
        try:
            return chronology_text(self.hub.share.chronology(reader, self._child(child)))
        except HubError as refused:
            return f"{type(refused).title}"

    def _clean(self, text: str) -> str:
        for child in self.case.children:
            for id_ in (str(self._child(child)), self._child(child).hex, self._child(child).hex[:8]):
                text = text.replace(id_, f"<{child}>")
        text = EXPLAIN.sub("", POLICY.sub("policy <version>", text))
        return ACT.sub("<act>", ID.sub("<id>", text))


def _due_line(item: Any) -> str:
    by = f", by {when(item.due_at)}" if item.due_at else ""
    met = f", met {when(item.met_at)}" if item.met_at else ""
    strand = {"has-sexually-harmed": ", as who has harmed", "has-been-sexually-harmed": ", as who was harmed"}
    why = "; no reason is recorded" if item.asks_reason else ""
    state = item.state.replace("-", " ")
    shown = state.upper() if state == "overdue" else state
    asked = f"{item.asks} ({item.of}){strand.get(item.strand, '')}"
    return f"{item.obligation:<4} {shown:<10} {asked}{by}{met}{why}"


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 100)
