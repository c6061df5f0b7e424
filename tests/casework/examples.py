"""One act of each kind, as somebody would fill it in: who does it, and what they say."""

from tests.casework.acting import COORDINATOR, HARMED, HAS_HARMED, POLICE, SCHOOL, WORKER, YOUTH_JUSTICE
from tests.events import BEN

OTHER = [{"relation": "same-incident", "identifiers": [dict(i) for i in BEN["identifiers"]]}]
SISTER = [{"relation": "sibling", "identifiers": [{"system": "upn", "value": "Z999400120444"}]}]
UNCLE = [{"relation": "other-adult", "reference": {"system": "police:adult", "value": "A-77"}}]
THURSDAY = "2026-11-19T10:00:00+00:00"
HARMING = {"part": HAS_HARMED}
TOLD = {
    "words": "He said it was a game. I said stop.",
    "told_at": "2026-11-16T09:40:00+00:00",
    "received_by": "class teacher",
}

EXAMPLES = {
    "record-account": (SCHOOL, {**TOLD, "provenance": "told-by-child", "part": HARMED, "children": OTHER}),
    "reassure-child": (SCHOOL, {"by_role": "class teacher", "how": "Told that she did right to say it."}),
    "record-emergency-call": (SCHOOL, {"called_by": "head teacher", "police_reference": "log-301"}),
    "make-referral": (SCHOOL, {"referral": "R-2", "concern": "Touching, at break.", "to": "front-door"}),
    "receive-referral": (COORDINATOR, {"referral": "R-2", "from_agency": "schools", **HARMING}),
    "acknowledge-referral": (COORDINATOR, {"referral": "R-2", "reply": "A meeting is being arranged."}),
    "decide-referral": (
        COORDINATOR,
        {
            "referral": "R-2",
            "outcome": "strategy-meeting",
            "decided_by": "team manager",
            "next_step": "Strategy meeting on Thursday.",
            "next_step_owner": "duty social worker",
        },
    ),
    "consider-immediate-risk": (
        POLICE,
        {"considered_by": "police", "at_risk": "no", "others_considered": True},
    ),
    "record-view-of-behaviour": (WORKER, {"hsb_class": "problematic", "profession": "social worker"}),
    "explore-possibility-of-abuse": (WORKER, {"how": "Two walks, and drawing.", "child_words": "Not now."}),
    "raise-concern-internally": (SCHOOL, {"told_to": "designated safeguarding lead"}),
    "record-feature": (SCHOOL, {"feature": "spontaneous", "first_hand": True}),
    "consider-behaviour": (WORKER, {"force": "absent", "coercion": "unknown", "age_gap_years": 3}),
    "consider-image-sharing": (SCHOOL, {"consensual": "yes", "similar_age": "yes", "passed_on": "no"}),
    "record-instrument-result": (
        SCHOOL,
        {
            "instrument": "brook",
            "instrument_version": "2020",
            "result": "amber",
            "trained": True,
            "used_by": "DSL",
        },
    ),
    "note-context": (WORKER, {"context": "domestic-abuse-witnessed", "told_by": "police"}),
    "identify-support-need": (SCHOOL, {"need": "Somebody to talk to at school.", "whose": "child"}),
    "offer-support": (SCHOOL, {"kind": "counselling", "stage": "accepted", "offered_to": "child"}),
    "note-strength": (SCHOOL, {"kind": "trusted-adult", "details": "Talks with the learning mentor."}),
    "set-safety-measure": (
        SCHOOL,
        {
            "kind": "keep-apart",
            "setting": "school",
            "owner": "head of year",
            "until": "2026-12-18",
            "children": OTHER,
        },
    ),
    "record-childs-words": (
        WORKER,
        {"words": "I want it to stop.", "how_obtained": "At home, with his aunt."},
    ),
    "record-lived-experience": (
        WORKER,
        {"experience": "Alone most evenings.", "how_explored": "A week's diary."},
    ),
    "record-familys-words": (WORKER, {"said": "We did not know.", "whose": "parents"}),
    "note-parents-response": (
        WORKER,
        {"response": "Silent at first, then asked what to do.", "whose": "mother"},
    ),
    "offer-parents-support": (WORKER, {"support": "Parents' group on Tuesdays.", "stage": "accepted"}),
    "note-ability-to-protect": (WORKER, {"strengths": "Believes her.", "worries": "Works nights."}),
    "arrange-strategy-meeting": (
        COORDINATOR,
        {"meeting": "M-1", "planned_for": THURSDAY, "invited": ["youth-justice", "police"], **HARMING},
    ),
    "hold-strategy-meeting": (
        WORKER,
        {
            "meeting": "M-1",
            "attended": ["police", "youth-justice"],
            "apologies": ["health"],
            "separate_meeting": "needed",
            "discussion": "Who does what.",
            "reason": "The first date was lost to snow.",
            **HARMING,
        },
    ),
    "cancel-strategy-meeting": (COORDINATOR, {"meeting": "M-0", "reason": "Arranged twice."}),
    "consider-separate-meeting": (
        WORKER,
        {"decision": "needed", "reason": "She asked for it.", "approach": "supportive"},
    ),
    "record-invitation": (COORDINATOR, {"meeting": "M-1", "invited_agency": "youth-justice"}),
    "assign-update": (WORKER, {"meeting": "M-1", "about_agency": "health", "owner": "social worker"}),
    "update-absent-agency": (
        WORKER,
        {"meeting": "M-1", "about_agency": "health", "told": "Decisions 1 to 4."},
    ),
    "answer-objective": (
        WORKER,
        {"objective": "criminal-aspects-investigated", "answer": "outstanding", "owner": "police"},
    ),
    "answer-planning-factor": (
        WORKER,
        {"factor": "shared-living", "answer": "not-relevant", "reason": "Both live with their parents."},
    ),
    "consider-sibling": (WORKER, {"children": SISTER, "again": True, "at_risk": "no"}),
    "identify-child-in-contact": (SCHOOL, {"children": SISTER, "setting": "club"}),
    "note-shared-living": (WORKER, {"setting": "placement", "other_children_there": "yes"}),
    "link-adult": (POLICE, {"grounds": "Named by two children.", "people": UNCLE}),
    "arrange-education": (SCHOOL, {"arrangement": "attends-with-plan", "shared_school": "yes"}),
    "record-school-risk-assessment": (SCHOOL, {"contents": "Breaks apart.", "helped_by": ["social-care"]}),
    "consider-health-needs": (SCHOOL, {"stage": "considered"}),
    "decide-specialist-assessment": (
        WORKER,
        {
            "initiate": True,
            "reason": "The police asked for it before they decide.",
            "instrument": "aim",
            "instrument_version": "3",
            "assessor": "AIM-trained worker",
            "due": "2027-01-15",
        },
    ),
    "record-consent": (WORKER, {"of": "parent-or-guardian", "stage": "given", "to": "aim-assessment"}),
    "name-paperwork": (WORKER, {"document": "School reports", "wanted_for": "specialist-assessment"}),
    "consider-disclosure": (
        WORKER,
        {
            "recipient": "football-club",
            "decision": "share",
            "grounds": "So that he is not alone with younger ones.",
            "purpose": "keep-other-children-safe",
            "how_far": "headline",
            "shared_on": "2026-11-19",
            "family_told": "yes",
            "child_told": "no",
            "not_told_because": "not-yet",
            "objection_of": ["child", "parent-or-carer"],
            "objection": "They will all know.",
            "objection_answer": "less-is-shared",
        },
    ),
    "tell-school-of-domestic-abuse": (
        POLICE,
        {
            "stage": "told",
            "to": "school",
            "told_to": "designated safeguarding lead",
            "before_school": "yes",
            "child_present": "yes",
            "what": "Shouting in the night; he was upstairs.",
        },
    ),
    "record-mandatory-report": (
        SCHOOL,
        {
            "stage": "made",
            "to": ["local-authority"],
            "reported_by": "class teacher",
            "suspicion": "told-by-the-child",
            "what": "What she told at break.",
        },
    ),
    "allocate-worker": (COORDINATOR, {"worker": "sw-1", "decided_by": "team manager"}),
    "set-responsible-authority": (COORDINATOR, {"authority": "darlington"}),
    "start-section-47": (WORKER, {"involved": ["police", "social-care", "schools"]}),
    "not-start-section-47": (
        WORKER,
        {
            "reason": "Play between friends of one age.",
            "decided_by": "team manager",
            "next_step": "School watches and tells.",
            "next_step_owner": "designated safeguarding lead",
        },
    ),
    "assign-enquiry-task": (WORKER, {"to_agency": "schools", "task": "Where they meet in the day."}),
    "start-assessment": (WORKER, {"lead": "social worker"}),
    "complete-assessment": (
        WORKER,
        {
            "contributors": ["schools", "health"],
            "developmental_needs": "Help to read how others feel.",
            "needs_from_behaviour": "Clear boundaries at home.",
            "strengths": "Two friends.",
        },
    ),
    "open-police-enquiry": (POLICE, {"offence_category": "sexual", "reference": "cr-9"}),
    "end-police-enquiry": (POLICE, {"outcome": "not-in-public-interest", "reason": "AIM recommends help."}),
    "request-information": (
        WORKER,
        {"request": "Q-1", "from_agency": "health", "question": "What is known?"},
    ),
    "supply-information": (SCHOOL, {"request": "Q-2", "answer": "Attends well."}),
    "decline-information": (POLICE, {"request": "Q-3", "reason": "It would prejudice an enquiry."}),
    "hold-no-information": (YOUTH_JUSTICE, {"request": "Q-4"}),
    "decide-interview-order": (POLICE, {"order": "As harmed first.", "reason": "His own harm is the older."}),
    "record-interview": (
        POLICE,
        {
            "interviewed_as": "alleged-to-have-harmed",
            "conducted_by": ["police"],
            "recorded": True,
            "under_caution": True,
            "appropriate_adult": True,
            "at_police_station": True,
        },
    ),
    "agree-interview-exception": (
        POLICE,
        {
            "ground": "learning-difficulty",
            "reason": "He would not follow a caution.",
            "interviewer": "social worker",
            "officer_role": "detective sergeant",
        },
    ),
    "note-admission": (POLICE, {"account": "I did that too, once."}),
    "agree-course-of-admission": (
        POLICE,
        {"course": "separate-interview", "officer_role": "detective sergeant"},
    ),
    "inform-family": (
        WORKER,
        {"stage": "agreed", "what": "No charge; the work goes on.", "by_whom": "officer and worker"},
    ),
    "consider-conference": (
        WORKER,
        {
            "decision": "not-to-be-held",
            "reason": "The abuse has ended, he is safe.",
            "manager": "service manager",
        },
    ),
    "record-conference": (
        WORKER,
        {"kind": "initial", "decision": "no-plan", "needs_from_behaviour_considered": True},
    ),
    "consider-services": (WORKER, {"needed": "yes", "services": "AIM-informed sessions."}),
    "decide-response": (
        WORKER,
        {
            "level_of_need": "child-in-need",
            "seriousness": "One touch over clothing.",
            "needs": "Boundaries, company.",
            "impact_on_harmed": "Afraid of breaks.",
            "other_risks": "A younger sister.",
            "with_family": "yes",
        },
    ),
    "record-intervention": (YOUTH_JUSTICE, {"what": "Weekly sessions.", "family_involved": True}),
    "assign-action": (
        WORKER,
        {
            "action": "A-1",
            "to_agency": "schools",
            "owner": "head of year",
            "what": "Seating plan",
            "due": "2026-11-27",
        },
    ),
    "complete-action": (SCHOOL, {"action": "A-1", "what_came_of_it": "In use."}),
    "arrange-multi-agency-meeting": (
        COORDINATOR,
        {
            "meeting": "M-2",
            "kind": "child-in-need",
            "planned_for": "2026-11-30T10:00:00+00:00",
            "invited": ["health"],
        },
    ),
    "hold-multi-agency-meeting": (
        WORKER,
        {
            "meeting": "M-2",
            "kind": "child-in-need",
            "agencies_present": ["schools", "health"],
            "actions_named": True,
        },
    ),
    "hold-professionals-meeting": (
        SCHOOL,
        {"attended": ["police", "social-care"], "discussion": "What is left."},
    ),
    "agree-family-safety-plan": (
        WORKER,
        {"stage": "agreed", "responsible_agency": "social-care", "contents": "Doors."},
    ),
    "agree-risk-management-plan": (
        WORKER,
        {
            "stage": "agreed",
            "responsible_agency": "social-care",
            "owner": "social worker",
            "settings_covered": ["school", "home"],
            "review_due": "2026-12-11",
        },
    ),
    "record-plan": (WORKER, {"kind": "cin-plan", "stage": "started", "contents": "Six weeks of help."}),
    "set-review-frequency": (
        WORKER,
        {
            "of": "risk-management-plan",
            "every_days": 28,
            "chair": "team manager",
            "reason": "Two settings are new.",
        },
    ),
    "hold-review": (WORKER, {"of": "support", "attended": ["schools"], "outcome": "Goes on."}),
    "review-part": (
        WORKER,
        {
            "decision": "shown-until",
            "shown_until": "2027-05-01",
            "decided_by": "review meeting",
            "reason": "A year of work that goes well; looked at again in spring.",
        },
    ),
    "propose-step-down": (WORKER, {"manager": "team manager", "reason": "Three quiet months."}),
    "complete-step-down": (
        WORKER,
        {
            "stage": "transfer-out",
            "manager_rationale": True,
            "meeting_held": True,
            "rationale": "As proposed.",
        },
    ),
    "record-engagement": (YOUTH_JUSTICE, {"stage": "failed", "kind": "sessions", "details": "Four missed."}),
    "record-disengagement": (WORKER, {"agencies_active": ["schools"], "reason": "Does not open the door."}),
    "notify-group": (YOUTH_JUSTICE, {"agencies": ["police", "social-care"], "single_agency": True}),
    "plan-reengagement": (WORKER, {"risks": "Alone with younger cousins.", "strategy": "Through his coach."}),
    "record-move": (WORKER, {"moving_in": True, "from_authority": "saltwick", "reason": "The family moved."}),
    "move-placement": (WORKER, {"placement": "Foster home", "reason": "A bed nearer school."}),
    "request-history": (WORKER, {"from_authority": "saltwick", "asked": "Chronology and plan."}),
    "receive-history": (WORKER, {"from_authority": "saltwick", "contents": "A chronology of two years."}),
    "record-release": (YOUTH_JUSTICE, {"stage": "planned", "release_date": "2026-12-01"}),
    "notify-mappa": (YOUTH_JUSTICE, {"release_date": "2026-12-01", "coordinator": "area coordinator"}),
    "withdraw-act": (SCHOOL, {"withdraws": "hub/to-withdraw", "reason": "wrong-child"}),
    "open-pathway": (WORKER, {"opened_for": "moved-in", "grounds": "The other authority's plan."}),
    "close-pathway": (
        WORKER,
        {
            "outcome": "early-help",
            "decided_by": "team manager",
            "next_step": "Early help goes on with the family.",
            "next_step_owner": "early help lead",
        },
    ),
}
