"""All there is to say: the list of event types by hand, and the reading of one event from its bytes."""

from collections.abc import Iterator, Mapping
from functools import cache, reduce
from operator import or_
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from schemas.any_agency import ANY_AGENCY_TYPES
from schemas.case_event import AGENCY_SCOPE, CaseEvent, types_of
from schemas.health import HEALTH_TYPES
from schemas.police import POLICE_TYPES
from schemas.protocol import PROTOCOL_TYPES
from schemas.schools import SCHOOLS_TYPES
from schemas.scope import Scope
from schemas.social_care import SOCIAL_CARE_TYPES
from schemas.split import ScopedFields, Split, scoped_fields, split_by
from schemas.upcasting import UPCASTERS, name_and_version, upcast
from schemas.vocabulary import Agency
from schemas.youth_justice import YOUTH_JUSTICE_TYPES

EVENT_TYPES: tuple[type[CaseEvent], ...] = (
    *POLICE_TYPES,
    *HEALTH_TYPES,
    *SCHOOLS_TYPES,
    *SOCIAL_CARE_TYPES,
    *YOUTH_JUSTICE_TYPES,
    *ANY_AGENCY_TYPES,
    *PROTOCOL_TYPES,
)
"""A new agency adds its tuple here, and that is all that changes in this file."""

TYPE_BY_NAME: Mapping[str, type[CaseEvent]] = MappingProxyType(
    {name: cls for cls in EVENT_TYPES for name in types_of(cls)}
)
"""Every versioned type name that is current, and its class."""

FAMILIES: frozenset[str] = frozenset(name.partition(".")[0] for name in TYPE_BY_NAME)
"""First parts of type names: the agencies, and `protocol` for what people record in the hub."""

SCOPED_FIELDS: Mapping[type[CaseEvent], ScopedFields] = MappingProxyType(
    {cls: scoped_fields(cls) for cls in EVENT_TYPES}
)

_KNOWN_NAMES = frozenset(v[0] for v in map(name_and_version, [*TYPE_BY_NAME, *UPCASTERS]) if v)
_ADAPTER: TypeAdapter[CaseEvent] = TypeAdapter(
    Annotated[reduce(or_, EVENT_TYPES), Field(discriminator="type")],  # type: ignore[arg-type]
    config=ConfigDict(defer_build=True),
)


class UnknownType(Exception):
    """No such event type; the text does not repeat what was sent."""


class UnknownVersion(Exception):
    """A known event type, in a version this hub cannot read (yet)."""


class InvalidEvent(Exception):
    """Not a case event of its type: the fields at fault and a code for each, never a value."""

    def __init__(self, findings: tuple[tuple[str, str], ...]) -> None:
        """Keep the findings: pairs of field path (empty: the whole event) and code."""
        super().__init__("; ".join(f"{path or 'event'}: {code}" for path, code in findings[:10]))
        self.findings = findings


def build() -> None:
    """Make all that checks events now: before threads do, who would make it at once and beside each other.

    Else it is made when first needed: a command that reads no event starts a quarter sooner.
    """
    for cls in EVENT_TYPES:
        cls.model_rebuild()
    _ADAPTER.rebuild()


def parse_event(data: bytes) -> CaseEvent:
    """Read one case event from JSON, strictly; an older version is brought to the current one first.

    Raises UnknownType, UnknownVersion or InvalidEvent, none of which carries what was sent.
    """
    try:
        return _ADAPTER.validate_json(data, strict=True)
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_context=False, include_input=False)
    if errors[0]["type"] != "union_tag_invalid":
        raise InvalidEvent(_findings(errors))
    return _parse_other_version(data)


def split(event: CaseEvent) -> Split:
    """Split an event by who may read it. Raises KeyError for a type that is not in EVENT_TYPES."""
    return split_by(SCOPED_FIELDS[type(event)], event)


def _parse_other_version(data: bytes) -> CaseEvent:
    said: dict[str, Any] = from_json(data)
    type_ = said["type"]
    if not isinstance(type_, str):
        raise InvalidEvent((("type", "string-type"),))
    if type_ not in UPCASTERS:
        versioned = name_and_version(type_)
        if versioned and versioned[0] in _KNOWN_NAMES:
            raise UnknownVersion("this version of the event type is not known here")
        raise UnknownType("this event type is not known here")
    try:
        return _ADAPTER.validate_json(to_json(upcast(said)), strict=True)
    except ValidationError as refused:
        errors = refused.errors(include_url=False, include_context=False, include_input=False)
    raise InvalidEvent(_findings(errors))


def _findings(errors: list[ErrorDetails]) -> tuple[tuple[str, str], ...]:
    return tuple((".".join(_path(error)), error["type"].replace("_", "-")) for error in errors)


def _path(error: ErrorDetails) -> Iterator[str]:
    """The path without the type's tag; a field nobody knows is a word of the sender's, so not repeated."""
    path = [str(part) for part in error["loc"] if part not in TYPE_BY_NAME]
    yield from (
        [*path[:-1], "?"] if error["type"] in ("extra_forbidden", "unexpected_keyword_argument") else path
    )


@cache
def fields_of_restricted() -> frozenset[str]:
    """The fields that restricted types alone have: whoever reads the name of one knows of what type it is."""
    of = {
        kind: {f for c in EVENT_TYPES if c.restricted == kind for f in c.model_fields}
        for kind in (True, False)
    }
    return frozenset(of[True] - of[False])


@cache
def home_scope_of(public_type: str, agency: str) -> Scope:
    """The scope an entry is read in, from what the spine says of it.

    A restricted entry shows only `<agency>.restricted.v1`: each agency has one scope for those.
    """
    if public_type in RESTRICTED_HOME:
        return RESTRICTED_HOME[public_type]
    return TYPE_BY_NAME[public_type].home or AGENCY_SCOPE[Agency(agency)]


RESTRICTED_HOME: Mapping[str, Scope] = MappingProxyType(
    {
        f"{name.partition('.')[0]}.restricted.v1": cls.home
        for name, cls in TYPE_BY_NAME.items()
        if cls.restricted and cls.home is not None
    }
)
"""Where each agency's restricted entries are read."""
