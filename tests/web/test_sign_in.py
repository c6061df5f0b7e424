"""The demonstration's sign-in, its sessions, and what may be served where."""

import dataclasses
import os
import signal
import subprocess
import sys
import urllib.request

import anyio
import httpx
import pytest

from hub import compose
from hub.domain.child import By
from hub.errors import Unavailable, WrongKind
from hub.identity.providers import DEMO_ISSUER
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.demo_sign_in import DemoSignIn, only_a_demonstration
from hub.web.served import Window
from hub.web.serving import listening, serve
from hub.web.sessions import AT_MOST, IDLE, LONGEST, NotSignedIn, SessionEnded, Sessions
from hub.web.vouching import standing
from tests.web.conftest import HOST, Asking
from tests.web.test_api import chronology

BY = By("demo-school-lead", "school-lead", "schools")


class Ticking:
    """A clock that is put forward by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def live(tmp_path):
    settings = Settings(data=tmp_path / "live", port=0)
    compose.found(settings, demo=False)
    with compose.open_hub(settings) as hub:
        yield hub


def test_there_is_one_practitioner_for_each_role_of_the_policy(served):
    page = Asking(served.app).get("/sign-in").text

    assert all(f'value="{role}"' in page for role in served.hub.policy.roles)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites_and_tells_nothing(served):
    answer = Asking(served.app, **{"sec-fetch-site": "same-origin"}).post(
        "/sign-in", data={"role": "auditor"}
    )
    cookie = answer.headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "auditor" not in cookie
    assert "Max-Age" not in cookie


def test_signing_out_ends_the_session_itself(served):
    browser = served.browser("school-lead")
    kept = dict(browser.cookies)
    browser.post("/sign-out")
    again = Asking(
        served.app, **{"sec-fetch-site": "same-origin", "cookie": f"hub-session={kept['hub-session']}"}
    )

    assert (303, "/sign-in") == (
        again.get("/children/find").status_code,
        again.get("/children/find").headers["location"],
    )


@pytest.mark.parametrize("path", ["/children/find", "/children/{ann}/open", "/audit/story"])
def test_without_a_session_pages_lead_to_sign_in_and_show_nothing(served, path):
    browser = served.browser()
    answer = browser.post(path.format(ann=served.ann), data={"purpose": "section-47"})

    assert (303, "/sign-in") == (answer.status_code, answer.headers["location"])
    assert b"" == answer.content


@pytest.mark.parametrize("role", ["perpetual-motion", "", "x" * 1000])
def test_a_role_that_the_policy_does_not_have_cannot_be_taken(served, role):
    page = served.browser().post("/sign-in", data={"role": role})
    program = Asking(served.app).post("/v1/demo/sign-in", json={"role": role})

    assert (422, 422) == (page.status_code, program.status_code)
    assert not role or role not in page.text + program.text


def test_a_session_ends_when_idle_or_long_enough_whichever_is_first():
    clock = Ticking()
    sessions = Sessions(clock, iter("ab").__next__)
    sessions.start(BY, DEMO_ISSUER)
    clock.now += IDLE
    assert BY == sessions.of("a").by
    clock.now += IDLE + 1
    with pytest.raises(SessionEnded):
        sessions.of("a")

    sessions.start(BY, DEMO_ISSUER)
    for _ in range(int(LONGEST // IDLE)):
        clock.now += IDLE
        assert BY == sessions.of("b").by
    clock.now += 1
    with pytest.raises(SessionEnded):
        sessions.of("b")


def test_a_session_of_another_issuer_is_none():
    sessions = Sessions(Ticking(), lambda: "id")
    sessions.start(BY, "https://idp.example")

    with pytest.raises(NotSignedIn):
        standing("id", sessions, DemoSignIn().still)


def test_sessions_are_bounded_and_the_longest_unused_goes_first():
    ids = iter(map(str, range(AT_MOST + 1)))
    sessions = Sessions(Ticking(), ids.__next__)
    for number in range(AT_MOST):
        sessions.start(BY, DEMO_ISSUER)
        assert BY == sessions.of("0").by, number
    sessions.start(BY, DEMO_ISSUER)

    assert BY == sessions.of("0").by
    with pytest.raises(NotSignedIn):
        sessions.of("1")


def test_the_session_of_one_process_is_none_of_another(served):
    session = served.program("social-worker").headers
    other = Asking(create_app(served.hub), **session)

    assert (
        401 == other.post(f"/v1/children/{served.ann}/chronology", json={"purpose": "section-47"}).status_code
    )


def test_the_demonstrations_sign_in_refuses_a_live_store(live):
    with pytest.raises(WrongKind):
        only_a_demonstration(Window(live))


def test_a_live_hub_is_not_served_where_nobody_could_sign_in(live):
    named = dataclasses.replace(
        live, settings=live.settings.model_copy(update={"public_url": "https://hub.example"})
    )
    for refuses in (create_app, serve):
        with pytest.raises(Unavailable, match="set public_url"):
            refuses(live)
        with pytest.raises(Unavailable, match=r"providers.toml names no providers"):
            refuses(named)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "hub.example", ""])
def test_a_demonstration_is_served_to_this_machine_only(served, host):
    elsewhere = dataclasses.replace(
        served.hub, settings=served.hub.settings.model_copy(update={"host": host})
    )

    with pytest.raises(WrongKind, match="this machine only"):
        serve(elsewhere)


def test_a_port_that_is_taken_is_said_in_one_line(served):
    free = dataclasses.replace(served.hub, settings=served.hub.settings.model_copy(update={"port": 0}))
    with listening(free) as taken:
        port = taken.getsockname()[1]
        settings = served.hub.settings.model_copy(update={"port": port})

        with pytest.raises(Unavailable, match=f"cannot listen on 127.0.0.1 port {port}"):
            listening(dataclasses.replace(served.hub, settings=settings))


SERVE = """
import sys
from pathlib import Path
from hub import compose, settings
from hub.web.serving import serve
with compose.open_hub(settings.load(Path(sys.argv[1]), {"HUB_PORT": "0"})) as hub:
    serve(hub)
"""


@pytest.mark.slow
def test_serving_tells_its_address_answers_and_ends_quietly(tmp_path):
    compose.found(Settings(data=tmp_path / "data"), demo=True)
    served = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path / "data")], stderr=subprocess.PIPE, text=True
    )
    try:
        said = served.stderr.readline()
        address = said.split()[2]
        with urllib.request.urlopen(f"{address}health/ready") as answer:
            body, headers = answer.read(), answer.headers
    finally:
        os.kill(served.pid, signal.SIGINT)
        rest = served.communicate(timeout=60)[1]

    assert b'{"status":"ready"}' == body
    assert "server" not in headers
    assert (0, "") == (served.returncode, rest)


def test_questions_asked_at_once_are_answered_one_by_one_and_each_is_recorded(served):
    program = served.program("social-worker")
    before, answers = len(served.disclosures(served.ann)), []

    async def ask(client):
        path = f"/v1/children/{served.ann}/chronology"
        answers.append(await client.post(path, json={"purpose": "section-47"}))

    async def ask_all():
        transport = httpx.ASGITransport(served.app)
        client = httpx.AsyncClient(transport=transport, base_url=HOST, headers=program.headers)
        async with client, anyio.create_task_group() as group:
            for _ in range(60):
                group.start_soon(ask, client)

    anyio.run(ask_all)

    assert [200] * 60 == [a.status_code for a in answers]
    assert 60 == len(served.disclosures(served.ann)) - before
    assert 200 == chronology(served, "social-worker").status_code
