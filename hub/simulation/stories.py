"""Every rule's stories: those that flag, with the days of their evidence, and the nearest that must not.

A new rule adds its own here, to both tables: the tests of the rules ask them, and the simulation plants them
among its invented children.
"""

from hub.simulation import stories_wider

FLAGGED: dict[str, list[tuple[str, list[float]]]] = {
    "P01": [
        (
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 90   police   offence-reported  part=has-sexually-harmed  hsb_forms=sexual-harassment""",
            [0, 90],
        ),
        (  # exactly a year apart; the meeting was before the second
            """day 0    schools      suspension  sexual_misconduct
               day 30   social-care  multi-agency-meeting
               day 365  health       emergency-attendance  part=has-been-sexually-harmed""",
            [0, 365],
        ),
        (  # nobody at the meeting could speak of the police's incident
            """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed
               day 10   police       offence-reported  category=sexual  part=has-sexually-harmed
               day 20   social-care  multi-agency-meeting  agencies_present=schools+health""",
            [0, 10],
        ),
        (  # a carer told social care
            """day 0    social-care  contact  part=has-sexually-harmed
               day 40   schools      disclosure  category=sexual-harm""",
            [0, 40],
        ),
        (  # youth justice noted what it heard of
            """day 0   schools        sexual-behaviour-incident  part=has-sexually-harmed
               day 90  youth-justice  concern-noted  category=sexual-harm""",
            [0, 90],
        ),
    ],
    "P02": [
        (
            """day 0    schools  sexual-behaviour-incident  hsb_class=inappropriate
               day 200  police   offence-reported  part=has-sexually-harmed  hsb_class=abusive""",
            [0, 200],
        ),
        (
            """day 0    health         camhs  stage=seen  hsb_class=problematic
               day 730  youth-justice  assessment  stage=completed  hsb_class=violent""",
            [0, 730],
        ),
    ],
    "P03": [
        (
            """day 0    health   child-protection-medical  part=has-been-sexually-harmed
               day 900  schools  sexual-behaviour-incident  part=has-sexually-harmed""",
            [0, 900],
        ),
        (  # a strategy meeting for the child in one role is no answer
            """day 0    schools      disclosure  category=sexual-harm
               day 20   police       offence-reported  part=has-sexually-harmed
               day 22   social-care  strategy-meeting  held  for_child=has-sexually-harmed""",
            [0, 20],
        ),
    ],
    "P04": [
        (
            """day 0   police   offence-reported  part=has-sexually-harmed
               day 30  schools  move  kind=new-school  place=school:hill""",
            [0, 30],
        ),
        (  # the plan names another school
            """day 0   youth-justice  intervention  stage=started  part=has-sexually-harmed
               day 5   social-care    risk-management-plan  stage=started  place=school:hill
               day 30  schools        move  kind=managed-move  place=school:vale""",
            [0, 30],
        ),
        (  # the plan ended
            """day 0   social-care  assessment  stage=completed  hsb_class=abusive
               day 5   social-care  family-safety-plan  stage=agreed  settings_covered=club
               day 60  social-care  family-safety-plan  stage=ended
               day 90  schools      strength-noted  place=club:judo""",
            [0, 90],
        ),
        (
            """day 0  social-care  assessment  stage=completed  hsb_class=abusive
               day 9  police       domestic-abuse-incident  child=household:kit""",
            [0, 9],
        ),
    ],
    "P06": [
        (
            """day 0   youth-justice  release  stage=planned  release_date=@20
               day 21  schools        move  kind=new-school  new_area
               day 2   police         offence-reported  part=has-sexually-harmed
               now 24""",
            [0, 2, 21],
        ),
        (
            """day 0  police       offence-reported  part=has-sexually-harmed  hsb_class=violent
               day 7  social-care  area-move  moving_in
               now 10""",
            [0, 7],
        ),
        (
            """day 0   youth-justice  court-outcome  offence_category=serious-violence  convicted
               day 90  health         registration-changed  new_area
               now 93""",
            [0, 90],
        ),
        (  # the police's first entry of the child is that the family moved in
            """day 0  schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 7  police   household-changed  kind=moved-in  new_area
               now 11""",
            [0, 7],
        ),
    ],
    "P07": [
        (
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted
               day 300  youth-justice  release  stage=planned  release_date=@340
               now 327""",
            [0, 100, 300],
        ),
    ],
    "P08": [
        (
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 300  police   domestic-abuse-incident""",
            [0, 300],
        ),
        (
            """day 0   health       injury-noted  unexplained
               day 40  social-care  referral  part=has-sexually-harmed  age=9""",
            [0, 40],
        ),
        (
            """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed  age=8
               day 10   social-care  csa-possibility-explored
               day 730  social-care  plan  kind=cp-plan  stage=started  category_of_abuse=neglect""",
            [0, 730],
        ),
        (
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 100  health   concern-noted  category=soiling""",
            [0, 100],
        ),
    ],
    "P11": [
        (
            """day 0    schools  sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20   police   missing-episode
               day 150  schools  concern-logged  category=gifts""",
            [0, 20, 150],
        ),
        (
            """day 0    police         exploitation-concern  kind=sexual
               day 60   health         sexual-health-contact
               day 183  youth-justice  assessment  stage=started  part=has-sexually-harmed""",
            [0, 60, 183],
        ),
        (
            """day 0   schools        sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20  police         missing-episode
               day 30  youth-justice  concern-noted  category=older-associates""",
            [0, 20, 30],
        ),
    ],
    "P12": [
        (
            """day 0   schools        sexual-behaviour-incident  part=has-sexually-harmed
               day 10  health         camhs  stage=did-not-engage
               day 60  youth-justice  engagement  stage=failed""",
            [0, 10, 60],
        ),
        (
            """day 0   social-care  risk-management-plan  stage=started
               day 9   social-care  disengaged
               day 65  early-help   engagement  stage=failed""",
            [0, 9, 65],
        ),
    ],
    "P14": [
        (
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 30  police   investigation-outcome  outcome=no-further-action-evidence
               now 46""",
            [0, 30],
        ),
        (
            """day 0   social-care  strategy-meeting  held
               day 30  police       police-enquiry-outcome  outcome=out-of-court
               now 46""",
            [0, 30],
        ),
    ],
    "P16": [
        (
            """day 0   police   offence-reported  part=has-been-sexually-harmed
               day 30  schools  attendance-summary  change=-10
               day 90  health   self-harm""",
            [0, 30, 90],
        ),
        (
            """day 0   schools      disclosure  category=sexual-harm
               day 20  police       missing-episode
               day 50  social-care  placement-moved""",
            [0, 20, 50],
        ),
    ],
    "P17": [
        (
            """day 0  social-care  safety-measure  kind=keep-apart  child=same-incident:ben
               day 9  schools      concern-logged  child=same-incident:ben""",
            [0, 9],
        ),
        (
            """day 0        police   safety-measure  kind=keep-apart  child=same-incident:ben
               day 30       schools  move  kind=new-school  place=school:hill
               @ben day 3   schools  attendance-summary  percent=96  place=school:hill""",
            [0, 30],
        ),
        (  # on its last day
            """day 0   police       safety-measure  kind=keep-apart  place=placement:elms  until=@30
               day 30  social-care  placement-moved  place=placement:elms""",
            [0, 30],
        ),
    ],
    "P20": [
        (
            """day 0    health   emergency-attendance  injury  provider=RXP
               day 100  health   emergency-attendance  injury  provider=RXP
               day 300  health   emergency-attendance  injury  provider=RXP
               day 310  schools  concern-logged  category=injury""",
            [0, 100, 300, 310],
        ),
        (
            """day 0    health  emergency-attendance  injury  provider=RXP
               day 183  health  emergency-attendance  injury  provider=RTD
               day 20   police  domestic-abuse-incident""",
            [0, 20, 183],
        ),
    ],
    "P26": [
        (
            """day 0   schools  concern-logged  category=appearance
               day 30  health   appointment-missed  was_not_brought
               day 60  police   domestic-abuse-incident
               now 75""",
            [0, 30, 60],
        ),
        (  # two of the three were told to the front door
            """day 0   schools      concern-logged
               day 1   social-care  contact  source_agency=schools
               day 40  health       substance-concern
               day 80  police       protection-notice  concern_category=neglect
               day 81  social-care  contact  source_agency=police
               now 82""",
            [0, 40, 80],
        ),
        (
            """day 0   early-help  concern-noted
               day 30  health      concern-noted
               day 60  police      domestic-abuse-incident
               now 90""",
            [0, 30, 60],
        ),
    ],
    "P30": [
        (
            """day 0        police   missing-episode  place=public-place:park
               @ben day 20  schools  concern-logged  place=public-place:park
               @cal day 90  police   exploitation-concern  kind=criminal  place=public-place:park""",
            [0],
        ),
        (  # no place, but one group of children
            """day 0        police   missing-episode  child=contact:ben+contact:cal
               @ben day 20  schools  concern-logged  child=contact:cal
               @cal day 90  police   exploitation-concern  kind=criminal  child=contact:ben""",
            [0],
        ),
    ],
}

NOT_FLAGGED: dict[str, list[tuple[str, str]]] = {
    "P01": [
        ("one only", "day 0 schools sexual-behaviour-incident part=has-sexually-harmed"),
        (
            "a day too far apart",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 366  police   offence-reported  part=has-sexually-harmed""",
        ),
        (
            "one agency holds both",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 90   schools  sexual-behaviour-incident  part=has-sexually-harmed""",
        ),
        (
            "one incident told by three agencies",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  incident=field
               day 1    police   offence-reported  part=has-sexually-harmed
               day 20   health   emergency-attendance  part=has-sexually-harmed  incident=field""",
        ),
        (
            "one account retold",
            """day 0    schools  disclosure  category=sexual-harm  provenance=told-second-hand  teller=aunt
               day 60   police   protection-notice  concern_category=sexual-harm  teller=aunt""",
        ),
        (
            "a referral that passes on what the school said",
            """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed
               day 9    social-care  referral  source_agency=schools  part=has-sexually-harmed""",
        ),
        (
            "a meeting afterwards saw both",
            """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed
               day 10   police       offence-reported  part=has-sexually-harmed
               day 20   social-care  strategy-meeting  held  agencies_present=schools+police""",
        ),
        (
            "sharing between partners of similar age, and no more",
            """day 0    schools  sexual-behaviour-incident  hsb_forms=sexual-texts  part=has-sexually-harmed
               day 30   police   offence-reported  hsb_forms=sexual-texts  part=has-sexually-harmed""",
        ),
        (
            "found healthy with the Brook tool",
            """day 0    schools  sexual-behaviour-incident  brook=green
               day 30   police   offence-reported  part=has-sexually-harmed""",
        ),
        (
            "social care was not heard since: nobody can tell whether a meeting was held",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 90   police   offence-reported  part=has-sexually-harmed
               silent social-care 89""",
        ),
    ],
    "P02": [
        (
            "lower later",
            """day 0    police   offence-reported  part=has-sexually-harmed  hsb_class=abusive
               day 200  schools  sexual-behaviour-incident  hsb_class=inappropriate""",
        ),
        (
            "a day late",
            """day 0    schools  sexual-behaviour-incident  hsb_class=inappropriate
               day 731  police   offence-reported  part=has-sexually-harmed  hsb_class=abusive""",
        ),
        (
            "one agency",
            """day 0    schools  sexual-behaviour-incident  hsb_class=inappropriate
               day 200  schools  sexual-behaviour-incident  hsb_class=abusive""",
        ),
        (
            "two views of one incident",
            """day 0    schools      sexual-behaviour-incident  hsb_class=inappropriate
               day 2    social-care  assessment  stage=started  hsb_class=abusive""",
        ),
        (
            "the behaviour was another child's",
            """day 0    schools  sexual-behaviour-incident  hsb_class=inappropriate
               day 200  police   offence-reported  part=has-been-sexually-harmed  hsb_class=abusive""",
        ),
    ],
    "P03": [
        (
            "one role only",
            """day 0  health   child-protection-medical  part=has-been-sexually-harmed
               day 9  schools  disclosure  category=sexual-harm""",
        ),
        (
            "one agency knows both",
            """day 0  schools  disclosure  category=sexual-harm
               day 9  schools  sexual-behaviour-incident  part=has-sexually-harmed""",
        ),
        (
            "a conference considered both",
            """day 0   health       child-protection-medical  part=has-been-sexually-harmed
               day 9   schools      sexual-behaviour-incident  part=has-sexually-harmed
               day 12  social-care  conference  kind=initial""",
        ),
        (
            "one teller told both",
            """day 0  police   protection-notice  part=has-been-sexually-harmed  teller=aunt
               day 9  schools  concern-logged  part=has-sexually-harmed  teller=aunt""",
        ),
        (
            "social care was not heard since",
            """day 0   health   child-protection-medical  part=has-been-sexually-harmed
               day 9   schools  sexual-behaviour-incident  part=has-sexually-harmed
               silent social-care 8""",
        ),
    ],
    "P04": [
        (
            "the plan covers schools",
            """day 0   police       offence-reported  part=has-sexually-harmed
               day 5   social-care  risk-management-plan  stage=started  settings_covered=school
               day 30  schools      move  kind=new-school  place=school:hill""",
        ),
        (
            "the plan names the school",
            """day 0   police       offence-reported  part=has-sexually-harmed
               day 5   social-care  risk-management-plan  stage=started  place=school:hill
               day 30  schools      move  kind=new-school  place=school:hill""",
        ),
        (
            "educated at home now",
            """day 0   police   offence-reported  part=has-sexually-harmed
               day 30  schools  move  kind=new-school  place=school:hill
               day 90  schools  move  kind=home-education""",
        ),
        (
            "the behaviour was two years before",
            """day 0    police   offence-reported  part=has-sexually-harmed
               day 731  schools  move  kind=new-school  place=school:hill""",
        ),
        (
            "only one second-hand account",
            """day 0   police   offence-reported  part=has-sexually-harmed  provenance=told-second-hand
               day 30  schools  move  kind=new-school  place=school:hill""",
        ),
        (
            "social care has closed",
            """day 0   police       offence-reported  part=has-sexually-harmed
               day 20  social-care  closed
               day 30  schools      move  kind=new-school  place=school:hill""",
        ),
    ],
    "P06": [
        (
            "an hour before the 72 are over",
            """day 0  police       offence-reported  part=has-sexually-harmed
               day 7  social-care  area-move  moving_in
               now 9.95""",
        ),
        (
            "a time is set",
            """day 0  police       offence-reported  part=has-sexually-harmed
               day 7  social-care  area-move  moving_in
               day 8  social-care  strategy-meeting-arranged  planned_for=2026-03-12T10:00:00Z
               now 12""",
        ),
        (
            "nothing is known",
            """day 0  police       offence-reported  part=witness
               day 7  social-care  area-move  moving_in
               now 12""",
        ),
        (
            "moving out",
            """day 0  police       offence-reported  part=has-sexually-harmed
               day 7  social-care  area-move  moving_in=false
               now 12""",
        ),
        (
            "social care's feed was not heard",
            """day 0  police       offence-reported  part=has-sexually-harmed
               day 7  social-care  area-move  moving_in
               now 12
               silent social-care 9""",
        ),
    ],
    "P07": [
        (
            "eleven working days before",
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted
               day 300  youth-justice  release  stage=planned  release_date=@340
               now 325""",
        ),
        (
            "notified",
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted
               day 300  youth-justice  release  stage=planned  release_date=@340
               day 301  youth-justice  mappa-notification
               now 350""",
        ),
        (
            "not convicted",
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted=false
               day 300  youth-justice  release  stage=planned  release_date=@340
               now 350""",
        ),
        (
            "convicted of something else",
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted  offence_category=theft
               day 300  youth-justice  release  stage=planned  release_date=@340
               now 350""",
        ),
        (
            "youth justice's feed was not heard",
            """day 0    police         offence-reported  part=has-sexually-harmed  category=sexual
               day 100  youth-justice  court-outcome  convicted
               day 300  youth-justice  release  stage=planned  release_date=@340
               now 350
               silent youth-justice 310""",
        ),
    ],
    "P08": [
        (
            "explored since",
            """day 0    schools      sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 300  police       domestic-abuse-incident
               day 310  social-care  csa-possibility-explored""",
        ),
        (
            "thirteen",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age=13
               day 300  police   domestic-abuse-incident""",
        ),
        (
            "a day late",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 731  police   domestic-abuse-incident""",
        ),
        (
            "one agency",
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 30  schools  concern-logged  category=neglect""",
        ),
        (
            "the child was the one harmed",
            """day 0    schools  sexual-behaviour-incident  part=has-been-sexually-harmed  age=7
               day 300  police   domestic-abuse-incident""",
        ),
        (
            "social care was not heard since",
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  age=7
               day 300  police   domestic-abuse-incident
               silent social-care 299""",
        ),
    ],
    "P11": [
        (
            "one sign",
            """day 0   schools  sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20  police   missing-episode""",
        ),
        (
            "signs of one agency",
            """day 0   schools  sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20  police   missing-episode
               day 30  police   exploitation-concern  kind=sexual""",
        ),
        (
            "a day late",
            """day 0    schools  sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20   police   missing-episode
               day 184  schools  concern-logged  category=gifts""",
        ),
        (
            "criminal exploitation only",
            """day 0    schools  sexual-behaviour-incident  part=has-been-sexually-harmed
               day 20   police   exploitation-concern  kind=criminal
               day 150  schools  concern-logged  category=gifts""",
        ),
    ],
    "P12": [
        (
            "one agency",
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 10  health   camhs  stage=did-not-engage
               day 60  health   appointment-missed""",
        ),
        (
            "a day late",
            """day 0   schools        sexual-behaviour-incident  part=has-sexually-harmed
               day 10  health         camhs  stage=did-not-engage
               day 67  youth-justice  engagement  stage=failed""",
        ),
        (
            "no risk recorded",
            """day 10  health         camhs  stage=did-not-engage
               day 60  youth-justice  engagement  stage=failed""",
        ),
        (
            "one of them goes well",
            """day 0   schools        sexual-behaviour-incident  part=has-sexually-harmed
               day 10  health         camhs  stage=seen
               day 60  youth-justice  engagement  stage=failed""",
        ),
    ],
    "P14": [
        (
            "within ten working days, Easter between",
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 30  police   investigation-outcome  outcome=no-further-action-evidence
               now 45""",
        ),
        (
            "charged",
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 30  police   investigation-outcome  outcome=charged
               now 60""",
        ),
        (
            "they met",
            """day 0   schools      sexual-behaviour-incident  part=has-sexually-harmed
               day 30  police       investigation-outcome  outcome=no-further-action-evidence
               day 35  social-care  multi-agency-meeting  kind=reconvened
               now 60""",
        ),
        (
            "police know all of it",
            """day 0   police  offence-reported  part=has-sexually-harmed
               day 30  police  investigation-outcome  outcome=no-further-action-evidence
               now 60""",
        ),
        (
            "social care's feed was not heard",
            """day 0   schools  sexual-behaviour-incident  part=has-sexually-harmed
               day 30  police   investigation-outcome  outcome=no-further-action-evidence
               now 60
               silent social-care 45""",
        ),
    ],
    "P16": [
        (
            "a day late",
            """day 0   police   offence-reported  part=has-been-sexually-harmed
               day 30  schools  attendance-summary  change=-10
               day 91  health   self-harm""",
        ),
        (
            "one kind",
            """day 0   police   offence-reported  part=has-been-sexually-harmed
               day 30  schools  suspension
               day 60  schools  exclusion""",
        ),
        (
            "one agency",
            """day 0   police  offence-reported  part=has-been-sexually-harmed
               day 30  health  self-harm
               day 60  health  appointment-missed""",
        ),
        (
            "attendance hardly changed",
            """day 0   police   offence-reported  part=has-been-sexually-harmed
               day 30  schools  attendance-summary  change=-9
               day 60  health   self-harm""",
        ),
        (
            "before the harm",
            """day 10  police   offence-reported  part=has-been-sexually-harmed
               day 5   schools  suspension
               day 60  health   self-harm""",
        ),
    ],
    "P17": [
        (
            "another child",
            """day 0  social-care  safety-measure  kind=keep-apart  child=same-incident:ben
               day 9  schools      concern-logged  child=same-incident:cal""",
        ),
        (
            "ended before",
            """day 0  social-care  safety-measure  kind=keep-apart  child=same-incident:ben
               day 5  social-care  safety-measure  kind=keep-apart  stage=ended  child=same-incident:ben
               day 9  schools      concern-logged  child=same-incident:ben""",
        ),
        (
            "past its last day",
            """day 0   police       safety-measure  kind=keep-apart  place=placement:elms  until=@30
               day 31  social-care  placement-moved  place=placement:elms""",
        ),
        (
            "the same agency",
            """day 0  schools  safety-measure  kind=keep-apart  child=same-incident:ben
               day 9  schools  concern-logged  child=same-incident:ben""",
        ),
        (
            "a third child is at the school",
            """day 0       police   safety-measure  kind=keep-apart  child=same-incident:ben
               day 30      schools  move  kind=new-school  place=school:hill
               @cal day 3  schools  attendance-summary  percent=96  place=school:hill""",
        ),
    ],
    "P20": [
        (
            "two at one hospital",
            """day 0    health   emergency-attendance  injury  provider=RXP
               day 100  health   emergency-attendance  injury  provider=RXP
               day 110  schools  concern-logged  category=injury""",
        ),
        (
            "a day late",
            """day 0    health  emergency-attendance  injury  provider=RXP
               day 184  health  emergency-attendance  injury  provider=RTD
               day 20   police  domestic-abuse-incident""",
        ),
        (
            "health alone",
            """day 0    health  emergency-attendance  injury  provider=RXP
               day 100  health  emergency-attendance  injury  provider=RTD""",
        ),
        (
            "one fall, seen by hospital and practice",
            """day 0  health   emergency-attendance  injury  provider=RXP
               day 1  health   emergency-attendance  injury  provider=RTD
               day 2  schools  concern-logged  category=injury""",
        ),
        (
            "no injury",
            """day 0    health   emergency-attendance  injury=false  provider=RXP
               day 100  health   emergency-attendance  injury=false  provider=RTD
               day 110  schools  concern-logged  category=injury""",
        ),
    ],
    "P26": [
        (
            "two worries",
            """day 0   schools  concern-logged
               day 30  health   appointment-missed  was_not_brought
               now 75""",
        ),
        (
            "an assessment started",
            """day 0   schools      concern-logged
               day 30  health       appointment-missed  was_not_brought
               day 60  police       domestic-abuse-incident
               day 70  social-care  assessment  stage=started
               now 90""",
        ),
        (
            "all reached social care",
            """day 0   schools      concern-logged
               day 1   social-care  contact  source_agency=schools
               day 30  health       injury-noted
               day 31  social-care  contact  source_agency=health
               day 60  police       domestic-abuse-incident
               day 61  social-care  contact  source_agency=police
               now 90""",
        ),
        (
            "social care's feed was not heard",
            """day 0   schools  concern-logged
               day 30  health   appointment-missed  was_not_brought
               day 60  police   domestic-abuse-incident
               now 75
               silent social-care 13""",
        ),
        (
            "one agency",
            """day 0   schools  concern-logged
               day 30  schools  concern-logged
               day 60  schools  concern-logged
               now 90""",
        ),
        (
            "a day too far apart",
            """day 0    schools  concern-logged
               day 30   health   appointment-missed  was_not_brought
               day 366  police   domestic-abuse-incident
               now 400""",
        ),
        (
            "housing notes a concern, which is counted elsewhere",
            """day 0   housing  concern-noted
               day 30  health   concern-noted
               day 60  police   domestic-abuse-incident
               now 90""",
        ),
    ],
    "P30": [
        (
            "a brother and a sister are no group of peers",
            """day 0        police   missing-episode  child=sibling:ben+sibling:cal
               @ben day 20  schools  concern-logged  child=sibling:cal
               @cal day 90  police   exploitation-concern  kind=criminal  child=sibling:ben""",
        ),
        (
            "a group of two",
            """day 0        police   missing-episode  child=contact:ben
               @ben day 20  schools  concern-logged  child=contact:cal
               @ben day 40  police   missing-episode  child=contact:cal""",
        ),
        (
            "two children",
            """day 0        police   missing-episode  place=public-place:park
               @ben day 20  schools  concern-logged  place=public-place:park
               @ben day 30  police   missing-episode  place=public-place:park""",
        ),
        (
            "a day late",
            """day 0        police   missing-episode  place=public-place:park
               @ben day 20  schools  concern-logged  place=public-place:park
               @cal day 91  police   missing-episode  place=public-place:park""",
        ),
        (
            "one agency",
            """day 0        police  missing-episode  place=public-place:park
               @ben day 20  police  missing-episode  place=public-place:park
               @cal day 40  police  missing-episode  place=public-place:park""",
        ),
        (
            "another place",
            """day 0        police   missing-episode  place=public-place:park
               @ben day 20  schools  concern-logged  place=public-place:pier
               @cal day 40  police   missing-episode  place=public-place:park""",
        ),
        (
            "their school, which every entry names",
            """day 0        police   missing-episode  place=school:hill
               @ben day 20  schools  concern-logged  place=school:hill
               @cal day 40  police   missing-episode  place=school:hill""",
        ),
        (
            "one incident of three children",
            """day 0       police   missing-episode  place=public-place:park
               @ben day 0  schools  concern-logged  place=public-place:park
               @cal day 1  police   missing-episode  place=public-place:park""",
        ),
    ],
}

FLAGGED |= stories_wider.FLAGGED
NOT_FLAGGED |= stories_wider.NOT_FLAGGED
