"""The same invented children through the whole hub: sealed, published, taken in, drawn: the same flags."""

from hub import compose
from hub.intake.keeping_on import take_what_is_there
from hub.simulation.population import invented
from hub.simulation.running import end_of, flags_of
from schemas.vocabulary import Agency
from tests.hubs import take_all
from tests.patterns.story import settings

YEARS, SEED, CHILDREN = 3, 1, 40


def told(flags):
    return sorted(
        (
            flag.pattern,
            flag.state.value,
            flag.raised_at,
            tuple((piece.family, piece.kind, piece.at, piece.recorded_at) for piece in flag.firing.evidence),
        )
        for flag in flags
    )


def test_through_the_hub_the_same_children_have_the_same_flags(desk):
    everybody = (invented(SEED, number, YEARS) for number in range(900))
    children = sorted(everybody, key=lambda child: -len(child.happenings))[:CHILDREN]
    now = end_of(YEARS)
    sent = [(h.since, h.event(c.who), h.sent, c) for c in children for h in c.happenings if h.since < now]
    straight, through = [], []
    with desk.open(at=now) as hub:
        moment = now
        hub.records.clock = lambda: moment
        with compose.open_intake(hub) as intake:  # one: to open it costs more than to take in
            for since, event, times, _ in sorted(sent, key=lambda one: one[0]):
                moment = since
                for _ in range(times):
                    desk.publish(event)
                take_what_is_there(intake, lambda _: None)
        moment = now
        for agency in Agency:
            desk.heartbeat(agency)
        take_all(hub)
        for follower in hub.followers:
            follower.catch_up()
        for child in children:
            straight += told(flags_of(child, settings(), now))
        for record in hub.records.children():
            through += told(hub.drawn.flags(record))

    assert len(straight) > 10
    assert sorted(straight) == sorted(through)
