"""The background of the synthetic population: how often what is recorded, and how agencies tell it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SHIPPED = Path(__file__).with_name("rates.toml")
Share = Annotated[float, Field(ge=0, le=1)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rate(_Model):
    """How often something is recorded: for each 1,000 children a year, and where the number comes from."""

    says: str
    per_1000: Annotated[float, Field(gt=0)]
    mark: Literal["S", "M", "P"]
    source: str = ""

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.mark != "P" and not self.source:
            raise ValueError("a number that is not our proposal names its source")
        return self


class Spread(_Model):
    """How unevenly it falls on children."""

    shape: Annotated[float, Field(gt=0)]


class Habits(_Model):
    """How the hub comes to know: late, twice, passed on."""

    resent_share: Share
    passed_on_share: Share
    late_share: Share
    late_days: Annotated[int, Field(ge=1)]
    work_ends_share: Share
    work_days: Annotated[int, Field(ge=1)]
    lag_days: Mapping[str, float]


class Rates(_Model):
    """All of it."""

    spread: Spread
    habits: Habits
    rate: tuple[Rate, ...]

    @property
    def per_year(self) -> float:
        """How much is recorded of a child in a year, on average."""
        return sum(rate.per_1000 for rate in self.rate) / 1000


@cache
def rates() -> Rates:
    """The shipped rates. Raises pydantic's ValidationError for a number without mark or source."""
    return Rates.model_validate(tomllib.loads(SHIPPED.read_text(encoding="utf-8")))
