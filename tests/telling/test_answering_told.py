"""A flag on a restricted entry is told to the role that answers for it, once, and to nobody else."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest

from hub.domain.access import Closing
from hub.domain.child import By, PractitionerAllocated, allocate
from hub.errors import UnknownChild
from hub.follow import Looking
from hub.patterns.life import WAITING
from hub.sharing import answering
from hub.sharing.answering import Answered, AnsweringProjection, answered_of
from hub.sharing.drawing import FlagsProjection, Rest, flag_of, rest_id
from hub.sharing.look import Reader
from hub.sharing.policy import read
from hub.sharing.redrawn import Redrawn, is_restricted
from hub.sharing.share import Share
from hub.store.mapper import TELLING
from hub.telling.drawn import of_flag
from schemas.health import SexualHealthContact
from schemas.police import MissingEpisode
from tests.casework.test_flag_work import draw
from tests.events import ANN
from tests.hubs import NOW, Desk
from tests.properties.held import CHILD, Drawn, Held, Told, World, child_named
from tests.properties.pairs import STORY_TEXTS, drawing, of_story, recorded
from tests.sharing.test_access import LEAD
from tests.sharing.test_flags import HARMED, HARMING, KNOWN, said
from tests.telling.servers import mail_server, names, webhook_server
from tests.web.conftest import Served

CARE = said(SexualHealthContact, "s1", "health", 0, age=13)
FOUND = said(MissingEpisode, "m1", "police", 10, found_with_adult=True)
DOCTOR = By("nd", "named-doctor", "health")
EVERYBODY = ("mash-coordinator", "named-doctor", "social-worker", "police-officer", "intelligence-officer")
SOON = NOW + timedelta(minutes=2)
FLAGS = ("flag-raised",)


def tell(desk, at=SOON):
    with desk.open(at=at) as hub:
        draw(hub)
        return hub.teller.step()


def to(box):
    return [recipients[0].partition(".")[0] for recipients, _ in box.mails]


def shown_on_restricted(hub, child, role="named-doctor", person="a doctor"):
    """The flags on restricted entries that wait, as the pages would show them for any of its purposes."""
    row = hub.policy.roles[role]
    readers = [Reader(By(person, role, row.agency.value), purpose) for purpose in sorted(row.purposes)]
    seen = {}
    for reader in readers:
        with suppress(UnknownChild):
            seen |= {flag.id: flag for flag in hub.share.seen(reader, child)}
    return {id_ for id_, flag in seen.items() if is_restricted(flag) and flag.state in WAITING}


def test_by_mail_and_webhook_once_through_restart_and_rebuild_and_nothing_of_the_child(any_desk, mails):
    box, port = mails
    any_desk.take_in(CARE, KNOWN, FOUND, at=NOW)
    with webhook_server() as (received, url):
        names(
            any_desk, port, *(n for n in EVERYBODY if n != "named-doctor"), "named-doctor", url=url, of=FLAGS
        )
        first = tell(any_desk)
        with any_desk.open(at=SOON) as hub:
            (child,) = hub.records.children()
            shown = shown_on_restricted(hub, child)
            raised = hub.drawn.flags(child)
            for follower in hub.followers:
                follower.rebuild()
            again = hub.teller.step()
        restarted = tell(any_desk)
    words = "".join(mail.as_string() for _, mail in box.mails) + "".join(map(str, received.bodies))

    assert [] == raised
    assert (2, 2) == (first.decided, first.told)
    assert ["named-doctor"] == to(box)
    assert len(shown) == received.seen == len(received.bodies) == 1
    assert {(0, 0)} == {(step.decided, step.told) for step in (again, restarted)}
    for secret in (*ANN["name"].values(), "9449305552", str(child), child.hex, "P32", "health", "restricted"):
        assert secret not in words


def test_the_front_door_is_told_the_same_in_the_same_order_whether_or_not_something_is_restricted(tmp_path):
    told, history = [], (HARMING, HARMED, KNOWN, FOUND)
    for name, more in (("with", (CARE,)), ("without", ())):
        desk = Desk(tmp_path / name)
        with mail_server() as (box, port):
            names(desk, port, *EVERYBODY, of=FLAGS)
            desk.take_in(*history, *more, at=NOW)
            tell(desk)
        found = [(to[0], mail["Subject"][:40], mail.get_content().splitlines()[:3]) for to, mail in box.mails]
        told.append([mail for mail in found if not mail[0].startswith("named-doctor")])
        assert (name == "with") == ("named-doctor" in to(box))

    assert told[0] == told[1] != []


def test_what_is_closed_to_the_role_or_lapsed_is_told_to_nobody_of_it(desk, mails):
    box, port = mails
    names(desk, port, *EVERYBODY, of=FLAGS)
    desk.take_in(CARE, KNOWN, FOUND, at=NOW)
    with desk.open(at=NOW) as hub:
        draw(hub)
        (child,) = hub.records.children()
        (entry,) = (id_ for id_, kept in hub.records.child(child).entries.items() if kept.entry.restricted)
        hub.gates.close(LEAD, child, Closing.SEALED, "Kept apart", named=(LEAD,), entries=(entry,))
    closed = tell(desk)

    assert (0, []) == (closed.decided, box.mails)


def test_after_a_change_of_policy_nothing_is_told_until_it_was_drawn_anew(desk, mails, monkeypatch):
    box, port = mails
    names(desk, port, *EVERYBODY, of=FLAGS)
    desk.take_in(CARE, KNOWN, FOUND, at=NOW)
    with desk.open(at=SOON) as hub:
        draw(hub)
        other = hub.policy.model_copy(update={"digest": "another"})
        teller = hub.teller
        monkeypatch.setattr(type(hub.policies), "__call__", lambda _: other)
        stale = teller.step()
        monkeypatch.undo()
        fresh = teller.step()

    assert (0, 1) == (stale.decided, fresh.decided)
    assert ["named-doctor"] == to(box)


def test_where_the_role_at_large_is_shown_nothing_who_works_with_the_child_is_told_alone(desk, mails):
    _, port = mails
    later = NOW + timedelta(days=3 * 365)
    names(desk, port, *EVERYBODY, "nd", of=FLAGS)
    desk.take_in(CARE, KNOWN, FOUND, at=NOW)
    with desk.open(at=NOW) as hub:
        draw(hub)
        (child,) = hub.records.children()
    with desk.open(at=later) as hub:
        hub.records.act(child, lambda c: allocate(c, DOCTOR, None, LEAD))
        draw(hub)
        told = [answered_of(row) for row in hub.drawn.answering.rows(child)[child].values()]

    assert {("nd", "named-doctor")} == {(one.to, one.role) for one in told}
    assert {("nd",)} == {one.names for one in told}


def test_its_link_leads_nobody_of_another_role_anywhere(desk, mails):
    _, port = mails
    names(desk, port, *EVERYBODY, of=FLAGS)
    desk.take_in(CARE, KNOWN, FOUND, at=NOW)
    tell(desk)
    with desk.open(at=SOON + timedelta(minutes=1)) as hub:
        served = Served(hub)
        (telling,) = hub.records.archive.rows.streams_of(TELLING)
        answers = {
            role: [served.browser(role).get(f"/told/{id_}") for id_ in (telling, uuid4())]
            for role in ("mash-coordinator", "social-worker", "auditor", "named-doctor")
        }

    assert f"/children/{served.ann}/why" == answers.pop("named-doctor")[0].headers["location"]
    assert {(404, True)} == {(a.status_code, a.content == b.content) for a, b in answers.values()}


# ------------------------------------------------------------ over every pattern's stories


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Desk(tmp_path_factory.mktemp("told") / "data").open(at=NOW) as hub:
        yield World(hub)


class Seen:
    """What the hub shows of a history held in memory."""

    def __init__(self, world, history, now, feeds):
        records = Held(world.hub, history, now)
        self.policy = world.hub.policy
        self.share = Share(records, world.hub.policies, Drawn(world.hub, records, feeds), lambda *_: None)


def story(world, text):
    """A story as it was told."""
    return tuple(
        one
        for said in drawing(text).said
        for one in recorded(world, child_named(said.child), said.since, said.event, said.until)
    )


def drawn(world, history, now, feeds):
    """What is to be told of a history: to the roles that answer, and to the front door."""
    hub, records = world.hub, Held(world.hub, history, now)
    looking = Looking(records.person(CHILD), now, feeds, lambda _: {})
    answering = AnsweringProjection(records, hub.policy, hub.drawn.settings).draw(looking).rows
    front = FlagsProjection(hub.keys, records.index, hub.drawn.settings, hub.drawn.door).draw(looking).rows
    told = list(map(answered_of, answering.values()))
    to_door = [
        m for id_, row in front.items() if id_ != rest_id(CHILD) for m in of_flag(CHILD, flag_of(row), ())
    ]
    to_roles = [m for one in told for m in of_flag(CHILD, one.flag, one.names)]
    return told, sorted(map(str, to_roles)), sorted(map(str, to_door))


AT_LARGE = Reader(By("", "named-doctor", "health"), "section-47")


@pytest.mark.parametrize("code", sorted(STORY_TEXTS))
def test_of_every_patterns_story_who_is_told_is_who_is_shown_and_nothing_else_makes_a_difference(world, code):
    """Told are the flags on restricted entries that any of the role is shown; what they may not know of
    tells them nothing more; and what is restricted tells the front door nothing.
    """
    for text in STORY_TEXTS[code][:2]:
        pair = of_story(world, text, AT_LARGE, strand=None)
        history = pair.with_secret if pair else story(world, text)
        at = (pair.now, pair.feeds) if pair else (drawing(text).now, dict(drawing(text).feeds))
        told, to_roles, to_door = drawn(world, history, *at)
        shown = shown_on_restricted(Seen(world, history, *at), CHILD)

        assert shown == {one.flag.id for one in told if one.flag.state in WAITING}
        if pair:
            assert to_roles == drawn(world, pair.without, *at)[1]
        open_ = tuple(t for t in history if not (hasattr(t.body, "entry") and t.body.entry.restricted))
        assert to_door == drawn(world, open_, *at)[2]
        assert {"named-doctor"} >= {name for one in told for name in one.names}


def test_some_story_is_told_to_the_role_that_answers(world):
    text = STORY_TEXTS["P32"][0]
    told, to_roles, _ = drawn(world, story(world, text), drawing(text).now, dict(drawing(text).feeds))

    assert told
    assert to_roles


RESTRICTED = STORY_TEXTS["P32"][0]
SECOND = By("nd2", "named-doctor", "health")
OFFICER = By("po", "police-officer", "police")


def projected(world, text=RESTRICTED, policy=None, more=()):
    """What is drawn of a story, and what there was to look at."""
    hub, told = world.hub, drawing(text)
    records = Held(hub, (*story(world, text), *more), told.now)
    projection = AnsweringProjection(records, policy or hub.policy, hub.drawn.settings)
    return projection.draw(Looking(records.person(CHILD), told.now, dict(told.feeds), lambda _: {}))


def test_of_a_child_of_whom_nothing_is_restricted_nothing_is_drawn_or_looked_at_again(world):
    assert ({}, None, (), ()) == projected(world, STORY_TEXTS["P01"][0])[:4]


def test_it_is_looked_at_again_when_a_flag_is_or_its_reader_begins_or_ceases_to_read(world):
    assert drawing(RESTRICTED).now < projected(world).look_at < datetime(2036, 1, 1, tzinfo=UTC)
    nobodys = projected(world, STORY_TEXTS["P32"][-1])
    assert ({}, datetime(2037, 1, 1, tzinfo=UTC)) == (nobodys.rows, nobodys.look_at)


def test_it_waits_for_every_feed_that_any_purpose_waits_for(world, monkeypatch):
    waits = iter("abcdefgh")
    monkeypatch.setattr(
        answering, "drawn_again", lambda *_: Redrawn([], None, frozenset((next(waits),)), Rest())
    )
    purposes = len(world.hub.policy.roles["named-doctor"].purposes)

    assert [*"abcdefgh"[:purposes]] == projected(world).awaits
    assert purposes > 1


def test_no_row_is_drawn_for_a_role_that_is_not_told_nor_twice_for_who_is_of_one_that_is(world):
    text, agreements = world.hub.policy.texts
    untold = read((text.replace(b"told    = true", b""), agreements))
    working = [allocation(by) for by in (DOCTOR, SECOND)]

    assert {} == projected(world, policy=untold).rows
    assert ["named-doctor"] == [answered_of(row).to for row in projected(world, more=working).rows.values()]


def allocation(by):
    event = PractitionerAllocated(practitioner=by, until=None, by=LEAD)
    return Told(drawing(RESTRICTED).now - timedelta(days=2000), CHILD, event)


def test_everyone_of_the_role_who_works_with_the_child_is_told_where_the_role_at_large_is_shown_nothing(
    world, monkeypatch
):
    seen = AnsweringProjection._seen

    def seen_by_who_works(self, by, looking):
        return seen(self, DOCTOR, looking) if by.person else ()

    monkeypatch.setattr(AnsweringProjection, "_seen", seen_by_who_works)
    drawn = projected(world, more=[allocation(by) for by in (DOCTOR, SECOND, OFFICER)])

    assert [DOCTOR.person, SECOND.person] == sorted(answered_of(row).to for row in drawn.rows.values())


def test_where_one_purpose_shows_no_record_the_others_are_looked_for(world, monkeypatch):
    first, look = min(world.hub.policy.roles["named-doctor"].purposes), answering.Look

    def no_record_for_the_first(records, policy, reader, *more):
        if reader.purpose == first:
            raise UnknownChild
        return look(records, policy, reader, *more)

    monkeypatch.setattr(answering, "Look", no_record_for_the_first)

    assert 1 == len(projected(world).rows)


def test_a_day_on_which_it_changes_who_reads_is_looked_at_once_it_has_come_and_not_again(world):
    end = datetime(2037, 1, 1, tzinfo=UTC)

    assert end in answering._days(world.hub.policy, end - timedelta(seconds=1))
    assert [] == list(answering._days(world.hub.policy, end))


@pytest.mark.parametrize(
    ("to", "owner", "told"),
    [
        ("named-doctor", None, ("named-doctor",)),
        ("named-doctor", DOCTOR, ("nd", "named-doctor")),
        ("named-doctor", By("mc", "mash-coordinator", "social-care"), ("named-doctor",)),
        ("nd2", DOCTOR, ("nd2",)),
    ],
)
def test_a_flag_in_somebodys_hands_is_told_to_them_where_the_whole_role_is_told(world, to, owner, told):
    (row,) = projected(world).rows.values()
    flag = msgspec.structs.replace(answered_of(row).flag, owner=owner)

    answered = Answered(to, "named-doctor", flag)

    assert told == answered.names
    with pytest.raises(AttributeError):
        answered.to = "another"
