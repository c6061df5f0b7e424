"""Everything the rows of the shipped pack ask: what asks it, and what meets it. Each case is named after its row."""

import pytest

from tests.protocol.asked import DEPARTS, TABLE, drawn, named
from tests.protocol.told import judged, states

MET = ("met", "met-late")


def cases(table):
    return [pytest.param(*case, id=f"{named(case[0])}-{n}") for n, case in enumerate(drawn(table))]


def open_and_met(row, story):
    found = states(row, story, 60)
    return [s for s in found if s not in MET], [s for s in found if s in MET]


@pytest.mark.parametrize(("row", "story", "meets"), cases(TABLE))
def test_a_row_asks_until_what_it_asks_is_recorded(row, story, meets):
    still, done = open_and_met(row, story)
    _, then = open_and_met(row, f"{story}\n{meets}")

    assert still
    assert len(done) < len(then)


@pytest.mark.parametrize(("row", "story", "meets"), cases(TABLE))
def test_what_opens_no_pathway_asks_nothing(row, story, meets):
    lines = [
        line for line in f"{story}\n{meets}".splitlines() if "part=" not in line and "referral" not in line
    ]
    alone = [line for line in lines if "pathway-opened" not in line]

    assert [] == states(row, "day 0 health admission\n" + "\n".join(alone), 60)


@pytest.mark.parametrize(("row", "story", "act"), cases(DEPARTS))
def test_a_departure_is_recorded_and_asked_why_until_a_reason_is(row, story, act):
    asked = [d for d in judged(f"{story}\n{act}", 60) if d.obligation == row and d.asks_reason]
    given = [d for d in judged(f"{story}\n{act} reason=written", 60) if d.obligation == row and d.asks_reason]

    assert len(given) < len(asked)
