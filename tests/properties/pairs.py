"""Pairs of histories that differ only in what one viewer may not know, drawn from the rules' stories."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from uuid import UUID, uuid5

from hypothesis import strategies as st

from hub.domain.access import AccessClosed, Closing
from hub.domain.calendar import LONDON
from hub.domain.child import (
    By,
    EntryDisputed,
    PartShown,
    PractitionerAllocated,
    ProcessingRestricted,
    Registered,
    RestrictionGround,
)
from hub.domain.entry import Envelope
from hub.domain.strand import STRANDS, WHOLE, strand_of
from hub.patterns.behaviour import has_harmed
from hub.sharing.decision import decide
from hub.sharing.front_door import WHERE
from hub.sharing.look import Reader
from hub.sharing.policy import Situation, Tier
from hub.simulation.drawn import START, STORIES, Drawing, Said, day, draw, event_of
from hub.simulation.stories import FLAGGED, NOT_FLAGGED
from schemas.case_event import Withdrawal
from schemas.catalogue import home_scope_of
from schemas.scope import Scope
from schemas.vocabulary import Agency, Significance
from tests.properties.held import CHILD, Told, World, child_named

ANN = {
    "identifiers": ({"system": "nhs-number", "value": "9449305552"},),
    "name": {"family": "Marsh", "given": "Ann"},
    "postcode": "DL1 5QZ",
}
SOMEBODY = By("somebody", "information-governance-lead", "social-care")
SEALED = Envelope("social-care", b"")
MOST_DAYS = 400
LONG_CLOSED = {"closed": timedelta(days=100), "long-closed": timedelta(days=400)}
WORDS_THAT_CLOSE = {"sealed": Closing.SEALED, "not-shared": Closing.NOT_SHARED}
BY_ENTRY = ("restricted", "disputed", *WORDS_THAT_CLOSE)
LESS = (*BY_ENTRY, "shielded", "reviewed", *LONG_CLOSED)
"""How a reader may know less of another child, or something is said of it that changes nothing for them."""


class Pair(NamedTuple):
    """What is told with a secret, and without it."""

    with_secret: tuple[Told, ...]
    without: tuple[Told, ...]
    now: datetime
    feeds: dict[str, datetime]
    reader: Reader


def readers(policy) -> list[Reader]:
    """Every role for every purpose it may look for, of those that read anything."""
    return [
        Reader(By(f"a {name}", name, role.agency.value), purpose)
        for name, role in policy.roles.items()
        if role.reads
        for purpose in sorted(role.purposes)
    ]


class Viewer:
    """What one reader may know, worked out from policy and agreements apart from the hub's own look.

    To the coordinator, and to a role that is told, the rules tell of what they read and know of, but of
    restricted entries only where they read them (patterns.md 3.1, point 9). A place
    that tells where a child lives whose address is shielded is told to nobody who is not named.
    """

    def __init__(self, policy, reader: Reader) -> None:
        self.reader, self._policy = reader, policy
        role = policy.roles[reader.by.role]
        self.coordinates, self.told = role.coordinates, role.coordinates or role.told
        self.strands = {WHOLE, *STRANDS}

    def tier(self, event, scope=None) -> Tier:
        type_ = None if scope else event.public_type
        scope = scope or home_scope_of(event.public_type, event.agency)
        asked = Situation(self.reader.by.role, self.reader.purpose, scope, related=True, type=type_)
        return decide(self._policy, asked, event.agency, START).tier

    def work_on(self, strand: str | None, events) -> None:
        """They are allocated to a strand (WHOLE: the child); None: their agency alone works with the child.

        An agency works on the strands in which it holds entries; where it holds none in any, with the child.
        """
        held = {
            strand_of(e.part) for e in events if e.agency == self.reader.by.agency and not self._nothing(e)
        }
        mine = held - {WHOLE} or {WHOLE} if strand is None else {strand}
        self.strands = {WHOLE, *STRANDS} if WHOLE in mine or self.coordinates else {WHOLE, *mine}

    def hidden(self, event, child: UUID = CHILD) -> bool:
        """Whether there is no such entry for them. Of another child only the coordinator's flags tell."""
        if child != CHILD and not self.coordinates:
            return True
        return self._nothing(event) or strand_of(event.part) not in self.strands

    def _nothing(self, event) -> bool:
        tier = self.tier(event)
        return tier is not Tier.READ if event.restricted else tier is Tier.NOTHING

    def as_known(self, event, *, shielded: bool):
        """The event without what they may not know of it: words of scopes that give them nothing."""
        if not self.told and not event.restricted and self.tier(event) is Tier.KNOWS:
            return _other_words(event)
        gone = set()
        if not self.told and self.tier(event) is Tier.READ:
            for scope, names in FIELDS.items():
                if self.tier(event, scope) is Tier.NOTHING:
                    gone |= names
        if shielded:
            gone |= {"postcode", "address", "where"}
        return _without(event, frozenset(gone)) if gone else event


FIELDS = {
    Scope.THIRD_PARTY: {"people", "places"},
    Scope.OTHER_CHILD: {"children"},
    Scope.INFORMANT: {"first_teller"},
    Scope.WHEREABOUTS: {"postcode", "address"},
}


def _other_words(event):
    """Another entry of that agency on that day: at another hour, in other words."""
    noon = event.occurred_at.astimezone(LONDON).replace(hour=12, minute=7)
    said = {"source_event_id": f"other {event.source_event_id}", "occurred_at": noon, "ended_at": None}
    links = dict.fromkeys(("people", "places", "children"), ())
    return event.model_copy(update={**said, **links, "significance": Significance.ROUTINE, "ongoing": False})


def _without(event, gone: frozenset[str]):
    empty = {name: () if name in ("people", "places", "children") else None for name in gone - {"where"}}
    if "where" in gone and "places" not in gone and event.places:
        empty["places"] = tuple(place for place in event.places if place.kind not in WHERE)
    said = {name: value for name, value in empty.items() if getattr(event, name) != value}
    return event.model_copy(update=said) if said else event


@cache
def drawing(text: str) -> Drawing:
    return draw(text, ANN)


STORY_TEXTS = {
    code: [text for text, _ in FLAGGED.get(code, ())] + [text for _, text in NOT_FLAGGED.get(code, ())]
    for code in FLAGGED
}
ALL_TEXTS = [text for texts in STORY_TEXTS.values() for text in texts]


HARMING_ELSEWHERE = """day 0        police   missing-episode  place=public-place:park
    @ben day 20  schools  sexual-behaviour-incident  place=public-place:park  part=has-sexually-harmed
    @cal day 80  police   offence-reported  place=public-place:park  category=sexual-offence"""
"""What rules across children count where another child has harmed: no rule's own story tells of it."""


def _lines() -> Iterator[str]:
    for text in ALL_TEXTS:
        for line in filter(None, map(str.strip, text.splitlines())):
            words = line.split()
            if words[0] == "day":
                yield " ".join(w for w in words[2:] if not w.startswith(("known=", "gone=", "ended=")))


LINES = sorted(set(_lines()))


OTHERS = {child_named(found) for text in ALL_TEXTS for found in re.findall(r"child=[a-z-]+:([a-z]+)", text)}


@cache
def line_event(number: int, minutes: int, place: int):
    """One line of the stories, told of a moment of its own; `place` tells it from the same told again."""
    at = START + timedelta(minutes=minutes)
    return event_of(LINES[number], at, uuid5(STORIES, f"{number}/{minutes}/{place}"), ANN)


def withdrawal(event, at: datetime) -> Withdrawal:
    return Withdrawal(
        type=f"{event.agency.value}.withdrawal.v1",
        agency=event.agency,
        system="story",
        source_event_id=f"not {event.source_event_id}",
        withdraws=event.source_event_id,
        occurred_at=at,
        **ANN,
    )


def recorded(world: World, child: UUID, since, event, until=None) -> tuple[Told, ...]:
    said = world.told(child, since, event)
    if until is None:
        return (said,)
    return said, world.told(child, until, withdrawal(event, until))


def allocated(reader: Reader, strand: str | None) -> list[Told]:
    if strand is None:
        return []
    event = PractitionerAllocated(practitioner=reader.by, until=None, by=SOMEBODY, strand=strand)
    return [Told(START - timedelta(days=1), CHILD, event)]


def of_story(
    world: World, text: str, reader: Reader, *, shielded: bool = False, strand: str | None = WHOLE
) -> Pair | None:
    """A story as it was told, and without all that this viewer may not know; None: there is nothing such.

    `shielded`: the addresses of all children in it are. `strand`: what they are allocated to, if at all.
    """
    viewer, drawn = Viewer(world.hub.policy, reader), drawing(text)
    viewer.work_on(strand, [one.event for one in drawn.said if one.child is None])
    first = [*allocated(reader, strand), *_known(drawn, shielded)]
    told, seen = list(first), list(first)
    for one in drawn.said:
        _tell(world, viewer, told, seen, (child_named(one.child), one.since, one.event, one.until), shielded)
    if told == seen:
        return None
    return Pair(tuple(told), tuple(seen), drawn.now, dict(drawn.feeds), reader)


class Extra(NamedTuple):
    """One more entry: which line, when, how many minutes later it is recorded, and then taken back."""

    line: int
    minutes: int
    later: int
    gone: int | None
    closed: Closing | None


def beside_a_closed_child(world: World, text: str, reader: Reader, what: Closing) -> Pair | None:
    """A story in which every other child's record is closed to this reader, and without what it says of them.

    None: it says nothing of any other.
    """
    drawn = drawing(text)
    others = sorted({child_named(one.child) for one in drawn.said if one.child is not None})
    closed = [Told(START, other, closing(what, other, reader)) for other in others]
    told = [*allocated(reader, WHOLE), *_known(drawn, shielded=False), *closed]
    own = list(told)
    for one in drawn.said:
        lines = recorded(world, child_named(one.child), one.since, one.event, one.until)
        told += lines
        own += lines if one.child is None else ()
    return Pair(tuple(told), tuple(own), drawn.now, dict(drawn.feeds), reader) if others else None


def beside_a_child_known_less(
    world: World,
    text: str,
    reader: Reader,
    how: str,
    extras: Sequence[Extra] = (),
    hidden: Callable[[int], bool] = lambda _: True,
) -> Pair | None:
    """A story in which this reader knows less of every other child than the front door; and without the rest.

    `how`: its case has narrowed, by one or both steps of the archive; a review took out of view that it has
    harmed; the processing of its entries is restricted; they are sealed, or not shared; its address is
    shielded; somebody disputes them. `extras`: so many entries more on the others' records; `hidden`: of
    which entries there it is said, where it is said one by one. None: it says nothing of any other.
    """
    drawn = drawing(text)
    others = sorted({child_named(one.child) for one in drawn.said if one.child is not None})
    if not others:
        return None
    now = drawn.now + LONG_CLOSED.get(how, timedelta(0))
    first = [*allocated(reader, WHOLE), *_known(drawn, shielded=False)]
    told, seen = list(first), list(first)
    for place, one in enumerate((*drawn.said, *_more_of_others(drawn, extras))):
        child = child_named(one.child)
        lines = recorded(world, child, one.since, one.event, one.until)
        told += lines
        if one.child is None or (how in BY_ENTRY and not hidden(place)):
            seen += lines
            continue
        told += _closing_it(how, lines[0], drawn.now, reader)
        seen += _still_known(world, how, one, lines, reader)
    for child in others:
        more = [Told(drawn.now, child, body) for body in _of_another(how, child)]
        if how in LONG_CLOSED:
            after = drawn.now + timedelta(days=2)  # what happens on the day itself opens it again
            more.append(world.told(child, after, event_of("social-care closed", after, child, ANN)))
        told += more
        seen += more
    return Pair(tuple(told), tuple(seen), now, {a.value: now for a in Agency}, reader)


def _more_of_others(drawn: Drawing, extras: Sequence[Extra]) -> Iterator[Said]:
    """Further lines of the other children, told as they happened, before the story is looked at."""
    names = sorted({one.child for one in drawn.said if one.child is not None})
    length = int((drawn.now - START) / timedelta(minutes=1))
    for place, extra in enumerate(extras):
        event = line_event(extra.line, extra.minutes % length, place)
        at = event.occurred_at
        yield Said(names[extra.minutes % len(names)], UUID(int=place), event, at, None)


def _closing_it(how: str, line: Told, now: datetime, reader: Reader) -> list[Told]:
    """What is said of one entry on another child's record, by which less is known of it."""
    at, child, entry = line.at, line.child, line.body.entry.id
    if how in WORDS_THAT_CLOSE:
        return [Told(at, child, closing(WORDS_THAT_CLOSE[how], entry, reader, (entry,)))]
    if how == "restricted":
        return [
            Told(now, child, ProcessingRestricted(entry, RestrictionGround.ACCURACY, at, SOMEBODY, SEALED))
        ]
    return (
        [Told(now, child, EntryDisputed(entry=entry, by=SOMEBODY, reason=SEALED))]
        if how == "disputed"
        else []
    )


def _still_known(world: World, how: str, one, lines: tuple[Told, ...], reader: Reader) -> tuple[Told, ...]:
    """What of it a rule may still count for this reader."""
    counts = {
        "disputed": True,
        "reviewed": not has_harmed(one.known.fact),
        "closed": one.event.agency == reader.by.agency,
    }
    if how == "shielded":
        event = _without(one.event, frozenset({"postcode", "address", "where"}))
        return recorded(world, lines[0].child, one.since, event, one.until)
    return lines if counts.get(how) else ()


def _of_another(how: str, child: UUID) -> list[object]:
    if how == "shielded":
        return [shield(child)]
    return [PartShown(entry=uuid5(child, "review"), until=None, by=SOMEBODY)] if how == "reviewed" else []


def _known(drawn: Drawing, shielded) -> list[Told]:
    """Every child of a story has a record; and their addresses may be shielded."""
    named = sorted({child_named(one.child) for one in drawn.said} | {CHILD} | OTHERS)
    first = START - timedelta(hours=1)
    known = [Told(first, child, Registered(because="linked-by-another")) for child in named]
    return known + [Told(first, child, shield(child)) for child in named if shielded]


def shield(child: UUID) -> AccessClosed:
    return AccessClosed(
        restriction=uuid5(child, "shield"),
        what=Closing.ADDRESS,
        by=SOMEBODY,
        reason=SEALED,
        named=(SOMEBODY,),
    )


def _tell(world, viewer, told, seen, line, shielded) -> None:
    """Tell one line to both histories, to the second as the viewer may know it."""
    child, since, event, until = line
    told += recorded(world, child, since, event, until)
    if not viewer.hidden(event, child):
        seen += recorded(world, child, since, viewer.as_known(event, shielded=shielded), until)


LATER, GONE = (0, 30, 600, 4_000), (None, None, 45, 5_000)
CLOSED = (None, None, None, Closing.SEALED, Closing.NOT_SHARED)
WAYS = len(LINES) * MOST_DAYS * 24 * len(LATER) * len(GONE) * len(CLOSED)


def _extra(number: int) -> Extra:
    """One of all the ways to be an extra: a number is drawn five times faster than its five parts."""
    found = []
    for ways in (len(CLOSED), len(GONE), len(LATER), len(LINES), MOST_DAYS * 24):
        number, one = divmod(number, ways)
        found.append(one)
    closed, gone, later, line, hours = found
    return Extra(line, hours * 60, LATER[later], GONE[gone], CLOSED[closed])


extras = st.integers(0, WAYS - 1).map(_extra)


class Drawn(NamedTuple):
    """A story, further entries, which reader, and whether they are allocated or only of an agency."""

    story: int
    extra: list[Extra]
    reader: Reader
    strand: str | None
    shielded: bool
    reviewed: int | None
    """On which day a review took out of view that the child has harmed."""


def drawn_pairs(readers: Sequence[Reader]):
    return st.builds(
        Drawn,
        st.integers(0, len(ALL_TEXTS) - 1),
        st.lists(extras, min_size=1, max_size=4),
        st.sampled_from(readers),
        st.sampled_from((WHOLE, None, *STRANDS)),
        st.booleans(),
        st.sampled_from((None, 30, MOST_DAYS)),
    )


def of_drawn(world: World, drawn: Drawn) -> Pair:
    """The story with further entries; and without what this viewer may not know, closings included."""
    reader, story = drawn.reader, drawing(ALL_TEXTS[drawn.story])
    viewer = Viewer(world.hub.policy, reader)
    extras = [line_event(extra.line, extra.minutes, place) for place, extra in enumerate(drawn.extra)]
    own = [one.event for one in story.said if one.child is None]
    viewer.work_on(drawn.strand, own + [e for e, x in zip(extras, drawn.extra, strict=True) if not x.closed])
    first = [*allocated(reader, drawn.strand), *_known(story, drawn.shielded)]
    first += reviews(drawn.reviewed)
    told, seen = list(first), list(first)
    for one in story.said:
        line = (child_named(one.child), one.since, one.event, one.until)
        _tell(world, viewer, told, seen, line, drawn.shielded)
    for event, extra in zip(extras, drawn.extra, strict=True):
        since = event.occurred_at + timedelta(minutes=extra.later)
        until = None if extra.gone is None else since + timedelta(minutes=extra.gone)
        if extra.closed is None:
            _tell(world, viewer, told, seen, (CHILD, since, event, until), drawn.shielded)
        else:
            said = recorded(world, CHILD, since, event, until)
            entry = said[0].body.entry.id
            told += (*said, Told(since, CHILD, closing(extra.closed, entry, reader, (entry,))))
    now = max(story.now, day(MOST_DAYS + 30))
    return Pair(tuple(told), tuple(seen), now, {a.value: now for a in Agency}, reader)


def reviews(on: int | None) -> list[Told]:
    """The part the child had, as one who has harmed, is no longer shown from that day on."""
    if on is None:
        return []
    return [Told(day(on), CHILD, PartShown(entry=uuid5(CHILD, "review"), until=None, by=SOMEBODY))]


def closing(what: Closing, of: UUID, reader: Reader, entries: tuple[UUID, ...] = ()) -> AccessClosed:
    """A whole record, or these entries of it, closed to this reader: barred, sealed, not shared."""
    barred, sealed = what is Closing.BARRED, what is Closing.SEALED
    return AccessClosed(
        restriction=uuid5(of, what),
        what=what,
        by=SOMEBODY,
        reason=SEALED,
        named=(reader.by,) if barred else (SOMEBODY,) if sealed else (),
        agency=reader.by.agency if what is Closing.NOT_SHARED else "",
        entries=entries,
        interest="relative" if barred else "",
    )


def told_apart(world: World, pair: Pair, asked=None) -> dict[str, tuple[bytes, bytes]]:
    """The questions by which this viewer can tell the two histories apart, with both answers."""
    told, not_told = (
        world.answers(history, pair.now, pair.feeds, pair.reader, asked)
        for history in (pair.with_secret, pair.without)
    )
    return {name: (told[name], not_told[name]) for name in told if told[name] != not_told[name]}
