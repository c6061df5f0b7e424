"""What each kind of youth justice record says, field by field: the sender's names in quotes."""

from collections.abc import Callable
from typing import Any

from adapters.coded_fields import code, member, time
from adapters.fields import Fields
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.vocabulary import BehaviourClass
from schemas.youth_justice import (
    Assessment,
    Caution,
    CourtOutcome,
    Intervention,
    MappaNotification,
    Release,
    Stage,
)

Said = dict[str, Any]


def _staged(r: Fields) -> Said:
    """Raises BadRecord `not-said`: without its stage this kind of record says nothing."""
    stage = member(r, "stage", Stage)
    if stage is None:
        raise BadRecord("not-said", "stage")
    return {"stage": stage}


def _intervention(r: Fields) -> Said:
    return {**_staged(r), "hsb_class": member(r, "hsbClass", BehaviourClass), "plan": r.text("plan")}


def _caution(r: Fields) -> Said:
    return {
        "stage": member(r, "stage", Stage),
        "offence": r.text("offence"),
        "conditions": r.text("conditions"),
    }


def _court_outcome(r: Fields) -> Said:
    return {
        "stage": member(r, "stage", Stage),
        "convicted": r.flag("convicted"),
        "offence": r.text("offence"),
        "result": r.text("result"),
    }


def _release(r: Fields) -> Said:
    """A planned release stands at the day it was planned; `releaseDate` may lie ahead."""
    released = time(r, "releaseDate")
    return {
        **_staged(r),
        "release_date": released.at.date() if released else None,
        "conditions": r.text("conditions"),
        "released_to": r.text("releasedTo"),
    }


def _mappa(r: Fields) -> Said:
    return {"stage": member(r, "stage", Stage), "decision": r.text("decision")}


def _assessment(r: Fields) -> Said:
    return {
        **_staged(r),
        "hsb_class": member(r, "hsbClass", BehaviourClass),
        "analysis": r.text("analysis"),
        "child_words": r.text("childWords"),
    }


def offence_category(r: Fields) -> str | None:
    """The category of the offence behind the record, as coded by the sender."""
    return code(r, "offenceCategory")


TYPES: dict[str, tuple[type[CaseEvent], Callable[[Fields], Said], frozenset[str]]] = {
    "intervention": (Intervention, _intervention, frozenset({"stage", "hsbClass", "plan"})),
    "caution": (Caution, _caution, frozenset({"stage", "offence", "conditions"})),
    "court-outcome": (CourtOutcome, _court_outcome, frozenset({"stage", "convicted", "offence", "result"})),
    "release": (Release, _release, frozenset({"stage", "releaseDate", "conditions", "releasedTo"})),
    "mappa-notification": (MappaNotification, _mappa, frozenset({"stage", "decision"})),
    "assessment": (Assessment, _assessment, frozenset({"stage", "hsbClass", "analysis", "childWords"})),
}
"""Each record type: the event, how its own fields are read, and their names."""
