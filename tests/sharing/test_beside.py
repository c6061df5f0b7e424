"""Beside flags: what nobody can tell yet is said, and what one agency sees alone, to whom it may be."""

from datetime import timedelta

import pytest

from hub.domain.strand import HAS_HARMED, WAS_HARMED
from hub.sharing.beside import Beside
from schemas.health import Camhs
from schemas.police import InvestigationOutcome
from schemas.schools import SexualBehaviourIncident
from tests.casework.test_flag_work import draw
from tests.hubs import NOW, SOCIAL_WORKER, only_child
from tests.journeys.commands import hub as command
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, OFFICER, said
from tests.sharing.test_strands import ONE, OTHER, assign

NOTHING = Beside((), ())
OUTCOME = said(InvestigationOutcome, "o9", "police", 78, outcome="out-of-court")
TWICE = tuple(
    said(SexualBehaviourIncident, name, "schools", day, part=part)
    for name, day, part in (("i1", 0, "has-sexually-harmed"), ("i2", 9, "has-been-sexually-harmed"))
)


def of(hub, reader):
    draw(hub)
    child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
    return hub.share.beside(reader, child)


@pytest.mark.parametrize("reader", [COORDINATOR, SOCIAL_WORKER])
def test_a_question_whose_answer_no_living_feed_would_carry_is_said_to_be_open(desk, reader):
    desk.publish(KNOWN, HARMING, HARMED, OUTCOME)
    with desk.open(at=NOW) as hub:
        draw(hub)
        hub.records.clock = lambda: NOW + timedelta(days=90)
        before = of(hub, reader)
        hub.records.clock = lambda: NOW + timedelta(days=91)
        desk.publish(said(Camhs, "c9", "health", 1, stage="seen"))
        still = of(hub, reader)

    (told,) = (one for one in before.cannot_tell if one.pattern == "P14")
    assert ("social-care",) == told.agencies
    assert "Silence is no missed duty" in told.says
    assert told in still.cannot_tell


def test_who_does_not_read_an_agency_is_told_nothing_of_its_silence(desk):
    desk.publish(KNOWN, HARMING, HARMED, OUTCOME)
    with desk.open(at=NOW) as hub:
        draw(hub)
        hub.records.clock = lambda: NOW + timedelta(days=90)

        assert () != of(hub, COORDINATOR).cannot_tell
        assert () == of(hub, OFFICER).cannot_tell


def test_who_works_on_one_strand_is_told_nothing_of_a_silence_about_the_other_too(desk):
    of_other = said(InvestigationOutcome, "o9", "police", 78, outcome="out-of-court", part=WAS_HARMED)
    desk.publish(KNOWN, HARMING, HARMED, of_other)
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = only_child(hub)
        for reader, strand in ((ONE, HAS_HARMED), (OTHER, WAS_HARMED)):
            assign(hub, child, reader, strand)
        hub.records.clock = lambda: NOW + timedelta(days=90)
        told = [bool(of(hub, reader).cannot_tell) for reader in (COORDINATOR, OTHER, ONE)]

    assert [True, False, False] == told  # what is asked about has entries of either strand


def test_what_one_agency_sees_alone_stands_apart_from_flags_and_is_shown_to_who_reads_all_of_it(desk):
    desk.publish(*TWICE, KNOWN)
    with desk.open(at=NOW) as hub:
        found = of(hub, COORDINATOR)
        child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        flags = hub.share.flags(COORDINATOR, child)
        (recorded,) = (d for _, d in hub.records.child(child).disclosures if d.question == "beside-flags")

    assert [] == [flag for flag in flags if flag.pattern == "P02"]
    assert COORDINATOR.by == recorded.reader
    for note in found.one_agency:
        assert {note.agency} == {piece.family for piece in note.evidence}


def test_the_command_says_it(desk, monkeypatch, capsys):
    desk.publish(KNOWN, HARMING, HARMED)
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
    said_ = command(monkeypatch, capsys, "flags", "beside", str(child)[:8], data=desk.settings.data)

    assert 0 == said_.code, said_.err
    assert said_.out.strip()
