"""Pages are drawn from templates: what is said is never markup, and a page that breaks off says so."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markupsafe import Markup

from hub.web import rendering
from hub.web.rendering import CUT_OFF, Pages, escaped

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"])))
def test_whatever_is_said_comes_back_from_a_page_as_text_and_nothing_else(said):
    read = html.fromstring(f'<p title="{escaped(said)}">{escaped(said)}</p>')

    assert [said, said, 0] == [read.text or "", read.get("title"), len(read)]


def test_what_is_markup_already_stays_markup():
    assert "<b>&amp;</b>" == escaped(Markup("<b>&amp;</b>"))


def test_templates_escape_by_the_same_function(tmp_path, monkeypatch):
    pages = drawing(tmp_path, monkeypatch, "{{ said }}{% if said %}{{ said ~ said }}{% endif %}")

    assert "&lt;i&gt;" * 3 == pages.text("page.html", said="<i>")


def test_a_page_that_can_no_longer_be_drawn_says_so_where_it_ends(tmp_path, monkeypatch):
    pages = drawing(tmp_path, monkeypatch, "{% for n in rows %}{{ 1 // n }}{% endfor %}")
    sent = []
    with pytest.raises(ZeroDivisionError):
        sent.extend(rendering._in_pieces(pages._templates.get_template("page.html").generate(rows=[1, 0])))

    assert [CUT_OFF] == sent


def test_a_page_without_script_can_say_by_the_clock_in_london_when_its_session_ends(tmp_path, monkeypatch):
    pages = drawing(tmp_path, monkeypatch, "{{ session_ends() }}")

    assert "10:15" == pages.text("page.html")


def drawing(folder, monkeypatch, template):
    """Pages of one template."""
    (folder / "page.html").write_text(template)
    monkeypatch.setattr(rendering, "TEMPLATES", folder)
    return Pages(demo=True, ways=lambda _: [], clock=lambda: NINE, policy_document=lambda _: None)
