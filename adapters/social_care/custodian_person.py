"""What children's services hold of who the child is, and of the risks that people around the child pose."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from adapters.custodian_address import address_of
from adapters.custodian_record import Answer, Reading, answers, asked_on
from adapters.days import iso_day, plausible
from adapters.format import Finding, Sender
from adapters.record import BadRecord, say
from schemas.any_agency import SafetyMeasure
from schemas.case_event import CaseEvent, Characteristics, LinkedPerson, PersonName
from schemas.vocabulary import Agency, LinkRelation, Nature

PERSONAL_USED = frozenset(
    {"firstName", "lastName", "dateOfBirth", "address", "birthAssignedSex", "ethnicity", "relatedPeople"}
)
PERSONAL = PERSONAL_USED | {
    "namesOfIndividualsResidingAtMainAddress",
    "pronouns",
    "firstLanguage",
    "designatedLocalAuthority",
    "englishAsAdditionalLanguage",
    "braille",
    "signLanguage",
    "makaton",
    "interpreter",
}
PARENTS = frozenset(
    {"father", "mother", "birth father", "birth mother", "parent", "stepfather", "stepmother"}
)
CARERS = frozenset({"carer", "foster carer", "guardian", "special guardian", "grandparent"})
MARKER = "warning-marker"
"""A warning about a person, held so that whoever meets the child or the family takes care."""


def personal(reading: Reading) -> Iterator[CaseEvent | Finding]:
    """A warning marker for every related person who poses a risk, of the child as the record knows them.

    The published language has no event for personal details as such; where no related person poses a risk,
    they are not sent, and a finding says so.
    """
    findings: list[Finding] = []
    who = _who(reading, findings)
    yield from findings
    marked = 0
    for answer in answers(reading.record, "relatedPeople"):
        if isinstance(answer, Finding):
            yield answer
        elif answer.item.get("risk"):
            marked += 1
            yield say(answer.place, partial(_marker, reading, answer, who))
            if answer.item.get("dob") is not None:
                yield Finding(answer.place, "unused-field", "dob", refused=False)
        else:
            yield Finding(answer.place, "no-event-type", "relationshipToTheChild")
    if not marked:
        yield Finding("document", "no-event-type")


def _marker(reading: Reading, answer: Answer, who: dict[str, Any]) -> CaseEvent:
    relation = (answer.text("relationshipToTheChild") or "").strip()
    risks = answer.item["risk"]
    if not isinstance(risks, list) or not all(isinstance(risk, str) for risk in risks):
        raise BadRecord("not-a-list", "risk")
    return SafetyMeasure(
        type="social-care.safety-measure.v1",
        agency=Agency.SOCIAL_CARE,
        kind=MARKER,
        nature=Nature.VIEW,
        people=(LinkedPerson(_relation(relation), name=answer.text("name")),),
        details=": ".join(filter(None, (relation, "; ".join(risks)))),
        **reading.spine(answer.place, asked_on(reading.sender), f"{MARKER} {answer.place}, asked on"),
        **who,
    )


def _relation(said: str) -> LinkRelation:
    word = said.lower()
    if word in PARENTS:
        return LinkRelation.PARENT
    return LinkRelation.CARER if word in CARERS else LinkRelation.OTHER_ADULT


def _who(reading: Reading, findings: list[Finding]) -> dict[str, Any]:
    """Name, date of birth, address and characteristics; a field that is wrong is left out with a warning."""
    answer = Answer("document", reading.record.fields)

    def text(name: str, most: int) -> str | None:
        return _short(answer, name, most, findings)

    family, given = text("lastName", 200), text("firstName", 200)
    sex, ethnicity = text("birthAssignedSex", 40), text("ethnicity", 40)
    return {
        "name": PersonName(family or "", given or "") if family or given else None,
        "date_of_birth": _born(text("dateOfBirth", 10), reading.sender, findings),
        "characteristics": Characteristics(sex=sex, ethnicity=ethnicity) if sex or ethnicity else None,
        **address_of(reading.record, findings),
    }


def _short(answer: Answer, name: str, most: int, findings: list[Finding]) -> str | None:
    try:
        said = answer.text(name)
    except BadRecord as bad:
        findings.append(bad.at(answer.place, refused=False))
        return None
    if said is not None and len(said) > most:
        findings.append(Finding(answer.place, "too-long", name, refused=False))
        return None
    return said


def _born(text: str | None, sender: Sender, findings: list[Finding]) -> date | None:
    if text is None:
        return None
    try:
        return plausible(iso_day(text, "dateOfBirth"), "dateOfBirth", until=sender.read_at.date())
    except BadRecord as bad:
        findings.append(bad.at("document", refused=False))
        return None
