"""HL7 v2 ADT: who came, stayed and left; odd line endings, batches, encodings; what is named and refused."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from adapters.health.hl7_adt import FORMAT
from schemas.health import Admission, EmergencyAttendance
from tests.adapters.told import (
    content_of,
    drawn,
    events_of,
    ids_of,
    mutated,
    only_closed_words,
    read,
    read_sample,
    refusal,
    table,
)

PID = "PID|1||9990000018^^^NHS^NH~H100234^^^WEX01^MR||ASHDOWN^ROBIN||20120309|F"
PV1 = "PV1|1|{cls}|||||||||||||||||{visit}|||||||||||||||||||||||||{admitted}|{left}"


def message(
    trigger: str = "A04",
    *,
    kind: str = "ADT",
    pid: str = PID,
    cls: str = "E",
    visit: str = "V1",
    admitted: str = "202606152140",
    left: str = "",
    control: str = "M1",
    charset: str = "",
    end: str = "\r",
) -> str:
    msh = f"MSH|^~\\&|PAS|WEX01|HUB|ICB|20260616080000||{kind}^{trigger}|{control}|P|2.4|||||GBR|{charset}"
    pv1 = PV1.format(cls=cls, visit=visit, admitted=admitted, left=left)
    return end.join([msh, f"EVN|{trigger}|20260616080000", pid, pv1, ""])


def told(*messages: str) -> str:
    return drawn(read(FORMAT, "".join(messages).encode()), "ended_at", "ongoing")


def test_the_sample_tells_each_stay_and_names_what_it_passes_over():
    everything = read_sample(FORMAT)

    assert table("""
        health.emergency-attendance 2026-06-15T21:40 ongoing=True injury=True unexplained=True \
            explanation_code=Y29
        health.emergency-attendance 2026-06-15T21:40 ended_at=2026-06-16T01:05 \
            completes=RXX/WEX01/visit/V5001/attendance
        health.admission            2026-06-18T10:00 ongoing=True cause=X61
        health.self-harm            2026-06-18T10:00 method_class=X61
        health.admission            2026-06-18T09:00 ongoing=True corrects=RXX/WEX01/visit/V5002/admission
        health.emergency-attendance 2026-06-19       ongoing=True
        health.withdrawal           2026-06-19T11:30 withdraws=RXX/WEX01/visit/V5003/attendance
        health.registration-changed 2026-06-19T12:00 to_practice=Millpond_Surgery
        ! message 8 MRG patients-merged MRG-1
        ~ message 9 MSH trigger-not-used MSH-9
        ~ message 10 MSH not-yet-happened MSH-9
        ~ message 11 PID not-a-child PID-7
        ~ message 12 MSH not-adt MSH-9
        ! message 13 PV1 ends-before-start PV1-45
    """) == drawn(
        everything,
        *("ended_at", "ongoing", "injury", "unexplained", "explanation_code", "cause", "method_class"),
        *("withdraws", "completes", "corrects", "to_practice"),
    )


def test_the_same_file_makes_the_same_events():
    once, again = read_sample(FORMAT), read_sample(FORMAT)

    assert ids_of(once) == ids_of(again)
    assert content_of(once) == content_of(again)
    assert len(ids_of(once)) == len(set(ids_of(once)))


def test_a_protected_patient_has_no_address_even_where_one_was_sent():
    assert "Hidden" not in content_of(read_sample(FORMAT))
    assert "14 Tanner Row" in content_of(read_sample(FORMAT))


def test_who_the_child_is_comes_from_every_repetition_of_pid_3():
    (event,) = events_of(read(FORMAT, message().encode()))

    assert [("nhs-number", "9990000018"), ("hospital:wex01", "H100234")] == [
        (i.system, i.value) for i in event.identifiers
    ]
    assert ("ASHDOWN", "ROBIN", 14) == (event.name.family, event.name.given, event.age)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n", "\r\n\r\n", "\x1c\r\x0b"])
def test_any_line_ending_and_frame_is_read(end):
    assert "health.emergency-attendance 2026-06-15T21:40 ongoing=True" == told(message(end=end))
    assert 2 == len(told(message(end=end), message(end=end, visit="V2")).splitlines())


def test_many_messages_in_a_batch_are_each_read():
    batch = [
        "FHS|^~\\&|A\r",
        "BHS|^~\\&|A\r",
        *(message(visit=f"V{n}") for n in range(300)),
        "BTS|300\r",
        "FTS|1\r",
    ]

    assert 300 == len(events_of(read(FORMAT, "".join(batch).encode())))


@pytest.mark.parametrize(
    ("trigger", "cls", "line"),
    [
        ("A01", "I", "health.admission 2026-06-15T21:40 ongoing=True"),
        ("A01", "E", "health.emergency-attendance 2026-06-15T21:40 ongoing=True"),
        ("A04", "O", "~ message 1 PV1 patient-class-not-used PV1-2"),
        ("A06", "I", "health.admission 2026-06-15T21:40 ongoing=True"),
        ("A03", "I", "health.admission 2026-06-15T21:40 ended_at=2026-06-16T08:00"),
        ("A08", "I", "health.admission 2026-06-15T21:40 ongoing=True"),
        ("A11", "I", "health.withdrawal 2026-06-16T08:00"),
        ("A13", "I", "health.withdrawal 2026-06-16T08:00"),
        ("A12", "I", "~ message 1 MSH trigger-not-used MSH-9"),
        ("A14", "I", "~ message 1 MSH not-yet-happened MSH-9"),
        ("A38", "I", "~ message 1 MSH trigger-not-used MSH-9"),
        ("A28", "I", "~ message 1 PD1 nothing-of-registration PD1-3"),
        ("A34", "I", "! message 1 MRG patients-merged MRG-1"),
    ],
)
def test_a_message_is_what_its_trigger_says(trigger, cls, line):
    assert line == told(message(trigger, cls=cls))


@pytest.mark.parametrize(
    ("trigger", "withdraws"),
    [("A11", "RXX/WEX01/visit/V1/admission"), ("A13", "RXX/WEX01/visit/V1/admission/discharge")],
)
def test_a_cancel_takes_back_what_the_message_it_cancels_said(trigger, withdraws):
    said = "A01" if trigger == "A11" else "A03"
    (event,) = events_of(read(FORMAT, message(said, cls="I").encode()))
    (withdrawal,) = events_of(read(FORMAT, message(trigger, cls="I", control="M2").encode()))

    assert withdraws == withdrawal.withdraws == event.source_event_id
    assert event.source_event_id != withdrawal.source_event_id


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (message(pid="PID|1||9990000019^^^NHS^NH"), "! message 1 PID no-identifier PID-3"),
        (message(pid="PID|1"), "! message 1 PID no-identifier PID-3"),
        (message(pid="NTE|1"), "! message 1 PID no-patient PID"),
        (message(pid=f"{PID}\r{PID}"), "! message 1 PID more-than-one-patient PID"),
        (message(pid=PID.replace("20120309", "1984")), "~ message 1 PID not-a-date PID-7"),
        (message(pid=PID.replace("20120309", "19840309")), "~ message 1 PID not-a-child PID-7"),
        (message(pid=PID.replace("20120309", "20390309")), "~ message 1 PID implausible-date PID-7"),
        (message(pid=PID.replace("20120309", "20270801")), "! message 1 unacceptable-value"),
        (message(admitted="20261301"), "! message 1 PV1 not-a-date PV1-44"),
        (message(admitted="99991231"), "! message 1 PV1 future-date PV1-44"),
        (message(admitted="00010101"), "! message 1 PV1 implausible-date PV1-44"),
        (message("A03", left="20260101"), "! message 1 PV1 ends-before-start PV1-45"),
        (message("A03", visit=""), "! message 1 PV1 no-visit-number PV1-19"),
        (message(visit="", control=""), "! message 1 MSH no-natural-key"),
        (message("A08", admitted=""), "! message 1 PV1 no-date PV1-44"),
        (message().split("PV1")[0], "! message 1 PV1 no-visit PV1"),
        (message(charset="UNICODE UTF-16"), "! message 1 MSH encoding-not-accepted MSH-18"),
        (message(kind="ORU"), "~ message 1 MSH not-adt MSH-9"),
        ("MSH|\r", "! message 1 MSH not-hl7"),
        (message(kind="{message}"), "~ message 1 MSH message-type-unreadable MSH-9"),
        (message() + "and a line of nothing\r", "~ message 1 not-a-segment"),
        (message() + "NTE|" + "x" * 1_100_000 + "\r", "! message 1 record-too-large"),
    ],
)
def test_a_bad_message_is_named_and_the_next_is_read(raw, line):
    everything = told(raw, message(visit="V2", control="M2", admitted="20260620")).splitlines()

    assert line in everything
    assert "health.emergency-attendance 2026-06-20 ongoing=True" in everything


@pytest.mark.parametrize(
    ("charset", "encoded", "warned"),
    [
        ("UNICODE UTF-8", "utf-8", False),
        ("8859/1", "latin-1", False),
        ("", "latin-1", True),
        ("ASCII", "utf-8", False),
    ],
)
def test_a_name_survives_its_encoding(charset, encoded, warned):
    raw = message(pid=PID.replace("ROBIN", "AMÉLIE"), charset=charset).encode(encoded)
    everything = read(FORMAT, raw)

    assert "AMÉLIE" == events_of(everything)[0].name.given
    assert warned == ("not-the-encoding-named" in drawn(everything))


def test_escaped_text_is_read_as_it_was_meant():
    raw = message(pid=PID.replace("ASHDOWN", "ASH\\T\\DOWN")) + "PV2|||^Fell \\T\\ cut lip\r"
    (event,) = events_of(read(FORMAT, raw.encode()))

    assert "ASH&DOWN" == event.name.family
    assert isinstance(event, EmergencyAttendance)
    assert "Fell & cut lip" == event.complaint


def test_an_escape_nobody_knows_is_left_out_and_nothing_is_logged(caplog):
    raw = message(pid=PID.replace("ASHDOWN", "ASH\\Zx\\DO\\X2\\W\\.br\\N\\"))
    (event,) = events_of(read(FORMAT, raw.encode()))

    assert "ASHDOW\nN\\" == event.name.family
    assert [] == caplog.records


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "document: empty-file"),
        (b"\r\n\r\n", "document: empty-file"),
        (b"PID|1||x\r" + message().encode(), "line 1: not-hl7"),
        (b"<?xml version='1.0'?>", "line 1: not-hl7"),
        (message().encode("utf-16"), "line 1: not-hl7"),
        (b"\xef\xbb\xbf" + message("A05").encode(), "read: ~ message 1 MSH not-yet-happened MSH-9"),
        (b"FHS|^~\\&|A\rFTS|0\r", "read: "),
        (message().encode()[:40], "read: ! message 1 MSH not-hl7"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole_and_says_why(raw, why):
    assert why == refusal(FORMAT, raw)


def test_files_of_others_are_taken_in_whole(shared_data: Path):
    paths = sorted((shared_data / "health-hl7v2").glob("*.hl7"))
    everything = [
        f"{p.stem.removeprefix('HL7ADTMessageTest-')}: {drawn([one])}"
        for p in paths
        for one in read(FORMAT, p.read_bytes())
    ]

    assert 15 == len(paths)
    assert table("""
        10: ~ message 1 MSH message-type-unreadable MSH-9
        10: health.admission 2015-05-02T09:00
        12: ~ message 1 MSH message-type-unreadable MSH-9
        12: health.admission 2015-05-02T09:00
        14: ~ message 1 MSH trigger-not-used MSH-9
        16: health.admission 2015-05-02T09:00
        18: health.admission 2015-05-02T09:00
        20: ~ message 1 MSH message-type-unreadable MSH-9
        20: health.admission 2015-05-02T09:00
        22: ~ message 1 MSH message-type-unreadable MSH-9
        22: ! message 1 PV1 no-visit PV1
        24: ~ message 1 MSH message-type-unreadable MSH-9
        24: ! message 1 PV1 no-visit PV1
        26: ~ message 1 MSH message-type-unreadable MSH-9
        26: ! message 1 PID more-than-one-patient PID
        Hl7MDMMessageTest-02: ~ message 1 MSH not-adt MSH-9
        Hl7MDMMessageTest-04: ~ message 1 MSH not-adt MSH-9
        Hl7MDMMessageTest-06: ~ message 1 MSH not-adt MSH-9
        Hl7MDMMessageTest-08: ~ message 1 MSH not-adt MSH-9
        ORU-multiline-short: ~ message 1 MSH not-adt MSH-9
        sample_win: ~ message 1 PV1 patient-class-not-used PV1-2
    """) == "\n".join(everything)


def test_the_ward_is_whereabouts_and_the_cause_is_as_coded():
    (admission,) = (e for e in events_of(read_sample(FORMAT)) if isinstance(e, Admission) and e.cause)

    assert ("HARBOUR", "X61") == (admission.ward, admission.cause)


CODES = {
    *("not-hl7", "empty-file", "record-too-large", "not-a-segment", "encoding-not-accepted"),
    *("not-the-encoding-named", "encoding-unreadable", "message-type-unreadable", "not-adt"),
    *("trigger-not-used", "not-yet-happened", "patients-merged", "not-a-child", "patient-class-not-used"),
    *("nothing-of-registration", "no-patient", "more-than-one-patient", "no-identifier", "no-visit"),
    *("no-visit-number", "no-natural-key", "key-too-long", "no-date", "not-a-date", "future-date"),
    *("implausible-date", "ends-before-start", "invalid-nhs-number", "invalid-identifier"),
    "unacceptable-value",
}
WORDS = {
    *("message", "line", "document", "MSH", "EVN", "PID", "PD", "PV", "DG", "MRG"),
    *(
        "system",
        "source_event_id",
        "organisation",
        "cause",
        "ward",
        "notes",
        "complaint",
        "to_practice",
        "value",
    ),
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(raw=mutated(FORMAT.sample.read_bytes()))
def test_an_accident_to_the_file_is_a_finding_in_our_own_words(raw):
    only_closed_words(FORMAT, raw, CODES, WORDS)
