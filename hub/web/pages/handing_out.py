"""What pages share on which an export is narrowed and handed out: for its subject, for a court."""

from collections.abc import Container, Iterable, Mapping
from typing import Any
from uuid import UUID

from fastapi import Response

from hub.audit.exporting import WAITS, Request
from hub.audit.handing_out import Given, kind, says
from hub.domain.child import By
from hub.web import wording
from hub.web.forms import Sent, id_in, status_of
from hub.web.rendering import Pages


def narrowing_lacks(said: Sent, grounds: Container[str], also: tuple[str, ...] = ()) -> dict[str, str]:
    """What the form lacks by which an export is prepared again with other entries left out, by field.

    `also`: what may be ticked in it besides.
    """
    errors = {}
    if not any(map(said.all, ("hold", "give", *also))):
        errors["hold-1"] = "Choose the entries that are left out, or given after all"
    if said.all("hold") and said.get("ground") not in grounds:
        errors["ground"] = "Choose the ground"
    if "reason" not in said:
        errors["why-again"] = "Enter your reason"
    return errors


def held_then(before: Iterable[tuple[UUID, str]], said: Sent) -> dict[UUID, str]:
    """What is left out then, by ground: of `before` what is not given after all, and what was chosen."""
    back, out = ({id_in(each) for each in said.all(name)} for name in ("give", "hold"))
    held = {entry: ground for entry, ground in before if entry not in back}
    return held | {entry: said["ground"] for entry in out if entry is not None}


def not_drawn(
    pages: Pages,
    by: By,
    here: str,
    title: str,
    found: Request[Any],
    errors: Mapping[str, str],
    said: Sent,
    drawn: str,
) -> Response:
    """The page of an export that cannot be drawn as it was prepared: that, and none of it.

    One that waits is refused there, or prepared anew. `here`: the page of all requests of its kind.
    """
    return pages.page(
        "export_not_drawn.html",
        status_of(errors),
        by=by,
        here=here,
        title=title,
        found=found,
        waits=found.state == WAITS,
        path=f"{here}/{found.prepared.request}",
        errors=errors,
        said=said,
        drawn=drawn,
    )


def in_words(given: Given, held: Container[UUID]) -> dict[str, Any]:
    """One entry in words: `held` where a person left it out."""
    return {
        "id": str(given.id),
        "when": wording.when(given.happened, "day"),
        "agency": wording.agency_name(given.agency),
        "kind": kind(given),
        "says": list(says(given)),
        "redacted": [(each.what.replace("-", " "), each.ground) for each in given.redacted],
        "restricted": wording.spoken(given.restricted),
        "held": given.id in held,
    }
