"""What education holds of who the child is: aids to communication, address and household."""

from collections.abc import Iterator

from adapters.custodian_address import address_of
from adapters.custodian_record import Answer, Reading, asked_on
from adapters.format import Finding
from adapters.record import BadRecord, say
from schemas.case_event import CaseEvent, LinkedPerson
from schemas.schools import SendSupport
from schemas.vocabulary import Agency, LinkRelation

MAX_PEOPLE, MAX_NAME = 50, 200
PERSONAL_USED = frozenset({"address", "namesOfIndividualsResidingAtMainAddress"})
AIDS = {
    "braille": "braille",
    "signLanguage": "sign language",
    "makaton": "Makaton",
    "interpreter": "interpreter",
}
PERSONAL = (
    PERSONAL_USED
    | AIDS.keys()
    | {
        "firstName",
        "lastName",
        "dateOfBirth",
        "birthAssignedSex",
        "pronouns",
        "ethnicity",
        "firstLanguage",
        "designatedLocalAuthority",
        "englishAsAdditionalLanguage",
        "relatedPeople",
    }
)


def personal(reading: Reading) -> Iterator[CaseEvent | Finding]:
    """Aids to communication are support; without any there is no event that could carry the rest."""
    answer, findings, aids = Answer("document", reading.record.fields), [], []
    for name, words in AIDS.items():
        try:
            if answer.truth(name):
                aids.append(words)
        except BadRecord as bad:
            findings.append(bad.at("document", refused=False))
    address = address_of(reading.record, findings)
    people = _household(reading, findings)
    yield from findings
    if not aids:
        yield Finding("document", "no-event-type")
        return

    def make() -> CaseEvent:
        return SendSupport(
            agency=Agency.SCHOOLS,
            need="communication",
            provision=", ".join(aids),
            people=people,
            **address,
            **reading.spine("document", asked_on(reading.sender), "communication, asked on"),
        )

    yield say("document", make)


def _household(reading: Reading, findings: list[Finding]) -> tuple[LinkedPerson, ...]:
    """The people at the main address: adults or not, the record does not say."""
    field = "namesOfIndividualsResidingAtMainAddress"
    names = reading.record.fields.get(field)
    if names is None:
        return ()
    fits = isinstance(names, list) and len(names) <= MAX_PEOPLE
    if not fits or not all(isinstance(name, str) and len(name) <= MAX_NAME for name in names):
        findings.append(Finding(f"/{field}", "not-a-list", field, refused=False))
        return ()
    return tuple(LinkedPerson(LinkRelation.HOUSEHOLD, name=name) for name in names)
