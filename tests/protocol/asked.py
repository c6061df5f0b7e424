"""What each row asks and what meets it, as drawn lines: `row | what is there already | what meets it`.

The first column's story asks and is not met; with the third column's entry one more is met. In the second, `S` is
behaviour of a child who has harmed, `H` a disclosure of one who was harmed, `R` its referral, `M` the meeting held.
"""

HARMING = "part=has-sexually-harmed"
HARMED = "part=has-been-sexually-harmed"
SHORT = {
    "S": f"day 0 schools sexual-behaviour-incident {HARMING} age=13",
    "H": f"day 0 schools disclosure {HARMED} category=sexual-harm",
    "R": "day 0.1 social-care referral-received",
    "M": "day 2 social-care strategy-meeting-held meeting:m1",
    "A": "day 9 social-care cf-assessment-completed contributors=health+schools",
    "C": "day 9 social-care conference-considered decision=to-be-held",
    "N": "day 9 social-care conference-considered decision=not-to-be-held reason=written",
    "P": "day 9 social-care risk-management-plan stage=agreed responsible_agency=social-care settings_covered=home",
    "X": "day 9 police police-enquiry-outcome outcome=insufficient-evidence",
    "D": "day 9 social-care specialist-assessment-decided initiate instrument=aim3 due=@40",
}

TABLE = """
R1   | S R | day 1 schools support-offered
R1   | S H R | day 1 social-care support-need-identified whose=child
R2   | S R M | day 3 social-care child-view-recorded
R2   | S R M | day 3 social-care family-view-recorded whose=mother
R3   | S R M | day 3 health admission
R5   | S R; day 9 social-care cf-assessment-completed contributors=social-care | day 10 social-care cf-assessment-completed contributors=health+social-care
R11  | S R M | day 3 schools hsb-view-recorded hsb_class=problematic
R12  | S R M | day 3 social-care behaviour-considered force=absent
R13  | S R M | day 3 social-care behaviour-considered causes_distress=present
R14  | S R | day 1 social-care contact-child-identified child=same-incident:ben
R15  | day 0 schools sexual-behaviour-incident part=has-sexually-harmed hsb_forms=peer-on-peer | day 2 social-care behaviour-considered
R18  | day 0 police offence-reported part=has-sexually-harmed hsb_forms=sexual-texts | day 2 police image-sharing-considered consensual=yes
R19  | S; day 1 police image-sharing-considered bullying=yes | day 2 social-care referral-outcome-set outcome=strategy-meeting
R28  | S R | day 3 schools parent-support-offered
R29  | S | day 0.1 schools referral-made
R56  | S R M | day 2 social-care planning-factor-answered factor=immediate-protection answer=considered
R57  | S R M | day 2 social-care planning-factor-answered factor=ages answer=considered
R58  | S R M | day 2 social-care planning-factor-answered factor=seriousness answer=considered
R59  | S R M | day 2 social-care planning-factor-answered factor=vulnerability answer=not-relevant
R60  | S R M | day 2 social-care planning-factor-answered factor=parents-ability-to-protect answer=considered
R61  | S R M | day 2 social-care planning-factor-answered factor=agencies-involved answer=considered
R62  | S R M | day 2 social-care planning-factor-answered factor=siblings answer=considered
R62  | S R; day 1 schools concern-logged child=sibling:cai | day 2 social-care sibling-considered
R63  | S R M | day 2 social-care planning-factor-answered factor=shared-living answer=considered
R63  | S R; day 1 social-care shared-living-noted | day 2 social-care risk-management-plan stage=agreed settings_covered=placement
R64  | S R M | day 2 social-care planning-factor-answered factor=harm-away-from-home answer=considered
R65  | S R M | day 2 social-care planning-factor-answered factor=parents-response answer=considered
R66  | S R M | day 2 social-care planning-factor-answered factor=own-abuse answer=considered
R67  | S R M | day 2 social-care planning-factor-answered factor=adults-involved answer=considered
R68  | S R M | day 2 social-care planning-factor-answered factor=education answer=considered
R68  | S R M | day 3 schools education-arranged arrangement=attends
R68  | S R; day 3 schools suspension | day 4 schools school-risk-assessed
R69  | S R M | day 2 social-care planning-factor-answered factor=health answer=considered
R69  | H R M | day 3 health health-needs-considered
R70  | S R M | day 2 social-care planning-factor-answered factor=prosecution answer=considered
R70  | S R; day 5 youth-justice court-outcome convicted | day 9 youth-justice assessment stage=completed
R71  | S R M | day 2 social-care planning-factor-answered factor=records-requested answer=considered
R72  | S R M | day 2 social-care planning-factor-answered factor=single-point-of-contact answer=considered
R72  | H R M | day 3 early-help allocation worker:w1 role=single-point-of-contact
R73  | S R M | day 2 social-care planning-factor-answered factor=absent-agencies answer=considered
R73  | S R; day 2 social-care strategy-meeting-held meeting:m1 apologies=health | day 2.5 social-care update-duty-done meeting:m1 about_agency=health
R74  | S R M | day 2 social-care planning-factor-answered factor=specialist-assessment answer=considered
R74  | S R M | day 3 social-care specialist-assessment-decided initiate=false
R75  | S R M | day 2 social-care planning-factor-answered factor=specialist-assessor answer=considered
R75  | S R M D | day 20 social-care instrument-result instrument=aim3 trained
R76  | S R M | day 2 social-care planning-factor-answered factor=consent answer=considered
R76  | S R M D | day 10 social-care consent-recorded of=child stage=given to=aim3
R77  | S R M | day 2 social-care planning-factor-answered factor=paperwork answer=considered
R77  | S R; day 3 social-care paperwork wanted_for=specialist-assessment due=@9 | day 8 health paperwork wanted_for=specialist-assessment stage=supplied
R78  | S R M | day 2 social-care planning-factor-answered factor=other-assessments answer=considered
R78  | S R; day 3 social-care paperwork wanted_for=prosecution-service due=@9 | day 8 health paperwork wanted_for=prosecution-service stage=supplied
R79  | S R M | day 2 social-care planning-factor-answered factor=consent-to-share answer=considered
R79  | S R; day 3 social-care paperwork wanted_for=prosecution-service | day 4 social-care disclosure-considered recipient=cps decision=share
R80  | S R D; day 20 police police-enquiry-outcome outcome=charged | day 30 social-care instrument-result instrument=aim3 trained
R81  | S H R M | day 3 police interview-order-decided
R83  | S R X | day 12 social-care multi-agency-meeting kind=reconvened
R84  | S R X | day 8 police family-informed stage=agreed
R84  | S R X; day 8 police family-informed stage=agreed | day 10 police family-informed stage=told
R86  | S R; day 5 social-care interview-held interviewed_as=alleged-to-have-harmed first conducted_by=social-care | day 4 police interview-exception-agreed ground=disability
R87  | S R; day 5 police admission-noted | day 5.1 police admission-course-agreed course=separate-interview
R87  | S R; day 5 police admission-course-agreed course=separate-interview | day 6 police interview-held interviewed_as=alleged-to-have-harmed
R89  | S R; day 2 social-care s47-started | day 3 schools safety-measure kind=supervision
R92  | S R; day 1 schools move kind=new-school | day 3 schools paperwork wanted_for=school stage=supplied
R93  | S R; day 3 social-care context-noted context=neglect | day 9 social-care conference-considered decision=to-be-held
R93  | S H R M | day 9 social-care conference-considered decision=to-be-held
R93  | S R M C | day 12 social-care conference kind=initial
R94  | S R A | day 9 schools strength-noted
R95  | S R A | day 10 social-care response-decided level_of_need=four
R97  | S R A; day 10 social-care response-decided level_of_need=four | day 12 youth-justice intervention stage=started
R97  | S R; day 10 social-care intervention family_involved=false | day 12 social-care intervention family_involved
R100 | S R C | day 9.1 social-care conference-considered decision=to-be-held invite_youth_justice=yes
R101 | S R; day 12 social-care conference kind=initial | day 12.1 social-care services-considered needed=yes
R101 | S R; day 12 social-care conference kind=initial decision=plan-made | day 15 social-care multi-agency-meeting kind=core-group
R101 | S R; day 12 social-care conference kind=initial decision=plan-made | day 55 social-care conference kind=review
R102 | S R; day 12 social-care conference kind=initial decision=no-plan | day 13 social-care services-considered needed=yes
R103 | S R N | day 10 social-care family-safety-plan stage=considered
R104 | S R N | day 10 social-care response-decided level_of_need=three
R106 | S R; day 5 social-care action-assigned action:a1 to_agency=health due=@9 | day 8 health action-done action:a1
R106 | S R; day 5 social-care multi-agency-meeting actions_named=false | day 5.1 social-care action-assigned action:a1 to_agency=health
R107 | S R | day 20 schools child-view-recorded
R108 | S R N | day 12 social-care multi-agency-meeting kind=child-in-need
R110 | S R; day 50 social-care early-help stage=transfer-out | day 50.1 social-care step-down-proposed reason=written
R110 | S R; day 50 social-care early-help stage=transfer-out | day 51 social-care multi-agency-meeting kind=step-down
R111 | S R; day 2 social-care strategy-meeting-held meeting:m1 attended=police; day 9 social-care multi-agency-meeting kind=child-in-need meeting:m2 invited=health | day 8 social-care multi-agency-meeting-arranged kind=child-in-need meeting:m2 invited=health+schools+police planned_for=2026-03-11T09:00:00Z
R112 | S R A | day 12 social-care multi-agency-meeting kind=after-assessment
R113 | S R; day 9 social-care multi-agency-meeting kind=after-assessment | day 9.1 social-care multi-agency-meeting kind=other specialist_input
R114 | S R A | day 10 social-care risk-management-plan stage=agreed responsible_agency=youth-justice
R115 | S R P; day 5 schools concern-logged place=school:s1 | day 12 social-care risk-management-plan stage=reviewed settings_covered=home+school
R117 | S R P; day 9 social-care review-frequency-set of=risk-management-plan every_days=42 | day 40 social-care review-held of=risk-management-plan
R117 | H R; day 5 health support-offered stage=accepted; day 9 social-care review-frequency-set of=support every_days=42 | day 40 social-care review-held of=support
R118 | S R P | day 9 social-care review-frequency-set of=risk-management-plan every_days=42 reason=written
R119 | S R; day 20 health engagement stage=failed | day 22 social-care group-notified
R120 | S R; day 22 social-care group-notified | day 25 social-care reengagement-planned
R121 | S R; day 22 social-care group-notified single_agency | day 25 social-care professionals-meeting-held
R121 | S R; day 25 social-care professionals-meeting-held invited=police | day 26 social-care professionals-meeting-held invited=police+social-care+youth-justice
R122 | S R; day 20 social-care area-move moving_in | day 22 social-care strategy-meeting held
R122 | S R; day 20 social-care area-move moving_in | day 21 social-care history-requested from_authority=durham
R122 | S R; day 21 social-care history-requested from_authority=durham | day 23 social-care history-received from_authority=durham
R123 | S R; day 10 youth-justice court-outcome convicted offence_category=rape; day 20 youth-justice release stage=planned release_date=@60 | day 30 youth-justice mappa-notified
R123 | S R; day 10 youth-justice court-outcome convicted; day 20 youth-justice release stage=planned release_date=@60 | day 30 youth-justice mappa-notified
R126 | S R | day 20 social-care csa-possibility-explored
R130 | S | day 0.1 schools concern-raised-internally
R132 | S R | day 1 social-care contact-child-identified setting=school
"""

DEPARTS = """
R85  | S R | day 5 social-care interview-held interviewed_as=alleged-to-have-harmed first conducted_by=social-care
R90  | S R | day 3 social-care s47-not-started
R93  | S R | day 9 social-care conference-considered decision=not-to-be-held
R109 | S R | day 9 social-care step-down-proposed to_universal_services
R109 | S R | day 9 social-care pathway-closed outcome=universal-support-with-named-contact
R118 | S R | day 9 social-care review-frequency-set of=support every_days=42
R131 | S R | day 9 social-care response-decided level_of_need=three with_family=no
R131 | S R | day 9 social-care disclosure-considered recipient=cps decision=share family_told=no
"""
"""What departs from what is usual: recorded all the same, and asked why until a reason is."""


def drawn(table):
    """Row, and stories in full."""
    for line in filter(None, map(str.strip, table.splitlines())):
        row, *cells = (cell.strip() for cell in line.split("|"))
        yield row, *map(told, cells)


def told(cell):
    letters, _, rest = cell.partition(";") if not cell.startswith("day") else ("", "", cell)
    return "\n".join([*(SHORT[letter] for letter in letters.split()), *rest.split(";")])


def named(row):
    """The number as tests are named: r007."""
    return f"r{int(row[1:]):03}"


ROWS = sorted({row for table in (TABLE, DEPARTS) for row, *_ in drawn(table)}, key=lambda row: int(row[1:]))
