"""Children who move in or come back (guidance L150): the same response, from the earlier of notice and arrival."""

from collections.abc import Iterable, Iterator

from hub.domain.timeline import Fact, Facts
from hub.protocol.episodes import since
from hub.protocol.meetings import meetings, took_place
from hub.protocol.obligation import Due, Obligation, Situation, first
from hub.protocol.strands import HAS_HARMED, strands
from schemas import protocol
from schemas.social_care import AreaMove, MultiAgencyMeeting
from schemas.youth_justice import Release


def responded_to(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R122: for each move into the area, and each release that people opened a pathway for, agencies meet.

    A release of a child whose pathway was open before is row R49's.
    """
    if HAS_HARMED not in strands(situation.timeline):
        return
    met = Facts((*took_place(meetings(situation)), *situation.of(MultiAgencyMeeting)))
    for arrival in _arrivals(situation):
        yield row.due(situation, arrival, first(since(met, arrival)), row.clock(situation), strand=HAS_HARMED)


def _arrivals(situation: Situation) -> Iterator[Fact]:
    """The earliest word of each: a notice and the arrival it gave notice of are one."""
    moves = situation.of(AreaMove).where(moving_in=True)
    opened = situation.of(protocol.PathwayOpened).where(opened_for={"moved-in", "leaves-custody"})
    known: Fact | None = None
    for fact in Facts((*moves, *opened, *_first_of_release(situation, opened))):
        if known is None or (fact.at - known.at).days >= situation.pack.same_arrival_days:
            yield fact
        known = fact


def _first_of_release(situation: Situation, opened: Facts) -> Iterator[Fact]:
    """Releases whose notice came before people opened the pathway for them: the clock starts at the notice."""
    for one in opened.where(opened_for="leaves-custody"):
        yield from situation.of(Release).before(one.at, days=situation.pack.same_arrival_days)
