"""What an entry is about, so that a chronology can be read by theme: each type of event has one."""

from enum import StrEnum


class Theme(StrEnum):
    """A theme of a chronology, in the order they are offered."""

    SEXUAL_BEHAVIOUR = "sexual-behaviour"
    MISSING_AND_EXPLOITATION = "missing-and-exploitation"
    INJURY_AND_HEALTH = "injury-and-health"
    SCHOOL = "school"
    HOME = "home"
    JUSTICE = "justice"
    MEETINGS_AND_DECISIONS = "meetings-and-decisions"
    STRENGTHS_AND_SUPPORT = "strengths-and-support"


OF: dict[Theme, tuple[str, ...]] = {
    Theme.SEXUAL_BEHAVIOUR: (
        "sexual-behaviour-incident",
        "disclosure",
        "offence-reported",
        "hsb-view-recorded",
        "account-recorded",
        "child-reassured",
        "csa-possibility-explored",
        "child-protection-medical",
        "sexual-health-contact",
    ),
    Theme.MISSING_AND_EXPLOITATION: ("missing-episode", "exploitation-concern", "return-interview"),
    Theme.INJURY_AND_HEALTH: (
        "emergency-attendance",
        "admission",
        "injury-noted",
        "self-harm",
        "camhs",
        "substance-concern",
        "pregnancy",
        "appointment-missed",
        "registration-changed",
    ),
    Theme.SCHOOL: (
        "absence",
        "attendance-summary",
        "suspension",
        "exclusion",
        "move",
        "part-time-timetable",
        "send-support",
        "concern-logged",
    ),
    Theme.HOME: (
        "domestic-abuse-incident",
        "protection-notice",
        "protection-used",
        "placement-moved",
        "looked-after",
        "area-move",
    ),
    Theme.JUSTICE: (
        "investigation-outcome",
        "suspect-interview",
        "abe-interview",
        "caution",
        "court-outcome",
        "release",
        "mappa-notification",
        "intelligence",
        "police-enquiry-opened",
        "police-enquiry-outcome",
    ),
    Theme.STRENGTHS_AND_SUPPORT: (
        "strength-noted",
        "support-offered",
        "engagement",
        "early-help",
        "intervention",
        "safety-measure",
        "family-safety-plan",
    ),
}
_BY_KIND = {kind: theme for theme, kinds in OF.items() for kind in kinds}


def theme_of(type_: str) -> Theme:
    """The theme of a type of event; what is none of the others is work of meetings and decisions."""
    return _BY_KIND.get(type_.split(".")[1], Theme.MEETINGS_AND_DECISIONS)
