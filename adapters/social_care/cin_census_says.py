"""What one `CINdetails` of the Children in Need census says of the child: an episode, dated by days."""

from collections.abc import Iterator
from datetime import date

from lxml.etree import _Element as Element

from adapters.days import iso_day
from adapters.format import Finding
from adapters.identifiers import as_code
from adapters.known_child import KnownChild, On
from adapters.record import BadRecord
from adapters.social_care.codes import ABUSE_CATEGORIES, REFERRAL_SOURCES, is_factor
from adapters.xml_records import child_text, children, local_name
from schemas.case_event import CaseEvent
from schemas.social_care import (
    AbuseCategory,
    Assessment,
    Closed,
    Conference,
    ConferenceKind,
    Plan,
    PlanKind,
    PlanStage,
    Referral,
    Section47,
    Stage,
)

Taken = Iterator[CaseEvent | Finding]
MAX_FACTORS = 40
YES = {"true": True, "1": True, "false": False, "0": False}
UNUSED = frozenset(
    {
        "AssessmentInternalReviewDate",
        "InitialCPCtarget",
        "NumberOfPreviousCPP",
        "PersonDeathDate",
        "UPNunknown",
    }
)
"""Fields that the published language has no place for: named once a file."""


def details(child: KnownChild, place: str, element: Element, referred: dict[str, int]) -> Taken:
    """The referral and all that followed it. `referred` counts this child's referrals a day.

    The census gives an episode no id: the day of referral, and its number on that day, is its key.
    """
    day = child_text(element, "CINreferralDate") or ""
    referred[day] = referred.get(day, 0) + 1
    key = (day if referred[day] == 1 else f"{day} #{referred[day]}",)
    yield from _referral(child, place, element, key)
    if child_text(element, "CINclosureDate") is not None:
        yield from _closed(child, place, element, key)
    conferences: set[str] = set()
    yield from _conference(child, place, element, key, conferences)
    for at, part in children(element, place, *_PARTS):
        tag = local_name(part)
        if tag == "Section47":
            yield from _section_47(child, at, part, key, conferences)
        elif tag == "Assessments":
            yield from _assessment(child, at, part, key)
        elif tag == "CINPlanDates":
            yield from _cin_plan(child, at, part, key)
        else:
            yield from _cp_plan(child, at, part, key)


_PARTS = ("Assessments", "CINPlanDates", "Section47", "ChildProtectionPlans")
Key = tuple[str, ...]


def _on(element: Element, tag: str) -> On:
    """How the day under `tag` is read."""

    def read(field: str) -> date | None:
        text = child_text(element, field)
        return None if text is None else iso_day(text, field)

    return read, tag


def _yes(element: Element, tag: str) -> bool | None:
    return YES.get((child_text(element, tag) or "").lower())


def _referral(child: KnownChild, place: str, element: Element, key: Key) -> Taken:
    source = child_text(element, "ReferralSource")
    if source is not None and source not in REFERRAL_SOURCES:
        yield Finding(place, "unknown-code", "ReferralSource", refused=False)
    need = as_code(child_text(element, "PrimaryNeedCode"))
    yield child.event(
        Referral,
        place,
        ("referral", *key),
        _on(element, "CINreferralDate"),
        source_agency=REFERRAL_SOURCES.get(source or ""),
        source_code=as_code(source),
        outcome="no-further-action" if _yes(element, "ReferralNFA") else None,
        reason=need and f"Primary need {need}",
    )


def _closed(child: KnownChild, place: str, element: Element, key: Key) -> Taken:
    reason = child_text(element, "ReasonForClosure")
    if reason is not None and as_code(reason) is None:
        yield Finding(place, "unknown-code", "ReasonForClosure", refused=False)
    on = _on(element, "CINclosureDate")
    yield child.event(Closed, place, ("closed", *key), on, reason_code=as_code(reason))


def _conference(child: KnownChild, place: str, element: Element, key: Key, held: set[str]) -> Taken:
    """The initial conference; the census states the same day twice, in the episode and in the enquiry."""
    day = child_text(element, "DateOfInitialCPC")
    if day is None or day in held:
        return
    held.add(day)
    on = _on(element, "DateOfInitialCPC")
    yield child.event(Conference, place, ("conference", *key, day), on, kind=ConferenceKind.INITIAL)


def _assessment(child: KnownChild, place: str, element: Element, key: Key) -> Taken:
    """Two events: the assessment started; it was completed on the day it was authorised, with its factors."""
    first, last = "AssessmentActualStartDate", "AssessmentAuthorisationDate"
    key = ("assessment", *key, child_text(element, first) or child_text(element, last) or "")
    yield child.event(Assessment, place, (*key, "started"), _on(element, first), stage=Stage.STARTED)
    if child_text(element, last) is None:
        return
    if (child_text(element, first) or "") > (child_text(element, last) or ""):
        yield Finding(place, "ends-before-it-starts", last)
        return
    factors = tuple(dict.fromkeys(_factors(element)))
    if not all(map(is_factor, factors)):
        yield Finding(place, "unknown-code", "AssessmentFactors", refused=False)
    said = {"stage": Stage.COMPLETED, "factors": tuple(filter(as_code, factors))[:MAX_FACTORS]}
    yield child.event(Assessment, place, (*key, "completed"), _on(element, last), **said)


def _factors(element: Element) -> Iterator[str]:
    for _, several in children(element, "", "FactorsIdentifiedAtAssessment"):
        for _, factor in children(several, "", "AssessmentFactors"):
            if factor.text and factor.text.strip():
                yield factor.text.strip()


def _section_47(child: KnownChild, place: str, element: Element, key: Key, held: set[str]) -> Taken:
    """The enquiry, and its initial conference. The census has no day on which an enquiry was completed."""
    tag = "S47ActualStartDate"
    not_required = _yes(element, "ICPCnotRequired")
    outcome = {True: "conference-not-required", False: None, None: None}[not_required]
    own = ("section-47", *key, child_text(element, tag) or "")
    yield child.event(Section47, place, own, _on(element, tag), stage=Stage.STARTED, outcome=outcome)
    yield from _conference(child, place, element, key, held)


def _cin_plan(child: KnownChild, place: str, element: Element, key: Key) -> Taken:
    span = _on(element, "CINPlanStartDate"), _on(element, "CINPlanEndDate")
    own = ("cin-plan", *key, child_text(element, "CINPlanStartDate") or "")
    yield from _plan(child, place, own, span, PlanKind.CHILD_IN_NEED, (None, None))


def _cp_plan(child: KnownChild, place: str, element: Element, key: Key) -> Taken:
    span = _on(element, "CPPstartDate"), _on(element, "CPPendDate")
    own = ("cp-plan", *key, child_text(element, "CPPstartDate") or "")
    categories: list[AbuseCategory | None] = []
    for tag in ("InitialCategoryOfAbuse", "LatestCategoryOfAbuse"):
        code = child_text(element, tag)
        if code is not None and code not in ABUSE_CATEGORIES:
            yield Finding(place, "unknown-code", tag, refused=False)
        categories.append(ABUSE_CATEGORIES.get(code or ""))
    yield from _plan(child, place, own, span, PlanKind.CHILD_PROTECTION, (categories[0], categories[1]))
    for at, several in children(element, place, "Reviews"):
        for where, review in children(several, at, "CPPreviewDate"):
            day = (review.text or "").strip()
            on = ((lambda field, day=day: iso_day(day, field)), "CPPreviewDate")
            yield child.event(Conference, where, (*own, "review", day), on, kind=ConferenceKind.REVIEW)


def _plan(
    child: KnownChild,
    place: str,
    key: Key,
    span: tuple[On, On],
    kind: PlanKind,
    categories: tuple[AbuseCategory | None, AbuseCategory | None],
) -> Taken:
    """The plan, going on from its start under its first category; its end, under its last."""
    began = {"kind": kind, "stage": PlanStage.STARTED, "category_of_abuse": categories[0]}
    ended = {"kind": kind, "stage": PlanStage.ENDED, "category_of_abuse": categories[1]}
    yield child.event(Plan, place, key, span[0], ongoing=True, **began)
    read, tag = span[1]
    try:
        over = read(tag) is not None
    except BadRecord:
        over = True
    if over:
        yield child.ending(Plan, place, key, span, **ended)


class UnusedFields:
    """Fields the published language has no place for, each named once a file: where it first stood."""

    def __init__(self) -> None:
        """None met yet."""
        self._named: set[str] = set()

    def of(self, path: str, element: Element) -> Taken:
        """The unused fields of a child's record that no record before it had."""
        for inner in element.iter():
            tag = local_name(inner)
            if tag in UNUSED and tag not in self._named:
                self._named.add(tag)
                yield Finding(path, "unused-field", tag, refused=False)
