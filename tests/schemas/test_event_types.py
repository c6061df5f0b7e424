"""The published language, drawn as a table: what each agency may say and what of it rules may use.

`†` is a restricted type, `@` the scope it is read in where that is not the agency's own, `=` its national
code. A signal after `+` is not in the published list of `events.md`; each is needed by a rule.
"""

import pytest

from schemas.case_event import CaseEvent, field_marks, types_of
from schemas.catalogue import EVENT_TYPES, TYPE_BY_NAME

TABLE = """
police.missing-episode.v1            =missing-person       times_missing_before found_with_adult
police.domestic-abuse-incident.v1    =safeguarding-concern child_present risk
police.offence-reported.v1           =safeguarding-concern category hsb_forms + hsb_class
police.protection-notice.v1          =referral             concern_category rag + account_how account_where account_who
police.suspect-interview.v1          under_pace appropriate_adult exception_agreed
police.abe-interview.v1              admission_made separate_interview
police.investigation-outcome.v1      outcome
police.exploitation-concern.v1       =safeguarding-concern kind level
police.protection-used.v1            =safeguarding-concern
police.intelligence.v1               † @police-intelligence category
health.emergency-attendance.v1       =ae-attendance injury unexplained explanation_code provider + hsb_class account_how account_where account_who
health.admission.v1                  cause
health.appointment-missed.v1         service was_not_brought
health.injury-noted.v1               =safeguarding-concern site_code unexplained explanation_code + account_how account_where account_who
health.self-harm.v1                  =safeguarding-concern method_class
health.camhs.v1                      @health-confidential =CAMHS-plan stage + hsb_class
health.child-protection-medical.v1   finding_code + hsb_class
health.substance-concern.v1          =safeguarding-concern
health.sexual-health-contact.v1      † @health-confidential infection emergency_contraception
health.pregnancy.v1                  † @health-confidential
health.registration-changed.v1       new_area
schools.absence.v2                   =persistent-school-absences sessions_missed unauthorised
schools.attendance-summary.v1        =persistent-school-absences percent change
schools.suspension.v1                =school-suspension reason_code sexual_misconduct
schools.exclusion.v1                 =school-exclusion reason_code sexual_misconduct
schools.move.v1                      kind new_area
schools.concern-logged.v1            =safeguarding-concern category + account_how account_where account_who
schools.sexual-behaviour-incident.v1 =safeguarding-concern features brook technology hsb_forms + hsb_class
schools.disclosure.v1                =safeguarding-concern category received_by how_received + account_how account_where account_who
schools.part-time-timetable.v1       hours
schools.send-support.v1              =ehcp need
social-care.contact.v1               =referral source_agency outcome + account_how account_where account_who
social-care.referral.v1              =referral source_agency outcome
social-care.assessment.v1            kind stage factors + hsb_class
social-care.strategy-meeting.v1      for_child held agencies_present chair_authority decisions
social-care.section-47.v1            =section-47 stage outcome
social-care.conference.v1            kind decision category_of_abuse + needs_from_behaviour_considered
social-care.plan.v1                  kind stage category_of_abuse
social-care.multi-agency-meeting.v1  kind agencies_present actions_named + invited apologies risk_plan_covered specialist_input
social-care.family-safety-plan.v1    stage responsible_agency settings_covered review_due
social-care.risk-management-plan.v1  stage responsible_agency settings_covered review_due
social-care.placement-moved.v1       =child-looked-after reason_code
social-care.looked-after.v1          =child-looked-after reason_code
social-care.early-help.v1            =early-help stage manager_rationale meeting_held
social-care.allocation.v1            reason_code
social-care.closed.v1                reason_code agencies_active
social-care.disengaged.v1            reason_code agencies_active
social-care.area-move.v1             reason_code agencies_active + moving_in from_authority to_authority
social-care.return-interview.v1      reason_code
youth-justice.intervention.v1        offence_category stage + hsb_class
youth-justice.caution.v1             offence_category stage
youth-justice.court-outcome.v1       offence_category stage + convicted
youth-justice.release.v1             offence_category stage + release_date
youth-justice.mappa-notification.v1  offence_category stage
youth-justice.assessment.v1          offence_category stage + hsb_class
"""  # noqa: E501 — a row is a row

ANY_AGENCY = """
strength-noted.v1  kind
safety-measure.v1  kind stage setting until
support-offered.v1 kind stage
engagement.v1      kind stage agencies_active
withdrawal.v1
"""

PROTOCOL = """
R34  account-recorded             told_at medium account_how account_where account_who
R36  child-reassured
R11  hsb-view-recorded            hsb_class
R126 csa-possibility-explored
R37  referral-made                to
R37  referral-received            from_agency
R37  referral-acknowledged
R91  referral-outcome-set         reason_recorded outcome
R39  emergency-call-made
R40  immediate-risk-considered    reason_recorded considered_by at_risk others_considered measures_needed
R42  strategy-meeting-arranged    reason_recorded for_child planned_for invited chair_authority convened_by_authority
R42  strategy-meeting-held        reason_recorded for_child invited attended apologies chair_authority authorities_represented separate_meeting decisions
R42  strategy-meeting-cancelled   reason_recorded
R43  separate-meeting-considered  reason_recorded decision approach risk_still_present support_offered
R45  invitation                   invited_agency stage
R46  allocation                   reason_recorded role stage until
R47  responsible-authority-set    authority
R50  s47-started                  involved
R90  s47-not-started              reason_recorded
R50  s47-role-assigned            to_agency due
R51  cf-assessment-started        disabled_under_25
R51  cf-assessment-completed      contributors headings
R53  police-enquiry-opened        offence_category
R53  police-enquiry-outcome       reason_recorded outcome
R54  information-requested        from_agency own_experiences due
R54  information-supplied
R54  information-declined         reason_recorded
R54  information-none-held
R73  update-duty-assigned         about_agency due
R73  update-duty-done             about_agency
R130 concern-raised-internally
R21  feature-observed                feature presence first_hand
R12  behaviour-considered            manipulation force coercion no_informed_consent interferes_with_own_development provokes_rejection causes_distress raises_own_risk_of_harm age_gap_years
R18  image-sharing-considered        consensual similar_age in_a_relationship passed_on exploitation grooming bullying
R26  instrument-result               instrument instrument_version result trained trained_until
R32  context-noted                   context
R1   support-need-identified         whose
R2   child-view-recorded             about
R107 lived-experience-recorded
R2   family-view-recorded            whose
R28  parent-response-noted           whose
R28  parent-support-offered          whose stage
R60  protective-capacity-noted       whose
R56  planning-factor-answered        reason_recorded factor answer due
R51  meeting-objective-answered      reason_recorded objective answer due
R62  sibling-considered              again at_risk
R132 contact-child-identified        setting
R63  shared-living-noted             ended setting other_children_there
R67  adult-linked
R68  education-arranged              arrangement shared_school review_due
R68  school-risk-assessed            helped_by review_due
R69  health-needs-considered         stage
R74  specialist-assessment-decided   reason_recorded initiate instrument instrument_version due
R76  consent-recorded                of stage to
R77  paperwork                       wanted_for stage due
R79  disclosure-considered           reason_recorded recipient decision purpose how_far shared_on withheld_because family_told child_told told_on not_told_because objection_of objection_answer
s.49A encompass-notice                reason_recorded stage to before_school child_present withheld_because
Duty mandatory-report                reason_recorded stage to suspicion in_writing delayed_until not_owed_because
R81  interview-order-decided         reason_recorded
R85  interview-held                  reason_recorded interviewed_as conducted_by first recorded at_police_station under_caution appropriate_adult
R86  interview-exception-agreed      reason_recorded ground
R87  admission-noted
R87  admission-course-agreed         reason_recorded course
R84  family-informed                 stage
R93  conference-considered           reason_recorded decision invite_youth_justice
R101 services-considered             reason_recorded needed
R95  response-decided                reason_recorded level_of_need threshold_document with_family
R97  intervention                    stage by_agency family_involved
R106 action-assigned                 to_agency due
R106 action-done
R108 multi-agency-meeting-arranged   reason_recorded kind planned_for invited
R121 professionals-meeting-held      reason_recorded invited attended
R109 step-down-proposed              reason_recorded to_universal_services
R118 review-frequency-set            reason_recorded of every_days
R117 review-held                     of attended
R9   part-reviewed                   reason_recorded decision shown_until with_child
R119 group-notified                  agencies single_agency
R120 reengagement-planned            attended
R122 history-requested               from_authority
R122 history-received                from_authority
R123 mappa-notified                  stage release_date
R122 pathway-opened                  opened_for
R105 pathway-closed                  reason_recorded outcome
"""  # noqa: E501 — a row is a row

BASE_SIGNALS = {name for name, marks in field_marks(CaseEvent).items() if marks.signal}


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


def own_signals(cls: type[CaseEvent]) -> set[str]:
    return {name for name, marks in field_marks(cls).items() if marks.signal} - BASE_SIGNALS


@pytest.mark.parametrize("row", rows(TABLE), ids=lambda row: row[0])
def test_a_type_says_what_the_published_table_says(row):
    cls = TYPE_BY_NAME[row[0]]
    drawn = {
        "restricted": "†" in row,
        "home": next((cell[1:] for cell in row if cell.startswith("@")), None),
        "national": next((cell[1:] for cell in row if cell.startswith("=")), None),
        "signals": {cell for cell in row[1:] if cell[0] not in "†@=+"},
    }

    assert drawn == {
        "restricted": cls.restricted,
        "home": cls.home,
        "national": cls.national,
        "signals": own_signals(cls),
    }


@pytest.mark.parametrize("row", rows(ANY_AGENCY), ids=lambda row: row[0])
@pytest.mark.parametrize("agency", ["police", "health", "schools", "social-care", "youth-justice", "housing"])
def test_every_agency_also_a_later_one_may_say_it_in_its_own_name(row, agency):
    assert set(row[1:]) == own_signals(TYPE_BY_NAME[f"{agency}.{row[0]}"])


@pytest.mark.parametrize("row", rows(PROTOCOL), ids=lambda row: row[1])
def test_what_people_record_in_the_hub_cites_its_row(row):
    cls = TYPE_BY_NAME[f"protocol.{row[1]}.v1"]

    assert row[0] in (cls.__doc__ or "")
    assert set(row[2:]) == own_signals(cls)


def test_the_tables_are_complete():
    drawn = {row[0] for row in rows(TABLE)} | {f"protocol.{row[1]}.v1" for row in rows(PROTOCOL)}

    assert drawn == {types_of(cls)[0] for cls in EVENT_TYPES if len(types_of(cls)) == 1}
