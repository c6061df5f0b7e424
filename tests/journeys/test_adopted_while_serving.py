"""A policy that is adopted while `hub serve` runs is what it answers by, with nothing restarted."""

from contextlib import contextmanager

import httpx
import pytest

from hub.domain.by import By
from hub.domain.child import Disclosed
from hub.identity.systems import Systems
from schemas.system_access import public_key
from tests.events import attendance, missing
from tests.hubs import Desk, only_child
from tests.identity.assertions import asked, key_pair
from tests.identity.conftest import ADMIN, PUBLIC, providers_file
from tests.journeys.workers import Worker, environment, until
from tests.policies import version
from tests.warm import Started

pytestmark = pytest.mark.slow

LEAD = By("ada", "information-governance-lead", "social-care")
KEY = key_pair()
SYSTEM = "police-crm"
POLICE, HEALTH = "what the police said", "what the hospital said"
FIRST = version(2027)
GAINED = version(2028, "police-officer", health="reads")
LOST = version(2029, "police-officer", police="knows")


class Serving:
    """`hub serve` in a process of its own, and a police force's system that asks it."""

    def __init__(self, desk, address):
        self._desk, self._address = desk, address
        self._token = self._post("/v1/token", data=asked(KEY, SYSTEM, f"{PUBLIC}/v1/token"))["access_token"]

    def _post(self, path, **how):
        answer = httpx.post(self._address + path, timeout=60, **how)
        assert 200 == answer.status_code, answer.text
        return answer.json()

    def look(self, child):
        """Under which policy the chronology is shown, and what it says."""
        asks = {"json": {"purpose": "section-47"}, "headers": {"Authorization": f"Bearer {self._token}"}}
        shown = self._post(f"/v1/children/{child}/chronology", **asks)["data"]
        return shown["policy"], str(shown["lines"])

    def looked_under(self, policy, child):
        """What is shown as soon as it is shown under this policy; until then it is as before."""
        before, found = self.look(child), None

        def new():
            nonlocal found
            found = self.look(child)
            assert found[0] == policy.name or found == before
            return found[0] == policy.name

        until(new, "shown under what was adopted")
        return found[1]


@contextmanager
def serving(desk, folder):
    log = folder / "said"
    named = {"HUB_PORT": "0", "HUB_PUBLIC_URL": PUBLIC}
    started = Started(
        "hub", "--data", str(desk.settings.data), "serve", environment=environment(desk, **named), log=log
    )
    try:
        until(lambda: log.exists() and "Ctrl-C" in log.read_text(), "it serves")
        (line,) = (line for line in log.read_text().splitlines() if line.startswith("Serving on"))
        yield Serving(desk, line.split()[2].rstrip("/"))
    finally:
        started.kill()
        started.wait()


def adopt(desk, policy, called=""):
    with desk.open() as hub:
        hub.share.disclosures.adopt(policy, LEAD, called)


def test_a_role_gains_and_loses_a_scope_and_the_next_look_is_by_what_was_adopted(tmp_path):
    desk = Desk(tmp_path / "live", live=True)
    providers_file(desk.settings.data, police="https://identity.police.example")
    desk.take_in(missing(summary=POLICE), attendance(summary=HEALTH))
    adopt(desk, FIRST)
    with desk.open() as hub:
        child = only_child(hub)
        Systems(hub.records, hub.policy).admit(
            SYSTEM,
            "police-officer",
            public_key(KEY.as_pem(private=False).decode()),
            b"",
            None,
            ADMIN,
            "agreed",
        )
    with serving(desk, tmp_path) as served:
        under, said = served.look(child)
        assert (FIRST.name, True, False) == (under, POLICE in said, HEALTH in said)

        adopt(desk, GAINED)
        said = served.looked_under(GAINED, child)
        assert (True, True) == (POLICE in said, HEALTH in said)

        adopt(desk, LOST)
        said = served.looked_under(LOST, child)
        assert (False, False) == (POLICE in said, HEALTH in said)
    with desk.open() as hub:
        shown = [e.body for e in hub.records.history(child) if isinstance(e.body, Disclosed)]

    opened = {
        name: {scope for s in shown if s.policy == name for scope in s.scopes}
        for name in dict.fromkeys(s.policy for s in shown)
    }
    assert [FIRST.name, GAINED.name, LOST.name] == list(opened)
    assert [{"police"}, {"police", "health"}, set()] == [o & {"police", "health"} for o in opened.values()]


def test_who_draws_goes_on_under_what_was_adopted_and_is_not_started_again(tmp_path):
    desk = Desk(tmp_path / "live", live=True)
    adopt(desk, FIRST)
    desk.take_in(missing(), attendance())
    drawing = Worker(desk, "follow")
    try:
        with desk.open() as hub:
            until(hub.drawn.whole, "drawn under the first")
            before = {follower.name for follower in hub.followers}
            adopt(desk, version(2030, "mash-coordinator", police="nothing"))
            until(lambda: before.isdisjoint(f.name for f in hub.followers), "another policy is in force")
            until(hub.drawn.whole, "drawn under the second")
        ended, _, said = drawing.stop()
    finally:
        drawing.kill()

    assert (0, "") == (ended, said)
