"""Answers that are wanted of agencies before a copy of a record is handed out: what waits for each of them.

Source: UK GDPR art. 15, within a month (art. 12(3)); each agency answers for what it wrote (art. 26; DPA 2018 Sch 3).
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hub.domain.calendar import start_of_day
from hub.domain.child import Child
from hub.protocol.obligation import state_of
from hub.protocol.pack import Pack
from hub.protocol.worklist import ACCESS, Item

SOON = timedelta(days=7)
TITLE = "A copy of the record is asked for"
ASKS = (
    "say to who answers for information governance whether what your agency wrote may be handed out, or more is "
    "to be left out: would it cause serious harm, whom does it name"
)
SOURCE = "UK GDPR art. 15; within a month, art. 12(3)"


def answers_wanted(records: Iterable[Child], pack: Pack, now: datetime) -> list[tuple[str, Item]]:
    """What waits, with the agency it waits for: of every export that is prepared and that it did not answer.

    Due when the day begins on which the copy is due. To be shown to that agency alone: another would learn by it
    that it holds something.
    """
    found = []
    for record in records:
        for request, (since, due_on, agencies) in record.wanted.items():
            due = start_of_day(due_on).astimezone(UTC)
            state = state_of(now, due, due - SOON, None)
            for agency in sorted(agencies):
                of = pack.called(agency)
                item = Item(ACCESS, TITLE, ASKS, of, SOURCE, state.value, since, due, request)
                found.append((agency, item))
    return found
