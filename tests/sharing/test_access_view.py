"""What is shown of access is sent without what it does not say: a program reads its absence as nothing."""

import json
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.sharing.access import Opened, Taken
from hub.sharing.access_view import AccessWaiting, Brief, Closed, LetNear, MashTold, Mine, Seen

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


def test_of_a_question_that_waits_no_answer_is_said():
    told = MashTold(ID, "section-47", AT, AT, "a question")

    assert {"item", "purpose", "at", "due", "question"} == set(sent(told))


@pytest.mark.parametrize(
    "shown",
    [
        AccessWaiting(ID, WHAT, ID, WORKER, "section-47", AT, AT),
        Seen(AT, "chronology", ()),
        Brief(AccessWaiting(ID, WHAT, ID, WORKER, "section-47", AT, AT), "a reason"),
        MashTold(ID, "section-47", AT, AT, "a question"),
        Mine(ID, WHAT, "section-47", AT, "open", AT),
        Closed(ID, "sealed", AT, WORKER, "a reason"),
        LetNear("involved", WORKER, AT, "a reason"),
        Opened(ID, ID, AT, AT, ()),
        Taken(ID, AT),
    ],
    ids=lambda shown: type(shown).__name__,
)
def test_what_is_shown_of_access_is_not_changed_on_its_way(shown):
    for name in shown.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(shown, name, getattr(shown, name))


def test_what_lets_near_names_an_agency_members_a_child_or_a_strand_only_where_there_is_one():
    assert {"what", "by", "until", "reason"} == set(sent(LetNear("involved", WORKER, None, "")))
    assert "agency" in sent(LetNear("involved", WORKER, None, "", agency="health"))
