"""The DfE's codes in children's social care returns, and which of the published words they stand for."""

import re

from schemas.social_care import AbuseCategory
from schemas.vocabulary import Agency

REFERRAL_SOURCES: dict[str, Agency | None] = {
    **dict.fromkeys(("1A", "1B", "1C", "1D", "5B", "5C", "7", "8", "9", "10")),
    **dict.fromkeys(("2A", "2B"), Agency.SCHOOLS),
    **dict.fromkeys(("3A", "3B", "3C", "3D", "3E", "3F"), Agency.HEALTH),
    "4": Agency.HOUSING,
    "5A": Agency.SOCIAL_CARE,
    "6": Agency.POLICE,
}
"""Who referred (CIN census, N00103): families, strangers and courts are no agency of ours."""

ABUSE_CATEGORIES = {
    "NEG": AbuseCategory.NEGLECT,
    "PHY": AbuseCategory.PHYSICAL,
    "SAL": AbuseCategory.SEXUAL,
    "EMO": AbuseCategory.EMOTIONAL,
    "MUL": AbuseCategory.MULTIPLE,
}
"""Category of abuse of a child protection plan (CIN census, N00113)."""

CARE_BEGINS = "S"
"""Reason for a new episode of care: started to be looked after (SSDA903)."""
CARE_GOES_ON = "X1"
"""Reason an episode ceased: another begins at once (SSDA903)."""
PLACEMENT_CHANGES = frozenset({"P", "B", "T", "U"})
"""Reasons for a new episode in which the placement or the carer changed (SSDA903)."""

_FACTOR = re.compile(r"[0-9]{1,2}[A-Z]?")


def is_factor(code: str) -> bool:
    """Whether it has the form of a factor identified at assessment (`2B`, `21`)."""
    return _FACTOR.fullmatch(code) is not None
