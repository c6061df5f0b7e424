"""A pathway opened by people, and closed: never with no action (guidance L88, L140, L150; R105, R122)."""

from enum import StrEnum
from typing import Annotated, Literal

from schemas.case_event import CaseEvent, Text
from schemas.protocol.reasoned import ReasonedEvent
from schemas.scope import HOME, OPEN, SIGNAL


class OpenedFor(StrEnum):
    """Why people open a pathway themselves."""

    SEXUAL_BEHAVIOUR = "sexual-behaviour"
    VERY_VIOLENT_BEHAVIOUR = "very-violent-behaviour"
    MOVED_IN = "moved-in"
    LEAVES_CUSTODY = "leaves-custody"
    POTENTIALLY_INVOLVED = "potentially-involved"


class ClosedWith(StrEnum):
    """What follows when a pathway is closed. There is no `nothing` among them (L140; R105)."""

    PLAN_COMPLETED = "plan-completed"
    EARLY_HELP = "early-help"
    CHILD_IN_NEED = "child-in-need"
    CHILD_PROTECTION = "child-protection"
    OTHER_AUTHORITY = "other-authority"
    ADULT_SERVICES = "adult-services"
    UNIVERSAL_WITH_NAMED_CONTACT = "universal-support-with-named-contact"


class PathwayOpened(CaseEvent):
    """R122, R49 (L88, L150): people open the procedures for a child, whatever an agency's system said.

    `part` says which strand.
    """

    type: Annotated[Literal["protocol.pathway-opened.v1"], OPEN] = "protocol.pathway-opened.v1"
    opened_for: Annotated[OpenedFor, HOME, SIGNAL] = OpenedFor.SEXUAL_BEHAVIOUR
    grounds: Annotated[Text, HOME]


class PathwayClosed(ReasonedEvent):
    """R105 (L140): the pathway is closed with what follows, and who does it. New behaviour opens it again."""

    type: Annotated[Literal["protocol.pathway-closed.v1"], OPEN] = "protocol.pathway-closed.v1"
    outcome: Annotated[ClosedWith, HOME, SIGNAL]
    decided_by: Annotated[Text, HOME]
    next_step: Annotated[Text, HOME]
    next_step_owner: Annotated[Text, HOME]
