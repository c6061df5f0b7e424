"""What a worker writes in its log: events from a closed list with counts and words of ours, as JSON lines."""

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

Event = Literal[
    "started",
    "took",
    "set-aside",
    "drew",
    "told",
    "rolled",
    "rotated",
    "not-rotated",
    "waiting",
    "stopped",
    "failed",
]
EVENTS = frozenset(get_args(Event))
KEYS = frozenset(
    (
        *("worker", "read", "recorded", "resent", "held", "events", "children", "parked", "seconds"),
        *("decided", "told", "delayed"),
        "topic",  # of an agency, as the catalogue names it
        *("key", "destroyed"),  # a public key's own name, or a scope, and how many were
        *("keys", "unreadable"),
        *("why", "kind", "at", "port", "level", "event", "timestamp"),
    )
)
"""Nothing is written under another key: what is not named here may be of a child."""


def allowed_only(_logger: Any, _method: str, said: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Drop every key, and every event, that is not on the list."""
    kept = {key: value for key, value in said.items() if key in KEYS}
    if kept.get("event") not in EVENTS:
        kept["event"] = "unlisted"
    return kept


def logger(worker: str) -> "FilteringBoundLogger":
    """A worker's log on standard error: one JSON object a line."""
    import structlog  # noqa: PLC0415 — a tenth of what every command would import

    made: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allowed_only,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind(worker=worker)
    return made


def where(error: BaseException) -> str:
    """The frames of a fault nobody foresaw, without a value: files, lines and functions of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    named = (f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:])
    return " > ".join(named)
