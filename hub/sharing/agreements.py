"""Sharing agreements as data: who may share what with whom, for which purposes, from which day to which.

The fields are those of `SharingPolicy` in the national draft (information governance 0.1, October 2025).
"""

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hub.domain.calendar import LONDON
from schemas.scope import Scope
from schemas.vocabulary import Agency

SHIPPED = Path(__file__).with_name("agreements.toml")
Words = Annotated[tuple[str, ...], Field(max_length=50)]


class AgreementsInvalid(Exception):
    """The file of agreements cannot be used; the text names the place."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AgreementId(_Model):
    """The agreement's own number, and the register it is in."""

    value: Annotated[str, Field(min_length=1, max_length=100)]
    system: Annotated[str, Field(min_length=1, max_length=300)]


class Party(_Model):
    """A party: it provides and receives. `catalogue_ids` are its numbers in the central API catalogue."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    agency: Agency
    catalogue_ids: Annotated[Words, Field(alias="catalogue-ids", min_length=1)]


class Agreement(_Model):
    """One sharing agreement, or a statute that stands in for one. Both dates are included, in London."""

    uri: Annotated[str, Field(pattern=r"^(https?|urn):\S+$")]
    identifier: AgreementId
    name: Annotated[str, Field(min_length=1)]
    contact: Annotated[str, Field(min_length=1)]
    parties: Annotated[tuple[Party, ...], Field(min_length=1)]
    data: Annotated[frozenset[Scope], Field(min_length=1)]
    purposes: Annotated[frozenset[str], Field(min_length=1)]
    start_date: Annotated[date, Field(alias="start-date")]
    end_date: Annotated[date, Field(alias="end-date")]
    permitted_use: Annotated[Words, Field(alias="permitted-use", min_length=1)]
    restrictions: Words = ()
    recipient_responsibilities: Annotated[Words, Field(alias="recipient-responsibilities")] = ()
    security_measures: Annotated[Words, Field(alias="security-measures")] = ()
    legal_compliance: Annotated[Words, Field(alias="legal-compliance")] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_date < self.start_date:
            raise ValueError("it ends before it begins")
        return self

    @property
    def id(self) -> str:
        """What disclosures and refusals call it."""
        return self.identifier.value

    @property
    def days(self) -> tuple[date, date]:
        """Its first day and its last."""
        return self.start_date, self.end_date

    def covers(self, asked: "Asked") -> bool:
        """Whether it is about this sharing at all, whatever the day."""
        agencies = {party.agency for party in self.parties}
        return (
            {asked.provider, asked.recipient} <= agencies
            and asked.scope in self.data
            and asked.purpose in self.purposes
        )

    def in_force(self, now: datetime) -> bool:
        """Whether this is one of its days."""
        return self.start_date <= now.astimezone(LONDON).date() <= self.end_date


class Asked(NamedTuple):
    """One agency's words in one scope, wanted by another for a purpose."""

    provider: str
    recipient: str
    scope: str
    purpose: str


def turns(spans: Iterable[tuple[date, date]]) -> Iterator[datetime]:
    """The moments at which what holds from one day to another, both included, begins or ends.

    They are London's midnights. What holds to the last day there is never ends.
    """
    for first, last in spans:
        yield datetime.combine(first, time(), LONDON)
        if last < date.max:
            yield datetime.combine(last + timedelta(days=1), time(), LONDON)


class Coverage(NamedTuple):
    """The agreement under which something may be shared; else one that has lapsed or not begun, if any."""

    agreement: Agreement | None
    lapsed: Agreement | None = None


def coverage(agreements: Iterable[Agreement], asked: Asked, now: datetime) -> Coverage:
    """Find the agreement that covers a sharing now: the first in the file's order."""
    about = [agreement for agreement in agreements if agreement.covers(asked)]
    for agreement in about:
        if agreement.in_force(now):
            return Coverage(agreement)
    return Coverage(None, about[0] if about else None)


def agreements_in(text: bytes) -> tuple[Agreement, ...]:
    """Read the file. Raises AgreementsInvalid, naming the place and never the value."""
    try:
        found = tomllib.loads(text.decode())
        agreements = tuple(Agreement.model_validate(each) for each in found.pop("agreement", []))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AgreementsInvalid(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise AgreementsInvalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if found:
        raise AgreementsInvalid(f"{min(found)}: the file holds agreements alone")
    ids = [agreement.id for agreement in agreements]
    if len(set(ids)) != len(ids):
        raise AgreementsInvalid("two agreements have one identifier")
    return agreements
