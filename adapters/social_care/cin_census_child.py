"""Who a child's record in the Children in Need census is of."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from lxml.etree import _Element

from adapters.days import iso_day, plausible
from adapters.format import Finding, Sender
from adapters.known_child import KnownChild
from adapters.record import BadRecord
from adapters.upn import is_upn
from adapters.xml_records import XmlRecord, child_text, children
from schemas.case_event import Characteristics, Identifier
from schemas.vocabulary import Agency

T = TypeVar("T")
_MAX_ID, _MAX_CODE = 60, 40


def known_child(
    record: XmlRecord,
    element: _Element,
    authority: str,
    until: date,
    sender: Sender,
    findings: list[Finding],
) -> KnownChild:
    """The child; what could not be used is added to `findings` and left out.

    Raises BadRecord where the record names no child (`no-identifier`).
    """
    who = _Who(record, element, findings)
    reference = who.text("LAchildID")
    if reference is None or len(reference) > _MAX_ID:
        raise BadRecord("no-identifier", "LAchildID")
    return KnownChild(
        Agency.SOCIAL_CARE,
        sender,
        ("cin", authority),
        (Identifier(f"social-care:{authority}", reference), *who.pupil_numbers()),
        until,
        record.sha256,
        born=who.day("PersonBirthDate", lambda day: plausible(day, "PersonBirthDate", until=until)),
        expected=who.day("ExpectedPersonBirthDate", lambda day: day),
        characteristics=who.characteristics(),
    )


class _Who:
    """`ChildIdentifiers` and `ChildCharacteristics`, each field read on its own."""

    def __init__(self, record: XmlRecord, element: _Element, findings: list[Finding]) -> None:
        self._findings = findings
        parts = dict(children(element, record.path, *_PARTS))
        self._parts = list(parts.values())
        self._place = next(iter(parts), record.path)
        for place, part in parts.items():
            if any((child.tail or "").strip() for child in part) or (part.text or "").strip():
                findings.append(Finding(place, "stray-text", refused=False))

    def text(self, tag: str) -> str | None:
        return next((text for part in self._parts if (text := child_text(part, tag)) is not None), None)

    def day(self, tag: str, check: Callable[[date], date]) -> date | None:
        text = self.text(tag)
        try:
            return None if text is None else check(iso_day(text, tag))
        except BadRecord as bad:
            self._findings.append(bad.at(self._place, refused=False))
            return None

    def pupil_numbers(self) -> list[Identifier]:
        """A UPN whose check letter is wrong is not sent: it may be another child's (DfE rule 1510)."""
        found: list[Identifier] = []
        for tag in ("UPN", "FormerUPN"):
            upn = self.text(tag)
            if upn is not None and is_upn(upn):
                found.append(Identifier("upn", upn))
            elif upn is not None:
                self._findings.append(Finding(self._place, "cin:1510", tag, refused=False))
        return found

    def characteristics(self) -> Characteristics | None:
        sex = self._code("Sex") or self._code("GenderCurrent")
        ethnicity, disabled = self._code("Ethnicity"), self._disabled()
        if sex is None and ethnicity is None and disabled is None:
            return None
        return Characteristics(sex=sex, ethnicity=ethnicity, disabled=disabled)

    def _code(self, tag: str) -> str | None:
        text = self.text(tag)
        if text is not None and len(text) > _MAX_CODE:
            self._findings.append(Finding(self._place, "too-long", tag, refused=False))
            return None
        return text

    def _disabled(self) -> bool | None:
        codes = [
            (code.text or "").strip()
            for part in self._parts
            for _, several in children(part, "", "Disabilities")
            for _, code in children(several, "", "Disability")
        ]
        return any(code not in ("", "NONE") for code in codes) if codes else None


_PARTS = ("ChildIdentifiers", "ChildCharacteristics")
