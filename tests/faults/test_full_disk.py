"""A full disk: nothing is moved, nothing is lost, one line is said, and it goes on when there is room."""

import os
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from adapters.format import Sender
from adapters.publish import flush, publish_file
from adapters.spool import SpoolUnavailable
from adapters.station import open_station
from hub.compose import open_intake
from hub.errors import Unavailable
from schemas.vocabulary import Agency
from tests.events import ANN, harmed, harming, missing
from tests.hubs import Desk, only_child
from tests.soak.events import A_FILE, file_of, format_of

SIZE = "24m"
SENDER = Sender("soak", "soak", datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=False)
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder):
    """No room left, but for what SQLite holds already."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as growing:
        try:
            while True:
                growing.write(bytes(65536))
        except OSError:
            pass
    yield
    filler.unlink()


@pytest.mark.slow
def test_intake_waits_for_room_and_then_goes_on(small_disk):
    desk = Desk(small_disk / "data")
    desk.publish(*(missing(f"m{n}", n, summary="Seen. " * 2000) for n in range(60)))
    with desk.open() as hub, open_intake(hub) as intake:
        intake.step(10)
        before = sum(hub.records.archive.rows.positions().values())
        with filled(small_disk):
            said = until_it_is_full(intake)
            stood = sum(hub.records.archive.rows.positions().values())
        intake.seek()
        while intake.step(10).read:
            pass

        assert "\n" not in said
        assert before <= stood < 60
        assert 60 == len(hub.records.child(only_child(hub)).entries)


def until_it_is_full(intake):
    """Take in until there is no room; what is said then."""
    for _ in range(50):
        try:
            intake.seek()
            intake.step(10)
        except Unavailable as full:
            return str(full)
    raise AssertionError("there was always room")


@pytest.mark.slow
def test_a_publisher_takes_a_file_whole_or_not_at_all(small_disk):
    desk = Desk(small_disk / "data")
    with open_station(desk.settings.data, Agency.POLICE, now) as station:
        publish_file(station, format_of(Agency.POLICE), file_of(0), SENDER)
        with filled(small_disk):
            number, said = publish_until_it_is_full(station)
        publish_file(station, format_of(Agency.POLICE), file_of(number), SENDER)
        flush(station)
    with desk.open() as hub, open_intake(hub) as intake:
        recorded = 0
        while (tally := intake.step()).read:
            recorded += tally.recorded

    assert "\n" not in said
    assert (number + 1) * A_FILE == recorded


@pytest.mark.slow
def test_views_and_ledger_wait_for_room_and_then_go_on(small_disk):
    desk = Desk(small_disk / "data")
    desk.take_in(*(of(f"{of.__name__}{n}", n, who=child(n)) for n in range(40) for of in (harming, harmed)))
    with desk.open() as hub:
        with filled(small_disk):
            said = [refused(work) for work in (*(f.catch_up for f in hub.followers), hub.ledger.catch_up)]
            assert [{}] * len(hub.followers) == [follower.rows() for follower in hub.followers]
        for follower in hub.followers:
            follower.catch_up()
        drawn = [follower.rows() for follower in hub.followers]
        hub.ledger.catch_up()
        with filled(small_disk):
            said += [refused(follower.rebuild) for follower in hub.followers]
            assert drawn == [follower.rows() for follower in hub.followers]
            assert hub.ledger.verify().holds
        for follower in hub.followers:
            follower.rebuild()

        assert not any("\n" in line for line in said)
        assert drawn == [follower.rows() for follower in hub.followers]
        assert [40, 40, 0] == [len(rows) for rows in drawn]  # nothing restricted: nobody answers for it
        assert hub.ledger.verify().holds


def refused(work):
    """What is said by work that finds no room."""
    with pytest.raises(Unavailable) as full:
        work()
    return str(full.value)


def child(number):
    return {**ANN, "identifiers": ({"system": "nhs-number", "value": f"999{number:07d}"},)}


def publish_until_it_is_full(station):
    """Publish one file after the other; the first that was refused, and what was said."""
    for number in range(1, 2000):
        try:
            publish_file(station, format_of(Agency.POLICE), file_of(number), SENDER)
        except SpoolUnavailable as full:
            return number, str(full)
    raise AssertionError("there was always room")


def now():
    return datetime.now(UTC)
