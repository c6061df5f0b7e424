"""Reads what older senders still say: each step turns one version of a type into the next, as plain dicts."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

_VERSIONED = re.compile(r"(?P<name>[a-z0-9-]+\.[a-z0-9-]+)\.v(?P<version>[1-9][0-9]{0,3})")


def _absence_v1(event: dict[str, Any]) -> dict[str, Any]:
    """v1 said `sessions` and a free-text `reason`; v2 tells counted sessions from the reason given."""
    said = dict(event)
    if "sessions" in said:
        said["sessions_missed"] = said.pop("sessions")
    if "reason" in said:
        said["reason_given"] = said.pop("reason")
    return said


UPCASTERS: Mapping[str, Upcaster] = MappingProxyType({"schools.absence.v1": _absence_v1})
"""By the versioned name a step starts from; the step's result is the next version."""


def name_and_version(type_: str) -> tuple[str, int] | None:
    """Take a versioned type name apart; None where it is not one."""
    match = _VERSIONED.fullmatch(type_)
    return (match["name"], int(match["version"])) if match else None


def current_type(type_: str) -> str:
    """The version a type name is read as today; a name without a step stays as it is."""
    while type_ in UPCASTERS:
        type_ = _next(type_)
    return type_


def upcast(event: dict[str, Any]) -> dict[str, Any]:
    """Bring an event of an older version to the current one, step by step; others come back unchanged."""
    type_ = event.get("type")
    while isinstance(type_, str) and type_ in UPCASTERS:
        event = {**UPCASTERS[type_](event), "type": _next(type_)}
        type_ = event["type"]
    return event


def _next(type_: str) -> str:
    name, version = type_.rsplit(".v", 1)
    return f"{name}.v{int(version) + 1}"
