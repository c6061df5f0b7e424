"""What each agency brought to the meeting (guidance L11): what it told, was asked, and answered."""

from collections.abc import Iterable
from typing import NamedTuple

from hub.sharing.view import Gap
from hub.web.told import Told
from hub.web.wording import AGENCIES, counted, when
from schemas.protocol import (
    InformationDeclined,
    InformationNoneHeld,
    InformationRequested,
    InformationSupplied,
)

ASKED = InformationRequested.model_fields["type"].default
ANSWERS = {
    InformationSupplied.model_fields["type"].default: "answered",
    InformationDeclined.model_fields["type"].default: "will not share it, with a reason",
    InformationNoneHeld.model_fields["type"].default: "holds nothing of what was asked",
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
    answers = {_request(x): x for x in shown if x.entry.type in ANSWERS}
    requests = [x for x in shown if x.entry.type == ASKED and "from_agency" in x.fields]
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
    last = max(theirs, key=lambda x: x.entry.occurred_at).entry
    return (
        f"{counted(len(theirs), 'entry', 'entries')}, the latest of {when(last.occurred_at, last.precision)}"
    )


def _asked(request: Told, answer: Told | None) -> str:
    came = f"{ANSWERS[answer.entry.type]} {_at(answer)}" if answer else "no answer yet"
    return f"Asked {_at(request)}: {came}"


def _at(told: Told) -> str:
    return when(told.entry.occurred_at, told.entry.precision)


def _request(told: Told) -> tuple[str, str]:
    """The reference by which an answer names what was asked."""
    request = told.fields.get("request", {})
    return request.get("system", ""), request.get("value", "")
