"""The part that a child had in harm leaves the view at a review: for which reader, and how it is left out.

field.md, "Child-first, no blame"; decision 90. What leaves is that the child is said to have harmed, beside
an entry or as its strand; never the entry.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from hub.domain.calendar import LONDON
from hub.domain.child import By, Child, last_review
from hub.domain.chronology import Line, Standing
from hub.domain.entry import Entry
from hub.domain.knowledge import Known
from hub.domain.strand import HAS_HARMED
from hub.patterns.behaviour import has_harmed
from hub.sharing.policy import Policy, Tier
from schemas.protocol import PartReviewed

REVIEWED = str(PartReviewed.model_fields["type"].default)
_SAID = f'"{HAS_HARMED}"'.encode()
_decode = msgspec.json.Decoder(dict[str, object]).decode
_encode = msgspec.json.Encoder().encode


def out_of_view(
    policy: Policy,
    by: By,
    purpose: str,
    records: Sequence[Child],
    lines: Callable[[], Iterable[Line]],
    tier: Callable[[Entry], Tier],
    now: datetime,
) -> bool:
    """Whether a review took the child's part out of this reader's view, and nothing brought it back since.

    It is said on for the purposes of the archive's last step, the front door's among them. What the child did
    later, as far as this reader reads it, brings it back until people review it again.
    """
    last = last_review(records)
    if last is None or policy.archive is None:
        return False
    at, said = last
    shown = said.until is not None and now.astimezone(LONDON).date() <= said.until
    if shown or policy.reads_closed(by.role, purpose, len(policy.archive.steps)):
        return False
    return not any(
        line.recorded_at > at
        and line.entry.strand == HAS_HARMED
        and line.entry.type != REVIEWED
        and line.standing is Standing.CURRENT
        and tier(line.entry) is Tier.READ
        for line in lines()
    )


def known_without_part(found: Iterable[Known], records: Sequence[Child]) -> list[Known]:
    """What a rule may see where it is not told that the child has harmed: no entry that says it is there.

    In other words (an offence, a class of behaviour) as far as it was recorded before the last review: what
    is recorded since is for people to act on, whoever did not say which part the child had.
    """
    last = last_review(records)
    return [
        one
        for one in found
        if one.fact.get("part") != HAS_HARMED
        and (last is None or one.fact.recorded_at > last[0] or not has_harmed(one.fact))
    ]


def without_part(fields: Mapping[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    """What was opened of an entry, without what says that the child has harmed."""
    return {
        scope: raw
        if _SAID not in bytes(raw)
        else msgspec.Raw(_encode({n: v for n, v in _decode(raw).items() if v != HAS_HARMED}))
        for scope, raw in fields.items()
    }
