"""Every page there is, who goes there, and how. A new page adds its line here."""

from typing import NamedTuple


class Place(NamedTuple):
    """A page: its name, whose it is, its address; `opened`: the child that must have been opened before."""

    name: str
    role: str
    path: str
    opened: str = ""


PLACES = (
    Place("sign-in", "", "/sign-in"),
    Place("not-found", "", "/nowhere"),
    Place("find", "social-worker", "/children/find"),
    Place("why", "social-worker", "/children/{isla}/why"),
    Place("chronology", "social-worker", "/children/{isla}/chronology", "isla"),
    Place("chronology-everything", "social-worker", "/children/{kai}/chronology?detail=everything", "kai"),
    Place("chronology-police", "police-officer", "/children/{kai}/chronology?routine=each", "kai"),
    Place("chronology-known", "social-worker", "/children/{isla}/chronology?knownAt=2026-10-09", "isla"),
    Place("chronology-nothing", "social-worker", "/children/{isla}/chronology?to=2001-01-01", "isla"),
    Place("flags", "social-worker", "/children/{isla}/flags", "isla"),
    Place("flags-coordinator", "mash-coordinator", "/children/{kai}/flags", "kai"),
    Place("pack", "social-worker", "/children/{isla}/pack", "isla"),
    Place("access", "social-worker", "/children/{isla}/access", "isla"),
    Place("protocol", "social-worker", "/children/{isla}/protocol", "isla"),
    Place("record", "social-worker", "/children/{isla}/record", "isla"),
    Place("record-account", "social-worker", "/children/{isla}/record/record-account", "isla"),
    Place("record-meeting", "social-worker", "/children/{isla}/record/hold-strategy-meeting", "isla"),
    Place("first", "social-worker", "/first?recorded=record-account"),
    Place("first-account", "social-worker", "/first/record-account"),
    Place("worklist", "social-worker", "/worklist"),
    Place("calendar", "social-worker", "/calendar"),
    Place("find-nothing", "operator", "/children/find"),
    Place("why-not", "social-worker", "/access/why-not"),
    Place("break-glass", "social-worker", "/access/break-glass"),
    Place("ask", "social-worker", "/access/ask"),
    Place("desk-own", "named-doctor", "/access"),
    Place("desk", "caldicott-guardian", "/access?settled=yes"),
    Place("review", "caldicott-guardian", "/access/waiting/{glass}"),
    Place("request", "caldicott-guardian", "/access/waiting/{request}"),
    Place("closed", "caldicott-guardian", "/access/closed/{kai}"),
    Place("audit", "auditor", "/audit"),
    Place("audit-ledger", "auditor", "/audit/ledger"),
)
ROLES = tuple(dict.fromkeys(place.role for place in PLACES))
