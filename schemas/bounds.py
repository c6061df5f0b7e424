"""What a door bears of those who connect to it."""

from dataclasses import dataclass

PATIENCE = 20.0
"""Seconds."""
LEAST_RATE = 1_000
"""Bytes a second: slower than any line a page could be read over."""
MOST = 500
"""Below 1,024, the files a process may usually have open: some are the store's and the log's."""


@dataclass(frozen=True)
class Bounds:
    """How long who connects may keep a door waiting, and how many may be there at once.

    A handshake, a request and the reading of an answer may take `patience` seconds each, and one more for
    every LEAST_RATE bytes that are moved in it; looked at four times in that time. Beyond it the connection
    is closed, and nothing is said. Of `most` connections one more takes the place of whichever waited longest
    for its client; where all are being answered, it is refused. HTTP (RFC 9112, 9.5) leaves it to the server.
    """

    patience: float = PATIENCE
    most: int = MOST
