"""Telling: each recipient once of each matter, whatever is drawn again, falls over or is away."""

from datetime import timedelta
from uuid import uuid4

import pytest

from hub.domain.child import By, acknowledge_flag
from hub.errors import Conflict
from hub.store.mapper import TELLING
from hub.telling.matter import Matter, decided
from hub.telling.settings import NOBODY, Kind, TellingInvalid, TellingSettings, load
from hub.telling.teller import Teller
from schemas.police import OffenceReported
from schemas.schools import SexualBehaviourIncident
from schemas.vocabulary import Agency
from tests.events import ANN, DAY, intelligence, missing
from tests.hubs import INTELLIGENCE_OFFICER, NOW, SOCIAL_WORKER, take_all
from tests.journeys.commands import hub as command
from tests.sharing.test_access import contact
from tests.telling.servers import ADDRESS, SECRET, webhook_server

WHO = By("mc", "mash-coordinator", "social-care")
SOON = NOW + timedelta(minutes=2)
COORDINATOR = "mash-coordinator"
SCHOOL = SexualBehaviourIncident(
    agency="schools",
    system="log",
    source_event_id="i1",
    **ANN,
    occurred_at=DAY,
    part="has-sexually-harmed",
    summary="Invented words.",
)
POLICE = OffenceReported(
    agency="police",
    system="niche",
    source_event_id="o1",
    **ANN,
    occurred_at=DAY + timedelta(days=40),
    part="has-been-sexually-harmed",
)


def names(desk, port=0, url="", *, of=(), since=None, to="mash-coordinator"):
    """Write who is told: the coordinator, or somebody else, by mail, by webhook or both."""
    ways = []
    if port:
        ways.append(f'email = ["{ADDRESS}"]')
    if url:
        secret = desk.settings.data / "secret"
        secret.write_text(SECRET)
        ways.append(f'webhook = {{ url = "{url}", secret_file = "{secret}" }}')
    if of:
        ways.append(f"of = {list(of)}")
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "hub@example.invalid"\n'
    whom = "\n".join([f"[to.{to}]", *ways])
    head = 'address = "https://hub.example.invalid"\n' + (f"since = {since.isoformat()}\n" if since else "")
    (desk.settings.data / "telling.toml").write_text(head + (smtp if port else "") + whom + "\n")


def raise_a_flag(desk, at=NOW):
    desk.publish(SCHOOL, POLICE)
    desk.heartbeat(Agency.SOCIAL_CARE)  # no meeting was told of by who would tell of one
    with desk.open(at) as hub:
        take_all(hub)
        draw(hub)
        return hub.drawn.flags(hub.records.children()[0])


def draw(hub):
    for follower in hub.followers:
        follower.catch_up()


def matter(**more):
    said = {"kind": Kind.GLASS_BROKEN, "subject": uuid4(), "version": "1", "child": uuid4()}
    return Matter(**{**said, "to": ("somebody", COORDINATOR), "at": NOW, **more})


def test_a_flag_is_told_to_the_coordinator_once_and_the_mail_holds_nothing_of_the_child(desk, mails):
    box, port = mails
    names(desk, port, of=[Kind.FLAG_RAISED.value])
    flags = raise_a_flag(desk)
    with desk.open(SOON) as hub:
        first, second = hub.teller.step(), hub.teller.step()
        (child,) = hub.records.children()
    told = "".join(mail.as_string() for _, mail in box.mails)

    assert len(flags) == first.decided == first.told == len(box.mails)
    assert (0, 0) == (second.decided, second.told)
    for secret in (*ANN["name"].values(), "9449305552", "2012", child.hex, str(child), "harm", "P03"):
        assert secret not in told
    assert len({mail["Message-ID"] for _, mail in box.mails}) == len(flags)


def test_a_rebuild_or_a_restart_never_sends_again(any_desk, mails):
    box, port = mails
    names(any_desk, port)
    raise_a_flag(any_desk)
    with any_desk.open(SOON) as hub:
        hub.teller.step()
    sent = len(box.mails)
    with any_desk.open(SOON) as hub:
        for follower in hub.followers:
            follower.rebuild()
        again = hub.teller.step()

    assert 0 < sent == len(box.mails)
    assert (0, 0) == (again.decided, again.told)


def test_what_the_receiver_does_not_take_is_kept_and_tried_again_later_and_later(desk, tmp_path):
    with webhook_server() as (received, url):
        names(desk, url=url, of=[Kind.FLAG_RAISED.value])
        flags = len(raise_a_flag(desk))
        received.answers = 503
        with desk.open(SOON) as hub:
            down, at_once = hub.teller.step(), hub.teller.step()
            waiting = hub.teller.untold()
        received.answers = 204
        with desk.open(SOON + timedelta(seconds=30)) as hub:
            too_soon = hub.teller.step()
        with desk.open(SOON + timedelta(seconds=75)) as hub:
            later, after = hub.teller.step(), hub.teller.untold()

    assert (flags, 0, flags) == (down.decided, down.told, down.delayed)
    assert 0 == at_once.told + at_once.delayed + too_soon.told + too_soon.delayed
    assert {("it-refused-the-message", 1)} == {(t.why, t.tries) for t in waiting}
    assert (flags, []) == (later.told, after)
    assert flags == len(received.ids) == len(set(received.ids))


def test_a_fall_between_sending_and_recording_sends_again_under_the_same_id_and_records_once(any_desk):
    with webhook_server() as (received, url):
        names(any_desk, url=url, of=[Kind.GLASS_BROKEN.value])
        with any_desk.open(SOON) as hub:
            hub.teller.decide([matter()])
            falling = Teller(hub.records, hub.teller.settings)
            (way,) = falling._channels.values()
            falling._channels = {f"{COORDINATOR} by webhook": Falls(way)}
            with pytest.raises(KeyboardInterrupt):
                falling.step()
        with any_desk.open(SOON + timedelta(minutes=1)) as hub:
            in_hand = hub.teller.step()
        with any_desk.open(SOON + timedelta(minutes=6)) as hub:
            again = hub.teller.step()
            (stream,) = hub.records.archive.rows.streams_of(TELLING)
            tags = [type(e.body).__struct_config__.tag for e in hub.records.archive.stream(stream)]

    assert (0, 1) == (in_hand.told, again.told)
    assert ["decided", "tried", "tried", "done"] == tags
    assert (2, [str(stream)]) == (received.seen, received.ids)


class Falls:
    """A worker that falls over after the receiver has taken the message."""

    def __init__(self, way):
        self.way = way

    def send(self, message, now):
        self.way.send(message, now)
        raise KeyboardInterrupt


def test_two_workers_never_have_one_telling_in_hand(desk):
    with webhook_server() as (received, url):
        names(desk, url=url)
        with desk.open(SOON) as hub:
            one, other = hub.teller, Teller(hub.records, hub.teller.settings)
            one.decide([matter() for _ in range(3)])
            one.untold(), other.untold()
            done = one.step(), other.step()

    assert (3, 0) == (done[0].told, done[1].told)
    assert 3 == received.seen


def test_a_flag_nobody_looked_at_is_told_again_when_its_time_has_passed_and_not_if_somebody_has(desk, mails):
    box, port = mails
    names(desk, port, of=[Kind.FLAG_WAITS.value])
    flags = raise_a_flag(desk)
    late = max(flag.acknowledge_by for flag in flags) + timedelta(minutes=1)
    with desk.open(SOON) as hub:
        (child,) = hub.records.children()
        hub.records.act(child, lambda record: acknowledge_flag(record, flags[0].id, WHO))
        draw(hub)
    with desk.open(late) as hub:
        told = hub.teller.step()

    assert 1 <= len(flags) - 1 == told.told == len(box.mails)


def test_a_correction_is_told_to_the_agency_when_it_is_asked_for_and_when_a_month_is_over(desk, mails):
    box, port = mails
    names(desk, port, to="Police")
    desk.take_in(missing(), intelligence(), contact(), at=NOW)
    asked = {}
    with desk.open(NOW) as hub:
        (child,) = hub.records.children()
        kept = [one.entry for one in hub.records.child(child).entries.values()]
        entries = {entry.restricted: entry.id for entry in kept if entry.agency == "police"}
        for restricted, reader in ((True, INTELLIGENCE_OFFICER), (False, SOCIAL_WORKER)):
            hub.disputes.dispute(reader, child, entries[restricted], "It was her sister.")
            draw(hub)
            asked[restricted] = hub.teller.step().told
    with desk.open(NOW + timedelta(days=32)) as hub:
        draw(hub)
        late = hub.teller.step().told

    assert {True: 0, False: 1} == asked
    assert (1, 2) == (late, len(box.mails))


def test_reopened_by_new_evidence_a_flag_is_told_anew(desk, mails):
    _, port = mails
    names(desk, port, of=[Kind.FLAG_RAISED.value])
    flags = raise_a_flag(desk)
    first = {turn.at for flag in flags for turn in flag.turns}
    settings = load(desk.settings.data / "telling.toml")
    at = min(first)
    raised = matter(kind=Kind.FLAG_RAISED, subject=flags[0].id, version=f"raised@{at}")
    reopened = raised._replace(version=f"reopened@{at}")

    assert set(decided(raised, settings)).isdisjoint(decided(reopened, settings))
    assert decided(raised, settings).keys() == decided(raised._replace(at=NOW, due=NOW), settings).keys()


def test_a_matter_recorded_with_what_it_is_about_stands_or_falls_with_it(desk, mails):
    _, port = mails
    names(desk, port)
    with desk.open(SOON) as hub:
        broken = matter()
        hub.records.record(decided(broken, hub.teller.settings))
        with pytest.raises(Conflict):
            hub.records.record(decided(broken, hub.teller.settings))

        assert 0 == hub.teller.decide([broken])
        assert 1 == len(hub.teller.untold())


def test_the_most_particular_name_the_settings_know_is_told_and_nobody_else(desk, mails):
    _, port = mails
    names(desk, port, of=[Kind.GLASS_BROKEN.value])
    whom = load(desk.settings.data / "telling.toml")

    assert 1 == len(decided(matter(), whom))
    assert {} == decided(matter(kind=Kind.ITEM_DUE), whom)
    assert {} == decided(matter(to=("nobody-we-know",)), whom)
    assert {} == decided(matter(), NOBODY)
    assert {} == decided(matter(), whom.model_copy(update={"since": NOW + timedelta(days=1)}))


def test_the_command_tells_and_says_how_many_and_nobody_where_nobody_is_named(
    desk, mails, monkeypatch, capsys
):
    box, port = mails
    raise_a_flag(desk)
    nobody = command(monkeypatch, capsys, "tell", "--once", data=desk.settings.data)
    names(desk, port, of=[Kind.FLAG_RAISED.value])
    told = command(monkeypatch, capsys, "tell", "--once", data=desk.settings.data)
    again = command(monkeypatch, capsys, "tell", "--once", "--json", data=desk.settings.data)

    assert "nobody is named to be told" in nobody.out
    assert f"{len(box.mails)} to be told, {len(box.mails)} told, 0 waiting" in told.out
    assert '{"decided":0,"told":0,"delayed":0,"waiting":0}' == again.out.strip()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[to.x]\nemail = ["a@b.invalid"]', "address must be https"),
        ('address = "https://h.invalid"\n[to.x]\nemail = ["a@b.invalid"]', "smtp is missing"),
        ('address = "https://h.invalid"\n[to.x]\nof = []', "to.x"),
        (
            'address = "https://h.invalid"\n[to.x.webhook]\nurl = "http://far.invalid/h"\nsecret_file = "s"',
            "to.x.webhook",
        ),
        (
            '[to.x.webhook]\nurl = "https://u:secret-word@far.invalid/h"\nsecret_file = "s"',
            "no secret in the address",
        ),
        ('[smtp]\nhost = "far.invalid"\nsecurity = "none"\nsender = "h@h.invalid"', "in clear is refused"),
        ('[smtp]\nhost = "far.invalid"\nuser = "u"\nsender = "h@h.invalid"', "go together"),
        ("[to.x]\nemial = 1", "to.x"),
        ("not toml", "telling.toml"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_their_key_and_no_secret_is_shown(tmp_path, text, named):
    file = tmp_path / "telling.toml"
    file.write_text(text)

    with pytest.raises(TellingInvalid) as refused:
        load(file)
    assert named in str(refused.value)
    assert "secret-word" not in str(refused.value)


def test_without_a_file_nobody_is_told(tmp_path):
    assert NOBODY == load(None) == load(tmp_path / "telling.toml") == TellingSettings()
