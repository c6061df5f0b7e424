"""What people record in the hub: asked for what the guidance asks, never refused for being late."""

import hashlib

import pytest

from hub.protocol.commands import Act, Incomplete, ReasonNeeded, as_fact, decide, record
from hub.protocol.obligation import Situation
from hub.protocol.pathway import pathway
from schemas import protocol
from schemas.case_event import Identifier
from schemas.catalogue import TYPE_BY_NAME
from schemas.vocabulary import Agency
from tests.patterns.story import day
from tests.protocol.told import situation

HARMING = "part=has-sexually-harmed"
REFERRED = f"day 0 schools sexual-behaviour-incident {HARMING}\nday 0.1 social-care referral-received"
MEETING = Identifier("hub", "m1")
REFERRAL = Identifier("hub", "r1")
WORDS = "  He said: dont tell!\n\nThen   she cried \u2014 and asked to go home. "


def hide(name, reference):
    return hashlib.sha256(f"{reference.value}".encode()).hexdigest()


def act(number, agency=Agency.SOCIAL_CARE, id="act-1"):  # noqa: A002
    child = (Identifier("nhs-number", "9449305552"),)
    return Act(id, agency, "social-worker", day(number), child, day(number))


def rows(answer):
    return [one.row for one in answer]


def later(text, event):
    told = situation(text, (event.occurred_at - day(0)).total_seconds() / 86400 + 0.01)
    timeline = told.timeline
    facts = type(timeline.facts)((*timeline.facts, as_fact(event, hide)))
    return pathway(Situation(type(timeline)(facts, timeline.now, timeline.feeds), told.pack, told.linked))


def account(**more):
    said = {"told_at": day(0), "words": WORDS, "received_by": "class teacher", "provenance": "told-by-child"}
    return record(act(0.1, Agency.SCHOOLS), protocol.AccountRecorded, **{**said, **more})


def test_r034_the_words_of_an_account_stand_as_they_were_given():
    assert WORDS == account().words


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_r034_an_account_without_its_words_is_not_one(blank):
    with pytest.raises(Incomplete) as refused:
        account(words=blank)

    assert ("words",) == refused.value.fields


def test_r035_how_it_came_is_said_and_second_hand_names_the_chain_of_tellers():
    with pytest.raises(Incomplete, match="provenance: asked for by R35"):
        account(provenance="not-said")
    with pytest.raises(Incomplete, match="tellers: asked for by R35"):
        account(provenance="third-party")

    assert "aunt, then neighbour" == account(provenance="third-party", tellers="aunt, then neighbour").tellers


def test_r042_a_late_meeting_is_asked_why_and_recorded_with_the_reason():
    said = {"meeting": MEETING, "invited": ("youth-justice",), "separate_meeting": "needed"}
    late = situation(REFERRED, 5)

    asked = decide(act(5), protocol.StrategyMeetingHeld, late, hide, **said)
    told = decide(act(5), protocol.StrategyMeetingHeld, late, hide, **said, reason="roads closed by snow")

    assert ["R42"] == rows(asked)
    assert isinstance(asked[0], ReasonNeeded)
    assert "guidance L85; pack darlington-2025-02" == asked[0].source
    assert isinstance(told, protocol.StrategyMeetingHeld)
    assert not [d for d in later(REFERRED, told).dues if d.obligation == "R42" and d.asks_reason]


def test_a_blank_reason_is_none():
    said = {"meeting": MEETING, "invited": ("youth-justice",), "separate_meeting": "needed"}

    assert ["R42"] == rows(
        decide(act(5), protocol.StrategyMeetingHeld, situation(REFERRED, 5), hide, **said, reason="  ")
    )


def test_r043_r045_a_meeting_without_youth_justice_or_a_separate_meeting_considered_is_asked_why():
    held = decide(act(1), protocol.StrategyMeetingHeld, situation(REFERRED, 1), hide, meeting=MEETING)
    whole = decide(
        act(1),
        protocol.StrategyMeetingHeld,
        situation(REFERRED, 1),
        hide,
        meeting=MEETING,
        apologies=("youth-justice",),
        separate_meeting="held-together",
    )

    assert {"R43", "R45"} == set(rows(held))
    assert isinstance(whole, protocol.StrategyMeetingHeld)


def test_r044_not_proportionate_says_its_evidence_and_the_support_offered():
    said = {"decision": "not-proportionate", "risk_still_present": "no", "reason": "supported at home"}

    with pytest.raises(Incomplete) as refused:
        record(act(1), protocol.SeparateMeetingConsidered, **said)

    assert ("evidence", "support_offered") == refused.value.fields
    whole = record(
        act(1), protocol.SeparateMeetingConsidered, **said, evidence="moved school", support_offered=True
    )
    assert whole.support_offered


def test_r043_considering_needs_no_decision_yet_but_a_decision_says_why():
    assert record(act(1), protocol.SeparateMeetingConsidered, decision="to-be-decided")
    with pytest.raises(Incomplete, match="reason: asked for by R43"):
        record(act(1), protocol.SeparateMeetingConsidered, decision="needed")


def test_r046_the_same_worker_for_a_linked_child_is_asked_why_and_never_blocked():
    told = situation(REFERRED, 1, ben="day 0.5 social-care allocation worker:w1")
    worker = Identifier("hub", "w1")

    assert ["R46"] == rows(decide(act(1), protocol.Allocation, told, hide, worker=worker))
    agreed = decide(act(1), protocol.Allocation, told, hide, worker=worker, reason="only worker who signs")
    assert isinstance(agreed, protocol.Allocation)
    other = decide(act(1), protocol.Allocation, told, hide, worker=Identifier("hub", "w2"))
    assert isinstance(other, protocol.Allocation)


@pytest.mark.parametrize("left_out", ["next_step", "next_step_owner", "reason", "decided_by"])
def test_r090_no_section_47_says_why_and_what_happens_instead_by_whom(left_out):
    """Q8: never no action, though no need for a section 47."""
    said = {
        "reason": "no harm",
        "decided_by": "manager",
        "next_step": "safety plan",
        "next_step_owner": "school",
    }

    with pytest.raises(Incomplete) as refused:
        record(act(1), protocol.S47NotStarted, **{**said, left_out: " "})

    assert (left_out,) == refused.value.fields
    assert "safety plan" == record(act(1), protocol.S47NotStarted, **said).next_step


def test_r091_no_outcome_is_called_no_further_action():
    said = {"referral": REFERRAL, "decided_by": "manager", "next_step": "visit", "next_step_owner": "worker"}

    with pytest.raises(Incomplete, match="outcome"):
        record(act(1), protocol.ReferralOutcomeSet, **said, outcome="no-further-action")
    assert record(act(1), protocol.ReferralOutcomeSet, **said, outcome="informal-response")


def test_r105_nothing_people_record_can_say_no_action():
    codes = {
        code.value
        for name, kind in TYPE_BY_NAME.items()
        if name.startswith("protocol.")
        for field in kind.model_fields.values()
        for code in getattr(field.annotation, "__members__", {}).values()
    }

    assert "informal-response" in codes
    assert not [code for code in codes if "no-further-action" in code or "nfa" in code or code == "no-action"]


def test_r053_only_the_police_say_how_a_criminal_enquiry_stands():
    with pytest.raises(Incomplete, match="agency"):
        record(act(1, Agency.SCHOOLS), protocol.PoliceEnquiryOpened)

    assert record(act(1, Agency.POLICE), protocol.PoliceEnquiryOpened)


def test_what_is_refused_names_fields_and_never_values():
    with pytest.raises(Incomplete) as refused:
        account(told_at="last Tuesday, said Kai")

    assert "Kai" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_the_same_act_is_the_same_event():
    assert account().event_id == account(words="other").event_id


def test_an_act_before_any_pathway_is_recorded_without_questions():
    empty = situation("day 0 police missing-episode")

    assert isinstance(
        decide(act(1), protocol.ImmediateRiskConsidered, empty, hide, considered_by="police"),
        protocol.ImmediateRiskConsidered,
    )


def test_a_fact_made_of_an_act_holds_no_words():
    fact = as_fact(account(), hide)

    assert "cried" not in repr(fact)
    assert "9449305552" not in repr(fact)
