"""The scopes: who a field of a case event is for, and the marks a field wears."""

from enum import Enum, StrEnum


class Scope(StrEnum):
    """A class of readers. One sealed envelope holds all fields of one event in one scope."""

    IDENTITY = "identity"
    WHEREABOUTS = "whereabouts"
    SOCIAL_CARE = "social-care"
    POLICE = "police"
    POLICE_INTELLIGENCE = "police-intelligence"
    HEALTH = "health"
    HEALTH_CONFIDENTIAL = "health-confidential"
    EDUCATION = "education"
    YOUTH_JUSTICE = "youth-justice"
    THIRD_PARTY = "third-party"
    OTHER_CHILD = "other-child"
    INFORMANT = "informant"
    ACCOUNT = "account"


SIGNALS = "signals"
"""The name of the extra envelope that only the pattern engine opens; no person's scope."""


class Mark(Enum):
    """What a field wears besides a scope."""

    OPEN = "open"
    """Anyone who may see the entry may read it."""
    HOME = "home"
    """Read in the scope of the event type itself (`CaseEvent.home_scope`)."""
    SIGNAL = "signal"
    """A coded value that patterns may use; it also travels in the signals envelope."""
    HASHED = "hashed"
    """A reference; patterns see keyed hashes of it, never the reference."""


OPEN, HOME, SIGNAL, HASHED = Mark.OPEN, Mark.HOME, Mark.SIGNAL, Mark.HASHED
