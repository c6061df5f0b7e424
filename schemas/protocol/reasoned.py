"""What acts are made of: a reason that rules see was written, and the codes several acts share."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from schemas.case_event import CaseEvent, Code, Text
from schemas.scope import HOME, SIGNAL
from schemas.vocabulary import Agency

Agencies = Annotated[tuple[Agency, ...], Field(max_length=20)]
Codes = Annotated[tuple[Code, ...], Field(max_length=40)]


class YesNoUnknown(StrEnum):
    """An answer a person gives; not knowing is one."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ReasonedEvent(CaseEvent):
    """An act for which a reason may be asked: rules see *that* one was written, readers see what it says."""

    reason: Annotated[Text | None, HOME] = None
    reason_recorded: Annotated[bool, HOME, SIGNAL] = False
    """Drawn from `reason`, of which blanks are none; what a sender says here is not believed."""

    @model_validator(mode="after")
    def _see_reason(self) -> Self:
        object.__setattr__(self, "reason_recorded", bool(self.reason and self.reason.strip()))
        return self
