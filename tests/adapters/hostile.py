"""Makes hostile files out of good ones, and checks that an adapter survives them without repeating them."""

import re

from hypothesis import strategies as st

from adapters.format import Finding, Format, Sender, Untranslatable
from schemas.case_event import CaseEvent
from tests.adapters.drawn import said

CANARY = "Zanzibarquartz"
NASTY = [
    b"",
    b"null",
    b"-1",
    b"9" * 5_000,
    b"1e400",
    b"9999-12-31",
    b"0001-01-01",
    b"2026-02-30",
    b"31/02/2026 25:61",
    b"\xff\xfe\x00",
    b"\x00",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\\ud800",
    b'"',
    b'""',
    b"{",
    b"[[[[[[[[",
    b"]",
    b"<",
    b"</Child>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    b"&a;",
    b"&#0;",
    b",,,,",
    b"\r",
    b"\n",
    b"\xe2\x80\xa8",
    b"=cmd|' /C calc'!A0",
    b"../../etc/passwd",
    CANARY.encode(),
    (CANARY * 40).encode(),
]
"""Values that break readers; the canary must never come back in a finding."""

CODE = re.compile(r"[a-z0-9]+([:-][a-z0-9]+)*")


@st.composite
def mutations(draw: st.DrawFn, raw: bytes) -> bytes:
    """The file after one to four changes: cut off, flipped, a piece moved or doubled, a value replaced."""
    data = raw
    for _ in range(draw(st.integers(1, 4))):
        data = _changed(draw, data)
    return data


def _changed(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(st.integers(0, len(data)))
    end = min(len(data), at + draw(st.integers(0, 60)))
    how = draw(st.sampled_from(["cut", "flip", "move", "double", "insert", "insert", "replace", "replace"]))
    if how == "cut":
        return data[:at]
    if how == "flip":
        return (
            data[:at] + bytes(byte ^ draw(st.integers(1, 255)) for byte in data[at : at + 3]) + data[at + 3 :]
        )
    if how == "move":
        to = draw(st.integers(0, len(data)))
        rest = data[:at] + data[end:]
        return rest[:to] + data[at:end] + rest[to:]
    if how == "double":
        return data[:end] + data[at:end] + data[end:]
    nasty = draw(st.sampled_from(NASTY))
    return data[:at] + nasty + data[at if how == "insert" else _value_end(data, at) :]


def _value_end(data: bytes, at: int) -> int:
    """The end of the value that stands there: the next quote, angle bracket, comma or line end."""
    match = re.compile(rb"[\"<,\r\n]").search(data, at)
    return match.start() if match else len(data)


def survives(
    form: Format, raw: bytes, who: Sender, words: tuple[str, ...], *, name: str | None = None
) -> None:
    """Nothing but Untranslatable is raised; findings are closed words; no word of the input comes back."""
    try:
        things: list[CaseEvent | Finding] = said(form, raw, who, name=name)
    except Untranslatable as refusal:
        words_of_it = str(refusal)
        things = [refusal.finding]
    else:
        words_of_it = ""
    said_findings = [thing for thing in things if isinstance(thing, Finding)]
    ids = [thing.event_id for thing in things if not isinstance(thing, Finding)]

    assert len(set(ids)) == len(ids)
    for finding in said_findings:
        assert CODE.fullmatch(finding.code)
        assert not [word for word in (*words, CANARY) if word in repr(finding) + words_of_it]
