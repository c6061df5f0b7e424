"""The pages of a child whose case was closed say so, and for what it is read still."""

from datetime import timedelta

from schemas.social_care import Closed
from tests.events import ANN, DAY, attendance, missing
from tests.hubs import NOW, take_all
from tests.web.conftest import Served
from tests.web.test_pages import opened, rows, text

BEFORE = DAY - timedelta(days=150)


def test_each_page_of_a_closed_case_says_so_and_for_what_it_is_read(desk):
    closed = Closed(agency="social-care", system="s", source_event_id="k", occurred_at=BEFORE, **ANN)
    desk.publish(missing(day=-200, summary="late home"), attendance(day=-190, summary="an arm"), closed)
    with desk.open(at=BEFORE) as hub:
        take_all(hub)
    with desk.open(at=NOW) as hub:
        served = Served(hub)
        browser = opened(served, "named-doctor", purpose="direct-care")
        pages = [browser.get(f"/children/{served.ann}/{one}") for one in ("chronology", "flags", "protocol")]
        browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
        whole = text(browser.get(f"/children/{served.ann}/chronology"))
        browser.post(f"/children/{served.ann}/open", data={"purpose": "practice-review"})
        reviewed = text(browser.get(f"/children/{served.ann}/chronology"))
        worker = served.program("social-worker")
        refused = worker.post(f"/v1/children/{served.ann}/chronology", json={"purpose": "practice-review"})

    for page in pages:
        assert "This case was closed on Sat 04 Apr 2026, and is no longer read for your purpose" in text(page)
        assert "look for screening or section 47, or ring the children's social care duty team" in text(page)
    assert ["an arm" in row for row in rows(pages[0])] == [True]
    assert "Ann Marsh" in text(pages[0])
    for page in (whole, reviewed):
        assert "This case was closed" not in page
        assert "an arm" in page
    assert "Child Safeguarding Practice Review: Children Act 2004 ss.16F and 16H" in reviewed
    assert 403 == refused.status_code


def test_a_pack_is_made_for_nobody_who_would_not_read_the_closed_case_themself(desk):
    closed = Closed(agency="social-care", system="s", source_event_id="k", occurred_at=BEFORE, **ANN)
    desk.take_in(missing(day=-200, summary="late home"), closed, at=BEFORE)
    with desk.open(at=NOW + timedelta(days=200)) as hub:
        served = Served(hub)
        browser = opened(served, "mash-coordinator", purpose="screening")
        pack = f"/children/{served.ann}/pack/print"
        own, others = browser.get(pack), browser.get(f"{pack}?for=school-lead&for=mash-coordinator")
        browser.post(f"/children/{served.ann}/open", data={"purpose": "section-47"})
        acting = browser.get(f"{pack}?for=police-officer")

    assert "late home" in text(own)
    assert "late home" in text(acting)
    assert 422 == others.status_code
    assert "late home" not in text(others)
    assert "School lead would be shown less of it for this purpose" in text(others)
