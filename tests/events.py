"""Case events of invented children, short to write."""

from datetime import UTC, datetime, timedelta

from schemas.case_event import Withdrawal
from schemas.health import EmergencyAttendance
from schemas.police import Intelligence, MissingEpisode, OffenceReported
from schemas.schools import ConcernLogged, SexualBehaviourIncident

DAY = datetime(2026, 9, 1, 10, tzinfo=UTC)
ANN = {
    "identifiers": ({"system": "nhs-number", "value": "9449305552"},),
    "name": {"family": "Marsh", "given": "Ann"},
    "date_of_birth": "2012-04-05",
}
BEN = {
    "identifiers": ({"system": "nhs-number", "value": "9449304424"},),
    "name": {"family": "Ferris", "given": "Ben"},
    "date_of_birth": "2011-01-20",
}


def intelligence(id_="i1", day=0, **more):
    """The police hold intelligence: a restricted type, which the front door does not know of."""
    at = DAY + timedelta(days=day)
    return Intelligence(
        agency="police", system="niche", source_event_id=id_, occurred_at=at, **{**ANN, **more}
    )


def missing(name="m1", day=0, who=ANN, **more):
    return MissingEpisode(
        **{
            "agency": "police",
            "system": "niche",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            **who,
            **more,
        }
    )


def taken_back(name="w1", day=0, withdraws="m1", **more):
    """The police take back what they said: it was of the wrong child, where nothing else is said."""
    return Withdrawal(
        **{
            "type": "police.withdrawal.v1",
            "agency": "police",
            "system": "niche",
            "source_event_id": name,
            "withdraws": withdraws,
            "reason": "wrong-child",
            "occurred_at": DAY + timedelta(days=day),
            **ANN,
            **more,
        }
    )


def attendance(name="a1", day=0, who=ANN, **more):
    return EmergencyAttendance(
        **{
            "agency": "health",
            "system": "epr",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            **who,
            **more,
        }
    )


def concern(name="c1", day=0, who=ANN, **more):
    return ConcernLogged(
        **{
            "agency": "schools",
            "system": "log",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            "category": "behaviour",
            **who,
            **more,
        }
    )


def harming(name="h1", day=0, who=ANN, **more):
    """A school says that the child has sexually harmed: with `harmed`, a flag and work to do follow."""
    return SexualBehaviourIncident(
        **{
            "agency": "schools",
            "system": "log",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            "part": "has-sexually-harmed",
            **who,
            **more,
        }
    )


def harmed(name="o1", day=0, who=ANN, **more):
    """The police say that the child has been sexually harmed."""
    return OffenceReported(
        **{
            "agency": "police",
            "system": "niche",
            "source_event_id": name,
            "occurred_at": DAY + timedelta(days=day),
            "part": "has-been-sexually-harmed",
            **who,
            **more,
        }
    )
