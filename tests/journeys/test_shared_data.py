"""Files that others wrote, taken in whole: adapter, bus, intake, record, and what a reader is shown."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest

from adapters.door import Report
from adapters.station import open_spool
from hub.domain.child import By, allocate
from hub.intake.questions import questions
from hub.sharing.look import Reader
from schemas.vocabulary import Agency
from tests.hubs import SOCIAL_WORKER, only_child, take_all
from tests.posting import post

CUSTODIANS = {
    "MockCrimeDataProvider": "police",
    "MockEducationProvider": "schools",
    "MockHealthcareProvider": "health",
    "MockSocialCareProvider": "social-care",
}
NAMED_DOCTOR = Reader(By("dr", "named-doctor", "health"), "section-47")
LONDON = ZoneInfo("Europe/London")

SAID_OTHERWISE = {
    ("missingEpisodes", "returnedHomeInterviewAttended"): "Return home interview attended.",
    ("riskCriminalExploitation",): "criminal",
    ("yearlyEducationAttendances", "suspensions"): "schools.suspension.v1",
    ("yearlyEducationAttendances", "exclusions"): "schools.exclusion.v1",
    ("yearlyEducationAttendances", "schoolMovesNonTransitional"): "schools.move.v1",
    ("signLanguage",): "sign language",
    ("makaton",): "Makaton",
    ("childrensServicesReferrals", "type"): "referral",
    ("cscActiveStatusesAndPlans", "status"): "cin-plan",
    ("cscActiveStatusesAndPlans", "plan"): "cin-plan",
}
"""Facts the published language says in a word of its own."""
FOLLOWS = {("yearlyEducationAttendances", "academicTermYearEnd")}
"""Facts that follow from another: an academic year ends in the year after it began."""


@pytest.fixture
def custodians(desk, shared_data):
    """All records of all four agencies, published; each with its agency and what became of it."""
    told = []
    for path in sorted((shared_data / "four-custodians").glob("*/*.json")):
        agency = CUSTODIANS[path.parent.name]
        (report,) = post(desk, f"{agency}.custodian", [path], path.parent.name)
        told.append((agency, path, report))
    return told


def test_one_child_of_four_agencies_is_one_record_and_one_chronology_with_every_source_named(
    desk, custodians
):
    with desk.open() as hub:
        tally = take_all(hub)
        child = only_child(hub)
        hub.records.act(child, lambda c: allocate(c, SOCIAL_WORKER.by, None, SOCIAL_WORKER.by))
        shared = hub.share.chronology(SOCIAL_WORKER, child)
        asked = questions(hub.records, every=True)
        entries = hub.records.child(child).entries

    assert 6 == len(custodians)
    assert (27, 6, 0, 0) == (tally.recorded, tally.heartbeats, tally.held, tally.resent)
    assert (27, 27, []) == (len(entries), len(shared.lines), asked)
    assert set(CUSTODIANS.values()) == {line.agency for line in shared.lines}
    shown = [line.all_fields() for line in shared.lines if hasattr(line, "fields")]
    assert set(CUSTODIANS) == {fields["system"] for fields in shown}
    assert {"Testshire"} == {fields["organisation"] for fields in shown}
    assert sorted(line.occurred_at for line in shared.lines) == [line.occurred_at for line in shared.lines]
    assert [{"system": "nhs-number", "value": "9449303223"}] == shared.who["identifiers"]
    assert {"family": "Smith", "given": "Sarah"} == shared.who["name"]


def test_every_fact_the_four_agencies_gave_is_on_the_chronology_or_named_as_left_out(desk, custodians):
    with desk.open() as hub:
        take_all(hub)
        child = only_child(hub)
        for reader in (SOCIAL_WORKER, NAMED_DOCTOR):
            hub.records.act(child, lambda c, by=reader.by: allocate(c, by, None, by))
        views = [hub.share.chronology(reader, child) for reader in (SOCIAL_WORKER, NAMED_DOCTOR)]

    lost = []
    for agency, path, report in custodians:
        told = _told(agency, views)
        record = json.loads(path.read_text())
        lost += [
            (agency, where)
            for where, value in _facts(record)
            if not (_named(where, report) or _shown(_names(where), value, told))
        ]

    assert [] == lost


def test_the_large_census_is_taken_in_whole_and_sent_again_says_nothing_new(desk, shared_data):
    census = shared_data / "social-care-cin" / "fake_CIN_data.xml"
    (first,) = post(desk, "social-care.cin-census", [census])
    with desk.open() as hub:
        tally = take_all(hub)
        children = hub.records.children()
        asked = questions(hub.records, every=True)
    (again,) = post(desk, "social-care.cin-census", [census])
    with desk.open() as hub:
        nothing = take_all(hub)

    assert (981, 981, 0, 0) == (first.events, tally.recorded, tally.held, tally.resent)
    assert 330 == tally.registered == len(children)
    assert {"future-date": 23, "cin:1510": 320, "unused-field": 1} == first.codes
    assert (23, 321) == (first.refused, first.warnings)
    assert [] == asked
    assert (0, 981, 0) == (again.events, again.unchanged, again.withdrawn)
    assert (0, 0, 1) == (nothing.recorded, nothing.held, nothing.heartbeats)


def test_the_two_children_of_the_census_without_a_record_are_those_of_whom_all_was_refused(shared_data, desk):
    census = shared_data / "social-care-cin" / "fake_CIN_data.xml"
    post(desk, "social-care.cin-census", [census])
    with closing(open_spool(desk.settings.data, Agency.SOCIAL_CARE)) as spool:
        places = [refused.finding.place for refused in spool.refusals() if refused.finding.refused]
    refused = {place.split("/CINdetails")[0] for place in places}
    with desk.open() as hub:
        take_all(hub)
        taken = set()
        for child in hub.records.children():
            for kept in hub.records.child(child).entries.values():
                taken.add(json.loads(kept.entry.open)["source"]["place"].split("/CINdetails")[0])

    everyone = {f"/Message/Children/Child[{n}]" for n in range(1, 333)}
    assert 2 == len(everyone - taken)
    assert everyone - taken <= refused


@pytest.mark.parametrize(
    ("format_name", "folder", "suffixes", "files", "counts", "codes", "held"),
    [
        (
            "health.fhir-r4",
            "health-fhir-cpis",
            (".xml",),
            7,
            {"events": 2, "recorded": 1, "registered": 1},
            {"unused-resource": 5, "safeguarding-flag-without-type": 1},
            # The flag comes alone and in the bundle, which also says the plan: one id, two contents.
            {"conflicting-resend": 1},
        ),
        (
            "health.hl7-adt",
            "health-hl7v2",
            (".hl7",),
            15,
            {"events": 5, "recorded": 2, "registered": 1},
            {
                "message-type-unreadable": 6,
                "trigger-not-used": 1,
                "no-visit": 2,
                "more-than-one-patient": 1,
                "not-adt": 5,
                "patient-class-not-used": 1,
            },
            # Five messages of one visit number; three of them say of it what the first did not.
            {"conflicting-resend": 3},
        ),
        (
            "health.fhir-r4",
            "health-fhir-bars",
            (".json",),
            6,
            {"events": 0, "recorded": 0, "registered": 0},
            {
                "not-yet-happened": 2,
                "unused-resource": 48,
                "invalid-nhs-number": 4,
                "not-a-child": 6,
                "code-not-listed": 4,
                "not-a-safeguarding-event": 4,
            },
            {},
        ),
        (
            "schools.ctf",
            "schools-ctf",
            (".xml",),
            2,
            {"events": 0, "recorded": 0, "registered": 0},
            {"invalid-upn": 1, "no-identifier": 1, "unexpected-root": 1},
            {},
        ),
        (
            "social-care.cin-census",
            "social-care-cin",
            (".xml",),
            4,
            {"events": 993, "recorded": 993, "registered": 332},
            {
                "cin:1510": 326,
                "future-date": 26,
                "implausible-date": 26,
                "unused-field": 14,
                "stray-text": 2,
                "ends-before-it-starts": 1,
            },
            {},
        ),
    ],
)
def test_what_could_not_be_used_is_named_and_nothing_is_lost_between_file_and_record(
    desk, shared_data, format_name, folder, suffixes, files, counts, codes, held
):
    paths = [p for p in sorted((shared_data / folder).iterdir()) if p.suffix in suffixes]
    reports = post(desk, format_name, paths)
    with desk.open() as hub:
        tally = take_all(hub)
        asked = questions(hub.records, every=True)
    published = sum(report.events for report in reports)

    assert files == len(reports)
    assert codes == sum((Counter(report.codes) for report in reports), Counter())
    assert counts == {"events": published, "recorded": tally.recorded, "registered": tally.registered}
    assert held == tally.reasons
    assert published == tally.recorded + tally.held
    assert [] == asked


# ------------------------------------------------------------


def _facts(
    value: object, where: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value of a record that says something: null says nothing, nor does a count of nought."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _facts(inner, (*where, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _facts(inner, (*where, index))
    elif value is not None and not (type(value) is int and value == 0):
        yield where, value


def _names(where: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(part for part in where if isinstance(part, str))


def _named(where: tuple[str | int, ...], report: Report) -> bool:
    """Whether a finding stands at the fact, or at what holds it."""
    place = "/" + "/".join(map(str, where))
    return any(
        place == finding.place or place.startswith(f"{finding.place}/") or finding.field == place[1:]
        for finding in report.findings
    )


def _told(agency: str, views) -> str:
    """All that one agency's entries say to those who may read them, with the days they stand at."""
    lines = [
        line for view in views for line in view.lines if line.agency == agency and hasattr(line, "fields")
    ]
    days = [str(line.occurred_at.astimezone(LONDON).date()) for line in lines]
    return json.dumps([*days, *((line.type, line.all_fields()) for line in lines)], ensure_ascii=False)


def _shown(names: tuple[str, ...], value: object, told: str) -> bool:
    word = SAID_OTHERWISE.get(names, str(value))
    return names in FOLLOWS or word.casefold() in told.casefold()
