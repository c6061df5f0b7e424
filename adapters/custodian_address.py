"""The address in a custodian record, version 1."""

from adapters.custodian_record import CustodianRecord
from adapters.format import Finding

MAX_LINE, MAX_POSTCODE = 100, 12
LINES = ("line1", "line2", "townOrCity", "county")


def address_of(record: CustodianRecord, findings: list[Finding]) -> dict[str, str | None]:
    """The address and postcode as a case event has them; what is wrong is left out with a warning."""
    held = record.fields.get("address")
    if held is None:
        return {}
    if not isinstance(held, dict):
        findings.append(Finding("/address", "not-an-object", "address", refused=False))
        return {}
    said: dict[str, str] = {}
    for name in (*LINES, "postcode"):
        line, most = held.get(name), MAX_POSTCODE if name == "postcode" else MAX_LINE
        if isinstance(line, str) and len(line) <= most:
            said[name] = line.strip()
        elif line is not None:
            findings.append(Finding("/address", "not-text", name, refused=False))
    address = ", ".join(said[name] for name in LINES if said.get(name))
    return {"address": address or None, "postcode": said.get("postcode") or None}
