"""What the agencies of a soak say: invented children, numbered events, one number always one event."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from adapters.format import Finding, Format, Sender
from schemas.case_event import CaseEvent
from schemas.health import EmergencyAttendance
from schemas.police import MissingEpisode
from schemas.schools import ConcernLogged
from schemas.social_care import Referral
from schemas.vocabulary import Agency

SPEAKING = (Agency.POLICE, Agency.HEALTH, Agency.SCHOOLS, Agency.SOCIAL_CARE)
CHILDREN = 5000
A_FILE = 20
"""Events in one file."""
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)


def event(agency: Agency, number: int) -> CaseEvent:
    """An agency's event of this number. Every agency speaks of every child; half name a second identifier."""
    child = number * 7 % CHILDREN
    identifiers = [{"system": "nhs-number", "value": f"999{child:07d}"}]
    if number % 2:
        identifiers.append({"system": f"{agency.value}:soak", "value": f"c{child}"})
    said = {
        "agency": agency,
        "system": "soak",
        "source_event_id": f"{agency.value}-{number}",
        "identifiers": tuple(identifiers),
        "name": {"family": f"Family{child}", "given": f"Given{child}"},
        "date_of_birth": "2012-03-04",
        "occurred_at": BEGAN + timedelta(minutes=number),
        "summary": f"Event {number}.",
    }
    match agency:
        case Agency.POLICE:
            return MissingEpisode(times_missing_before=number % 3, **said)
        case Agency.HEALTH:
            return EmergencyAttendance(unexplained=number % 5 == 0, **said)
        case Agency.SCHOOLS:
            return ConcernLogged(category="behaviour", **said)
    return Referral(source_agency="schools", **said)


def events_of(agency: Agency, file: int) -> list[CaseEvent]:
    """What one file of an agency says."""
    return [event(agency, number) for number in range(file * A_FILE, (file + 1) * A_FILE)]


def format_of(agency: Agency) -> Format:
    """A format whose files name an agency's file by number."""

    def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
        yield from events_of(agency, int(file.read()))

    return Format(f"{agency.value}-soak", agency, "message", "numbered events", Path(), translate)


def file_of(number: int) -> BinaryIO:
    """The file of a number."""
    return BytesIO(str(number).encode())
