"""Retention: kept so long on a cited ground, due when everything under a key is, disposed of by a person."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from hub.confidentiality.sealing import CannotUnseal
from hub.disposal import erasing, retention
from hub.disposal.retention import RetentionInvalid
from hub.domain.child import By, ProcessingRestricted, RestrictionGround
from hub.domain.entry import Envelope
from hub.errors import Refused
from hub.records.reading import Opener
from schemas.catalogue import RESTRICTED_HOME, TYPE_BY_NAME
from tests.events import ANN, attendance, concern, missing
from tests.intake.test_matching import said_to_be_one, who

PERSON = By("records-manager", "operator", "hub")
SCHEDULE = retention.load(retention.SHIPPED)


def at(year, month=9, day=30):
    return datetime(year, month, day, tzinfo=UTC)


@pytest.fixture
def filled(desk):
    """Ann, born on 5 April 2012: missing on 1 September 2026, at a hospital the day after."""
    desk.take_in(missing(who=ANN), attendance(day=1, who=ANN))
    return desk


def test_every_type_there_is_has_one_class_with_a_ground():
    for type_ in (*TYPE_BY_NAME, *RESTRICTED_HOME):
        assert SCHEDULE.of(type_).ground
    assert "looked-after" == SCHEDULE.of("social-care.looked-after.v1").code


@pytest.mark.parametrize(
    ("year", "month", "scopes"),
    [
        (2035, 1, "nothing"),
        (2036, 10, ("police",)),  # ten years after the last entry; identity is needed by health's still
        (2037, 4, ("health", "identity", "police", "signals")),
    ],
)
def test_a_key_is_due_when_everything_under_it_is(filled, year, month, scopes):
    with filled.open() as hub:
        found = retention.due(hub.records, SCHEDULE, at(year, month))

    if scopes == "nothing":
        assert [] == found
    elif month == 4:
        assert [None] == [each.scopes for each in found]
    else:
        assert [scopes] == [each.scopes for each in found]
        assert "retention schedule draft-2026-11: police-and-probation" == found[0].authority


def test_what_ends_on_a_birthday_is_due_that_day_and_who_was_born_on_29_february_has_it_on_1_march(desk):
    desk.take_in(attendance(who={**ANN, "date_of_birth": "2012-02-29"}))
    with desk.open() as hub:
        before = retention.due(hub.records, SCHEDULE, at(2037, 2, 28))
        (found,) = retention.due(hub.records, SCHEDULE, at(2037, 3, 1))

    assert [] == before
    assert (date(2037, 3, 1), None, None) == (found.since, found.scopes, found.held)
    assert f"retention schedule {SCHEDULE.name}: health" == found.authority


def test_what_ends_on_a_birthday_that_nobody_said_is_counted_from_the_entry_and_of_two_the_later_counts(desk):
    said = {**ANN, "date_of_birth": None}
    desk.take_in(attendance(who=said))
    with desk.open() as hub:
        assert [] == retention.due(hub.records, SCHEDULE, at(2051, 8, 31))
        assert [date(2051, 9, 1)] == [x.since for x in retention.due(hub.records, SCHEDULE, at(2051, 9, 1))]
    desk.take_in(attendance("a2", day=1, who={**said, "date_of_birth": "2013-04-05"}))
    desk.take_in(attendance("a3", day=2, who={**said, "date_of_birth": "2013-04-03"}))
    with desk.open() as hub:
        assert [date(2038, 4, 5)] == [x.since for x in retention.due(hub.records, SCHEDULE, at(2051))]


def test_a_date_of_birth_that_does_not_open_is_passed_over_and_the_next_counts(desk, monkeypatch):
    desk.take_in(attendance(who={**ANN, "date_of_birth": None}), attendance("a2", day=1, who=ANN))
    with desk.open() as hub:
        first, _ = hub.records.child(*hub.records.children()).entries
        opened = Opener.open

        def damaged(self, entry):
            if entry.id == first:
                raise CannotUnseal("damaged")
            return opened(self, entry)

        monkeypatch.setattr(Opener, "open", damaged)
        (found,) = retention.due(hub.records, SCHEDULE, at(2037, 4, 5))

    assert date(2037, 4, 5) == found.since


def test_a_child_of_two_records_is_due_once_and_one_that_was_erased_never_more(desk):
    desk.take_in(missing(who=who("A1")), concern(who=who("B2")))
    with desk.open() as hub:
        _, ann = said_to_be_one(hub, PERSON)
        (found,) = retention.due(hub.records, SCHEDULE, at(2060))
        people = {record.id for record in hub.records.person(ann)}
        done = retention.approve(
            hub.records, hub.key_store, SCHEDULE, ann, uuid4(), at(2060), PERSON, "reviewed"
        )

        assert {found.child} < people == set(done.asked.records)
        assert [] == retention.due(hub.records, SCHEDULE, at(2060))


def test_each_type_is_listed_with_the_one_class_it_is_kept_by():
    listed = {class_.code: set(SCHEDULE.kinds_of(class_)) for class_ in SCHEDULE.classes}

    assert sorted((*TYPE_BY_NAME, *RESTRICTED_HOME)) == sorted(kind for of in listed.values() for kind in of)
    assert "social-care.looked-after.v1" in listed["looked-after"]
    assert "police.missing-episode.v1" in listed["police-and-probation"]


def test_what_is_due_is_disposed_of_once_a_person_approves_it_and_there_is_a_certificate(filled):
    with filled.open() as hub:
        (ann,) = hub.records.children()
        done = retention.approve(
            hub.records, hub.key_store, SCHEDULE, ann, uuid4(), at(2036, 10), PERSON, "reviewed"
        )

        assert ("erased", ("police",)) == (done.state, done.asked.scopes)
        assert (By("retention", "schedule", "hub"), PERSON) == (done.asked.by, done.confirmed.by)
        assert (1, {"police": 2}) == (done.certificate.keys, dict(done.certificate.versions))
        assert [] == retention.due(hub.records, SCHEDULE, at(2036, 10))
        assert {("health", 1)} == set(hub.keys.for_opening_all(ann, ("police", "health")))


def test_nothing_that_is_not_due_can_be_approved_and_a_hold_or_a_restriction_stands_in_the_list(filled):
    with filled.open() as hub:
        (ann,) = hub.records.children()
        with pytest.raises(Refused, match="nothing of this child is due"):
            retention.approve(
                hub.records, hub.key_store, SCHEDULE, ann, uuid4(), at(2030), PERSON, "reviewed"
            )
        erasing.hold_child(hub.records, ann, "public inquiry", PERSON)
        (listed,) = retention.due(hub.records, SCHEDULE, at(2040))
        with pytest.raises(Refused, match="held back"):
            retention.approve(
                hub.records, hub.key_store, SCHEDULE, ann, uuid4(), at(2040), PERSON, "reviewed"
            )

        assert "public inquiry" == listed.held
        erasing.lift_hold(hub.records, ann, "reported", PERSON)
        entry = next(iter(hub.records.child(ann).entries))
        said = ProcessingRestricted(entry, RestrictionGround.CLAIM, at(2030), PERSON, Envelope("police", b""))
        hub.records.act(ann, lambda _: [said])
        (listed,) = retention.due(hub.records, SCHEDULE, at(2040))
        with pytest.raises(Refused, match="is restricted"):
            retention.approve(
                hub.records, hub.key_store, SCHEDULE, ann, uuid4(), at(2040), PERSON, "reviewed"
            )

        assert erasing.RESTRICTED == listed.held


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 'x'", "class"),
        ("[[", "TOMLDecodeError"),
        ("name='x'\n[[class]]\ncode='a'\nkinds=['*']\nuntil='for ever'\nground='g'", "for ever"),
        ("name='x'\n[[class]]\ncode='a'\nkinds=['*']\nuntil='3 years'\nground=' '", "no ground"),
        ("name='x'\n[[class]]\ncode='a'\nkinds=[]\nuntil='3 years'\nground='g'", "no kinds"),
        ("name='x'\n[[class]]\ncode='a'\nkinds=['police.*']\nuntil='3 years'\nground='g'", "no class for"),
    ],
)
def test_a_schedule_that_cannot_be_used_says_why(tmp_path, text, says):
    file = tmp_path / "retention.toml"
    file.write_text(text)
    with pytest.raises(RetentionInvalid, match=says) as wrong:
        retention.load(file)
    assert 2 == wrong.value.exit_code
