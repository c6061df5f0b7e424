"""Shares that were considered on a child, as codes alone: what counts of them are made from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from hub.confidentiality.keys import KeyRing
from hub.domain.access import Closing, MashQuestion, Told
from hub.domain.calendar import LONDON
from hub.domain.child import Child
from hub.domain.timeline import Fact, Facts
from hub.records.reading import facts_of
from hub.sharing.front_door import FrontDoor
from schemas.case_event import types_of
from schemas.protocol import (
    DisclosureConsidered,
    EncompassNotice,
    EncompassStage,
    InformationDeclined,
    InformationNoneHeld,
    InformationSupplied,
    MandatoryReport,
    NotToldBecause,
    ObjectionAnswer,
    ReportStage,
    SharingDecision,
    WithheldBecause,
)

ACTS = (
    DisclosureConsidered,
    InformationSupplied,
    InformationDeclined,
    InformationNoneHeld,
    EncompassNotice,
    MandatoryReport,
)
TYPES = frozenset(type_ for act in ACTS for type_ in types_of(act))
WAITS, DECIDED, SHARED, WITHHELD, NOTHING = "waits", "decided", "shared", "withheld", "nothing"
"""What became of a share: nobody answered yet; to be shared; shared; withheld; there was nothing to share."""
BEYOND, AGENCY, MASH, CLOSED = "beyond-the-table", "asked-of-an-agency", "asked-of-the-mash", "entries-closed"
SCHOOL, DUTY = "school-told", "mandatory-report"
"""How it came up: in an act, by a request for information, by a question to the MASH, by closing entries; by
law: a school told of domestic abuse, a mandatory report."""
ANSWERED = {Told.SHARED: SHARED, Told.WITHHELD: WITHHELD, Told.NOTHING: NOTHING}
BECAME = {InformationSupplied: SHARED, InformationDeclined: WITHHELD, InformationNoneHeld: NOTHING}
REPORTED = {ReportStage.MADE: SHARED, ReportStage.DELAYED: DECIDED, ReportStage.NOT_OWED: NOTHING}
DETRIMENTAL = WithheldBecause.MORE_DETRIMENTAL_TO_THE_CHILD.value
NOT_SAID = "not-said"


class Considered(msgspec.Struct, frozen=True, omit_defaults=True):
    """One share that was considered: codes of `schemas.protocol` and of this module, no word of anybody's.

    Empty where it does not arise, or nobody asks it. `told`: `both`, `family`, `child`, or why neither was.
    """

    came_up: str
    became: str
    purpose: str = ""
    how_far: str = ""
    told: str = ""
    objection: str = ""
    why: str = ""
    year: int = 0
    """The year in which the act was done, the question asked, the entry closed; London time."""


def considered(records: Sequence[Child], facts: Facts, door: FrontDoor, keys: KeyRing) -> list[Considered]:
    """Every share that was considered on a child, also one the front door does not know of.

    `facts` are those it does know of. An act that was corrected or taken back counts as it stands now; an
    entry that was opened again to the agency it was kept from does not.
    """
    acts = [kept.entry for r in records for kept in r.entries.values() if kept.entry.type in TYPES]
    if not all(door.sees(records, entry) for entry in acts):
        facts = facts_of(records, keys)
    said = [(fact.at, one) for fact in facts.of(*ACTS) for one in _of_act(fact)] if acts else []
    return [replace(one, year=at.astimezone(LONDON).year) for at, one in (*said, *_of_access(records))]


def _of_access(records: Iterable[Child]) -> Iterator[tuple[datetime, Considered]]:
    for record in records:
        for question in record.access.questions.values():
            yield question.at, _of_question(question)
        for restriction in record.access.closed.values():
            if restriction.closed.what is Closing.NOT_SHARED:
                yield restriction.at, Considered(CLOSED, WITHHELD, why=DETRIMENTAL)


def _of_question(question: MashQuestion) -> Considered:
    became = ANSWERED[question.answered.outcome] if question.answered else WAITS
    return Considered(MASH, became, why=DETRIMENTAL if became == WITHHELD else "")


def _of_act(fact: Fact) -> Iterator[Considered]:
    say = _sayer(fact)
    if fact.kind is DisclosureConsidered:
        yield _of_share(fact, say)
    elif fact.kind is MandatoryReport:
        yield Considered(DUTY, REPORTED[ReportStage(say("stage"))])
    elif fact.kind is not EncompassNotice:
        became = BECAME[fact.kind]
        yield Considered(AGENCY, became, why=NOT_SAID if became == WITHHELD else "")
    elif say("stage") == EncompassStage.NOT_TOLD:
        yield Considered(SCHOOL, WITHHELD, why=say("withheld_because") or NOT_SAID)
    elif say("stage") == EncompassStage.TOLD:  # what the school received is the same share
        yield Considered(SCHOOL, SHARED)


def _of_share(fact: Fact, say: Callable[[str], str]) -> Considered:
    if say("decision") == SharingDecision.WITHHOLD:
        became = WITHHELD
    else:
        became = SHARED if say("shared_on") else DECIDED
    return Considered(
        BEYOND,
        became,
        say("purpose"),
        say("how_far") if became != WITHHELD else "",
        _told(say) if became != WITHHELD else "",
        (say("objection_answer") or ObjectionAnswer.NOT_ANSWERED_YET) if fact.get("objection_of") else "",
        (say("withheld_because") or NOT_SAID) if became == WITHHELD else "",
    )


def _told(say: Callable[[str], str]) -> str:
    told = [name for name in ("family", "child") if say(f"{name}_told") == "yes"]
    if told:
        return "both" if len(told) > 1 else told[0]
    untold = "no" in (say("family_told"), say("child_told"))
    return (say("not_told_because") or NotToldBecause.OTHER) if untold else NOT_SAID


def _sayer(fact: Fact) -> Callable[[str], str]:
    return lambda name: str(fact.get(name) or "")
