"""Every native format there is, by hand: a new one is one import and one line here."""

import adapters.health.custodian
import adapters.health.fhir_bundle
import adapters.health.hl7_adt
import adapters.police.custodian
import adapters.police.missing_persons
import adapters.police.protection_notice
import adapters.schools.ctf
import adapters.schools.custodian
import adapters.schools.safeguarding_log
import adapters.social_care.cin_census
import adapters.social_care.custodian
import adapters.social_care.dfe_api
import adapters.youth_justice.cases
from adapters.format import Format

FORMATS: tuple[Format, ...] = (
    adapters.police.missing_persons.FORMAT,
    adapters.police.protection_notice.FORMAT,
    adapters.police.custodian.FORMAT,
    adapters.health.fhir_bundle.FORMAT,
    adapters.health.hl7_adt.FORMAT,
    adapters.health.custodian.FORMAT,
    adapters.schools.safeguarding_log.FORMAT,
    adapters.schools.ctf.FORMAT,
    adapters.schools.custodian.FORMAT,
    adapters.social_care.dfe_api.FORMAT,
    adapters.social_care.cin_census.FORMAT,
    adapters.social_care.custodian.FORMAT,
    adapters.youth_justice.cases.FORMAT,
)


class UnknownFormat(Exception):
    """No format of that name; the text lists those there are."""


def format_named(name: str) -> Format:
    """The format of a name as `hub-publish --list` shows it. Raises UnknownFormat."""
    for format_ in FORMATS:
        if format_.name == name:
            return format_
    raise UnknownFormat(f"no format of that name; there are: {', '.join(f.name for f in FORMATS)}")
