"""A command's questions as a form on a page, and what was answered as the command takes it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from hub.domain.calendar import LONDON
from hub.protocol.command import Command, Kind, Question
from hub.protocol.commands import Incomplete
from hub.web.forms import Sent
from hub.web.wording import spoken

ASIDE = ("part", "incident", "corrects")
"""Questions of every act, which stand folded away below its own."""
HIDDEN = ("act",)
OTHERS = range(1, 4)
"""Other children that one form has room for."""
RADIOS = 9
"""So many choices stand as radio buttons; more in a list."""
SAYS = {
    "missing": "this must be answered",
    "string-too-long": "this is longer than the hub keeps",
    "is-not-a-day": "this must be a real date, such as 27 3 2026",
    "is-not-a-time": "this must be a real date and time, such as 27 3 2026 at 14:30",
    "is still to come": "this must not be a time to come",
    "string-pattern-mismatch": "this must be a short code of letters, numbers and hyphens",
    "enum": "choose one of these",
    "int-parsing": "this must be a whole number",
}
"""What is said of an answer that cannot be taken, by its code."""


class Drawn(NamedTuple):
    """One question as it stands on the page: what to draw, and what was answered before."""

    name: str
    title: str
    help: str
    draw: str
    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...]
    required: bool
    parts: Mapping[str, str]


def drawn(command: Command, said: Sent, wants: Iterable[str]) -> dict[str, list[Drawn]]:
    """The command's own questions, and those of every act; `reason_later` only where a reason is wanted."""
    shown = [q for q in command.questions if q.name not in HIDDEN]
    later = "reason" in wants or "reason_later" in said
    own = [q for q in shown if q.name not in ASIDE and (q.name != "reason_later" or later)]
    return {
        "own": [_drawn(q, said) for q in own],
        "aside": [_drawn(q, said) for q in shown if q.name in ASIDE],
    }


def answers(command: Command, said: Sent) -> dict[str, Any]:
    """What was answered, by name; what was left empty is left out.

    Raises Incomplete for an impossible time.
    """
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for question in command.questions:
        try:
            value = _answer(question, said)
        except ValueError:
            wrong[question.name] = "is-not-a-day" if question.kind is Kind.DAY else "is-not-a-time"
            continue
        if value not in (None, "", [], ()):
            found[question.name] = value
    if wrong:
        raise Incomplete(wrong)
    return found


def errors_of(command: Command, error: Incomplete) -> dict[str, str]:
    """What is wrong, by the place where it can be put right; never with what was written."""
    titles = {q.name: (q.title, _place(q)) for q in command.questions}
    found: dict[str, str] = {}
    for at, why in error.why.items():
        name = at.partition(".")[0]
        title, place = titles.get(name, ("This form", "main"))
        found[place] = f"{title}: {SAYS.get(why, why.replace('-', ' ') or 'this cannot be taken')}"
    return found


def _place(question: Question) -> str:
    """The id of the first thing a reader can type into or choose."""
    ends = {Kind.MOMENT: "-day", Kind.DAY: "-day", Kind.CHILDREN: "-1-value"}
    return question.name + ends.get(question.kind, "")


def _drawn(question: Question, said: Sent) -> Drawn:
    draw = {Kind.CHOICE: "radios", Kind.CHOICES: "checkboxes"}.get(question.kind, question.kind.value)
    if question.kind is Kind.CHOICE and len(question.choices) > RADIOS:
        draw = "select"
    parts = {
        name.removeprefix(question.name): value
        for name, value in said.fields
        if name == question.name or name.startswith(f"{question.name}-")
    }
    return Drawn(
        question.name,
        question.title,
        question.help,
        draw,
        tuple((code, spoken(code)) for code in question.choices),
        tuple(said.all(question.name)),
        question.required,
        parts,
    )


def _answer(question: Question, said: Sent) -> Any:
    read = _READ.get(question.kind)
    return read(question.name, said) if read else said.get(question.name)


def _words(name: str, said: Sent) -> str | None:
    """Exactly as they were written: nothing tidied, nothing added."""
    words = said.words(name)
    return words if words.strip() else None


def _lines(name: str, said: Sent) -> list[str]:
    return [line.strip() for line in said.get(name, "").splitlines() if line.strip()]


def _others(name: str, said: Sent) -> list[dict[str, Any]]:
    return [_other(f"{name}-{at}", said) for at in OTHERS if said.get(f"{name}-{at}-value")]


def _day(name: str, said: Sent) -> str | None:
    parts = [said.get(f"{name}-{part}", "") for part in ("year", "month", "day")]
    return date(*map(int, parts)).isoformat() if any(parts) else None


def _moment(name: str, said: Sent) -> datetime | None:
    on, at = _day(name, said), said.get(f"{name}-time", "")
    if on is None and not at:
        return None
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", at or "00:00")
    if on is None or found is None:
        raise ValueError
    hour, minute = map(int, found.groups())
    return datetime.fromisoformat(on).replace(hour=hour, minute=minute, tzinfo=LONDON)


def _other(name: str, said: Sent) -> dict[str, Any]:
    identifier = {"system": said.get(f"{name}-system", ""), "value": said.get(f"{name}-value", "")}
    who = {"reference": identifier} if name.startswith("people-") else {"identifiers": [identifier]}
    return {"relation": said.get(f"{name}-relation", ""), **who}


_READ: Mapping[Kind, Callable[[str, Sent], Any]] = {
    Kind.WORDS: _words,
    Kind.YES_NO: lambda name, said: {"yes": True, "no": False}.get(said.get(name, "")),
    Kind.CHOICES: lambda name, said: said.all(name),
    Kind.CODES: _lines,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.CHILDREN: _others,
}
"""How an answer is read; every other kind is a line of its own."""
