"""Which policy question a route asks: declared at the route, refused at start where it is not."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


class Question(StrEnum):
    """The questions a window may ask of the hub. The value is the one that disclosures record."""

    CHRONOLOGY = "chronology"
    FLAGS = "flags"
    DUE = "due"
    BESIDE = "beside-flags"
    INCIDENTS = "incidents"
    FIND = "find"
    HISTORY = "history"
    SHOWN = "shown"
    WHO_SAW = "who-saw"
    SEEN_BY = "seen-by"
    UNUSUAL = "unusual-access"
    SUBJECT_ACCESS = "subject-access"
    """A record for who it is about: asked by who prepares and approves it, shown in full and recorded."""
    PROSECUTION = "prosecution"
    """What a prosecutor or a court asks for of a record: asked by who prepares and approves it, as above."""
    ACT = "act"
    """Something is recorded of a child; of what stands there, nothing is shown."""
    ACCESS = "access"
    """What waits for a second person, what is closed and why; of what stands in a record, nothing."""
    CHANGES = "changes"
    """Whether a chronology changed for its reader; nothing of it is shown, so nothing is recorded."""
    NOTHING = "nothing"
    """The route shows nothing of any child."""


class Undeclared(Exception):
    """A route does not say which policy question it asks: the hub does not start with it."""


def asks(question: Question) -> Callable[[_Endpoint], _Endpoint]:
    """Declare what a route asks. Stands nearest to the function, under the route's own decorator."""

    def declare(endpoint: _Endpoint) -> _Endpoint:
        endpoint.asks = question  # type: ignore[attr-defined]
        return endpoint

    return declare


class Route(NamedTuple):
    """One route of an app, and what it declares to ask; None where it declares nothing."""

    path: str
    methods: frozenset[str]
    endpoint: Callable[..., Any] | None
    asks: Question | None


def routes_of(routes: Sequence[BaseRoute]) -> Iterator[Route]:
    """Every route of an app, those of its routers included, in order."""
    for route in iter_route_contexts(routes):
        question = getattr(route.endpoint, "asks", None)
        asked = question if isinstance(question, Question) else None
        yield Route(route.path or "", frozenset(route.methods or ()), route.endpoint, asked)


def check_declared(routes: Sequence[BaseRoute]) -> None:
    """Raise Undeclared for the first route that does not say what it asks."""
    for route in routes_of(routes):
        if route.asks is None:
            raise Undeclared(f"{route.path} does not say which policy question it asks")
