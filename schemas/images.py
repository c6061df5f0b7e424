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
_GLANCE = re.compile(r"9j|AAA|iVBORw0KGgo|R0lGOD|UklGR|SUkqA|TU0AK|GkXfo|RkxWA|GIF8|\xff\xd8\xff|\x89PNG")
_LOWER = ("data:", "ffd8ff", "89504e47", "47494638", "<svg")
"""No picture the expression below finds is without one of these: most texts are let go by after a glance."""
_ESCAPE = re.compile(r"\\(?:[bfnrt]|u[0-9a-f]{4})")
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
    if _GLANCE.search(text) is None and not any(map(text.lower().__contains__, _LOWER)):
        return False
    return _TEXT.search(_ESCAPE.sub(" ", text) if "\\" in text else text) is not None
