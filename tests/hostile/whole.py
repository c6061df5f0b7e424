"""Malformed files on their whole way, into one hub: adapter, spool, seal, bus, intake, record."""

import io
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime

from adapters.publish import publish_file
from adapters.station import open_station
from hub.intake.opening import REASONS
from schemas.topic_log import TopicLog
from tests.hostile.deliveries import readable, take
from tests.hostile.files import MalformedFile
from tests.hubs import Desk


def sent_and_taken(desk: Desk, files: Iterable[MalformedFile]) -> Counter[str]:
    """Publish files and take them in: nothing may be lost between the file and the record, or the quarantine.

    Raises AssertionError, which says what must not be.
    """
    total = _published(desk, files)
    log = TopicLog(desk.settings.topic_log)
    on_the_bus = sum(log.end_offsets().values())
    log.close()
    tally = take(desk).tally
    total.update(read=tally.read, recorded=tally.recorded, resent=tally.resent, heartbeats=tally.heartbeats)
    total.update({f"held {reason}": count for reason, count in tally.reasons.items()})

    assert total["sent"] == on_the_bus == tally.read, "a message was lost between the spool and intake"
    assert total["events"] == tally.recorded + tally.resent + tally.held, "an event was lost"
    assert total["taken whole"] == tally.heartbeats, "a file that was taken gave no sign of life"
    assert set(tally.reasons) <= {"conflicting-resend"} <= REASONS, "the hub cannot read what an adapter sent"
    assert readable(desk) == tally.recorded, "the records hold another number of entries"
    return total


def _published(desk: Desk, files: Iterable[MalformedFile]) -> Counter[str]:
    total: Counter[str] = Counter()
    with ExitStack() as stack:
        stations = {}
        for given in files:
            agency = given.form.agency
            if agency not in stations:
                opened = open_station(desk.settings.data, agency, lambda: datetime.now(UTC))
                stations[agency] = stack.enter_context(opened)
            file = io.BytesIO(given.raw)
            file.name = given.name
            report = publish_file(stations[agency], given.form, file, given.sender)
            assert given.canary not in repr(report).casefold(), "a report carries input"
            assert report.events or report.unchanged or report.codes, "nothing was said of a file"
            total.update(files=1, events=report.events, sent=report.sent, refused=report.refused)
            total.update({"taken whole": report.unreadable is None})
        assert not any(station.spool.waiting() for station in stations.values()), "something waits in a spool"
    return total
