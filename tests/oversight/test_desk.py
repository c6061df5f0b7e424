"""The partnership's desk: what is counted, who is shown it, and that it shows no child."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from hub.__main__ import app as hub_command
from hub.domain.child import By
from hub.errors import NotAllowed
from hub.oversight.counting import NOT_SAID, OTHERS, flags_by_group
from hub.oversight.desk import PARTNERS
from hub.sharing.look import Reader
from hub.web.app import create_app
from schemas.case_event import Identifier
from schemas.police import OffenceReported
from schemas.vocabulary import Agency
from tests.casework.acting import MONDAY, follow, incident
from tests.hubs import Desk, take_all
from tests.web.conftest import Served
from tests.web.test_pages import text, tree

LEAD = Reader(By("ig-1", "information-governance-lead", "social-care"), "audit")
NOW = MONDAY + timedelta(days=5)
GIRLS, BOYS = 8, 5


def child(n):
    """One of several children with a strategy meeting overdue; eight of them girls, the rest boys."""
    characteristics = {"sex": "F" if n < GIRLS else "M", "ethnicity": "WBRI" if n else "APKN", "send": n == 1}
    return {
        "identifiers": (Identifier("upn", f"A9994000{n:05}"),),
        "name": {"family": f"Canary{n}", "given": "Kim"},
        "characteristics": characteristics,
    }


def events(n):
    who = child(n)
    yield incident(f"i{n}", who=who, other=None, hsb_class="abusive")
    yield OffenceReported(
        agency="police",
        system="niche",
        source_event_id=f"o{n}",
        occurred_at=MONDAY - timedelta(days=40),
        part="has-been-sexually-harmed",
        hsb_forms=("peer-on-peer",),
        **who,
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("partnership") / "data")
    desk.publish(*(event for n in range(GIRLS + BOYS) for event in events(n)))
    for agency in (Agency.POLICE, Agency.SOCIAL_CARE):
        desk.heartbeat(agency)
    with desk.open(at=MONDAY) as hub:
        take_all(hub)
        follow(hub)
    return desk


@pytest.fixture(scope="module")
def served(desk):
    with desk.open(at=NOW) as hub:
        follow(hub)
        served = Served.__new__(Served)
        served.hub, served.app = hub, create_app(hub)
        yield served


def lines(table):
    return {line.name: dict(zip(table.columns, line.counts, strict=True)) for line in table.lines}


def test_flags_are_counted_by_pattern_and_clocks_by_row(served):
    report = served.hub.partnership.report(LEAD)
    every = served.hub.drawn.every_flag()
    count = sum(len(some) for some in every.values())

    assert count >= GIRLS + BOYS
    assert count == sum(c or 0 for c in lines(report.flags)["All"].values())
    found = lines(report.clocks)
    (row,) = [name for name in found if name.startswith("R37 ")]
    asked = [i for items in served.hub.drawn.worklists().values() for i in items if i.obligation == "R37"]
    assert len([i for i in asked if i.state == "overdue"]) == found[row]["overdue"] > GIRLS


def test_the_same_flags_are_counted_by_characteristics_of_the_children(served):
    report = served.hub.partnership.report(LEAD)
    by = {table.name: lines(table) for table in report.equality}
    each = {child: len(some) for child, some in served.hub.drawn.every_flag().items()}

    assert ["Flags by sex", "Flags by ethnicity", "Flags by special educational needs"] == list(by)[:3]
    assert {"F", "M", "All"} == set(by["Flags by sex"])
    per_child = set(each.values())
    assert 1 == len(per_child)  # the same story of each child
    flags = per_child.pop()
    assert GIRLS * flags == sum(c or 0 for c in by["Flags by sex"]["F"].values())
    assert {"not recorded", "All"} == set(by["Flags by being looked after"])


def test_a_group_too_small_to_be_shown_is_not_even_named(served):
    report = served.hub.partnership.report(LEAD)
    (ethnicity,) = [table for table in report.equality if table.name == "Flags by ethnicity"]

    assert "APKN" not in lines(ethnicity)
    assert None in lines(ethnicity)[OTHERS].values()


def test_groups_that_are_small_alone_are_counted_together():
    flag = next(iter(FLAGS_DRAWN))
    found = flags_by_group([("a", flag), ("b", flag), (None, flag), *[("c", flag)] * 5])

    assert {"c", OTHERS, NOT_SAID} == set(found)
    assert [2] == list(found[OTHERS].values())


class _Drawn:
    """A flag as counting looks at one."""

    standing, state, decision, pattern, name = False, None, None, "P16", "x"


FLAGS_DRAWN = (_Drawn(),)


def test_silent_agencies_are_named_with_when_they_were_last_heard(served):
    feeds = {feed.agency: feed for feed in served.hub.partnership.report(LEAD).feeds}

    assert feeds["police"].heard_at is not None
    assert (None, True) == (feeds["housing"].heard_at, feeds["housing"].silent)


@pytest.mark.parametrize("role", ["social-worker", "mash-coordinator", "operator", "caldicott-guardian"])
def test_nobody_else_is_shown_it(served, role):
    agency = served.hub.policy.roles[role].agency.value

    with pytest.raises(NotAllowed):
        served.hub.partnership.report(Reader(By("x", role, agency), "audit"))
    assert 403 == served.browser(role).get("/partnership").status_code
    assert 403 == served.program(role).get("/v1/partnership").status_code


@pytest.mark.parametrize("role", sorted(PARTNERS))
def test_the_page_the_api_and_the_command_say_the_same_and_no_child(desk, served, role):
    page = served.browser(role).get("/partnership")
    answer = served.program(role).get("/v1/partnership").json()["data"]
    command = CliRunner().invoke(
        hub_command, ["--data", str(desk.settings.data), "partnership", "--as", role, "--json"]
    )

    said = json.loads(command.output)
    for part in ("flags", "clocks", "equality", "feeds"):
        assert answer[part] == said[part]
    cells = [
        [c.text_content() for c in row.cssselect("td")]
        for row in tree(page).cssselect("table.counts tbody tr")
    ]
    tables = [answer["flags"], answer["clocks"], *answer["equality"]]
    told = [
        ["n/s" if c is None else str(c) for c in line["counts"]]
        for table in tables
        for line in table["lines"]
    ]
    assert told == cells
    children = {str(c) for c in served.hub.records.children()}
    for shown in (page.text, json.dumps(answer), command.output):
        assert not [word for word in ("Canary", "A9994000", *children) if word in shown]
    assert "Counts from 1 to 4 are not shown" in text(page)


def test_looking_at_the_counts_discloses_no_child(served):
    before = {c: len(served.hub.records.child(c).disclosures) for c in served.hub.records.children()}
    served.browser("auditor").get("/partnership")

    assert before == {c: len(served.hub.records.child(c).disclosures) for c in served.hub.records.children()}


def test_the_command_reads_as_lines(desk):
    said = CliRunner().invoke(hub_command, ["--data", str(desk.settings.data), "partnership"]).output

    assert "Feeds (silent: not heard for 24 hours, or never)" in said
    assert "Flags by sex" in said
    assert "n/s" in said
