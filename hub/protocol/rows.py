"""What a row of the pack may say: data only. How its shapes are judged stands in `shapes`."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from hub.protocol.selector import Selects
from schemas.vocabulary import Agency

Mark = Literal["D", "P", "S", "M"]
"""D follows from the guidance, P is a proposal to be signed off, S has a source, M is from memory."""
Words = Annotated[str, Field(min_length=1, max_length=400)]
Selectors = tuple[Selects, ...]
Some = Annotated[Selectors, Field(min_length=1)]
Line = Annotated[str, Field(pattern=r"^L\d+(-\d+)?(, L\d+(-\d+)?)*$")]
RowId = Annotated[str, Field(pattern=r"^[A-Z]\d{1,3}$")]


ANYONE = (Agency.POLICE, Agency.HEALTH, Agency.SCHOOLS, Agency.SOCIAL_CARE, Agency.YOUTH_JUSTICE)
Agencies = Annotated[tuple[Agency, ...], BeforeValidator(lambda said: ANYONE if said == "anyone" else said)]


class Model(BaseModel):
    """Frozen, closed, and silent about what was written where it is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Kind(StrEnum):
    """What the hub does about a row."""

    CLOCK = "clock"
    CHECKLIST = "checklist"
    INVARIANT = "invariant"
    PROMPT = "prompt"
    ACCESS = "access"
    VOCABULARY = "vocabulary"
    TEXT = "text"


class Strand(StrEnum):
    """Which strand a row is about.

    `each`: every open one, apart; `both`: a child who stands in the two; `any`: the child, whichever is open.
    """

    HAS_HARMED = "has-sexually-harmed"
    WAS_HARMED = "has-been-sexually-harmed"
    EACH = "each"
    BOTH = "both"
    ANY = "any"


class Since(StrEnum):
    """From when an entry counts as having met it: people act first and write down afterwards."""

    START = "start"
    DAY = "day"
    INCIDENT = "incident"
    EVER = "ever"


class Asked(Model):
    """What every shape says: what is asked, of whom, within which clock, on which strand.

    `by` are the agency families whose record would meet it, `fed` those whose own system may carry that
    record; `only-if` and `unless` name entries that must, or must not, stand; `late-asks`: lateness asks why.
    """

    words: Words
    of: Words
    mark: Mark = "D"
    within: str | None = None
    by: Agencies = (Agency.SOCIAL_CARE,)
    fed: Agencies = ()
    late_asks: Annotated[bool, Field(alias="late-asks")] = False
    strand: Strand = Strand.ANY
    age: Annotated[str | None, Field(pattern=r"^(<|>=)\d{1,2}( (<|>=)\d{1,2})?$")] = None
    age_known: Annotated[bool, Field(alias="age-known")] = False
    """It is asked only where the age is known to be that."""
    quiet: bool = False
    """It stands on its checklist, and not as a line of its own in the worklist."""
    across: bool = False
    """What meets it may stand on either strand: it is about the child, whom the two strands share."""
    only_if: Annotated[Selectors, Field(alias="only-if")] = ()
    unless: Selectors = ()
    """What makes it needless from its start on: it is then superseded."""


class After(Asked):
    """When one thing happens, another is due: the usual shape.

    `each`: whether every entry of `when` starts one, or the first or the last alone. `same`: the reference that
    both must carry, and where the two fields differ, `same` of the start and `as` of what meets it. `ends`: the
    signal of the start that says until when; `before`: the same, and not a moment later than that day begins.
    """

    shape: Literal["after"] = "after"
    when: Some
    each: Literal["each", "first", "last"] = "each"
    met_by: Annotated[Some, Field(alias="met-by")]
    met_from: Annotated[Since, Field(alias="met-from")] = Since.START
    same: str | None = None
    as_: Annotated[str | None, Field(alias="as")] = None
    ends: str | None = None
    before: str | None = None
    reason: bool = False
    """It asks why as long as it is not met."""


class Again(Asked):
    """It is due again so long after the last time, as long as what it belongs to is open.

    `since` starts the count, `met-by` is each time it was done; `every`: the signal of the last entry of
    `frequency` that says in how many days; without one, the clock's length.
    """

    shape: Literal["again"]
    since: Some
    met_by: Annotated[Some, Field(alias="met-by")]
    frequency: Selectors = ()
    every: str | None = None
    until: Selectors = ()


class Whilst(Asked):
    """As long as one thing lasts, another must hold: from `when` to `to`, `has` not ended by `lost`."""

    shape: Literal["whilst"]
    when: Some
    to: Selectors = ()
    has: Some
    lost: Selectors = ()
    has_from: Annotated[Literal["ever", "start"], Field(alias="has-from")] = "ever"


class Departs(Asked):
    """An entry that departs from what is usual: it is recorded, and asks why where no reason is.

    `reasoned-by`: an entry that is itself the reason.
    """

    shape: Literal["departs"]
    when: Some
    reasoned_by: Annotated[Selectors, Field(alias="reasoned-by")] = ()


class Coded(Asked):
    """Judged by a function of its own, by name: what no shape can say."""

    shape: Literal["coded"]
    judge: str


def _shape(said: Any) -> str:
    return str(said.get("shape", "after") if isinstance(said, dict) else said.shape)


Ask = Annotated[
    Annotated[After, Tag("after")]
    | Annotated[Again, Tag("again")]
    | Annotated[Whilst, Tag("whilst")]
    | Annotated[Departs, Tag("departs")]
    | Annotated[Coded, Tag("coded")],
    Discriminator(_shape),
]


class Row(Model):
    """One obligation of the guidance, and all the hub does about it.

    `records`: the entries that say it was done; `rules`: the patterns that point at it; `vocabularies`: the
    lists of codes it brings; `access` and `text`: what is kept from whom, or shown, in words; `cannot`: what
    the hub cannot do about it, and why.
    """

    id: RowId
    line: Line
    title: Words
    kind: Kind
    asks: tuple[Ask, ...] = ()
    records: Selectors = ()
    rules: tuple[Annotated[str, Field(pattern=r"^P\d{2}$")], ...] = ()
    vocabularies: tuple[str, ...] = ()
    access: Words | None = None
    text: Words | None = None
    cannot: Words | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not (self.asks or self.records or self.rules or self.vocabularies or self.access or self.text):
            raise ValueError("say what the hub does: asks, records, rules, vocabularies, access or text")
        return self
