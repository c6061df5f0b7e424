"""What no sharing agreement covers raises no flag: one that ended, a party that left, another purpose."""

import re
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta

import pytest

from hub.casework.worklists import Whose
from hub.domain.calendar import LONDON
from hub.domain.strand import Opens
from hub.errors import Unavailable
from hub.sharing.agreements import SHIPPED
from hub.sharing.look import Reader
from hub.sharing.policy import SHIPPED as POLICY_SHIPPED
from hub.sharing.policy import read
from hub.telling.settings import Kind
from hub.web.live import Seen
from hub.web.served import Window
from schemas.vocabulary import Agency
from tests.hubs import NOW, Desk, only_child, take_all
from tests.oversight.test_desk import LEAD as PARTNER
from tests.sharing.test_drawn import LEAD
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, codes, look
from tests.telling.servers import mail_server, names
from tests.telling.test_answering_told import CARE, DOCTOR, FOUND

POLICY = POLICY_SHIPPED.read_text()
ENQUIRY = Reader(COORDINATOR.by, "section-47")


def without_the_police(text):
    return re.sub(r'^ *{ name = "[^"]*", agency = "police".*\n', "", text, flags=re.MULTILINE)


def ended(text, name):
    """One agreement, over the day before; the others run on."""
    before, said = text.split(f'value = "{name}"')
    return f'{before}value = "{name}"{said.replace("2036-12-31", "2026-11-19", 1)}'


class Agreed:
    """A child of whom the police, a school and social care each said something; and the agreements."""

    def __init__(self, desk, folder):
        self.file = folder / "agreements.toml"
        self.desk, self.text = desk, SHIPPED.read_text()
        self.put(self.text)
        desk.settings = desk.settings.model_copy(update={"agreements": self.file})
        desk.take_in(HARMING, HARMED, KNOWN, at=NOW)

    def put(self, text):
        self.file.write_text(text)

    def told(self, reader=COORDINATOR, *, follow=True):
        """Whose words this reader reads, which flags they are shown, and on what their list stands."""
        with self.desk.open(at=NOW + timedelta(hours=1)) as hub:
            child = look(hub) if follow else hub.records.children()[0]
            lines = hub.share.chronology(reader, child).lines
            police = {str(k.entry.id) for k in hub.records.child(child).entries.values()} - {
                str(line.id) for line in lines
            }
            items = [*hub.share.due(reader, child)]
            items += [w.item for w in hub.worklists.of(reader, Whose(agency=Agency.SOCIAL_CARE))]
            stands_on = {str(item.started_by) for item in items} & police
            return {line.agency for line in lines}, "P03" in codes(hub.share.flags(reader, child)), stands_on


@pytest.fixture
def agreed(desk, tmp_path):
    return Agreed(desk, tmp_path)


ALL, REST = {"police", "schools", "social-care"}, {"schools", "social-care"}


@pytest.mark.parametrize("follow", [True, False])
def test_where_a_party_has_left_its_words_raise_no_flag_and_nothing_is_due_by_them(agreed, follow):
    before = agreed.told()
    agreed.put(without_the_police(agreed.text))

    assert (ALL, True, set()) == before
    assert (REST, False, set()) == agreed.told(follow=follow)


def test_of_two_agreements_that_cover_the_same_one_ends_and_its_purposes_with_it(agreed):
    before = [agreed.told(reader) for reader in (COORDINATOR, ENQUIRY)]
    agreed.put(ended(agreed.text, "mash-2024"))

    assert [(ALL, True, set())] * 2 == before
    assert (({"social-care"}, False, set()), (ALL, True, set())) == (agreed.told(), agreed.told(ENQUIRY))


def test_what_one_agreement_covers_no_more_another_that_runs_on_does(agreed):
    again = agreed.text[agreed.text.index("[[agreement]]", agreed.text.index("mash-2024") - 200) :]
    again = again[: again.index("[[agreement]]", 20)].replace("mash-2024", "mash-2026")
    agreed.put(ended(agreed.text, "mash-2024") + "\n" + again)

    assert (ALL, True, set()) == agreed.told()


# ------------------------------------------------------------ processes that run on while a day ends

LAST = datetime.now(LONDON).date() + timedelta(days=1)
MIDNIGHT = datetime.combine(LAST + timedelta(days=1), time(), LONDON)
"""The first moment of the day after the last."""
BEFORE, AFTER = MIDNIGHT - timedelta(seconds=2), MIDNIGHT + timedelta(seconds=2)


def until_midnight(first, then):
    """Agreements of which the first hold until midnight, and the others from then on."""
    ends = first.replace("2036-12-31", f"{LAST}")
    begin = then.replace("2020-01-01", f"{MIDNIGHT.date()}")
    return ends + re.sub(r'^(identifier .*?value = "[^"]*)', r"\1-again", begin, flags=re.MULTILINE)


class Day:
    """A hub that serves, follows and tells, each in a process that runs on while the clock goes."""

    def __init__(self, hubs, monkeypatch):
        self.serving, self.following, self.telling = hubs
        self.child = only_child(self.serving)
        self._monkeypatch = monkeypatch
        self.at(BEFORE)

    def at(self, moment):
        for hub in (self.serving, self.following, self.telling):
            self._monkeypatch.setattr(hub.records, "clock", lambda: moment)

    def follow(self):
        for follower in self.following.followers:
            follower.catch_up()

    def flag(self):
        """Whether P03 is shown, is drawn, and is counted; None: counts wait."""
        hub = self.serving
        try:
            hub.partnership.report(PARTNER)
            counted = "P03" in codes(f for some in hub.drawn.every_flag().values() for f in some)
        except Unavailable:
            counted = None
        shown = "P03" in codes(hub.share.flags(COORDINATOR, self.child))
        return shown, "P03" in codes(hub.drawn.flags(self.child)), counted


@pytest.fixture(params=[True, False], ids=["adopted", "as the file says"])
def day(tmp_path, monkeypatch, request):
    """Makes a hub under these agreements, of whose child several agencies have said something."""

    @contextmanager
    def made(agreements, *events, of=(Kind.FLAG_RAISED.value,), rules=POLICY):
        desk, file = Desk(tmp_path / "hub", live=request.param), tmp_path / "agreements.toml"
        file.write_text(agreements)
        (tmp_path / "policy.toml").write_text(rules)
        texts = {"agreements": file, "policy": tmp_path / "policy.toml"}
        desk.settings = desk.settings.model_copy(update=texts)
        with mail_server() as (box, port):
            names(desk, port, "mash-coordinator", "named-doctor", "caldicott-guardian", of=of)
            with desk.open() as hub:
                if request.param:
                    hub.share.disclosures.adopt(hub.policy, LEAD)
            desk.publish(*events)
            with ExitStack() as held:
                hubs = [held.enter_context(desk.open()) for _ in range(3)]
                take_all(hubs[0])
                yield Day(hubs, monkeypatch), box

    return made


def ago(days, event):
    return event.model_copy(update={"occurred_at": datetime.now(UTC) - timedelta(days=days)})


RESTRICTED = ago(21, CARE), ago(11, FOUND), ago(10, KNOWN)
"""Of health's restricted entry and the police's: a flag that a named doctor is told of."""
STORY = ago(60, HARMING), ago(20, HARMED), ago(19, KNOWN)


@pytest.mark.usefixtures("at_once")
def test_an_agreement_ends_by_its_day_and_what_stood_under_it_is_shown_counted_and_told_no_more(day):
    text = SHIPPED.read_text()
    with day(until_midnight(text, without_the_police(text)), *STORY) as (today, box):
        today.follow()
        before = today.flag()
        today.at(AFTER)
        meanwhile, told = today.flag(), [today.telling.teller.step().decided]
        late = today.serving.drawn.late()
        today.follow()
        drawn_anew = today.flag()
        told.append(today.telling.teller.step().decided)

        assert (True, True, True) == before
        assert ((False, False, None), True) == (meanwhile, late)
        assert ((False, False, False), False) == (drawn_anew, today.serving.drawn.late())
        assert ([0, 0], []) == (told, box.mails)


@pytest.mark.usefixtures("at_once")
def test_an_agreement_begins_by_its_day_and_what_stands_under_it_is_told_once_it_is_drawn(day):
    text = SHIPPED.read_text()
    each = text.split("[[agreement]]")  # under one, not the front door's, the police's feed is taken
    fewer = "[[agreement]]".join(one if "crime-2023" in one else without_the_police(one) for one in each)
    with day(until_midnight(fewer, text), *STORY) as (today, box):
        today.follow()
        before, told = today.flag(), [today.telling.teller.step().decided]
        today.at(AFTER)
        meanwhile = today.flag()
        told.append(today.telling.teller.step().decided)
        today.follow()
        drawn_anew = today.flag()

        assert (False, False, False) == before
        assert (True, False, None) == meanwhile  # worked out with the look
        assert (True, True, True) == drawn_anew
        assert ([0, 0], []) == (told, box.mails)
        assert 0 < today.telling.teller.step().decided == len(box.mails)


@pytest.mark.usefixtures("at_once")
def test_a_day_on_which_nothing_ends_or_begins_draws_nothing_anew(day):
    with day(SHIPPED.read_text(), *STORY) as (today, _):
        today.follow()
        before = today.serving.drawn.sight()
        today.at(AFTER)

        assert before is today.serving.drawn.sight()
        assert (True, True, True) == today.flag()


@pytest.mark.usefixtures("at_once")
def test_nor_is_who_answers_for_a_restricted_entry_told_of_a_flag_under_what_has_lapsed(day):
    text = SHIPPED.read_text()
    with day(until_midnight(text, without_the_police(text)), *RESTRICTED) as (today, box):
        today.follow()
        before = today.serving.drawn.answering.rows(today.child)
        today.at(AFTER)
        told = [today.telling.teller.step().decided]
        today.follow()
        told.append(today.telling.teller.step().decided)

        assert before
        assert {} == today.serving.drawn.answering.rows(today.child)
        assert ([0, 0], []) == (told, box.mails)


@pytest.mark.usefixtures("at_once")
def test_an_open_page_is_told_where_what_its_reader_reads_ends_by_its_day(day):
    text = SHIPPED.read_text()
    with day(until_midnight(text, without_the_police(text)), *STORY) as (today, _):
        page = Seen(Window(today.serving), COORDINATOR, today.child)
        told = [page.changed(), page.changed()]
        today.at(AFTER)
        told += [page.changed(), page.changed()]

        assert [False, False, True, False] == told


NEVER_THERE = "450 try again later"


def subjects(today, box):
    """How many mails went to whom, by role."""
    return Counter(to[0].partition(".")[0] for to, _ in box.mails)


@pytest.mark.usefixtures("at_once")
def test_a_message_decided_before_an_agreement_ended_is_sent_no_more_after_it(day):
    text = SHIPPED.read_text()
    with day(until_midnight(text, without_the_police(text)), *STORY) as (today, box):
        today.follow()
        box.refuses_rcpt = NEVER_THERE
        decided = today.telling.teller.step().decided
        box.refuses_rcpt = None
        today.at(AFTER + timedelta(hours=1))
        told = [today.telling.teller.step().told]
        today.follow()
        told.append(today.telling.teller.step().told)

        assert decided
        assert ([0, 0], []) == (told, box.mails)
        assert [] == today.telling.teller.untold()


@pytest.mark.usefixtures("at_once")
def test_what_was_not_told_as_an_agreement_had_ended_is_told_once_another_covers_it(day):
    text = SHIPPED.read_text()
    with day(until_midnight(text, without_the_police(text)), *STORY) as (today, box):
        today.follow()
        box.refuses_rcpt = NEVER_THERE
        today.telling.teller.step()
        box.refuses_rcpt = None
        today.at(AFTER + timedelta(hours=1))
        today.follow()
        today.telling.teller.step()
        before = list(box.mails)
        if not today.serving.demo:
            today.serving.share.disclosures.adopt(read((POLICY.encode(), text.encode())), LEAD)
            today.follow()
            today.telling.teller.step()
            today.telling.teller.step()

        assert [] == before
        assert ({} if today.serving.demo else {"mash-coordinator": 2}) == subjects(today, box)


@pytest.mark.usefixtures("at_once")
def test_past_a_policys_own_dates_broken_glass_is_told_and_nothing_of_what_is_drawn(day):
    of = [Kind.FLAG_RAISED.value, Kind.GLASS_BROKEN.value, Kind.GLASS_UNREVIEWED.value]
    ends = POLICY.replace("2036-12-31", f"{LAST}", 1)
    with day(SHIPPED.read_text(), *STORY, of=of, rules=ends) as (today, box):
        today.follow()
        today.serving.gates.break_glass(
            Reader(DOCTOR, "section-47"), today.child, "She is not where she should be.", Opens.BOTH
        )
        today.at(AFTER)
        told = [today.telling.teller.step().decided]
        at_once = subjects(today, box)
        today.at(AFTER + timedelta(days=10))
        told.append(today.telling.teller.step().decided)
        late = subjects(today, box)
        if not today.serving.demo:
            today.serving.share.disclosures.adopt(read((POLICY.encode(), SHIPPED.read_text().encode())), LEAD)
            today.follow()
            today.telling.teller.step()
        again = subjects(today, box) - late

        assert ({"caldicott-guardian": 1}, {"caldicott-guardian": 2}) == (at_once, late)
        assert [0, 1] == told
        assert ({} if today.serving.demo else {"mash-coordinator": 2}) == again


@pytest.mark.usefixtures("at_once")
def test_nor_is_what_was_decided_before_a_policys_last_day_was_over_sent_after_it_but_kept(day):
    ends = POLICY.replace("2036-12-31", f"{LAST}", 1)
    with day(SHIPPED.read_text(), *STORY, rules=ends) as (today, box):
        today.follow()
        box.refuses_rcpt = NEVER_THERE
        today.telling.teller.step()
        box.refuses_rcpt = None
        today.at(AFTER + timedelta(hours=1))
        told = today.telling.teller.step().told
        waiting = len(today.telling.teller.untold())
        if not today.serving.demo:
            today.serving.share.disclosures.adopt(read((POLICY.encode(), SHIPPED.read_text().encode())), LEAD)
            today.follow()
            today.telling.teller.step()

        assert (0, 2) == (told, waiting)
        assert ({} if today.serving.demo else {"mash-coordinator": 2}) == subjects(today, box)
