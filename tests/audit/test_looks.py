"""Who saw this child, what this person saw, and what is unusual in it: each line says why it is listed."""

from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from hub.audit import desk
from hub.audit.circumstances import STREAM, declare
from hub.audit.inspections import INSPECTIONS
from hub.audit.looks import Looked
from hub.audit.unusual import SHIPPED, UnusualSettingsInvalid, load, unusual
from hub.domain.access import AccessClosed, Closing, GlassBroken, GlassReviewed
from hub.domain.child import By, allocate
from hub.domain.entry import Envelope
from hub.domain.feed import Inspected
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.look import Reader
from tests.audit.test_replaying import AUDITOR, LATER, SOON, hall
from tests.events import BEN, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, Desk
from tests.journeys.commands import hub as typed

SIGNS = load()
DOCTOR = Reader(By("nd", "named-doctor", "health"), "section-47")
REASON = Envelope("social-care", b"")
LEAD = By("ig", "caldicott-guardian", "health")


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """Ann: her police, a worker allocated to her, a doctor who broke the glass, one who is barred."""
    desk_ = Desk(tmp_path_factory.mktemp("looks") / "data")
    desk_.take_in(missing(address="4 Canary Street", postcode="DL1 1AA"), missing("b1", who=BEN), at=NOW)
    with desk_.open(at=SOON) as hub:
        ann, ben = hub.records.children()
        worker = SOCIAL_WORKER.by
        hub.records.act(ann, lambda child: allocate(child, worker, None, worker))
        hub.share.chronology(SOCIAL_WORKER, ann)
        hub.share.chronology(POLICE_OFFICER, ann)
        hub.share.chronology(POLICE_OFFICER, ben)
        now, glass = hub.clock(), uuid4()
        broken = GlassBroken(
            glass=glass,
            reader=DOCTOR.by,
            purpose=DOCTOR.purpose,
            until=now + timedelta(hours=4),
            review_by=now + timedelta(days=2),
            guardian="caldicott-guardian",
            reason=REASON,
        )
        hub.records.append(ann, [broken])
        hub.share.chronology(DOCTOR, ann)
        barred = AccessClosed(
            restriction=uuid4(),
            what=Closing.BARRED,
            by=LEAD,
            reason=REASON,
            named=(By("rel", "police-officer", "police"),),
            interest="relative",
        )
        hub.records.append(ann, [barred])
        with pytest.raises(UnknownChild):
            hub.share.chronology(Reader(By("rel", "police-officer", "police"), "section-47"), ann)
    return desk_


def test_who_saw_a_child_is_told_in_order_with_role_purpose_and_what_opened_the_record(looked):
    with looked.open(at=LATER) as hub:
        ann, _ = hub.records.children()
        first = desk.who_saw(hall(hub), AUDITOR, ann)
        second = desk.who_saw(hall(hub), AUDITOR, ann)

    told = [(look.person, look.question, look.purpose, look.tie) for look in first[:4]]
    assert [
        ("sw", "chronology", "section-47", "allocated"),
        ("po", "chronology", "section-47", "agency-entry"),
        ("nd", "chronology", "section-47", "broken-glass"),
        ("rel", "chronology", "", "barred"),
    ] == told
    assert ("aud", "who-saw", "audit", "reads-no-record") == (
        *(second[-1].person, second[-1].question, second[-1].purpose, second[-1].tie),
    )


def test_what_a_person_saw_is_told_over_all_children_and_that_it_was_told_is_recorded(
    looked,
):
    with looked.open(at=LATER) as hub:
        ann, ben = hub.records.children()
        everything = desk.seen_by(hall(hub), AUDITOR, "po", NOW, LATER)
        nothing = desk.seen_by(hall(hub), AUDITOR, "po", LATER, LATER)
        kept = [e.body for e in hub.records.archive.stream(INSPECTIONS)]

    assert [ann, ben] == [look.record for look in everything]
    assert [] == nothing
    assert {("seen-by", "po", "aud")} <= {(k.question, k.about, k.by.person) for k in kept}
    assert all(isinstance(each, Inspected) for each in kept)


def test_glass_that_nobody_found_justified_and_barred_attempts_are_listed_with_why(looked):
    with looked.open(at=LATER) as hub:
        ann, _ = hub.records.children()
        before = desk.unusual_access(hall(hub), AUDITOR, SIGNS, NOW, LATER)
        (glass,) = hub.records.child(ann).access.glass
        reviewed = GlassReviewed(glass=glass, justified=True, by=LEAD, reason=REASON)
        hub.records.append(ann, [reviewed])
        after = desk.unusual_access(hall(hub), AUDITOR, SIGNS, NOW, LATER)

    assert {("no-relationship", "nd"), ("barred", "rel")} == {(x.sign, x.person) for x in before}
    assert {("barred", "rel")} == {(x.sign, x.person) for x in after}
    assert all(x.why and x.source and x.count for x in before)
    assert "looks (not reviewed)" == next(x.counted for x in before if x.sign == "no-relationship")


@pytest.mark.parametrize(
    ("family", "home", "expected"),
    [
        (("marsh",), ("", ""), {"same-surname"}),
        ((), ("dl11aa", ""), {"own-street"}),
        ((), ("DL1 1AA", "4, canary street"), {"same-household"}),
        (("Nobody",), ("DL9 9ZZ", "1 Elsewhere"), set()),
    ],
)
def test_what_somebody_declared_of_themselves_is_compared_by_hash_with_the_children_they_saw(
    looked, family, home, expected
):
    with looked.open(at=LATER) as hub:
        declare(hub.records, "po", "police", AUDITOR.by, family, [home])
        found = desk.unusual_access(hall(hub), AUDITOR, SIGNS, NOW, LATER, "po")
        stored = msgspec.json.encode([e.body for e in hub.records.archive.stream(STREAM)])

    assert expected == {line.sign for line in found}
    assert 2 < len(stored)
    assert b"marsh" not in stored.lower()


def look(minute=0, record=0, tie="allocated", **more):
    said = {"person": "p", "role": "police-officer", "agency": "police", "question": "chronology"}
    at = NOW + timedelta(minutes=minute)
    return Looked(
        record=UUID(int=record), version=1, at=at, purpose="section-47", tie=tie, **{**said, **more}
    )


class Nobody:
    """Nobody declared anything."""

    def of(self, *_):
        return []


@pytest.mark.parametrize(
    ("children", "minutes_between", "listed"),
    [(30, 1, [30]), (29, 1, []), (30, 3, []), (45, 1, [45]), (200, 1, [200])],
)
def test_many_children_in_little_time_are_one_line_with_their_number(
    looked, children, minutes_between, listed
):
    with looked.open(at=LATER) as hub:
        looks = [look(n * minutes_between, n) for n in range(children)]
        again = [look(m, 1) for m in range(100)]

        assert listed == [x.count for x in unusual(looks, SIGNS, hub.policy, Nobody())]
        assert [] == unusual(again, SIGNS, hub.policy, Nobody())


def test_two_runs_apart_are_two_lines(looked):
    with looked.open(at=LATER) as hub:
        looks = [look(day * 1440 + n, day * 100 + n) for day in (0, 1) for n in range(31)]

        assert [31, 31] == [x.count for x in unusual(looks, SIGNS, hub.policy, Nobody())]


def test_days_of_looking_by_the_agencys_tie_alone_are_listed_but_not_the_coordinators(looked):
    with looked.open(at=LATER) as hub:
        days = [look(n * 1440, 1, "agency-entry") for n in range(5)]
        theirs = [msgspec.structs.replace(x, role="mash-coordinator", agency="social-care") for x in days]
        allocated = [look(n * 1440, 1, "allocated") for n in range(5)]

        found = unusual(days, SIGNS, hub.policy, Nobody())

        assert [("agency-only", 5, "days")] == [(x.sign, x.count, x.counted) for x in found]
        assert [] == unusual(days[:4], SIGNS, hub.policy, Nobody())
        assert [] == unusual([*theirs, *allocated], SIGNS, hub.policy, Nobody())


def test_a_sign_without_a_source_or_a_number_is_refused_with_its_place(tmp_path):
    file = tmp_path / "unusual.toml"
    file.write_text(SHIPPED.read_text().replace("at-least = 30", "at-least = 0"))
    with pytest.raises(UnusualSettingsInvalid, match=r"unusual.toml: many-children.at-least"):
        load(file)
    file.write_text("no such thing")
    with pytest.raises(UnusualSettingsInvalid):
        load(file)


def test_nobody_but_an_auditor_is_told_who_looks(looked):
    with looked.open(at=LATER) as hub:
        ann, _ = hub.records.children()
        for ask in (
            lambda there: desk.who_saw(there, SOCIAL_WORKER, ann),
            lambda there: desk.seen_by(there, SOCIAL_WORKER, "po", NOW, LATER),
            lambda there: desk.unusual_access(there, SOCIAL_WORKER, SIGNS, NOW, LATER),
        ):
            with pytest.raises(NotAllowed):
                ask(hall(hub))


def test_typed_the_reports_say_who_when_and_why(looked, monkeypatch, capsys):
    with looked.open(at=LATER) as hub:
        ann, _ = hub.records.children()
    data = looked.settings.data
    who = typed(monkeypatch, capsys, "audit", "who-saw", str(ann), data=data)
    saw = typed(monkeypatch, capsys, "audit", "seen-by", "po", "--since", "2026-11-01", "--json", data=data)
    odd = typed(monkeypatch, capsys, "audit", "unusual", "--person", "rel", data=data)

    assert (0, 0, 1) == (who.code, saw.code, odd.code)
    assert "sw (social-worker, social-care) for section-47: allocated" in who.out
    assert 2 <= len(msgspec.json.decode(saw.out))
    assert odd.out.startswith("barred: rel (police-officer, police)")


def test_a_record_that_is_barred_to_an_auditor_is_in_none_of_their_lists_nor_in_one_drawn_again(looked):
    aunt = Reader(By("aunt", "auditor", "social-care"), "audit")
    with looked.open(at=LATER) as hub:
        ann, ben = hub.records.children()
        barred = AccessClosed(
            restriction=uuid4(),
            what=Closing.BARRED,
            by=LEAD,
            reason=REASON,
            named=(aunt.by,),
            interest="relative",
        )
        hub.records.append(ann, [barred])
        there = hall(hub)
        whole, less = (desk.seen_by(there, who, "po", NOW, LATER) for who in (AUDITOR, aunt))
        told = desk.inspections(there, AUDITOR)[-2:]
        signs = [desk.unusual_access(there, who, SIGNS, NOW, LATER) for who in (AUDITOR, aunt)]
        again = [[desk.inspected(there, who, one.number) for who in (AUDITOR, aunt)] for one in told]
        nested = desk.inspections(there, AUDITOR)[-4].number
        of_another = desk.inspected(there, aunt, nested)

    assert {ann, ben} == {look.record for look in whole}
    assert {ben} == {look.record for look in less}
    assert (True, False) == tuple(ann in {line.child for line in lines} for lines in signs)
    assert {"same"} == {one.verdict for pair in again for one in pair}
    for mine, theirs in again:
        assert str(ann) not in bytes(theirs.answer).decode()
        assert str(ben) in bytes(theirs.answer).decode()
        assert (mine.digest, mine.drawn_digest) == (theirs.digest, theirs.drawn_digest)
    assert str(ann) in bytes(again[0][0].answer).decode()
    assert of_another.verdict == "same"
    assert str(ann) not in bytes(of_another.answer).decode()
