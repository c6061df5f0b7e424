"""Rows that are vocabulary, access, text or a pattern's: what keeps each, tried here for real."""

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from hub.domain.calendar import LONDON
from hub.patterns.catalogue import CATALOGUE
from hub.protocol.commands import NAMED, NEEDS
from hub.protocol.naming import LISTS
from hub.protocol.packs import DARLINGTON, load
from hub.protocol.pathway import Stage, pathway
from hub.protocol.worklist import item
from hub.sharing.policy import load as load_policy
from schemas import protocol
from schemas.case_event import field_marks
from schemas.catalogue import TYPE_BY_NAME
from schemas.police import ExploitationConcern
from schemas.protocol.planning import Vulnerability
from schemas.scope import Scope
from schemas.social_care import MultiAgencyMeeting, RiskManagementPlan
from schemas.vocabulary import HsbForm, PlaceKind, RecognitionFeature
from tests.protocol.asked import HARMING, SHORT, named
from tests.protocol.told import judged, situation, states

PACK = load()
POLICY = load_policy()
RULES = {rule.code: rule for rule in CATALOGUE}
S, H, R, M = (SHORT[letter] for letter in "SHRM")


def readers(scope):
    return {name for name, role in POLICY.roles.items() if scope in role.reads}


def words_of(name):
    return {code.as_ or code.code for v in PACK.vocabularies if v.name == name for code in v.codes}


NAMES = {
    "R6": "protocol.cf-assessment-completed",
    "R7": "P01",
    "R8": "part",
    "R9": "offence",
    "R10": "line and the pack's version",
    "R16": "forms",
    "R17": "forms",
    "R21": "healthy",
    "R22": "problematic",
    "R23": "abusive",
    "R24": "violent",
    "R25": "No feature is totalled",
    "R26": "protocol.instrument-result instrument=brook-traffic-light",
    "R27": "protocol.instrument-result instrument=aim2|aim3",
    "R30": "P03",
    "R31": "protocol.csa-possibility-explored",
    "R32": "context",
    "R33": "P08",
    "R82": "protocol.police-enquiry-outcome",
    "R88": "protocol.account-recorded",
    "R98": "protocol.instrument-result instrument=nice-checklist",
    "R99": "settings",
    "R105": "protocol.pathway-closed",
    "R116": "social-care.risk-management-plan",
    "R124": "P03",
    "R125": "P08",
    "R127": "reproaches no child",
    "R128": "protocol.context-noted",
    "R129": "P11",
    "R134": "registry",
}
"""What keeps each of these rows: the record, the rule, the list of codes, or what it says is kept or said."""


@pytest.mark.parametrize("row", NAMES, ids=named)
def test_a_row_names_what_keeps_it(row):
    kept = PACK.row(row)
    told = (kept.access, kept.text)
    names = (*(s.text for s in kept.records), *kept.rules, *kept.vocabularies)

    assert NAMES[row] in names or any(NAMES[row] in says for says in told if says)
    assert set(kept.rules) <= set(RULES)
    assert set(kept.vocabularies) <= {v.name for v in PACK.vocabularies}


# ------------------------------------------------------------ access


def test_r004_r030_the_two_strands_of_one_child_are_judged_apart():
    found = [
        d
        for d in judged(f"{S}\n{H}\n{R}\n{M}\nday 3 schools support-offered part=has-sexually-harmed")
        if d.obligation == "R1"
    ]

    assert {"has-sexually-harmed": "met", "has-been-sexually-harmed": "prompt"} == {
        d.strand: d.state for d in found
    }


def test_r004_an_entry_of_one_strand_meets_nothing_of_the_other():
    meeting = f"{S}\n{H}\n{R}\nday 2 social-care strategy-meeting-held meeting:m1 for_child=has-been-sexually-harmed"

    assert ["overdue", "overdue"] == states("R42", meeting, 9)


def test_r009_what_is_said_of_an_offence_stands_in_the_polices_scope_and_in_no_worklist():
    assert not readers(Scope.POLICE) & {"health-practitioner", "school-lead", "named-doctor"}
    told = situation(f"day 0 police offence-reported {HARMING} category=rape hsb_forms=other\n{R}\n{M}")

    assert "rape" not in repr([item(due) for due in pathway(told).dues])


def test_r010_everything_asked_names_its_line_and_the_packs_version():
    for due in judged(f"{S}\n{H}\n{R}\n{M}"):
        assert re.fullmatch(r"guidance L[\d, L-]+; pack darlington-2025-02", due.source), due


def test_r046_the_worker_of_one_child_is_compared_and_never_shown_the_other():
    assert "worker" not in repr(item(judged(f"{S}\n{R}\nday 1 early-help allocation worker:w1")[0]).asks)


def test_r061_which_agencies_know_a_child_is_decided_by_role():
    for role in POLICY.roles.values():
        assert not set(role.reads) & set(role.nothing)
    assert Scope.HEALTH_CONFIDENTIAL not in POLICY.roles["school-lead"].knows


def test_r067_who_an_adult_is_is_read_by_police_and_social_care_alone():
    agencies = {POLICY.roles[name].agency for name in readers(Scope.THIRD_PARTY)}

    assert {"police", "social-care"} == agencies
    assert Scope.THIRD_PARTY == field_marks(protocol.AdultLinked)["grounds"].scope


def test_r069_what_the_health_needs_are_stands_in_the_confidential_scope():
    assert Scope.HEALTH_CONFIDENTIAL == field_marks(protocol.HealthNeedsConsidered)["needs"].scope
    assert {"named-doctor"} == readers(Scope.HEALTH_CONFIDENTIAL)


def test_r070_a_prosecution_is_read_by_police_social_care_and_youth_justice():
    agencies = {POLICY.roles[name].agency for name in readers(Scope.YOUTH_JUSTICE) | readers(Scope.POLICE)}

    assert not agencies & {"health", "schools"}


@pytest.mark.parametrize(
    "kind", [protocol.PoliceEnquiryOpened, protocol.PoliceEnquiryOutcome, protocol.AdmissionCourseAgreed]
)
def test_r082_only_the_police_say_how_a_criminal_enquiry_stands(kind):
    assert "police" == kind.model_fields["agency"].default
    assert "Literal" in str(kind.model_fields["agency"].annotation)


def test_r088_what_a_child_said_is_for_those_who_investigate():
    for kind in (protocol.AccountRecorded, protocol.InterviewHeld, protocol.AdmissionNoted):
        field = "words" if kind is protocol.AccountRecorded else "account"
        assert Scope.ACCOUNT == field_marks(kind)[field].scope
    assert {"police", "social-care"} == {POLICY.roles[name].agency for name in readers(Scope.ACCOUNT)}


# ------------------------------------------------------------ vocabulary


def test_r008_r015_r016_r017_every_form_and_part_has_the_guidances_words():
    assert {"has-sexually-harmed", "has-been-sexually-harmed"} == words_of("part")
    assert {form.value for form in HsbForm} == words_of("forms")


@pytest.mark.parametrize(
    ("name", "count"), [("healthy", 8), ("problematic", 8), ("abusive", 10), ("violent", 4)]
)
def test_r021_r022_r023_r024_every_feature_of_the_guidance_is_there(name, count):
    listed = [v for v in PACK.vocabularies if v.name == name]

    assert [count] == [len(v.codes) for v in listed]
    assert words_of(name) <= {feature.value for feature in RecognitionFeature}


def test_r021_r022_r023_r024_no_feature_is_left_out():
    assert {f.value for f in RecognitionFeature} == set().union(
        *map(words_of, ("healthy", "problematic", "abusive", "violent"))
    )


def test_r025_features_make_no_class_and_no_total():
    features = "\n".join(
        f"day 1 schools feature-observed feature={f}"
        for f in ("sadism", "highly-intrusive", "power-differential")
    )
    before, after = pathway(situation(f"{S}\n{R}", 3)), pathway(situation(f"{S}\n{R}\n{features}", 3))

    assert before.dues == after.dues
    assert not any(
        "feature" in name
        for rule in CATALOGUE
        for kind, names in rule.reads.items()
        if kind is protocol.FeatureObserved
        for name in names
    )


def test_r026_r027_r098_tools_are_registered_with_version_and_dates():
    tools = {tool.code: tool for tool in PACK.instruments}

    assert {"brook-traffic-light", "aim2", "aim3", "nice-checklist"} == set(tools)
    assert all(tool.version and tool.from_ for tool in tools.values())


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("trained", "met"),
        ("trained trained_until=@90", "met"),
        ("trained trained_until=@2", "prompt"),
        ("trained=false", "prompt"),
    ],
)
def test_r096_a_tool_is_used_by_who_was_trained_on_that_day(said, state):
    assert [state] == states("R96", f"{S}\n{R}\nday 9 schools instrument-result instrument=aim3 {said}")


def test_r031_no_field_says_that_a_child_was_abused():
    names = {name for kind in TYPE_BY_NAME.values() for name in kind.model_fields}

    assert not [name for name in names if re.search(r"abused|is_victim|was_harmed", name)]


def test_r032_r128_what_a_child_lives_in_stands_side_by_side_without_a_rank():
    assert {kind.value for kind in protocol.ContextKind} == words_of("context")
    assert not any(isinstance(kind.value, int) for kind in protocol.ContextKind)


def test_r064_r099_online_is_a_setting_beside_home_and_school():
    assert {kind.value for kind in PlaceKind} == words_of("settings")


def test_r105_a_pathway_is_closed_with_what_follows_and_by_whom():
    outcomes = {r.value for r in (*protocol.ClosedWith, *protocol.ReferralResult)}
    assert not [o for o in outcomes if re.search(r"no-|nfa|nothing|none", o)]
    (need,) = NEEDS[protocol.PathwayClosed]

    assert ("R105", ("decided_by", "next_step", "next_step_owner")) == (need.row, need.fields)


def test_r105_a_closed_pathway_asks_no_more_but_what_was_overdue_stays_and_new_behaviour_opens_it():
    closed = f"{S}\n{R}\nday 9 social-care pathway-closed outcome=early-help"
    found = pathway(situation(closed, 30))

    assert Stage.CLOSED is found.stage
    assert {"overdue"} == {d.state for d in found.dues if d.obligation == "R42"}
    assert {"superseded"} == {d.state for d in found.dues if d.obligation == "R132"}
    again = pathway(situation(f"{closed}\nday 20 schools sexual-behaviour-incident {HARMING}", 30))
    assert Stage.IMMEDIATE_ACTIONS is again.stage


def test_r122_people_open_a_pathway_for_a_child_who_comes_with_a_history():
    opened = f"day 0 social-care pathway-opened {HARMING} opened_for=moved-in"

    assert () == pathway(situation("day 0 social-care area-move moving_in")).dues
    assert ["overdue"] == states("R122", opened, 5)
    assert ["met"] == states("R122", f"{opened}\nday 2 social-care multi-agency-meeting", 5)


def test_r129_exploitation_and_harmful_behaviour_may_both_be_said_of_one_incident():
    both = f"{S} incident=i1\nday 0 police exploitation-concern kind=sexual incident=i1"

    assert ("has-sexually-harmed",) == pathway(situation(both)).strands
    assert ExploitationConcern in RULES["P11"].reads


# ------------------------------------------------------------ text and forms


def test_r006_r094_an_assessments_form_asks_for_its_headings_and_rules_see_which_were_written_under():
    (need,) = NEEDS[protocol.CfAssessmentCompleted]
    assert ("R6", ("developmental_needs", "needs_from_behaviour")) == (need.row, need.fields)
    headings = {one.value.replace("-", "_") for one in protocol.enquiry.Heading}

    assert headings <= set(NAMED["complete-assessment"].asks)
    signals = {name for name, marks in field_marks(protocol.CfAssessmentCompleted).items() if marks.signal}
    assert {"headings"} == signals & ({"headings"} | headings)


def test_r116_the_form_of_a_plan_asks_how_future_harm_is_kept_small():
    assert "future_harm" in NAMED["agree-risk-management-plan"].asks
    assert "future_harm" in RiskManagementPlan.model_fields


def test_r127_the_pack_asks_and_reproaches_nobody():
    ours = " ".join(p.read_text() for p in DARLINGTON.rglob("*.toml"))

    assert [] == re.findall(r"must not|\bfault\b|\bguilty\b|\bblame\b|\bnaughty\b", ours)


@pytest.mark.parametrize("code", ["P03", "P08"])
def test_r124_what_the_rules_on_own_harm_say_is_a_question(code):
    assert RULES[code].says.rstrip().endswith("?")
    assert not re.search(r"indicat|shows that|proves", RULES[code].says)


def test_r033_r125_the_rule_on_young_children_reads_neglect_violence_and_domestic_abuse():
    kinds = {kind.__name__ for kind in RULES["P08"].reads}

    assert {"DomesticAbuseIncident", "ConcernLogged"} <= kinds


def test_r007_every_rule_asks_and_none_concludes():
    assert len(RULES) >= 15
    assert all("?" in rule.says for rule in CATALOGUE)


def test_r134_every_resource_of_the_guidance_is_in_the_registry():
    titles = " ".join(g.title for g in PACK.guidance)

    for word in (
        "Ofsted, June 2021",
        "Keeping Children Safe in Education 2023",
        "Working Together to Safeguard Children 2023",
        "Violence against Women and Girls",
        "Research in Practice",
        "Centre of expertise",
        "research and resources, NSPCC",
        "nudes",
        "Durham University",
        "Child's Play",
        "case reviews",
        "September 2021",
    ):
        assert word in titles


def test_r092_the_edition_of_the_schools_guidance_is_the_one_of_the_day():
    def titles(day):
        return {g.title for g in PACK.in_force(day) if g.title.startswith("Keeping Children Safe")}

    assert {"Keeping Children Safe in Education 2023"} == titles(date(2024, 3, 1))
    assert {"Keeping Children Safe in Education, the edition of the school year"} == titles(date(2026, 3, 2))


def test_every_list_of_the_pack_is_one_the_hub_knows():
    assert {v.of for v in PACK.vocabularies} <= set(LISTS)


# ------------------------------------------------------------ further cases of rows that are asked


def test_r085_under_ten_is_never_asked_to_be_interviewed_by_the_police_and_asks_why_if_it_was():
    young = S.replace("age=13", "age=9")
    caution = "day 5 police interview-held interviewed_as=alleged-to-have-harmed first conducted_by=police under_caution"

    assert [] == states("R85", f"{young}\n{R}\nday 5 police interview-held interviewed_as=harmed-or-witness")
    assert ["prompt"] == states(
        "R85", f"{young}\n{R}\n{caution} recorded at_police_station appropriate_adult"
    )
    right = f"{S}\n{R}\n{caution} recorded at_police_station appropriate_adult"
    assert [] == states("R85", right)
    assert ["prompt"] == states("R85", right.replace(" appropriate_adult", ""))


def test_r085_an_exception_the_police_agreed_is_the_reason():
    by_social_worker = f"{S}\n{R}\nday 4 police interview-exception-agreed ground=disability\nday 5 social-care interview-held interviewed_as=alleged-to-have-harmed first conducted_by=social-care"

    assert ["met"] == states("R85", by_social_worker)


def test_r114_the_agency_that_answers_for_the_plan_closed_its_case():
    plan = f"{S}\n{R}\n{SHORT['P']}"

    assert ["met"] == states("R114", plan)
    assert ["met", "prompt"] == states("R114", f"{plan}\nday 40 social-care closed")


def test_r115_settings_of_the_child_that_the_plan_leaves_out_are_named():
    plan = f"{S}\n{R}\n{SHORT['P']}\nday 5 schools concern-logged place=school:s1+club:c1"
    (due,) = [d for d in judged(plan) if d.obligation == "R115"]

    assert "cover in the plan wherever the child spends time: club, school" == due.asks


def test_r072_the_harmed_childs_contact_does_not_lead_for_the_other_child():
    ours = f"{H}\n{R}\nday 3 early-help allocation worker:w1 role=single-point-of-contact"
    theirs = "day 3 early-help allocation worker:w1 role=lead-worker"

    assert states("R72", ours, 9, ben=theirs) != states("R72", ours, 9, ben=theirs.replace("w1", "w2"))


def test_r117_the_chairs_frequency_is_the_clock_and_each_review_starts_it_again():
    plan = f"{S}\n{R}\n{SHORT['P']}\nday 9 social-care review-frequency-set of=risk-management-plan every_days=30 reason=need"
    once = f"{plan}\nday 35 social-care review-held of=risk-management-plan"

    assert ["open"] == states("R117", plan, 20)
    assert ["overdue"] == states("R117", plan, 40)
    assert ["met", "open"] == states("R117", once, 40)


# ------------------------------------------------------------ quirks


def test_q1_both_terms_are_kept_though_the_guidance_prints_one_twice():
    assert 2 == len(words_of("part"))


def test_q6_police_agreement_is_asked_for_whichever_course_is_taken():
    admitted = f"{S}\n{R}\nday 5 police admission-noted"
    for course in ("separate-interview", "same-interview-goes-on"):
        assert "met" in states("R87", f"{admitted}\nday 5 police admission-course-agreed course={course}")


def test_q7_the_guidances_classes_and_hacketts_are_both_held():
    assert {"normal", "problematic", "abusive", "violent", "not-yet-determined"} == words_of(
        "guidance-classes"
    )
    assert {"normal", "inappropriate", "problematic", "abusive", "violent"} == words_of("hackett")


def test_q8_no_section_47_is_said_with_a_next_step_and_no_action_is_not_to_be_had():
    assert {"reason", "decided_by", "next_step", "next_step_owner"} <= {
        f for need in NEEDS[protocol.S47NotStarted] for f in need.fields
    }
    assert not [r for r in protocol.ReferralResult if "no-" in r.value]


def test_q10_local_names_and_numbers_stand_in_the_pack_and_in_no_code():
    code = " ".join(p.read_text() for p in DARLINGTON.parents[1].rglob("*.py"))

    assert [] == re.findall(r"\bCIAT|\bYPE\b|YPE&JS|\bBSF\b|01325|01642|\bEDT\b", code)


# ------------------------------------------------------------ clocks


@pytest.mark.parametrize(
    ("row", "story", "at", "still", "late"),
    [
        pytest.param(
            "R34",
            f"{H}\nday 0.2 schools account-recorded {HARMING} told_at=2026-03-02T09:00:00Z",
            1,
            "met",
            "met",
            id="c1",
        ),
        pytest.param("R37", S, 0, "open", "overdue", id="c2"),
        pytest.param("R91", f"{S}\n{R}", 1.1, "due-soon", "overdue", id="c3"),
        pytest.param("R40", f"{S}\n{R}", 1.1, "due-soon", "overdue", id="c4"),
        pytest.param("R42", f"{S}\n{R}", 3.1, "due-soon", "overdue", id="c5"),
        pytest.param("R51", f"{S}\n{R}\n{M}", 67, "due-soon", "overdue", id="c6"),
        pytest.param("R93", f"{S}\n{R}\n{M}\n{SHORT['C']}", 23, "due-soon", "overdue", id="c7"),
        pytest.param(
            "R73",
            f"{S}\n{R}\nday 2 social-care strategy-meeting-held meeting:m1 apologies=health",
            3,
            "due-soon",
            "overdue",
            id="c9",
        ),
        pytest.param(
            "R54",
            f"{H}\n{R}\nday 2 social-care information-requested request:q1 from_agency=health",
            9,
            "due-soon",
            "overdue",
            id="c10",
        ),
        pytest.param("R83", f"{S}\n{R}\n{SHORT['X']}", 22, "due-soon", "overdue", id="c11"),
        pytest.param("R112", f"{S}\n{R}\n{SHORT['A']}", 22, "due-soon", "overdue", id="c12"),
        pytest.param("R108", f"{S}\n{R}\n{SHORT['N']}", 22, "due-soon", "overdue", id="c13"),
        pytest.param(
            "R122", f"{S}\n{R}\nday 20 social-care area-move moving_in", 23, "due-soon", "overdue", id="c15"
        ),
        pytest.param(
            "R92", f"{S}\n{R}\nday 1 schools move kind=new-school", 8, "due-soon", "overdue", id="c17"
        ),
        pytest.param("R107", f"{S}\n{R}", 90, "due-soon", "overdue", id="c19"),
    ],
)
def test_a_clock_is_in_time_until_its_last_moment_and_overdue_after_it(row, story, at, still, late):
    dues = [d for d in judged(story, at) if d.obligation == row and d.due_at is not None]
    end = max(d.due_at for d in dues if not d.met_at) if any(not d.met_at for d in dues) else dues[0].due_at
    if dues[0].met_at:
        assert [still] == [d.state for d in dues]
        return
    told = situation(story, at)
    before = pathway(replace(told, timeline=replace(told.timeline, now=end)))
    after = pathway(
        replace(told, timeline=replace(told.timeline, now=end + timedelta(microseconds=1), feeds={}))
    )

    assert late not in {
        d.state for d in (*before.dues, *before.listed) if d.obligation == row and d.due_at == end
    }
    assert late in {d.state for d in (*after.dues, *after.listed) if d.obligation == row and d.due_at == end}


def test_c8_review_conferences_come_after_three_months_and_then_every_six():
    plan = f"{S}\n{R}\nday 12 social-care conference kind=initial decision=plan-made"
    reviews = f"{plan}\nday 90 social-care conference kind=review decision=plan-continues"
    dues = [
        d
        for d in judged(reviews, 100)
        if d.obligation == "R101" and not d.met_at and d.due_at and d.due_at > d.start
    ]

    last = max(dues, key=lambda d: d.due_at)
    assert (11, 30) == (last.due_at.astimezone(LONDON).month, last.due_at.astimezone(LONDON).day)


def test_c14_a_review_is_due_at_the_frequency_the_chair_set():
    plan = f"{S}\n{R}\n{SHORT['P']}\nday 9 social-care review-frequency-set of=risk-management-plan every_days=42 reason=need"
    (due,) = [d for d in judged(plan, 20) if d.obligation == "R117"]

    assert timedelta(days=42) == due.due_at - due.start


def test_c16_mappa_is_notified_before_the_day_of_release():
    planned = f"{S}\n{R}\nday 10 youth-justice court-outcome convicted offence_category=rape\nday 20 youth-justice release stage=planned release_date=@60"

    assert ["due-soon"] == states("R123", planned, 59)
    assert ["overdue"] == states("R123", planned, 60)
    assert ["met-late"] == states("R123", f"{planned}\nday 61 youth-justice mappa-notified", 62)


@pytest.mark.parametrize(
    ("conviction", "asks"),
    [
        ("convicted offence_category=sexual-offence-against-a-child", "notify the MAPPA coordinator"),
        ("convicted", "say of what the child was convicted"),
        ("convicted offence_category=theft", None),
        ("convicted=false offence_category=rape", None),
    ],
)
def test_r123_a_conviction_of_sexual_offences_asks_for_mappa_and_one_of_something_else_does_not(
    conviction, asks
):
    planned = f"{S}\n{R}\nday 10 youth-justice court-outcome {conviction}\nday 20 youth-justice release stage=planned release_date=@60"
    found = [d for d in judged(planned, 59) if d.obligation == "R123"]

    assert ([asks] if asks else []) == [d.asks[: len(asks or "")] for d in found]
    told = f"{planned}\nday 30 youth-justice mappa-notified"
    assert (["met"] if asks else []) == states("R123", told, 59)


def test_r059_what_makes_a_child_vulnerable_has_codes_that_no_rule_reads():
    (codes,) = [v for v in PACK.vocabularies if v.name == "vulnerability"]

    assert ("vulnerability",) == PACK.row("R59").vocabularies
    assert {one.value for one in Vulnerability} == {code.code for code in codes.codes}
    assert not field_marks(protocol.PlanningFactorAnswered)["vulnerabilities"].signal
    assert "vulnerabilities" in NAMED["answer-planning-factor"].asks


def test_r122_how_far_apart_two_words_of_one_arrival_may_be_is_the_packs_to_say():
    twice = f"{S}\n{R}\nday 20 social-care area-move moving_in\nday 60 social-care area-move moving_in"
    told = situation(twice, 61)
    near = replace(told, pack=PACK.model_copy(update={"same_arrival_days": 30}), packs=())
    asked = [
        [d for d in pathway(one).dues if d.obligation == "R122" and "bring the agencies" in d.asks]
        for one in (told, near)
    ]

    assert [1, 2] == [len(found) for found in asked]


def test_c18_youth_justice_reports_ten_working_days_after_a_conviction():
    convicted = f"{S}\n{R}\nday 10 youth-justice court-outcome convicted"
    (due,) = [d for d in judged(convicted, 11) if d.obligation == "R70" and d.due_at]

    assert timedelta(days=14) == due.due_at - due.start


def test_c20_the_life_of_a_flag_has_its_own_clocks():
    from tests.patterns.story import settings

    life = settings().life
    assert 365 <= life.expires_days.value <= 366
    assert all(
        name in type(life).model_fields for name in ("acknowledge_2_working_days", "acknowledge_4_hours")
    )


def test_the_clocks_of_the_pack_are_all_named_in_a_row():
    used = {ask.within for _, ask in PACK.asked if ask.within}

    assert set(PACK.clocks) == used


def test_sections_and_rows_stand_in_the_guidances_order():
    lines = [section.line for section in PACK.sections]

    assert all(one < other for one, other in pairwise(lines))
    assert all(PACK.section_of(row) for row in PACK.rows)
    assert MultiAgencyMeeting.model_fields["specialist_input"]
