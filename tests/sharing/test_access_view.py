"""What is shown of access is sent without what it does not say: a program reads its absence as nothing."""

import json
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.sharing.access_view import AccessWaiting, Closed, Mine

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
WORKER = By("sw", "social-worker", "social-care")
ID = UUID(int=1)
(WHAT,) = list(Waits)[:1]


def sent(what):
    return json.loads(msgspec.json.encode(what))


def test_what_waits_says_that_it_is_overdue_where_it_is_and_else_nothing_of_it():
    waits = AccessWaiting(ID, WHAT, ID, WORKER, "section-47", AT, AT)

    assert {"item", "what", "child", "who", "purpose", "at", "due"} == set(sent(waits))
    assert sent(msgspec.structs.replace(waits, overdue=True))["overdue"] is True


def test_ones_own_request_and_what_is_closed_say_no_more_than_there_is():
    mine = Mine(ID, WHAT, "section-47", AT, "open", AT)
    closed = Closed(ID, "sealed", AT, WORKER, "a reason")

    assert {"item", "what", "purpose", "at", "state", "due"} == set(sent(mine))
    assert {"restriction", "what", "at", "by", "reason"} == set(sent(closed))
