"""Canaries through the doors: every role at every route the app has, and no word that is not theirs.

The routes are read from the app itself: one that is added is asked by itself, and a test fails that names it
where it cannot be asked with what stands here.
"""

import io
import logging
import os
from collections import Counter, defaultdict
from functools import cache, cached_property
from uuid import UUID, uuid4

import pytest
from prometheus_client import generate_latest

from hub.domain.access_desk import Waits
from hub.domain.child import By, allocate
from hub.errors import HubError
from hub.intake.questions import questions
from hub.observing.windows import WindowMeasures
from hub.sharing.look import Reader
from hub.web import live
from hub.web.app import create_app
from hub.web.asking import Question, routes_of
from hub.web.problems import for_programs
from schemas.catalogue import EVENT_TYPES
from tests.canaries import WHEN, WORD, canaries, planted, readable_words
from tests.casework.acting import HARMED
from tests.casework.examples import TOLD
from tests.events import ANN, BEN, missing
from tests.hubs import Desk, take_all
from tests.web.conftest import Asking

EVERY_PURPOSE = "HUB_EVERY_PURPOSE" in os.environ
"""By default each role asks for the purpose by which it reads most; with this, for each of its purposes."""
ECHO = "zq99999qz"
"""A word that is sent and is in no record."""
BOTH = {**ANN, "identifiers": (*ANN["identifiers"], *BEN["identifiers"])}
"""With both numbers it is asked which of the two is meant."""
REST = {"provenance": "told-by-child", "part": HARMED}
DRAWN_TWICE = {"/children/{child}/pack/pdf"}
"""Drawn from the very text of /pack/print, by a process of its own that takes a second."""
BEGINS = {"/v1/acts/{command}", "/v1/access/break-glass", "/access/break-glass"}
"""Lets who asks see the child: asked for the one child with whom all work already."""
WAITS = {"/worklist", "/v1/worklist"}
"""Name every child that waits for who asks, whichever child they have open."""
ENDS = {"/sessions/end", "/sessions/end-others", "/sign-out"}
NOT_ASKED_WELL = {
    "/violations": "takes what browsers say, in their own form: test_violations.py",
    "/v1/calendar/{token}.ics": "its address is a secret that is shown once",
    "/told/{telling}": "nothing was told in this hub",
    "/static/{digest}/{name}": "holds nothing of any child",
    **dict.fromkeys(
        (
            "/subject-access/{request}",
            *(f"/subject-access/{{request}}/{act}" for act in ("again", "settle", "download", "answered")),
            "/prosecution/{export}",
            *(f"/prosecution/{{export}}/{act}" for act in ("again", "settle", "download")),
            *(f"/v1/subject-access/{{request}}/{act}" for act in ("read", "approve", "refuse", "answered")),
        ),
        "shows all of a record, to who hands it out: tests/web/test_subject_access_pages.py, "
        "test_prosecution_pages.py",
    ),
    **dict.fromkeys(
        (
            "/access/told/{told}",
            "/v1/access/{item}/told",
            "/access/waiting/{item}/tell",
            "/v1/access/{item}/tell",
        ),
        "for one's own question to the MASH, and its answer: tests/web/test_mash.py",
    ),
    **dict.fromkeys(
        (
            "/v1/access/break-glass",
            "/v1/access/{item}/give",
            "/v1/access/{item}/review",
            "/v1/children/{child}/entries/{entry}/keep-restriction",
            "/v1/children/{child}/entries/{entry}/lift-restriction",
            "/v1/children/{child}/entries/{entry}/restrict",
            "/v1/children/{child}/restrictions/close",
            "/v1/children/{child}/restrictions/{restriction}/lift",
            "/v1/children/{child}/let-in/agencies",
            "/v1/children/{child}/let-in/agencies/{agency}/end",
            "/v1/children/{child}/let-in/meetings",
            "/v1/children/{child}/let-in/meetings/{meeting}/end",
            "/v1/children/{child}/let-in/other-child",
            "/v1/children/{child}/let-in/other-child/end",
            "/access/closed/{child}/{restriction}/lift",
            "/access/let-in/{child}/{agency}/end",
            "/access/let-in/{child}/meeting/{meeting}/end",
            "/access/let-in/{child}/other-child/name/end",
            "/access/waiting/{item}/give",
            "/access/waiting/{item}/review",
        ),
        "opens or closes what the words are looked for in: tests/web/test_gates_api.py, "
        "test_access_pages.py, test_letting_in_api.py, test_letting_in_pages.py, test_entries.py",
    ),
}
"""Routes that answer 404 here, and why."""


@cache
def bens():
    """Of another child the police alone said something: no other agency works with him."""
    return list(planted(BEN, [t for t in EVENT_TYPES if t.__name__ == "MissingEpisode"], after=90_000))


class Sown:
    """A hub that took every planted event in, its window, and what was logged and counted meanwhile."""

    def __init__(self, folder):
        self.desk, self.document, self.words = Desk(folder), {}, {}
        self.desk.publish(*(event for event, _ in canaries() + bens()))
        with self.desk.open(at=WHEN) as hub:
            take_all(hub)
            ben, *_, self.ann = sorted(
                hub.records.children(), key=lambda c: len(hub.records.child(c).entries)
            )
            self.ben = ben
            for role, row in hub.policy.roles.items():
                by = By(f"demo-{role}", role, row.agency.value)
                hub.records.act(self.ann, lambda c, by=by: allocate(c, by, None, by))
            self.question, self.held = self.puzzled(hub)
            for follower in hub.followers:
                follower.catch_up()
            officer = Reader(By("demo-police-officer", "police-officer", "police"), "section-47")
            hub.share.chronology(officer, self.ann)
            self.shown = {self.ben: 1, self.ann: hub.records.child(self.ann).version}
            hub.ledger.catch_up()

    def puzzled(self, hub):
        """A question of identity about Ann, and a delivery that cannot be taken: the ids of both."""
        (good,) = self.desk.messages(missing("which", who=BOTH))
        self.desk.send(good, good._replace(value=b"not what was signed"))
        take_all(hub)
        (asked,) = questions(hub.records)
        (held,) = hub.records.archive.rows.quarantined()
        return asked.id, held.id

    def wants(self, path):
        """The names that the API's document has for a body at a path."""
        document = Asking(self.app).get("/v1/openapi.json").json() if not self.document else self.document
        self.document = document
        asked = next(iter(document["paths"].get(path, {}).values()), {}).get("requestBody")
        if asked is None:
            return ()
        schema = asked["content"]["application/json"]["schema"]
        named = schema.get("$ref", "").rpartition("/")[2]
        return document["components"]["schemas"].get(named, schema).get("properties", {})

    def allowed(self, role, purpose, child):
        """The words of a child that a role may read: worked out once."""
        at = role, purpose, child
        if at not in self.words:
            known = child == self.ann or self.hub.policy.roles[role].agency.value == "police"
            of = canaries() if child == self.ann else bens()
            self.words[at] = readable_words(self.hub.policy, role, purpose, of, related=known)
        return self.words[at]

    def routes(self):
        """Each method of each route, reading before writing, what ends sessions last."""
        found = [(m, r.path, r.asks) for r in routes_of(self.app.routes) for m in sorted(r.methods)]
        return sorted(found, key=lambda at: (at[1] in ENDS, at[1] == "/sign-out", at[0] != "GET"))


@pytest.fixture(scope="module")
def sown(tmp_path_factory):
    sown = Sown(tmp_path_factory.mktemp("routes") / "data")
    root, sown.log = logging.getLogger(), io.StringIO()
    handler, level = logging.StreamHandler(sown.log), root.level
    handler.addFilter(lambda record: record.name.partition(".")[0] not in ("httpx", "httpcore", "asyncio"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patch, sown.desk.open(at=WHEN) as sown.hub:
        patch.setattr(live, "IDLE", 0.02)
        patch.setattr(live, "EVERY", 0.01)
        sown.measures = WindowMeasures()
        sown.app = create_app(sown.hub, watching=sown.measures)
        yield sown
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
def found(sown):
    """What every role was answered at every route: the words in it, and the statuses by route."""
    answers, statuses = [], defaultdict(Counter)
    for role, row in sown.hub.policy.roles.items():
        # With the other child only the police work: of him the first role of each other agency is asked.
        first = next(name for name, each in sown.hub.policy.roles.items() if each.agency is row.agency)
        of_ben = role == first or row.agency == "police" or row.coordinates
        for purpose in purposes_of(sown.hub.policy, role):
            for child in (sown.ben, sown.ann) if of_ben else (sown.ann,):
                for method, path, answer in Caller(sown, role, purpose, child).everything():
                    statuses[method, path][answer.status_code] += 1
                    answers.append((role, purpose, child, method, path, words_in(answer)))
    return answers, statuses


class Caller:
    """One practitioner who asks for one child and purpose, by pages and by programs."""

    def __init__(self, sown, role, purpose, child):
        self.sown, self.role, self.purpose, self.child = sown, role, purpose, child
        self.browser = Asking(sown.app, **{"sec-fetch-site": "same-origin"})
        self.browser.post("/sign-in", data={"role": role})
        answer = Asking(sown.app).post("/v1/demo/sign-in", json={"role": role})
        self.program = Asking(sown.app, authorization=f"Bearer {answer.json()['data']['session']}")
        self.number = dict((ANN if child == sown.ann else BEN)["identifiers"][0])
        self.flag = UUID(int=1)
        for flag in sown.hub.drawn.flags(child):
            self.flag = flag.id

    def everything(self):
        """Every route, asked as well as it can be."""
        self.browser.post(f"/children/{self.child}/open", data={"purpose": self.purpose})
        for method, path, asks in self.sown.routes():
            # Beside the child the whole house is asked once; of the other child only what asks for a child.
            of_ben = self.child == self.sown.ben and (asks is Question.NOTHING or path in BEGINS)
            if path in DRAWN_TWICE or of_ben:
                continue
            yield method, path, self.ask(method, path)

    def ask(self, method, path, **more):
        """One route; what it is sent holds a word that must never come back in a header, nor be logged."""
        where = path.format_map(self.named(path))
        if not for_programs(path):
            sent = {"data": self.form(path)} if method == "POST" else {"params": {"q": ECHO}}
            return self.browser(method, where, **{**sent, **more})
        sent = {"json": self.body(path)} if method in ("POST", "PUT", "PATCH") else {}
        return self.program(method, where, **{**sent, **more})

    def named(self, path):
        """What stands in addresses, by the names of parameters. What costs to find is found where asked."""
        asked = [self.proposed.pop(0)] if "{proposal}" in path and self.proposed else []
        waits = self.waiting() if "{item}" in path else []
        return {
            "child": self.child,
            "flag": self.flag,
            "proposal": next((one.id for one in asked), UUID(int=5)),
            "command": "record-account",
            "entry": self.entry() if "{entry}" in path else UUID(int=6),
            "question": self.sown.question if self.child == self.sown.ann else UUID(int=3),
            "number": self.sown.held,
            "token": ECHO,
            "telling": UUID(int=2),
            "request": UUID(int=7),
            "export": UUID(int=8),
            "item": next(iter(waits), UUID(int=3)),
            "told": UUID(int=6),
            "restriction": UUID(int=4),
            "meeting": UUID(int=8),
            "agency": ECHO,
            "digest": ECHO,
            "name": ECHO,
        }

    def entry(self):
        """An entry of the child that the caller's own agency made, as far as there is one."""
        agency = self.sown.hub.policy.roles[self.role].agency.value
        kept = [k.entry for k in self.sown.hub.records.child(self.child).entries.values()]
        return next((e.id for e in kept if e.agency == agency and not e.restricted), UUID(int=6))

    @cached_property
    def proposed(self):
        """What may be one incident of the child, for an address to name one, and a body its entries."""
        coordinator = Reader(By("mc", "mash-coordinator", "social-care"), "screening")
        try:
            return self.sown.hub.share.proposals(coordinator, self.child)
        except HubError:
            return []

    def waiting(self):
        """The requests that wait, for an address to name one."""
        lead = By("ig", "information-governance-lead", "social-care")
        return [each.item for each in self.sown.hub.gates.desk.waiting(lead, Waits.REQUEST)]

    def form(self, path):
        """All that the pages' forms may ask."""
        act = "one" if "{proposal}" in path else "dispute" if "{entry}" in path else "acknowledge"
        told = {"purpose": self.purpose, "child": str(self.child), "role": self.role, "act": act}
        told |= {"record": str(self.child), "asker": "child", "asked-on": "2026-11-01"}
        told |= {"draft-form": "/children/find#0", "draft-page": "/children/find"}
        told |= {"disclosure": f"{self.child}@{self.sown.shown[self.child]}", "person": "demo-police-officer"}
        return {**told, **self.number, "reason": f"because of {ECHO}", "grant": "no", "strand": "both"}

    def body(self, path):
        """What the API's document says is asked at this path, as far as it is known here."""
        known = {"purpose": self.purpose, "identifier": self.number, "role": self.role}
        known |= {"roles": ["school-lead"], "decision": "acted-on", "reason": f"because of {ECHO}"}
        known |= {"settled": True, "days": None, "words": f"I must know {ECHO}"}
        known |= (
            {"child": str(self.child), "asker": "child", "askedOn": "2026-11-01"} if "subject" in path else {}
        )
        known |= {"strand": "both"} if "/access/" in path else {}
        known |= {"version": self.sown.shown[self.child], "person": "demo-police-officer"}
        known |= {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
        known |= {"who": {"identifiers": [self.number]}}
        known |= {"says": {**TOLD, "words": f"He said {ECHO}.", "act": str(uuid4()), **REST}}
        wanted = self.sown.wants(path)
        if "others" in wanted:
            known |= {"others": [str(one.facts[0].entry) for one in self.proposed[:1]]}
        return {name: known[name] for name in wanted if name in known}


def words_in(answer):
    """Planted words anywhere in an answer: its body, or a header."""
    headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    return set(WORD.findall(answer.text)) | set(WORD.findall(headers))


def purposes_of(policy, role):
    """The purposes a role asks for here; one that it may not have, where it has none."""
    purposes = sorted(policy.roles[role].purposes) or ["section-47"]
    if EVERY_PURPOSE:
        return purposes
    return [max(purposes, key=lambda purpose: len(readable_words(policy, role, purpose, canaries())))]


def test_no_role_is_shown_a_word_at_any_route_that_is_not_its_own(sown, found, counted):
    counted(5, "words planted", sum(len(words) for _, words in canaries() + bens()))
    counted(5, "routes asked (methods of paths)", len({at[3:5] for at in found[0]}))
    counted(5, "answers looked through, of every role at every route", len(found[0]))
    wrong = defaultdict(set)
    for role, purpose, child, method, path, words in found[0]:
        children = (sown.ben, sown.ann) if path in WAITS else (child,)
        allowed = {ECHO}.union(*(sown.allowed(role, purpose, of) for of in children))
        for word in words - allowed:
            wrong[method, path].add((role, purpose, word))

    assert {} == wrong


def test_what_a_role_may_read_is_found_where_it_is_asked_for(sown, found):
    """So that the words can be found at all: the API shows each role all of its own."""
    chronology = "/v1/children/{child}/chronology"
    for role, purpose, child, _, path, words in found[0]:
        if path == chronology and child == sown.ann:
            assert sown.allowed(role, purpose, child) == words - {ECHO}, role


def test_every_route_was_asked_as_somebody_may_ask_it(found):
    """One that none could ask needs a word in this file: what its address or body wants."""
    asked = {path for (_, path), statuses in found[1].items() if any(status < 400 for status in statuses)}
    none = {path for _, path in found[1]} - asked

    assert set(NOT_ASKED_WELL) == none


def test_what_was_sent_is_in_no_header_no_log_and_no_figure_and_neither_is_a_word_of_a_record(sown, found):
    assert len(found[0]) > 500
    figures = generate_latest(sown.measures.registry).decode()

    assert [] == WORD.findall(sown.log.getvalue())
    assert [] == WORD.findall(figures)
    assert "record-account" not in figures
    assert not any(str(child) in sown.log.getvalue() + figures for child in (sown.ann, sown.ben))


@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"sec-fetch-site": "cross-site"}},
        {"headers": {"host": "evil.example"}},
        {"headers": {"cookie": "", "authorization": ""}},
        {"headers": {"content-length": "99999999"}},
        {"headers": {"accept": "text/plain", "range": "bytes=0-10", "if-none-match": "*"}},
        {"content": b"\xff{" + ECHO.encode(), "data": None, "json": None},
    ],
    ids=["elsewhere", "another host", "nobody", "too long", "odd headers", "not understood"],
)
def test_who_asks_wrongly_is_shown_no_word_at_any_route(sown, how):
    caller = Caller(sown, "social-worker", "section-47", sown.ann)
    refused = {"headers"} == set(how) and "accept" not in how["headers"]
    for method, path, _ in sown.routes():
        if path in DRAWN_TWICE:
            continue
        answer = caller.ask(method, path, **how)
        assert ECHO not in " ".join(answer.headers.values())
        if refused and method != "GET":
            assert words_in(answer) <= {ECHO}, path


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_no_route_answers_a_method_it_does_not_name_with_a_word(sown, method):
    caller = Caller(sown, "social-worker", "section-47", sown.ann)
    named = {(m, path) for m, path, _ in sown.routes()}
    for path in {path for _, path in named}:
        if (method, path) not in named:
            answer = caller.ask(method, path)
            assert (405, set()) == (answer.status_code, words_in(answer)), path
