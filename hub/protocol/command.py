"""What a command is: one act a person may record, which describes its own form in words and choices."""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from schemas.case_event import CaseEvent, Identifier
from schemas.scope import Mark, Scope
from schemas.vocabulary import ChildPart

SYSTEM = "hub"
"""The system an act names, and the system of a reference that people give by its value alone."""
SHORT = 300
"""A text for which one line is enough: a name, a role, a place."""


def _reference(value: Any) -> Any:
    return {"system": SYSTEM, "value": value.strip()} if isinstance(value, str) else value


Reference = Annotated[Identifier, BeforeValidator(_reference, json_schema_input_type=str | Identifier)]
"""A meeting, a request, a referral, a worker: the name people give it here, or another system's id of it."""

REASON = "Asked for where this departs from the guidance or comes late; it is recorded, never refused."


class Kind(StrEnum):
    """How a question is answered: what a page draws for it."""

    WORDS = "words"
    LINE = "line"
    CODE = "code"
    CODES = "codes"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes-no"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    REFERENCE = "reference"
    CHILDREN = "children"


class Asked(NamedTuple):
    """The words of one question: its title, help where it needs some, and whether one line is enough."""

    title: str
    help: str = ""
    line: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What a row asks to be said, and in which case: `when` judges it, `told` says it in words."""

    row: str
    fields: tuple[str, ...]
    when: Callable[[Any], bool] = lambda _: True
    told: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a form: all that a page needs to draw it, and a program to fill it in.

    `required`: the form is not taken without it. `asked_by`: the rows that ask for it, some of them only in a
    case that `needed` tells. `choices` are codes; their words are the vocabulary's.
    """

    name: str
    title: str
    help: str
    kind: Kind
    choices: tuple[str, ...] = ()
    required: bool = False
    asked_by: tuple[str, ...] = ()
    needed: str = ""


class Form(BaseModel):
    """What every act says, whichever it is. Its own questions come before these."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=())

    at: Annotated[
        AwareDatetime | None,
        Field(title="When it was done", description="Left empty: now. A time to come is not taken."),
    ] = None
    part: Annotated[
        ChildPart,
        Field(
            title="This child's part",
            description="As one who has harmed, or has been harmed: the two are kept apart.",
        ),
    ] = ChildPart.SUBJECT
    incident: Annotated[
        Reference | None, Field(title="Incident", description="The reference several records share, if any.")
    ] = None
    act: Annotated[
        str | None,
        Field(
            max_length=100,
            pattern=r"^[A-Za-z0-9._-]+$",
            title="Your own id of this act",
            description="Sent again with the same id it is recorded once. Left empty: the hub gives one.",
        ),
    ] = None
    corrects: Annotated[
        str | None,
        Field(
            max_length=300,
            title="Corrects an earlier act",
            description="The id of an act of your agency that this one puts right; both stay on the record.",
        ),
    ] = None
    reason_later: Annotated[
        bool,
        Field(
            title="Record it now, say why later",
            description="The hub blocks no act: where a reason is asked for, the worklist goes on asking.",
        ),
    ] = False


@dataclass(frozen=True)
class Command:
    """One act people may record: its event type, who may (a group of the policy), and the words of its form."""

    name: str
    kind: type[CaseEvent]
    group: str
    line: str
    title: str
    about: str
    asks: Mapping[str, Asked]
    needs: tuple[Need, ...] = ()
    begins: bool = False
    """True where it may be said by identifiers, of a child the hub or the agency does not know yet (L163; R133).

    An agency that is asked, or rung, has no entry of its own and so no relationship; its answer is wanted.
    """
    named_rows: str = ""
    _found: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows of the protocol it serves: as its event type names them, or as named here."""
        head = self.named_rows or (self.kind.__doc__ or "").partition(":")[0].partition("(")[0]
        return tuple(row for part in head.split(",") for row in _rows(part.strip()))

    @property
    def form(self) -> type[BaseModel]:
        """The form as a model: what is sent is checked by it, and its JSON Schema is what programs read."""
        if "form" not in self._found:
            self._found["form"] = _form(self)
        found: type[BaseModel] = self._found["form"]
        return found

    @property
    def questions(self) -> tuple[Question, ...]:
        """The form as questions in the order a page asks them: its own, then those of every act."""
        if "questions" not in self._found:
            own = [_question(self, name, self.form.model_fields[name]) for name in self.asks]
            common = [_question(self, n, info) for n, info in Form.model_fields.items() if self._has(n)]
            self._found["questions"] = (*own, *common)
        found: tuple[Question, ...] = self._found["questions"]
        return found

    def _has(self, name: str) -> bool:
        if name == "part" and self.kind.model_fields[name].default is not ChildPart.SUBJECT:
            return False  # it is about one part: nobody is asked which
        return name not in self.asks and (
            name != "reason_later" or "reason_recorded" in self.kind.model_fields
        )


def command(
    name: str,
    kind: type[CaseEvent],
    group: str,
    line: str,
    title: str,
    about: str,
    /,
    *needs: Need,
    rows: str = "",
    begins: bool = False,
    **asks: str | Asked,
) -> Command:
    """Write a command down; a question of no more than a title is its title."""
    worded = {n: Asked(a) if isinstance(a, str) else a for n, a in asks.items()}
    return Command(name, kind, group, line, title, about, worded, needs, begins, rows)


def _rows(named: str) -> list[str]:
    """`R42-R48` is seven rows."""
    first, _, last = named.replace("R", "").partition("-")
    return [f"R{n}" for n in range(int(first), int(last or first) + 1)] if first.isdecimal() else []


def _form(of: Command) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for name, asked in of.asks.items():
        info = of.kind.model_fields[name]
        told = " ".join(filter(None, (asked.help or (REASON if name == "reason" else ""), _needed(of, name))))
        default = ... if _required(of, name, info) else info.get_default()
        fields[name] = (_annotation(info), Field(default, title=asked.title, description=told or None))
    return create_model(of.name, __base__=Form, __doc__=of.about, **fields)


def _annotation(info: FieldInfo) -> Any:
    """The field's own type and limits, without its marks; references may be given by their value alone."""
    limits = [mark for mark in info.metadata if not isinstance(mark, Mark | Scope)]
    said: Any = Reference if info.annotation is Identifier else info.annotation
    if said == Identifier | None:
        said = Reference | None
    return Annotated[(said, *limits)] if limits else said


def _required(of: Command, name: str, info: FieldInfo) -> bool:
    return info.is_required() or any(name in need.fields and not need.told for need in of.needs)


def _needed(of: Command, name: str) -> str:
    told = [f"{need.row} asks for it {need.told}." for need in of.needs if name in need.fields and need.told]
    return " ".join(told)


def _question(of: Command, name: str, info: FieldInfo) -> Question:
    asked = of.asks.get(name)
    kind, choices = _kind(info.annotation, info.metadata, line=bool(asked and asked.line))
    return Question(
        name,
        info.title or name,
        info.description or "",
        kind,
        choices,
        info.is_required(),
        tuple(dict.fromkeys(need.row for need in of.needs if name in need.fields)),
        _needed(of, name),
    )


_PLAIN: tuple[tuple[Any, Kind], ...] = (
    (AwareDatetime, Kind.MOMENT),
    (bool, Kind.YES_NO),
    (int, Kind.NUMBER),
    (date, Kind.DAY),
    (Identifier, Kind.REFERENCE),
)


def _kind(annotation: Any, metadata: Any = (), *, line: bool = False) -> tuple[Kind, tuple[str, ...]]:
    """How a value of this type is asked for, and what may be chosen."""
    inner, more = _one(annotation, metadata)
    if get_origin(inner) is tuple:
        kind, choices = _kind(get_args(inner)[0])
        return {Kind.CHOICE: Kind.CHOICES, Kind.CODE: Kind.CODES}.get(kind, Kind.CHILDREN), choices
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return Kind.CHOICE, tuple(code.value for code in inner)
    return _plain(inner, more, line=line), ()


def _one(annotation: Any, metadata: Any) -> tuple[Any, Any]:
    """The type itself and its limits, without "or nothing"."""
    origin = get_origin(annotation)
    if origin is Annotated and annotation != AwareDatetime:
        inner, *more = get_args(annotation)
        return _one(inner, more)
    if origin in (Union, types.UnionType):
        (one,) = [a for a in get_args(annotation) if a is not type(None)]
        return _one(one, metadata)
    return annotation, metadata


def _plain(annotation: Any, metadata: Any, *, line: bool) -> Kind:
    for plain, kind in _PLAIN:
        if annotation is plain:
            return kind
    if any(isinstance(getattr(mark, "pattern", None), str) for mark in _flat(metadata)):
        return Kind.CODE
    return Kind.LINE if line else Kind.WORDS


def _flat(metadata: Any) -> list[Any]:
    return [part for mark in metadata for part in (mark, *getattr(mark, "metadata", ()))]
