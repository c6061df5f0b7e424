"""The fields of one JSON object, each read as the kind it must be, or refused by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from adapters.days import iso_day
from adapters.record import BadRecord

MAX_ITEMS = 2_000
"""No list in one child's record is longer."""
_MAX_TEXT = 20_000
_DAY = 10


@dataclass(frozen=True, slots=True)
class Fields:
    """One object and where it stands (a JSON pointer). Absent and null are the same: not said."""

    of: dict[str, Any]
    place: str

    def text(self, name: str) -> str | None:
        """Text without white space around it; None where not said. Raises BadRecord `not-text`."""
        said = self.of.get(name)
        if said is None:
            return None
        if not isinstance(said, str) or len(said) > _MAX_TEXT:
            raise BadRecord("not-text", name)
        return said.strip() or None

    def flag(self, name: str) -> bool | None:
        """True, false or not said. Raises BadRecord `not-true-or-false`."""
        said = self.of.get(name)
        if said is not None and not isinstance(said, bool):
            raise BadRecord("not-true-or-false", name)
        return said

    def number(self, name: str) -> float | None:
        """A number or not said. Raises BadRecord `not-a-number`."""
        said = self.of.get(name)
        if said is None:
            return None
        if isinstance(said, bool) or not isinstance(said, (int, float)) or abs(said) > 1e9:  # noqa: PLR2004
            raise BadRecord("not-a-number", name)
        return float(said)

    def day(self, name: str) -> date | None:
        """A day, the time of day left out; None where not said. Raises BadRecord `not-a-date`."""
        said = self.text(name)
        if said is None:
            return None
        return iso_day(said[:_DAY] if said[_DAY:].startswith("T") else said, name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where not said. Raises BadRecord `not-a-list` or `not-text`."""
        said = self._list(name)
        if not all(isinstance(text, str) and len(text) <= _MAX_TEXT for text in said):
            raise BadRecord("not-text", name)
        return tuple(text.strip() for text in said if text.strip())

    def one(self, name: str) -> "Fields | None":
        """An object in this one; None where not said. Raises BadRecord `not-an-object`."""
        said = self.of.get(name)
        if said is None:
            return None
        if not isinstance(said, dict):
            raise BadRecord("not-an-object", name)
        return Fields(said, f"{self.place}/{name}")

    def each(self, name: str) -> Iterator["Fields | BadRecord"]:
        """The objects of a list, in order; an item that is none stands as its refusal.

        Raises BadRecord `not-a-list` when the first is asked for.
        """
        for number, item in enumerate(self._list(name)):
            if isinstance(item, dict):
                yield Fields(item, f"{self.place}/{name}/{number}")
            else:
                yield BadRecord("not-an-object", name)

    def _list(self, name: str) -> list[Any]:
        said = self.of.get(name)
        if said is None:
            return []
        if not isinstance(said, list) or len(said) > MAX_ITEMS:
            raise BadRecord("not-a-list", name)
        return said
