"""Errors a person reads: mapped once to an exit code and to an HTTP status, never carrying input."""


class HubError(Exception):
    """Something a user can be told in one line. The text never carries personal data.

    `status` and `title` are what the API answers; `exit_code` is what a command ends with
    (1 findings, 2 usage, 3 not allowed, 4 unavailable).
    """

    status = 500
    title = "The hub could not do this"
    exit_code = 1
    noted = False
    """Whether it stands on record that this was refused, and to whom."""


class UnknownChild(HubError):
    """No record, or none this reader may know of: the two look the same from outside."""

    status, title = 404, "No record of this child"


class NotAllowed(HubError):
    """The policy refuses; the text is the policy's own reason."""

    status, title, exit_code = 403, "Not permitted", 3


class Unavailable(HubError):
    """Something the hub needs (a key, a database, a topic) cannot be reached now."""

    status, title, exit_code = 503, "Not available now", 4


class Refused(HubError):
    """The request is not one the hub can carry out; the text says which rule was broken."""

    status, title = 422, "Not possible"


class Conflict(HubError):
    """Somebody else wrote first; read again and retry."""

    status, title = 409, "Changed meanwhile"


class WrongKind(HubError):
    """Demonstration and earnest are kept apart: keys, store, sign-in and bind must be of one kind."""

    status, title, exit_code = 503, "Demonstration and live data are kept apart", 3
