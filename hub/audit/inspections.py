"""What auditors were told of several children at once: kept as a digest, and drawn again like a page."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import uuid5

import msgspec

from hub.audit.circumstances import Circumstances
from hub.audit.looks import Looked, all_looks
from hub.audit.past import Drawing, Past
from hub.audit.replaying import SAYS, Verdict
from hub.audit.unusual import Signs, Unusual, unusual
from hub.domain.by import By
from hub.domain.child import StoodOn
from hub.domain.feed import Inspected
from hub.errors import HubError, Refused
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.disclosing import Disclosures
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.programs import programs
from hub.sharing.relationship import bar_of
from hub.sharing.share import Share
from hub.store.mapper import HUB

Answer = TypeVar("Answer")
ATTEMPTS = 5
INSPECTIONS = uuid5(HUB, "inspections")
"""The stream of what auditors were told of several children at once."""


class Hall(NamedTuple):
    """What the auditor's questions are asked of."""

    records: Records
    share: Share
    drawing: Drawing
    policy: Policy


class Told(msgspec.Struct, frozen=True):
    """One telling: its number, to whom, when, of what, about whom."""

    number: int
    at: datetime
    person: str
    question: str
    about: str


class ToldAgain(msgspec.Struct, frozen=True):
    """One telling drawn again: whether it is what was told; `answer` where it is, as JSON."""

    told: Told
    verdict: Verdict
    says: str
    digest: str
    drawn_digest: str
    answer: msgspec.Raw = msgspec.Raw(b"null")


def told(
    hall: Hall,
    reader: Reader,
    question: str,
    about: str,
    asked: Mapping[str, str],
    ask: Callable[[], Answer],
) -> Answer:
    """Ask, and record that an auditor was told this, and what it was drawn from, before they are.

    Asked again where somebody recorded something meanwhile: what is told is as of one position of the store.
    """
    rows = hall.records.archive.rows
    for _ in range(ATTEMPTS):
        position, drawn_at = rows.max_notification_id(), hall.records.clock()
        answer = ask()
        if rows.max_notification_id() == position:
            break
    inspected = Inspected(
        by=reader.by,
        question=question,
        about=about,
        digest=sha256(msgspec.json.encode(answer)).digest(),
        asked=dict(asked),
        drawn_at=drawn_at,
        policy=hall.policy.name,
        stood_on=StoodOn(programs(), recorded=position),
    )
    hall.share.disclosures.keep(hall.policy)
    hall.records.record({}, appended={INSPECTIONS: [inspected]})
    return answer


def every(records: Records) -> list[Told]:
    """Everything that auditors were told of several children at once, in order."""
    return [
        Told(event.originator_version, event.at, event.body.by.person, event.body.question, event.body.about)
        for event in records.history(INSPECTIONS)
        if isinstance(event.body, Inspected)
    ]


def again(records: Records, disclosures: Disclosures, number: int, by: By) -> ToldAgain:
    """Draw one telling again from the records as they stood, and compare. Raises Refused for no such one.

    What it said of a record that is barred to `by`, whom it is told now, is left out of the answer.
    """
    events = [e for e in records.history(INSPECTIONS) if e.originator_version == number]
    if not events:
        raise Refused("no such telling; 'hub audit inspections' numbers them")
    said: Inspected = events[0].body
    about = Told(number, events[0].at, said.by.person, said.question, said.about)
    drawn = b""
    try:
        verdict, drawn = _compared(records, disclosures, said)
    except HubError:
        verdict = Verdict.KEYS
    digest = sha256(drawn).hexdigest() if drawn else ""
    answer = msgspec.Raw(_for(records, by, drawn) if verdict is Verdict.SAME else b"null")
    return ToldAgain(about, verdict, SAYS[verdict], said.digest.hex(), digest, answer)


# ------------------------------------------------------------


class _Then(NamedTuple):
    """The records as they stood, and the policy that was in force."""

    records: Past
    disclosures: Disclosures
    policy: Policy


def _compared(records: Records, disclosures: Disclosures, said: Inspected) -> tuple[Verdict, bytes]:
    policy, draw = disclosures.policy(said.policy), DRAWS.get(said.question)
    if said.drawn_at is None or said.stood_on is None or policy is None or draw is None:
        return Verdict.NOT_KEPT, b""
    past = Past(records, said.drawn_at, None, said.stood_on.recorded)
    drawn = msgspec.json.encode(draw(_Then(past, Disclosures(past), policy), said))
    if sha256(drawn).digest() == said.digest:
        return Verdict.SAME, drawn
    children = map(records.child, records.children())
    if any(at > said.drawn_at for child in children for at, _ in child.erasures):
        return Verdict.ERASED, drawn
    return Verdict.PROGRAMS if said.stood_on.programs != programs() else Verdict.DIFFERS, drawn


def _for(records: Records, by: By, drawn: bytes) -> bytes:
    """What was told, without the lines about a record that is barred to this person."""
    mine = accounts_of(records, by)
    barred = {str(c) for c in records.children() if bar_of(records.person(c), by, mine) is not None}

    def kept(said: object) -> object:
        if isinstance(said, dict):
            return {name: kept(value) for name, value in said.items()}
        if isinstance(said, list):
            return [kept(one) for one in said if not (isinstance(one, dict) and barred & _named(one))]
        return said

    return msgspec.json.encode(kept(msgspec.json.decode(drawn))) if barred else drawn


def _named(line: dict[str, object]) -> set[object]:
    return {line.get(name) for name in ("record", "child")}


def _seen(then: _Then, said: Inspected) -> list[Looked]:
    since, until = (datetime.fromisoformat(said.asked[name]) for name in ("since", "until"))
    return all_looks(then.records, then.disclosures, then.policy, said.by, since, until, said.about or None)


def _unusual(then: _Then, said: Inspected) -> list[Unusual]:
    signs = Signs.model_validate_json(said.asked["signs"])
    return unusual(_seen(then, said), signs, then.policy, Circumstances(then.records))


DRAWS: Mapping[str, Callable[[_Then, Inspected], object]] = {
    "seen-by": _seen,
    "unusual-access": _unusual,
    "inspections": lambda then, _: every(then.records),
    "inspected": lambda then, said: again(then.records, then.disclosures, int(said.asked["number"]), said.by),
}
"""How each telling is drawn."""
