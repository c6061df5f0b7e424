"""One reader's look, on records held in memory: what they get of each entry, and what makes no difference."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from hub.confidentiality import key_file
from hub.confidentiality.child_keys_sqlite import SqliteChildKeys
from hub.confidentiality.keys import KeyRing
from hub.confidentiality.sealing import Sealing, filled
from hub.domain.access import AccessClosed, Closing, GlassBroken
from hub.domain.child import (
    By,
    Child,
    EntriesSplitOff,
    EntryDisputed,
    EntryRecorded,
    PartShown,
    PractitionerAllocated,
    ProcessingRestricted,
    RecordJoined,
    RestrictionGround,
    entry_event,
    evolve,
)
from hub.domain.chronology import chronology
from hub.domain.entry import Envelope, Relation
from hub.domain.refusal import Rule
from hub.domain.strand import HAS_HARMED, WAS_HARMED, key_owner
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.deeds import sealed_reason
from hub.sharing.front_door import FrontDoor
from hub.sharing.look import AsIf, Hidden, Look, Reader
from hub.sharing.part import REVIEWED
from hub.sharing.policy import PolicyStale, Tier, load, read
from hub.sharing.relationship import Barred
from hub.sharing.view import Gap
from schemas.scope import Scope
from tests.domain.given import DAY, REASON, entry

POLICY = load()
NOW = DAY + timedelta(days=20)
ANN, BEN, JOINED = (UUID(int=n) for n in (1, 2, 3))
WORKER = Reader(By("sw", "social-worker", "social-care"), "section-47")
OFFICER = Reader(By("po", "police-officer", "police"), "section-47")
LEAD = By("ig", "information-governance-lead", "social-care")
GLASS = UUID(int=77)
CONTACT = "social-care.contact.v1"


class Held:
    """Records as a look asks for them, of children whose events are given."""

    def __init__(self, folder):
        key_file.create(folder / "keys.json", [scope.value for scope in Scope] + ["signals"], demo=True)
        self.table = SqliteChildKeys(folder / "child-keys.sqlite")
        self.table.migrate()
        self.store = key_file.load(folder / "keys.json")
        self.ring_anew()
        self.children, self.events, self.others = [], {}, {}
        self.parted = set()

    def ring_anew(self):
        """As another process does that begins now: it remembers no key."""
        self.keys = KeyRing(self.table, self.store, lambda: 0.0)

    def close(self):
        self.table.close()

    def clock(self):
        return NOW

    def add(self, child, *events):
        """Let these happen to a record, an hour apart, on the first day."""
        self.children += [child] * (child not in self.children)
        self.events.setdefault(child, []).extend(events)
        return self

    def person(self, child, known_at=None):
        if child in self.others:
            return self.others[child]
        found = []
        for id_ in (id_ for id_ in self.children if known_at is not None or id_ not in self.parted):
            record = Child(id_)
            for hour, event in enumerate(self.events[id_]):
                if known_at is None or DAY + timedelta(hours=hour) <= known_at:
                    evolve(record, event, DAY + timedelta(hours=hour))
            found.append(record)
        return tuple(found)

    def history(self, _):
        """No policy was adopted, and nobody's role given or taken back."""
        return []

    def lines_of(self, records):
        return chronology(records)

    def said(
        self, name, bodies=None, *, record=ANN, agency="police", type_="police.missing-episode.v1", **more
    ):
        """An entry whose bodies are sealed, by scope."""
        plain = entry(name, agency=agency, type_=type_, **more)
        scopes = {scope: filled(json.dumps(body).encode()) for scope, body in (bodies or {}).items()}
        keys = self.keys.for_sealing_many({record: tuple(scopes)})[record] if scopes else {}
        sealed = Sealing(record, keys).seal(plain.id, type_, scopes)
        return entry_event(
            msgspec.structs.replace(plain, envelopes=tuple(Envelope(*each) for each in sealed))
        )


@pytest.fixture
def held(tmp_path):
    with closing(Held(tmp_path)) as held:
        yield held


def closed(what, *named, **more):
    return AccessClosed(restriction=UUID(int=8), what=what, by=LEAD, reason=REASON, named=named, **more)


WORKS = PractitionerAllocated(WORKER.by, None, LEAD)


def look(held, reader=WORKER, known_at=None, **how):
    return Look(held, POLICY, reader, ANN, known_at, **how)


# ---------------------------------------------------------------- who may look


@pytest.mark.parametrize(
    ("reader", "says"),
    [
        (Reader(By("x", "stranger", "police"), "section-47"), "No such role"),
        (Reader(By("x", "social-worker", "police"), "section-47"), "No such role"),
        (Reader(WORKER.by, "gossip"), "Your role may not look for this purpose"),
    ],
)
def test_who_has_no_such_role_or_purpose_is_told_so(held, reader, says):
    with pytest.raises(NotAllowed, match=f"^{says}"):
        look(held.add(ANN, WORKS), reader)


def test_outside_its_days_a_policy_lets_nobody_look(held):
    held.add(ANN, WORKS).clock = lambda: datetime(2040, 1, 1, tzinfo=UTC)
    with pytest.raises(PolicyStale):
        look(held)


def test_who_does_not_work_with_the_child_or_is_barred_finds_none(held):
    held.add(ANN, held.said("a"))
    with pytest.raises(UnknownChild):
        look(held)
    held.add(ANN, WORKS)
    look(held)
    held.add(ANN, closed(Closing.BARRED, WORKER.by, interest="relative"))
    with pytest.raises(Barred):
        look(held)


def test_a_record_sealed_to_others_is_not_there(held):
    held.add(ANN, WORKS, closed(Closing.SEALED, LEAD))
    with pytest.raises(UnknownChild):
        look(held)


def own_and_a_colleagues(held):
    """What the social worker recorded themself of the child, and a police entry: nothing else ties them."""
    own = held.said("a", agency="social-care", type_=CONTACT)
    other = held.said("b", day=1)
    held.add(ANN, EntryRecorded(own.entry, by=WORKER.by), other)
    return own.entry.id, other.entry.id


def ids(view):
    return [line.id for line in view.shared().lines]


def test_who_is_tied_by_what_they_recorded_alone_finds_that_alone_and_under_glass_or_at_work_all(held):
    own, other = own_and_a_colleagues(held)
    alone = look(held)

    assert ([own], True, False) == (ids(alone), alone.own_alone, alone.works_with)
    assert (Tier.READ, Tier.NOTHING) == (alone.sight(str(own))[0], alone.sight(str(other))[0])
    for view in (look(held, as_if=AsIf(under=GLASS)), look(held, as_if=AsIf(related=True))):
        assert ([own, other], False) == (ids(view), view.own_alone)


def test_a_look_that_finds_no_record_says_to_the_record_alone_which_rule_kept_it_shut(held):
    def rule(reader=WORKER, **how):
        with pytest.raises(Hidden) as refused:
            look(held, reader, **how)
        return refused.value.rule

    auditor = Reader(By("au", "auditor", "social-care"), "audit")
    school = Reader(By("sl", "school-lead", "schools"), "section-17")
    held.add(ANN, PractitionerAllocated(auditor.by, None, LEAD))

    assert [Rule.RELATIONSHIP, Rule.RELATIONSHIP] == [rule(), rule(school)]
    assert [Rule.ROW, Rule.ROW] == [rule(auditor), rule(school, as_if=AsIf(under=GLASS))]
    held.add(ANN, closed(Closing.SEALED, LEAD))
    assert [Rule.CLOSED, Rule.CLOSED] == [rule(), rule(auditor)]
    assert str(UnknownChild()) == str(Hidden(Rule.CLOSED))


def test_a_look_says_which_records_it_reads_as_one_child(held):
    held.add(ANN, WORKS).add(BEN)

    assert {ANN, BEN} == look(held).as_one


def test_a_coordinator_knows_of_all_the_front_door_sees_and_a_school_does_not(held):
    coordinator = Reader(By("mc", "mash-coordinator", "social-care"), "screening")
    school = Reader(By("sl", "school-lead", "schools"), "section-17")
    held.add(ANN, *(PractitionerAllocated(each.by, None, LEAD) for each in (coordinator, school)))
    door = FrontDoor(POLICY, NOW)

    assert [True, False] == [look(held, each).knows_all(door) for each in (coordinator, school)]


ARCHIVED = max(step.days for step in POLICY.archive.steps)


def test_a_closed_case_narrows_for_who_works_with_the_child_and_not_under_glass(held):
    own = held.said("own", {"identity": {"name": {"given": "Ann"}}}, agency="social-care", type_=CONTACT)
    theirs = held.said("theirs", agency="health", type_="health.emergency-attendance.v1", day=-1)
    closing = held.said("end", agency="social-care", type_="social-care.closed.v1", day=1)
    screening = Reader(WORKER.by, "screening")
    held.add(ANN, WORKS, own, theirs, closing)
    before = look(held, screening)
    held.clock = lambda: DAY + timedelta(days=1 + ARCHIVED)
    after, enquiry = look(held, screening), look(held)
    glass = look(held, Reader(OFFICER.by, "screening"), as_if=AsIf(under=GLASS))

    assert (None, None) == (before.narrowing, before.archived())
    assert {own.entry.id, theirs.entry.id} < set(ids(before))
    assert (2, DAY.date() + timedelta(days=1)) == (after.narrowing.step, after.archived().closed_on)
    assert ids(before) != ids(after)
    assert "Ann" == after.shared().who["name"]["given"]  # by whom they are found is said still
    assert (None, None) == (enquiry.narrowing, glass.narrowing)


def test_who_the_child_is_is_said_on_in_a_closed_case_but_for_what_is_sealed_damaged_or_not_theirs(held):
    found_by = {"date_of_birth": "2012-04-05", "identifiers": [{"system": "upn", "value": "1"}]}

    def named(name, given, **more):
        said = {"name": {"given": given}, **found_by, "characteristics": {"sex": "female"}}
        return held.said(name, {"identity": said}, **more)

    spoilt = named("a", "Anna", day=-3)
    scope, sealed = spoilt.entry.envelopes[0]
    broken = Envelope(scope, sealed[:-1] + bytes([sealed[-1] ^ 1]))
    damaged = entry_event(msgspec.structs.replace(spoilt.entry, envelopes=(broken,)))
    kept, *sealed_off = named("b", "Ann", day=-2), named("c", "Annie", day=-1), named("e", "Ane", day=-4)
    secret = named("d", "Anne", agency="health", type_="health.restricted.v1", day=-1)
    closing = held.said("end", agency="social-care", type_="social-care.closed.v1", day=1)
    shut = closed(Closing.SEALED, LEAD, entries=tuple(x.entry.id for x in sealed_off))
    held.add(ANN, WORKS, damaged, kept, *sealed_off, secret, closing, shut)
    held.clock = lambda: DAY + timedelta(days=1 + ARCHIVED)
    view = look(held, Reader(WORKER.by, "screening"))

    assert {"name": {"given": "Ann"}, **found_by} == view.shared().who
    first = {"police-officer": POLICY.roles["police-officer"]}
    otherwise = POLICY.model_copy(update={"roles": {**first, **POLICY.roles}})
    for policy in (POLICY, otherwise):  # the front door's, wherever it stands among the roles
        told = Look(held, policy, Reader(WORKER.by, "screening"), ANN, None).archived()
        assert POLICY.contacts["social-care"] == told.contact


def test_a_closing_that_is_sealed_to_a_reader_narrows_nothing_for_them(held):
    closing = held.said("end", agency="social-care", type_="social-care.closed.v1", day=1)
    held.add(ANN, WORKS, held.said("a"), closing)
    held.clock = lambda: DAY + timedelta(days=1 + ARCHIVED)
    screening = Reader(WORKER.by, "screening")
    assert look(held, screening).narrowing

    held.add(ANN, closed(Closing.SEALED, LEAD, entries=(closing.entry.id,)))
    assert look(held, screening).narrowing is None


def test_broken_glass_stands_in_for_work_with_the_child_and_is_not_there_beside_it(held):
    broken = GlassBroken(GLASS, WORKER.by, "section-47", NOW + timedelta(hours=1), NOW, "auditor", REASON)
    held.add(ANN, broken)

    under = look(held)
    assert (GLASS, False) == (under.glass, under.works_with)
    assert "education" not in under.read
    held.add(ANN, WORKS)
    beside = look(held)
    assert (None, True) == (beside.glass, beside.works_with)
    assert "education" in beside.read


def test_what_is_supposed_of_a_reader_opens_as_if_it_were_so(held):
    held.add(ANN, held.said("a"))
    glass, work = look(held, as_if=AsIf(under=GLASS)), look(held, as_if=AsIf(related=True))

    assert (GLASS, False) == (glass.glass, glass.works_with)
    assert (None, False) == (work.glass, work.works_with)
    assert work.read > glass.read


# ---------------------------------------------------------------- what there is


def test_a_look_stands_on_the_record_and_those_read_with_it_as_they_are_and_shows_them_as_known(held):
    held.add(ANN, WORKS, RecordJoined(JOINED, None, LEAD, REASON), held.said("a"))
    held.add(JOINED, held.said("b", record=JOINED))
    now, then = look(held), look(held, known_at=DAY + timedelta(hours=1))

    assert (
        (ANN, 3, ((JOINED, 1),))
        == (now.root, now.version, now.beside)
        == (then.root, then.version, then.beside)
    )
    assert [3, 2] == [now.people[0].version, then.people[0].version]
    assert [2, 1] == [len(now.shared().lines), len(then.shared().lines)]
    assert [None, DAY + timedelta(hours=1)] == [now.shared().known_at, then.shared().known_at]


def test_what_turned_out_to_be_another_childs_is_not_read_by_asking_for_the_past(held):
    own, moved, theirs = held.said("own"), held.said("moved", day=1), held.said("theirs", record=JOINED)
    held.add(ANN, WORKS, RecordJoined(JOINED, None, LEAD, REASON), own, moved)
    held.add(JOINED, theirs)
    held.add(ANN, EntriesSplitOff(entries=(moved.entry.id,), to=JOINED, by=LEAD, reason=REASON))
    held.parted.add(JOINED)
    then = look(held, known_at=DAY + timedelta(hours=3))

    assert [own.entry.id] == ids(then)
    assert [own.entry.id] == [known.fact.entry for known in then.known_again()]
    assert [ANN] == [child.id for child in then.people]
    assert {moved.entry.id, theirs.entry.id} <= then.shut


def test_once_a_review_took_it_out_of_view_nothing_says_that_the_child_has_harmed(held):
    body = {"part": HAS_HARMED, "summary": "words"}
    harming = held.said(
        "s",
        {"police": body, "signals": body},
        record=key_owner(ANN, HAS_HARMED),
        strand=HAS_HARMED,
        type_="police.offence-reported.v1",
        day=-1,
    )
    after = held.said("t", {"police": {"part": HAS_HARMED}}, ongoing=True)
    review = held.said("r", agency="social-care", type_=REVIEWED, day=1)
    plain = held.said("p", {"signals": {}}, day=2)
    shown = PartShown(entry=review.entry.id, until=None, by=WORKER.by)
    held.add(ANN, WORKS, harming, after, plain, review, shown)
    enquiry, help_ = look(held), look(held, Reader(WORKER.by, "section-17"))

    assert not enquiry.partless
    assert help_.partless
    lines = enquiry.shared().lines
    assert [HAS_HARMED, "", "", ""] == [line.strand for line in lines]
    assert [body, {"part": HAS_HARMED}] == [json.loads(bytes(x.fields["police"])) for x in lines[:2]]
    assert {review.entry.id} == set(ids(enquiry)) - set(ids(help_))
    first, second, _ = help_.shared().lines
    assert ("", b'{"summary":"words"}') == (first.strand, bytes(first.fields["police"]))
    assert b"{}" == bytes(second.fields["police"])
    assert [4, 2] == [len(view.known_again()) for view in (enquiry, help_)]


def test_a_restricted_entry_is_named_with_its_strand_but_for_what_a_review_took_out_of_view(held):
    harming = held.said("s", strand=HAS_HARMED, day=-1)
    harmed = held.said("t", strand=WAS_HARMED)
    review = held.said("r", agency="social-care", type_=REVIEWED, day=1)
    held.add(ANN, WORKS, harming, harmed, review, PartShown(review.entry.id, None, WORKER.by))
    for each in (harming, harmed):
        held.add(
            ANN,
            ProcessingRestricted(each.entry.id, RestrictionGround.UNLAWFUL, DAY, OFFICER.by, REASON),
        )
    enquiry = Look(held, not_for_an_enquiry(), WORKER, ANN, None)
    screening = Look(held, enquiry.policy, Reader(WORKER.by, "screening"), ANN, None)

    assert ([True, True], [True, True]) == tuple(
        [x.restriction.unread for x in view.shared().lines[:2]] for view in (enquiry, screening)
    )
    assert {b"{}"} == {bytes(x.open) for x in enquiry.shared().lines[:2]}
    assert [HAS_HARMED, WAS_HARMED] == [x.strand for x in enquiry.shared().lines[:2]]
    assert ["", WAS_HARMED] == [x.strand for x in screening.shared().lines[:2]]


def test_the_policy_document_that_a_purpose_stands_on_is_said_where_there_is_one(held):
    doctor = Reader(By("hp", "health-practitioner", "health"), "direct-care")
    held.add(ANN, WORKS, PractitionerAllocated(doctor.by, None, LEAD))

    assert [str(POLICY.document("section-47")), ""] == [
        look(held, reader).shared().policy_document for reader in (WORKER, doctor)
    ]


def test_sight_is_told_of_each_entry_and_of_none_there_is_not(held):
    mine = held.said("a", agency="social-care", type_=CONTACT)
    secret = held.said("s", agency="health", type_="health.restricted.v1")
    sealed = held.said("x")
    shut = closed(Closing.SEALED, LEAD, entries=(sealed.entry.id,))
    view = look(held.add(ANN, WORKS, mine, secret, sealed, shut))

    assert (Tier.READ, False) == view.sight(str(mine.entry.id))
    assert (Tier.KNOWS, True) == view.sight(str(secret.entry.id))
    assert (Tier.NOTHING, False) == view.sight(str(sealed.entry.id))
    assert (Tier.NOTHING, True) == view.sight("another")


def test_the_agencies_whose_own_records_a_reader_does_not_read_are_silent_to_them(held):
    held.add(ANN, PractitionerAllocated(OFFICER.by, None, LEAD), WORKS)
    feeds = {"police": NOW, "health": DAY, "schools": DAY}

    assert {"police": NOW} == look(held, OFFICER).hears(feeds)
    assert feeds == look(held).hears(feeds)
    assert {"police"} == {agency for agency in feeds if agency not in look(held, OFFICER).unseen()}


def test_what_may_be_known_of_is_a_gap_of_its_day_in_front_by_agency_and_a_restricted_one_is_none(held):
    held.add(
        ANN,
        PractitionerAllocated(OFFICER.by, None, LEAD),
        held.said("early", day=-1),
        held.said("care", agency="social-care", type_=CONTACT),
        held.said("school", agency="schools", type_="schools.concern-logged.v1"),
        held.said("mine"),
        held.said("secret", agency="health", type_="health.restricted.v1"),
        held.said("gone", agency="social-care", type_=CONTACT, day=2),
        held.said("w", agency="social-care", type_=CONTACT, relation=Relation.WITHDRAWS, of="gone"),
    )
    shared = look(held, OFFICER).shared()
    midnight = DAY.replace(hour=0)

    assert ["police", "schools", "social-care", "police"] == [line.agency for line in shared.lines]
    assert [
        Gap(midnight, "schools", POLICY.contacts["schools"]),
        Gap(midnight, "social-care", POLICY.contacts["social-care"]),
    ] == [line for line in shared.lines if isinstance(line, Gap)]
    assert (ANN, "police-officer", "section-47", POLICY.purposes["section-47"], POLICY.name, NOW) == (
        shared.child,
        shared.role,
        shared.purpose,
        shared.basis,
        shared.policy,
        shared.as_at,
    )


def test_each_entry_is_opened_in_the_scopes_that_are_read_and_what_may_be_known_of_is_named(held):
    bodies = {
        "police": {"a": 1},
        "health": {"b": 1},
        "informant": {"c": 1},
        "education": {"d": 1},
    }
    held.add(ANN, PractitionerAllocated(OFFICER.by, None, LEAD), held.said("a", bodies))
    (line,) = look(held, OFFICER).shared().lines

    assert {"police": b'{"a": 1}'} == {scope: bytes(raw) for scope, raw in line.fields.items()}
    assert [
        ("education", "police", POLICY.contacts["police"]),
        ("health", "police", POLICY.contacts["police"]),
    ] == (sorted((each.scope, each.agency, each.contact) for each in line.withheld))
    assert (False, (), "current", None, {}, "") == (
        line.erased,
        line.withdrawn,
        line.standing,
        line.change,
        line.ending,
        line.strand,
    )


def test_what_opens_for_nobody_is_said_to_be_erased_or_withdrawn(held):
    bodies = {"police": {"a": 1}, "health": {"b": 1}, "informant": {"c": 1}}
    held.add(ANN, WORKS, held.said("a", bodies))
    held.keys.destroy(ANN, ("police", "informant"))
    (line,) = look(held).shared().lines
    assert ({"health"}, True, ()) == (set(line.fields), line.erased, line.withdrawn)


def test_an_ending_adds_to_its_beginning_and_one_that_is_shut_leaves_it_open(held):
    begins = held.said("a", {"police": {"a": 1}, "health-confidential": {"h": 1}}, ongoing=True)
    ends = held.said(
        "b",
        {"police": {"b": 2}, "health-confidential": {"h": 2}, "health": {"c": 3}},
        relation=Relation.COMPLETES,
        of="a",
        ended_at=DAY + timedelta(days=1),
    )
    held.add(ANN, WORKS, begins, ends)
    (line,) = look(held).shared().lines
    assert ({"police"}, {"police", "health"}) == (set(line.fields), set(line.ending))
    assert (DAY + timedelta(days=1), False) == (line.ended_at, line.ongoing)
    assert ["health-confidential"] == [each.scope for each in line.withheld]

    held.add(ANN, closed(Closing.SEALED, LEAD, entries=(ends.entry.id,)))
    (line,) = look(held).shared().lines
    assert ({}, None, True) == (line.ending, line.ended_at, line.ongoing)
    held.keys.destroy(ANN, ("health",))


def test_an_ending_stays_where_something_else_is_shut(held):
    sealed = held.said("x")
    ends = held.said("b", relation=Relation.COMPLETES, of="a", ended_at=DAY + timedelta(days=1))
    held.add(ANN, WORKS, held.said("a", ongoing=True), ends, sealed)
    held.add(ANN, closed(Closing.SEALED, LEAD, entries=(sealed.entry.id,)))
    view = look(held)
    (line,) = view.shared().lines

    assert (DAY + timedelta(days=1), False) == (line.ended_at, line.ongoing)
    assert [True, False] == [known.fact.ongoing for known in view.known_again()]


def test_what_an_ending_alone_withholds_and_what_of_it_opens_for_nobody_is_said(held):
    ends = held.said(
        "b",
        {"health-confidential": {"h": 2}, "health": {"c": 3}},
        relation=Relation.COMPLETES,
        of="a",
    )
    held.add(ANN, WORKS, held.said("a", {"police": {"a": 1}}, ongoing=True), ends)
    held.keys.destroy(ANN, ("health",))
    (line,) = look(held).shared().lines

    assert (["health-confidential"], True, ()) == (
        [each.scope for each in line.withheld],
        line.erased,
        line.withdrawn,
    )


def test_a_scope_its_holder_has_shut_is_said_to_be_withdrawn_and_one_that_is_erased_too_is_erased(held):
    bodies = {"police": {"a": 1}, "health": {"b": 1}, "informant": {"c": 1}}
    ends = held.said("b", {"social-care": {"d": 1}}, relation=Relation.COMPLETES, of="a")
    held.add(ANN, WORKS, held.said("a", bodies, ongoing=True), ends)
    for scope in ("health", "social-care", "education"):
        held.store.withdraw(scope)
    held.ring_anew()
    (line,) = look(held).shared().lines
    assert ({"police"}, ("health", "social-care"), False) == (set(line.fields), line.withdrawn, line.erased)

    held.keys.destroy(ANN, ("health",))
    (line,) = look(held).shared().lines
    assert (("social-care",), True) == (line.withdrawn, line.erased)


def test_an_entry_of_a_strand_opens_with_the_strands_own_keys(held):
    of_strand = held.said(
        "s",
        {"police": {"a": 2}, "health": {"b": 1}},
        record=key_owner(ANN, HAS_HARMED),
        strand=HAS_HARMED,
        day=1,
    )
    held.add(
        ANN, WORKS, held.said("a", {"police": {"a": 1}}), of_strand, held.said("c", {"police": {"a": 3}})
    )
    held.keys.destroy(key_owner(ANN, HAS_HARMED), ("health",))
    lines = look(held).shared().lines

    assert [b'{"a": 1}', b'{"a": 3}', b'{"a": 2}'] == [bytes(line.fields["police"]) for line in lines]
    assert [False, False, True] == [line.erased for line in lines]
    assert ["", "", HAS_HARMED] == [line.strand for line in lines]


HELPER = By("eh", "early-help-worker", "early-help")


def disputed(held):
    """Two entries, of which early help says that the first is not right, in words sealed as its own."""
    first, why = held.said("a", {"identity": {"shoe": 3}}), "She was at her aunt's that night"
    reason = sealed_reason(held.keys, ANN, first.entry.id, HELPER, why)
    held.add(ANN, WORKS, first, held.said("b", day=1), EntryDisputed(first.entry.id, HELPER, reason))
    return why


def not_for_an_enquiry():
    """A policy under which what is restricted is read neither for screening nor for a section 47 enquiry."""
    text, agreements = POLICY.texts
    gone = (b"screening     =", b'section-47    = "protecting')
    lines = [x for x in text.splitlines() if not x.startswith(gone)]
    every = b"\n".join(lines).replace(b"[restriction]", b'[restriction]\ndirect-care = "x"')
    return read((every, agreements))


def test_of_what_is_restricted_only_what_is_read_is_kept_back_and_every_other_line_is_as_it_was(held):
    first, second = held.said("a", {"police": {"a": 1}}), held.said("b", {"police": {"b": 1}}, day=1)
    known = held.said("c", agency="schools", type_="schools.concern-logged.v1", day=2)
    taken = held.said("t", day=3)
    back = held.said("u", day=4, relation=Relation.WITHDRAWS, of="t")
    restricted = [
        ProcessingRestricted(each.entry.id, RestrictionGround.UNLAWFUL, DAY, OFFICER.by, REASON)
        for each in (first, known, taken)
    ]
    works = PractitionerAllocated(OFFICER.by, None, LEAD)
    disputed = EntryDisputed(first.entry.id, OFFICER.by, REASON)
    held.add(ANN, works, first, second, known, taken, back, disputed)
    before = look(held, OFFICER).shared().lines
    held.add(ANN, *restricted)
    view = Look(held, not_for_an_enquiry(), OFFICER, ANN, None)
    named, *rest, gone = view.shared().lines

    assert (first.entry.id, {}, True) == (named.id, named.fields, named.restriction.unread)
    assert before[0].dispute == named.dispute
    assert (before[-1].standing, before[-1].change) == (gone.standing, gone.change)
    assert gone.restriction.unread
    assert list(before[1:-1]) == rest
    assert isinstance(rest[-1], Gap)
    assert [second.entry.id] == [each.fact.entry for each in view.known_again()]
    assert [second.entry.id, known.entry.id] == [each.fact.entry for each in view.known_again(told=True)]
    assert 4 == len(look(held, OFFICER).known_again(told=True))


def without_early_help():
    policy, agreements = POLICY.texts
    kept = [line for line in agreements.splitlines() if b'agency = "early-help"' not in line]
    return read((policy, b"\n".join(kept)))


def test_why_an_entry_is_disputed_is_read_by_who_reads_that_agencys_words_under_an_agreement(held):
    why = disputed(held)
    first, second = look(held).shared().lines
    assert ("early-help", why, None) == (first.dispute.agency, first.dispute.reason, second.dispute)

    view = Look(held, without_early_help(), WORKER, ANN, None)
    first, second = view.shared().lines
    assert "social-care" in view.read
    assert ("early-help", "", None) == (first.dispute.agency, first.dispute.reason, second.dispute)


@pytest.mark.parametrize("glass", [True, False])
def test_no_key_of_what_is_read_under_glass_stays_in_memory(held, glass):
    why = disputed(held)
    held.events[ANN].remove(WORKS)
    held.ring_anew()
    first, _ = look(held, as_if=AsIf(under=GLASS) if glass else AsIf(related=True)).shared().lines
    scopes = ("social-care", "identity")
    kept = [held.keys._remembered.of(ANN, scope, 1, held.keys._moment()) for scope in scopes]

    assert (why, {"identity"}) == (first.dispute.reason, set(first.fields))
    assert [glass, glass] == [key is None for key in kept]


def test_an_entry_that_is_not_restricted_is_called_by_its_public_type_whatever_a_field_says(held):
    (line,) = look(held.add(ANN, WORKS, held.said("a", {"police": {"type": "x"}}))).shared().lines

    assert "police.missing-episode.v1" == line.type


def test_a_damaged_entry_is_shown_as_one_that_opens_for_nobody(held):
    good = held.said("a", {"police": {"a": 1}}).entry
    scope, sealed = good.envelopes[0]
    spoilt = msgspec.structs.replace(
        good, envelopes=(Envelope(scope, sealed[:-1] + bytes([sealed[-1] ^ 1])),)
    )
    (line,) = look(held.add(ANN, WORKS, entry_event(spoilt))).shared().lines

    assert ({}, True, ()) == (line.fields, line.erased, line.withheld)


def test_what_an_agency_said_again_is_shown_struck_through_with_its_reason(held):
    first = held.said("a", {"police": {"a": 1}})
    again = held.said(
        "b", {"police": {"a": 2}}, relation=Relation.CORRECTS, of="a", open=b'{"reason":"a slip"}'
    )
    lines = look(held.add(ANN, WORKS, first, again)).shared().lines

    assert {"corrected", "current"} == {line.standing for line in lines}
    (change,) = [line.change for line in lines if line.change]
    assert ("corrected", DAY + timedelta(hours=2), "a slip") == (
        change.standing,
        change.recorded_at,
        change.reason,
    )


def test_a_restricted_entry_is_called_by_its_true_type_to_who_reads_it(held):
    doctor = Reader(By("nd", "named-doctor", "health"), "section-47")
    said = held.said(
        "s",
        {"health-confidential": {"type": "health.sexual-health-contact.v1"}, "police": {"p": 1}},
        agency="health",
        type_="health.restricted.v1",
    )
    nameless = held.said(
        "n", {"health-confidential": {}}, agency="health", type_="health.restricted.v1", day=1
    )
    held.add(ANN, PractitionerAllocated(doctor.by, None, LEAD), said, nameless)

    assert ["health.sexual-health-contact.v1", "health.restricted.v1"] == [
        line.type for line in look(held, doctor).shared().lines
    ]


# ---------------------------------------------------------------- who the child is


def test_the_latest_word_on_each_field_says_who_the_child_is(held):
    number, own = {"system": "nhs-number", "value": "1"}, {"system": "hub", "value": "9"}
    one = {"name": {"given": "Ann"}, "identifiers": [number], "shoe": 3}
    two = {"name": {"given": "Anne"}, "date_of_birth": "2012-04-05", "identifiers": [own]}
    held.add(
        ANN,
        WORKS,
        held.said("a", {"identity": one, "whereabouts": {"postcode": "AB1", "address": "a street"}}),
        held.said("b", {"identity": {**two, "characteristics": {"sex": "female"}}}, day=1),
        held.said("c", {"identity": one, "whereabouts": {"postcode": "ZZ9"}}, day=-1),
    )

    assert {
        "name": {"given": "Anne"},
        "date_of_birth": "2012-04-05",
        "characteristics": {"sex": "female"},
        "postcode": "AB1",
        "address": "a street",
        "identifiers": [number],
    } == look(held).shared().who


def test_what_was_taken_back_says_no_longer_who_the_child_is(held):
    held.add(
        ANN,
        WORKS,
        held.said("a", {"identity": {"name": {"given": "Ann"}}}),
        held.said("b", {"identity": {"name": {"given": "Bea"}}}, day=1),
        held.said("w", relation=Relation.WITHDRAWS, of="b", day=1),
    )
    assert {"name": {"given": "Ann"}} == look(held).shared().who


def test_a_shielded_address_is_left_out_with_the_places_that_tell_it(held):
    places = [{"kind": "home"}, {"kind": "placement"}, {"kind": "school"}, {"kind": "park"}]
    held.add(
        ANN,
        WORKS,
        held.said("a", {"third-party": {"places": places, "more": 1}, "whereabouts": {"postcode": "AB1"}}),
        held.said("b", {"third-party": {"places": places[:3]}}, day=1),
        held.said("c", {"third-party": {"places": places[:1], "more": 2}}, day=2),
        held.said("d", {"third-party": {"more": 3}}, day=3),
        held.said("e", {"police": {"a": 1}}, day=4),
    )
    open_, *_ = look(held).shared().lines
    assert places == json.loads(bytes(open_.fields["third-party"]))["places"]
    held.add(ANN, closed(Closing.ADDRESS, LEAD))
    view = look(held)
    lines = view.shared().lines

    assert [{"places": [{"kind": "park"}], "more": 1}, None, {"more": 2}, {"more": 3}, None] == [
        json.loads(bytes(line.fields["third-party"])) if "third-party" in line.fields else None
        for line in lines
    ]
    assert "whereabouts" not in view.read
    assert "whereabouts" not in lines[0].fields


# ---------------------------------------------------------------- the other child


def test_who_works_with_the_other_child_too_is_not_told_who_it_is(held):
    names = {"other-child": {"children": [{"child": BEN.hex}]}, "police": {"a": 1}}
    held.add(ANN, WORKS, held.said("a", names))
    held.others[BEN] = (Child(BEN),)
    (line,) = look(held).shared().lines
    assert {"other-child", "police"} == set(line.fields)

    ben = Child(BEN)
    evolve(ben, WORKS, DAY)
    held.others[BEN] = (ben,)
    (line,) = look(held).shared().lines
    assert {"police"} == set(line.fields)


def test_who_the_other_child_is_is_decided_for_who_works_with_one_unless_both_are_said(held):
    view = look(held.add(ANN, WORKS))

    assert Tier.READ is view.decision("other-child", "police").tier
    assert Tier.NOTHING is view.decision("other-child", "police", works_with_other=True).tier


# ---------------------------------------------------------------- what rules may see for a reader


def test_rules_see_what_the_reader_reads_and_if_told_what_they_know_of_but_never_restricted(held):
    held.add(
        ANN,
        WORKS,
        PractitionerAllocated(OFFICER.by, None, LEAD),
        held.said("mine"),
        held.said("care", agency="social-care", type_=CONTACT),
        held.said("secret", agency="police", type_="police.restricted.v1"),
        held.said("theirs", agency="health", type_="health.restricted.v1"),
    )
    officer, worker = look(held, OFFICER), look(held)

    assert [1, 2] == [len(officer.known_again(told=told)) for told in (False, True)]
    assert [2, 2] == [len(worker.known_again(told=told)) for told in (False, True)]
    assert 1 == len(officer.known_again())


def signals_seen(view, **how):
    return [known.fact.signals for known in view.known_again(**how)]


def test_signals_are_seen_in_the_scopes_they_are_read_in_and_if_told_in_all(held):
    said = {"severity": 3, "age": 12, "child_words": "x", "reported_by": "y"}
    notice = held.said("a", {"signals": said}, type_="police.protection-notice.v1")
    view = look(held.add(ANN, PractitionerAllocated(OFFICER.by, None, LEAD), notice), OFFICER)

    assert [{"severity": 3, "age": 12, "child_words": "x"}] == signals_seen(view)
    assert [said] == signals_seen(view, told=True)


def test_rules_see_no_place_that_tells_a_shielded_address(held):
    signals = {"signals": {"places": [["home", "h1"], ["park", "h2"]]}}
    held.add(ANN, WORKS, held.said("a", signals))

    def places():
        return [tie.hashed for known in look(held).known_again() for tie in known.fact.places]

    assert ["h1", "h2"] == places()
    held.add(ANN, closed(Closing.ADDRESS, LEAD))
    assert ["h2"] == places()


def test_rules_see_no_ending_that_is_shut_to_the_reader(held):
    ends = held.said("b", relation=Relation.COMPLETES, of="a", ended_at=DAY + timedelta(days=1))
    held.add(ANN, WORKS, held.said("a", ongoing=True), ends)
    assert [True, False] == [known.fact.ongoing for known in look(held).known_again()]

    held.add(ANN, closed(Closing.SEALED, LEAD, entries=(ends.entry.id,)))
    assert [True] == [known.fact.ongoing for known in look(held).known_again()]
