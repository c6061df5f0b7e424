"""Who a pupil's record in the Common Transfer File is of."""

import re
from datetime import date

from lxml.etree import _Element as Element

from adapters.days import iso_day, plausible
from adapters.format import Finding, Sender
from adapters.known_child import KnownChild
from adapters.record import BadRecord
from adapters.upn import is_upn
from adapters.xml_records import XmlRecord, child_text, children, only
from schemas.case_event import Characteristics, Identifier, PersonName
from schemas.vocabulary import Agency

_ULN = re.compile(r"[0-9]{10}")
MAX_NAME, MAX_CODE, MAX_POSTCODE = 200, 40, 12


def known_pupil(
    record: XmlRecord, element: Element, school: str, until: date, sender: Sender, findings: list[Finding]
) -> KnownChild:
    """The pupil; what could not be used is added to `findings` and left out.

    Raises BadRecord where no number of the pupil's can be used (`no-identifier`).
    """
    basic = only(element, "BasicDetails")
    numbers = tuple(dict.fromkeys(_numbers(record.path, (element, basic), findings)))
    if not numbers:
        raise BadRecord("no-identifier", "UPN")
    family, given = (_text(element, tag, MAX_NAME, record.path, findings) for tag in ("Surname", "Forename"))
    return KnownChild(
        Agency.SCHOOLS,
        sender,
        ("ctf", school),
        numbers,
        until,
        record.sha256,
        name=PersonName(family or "", given or "") if family or given else None,
        born=_born(record.path, element, until, findings),
        characteristics=_characteristics(element, basic, record.path, findings),
        postcode=_postcode(element, record.path, findings),
    )


def _numbers(place: str, parts: tuple[Element | None, ...], findings: list[Finding]) -> list[Identifier]:
    """A UPN whose check letter is wrong is not sent: it may be another child's."""
    found: list[Identifier] = []
    for part, tag in ((parts[0], "UPN"), (parts[1], "FormerUPN"), (parts[0], "FormerUPN")):
        upn = child_text(part, tag) if part is not None else None
        if upn is not None and is_upn(upn):
            found.append(Identifier("upn", upn))
        elif upn is not None:
            findings.append(Finding(place, "invalid-upn", tag, refused=False))
    learner = child_text(parts[0], "UniqueLearnerNumber") if parts[0] is not None else None
    if learner is not None and _ULN.fullmatch(learner):
        found.append(Identifier("uln", learner))
    return found


def _text(element: Element, tag: str, most: int, place: str, findings: list[Finding]) -> str | None:
    text = child_text(element, tag)
    if text is not None and len(text) > most:
        findings.append(Finding(place, "too-long", tag, refused=False))
        return None
    return text


def _born(place: str, element: Element, until: date, findings: list[Finding]) -> date | None:
    text = child_text(element, "DOB")
    try:
        return None if text is None else plausible(iso_day(text, "DOB"), "DOB", until=until)
    except BadRecord as bad:
        findings.append(bad.at(place, refused=False))
        return None


def _characteristics(
    element: Element, basic: Element | None, place: str, findings: list[Finding]
) -> Characteristics | None:
    sex = _text(element, "Sex", MAX_CODE, place, findings) or _text(
        element, "Gender", MAX_CODE, place, findings
    )
    ethnicity = _text(basic, "Ethnicity", MAX_CODE, place, findings) if basic is not None else None
    return Characteristics(sex=sex, ethnicity=ethnicity) if sex or ethnicity else None


def _postcode(element: Element, place: str, findings: list[Finding]) -> str | None:
    for _, address in children(element, place, "Address"):
        return _text(address, "PostCode", MAX_POSTCODE, place, findings)
    return None
