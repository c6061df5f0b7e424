"""What the adapters' tests read files with, and how they draw what came out."""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from adapters.format import Finding, Format, Sender, Untranslatable
from schemas.case_event import CaseEvent
from schemas.vocabulary import Precision

READ_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)

HOSTILE = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\r\n",
    b'"',
    b"{",
    b"]]",
    b"|^~\\&",
    b"MSH",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"9" * 400,
    b"-1e999",
    b"NaN",
    b"null",
    b"[" * 2000,
    b"0001-01-01",
    b"9999-12-31T23:59:59Z",
    b"31/02/2026",
    b"\\ud800",
    b"\xe2\x80\xae",
    b"A" * 21_000,
]


def sender(settings: Path | None = None) -> Sender:
    return Sender("RXX", "demo", READ_AT, settings)


class Named(io.BytesIO):
    """Bytes that came from a file with a name."""

    def __init__(self, raw: bytes, name: str) -> None:
        super().__init__(raw)
        self.name = name


def read(
    fmt: Format, raw: bytes, name: str = "upload", settings: Path | None = None
) -> list[CaseEvent | Finding]:
    return list(fmt.translate(Named(raw, name), sender(settings)))


def read_sample(fmt: Format) -> list[CaseEvent | Finding]:
    return read(fmt, fmt.sample.read_bytes(), fmt.sample.name)


def refusal(fmt: Format, raw: bytes, name: str = "upload", settings: Path | None = None) -> str:
    """The finding that refuses the whole file, drawn; or what was read of it after all."""
    try:
        return "read: " + drawn(read(fmt, raw, name, settings))
    except Untranslatable as error:
        return str(error)


def drawn(told: list[CaseEvent | Finding], *fields: str) -> str:
    """One line each: an event with its time and these of its fields; `!` a refusal, `~` a warning."""
    return "\n".join(_line(one, fields) for one in told)


def table(text: str) -> str:
    """A drawn table as it stands in a test, without its margins."""
    return "\n".join(re.sub(r" +", " ", line.strip()) for line in text.strip().splitlines())


def _line(one: CaseEvent | Finding, fields: tuple[str, ...]) -> str:
    if isinstance(one, Finding):
        return " ".join(filter(None, ("!" if one.refused else "~", one.place, one.code, one.field)))
    day = one.precision in (Precision.DAY, Precision.MONTH, Precision.YEAR)
    when = f"{one.occurred_at:%Y-%m-%d}" if day else f"{one.occurred_at:%Y-%m-%dT%H:%M}"
    own = type(one).model_fields
    said = {name: getattr(one, name) for name in fields if name in own}
    told = (f"{name}={_value(value)}" for name, value in said.items() if value != own[name].default)
    return " ".join([one.type.removesuffix(".v1"), when, *told])


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return str(getattr(value, "value", value)).replace(" ", "_")


def findings_of(told: list[CaseEvent | Finding]) -> list[Finding]:
    return [one for one in told if isinstance(one, Finding)]


def events_of(told: list[CaseEvent | Finding]) -> list[CaseEvent]:
    return [one for one in told if isinstance(one, CaseEvent)]


def ids_of(told: list[CaseEvent | Finding]) -> list[str]:
    return [str(event.event_id) for event in events_of(told)]


def content_of(told: list[CaseEvent | Finding]) -> str:
    return json.dumps([event.model_dump(mode="json") for event in events_of(told)])


@st.composite
def mutated(draw: st.DrawFn, sample: bytes) -> bytes:
    """The sample after up to four accidents: cut off, flipped, parts moved, something hostile put in."""
    raw = sample
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(raw) - 1)))
        match draw(st.sampled_from(["cut", "flip", "splice", "repeat", "put", "value"])):
            case "cut":
                raw = raw[:at]
            case "flip":
                raw = raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]
            case "splice":
                to = draw(st.integers(0, max(0, len(raw) - 1)))
                raw = raw[:at] + raw[to : to + draw(st.integers(1, 300))] + raw[at:]
            case "repeat":
                raw = raw[:at] + raw[at : at + 200] * draw(st.integers(2, 5)) + raw[at:]
            case "put":
                raw = raw[:at] + draw(st.sampled_from(HOSTILE)) + raw[at:]
            case "value":
                raw = _other_value(raw, at, draw(st.sampled_from(HOSTILE)))
    return raw


def _other_value(raw: bytes, at: int, value: bytes) -> bytes:
    """Something else in place of the next quoted or divided value, so that the file's form survives."""
    match = re.compile(rb'(?<=[":|,])[^":|,{}\[\]\r\n]+(?=["|,])').search(raw, at)
    return raw if match is None else raw[: match.start()] + value + raw[match.end() :]


def only_closed_words(
    fmt: Format, raw: bytes, codes: set[str], words: set[str], name: str = "upload"
) -> None:
    """Nothing but events, findings and Untranslatable comes out, and a finding is made of our own words."""
    try:
        findings = findings_of(read(fmt, raw, name))
    except Untranslatable as error:
        findings = [error.finding]
    for finding in findings:
        said = re.findall(r"[A-Za-z_]+", f"{finding.place} {finding.field or ''}")
        assert finding.code in codes, finding.code
        assert set(said) <= words, set(said) - words
