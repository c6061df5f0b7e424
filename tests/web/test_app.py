"""The app as a whole: what every route declares and every answer carries; who is refused before any route."""

import ast
import inspect
import logging

import pytest
from fastapi import APIRouter

from hub.web.app import create_app
from hub.web.asking import Question, Undeclared, check_declared, routes_of
from hub.web.guard import LARGEST
from tests.web.conftest import NHS, Asking

ENTRY_ACTS = ("dispute", "settle", "restrict", "keep-restriction", "lift-restriction")
FLAG_ACTS = ("acknowledge", "own", "review", "disagree", "renew", "release", "take-back")
OF_ACCESS = ("break-glass", "ask", "{item}/give", "{item}/review", "{item}/answer")
RESTRICTIONS = "/v1/children/{child}/restrictions"
LET_IN = "/v1/children/{child}/let-in"
ACCESS_ACTS = (
    *(f"/v1/access/{act}" for act in OF_ACCESS),
    f"{RESTRICTIONS}/close",
    f"{RESTRICTIONS}/{{restriction}}/lift",
    *(f"{LET_IN}/{act}" for act in ("agencies", "meetings", "other-child")),
    *(f"{LET_IN}/{act}/end" for act in ("agencies/{agency}", "meetings/{meeting}", "other-child")),
)
ACCESS_READS = (
    *(f"/v1/access/{read}" for read in ("mine", "reviews", "requests", "{item}/brief")),
    RESTRICTIONS,
    LET_IN,
)
PAGE = {"purpose": "section-47", "system": "nhs-number", "value": "9449305552"}


def test_every_route_declares_which_policy_question_it_asks(served, counted):
    declared = {(route.path, *sorted(route.methods)): route.asks for route in routes_of(served.app.routes)}
    of_children = {at[0]: q for at, q in declared.items() if q is not Question.NOTHING}

    counted(12, "routes that declare their policy question", len(declared))
    assert None not in declared.values()
    assert {
        "/v1/children/search": Question.FIND,
        "/v1/children/{child}/chronology": Question.CHRONOLOGY,
        "/v1/children/{child}/flags": Question.FLAGS,
        "/v1/children/{child}/due": Question.DUE,
        "/v1/children/{child}/incidents": Question.INCIDENTS,
        "/v1/children/{child}/beside-flags": Question.BESIDE,
        **{f"/v1/children/{{child}}/incidents/{{proposal}}/{act}": Question.ACT for act in ("one", "two")},
        "/children/{child}/incidents": Question.INCIDENTS,
        "/children/{child}/incidents/{proposal}": Question.ACT,
        **{f"/v1/children/{{child}}/entries/{{entry}}/{act}": Question.ACT for act in ENTRY_ACTS},
        "/children/{child}/entries/{entry}": Question.ACT,
        "/children/{child}/entries/{entry}/close": Question.ACT,
        "/v1/children/{child}/history": Question.HISTORY,
        "/v1/children/{child}/acts/{command}": Question.ACT,
        **{f"/v1/children/{{child}}/flags/{{flag}}/{act}": Question.ACT for act in FLAG_ACTS},
        "/v1/children/{child}/no-longer-true": Question.HISTORY,
        "/v1/acts/{command}": Question.ACT,
        "/v1/worklist": Question.DUE,
        **dict.fromkeys(ACCESS_ACTS, Question.ACT),
        **dict.fromkeys(ACCESS_READS, Question.ACCESS),
        "/access": Question.ACCESS,
        "/access/break-glass": Question.ACT,
        "/access/ask": Question.ACT,
        "/access/waiting/{item}": Question.ACCESS,
        "/access/closed/{child}": Question.ACT,
        "/access/closed/{child}/{restriction}/lift": Question.ACT,
        "/access/let-in/{child}": Question.ACT,
        **{
            f"/access/let-in/{{child}}/{end}/end": Question.ACT
            for end in ("{agency}", "meeting/{meeting}", "other-child/name")
        },
        **{f"/access/waiting/{{item}}/{act}": Question.ACT for act in ("review", "give", "answer", "tell")},
        "/access/told/{told}": Question.ACCESS,
        "/children/{child}/ask-the-mash": Question.ACT,
        "/v1/children/{child}/ask-the-mash": Question.ACT,
        "/v1/access/questions": Question.ACCESS,
        "/v1/access/{item}/tell": Question.ACT,
        "/v1/access/{item}/told": Question.ACCESS,
        "/children/find": Question.FIND,
        "/first/{command}": Question.ACT,
        "/worklist": Question.DUE,
        "/children/{child}/chronology": Question.CHRONOLOGY,
        "/children/{child}/changes": Question.CHANGES,
        "/children/{child}/flags": Question.FLAGS,
        "/children/{child}/flags/{flag}": Question.ACT,
        "/children/{child}/protocol": Question.DUE,
        "/children/{child}/pack/print": Question.CHRONOLOGY,
        "/children/{child}/pack/pdf": Question.CHRONOLOGY,
        "/children/{child}/record/{command}": Question.ACT,
        "/identity/{question}": Question.ACT,
        "/quarantine/{number}": Question.ACT,
        "/subject-access": Question.SUBJECT_ACCESS,
        "/subject-access/{request}": Question.SUBJECT_ACCESS,
        "/prosecution": Question.PROSECUTION,
        "/prosecution/{export}": Question.PROSECUTION,
        **{f"/prosecution/{{export}}/{act}": Question.PROSECUTION for act in ("again", "settle", "download")},
        "/v1/subject-access": Question.SUBJECT_ACCESS,
        "/v1/subject-access/prepare": Question.SUBJECT_ACCESS,
        **dict.fromkeys(
            (f"/subject-access/{{request}}/{act}" for act in ("again", "settle", "download", "answered")),
            Question.SUBJECT_ACCESS,
        ),
        **dict.fromkeys(
            (f"/v1/subject-access/{{request}}/{act}" for act in ("read", "approve", "refuse", "answered")),
            Question.SUBJECT_ACCESS,
        ),
        "/audit/story": Question.HISTORY,
        "/audit/who-saw": Question.WHO_SAW,
        "/audit/seen-by": Question.SEEN_BY,
        "/audit/shown": Question.SHOWN,
        "/audit/unusual": Question.UNUSUAL,
        "/v1/children/{child}/who-saw": Question.WHO_SAW,
        "/v1/children/{child}/shown": Question.SHOWN,
        "/v1/audit/seen-by": Question.SEEN_BY,
        "/v1/audit/unusual": Question.UNUSUAL,
    } == of_children


def test_what_a_route_declares_to_ask_nothing_never_opens_the_hub_for_a_child(served):
    for route in routes_of(served.app.routes):
        if route.asks is Question.NOTHING:
            names = {
                n.attr
                for n in ast.walk(ast.parse(inspect.getsource(route.endpoint)))
                if isinstance(n, ast.Attribute)
            }
            assert not names & {"share", "chronology", "child", "person", "history"}, route.path


def test_a_route_that_declares_nothing_keeps_the_app_from_starting():
    router = APIRouter()
    router.get("/peek")(lambda: None)

    with pytest.raises(Undeclared, match="/peek"):
        check_declared(router.routes)


@pytest.mark.parametrize(
    ("path", "json", "child", "role", "question"),
    [
        ("/v1/children/search", {"purpose": "section-47", "identifier": NHS}, None, "social-worker", "find"),
        (
            "/v1/children/{ann}/chronology",
            {"purpose": "section-47"},
            "ann",
            "social-worker",
            "chronology",
        ),
        ("/v1/children/{ann}/flags", {"purpose": "section-47"}, "ann", "social-worker", "flags"),
        ("/v1/children/{ann}/due", {"purpose": "section-47"}, "ann", "social-worker", "due"),
        (
            "/v1/children/{ann}/beside-flags",
            {"purpose": "section-47"},
            "ann",
            "social-worker",
            "beside-flags",
        ),
        ("/v1/children/{ann}/history", {"purpose": "audit"}, "ann", "auditor", "history"),
    ],
)
def test_what_a_route_declares_is_what_the_disclosure_records(served, path, json, child, role, question):
    before = len(served.disclosures(served.ann))
    answer = served.program(role).post(path.format(ann=served.ann), json=json)
    recorded = served.disclosures(served.ann)[before:]

    assert 200 == answer.status_code
    assert [(question, f"demo-{role}", json["purpose"])] == [
        (d.question, d.reader.person, d.purpose) for d in recorded
    ]


def test_nothing_is_shown_when_recording_it_fails(served, caplog):
    program, browser = served.program("social-worker"), served.browser("social-worker")
    auditor = served.program("auditor")
    browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
    read_only(served.hub, on=True)
    try:
        answers = [
            program.post(f"/v1/children/{served.ann}/chronology", json={"purpose": "section-47"}),
            program.post("/v1/children/search", json={"purpose": "section-47", "identifier": NHS}),
            auditor.post(f"/v1/children/{served.ann}/history", json={"purpose": "audit"}),
            browser.get(f"/children/{served.ann}/chronology"),
            browser.post("/children/find", data=PAGE),
        ]
    finally:
        read_only(served.hub, on=False)

    assert {503} == {a.status_code for a in answers}
    assert [] == [a.text for a in answers if "Marsh" in a.text or "canary" in a.text or "m1" in a.text]


def read_only(hub, *, on):
    """Let the archive's connections refuse to write, as a full disk would."""
    datastore = hub.records.archive.rows.datastore
    with datastore.transaction(commit=False) as cursor:
        cursor.execute(f"PRAGMA query_only={'ON' if on else 'OFF'}")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/v1/nowhere", "/health/live"])
def test_every_answer_carries_the_security_headers(served, path):
    headers = Asking(served.app).get(path).headers

    assert headers["content-security-policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "no-store" == headers["cache-control"]
    assert "nosniff" == headers["x-content-type-options"]
    assert "no-referrer" == headers["referrer-policy"]
    assert "same-origin" == headers["cross-origin-opener-policy"]


@pytest.mark.parametrize(
    ("headers", "page", "api"),
    [
        ({"sec-fetch-site": "same-origin"}, 303, 200),
        ({"sec-fetch-site": "cross-site"}, 403, 403),
        ({"sec-fetch-site": "same-site"}, 403, 403),
        ({"sec-fetch-site": "none"}, 403, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, 403, 403),
        ({"origin": "http://127.0.0.1:8000"}, 303, 200),
        ({"origin": "http://127.0.0.1:9000"}, 403, 403),
        ({"origin": "https://evil.example"}, 403, 403),
        ({"origin": "null"}, 403, 403),
        ({}, 403, 200),
    ],
)
def test_unsafe_requests_from_elsewhere_are_refused(served, headers, page, api):
    role = {"role": "school-lead"}

    assert page == Asking(served.app, **headers).post("/sign-in", data=role).status_code
    assert api == Asking(served.app, **headers).post("/v1/demo/sign-in", json=role).status_code


def test_a_session_of_the_pages_is_no_session_of_the_api(served):
    browser = served.browser("social-worker")

    assert (
        401
        == browser.post("/v1/children/search", json={"purpose": "section-47", "identifier": NHS}).status_code
    )


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1"])
def test_a_demonstration_answers_to_this_machines_names_only(served, host):
    assert 421 == Asking(served.app, host=host).get("/sign-in").status_code


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_this_machines_names_are_answered(served, host):
    assert 200 == Asking(served.app, host=host).get("/sign-in").status_code


def test_more_than_any_question_needs_is_not_read(served):
    program = served.program("social-worker")
    long = b'{"purpose": "' + b"x" * LARGEST + b'"}'

    async def in_pieces():
        for at in range(0, len(long), 1000):
            yield long[at : at + 1000]

    path = f"/v1/children/{served.ann}/chronology"
    assert 413 == program.post(path, content=long).status_code
    assert 413 == program.post(path, content=in_pieces()).status_code


@pytest.mark.parametrize(
    ("path", "kind"), [("/nowhere", "text/html"), ("/v1/nowhere", "application/problem+json")]
)
def test_what_is_not_there_is_told_as_a_page_or_as_json(served, path, kind):
    answer = Asking(served.app).get(path)

    assert 404 == answer.status_code
    assert answer.headers["content-type"].startswith(kind)
    assert "Not found" in answer.text


def test_an_unexpected_error_shows_and_logs_none_of_its_words(served, caplog):
    app = create_app(served.hub)

    @app.get("/v1/fails")
    def fails():
        raise RuntimeError("9449305552 Ann Marsh")

    with caplog.at_level(logging.DEBUG):
        answer = Asking(app).get("/v1/fails")

    assert 500 == answer.status_code
    assert {"type": "about:blank", "title": "The hub could not do this", "status": 500} == answer.json()
    assert "RuntimeError at " in caplog.text
    assert "9449305552" not in caplog.text


def test_the_processs_health_is_told_without_a_session(served):
    assert {"status": "live"} == Asking(served.app).get("/health/live").json()
    assert {"status": "ready"} == Asking(served.app).get("/health/ready").json()


def test_a_hub_whose_archive_cannot_be_read_is_live_but_not_ready(folder):
    with folder.desk.open() as hub:
        app = create_app(hub)
    answer = Asking(app).get("/health/ready")

    assert 200 == Asking(app).get("/health/live").status_code
    assert 503 == answer.status_code
    assert "the archive cannot be read" == answer.json()["detail"]
