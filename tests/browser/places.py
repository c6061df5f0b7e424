"""Every page there is: read from the app's own routes, and for each the first role that is shown it.

A new page is walked to by itself, or a test names its route. What else a page can look like stands below.
"""

from typing import NamedTuple

import httpx

from hub.web.asking import routes_of
from tests.browser.walking import PURPOSES


class Place(NamedTuple):
    """A page: its name, whose it is, its address; `opened`: the child that must have been opened before."""

    name: str
    role: str
    path: str
    opened: str = ""


NO_PAGES = {
    "/": "leads on to where a role begins",
    "/told/{telling}": "leads on from a message",
    "/sign-in/again": "a live hub's",
    "/children/{child}/changes": "a stream",
    "/children/{child}/pack/pdf": "a file",
    "/audit/ledger/checkpoint": "a file",
    "/draft": "there is one where something was typed: a test of its own",
    "/draft/typed": "for the script",
    "/session/left": "for the script",
}
"""Routes that are no page to walk to, and why. Programs' routes are none either."""
FOR_PROGRAMS = ("/v1/", "/health/", "/static/")
ROLES = (
    *("", "social-worker", "mash-coordinator", "operator", "auditor", "information-governance-lead"),
    *("caldicott-guardian", "police-officer", "named-doctor"),
)
"""In the order in which they are tried; the first is nobody, who has not signed in."""
CHILD = "isla"
COMMANDS = {"/first/{command}": "record-account"}
VARIANTS = (
    Place("not-found", "", "/nowhere"),
    Place("chronology-everything", "social-worker", "/children/{kai}/chronology?detail=everything", "kai"),
    Place("chronology-known", "social-worker", "/children/{isla}/chronology?knownAt=2026-10-09", "isla"),
    Place("chronology-nothing", "social-worker", "/children/{isla}/chronology?to=2001-01-01", "isla"),
    Place("record-meeting", "social-worker", "/children/{isla}/record/hold-strategy-meeting", "isla"),
    Place("mash-question", "mash-coordinator", "/access/waiting/{told}"),
    Place("flags-coordinator", "mash-coordinator", "/children/{kai}/flags", "kai"),
    Place("find-nothing", "operator", "/children/find"),
    Place("desk-settled", "caldicott-guardian", "/access?settled=yes"),
    Place("request", "caldicott-guardian", "/access/waiting/{asked}"),
    Place("closed", "caldicott-guardian", "/access/closed/{kai}"),
    Place("desk-own", "named-doctor", "/access"),
    Place("question-not-yours", "operator", "/identity/{question}"),
    Place("chronology-police", "police-officer", "/children/{kai}/chronology?routine=each", "kai"),
)


def pages_of(app):
    """The paths of every page the app has."""
    paths = {r.path for r in routes_of(app.routes) if "GET" in r.methods}
    return sorted(p for p in paths if p not in NO_PAGES and not p.startswith(FOR_PROGRAMS))


def owned(site):
    """Each page with the first role that is shown it; '?' for a page that nobody is shown."""
    found, waiting = [], pages_of(site.app)
    for role in ROLES:
        with httpx.Client(
            base_url=site.address, headers={"sec-fetch-site": "same-origin"}, timeout=60
        ) as asking:
            if role:
                asking.post("/sign-in", data={"role": role})
                asking.post(
                    f"/children/{site.children[CHILD]}/open", data={"purpose": PURPOSES.get(role, "")}
                )
            for path in list(waiting):
                where = address(site, path)
                answer = asking.get(where)
                if answer.status_code == httpx.codes.OK and "html" in answer.headers["content-type"]:
                    waiting.remove(path)
                    opened = CHILD if path.startswith("/children/{child}/") and role else ""
                    found.append(Place(name_of(path), role, where, opened))
    return [*found, *(Place(name_of(path), "?", path) for path in waiting)]


def address(site, path):
    """The address of a page, with what the demonstration has for its parts."""
    command = COMMANDS.get(path, "record-account")
    return path.format(child=site.children[CHILD], command=command, **site.parts)


def name_of(path):
    """A page's name: its path without what stands for a child."""
    return path.strip("/").replace("children/{child}", "child").translate(str.maketrans("/", "-", "{}"))
