"""Identifiers as agencies write them: one form for each system, and whether a value can be one at all.

A check here only warns. Most of the sector's test numbers fail their own checks (formats.md 1.5), and a
child must not be lost because somebody mistyped a letter.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from nhs_number.constants import REGION_SYNTHETIC
from nhs_number.validate import is_valid as is_nhs_number
from uk_postcodes_parsing.postcode_utils import is_valid as is_postcode
from uk_postcodes_parsing.postcode_utils import to_normalised as to_postcode


class Strength(StrEnum):
    """How far an identifier reaches."""

    NATIONAL = "national"
    """One person in England, whoever says it: the same value from two agencies is the same child."""
    LOCAL = "local"
    """One person in one organisation's books; the system names it (`la-child-id:durham`)."""
    PLACE = "place"
    """A school or an address: never a person."""


class IdentifierSystem(NamedTuple):
    """What is known of a system of identifiers. `problem` sees the normalised value."""

    strength: Strength
    normalise: Callable[[str], str]
    problem: Callable[[str], str | None]


CONSISTENT = "consistent-identifier"
"""The consistent identifier (Children Act 2004 s.16LC), its scheme named: `consistent-identifier:nhs-number`.

Which scheme it is, regulations say. None were found to be made; the NHS number is the pilots' (operating.md).
"""
SCHEMES = frozenset(("nhs-number",))
"""What the scheme of a consistent identifier may be: numbers of it and of the system itself are the same."""

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 check letters of a unique pupil number: I, O and S are left out (DfE, UPN guide)."""
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
"""The check letters of a Police National Computer id, by remainder."""
PNC_PIVOT = 50
"""A two-digit year above this is of the last century; the PNC opened in 1974."""

_SPACES_AND_HYPHENS = re.compile(r"[\s\u2010-\u2015-]+")
_UPN = re.compile(r"([A-HJ-NP-RT-Z])([0-9]{11})([0-9A-HJ-NP-RT-Z])")
_PNC = re.compile(r"(?:(\d{4})/?(\d{7})|(\d{4}|\d{2})/(\d{1,7})|(\d{2})(\d{1,7}))([A-Z])", re.ASCII)
_PNC_CANONICAL = re.compile(r"(\d{4})/(\d{7})([A-Z])", re.ASCII)
_JOINED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})


def normalise(system: str, value: str) -> str:
    """The one form in which two spellings of an identifier meet; what fits no form is only tidied."""
    return _system(system).normalise(value)


def meant(system: str) -> str:
    """The system whose numbers these are: of a consistent identifier, its scheme; of any other, itself.

    One without a scheme, or of a scheme that is not known, meets only its like.
    """
    kind, _, scheme = system.partition(":")
    return scheme if kind == CONSISTENT and scheme in SCHEMES else system


def problem(system: str, value: str) -> str | None:
    """A code for what is wrong with an identifier, or None; it warns and never refuses.

    `cin:1510` is the DfE's own rule for a wrong UPN check letter.
    """
    if _family(system) == CONSISTENT and meant(system) == system:
        return "identifier-without-scheme"
    known = SYSTEMS.get(_family(system))
    if (known is None or known.strength is Strength.LOCAL) and ":" not in system:
        return "identifier-without-organisation"
    tidy = normalise(system, value)
    return _system(system).problem(tidy) if tidy else "identifier-empty"


def strength(system: str) -> Strength:
    """How far the identifiers of a system reach; a system nobody listed is local."""
    return _system(system).strength


def is_test_nhs_number(value: str) -> bool:
    """Whether an NHS number is from the range never issued to a person, as all of ours are."""
    number = normalise("nhs-number", value)
    return is_nhs_number(number) and any(r.start <= int(number) <= r.end for r in REGION_SYNTHETIC.ranges)


def normalise_name(name: str) -> str:
    """A name as look-alikes are compared: without case, accents, punctuation or spaces."""
    folded = name.casefold()
    if folded.isascii() and folded.isalnum():  # most are: nothing is left to do
        return folded
    folded = unicodedata.normalize("NFKD", folded.translate(_JOINED))
    return "".join(letter for letter in folded if letter.isalnum())


@lru_cache(maxsize=10_000)  # a place has so many, and a household or a school says one again and again
def normalise_postcode(postcode: str) -> str:
    """A postcode in its usual form (`DL1 1AA`); what is not one is only tidied."""
    tidy = _joined(postcode)
    return str(to_postcode(tidy)) if is_postcode(tidy) else tidy


def _family(system: str) -> str:
    return system.partition(":")[0]


def _system(system: str) -> IdentifierSystem:
    return SYSTEMS.get(_family(meant(system)), _UNLISTED)


def _joined(value: str) -> str:
    # most are letters and digits alone: nothing is to be taken out
    return (value if value.isalnum() else _SPACES_AND_HYPHENS.sub("", value)).upper()


def _digits(value: str) -> str:
    joined = _joined(value)
    return joined.lstrip("0") or joined if joined.isdecimal() else joined


def _local(value: str) -> str:
    return " ".join(value.split()).upper()


def _pnc(value: str) -> str:
    """`81/34U`, `0273319Z` and `1979/0163001B` all become `yyyy/nnnnnnnL`."""
    joined = _joined(value)
    match = _PNC.fullmatch(joined)
    if match is None:
        return joined
    year = match[1] or match[3] or match[5]
    serial = match[2] or match[4] or match[6]
    if len(year) == 2:  # noqa: PLR2004 — a year without its century
        year = ("19" if int(year) > PNC_PIVOT else "20") + year
    return f"{year}/{int(serial):07d}{match[7]}"


def _nhs_number_problem(value: str) -> str | None:
    if not re.fullmatch(r"[0-9]{10}", value):
        return "nhs-number-form"
    return None if is_nhs_number(value) else "nhs-number-check-digit"


def _upn_problem(value: str) -> str | None:
    match = _UPN.fullmatch(value)
    if match is None:
        return "upn-form"
    letter, digits, last = match.groups()
    values = [*map(int, digits), int(last) if last.isdigit() else UPN_LETTERS.index(last)]
    total = sum(weight * digit for weight, digit in enumerate(values, start=2))
    return None if UPN_LETTERS[total % 23] == letter else "cin:1510"


def _pnc_problem(value: str) -> str | None:
    match = _PNC_CANONICAL.fullmatch(value)
    if match is None:
        return "pnc-form"
    year, serial, letter = match.groups()
    return None if PNC_LETTERS[int(year[2:] + serial) % 23] == letter else "pnc-check-letter"


def _school_urn_problem(value: str) -> str | None:
    return None if re.fullmatch(r"[1-9][0-9]{4,5}", value) else "urn-form"


def _uprn_problem(value: str) -> str | None:
    return None if re.fullmatch(r"[1-9][0-9]{0,11}", value) else "uprn-form"


def _none(_: str) -> None:
    return None


_UNLISTED = IdentifierSystem(Strength.LOCAL, _local, _none)

SYSTEMS: Mapping[str, IdentifierSystem] = MappingProxyType(
    {
        "nhs-number": IdentifierSystem(Strength.NATIONAL, _joined, _nhs_number_problem),
        # whatever form the regulations give it, it is national; `sui` is what the DfE's first files called it
        CONSISTENT: IdentifierSystem(Strength.NATIONAL, _joined, _none),
        "sui": IdentifierSystem(Strength.NATIONAL, _joined, _none),
        "upn": IdentifierSystem(Strength.NATIONAL, _joined, _upn_problem),
        "pnc": IdentifierSystem(Strength.NATIONAL, _pnc, _pnc_problem),
        # places: a school's and a property's own national numbers
        "urn": IdentifierSystem(Strength.PLACE, _digits, _school_urn_problem),
        "uprn": IdentifierSystem(Strength.PLACE, _digits, _uprn_problem),
        # each in the books of one organisation, which the system names after the colon
        "la-child-id": _UNLISTED,
        "social-care": _UNLISTED,
        "police": _UNLISTED,
        "hospital": _UNLISTED,
        "school": _UNLISTED,
        "youth-justice": _UNLISTED,
        "worker": _UNLISTED,
        "hub": _UNLISTED,
    }
)
"""By the part of a system's name before the colon."""
