"""A calendar of what is due, for a person's own calendar program: titles and times, nothing of a child."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event

from hub.casework.worklists import Waiting, Whose, Worklists
from hub.domain.calendar_address import CalendarAddress, CalendarClosed, CalendarOpened, evolve_calendar
from hub.domain.child import By
from hub.errors import HubError, NotAllowed
from hub.protocol.obligation import State
from hub.records import Records
from hub.records.roles import NO_LONGER, held_since
from hub.sharing.look import Reader
from schemas.vocabulary import Agency

HALF_AN_HOUR = timedelta(minutes=30)
EVERY = timedelta(hours=1)
SIGN_IN = "Sign in to the hub to see for which child. This calendar holds nothing about any child."


class NoCalendar(HubError):
    """No calendar answers under this address: closed, replaced, or never given."""

    status, title = 404, "No calendar"


class Calendars:
    """Gives, closes and answers addresses. One for each person; a new one replaces the one before.

    An address ends with the role it was given in; a role that is given anew opens it not (decision 104).
    """

    def __init__(self, records: Records, worklists: Worklists, secret: Callable[[], str]) -> None:
        self._records, self._worklists, self._secret = records, worklists, secret

    def open(self, reader: Reader) -> str:
        """Give this person an address nobody can guess: the one moment at which it is readable.

        Raises NotAllowed where role and purpose give no right to ask, or they have the role no longer.
        """
        grant = held_since(self._records, reader.by)
        if grant is None:
            raise NotAllowed(NO_LONGER)
        self._worklists.outlook(reader, _whose(reader.by))
        stream, secret = self._stream(reader.by.person, reader.by.agency), self._secret()
        opened = CalendarOpened(by=reader.by, purpose=reader.purpose, digest=_digest(secret), grant=grant)
        self._records.record({stream: (self._standing(stream).version, [opened])})
        return f"{stream.hex}-{secret}"

    def answers(self, whose: By) -> bool:
        """Whether an address of this person's answers now. Which it is, nobody can say again."""
        opened = self._standing(self._stream(whose.person, whose.agency)).opened
        return opened is not None and self._goes_on(opened)

    def close(self, whose: By, by: By) -> bool:
        """Let a person's address answer no more. False: there was none."""
        stream = self._stream(whose.person, whose.agency)
        address = self._standing(stream)
        if address.opened is None:
            return False
        self._records.record({stream: (address.version, [CalendarClosed(by=by)])})
        return True

    def feed(self, token: str) -> bytes:
        """The calendar of an address, as iCalendar. Raises NoCalendar alike for none, closed, ended."""
        name, _, secret = token.partition("-")
        try:
            opened = self._standing(UUID(hex=name)).opened
        except ValueError:
            raise NoCalendar from None
        if opened is None or not hmac.compare_digest(opened.digest, _digest(secret)):
            raise NoCalendar
        if not self._goes_on(opened):
            raise NoCalendar
        try:
            waiting = self._worklists.outlook(Reader(opened.by, opened.purpose), _whose(opened.by))
        except NotAllowed:  # the policy gives the role no such right any more
            raise NoCalendar from None
        return self._drawn(waiting)

    def _goes_on(self, opened: CalendarOpened) -> bool:
        """Whether they have had the role ever since."""
        held = held_since(self._records, opened.by)
        return held is not None and opened.grant in (None, held)

    def _drawn(self, waiting: tuple[Waiting, ...]) -> bytes:
        now = self._records.clock()
        calendar = Calendar()
        calendar.add("prodid", "-//Safeguarding hub//what is due//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", "Safeguarding hub: what is due")
        calendar.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
        for one in waiting:
            if one.item.due_at is not None:
                calendar.add_component(self._event(one, one.item.due_at, now))
        return bytes(calendar.to_ical())

    def _event(self, waiting: Waiting, due: datetime, now: datetime) -> Event:
        item, event = waiting.item, Event()
        overdue = "Overdue: " if item.state == State.OVERDUE else ""
        named = f"{waiting.child.hex}/{item.obligation}/{item.strand}/{item.started_by}/{item.of}/{item.asks}"
        event.add("uid", self._records.index.index("child", f"calendar-item|{named}").hex())
        event.add("dtstamp", now)
        event.add("dtstart", due)
        event.add("dtend", due + HALF_AN_HOUR)
        event.add("summary", f"{overdue}{item.title}")
        event.add("description", f"{item.obligation}, {item.source}. {SIGN_IN}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        return event

    def _stream(self, person: str, agency: str) -> UUID:
        return UUID(bytes=self._records.index.index("person", f"hub-calendar|{agency}/{person}")[:16])

    def _standing(self, stream: UUID) -> CalendarAddress:
        address = CalendarAddress()
        for event in self._records.archive.stream(stream):
            if not isinstance(event.body, CalendarOpened | CalendarClosed):
                raise NoCalendar
            evolve_calendar(address, event.body)
        return address


def _whose(by: By) -> Whose:
    """Social workers have children of their own; elsewhere what waits for the agency is for all of it."""
    if by.agency == Agency.SOCIAL_CARE:
        return Whose(person=by.person)
    return Whose(agency=Agency(by.agency))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
