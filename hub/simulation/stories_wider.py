"""Stories of the wider safeguarding rules; `stories.py` puts them with the others."""

FLAGGED: dict[str, list[tuple[str, list[float]]]] = {
    "P05": [
        (
            """day 0   social-care  risk-management-plan  stage=started
               day 30  schools      move  kind=new-school
               now 52""",
            [0, 30],
        ),
        (
            """day 0   social-care  risk-management-plan  stage=started
               day 30  health       registration-changed  place=placement:elm""",
            [0, 30],
        ),
    ],
    "P28": [
        (
            """day 0    social-care  plan  kind=cp-plan  stage=started
               day 365  schools      move  kind=home-education
               now 548""",
            [0, 365],
        ),
        (  # while an enquiry is open nobody waits for health
            """day 0   social-care  section-47  stage=started
               day 10  schools      move  kind=off-roll""",
            [0, 10],
        ),
    ],
    "P29": [
        (
            """day 0         police   domestic-abuse-incident  person=adult-of-concern:lee
               @ben day 900  schools  concern-logged  person=adult-of-concern:lee""",
            [0],
        ),
    ],
    "P31": [
        (
            """day 0   housing  household-changed  kind=new-adult  person=household:lee
               day 90  police   protection-notice  person=adult-of-concern:lee""",
            [0, 90],
        ),
    ],
    "P13": [
        (
            """day 0   police         offence-reported  part=has-sexually-harmed
               day 5   youth-justice  intervention  stage=started
               day 11  health         camhs  stage=closed
               now 25""",
            [0, 5, 11],
        ),
        (  # the risk is known to youth justice alone
            """day 0   social-care    allocation
               day 8   youth-justice  intervention  stage=started  part=has-sexually-harmed
               day 11  social-care    closed
               now 25""",
            [8, 11],
        ),
    ],
    "P15": [
        (
            """day 0   health   registration-changed  child=sibling:ben
               @ben day 3  social-care  assessment  stage=completed
               day 11  schools  sexual-behaviour-incident  part=has-sexually-harmed
               now 25""",
            [0, 11],
        ),
        (  # the sibling became known to another agency afterwards
            """day 0   police   offence-reported  part=has-sexually-harmed
               day 11  housing  household-changed  kind=moved-in  child=sibling:ben
               now 25""",
            [0, 11],
        ),
    ],
    "P09": [
        (
            """day 0    schools  sexual-behaviour-incident  part=has-sexually-harmed  person=household:lee
               day 900  police   protection-notice  person=adult-of-concern:lee""",
            [0, 900],
        ),
        (  # the risk stands on another child's record
            """day 0   social-care  contact  part=has-sexually-harmed
               day 9   schools      concern-logged  person=older-associate:lee
               @ben day 30  police  domestic-abuse-incident  person=adult-of-concern:lee""",
            [0, 9],
        ),
    ],
    "P34": [
        (
            """day 0   youth-justice  intervention  stage=started
               day 20  schools        concern-logged  significance=significant
               now 28""",
            [0, 20],
        ),
        (
            """day 0   health  camhs  stage=seen
               day 30  health  appointment-missed
               day 60  police  missing-episode
               day 90  schools  disclosure
               now 121""",
            [0, 30, 60, 90],
        ),
    ],
    "P35": [
        (
            """day 0  health   injury-noted  account_how=fall
               day 2  schools  concern-logged  account_how=burn""",
            [0, 2],
        ),
        (  # one incident by its reference
            """day 0  health  emergency-attendance  account_who=alone  incident=a
               day 9  police  protection-notice  account_who=uncle  incident=a""",
            [0, 9],
        ),
        (  # written down in the hub itself by whoever was told
            """day 0  health   account-recorded  account_how=fall  account_where=home
               day 1  schools  account-recorded  account_how=burn""",
            [0, 1],
        ),
    ],
    "P10": [
        (
            """day 0    schools  sexual-behaviour-incident  technology  child=contact:ben+contact:cal
               day 183 police offence-reported part=has-sexually-harmed hsb_forms=exposing-others-to-porn""",
            [0, 183],
        ),
        (
            """day 0   police   offence-reported  hsb_forms=grooming  part=has-been-sexually-harmed
               day 30  schools  concern-logged  category=online""",
            [0, 30],
        ),
    ],
    "P18": [
        (
            """day 0   police   missing-episode
               day 30  police   missing-episode
               day 60  police   missing-episode
               day 90  schools  suspension""",
            [0, 30, 60, 90],
        ),
    ],
    "P19": [
        (
            """day 0   schools  exclusion
               day 30  police   missing-episode""",
            [0, 30],
        ),
        (
            """day 0   youth-justice  caution
               day 20  health         emergency-attendance  injury""",
            [0, 20],
        ),
    ],
    "P21": [
        (
            """day 0    police  domestic-abuse-incident
               day 365  health  injury-noted  age=0""",
            [0, 365],
        ),
        (
            """day 0   housing  household-changed  kind=new-adult
               day 40  health   emergency-attendance  injury  age=0""",
            [0, 40],
        ),
    ],
    "P22": [
        (
            """day 0    schools  concern-logged  category=hunger
               day 30   schools  concern-logged  category=hunger
               day 60   health   concern-noted  category=weight-falling
               day 183  police   domestic-abuse-incident""",
            [0, 30, 60, 183],
        ),
    ],
    "P23": [
        (
            """day 0    health   appointment-missed  was_not_brought  service=dental
               day 60   health   appointment-missed  was_not_brought  service=eyes
               day 183  health   appointment-missed  was_not_brought  service=dental
               day 190  schools  attendance-summary  percent=89""",
            [0, 60, 183, 190],
        ),
        (  # one is enough on a plan for neglect
            """day 0   social-care  plan  kind=cp-plan  stage=started  category_of_abuse=neglect
               day 40  health       appointment-missed  was_not_brought  service=dental""",
            [0, 40],
        ),
    ],
    "P24": [
        (
            """day 0   social-care  engagement  stage=positive
               day 20  health       camhs  stage=did-not-engage
               day 90  early-help   engagement  stage=failed""",
            [0, 20, 90],
        ),
    ],
    "P25": [
        (
            """day 0    police   domestic-abuse-incident
               day 90   police   domestic-abuse-incident
               day 200  police   domestic-abuse-incident
               day 365  schools  concern-logged  category=behaviour""",
            [0, 90, 200, 365],
        ),
    ],
    "P27": [
        (
            """day 0    housing  household-changed  kind=moved-in
               day 300  health   registration-changed  new_area
               day 730  schools  move  kind=new-school
               day 735  police   protection-notice""",
            [0, 300, 730, 735],
        ),
    ],
    "P32": [
        (
            """day 0    health   sexual-health-contact  age=14
               day 183  schools  concern-logged  category=older-associates""",
            [0, 183],
        ),
        (
            """day 0   police  missing-episode  found_with_adult
               day 40  health  pregnancy  age=12""",
            [0, 40],
        ),
    ],
    "P33": [
        (
            """day 0   social-care  closed  agencies_active=early-help
               day 28  early-help   engagement  stage=ended  agencies_active=social-care""",
            [0, 28],
        ),
    ],
    "P36": [
        (
            """day 0    police   domestic-abuse-incident
               day 100  housing  concern-noted  category=eviction
               day 365  schools  concern-logged  category=emotional-harm""",
            [0, 100, 365],
        ),
    ],
    "P37": [
        (
            """day 0    schools  concern-logged  category=appearance
               day 40   health   concern-noted  category=dental
               day 90   housing  concern-noted  category=home-conditions
               day 183  schools  concern-logged  category=hunger""",
            [0, 40, 90, 183],
        ),
    ],
    "P38": [
        (
            """day 0    schools  disclosure  category=worrying-sign
               day 730  health   injury-noted  site_code=genital""",
            [0, 730],
        ),
        (  # the meeting was before the second
            """day 0    schools      concern-logged  category=sexual-harm
               day 50   social-care  multi-agency-meeting
               day 100  police       protection-notice  concern_category=sexual-harm""",
            [0, 100],
        ),
    ],
}


def _near(code: str, number: int, *changes: tuple[str, str, str]) -> list[tuple[str, str]]:
    """The flagged story with one thing changed: why it is no longer enough, what stood there, what now."""
    text = FLAGGED[code][number][0]
    return [(why, text.replace(old, new, 1)) for why, old, new in changes]


LATER = (
    "day 20  schools        concern-logged  significance=significant\n               now 28",
    "day 184  schools  concern-logged  significance=significant",
)

NOT_FLAGGED: dict[str, list[tuple[str, str]]] = {
    "P05": [
        *_near(
            "P05",
            0,
            ("the plan had ended", "stage=started", "stage=ended"),
            ("too early: the Easter holidays are no school days", "now 52", "now 51"),
        ),
        *_near(
            "P05",
            1,
            ("not another placement", "place=placement:elm", "place=home:elm"),
            (
                "social care's own move",
                "health       registration-changed",
                "social-care  placement-moved",
            ),
            ("the plan had ended", "stage=started", "stage=ended"),
        ),
        (
            "the plan was reviewed on the day",
            FLAGGED["P05"][1][0] + "\nday 30 social-care risk-management-plan stage=reviewed",
        ),
        ("reviewed since", FLAGGED["P05"][0][0] + "\nday 33 social-care risk-management-plan stage=reviewed"),
        ("social care's feed was not heard", FLAGGED["P05"][0][0] + "\nsilent social-care 34"),
    ],
    "P28": [
        *_near(
            "P28",
            0,
            ("a day late", "day 365", "day 366"),
            ("too early", "now 548", "now 547"),
            ("at another school", "kind=home-education", "kind=new-school"),
        ),
        ("seen by health", FLAGGED["P28"][0][0] + "\nday 500 health emergency-attendance"),
        ("health's feed was not heard", FLAGGED["P28"][0][0] + "\nsilent health 540"),
        (
            "the enquiry was completed",
            FLAGGED["P28"][1][0] + "\nday 11 social-care section-47 stage=completed",
        ),
    ],
    "P29": [
        *_near(
            "P29",
            0,
            (
                "another adult",
                "schools  concern-logged  person=adult-of-concern:lee",
                "schools  concern-logged",
            ),
            ("one agency", "schools  concern-logged", "police   protection-notice"),
        ),
        (
            "they share a home",
            FLAGGED["P29"][0][0].replace("of-concern:lee", "of-concern:lee child=sibling:ben", 1),
        ),
    ],
    "P31": [
        *_near(
            "P31",
            0,
            ("nobody at home", "person=household:lee", "person=household:kim"),
            ("one agency", "housing  household-changed", "police  household-changed"),
        ),
        (
            "an assessment names the adult",
            FLAGGED["P31"][0][0] + "\nday 95 social-care assessment stage=completed person=other-adult:lee",
        ),
        ("social care was not heard since", FLAGGED["P31"][0][0] + "\nsilent social-care 89"),
    ],
    "P13": [
        *_near(
            "P13",
            0,
            ("too early", "now 25", "now 24.9"),
            ("nobody is left", "stage=started", "stage=completed"),
            (
                "the same agency",
                "health         camhs  stage=closed",
                "youth-justice  engagement  stage=ended",
            ),
            ("no risk recorded", "has-sexually-harmed", "subject"),
        ),
        ("two are left", FLAGGED["P13"][0][0] + "\nday 6 social-care allocation"),
        ("another began since", FLAGGED["P13"][0][0] + "\nday 20 early-help engagement stage=positive"),
        ("they met", FLAGGED["P13"][0][0] + "\nday 14 social-care multi-agency-meeting kind=professionals"),
        ("social care's feed was not heard", FLAGGED["P13"][0][0] + "\nsilent social-care 20"),
    ],
    "P15": [
        *_near(
            "P15",
            0,
            ("too early", "now 25", "now 24.9"),
            ("looked at since", "@ben day 3", "@ben day 12"),
            ("one agency", "health   registration-changed", "schools  concern-logged"),
            ("no sibling", "child=sibling:ben", "child=contact:ben"),
            ("nothing significant", "part=has-sexually-harmed", "hsb_class=normal"),
        ),
        (
            "a meeting named the sibling",
            FLAGGED["P15"][0][0] + "\nday 14 social-care multi-agency-meeting child=sibling:ben",
        ),
        ("social care's feed was not heard", FLAGGED["P15"][0][0] + "\nsilent social-care 20"),
    ],
    "P09": [
        *_near(
            "P09",
            0,
            ("another adult", "person=household:lee", "person=household:kim"),
            ("one agency", "police   protection-notice", "schools  concern-logged"),
            ("no harmful behaviour", "part=has-sexually-harmed", "part=witness"),
        ),
        *_near(
            "P09",
            1,
            ("no longer a concern there", "adult-of-concern:lee", "other-adult:lee"),
            (
                "one agency",
                "@ben day 30  police  domestic-abuse-incident",
                "@ben day 30  schools  concern-logged",
            ),
        ),
    ],
    "P34": [
        *_near(
            "P34",
            0,
            ("too early", "now 28", "now 27.9"),
            ("its work is over", "stage=started", "stage=completed"),
            ("one agency", "schools        concern-logged", "youth-justice  concern-noted"),
            ("a concern long after", *LATER),
            ("one small concern", "  significance=significant", ""),
            ("nobody is concerned", "schools        concern-logged", "schools        strength-noted"),
        ),
        ("it was heard of since", FLAGGED["P34"][0][0] + "\nday 21 youth-justice assessment stage=started"),
        ("its feed was not heard", FLAGGED["P34"][0][0] + "\nsilent youth-justice 27"),
    ],
    "P35": [
        *_near(
            "P35",
            0,
            ("a day late: two incidents", "day 2", "day 3"),
            ("they agree", "account_how=burn", "account_how=fall"),
            ("they speak of different things", "account_how=burn", "account_where=school"),
            ("one agency", "schools  concern-logged", "health   emergency-attendance"),
        ),
        *_near("P35", 1, ("one tells more", "account_who=uncle", "account_who=uncle+alone")),
        *_near("P35", 2, ("no word on how", "account_how=burn", "account_where=home")),
    ],
    "P10": [
        *_near("P10", 0, ("a day late", "day 183", "day 184"), ("two children", "+contact:cal", "")),
        *_near("P10", 1, ("one agency", "schools  concern-logged", "police   concern-noted")),
        (
            "sharing between partners of similar age, and no more",
            """day 0 schools  sexual-behaviour-incident  technology hsb_forms=sexual-texts
               day 30  police   offence-reported  hsb_forms=sexual-texts""",
        ),
    ],
    "P18": _near(
        "P18",
        0,
        ("two episodes", "day 30  police   missing-episode", ""),
        ("a day late", "day 90", "day 91"),
        ("one agency", "schools  suspension", "police   missing-episode"),
    ),
    "P19": _near(
        "P19",
        0,
        ("a day late", "day 30", "day 31"),
        ("one kind", "schools  exclusion", "police   missing-episode"),
        ("one agency", "schools  exclusion", "police  suspect-interview"),
    ),
    "P21": [
        *_near("P21", 0, ("a day late", "day 365", "day 366"), ("over a year old", "age=0", "age=1")),
        *_near("P21", 1, ("nobody new", "kind=new-adult", "kind=moved-in")),
    ],
    "P22": _near(
        "P22",
        0,
        ("hungry once", "day 30   schools  concern-logged  category=hunger", ""),
        ("a day late", "day 183", "day 184"),
        ("two agencies", "health   concern-noted  category=weight-falling", "schools  concern-logged"),
    ),
    "P23": [
        *_near(
            "P23",
            0,
            ("one service", "service=eyes", "service=dental"),
            ("a day late", "day 183", "day 184"),
            ("in school", "percent=89", "percent=90"),
        ),
        *_near("P23", 1, ("a plan for something else", "=neglect", "=emotional")),
    ],
    "P24": _near(
        "P24",
        0,
        ("one failure", "day 20  health       camhs  stage=did-not-engage", ""),
        ("a day late", "day 90", "day 91"),
        ("nobody finds it goes well", "stage=positive", "stage=failed"),
    ),
    "P25": _near(
        "P25",
        0,
        ("two notices", "day 90   police   domestic-abuse-incident", ""),
        ("a day late", "day 365", "day 366"),
        ("no change in the child", "category=behaviour", "category=gifts"),
    ),
    "P27": _near(
        "P27",
        0,
        ("two moves", "day 300  health   registration-changed  new_area", ""),
        ("a day late", "day 730", "day 731"),
        ("within one area", "registration-changed  new_area", "registration-changed"),
        ("no concern", "day 735  police   protection-notice", ""),
    ),
    "P32": [
        *_near("P32", 0, ("a day late", "day 183", "day 184"), ("sixteen", "age=14", "age=16")),
        *_near("P32", 1, ("found alone", "found_with_adult", "")),
    ],
    "P33": [
        *_near(
            "P33",
            0,
            ("a day late", "day 28", "day 29"),
            ("one relies on nobody", "  agencies_active=social-care", ""),
        ),
        ("work was begun again", FLAGGED["P33"][0][0] + "\nday 30 social-care allocation"),
    ],
    "P36": _near(
        "P36",
        0,
        ("no effect on the child", "category=emotional-harm", "category=gifts"),
        ("a day late", "day 365", "day 366"),
        ("one difficulty", "category=eviction", "category=domestic-abuse"),
    ),
    "P37": _near(
        "P37",
        0,
        ("three signs", "day 40   health   concern-noted  category=dental", ""),
        ("a day late", "day 183", "day 184"),
        ("two agencies", "housing  concern-noted", "health  concern-noted"),
    ),
    "P38": [
        *_near(
            "P38",
            0,
            ("a day late", "day 730", "day 731"),
            (
                "one agency",
                "schools  disclosure  category=worrying-sign",
                "health   injury-noted  site_code=anal",
            ),
        ),
        (
            "a meeting afterwards saw both",
            FLAGGED["P38"][0][0] + "\nday 740 social-care conference kind=initial",
        ),
        ("social care was not heard since", FLAGGED["P38"][0][0] + "\nsilent social-care 729"),
    ],
}
