"""The meeting's pack: no more than the least of its readers may read, as a page and as a tagged PDF."""

import pytest

from hub.web.printing import pdf_of
from tests.web.conftest import CANARIES
from tests.web.test_pages import opened, text


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
