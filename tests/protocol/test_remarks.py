"""What is pointed out to whoever has recorded an act: suggestions from the pack, and what a plan leaves out."""

from dataclasses import replace

import pytest

from hub.protocol.commands import record
from hub.protocol.remarks import remarks
from schemas import protocol, social_care
from schemas.case_event import Identifier
from tests.protocol.test_commands import MEETING, REFERRED, act
from tests.protocol.told import situation

ALL = ("police", "health", "schools", "youth-justice")


@pytest.mark.parametrize(
    ("invited", "left"),
    [
        (
            ("police", "schools"),
            "Not invited yet: Health, Young People's Engagement and Justice Service (YPE&JS)",
        ),
        (ALL, None),
    ],
)
def test_r45_invitees_are_suggested_from_the_pack_and_youth_justice_always(invited, left):
    event = record(
        act(1), protocol.StrategyMeetingArranged, meeting=MEETING, planned_for=act(2).at, invited=invited
    )

    assert ((left,) if left else ()) == remarks(event, situation(REFERRED, 1))


def test_r111_who_was_at_the_strategy_meeting_is_asked_again_with_health_and_the_school():
    told = f"{REFERRED}\nday 1 social-care strategy-meeting-held meeting:m1 attended=police+youth-justice"
    said = {"meeting": Identifier("hub", "m2"), "kind": "child-in-need", "planned_for": act(9).at}
    event = record(act(3), protocol.MultiAgencyMeetingArranged, **said, invited=("health", "police"))

    assert (
        "Not invited yet: School or college, Young People's Engagement and Justice Service (YPE&JS)",
    ) == remarks(event, situation(told, 3))


def test_r73_a_meeting_says_who_is_missing_for_its_quorum_and_whom_nobody_updates():
    said = {"meeting": MEETING, "attended": ("police",), "apologies": ("health",)}
    event = record(act(1), protocol.StrategyMeetingHeld, **said)
    assigned = f"{REFERRED}\nday 0.5 social-care update-duty-assigned about_agency=health meeting:m1"

    quorum = "Not quorate without: Health"
    assert (quorum, "Nobody is named yet who updates: Health") == remarks(event, situation(REFERRED, 1))
    assert (quorum,) == remarks(event, situation(assigned, 1))


def test_r115_settings_in_which_the_child_spends_time_are_named_where_a_plan_leaves_them_out():
    told = f"{REFERRED}\nday 0.5 schools concern-logged category=behaviour place=club:judo"
    plan = {"stage": "agreed", "responsible_agency": "social-care"}
    short, whole = (
        record(act(1), social_care.RiskManagementPlan, **plan, settings_covered=covered)
        for covered in (("home",), ("home", "school", "club"))
    )

    assert ("Known settings this plan does not cover: club, school",) == remarks(short, situation(told, 1))
    assert () == remarks(whole, situation(told, 1))


def test_r73_a_pack_that_names_no_quorum_asks_for_none():
    event = record(act(1), protocol.StrategyMeetingHeld, meeting=MEETING, attended=("police",))
    told = situation(REFERRED, 1)
    invitees = {name: who for name, who in told.pack.invitees.items() if name != "quorum"}
    other = replace(told, pack=told.pack.model_copy(update={"invitees": invitees}))

    assert ("Not quorate without: Health",) == remarks(event, told)
    assert () == remarks(event, other)
