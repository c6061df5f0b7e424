"""What each agency brought to the meeting (guidance L11): what it told, was asked, and answered."""

from collections.abc import Iterable
from typing import NamedTuple

from hub.sharing.view import Gap
from hub.web.told import Told
from hub.web.wording import AGENCIES, counted, when
from schemas.case_event import types_of
from schemas.protocol import (
    InformationDeclined,
    InformationNoneHeld,
    InformationRequested,
    InformationSupplied,
)

(ASKED,) = types_of(InformationRequested)
ANSWERS = {
    type_: words
    for kind, words in (
        (InformationSupplied, "answered"),
        (InformationDeclined, "will not share it, with a reason"),
        (InformationNoneHeld, "holds nothing of what was asked"),
    )
    for type_ in types_of(kind)
}
NOTHING = "Nothing shown here: ask them"


class Contribution(NamedTuple):
    """One agency: what it told in all, and each thing it was asked with what came of it."""

    agency: str
    told: str
    asked: tuple[str, ...]


def contributions(lines: Iterable[Told | Gap]) -> list[Contribution]:
    """Every agency there is, from the standing entries that are shown and nothing else."""
    shown = [x for x in lines if isinstance(x, Told) and x.entry.standing == "current"]
    referring = [x for x in shown if "request" in x.fields]
    answers = {_request(x): x for x in referring if x.entry.type in ANSWERS}
    requests = [x for x in referring if x.entry.type == ASKED]
    return [
        Contribution(
            name,
            _told([x for x in shown if x.entry.agency == agency.value and x.entry.type != ASKED]),
            tuple(
                _asked(x, answers.get(_request(x)))
                for x in requests
                if x.fields["from_agency"] == agency.value
            ),
        )
        for agency, name in AGENCIES.items()
    ]


def _told(theirs: list[Told]) -> str:
    if not theirs:
        return NOTHING
    many, last = counted(len(theirs), "entry", "entries"), max(theirs, key=lambda x: x.entry.occurred_at)
    return f"{many}, the latest of {_at(last)}"


def _asked(request: Told, answer: Told | None) -> str:
    came = f"{ANSWERS[answer.entry.type]} {_at(answer)}" if answer else "no answer yet"
    return f"Asked {_at(request)}: {came}"


def _at(told: Told) -> str:
    return when(told.entry.occurred_at, told.entry.precision)


def _request(told: Told) -> tuple[str, str]:
    """The reference by which an answer names what was asked."""
    request = told.fields["request"]
    return request["system"], request["value"]
