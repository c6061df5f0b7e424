"""What a prosecutor is handed out of a record: no trace of what is not theirs, and proof of the rest."""

import json
import shutil
import subprocess
import sys
from copy import copy
from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.audit import prosecution, standalone
from hub.audit.checkpoint import sign, verifier_key
from hub.audit.explaining import disclosures_of
from hub.audit.handing_out import to_court
from hub.audit.history import history_of
from hub.audit.keeping import ORIGIN
from hub.audit.prosecution import ASKED, Asked, again, approve, asked_in, encode, load, prepare, read
from hub.domain.access import AccessClosed, Closing, Interest
from hub.domain.child import EntryDisputed, ProcessingRestricted, RestrictionGround
from hub.domain.entry import Envelope
from hub.domain.feed import ProsecutionRefused
from hub.domain.strand import Opens
from hub.errors import Conflict, NotAllowed, Refused, Unavailable, UnknownChild
from hub.intake.acts import record_act
from hub.intake.splitting import split
from schemas.health import Camhs, SexualHealthContact
from schemas.police import Intelligence
from schemas.vocabulary import Agency, ChildPart
from tests.audit.test_replaying import SOON
from tests.audit.test_subject_access import GUARDIAN, LEAD, said
from tests.events import ANN, DAY, attendance, concern, missing, taken_back
from tests.hubs import NOW, SOCIAL_WORKER, Desk
from tests.intake.test_acts import referral
from tests.intake.test_matching import said_to_be_one, who
from tests.journeys.commands import hub as typed

RULES = load()
URN = Asked("01AB/234", "court-order", "A. Reviewer, Crown Prosecution Service", Opens.WAS_HARMED)


PLAIN = (
    missing(summary="own-words", address="4 Canary Street", part=ChildPart.HAS_BEEN_SEXUALLY_HARMED),
    attendance(day=1, summary="hospital-words", child_words="said-words"),
    concern("c1", day=3, summary="school-words"),
)
SEEN = {"agency": "health", "system": "s", "source_event_id": "k1", "occurred_at": DAY, "stage": "seen"}
HIDDEN = (
    missing("m2", day=2, summary="other-strand-words", part=ChildPart.HAS_SEXUALLY_HARMED),
    said(SexualHealthContact, "s1", summary="clinic-words"),
    Camhs(**SEEN, notes="camhs-words", **ANN),
    said(Intelligence, "i1", summary="intelligence-words"),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("told") / "data")
    desk.take_in(*PLAIN, *HIDDEN, at=NOW)
    return desk


@pytest.fixture
def asked(told, tmp_path):
    copied = copy(told)
    folder = shutil.copytree(told.settings.data, tmp_path / "asked")
    copied.settings = told.settings.model_copy(update={"data": folder})
    return copied


def only(hub):
    (child,) = hub.records.children()
    return child


def prepared(hub, asking=URN, held=None):
    return prepare(hub.records, hub.policy, LEAD, only(hub), asking, held or {}, uuid4, RULES)


def entry_of(hub, type_):
    entries = hub.records.child(only(hub)).entries
    return next(id_ for id_, kept in entries.items() if kept.entry.type == type_)


@pytest.fixture
def handed(asked, tmp_path):
    """What is handed out, and what an outsider checks it with: no key of the hub."""
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        export, proofs = approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        own = hub.key_file.ledger_key()
    keys = {a: k.signing.public_key().public_bytes_raw().hex() for a, k in asked.agencies.items()}
    agencies = standalone.read_keys([f"{a}={key}" for a, key in keys.items()])
    return export, json.loads(proofs), verifier_key(ORIGIN, own.public_key()), agencies, own


def test_whoever_gets_it_checks_every_entry_and_that_none_was_left_out_without_a_key_of_the_hub(handed):
    export, proofs, key, agencies, _ = handed
    found = standalone.check_export(encode(export), json.dumps(proofs), key, agencies)

    assert ["police", "health", "schools"] == [given.agency for given in export.entries]
    assert found.startswith("3 entries, none changed")
    assert (
        "health 1, police 1, schools 1; not compared, for want of salts: 0; that no agency signed: 0" in found
    )
    assert "left out, each with why: 2; recorded" in found
    assert "before it was handed out" in found


def test_an_altered_entry_a_swapped_signature_one_left_out_and_a_wrong_checkpoint_are_each_noticed(handed):
    export, proofs, key, agencies, own = handed
    plain = json.loads(encode(export))
    first, second, _ = plain["entries"]
    ids = [entry["id"] for entry in plain["entries"]]

    def fails(given, told):
        with pytest.raises(standalone.Fails) as why:
            standalone.check_export(json.dumps(given).encode(), json.dumps(told), key, agencies)
        return str(why.value)

    def with_first(**changed):
        return plain | {"entries": [first | changed, *plain["entries"][1:]]}

    def part(number, **changed):
        parts = [p | changed if n == number else p for n, p in enumerate(first["parts"])]
        return with_first(parts=parts)

    def checkpoint(note):
        return proofs | {"checkpoint": note}

    swapped = proofs["entries"] | {ids[0]: proofs["entries"][ids[1]]}
    other = proofs["entries"][ids[0]] | {"digests": proofs["entries"][ids[1]]["digests"]}
    _, size, root, _ = standalone.read_note(proofs["checkpoint"], key)
    words = first["parts"][1]["says"].replace("own-words", "new-words")
    forged = sign(ORIGIN, size, root, Ed25519PrivateKey.generate(), ORIGIN)

    assert words != first["parts"][1]["says"]
    assert "entry 1: its part police is not what police signed" == fails(part(1, says=words), proofs)
    assert "entry 1: its part open is not" in fails(part(0, says=second["parts"][0]["says"]), proofs)
    assert "entry 1: its type or its time is not" in fails(with_first(happened=second["happened"]), proofs)
    assert "entry 1: a part is left out" in fails(with_first(parts=first["parts"][:-1]), proofs)
    assert "entry 1: the signature is not police's" in fails(plain, proofs | {"entries": swapped})
    assert "entry 1: the signature is not police's" in fails(
        plain, proofs | {"entries": proofs["entries"] | {ids[0]: other}}
    )
    assert "entry 1: nothing proves it" == fails(plain, proofs | {"entries": {}})
    assert "an entry left out" in fails(plain | {"entries": plain["entries"][1:]}, proofs)
    assert "an entry left out" in fails(with_first(signed=False), proofs)
    assert "not signed by this key" in fails(plain, checkpoint(forged))
    assert "does not lead from this leaf" in fails(
        plain, checkpoint(sign(ORIGIN, size, bytes(32), own, ORIGIN))
    )
    assert "records something else" in fails(plain, proofs | {"handed_out": proofs["entries"][ids[0]]})
    bare = first | {"parts": [{**p, "salt": ""} for p in first["parts"]]}
    unsalted = standalone._check_entry(bare, proofs["entries"][ids[0]], proofs["checkpoint"], key, agencies)
    assert unsalted is False  # signed, and not comparable: the sender had another edition of the schemas
    with pytest.raises(standalone.Fails, match="no key of"):
        standalone.check_export(encode(export), json.dumps(proofs), key, {})


def test_what_is_restricted_sealed_of_the_other_strand_or_not_asked_for_leaves_no_trace(asked):
    with asked.open(at=SOON) as hub:
        _, export = prepared(hub)
        _, named = prepared(hub, URN._replace(scopes=("account", "health-confidential", "whereabouts")))
        _, health = prepared(hub, URN._replace(agencies=("health",), until=date(2026, 9, 2)))
        as_others = msgspec.structs.replace(RULES, no_trace={})
        _, others = prepare(hub.records, hub.policy, LEAD, only(hub), URN, {}, uuid4, as_others)
        shield = AccessClosed(
            restriction=uuid4(),
            what=Closing.ADDRESS,
            by=LEAD,
            reason=Envelope("social-care", b""),
            named=(LEAD,),
        )
        hub.records.append(only(hub), [shield])
        _, shielded = prepared(hub, URN._replace(scopes=("whereabouts",)))
        sealed = AccessClosed(
            restriction=uuid4(),
            what=Closing.SEALED,
            by=LEAD,
            reason=Envelope("social-care", b""),
            named=(LEAD,),
            entries=(entry_of(hub, "police.missing-episode.v1"), entry_of(hub, "schools.concern-logged.v1")),
        )
        hub.records.append(only(hub), [sealed])
        attended, why = entry_of(hub, "health.emergency-attendance.v1"), Envelope("social-care", b"")
        said = EntryDisputed(entry=attended, by=LEAD, reason=why)
        kept = ProcessingRestricted(attended, RestrictionGround.CLAIM, SOON, LEAD, why)
        hub.records.append(only(hub), [said, kept])
        _, open_ = prepared(hub)
        text = to_court(open_)
        with pytest.raises(Refused, match="nothing on this record"):
            prepared(hub, URN._replace(since=date(2030, 1, 1)))

    def words(given):
        every = ("own", "other-strand", "camhs", "hospital", "school", "clinic", "intelligence", "said")
        return {w for w in every if f"{w}-words".encode() in encode(given)}

    out = {(each.what, given.agency) for given in export.entries for each in given.redacted}
    assert {"own", "hospital", "school"} == words(export)
    assert b"restricted" not in encode(export)
    assert b"confidential" not in encode(export)
    assert b"Canary" not in encode(export)
    assert {("whereabouts", "police"), ("account", "health")} <= out
    assert all(each.ground for given in export.entries for each in given.redacted)
    assert {"own", "hospital", "school", "clinic", "camhs", "said"} == words(named)
    assert b"Canary" in encode(named)
    assert {"own", "hospital", "school", "camhs"} == words(others)
    assert b"Canary" not in encode(shielded)
    assert RULES.standing["address-shielded"] in shielded.redactions
    assert {"hospital"} == words(health)
    assert {"hospital"} == words(open_)
    assert [True] == [given.disputed for given in open_.entries]
    assert ["needed-for-a-legal-claim"] == [given.restricted for given in open_.entries]
    assert "[restricted: needed for a legal claim]" in text
    assert b"sealed" not in encode(open_)
    assert "somebody says that it is not right" in text
    assert "hospital-words" in text


def closed(what, *entries, named=(LEAD,)):
    reason = Envelope("social-care", b"")
    return AccessClosed(restriction=uuid4(), what=what, by=LEAD, reason=reason, named=named, entries=entries)


def test_what_is_closed_or_moved_since_it_was_prepared_is_handed_out_no_more_nor_read(asked):
    keys = {"kind": "home", "reference": {"system": "uprn", "value": "1"}, "label": "9 Canary Street"}
    ended = {"completes": "m1", "part": ChildPart.HAS_BEEN_SEXUALLY_HARMED}
    asked.take_in(
        missing("m3", day=4, part=ChildPart.HAS_BEEN_SEXUALLY_HARMED, places=(keys,)),
        missing("m4", day=5, summary="found-words", ended_at=DAY + timedelta(days=5), **ended),
        at=NOW,
    )
    with asked.open(at=SOON) as hub:
        keep, child = (hub.records, hub.ledger, hub.policy, GUARDIAN), only(hub)
        entries = hub.records.child(child).entries
        found = next(i for i, k in entries.items() if k.entry.relation.value == "completes")
        by_name = URN._replace(scopes=("whereabouts", "third-party"))
        done, open_ = prepared(hub, by_name)
        _, held = prepared(hub, by_name, held={found: "legal-privilege"})
        approve(*keep, done, RULES)
        waits, _ = prepared(hub, URN._replace(scopes=("whereabouts",)))
        hub.records.append(child, [closed(Closing.ADDRESS)])
        shielded_id, shielded = prepared(hub, by_name)
        hub.records.append(child, [closed(Closing.SEALED, found)])
        last, without = prepared(hub)
        for draft, act in ((waits, approve), (done, again), (shielded_id, approve)):
            with pytest.raises(Refused, match="prepare it again"):
                act(*keep, draft, RULES)
            with pytest.raises(Refused, match="prepare it again"):
                read(hub.records, hub.policy, GUARDIAN, draft, RULES)
        attended = entry_of(hub, "health.emergency-attendance.v1")
        split(hub.records, child, [attended], LEAD, "Another girl of this name", uuid4)
        with pytest.raises(Refused, match="prepare it again"):
            approve(*keep, last, RULES)

    assert b"9 Canary" in encode(open_)
    assert b"Canary" not in encode(shielded)
    assert {"third-party", "whereabouts"} <= {
        each.what
        for given in shielded.entries
        for each in given.redacted
        if each.ground == RULES.standing["address-shielded"]
    }
    assert b"found-words" in encode(shielded)
    assert b"found-words" not in encode(without)
    assert b"found-words" not in encode(held)  # how it ended, left out by itself
    assert b"own-words" in encode(held)


def test_a_record_without_what_is_not_theirs_gives_the_same_bytes(asked, tmp_path):
    less = Desk(tmp_path / "less")
    less.take_in(*PLAIN, at=NOW)
    id_, child = uuid4(), uuid4()

    def drawn(desk):
        with desk.open(at=SOON) as hub:
            _, export = prepare(hub.records, hub.policy, LEAD, only(hub), URN, {}, lambda: id_, RULES)
        return encode(msgspec.structs.replace(export, child=child, as_at=SOON))

    assert drawn(asked) == drawn(less)


def test_what_people_recorded_in_the_hub_is_said_to_be_signed_by_no_agency(asked):
    with asked.open(at=SOON) as hub:
        record_act(hub.records, only(hub), referral(), SOCIAL_WORKER.by, uuid4)
        id_, _ = prepared(hub, URN._replace(agencies=("social-care",)))
        export, proofs = approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        key = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
    found = standalone.check_export(encode(export), proofs.decode(), key, {})

    (given,) = export.entries
    whole = json.loads(encode(export))
    (plain,) = whole["entries"]
    assert (False, {""}) == (given.signed, {part.salt for part in given.parts})
    assert {"name", "says"} == {name for part in plain["parts"] for name in part}
    assert {"disputed", "restricted", "redacted"}.isdisjoint(plain)
    assert {"since", "until", "scopes"}.isdisjoint(whole)
    assert "as their agencies signed them: none" in found
    assert "that no agency signed: 1" in found
    assert "no agency signed it" in " ".join(to_court(export).split())


def test_what_is_refused_is_kept_with_its_reason_and_handed_out_by_nobody(asked):
    with asked.open(at=SOON) as hub:
        keep = (hub.records, hub.ledger, hub.policy, GUARDIAN)
        id_, export = prepared(hub)
        other, _ = prepared(hub)
        with pytest.raises(UnknownChild):
            again(*keep, id_, RULES)
        with pytest.raises(Refused, match="a reason is needed"):
            ASKED.refuse(hub.records, GUARDIAN, id_, " ")
        ASKED.refuse(hub.records, GUARDIAN, id_, "It asks for too much")
        approve(*keep, other, RULES)
        late = ProsecutionRefused(request=other, by=LEAD, reason="at once, by another process")
        hub.records.record({}, appended={ASKED.stream: [late]})  # handed out is handed out
        for gone in (id_, uuid4()):
            with pytest.raises(UnknownChild):
                again(*keep, gone, RULES)
            with pytest.raises(UnknownChild):
                ASKED.readable(hub.records, GUARDIAN, gone)
            with pytest.raises(Refused, match="no export of this id waits"):
                ASKED.waiting(hub.records, GUARDIAN, gone)
        with pytest.raises(NotAllowed):
            ASKED.listed(hub.records, SOCIAL_WORKER.by)
        newest, oldest = ASKED.listed(hub.records, LEAD)
        third, _ = prepared(hub)

        assert (other, "approved", GUARDIAN) == (newest.prepared.request, newest.state, newest.ended.by)
        assert (id_, "refused", "It asks for too much") == (
            *(oldest.prepared.request, oldest.state),
            oldest.ended.reason,
        )
        assert newest == ASKED.readable(hub.records, GUARDIAN, other)
        assert "waits" == ASKED.all(hub.records)[third].state
    assert {RULES.left_out["account"]: 1, RULES.left_out["whereabouts"]: 1} == export.redactions


def test_to_a_keeper_from_whom_the_record_is_barred_there_is_none(asked):
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        barred = AccessClosed(
            restriction=uuid4(),
            what=Closing.BARRED,
            by=LEAD,
            reason=Envelope("social-care", b""),
            named=(LEAD, GUARDIAN),
            interest=Interest.RELATIVE,
        )
        hub.records.append(only(hub), [barred])
        with pytest.raises(UnknownChild):
            prepared(hub)
        with pytest.raises(Refused, match="no export of this id waits"):
            approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)

        assert [] == ASKED.listed(hub.records, GUARDIAN)


def test_it_is_recorded_before_it_is_handed_out_by_a_second_person_and_only_as_it_was_prepared(asked):
    with asked.open(at=SOON) as hub:
        held = entry_of(hub, "health.emergency-attendance.v1")
        id_, draft = prepared(hub, held={held: "legal-privilege"})
        with pytest.raises(Refused, match="a second person"):
            approve(hub.records, hub.ledger, hub.policy, LEAD, id_, RULES)
        other = msgspec.structs.replace(RULES, left_out={})
        with pytest.raises(Refused, match="prepare it again"):
            approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, other)
    with asked.open(at=SOON + timedelta(minutes=1)) as hub:
        export, _ = approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        told = [d.disclosed for d in disclosures_of(hub.records, only(hub))]
        story = history_of(hub.records, only(hub))
        with pytest.raises(Refused, match="no export of this id waits"):
            approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        for why, wrong in (
            ("say the request's reference", {"asked_by": " "}),
            ("say the request's reference", {"reference": " "}),
            ("the basis is one of", {"basis": "because"}),
            ("an agency is one of", {"agencies": ("police", "fire")}),
            ("informant is not handed out", {"scopes": ("informant",)}),
            ("by name one asks for", {"scopes": ("health",)}),
        ):
            with pytest.raises(Refused, match=why):
                prepared(hub, URN._replace(**wrong))
        for grounds in ({held: "no-ground"}, {uuid4(): "not-relevant"}):
            with pytest.raises(Refused):
                prepared(hub, held=grounds)
        for act in (
            lambda: prepare(hub.records, hub.policy, SOCIAL_WORKER.by, only(hub), URN, {}, uuid4, RULES),
            lambda: approve(hub.records, hub.ledger, hub.policy, SOCIAL_WORKER.by, id_, RULES),
            lambda: ASKED.refuse(hub.records, SOCIAL_WORKER.by, id_, "because"),
        ):
            with pytest.raises(NotAllowed):
                act()

    assert encode(draft) == encode(export)
    assert b"hospital-words" not in encode(export)
    assert ["all of it"] == [r.what for g in export.entries for r in g.redacted if g.id == held]
    assert [("prosecution-draft", "ig"), ("prosecution", "cg")] == [
        (d.question, d.reader.person) for d in told
    ]
    assert {"an order of a court for disclosure"} == {d.basis for d in told}
    assert story[-1].detail.endswith(", asked for by A. Reviewer, Crown Prosecution Service")
    assert all({"whereabouts", "health-confidential"}.isdisjoint(d.scopes) for d in told)


def test_typed_it_is_handed_out_in_a_folder_that_its_own_file_checks(asked, monkeypatch, capsys, tmp_path):
    with asked.open(at=SOON) as hub:
        child = only(hub)

    def run(*arguments):
        return typed(monkeypatch, capsys, "prosecution", *arguments, data=asked.settings.data)

    lead, guardian = ("--as", "information-governance-lead"), ("--as", "caldicott-guardian")
    wanted = ("--reference", "01AB/234", "--asked-by", "A. Reviewer, CPS", "--strand", "both")
    prepare_ = ("prepare", str(child), *lead, *wanted, "--basis", "court-order", "--to")
    draft = run(*prepare_, str(tmp_path / "draft"), "--since", "2026-09-01", "--agency", "police")
    id_ = draft.out.split()[1].rstrip(";")
    there = run("approve", id_, *guardian, "--to", str(tmp_path / "draft"))
    twice = run(*prepare_, str(tmp_path / "draft"))
    nobody = run("list", "--as", "nobody")
    done = run("approve", id_, *guardian, "--to", str(tmp_path / "given"))
    more = run("again", id_, *lead, "--to", str(tmp_path / "again"))
    listed = run("list", *lead, "--json")
    key = done.out.partition("--key '")[2].partition("'")[0]
    police = asked.agencies[Agency.POLICE].signing.public_key().public_bytes_raw().hex()
    checked = subprocess.run(
        [sys.executable, "-I", tmp_path / "given" / "verify_ledger.py", "export", tmp_path / "again",
         "--key", key, "--agency", f"police={police}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (0, 1, 0, 0) == (draft.code, there.code, done.code, more.code)
    assert (1, 1) == (twice.code, nobody.code)
    assert "a role is one of: social-worker" in nobody.err
    assert 1 == len(json.loads(listed.out))
    assert (0, "") == (checked.returncode, checked.stderr)
    assert "2 entries, none changed" in checked.stdout
    assert (tmp_path / "draft" / "export.json").read_bytes() == (
        tmp_path / "given" / "export.json"
    ).read_bytes()
    assert "FROM THE RECORD" in (tmp_path / "given" / "export.txt").read_text()
    assert ("approved", "01AB/234") == tuple(json.loads(listed.out)[0][k] for k in ("state", "reference"))


def beside(hub, monkeypatch, *acts):
    """Let others record these, one each time that something is about to be recorded."""
    real, others = type(hub.records).record.__get__(hub.records), list(acts)

    def records(*said, **more):
        if others:
            with monkeypatch.context() as theirs:
                theirs.setattr(hub.records, "record", real)
                others.pop(0)()
        real(*said, **more)

    monkeypatch.setattr(hub.records, "record", records)


def test_of_two_who_end_it_at_once_one_does_and_nothing_is_handed_out_where_it_was_refused(
    asked, monkeypatch
):
    with asked.open(at=SOON) as hub:
        refused, other, settled = (prepared(hub)[0] for _ in range(3))
        beside(hub, monkeypatch, lambda: ASKED.refuse(hub.records, LEAD, refused, "It was withdrawn"))
        with pytest.raises(Refused, match="no export of this id waits"):
            approve(hub.records, hub.ledger, hub.policy, GUARDIAN, refused, RULES)
        shown = [d.disclosed.question for d in disclosures_of(hub.records, only(hub))]

        beside(hub, monkeypatch, lambda: ASKED.refuse(hub.records, LEAD, other, "It was withdrawn"))
        with pytest.raises(Refused, match="no export of this id waits"):
            ASKED.refuse(hub.records, GUARDIAN, other, "It is for another force")
        beside(hub, monkeypatch, lambda: prepared(hub))
        approve(hub.records, hub.ledger, hub.policy, GUARDIAN, settled, RULES)
        found = ASKED.all(hub.records)

    assert ["prosecution-draft"] * 3 == shown
    assert ["refused", "refused", "approved", "waits"] == [each.state for each in found.values()]
    assert [LEAD, LEAD, GUARDIAN] == [each.ended.by for each in found.values() if each.ended]


def test_who_ends_it_and_is_never_first_is_told_to_try_again(asked, monkeypatch):
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        beside(hub, monkeypatch, *(lambda: prepared(hub) for _ in range(30)))
        with pytest.raises(Conflict, match="settled by others; try again"):
            ASKED.refuse(hub.records, GUARDIAN, id_, "It is for another force")

        assert "waits" == ASKED.all(hub.records)[id_].state


def test_whoever_reads_what_waits_is_recorded_first_and_is_shown_what_was_prepared(asked):
    with asked.open(at=SOON) as hub:
        id_, draft = prepared(hub)
        found, export = read(hub.records, hub.policy, GUARDIAN, id_, RULES)
        told = [d.disclosed for d in disclosures_of(hub.records, only(hub))]
        looks = [(d.reader.person, d.question) for d in told]

    assert ("waits", encode(draft)) == (found.state, encode(export))
    assert [("ig", "prosecution-draft"), ("cg", "prosecution-draft")] == looks


@pytest.mark.parametrize("opens", Opens)
def test_what_was_asked_for_is_asked_for_again_with_other_entries_left_out(asked, opens):
    asking = URN._replace(opens=opens, agencies=("police", "health"), since=date(2026, 1, 1))
    with asked.open(at=SOON) as hub:
        try:
            id_, _ = prepared(hub, asking)
        except Refused:
            assert Opens.NEITHER is opens  # there is nothing on this record that is of neither strand
            return

        assert asking == asked_in(ASKED.all(hub.records)[id_].prepared)


@pytest.mark.parametrize("said", [None, "bases = [", "bases = 7"])
def test_rules_that_cannot_be_used_are_refused_by_their_name_alone(tmp_path, said):
    file = tmp_path / "rules.toml"
    if said is not None:
        file.write_text(said)
    with pytest.raises(Refused) as why:
        load(file)

    assert str(why.value).startswith("rules.toml cannot be used: ")


def test_what_is_handed_out_again_is_recorded_again_with_what_was_asked_and_by_whom(asked):
    with asked.open(at=SOON) as hub:
        id_, _ = prepared(hub)
        approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        again(hub.records, hub.ledger, hub.policy, LEAD, id_, RULES)
        told = [d.disclosed for d in disclosures_of(hub.records, only(hub))]

    assert [("ig", "prosecution-draft"), ("cg", "prosecution"), ("ig", "prosecution")] == [
        (each.reader.person, each.question) for each in told
    ]
    assert [{"request": str(id_), "reference": "01AB/234", "asked_by": URN.asked_by}] * 3 == [
        each.asked for each in told
    ]


def test_what_is_drawn_of_records_that_are_one_childs_stands_on_each_of_them_as_it_was(desk):
    part = ChildPart.HAS_BEEN_SEXUALLY_HARMED
    desk.take_in(missing(who=who("A1"), part=part), concern(who=who("B2")), at=NOW)
    with desk.open(at=SOON) as hub:
        one, ann = said_to_be_one(hub, GUARDIAN)
        first, other = hub.records.person(ann)
        prepare(hub.records, hub.policy, LEAD, ann, URN, {}, uuid4, RULES)
        (told,) = [d.disclosed for d in disclosures_of(hub.records, ann)]

    assert one.opened.provisional == other.id
    assert (first.version, ((other.id, other.version),)) == (told.version, tuple(told.stood_on.beside))


def test_what_an_agency_corrected_or_took_back_since_is_handed_out_with_what_it_said_then_once_each(desk):
    back = taken_back("w3", day=5, withdraws="m3")
    desk.take_in(
        missing(), missing("m1b", day=1, corrects="m1"), missing("m3", day=4), back, attendance(day=6), at=NOW
    )
    with desk.open(at=SOON) as hub:
        id_, _ = prepared(hub, URN._replace(opens=Opens.BOTH))
        export, _ = approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)

    assert [
        ("new", "corrected"),
        ("corrects", "current"),
        ("new", "withdrawn"),
        ("withdraws", "current"),
        ("new", "current"),
    ] == [(given.relation, given.standing) for given in export.entries]


def test_what_no_checkpoint_covers_yet_is_approved_and_handed_out_once_one_does(asked, monkeypatch):
    """As in a process that may not write the ledger: it waits for the one that follows."""

    def may_not(*_):
        raise Unavailable("the ledger is another's to write")

    with asked.open(at=SOON) as hub:
        hub.ledger.catch_up()
        id_, _ = prepared(hub)
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(hub.ledger, "catch_up", may_not)
            with pytest.raises(Unavailable, match="no signed checkpoint covers it yet"):
                approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
            with pytest.raises(Unavailable, match="no signed checkpoint covers it yet"):
                again(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        hub.ledger.catch_up()
        with monkeypatch.context() as meanwhile:  # what was handed out last is not covered: the first is
            meanwhile.setattr(hub.ledger, "catch_up", may_not)
            export, proofs = again(hub.records, hub.ledger, hub.policy, LEAD, id_, RULES)
        assert checked(asked, hub, export, proofs).startswith("3 entries, none changed")
        assert "approved" == ASKED.all(hub.records)[id_].state


def test_of_several_each_is_proved_by_its_own_row_whatever_was_handed_out_since(asked, monkeypatch):
    with asked.open(at=SOON) as hub:
        first, other = prepared(hub)[0], prepared(hub, URN._replace(agencies=("health",)))[0]
        for id_ in (first, other):
            approve(hub.records, hub.ledger, hub.policy, GUARDIAN, id_, RULES)
        monkeypatch.setattr(hub.ledger, "catch_up", lambda: 0)  # no checkpoint covers what follows
        export, proofs = again(hub.records, hub.ledger, hub.policy, LEAD, first, RULES)

        assert checked(asked, hub, export, proofs).startswith("3 entries, none changed")


def checked(asked, hub, export, proofs):
    keys = {a: k.signing.public_key().public_bytes_raw().hex() for a, k in asked.agencies.items()}
    agencies = standalone.read_keys([f"{a}={key}" for a, key in keys.items()])
    key = verifier_key(ORIGIN, hub.key_file.ledger_key().public_key())
    return standalone.check_export(encode(export), proofs.decode(), key, agencies)


def test_what_an_older_store_holds_of_exports_for_a_court_is_found_there_for_ever():
    assert UUID("94e339f0-e310-5bd6-9650-0f1b916b5149") == prosecution.STREAM
    assert UUID("cc048cd4-471d-51ba-ab82-ec623b3ca123") == prosecution.HANDED
