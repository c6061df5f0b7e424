"""Reads the people of a police incident: children each with their part, adults by reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from adapters.coded_fields import member, time, whole
from adapters.days import Moment
from adapters.fields import Fields
from adapters.format import Finding, Sender
from adapters.identifiers import held_identifier, local_identifier
from adapters.record import BadRecord
from adapters.times import birth_date
from schemas.case_event import Characteristics, Identifier, LinkedPerson, PersonName
from schemas.vocabulary import ChildPart, LinkRelation

ADULTS = frozenset({"parent", "carer", "adult-of-concern", "older-associate", "other-adult", "practitioner"})
"""Parts (the published relations) that an adult may have in an incident."""


@dataclass(frozen=True, slots=True)
class Child:
    """One child of the incident: the force's reference, who they are, their part, and their own account."""

    reference: Identifier
    part: ChildPart
    said: dict[str, Any]
    account: str | None


@dataclass(frozen=True, slots=True)
class People:
    """Everyone of one incident, and what could not be taken of them."""

    children: tuple[Child, ...]
    adults: tuple[LinkedPerson, ...]
    findings: tuple[Finding, ...]


def people_of(incident: Fields, included: dict[str, Fields], force: str, sender: Sender) -> People:
    """The people the incident's relationships name. Raises BadRecord `no-child` where none is a child."""
    children: list[Child] = []
    adults: list[LinkedPerson] = []
    findings: list[Finding] = []
    for link in _links(incident):
        try:
            if isinstance(link, BadRecord):
                raise link
            part = _said(link.one("meta") or Fields({}, link.place), "part")
            if part in ADULTS:
                adults.append(_adult(link, part, included, force))
            else:
                children.append(_child(link, included, force, sender, findings))
        except BadRecord as bad:
            findings.append(bad.at(f"{incident.place}/relationships/persons"))
        except ValidationError:
            findings.append(
                Finding(f"{incident.place}/relationships/persons", "unacceptable-value", "person")
            )
    if not children and not findings:
        raise BadRecord("no-child", "persons")
    return People(tuple(children), tuple(adults), tuple(findings))


def _links(incident: Fields) -> Iterator[Fields | BadRecord]:
    relationships = incident.one("relationships")
    persons = relationships.one("persons") if relationships else None
    if persons is None:
        raise BadRecord("no-child", "persons")
    yield from persons.each("data")


def _said(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if text is None:
        raise BadRecord("not-said", name)
    return text


def _adult(link: Fields, part: str, included: dict[str, Fields], force: str) -> LinkedPerson:
    reference = local_identifier("police", force, _said(link, "id"), "id")
    person = included.get(reference.value)
    name = _name(person) if person else None
    shown = f"{name.given} {name.family}".strip()[:200] if name else None
    return LinkedPerson(LinkRelation(part), reference, shown)


def _child(
    link: Fields, included: dict[str, Fields], force: str, sender: Sender, findings: list[Finding]
) -> Child:
    meta = link.one("meta") or Fields({}, link.place)
    part = member(meta, "part", ChildPart)
    reference = local_identifier("police", force, _said(link, "id"), "id")
    person = included.get(reference.value)
    if part is None or person is None:
        raise BadRecord(
            "not-said" if part is None else "person-not-included", "part" if part is None else "id"
        )
    said: dict[str, Any] = {
        "identifiers": (reference, *_identifiers(person, findings)),
        "name": _name(person),
        "date_of_birth": _born(person, sender),
        "characteristics": Characteristics(sex=person.text("gender"), ethnicity=person.text("ethnicity")),
        "postcode": person.text("postcode"),
        "address": person.text("address"),
    }
    if said["date_of_birth"] is None:
        said["age"] = _age(person)
    return Child(reference, part, said, meta.text("account"))


def _identifiers(person: Fields, findings: list[Finding]) -> Iterator[Identifier]:
    """The other numbers the police hold: the NHS number, and others by their `kind` and `holder`."""
    for held in person.each("identifiers"):
        try:
            if isinstance(held, BadRecord):
                raise held
            kind, value = _said(held, "kind"), _said(held, "value")
            yield held_identifier(kind, held.text("holder"), value, "identifiers")
        except BadRecord as bad:
            findings.append(bad.at(person.place, refused=False))


def _name(person: Fields) -> PersonName | None:
    family = person.text("familyName")
    given = " ".join(person.texts("givenName"))
    return PersonName(family[:200], given[:200]) if family else None


def _born(person: Fields, sender: Sender) -> date | None:
    if person.flag("dateofBirthKnown") is False:
        return None
    moment: Moment | None = time(person, "dateOfBirth")
    return birth_date(moment, sender.read_at, "dateOfBirth") if moment else None


def _age(person: Fields) -> int | None:
    """A range of ages is an age only where both ends are the same; a guess is never made of it."""
    youngest, oldest = whole(person, "approximateAgeFrom"), whole(person, "approximateAgeTo")
    return youngest if youngest is not None and youngest == oldest else None
