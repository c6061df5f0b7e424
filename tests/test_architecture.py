"""The core records and does not interpret: it names no event type, agency, pattern, obligation or role."""

import re
from pathlib import Path

from hub.sharing.policy import load
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency

ROOT = Path(__file__).parents[1]
CORE = [p for room in ("domain", "records", "intake") for p in (ROOT / "hub" / room).rglob("*.py")]
# A withdrawal is the one type whose meaning is the record's own; `Plan` here is what matching plans to write.
OWN = {"Withdrawal", "Plan"}
NAMES = {cls.__name__ for cls in TYPE_BY_NAME.values()} - OWN | {a.name for a in Agency}
OF_AGENCIES = r"from schemas\.(police|health|schools|social_care|youth_justice|protocol)"
WORDS = {a.value for a in Agency} | set(load().roles)


def interpreted(module):
    """What a module's code names of types, agencies and roles, and imports of agencies' types."""
    code = re.sub(r'"""(?s:.*?)"""', "", module.read_text())
    words = set(re.findall(r"\w+", code)) & NAMES
    quoted = set(re.findall(r'"([^"\n]*)"', code)) & WORDS
    return words | quoted | set(re.findall(OF_AGENCIES, code))


def test_the_core_names_no_event_type_agency_pattern_or_role():
    assert len(CORE) > 40
    assert {module.name: said for module in CORE if (said := interpreted(module))} == {}


OPENS = {
    "store/mapper": "the spine of every stored event",
    "records/reading": "entries and signals, for whoever below asks",
    "follow": "what a projection drew",
    "intake/ingest": "a held delivery, to be tried again",
    "intake/work": "spine keys, to tell a resend from other content",
    "intake/splitting": "an entry that is another child's, to be sealed anew",
    "intake/carrying": "why something is closed or disputed, sealed anew where it is carried to",
    "sharing/look": "what one reader is shown, once it is recorded",
    "sharing/watching": "signals, for the rules",
    "sharing/reasons": "why somebody did what they did",
    "sharing/access_desk": "reasons, for who settles what waits",
    "sharing/deeds": "reasons beside a flag",
    "sharing/incidents": "reasons beside an incident",
    "audit/signatures": "that what is kept is what was signed",
    "audit/subject_access": "what a child's own copy holds",
    "audit/circumstances": "names and places, to tell an unusual look",
    "disposal/peppers": "identifiers, to find children under a new pepper",
    "disposal/resealing": "what older keys sealed, to be sealed again",
    "disposal/retention": "dates of birth, from which terms count",
    "oversight/characteristics": "characteristics, to be counted",
}
"""Every module that names what opens an envelope, and what for: whoever adds one says so here."""


def test_what_opens_an_envelope_is_named_in_few_modules_and_at_no_door_or_window():
    names = re.compile(
        r"(?<![-\w])(for_opening\w*|unseal(_with|_spine|_again)?|Opener|Opening|opened_reason)\b"
    )
    hub = ROOT / "hub"
    found = {
        module.relative_to(hub).with_suffix("").as_posix()
        for module in hub.rglob("*.py")
        if "confidentiality" not in module.parts
        and names.search(re.sub(r'"""(?s:.*?)"""', "", module.read_text()))
    }

    assert OPENS.keys() == found
