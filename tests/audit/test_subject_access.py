"""A child's record for the child: all of it but what a ground leaves out, approved by a second person."""

import json
import shutil
from copy import copy
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from hub.audit.explaining import disclosures_of
from hub.audit.exporting import Redaction
from hub.audit.handing_out import document
from hub.audit.subject_access import (
    answered,
    answers,
    approve,
    encode,
    load,
    prepare,
    read,
    refuse,
    requests,
    untold_of,
    waiting,
)
from hub.casework.recording import Who
from hub.casework.worklists import Whose
from hub.disposal import erasing
from hub.domain.access import AccessClosed, Closing
from hub.domain.child import By, Resealed, allocate
from hub.domain.entry import Envelope
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.intake.splitting import split
from hub.protocol.worklist import ACCESS
from hub.sharing.look import Reader
from schemas.health import SexualHealthContact
from schemas.police import Intelligence
from schemas.social_care import Contact
from schemas.vocabulary import Agency, LinkRelation
from tests.audit.test_replaying import AUDITOR, LATER, SOON
from tests.casework.acting import NURSE, follow
from tests.events import ANN, BEN, DAY, attendance, concern, intelligence, missing
from tests.hubs import INTELLIGENCE_OFFICER, NOW, POLICE_OFFICER, SCHOOL_LEAD, SOCIAL_WORKER, Desk
from tests.intake.test_matching import said_to_be_one, who
from tests.journeys.commands import hub as typed

LEAD = By("ig", "information-governance-lead", "social-care")
GUARDIAN = By("cg", "caldicott-guardian", "health")
DOCTOR = Reader(By("nd", "named-doctor", "health"), "section-47")
RULES = load()
TODAY = date(2026, 11, 20)


def said(cls, name, **more):
    agency = {"SexualHealthContact": "health", "Intelligence": "police"}[cls.__name__]
    return cls(
        **{"agency": agency, "system": "s", "source_event_id": name, "occurred_at": DAY, **ANN, **more}
    )


@pytest.fixture
def asked(told, tmp_path):
    """Ann, with words of every kind; Ben is named in one of them. A copy for each test."""
    copied = copy(told)
    folder = shutil.copytree(told.settings.data, tmp_path / "asked")
    copied.settings = told.settings.model_copy(update={"data": folder})
    return copied


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("told") / "data")
    ben = {"identifiers": BEN["identifiers"], "relation": LinkRelation.SIBLING}
    desk.take_in(
        missing(summary="own-words", children=(ben,), address="4 Canary Street"),
        attendance(day=1, summary="hospital-words"),
        said(SexualHealthContact, "s1", summary="clinic-words"),
        said(Intelligence, "i1", summary="intelligence-words"),
        at=NOW,
    )
    return desk


def ann(hub):
    return max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))


def prepared(hub, asker="child", held=None):
    return prepare(hub.records, hub.policy, LEAD, ann(hub), asker, TODAY, held or {}, uuid4, RULES)


def words(export):
    return {
        w for w in ("own", "hospital", "clinic", "intelligence") if f"{w}-words".encode() in encode(export)
    }


def test_the_child_is_given_everything_but_what_a_ground_leaves_out(asked):
    with asked.open(at=SOON) as hub:
        for reader in (POLICE_OFFICER, INTELLIGENCE_OFFICER):
            hub.share.chronology(reader, ann(hub))
        _, export = prepared(hub)

    grounds = {(given.type, each.what) for given in export.entries for each in given.redacted}
    assert {"own", "hospital", "clinic"} == words(export)
    assert ("police.missing-episode.v1", "other-child") in grounds
    assert "police-intelligence" not in {what for _, what in grounds}
    assert ("police-officer, police",) == export.recipients
    assert date(2026, 12, 20) == export.due
    attended = next(given for given in export.entries if given.agency == "health" and given.happened > DAY)
    assert ("epr", "hospital-words") == (attended.says["system"], attended.says["summary"])
    assert {"redacted", "restricted"}.isdisjoint(json.loads(encode(attended)))  # what is not, is not named
    assert {"health.emergency-attendance.v1", "health.sexual-health-contact.v1"} == {
        given.type for given in export.entries if given.agency == "health"
    }
    assert sorted(given.happened for given in export.entries) == [given.happened for given in export.entries]
    assert all(each.ground for given in export.entries for each in given.redacted)


def test_a_parent_is_not_given_where_the_child_is_nor_what_the_child_told_in_confidence(asked):
    with asked.open(at=SOON) as hub:
        _, export = prepared(hub, "parent")

    assert {"own", "hospital"} == words(export)
    assert b"Canary" not in encode(export)


def test_an_entry_held_for_serious_harm_or_sealed_or_erased_says_so_and_nothing_else(asked):
    with asked.open(at=SOON) as hub:
        entries = {kept.entry.type: id_ for id_, kept in hub.records.child(ann(hub)).entries.items()}
        sealed = AccessClosed(
            restriction=uuid4(),
            what=Closing.SEALED,
            by=LEAD,
            reason=Envelope("social-care", b""),
            named=(LEAD,),
            entries=(entries["police.missing-episode.v1"],),
        )
        hub.records.append(ann(hub), [sealed])
        attended = entries["health.emergency-attendance.v1"]
        _, export = prepared(hub, held={attended: "serious-harm"})
        text = document(export, None)

    assert {"clinic"} == words(export)
    assert "serious harm to the child or another person" in " ".join(text.split())
    assert "sealed: a person decided" in " ".join(text.split())
    assert {"own-words", "hospital-words"}.isdisjoint(text.split())
    assert "source event id" not in text
    assert b"source_event_id" in encode(export)


def test_nothing_is_handed_out_before_a_second_person_approves_and_then_it_is_what_was_prepared(asked):
    with asked.open(at=SOON) as hub:
        id_, draft = prepared(hub)
        with pytest.raises(Refused, match="a second person approves"):
            approve(hub.records, hub.policy, LEAD, id_, RULES)
    asked.take_in(missing("m9", day=9, summary="later-words"), at=LATER)
    with asked.open(at=LATER + timedelta(minutes=1)) as hub:
        given = approve(hub.records, hub.policy, GUARDIAN, id_, RULES)
        told = [d.disclosed for d in disclosures_of(hub.records, ann(hub))]
        with pytest.raises(Refused, match="no export of this id waits"):
            approve(hub.records, hub.policy, GUARDIAN, id_, RULES)

    assert encode(draft) == encode(given)
    assert [("subject-access-draft", "ig"), ("subject-access", "cg")] == [
        (d.question, d.reader.person) for d in told
    ]
    assert {d.basis for d in told} == {RULES.basis}


def test_what_was_prepared_is_changed_by_nobody_before_it_is_handed_out(asked):
    with asked.open(at=SOON) as hub:
        id_, export = prepared(hub, "parent")
        (untold, *_) = untold_of(hub.records, LEAD, id_)

    for held, name in ((export, "asker"), (export.entries[0], "says"), (untold, "ground"), (RULES, "scopes")):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(held, name, "")


def test_whoever_reads_what_waits_or_was_handed_out_is_recorded_as_shown_it(asked):
    with asked.open(at=SOON) as hub:
        id_, draft = prepared(hub)
        assert LEAD == waiting(hub.records, GUARDIAN, id_).by
        waits, read_first = read(hub.records, hub.policy, GUARDIAN, id_, RULES)
        approve(hub.records, hub.policy, GUARDIAN, id_, RULES)
        handed_out, read_then = read(hub.records, hub.policy, LEAD, id_, RULES)
        told = [d.disclosed for d in disclosures_of(hub.records, ann(hub))]

    assert ("waits", "approved") == (waits.state, handed_out.state)
    assert encode(draft) == encode(read_first) == encode(read_then)
    assert [
        ("subject-access-draft", "ig"),
        ("subject-access-draft", "cg"),
        ("subject-access", "cg"),
        ("subject-access", "ig"),
    ] == [(d.question, d.reader.person) for d in told]


def test_of_a_child_with_two_records_the_other_is_said_to_have_been_shown_too(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")), at=NOW)
    with desk.open(at=SOON) as hub:
        asked, child = said_to_be_one(hub, LEAD)
        other = hub.records.child(asked.opened.provisional)
        prepare(hub.records, hub.policy, LEAD, child, "child", TODAY, {}, uuid4, RULES)
        (shown,) = (d.disclosed for d in disclosures_of(hub.records, child))

    assert ((other.id, other.version),) == shown.stood_on.beside


def test_to_whom_a_record_is_barred_there_is_none_to_prepare_from(asked):
    with asked.open(at=SOON) as hub:
        hub.records.append(ann(hub), [closed(Closing.BARRED)])
        with pytest.raises(UnknownChild):
            prepared(hub)

        assert {} == requests(hub.records)
        assert prepare(hub.records, hub.policy, GUARDIAN, ann(hub), "child", TODAY, {}, uuid4, RULES)


def test_what_is_not_shared_with_one_agency_is_the_childs_to_have_all_the_same(asked):
    with asked.open(at=SOON) as hub:
        attended = entry_of(hub, "health.emergency-attendance.v1")
        hub.records.append(ann(hub), [closed(Closing.NOT_SHARED, attended)])
        _, export = prepared(hub)

    assert {"own", "hospital", "clinic"} == words(export)


def test_of_an_entry_that_is_damaged_what_is_open_stands_and_the_rest_is_said_to_be_left_out(asked):
    with asked.open(at=SOON) as hub:
        entry = hub.records.child(ann(hub)).entries[entry_of(hub, "health.emergency-attendance.v1")].entry
        envelope = next(one for one in entry.envelopes if one.scope == "health")
        spoilt = envelope.sealed[:-1] + bytes([envelope.sealed[-1] ^ 1])
        again = Resealed(
            scopes=("health",),
            envelopes=((envelope.mark, spoilt),),
            reason="lost",
            by=By("o", "operator", "hub"),
        )
        hub.records.append(ann(hub), [again])
        _, export = prepared(hub)
        given = next(given for given in export.entries if given.id == entry.id)

    assert [Redaction("part of it", RULES.standing["erased"])] == list(given.redacted)
    assert "epr" == given.says["system"]
    assert {"own", "clinic"} == words(export)


def test_what_came_since_with_a_part_left_out_keeps_nothing_back_that_was_prepared(asked):
    with asked.open(at=SOON) as hub:
        id_, draft = prepared(hub, "parent")
    ending = {"completes": "m1", "ended_at": DAY + timedelta(days=5), "return_account": "her-own-account"}
    asked.take_in(missing("m4", day=5, **ending), at=LATER)
    with asked.open(at=LATER + timedelta(minutes=1)) as hub:
        _, now = prepared(hub, "parent")
        given = approve(hub.records, hub.policy, GUARDIAN, id_, RULES)

    assert encode(draft) == encode(given)
    assert ["account"] == [
        each.what
        for old, new in zip(draft.entries, now.entries, strict=True)
        for each in new.redacted
        if each not in old.redacted
    ]


def test_an_agencys_answer_is_to_who_asked_that_day_and_of_that_child_alone(asked):
    with asked.open(at=SOON) as hub:
        first, _ = prepared(hub)
        answered(hub.records, LEAD, first, "police", "leave-more-out", f" {'x' * 120} ")
        again, _ = prepared(hub)
        other, _ = prepared(hub, "representative")
        ((agency, (_, heard)),) = answers(hub.records, again).items()

        assert ("police", "leave-more-out", "x" * 100) == (agency, heard.answer, heard.said_by)
        assert {} == answers(hub.records, other) == answers(hub.records, uuid4())


def test_what_is_no_answer_of_an_agency_of_the_record_is_refused(asked):
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        for agency, said_by, why in (
            ("schools", "head", "nothing of this record is of that agency"),
            ("police", " ", "say who answered"),
        ):
            with pytest.raises(Refused, match=why):
                answered(hub.records, LEAD, id_, agency, "may-be-handed-out", said_by)

        assert {} == answers(hub.records, id_)


def test_grounds_that_cannot_be_read_are_said_to_be_unusable_and_nothing_of_them(tmp_path):
    (tmp_path / "grounds.toml").write_text("days = 'canary'")
    for file in ("grounds.toml", "none.toml"):
        with pytest.raises(Refused, match=f"{file} cannot be used: [A-Za-z]+$"):
            load(tmp_path / file)


def entry_of(hub, type_):
    """The one entry of Ann of this type."""
    (found,) = (id_ for id_, kept in hub.records.child(ann(hub)).entries.items() if kept.entry.type == type_)
    return found


def hidden(hub, child):
    """The entries of restricted types, by id."""
    return [id_ for id_, kept in hub.records.child(child).entries.items() if kept.entry.restricted]


def test_of_a_restricted_kind_that_is_not_handed_out_there_is_no_trace_until_it_may_be_confirmed(asked):
    """Decision 94: the export is, byte for byte, the one of a child of whom there is nothing such."""
    asked.take_in(missing("b1", who=BEN), at=NOW)
    with asked.open(at=SOON) as hub:
        ben = min(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))

        def drawn(asker, **more):
            keep = (hub.records, hub.policy, LEAD, ben, asker, TODAY, {}, uuid4, RULES)
            id_, export = prepare(*keep, **more)
            export = msgspec.structs.replace(export, as_at=DAY)
            return id_, encode(export), document(export, None)

        drawn("child")  # from then on who keeps exports is among those whom it was shown to
        without = {asker: drawn(asker)[1:] for asker in RULES.askers}
    clinic = SexualHealthContact(
        agency="health", system="s", source_event_id="s2", occurred_at=DAY, summary="clinic-words", **BEN
    )
    asked.take_in(intelligence("i2", **BEN), clinic, at=NOW)
    with asked.open(at=SOON) as hub:
        parent, as_json, as_text = drawn("parent")
        child, _, of_child = drawn("child")
        untold = untold_of(hub.records, AUDITOR.by, parent)
        both, (police,) = hidden(hub, ben), [e.entry for e in untold if e.agency == "police"]

        assert without["parent"] == (as_json, as_text)
        assert "clinic-words" in of_child
        assert "intelligence" not in of_child
        assert set(both) == {each.entry for each in untold}
        assert {police} == {each.entry for each in untold_of(hub.records, LEAD, child)}
        assert any("the police decide" in each.ground for each in untold)
        for nobody in (SOCIAL_WORKER.by, INTELLIGENCE_OFFICER.by):
            with pytest.raises(NotAllowed):
                untold_of(hub.records, nobody, parent)
        with pytest.raises(UnknownChild):
            untold_of(hub.records, LEAD, uuid4())
        with pytest.raises(Refused, match="no trace of"):
            drawn("child", confirmed={next(e for e in both if e != police)})

        second, _, told = drawn("child", confirmed={police})
        assert "[left out: police intelligence" in told
        assert () == untold_of(hub.records, LEAD, second)
        hub.records.append(ben, [closed(Closing.SEALED, *both)])
        _, sealed, _ = drawn("parent")
        assert without["parent"][0] == sealed


def waits(hub, reader, agency):
    """What stands for an agency on its worklist, and of the child for this reader."""
    listed = [w.item for w in hub.worklists.of(reader, Whose(agency=agency)) if w.item.obligation == ACCESS]
    asked = [item for item in hub.share.due(reader, ann(hub)) if item.obligation == ACCESS]
    assert {item.started_by for item in listed} <= {item.started_by for item in asked}
    return [(item.state, item.due_at.date()) for item in listed]


def test_each_agency_whose_words_are_in_it_has_it_on_its_own_worklist_until_it_answered(asked):
    due = TODAY + timedelta(days=RULES.days)
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        follow(hub)

        assert (
            [("open", due)] == waits(hub, POLICE_OFFICER, Agency.POLICE) == waits(hub, DOCTOR, Agency.HEALTH)
        )
        assert [] == waits(hub, POLICE_OFFICER, Agency.HEALTH) == waits(hub, DOCTOR, Agency.POLICE)
        with pytest.raises(UnknownChild):
            waits(hub, SCHOOL_LEAD, Agency.SCHOOLS)
        answered(hub.records, LEAD, id_, "health", "may-be-handed-out", "named nurse")
        follow(hub)
        assert [] == waits(hub, DOCTOR, Agency.HEALTH)
        second, _ = prepared(hub)
        follow(hub)
        assert [] == waits(hub, DOCTOR, Agency.HEALTH)
        assert [("open", due)] * 2 == waits(hub, POLICE_OFFICER, Agency.POLICE)
        refuse(hub.records, LEAD, id_, "Prepared again")
    late = datetime(due.year, due.month, due.day, 1, tzinfo=UTC)
    with asked.open(at=late) as hub:
        follow(hub)
        assert [("overdue", due)] == waits(hub, POLICE_OFFICER, Agency.POLICE)
        approve(hub.records, hub.policy, GUARDIAN, second, RULES)
        follow(hub)
        assert [] == waits(hub, POLICE_OFFICER, Agency.POLICE)
        assert ("police",) == requests(hub.records)[second].ended.unanswered


def test_an_agency_that_reads_nothing_of_its_own_there_is_not_told_that_it_has_something(asked):
    asked.take_in(intelligence("i2", **BEN), at=NOW)
    with asked.open(at=SOON) as hub:
        ben = min(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        hub.records.act(ben, lambda c: allocate(c, POLICE_OFFICER.by, None, LEAD))
        said = {"words": "He cried.", "told_at": NOW.isoformat(), "received_by": "nurse", "part": "subject"}
        who = Who.model_validate({"identifiers": BEN["identifiers"]})
        hub.recorder.record_first(NURSE.by, who, "record-account", {**said, "provenance": "told-by-child"})
        prepare(hub.records, hub.policy, LEAD, ben, "child", TODAY, {}, uuid4, RULES)
        ((*_, agencies),) = hub.records.child(ben).wanted.values()

        assert {"police", "health"} == set(agencies)
        assert "health" in {line.agency for line in hub.share.chronology(POLICE_OFFICER, ben).lines}
        assert ACCESS not in {item.obligation for item in hub.share.due(POLICE_OFFICER, ben)}
        assert ACCESS in {item.obligation for item in hub.share.due(INTELLIGENCE_OFFICER, ben)}


def test_nor_is_one_that_reads_there_what_others_say_and_from_which_its_own_is_sealed(asked):
    contact = Contact(agency="social-care", system="s", source_event_id="k1", occurred_at=DAY, **BEN)
    asked.take_in(contact, missing("m2", who=BEN), at=NOW)
    with asked.open(at=SOON) as hub:
        ben = min(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        hub.records.act(ben, lambda c: allocate(c, SOCIAL_WORKER.by, None, LEAD))
        prepare(hub.records, hub.policy, LEAD, ben, "child", TODAY, {}, uuid4, RULES)
        (own,) = (id_ for id_, k in hub.records.child(ben).entries.items() if k.entry.agency == "social-care")
        told = []
        for seals in (False, True):
            if seals:
                hub.gates.close(LEAD, ben, Closing.SEALED, "A threat", named=(LEAD,), entries=(own,))
            lines = {line.agency for line in hub.share.chronology(SOCIAL_WORKER, ben).lines}
            told.append((lines, ACCESS in {i.obligation for i in hub.share.due(SOCIAL_WORKER, ben)}))

        assert [({"police", "social-care"}, True), ({"police"}, False)] == told


def test_what_was_erased_since_or_goes_by_other_rules_must_be_prepared_again(asked):
    other = msgspec.structs.replace(RULES, scopes={})
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        with pytest.raises(Refused, match="prepare it again"):
            approve(hub.records, hub.policy, GUARDIAN, id_, other)
        erasure, asker = uuid4(), By("a", "operator", "hub")
        erasing.ask_erasure(hub.records, erasure, ann(hub), ["health"], "asked for", "art. 17", asker)
        erasing.confirm_erasure(hub.records, hub.key_store, erasure, By("b", "operator", "hub"))
        with pytest.raises(Refused, match="prepare it again"):
            approve(hub.records, hub.policy, GUARDIAN, id_, RULES)
        _, again = prepared(hub)

    assert {"own", "clinic"} == words(again)
    assert any("erased" in ground for ground in again.redactions)


def closed(what, *entries):
    reason = Envelope("social-care", b"")
    return AccessClosed(
        restriction=uuid4(), what=what, by=LEAD, reason=reason, named=(LEAD,), entries=entries
    )


def test_what_is_closed_or_moved_since_it_was_prepared_is_handed_out_no_more_nor_read(asked):
    found = {"completes": "m1", "ended_at": DAY + timedelta(days=5), "summary": "found-words"}
    asked.take_in(missing("m4", day=5, **found), at=NOW)
    with asked.open(at=SOON) as hub:
        child, keep = ann(hub), (hub.records, hub.policy, GUARDIAN)
        entries = hub.records.child(child).entries
        first, whole = prepared(hub)
        approve(*keep, first, RULES)
        hub.records.append(child, [closed(Closing.ADDRESS)])
        second, shielded = prepared(hub)
        ending = next(i for i, k in entries.items() if k.entry.relation.value == "completes")
        hub.records.append(child, [closed(Closing.SEALED, ending)])
        third, sealed = prepared(hub)
        attended = next(i for i, k in entries.items() if k.entry.type == "health.emergency-attendance.v1")
        with pytest.raises(Refused, match="prepare it again"):
            approve(*keep, second, RULES)
        split(hub.records, child, [attended], LEAD, "Another girl of this name", uuid4)
        with pytest.raises(Refused, match="prepare it again"):
            approve(*keep, third, RULES)
        for draft in (first, third):
            with pytest.raises(Refused, match="prepare it again"):
                read(*keep, draft, RULES)

    assert b"Canary" in encode(whole)
    assert b"Canary" not in encode(shielded)
    assert b"found-words" in encode(shielded)
    assert b"found-words" not in encode(sealed)
    assert "how it ended" in {each.what for given in sealed.entries for each in given.redacted}


def test_who_does_not_answer_for_information_governance_prepares_approves_and_refuses_nothing(asked):
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        worker = SOCIAL_WORKER.by
        for act in (
            lambda: prepare(hub.records, hub.policy, worker, ann(hub), "child", TODAY, {}, uuid4, RULES),
            lambda: approve(hub.records, hub.policy, worker, id_, RULES),
            lambda: refuse(hub.records, worker, id_, "because"),
        ):
            with pytest.raises(NotAllowed):
                act()
        for asker, held in (
            ("neighbour", {}),
            ("child", {uuid4(): "no-ground"}),
            ("child", {uuid4(): "crime"}),
            ("child", {entry_of(hub, "police.missing-episode.v1"): "no-ground"}),
        ):
            with pytest.raises(Refused):
                prepare(hub.records, hub.policy, LEAD, ann(hub), asker, TODAY, held, uuid4, RULES)

        assert 1 == len(requests(hub.records))


def test_typed_it_is_prepared_approved_and_written_for_its_reader(asked, monkeypatch, capsys, tmp_path):
    with asked.open(at=SOON) as hub:
        child = ann(hub)

    def run(*arguments):
        return typed(monkeypatch, capsys, "subject-access", *arguments, data=asked.settings.data)

    lead, guardian = ("--as", "information-governance-lead"), ("--as", "caldicott-guardian")
    draft = run("prepare", str(child), *lead, "--to", str(tmp_path / "draft"), "--asked-on", "2026-11-20")
    id_ = draft.out.split()[1].rstrip(",")
    again = run("approve", id_, *lead, "--to", str(tmp_path / "x"))
    of = ("--agency", "police", "--said-by", "data protection officer")
    unknown = run("answered", id_, *lead, *of, "--answer", "perhaps")
    said = run("answered", id_, *lead, *of, "--answer", "may-be-handed-out")
    done = run("approve", id_, *guardian, "--to", str(tmp_path / "given"))
    listed = run("list", *lead, "--json")
    untold = run("untold", id_, "--as", "auditor")
    given = tmp_path / "given" / "record.json"

    assert "of the entries: ring the police safeguarding unit" in draft.out
    assert (1, "recorded; answered so far: police") == (unknown.code, said.out.strip())
    assert (0, 1, 0) == (draft.code, again.code, done.code)
    assert (tmp_path / "draft" / "record.json").read_bytes() == given.read_bytes()
    assert 0o600 == given.stat().st_mode & 0o777
    assert "own-words" in (tmp_path / "given" / "record.txt").read_text()
    assert "approved" == json.loads(listed.out)[0]["state"]
    assert "1 left out without a trace" in untold.out
    assert "of these it has no trace" in draft.out
    assert "intelligence" not in (tmp_path / "given" / "record.txt").read_text()
