"""The pages: what each says, to whom, in which order; and that anyone can use them."""

import re
from uuid import uuid4

import pytest
from lxml import html

from hub.web.app import STYLE
from tests.web.conftest import AT, CANARIES, Asking, Folder, Served
from tests.web.test_api import ALLOCATED, RELATED, reads


def tree(answer):
    return html.fromstring(answer.content)


def text(answer):
    return " ".join(tree(answer).find("body").text_content().split())


def rows(answer):
    return [
        " ".join(row.text_content().split()) for row in tree(answer).cssselect("table.chronology tbody tr")
    ]


def look(served, role="social-worker", child=None, **said):
    said = {"purpose": "section-47", **said}
    return served.browser(role).post(f"/children/{child or served.ann}/chronology", data=said)


def find(served, role="social-worker", **said):
    said = {"purpose": "section-47", "system": "nhs-number", "value": "944 930 5552", **said}
    return served.browser(role).post("/children/find", data=said)


def test_each_role_is_shown_the_words_of_its_scopes_and_no_others(served):
    policy, shown = served.hub.policy, 0
    for role, row in policy.roles.items():
        for purpose in row.purposes:
            page = look(served, role, purpose=purpose, detail="everything").text
            for scope, word in CANARIES.items():
                related = role in ALLOCATED or row.agency.value in RELATED
                expected = reads(policy, role, purpose, scope, related)
                assert expected == (word in page), (role, purpose, scope)
                shown += expected

    assert shown > 10


def test_unknown_foreign_and_impossible_children_are_the_same_page(served):
    browser = served.browser("school-lead")
    answers = [
        browser.post(f"/children/{child}/chronology", data={"purpose": "section-17"})
        for child in (served.ben, uuid4(), "0")
    ]

    assert {404} == {a.status_code for a in answers}
    assert 1 == len({a.content for a in answers})
    assert "No record of this child" in text(answers[0])


def test_numbers_of_nobody_and_of_a_foreign_child_are_the_same_page(served):
    nobody = find(served, "school-lead", value="9990000000")
    foreign = find(served, "school-lead", value="9449304424")

    assert (404, nobody.content) == (foreign.status_code, foreign.content)
    assert "9449304424" not in foreign.text
    assert "ring the children's social care duty team" in text(foreign)


def test_a_child_is_found_looked_at_and_opened_with_the_purpose_said(served):
    found = find(served, "school-lead")
    form = tree(found).cssselect("main form")[0]
    fields = dict(form.fields)
    opened = served.browser("school-lead").post(form.action, data=fields)

    assert "Ann Marsh" in text(found)
    assert "NHS number 9449305552" in text(found)
    assert {"purpose": "section-47"} == fields
    assert 200 == opened.status_code
    assert "school lead for section 47" in text(opened)


def test_the_order_is_said_in_words_and_can_be_turned(served):
    newest, oldest = look(served), look(served, order="oldest")

    assert "Newest first, by when it happened." in text(newest)
    assert "Oldest first, by when it happened." in text(oldest)
    assert rows(newest) == rows(oldest)[::-1]
    assert CANARIES["police"] in rows(oldest)[0]


def test_a_line_says_when_who_what_how_much_it_matters_and_both_times(served):
    (line,) = [row for row in rows(look(served)) if CANARIES["police"] in row]

    assert (
        "Tue 01 Sep 2026, 11:00 Hub recorded it Fri 20 Nov 2026, 09:00 "
        "Police Missing episode Significant canary-police-summary"
    ) == line


def test_an_episode_that_goes_on_says_so(served):
    assert ["still missing" in row for row in rows(look(served)) if "Still going on" in row] == [True]


def test_what_was_withdrawn_is_struck_through_with_why(served):
    page = look(served)
    struck = tree(page).cssselect("tr.struck")

    assert 1 == len(struck)
    assert ["Missing episode", "entered for the wrong child"] == [
        s.text_content() for s in struck[0].cssselect("s")
    ]
    assert "Withdrawn by Police on Fri 20 Nov 2026, 09:00: wrong child." in struck[0].text_content()


def test_what_is_withheld_is_named_with_whom_to_ring(served):
    gaps = [
        " ".join(g.text_content().split()) for g in tree(look(served, "police-officer")).cssselect("tr.gap")
    ]

    assert 2 == len(gaps)
    assert gaps[1] == (
        "Mon 07 Sep 2026 Health Withheld. Health holds an entry that is not yours to read. "
        "Ring the named nurse for safeguarding children."
    )


def test_what_is_said_is_never_markup(served):
    page = look(served)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert [] == tree(page).cssselect("script")


def test_filters_are_applied_by_the_hub_kept_in_the_form_and_said(served):
    page = look(served, agency="health", **{"from": "2026-09-01"})
    form = tree(page).cssselect("form.choose")[0]

    assert 1 == len(rows(page))
    assert "1 entry shown; 4 left out by what you chose." in text(page)
    assert ("health", "2026-09-01") == (form.fields["agency"], form.fields["from"])
    assert "Show the whole record again" in text(page)


def test_a_filter_that_leaves_nothing_says_so(served):
    assert "No entries to show for what you chose." in text(look(served, to="2020-01-01"))


def test_agencies_of_which_nothing_is_shown_are_named(served):
    assert "Nothing is shown here from: Social care, Youth justice, Early help" in text(look(served))


def test_as_known_at_the_end_of_a_day_is_said_and_recorded(served):
    page = look(served, knownAt="2026-11-20")

    assert "As known at Fri 20 Nov 2026, 23:59." in text(page)
    assert 20 == served.disclosures(served.ann)[-1].known_at.day
    assert 404 == look(served, knownAt="2026-11-19").status_code


def test_everything_recorded_opens_every_detail(served):
    details = [tree(look(served, detail=d)).cssselect("table details") for d in ("line", "everything")]

    assert [[None], [""]] == [[each.get("open") for each in page] for page in details]


@pytest.mark.parametrize(
    "said",
    [
        {"from": "soon"},
        {"agency": "gossip"},
        {"knownAt": "0001-01-01"},
        {"from": "2026-02-02", "to": "2026-01-01"},
    ],
)
def test_a_form_that_is_not_understood_says_where_and_repeats_nothing(served, said):
    page = look(served, **said)

    assert 422 == page.status_code
    assert "Not understood" in text(page)
    assert not {"soon", "gossip", "0001-01-01"} & set(text(page).split())


def test_a_purpose_that_is_not_the_roles_is_refused_in_the_policys_words(served):
    page = look(served, purpose="direct-care")

    assert 403 == page.status_code
    assert "Your role may not look for this purpose." in text(page)


def test_what_is_not_a_form_of_the_hub_is_refused(served):
    browser, path = served.browser("social-worker"), f"/children/{served.ann}/chronology"

    assert 415 == browser.post(path, json={"purpose": "section-47"}).status_code
    assert 415 == browser.post(path, data={f"f{n}": "x" for n in range(40)}).status_code
    assert 415 == browser.post(path, files={"purpose": b"section-47"}).status_code


def test_an_auditor_replays_a_story_and_no_one_else_does(served):
    story = served.browser("auditor").post("/history", data={"purpose": "audit", "child": str(served.ann)})
    by_path = served.browser("auditor").post(f"/children/{served.ann}/history", data={"purpose": "audit"})
    refused = served.browser("social-worker").post(
        "/history", data={"purpose": "audit", "child": str(served.ann)}
    )
    unknown = served.browser("auditor").post("/history", data={"purpose": "audit", "child": "x"})

    assert "by police: police.missing-episode.v1 of 2026-09-01" in text(story)
    assert "canary" not in story.text
    assert (200, 403, 404) == (by_path.status_code, refused.status_code, unknown.status_code)


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("social-worker", "Find a child"),
        ("auditor", "It stands on every chronology"),
        ("operator", "Nothing to look up"),
    ],
)
def test_each_role_begins_with_what_it_may_do(served, role, says):
    assert says in text(served.browser(role).get("/children/find"))


def test_an_address_typed_in_leads_to_where_a_purpose_is_said(served):
    browser = served.browser("social-worker")
    for path in ("/", f"/children/{served.ann}/chronology", f"/children/{served.ann}/history"):
        answer = browser.get(path)

        assert (303, "/children/find") == (answer.status_code, answer.headers["location"])


def test_what_can_no_longer_be_opened_is_shown_as_erased(tmp_path):
    desk = Folder(tmp_path / "data").desk
    with desk.open(at=AT) as hub:
        served = Served(hub)
        hub.keys.destroy(served.ann, ["police"])
        page = look(served)

    assert 200 == page.status_code
    assert "Erased. What this entry said can no longer be read." in text(page)
    assert CANARIES["police"] not in page.text
    assert CANARIES["health"] in page.text


def every_page(served):
    browser = served.browser("social-worker")
    yield Asking(served.app).get("/sign-in")
    yield Asking(served.app).get("/nowhere")
    yield browser.get("/children/find")
    yield find(served)
    yield find(served, value="9990000000")
    yield look(served, detail="everything")
    yield look(served, "police-officer", agency="police")
    yield look(served, to="2020-01-01")
    yield look(served, purpose="audit")
    yield served.browser("auditor").get("/children/find")
    yield served.browser("auditor").post("/history", data={"purpose": "audit", "child": str(served.ann)})


def test_every_page_can_be_used_by_everyone(served):
    seen = 0
    for page in every_page(served):
        root = tree(page)
        ids = [each.get("id") for each in root.cssselect("[id]")]
        labelled = {label.get("for") for label in root.cssselect("label")}
        controls = root.cssselect("select, textarea, input:not([type=hidden])")
        levels = [int(h.tag[1]) for h in root.cssselect("h1, h2, h3")]
        tables = root.cssselect("table")

        assert "en-GB" == root.get("lang")
        assert root.findtext(".//title").endswith(" Safeguarding hub")
        assert "#main" == root.cssselect("a.skip")[0].get("href")
        assert 1 == len(root.cssselect("main#main"))
        assert 1 == levels.count(1)
        assert len(ids) == len(set(ids))
        assert {c.get("id") for c in controls} <= labelled
        assert all(set(c.get("aria-describedby", "").split()) <= set(ids) for c in controls)
        assert all(h.get("scope") for t in tables for h in t.cssselect("th"))
        assert all(t.cssselect("caption") or t.get("aria-labelledby") in ids for t in tables)
        assert [] == root.cssselect("[style], script, style, iframe, [onclick]")
        assert "Demonstration." in root.cssselect(".demonstration")[0].text_content()
        seen += 1

    assert 11 == seen


def test_no_address_or_form_target_names_a_purpose_or_a_person(served):
    for page in every_page(served):
        root = tree(page)
        targets = [a.get("href") for a in root.cssselect("a")] + [
            f.get("action") for f in root.cssselect("form")
        ]

        assert all("?" not in target and "9449" not in target for target in targets)
        assert all("post" == form.get("method") for form in root.cssselect("form"))


INK_ON = [
    ("ink", "paper"),
    ("ink", "wash"),
    ("ink", "focus"),
    ("quiet", "paper"),
    ("quiet", "wash"),
    ("deep", "paper"),
    ("paper", "deep"),
    ("warn", "paper"),
]


@pytest.mark.parametrize(("ink", "ground"), INK_ON)
def test_text_stands_out_from_its_ground(ink, ground):
    palette = dict(re.findall(r"--(\w+): #([0-9a-f]{6});", STYLE.read_text()))
    light, dark = sorted((luminance(palette[ink]), luminance(palette[ground])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_are_named_in_one_place_and_a_page_prints():
    style = STYLE.read_text()
    rules = style[style.index("}") :]

    assert [] == re.findall(r"#[0-9a-f]{3,6}\b", rules)
    assert "@media print" in style
    assert "url(" not in style
