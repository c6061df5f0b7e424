"""The partnership's desk: what is counted, who is shown it, and that it shows no child."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from hub.__main__ import app as hub_command
from hub.domain.access import Closing
from hub.domain.child import By
from hub.errors import NotAllowed
from hub.intake.acts import record_act
from hub.oversight.counting import NOT_SAID, OTHERS, flags_by_group
from hub.oversight.desk import PARTNERS
from hub.sharing.look import Reader
from hub.web.app import create_app
from schemas.case_event import Identifier
from schemas.police import OffenceReported
from schemas.protocol import DisclosureConsidered
from schemas.vocabulary import Agency
from tests.casework.acting import MONDAY, WORKER, follow, incident
from tests.hubs import Desk, take_all
from tests.web.conftest import Served
from tests.web.test_pages import text, tree

LEAD = Reader(By("ig-1", "information-governance-lead", "social-care"), "audit")
KEEPER = By("cg", "caldicott-guardian", "health")
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
        acts = [record_act(hub.records, c, one, WORKER.by, uuid4) for c, one in shares(hub)]
        assert all(acts)
        last = hub.records.children()[-1]
        (entry,) = (
            id_ for id_, kept in hub.records.child(last).entries.items() if "considered" in kept.entry.type
        )
        hub.gates.close(
            KEEPER, last, Closing.NOT_SHARED, "canary-why", agency="social-care", entries=(entry,)
        )
        follow(hub)
    return desk


def shares(hub):
    """One share considered on each child: made for six, to be made for two, withheld for five."""
    for n, id_ in enumerate(hub.records.children()):
        told = {"family_told": "yes"} if n else {"family_told": "no", "not_told_because": "not-yet"}
        made = {
            "decision": "share",
            "how_far": "headline",
            **told,
            "shared_on": MONDAY.date() if n > 1 else None,
        }
        kept = {"decision": "withhold", "withheld_because": "objection-heeded", "objection_of": ("child",)}
        yield (
            id_,
            DisclosureConsidered(
                agency="social-care",
                system="hub",
                source_event_id=f"hub/share-{n}",
                identifiers=(Identifier("hub", id_.hex),),
                occurred_at=MONDAY,
                recipient="canary-club",
                grounds="canary-grounds",
                purpose="education" if n == GIRLS else "keep-other-children-safe",
                **(made if n < GIRLS else kept),
            ),
        )


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


def test_shares_are_counted_by_how_they_came_up_what_for_and_who_was_told_and_the_small_ones_hidden(served):
    tables = {table.name: lines(table) for table in served.hub.partnership.report(LEAD).shares}
    by = {name.removeprefix("Shares by "): found for name, found in tables.items()}

    all_ = {
        "waiting for an answer": 0,
        "to be shared": None,
        "shared": 6,
        "withheld": 6,
        "nothing to share": 0,
    }
    assert all(all_ == by[name]["All"] for name in list(by)[:-1])
    assert [None, None] == [
        by["how they came up"][row]["withheld"] for row in list(by["how they came up"])[:-1]
    ]
    assert 6 == by["how they came up"]["considered beyond those at the table"]["shared"]
    assert 6 == by["what for"]["keep other children safe"]["shared"]
    assert None is by["what for"]["education"]["withheld"]
    assert 6 == by["who was told"]["the family told"]["shared"]
    assert 0 == by["who was told"]["not told: not yet"]["shared"]
    assert None is by["objection"]["objection: not answered yet"]["withheld"]
    why = {"more detrimental to the child": {"withheld": None}, "objection heeded": {"withheld": None}}
    assert {**why, "All": {"withheld": 6}} == tables["Withheld, by why"]


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
    for part in ("flags", "clocks", "shares", "equality", "feeds"):
        assert answer[part] == said[part]
    cells = [
        [c.text_content() for c in row.cssselect("td")]
        for row in tree(page).cssselect("table.counts tbody tr")
    ]
    tables = [answer["flags"], answer["clocks"], *answer["shares"], *answer["equality"]]
    told = [
        ["n/s" if c is None else str(c) for c in line["counts"]]
        for table in tables
        for line in table["lines"]
    ]
    assert told == cells
    children = {str(c) for c in served.hub.records.children()}
    for shown in (page.text, json.dumps(answer), command.output):
        assert not [word for word in ("Canary", "canary", "A9994000", *children) if word in shown]
    assert "Counts from 1 to 4 are not shown" in text(page)


def test_looking_at_the_counts_discloses_no_child(served):
    before = {c: len(served.hub.records.child(c).disclosures) for c in served.hub.records.children()}
    served.browser("auditor").get("/partnership")

    assert before == {c: len(served.hub.records.child(c).disclosures) for c in served.hub.records.children()}


def test_the_command_reads_as_lines(desk):
    said = CliRunner().invoke(hub_command, ["--data", str(desk.settings.data), "partnership"]).output

    assert "Feeds (silent: not heard for 24 hours, or never)" in said
    assert "Flags by sex" in said
    assert "Withheld, by why" in said
    assert "n/s" in said
