"""For how long a role may be given: to a guest no longer than the policy says, and never without an end."""

from datetime import datetime, timedelta

from hub.errors import Refused
from hub.sharing.policy import Role


def check_term(name: str, role: Role, until: datetime | None, now: datetime) -> None:
    """Raise Refused where the role is given for longer than the policy lets it be, or without an end."""
    most = role.most_days
    if most is not None and (until is None or until > now + timedelta(days=most)):
        raise Refused(f"{name} is given for at most {most} days at a time: say until when")
