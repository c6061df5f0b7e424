"""What is drawn of a child from its record and those tied to it, and nothing where nothing is to be said."""

from datetime import timedelta

import msgspec
import pytest
from msgspec.structs import replace

from hub.domain.calendar import start_of_day
from hub.follow import Looking
from hub.patterns.firing import Untold
from hub.records.entries import child_tie
from hub.sharing import drawing as drawing_of
from hub.sharing.considered import AGENCY, BEYOND, DUTY, SCHOOL, Considered
from hub.sharing.drawing import (
    FlagsProjection,
    Rest,
    WorklistProjection,
    flags_of,
    own_tie,
    rest_id,
    rest_of,
    shares_of,
)
from hub.simulation.drawn import day
from hub.simulation.stories import FLAGGED, NOT_FLAGGED
from tests.hubs import NOW, Desk
from tests.properties.held import CHILD, Drawn, Held, World, child_named
from tests.properties.pairs import drawing, recorded

ACROSS = ("P09", "P29", "P30")
BEN = child_named("ben")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Desk(tmp_path_factory.mktemp("drawing") / "data").open(at=NOW) as hub:
        yield World(hub)


def told(world, text, *, alone=False):
    """A story's records; `alone`: without the other children's."""
    drawn = drawing(text)
    history = tuple(
        one
        for said in drawn.said
        if said.child is None or not alone
        for one in recorded(world, child_named(said.child), said.since, said.event, said.until)
    )
    return Held(world.hub, history, drawn.now), dict(drawn.feeds)


def flags(world, text, **how):
    return {flag.pattern for flag in Drawn(world.hub, *told(world, text, **how)).flags(CHILD)}


@pytest.mark.parametrize("code", ACROSS)
def test_a_rule_across_children_sees_what_stands_on_the_others_under_what_ties_them(world, code):
    (text, *_) = next(story for story in FLAGGED[code] if "@" in story[0])

    assert code in flags(world, text)
    assert code not in flags(world, text, alone=True)


def test_what_another_child_says_of_itself_is_seen_by_who_names_them(world):
    text = dict(NOT_FLAGGED["P15"])["looked at since"]

    assert "P15" not in flags(world, text)
    assert "P15" in flags(world, text, alone=True)


def drawn_alone(world, projection, text, now=None):
    records, feeds = told(world, text)
    hub, drawn = world.hub, world.hub.drawn
    more = drawn.settings if projection is FlagsProjection else drawn.packs
    made = projection(hub.keys, hub.records.index, more, drawn.door)
    return made.draw(Looking(records.person(CHILD), now or records.clock(), feeds, lambda _: {}))


def test_of_a_child_of_whom_nothing_is_to_be_said_there_is_no_row(world):
    quiet = "day 0  health  registration-changed\nnow 1"

    assert {} == drawn_alone(world, FlagsProjection, quiet).rows
    assert {} == drawn_alone(world, WorklistProjection, quiet).rows


CAME_UP = {"asked": AGENCY, "beyond": BEYOND, "school": SCHOOL, "duty": DUTY}
SHARES = """
information-supplied                                  | asked shared
information-declined                                  | asked withheld why=not-said
information-none-held                                 | asked nothing
decision=share                                        | beyond decided told=not-said
decision=share shared_on=2026-09-01                   | beyond shared told=not-said
decision=share family_told=yes child_told=yes         | beyond decided told=both
decision=share family_told=yes child_told=no          | beyond decided told=family
decision=share child_told=yes                         | beyond decided told=child
decision=share family_told=no                         | beyond decided told=other
decision=share child_told=no not_told_because=not-yet | beyond decided told=not-yet
decision=withhold objection_of=child | beyond withheld why=not-said objection=not-answered-yet
decision=withhold shared_on=2026-09-01 how_far=headline | beyond withheld why=not-said
decision=withhold withheld_because=other              | beyond withheld why=other
encompass-notice stage=told                           | school shared
encompass-notice stage=not-told withheld_because=other | school withheld why=other
mandatory-report suspicion=signs stage=made           | duty shared
mandatory-report suspicion=signs stage=delayed        | duty decided
mandatory-report suspicion=signs stage=not-owed       | duty nothing
"""


@pytest.mark.parametrize("line", SHARES.strip().splitlines(), ids=lambda line: line.partition("|")[0].strip())
def test_a_share_that_was_considered_is_drawn_as_codes(world, line):
    said, _, wanted = line.partition("|")
    came_up, became, *more = wanted.split()
    act = f"disclosure-considered recipient=cps {said}" if came_up == "beyond" else said
    drawn = drawn_alone(world, WorklistProjection, f"day 0 police {act}\nnow 1")
    share = Considered(CAME_UP[came_up], became, **dict(one.split("=") for one in more))

    assert [share] == [replace(one, year=0) for one in shares_of(drawn.rows, CHILD)]


def test_that_a_school_received_what_it_was_told_is_no_second_share(world):
    told_, received = (
        f"day {n} police encompass-notice stage={s}" for n, s in enumerate(("told", "received"))
    )

    drawn = drawn_alone(world, WorklistProjection, f"{told_}\n{received}\nnow 2")
    assert [(SCHOOL, "shared")] == [(one.came_up, one.became) for one in shares_of(drawn.rows, CHILD)]


def test_those_of_ones_incidents_are_judged_beside_one_and_nobody_else(world, monkeypatch):
    seen, judge = [], drawing_of.judged_by
    monkeypatch.setattr(
        drawing_of, "judged_by", lambda packs, timeline, linked: seen.append(linked) or judge(packs, timeline)
    )
    ours = "day 0 schools sexual-behaviour-incident child=same-incident:ben"
    ours += "\nday 0 health registration-changed child=sibling:cal"
    story = [ours, "@ben day 1 police missing-episode", "@cal day 1 police missing-episode"]
    dan = "@dan day 1 schools sexual-behaviour-incident child=same-incident:ben"
    records, feeds = told(world, "\n".join((*story, dan, "@dan day 2 police missing-episode")))
    Drawn(world.hub, records, feeds).worklist(CHILD)
    ben, own = (child_tie(world.hub.records.index, child) for child in (BEN, CHILD))
    (linked,) = filter(None, seen)

    assert {ben: 1} == {hashed: len(tuple(facts)) for hashed, facts in linked.items()}
    assert sorted(map(own_tie, (ben, own))) == sorted(drawn_alone(world, WorklistProjection, ours).ties)


def test_of_what_is_drawn_of_a_child_flags_are_read_back_apart_from_what_is_said_beside_them(world):
    text = "day 0 schools exclusion\nday 30 police missing-episode\nnow 31"
    flags_alone = drawn_alone(world, FlagsProjection, text).rows
    beside = Rest(untold=(Untold("P14", "", ("health",), NOW),))
    rows = {**flags_alone, rest_id(CHILD): msgspec.json.encode(beside)}

    assert set() != set(flags_alone) == {flag.id for flag in flags_of(rows, CHILD)}
    assert (beside, Rest()) == (rest_of(rows, CHILD), rest_of(flags_alone, CHILD))


@pytest.mark.parametrize(("seconds", "waits"), [(-1, True), (0, False), (1, False)])
def test_a_list_is_drawn_again_as_an_allocation_ends_by_its_day_and_no_more_once_it_has(
    world, seconds, waits
):
    ends = start_of_day(day(5).date())
    text = "day 0 early-help allocation until=@4"
    drawn = drawn_alone(world, WorklistProjection, text, ends + timedelta(seconds=seconds))

    assert (ends if waits else None) == drawn.look_at


def test_what_is_said_beside_flags_is_not_changed_on_its_way():
    with pytest.raises(AttributeError):
        Rest().notes = ("another",)
