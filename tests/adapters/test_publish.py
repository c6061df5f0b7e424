"""A file goes out whole and sealed or not at all; one bad record spoils nothing; nothing accepted is lost."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.__main__ import app, main
from adapters.catalogue import FORMATS
from adapters.door import rehearse
from adapters.format import Finding, Untranslatable
from adapters.publish import EmbeddedProducer, flush, heartbeat, publish_file
from adapters.spool import SpoolUnavailable
from hub.intake.opening import Heartbeat
from schemas import wire
from schemas.case_event import Identifier, PersonName
from schemas.health import EmergencyAttendance
from schemas.images import holds_image, is_image
from schemas.vocabulary import Agency
from tests.adapters.stations import (
    NOW,
    SENDER,
    Failing,
    Post,
    a_file,
    episode,
    founded,
    saying,
)

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(64))
PICTURES = {
    "jpeg": JPEG,
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64),
    "gif": b"GIF89a" + bytes(64),
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(64),
    "tiff": b"II*\x00\x08\x00" + bytes(64),
    "tiff, other end": b"MM\x00*\x00\x00" + bytes(64),
    "mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(64),
    "heic": b"\x00\x00\x00\x24ftypheic" + bytes(64),
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81" + bytes(64),
    "jpeg 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64),
}


@pytest.fixture
def post(tmp_path) -> Iterator[Post]:
    post = founded(tmp_path)
    yield post
    post.close()


def test_what_a_file_says_reaches_the_hub_and_then_a_heartbeat(post):
    events = [episode(f"MP-{n}", child=f"C-{n % 3}") for n in range(10)]

    report = publish_file(post.station(), saying(*events), a_file(), SENDER)
    heard = post.heard()

    assert {e.event_id for e in events} == {e.event_id for e in post.events()}
    assert [Heartbeat("police")] == [h for h in heard if isinstance(h, Heartbeat)]
    assert (10, 11, 0) == (report.events, report.sent, report.refused)


def test_events_of_one_child_stay_in_order(post):
    events = [episode(f"MP-{n:04}") for n in range(1200)]

    publish_file(post.station(), saying(*events), a_file(), SENDER)

    assert [e.source_event_id for e in events] == [e.source_event_id for e in post.events()]


def test_a_refused_record_is_named_and_the_rest_goes_on(post):
    station = post.station()
    findings = [
        Finding("line 2", "no-date", "when"),
        Finding("line 3", "unused-column", "shoe", refused=False),
    ]

    report = publish_file(station, saying(episode("A"), *findings, episode("B")), a_file(), SENDER)
    kept = station.spool.refusals()

    assert {"A", "B"} == {e.source_event_id for e in post.events()}
    assert (1, 1, findings) == (report.refused, report.warnings, report.findings)
    assert findings == [k.finding for k in kept]
    assert {(report.sha256, "police.test", NOW.isoformat())} == {(k.sha256, k.format, k.at) for k in kept}


def test_the_same_file_twice_names_its_refusals_once(post):
    station = post.station()
    for _ in range(2):
        publish_file(station, saying(Finding("line 2", "no-date")), a_file(), SENDER)

    assert 1 == len(station.spool.refusals())


def test_of_a_file_that_breaks_off_nothing_is_taken_and_the_reason_is_kept(post):
    station = post.station()
    broken = Untranslatable(Finding("line 700", "not-json"))

    report = publish_file(
        station, saying(*[episode(f"MP-{n}") for n in range(1200)], broken), a_file(), SENDER
    )

    assert [] == post.deliveries()
    assert (0, 0, broken.finding) == (report.events, station.spool.waiting(), report.unreadable)
    assert [broken.finding] == [k.finding for k in station.spool.refusals()]


def test_a_crash_half_way_through_a_file_leaves_nothing_half_taken(post):
    class PowerCut(Exception):
        pass

    dying = saying(*[episode(f"MP-{n}") for n in range(1200)], PowerCut())
    with pytest.raises(PowerCut):
        publish_file(post.station(), dying, a_file(), SENDER)
    before = post.station().spool.waiting()

    publish_file(post.station(), saying(episode("whole")), a_file(), SENDER)

    assert 0 == before
    assert ["whole"] == [e.source_event_id for e in post.events()]


def test_what_the_bus_would_not_take_waits_and_goes_later_in_order(post):
    log = post.log()
    away = post.station(Failing(EmbeddedProducer(log), after=1))
    events = [episode(f"MP-{n:04}") for n in range(1200)]

    report = publish_file(away, saying(*events), a_file(), SENDER)
    waiting = away.spool.waiting()
    sent = flush(post.station())

    assert "the bus is away" == report.unavailable
    assert (1200, 701, 701) == (report.events, waiting, sent)
    assert [e.source_event_id for e in events] == [e.source_event_id for e in post.events()]


def test_a_crash_between_sending_and_marking_sends_again_and_loses_nothing(post):
    log = post.log()
    dying = post.station(Failing(EmbeddedProducer(log), after=0, having_taken=True))
    publish_file(dying, saying(episode("A"), episode("B")), a_file(), SENDER)

    flush(post.station())
    heard = [e.source_event_id for e in post.events()]
    ids = [
        wire.first_headers(d.headers)[wire.ID]
        for d in post.deliveries()
        if b"heartbeat" not in dict(d.headers)[wire.TYPE]
    ]

    assert ["A", "B", "A", "B"] == heard
    assert ids[:2] == ids[2:]


def test_nothing_that_was_said_is_readable_in_any_file_but_the_agencys_keys(post):
    said = episode(
        "CANARY-id",
        child="CANARY-child",
        summary="CANARY text",
        name=PersonName("CANARY", "CANARY"),
        address="CANARY street",
    )
    snapshot = saying(said, episode("other"), kind="snapshot", edition="2026-03-31")

    away = post.station(Failing(EmbeddedProducer(post.log()), after=0))
    publish_file(away, snapshot, a_file(), SENDER)
    flush(post.station())
    files = [path for path in post.data.rglob("*") if path.is_file()]

    assert 2 == len(post.events())
    assert [] == [path for path in files if b"CANARY" in path.read_bytes()]
    assert {"bus.sqlite", "spool.sqlite"} < {path.name for path in files}


def test_another_agencys_event_is_refused_at_the_door(post):
    foreign = EmergencyAttendance(
        agency=Agency.HEALTH,
        system="epr",
        source_event_id="ED-1",
        identifiers=(Identifier("nhs-number", "9990000001"),),
        occurred_at=NOW,
    )

    report = publish_file(post.station(), saying(foreign, episode("ours")), a_file(), SENDER)

    assert [Finding("document", "agency-of-another-format", "agency")] == report.findings
    assert ["ours"] == [e.source_event_id for e in post.events()]


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_written_as_text_is_refused_with_its_field_and_the_rest_goes_on(post, picture):
    text = base64.b64encode(picture).decode()

    for summary in (text, f"Seen: {text}", f"Seen.\n{text}", f"data:image/png;base64,{text}"):
        report = rehearse(
            saying(episode("ours"), episode("P", summary=summary)), a_file(), SENDER, lambda _: None
        )

        assert [Finding("/0", "image-refused", "summary")] == report.findings
        assert 1 == report.events


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_file_that_is_a_picture_is_refused_whole(picture):
    report = rehearse(saying(episode()), a_file(picture), SENDER, lambda _: None)

    assert Finding("document", "image-refused") == report.unreadable
    assert 0 == report.events


@pytest.mark.parametrize("picture", ["jpeg", "png", "gif"])
def test_pictures_are_known_in_hexadecimal_too(picture):
    assert holds_image(f"see {PICTURES[picture].hex()}")
    assert holds_image(PICTURES[picture].hex().upper())


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_a_picture_written_in_escapes_of_json_is_known(picture):
    text = base64.b64encode(picture).decode()
    escaped = "".join(f"\\u{ord(letter):04X}" for letter in text)

    assert holds_image(f'{{"summary":"{escaped}"}}')
    assert holds_image(f'{{"summary":"{text}"}}'.replace("/", r"\/"))


@pytest.mark.parametrize("picture", ["jpeg", "png"])
def test_a_word_written_before_a_picture_does_not_hide_it(picture):
    assert holds_image(f"Referred{base64.b64encode(PICTURES[picture]).decode()}")


@pytest.mark.parametrize("picture", ["jpeg", "png", "gif"])
def test_raw_bytes_read_as_text_are_known_for_a_picture(picture):
    said = saying(episode("P", summary=PICTURES[picture].decode("latin-1")))

    assert {"image-refused": 1} == rehearse(said, a_file(), SENDER, lambda _: None).codes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Came home at nine. Photograph taken by the officer, exhibit ABC/1.",
        "police/9j/4AAQSkZJRgABAQAAAQABAAD",
        "ref iVBORw0KGgo",
        "0f9ad8ffd8ff",
        "GIF of a cat was shown",
        "data: imaging requested",
    ],
)
def test_words_are_not_pictures(text):
    assert not holds_image(text)
    assert not is_image(text.encode())


@pytest.mark.parametrize("format_", FORMATS, ids=lambda f: f.name)
def test_the_door_lets_every_shipped_sample_in(format_):
    with format_.sample.open("rb") as file:
        report = rehearse(format_, file, SENDER, lambda _: None)

    assert report.unreadable is None
    assert 0 < report.events
    assert not {"image-refused", "agency-of-another-format"} & set(report.codes)


def test_a_heartbeat_proves_the_feed_alive_without_a_file(post):
    sent = heartbeat(post.station(), Agency.POLICE, "niche")

    assert 1 == sent
    assert [Heartbeat("police")] == post.heard()


def test_an_agency_publishes_one_file_at_a_time(post):
    one, two = post.station(), post.station()

    with one.spool.turn(), pytest.raises(SpoolUnavailable, match="another publisher"):
        publish_file(two, saying(episode()), a_file(), SENDER)


# The command


def run(*words: object):
    return CliRunner().invoke(app, [str(word) for word in words])


def sample(name: str) -> Path:
    return next(f.sample for f in FORMATS if f.name == name)


def test_the_formats_are_listed_for_people_and_for_programs():
    listed = run("--list")
    rows = json.loads(run("--list", "--json").stdout)

    assert [f.name for f in FORMATS] == [row["name"] for row in rows]
    assert all(f.name in listed.stdout for f in FORMATS)


def test_the_command_publishes_and_its_exit_code_says_that_something_was_refused(post):
    done = run("police.custodian", sample("police.custodian"), "--data", post.data)
    refused = json.loads(run("--refusals", "police", "--data", post.data, "--json").stdout)

    assert 1 == done.exit_code
    assert "events taken" in done.stdout
    assert 0 < len(post.events())
    assert {"no-event-type"} <= {row["code"] for row in refused}


def test_a_rehearsal_needs_no_keys_and_leaves_nothing(tmp_path):
    done = run("schools.custodian", sample("schools.custodian"), "--data", tmp_path, "--dry-run", "--json")
    (report,) = json.loads(done.stdout)

    assert 0 == done.exit_code
    assert 0 < report["events"]
    assert [] == list(tmp_path.iterdir())


def test_heartbeat_and_flush_are_commands(post):
    beat = run("--heartbeat", "police", "--data", post.data, "--json")
    flushed = run("--flush", "police", "--data", post.data)

    assert {"agency": "police", "sent": 1} == json.loads(beat.stdout)
    assert "police: 0 messages sent\n" == flushed.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "--list"),
        (["police.telepathy", "x"], 2, "no format of that name"),
        (["police.custodian", "x"], 4, "--enrol"),
        (["police.custodian", "no-such-file", "--dry-run"], 2, "No such file"),
        (["police.custodian", "x", "--read-at", "yesterday", "--dry-run"], 2, "--read-at"),
        (["--flush", "health"], 4, "--enrol"),
        (["--flush", "fire"], 2, "fire"),
    ],
)
def test_an_expected_error_is_one_line_and_an_exit_code(tmp_path, words, code, said):
    done = run(*words, "--data", tmp_path / "none")

    assert code == done.exit_code
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert words[:1] == ["--flush"] or 1 == len(done.stderr.strip().splitlines())


@pytest.mark.parametrize("words", [["--flush", "fire"], ["--no-such-option"]])
def test_what_is_typed_wrong_is_one_line(monkeypatch, capsys, words):
    monkeypatch.setattr("sys.argv", ["hub-publish", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()

    assert (2, "", 1) == (ended.value.code, said.out, len(said.err.splitlines()))
    assert words[-1] in said.err


def test_a_bus_that_is_not_there_is_said_in_one_line(post):
    (post.data / "bus.sqlite").unlink()

    done = run("police.custodian", sample("police.custodian"), "--data", post.data)

    assert 4 == done.exit_code
    assert "run 'hub keys init' first" in done.stderr
