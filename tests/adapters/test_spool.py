"""The spool keeps what was accepted; a restated snapshot sends only what differs."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters import spool as spools
from adapters.format import Finding
from adapters.publish import publish_file
from adapters.snapshots import record_of
from adapters.spool import Spool, SpoolUnavailable
from schemas.case_event import CaseEvent, Identifier, Withdrawal
from schemas.vocabulary import Agency
from schemas.wire import Message
from tests.adapters.stations import NOW, SENDER, Post, a_file, episode, founded, saying

SECRET = b"s" * 32


@pytest.fixture
def spool(tmp_path) -> Iterator[Spool]:
    spools.migrate(tmp_path / "spool.sqlite")
    spools.migrate(tmp_path / "spool.sqlite")
    with closing(Spool(tmp_path / "spool.sqlite", SECRET, busy=0.1)) as spool:
        yield spool


def message(n: int) -> Message:
    return Message("safeguarding.police.v1", b"key", (("ce_id", b"%d" % n),), b"sealed %d" % n)


def test_what_is_complete_is_there_after_reopening_in_order_until_marked(spool, tmp_path):
    reading = spool.begin("0" * 64, "police.test", NOW)
    spool.accept(reading, [message(1), message(2)], [])
    spool.accept(reading, [message(3)], [])
    spool.complete(reading)
    spool.close()

    again = Spool(tmp_path / "spool.sqlite", SECRET)
    first = again.pending(2)
    again.mark_sent(first)

    assert [message(1), message(2)] == [s.message for s in first]
    assert [message(3)] == [s.message for s in again.pending(10)]
    assert 1 == again.waiting()
    again.close()


def test_nothing_is_sent_before_its_file_is_complete(spool):
    reading = spool.begin("0" * 64, "police.test", NOW)
    spool.accept(reading, [message(1)], [])

    assert ([], 0) == (spool.pending(10), spool.waiting())


def test_the_next_file_drops_what_a_crash_left_but_not_what_waits(spool):
    whole = spool.begin("0" * 64, "police.test", NOW)
    spool.accept(whole, [message(1)], [])
    spool.complete(whole)
    half = spool.begin("1" * 64, "police.test", NOW)
    spool.accept(half, [message(2)], [])

    third = spool.begin("2" * 64, "police.test", NOW)
    spool.accept(third, [message(3)], [])
    spool.complete(third)

    assert [message(1), message(3)] == [s.message for s in spool.pending(10)]


def test_its_files_are_their_owners_only(spool, tmp_path):
    spool.begin("0" * 64, "police.test", NOW)

    assert {0o600} == {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert {"spool.sqlite", "spool.sqlite-wal"} < {path.name for path in tmp_path.iterdir()}


def test_a_spool_that_is_not_there_or_is_none_is_said_so(tmp_path):
    (tmp_path / "text").write_text("no database" * 100)

    for name in ("missing", "text"):
        with pytest.raises(SpoolUnavailable, match=name):
            Spool(tmp_path / name, SECRET)


def test_two_cannot_have_the_turn_and_it_is_given_back(spool, tmp_path):
    other = Spool(tmp_path / "spool.sqlite", SECRET, busy=0.1)

    with spool.turn(), pytest.raises(SpoolUnavailable, match="another publisher"), other.turn():
        pass
    with other.turn():
        pass
    other.close()


# Restated snapshots


@pytest.fixture
def post(tmp_path) -> Iterator[Post]:
    post = founded(tmp_path)
    yield post
    post.close()


def restate(post: Post, *said: CaseEvent | Finding, edition: str | None = "2026-03-31"):
    """Publish a snapshot; tell the report and what the hub heard because of it."""
    before = len(post.events())
    station = post.station()
    report = publish_file(station, saying(*said, kind="snapshot", edition=edition), a_file(), SENDER)
    heard = {e.event_id: e for e in post.events()}
    assert before + report.events == len(post.events())
    return report, heard


def ids(heard) -> set[str]:
    return {e.source_event_id for e in heard.values()}


def withdrawals(heard) -> dict[str, str]:
    return {e.source_event_id: e.withdraws for e in heard.values() if isinstance(e, Withdrawal)}


def test_the_same_snapshot_twice_says_nothing_new(post):
    said = [episode(f"MP-{n}", child=f"C-{n}") for n in range(5)]
    first, _ = restate(post, *said)

    elsewhere = [e.model_copy(update={"source": replace(e.source, sha256="1" * 64)}) for e in said]
    second, heard = restate(post, *elsewhere)

    assert (5, 0) == (first.events, first.unchanged)
    assert (0, 5) == (second.events, second.unchanged)
    assert 5 == len(heard)


def test_a_changed_record_corrects_what_was_said_before_under_the_same_key(post):
    restate(post, episode("A", summary="one"))
    restate(post, episode("A", summary="two"))
    _, heard = restate(post, episode("A", summary="three"))

    said = {e.source_event_id: (e.corrects, e.summary) for e in heard.values()}

    assert {"A": (None, "one"), "A#2": ("A", "two"), "A#3": ("A#2", "three")} == said


def test_a_record_gone_from_the_same_edition_is_withdrawn_once(post):
    restate(post, episode("A"), episode("B"))
    report, heard = restate(post, episode("A"))
    again, _ = restate(post, episode("A"))

    assert {"B withdrawn": "B"} == withdrawals(heard)
    assert (1, 1) == (report.withdrawn, report.unchanged)
    assert 0 == again.events


def test_a_withdrawn_record_that_is_said_again_is_a_new_one(post):
    restate(post, episode("A"), episode("B"))
    restate(post, episode("A"))
    _, heard = restate(post, episode("A"), episode("B"))
    _, gone = restate(post, episode("A"))

    (back,) = [e for e in heard.values() if e.source_event_id == "B#2"]

    assert back.corrects is None
    assert {"B withdrawn": "B", "B#2 withdrawn": "B#2"} == withdrawals(gone)


@pytest.mark.parametrize(
    ("said", "edition"),
    [
        ([episode("A")], "2027-03-31"),
        ([episode("A")], None),
        ([episode("X", child="C-2")], "2026-03-31"),
        ([episode("A"), Finding("/0/plan", "no-date")], "2026-03-31"),
        ([episode("A"), Finding("document", "no-date")], "2026-03-31"),
        ([episode("A"), Finding("line 7", "no-date")], "2026-03-31"),
    ],
    ids=[
        "another edition",
        "no edition",
        "its child is not in the file",
        "a refusal in its child's record",
        "a refusal that may be anybody's",
        "a refused line",
    ],
)
def test_silence_is_not_a_withdrawal_where_it_may_mean_something_else(post, said, edition):
    restate(post, episode("A"), episode("B"))

    _, heard = restate(post, *said, edition=edition)

    assert {} == withdrawals(heard)


@pytest.mark.parametrize(
    "finding", [Finding("/1/plan", "no-date"), Finding("/0/shoe", "unused-field", refused=False)]
)
def test_another_childs_refusal_and_a_mere_warning_do_not_hold_a_withdrawal_up(post, finding):
    restate(post, episode("A"), episode("B"))

    _, heard = restate(post, episode("A"), finding)

    assert {"B withdrawn": "B"} == withdrawals(heard)


def test_an_earlier_edition_does_not_overrule_a_later_one(post):
    restate(post, episode("A", summary="this year"), edition="2026-03-31")
    report, heard = restate(post, episode("A", summary="last year"), edition="2025-03-31")

    assert (0, 1) == (report.events, report.unchanged)
    assert {"A"} == ids(heard)


def test_what_points_at_a_record_points_at_what_was_last_said_of_it(post):
    ended = episode("A ended", completes="A", ended_at=NOW)
    restate(post, episode("A", ongoing=True), ended)
    _, heard = restate(post, episode("A", ongoing=True, summary="more is known"), ended)

    said = {e.source_event_id: (e.completes, e.corrects) for e in heard.values()}

    assert ("A#2", "A ended") == said["A ended#2"]
    assert (None, "A") == said["A#2"]


def withdrawal(n: int = 0) -> Withdrawal:
    return Withdrawal(
        type="police.withdrawal.v1",
        agency=Agency.POLICE,
        system="niche",
        source_event_id="A withdrawn by them",
        withdraws="A",
        identifiers=(Identifier("police:wearside", "C-1"),),
        occurred_at=NOW + timedelta(days=n),
    )


def test_the_senders_own_withdrawal_is_said_once_however_often_it_is_restated(post):
    restate(post, episode("A"))
    first, _ = restate(post, withdrawal(1))
    second, heard = restate(post, withdrawal(2))

    assert (1, 0) == (first.events, second.events)
    assert {"A withdrawn by them": "A"} == withdrawals(heard)


def test_what_the_sender_withdrew_said_again_is_new_and_can_be_withdrawn_again(post):
    restate(post, episode("A"))
    restate(post, withdrawal(1))
    restate(post, episode("A"))
    _, heard = restate(post, withdrawal(2))

    assert {"A withdrawn by them": "A", "A withdrawn by them#2": "A#2"} == withdrawals(heard)
    assert {e.corrects for e in heard.values()} == {None}


def test_a_snapshot_that_breaks_off_is_as_if_it_had_not_been_read(post):
    restate(post, episode("A"), episode("B"))
    broken = saying(episode("A", summary="new"), ValueError(), kind="snapshot", edition="2026-03-31")
    with pytest.raises(ValueError):
        publish_file(post.station(), broken, a_file(), SENDER)

    report, heard = restate(post, episode("A", summary="new"), episode("B"))

    assert {"A", "B", "A#2"} == ids(heard)
    assert (1, 1) == (report.events, report.unchanged)


def test_two_organisations_do_not_restate_each_other(post):
    restate(post, episode("A"), episode("B"))
    station = post.station()
    theirs = replace(SENDER, organisation="Teesside")
    publish_file(station, saying(episode("A"), kind="snapshot", edition="2026-03-31"), a_file(), theirs)

    assert [] == [e for e in post.events() if isinstance(e, Withdrawal)]


def test_a_key_too_long_for_a_suffix_still_makes_a_key_that_can_be_sent(post):
    key = "k" * 300
    restate(post, episode(key, summary="one"))
    _, heard = restate(post, episode(key, summary="two"))

    corrected = [e for e in heard.values() if e.corrects]

    assert [key] == [e.corrects for e in corrected]
    assert all(len(e.source_event_id) <= 300 for e in heard.values())


@pytest.mark.parametrize(
    ("place", "record"),
    [
        ("/Message/Children/Child[3]/CINdetails[1]/Section47[2]", "/Message/Children/Child[3]"),
        ("/2/child_protection_plans/0", "/2"),
        ("document/Children/0/episodes/4", "document/Children/0"),
        ("/Message/Header", None),
        ("line 12", None),
        ("", None),
    ],
)
def test_a_record_reaches_to_its_first_index(place, record):
    assert record == record_of(place)
