"""Tells whether a published schema may change without a new version; for publishing, not for running."""

import json
from typing import Any

import jsoncompat


def still_reads(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Whether everything that was valid under `old` is valid under `new` (BACKWARD, formats.md 2.2).

    The models are closed, so an optional field may be added and nothing may be taken away. Where a mark
    changes (`x-scope`, `x-signal`) this says nothing: that is a matter of who may read, for review.
    """
    return bool(jsoncompat.check_compat(_shape(old), _shape(new), role="deserializer"))


def _shape(schema: dict[str, Any]) -> str:
    """The schema without its own address, under which the checker would look for its definitions."""
    return json.dumps({name: value for name, value in schema.items() if name != "$id"})
