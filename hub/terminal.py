"""Words from anybody, in a text that a terminal shows: it shows them, and obeys none of them."""

import re

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and the end of a line; what turns the direction of text; half characters."""


def spelt_out(text: str) -> str:
    """The text with what a terminal would obey, instead of show, written out; in JSON it means the same.

    Names and words come from elsewhere: one could clear the screen, or turn a line around (ECMA-48, UAX 9).
    """
    return OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))
