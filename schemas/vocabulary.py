"""The guidance's terms and the field's codes: closed lists that events and rules share."""

from enum import StrEnum


class Agency(StrEnum):
    """An agency family (patterns §3.1 point 1); topics, signers and type prefixes carry it."""

    POLICE = "police"
    HEALTH = "health"
    SCHOOLS = "schools"
    SOCIAL_CARE = "social-care"
    YOUTH_JUSTICE = "youth-justice"
    EARLY_HELP = "early-help"
    HOUSING = "housing"
    PROBATION = "probation"


class Precision(StrEnum):
    """How exactly a time is known: a census gives days, a parent's memory a year."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class ChildPart(StrEnum):
    """The child's part in the event (guidance §1: agreed terms; R8)."""

    SUBJECT = "subject"
    HAS_SEXUALLY_HARMED = "has-sexually-harmed"
    HAS_BEEN_SEXUALLY_HARMED = "has-been-sexually-harmed"
    WITNESS = "witness"
    SIBLING = "sibling"
    IN_CONTACT = "in-contact"


class Provenance(StrEnum):
    """How the information came (guidance L80; R35)."""

    OBSERVED = "observed"
    TOLD_BY_CHILD = "told-by-child"
    TOLD_SECOND_HAND = "told-second-hand"
    THIRD_PARTY = "third-party"
    DISCOVERED = "discovered-document-or-device"
    INFERENCE = "professional-inference"
    NOT_SAID = "not-said"


class HowReceived(StrEnum):
    """The medium an account came by (guidance L80; R34)."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    DRAWN_OR_PLAYED = "drawn-or-played"
    ONLINE = "online"
    TELEPHONE = "telephone"
    OVERHEARD = "overheard"
    OTHER = "other"


class Nature(StrEnum):
    """Fact and opinion are kept apart (Data Protection Act 2018 s.38)."""

    FACT = "fact"
    VIEW = "professional-view"
    CHILD_WORDS = "child-words"
    FAMILY_WORDS = "family-words"


class Significance(StrEnum):
    """How much it matters, as the sender sees it. Set by people; never computed."""

    ROUTINE = "routine"
    NOTABLE = "notable"
    SIGNIFICANT = "significant"


class SharingBasis(StrEnum):
    """Why the agency may share it. Consent is not a basis for safeguarding (DfE 2024 rules)."""

    PUBLIC_TASK = "public-task"
    LEGAL_OBLIGATION = "legal-obligation"
    SAFEGUARDING = "safeguarding-dpa-2018-sch-1-para-18"
    LAW_ENFORCEMENT = "law-enforcement-dpa-2018-part-3"
    VITAL_INTERESTS = "vital-interests"


class LinkRelation(StrEnum):
    """How another child or person in the event stands to this child."""

    SIBLING = "sibling"
    HOUSEHOLD = "household"
    SAME_INCIDENT = "same-incident"
    POTENTIALLY_INVOLVED = "potentially-involved"
    CONTACT = "contact"
    PARENT = "parent"
    CARER = "carer"
    OLDER_ASSOCIATE = "older-associate"
    ADULT_OF_CONCERN = "adult-of-concern"
    OTHER_ADULT = "other-adult"
    PRACTITIONER = "practitioner"


class PlaceKind(StrEnum):
    """What a place is to the child (patterns P04, P17, P30)."""

    HOME = "home"
    SCHOOL = "school"
    PLACEMENT = "placement"
    CLUB = "club"
    PUBLIC_PLACE = "public-place"
    PREMISES = "premises"
    ONLINE = "online"


class BehaviourClass(StrEnum):
    """Hackett's continuum with the guidance's own classes (L20-22, L39-73; Q7). Set by people only."""

    NORMAL = "normal"
    INAPPROPRIATE = "inappropriate"
    PROBLEMATIC = "problematic"
    ABUSIVE = "abusive"
    VIOLENT = "violent"
    NOT_YET_DETERMINED = "not-yet-determined"


class HsbForm(StrEnum):
    """The forms harmful sexual behaviour takes (guidance L24-34; R15-R17). Packs may add."""

    PEER_ON_PEER = "peer-on-peer"
    PROBLEMATIC_BEHAVIOUR = "problematic-sexual-behaviour"
    PORN_USE = "porn-use"
    SEXUAL_HARASSMENT = "sexual-harassment"
    GROOMING = "grooming"
    SEXUAL_TEXTS = "sexual-texts"
    EXPOSING_OTHERS_TO_PORN = "exposing-others-to-porn"
    INDECENT_IMAGES = "indecent-images-or-extreme-porn"
    VOYEURISM = "voyeurism"
    OTHER = "other"


class RecognitionFeature(StrEnum):
    """Features of behaviour, as prompts (guidance L39-73; R21-R24). Never totalled."""

    # healthy
    AGE_APPROPRIATE = "age-appropriate"
    MUTUAL = "mutual"
    CONSENSUAL = "consensual"
    EXPLORATORY = "exploratory"
    NO_INTENT_TO_HARM = "no-intent-to-harm"
    FUN = "fun"
    NO_POWER_DIFFERENTIAL = "no-power-differential"
    SHARED_DECISIONS = "shared-decisions"
    # problematic
    NOT_AGE_APPROPRIATE = "not-age-appropriate"
    ONE_OFF_OR_LOW_KEY = "one-off-or-low-key"
    PEER_PRESSURE = "peer-pressure"
    SPONTANEOUS = "spontaneous"
    SELF_DIRECTED = "self-directed"
    BALANCING_FACTORS = "balancing-factors"
    OTHERS_UNCOMFORTABLE_NOT_SCARED = "others-uncomfortable-not-scared"
    CARERS_CONCERNED_AND_SUPPORTIVE = "carers-concerned-and-supportive"
    # abusive
    PLANNING_SECRECY_FORCE_OR_NO_CONSENT = "planning-secrecy-force-coercion-or-no-consent"
    POWER_DIFFERENTIAL = "power-differential"
    OTHERS_FEAR_ANXIETY = "others-fear-anxiety-discomfort"
    CHILD_FEAR_ANGER = "child-fear-anger-aggression"
    BLAMES_OTHERS = "blames-others-no-responsibility"
    FREQUENT_OR_INCREASING = "frequent-or-increasing"
    NOT_EASILY_DISTRACTED = "not-easily-distracted-compulsive"
    OTHER_DIFFICULT_BEHAVIOURS = "other-difficult-behaviours"
    EXPRESSIVE_VIOLENCE = "expressive-violence"
    # violent
    PHYSICALLY_VIOLENT = "physically-violent"
    HIGHLY_INTRUSIVE = "highly-intrusive"
    INSTRUMENTAL_VIOLENCE = "instrumental-violence"
    SADISM = "sadism"
