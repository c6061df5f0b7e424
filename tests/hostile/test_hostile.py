"""Malformed files and deliveries: no crash, nothing lost, and a reason for each that carries no input."""

import ast
import io
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.catalogue import FORMATS, format_named
from adapters.door import checked
from adapters.format import Finding, Untranslatable
from hub.confidentiality import bus_sessions, vouchers
from hub.intake import opening
from hub.intake.opening import REASONS
from schemas.wire import encode
from tests.events import missing
from tests.hostile import deliveries, files
from tests.hostile.alterations import HELD, Case
from tests.hostile.run import Outcome, done, tasks
from tests.hubs import take_all

INPUTS, SEED = 2000, 20261123
CANARY = "zqwertyuiop"


@pytest.mark.slow
def test_thousands_of_malformed_inputs_each_end_in_events_or_a_reason(counted):
    outcome = Outcome()
    for task in tasks(INPUTS, SEED):
        outcome.add(done(task))

    inputs = {of: n for (kind, of), n in outcome.counts.items() if kind == "inputs"}
    counted(7, "malformed inputs here (make fuzz: 100,000)", sum(inputs.values()))
    assert [] == outcome.failures
    assert sum(inputs.values()) == INPUTS
    assert all(inputs[form.name] > INPUTS / 30 for form in FORMATS)
    assert outcome.counts["in whole", "recorded"] > 0 < outcome.counts["the bus", "recorded"]
    held = {name.removeprefix("code ") for (of, name) in outcome.counts if of == "the bus" and "code" in name}
    # Of the keys and agreements of the hub, not of what was sent:
    assert held == REASONS - {"scope-withdrawn", "no-agreement"}


def test_the_same_seed_makes_the_same_inputs():
    assert files.malformed(3, 17) == files.malformed(3, 17)
    assert files.malformed(3, 17).raw != files.malformed(4, 17).raw


def test_every_reason_that_intake_gives_is_on_the_one_list_and_every_one_listed_is_given():
    sources = [
        Path(bus_sessions.__file__),
        Path(vouchers.__file__),
        *Path(opening.__file__).parent.glob("*.py"),
    ]
    given = {
        word
        for source in sources
        for call in ast.walk(ast.parse(source.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("CannotUnseal", "Refusal")
        for word in (a.value for a in call.args if isinstance(a, ast.Constant))
    }

    assert REASONS == given


@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_moment_that_some_time_zone_cannot_show_is_held_and_never_stops_intake(desk, when):
    with pytest.raises(ValueError, match="a time that no clock can show"):
        missing(occurred_at=when)
    case = Case(desk, missing(), None, "")
    said = encode(missing()).replace(b"2026-09-01T10:00:00Z", when.encode())
    desk.send(case.sealed(said), *desk.messages(missing("m2")))
    with desk.open() as hub:
        tally = take_all(hub)

    assert (1, {"invalid-event": 1}) == (tally.recorded, tally.reasons)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("social-care.cin-census", b"<Message><Rosalind></Message>"),
        ("schools.ctf", b"<CTfile><Rosalind></CTfile>"),
        ("health.fhir-r4", b'<Bundle xmlns="http://hl7.org/fhir"><Rosalind></Bundle>'),
        ("health.fhir-r4", b"<Bundle>Rosalind\xff</Bundle>"),
        ("police.custodian", b'{"Rosalind": '),
    ],
)
def test_not_even_the_traceback_of_a_refusal_carries_input(name, raw):
    with pytest.raises(Untranslatable) as refused:
        list(checked(format_named(name), io.BytesIO(raw), files.SENDER))

    assert "Rosalind" not in "".join(traceback.format_exception(refused.value))


def test_a_file_of_which_nothing_is_made_says_so():
    empty = b"FHS|^~\\&|A\rFTS|0\r"

    assert [Finding("document", "nothing-said", refused=False)] == list(
        checked(format_named("health.hl7-adt"), io.BytesIO(empty), files.SENDER)
    )


WRONG = {
    "a code of no list": [Finding("line 1", CANARY)],
    "a finding carries input": [Finding(f"line 1 {CANARY}", "not-json")],
    "two events of one id": [missing(), missing()],
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_check_itself_notices_what_must_not_be(wrong):
    def translate(file, sender):
        yield from WRONG[wrong]

    given = replace(files.malformed(1, 0), canary=CANARY)
    form = replace(given.form, kind="answer", translate=translate)

    with pytest.raises(AssertionError, match=wrong):
        files.examined(replace(given, form=form, raw=b"{}"))


def test_the_check_notices_a_delivery_that_is_taken_though_it_was_altered(desk):
    (sound,) = desk.messages(missing())
    sent = [deliveries.MalformedDelivery(sound, "not altered at all", HELD, "zq")]
    places = deliveries.put(desk, [sound])

    with pytest.raises(AssertionError, match="taken though it was altered"):
        deliveries.examined(sent, places, deliveries.take(desk))
