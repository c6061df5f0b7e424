"""Every page in a real browser: at three sizes, by keyboard, with axe, without script."""

import os
import time
from itertools import pairwise

import pytest

from hub.web.sessions import LONGEST, _kept
from tests.browser.places import ROLES, VARIANTS
from tests.browser.walking import PURPOSES, RULES, VIEWPORTS, walking

PICTURES = "HUB_PICTURES" in os.environ
"""Whether a picture is kept of every page, on a telephone and a laptop: `make pictures`."""


@pytest.fixture(scope="session", autouse=True)
def needs(chromium):
    """Skipped with a reason where there is no browser."""


def gone_to(walk, role, places):
    """Each place of a role in turn, once a person stands there."""
    opened = set()
    if role:
        walk.sign_in(role)
    for place in (each for each in (*places, *VARIANTS) if each.role == role):
        if place.opened and place.opened not in opened:
            walk.open(place.opened, PURPOSES[role])
            opened.add(place.opened)
        walk.go(place.path)
        yield place


@pytest.mark.parametrize("role", ROLES)
def test_every_page_fits_every_size_breaks_no_rule_of_wcag_and_is_whole_by_keyboard_and_without_script(
    chromium, site, places, shots, role
):
    found, with_script = {}, {}
    with walking(chromium, site) as walk:
        for place in gone_to(walk, role, places):
            for viewport in VIEWPORTS:
                walk.zoom(viewport)
                if PICTURES and viewport != "zoomed":
                    walk.picture(shots / f"{place.name}-{viewport}.png")
                wide = walk.too_wide()
                found[place.name, viewport] = [
                    *walk.violations(RULES[viewport]),
                    *([f"{wide} px too wide"] if wide > 0 else []),
                ]
            walk.zoom("laptop")
            found[place.name, "outline"] = faults_of(walk.outline())
            found[place.name, "focus"] = walk.unmarked()
            with_script[place.name] = walk.furniture()
            found[place.name, "by keyboard"] = walk.out_of_reach()
    with walking(chromium, site, java_script_enabled=False) as bare:
        for place in gone_to(bare, role, places):
            found[place.name, "without script"] = bare.needs_script()
            left = bare.furniture()
            found[place.name, "only with script"] = [e for e in with_script[place.name] if e not in left]

    assert {} == {at: faults for at, faults in found.items() if faults}
    assert [] == walk.complaints


def test_every_page_is_shown_to_somebody(places):
    assert [] == [place.path for place in places if place.role == "?"]
    assert {place.role for place in places} <= set(ROLES)


def faults_of(outline):
    levels = [level for level, _ in outline["headings"]]
    faults = [f"heading level jumps to {b}" for a, b in pairwise(levels) if b > a + 1]
    faults += [] if levels.count(1) == 1 else [f"{levels.count(1)} first headings"]
    faults += [] if outline["landmarks"] == [1, 1, 1] else [f"landmarks {outline['landmarks']}"]
    faults += [f"no name: {each}" for each in outline["unnamed"]]
    faults += [] if len(set(outline["navs"])) == len(outline["navs"]) else ["two navigations of one name"]
    return faults + ([] if outline["title"].endswith(" Safeguarding hub") else ["title"])


def test_a_child_is_found_and_read_by_keyboard_alone(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("social-worker")
        press(page, "Tab", until="a.govuk-skip-link")
        page.keyboard.press("Enter")
        press(page, "Tab", until="input[type=radio]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        press(page, "Tab", until="#system")
        page.keyboard.type("Unique")
        press(page, "Tab", until="#value")
        page.keyboard.type(site.numbers["isla"][1])
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Is this the child?")
        press(page, "Tab", until="main form button")
        page.keyboard.press("Enter")
        page.wait_for_selector("table.chronology")
        press(page, "Tab", until="details.choose > summary")
        page.keyboard.press("Enter")
        press(page, "Tab", until="#agency")
        page.keyboard.type("Police")
        press(page, "Tab", until=".choose button")
        page.keyboard.press("Enter")
        page.wait_for_url("**agency=police**")
        page.wait_for_load_state()

    assert [] == walk.complaints


def press(page, key, until):
    """Press a key until the focus is where it was wanted; a trap would end this with a failure."""
    for _ in range(60):
        page.wait_for_load_state()
        page.keyboard.press(key)
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", until):
            return
    raise AssertionError(f"{until} cannot be reached by {key}")


def test_without_script_a_child_is_found_read_and_filtered(chromium, site):
    with walking(chromium, site, java_script_enabled=False) as walk:
        page = walk.page
        walk.sign_in("police-officer")
        page.check('input[value="section-47"]')
        page.fill("#given", "Isla")
        page.fill("#family", "Renwick")
        page.fill("#born", "2014-05-03")
        page.click("main button.govuk-button")
        page.wait_for_selector("text=Is this the child?")
        page.click("main button.govuk-button")
        page.wait_for_selector("table.chronology")
        everything = page.locator("table.chronology tbody tr").count()
        page.click("text=Choose what to see")
        page.select_option("#agency", "police")
        page.click(".choose button")
        page.wait_for_url("**agency=police**")
        page.wait_for_selector("table.chronology")
        police = page.locator("table.chronology tbody tr").count()

    assert 0 < police < everything


def test_without_script_who_found_no_record_breaks_the_glass_and_types_nothing_twice(chromium, site):
    with walking(chromium, site, java_script_enabled=False) as walk:
        page, (system, number) = walk.page, site.numbers["kai"]
        walk.sign_in("named-doctor")
        page.check('input[value="screening"]')
        page.select_option("#system", system)
        page.fill("#value", number)
        page.click("main button.govuk-button")
        page.wait_for_selector("text=No record of this child")
        page.click("text=break the glass")
        kept = page.input_value("#value"), page.is_checked('input[value="screening"]')
        page.check('input[name="strand"][value="both"]')
        page.fill("#reason", "His aunt is at the door with him, and he is hurt.")
        page.click("text=Break the glass and open the record")
        page.wait_for_selector("table.chronology")
        shown = page.locator("main").text_content()
        page.click("text=How it stands")
        page.wait_for_selector("text=You broke the glass, for screening")

    assert (number, True) == kept
    assert "You look under broken glass until" in shown


def test_what_is_recorded_while_a_page_is_open_arrives_on_it_and_leaves_the_focus_alone(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("social-worker")
        walk.open("reece", "section-47")
        before = page.locator("table.chronology tbody tr").count()
        page.focus(".child-pages a >> nth=1")
        page.wait_for_timeout(1200)
        record(site, "reece")
        page.wait_for_selector("#live:not(:empty)")

        assert before + 1 == page.locator("table.chronology tbody tr").count()
        assert "1 new entry" in page.locator("#live").text_content()
        assert "Flags" == page.evaluate("document.activeElement.textContent")
        assert [] == walk.complaints


def record(site, name):
    """A strength is noted of a child while somebody looks."""
    from uuid import UUID, uuid4

    from hub.domain.child import By
    from hub.intake.acts import record_act
    from schemas.any_agency import StrengthNoted
    from schemas.case_event import Identifier

    system, value = site.numbers[name]
    event = StrengthNoted(
        type="social-care.strength-noted.v1",
        agency="social-care",
        system="hub",
        source_event_id=f"strength-{uuid4()}",
        identifiers=(Identifier(system, value),),
        occurred_at=site.hub.clock(),
        details="He came to football by himself.",
    )
    by = By("demo-social-worker", "social-worker", "social-care")
    with site.window.open() as hub:
        record_act(hub.records, UUID(site.children[name]), event, by, uuid4)


def test_what_is_typed_is_kept_put_back_and_forgotten_once_it_was_taken(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("operator")
        walk.go("/quarantine/{number}")
        with page.expect_response("**/draft/keep"):
            page.fill("#reason", "The school sends it anew.")
        walk.go("/quarantine")
        walk.go("/quarantine/{number}")
        page.wait_for_selector("text=What you had typed here before is put back")
        back = page.input_value("#reason")
        walk.go("/draft")
        offered = page.locator("main a").text_content()
        walk.go("/quarantine/{number}")
        page.wait_for_selector("text=What you had typed here before is put back")
        wrong = walk.violations()
        with page.expect_response("**/draft/forget"):
            page.click("text=Begin anew")
        page.wait_for_load_state("networkidle")

        assert "The school sends it anew." == back
        assert "Held delivery" in offered
        assert [] == wrong
        assert "" == page.input_value("#reason")
        assert [] == walk.complaints


def test_what_was_typed_when_the_session_ended_is_offered_after_sign_in(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("social-worker")
        walk.open("isla", "section-47", "record")
        walk.go("/children/{isla}/record/record-account")
        field = page.locator("textarea").first
        with page.expect_response("**/draft/keep"):
            field.fill("She asked not to be sent home.")
        (cookie,) = [c for c in page.context.cookies() if "session" in c["name"]]
        end(site, cookie["value"])
        field.press("End")
        field.type(" Twice.")
        page.wait_for_selector("text=Your session has ended. What you typed is kept")
        walk.sign_in("social-worker")
        page.wait_for_selector("text=What you were writing")
        page.locator("main ul a").click()
        page.wait_for_selector("text=What you had typed here before is put back")

        assert "She asked not to be sent home. Twice." == page.locator("textarea").first.input_value()
        assert [] == walk.complaints


def end(site, id_):
    """Let a session be over, as after a quarter of an hour in which nothing was done."""
    change(site, id_, seen=-1e9)


def change(site, id_, **times):
    sessions = site.app.state.sessions
    key = _kept(id_)
    sessions._held[key] = sessions._held[key]._replace(**times)


def test_what_is_shown_goes_from_the_screen_when_the_session_ends(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("social-worker")
        walk.open("isla", "section-47")
        shown = page.locator("main").inner_text()
        (cookie,) = [c for c in page.context.cookies() if "session" in c["name"]]
        early = []
        page.route("**/session/left", lambda route: early.append((route, route.fetch())), times=1)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        while not early:
            page.wait_for_timeout(10)
        change(site, cookie["value"], began=time.monotonic() - LONGEST + 100)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("text=It cannot go on longer than ten hours")
        with page.expect_response("**/session/left"):
            early[0][0].fulfill(response=early[0][1])  # what was true before comes late, and is passed over
        page.wait_for_timeout(100)
        ways_on = page.locator(".ends-soon button, .ends-soon a")
        offered = [way.text_content() for way in ways_on.all() if way.is_visible()]
        end(site, cookie["value"])
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_url("**/session-ended")

        assert "Isla" in shown
        assert ["Sign in again"] == offered
        assert "Isla" not in page.content()
        assert [] == walk.complaints


def test_somebody_is_told_before_their_session_ends_and_goes_on_and_else_what_is_shown_goes(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        page.clock.install()
        walk.sign_in("social-worker")
        walk.open("isla", "section-47")
        page.focus(".child-pages a >> nth=1")
        page.context.set_offline(True)
        page.clock.fast_forward("11:00")
        early = page.locator(".ends-soon").inner_text()
        page.clock.fast_forward("03:00")
        page.wait_for_selector("text=Your session ends in 1 minute")
        wrong = walk.violations()
        page.click("text=Stay signed in")
        page.wait_for_selector("text=The hub cannot be reached")
        page.context.set_offline(False)
        page.locator("text=Stay signed in").press("Enter")
        page.wait_for_selector("text=Your session goes on")
        focused = page.evaluate("document.activeElement.textContent")
        page.context.set_offline(True)
        page.clock.fast_forward("14:00")
        before = page.locator("main").inner_text()
        page.clock.fast_forward("02:00")
        page.locator("main").wait_for(state="detached")
        # it also goes on to a page that cannot be reached: meanwhile nobody can be asked what it holds
        page.wait_for_function("() => !document.documentElement.outerHTML.includes('Isla')")

        assert "" == early
        assert [] == wrong
        assert "Flags" == focused
        assert "Isla" in before


def test_a_script_that_is_not_the_hubs_does_not_run_and_is_reported(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.go("/sign-in")
        with page.expect_response("**/violations") as reported:
            page.evaluate(
                "() => { const s = document.createElement('script'); s.textContent = 'window.ran = 1';"
                " document.body.append(s); }"
            )

        assert 204 == reported.value.status
        assert page.evaluate("window.ran === undefined")


def test_a_flag_is_seen_and_decided_and_a_reason_left_out_loses_nothing(chromium, site):
    with walking(chromium, site) as walk:
        page = walk.page
        walk.sign_in("mash-coordinator")
        walk.open("kai", "screening", "flags")
        page.click("button[value=acknowledge] >> nth=0")
        page.wait_for_selector("text=that you have seen this flag is on the record")
        page.click(".card details summary >> nth=0")
        page.select_option(".card select >> nth=0", "not-a-concern")
        page.click("button[value=review] >> nth=0")
        page.wait_for_selector("text=There is a problem")
        kept = page.locator(".card select >> nth=0").input_value()
        page.fill(".card textarea >> nth=0", "Talked through with the school.")
        page.click("button[value=review] >> nth=0")
        page.wait_for_selector("text=Your decision is on the record")

        assert "not-a-concern" == kept
        assert "Talked through with the school." in page.locator(".timeline >> nth=0").text_content()
        assert [] == walk.complaints


def test_an_auditor_walks_from_the_desk_to_the_page_as_it_was_shown(chromium, site, shots):
    found = {}
    with walking(chromium, site) as walk:
        page, isla = walk.page, site.children["isla"]
        walk.sign_in("social-worker")
        walk.open("isla", "section-47")
        walk.sign_in("auditor")

        def note(name):
            for viewport in ("phone", "laptop"):
                walk.zoom(viewport)
                if PICTURES:
                    walk.picture(shots / f"{name}-{viewport}.png")
            faults = [*walk.violations(), *faults_of(walk.outline())]
            walk.zoom("zoomed")
            found[name] = faults + ([f"{walk.too_wide()} px too wide"] if walk.too_wide() > 0 else [])
            walk.zoom("laptop")

        walk.go("/audit")
        page.fill("#child", isla)
        page.click("text=Replay the story")
        page.focus("#step")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.click("text=Show the record as it stood")
        page.wait_for_selector("text=step 2 of")
        note("audit-story")
        page.click("text=Who saw this child")
        page.wait_for_selector("text=oldest first")
        note("audit-who-saw")
        page.click("button:has-text('Draw it again: chronology') >> nth=-1")
        page.wait_for_selector("text=byte for byte")
        note("audit-shown")
        walk.go("/audit")
        page.fill("#unusual-since", "2026-01-01")
        page.click("text=List what is unusual")
        page.wait_for_selector("text=Nothing follows from being listed")
        note("audit-unusual")

    assert {} == {at: faults for at, faults in found.items() if faults}
    assert [] == walk.complaints
