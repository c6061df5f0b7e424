"""What is typed is kept while it is typed: sealed, for one person, until its form is taken."""

from hub.domain.child import By
from hub.web.drafts import FORMS, LASTS, Drafts, Typed
from tests.web.test_pages import text

WHO = By("demo-social-worker", "social-worker", "social-care")
OTHER = By("demo-school-lead", "school-lead", "schools")
WORDS = Typed("/children/1/record/x#0", "/children/1/record/x", "A title", (("a", "zq words"), ("a", "two")))


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def drafts(clock=None):
    return Drafts(clock or Clock())


def test_what_is_typed_comes_back_to_whoever_typed_it_and_to_nobody_else():
    held = drafts()
    held.type("session", WHO, WORDS)

    assert WORDS == held.typed("session", WHO, WORDS.form)
    assert [None, None, None] == [
        held.typed("session", OTHER, WORDS.form),
        held.typed("other", WHO, WORDS.form),
        held.typed("session", WHO, "/children/1/record/x#1"),
    ]
    assert "zq" not in str(vars(held))


def test_the_latest_words_of_a_form_stand_and_the_latest_form_comes_first():
    held = drafts()
    for at in range(FORMS + 3):
        held.type("session", WHO, WORDS._replace(form=f"/f{at}#0"))
    held.type("session", WHO, WORDS._replace(form="/f9#0", title="again"))

    assert FORMS == len(held.all_typed("session", WHO))
    assert "again" == held.all_typed("session", WHO)[0].title
    assert held.typed("session", WHO, "/f0#0") is None


def test_a_form_that_was_taken_is_forgotten_and_others_stay():
    held = drafts()
    held.type("session", WHO, WORDS)
    held.type("session", WHO, WORDS._replace(form="/elsewhere#0"))
    held.done("session", WORDS.path)

    assert ["/elsewhere#0"] == [typed.form for typed in held.all_typed("session", WHO)]


def test_it_passes_on_to_the_next_session_of_the_same_person_only_and_lasts_an_hour():
    clock = Clock()
    held = drafts(clock)
    held.type("before", WHO, WORDS)
    foreign = held.pass_on("before", "after", OTHER)
    held.type("before", WHO, WORDS)
    own = held.pass_on("before", "after", WHO)
    there = held.typed("after", WHO, WORDS.form)
    clock.now += LASTS + 1

    assert (False, True, WORDS) == (foreign, own, there)
    assert held.typed("after", WHO, WORDS.form) is None


def typing(served, **more):
    path = f"/children/{served.ann}/record/record-account"
    said = {"draft-form": f"{path}#0", "draft-page": path, "draft-title": "An account", "words": "zq He said"}
    return path, {**said, **more}


def test_the_script_keeps_and_asks_back_and_a_form_that_is_taken_needs_it_no_longer(served):
    browser = served.browser("social-worker")
    path, said = typing(served)
    kept = browser.post("/draft/keep", data=said)
    back = browser.get("/draft/typed", params={"form": f"{path}#0"})
    offered = browser.get("/draft")
    refused = browser.post(path, data={"words": "zq He said"})
    still = browser.get("/draft/typed", params={"form": f"{path}#0"})
    forgotten = browser.post("/draft/forget", data={"draft-form": f"{path}#0"})

    assert (204, 200, [["words", "zq He said"]]) == (kept.status_code, back.status_code, back.json())
    assert "What you were writing" in text(offered)
    assert "An account" in text(offered)
    assert (303, 200) == (refused.status_code, still.status_code)  # no purpose was said: nothing was taken
    assert (204, 204) == (
        forgotten.status_code,
        browser.get("/draft/typed", params={"form": f"{path}#0"}).status_code,
    )


def test_a_form_that_was_taken_is_not_put_back(served):
    browser = served.browser("social-worker")
    path = f"/children/{served.ann}/open"
    browser.post("/draft/keep", data={"draft-form": f"{path}#0", "draft-page": "/", "to": "x"})
    browser.post(path, data={"purpose": "gossip"})
    after_refusal = browser.get("/draft/typed", params={"form": f"{path}#0"}).status_code
    browser.post(path, data={"purpose": "section-47"})

    assert (200, 204) == (
        after_refusal,
        browser.get("/draft/typed", params={"form": f"{path}#0"}).status_code,
    )


def test_an_address_elsewhere_is_no_form_of_the_hub(served):
    browser = served.browser("social-worker")
    for wrong in ({"draft-form": "https://elsewhere/"}, {"draft-page": "//elsewhere"}, {"draft-form": ""}):
        assert 422 == browser.post("/draft/keep", data=typing(served, **wrong)[1]).status_code
