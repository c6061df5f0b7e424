"""The meeting's pack: no more than the least of its readers may read, as a page and as a tagged PDF."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.intake.acts import record_act
from hub.web.printing import pdf_of
from schemas.case_event import Identifier
from schemas.protocol import InformationRequested, InformationSupplied
from tests.events import ANN, DAY, missing
from tests.hubs import Desk, take_all
from tests.web.conftest import AT, CANARIES, WORKER, Served, allocated
from tests.web.test_pages import opened, spaced, text, tree


def pack(served, *roles, as_="print"):
    browser = opened(served)
    return browser.get(f"/children/{served.ann}/pack/{as_}", params=[("for", role) for role in roles])


@pytest.mark.parametrize(
    ("roles", "reads"),
    [
        ((), {"police", "health", "education", "whereabouts"}),
        (("social-worker",), {"police", "health", "education", "whereabouts"}),
        (("school-lead",), {"education"}),
        (("school-lead", "police-officer"), set()),
        (("police-officer", "social-worker"), {"police", "whereabouts"}),
    ],
)
def test_a_pack_holds_no_more_than_the_least_of_its_readers_may_read(served, roles, reads):
    page = pack(served, *roles)

    assert 200 == page.status_code
    assert reads == {scope for scope, word in CANARIES.items() if word in page.text}


def test_a_pack_says_on_its_face_whose_it_is_when_drawn_and_for_what(served):
    page = text(pack(served, "school-lead"))

    assert "Drawn Fri 20 Nov 2026" in page
    assert "for demo-social-worker (social worker), purpose section 47. For: School lead." in page


def test_a_pack_says_what_each_agency_told_and_what_it_was_asked(tmp_path):
    def of(kind, number, day, **said):
        return kind(
            agency="social-care",
            system="hub",
            source_event_id=f"{kind.__name__}{number}",
            occurred_at=DAY + timedelta(days=day),
            request=Identifier("request", str(number)),
            **ANN,
            **said,
        )

    desk = Desk(tmp_path / "data")
    desk.publish(missing("m1", 0))
    acts = (
        of(InformationRequested, 1, 1, from_agency="police"),
        of(InformationRequested, 2, 1, from_agency="housing"),
        of(InformationSupplied, 1, 2),
    )
    with desk.open(at=AT) as hub:
        take_all(hub)
        served = Served(hub)
        allocated(hub, served.ann)
        for act in acts:
            record_act(hub.records, served.ann, act, WORKER, uuid4)
        whole, narrowed = (
            [spaced(row) for row in tree(pack(served, *roles)).cssselect("table:first-of-type tbody tr")]
            for roles in ((), ("school-lead",))
        )

    assert whole[0].startswith("Police 1 entry, the latest of Tue 01 Sep 2026")
    assert "answered Thu 03 Sep 2026" in whole[0]
    assert "Housing Nothing shown here: ask them Asked Wed 02 Sep 2026" in whole[6]
    assert whole[6].endswith("no answer yet")
    assert 8 == len(narrowed)
    assert all("Nothing shown here: ask them Nothing that is shown here" in row for row in narrowed)


def test_a_pack_is_a_tagged_pdf_in_its_own_language(served):
    made = pack(served, "school-lead", as_="pdf")

    assert (200, "application/pdf") == (made.status_code, made.headers["content-type"])
    assert made.content.startswith(b"%PDF-")
    assert b"/MarkInfo" in made.content or b"/ObjStm" in made.content
    assert 3 <= sum(d.question in ("chronology", "flags", "due") for d in served.disclosures(served.ann)[-3:])


def test_a_pdf_loads_nothing_from_anywhere(tmp_path):
    secret = tmp_path / "secret.css"
    secret.write_text("p { color: red }")
    made = pdf_of(f'<html lang="en"><title>x</title><link rel=stylesheet href="file://{secret}"><p>x</html>')

    assert made.startswith(b"%PDF-")
