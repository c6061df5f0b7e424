"""Reads what a page's form sends: fields by name, in the order they were sent, and nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Depends, Request

from hub.errors import Refused

FIELDS = 1000


class NotAForm(Refused):
    """What was sent is not one of the hub's forms."""

    status, title = 415, "Not one of the hub's forms"


class Sent(Mapping[str, str]):
    """A form as it was sent: the last value of each name, all of them, and the words as they were written."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields = tuple(fields)
        self._by_name = {name: value.strip() for name, value in self.fields if value.strip()}

    def __getitem__(self, name: str) -> str:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def all(self, name: str) -> list[str]:
        """Every value of a name, those left empty left out."""
        return [value for given, value in self.fields if given == name and value.strip()]

    def words(self, name: str) -> str:
        """The value exactly as written, but for how a browser ends its lines."""
        return next((v.replace("\r\n", "\n") for n, v in reversed(self.fields) if n == name), "")


async def form(request: Request) -> Sent:
    """The form's fields. Raises NotAForm."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise NotAForm
    body = await request.body()
    try:
        fields = parse_qsl(
            body.decode("ascii"), max_num_fields=FIELDS, errors="strict", keep_blank_values=True
        )
    except ValueError:
        raise NotAForm from None
    return Sent(fields)


Fields = Annotated[Sent, Depends(form)]


def id_in(text: str) -> UUID | None:
    """The id that somebody wrote; None: it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def day_in(text: str) -> date | None:
    """The day that somebody wrote, year first as a browser sends it; None: it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def status_of(errors: Mapping[str, str]) -> HTTPStatus:
    """How a form is answered: as filled in, where something of it is wrong."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
