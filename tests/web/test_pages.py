"""The pages: what each says, to whom, in which order; and that anyone can use them."""

import hashlib
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from lxml import html

from hub.web.heard import feeds_said
from hub.web.kit import KEPT_SHA256
from hub.web.static_files import FOLDER, KINDS, address_of
from hub.web.themes import OF, theme_of
from schemas.case_event import Identifier
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency
from tests.events import attendance, missing
from tests.hubs import Desk, take_all
from tests.web.conftest import AT, CANARIES, LATER, Asking, Folder, Served, allocated
from tests.web.test_api import ALLOCATED, RELATED, reads


def tree(answer):
    return html.fromstring(answer.content)


def text(answer):
    return " ".join(tree(answer).find("body").text_content().split())


def spaced(element):
    return " ".join(" ".join(element.itertext()).split())


def rows(answer):
    return [spaced(row) for row in tree(answer).cssselect("table.chronology tbody tr")]


def opened(served, role="social-worker", child=None, purpose="section-47"):
    browser = served.browser(role)
    browser.post(f"/children/{child or served.ann}/open", data={"purpose": purpose})
    return browser


def look(served, role="social-worker", child=None, purpose="section-47", **said):
    browser = opened(served, role, child, purpose)
    return browser.get(f"/children/{child or served.ann}/chronology", params={"routine": "each", **said})


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
    answers = [look(served, "school-lead", child, "section-17") for child in (served.ben, uuid4())]
    impossible = served.browser("school-lead").get("/children/0/chronology")

    assert {404} == {a.status_code for a in (*answers, impossible)}
    assert 1 == len({a.content for a in answers})
    assert "No record of this child" in text(answers[0])
    assert "No record of this child" in text(impossible)


def test_numbers_of_nobody_and_of_a_foreign_child_are_the_same_page(served):
    nobody = find(served, "school-lead", value="9990000000")
    foreign = find(served, "school-lead", value="9449304424")

    assert (404, nobody.text.replace("9990000000", "9449304424")) == (foreign.status_code, foreign.text)
    assert "ring the children's social care duty team" in text(foreign)


def test_a_child_is_found_looked_at_and_opened_with_the_purpose_said(served):
    found = find(served, "school-lead")
    form = tree(found).cssselect("main form")[0]
    fields = dict(form.fields)
    browser = served.browser("school-lead")
    opening = browser.post(form.action, data=fields)
    shown = browser.get(opening.headers["location"])

    assert "Ann Marsh" in text(found)
    assert "NHS number 9449305552" in text(found)
    assert {"purpose": "section-47"} == fields
    assert (303, 200) == (opening.status_code, shown.status_code)
    assert "school lead for section 47" in text(shown)


def test_a_child_is_found_by_name_and_date_of_birth_however_the_name_is_written(served):
    named = {"value": "", "family": "marsh ", "born": "2012-04-05"}
    found = find(served, given="ANN", **named)
    other = find(served, given="Anna", **named)
    foreign = find(served, "school-lead", given="Ben", family="Ferris", value="", born="2011-01-20")

    assert "Ann Marsh" in text(found)
    assert (404, 404) == (other.status_code, foreign.status_code)
    assert "find" == served.disclosures(served.ann)[-1].question


@pytest.mark.parametrize(
    ("said", "at", "says"),
    [
        ({"purpose": ""}, "purpose", "Say why you are looking"),
        ({"purpose": "direct-care"}, "purpose", "Say why you are looking"),
        ({"value": ""}, "value", "Enter a number, or a name and date of birth"),
        ({"value": "", "given": "Ann", "born": "2012-04-05"}, "family", "Enter the last name"),
        (
            {"value": "", "given": "A", "family": "M", "born": "soon"},
            "born",
            "Date of birth must be a real date",
        ),
        ({"system": "school", "organisation": "§§"}, "organisation", "Whose number it is must be a name"),
    ],
)
def test_what_is_missing_is_said_at_its_place_and_nothing_typed_is_lost(served, said, at, says):
    page = find(served, **said)
    root = tree(page)
    summary = root.cssselect(".govuk-error-summary a")

    assert 422 == page.status_code
    assert [f"#{at}"] == [link.get("href") for link in summary]
    assert says in summary[0].text_content()
    assert says in root.get_element_by_id(f"{at}-error").text_content()
    assert "Error: " in root.findtext(".//title")
    for name, value in said.items():
        if value and name not in ("purpose", "system", "born"):
            assert value == root.get_element_by_id(name).get("value")


def test_the_order_is_said_in_words_and_can_be_turned(served):
    newest, oldest = look(served), look(served, order="oldest")

    assert "Newest first, by when it happened." in text(newest)
    assert "Oldest first, by when it happened." in text(oldest)
    assert rows(newest) == rows(oldest)[::-1]
    assert CANARIES["police"] in rows(oldest)[0]


def test_a_line_says_when_who_what_how_much_it_matters_and_both_times(served):
    (line,) = [row for row in rows(look(served, detail="times")) if CANARIES["police"] in row]

    assert (
        "Tue 01 Sep 2026, 11:00 Hub recorded it Fri 20 Nov 2026, 09:00 "
        "Police Missing episode. canary-police-summary Significant"
    ) == line


def test_an_episode_that_goes_on_says_so(served):
    assert ["still missing" in row for row in rows(look(served)) if "Still going on" in row] == [True]


def test_what_was_withdrawn_is_struck_through_with_why(served):
    page = look(served)
    struck = tree(page).cssselect("tr.struck")

    assert 1 == len(struck)
    assert ["Missing episode. entered for the wrong child"] == [
        s.text_content() for s in struck[0].cssselect("s")
    ]
    assert "Withdrawn by Police on Fri 20 Nov 2026, 09:00: wrong child." in struck[0].text_content()


def test_what_is_withheld_is_named_with_whom_to_ring(served):
    page = tree(look(served, "police-officer"))
    gaps = [spaced(g) for g in page.cssselect("tr.withheld")]

    assert 2 == len(gaps)
    assert gaps[1] == (
        "Mon 07 Sep 2026 Health Withheld. Health holds an entry that is not yours to read. "
        "Ring the named nurse for safeguarding children. Their duty to share"
    )
    assert page.get_element_by_id("not-shown") is not None
    assert ["#not-shown"] * len(gaps) == page.xpath("//tr[@class='withheld']//a/@href")


def test_where_something_is_withheld_the_page_says_on_what_ground_it_is_to_be_shared(served):
    duty = served.hub.policy.duty_to_share
    browser = opened(served, "police-officer")

    assert duty
    for page in ("chronology", "access"):
        assert f"Duty to share. {duty}" in text(browser.get(f"/children/{served.ann}/{page}"))


def test_what_is_said_is_never_markup(served):
    page = look(served)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert [address_of("hub.js")] == [script.get("src") for script in tree(page).cssselect("script")]


def test_filters_are_applied_by_the_hub_kept_in_the_form_and_said(served):
    page = look(served, agency="health", **{"from": "2026-09-01"})
    form = tree(page).cssselect(".choose form")[0]

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
    line, all_ = (tree(look(served, detail=d)).cssselect("table details") for d in ("line", "everything"))

    assert [] == line
    assert [""] == [each.get("open") for each in all_]


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
    page = served.browser("social-worker").post(
        f"/children/{served.ann}/open", data={"purpose": "direct-care"}
    )

    assert 403 == page.status_code
    assert "Your role may not look for this purpose." in text(page)


def test_what_is_not_a_form_of_the_hub_is_refused(served):
    browser, path = served.browser("social-worker"), f"/children/{served.ann}/open"

    assert 415 == browser.post(path, json={"purpose": "section-47"}).status_code
    assert 415 == browser.post(path, data={f"f{n}": "x" for n in range(2000)}).status_code
    assert 415 == browser.post(path, files={"purpose": b"section-47"}).status_code


def test_an_auditor_replays_a_story_and_no_one_else_does(served):
    said = {"child": str(served.ann)}
    story = served.browser("auditor").post("/audit/story", data=said)
    refused = served.browser("social-worker").post("/audit/story", data=said)
    unknown = served.browser("auditor").post("/audit/story", data={"child": "x"})

    assert "by police: police.missing-episode.v1 of 2026-09-01" in text(story)
    assert "canary" not in story.text
    assert (200, 403, 404) == (story.status_code, refused.status_code, unknown.status_code)


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("social-worker", "Find a child"),
        ("auditor", "Replay a child"),
        ("operator", "Nothing to look up"),
    ],
)
def test_each_role_begins_with_what_it_may_do(served, role, says):
    browser = served.browser(role)
    assert says in text(browser.get(browser.get("/").headers["location"]))


def test_an_address_typed_in_leads_to_where_a_purpose_is_said_and_on_from_there(served):
    browser = served.browser("social-worker")
    asked = browser.get(f"/children/{served.ann}/chronology")
    page = browser.get(asked.headers["location"])
    form = tree(page).cssselect("main form")[0]
    opening = browser.post(form.action, data={"purpose": "section-47", "to": form.fields["to"]})

    assert (303, f"/children/{served.ann}/why?to=chronology") == (
        asked.status_code,
        asked.headers["location"],
    )
    assert "Ann Marsh" not in text(page)
    assert f"/children/{served.ann}/chronology" == opening.headers["location"]
    assert 200 == browser.get(opening.headers["location"]).status_code


def test_a_purpose_holds_for_one_child_until_sign_out(served):
    browser = opened(served)
    other = browser.get(f"/children/{served.ben}/chronology")
    browser.post("/sign-out")
    browser.post("/sign-in", data={"role": "social-worker"})
    again = browser.get(f"/children/{served.ann}/chronology")

    assert [f"/children/{child}/why?to=chronology" for child in (served.ben, served.ann)] == [
        answer.headers["location"] for answer in (other, again)
    ]


def test_routine_entries_are_counted_together_until_each_is_asked_for(tmp_path):
    desk = Desk(tmp_path / "data")
    desk.publish(
        missing("m1", 0, summary="first"),
        *(attendance(f"a{n}", 1 + n / 10, significance="routine", summary="plaster") for n in range(4)),
        missing("m2", 2, summary="last"),
        missing("m3", 44, summary="long after"),
    )
    with desk.open(at=AT) as hub:
        take_all(hub)
        served = Served(hub)
        allocated(hub, served.ann)
        counted, each = (rows(look(served, routine=r, order="oldest")) for r in ("counted", "each"))

    assert 5 == len(counted)
    assert "Wed 02 Sep 2026 Health 4 routine entries. Health 4" in counted[1]
    assert 8 == len(each)
    assert "Between Thu 03 Sep 2026 and Thu 15 Oct 2026 Nothing is shown here for 6 weeks." == counted[3]


def test_accounts_of_one_incident_stand_side_by_side_and_differ_in_what_happened_alone(tmp_path):
    def told(incident, *sayings):
        reference = Identifier("police-crime", incident)
        return [missing(f"{incident}{n}", n, incident=reference, **said) for n, said in enumerate(sayings)]

    desk = Desk(tmp_path / "data")
    desk.publish(
        *told("A", {"significance": "significant"}, {"significance": "notable"}),
        *told("B", {"found_where": "at the station"}, {"found_where": "at home"}),
    )
    with desk.open(at=AT) as hub:
        take_all(hub)
        served = Served(hub)
        allocated(hub, served.ann)
        tables = [spaced(table) for table in tree(look(served)).cssselect("table.accounts")]

    assert ["2 accounts, which differ" in table for table in tables] == [True, False]
    assert "They differ at the station at home" in tables[0]
    assert "Significance Significant Notable" in tables[1]


def test_every_type_of_event_has_a_theme_and_every_theme_names_types_there_are():
    kinds = {name.split(".")[1] for name in TYPE_BY_NAME}

    assert set() == {kind for some in OF.values() for kind in some} - kinds
    assert len(OF) < len({theme_of(name) for name in TYPE_BY_NAME}) + 1


def test_what_can_no_longer_be_opened_is_shown_as_erased(tmp_path):
    desk = Folder(tmp_path / "data").desk
    with desk.open(at=LATER) as hub:
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
    yield browser.post(f"/children/{served.ann}/open", data={"purpose": "audit"})
    yield browser.get(f"/children/{served.ann}/why")
    yield served.browser("auditor").get("/audit")
    yield served.browser("auditor").post("/audit/story", data={"child": str(served.ann)})


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
        assert "#main" == root.cssselect("a.govuk-skip-link")[0].get("href")
        assert 1 == len(root.cssselect("main#main"))
        assert 1 == levels.count(1)
        assert len(ids) == len(set(ids))
        assert {c.get("id") for c in controls} <= labelled
        assert all(set(c.get("aria-describedby", "").split()) <= set(ids) for c in controls)
        assert all(h.get("scope") for t in tables for h in t.cssselect("th"))
        assert all(t.cssselect("caption") or t.get("aria-labelledby") in ids for t in tables)
        assert [] == root.cssselect("[style], script:not([src]), style, iframe, [onclick]")
        assert "Demonstration." in root.cssselect(".demonstration")[0].text_content()
        seen += 1

    assert 12 == seen


def test_no_address_or_form_target_names_a_purpose_or_a_person(served):
    for page in every_page(served):
        root = tree(page)
        targets = [a.get("href") for a in root.cssselect("a")] + [
            f.get("action") for f in root.cssselect("form")
        ]
        asking = {f.get("action") for f in root.cssselect("form[method=get]")}

        assert all("purpose" not in t and "9449" not in t and "section-47" not in t for t in targets)
        assert asking <= {f"/children/{served.ann}/chronology"}


STYLE = FOLDER / "hub.css"
INK_ON = [
    *(
        (ink, ground)
        for ink in ("ink", "quiet", "link", "deep", "warn", "good")
        for ground in ("paper", "wash")
    ),
    ("ink", "focus"),
    ("paper", "deep"),
    ("paper", "calm"),
    ("paper", "warn"),
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


def test_the_design_systems_sheet_is_the_one_that_was_looked_at_without_what_is_gov_uks_alone():
    sheet = (FOLDER / "govuk-frontend.min.css").read_bytes()

    assert KEPT_SHA256 == hashlib.sha256(sheet).hexdigest()
    assert not any(word in sheet for word in (b"GDS Transport", b"crest", b"@font-face", b"url("))


def test_files_are_kept_by_browsers_under_an_address_that_says_what_they_hold(served):
    for name, kind in KINDS.items():
        answer = Asking(served.app).get(address_of(name))

        assert (200, kind) == (answer.status_code, answer.headers["content-type"].partition(";")[0])
        assert "public, max-age=31536000, immutable" == answer.headers["cache-control"]
    assert 404 == Asking(served.app).get("/static/0/hub.css").status_code


def test_when_each_agency_was_last_heard_from_stands_beside_the_chronology(tmp_path):
    desk = Folder(tmp_path / "data").desk
    desk.heartbeat(Agency.POLICE)
    with desk.open(at=LATER) as hub:
        take_all(hub)
        for follower in hub.followers:
            follower.catch_up()
        served = Served(hub)
        now, then = (text(look(served, **said)) for said in ({}, {"knownAt": "2026-11-20"}))

    assert "Police: last heard Fri 20 Nov 2026, 09:0" in now
    assert "Silent Housing: no feed of theirs has been heard" in now
    assert "Not heard for a day or more: Social care, Youth justice" in now
    assert "last heard" not in then


def test_a_feed_that_was_heard_long_ago_is_said_to_be_silent_since():
    (police, health, *_) = feeds_said({"police": AT - timedelta(days=2), "health": AT}, AT)

    assert (True, "silent since Wed 18 Nov 2026, 09:00") == (police.silent, police.said)
    assert (False, "last heard Fri 20 Nov 2026, 09:00") == (health.silent, health.said)
