"""Practitioners sign in to a live hub with their own agency's provider; what they may do the hub knows."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import Refused
from hub.web.sessions import FRESH, IDLE, LONGEST
from tests.identity.conftest import ADMIN, Browser, adopt_without_officers
from tests.identity.test_hostile_sign_in import changed

FIND = "/children/find"
COOKIE = "__Host-hub-session"


def signed_in(live, role="police-officer"):
    live.grant("police", role)
    browser = live.browser()
    answer = browser.sign_in()
    assert (303, "/") == (answer.status_code, answer.headers["location"])
    return browser


def test_whom_the_provider_proves_and_the_hub_gave_a_role_is_in(live):
    browser = signed_in(live)

    page = browser.get(FIND)
    assert 200 == page.status_code
    assert "Police officer" in page.text
    assert "Demonstration" not in page.text


def test_the_request_to_the_provider_has_pkce_state_and_nonce_each_of_256_bits_and_never_twice(live, police):
    police.asked.clear()
    signed_in(live)
    live.browser().sign_in()
    first, second = police.asked

    for name in ("code_challenge", "state", "nonce"):
        assert re.fullmatch(r"[\w-]{43}", first[name])
        assert first[name] != second[name]
    assert ("S256", "code", "openid") == (
        first["code_challenge_method"],
        first["response_type"],
        first["scope"],
    )


def test_the_sessions_cookie_is_opaque_and_of_this_host_over_tls_out_of_reach_of_scripts(live):
    live.grant("police", "police-officer")
    browser = live.browser()
    answer = browser.sign_in()
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    id_ = cookie.partition(";")[0].partition("=")[2]

    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert re.fullmatch(r"[\w-]{43}", id_)
    assert "no-store" == answer.headers["cache-control"]


def test_a_provider_says_who_it_is_and_never_what_they_may_do(live, police):
    police.spoil = lambda claims, header: (
        claims | {"role": "police-officer", "roles": ["police-officer"], "groups": ["admin"]},
        header,
        police.key,
    )
    answer = live.browser().sign_in()

    assert 403 == answer.status_code
    assert "You have no role here" in answer.text
    assert "ann@example.invalid" in answer.text  # their own reference, for whoever may grant a role
    assert COOKIE not in str(answer.headers)


def test_a_polices_provider_can_never_make_a_health_practitioner(live):
    with pytest.raises(Refused, match="health-practitioner is a role of health"):
        live.grant("police", "health-practitioner")


def test_a_role_of_another_agency_that_was_granted_all_the_same_is_not_taken(live, police):
    """As if an older policy, or another provider's file, had let it through."""
    live.people.grant(
        police.issuer, "ann@example.invalid", "social-worker", "social-care", None, ADMIN, "error"
    )

    assert 403 == live.browser().sign_in().status_code


def test_the_same_subject_of_two_providers_is_two_people(live):
    live.grant("police", "police-officer")

    assert 403 == live.browser().sign_in("social-care").status_code


def test_whoever_has_several_roles_chooses_one_and_can_choose_no_other(live):
    live.grant("police", "police-officer")
    live.grant("police", "intelligence-officer")
    browser = live.browser()
    answer = browser.sign_in()
    page = browser.get("/sign-in/role")
    tampered = Browser(live.app)
    tampered.sign_in()

    assert (303, "/sign-in/role") == (answer.status_code, answer.headers["location"])
    assert "Police officer" in page.text
    assert "Intelligence officer" in page.text
    assert 403 == tampered.post("/sign-in/role", data={"role": "social-worker"}).status_code
    assert "/" == browser.post("/sign-in/role", data={"role": "intelligence-officer"}).headers["location"]
    assert "Intelligence officer" in browser.get(FIND).text
    assert "/sign-in" == browser.post("/sign-in/role", data={"role": "police-officer"}).headers["location"]


def test_a_leavers_sessions_end_at_once_wherever_they_are(live):
    browsers = [signed_in(live)] + [live.browser() for _ in range(2)]
    for browser in browsers[1:]:
        browser.sign_in()
    assert [200] * 3 == [b.get(FIND).status_code for b in browsers]
    (person,) = live.people.everyone()

    other_process(live).depart(person.id, ADMIN, "left the force")
    answers = [b.get(FIND) for b in browsers]

    assert [(303, "/sign-in")] * 3 == [(a.status_code, a.headers["location"]) for a in answers]
    assert 403 == live.browser().sign_in().status_code


def test_whoever_comes_back_signs_in_anew_and_no_old_session_comes_back_with_them(live):
    browser = signed_in(live)
    (person,) = live.people.everyone()
    live.people.depart(person.id, ADMIN, "left")
    live.grant("police", "police-officer")

    assert 303 == browser.get(FIND).status_code
    assert 303 == live.browser().sign_in().status_code


def test_a_role_withdrawn_or_run_out_ends_the_sessions_in_it(live):
    browser = signed_in(live)
    (person,) = live.people.everyone()
    live.people.withdraw(person.id, "police-officer", ADMIN, "moved to traffic")

    assert 303 == browser.get(FIND).status_code

    with pytest.raises(Refused, match="passed already"):
        live.grant("police", "police-officer", until=datetime.now(UTC) - timedelta(days=1))


def test_a_session_ends_when_idle_or_long_enough(live):
    browser = signed_in(live)
    live.clock.now += IDLE + 1
    answer = browser.get(FIND)

    assert (303, "/session-ended") == (answer.status_code, answer.headers["location"])
    assert 200 == browser.get("/session-ended").status_code

    browser.sign_in()
    for _ in range(int(LONGEST // IDLE)):
        live.clock.now += IDLE
        assert 200 == browser.get(FIND).status_code
    live.clock.now += IDLE
    assert 303 == browser.get(FIND).status_code


def test_what_was_written_when_the_session_ended_is_kept_and_offered_after_sign_in(live):
    browser = signed_in(live)
    live.clock.now += IDLE + 1
    written = {"purpose": "section-47", "value": "zq<draft>&qz", "system": "nhs-number"}
    answer = browser.post(FIND, data=written)
    assert (303, "/session-ended") == (answer.status_code, answer.headers["location"])

    assert "/draft" == browser.sign_in().headers["location"]
    offered = browser.get("/draft").text
    assert f'action="{FIND}"' in offered
    assert 'value="zq&lt;draft&gt;&amp;qz"' in offered
    assert 'value="section-47"' in offered
    assert "zq" not in str(vars(live.app.state.drafts))

    browser.post("/draft/discard")
    assert (303, "/") == (browser.get("/draft").status_code, browser.get("/draft").headers["location"])


def test_a_draft_is_offered_to_nobody_else_who_signs_in_at_the_same_browser(live, police):
    browser = signed_in(live)
    live.clock.now += IDLE + 1
    browser.post(FIND, data={"value": "private"})
    police.who = "ben@example.invalid"
    live.grant("police", "police-officer", "ben@example.invalid")

    assert "/" == browser.sign_in().headers["location"]
    assert 303 == browser.get("/draft").status_code


def test_a_draft_lasts_an_hour(live):
    browser = signed_in(live)
    live.clock.now += IDLE + 1
    browser.post(FIND, data={"value": "private"})
    live.clock.now += 3601

    assert "/" == browser.sign_in().headers["location"]


def test_the_gravest_acts_ask_again_who_it_is_and_keep_what_was_written(live, police):
    from fastapi import Response

    from hub.web.signed_in import FreshViewer

    @live.app.post("/gravest")
    def gravest(by: FreshViewer):
        return Response(by.role)

    browser = signed_in(live)
    before = dict(browser.cookies)[COOKIE]
    assert "police-officer" == browser.post("/gravest", data={"reason": "x"}).text
    live.clock.now += FRESH + 1
    answer = browser.post("/gravest", data={"reason": "because of this"})
    assert (303, "/sign-in/again") == (answer.status_code, answer.headers["location"])

    police.asked.clear()
    assert "/draft" == browser.sign_in(begin="/sign-in/again").headers["location"]
    assert ("0", "login") == (police.asked[0]["max_age"], police.asked[0]["prompt"])
    assert "because of this" in browser.get("/draft").text
    assert "police-officer" == browser.post("/gravest", data={"reason": "x"}).text
    assert before != dict(browser.cookies)[COOKIE]


def test_who_was_signed_in_at_the_provider_long_ago_is_not_fresh(live, police):
    from fastapi import Response

    from hub.web.signed_in import FreshViewer

    @live.app.post("/gravest")
    def gravest(by: FreshViewer):
        return Response(by.role)

    police.authenticated_at = int(datetime.now(UTC).timestamp()) - 3600
    assert 303 == signed_in(live).post("/gravest", data={}).status_code

    police.spoil = changed(police, auth_time=None)  # it may have been as long ago: it does not say
    browser = live.browser()
    browser.sign_in()
    assert 303 == browser.post("/gravest", data={}).status_code


def test_signing_out_ends_the_session_and_names_the_providers_own(live, police):
    browser = signed_in(live)
    kept = dict(browser.cookies)
    answer = browser.post("/sign-out")
    thief = Browser(live.app)
    thief.cookies.update(kept)

    assert "/signed-out" == answer.headers["location"]
    assert f"{police.issuer}/end" in browser.get("/signed-out").text
    assert 303 == thief.get(FIND).status_code


def test_a_persons_session_is_no_token_of_a_program(live):
    browser = signed_in(live)
    program = live.browser()
    program.headers["authorization"] = f"Bearer {dict(browser.cookies)[COOKIE]}"
    answer = program.post("/v1/children/search", json={})

    assert 401 == answer.status_code


def test_the_demonstrations_sign_in_does_not_exist(live):
    browser = live.browser()

    assert 405 == browser.post("/sign-in", data={"role": "social-worker"}).status_code
    assert 404 == browser.post("/v1/demo/sign-in", json={"role": "social-worker"}).status_code


def test_a_sign_in_is_recorded_and_stands_sealed_in_the_store(live):
    signed_in(live)
    (person,) = live.people.everyone()
    held = live.hub.settings.archive.read_bytes()
    held += live.hub.settings.archive.with_name("hub.sqlite-wal").read_bytes()

    assert person.signed_in_at is not None
    assert b"ann@example" not in held
    assert b"police-officer" not in held


def other_process(live):
    """The same people, as a command in another process sees and changes them."""
    from hub.identity.practitioners import Practitioners

    return Practitioners(live.hub.records, live.hub.policy)


def test_a_session_ends_with_the_role_that_an_adopted_policy_has_no_more(at_once, live):
    browser = signed_in(live)
    assert 200 == browser.get(FIND).status_code
    adopt_without_officers(live)

    assert 200 != browser.get(FIND).status_code
    assert "You have no role here" in browser.sign_in().text


def calendar_of(live, browser):
    page = browser.post("/calendar", data={"purpose": "section-47"})
    return re.search(r"/v1/calendar/[0-9a-f]{32}-[\w-]+\.ics", page.text)[0]


@pytest.mark.parametrize("end", ["withdrawn", "run out", "left"])
def test_a_calendar_ends_with_the_role_it_was_opened_in_and_a_role_given_anew_opens_it_not(live, end):
    until = None if end != "run out" else live.hub.clock() + timedelta(seconds=1)
    person = live.grant("police", "police-officer", until=until)
    browser = live.browser()
    browser.sign_in()
    address = calendar_of(live, browser)
    before = live.browser().get(address).status_code
    if end == "withdrawn":
        other_process(live).withdraw(person.id, "police-officer", ADMIN, "moved to traffic")
    elif end == "left":
        other_process(live).depart(person.id, ADMIN, "left the force")
    else:
        while live.hub.clock() < until:
            time.sleep(0.05)
    ended = live.browser().get(address).status_code
    live.grant("police", "police-officer")
    again = live.browser()
    again.sign_in()

    assert (200, 404, 404) == (before, ended, live.browser().get(address).status_code)
    assert "No calendar of yours is open" in again.get("/calendar").text
    assert 200 == live.browser().get(calendar_of(live, again)).status_code


def test_a_calendar_goes_on_where_the_role_is_given_for_longer(live):
    live.grant("police", "police-officer", until=live.hub.clock() + timedelta(days=1))
    browser = live.browser()
    browser.sign_in()
    address = calendar_of(live, browser)
    live.grant("police", "police-officer")

    assert 200 == live.browser().get(address).status_code
