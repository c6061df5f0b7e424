"""Malformed files for every adapter, and what must hold of whatever an adapter makes of them."""

import ast
import io
import re
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

import adapters
from adapters.catalogue import FORMATS
from adapters.door import checked
from adapters.format import Finding, Format, Sender, Untranslatable
from schemas.case_event import CaseEvent
from schemas.catalogue import parse_event
from schemas.wire import encode
from tests.adapters.test_fhir_bundle import XML as FHIR_XML
from tests.hostile.bombs import ALL, BOMBS
from tests.hostile.mutations import CHANGES, IMAGES, MOST, swollen

SENDER = Sender("Testshire", "invented-system", datetime(2026, 11, 23, 12, tzinfo=UTC))
SHARED = Path(__file__).parents[3] / "shared" / "data"
OF_OTHERS = {
    "police.custodian": ("four-custodians/MockCrimeDataProvider/*.json",),
    "health.custodian": ("four-custodians/MockHealthcareProvider/*.json",),
    "health.fhir-r4": ("health-fhir-cpis/*.xml", "health-fhir-ukcore/*Encounter*.xml"),
    "health.hl7-adt": ("health-hl7v2/*.hl7",),
    "schools.custodian": ("four-custodians/MockEducationProvider/*.json",),
    "schools.safeguarding-log": ("schools-csv-rosters/class_import/*.csv",),
    "schools.ctf": ("schools-ctf/*.xml",),
    "social-care.custodian": ("four-custodians/MockSocialCareProvider/*.json",),
    "social-care.dfe-csc-api": ("dfe-csc-api/*.json",),
    "social-care.cin-census": ("social-care-cin/liia*.xml", "social-care-cin/CIN*.xml"),
}
"""Files that others wrote, where they are at hand: further beginnings."""
NAMES = [
    "9990000018_CrimeDataRecordV1.json",
    "upload",
    "../../9990000018_HealthDataRecordV1.json",
    "\ud800\x00",
    "a" * 300,
]
SWOLLEN = 1 / 1500
CODE = re.compile(r"cin:\d{4}")


@dataclass(frozen=True, slots=True)
class MalformedFile:
    """One input; made again from its seed and index."""

    form: Format
    sender: Sender
    raw: bytes
    name: str
    how: tuple[str, ...]
    canary: str


@dataclass(slots=True)
class Made:
    """What an adapter made of one input."""

    events: list[CaseEvent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refusal: Untranslatable | None = None

    @property
    def outcome(self) -> str:
        """How it ended, in a word."""
        if self.refusal is not None:
            return "file refused"
        if not self.findings:
            return "events only"
        return "events and findings" if self.events else "findings only"


@cache
def beginnings(form: Format) -> tuple[bytes, ...]:
    """The samples shipped with a format, and files of others in it."""
    stem = form.sample.name.partition(".")[0]
    own = [p.read_bytes() for p in sorted(form.sample.parent.glob(f"{stem}*.sample.*"))]
    if form.name == "health.fhir-r4":
        own.append(FHIR_XML)
    others = [p.read_bytes() for glob in OF_OTHERS.get(form.name, ()) for p in sorted(SHARED.glob(glob))]
    return (*own * max(1, len(others)), *others)


def malformed(seed: int, index: int) -> MalformedFile:
    """The input of this index: one to four changes to a sound file."""
    r = Random(f"{seed}/{index}")
    form = FORMATS[index % len(FORMATS)]
    canary = "zq" + "".join(r.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12))
    raw, planted = r.choice(beginnings(form)), canary.encode()
    how = []
    for _ in range(r.choice([1, 1, 2, 2, 3, 4])):
        if len(raw) > MOST:
            break
        name, change = _drawn(r, raw, form)
        raw = change(raw, r, planted)
        how.append(name)
    sender = replace(SENDER, organisation=f"Testshire {index // len(FORMATS) % 97}")
    return MalformedFile(form, sender, raw, _name(r, form), tuple(how), canary)


def examined(given: MalformedFile) -> Made:
    """Read it as the publisher does. Raises AssertionError, which says what must not be."""
    made = _made(given)
    codes = {finding.code for finding in made.findings}
    said = repr(made.findings).casefold()

    assert made.events or made.findings, "neither an event nor a finding"
    assert codes <= closed_codes(), f"a code of no list: {codes - closed_codes()}"
    assert given.canary not in said, "a finding carries input"
    if made.refusal is not None:
        told = "".join(traceback.format_exception(made.refusal)).casefold()
        assert given.canary not in told, "the text of an exception carries input"
    ids = [event.event_id for event in made.events]
    if given.form.kind != "message":  # a message twice is a resend, or held as a conflict, which the hub says
        assert len(ids) == len(set(ids)), "two events of one id"
    for event in made.events:
        sent = encode(event)
        assert encode(parse_event(sent)) == sent, "the hub reads another event than was sent"
        assert not any(image in sent for image in IMAGES), "a picture came through"
    return made


@cache
def closed_codes() -> frozenset[str]:
    """Every word that stands in the adapters' own source, and the numbers of the department's rules."""
    folder = Path(adapters.__file__).parent
    words = {
        node.value
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return frozenset(w for w in words if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|cin:\d{4}", w))


def counted(made: Made) -> Counter[str]:
    """What to add up over all inputs."""
    total = Counter({made.outcome: 1, "events": len(made.events), "findings": len(made.findings)})
    total.update(f"code {finding.code}" for finding in {f.code: f for f in made.findings}.values())
    return total


# ------------------------------------------------------------


def _drawn(r: Random, raw: bytes, form: Format):
    if r.random() < SWOLLEN:
        return "absurd size", swollen
    if r.random() < 0.2:
        return "bomb", r.choice(BOMBS[_syntax(raw, form)])
    if r.random() < 0.02:
        return "bomb of another syntax", r.choice(ALL)
    names = list(CHANGES)
    (name,) = r.choices(names, [CHANGES[n][1] for n in names])
    return name, CHANGES[name][0]


def _syntax(raw: bytes, form: Format) -> str:
    return ".xml" if raw.lstrip()[:1] == b"<" else form.sample.suffix


def _name(r: Random, form: Format) -> str:
    return NAMES[0] if "custodian" in form.name and r.random() < 0.8 else r.choice(NAMES)


def _made(given: MalformedFile) -> Made:
    made = Made()
    file = io.BytesIO(given.raw)
    file.name = given.name
    try:
        for what in checked(given.form, file, given.sender):
            (made.findings if isinstance(what, Finding) else made.events).append(what)
    except Untranslatable as refusal:
        made.refusal = refusal
        made.events = []  # nothing of such a file is taken
        made.findings.append(refusal.finding)
    return made
