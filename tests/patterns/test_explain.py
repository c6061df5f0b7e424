"""What a flag says of itself, in plain words."""

from hub.patterns.catalogue import BY_CODE, CATALOGUE
from hub.patterns.counted import counted
from hub.patterns.explain import OWN_EXPERIENCE, STANDING, explain
from hub.patterns.p01_accumulation import accumulation
from hub.simulation.stories import FLAGGED
from tests.patterns.story import settings, story
from tests.patterns.test_catalogue import FORBIDDEN

TWO = """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
         day 90   police   offence-reported  part=has-sexually-harmed  known=120
         day 100  schools  strength-noted"""


def explained(text, code):
    return [explain(firing, BY_CODE[code], settings()) for firing in story(text).seen(code).firings]


def test_an_explanation_as_a_person_reads_it():
    (told,) = explained(TWO, "P01")

    assert [
        "P01 Accumulation (version 2)",
        STANDING,
        accumulation.says,
        "Severity 3: for the front door, the same working day",
        "2 Mar 2026 Schools: sexual behaviour incident",
        "31 May 2026 Police: offence reported (the hub knew 30 days later)",
        "Police alone: 1 of 2 pieces of evidence, not enough to ask",
        "Schools alone: 1 of 2 pieces of evidence, not enough to ask",
        "Complete on 30 Jun 2026, by an entry of Police",
        "Had entries arrived when they happened, it could have been seen 30 days earlier, on 31 May 2026",
        "What protects: 10 Jun 2026 Schools: strength noted",
        f"It would be answered by: {accumulation.cancels}",
        "Source: NSPCC reviews of harmful sexual behaviour cases; Blackpool SCR Child B 2008; guidance L7",
        "Window days: 365 [P: a local proposal]",
        "Incidents: 2 [P: a local proposal]",
        "Families: 2 [P: a local proposal]",
        "Same incident hours: 48 [P: a local proposal]",
        "Latest of a kind seen: 20 [P: a local proposal]",
        f"Numbers of {settings().name}, to be looked at again by 2027-11-23",
        "[P] is a local proposal: nobody has published how often it is right.",
        counted().says("P01"),
    ] == list(told.lines)


def test_what_a_flag_says_of_how_often_its_rule_asks_was_counted_with_the_numbers_shipped():
    assert {rule.code for rule in CATALOGUE} == set(counted().rates)
    assert settings().version == counted().settings
    assert counted().says("P26").startswith("Among 100,000 invented children this was asked 9.5 times a year")
    assert "less than once in ten years" in counted().says("P17")


def test_the_note_on_own_experience_stands_beside_both_roles_and_young_child_only():
    noted = {
        code for code in FLAGGED for e in explained(FLAGGED[code][0][0], code) if OWN_EXPERIENCE in e.notes
    }

    assert {"P03", "P08"} == noted


def test_an_absence_says_that_time_passed():
    (told,) = explained(FLAGGED["P14"][0][0], "P14")

    assert "17 Apr 2026: the time for an answer passed" in told.evidence
    assert told.completed == "Complete on 17 Apr 2026, as time passed without an answer"
    assert told.earlier == "Every entry arrived in time: it could not have been seen earlier"


def test_entries_on_other_records_are_mentioned_and_not_shown():
    (told,) = explained(FLAGGED["P30"][0][0], "P30")

    assert [
        "2 Mar 2026 Police: missing episode",
        "Entries that are not on this child's record are part of the evidence; they are not shown.",
    ] == list(told.evidence)


def test_a_single_day_is_one_day():
    (told,) = explained(TWO.replace("known=120", "known=91"), "P01")

    assert "seen 1 day earlier" in told.earlier


def test_no_explanation_accuses_anybody():
    lines = [
        line
        for code, stories in FLAGGED.items()
        for text, _ in stories
        for e in explained(text, code)
        for line in e.lines
    ]

    assert len(lines) > 100
    assert [] == [line for line in lines if FORBIDDEN.search(line)]
