"""A back-test: what a rule would have said on history as known, how early, and two settings side by side."""

import json
import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hub.backtest.picture import drawn, png, svg
from hub.backtest.table import lines
from hub.backtest.trying import together, tried
from hub.domain.access import Closing
from hub.domain.child import By
from hub.errors import NotAllowed, Refused
from hub.patterns.catalogue import BY_CODE, CATALOGUE
from hub.patterns.settings import SHIPPED, parse
from hub.sharing.look import Reader
from schemas.vocabulary import ChildPart
from tests.audit.test_subject_access import LEAD
from tests.hubs import NOW, SOCIAL_WORKER
from tests.journeys.commands import hub as command
from tests.patterns.story import CHILD, day, settings, story
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, look

LATE = """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed
          day 90   police       offence-reported  part=has-sexually-harmed  known=120
          day 150  social-care  multi-agency-meeting
          now 160"""


def narrower(code, name, value):
    """The shipped numbers with one of them changed."""
    text = SHIPPED.read_text()
    head, section = text.split(f"[{code}]")
    before, _, after = section.partition(f"{name} ")
    rest = after.partition("value = ")[2].partition(",")[2]
    return f"{head}[{code}]{before}{name} = {{ value = {value},{rest}"


def try_on(text, code="P01", numbers=None):
    told = story(text)
    return tried(BY_CODE[code], [CHILD], told.known, numbers or settings(), told.now, told.feeds)


def test_it_fires_when_the_hub_knew_and_not_when_it_happened():
    (fired,) = try_on(LATE)

    assert day(120) == fired.raised_at
    assert day(90) == fired.could_have_been_seen_at
    assert 30 == fired.days_before_meeting
    assert ("police", "schools") == fired.families
    assert [day(0), day(90)] == [piece.at for piece in fired.evidence]
    assert 1 == fired.times


def test_a_meeting_before_the_evidence_began_is_not_counted_and_none_is_none():
    early = LATE.replace("day 150", "day -30")
    (fired,) = try_on(early)

    assert fired.met_at is None
    assert fired.days_before_meeting is None


def test_a_flag_hours_before_the_meeting_came_before_it_and_one_after_it_did_not():
    hours = try_on(LATE.replace("day 150", "day 120.5"))
    after = try_on(LATE.replace("day 150", "day 80"))
    sides = [together(BY_CODE["P01"], settings(), 1, one) for one in (hours, after)]

    assert [1, 0] == [side.before_meeting for side in sides]
    assert [0, -40] == [side.median_days for side in sides]


def test_what_was_withdrawn_later_would_still_have_fired():
    text = """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
              day 90   police   offence-reported  part=has-sexually-harmed  gone=100
              now 160"""
    (fired,) = try_on(text)

    assert fired.withdrawn
    assert day(90) == fired.raised_at


def test_two_settings_stand_side_by_side_as_a_table_and_a_picture(golden):
    other = parse(narrower("P01", "window_days", 60), CATALOGUE)
    two = LATE + "\nday 140 health emergency-attendance part=has-sexually-harmed"
    sides = [together(BY_CODE["P01"], s, 1, try_on(two, numbers=s)) for s in (settings(), other)]
    picture = drawn(sides)
    text = "\n".join(lines(sides)).replace(settings().name, "one").replace(other.name, "other")

    golden("backtest-two-settings.txt", text + "\n")
    assert [1, 1] == [len(side.fired) for side in sides]
    assert sides[0].fired[0].raised_at < sides[1].fired[0].raised_at
    tree = ET.fromstring(svg(picture))
    assert tree.find("{http://www.w3.org/2000/svg}title").text.startswith("P01: when")
    written = png(picture)
    assert b"\x89PNG" == written[:4]
    assert (2 * 960, 2 * picture.height) == struct.unpack(">II", written[16:24])


def test_where_it_would_not_have_fired_table_and_picture_say_so():
    side = together(BY_CODE["P01"], settings(), 1, [])

    assert "0 flags on 0 children" in "\n".join(lines([side]))
    assert "It would not have fired." in svg(drawn([side]))


@pytest.fixture
def hub(desk):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        look(hub)
        yield hub


def test_only_the_coordinator_may_and_each_child_told_of_is_recorded_first(hub):
    (child,) = hub.records.children()
    with pytest.raises(NotAllowed):
        hub.backtest.tried(SOCIAL_WORKER, "P03", [hub.drawn.settings], lambda _: None)
    with pytest.raises(NotAllowed):
        hub.backtest.tried(Reader(By("x", "nobody", "x"), "y"), "P03", [hub.drawn.settings], lambda _: None)
    with pytest.raises(Refused):
        hub.backtest.tried(COORDINATOR, "P99", [hub.drawn.settings], lambda _: None)
    (side,) = hub.backtest.tried(COORDINATOR, "p03", [hub.drawn.settings], lambda _: None)

    assert (1, 1) == (side.children, len(side.fired))
    assert ["backtest"] == [d.question for _, d in hub.records.child(child).disclosures]


def test_what_is_closed_to_the_coordinator_makes_nothing_fire(hub):
    (child,) = hub.records.children()
    entries = hub.records.child(child).entries.items()
    harmed = next(id_ for id_, kept in entries if kept.entry.strand == ChildPart.HAS_BEEN_SEXUALLY_HARMED)
    hub.gates.close(LEAD, child, Closing.SEALED, "A threat", named=[LEAD], entries=[harmed])
    (side,) = hub.backtest.tried(COORDINATOR, "P03", [hub.drawn.settings], lambda _: None)
    look(hub)

    assert "P03" not in {flag.pattern for flag in hub.share.flags(COORDINATOR, child)}
    assert (1, ()) == (side.children, side.fired)


def test_a_rule_across_children_is_tried_with_what_stands_on_others_records(hub):
    crossing = next(rule.code for rule in CATALOGUE if rule.crosses)
    (side,) = hub.backtest.tried(COORDINATOR, crossing, [hub.drawn.settings], lambda _: None)

    assert () == side.fired


def test_the_command_replays_prints_and_writes_pictures(desk, tmp_path, monkeypatch, capsys):
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        look(hub)
    other = tmp_path / "numbers.toml"
    other.write_text(narrower("P01", "window_days", 9))

    def run(*arguments):
        return command(monkeypatch, capsys, "backtest", *arguments, data=desk.settings.data)

    written = [part for end in ("svg", "png") for part in ("--picture", str(tmp_path / f"p.{end}"))]
    table = run("P01", "--settings", str(other), *written)
    told = json.loads(run("P01", "--json").out)
    refused, wrong = run("P01", "--picture", "p.gif"), run("P77")
    broken = tmp_path / "broken.toml"
    broken.write_text(other.read_text().replace("window_days", "window_dayz", 1))
    invalid = run("P01", "--settings", str(broken))

    assert 0 == table.code
    assert "A  settings" in table.out
    assert "0 flags on 0 children" in table.out
    assert (tmp_path / "p.svg").read_text().startswith("<svg")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert ["P01"] == [side["pattern"] for side in told]
    assert (1, 1, 2) == (refused.code, wrong.code, invalid.code)
    assert "line" in invalid.err


def test_no_name_and_no_word_stands_in_table_or_picture(desk, monkeypatch, capsys, tmp_path):
    desk.publish(HARMING.model_copy(update={"summary": "canary-word"}), HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        look(hub)
    file = Path(tmp_path / "p.svg")
    table = command(monkeypatch, capsys, "backtest", "P03", "--picture", str(file), data=desk.settings.data)

    for word in ("canary-word", "Marsh", "Ann", "9449305552", "2012"):
        assert word not in table.out + file.read_text()
