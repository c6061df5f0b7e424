"""A chronology that stands open in a real browser while something of it goes from its reader."""

from contextlib import contextmanager
from uuid import UUID

import pytest

from hub.domain.access import Closing, Interest
from hub.domain.child import By
from hub.web import live
from tests.browser.test_pages import record
from tests.browser.walking import walking

GUARDIAN = By("demo-caldicott-guardian", "caldicott-guardian", "health")
WORKER = By("demo-social-worker", "social-worker", "social-care")
NOT_SHOWN = "text=What was shown here is not shown to you any more"


@pytest.fixture(scope="module", autouse=True)
def needs(chromium):
    """Skipped with a reason where there is no browser."""


@contextmanager
def closed(site, name, what, **more):
    """Something of a child is closed by who keeps access, and opened again at the end."""
    child = UUID(site.children[name])
    with site.window.open() as hub:
        restriction = hub.gates.close(GUARDIAN, child, what, "somebody must not know", **more)
    try:
        yield
    finally:
        with site.window.open() as hub:
            hub.gates.reopen(GUARDIAN, child, restriction, "it was for a test")


def entry_of(site, name, agency):
    """The newest entry of an agency on a child's record, and the row it has on the page."""
    with site.window.open() as hub:
        kept = hub.records.child(UUID(site.children[name])).entries.values()
        newest = max((k.entry for k in kept if k.entry.agency == agency), key=lambda e: e.occurred_at)
    return newest.id


@contextmanager
def open_at(chromium, site, name, role="social-worker", purpose="section-47"):
    """Somebody with a child's chronology open, whose stream has looked once."""
    with walking(chromium, site) as walk:
        walk.sign_in(role)
        with walk.page.expect_request("**/changes**"):
            walk.open(name, purpose)
        walk.page.wait_for_timeout(1_200)
        yield walk


def asked(page):
    """What this page asks the hub for, from now on."""
    found = []
    page.on("request", lambda request: found.append(request.url.rpartition("/")[2].partition("?")[0]))
    return found


def test_where_a_child_lives_goes_from_an_open_page_once_it_is_shielded(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        page = walk.page
        before = page.locator("main").inner_text()
        with closed(site, "isla", Closing.ADDRESS):
            page.wait_for_selector("#live:not(:empty)")
            after = page.locator("main").inner_text()

        assert "Lives" in before
        assert "Lives" not in after
        assert [] == walk.complaints


def test_a_record_that_is_closed_goes_from_an_open_page_which_asks_no_more(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        page = walk.page
        requests = asked(page)
        with closed(site, "isla", Closing.BARRED, named=(WORKER,), interest=Interest.RELATIVE):
            page.wait_for_selector(NOT_SHOWN)
            left = page.content()
            page.wait_for_timeout(1_500)

        assert "Isla" not in left
        assert {"left"} >= set(requests)
        assert [] == walk.complaints


def test_what_was_fetched_before_something_was_sealed_is_not_put_back_by_coming_late(chromium, site):
    entry = entry_of(site, "isla", "police")
    with open_at(chromium, site, "isla") as walk:
        page, late = walk.page, []
        row = page.locator("table.chronology tbody tr").filter(has_text="Police").first
        words = row.inner_text()
        page.route("**/chronology", lambda route: late.append((route, route.fetch())), times=1)
        record(site, "isla")
        while not late:
            page.wait_for_timeout(10)
        with closed(site, "isla", Closing.SEALED, named=(GUARDIAN,), entries=(entry,)):
            page.wait_for_selector("#live:not(:empty)")
            route, answer = late[0]
            route.fulfill(response=answer)
            page.wait_for_timeout(500)
            left = page.locator("#record").inner_text()

        assert words
        assert words not in left
        assert [] == walk.complaints


def test_a_change_that_cannot_be_fetched_is_asked_for_again(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        page = walk.page
        before = page.locator("table.chronology tbody tr").count()
        page.route("**/chronology", lambda route: route.fulfill(status=503), times=1)
        record(site, "isla")
        page.wait_for_selector("#live:not(:empty)")

        assert before + 1 == page.locator("table.chronology tbody tr").count()


def test_where_the_hub_shows_the_page_no_more_as_a_change_is_fetched_it_goes_from_the_screen(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        page, late = walk.page, []
        page.route("**/chronology", lambda route: late.append(route), times=1)  # noqa: PLW0108 - it marks what it is given
        record(site, "isla")
        while not late:
            page.wait_for_timeout(10)
        with closed(site, "isla", Closing.SEALED, named=(GUARDIAN,)):
            late[0].continue_()
            page.wait_for_selector(NOT_SHOWN)

            assert "Isla" not in page.content()


def test_a_page_is_told_as_long_as_its_session_goes_on_and_does_not_lengthen_it(chromium, site, monkeypatch):
    monkeypatch.setattr(live, "IDLE", 2.0)
    with open_at(chromium, site, "isla") as walk:
        page = walk.page
        (cookie,) = [c for c in page.context.cookies() if "session" in c["name"]]
        left = site.app.state.sessions.left(cookie["value"])
        page.wait_for_timeout(4_000)
        with closed(site, "isla", Closing.SEALED, named=(GUARDIAN,)):
            page.wait_for_selector(NOT_SHOWN)

        assert "Isla" not in page.content()
        assert site.app.state.sessions.left(cookie["value"]) < left - 4


LEFT_AND_COME_BACK_TO = "(when) => dispatchEvent(new PageTransitionEvent(when, {persisted: true}))"
"""As of a browser that keeps whole pages for going back, which this one is told not to."""


def test_what_was_closed_meanwhile_is_not_shown_by_going_back(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        page = walk.page
        page.evaluate(LEFT_AND_COME_BACK_TO, "pagehide")
        with closed(site, "isla", Closing.SEALED, named=(GUARDIAN,)):
            page.wait_for_timeout(1_500)
            page.evaluate(LEFT_AND_COME_BACK_TO, "pageshow")
            page.wait_for_selector(NOT_SHOWN)

            assert "Isla" not in page.content()


def test_a_tab_of_who_was_signed_in_before_clears_itself(chromium, site):
    with open_at(chromium, site, "isla") as walk:
        before = walk.page
        shown = before.locator("main").inner_text()
        walk.page = before.context.new_page()
        walk.sign_in("police-officer")
        before.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        before.wait_for_url("**/session-ended")
        walk.go("/sessions")

        assert "Isla" in shown
        assert "Isla" not in before.content()
        assert "Police officer" in walk.page.locator("header").inner_text()


def test_and_within_a_minute_also_where_nobody_touches_it(chromium, site):
    with walking(chromium, site) as walk:
        before = walk.page
        before.clock.install()
        walk.sign_in("social-worker")
        walk.open("isla", "section-47")
        shown = before.locator("main").inner_text()
        walk.page = before.context.new_page()
        walk.sign_in("police-officer")
        before.clock.fast_forward("01:01")
        before.wait_for_url("**/session-ended")

        assert "Isla" in shown
        assert "Isla" not in before.content()
