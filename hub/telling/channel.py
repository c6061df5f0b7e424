"""The port through which a person is told. Ways: `channel_<way>.py`."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hub.telling.message import Message


class Why(StrEnum):
    """Why a receiver did not take a message: said in logs and events, never the server's own words."""

    AWAY = "cannot-be-reached"
    NOT_TRUSTED = "its-certificate-is-not-to-be-trusted"
    SIGN_IN = "it-refused-our-sign-in"
    RECIPIENT = "it-refused-the-recipient"
    REFUSED = "it-refused-the-message"
    SECRET = "the-file-of-the-secret-cannot-be-read"  # noqa: S105 — the reason, not the secret
    UNNAMED = "the-settings-no-longer-name-them"
    LEFT = "they-have-no-role-here-any-more"


class NotTaken(Exception):
    """The receiver did not take the message over; it is tried again."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Channel(Protocol):
    """One way to one recipient."""

    def send(self, message: Message, now: datetime) -> None:
        """Hand a message over. Returns once the receiver's server has taken it; raises NotTaken.

        Not promised: that it is read. A fall between its taking and our record of it makes it come again
        under the same id.
        """
        ...
