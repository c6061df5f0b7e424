"""The unique pupil number: its form and its check letter (DfE, UPN guide)."""

import re

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 check letters: I, O and S are left out."""

_FORM = re.compile(r"([A-HJ-NP-RT-Z])([0-9]{11})([0-9A-HJ-NP-RT-Z])")


def is_upn(text: str) -> bool:
    """Whether `text` has the form of a permanent or temporary UPN and its check letter is right."""
    match = _FORM.fullmatch(text)
    if match is None:
        return False
    letter, digits, last = match.groups()
    values = [*map(int, digits), int(last) if last.isdigit() else LETTERS.index(last)]
    return LETTERS[sum(weight * value for weight, value in enumerate(values, start=2)) % 23] == letter
