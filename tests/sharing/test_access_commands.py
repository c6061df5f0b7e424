"""`hub access`: what is typed by whoever breaks the glass, reviews, asks, answers, seals and bars."""

import json

import pytest

from tests.events import missing
from tests.hubs import NOW, only_child
from tests.journeys.commands import hub as command

REASON = "A child at the door, hurt, and nobody to ask at this hour"


@pytest.fixture
def typed(desk, monkeypatch, capsys):
    """Types `hub access …` of the one child of this hub."""
    desk.take_in(missing(postcode="AB1 2CD"), at=NOW)
    with desk.open(at=NOW) as hub:
        child = str(only_child(hub))

    def type_(*words):
        return command(monkeypatch, capsys, "access", *words, data=desk.settings.data)

    type_.child, type_.desk = child, desk
    return type_


def read(typed, *words):
    return json.loads(typed(*words, "--json").out)


def chronology(typed, monkeypatch, capsys):
    where = ("chronology", typed.child, "--as", "social-worker", "--purpose", "section-47")
    return command(monkeypatch, capsys, *where, data=typed.desk.settings.data)


BOTH = ("--strand", "both")
AS_WORKER = ("--as", "social-worker", "--purpose", "section-47")


def test_broken_reviewed_by_a_second_person_and_listed_meanwhile(typed, monkeypatch, capsys):
    closed = chronology(typed, monkeypatch, capsys)
    done = typed("break-glass", typed.child, *AS_WORKER, *BOTH, "--reason", REASON)
    opened = chronology(typed, monkeypatch, capsys)
    (waits,) = read(typed, "reviews")
    short = waits["item"][:8]
    brief = read(typed, "show", short, "--as", "caldicott-guardian")
    own = typed("review", short, "--justified", "--reason", "Me", "--as", "social-worker")
    given = typed("give-review", short, "--to", "ig:information-governance-lead")
    not_theirs = typed("review", short, "--justified", "--reason", "Mine")

    assert (1, 0, 0) == (closed.code, done.code, opened.code)
    assert "caldicott guardian" in done.out.replace("-", " ")
    assert (REASON, "chronology") == (brief["reason"], brief["seen"][0]["question"])
    assert (1, 0, 1) == (own.code, given.code, not_theirs.code)
    assert "Not possible: the review was given to another named person\n" == not_theirs.err
    assert REASON not in done.out + given.out


def test_a_request_is_asked_answered_and_stands_with_whoever_asked(typed, monkeypatch, capsys):
    typed("ask", typed.child, *AS_WORKER, *BOTH, "--reason", REASON)
    nobody = typed("ask", "0" * 8, *AS_WORKER, *BOTH, "--reason", REASON)
    (waits,) = read(typed, "requests")
    both = typed("answer", waits["item"], "--days", "7", "--refuse", "--reason", "Both")
    granted = typed("answer", waits["item"], "--days", "7", "--reason", "The brother is theirs")
    mine = read(typed, "mine", "--as", "social-worker")

    assert (0, 2, 0) == (nobody.code, both.code, granted.code)
    assert ["waits", "open"] == [one["state"] for one in mine]
    assert typed.child == mine[1]["child"]
    assert "nothing waits\n" == typed("requests").out
    assert 0 == chronology(typed, monkeypatch, capsys).code


def test_what_is_closed_is_listed_with_its_reason_and_lifted_again(typed):
    for first, *more in (
        ("seal", "--named", "po:police-officer"),
        ("shield", "--named", "po:police-officer"),
        ("bar", "--person", "sw:social-worker", "--interest", "relative"),
        ("not-share", "--agency", "social-care"),
    ):
        done = typed(first, typed.child, *more, "--reason", "An order of the court")
        (stands,) = read(typed, "restrictions", typed.child)
        lifted = typed("lift", typed.child, stands["restriction"], "--reason", "It ended")

        assert (0, 0) == (done.code, lifted.code)
        assert "An order of the court" == stands["reason"]
    assert "nothing is closed\n" == typed("restrictions", typed.child).out


CANNOT = (
    (("break-glass", "{child}", "--as", "school-lead", "--purpose", "section-17", *BOTH), 3, "may not break"),
    (("break-glass", "0" * 32, *AS_WORKER, *BOTH), 1, "No record of this child"),
    (("break-glass", "{child}", *AS_WORKER, *BOTH, "--reason", "urgent"), 1, "at least 20 characters"),
    (("review", "12345678", "--justified"), 1, "nothing under this id"),
    (("bar", "{child}", "--person", "sw", "--interest", "relative"), 1, "a person is PERSON:ROLE"),
    (("lift", "{child}", "12"), 1, "not an id"),
    (("reviews", "--as", "mash-coordinator"), 3, "for the guardian"),
)


def test_what_cannot_be_done_is_said_in_one_line(typed):
    for words, code, says in CANNOT:
        said = [word.format(child=typed.child) for word in words]
        if words[0] != "reviews" and "--reason" not in words:
            said += ["--reason", REASON]
        done = typed(*said)

        assert (code, 1) == (done.code, done.err.count("\n")), words
        assert says in done.err
        assert REASON not in done.err


def test_the_mash_is_asked_answers_and_whoever_asked_reads_what_they_were_told(typed):
    officer = ("--as", "police-officer")
    asked = typed(
        "ask-the-mash", typed.child, *officer, "--purpose", "section-47", "--words", "Is there more?"
    )
    (waits,) = read(typed, "questions", "--as", "mash-coordinator")
    short = waits["item"][:8]
    waiting = typed("told", short, *officer)
    answer = ("--outcome", "withheld", "--words", "Ring me", "--reason", "More detrimental to say")
    done = typed("tell", short, *answer, "--as", "mash-coordinator")
    told = typed("told", short, *officer)
    other = typed("told", short, "--as", "social-worker")
    shown = typed("show", short, "--as", "mash-coordinator", "--purpose", "screening")

    assert (0, 0, 1) == (asked.code, done.code, other.code)
    assert "a person answers by" in waiting.out
    assert "Ring me" in told.out
    assert "detrimental" not in told.out + done.out
    assert "kept: More detrimental to say" in shown.out
    assert "Is there more?" not in asked.out
