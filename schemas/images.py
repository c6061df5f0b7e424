"""Recognises pictures and films, raw or written as text, by a closed list: every door refuses them (R20)."""

import re

_RAW = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|RIFF.{4}(?:WEBP|AVI )|II\*\0|MM\0\*|.{4}ftyp|\x1aE\xdf\xa3|FLV\x01"
    rb"|\0\0\0\x0cjP  |BM.{4}\0\0\0\0|\0\0\x01[\xb3\xba]",
    re.DOTALL,
)
"""First bytes of JPEG, PNG, GIF, WebP, AVI, TIFF, MP4 and HEIC, Matroska, Flash, JPEG 2000, BMP, MPEG."""

_BASE64 = (
    r"[/_]9j[/_]|iVBORw0KGgo|R0lGOD[dl]h|UklGR|SUkqA|TU0AK|AAAA[\w+/-][GWm2]Z0eX[ABC]|GkXfo|RkxWA"
    r"|AAAADGpQICA|AAABu[g-v]|AAABs[w-z]"
)
_HEX = r"ffd8ff(?:e[0-9a-f]|db)|89504e470d0a1a0a|474946383[79]61"
_GLUED = r"iVBORw0KGgo|[/_]9j[/_](?:4AAQ|4Q|2w|7g)"
"""Beginnings of PNG and JPEG that no word or reference has, so that no word written before hides them."""
_RUN = b"a" * 24
_RUNS = re.sub(rb"[^a]", b" ", re.sub(rb"[\w+/=\x80-\xff-]", b"a", bytes(range(256))))
"""For bytes: all that base64 or a word is made of becomes one, so that what is written as text is a run."""
_SPACE = re.compile(r"\\(?:[bfnrt]|u[0-9a-f]{4})")
_LETTER = re.compile(r"\\(?:/|u([0-9a-fA-F]{4}))")
"""JSON's escapes: those that stand between words, and those in which a word itself may be written."""
_TEXT = re.compile(
    rf"data:(?:image|video)/|(?<![\w+/-])(?:{_BASE64})[\w+/=-]{{24}}|(?:{_GLUED})[\w+/=-]{{24}}"
    rf"|(?<![0-9a-fA-F])(?i:{_HEX})[0-9a-fA-F]{{24}}"
    "|\xff\xd8\xff|\x89PNG|GIF8[79]a|(?i:<svg[\\s>])"
)


def is_image(head: bytes) -> bool:
    """Whether a file that begins so is a picture or a film."""
    return _RAW.match(head) is not None


def holds_image(text: str) -> bool:
    """Whether a picture or a film stands somewhere in a text, or in JSON of it."""
    if "\\" not in text:
        return _holds(text)
    return _holds(_SPACE.sub(" ", text)) or _holds(_SPACE.sub(" ", _LETTER.sub(_letter, text)))


def _holds(text: str) -> bool:
    return _may_hold(text) and _TEXT.search(text) is not None


def _may_hold(text: str) -> bool:
    """A glance by which most texts are let go: no picture that `_TEXT` finds is without one of these.

    Plain searches cost half of what the shortest regular expression of them did: every event comes this way.
    """
    said = text.encode(errors="replace")
    return (
        _RUN in said.translate(_RUNS)
        or "data:" in text
        or "GIF8" in text
        or ("<" in text and "<svg" in text.lower())
        or (not said.isascii() and ("\xff\xd8\xff" in text or "\x89PNG" in text))
    )


def _letter(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else "/"
