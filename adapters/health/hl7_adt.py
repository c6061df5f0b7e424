"""Reads HL7 v2 ADT from a hospital: who came, stayed and left, and what was taken back."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from adapters.format import Finding, Format, Sender
from adapters.health.codes import CodeLists, load_codes
from adapters.health.hl7_messages import Message, messages
from adapters.health.hl7_patient import patient_of
from adapters.health.hl7_stays import PASSED_OVER, Visit, cancelled, corrected, discharged, opened, registered
from adapters.record import BadRecord
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency

TRIGGERS = {
    "A01": opened,
    "A04": opened,
    "A06": opened,
    "A03": discharged,
    "A08": corrected,
    "A11": partial(cancelled, discharge=False),
    "A13": partial(cancelled, discharge=True),
    "A28": registered,
    "A31": registered,
}
"""What happens at each trigger. Transfers and their cancels (A02, A12) move nobody in or out: not used."""
NOT_YET = {"A05", "A14", "A15", "A16"}
MERGES = {"A18", "A30", "A34", "A35", "A36", "A39", "A40", "A41", "A46", "A47"}


def translate(file: BinaryIO, sender: Sender) -> Iterator[CaseEvent | Finding]:
    """The case events of every ADT message; any other message is named.

    Two numbers of one patient (A40 and its like) are a refused Finding for a person: identity is never
    guessed. `sender.settings` may name a list of codes in place of `codes.toml`.
    Raises Untranslatable as `messages` and `load_codes` do.
    """
    codes = load_codes(sender.settings)
    for message in messages(file):
        if isinstance(message, Finding):
            yield message
        else:
            yield from message.findings
            yield from _of_message(message, sender, codes)


def _of_message(message: Message, sender: Sender, codes: CodeLists) -> Iterator[CaseEvent | Finding]:
    kind, trigger = message.field("MSH", 9), message.field("MSH", 9, 2)
    if not (len(kind) == 3 and kind.isalpha()) and message.field("EVN", 1):  # noqa: PLR2004 — a message type
        yield Finding(f"{message.place} MSH", "message-type-unreadable", "MSH-9", refused=False)
        kind, trigger = "ADT", message.field("EVN", 1)
    if kind != "ADT":
        yield Finding(f"{message.place} MSH", "not-adt", "MSH-9", refused=False)
    elif trigger in TRIGGERS:
        yield from _told(message, sender, codes, trigger)
    elif trigger in MERGES:
        yield Finding(f"{message.place} MRG", "patients-merged", "MRG-1")
    else:
        code = "not-yet-happened" if trigger in NOT_YET else "trigger-not-used"
        yield Finding(f"{message.place} MSH", code, "MSH-9", refused=False)


def _told(message: Message, sender: Sender, codes: CodeLists, trigger: str) -> Iterator[CaseEvent | Finding]:
    tell: Any = TRIGGERS[trigger]
    try:
        said, findings = patient_of(message, sender)
        events = list(tell(Visit(message, sender, codes, said)))
    except BadRecord as bad:
        segment = (bad.field or "MSH").split("-")[0]
        yield bad.at(f"{message.place} {segment}", refused=bad.code not in PASSED_OVER)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        yield Finding(message.place, "unacceptable-value", str(where[0]) if where else None)
    else:
        yield from findings
        yield from events


FORMAT = Format(
    name="health.hl7-adt",
    agency=Agency.HEALTH,
    kind="message",
    about="HL7 v2 ADT messages, one or many in a file: attendances, admissions, discharges, cancels",
    sample=Path(__file__).with_name("hl7_adt.sample.hl7"),
    translate=translate,
)
