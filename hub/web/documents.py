"""Answers as JSON, and their description in OpenAPI, drawn from the very structs that are sent."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from hub.web.problems import MEDIA_TYPE, Problem

_REFERENCE = "#/components/schemas/{name}"
ERRORS = {
    401: "No session, or one that has ended.",
    403: "The policy refuses, whichever child was asked for; `detail` is the policy's own reason.",
    404: "No record of this child, or none this reader may know of: the two look the same.",
    413: "Too much was sent.",
    415: "Not one of the hub's forms.",
    422: "Not understood; `errors` says where, never what was sent.",
    429: "More than one caller may ask; `Retry-After` says when to ask again.",
    503: "Something the hub needs cannot be reached now.",
}
LATE = "True where this may not be all: something that was recorded, or fell due, is not drawn yet."
ANY = (401, 403, 404, 413, 422, 429, 503)
"""What every question may be answered with."""


class Page(msgspec.Struct, frozen=True):
    """Where the next page begins: send `next` as `cursor`. There is no total of what you may not see."""

    next: str | None
    limit: int


def from_drawn(data: Any, *, late: bool) -> Response:
    """An answer from what was drawn beforehand; it says where that may not be all."""
    return json({"data": data, "late": True} if late else {"data": data})


def json(content: Any, status: int = 200) -> Response:
    """One answer."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def answers(
    shown: type, *, many: bool = False, paged: bool = False, made: bool = False, drawn: bool = False
) -> dict[int | str, dict[str, Any]]:
    """What a route may answer, for OpenAPI. `made`: it may also be 201, where something new was made.

    `drawn`: it is drawn beforehand, and says where it may not be all (see `from_drawn`).
    """
    data: dict[str, Any] = {"$ref": _REFERENCE.format(name=shown.__name__)}
    properties = {"data": {"type": "array", "items": data} if many else data}
    if paged:
        properties["page"] = {"$ref": _REFERENCE.format(name=Page.__name__)}
    wrapped = {"type": "object", "properties": properties, "required": list(properties)}
    if drawn:
        wrapped["properties"] = {**properties, "late": {"type": "boolean", "description": LATE}}
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "What was asked for.", "content": {"application/json": {"schema": wrapped}}}
    }
    if made:
        found[201] = {**found[200], "description": "What was made."}
    return found | problems(*ANY)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Which problems a route may answer with, for OpenAPI."""
    problem = {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(name=Problem.__name__)}}}
    return {status: {"description": ERRORS[status], "content": problem} for status in statuses}


def describe(app: FastAPI, structs: Iterable[type]) -> dict[str, Any]:
    """The OpenAPI document of an app, with the structs its answers are made of."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _, components = msgspec.json.schema_components((*structs, Page, Problem), ref_template=_REFERENCE)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(components)
        for unsent in ("HTTPValidationError", "ValidationError"):  # FastAPI's own, which echo input
            schemas.pop(unsent, None)
        app.openapi_schema = document
    return app.openapi_schema
