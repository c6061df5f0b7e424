"""Sign-in with a provider that somebody else wrote: oidc-provider-mock, in a process of its own."""

import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest

from hub import compose
from hub.settings import Settings
from tests.identity.conftest import PUBLIC, Browser, Live, providers_file
from tests.identity.provider import IN_CLEAR


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def anothers():
    port = free_port()
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    issuer = f"http://localhost:{port}"
    try:
        for _ in range(1200):
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=60, verify=IN_CLEAR)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield issuer
    finally:
        running.terminate()
        running.wait(10)


class Anothers:
    def __init__(self, issuer):
        self.issuer = issuer


@pytest.mark.slow
def test_sign_in_works_with_a_provider_that_somebody_else_wrote(tmp_path, anothers):
    settings = Settings(data=tmp_path / "live", public_url=PUBLIC)
    compose.found(settings, demo=False)
    secret = tmp_path / "client-secret"
    secret.write_text("any will do there")
    secret.chmod(0o600)
    file = providers_file(settings.data, police=anothers)
    file.write_text(f'{file.read_text()}client_secret_file = "{secret}"\n')
    with compose.open_hub(settings) as hub:
        live = Live(hub, police=Anothers(anothers))
        live.grant("police", "police-officer", "ann")
        browser = Browser(live.app)
        away = browser.get("/sign-in/with/police").headers["location"]
        led = httpx.post(away, data={"sub": "ann"}, timeout=60, verify=IN_CLEAR).headers["location"]
        there = urlsplit(led)
        answer = browser.get(f"{there.path}?{there.query}")

        assert (303, "/") == (answer.status_code, answer.headers["location"])
        assert "Police officer" in browser.get("/children/find").text
