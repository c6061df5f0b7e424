"""Every story of every rule through the whole hub: sealed, published, taken in, followed, and drawn the same.

Rules across children (P09, P15, P17, P29, P30) find their ties here by keyed hashes of children, adults and
places that the hub itself made.
"""

import re
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID, uuid4, uuid5

from hub.domain.child import By
from hub.intake.acts import record_first
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.flags import flags
from hub.sharing.look import Reader
from hub.simulation.drawn import SYSTEM, Drawing, draw, event_of
from hub.simulation.planting import elsewhere_of
from hub.simulation.stories import FLAGGED
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency
from tests.hubs import take_all
from tests.patterns.story import settings

NAMED = re.compile(r"(@|incident=|teller=|(?<=:))([a-z][a-z-]*)")
"""A child, incident, teller, adult or place of a story: another story's are others, of whatever name."""


DOCTOR = Reader(By("nd", "named-doctor", "health"), "section-47")
"""Answers for restricted entries of health, and sees flags that stand on them."""


class Sent(NamedTuple):
    since: datetime
    event: CaseEvent


class Told(NamedTuple):
    """A story of its own: the rule it is of, its child's identifier, what is sent, and the same as drawn."""

    code: str
    child: str
    sent: list[Sent]
    drawing: Drawing

    @property
    def restricted(self) -> bool:
        """Whether an entry of it is of a restricted type, which does not exist for the coordinator."""
        return any(said.event.restricted for said in self.sent)

    @property
    def own(self) -> int:
        """Which of what is sent is of the story's own child."""
        return next(n for n, said in enumerate(self.drawing.said) if said.child is None)


def stories() -> list[Told]:
    texts = [(rule.code, text) for rule in CATALOGUE for text, _ in FLAGGED[rule.code]]
    return [told(number, code, text) for number, (code, text) in enumerate(texts)]


def told(number: int, code: str, text: str) -> Told:
    text = NAMED.sub(rf"\1\2-{number}", text)
    drawing, child = draw(text), f"child-{number}"
    lines = [
        words for words in map(str.split, text.splitlines()) if words and words[0] not in ("now", "silent")
    ]
    sent = []
    for said, words in zip(drawing.said, lines, strict=True):
        name = words.pop(0)[1:] if words[0].startswith("@") else child
        what = " ".join(word for word in words[2:] if not word.startswith(("known=", "gone=")))
        who = {"identifiers": ({"system": SYSTEM, "value": name},)}
        entry = uuid5(UUID(int=number), str(said.entry))
        sent.append(Sent(said.since, event_of(what, said.event.occurred_at, entry, who)))
    return Told(code, child, sent, drawing)


def shown(found, code):
    return sorted(
        (
            flag.raised_at,
            flag.firing.elsewhere,
            flag.severity,
            tuple(sorted((p.at, p.family, p.kind, p.recorded_at) for p in flag.firing.evidence)),
        )
        for flag in found
        if flag.pattern == code
    )


def straight(one: Told, now: datetime):
    known = [said.known for said in one.drawing.said if said.child is None]
    return flags(
        (UUID(int=1),),
        known,
        now=now,
        feeds={agency.value: now for agency in Agency},
        reviews={},
        settings=settings(),
        patterns=[rule for rule in CATALOGUE if rule.code == one.code],
        elsewhere=elsewhere_of(one.drawing.said),
    ).flags


def test_every_story_is_flagged_by_the_hub_itself_and_as_the_rules_alone_say(desk):
    everything = stories()
    sent = sorted((s for one in everything for s in one.sent), key=lambda s: s.since)
    last = max(one.drawing.now for one in everything)
    with desk.open(at=last) as hub:
        moment = last
        hub.records.clock = lambda: moment
        for since, together in groupby(sent, key=lambda s: s.since):
            moment = since
            take(hub, desk, [s.event for s in together])
        moment = last
        for agency in Agency:
            desk.heartbeat(agency)
        take_all(hub)
        for follower in hub.followers:
            follower.catch_up()
        kept, told = ([one for one in everything if one.restricted is which] for which in (True, False))
        through = {one.child: shown(drawn_of(hub, one), one.code) for one in everything}
        by_doctor = []
        for one in kept:
            moment = one.drawing.now  # an agency works with a child for so long, and no longer
            by_doctor.append(hub.share.flags(DOCTOR, record_of(hub, one)))

    assert {rule.code for rule in CATALOGUE} == {one.code for one in everything}
    assert [] == [one.code for one in told if not through[one.child]]
    for one in told:
        assert shown(straight(one, last), one.code) == through[one.child], one.code
    assert [] == [one.code for one in kept if through[one.child]]  # kept from the coordinator, by the policy
    seen = {
        one.code
        for one, found in zip(kept, by_doctor, strict=True)
        if raised(found, one.code) == raised(straight(one, last), one.code)
    }
    assert {"P32"} == seen  # of what stands behind P11 the doctor may not know all


def raised(found, code):
    return sorted(flag.raised_at for flag in found if flag.pattern == code)


def take(hub, desk, events):
    """What agencies' systems send comes by the bus; what people record in the hub, they record there."""
    desk.publish(*(event for event in events if not event.type.startswith("protocol.")))
    take_all(hub)
    for event in events:
        if event.type.startswith("protocol."):
            record_first(hub.records, event, By("p1", "practitioner", event.agency.value), uuid4)


def drawn_of(hub, one: Told):
    return hub.drawn.flags(record_of(hub, one))


def record_of(hub, one: Told):
    stream = hub.records.hashes.stream(one.sent[one.own].event.identifiers[0])
    return hub.records.identities.look_up([stream])[stream].child
