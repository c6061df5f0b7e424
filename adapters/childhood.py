"""Keeps grown people out: a feed carries people of every age, and the hub is about children."""

from datetime import date, datetime

from adapters.record import BadRecord
from schemas.case_event import age_at

OF_AGE = 18
"""Who is a child (Children Act 1989 s.105)."""
CARE_ENDS = 25
"""Care leavers are owed support until then (Children Act 1989 s.23CZB); nobody older is ever taken."""


def of_a_child(born: date, when: datetime, field: str, under: int = CARE_ENDS) -> None:
    """Raises BadRecord `not-a-child` where who was born then was `under` or over when it happened.

    What is not about a child is not needed, so it is not taken (UK GDPR article 5(1)(c)).
    """
    if age_at(born, when.date()) >= under:
        raise BadRecord("not-a-child", field)
