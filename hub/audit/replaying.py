"""Exactly what somebody was shown: drawn again by the functions that showed it, compared with its digest."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from hub.audit.covering import Covered, CoveredLine, cover, stood_lines
from hub.audit.explaining import Shown, disclosure_at
from hub.audit.inspection import story_for, untrue_for
from hub.audit.looks import looks_at
from hub.audit.past import Drawing, DrawnThen, Past
from hub.domain.child import Disclosed, StoodOn
from hub.errors import HubError
from hub.records import Records
from hub.sharing.disclosing import Disclosures
from hub.sharing.front_door import FrontDoor
from hub.sharing.look import Look, Reader
from hub.sharing.policy import Policy
from hub.sharing.programs import programs, rules
from hub.sharing.share import Share
from hub.sharing.view import Found, SharedChronology, ShownEntry, encode


class Verdict(StrEnum):
    """Whether what was drawn again is what was shown, and if not, what is known of why."""

    SAME = "same"
    ERASED = "erased-since"
    KEYS = "keys-not-here"
    NOT_KEPT = "not-kept"
    PROGRAMS = "programs-changed"
    RULES = "rules-changed"
    DIFFERS = "differs"


SAYS = {
    Verdict.SAME: "What was drawn again is, byte for byte, what was shown.",
    Verdict.ERASED: "It cannot be drawn again: what was shown has been erased since.",
    Verdict.KEYS: "It cannot be drawn again now: a key that it needs is withdrawn, or cannot be reached.",
    Verdict.NOT_KEPT: "It cannot be drawn again: what it was drawn from was not kept.",
    Verdict.PROGRAMS: "It cannot be drawn again for certain: the programs that drew it have changed since.",
    Verdict.RULES: "It cannot be drawn again for certain: the numbers or procedures it went by have changed.",
    Verdict.DIFFERS: "What was drawn again is not what the disclosure vouches for, and nothing on record "
    "explains it: the disclosure or what it stands on was altered. 'hub verify' says where.",
}


class Replayed(NamedTuple):
    """One disclosure drawn again. `answer` is what was shown, where the verdict is that it is the same.

    `kept` is the digest in the disclosure, `drawn` that of what was drawn again (empty: nothing could be).
    """

    shown: Shown
    verdict: Verdict
    says: str
    kept: str
    drawn: str
    answer: Any = None


class ShownAgain(msgspec.Struct, frozen=True, omit_defaults=True):
    """One disclosure drawn again: to whom, for what, whether it is what was shown.

    `covered` is for auditors, who read no record; `words` for a reader of the child, as far as they read it.
    """

    record: UUID
    version: int
    recorded_at: datetime
    person: str
    role: str
    agency: str
    question: str
    purpose: str
    policy: str
    verdict: Verdict
    says: str
    digest: str
    drawn_digest: str
    drawn_at: datetime | None = None
    known_at: datetime | None = None
    glass: UUID | None = None
    covered: Covered | None = None
    words: SharedChronology | None = None


class _Then(NamedTuple):
    """A disclosure's reader and question, over the records as they stood."""

    past: Past
    drawing: Drawing
    asked: Mapping[str, str]
    policy: Policy
    raised: DrawnThen
    reader: Reader
    child: UUID
    known_at: datetime | None


def replay(records: Records, drawing: Drawing, disclosures: Disclosures, shown: Shown) -> Replayed:
    """Draw again what a disclosure says was shown, and compare. Nothing is guessed, nothing is recorded.

    What is drawn again goes to nobody by this: whoever calls it covers what the asker may not read.
    """
    said, drawn, fault = shown.disclosed, "", None
    policy = disclosures.policy(said.policy)
    ways = DRAWS.get(said.question, ())
    if policy is None or said.drawn_at is None or not ways:
        return _told(shown, Verdict.NOT_KEPT, "")
    for then in _moments(records, drawing, policy, shown):
        for draw in ways:
            try:
                answer, digest = draw(then)
            except HubError as error:
                fault = error
                continue
            except KeyError:  # of before it was kept what an auditor asked beside the child
                return _told(shown, Verdict.NOT_KEPT, "")
            drawn = digest.hex()
            if digest == said.digest:
                return _told(shown, Verdict.SAME, drawn, answer)
            fault = _unopened(answer) or fault
    return _told(shown, _why(records, drawing, shown, fault), drawn)


def shown_again(records: Records, drawing: Drawing, disclosures: Disclosures, shown: Shown) -> ShownAgain:
    """A disclosure drawn again, covered: what an auditor is shown of it."""
    found = replay(records, drawing, disclosures, shown)
    covered = None if found.answer is None else cover(found.answer)
    return msgspec.structs.replace(told_of(found), covered=covered)


def stood_again(records: Records, child: UUID, at: datetime, version: int) -> tuple[CoveredLine, ...]:
    """A child's record as it stood after its event `version`; records read with it as `at` that moment."""
    return stood_lines(as_it_stood(records, child, at, version), child)


def as_it_stood(records: Records, child: UUID, at: datetime, version: int) -> Past:
    """The records of which `stood_again` tells."""
    people = records.person(child)
    return Past(records, at, {people[0].id: version} if len(people) == 1 else None)


def told_of(found: Replayed) -> ShownAgain:
    """To whom it was shown, for what, and the verdict; nothing of the answer."""
    said = found.shown.disclosed
    return ShownAgain(
        found.shown.record,
        found.shown.version,
        found.shown.at,
        said.reader.person,
        said.reader.role,
        said.reader.agency,
        said.question,
        said.purpose,
        said.policy,
        found.verdict,
        SAYS[found.verdict],
        found.kept,
        found.drawn,
        said.drawn_at,
        said.known_at,
        said.glass,
    )


def _told(shown: Shown, verdict: Verdict, drawn: str, answer: Any = None) -> Replayed:
    return Replayed(shown, verdict, SAYS[verdict], shown.disclosed.digest.hex(), drawn, answer)


def _moments(records: Records, drawing: Drawing, policy: Policy, shown: Shown) -> Iterator[_Then]:
    """The records as the reader's question found them; or, had somebody written meanwhile, just before it.

    Where what is drawn was being drawn anew under a policy just adopted, it was worked out with the look.
    """
    said = shown.disclosed
    row = policy.roles.get(said.reader.role)
    ways = (True, False) if row is not None and row.coordinates else (True,)
    at, stood = said.drawn_at or shown.at, said.stood_on or StoodOn("")
    for version in dict.fromkeys((said.version, shown.version - 1)):
        versions = {shown.record: version, **dict(stood.beside)}
        past = Past(records, at, versions, stood.recorded)
        behind = past if stood.drawn is None else Past(records, at, None, stood.drawn)
        door, reader = FrontDoor(policy, at), Reader(said.reader, said.purpose)
        for all_drawn in ways:
            raised = DrawnThen(behind, drawing, door, stood.heard, stood.drawn or 0, stood=all_drawn)
            yield _Then(past, drawing, said.asked, policy, raised, reader, shown.record, said.known_at)


def _why(records: Records, drawing: Drawing, shown: Shown, fault: HubError | None) -> Verdict:
    """The first known reason for what cannot be drawn again, gravest last."""
    stood = shown.disclosed.stood_on
    if _erased_since(records, shown):
        return Verdict.ERASED
    if fault is not None:
        return Verdict.KEYS
    if stood is None:
        return Verdict.NOT_KEPT
    if stood.programs != programs():
        return Verdict.PROGRAMS
    if stood.rules and stood.rules != rules(drawing.settings, drawing.packs):
        return Verdict.RULES
    return Verdict.DIFFERS


def _erased_since(records: Records, shown: Shown) -> bool:
    beside = shown.disclosed.stood_on.beside if shown.disclosed.stood_on else ()
    opened = set(shown.disclosed.scopes)
    return any(
        at > shown.at and (gone.scopes is None or opened & set(gone.scopes))
        for id_ in (shown.record, *(other for other, _ in beside))
        for at, gone in records.child(id_).erasures
    )


def _unopened(answer: Any) -> HubError | None:
    """A line that is shown as erased and was not, as far as anybody recorded."""
    lines = answer.lines if isinstance(answer, SharedChronology) else ()
    erased = any(isinstance(line, ShownEntry) and line.erased for line in lines)
    return HubError("key-missing") if erased else None


# ------------------------------------------------------------ the questions, asked again


def _asked(ask: Callable[[Share, _Then], Any]) -> "Draw":
    """Ask as a reader does; the digest is that of the disclosure which would have been recorded."""

    def draw(then: _Then) -> tuple[Any, bytes]:
        answer = ask(Share(then.past, lambda: then.policy, then.raised, _met), then)
        return answer, _digest(then.past)

    return draw


def _met(*_: object) -> None:
    """A bar was met then, or was not; nothing is recorded of it now."""


def _found(then: _Then) -> tuple[Any, bytes]:
    """Who was found. By which identifier they were asked for is not kept, and changes nothing."""
    view = Look(then.past, then.policy, then.reader, then.child, None)
    answer = Found(view.root, view.shared().who)
    return answer, sha256(encode(answer)).digest()


def _story(then: _Then) -> tuple[Any, bytes]:
    answer = story_for(then.past, then.policy, then.reader, then.child)
    return answer, _digest(then.past)


def _untrue(then: _Then) -> tuple[Any, bytes]:
    answer = untrue_for(then.past, then.policy, then.reader, then.child, then.raised.flags)
    return answer, _digest(then.past)


def _shown(then: _Then) -> tuple[Any, bytes]:
    """What an auditor was shown of a disclosure, by what could be drawn again then."""
    disclosures = Disclosures(then.past)
    shown = disclosure_at(then.past, then.child, int(then.asked["version"]))
    return _encoded(shown_again(then.past, then.drawing, disclosures, shown))


def _stood(then: _Then) -> tuple[Any, bytes]:
    at, version = datetime.fromisoformat(then.asked["at"]), int(then.asked["version"])
    return _encoded(stood_again(then.past, then.child, at, version))


def _who_saw(then: _Then) -> tuple[Any, bytes]:
    return _encoded(looks_at(then.past, Disclosures(then.past), then.child, then.policy))


def _encoded(answer: Any) -> tuple[Any, bytes]:
    return answer, sha256(msgspec.json.encode(answer)).digest()


def _digest(past: Past) -> bytes:
    told: Disclosed = past.told[-1]
    return told.digest


Draw = Callable[[_Then], tuple[Any, bytes]]
DRAWS: dict[str, tuple[Draw, ...]] = {
    "chronology": (_asked(lambda share, then: share.chronology(then.reader, then.child, then.known_at)),),
    "flags": (_asked(lambda share, then: share.flags(then.reader, then.child)),),
    "beside-flags": (_asked(lambda share, then: share.beside(then.reader, then.child)),),
    "incidents": (_asked(lambda share, then: share.incidents(then.reader, then.child)),),
    "due": (
        _asked(lambda share, then: share.pathway(then.reader, then.child)),
        _asked(lambda share, then: share.due(then.reader, then.child)),
    ),
    "find": (_found,),
    "history": (_story,),
    "no-longer-true": (_untrue,),
    "shown": (_shown,),
    "stood": (_stood,),
    "who-saw": (_who_saw,),
}
"""How what each question shows is drawn; of any other the digest alone is kept."""
