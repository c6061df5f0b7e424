"""What people record in the hub itself: a meeting, a decision, an account; kept like all the rest."""

from collections.abc import Callable
from uuid import UUID

from hub.domain.child import By
from hub.errors import Conflict, Refused
from hub.intake.matching import Matcher
from hub.intake.work import Work
from hub.records import Records
from schemas.case_event import CaseEvent

ATTEMPTS = 10


def record_act(records: Records, child: UUID, event: CaseEvent, by: By, new_id: Callable[[], UUID]) -> bool:
    """Record what a person did for a child, once, and who it was. False: it was recorded before.

    Raises UnknownChild for a child there is no record of, Refused where the same act came with other content.
    """
    records.child(child)
    return _record(records, lambda work: work.add_act(child, event, by), new_id)


def record_first(records: Records, event: CaseEvent, by: By, new_id: Callable[[], UUID]) -> bool:
    """Record what a person tells of a child by identifiers: known, or new to the hub (guidance L163; R133).

    Raises Refused where the same act came with other content.
    """
    return _record(records, lambda work: work.add_first(event, by), new_id)


def _record(records: Records, add: Callable[[Work], bool | None], new_id: Callable[[], UUID]) -> bool:
    for _ in range(ATTEMPTS):
        work = Work(records, Matcher(records, new_id))
        repeated = add(work)
        if repeated is not None:
            if not repeated:
                raise Refused("this act was recorded before with other content")
            return False
        try:
            work.commit({}, [], [])
        except Conflict:
            records.identities.forget()
            continue
        return True
    raise Conflict("the record is being written by others; try again")
