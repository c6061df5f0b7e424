"""Who a record of the DfE children's social care API is of."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from adapters.days import LONDON, plausible
from adapters.fields import Fields
from adapters.format import Finding, Sender
from adapters.identifiers import slug
from adapters.known_child import KnownChild
from adapters.record import BadRecord
from adapters.upn import is_upn
from schemas.case_event import Characteristics, Identifier, PersonName
from schemas.vocabulary import Agency

T = TypeVar("T")
_NO_DETAILS = Fields({}, "")
_MAX_NAME, _MAX_POSTCODE, _MAX_CODE, _MAX_ID = 200, 12, 40, 60


def known_child(
    fields: Fields, authority: str | None, sender: Sender, sha256: str, findings: list[Finding]
) -> KnownChild:
    """The child; what of the details could not be used is added to `findings` and left out.

    Raises BadRecord where the record names no child (`no-identifier`).
    """
    reference = fields.text("la_child_id")
    if reference is None or len(reference) > _MAX_ID:
        raise BadRecord("no-identifier", "la_child_id")
    of = slug(authority or sender.organisation)
    details = _Details(fields, findings)
    until = sender.read_at.astimezone(LONDON).date()
    born = details.get("date_of_birth", lambda f, n: _born(f, n, until))
    return KnownChild(
        Agency.SOCIAL_CARE,
        sender,
        ("csc-api", of),
        (Identifier(f"social-care:{of}", reference), *_numbers(fields, details, of)),
        until,
        sha256,
        name=_name(details),
        born=born,
        expected=details.get("expected_date_of_birth", Fields.day),
        characteristics=_characteristics(details),
        postcode=details.get("postcode", _short(_MAX_POSTCODE)),
    )


class _Details:
    """`child_details`, each field read on its own: one that is wrong does not take the others with it."""

    def __init__(self, fields: Fields, findings: list[Finding]) -> None:
        self.findings, self.place = findings, f"{fields.place}/child_details"
        self._fields = _NO_DETAILS
        try:
            found = fields.one("child_details") or _NO_DETAILS
            if found.flag("purge") or fields.flag("purge"):
                findings.append(Finding(self.place, "details-purged", "purge"))
            else:
                self._fields = found
        except BadRecord as bad:
            findings.append(bad.at(self.place, refused=False))

    def get(self, name: str, read: Callable[[Fields, str], T | None]) -> T | None:
        """A field read by `read`, or None with a warning."""
        try:
            return read(self._fields, name)
        except BadRecord as bad:
            self.findings.append(bad.at(self.place, refused=False))
            return None


def _short(most: int) -> Callable[[Fields, str], str | None]:
    def read(fields: Fields, name: str) -> str | None:
        text = fields.text(name)
        if text is not None and len(text) > most:
            raise BadRecord("too-long", name)
        return text

    return read


def _born(fields: Fields, name: str, until: date) -> date | None:
    day = fields.day(name)
    return None if day is None else plausible(day, name, until=until)


def _numbers(fields: Fields, details: _Details, of: str) -> list[Identifier]:
    """The child's other numbers. A UPN whose check letter is wrong is not sent (DfE rule 1510)."""
    found: list[Identifier] = []
    for name in ("unique_pupil_number", "former_unique_pupil_number"):
        upn = details.get(name, Fields.text)
        if upn is not None and is_upn(upn):
            found.append(Identifier("upn", upn))
        elif upn is not None:
            details.findings.append(Finding(details.place, "cin:1510", name, refused=False))
    system_id = fields.text("mis_child_id")
    if system_id is not None and len(system_id) <= _MAX_ID:
        found.append(Identifier(f"social-care-system:{of}", system_id))
    return found


def _name(details: _Details) -> PersonName | None:
    family = details.get("surname", _short(_MAX_NAME))
    given = details.get("first_name", _short(_MAX_NAME))
    return PersonName(family or "", given or "") if family or given else None


def _characteristics(details: _Details) -> Characteristics | None:
    sex, ethnicity = (details.get(name, _short(_MAX_CODE)) for name in ("sex", "ethnicity"))
    disabilities = details.get("disabilities", Fields.texts)
    disabled = any(code != "NONE" for code in disabilities) if disabilities else None
    if sex is None and ethnicity is None and disabled is None:
        return None
    return Characteristics(sex=sex, ethnicity=ethnicity, disabled=disabled)
