"""Ask the MASH on the pages and by the API: a button on every chronology, an answer for whoever asked."""

from tests.sharing.test_mash import ANSWER, ASKED, WHY
from tests.web.test_access_pages import waiting
from tests.web.test_gates_api import ask, near  # noqa: F401 — a fixture
from tests.web.test_pages import opened, text, tree


def test_the_mash_is_asked_from_the_chronology_and_the_answer_comes_back_to_whoever_asked(near):  # noqa: F811
    browser = opened(near, "police-officer", near.ann)
    chronology = browser.get(f"/children/{near.ann}/chronology")
    (button,) = tree(chronology).xpath("//a[normalize-space()='Ask the MASH']/@href")
    blank = browser.post(button, data={"reason": " "})
    (form,) = tree(browser.get(button)).xpath(f"//form[@action='{button}']")
    sent = browser.post(form.action, data={"reason": ASKED})
    desk = browser.get(sent.headers["location"])
    (mine,) = tree(desk).xpath("//a[starts-with(@href, '/access/told/')]/@href")
    coordinator, (link,) = waiting(near, "mash-coordinator")
    item = coordinator.get(link)
    missed = coordinator.post(f"{link}/tell", data={"words": ANSWER})
    done = coordinator.post(f"{link}/tell", data={"outcome": "shared", "words": ANSWER, "reason": WHY})
    told = browser.get(mine)

    assert (422, 303, 422, 303) == (blank.status_code, sent.status_code, missed.status_code, done.status_code)
    assert "Enter what you must know, and why" in text(blank)
    assert "The MASH was asked" in text(desk)
    assert ASKED in text(item)
    assert ["#outcome", "#reason"] == tree(missed).xpath("//div[@class='govuk-error-summary__body']//a/@href")
    assert ANSWER in missed.text
    assert ANSWER in text(told)
    assert WHY not in told.text
    assert WHY in text(coordinator.get(link))
    assert 404 == coordinator.get(mine).status_code


def test_a_program_asks_is_answered_and_reads_what_it_was_told(near):  # noqa: F811
    asked = ask(
        near, "police-officer", f"children/{near.ann}/ask-the-mash", purpose="section-47", words=ASKED
    )
    (waits,) = ask(near, "mash-coordinator", "access/questions").json()["data"]
    path = f"access/{waits['item']}"
    body = {"outcome": "withheld", "words": ANSWER, "reason": WHY}
    answered = ask(near, "mash-coordinator", f"{path}/tell", **body)
    told = ask(near, "police-officer", f"{path}/told")
    others = ask(near, "social-worker", f"{path}/told")
    nobody = ask(
        near, "social-worker", f"children/{near.ann}/ask-the-mash", purpose="section-47", words=ASKED
    )

    assert asked.json()["data"]["request"] == waits["item"]
    assert (200, 404, 404) == (answered.status_code, others.status_code, nobody.status_code)
    assert ANSWER == told.json()["data"]["answer"]
    assert not any(word in told.text for word in ("outcome", "withheld", WHY))
