"""The synthetic population: every planted story found, no near-miss flagged, alike for all groups."""

import json
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.commands import simulating
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.rule import ALWAYS
from hub.simulation.planting import planted
from hub.simulation.population import BEGINS, YEAR, fact, invented
from hub.simulation.rates import Rate, rates
from hub.simulation.running import GROUPS, run
from hub.simulation.table import background_table, tables
from schemas.case_event import Characteristics, field_marks
from schemas.catalogue import TYPE_BY_NAME
from tests.journeys.commands import hub as command
from tests.patterns.story import settings

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"
CHILDREN, YEARS, SEED = 2_000, 3, 1


@pytest.fixture(scope="module")
def report():
    return run(settings(), children=CHILDREN, years=YEARS, seed=SEED)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_planted_story_is_found_and_no_near_miss_is_flagged(seed):
    told = [(story.rule.code, story.must, story.flagged(settings())) for story in planted(seed, 3)]

    assert {rule.code for rule in CATALOGUE} == {code for code, _, _ in told}
    assert [] == [(code, must) for code, must, flagged in told if must != flagged]


def test_what_is_planted_lies_under_noise_and_is_told_late():
    stories = list(planted(SEED, 2))
    noise = [len(s.known) - sum(one.child is None for one in s.drawing.said) for s in stories]
    late = [s for s in stories if any(one.since > one.event.occurred_at for one in s.drawing.said)]

    assert sum(noise) / len(noise) > 3
    assert len(late) >= 30


def test_the_same_seed_invents_the_same_children_and_another_seed_others():
    one, again, other = (invented(seed, 7, 3) for seed in (1, 1, 2))

    assert one == again
    assert one.id != other.id


def test_the_report_does_not_depend_on_how_many_work_on_it():
    alone, two = (run(settings(), children=600, years=1, seed=3, workers=n) for n in (1, 2))

    assert alone == two


def test_the_background_comes_as_often_as_its_rates_say_late_and_twice():
    children = [invented(SEED, number, YEARS) for number in range(4_000)]
    happened = Counter(h.words for child in children for h in child.happenings)
    all_ = [h for child in children for h in child.happenings]

    for rate in rates().rate:
        expected = rate.per_1000 * len(children) * YEARS / 1000
        if expected > 300:
            assert expected == pytest.approx(happened[rate.says], rel=0.2), rate.says
    assert 0.03 < sum(h.sent == 2 for h in all_) / len(all_) < 0.07
    assert sum((h.since - h.at).days > 20 for h in all_) > 0
    assert all(BEGINS <= h.at <= BEGINS + YEAR * YEARS + YEAR for h in all_)
    assert happened["social-care contact source_agency=schools"] > 0


def test_every_number_of_the_background_has_its_mark_and_all_but_proposals_a_source():
    assert {"S", "M", "P"} == {rate.mark for rate in rates().rate}
    with pytest.raises(ValidationError):
        Rate(says="schools suspension", per_1000=1, mark="S")


def test_a_quick_fact_is_the_fact_of_the_event():
    from hub.simulation.drawn import fact_of

    for number in range(300):
        child = invented(SEED, number, YEARS)
        for happening in child.happenings:
            event = happening.event(child.who)
            assert fact_of(event, happening.entry, happening.since) == fact(happening, child.born)


# ------------------------------------------------------------ alike for all children


def test_no_rule_reads_a_field_in_which_sex_ethnicity_send_or_disability_could_stand():
    hidden = set(Characteristics.__dataclass_fields__) | {"characteristics"}

    for rule in CATALOGUE:
        for kind, signals in rule.reads.items():
            assert not hidden & {*signals, *ALWAYS}, rule.code
            assert "characteristics" not in {n for n, m in field_marks(kind).items() if m.signal or m.hashed}


def test_no_type_of_event_passes_characteristics_to_rules():
    for kind in TYPE_BY_NAME.values():
        mark = field_marks(kind)["characteristics"]
        assert not mark.signal
        assert not mark.hashed


def test_equal_histories_are_flagged_alike_whoever_the_child_is(report):
    assert (40, 0) == (report.compared, report.unlike)
    assert {name for group in report.groups for name in [group.partition(":")[0]]} == set(GROUPS)


# ------------------------------------------------------------ told


def test_the_page_shows_what_the_simulation_says_now(report, golden):
    text = PAGE.read_text()
    shown = {"simulation": tables(report), "background": background_table()}
    for name, lines in shown.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = before + begin + "\n".join(lines) + "\n" + end + after

    golden("../../docs/patterns.md", text)


def test_the_command_reports_as_tables_or_json(monkeypatch, capsys):
    asked = ("simulate", "--children", "60", "--years", "1", "--seed", "4")
    wanted, reports = [], []

    def once(numbers, *, done, **how):
        wanted.append((numbers, how))
        return reports[0] if reports else reports.append(run(numbers, done=done, **how)) or reports[0]

    monkeypatch.setattr(simulating, "run", once)
    table, told = (command(monkeypatch, capsys, *asked, *more) for more in ((), ("--json",)))

    assert wanted[0] == wanted[1]
    assert table.out.startswith("60 invented children over 1 years (seed 4")
    assert 60 == json.loads(told.out)["children"]
    assert {rule.code for rule in CATALOGUE} == set(json.loads(told.out)["rates"])
