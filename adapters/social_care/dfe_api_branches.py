"""Walks the branches of a DfE children's social care API record: each is said, or taken back by `purge`."""

from collections.abc import Callable, Iterator

from adapters.fields import Fields
from adapters.format import Finding
from adapters.known_child import KnownChild
from adapters.record import BadRecord
from adapters.social_care import dfe_api_says as says
from schemas.case_event import CaseEvent

UNUSED = ("adoption", "care_leavers")
"""Branches that the published language has no words for: named, not said."""

Taken = Iterator[CaseEvent | Finding]


def branches(child: KnownChild, fields: Fields) -> Taken:
    """All that the record says of the child, branch by branch; one bad branch spoils no other.

    A purge that names no record to take back is refused: nobody can tell from it what no longer stands.
    """
    purged = is_purged(fields)
    said = 0
    for what in _all(child, fields, purged=purged):
        said += 1
        yield what
    if purged and not said:
        yield Finding(fields.place, "purge-names-no-record", "purge")


def is_purged(fields: Fields) -> bool:
    """Whether the record takes this branch back; a mark that is not true or false is read as set.

    A mark nobody can read must not leave standing what the authority may have meant to take back.
    """
    return fields.of.get("purge") not in (None, False)


def _all(child: KnownChild, fields: Fields, *, purged: bool) -> Taken:
    try:
        wellbeing = fields.one("health_and_wellbeing")
    except BadRecord as bad:
        yield bad.at(fields.place)
        wellbeing = None
    if wellbeing is not None:
        yield from _wellbeing(child, wellbeing, purged=purged or is_purged(wellbeing))
    yield from _each(child, fields, "social_care_episodes", _episode, purged=purged)


def _wellbeing(child: KnownChild, fields: Fields, *, purged: bool) -> Taken:
    if purged and not fields.of.get("sdq_assessments"):
        yield Finding(fields.place, "purge-names-no-record", "purge")
    yield from _each(child, fields, "sdq_assessments", _leaf(says.questionnaire), purged=purged)


Walk = Callable[[KnownChild, Fields, bool], Taken]


def _each(child: KnownChild, fields: Fields, name: str, walk: Walk, *, purged: bool) -> Taken:
    """Each record of a list; where the list, or an item, is not what it must be, that is the finding."""
    try:
        items = list(fields.each(name))
    except BadRecord as bad:
        yield bad.at(fields.place)
        return
    for item in items:
        if isinstance(item, BadRecord):
            yield item.at(f"{fields.place}/{name}")
        else:
            yield from walk(child, item, purged or is_purged(item))


def _leaf(branch: says.Branch) -> Walk:
    """A branch without branches of its own: everything it says is said, or everything taken back."""

    def walk(child: KnownChild, fields: Fields, purged: bool) -> Taken:  # noqa: FBT001
        try:
            sayings = list(branch(child, fields))
        except BadRecord as bad:
            yield bad.at(fields.place)
            return
        for key, what in sayings:
            if purged:
                yield child.withdrawal(fields.place, key)
                continue
            try:
                yield from what()
            except BadRecord as bad:
                yield bad.at(fields.place)

    return walk


def _episode(child: KnownChild, fields: Fields, purged: bool) -> Taken:  # noqa: FBT001
    yield from _leaf(says.episode)(child, fields, purged)
    for name, branch in says.BRANCHES.items():
        yield from _each(child, fields, name, _leaf(branch), purged=purged)
    placements = _leaf(says.Placements().placement)
    yield from _each(child, fields, "child_looked_after_placements", placements, purged=purged)
    for name in UNUSED:
        if fields.of.get(name):
            yield Finding(f"{fields.place}/{name}", "unused-branch", name)
