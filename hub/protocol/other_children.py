"""The other children of an incident (guidance L23, L102, L112): named, looked at again, and with people of their own."""

from collections.abc import Iterable

from hub.domain.timeline import Fact
from hub.protocol.episodes import episodes, since_day
from hub.protocol.obligation import Due, Obligation, Situation, first
from hub.protocol.strands import WAS_HARMED
from hub.protocol.strategy_meeting import working
from schemas import protocol
from schemas.vocabulary import LinkRelation

INVOLVED = (LinkRelation.SAME_INCIDENT.value, LinkRelation.POTENTIALLY_INVOLVED.value)
AT_HOME = (LinkRelation.SIBLING.value, LinkRelation.HOUSEHOLD.value)
LEADS = protocol.AllocationRole.LEAD_WORKER.value
CONTACT = protocol.AllocationRole.SINGLE_POINT_OF_CONTACT.value


def named(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R14: each incident names the other children who were involved, so that each has a strand."""
    for episode in episodes(situation):
        told = since_day(situation.timeline.facts.where(lambda f: _tied(f, INVOLVED)), episode.start)
        yield row.due(situation, episode.start, first(told))


def siblings_again(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R62: where brothers, sisters or others at home are known, each new incident asks to look at them again."""
    if not situation.timeline.facts.where(lambda f: _tied(f, AT_HOME)):
        return
    considered = situation.of(protocol.SiblingConsidered)
    for episode in episodes(situation):
        yield row.due(situation, episode.start, first(since_day(considered, episode.start)))


def contact_apart(row: Obligation, situation: Situation) -> Iterable[Due]:
    """R72: the harmed child's single point of contact does not lead for the other child (from L86)."""
    theirs = {
        worker
        for facts in situation.linked.values()
        for worker, said in working(facts, situation.now).items()
        if said.where(role=LEADS)
    }
    for worker, said in sorted(working(situation.timeline.facts, situation.now).items()):
        contact = said.where(role=CONTACT)
        if contact and worker in theirs:
            yield row.due(
                situation, contact[0], first(contact.where(reason_recorded=True)), strand=WAS_HARMED
            )


def _tied(fact: Fact, relations: tuple[str, ...]) -> bool:
    return any(tie.relation in relations for tie in fact.children)
