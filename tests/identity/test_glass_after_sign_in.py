"""Whoever signs in anew, to a role withdrawn and given anew, does not find the glass still broken."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.events import missing
from tests.hubs import Desk, take_all
from tests.identity.conftest import ADMIN, PUBLIC, Live, providers_file

SAID = {
    "purpose": "section-47",
    "system": "nhs-number",
    "value": "944 930 5552",
    "strand": "both",
    "reason": "A child at the door, hurt, and nobody to ask at this hour",
}


@pytest.fixture
def near(tmp_path, police, social_care):
    """A live hub that knows of Ann by the police alone, and a social worker."""
    desk = Desk(tmp_path / "live", live=True)
    desk.settings = desk.settings.model_copy(update={"public_url": PUBLIC})
    providers_file(desk.settings.data, police=police.issuer, social_care=social_care.issuer)
    desk.publish(missing(occurred_at=datetime.now(UTC) - timedelta(days=1)))
    with desk.open() as hub:
        take_all(hub)
        live = Live(hub, police=police, social_care=social_care)
        live.grant("social-care", "social-worker")
        yield live


def signed_in(live):
    browser = live.browser()
    assert 303 == browser.sign_in("social-care").status_code
    return browser


@pytest.mark.parametrize("left", [False, True])
def test_the_glass_is_broken_anew_by_who_signs_in_to_a_role_given_anew(near, left):
    browser = signed_in(near)
    opened = browser.post("/access/break-glass", data=SAID)
    page = opened.headers["location"]
    before = browser.get(page)
    (person,) = near.people.everyone()
    if left:
        near.people.depart(person.id, ADMIN, "left")
    else:
        near.people.withdraw(person.id, "social-worker", ADMIN, "moved")
    without = browser.get(page)
    near.grant("social-care", "social-worker")
    old_session, browser = browser.get(page), signed_in(near)
    browser.post(page.replace("chronology", "open"), data={"purpose": SAID["purpose"]})
    after = browser.get(page)
    again = browser.post("/access/break-glass", data=SAID)
    anew = browser.get(again.headers["location"])

    assert (303, 200) == (opened.status_code, before.status_code)
    assert "You look under broken glass until" in before.text
    assert ["/sign-in"] * 2 == [urlsplit(a.headers["location"]).path for a in (without, old_session)]
    assert 404 == after.status_code
    assert 200 == anew.status_code
    assert 2 == len(near.hub.records.child(near.hub.records.children()[0]).access.glass)
