"""Entries of another child are taken off a record, read where they belong, and can be taken back."""

from uuid import uuid4

import pytest

from hub.domain.child import By
from hub.errors import Refused
from hub.intake.splitting import split
from hub.sharing.national_export import national_export
from tests.events import missing
from tests.hubs import NOW, POLICE_OFFICER, only_child

WHO = By("op", "operator", "hub")


def taken(desk):
    desk.take_in(missing("m1", summary="Hers."), missing("m2", day=1, summary="Her cousin's."), at=NOW)


def summaries(hub, child):
    return [line.all_fields()["summary"] for line in hub.share.chronology(POLICE_OFFICER, child).lines]


def test_a_split_entry_is_read_on_the_other_record_under_its_own_keys_and_can_be_taken_back(desk):
    taken(desk)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        entry = hub.records.lines(child)[1].entry.id

        other = split(hub.records, child, [entry], WHO, "It was her cousin.", uuid4)
        apart = summaries(hub, child), summaries(hub, other)
        back = split(hub.records, other, [entry], WHO, "It was her after all.", uuid4, child)

        assert (["Hers."], ["Her cousin's."]) == apart
        assert child == back
        assert ["Hers.", "Her cousin's."] == summaries(hub, child)
        assert 1 == len(hub.records.facts(child)) - len(hub.records.facts(other)) - 1


def test_a_split_needs_a_reason_and_an_entry_that_is_here(desk):
    taken(desk)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        entry = hub.records.lines(child)[1].entry.id

        with pytest.raises(Refused, match="reason"):
            split(hub.records, child, [entry], WHO, " ", uuid4)
        with pytest.raises(Refused, match="not-on-this-record"):
            split(hub.records, child, [uuid4()], WHO, "Because.", uuid4)


def test_a_child_is_exported_in_the_terms_of_the_national_standards(desk):
    taken(desk)
    with desk.open(at=NOW) as hub:
        said = national_export(hub.share.chronology(POLICE_OFFICER, only_child(hub)))

    assert "Person" == said["person"]["@type"]
    assert ["LifeEvent", "LifeEvent"] == [e["@type"] for e in said["lifeEvent"]]
    assert {} == said["unmapped"]
