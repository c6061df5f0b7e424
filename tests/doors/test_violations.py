"""What browsers refuse on the hub's pages is reported to the hub, and logged by rule and page alone."""

import json
import logging

import pytest

from hub.web.guard import HEADERS
from tests.web.conftest import HOST, Asking

DIRECTIVE = "effective-directive"
CHILD = "3f3c0a52-0000-4000-8000-0000000000aa"


def old(**said):
    about = {"document-uri": f"{HOST}/children/{CHILD}/flags?purpose=canary", "blocked-uri": "inline"}
    return {"csp-report": {**about, "effective-directive": "script-src-elem", **said}}


def new(**said):
    body = {"documentURL": f"{HOST}/find", "blockedURL": "https://canary.invalid/x.js", **said}
    return [{"type": "csp-violation", "body": {"effectiveDirective": "img-src", **body}}]


def report(app, body, **headers):
    kind = {"content-type": "application/csp-report", "sec-fetch-site": "same-origin", **headers}
    return Asking(app).post(
        "/violations", content=body if isinstance(body, bytes) else json.dumps(body), headers=kind
    )


@pytest.fixture
def app(served):
    """The app, with buckets that nobody has taken from."""
    served.app.state.allowance._reports._held.clear()
    return served.app


def test_every_answers_policy_says_where_to_report():
    assert HEADERS["Content-Security-Policy"].endswith("; report-uri /violations")


@pytest.mark.parametrize(
    ("body", "logged"),
    [
        (old(), "script-src-elem refused inline on /children/{child}/flags"),
        (
            old(**{"effective-directive": "script-src 'self' canary"}),
            "script-src refused inline on /children/{child}/flags",
        ),
        (
            old(**{"effective-directive": "canary", "blocked-uri": "canary"}),
            "another refused elsewhere on /children/{child}/flags",
        ),
        (old(**{"document-uri": "http://[canary"}), "script-src-elem refused inline on another"),
        (old(**{"document-uri": 3, "blocked-uri": None}), "script-src-elem refused elsewhere on another"),
        (new(), "img-src refused elsewhere on another"),
        (new(documentURL=f"{HOST}/children/find"), "img-src refused elsewhere on /children/find"),
    ],
)
def test_a_report_is_logged_by_rule_and_page_and_no_word_of_it(app, caplog, body, logged):
    with caplog.at_level(logging.WARNING, "hub.web"):
        answer = report(app, body)

    assert (204, b"") == (answer.status_code, answer.content)
    assert [f"content-policy: {logged}"] == [record.getMessage() for record in caplog.records]
    for secret in ("canary", CHILD):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b'{"csp-report": 3}', b'[{"type": "canary"}, 4]', b"\xff", b"[" * 60_000]
)
def test_what_is_no_report_is_refused_and_not_echoed(app, caplog, body):
    answer = report(app, body)

    assert 422 == answer.status_code
    assert b"canary" not in answer.content
    assert "content-policy" not in caplog.text


def test_an_address_reports_so_often_and_a_request_so_much_and_nobody_from_elsewhere(app, caplog):
    with caplog.at_level(logging.WARNING, "hub.web"):
        first = report(app, new() * 100)
        answers = [report(app, old()).status_code for _ in range(20)]
    elsewhere = report(app, old(), **{"sec-fetch-site": "cross-site"})

    assert (204, 204, 429, 403) == (first.status_code, answers[0], answers[-1], elsewhere.status_code)
    assert 20 + 19 == caplog.text.count("content-policy: ")
