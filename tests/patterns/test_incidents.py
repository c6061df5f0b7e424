"""One incident told by three is one; one account retold is one; one second-hand account carries nothing."""

import pytest

from hub.patterns.incidents import accounts, incidents, stands
from tests.patterns.story import settings, story


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            """day 0  schools  concern-logged  incident=field
               day 9  police   offence-reported  incident=field""",
            1,
        ),
        (
            """day 0  schools  concern-logged
               day 1  police   offence-reported
               day 2  health   emergency-attendance""",
            1,
        ),
        (
            """day 0     schools  concern-logged
               day 2.01  police   offence-reported""",
            2,
        ),
        (  # never further than 48 hours from the first, however many there are between
            """day 0  schools  concern-logged
               day 2  schools  concern-logged
               day 4  schools  concern-logged""",
            2,
        ),
        (  # the school itself keeps them apart
            """day 0  schools  concern-logged  incident=one
               day 1  schools  concern-logged  incident=two""",
            2,
        ),
        (  # each agency's own reference does not make it another incident
            """day 0  schools  concern-logged    incident=log-7
               day 1  police   offence-reported  incident=crime-9""",
            1,
        ),
        (
            """day 0   schools  concern-logged    teller=aunt
               day 90  police   offence-reported  teller=aunt""",
            1,
        ),
    ],
)
def test_distinct_incidents_are_counted_with_caution(text, count):
    assert count == len(incidents(story(text).facts, settings().counting.close))


def test_the_same_first_teller_is_one_account_however_often_retold():
    facts = story(
        """day 0   schools      concern-logged  teller=aunt
           day 30  social-care  contact         teller=aunt
           day 60  police       offence-reported"""
    ).facts

    assert [2, 1] == [len(account) for account in accounts(facts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("day 0 schools concern-logged provenance=told-second-hand", False),
        ("day 0 schools concern-logged provenance=third-party", False),
        ("day 0 schools concern-logged provenance=observed", True),
        (
            """day 0  schools  concern-logged    provenance=third-party  teller=aunt
               day 9  police   offence-reported  provenance=told-second-hand  teller=aunt""",
            False,
        ),
        (
            """day 0  schools  concern-logged    provenance=third-party  teller=aunt
               day 9  police   offence-reported  provenance=third-party  teller=neighbour""",
            True,
        ),
    ],
)
def test_one_second_hand_account_alone_does_not_stand(text, expected):
    assert expected is stands(story(text).facts)
