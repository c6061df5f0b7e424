"""What one row of a safeguarding log says: of which pupil, when, and what."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.csv_records import CsvRow
from adapters.days import EARLIEST, LONDON, UNBORN, Moment, moment
from adapters.format import Finding, Sender
from adapters.identifiers import local_identifier, slug
from adapters.record import BadRecord, hashed, say, source_id
from adapters.schools.log_map import LogMap, Meaning, squeezed
from adapters.times import happened
from adapters.upn import is_upn
from schemas.any_agency import StrengthNoted
from schemas.case_event import CaseEvent, Identifier, LinkedChild, PersonName, SourceRecord
from schemas.schools import (
    Absence,
    ConcernLogged,
    Disclosure,
    Exclusion,
    SexualBehaviourIncident,
    Suspension,
)
from schemas.vocabulary import Agency, ChildPart, LinkRelation

MAX_CATEGORIES, MAX_LINKED, MAX_SESSIONS, MAX_NAME, MAX_ROLE = 10, 50, 1000, 200, 100


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row, with its map and the place of every column the map names."""

    row: CsvRow
    map: LogMap
    at: dict[str, int]
    sender: Sender

    @property
    def place(self) -> str:
        """The line the row begins on."""
        return f"line {self.row.line}"

    def cell(self, name: str) -> str | None:
        """What the row holds under a column of the map; None where nothing."""
        place = self.at.get(name)
        cells = self.row.cells or ()
        return cells[place] or None if place is not None and place < len(cells) else None

    def heading(self, name: str) -> str:
        """The school's own heading, for a finding."""
        return self.map.columns.all.get(name, name)

    def events(self) -> Iterator[CaseEvent | Finding]:
        """An event for every category in the row, all of one incident, and what was not understood.

        A word the map does not know is no code: it is kept as words, and the concern has no category.
        """
        words = self._split("category", MAX_CATEGORIES)
        if not words:
            yield Finding(self.place, "no-category", self.heading("category"))
            return
        findings: list[Finding] = []
        try:
            about = self._about(findings)
        except BadRecord as bad:
            yield bad.at(self.place)
            return
        yield from findings
        for word in words:
            meaning = self.map.categories.get(squeezed(word))
            if meaning is None:
                yield Finding(self.place, "unknown-category", self.heading("category"), refused=False)
                meaning = Meaning(event="concern-logged")
            summary = {} if squeezed(word) in self.map.categories else {"summary": word}
            yield say(self.place, self._make(meaning, about | summary, slug(word)))

    def _make(self, meaning: Meaning, about: dict[str, Any], word: str) -> Callable[[], CaseEvent]:
        def make() -> CaseEvent:
            kind, said = _SAYS[meaning.event](self, meaning)
            key = (*about["key"], word)
            common = {name: value for name, value in about.items() if name != "key"}
            return kind(
                source_event_id=source_id(*key),
                provenance=meaning.provenance,
                nature=meaning.nature,
                significance=meaning.significance,
                **{**common, **said},
            )

        return make

    def _about(self, findings: list[Finding]) -> dict[str, Any]:
        """What every event of the row says. Raises BadRecord where a row cannot be told from others."""
        of = slug(self.sender.organisation)
        record = self.cell("record")
        if record is None:
            raise BadRecord("no-natural-key", self.heading("record"))
        pupil = local_identifier("school-pupil", of, self.cell("pupil") or "", self.heading("pupil"))
        when, logged = self._times(findings)
        born = self._born(when, findings)
        return {
            "key": ("log", of, record, hashed(pupil)),
            "agency": Agency.SCHOOLS,
            "system": self.sender.system,
            "organisation": self.sender.organisation,
            "identifiers": (pupil, *self._upn(findings)),
            "name": self._name(),
            "date_of_birth": born,
            "occurred_at": when.at,
            "precision": when.precision,
            "recorded_at": logged.at,
            "incident": Identifier(f"school-incident:{of}", record[:100]),
            "part": self._part(findings),
            "recorder_role": (self.cell("recorder_role") or "")[:MAX_ROLE] or None,
            "children": self._linked(of, findings),
            "source": SourceRecord(self.row.sha256, self.place),
        }

    def _times(self, findings: list[Finding]) -> tuple[Moment, Moment]:
        """When it happened and when it was logged; where only the second is said, it stands for both."""
        logged = self._moment("logged", "logged_time")
        if logged is None:
            raise BadRecord("no-date", self.heading("logged"))
        when = self._moment("happened", "happened_time")
        if when is None:
            if "happened" in self.at:
                findings.append(Finding(self.place, "no-date", self.heading("happened"), refused=False))
            return logged, logged
        if when.at.date() > logged.at.date():
            raise BadRecord("happened-after-logged", self.heading("happened"))
        return when, logged

    def _moment(self, day: str, time: str) -> Moment | None:
        text = self.cell(day)
        if text is None:
            return None
        read = " ".join(filter(None, (text, self.cell(time))))
        return happened(
            moment(read, self.map.date_forms, self.heading(day)), self.sender.read_at, self.heading(day)
        )

    def _born(self, when: Moment, findings: list[Finding]) -> date | None:
        text = self.cell("born")
        if text is None:
            return None
        try:
            born = moment(text, self.map.date_forms, self.heading("born")).at.date()
        except BadRecord as bad:
            findings.append(bad.at(self.place, refused=False))
            return None
        today = self.sender.read_at.astimezone(LONDON).date()
        if not EARLIEST <= born <= today or when.at.date() <= born - UNBORN:
            findings.append(Finding(self.place, "implausible-date", self.heading("born"), refused=False))
            return None
        return born

    def _upn(self, findings: list[Finding]) -> tuple[Identifier, ...]:
        upn = self.cell("upn")
        if upn is None:
            return ()
        if not is_upn(upn.upper()):
            findings.append(Finding(self.place, "invalid-upn", self.heading("upn"), refused=False))
            return ()
        return (Identifier("upn", upn.upper()),)

    def _name(self) -> PersonName | None:
        family, given = self.cell("surname") or "", self.cell("forename") or ""
        return PersonName(family[:MAX_NAME], given[:MAX_NAME]) if family or given else None

    def _part(self, findings: list[Finding]) -> ChildPart:
        word = self.cell("part")
        part = self.map.parts.get(squeezed(word)) if word else ChildPart.SUBJECT
        if part is None:
            findings.append(Finding(self.place, "unknown-code", self.heading("part"), refused=False))
        return part or ChildPart.SUBJECT

    def _linked(self, of: str, findings: list[Finding]) -> tuple[LinkedChild, ...]:
        """Other pupils in the row, by the school's own number of them."""
        linked: list[LinkedChild] = []
        for reference in self._split("linked", MAX_LINKED):
            try:
                other = local_identifier("school-pupil", of, reference, self.heading("linked"))
            except BadRecord as bad:
                findings.append(bad.at(self.place, refused=False))
                continue
            linked.append(LinkedChild(LinkRelation.SAME_INCIDENT, (other,)))
        return tuple(linked)

    def _split(self, name: str, most: int) -> list[str]:
        parts = (part.strip() for part in (self.cell(name) or "").split(self.map.separator))
        return list(dict.fromkeys(filter(None, parts)))[:most]

    def sessions(self) -> int | None:
        """Sessions missed, where the row says. Raises BadRecord `not-a-number`."""
        text = self.cell("sessions")
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= MAX_SESSIONS):  # noqa: PLR2004
            raise BadRecord("not-a-number", self.heading("sessions"))
        return int(text)


Says = tuple[type[CaseEvent], dict[str, Any]]


def _concern(row: LogRow, meaning: Meaning) -> Says:
    return ConcernLogged, {"category": meaning.category, **_words(row)}


def _sexual_behaviour(row: LogRow, meaning: Meaning) -> Says:
    said = {"hsb_forms": meaning.hsb_forms, "technology": meaning.technology, "brook": meaning.brook}
    return SexualBehaviourIncident, {**said, **_words(row)}


def _words(row: LogRow) -> dict[str, Any]:
    return {
        "details": row.cell("details"),
        "action_taken": row.cell("action"),
        "child_words": row.cell("child_words"),
        "others_involved": row.cell("others"),
    }


def _disclosure(row: LogRow, meaning: Meaning) -> Says:
    """What a child told is an account: it is read in that scope, not as details."""
    return Disclosure, {
        "category": meaning.category,
        "how_received": meaning.how_received,
        "words": "\n".join(filter(None, (row.cell("child_words"), row.cell("details")))) or None,
        "action_taken": row.cell("action"),
    }


def _absence(row: LogRow, meaning: Meaning) -> Says:
    said = {"sessions_missed": row.sessions(), "unauthorised": meaning.unauthorised}
    return Absence, {**said, "reason_given": row.cell("details")}


def _suspension(row: LogRow, meaning: Meaning) -> Says:
    said = {"reason_code": meaning.category, "sexual_misconduct": meaning.sexual_misconduct}
    return Suspension, {**said, "reason": row.cell("details")}


def _exclusion(row: LogRow, meaning: Meaning) -> Says:
    return Exclusion, _suspension(row, meaning)[1]


def _strength(row: LogRow, meaning: Meaning) -> Says:
    said = {"type": "schools.strength-noted.v1", "kind": meaning.category}
    return StrengthNoted, {**said, "details": row.cell("details")}


_SAYS: dict[str, Callable[[LogRow, Meaning], Says]] = {
    "concern-logged": _concern,
    "sexual-behaviour-incident": _sexual_behaviour,
    "disclosure": _disclosure,
    "absence": _absence,
    "suspension": _suspension,
    "exclusion": _exclusion,
    "strength-noted": _strength,
}
