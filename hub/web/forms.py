"""Reads what a page's form sends: a few short fields, and nothing else."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from hub.errors import Refused

FIELDS = 1000


class NotAForm(Refused):
    """What was sent is not one of the hub's forms."""

    status, title = 415, "Not one of the hub's forms"


async def form(request: Request) -> Mapping[str, str]:
    """The form's fields, those left empty left out. Raises NotAForm."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise NotAForm
    body = await request.body()
    try:
        fields = parse_qsl(body.decode("ascii"), max_num_fields=FIELDS, errors="strict")
    except ValueError:
        raise NotAForm from None
    return {name: value.strip() for name, value in fields if value.strip()}
