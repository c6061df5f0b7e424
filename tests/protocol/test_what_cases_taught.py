"""What whole cases showed to be wrong, as the smallest story that shows it (tests/golden/cases)."""

from tests.protocol.told import due, judged, states

HARMING = "part=has-sexually-harmed"
SEEN = f"day 0 schools sexual-behaviour-incident {HARMING}"
REFERRED = f"{SEEN}\nday 0.1 social-care referral-received"
MET = "day 1 social-care strategy-meeting-held meeting:m1 separate_meeting=to-be-decided"


def test_r42_no_meeting_is_overdue_where_it_was_decided_that_no_enquiry_is_needed():
    decided = f"{REFERRED}\nday 0.2 social-care s47-not-started reason_recorded"

    assert ["overdue", "overdue"] == states("R42", REFERRED, 5)
    assert ["superseded", "superseded"] == states("R42", decided, 5)


def test_r43_what_a_second_meeting_decides_counts():
    again = f"{REFERRED}\n{MET}\nday 2 social-care strategy-meeting-held meeting:m2 separate_meeting=needed"

    assert ["prompt"] == states("R43", f"{REFERRED}\n{MET}", 3)
    assert ["met"] == states("R43", again, 3)


def test_r43_the_meeting_of_a_child_who_was_harmed_asks_for_no_other():
    own = f"{REFERRED}\nday 1 social-care strategy-meeting-held meeting:m1 for_child=has-been-sexually-harmed"

    assert [] == states("R43", own, 3)


def test_r46_a_worker_who_was_there_is_not_overdue_when_the_work_has_ended():
    worked = f"{REFERRED}\nday 0.5 early-help allocation worker:w1\n{MET}"
    ended = f"{worked}\nday 60 early-help allocation worker:w1 stage=ended"

    assert "met" == due("R46", ended, 70).state


def test_r53_no_criminal_enquiry_is_asked_for_under_ten():
    young, old = (REFERRED.replace(HARMING, f"{HARMING} age={age}") for age in (8, 10))

    assert [] == states("R53", f"{young}\n{MET}", 3)
    assert ["prompt"] == states("R53", f"{old}\n{MET}", 3)


def test_r126_a_childs_own_account_takes_the_place_of_exploring_whether_there_is_one():
    told = f"{SEEN}\nday 20 youth-justice account-recorded part=has-been-sexually-harmed provenance=told-by-child"

    assert ["overdue"] == states("R126", SEEN, 40)
    assert ["superseded"] == states("R126", told, 40)


def test_r126_what_was_explored_counts_on_whichever_strand_it_was_written_down():
    for part in ("has-sexually-harmed", "has-been-sexually-harmed"):
        assert ["met"] == states(
            "R126", f"{SEEN}\nday 9 social-care csa-possibility-explored part={part}", 40
        )


def test_r041_an_informal_response_asks_for_no_safety_measure():
    harmed = "day 0 schools sexual-behaviour-incident part=has-been-sexually-harmed hsb_forms=sexual-texts"
    informal = f"{harmed}\nday 1 social-care referral-outcome-set outcome=informal-response"

    assert ["prompt"] == states("R41", harmed, 3)
    assert ["superseded"] == states("R41", informal, 3)


def test_r093_two_meetings_ask_once_for_a_conference_of_a_child_in_both_strands():
    both = f"{REFERRED}\nday 0 schools disclosure part=has-been-sexually-harmed category=sexual-harm"
    twice = f"{both}\nday 2 social-care strategy-meeting-held meeting:m1\nday 9 social-care strategy-meeting-held meeting:m2"

    assert ["prompt"] == states("R93", twice, 20)


def test_r055_the_team_is_told_by_its_own_name():
    (due,) = [d for d in judged(f"{REFERRED}\n{MET}", 9) if d.obligation == "R55"]

    assert "Children's Social Care" == due.of


def test_r51_a_harmed_child_is_assessed_though_the_meeting_stands_on_the_other_childs_record():
    harmed = """day 0 schools disclosure part=has-been-sexually-harmed category=sexual-harm
        day 0.1 social-care referral-received"""
    decided = f"{harmed}\nday 1 social-care referral-outcome-set outcome"

    assert [] == states("R51", f"{decided}=early-help", 9)
    assert ["open"] == states("R51", f"{decided}=section-47", 9)
    assert ["overdue"] == states("R51", f"{decided}=section-47", 90)
