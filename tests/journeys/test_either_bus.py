"""From agencies' own files to the chronology, on either bus: nobody on the way knows which."""

from datetime import datetime
from pathlib import Path

from tests.hubs import take_all
from tests.posting import post

ADAPTERS = Path(__file__).parents[2] / "adapters"
FILES = (
    ("police.missing-and-incidents", ADAPTERS / "police" / "missing_persons.sample.ndjson"),
    ("police.protection-notice", ADAPTERS / "police" / "protection_notice.sample.csv"),
)


def published(desk):
    return [report for name, file in FILES for report in post(desk, name, [file])]


def lines(hub):
    return sorted(
        (x.entry.id, x.standing, x.entry.type) for c in hub.records.children() for x in hub.records.lines(c)
    )


def test_files_are_published_taken_in_and_read_and_sending_them_again_changes_nothing(any_desk):
    reports = published(any_desk)
    with any_desk.open() as hub:
        first, shown = take_all(hub), lines(hub)

    again = published(any_desk)
    with any_desk.open() as hub:
        second = take_all(hub)

        assert shown == lines(hub)
    told = sum(report.events for report in reports)
    assert 0 < len(shown) <= first.recorded == told  # an episode and its end are one line
    assert {None} == {report.unavailable for report in reports + again}
    assert (0, 0, told) == (second.recorded, second.held, second.resent)


def test_hub_status_tells_what_waits_in_each_partition_and_since_when(any_desk, monkeypatch, capsys):
    import json

    from tests.journeys.commands import hub
    from tests.journeys.workers import environment

    for name, value in environment(any_desk).items():
        if name.startswith("HUB_"):
            monkeypatch.setenv(name, value)
    published(any_desk)

    before = json.loads(hub(monkeypatch, capsys, "status", "--json", data=any_desk.settings.data).out)
    spoken = hub(monkeypatch, capsys, "status", data=any_desk.settings.data)
    taken = hub(monkeypatch, capsys, "intake", "--once", "--json", data=any_desk.settings.data)
    after = json.loads(hub(monkeypatch, capsys, "status", "--json", data=any_desk.settings.data).out)

    assert sum(before["intake_lag"].values()) == json.loads(taken.out)["read"] > 0
    assert before["waiting"]
    assert all(
        at.startswith("safeguarding.police.v1/") and said["events"] > 0
        for at, said in before["waiting"].items()
    )
    assert all(datetime.fromisoformat(said["oldest_published"]) for said in before["waiting"].values())
    assert ", the oldest published " in spoken.out
    assert ({}, 0, "reached") == (after["waiting"], sum(after["intake_lag"].values()), after["bus"])
