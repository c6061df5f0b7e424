"""A hub with a referral of one child in it, and people who record."""

from datetime import UTC, datetime, timedelta

from hub.domain.child import By
from hub.sharing.look import Reader
from schemas.schools import SexualBehaviourIncident
from tests.events import ANN, BEN

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HARMED, HAS_HARMED = "has-been-sexually-harmed", "has-sexually-harmed"
WORKER = Reader(By("sw-1", "social-worker", "social-care"), "section-47")
COORDINATOR = Reader(By("mash-1", "mash-coordinator", "social-care"), "section-47")
SCHOOL = Reader(By("dsl-1", "school-lead", "schools"), "section-47")
POLICE = Reader(By("dc-1", "police-officer", "police"), "section-47")
YOUTH_JUSTICE = Reader(By("yj-1", "youth-justice-worker", "youth-justice"), "section-47")
NURSE = Reader(By("n-1", "health-practitioner", "health"), "section-47")


def incident(name="i1", day=0, who=ANN, part=HAS_HARMED, other=BEN, **more):
    """A school's entry of an incident, so that the school works with the child."""
    linked = ({"relation": "same-incident", "identifiers": other["identifiers"]},) if other else ()
    return SexualBehaviourIncident(
        **{
            "agency": "schools",
            "system": "log",
            "source_event_id": name,
            "occurred_at": MONDAY + timedelta(days=day),
            "part": part,
            "children": linked,
            **who,
            **more,
        }
    )


def follow(hub):
    for follower in hub.followers:
        follower.catch_up()


def child_of(hub, who=ANN):
    from schemas.case_event import Identifier

    stream = hub.records.hashes.stream(Identifier(**who["identifiers"][0]))
    return hub.records.person(hub.records.identities.look_up([stream])[stream].child)[0].id


REFERRED = {"referral": "R-1", "from_agency": "schools", "part": HAS_HARMED}
