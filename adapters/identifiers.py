"""Names the systems of identifiers that agencies send, so that the same number from two files meets."""

import re

from nhs_number.validate import is_valid

from adapters.record import BadRecord
from schemas.case_event import CODE_PATTERN, Identifier
from schemas.identifiers import CONSISTENT

NHS = "nhs-number"
MAX_VALUE = 100
"""The longest value an Identifier carries."""
_CODE = re.compile(CODE_PATTERN, re.ASCII)


def nhs_identifier(text: str, field: str) -> Identifier:
    """The NHS number, its blanks removed. Raises BadRecord `invalid-nhs-number` (modulus 11)."""
    number = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[0-9]{10}", number) or not is_valid(number):
        raise BadRecord("invalid-nhs-number", field)
    return Identifier(NHS, number)


def local_identifier(kind: str, holder: str, value: str, field: str) -> Identifier:
    """A number one organisation gave (`hospital:rxx`). Raises BadRecord `invalid-identifier`."""
    trimmed = value.strip()
    if not 0 < len(trimmed) <= MAX_VALUE:
        raise BadRecord("invalid-identifier", field)
    return Identifier(f"{kind}:{slug(holder)}", trimmed)


def held_identifier(kind: str, holder: str | None, value: str, field: str) -> Identifier:
    """A number as an agency's record names it: its kind, who gave it where that matters, and the number.

    Of a `consistent-identifier` the scheme stands in the place of who gave it.

    Raises BadRecord: `invalid-nhs-number`, `invalid-identifier`.
    """
    if slug(kind) == NHS:
        return nhs_identifier(value, field)
    if slug(kind) == CONSISTENT and holder and slug(holder) == NHS:
        return Identifier(f"{CONSISTENT}:{NHS}", nhs_identifier(value, field).value)
    if holder:
        return local_identifier(slug(kind), holder, value, field)
    trimmed = value.strip()
    if not 0 < len(trimmed) <= MAX_VALUE:
        raise BadRecord("invalid-identifier", field)
    return Identifier(slug(kind), trimmed)


def slug(text: str) -> str:
    """A sender's word as part of a system's name: lower case, joined by hyphens, never empty."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "unnamed"


def as_code(text: object) -> str | None:
    """The text, where it is a short coded value (ASCII: a code is no prose) to carry as one; else None."""
    return text if isinstance(text, str) and len(text) <= 60 and _CODE.fullmatch(text) else None  # noqa: PLR2004
