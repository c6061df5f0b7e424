"""Intake: every event once, in one transaction with its position; what is bad is held with its reason."""

from random import Random
from uuid import uuid4

import pytest

from hub.compose import open_intake
from hub.domain.child import allocate
from hub.errors import Conflict
from hub.intake.deliveries import Delivery
from hub.intake.ingest import IntakeStopped, Limit
from hub.intake.keeping_on import take_what_is_there
from hub.intake.matching import Matcher
from hub.intake.work import Work
from hub.records.entries import bodies_of
from hub.store.effects import Effects, Ended
from schemas import wire
from schemas.vocabulary import Agency
from tests.events import BEN, attendance, concern, missing, taken_back
from tests.hubs import POLICE_OFFICER, SOCIAL_WORKER, Desk, only_child, take_all


@pytest.fixture
def desk(any_desk):
    """Every test here runs on each bus."""
    return any_desk


def test_three_agencies_events_make_one_child_and_one_chronology(desk):
    tally = desk.take_in(missing(day=2), attendance(day=1), concern(day=3))

    assert (3, 1) == (tally.recorded, tally.registered)
    with desk.open() as hub:
        child = only_child(hub)
        hub.records.act(child, lambda c: allocate(c, SOCIAL_WORKER.by, None, SOCIAL_WORKER.by))
        shared = hub.share.chronology(SOCIAL_WORKER, child)

    assert ["health", "police", "schools"] == [line.agency for line in shared.lines]


def test_a_resent_event_changes_nothing(desk):
    desk.take_in(missing())

    tally = desk.take_in(missing())

    assert (0, 1, 0) == (tally.recorded, tally.resent, tally.held)


def test_the_same_event_twice_in_one_batch_is_recorded_once(desk):
    tally = desk.take_in(missing(), missing())

    assert (1, 1) == (tally.recorded, tally.resent)


def test_the_same_event_exported_from_another_file_is_a_resend(desk):
    first = {"sha256": "a" * 64, "place": "line 1"}
    other = {"sha256": "b" * 64, "place": "line 7"}
    desk.take_in(missing(source=first))

    assert 1 == desk.take_in(missing(source=other)).resent


def test_the_same_id_with_other_content_is_held_and_never_silently_dropped(desk):
    desk.take_in(missing())

    tally = desk.take_in(missing(summary="Something else."))

    assert ({"conflicting-resend": 1}, 0) == (tally.reasons, tally.recorded)


def test_events_of_two_children_make_two_records(desk):
    assert 2 == desk.take_in(missing(), missing("m2", who=BEN)).registered


def test_what_was_read_is_not_read_again_by_the_next_worker(desk):
    desk.take_in(missing())
    with desk.open() as hub:
        assert 0 == take_all(hub).read


def test_a_heartbeat_proves_a_feed_alive_without_a_child(desk):
    desk.heartbeat(Agency.HEALTH)
    with desk.open() as hub:
        tally = take_all(hub)

        assert (1, 0, []) == (tally.heartbeats, tally.recorded, hub.records.children())


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda m: m._replace(value=m.value[:-1] + bytes([m.value[-1] ^ 1])), "damaged"),
        (lambda m: m._replace(value=b""), "damaged"),
        (lambda m: m._replace(headers=()), "not-a-cloudevent"),
        (lambda m: m._replace(key=b"another key"), "damaged"),
        (lambda m: m._replace(headers=changed(m, wire.TYPE, b"police.offence-reported.v1")), "damaged"),
        (lambda m: m._replace(headers=changed(m, wire.TYPE, b"health.camhs.v1")), "type-of-another-agency"),
        (lambda m: m._replace(topic="safeguarding.health.v1"), "type-of-another-agency"),
        (lambda m: m._replace(headers=changed(m, wire.SESSION_TOKEN, b"AAAA")), "damaged"),
    ],
)
def test_what_was_altered_on_the_way_is_held_with_its_reason(desk, spoil, reason):
    desk.send(*map(spoil, desk.messages(missing())))
    with desk.open() as hub:
        tally = take_all(hub)

        assert ({reason: 1}, 0, []) == (tally.reasons, tally.recorded, hub.records.children())


def changed(message, name, value):
    return tuple((n, value if n == name else v) for n, v in message.headers)


def test_an_agency_cannot_speak_on_the_topic_of_another(desk):
    (message,) = desk.messages(attendance())
    forged = message._replace(
        topic="safeguarding.police.v1", headers=changed(message, wire.TYPE, b"police.missing-episode.v1")
    )
    desk.send(forged)
    with desk.open() as hub:
        assert {"wrong-agency": 1} == take_all(hub).reasons


def test_a_picture_is_refused_at_the_hubs_own_door_and_no_byte_of_it_is_kept(desk):
    desk.publish(missing(summary="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf"))
    with desk.open() as hub, open_intake(hub) as intake:
        assert {"image-refused": 1} == take_all(hub).reasons
        (held,) = hub.records.archive.rows.quarantined()

        assert b"" == held.held.sealed
        assert "image-refused" == intake.retry(held, "operator").reason


def test_a_held_delivery_is_retried_once_its_agency_is_known(desk):
    known = desk.settings.agency_keys.read_text()
    desk.settings.agency_keys.write_text("[]")
    desk.publish(missing())
    with desk.open() as hub:
        assert {"unknown-agency-key": 1} == take_all(hub).reasons
        (held,) = hub.records.archive.rows.quarantined()

    desk.settings.agency_keys.write_text(known)
    with desk.open() as hub, open_intake(hub) as intake:
        assert None is intake.retry(held, "operator")
        assert 1 == len(hub.records.child(only_child(hub)).entries)
        assert [] == hub.records.archive.rows.quarantined()


@pytest.mark.parametrize("first", ["taken", "given-up"])
def test_what_is_held_is_ended_once_though_two_looked_at_it_while_it_was_held(any_store, tmp_path, first):
    """Another process took it, or gave it up, after this one had read that it is held."""
    desk = Desk(tmp_path / "data", store=any_store)
    known = desk.settings.agency_keys.read_text()
    desk.settings.agency_keys.write_text("[]")
    desk.publish(missing())
    with desk.open() as hub:
        take_all(hub)
    desk.settings.agency_keys.write_text(known)
    with desk.open() as hub, open_intake(hub) as intake:
        (held,) = hub.records.archive.rows.quarantined()
        acts = {
            "taken": lambda: intake.retry(held, "operator"),
            "given-up": lambda: hub.records.record(
                {}, Effects(ended=[Ended(held.id, "discarded", "op: no")])
            ),
        }
        acts.pop(first)()
        (other,) = acts.values()
        with pytest.raises(Conflict, match="just now"):
            other()

        assert (first == "taken") == bool(hub.records.children())


def test_one_agency_whose_deliveries_are_bad_is_set_aside_and_where_all_are_intake_stops_itself(desk):
    (good,) = desk.messages(missing())
    rubbish = [good._replace(value=Random(n).randbytes(300)) for n in range(60)]
    desk.send(*rubbish, *desk.messages(attendance("a1")))
    with desk.open() as hub, open_intake(hub) as intake:
        tally = take_what_is_there(intake, lambda _: None)

        assert ({good.topic}, 1, 1, 0) == (intake.aside, tally.recorded, tally.read, tally.held)
        assert {good.topic} == {topic for (topic, _), count in intake.lag().items() if count}

        others = wire.topic_of(Agency.HEALTH)
        desk.send(*(one._replace(topic=others) for one in rubbish * 2))
        with pytest.raises(IntakeStopped, match="were refused"):
            take_what_is_there(intake, lambda _: None)

        assert {others} == {topic for topic, _ in hub.records.archive.rows.positions()}
        assert [] == hub.records.archive.rows.quarantined()


def test_a_few_bad_deliveries_do_not_stop_the_rest(desk):
    (bad,) = desk.messages(missing("bad"))
    desk.send(bad._replace(value=b"x"), *desk.messages(*(missing(f"m{n}", day=n) for n in range(60))))
    with desk.open() as hub:
        tally = take_all(hub)

        assert (60, 1) == (tally.recorded, tally.held)


def test_a_worker_that_lost_its_partition_cannot_write(desk):
    desk.publish(missing("m1"))
    with desk.open() as hub, open_intake(hub) as first, open_intake(hub) as second:
        assert 1 == second.step().recorded
        desk.publish(missing("m2"))

        lost = first.step()
        assert 0 == lost.recorded
        assert 1 == first.step().recorded
        assert 2 == len(hub.records.child(only_child(hub)).entries)


def test_two_workers_take_in_events_of_one_child_without_standing_in_each_others_way(desk):
    desk.take_in(missing("m1"))
    with desk.open() as hub:
        child = only_child(hub)
        one, other = work_of(hub, missing("m2")), work_of(hub, attendance("a2"))

        assert (1, 1) == (one.commit({}, [], []).recorded, other.commit({}, [], []).recorded)
        assert 3 == len(hub.records.child(child).entries)


def test_an_identifier_that_two_workers_claim_at_once_is_one_childs(desk):
    with desk.open() as hub:
        one, other = work_of(hub, missing("m1")), work_of(hub, attendance("a1"))
        one.commit({}, [], [])
        with pytest.raises(Conflict):
            other.commit({}, [], [])
        hub.records.identities.forget()
        work_of(hub, attendance("a1")).commit({}, [], [])

        assert 2 == len(hub.records.child(only_child(hub)).entries)


def work_of(hub, event):
    """One event worked out as a worker does, not yet recorded."""
    work = Work(hub.records, Matcher(hub.records, uuid4))
    delivery = Delivery(f"safeguarding.{event.agency}.v1", 0, 0, b"", (), b"")
    work.add([(delivery, bodies_of(event, hub.records.hashes))])
    return work


def test_the_limit_is_a_share_of_the_last_deliveries():
    assert (0.5, 1000, 50) == (Limit().share, Limit().window, Limit().least)


def test_a_correction_a_completion_and_a_withdrawal_are_events_of_their_own(desk):
    desk.take_in(missing("m1", ongoing=True))
    desk.take_in(missing("m1-found", day=1, completes="m1", ended_at="2026-09-02T10:30:00Z"))
    desk.take_in(missing("m2", day=5), missing("m2b", day=5, corrects="m2", summary="At a friend's."))
    desk.take_in(
        taken_back("w", withdraws="m2b", reason="entered-in-error", occurred_at="2026-09-09T09:00:00Z")
    )

    with desk.open() as hub:
        shared = hub.share.chronology(POLICE_OFFICER, only_child(hub))

    assert [("current", False), ("corrected", False), ("withdrawn", False)] == [
        (line.standing, line.ongoing) for line in shared.lines
    ]
    assert "entered-in-error" == shared.lines[2].change.reason
