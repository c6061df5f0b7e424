"""Two agencies' providers, a live hub that trusts both, and a browser."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from hub import compose
from hub.domain.child import By
from hub.identity import command_line
from hub.identity.command_line import SignedIn
from hub.identity.practitioners import Practitioners
from hub.settings import Settings
from hub.sharing.policy import read
from hub.web.app import create_app
from tests.identity.provider import CLIENT, IN_CLEAR, running
from tests.web.conftest import Asking

PUBLIC = "https://hub.example"
ADMIN = By("ig-lead@local", "operator", "hub")


@pytest.fixture(scope="module")
def police():
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def social_care():
    with running() as provider:
        yield provider


@pytest.fixture(autouse=True)
def as_it_was(request):
    """Each test finds the providers honest."""
    yield
    for name in ("police", "social_care"):
        if name in request.fixturenames:
            provider = request.getfixturevalue(name)
            provider.spoil = lambda claims, header, of=provider: (claims, header, of.key)
            provider.who, provider.acr, provider.authenticated_at = "ann@example.invalid", None, None
            provider.answers, provider.client_secret, provider.client_key = {}, None, None


def providers_file(folder, **issuers):
    """A file that names a provider for each agency."""
    parts = [
        f'[[provider]]\nname = "{agency}"\ntitle = "{agency} account"\nagency = "{agency}"\n'
        f'issuer = "{issuer}"\nclient_id = "{CLIENT}"\n'
        for agency, issuer in issuers.items()
    ]
    path = folder / "providers.toml"
    path.write_text("\n".join(parts).replace("social_care", "social-care"))
    return path


class Ticking:
    """A clock that is put forward by hand."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Live:
    """A live hub, its app, and the providers it trusts."""

    def __init__(self, hub, **providers):
        self.hub, self.providers, self.clock = hub, providers, Ticking()
        self.people = Practitioners(hub.records, hub.policy)
        self.app = create_app(hub, monotonic=self.clock)

    def grant(self, agency, role, subject="ann@example.invalid", until=None):
        issuer = self.providers[agency.replace("-", "_")].issuer
        return self.people.grant(issuer, subject, role, agency, until, ADMIN, "works there")

    def browser(self):
        return Browser(self.app)


class Browser(Asking):
    """Follows a sign-in to the provider, which it really asks, and back."""

    base = PUBLIC

    def __init__(self, app):
        super().__init__(app, **{"sec-fetch-site": "same-origin"})

    def provider_says(self, begin):
        """Where the provider leads back to, once the hub has sent the browser there."""
        away = self.get(begin)
        assert 303 == away.status_code, away.text
        led = httpx.get(away.headers["location"], follow_redirects=False, timeout=60, verify=IN_CLEAR)
        return led.headers["location"]

    def sign_in(self, provider="police", begin=None):
        """The hub's answer to the browser that comes back."""
        there = urlsplit(self.provider_says(begin or f"/sign-in/with/{provider}"))
        return self.get(f"{there.path}?{there.query}", headers={"sec-fetch-site": "cross-site"})


@pytest.fixture
def live(tmp_path, police, social_care):
    settings = Settings(data=tmp_path / "live", public_url=PUBLIC)
    compose.found(settings, demo=False)
    providers_file(settings.data, police=police.issuer, social_care=social_care.issuer)
    with compose.open_hub(settings) as hub:
        yield Live(hub, police=police, social_care=social_care)


def adopt_without_officers(live):
    """Adopt the policy as it stands, with the police's officers called otherwise."""
    text, agreements = live.hub.policy.texts
    renamed = text.replace(b"police-officer", b"police-constable")
    live.hub.share.disclosures.adopt(read((renamed, agreements)), ADMIN)


def adopt_without(live, role):
    """Adopt the policy as it stands, with a role called otherwise wherever it is named."""
    text, agreements = live.hub.policy.texts
    live.hub.share.disclosures.adopt(
        read((text.replace(role.encode(), b"former-" + role.encode()), agreements)), ADMIN
    )


def sign_in(live, who, provider, ago=timedelta(0)):
    """Be this person at the command line from now on; they showed who they are a while ago."""
    now = datetime.now(UTC)
    session = SignedIn(who.id, provider, who.departures, now - ago, now, now)
    command_line.write(live.hub.settings.signed_in, session, live.hub.records.index)
    return session


@pytest.fixture
def lead(live):
    """An information-governance lead, who let herself be appointed and signed in a moment ago."""
    who = live.grant("social-care", "information-governance-lead", "lead@example.invalid")
    sign_in(live, who, "social-care")
    return who


def problem_of(answer):
    return json.loads(answer.content)
