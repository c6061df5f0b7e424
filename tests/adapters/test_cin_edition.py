"""A census restated for the same day takes back what it no longer says; another year's does not."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from adapters.format import Sender
from adapters.publish import publish_file
from adapters.social_care.cin_census import FORMAT
from adapters.station import open_station
from schemas.vocabulary import Agency

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SAMPLE = FORMAT.sample.read_bytes()


def without_first_plan(census):
    """One fact of a child that stays in the file is left out."""
    return re.sub(rb"<ChildProtectionPlans>.*?</ChildProtectionPlans>", b"", census, count=1, flags=re.DOTALL)


def publish(desk, census, day):
    with open_station(desk.settings.data, Agency.SOCIAL_CARE, lambda: NOW) as station:
        sender = Sender("North", "mosaic", NOW + timedelta(days=day))
        return publish_file(station, FORMAT, io.BytesIO(census), sender, lambda _: None)


def test_the_reference_date_is_the_edition():
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", FORMAT.edition(io.BytesIO(SAMPLE)))
    assert "" == FORMAT.edition(io.BytesIO(b"<Message/>"))


@pytest.mark.parametrize(("year", "withdrawn"), [(None, True), (b"2027-03-31", False)])
def test_what_the_same_census_no_longer_says_is_taken_back(desk, year, withdrawn):
    publish(desk, SAMPLE, 0)
    less = without_first_plan(SAMPLE)
    if year:
        less = re.sub(rb"<ReferenceDate>[^<]*", b"<ReferenceDate>" + year, less)

    report = publish(desk, less, 1)

    assert less != SAMPLE
    assert withdrawn == bool(report.withdrawn)
