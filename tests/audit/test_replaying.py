"""What somebody was shown, drawn again: the same bytes whatever came since, or a plain word why not."""

import shutil
import sqlite3
from contextlib import closing
from copy import copy
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from msgspec import Raw

from hub.audit import desk
from hub.audit.covering import uncovered_for
from hub.audit.explaining import Altered, disclosures_of
from hub.audit.inspection import story_for
from hub.audit.inspections import INSPECTIONS, Hall
from hub.audit.replaying import Verdict, replay
from hub.audit.unusual import SHIPPED as SIGNS
from hub.audit.unusual import load as load_signs
from hub.disposal import erasing
from hub.domain.child import By, Disclosed, allocate, join
from hub.domain.entry import Envelope
from hub.domain.feed import Inspected
from hub.errors import NotAllowed, Refused
from hub.sharing import programs
from hub.sharing.look import Reader
from hub.sharing.view import Dispute, SharedChronology, ShownEntry, Withheld, encode
from schemas.health import SexualHealthContact
from schemas.social_care import Contact
from tests.events import ANN, BEN, DAY, attendance, concern, missing, taken_back
from tests.hubs import NOW, POLICE_OFFICER, SCHOOL_LEAD, SOCIAL_WORKER, Desk, only_child
from tests.journeys.commands import hub as typed

AUDITOR = Reader(By("aud", "auditor", "social-care"), "audit")
COORDINATOR = Reader(By("co", "mash-coordinator", "social-care"), "screening")
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(days=1)
"""A clock begins anew whenever a hub is opened: no opening may begin before what was recorded."""


def contact(**more):
    said = {"agency": "social-care", "system": "s", "source_event_id": "k1", "occurred_at": DAY, **ANN}
    return Contact(**{**said, **more})


@pytest.fixture
def shown(played, tmp_path):
    """Ann, looked at by four readers in every way there is: a copy for each test."""
    copied = copy(played)
    folder = shutil.copytree(played.settings.data, tmp_path / "shown")
    copied.settings = played.settings.model_copy(update={"data": folder})
    return copied


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("shown") / "data")
    desk.take_in(
        *(contact(), missing(day=1, summary="first words"), missing("m2", day=3), attendance(day=6)),
        concern(day=7),
        at=NOW,
    )
    with desk.open(at=SOON) as hub:
        for follower in hub.followers:
            follower.catch_up()
        ann = only_child(hub)
        for reader in (SOCIAL_WORKER, POLICE_OFFICER, SCHOOL_LEAD, COORDINATOR):
            hub.share.chronology(reader, ann)
            hub.share.chronology(reader, ann, hub.clock())
            hub.share.flags(reader, ann)
            hub.share.due(reader, ann)
            hub.share.pathway(reader, ann)
        hub.share.find(SOCIAL_WORKER, contact().identifiers[0])
        desk_story(hub, ann)
    return desk


def desk_story(hub, child):
    from hub.audit.inspection import story_for

    story_for(hub.records, hub.policy, AUDITOR, child)


def hall(hub):
    return Hall(hub.records, hub.share, hub.drawn, hub.policy)


def again(hub, child):
    found = disclosures_of(hub.records, child)
    return [replay(hub.records, hub.drawn, hub.share.disclosures, each) for each in found]


def verdicts(hub, child):
    return {(r.shown.disclosed.question, r.verdict) for r in again(hub, child)}


QUESTIONS = {"chronology", "flags", "due", "find", "history"}


def test_every_showing_is_drawn_again_to_the_byte(shown):
    with shown.open(at=LATER) as hub:
        found = again(hub, only_child(hub))

    assert {(question, Verdict.SAME) for question in QUESTIONS} == {
        (r.shown.disclosed.question, r.verdict) for r in found
    }
    assert 4 * 5 + 2 == len(found)
    assert all(r.kept == r.drawn for r in found)


def test_what_was_shown_is_the_same_after_a_correction_a_withdrawal_and_another_reader(shown):
    with shown.open(at=LATER) as hub:
        before = [r.answer for r in again(hub, only_child(hub))]
    shown.take_in(
        missing("m1b", day=1, summary="other words", corrects="m1"),
        taken_back("w2", day=8, withdraws="m2"),
        attendance("a9", day=9),
        at=LATER,
    )
    with shown.open(at=LATER + timedelta(minutes=1)) as hub:
        for follower in hub.followers:
            follower.catch_up()
        ann = only_child(hub)
        hub.records.act(ann, lambda child: allocate(child, SOCIAL_WORKER.by, None, SOCIAL_WORKER.by))
        now = hub.share.chronology(SOCIAL_WORKER, ann)
        found = again(hub, ann)

    assert {Verdict.SAME} == {r.verdict for r in found}
    assert before == [r.answer for r in found[: len(before)]]
    assert before[0].lines != now.lines


def test_a_relationship_that_has_ended_and_a_policy_that_was_replaced_change_nothing(shown, tmp_path):
    from hub.sharing.policy import SHIPPED

    narrowed = tmp_path / "policy.toml"
    narrowed.write_text(SHIPPED.read_text().replace("agency-months = 24", "agency-months = 0"))
    with shown.open(at=LATER) as hub:
        shown.settings = shown.settings.model_copy(update={"policy": narrowed})
        ann = only_child(hub)
    with shown.open(at=LATER) as hub:
        found = verdicts(hub, ann)

    assert {Verdict.SAME} == {verdict for _, verdict in found}


def test_what_a_projection_had_not_drawn_yet_was_not_shown_and_is_not_drawn_again(shown):
    shown.take_in(missing("m3", day=8), missing("m4", day=9), at=LATER)
    with shown.open(at=LATER + timedelta(minutes=1)) as hub:  # nothing has been drawn of what came
        ann = only_child(hub)
        behind = hub.share.due(COORDINATOR, ann)
        flags = hub.share.flags(COORDINATOR, ann)
        for follower in hub.followers:
            follower.catch_up()
        found = again(hub, ann)[-2:]

    assert [Verdict.SAME, Verdict.SAME] == [r.verdict for r in found]
    assert (behind, flags) == (found[0].answer, found[1].answer)


def test_what_was_read_together_is_drawn_again_after_the_records_were_parted(shown):
    shown.take_in(missing("b1", day=2, who=BEN), at=LATER)
    with shown.open(at=LATER + timedelta(minutes=1)) as hub:
        ann, ben = sorted(hub.records.children(), key=lambda c: -len(hub.records.child(c).entries))
        reason, by = Envelope("social-care", b""), SOCIAL_WORKER.by
        hub.records.act(ann, lambda child: join(child, hub.records.child(ben), None, by, reason))
        together = hub.share.chronology(SOCIAL_WORKER, ann)
    shown.take_in(missing("b2", day=4, who=BEN), at=LATER + timedelta(minutes=2))
    with shown.open(at=LATER + timedelta(minutes=3)) as hub:
        found = list(again(hub, ann))[-1]

    assert Verdict.SAME is found.verdict
    assert 6 == len(together.lines) == len(found.answer.lines)


def test_what_was_erased_since_is_said_to_be_and_not_guessed(shown):
    asker, confirmer = By("asker", "operator", "hub"), By("confirmer", "operator", "hub")
    with shown.open(at=LATER) as hub:
        ann, erasure = only_child(hub), uuid4()
        erasing.ask_erasure(hub.records, erasure, ann, ["health"], "asked for", "UK GDPR art. 17", asker)
        erasing.confirm_erasure(hub.records, hub.key_store, erasure, confirmer)
        found = verdicts(hub, ann)

    assert ("chronology", Verdict.ERASED) in found
    assert ("history", Verdict.SAME) in found


def test_a_program_that_draws_otherwise_is_named_as_the_reason(shown, monkeypatch):
    from hub.audit import replaying
    from hub.sharing import look

    monkeypatch.setattr(look, "WHO", ("name",))
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        unexplained = verdicts(hub, ann)
        monkeypatch.setattr(replaying, "programs", lambda: "another")
        explained = verdicts(hub, ann)

    assert ("chronology", Verdict.DIFFERS) in unexplained
    assert ("chronology", Verdict.PROGRAMS) in explained
    assert programs.programs() == programs.programs() != "another"


def test_a_changed_byte_in_a_stored_disclosure_is_named_with_its_place(shown):
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        place = next(iter(disclosures_of(hub.records, ann))).version
    with closing(sqlite3.connect(shown.settings.data / "hub.sqlite")) as store:
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]
        for trigger in tables:
            store.execute(f"DROP TRIGGER {trigger}")
        where = "WHERE originator_id=? AND originator_version=?"
        (state,) = store.execute(f"SELECT state FROM events {where}", (ann.bytes, place)).fetchone()
        altered = state[:-20] + bytes([state[-20] ^ 1]) + state[-19:]
        store.execute(f"UPDATE events SET state=? {where}", (altered, ann.bytes, place))
        store.commit()
    with shown.open(at=LATER) as hub, pytest.raises(Altered, match=f"event {place} of record {ann}"):
        desk.shown_at(hall(hub), AUDITOR, ann, place)


def test_a_disclosure_sealed_anew_with_another_digest_is_told_from_the_true_one(shown):
    """Whoever holds the hub's keys can seal a body anew; drawing it again says it is not what was shown."""
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        true = next(iter(disclosures_of(hub.records, ann)))
        said = true.disclosed
        forged = msgspec.structs.replace(said, digest=said.digest[:-1] + bytes([said.digest[-1] ^ 1]))
        hub.records.append(ann, [forged])
        found = again(hub, ann)[-1]

    assert Verdict.DIFFERS is found.verdict
    assert found.drawn == said.digest.hex() != found.kept
    assert isinstance(found.shown.disclosed, Disclosed)


def test_a_showing_whose_question_keeps_a_digest_alone_is_said_to_be_so(shown):
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        said = next(iter(disclosures_of(hub.records, ann))).disclosed
        hub.records.append(ann, [msgspec.structs.replace(said, question="backtest")])
        hub.records.append(ann, [msgspec.structs.replace(said, drawn_at=None)])
        found = again(hub, ann)[-2:]

    assert [Verdict.NOT_KEPT, Verdict.NOT_KEPT] == [r.verdict for r in found]


def test_an_auditor_sees_each_line_and_what_of_it_was_open_and_no_word_of_it(shown):
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        place = next(iter(disclosures_of(hub.records, ann))).version
        told = desk.shown_at(hall(hub), AUDITOR, ann, place)
        recorded = list(disclosures_of(hub.records, ann))[-1].disclosed

    assert Verdict.SAME is told.verdict
    assert ["social-care", "police", "police", "health", "schools"] == [x.agency for x in told.covered.lines]
    assert "summary" in told.covered.lines[1].opened["police"]
    assert b"first words" not in msgspec.json.encode(told)
    assert ("shown", "aud") == (recorded.question, recorded.reader.person)


def test_of_a_restricted_entry_an_auditor_is_told_neither_its_kind_nor_its_fields(desk):
    clinic = SexualHealthContact(
        **{"agency": "health", "system": "c", "source_event_id": "s1", "occurred_at": DAY, **ANN},
        summary="a clinic",
    )
    doctor = Reader(By("nd", "named-doctor", "health"), "section-47")
    desk.take_in(attendance(), clinic, at=NOW)
    with desk.open(at=SOON) as hub:
        ann = only_child(hub)
        read = hub.share.chronology(doctor, ann)
        told = desk_shown(hub, ann)

    assert "health.sexual-health-contact.v1" in {line.type for line in read.lines}
    assert {"health.restricted.v1", "health.emergency-attendance.v1"} == {x.type for x in told.covered.lines}
    assert b"sexual" not in msgspec.json.encode(told)


def desk_shown(hub, child):
    return desk.shown_to(hall(hub), AUDITOR, child, "nd", hub.clock())


def test_who_may_read_the_child_sees_it_in_its_words_as_far_as_they_read_it_now(shown):
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        place = next(iter(disclosures_of(hub.records, ann))).version
        worker = desk.in_words(hall(hub), COORDINATOR, ann, place)
        police = desk.in_words(hall(hub), POLICE_OFFICER, ann, place)
        recorded = list(disclosures_of(hub.records, ann))[-1].disclosed

    assert 5 == len(worker.words.lines)
    assert ["police", "police"] == [line.agency for line in police.words.lines]
    assert all(isinstance(line, ShownEntry) for line in police.words.lines)
    assert ("chronology", "po") == (recorded.question, recorded.reader.person)


def test_in_words_nothing_is_told_that_was_closed_since_or_that_was_not_shown_then():
    def line(id_, places, **more):
        people = [{"relation": "parent", "label": "mother"}]
        fields = {
            "identity": Raw(encode({"name": {"family": f"Of {id_}", "given": "Ann"}})),
            "third-party": Raw(encode({"people": people, "places": places})),
        }
        at = NOW, "minute", NOW
        return ShownEntry(
            UUID(int=id_), "police", "police.missing-episode.v1", *at, Raw(b"{}"), fields, **more
        )

    home, park = ({"kind": kind, "label": f"at the {kind}"} for kind in ("home", "park"))
    dispute = Dispute(NOW, "health", "She says it was not so")
    held = Withheld("police-intelligence", "police", "ring")
    then, now = (
        SharedChronology(UUID(int=9), "r", "p", "b", "p", NOW, who, lines)
        for who, lines in (
            (
                {"name": {"family": "Of 2", "given": "Ann"}},
                (line(1, [home, park], dispute=dispute, withheld=(held,), ended_at=NOW), line(2, [])),
            ),
            ({"name": {"family": "Of 1", "given": "Ann"}}, (line(1, [park, {**park, "label": "later"}]),)),
        )
    )
    told = uncovered_for(then, now)

    assert (UUID(int=1),) == tuple(each.id for each in told.lines)
    assert [park] == told.lines[0].all_fields()["places"]
    assert "mother" in str(told.lines[0].all_fields())
    assert {"name": {"family": "Of 1", "given": "Ann"}} == told.who  # line 2 is another child's
    assert (None, (), None) == (told.lines[0].dispute, told.lines[0].withheld, told.lines[0].ended_at)
    assert then == uncovered_for(then, then)


def test_nobody_but_an_auditor_replays_and_what_is_no_disclosure_is_refused(shown):
    with shown.open(at=LATER) as hub:
        ann, there = only_child(hub), hall(hub)
        with pytest.raises(NotAllowed):
            desk.shown_at(there, SOCIAL_WORKER, ann, 7)
        with pytest.raises(Refused, match="not a disclosure"):
            desk.shown_at(there, AUDITOR, ann, 1)
        with pytest.raises(Refused, match="shown nothing of this child by then"):
            desk.shown_to(there, AUDITOR, ann, "sw", NOW - timedelta(days=1))


def test_typed_it_says_what_was_shown_and_ends_with_1_where_it_is_not_that(shown, monkeypatch, capsys):
    with shown.open(at=LATER) as hub:
        ann = only_child(hub)
        said = next(iter(disclosures_of(hub.records, ann)))
        hub.records.append(ann, [msgspec.structs.replace(said.disclosed, digest=bytes(32))])
        forged = list(disclosures_of(hub.records, ann))[-1].version
    data = shown.settings.data
    good = typed(monkeypatch, capsys, "audit", "shown", f"{ann}@{said.version}", data=data)
    bad = typed(monkeypatch, capsys, "audit", "shown", f"{ann}@{forged}", "--json", data=data)

    assert (0, 1) == (good.code, bad.code)
    assert "same: What was drawn again is, byte for byte, what was shown." in good.out
    assert "first words" not in good.out
    assert "differs" == msgspec.json.decode(bad.out)["verdict"]


def asked_by_the_auditor(hub):
    """Every question of an auditor, asked once; what they were told, by question."""
    there, ann = hall(hub), hub.records.children()[0]
    place = next(iter(disclosures_of(hub.records, ann))).version
    since, until = NOW - timedelta(days=9), hub.clock() + timedelta(days=1)
    signs = load_signs(SIGNS)
    return {
        "shown": desk.shown_at(there, AUDITOR, ann, place),
        "stood": desk.stood_at(there, AUDITOR, ann, NOW, 3),
        "who-saw": desk.who_saw(there, AUDITOR, ann),
        "history": story_for(hub.records, hub.policy, AUDITOR, ann),
        "seen-by": desk.seen_by(there, AUDITOR, "sw", since, until),
        "unusual-access": desk.unusual_access(there, AUDITOR, signs, since, until),
        "inspections": desk.inspections(there, AUDITOR),
        "inspected": desk.inspected(there, AUDITOR, 1),
    }


def test_what_an_auditor_was_shown_of_a_child_is_drawn_again_to_the_byte_whatever_came_since(shown):
    with shown.open(at=LATER) as hub:
        told = asked_by_the_auditor(hub)
    shown.take_in(missing("m9", day=9), attendance("a9", day=9), at=LATER + timedelta(minutes=5))
    with shown.open(at=LATER + timedelta(days=1)) as hub:
        for _ in range(2):  # also what was asked after it was asked
            asked_by_the_auditor(hub)
        found = [one for one in again(hub, only_child(hub)) if "aud" == one.shown.disclosed.reader.person]

    assert {"shown", "stood", "who-saw", "history"} == {one.shown.disclosed.question for one in found}
    assert {Verdict.SAME} == {one.verdict for one in found}
    for one in found[1:5]:  # the first is of before
        assert told[one.shown.disclosed.question] == one.answer


def test_what_an_auditor_was_told_of_many_children_is_drawn_again_to_the_byte_whatever_came_since(shown):
    with shown.open(at=LATER) as hub:
        told = asked_by_the_auditor(hub)
    shown.take_in(missing("m9", day=9, who=BEN), at=LATER + timedelta(minutes=5))
    with shown.open(at=LATER + timedelta(days=1)) as hub:
        asked_by_the_auditor(hub)
        numbers = [one.number for one in desk.inspections(hall(hub), AUDITOR)]
        found = [desk.inspected(hall(hub), AUDITOR, number) for number in numbers]

    assert [Verdict.SAME] * 8 == [one.verdict for one in found]
    for one in found[:4]:
        assert msgspec.json.encode(told[one.told.question]) == bytes(one.answer)
    with shown.open(at=LATER + timedelta(days=1)) as hub, pytest.raises(Refused, match="no such telling"):
        desk.inspected(hall(hub), AUDITOR, 99)


def test_a_telling_that_was_altered_or_of_before_it_was_kept_is_said_to_be_so(shown):
    with shown.open(at=LATER) as hub:
        asked_by_the_auditor(hub)
        said = next(iter(hub.records.history(INSPECTIONS))).body
        forged = msgspec.structs.replace(said, digest=bytes(32))
        older = Inspected(by=said.by, question=said.question, about=said.about, digest=said.digest)
        hub.records.record({}, appended={INSPECTIONS: [forged, older]})
        found = [desk.inspected(hall(hub), AUDITOR, number) for number in (5, 6)]

    assert [Verdict.DIFFERS, Verdict.NOT_KEPT] == [one.verdict for one in found]
    assert [b"null", b"null"] == [bytes(one.answer) for one in found]


def test_after_an_erasure_an_auditors_showing_says_it_was_erased_since(shown):
    with shown.open(at=LATER) as hub:
        asked_by_the_auditor(hub)
        ann, erasure = only_child(hub), uuid4()
        one, two = By("one", "caldicott-guardian", "health"), By("two", "caldicott-guardian", "health")
        erasing.ask_erasure(hub.records, erasure, ann, None, "asked for", "art. 17", one)
        erasing.confirm_erasure(hub.records, hub.key_store, erasure, two)
        found = desk.inspected(hall(hub), AUDITOR, 1)

    assert Verdict.ERASED is found.verdict


def test_the_commands_list_tellings_and_draw_one_again(shown, monkeypatch, capsys):
    with shown.open(at=LATER) as hub:
        asked_by_the_auditor(hub)
    listed = typed(monkeypatch, capsys, "audit", "inspections", data=shown.settings.data)
    drawn = typed(monkeypatch, capsys, "audit", "inspected", "1", data=shown.settings.data)

    assert (0, True) == (listed.code, "seen-by of sw" in listed.out)
    assert (0, True) == (drawn.code, "byte for byte" in drawn.out)
