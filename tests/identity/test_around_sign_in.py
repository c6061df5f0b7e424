"""What stands around a sign-in: which role it goes on in, what a browser keeps of it, what is noted of it."""

import re
import time
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from hub.domain.child import By
from hub.errors import Refused
from hub.identity.practitioners import Practitioners
from hub.identity.systems import Systems
from hub.identity.term import check_term
from hub.observing.windows import WindowMeasures
from hub.web.app import create_app
from hub.web.sessions import FRESH, IDLE
from tests.identity.conftest import ADMIN, PUBLIC, Browser
from tests.identity.test_hostile_sign_in import changed
from tests.identity.test_sign_in import COOKIE, FIND, signed_in

WAITING = "__Host-hub-signing-in"


def cookie(answer, name):
    """What an answer says of a cookie: its value, and the rest as a set."""
    (said,) = (line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}="))
    value, *rest = said.removeprefix(f"{name}=").split("; ")
    return value, set(rest)


def test_who_has_several_roles_and_shows_again_who_they_are_goes_on_in_the_one_they_were_in(live):
    live.grant("police", "police-officer")
    live.grant("police", "intelligence-officer")
    browser = live.browser()
    browser.sign_in()
    browser.post("/sign-in/role", data={"role": "intelligence-officer"})
    live.clock.now += FRESH + 1
    again = browser.sign_in(begin="/sign-in/again")

    assert (303, "/") == (again.status_code, again.headers["location"])
    assert "Intelligence officer" in browser.get(FIND).text


def test_who_shows_again_who_they_are_and_has_the_role_no_more_is_let_in_as_nothing_else(live):
    live.grant("police", "police-officer")
    browser = live.browser()
    browser.sign_in()
    there = browser.provider_says("/sign-in/again").removeprefix(PUBLIC)
    live.grant("police", "intelligence-officer")
    (person,) = live.people.everyone()
    live.people.withdraw(person.id, "police-officer", ADMIN, "moved")
    answer = browser.get(there)

    assert 403 == answer.status_code
    assert "You have no role here" in answer.text


def test_a_role_is_chosen_after_the_provider_said_who_it_is_and_never_before(live):
    live.grant("police", "police-officer")
    live.grant("police", "intelligence-officer")
    stranger, begun = live.browser(), live.browser()
    there = begun.provider_says("/sign-in/with/police").removeprefix(PUBLIC)
    answers = [stranger.get("/sign-in/role"), begun.get("/sign-in/role")]
    back = begun.get(there)
    taken = live.browser()
    taken.provider_says("/sign-in/with/police")
    answers += [each.post("/sign-in/role", data={"role": "police-officer"}) for each in (stranger, taken)]

    assert [(303, "/sign-in")] * 4 == [(each.status_code, each.headers["location"]) for each in answers]
    assert "/sign-in/role" == back.headers["location"]
    assert not [name for name in begun.cookies if name == COOKIE]


def test_who_is_to_choose_a_role_cannot_come_back_from_the_provider_once_more(live):
    live.grant("police", "police-officer")
    live.grant("police", "intelligence-officer")
    browser = live.browser()
    there = browser.provider_says("/sign-in/with/police").removeprefix(PUBLIC)
    browser.get(there)

    assert 401 == browser.get(there).status_code


def test_what_waits_for_the_browser_is_a_cookie_of_this_host_for_ten_minutes_and_is_taken_back(live):
    live.grant("police", "police-officer")
    browser = live.browser()
    away = browser.get("/sign-in/with/police")
    value, kept = cookie(away, WAITING)
    cleared, how = cookie(browser.sign_in(), WAITING)

    assert 43 == len(value)
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} == kept
    assert '""' == cleared
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=0"} <= how  # else no browser heeds it


def test_who_signs_out_or_has_no_role_keeps_no_cookie(live):
    _, how = cookie(signed_in(live).post("/sign-out"), COOKIE)
    nobody = live.browser()
    live.people.depart(live.people.everyone()[0].id, ADMIN, "left")
    _, waits = cookie(nobody.sign_in(), WAITING)

    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=0"} <= how
    assert "Max-Age=0" in waits


def test_the_provider_leads_back_to_the_one_address_that_is_written_down_with_it(live, police):
    police.asked.clear()
    live.browser().get("/sign-in/with/police")
    live.browser().provider_says("/sign-in/with/police")

    assert [f"{PUBLIC}/sign-in/back"] == [asked["redirect_uri"] for asked in police.asked]


@pytest.mark.parametrize(("ahead", "after"), [(30, FRESH), (0, FRESH - 5)])
def test_a_providers_clock_that_is_ahead_lengthens_nothing(live, police, ahead, after):
    from fastapi import Response

    from hub.web.signed_in import FreshViewer

    @live.app.post("/gravest")
    def gravest(by: FreshViewer):
        return Response(by.role)

    now = int(live.app.state.vouching.wall())
    police.spoil = changed(police, auth_time=now + ahead)
    browser = signed_in(live)
    live.clock.now += after
    assert 200 == browser.post("/gravest", data={}).status_code
    live.clock.now += FRESH - after + 1

    assert 303 == browser.post("/gravest", data={}).status_code


def test_each_sign_in_is_counted_and_one_that_is_refused_is_said_in_the_log_without_who(live, police, caplog):
    counted = WindowMeasures()
    app = create_app(live.hub, monotonic=live.clock, watching=counted)

    def signed(outcome):
        return counted.registry.get_sample_value("hub_web_sign_ins_total", {"outcome": outcome})

    no_role = Browser(app).sign_in().status_code
    live.grant("police", "police-officer")
    police.spoil = changed(police, nonce=None)
    not_believed = Browser(app).sign_in().status_code
    police.spoil = changed(police)
    done = Browser(app).sign_in().status_code
    said = [record.getMessage() for record in caplog.records if record.name == "hub.web"]

    assert (403, 401, 303) == (no_role, not_believed, done)
    assert (2.0, 1.0) == (signed("refused"), signed("done"))
    assert [
        "sign-in refused: no role",
        "sign-in refused: the token answers another request",
    ] == [line for line in said if "sign-in" in line]


def test_a_session_goes_on_only_as_long_as_its_provider_is_trusted_under_the_same_issuer(live, police):
    browser = signed_in(live)
    vouching = live.app.state.vouching
    of_police = vouching.clients.pop("police")
    gone = browser.get(FIND)
    vouching.clients["police"] = of_police
    assert "/sign-in" == browser.get(FIND).headers["location"]  # what has ended does not begin again
    another = live.browser()
    another.sign_in()
    assert 200 == another.get(FIND).status_code
    of_police.provider = of_police.provider.model_copy(update={"issuer": "https://elsewhere.example"})

    assert [(303, "/sign-in")] * 2 == [
        (each.status_code, each.headers["location"]) for each in (gone, another.get(FIND))
    ]


def test_when_somebody_last_signed_in_and_as_what_is_kept_with_them(live):
    before = live.hub.clock()
    signed_in(live)
    (person,) = live.people.everyone()
    last = list(live.hub.records.archive.stream(person.id))[-1]

    assert ("police-officer", "browser") == (last.body.role, last.body.at)
    assert before <= person.signed_in_at <= live.hub.clock() + timedelta(seconds=1)


def test_somebody_is_there_to_be_given_something_only_in_a_role_of_their_own_agency_that_they_have_now(live):
    until = live.hub.clock() + timedelta(seconds=1)
    live.grant("police", "police-officer", "ben@example.invalid")
    person = live.grant("police", "police-officer", until=until)
    by = By(person.person, "police-officer", "police")
    before = live.people.has(by)
    strangers = (
        replace(by, person="nobody"),
        replace(by, role="intelligence-officer"),
        replace(by, agency="health"),
    )
    others = [live.people.has(each) for each in strangers]
    while live.hub.clock() < until:
        time.sleep(0.05)
    run_out = live.people.has(by)
    live.grant("police", "police-officer")

    assert (True, [False] * 3, False, True) == (before, others, run_out, live.people.has(by))


def test_what_another_process_said_of_somebody_is_seen_at_the_next_question(live):
    person = live.grant("police", "police-officer")
    there = Practitioners(live.hub.records, live.hub.policy)
    before = set(there.standing(person.id).grants)
    live.people.withdraw(person.id, "police-officer", ADMIN, "moved")

    assert {"police-officer"} == before
    assert {} == there.standing(person.id).grants
    assert [person.id] == [each.id for each in there.everyone()]


def test_a_role_that_the_policy_has_not_is_given_to_nobody_and_to_no_system(live):
    systems = Systems(live.hub.records, live.hub.policy)
    with pytest.raises(Refused, match=r"no such role; there are: .*police-officer"):
        live.grant("police", "police-oficer")
    with pytest.raises(Refused, match=r"no such role; there are: .*police-officer"):
        systems.admit("crm", "police-oficer", "{}", b"", None, ADMIN, "agreement")

    assert ([], []) == (live.people.everyone(), systems.everything())


def test_every_system_there_ever_was_is_listed_also_one_that_is_dismissed(live):
    systems = Systems(live.hub.records, live.hub.policy)
    for name in ("crm", "niche"):
        systems.admit(name, "police-officer", "{}", b"", None, ADMIN, "agreement")
    systems.dismiss("crm", ADMIN, "it ended")
    found = Systems(live.hub.records, live.hub.policy).everything()

    assert [None, "niche"] == [each.admitted and each.admitted.name for each in found]


def test_a_guest_is_let_in_for_as_long_as_the_policy_says_to_the_moment_and_ends_at_that_moment(live):
    now = live.hub.clock()
    live.hub.records.clock = lambda: now
    name, row = next((name, row) for name, row in live.hub.policy.roles.items() if row.most_days)
    last = now + timedelta(days=row.most_days)
    with pytest.raises(Refused, match="at most"):
        check_term(name, row, last + timedelta(microseconds=1), now)
    with pytest.raises(Refused, match="say until when"):
        check_term(name, row, None, now)
    check_term(name, row, last, now)
    person = live.grant("police", "police-officer", until=last)
    by = By(person.person, "police-officer", "police")
    live.hub.records.clock = lambda: last - timedelta(microseconds=1)
    before = live.people.has(by)
    live.hub.records.clock = lambda: last

    assert (True, False) == (before, live.people.has(by))


def test_what_is_answered_around_the_end_of_a_session_is_a_page_or_leads_to_one(live):
    browser = signed_in(live)
    ended, left = browser.get("/session-ended"), browser.get("/signed-out")
    discarded = browser.post("/draft/discard")
    forgotten = browser.post("/draft/forget", data={"draft-form": f"{FIND}#0"})

    assert "Your session has ended" in ended.text
    assert "You are signed out" in left.text
    assert ["police account"] == re.findall("(?:police|social-care) account", left.text)  # it said where
    assert (303, "/") == (discarded.status_code, discarded.headers["location"])
    assert (204, "") == (forgotten.status_code, forgotten.text)


def test_the_providers_are_links_and_one_that_is_none_is_refused(live):
    page, none = live.browser().get("/sign-in"), live.browser().get("/sign-in/with/nobody")

    assert [f'href="/sign-in/with/{name}"' in page.text for name in ("police", "social-care")] == [True] * 2
    assert "police account" in page.text
    assert 422 == none.status_code
    assert "there is no such provider" in none.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/sign-in"), ("GET", "/sign-in/with/police"), ("GET", "/sign-in/back"), ("POST", "/v1/token")],
)
def test_an_address_that_is_not_signed_in_asks_so_often_and_no_more(live, method, path):
    far = live.browser()
    transport = httpx.ASGITransport(live.app, client=("192.0.2.7", 4711))
    far._client = httpx.AsyncClient(transport=transport, base_url=PUBLIC)
    answers = [
        far(method, path, data={"grant_type": "x"} if method == "POST" else None).status_code
        for _ in range(21)
    ]
    near = live.browser()(method, path, data={"grant_type": "x"} if method == "POST" else None)

    assert 429 not in answers[:20]
    assert (429, answers[0]) == (answers[20], near.status_code)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Basic bm90OmE="}, {"authorization": "Bearer "}])
def test_a_program_that_brings_no_token_is_told_to_sign_in(live, headers):
    answer = live.browser().post("/v1/children/search", json={}, headers=headers)

    assert (401, "Sign in first") == (answer.status_code, answer.json()["title"])


def test_who_is_signed_in_asks_sixty_times_at_once_and_no_more_whoever_else_does(live):
    page = signed_in(live)
    live.grant("social-care", "social-worker")
    another = live.browser()
    another.sign_in("social-care")
    answers = [page.get("/complaints").status_code for _ in range(61)]

    assert ([200] * 60, 429) == (answers[:60], answers[60])
    assert 200 == another.get("/complaints").status_code


def test_a_page_for_everybody_knows_who_looks_at_it_and_asks_nobody_to_sign_in(live):
    browser, stranger = signed_in(live), live.browser()
    pages = [who.get("/how-information-is-shared") for who in (browser, stranger)]

    assert [200, 200] == [page.status_code for page in pages]
    assert [True, False] == ["Sign out" in page.text for page in pages]


def test_a_page_that_stands_open_is_told_nothing_more_by_a_session_that_is_over(live):
    browser = signed_in(live)
    open_page = f"/children/{uuid4()}/changes"
    live.clock.now += IDLE - 1
    before = browser.get(open_page)  # of which nobody said why they look
    live.clock.now += 1
    after = browser.get(open_page)

    assert "/sign-in" != before.headers.get("location")
    assert (303, "/sign-in") == (after.status_code, after.headers["location"])
    assert "/sign-in" == live.browser().get(open_page).headers["location"]


def test_a_page_that_stands_open_asks_no_more_often_than_its_reader_may(live):
    browser, open_page = signed_in(live), f"/children/{uuid4()}/changes"
    answers = [browser.get(open_page).status_code for _ in range(61)]

    assert (0, 429) == (answers[:60].count(429), answers[60])


def test_of_a_session_that_is_over_what_was_sent_or_typed_is_kept_and_what_was_looked_at_is_not(live):
    looked, typing = signed_in(live), live.browser()
    typing.sign_in()
    typed = {"draft-form": f"{FIND}#0", "draft-page": FIND, "draft-title": "Find", "value": "zq typed"}
    live.clock.now += IDLE + 1
    looked.get(FIND)
    typing.post("/draft/keep", data=typed)

    assert ("/", "/draft") == tuple(each.sign_in().headers["location"] for each in (looked, typing))
    assert [["value", "zq typed"]] == typing.get("/draft/typed", params={"form": f"{FIND}#0"}).json()
    assert 303 == looked.get("/draft").status_code
    assert f'action="{FIND}"' not in typing.get("/draft").text  # it was not sent


def test_no_page_is_described_to_programs(live):
    paths = live.browser().get("/v1/openapi.json").json()["paths"]

    assert "/v1/token" in paths
    assert [] == [path for path in paths if not path.startswith(("/v1/", "/health/"))]
