"""What each branch of a DfE children's social care API record says of the child.

A branch yields what it says, each under its key, unread: a branch that is taken back is withdrawn by key,
however wrong the rest of it may be. BadRecord, wherever raised, names the field.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from adapters.fields import Fields
from adapters.format import Finding
from adapters.identifiers import as_code, slug
from adapters.known_child import KnownChild
from adapters.social_care.codes import (
    CARE_BEGINS,
    CARE_GOES_ON,
    PLACEMENT_CHANGES,
    REFERRAL_SOURCES,
    is_factor,
)
from schemas.case_event import CaseEvent, Identifier
from schemas.social_care import (
    Allocation,
    Assessment,
    AssessmentKind,
    Closed,
    Conference,
    ConferenceKind,
    LookedAfter,
    PlacementMoved,
    Plan,
    PlanKind,
    PlanStage,
    Referral,
    Section47,
    Stage,
)

Taken = Iterator[CaseEvent | Finding]
Key = tuple[str, ...]
MAX_FACTORS = 40


class Saying(NamedTuple):
    """One thing a branch says, and the key it is said under."""

    key: Key
    what: Callable[[], Taken]


Branch = Callable[[KnownChild, Fields], Iterator[Saying]]


def episode(child: KnownChild, fields: Fields) -> Iterator[Saying]:
    """The referral, and the closure where there is one."""
    number = fields.text("social_care_episode_id") or ""
    referral, closed = ("referral", number), ("closed", number)
    yield Saying(referral, partial(_referral, child, fields, referral))
    if fields.of.get("closure_date") is not None:
        yield Saying(closed, partial(_closed, child, fields, closed))


def _referral(child: KnownChild, fields: Fields, key: Key) -> Taken:
    source = fields.text("referral_source")
    if source is not None and source not in REFERRAL_SOURCES:
        yield Finding(fields.place, "unknown-code", "referral_source", refused=False)
    yield child.event(
        Referral,
        fields.place,
        key,
        (fields.day, "referral_date"),
        source_agency=REFERRAL_SOURCES.get(source or ""),
        source_code=as_code(source),
        outcome="no-further-action" if fields.flag("referral_no_further_action_flag") else None,
    )


def _closed(child: KnownChild, fields: Fields, key: Key) -> Taken:
    reason = yield from _code(fields, "closure_reason")
    yield child.event(Closed, fields.place, key, (fields.day, "closure_date"), reason_code=reason)


def _code(fields: Fields, name: str) -> Generator[Finding, None, str | None]:
    """The code under `name` (returned), with a warning where no coded value can carry it."""
    said = fields.text(name)
    if said is None or as_code(said):
        return said
    yield Finding(fields.place, "unknown-code", name, refused=False)
    return None


def _worker(child: KnownChild, fields: Fields) -> Iterator[Saying]:
    worker = fields.text("worker_id") or ""
    key = ("allocation", worker, fields.text("start_date") or "")
    about = {"worker": Identifier(f"worker:{slug(child.key[1])}", worker[:100])} if worker else {}
    yield from _span(child, Allocation, fields, key, begin=about, end=about)


def _span(
    child: KnownChild,
    kind: type[CaseEvent],
    fields: Fields,
    key: Key,
    *,
    begin: Mapping[str, Any],
    end: Mapping[str, Any],
) -> Iterator[Saying]:
    """Something that goes on from `start_date`, and its completion where `end_date` is said."""
    start = (fields.day, "start_date")
    yield Saying(key, lambda: iter([child.event(kind, fields.place, key, start, ongoing=True, **begin)]))
    if fields.of.get("end_date") is not None:
        span = (start, (fields.day, "end_date"))
        yield Saying((*key, "ended"), lambda: iter([child.ending(kind, fields.place, key, span, **end)]))


def _plan(id_field: str, kind: PlanKind) -> Branch:
    def read(child: KnownChild, fields: Fields) -> Iterator[Saying]:
        key = (kind.value, fields.text(id_field) or "")
        begin, end = ({"kind": kind, "stage": stage} for stage in (PlanStage.STARTED, PlanStage.ENDED))
        yield from _span(child, Plan, fields, key, begin=begin, end=end)

    return read


def _assessment(child: KnownChild, fields: Fields) -> Iterator[Saying]:
    key = ("assessment", fields.text("child_and_family_assessment_id") or "")
    yield from _stages(
        child, Assessment, fields, key, ends="authorisation_date", outcome=partial(_factors, fields)
    )


def _factors(fields: Fields) -> Generator[Finding, None, dict[str, Any]]:
    factors = tuple(dict.fromkeys(fields.texts("factors")))
    if not all(map(is_factor, factors)):
        yield Finding(fields.place, "unknown-code", "factors", refused=False)
    return {"factors": tuple(filter(as_code, factors))[:MAX_FACTORS]}


Outcome = Callable[[], Generator[Finding, None, dict[str, Any]]]


def _stages(
    child: KnownChild, kind: type[CaseEvent], fields: Fields, key: Key, *, ends: str, outcome: Outcome
) -> Iterator[Saying]:
    """Work that starts and is completed: two events, each on its own day, the outcome on the second."""
    started, completed = (*key, "started"), (*key, "completed")

    def start() -> Taken:
        on = (fields.day, "start_date")
        yield child.event(kind, fields.place, started, on, stage=Stage.STARTED)

    def complete() -> Taken:
        first, last = fields.day("start_date"), fields.day(ends)
        if first is not None and last is not None and last < first:
            yield Finding(fields.place, "ends-before-it-starts", ends)
            return
        said = yield from outcome()
        yield child.event(kind, fields.place, completed, (fields.day, ends), stage=Stage.COMPLETED, **said)

    yield Saying(started, start)
    if fields.of.get(ends) is not None:
        yield Saying(completed, complete)


def _section_47(child: KnownChild, fields: Fields) -> Iterator[Saying]:
    number = fields.text("section_47_assessment_id") or ""
    outcome = partial(_conference_needed, fields)
    yield from _stages(child, Section47, fields, ("section-47", number), ends="end_date", outcome=outcome)
    if fields.of.get("icpc_date") is not None:
        key, on = ("conference", number), (fields.day, "icpc_date")
        kind = ConferenceKind.INITIAL
        yield Saying(key, lambda: iter([child.event(Conference, fields.place, key, on, kind=kind)]))


def _conference_needed(fields: Fields) -> Generator[Finding, None, dict[str, Any]]:
    needed = fields.flag("icpc_required_flag")
    yield from ()
    if needed is None:
        return {}
    return {"outcome": "conference-required" if needed else "conference-not-required"}


def questionnaire(child: KnownChild, fields: Fields) -> Iterator[Saying]:
    """The score of a Strengths and Difficulties Questionnaire, as an assessment of another kind."""
    key = ("sdq", fields.text("date") or "")

    def said() -> Taken:
        score = fields.number("score")
        yield child.event(
            Assessment,
            fields.place,
            key,
            (fields.day, "date"),
            kind=AssessmentKind.OTHER,
            stage=Stage.COMPLETED,
            analysis=None if score is None else f"Strengths and Difficulties Questionnaire, score {score:g}",
        )

    yield Saying(key, said)


BRANCHES: dict[str, Branch] = {
    "care_worker_details": _worker,
    "child_and_family_assessments": _assessment,
    "child_in_need_plans": _plan("child_in_need_plan_id", PlanKind.CHILD_IN_NEED),
    "section_47_assessments": _section_47,
    "child_protection_plans": _plan("child_protection_plan_id", PlanKind.CHILD_PROTECTION),
}


class Placements:
    """The placements of one episode in order: the first of a stay begins it, its last one ends it."""

    def __init__(self) -> None:
        """Not in care yet."""
        self._stay: Fields | None = None

    def placement(self, child: KnownChild, fields: Fields) -> Iterator[Saying]:
        """The child came into care or moved within it, and left it where the record says so."""
        number = fields.text("child_looked_after_placement_id") or ""
        why = fields.text("start_reason")
        if why == CARE_BEGINS:
            self._stay = fields
            key, kind = ("looked-after", number), LookedAfter
            yield Saying(key, partial(_placed, child, fields, key, kind, ongoing=True))
        else:
            key = ("placement", number)
            yield Saying(key, partial(_placed, child, fields, key, PlacementMoved))
        if fields.of.get("end_date") is not None and fields.text("end_reason") not in (None, CARE_GOES_ON):
            yield from self._left(child, fields)

    def _left(self, child: KnownChild, fields: Fields) -> Iterator[Saying]:
        first, self._stay = self._stay, None
        if first is None:
            nowhere = ("placement", fields.text("child_looked_after_placement_id") or "", "ended")
            yield Saying(nowhere, lambda: iter([Finding(fields.place, "no-start-of-care", "end_reason")]))
            return
        key = ("looked-after", first.text("child_looked_after_placement_id") or "")
        span = ((first.day, "start_date"), (fields.day, "end_date"))

        def left() -> Taken:
            why = yield from _code(fields, "end_reason")
            yield child.ending(LookedAfter, fields.place, key, span, reason_code=why)

        yield Saying((*key, "ended"), left)


def _placed(
    child: KnownChild, fields: Fields, key: Key, kind: type[CaseEvent], *, ongoing: bool = False
) -> Taken:
    why = yield from _code(fields, "start_reason")
    changed = yield from _code(fields, "change_reason")
    if not ongoing and why is not None and why not in PLACEMENT_CHANGES:
        yield Finding(fields.place, "no-move-in-it", "start_reason")
        return
    where = " ".join(filter(None, (fields.text("placement_type"), fields.text("postcode")))) or None
    yield child.event(
        kind,
        fields.place,
        key,
        (fields.day, "start_date"),
        ongoing=ongoing,
        reason_code=why if ongoing else changed or why,
        placement=where,
    )
