"""A worklist: of an agency's own children against asking of each alone, of strangers against reading them."""

from datetime import UTC, datetime, timedelta

from benchmarks.grounds import ground, middle, ratio, timed
from hub import compose
from hub.casework.worklists import Whose
from hub.domain.child import By
from hub.sharing.look import Reader
from schemas.schools import SexualBehaviourIncident
from schemas.vocabulary import Agency

CHILDREN, TIMES = 300, 5
SCHOOL = Reader(By("p", "school-lead", "schools"), "section-47")
NURSE = Reader(By("p", "health-practitioner", "health"), "section-47")
"""Of an agency that holds nothing of any of these children."""


def main() -> None:
    """Measure and print: every child is of an incident that asks something of the school it was at."""
    with ground() as here:
        here.append(map(_incident, range(CHILDREN)))
        with compose.open_hub(here.settings) as hub, compose.open_intake(hub) as intake:
            while intake.step().read:
                pass
            for follower in hub.followers:
                follower.catch_up()
            _measure(hub)


def _measure(hub) -> None:
    children = hub.records.children()
    own, strangers = Whose(agency=Agency.SCHOOLS), Whose(agency=Agency.HEALTH)
    assert len({w.child for w in hub.worklists.of(SCHOOL, own)}) == CHILDREN
    assert not hub.worklists.of(NURSE, strangers)
    shown, each, none, read = [], [], [], []
    for _ in range(TIMES):
        shown.append(timed(lambda: hub.worklists.of(SCHOOL, own)))
        each.append(timed(lambda: [hub.share.due(SCHOOL, child) for child in children]))
        none.append(timed(lambda: hub.worklists.of(NURSE, strangers)))
        read.append(timed(lambda: [hub.records.person(child) for child in children]))
    for name, ours, floor, target in (("own", shown, each, 1.0), ("strangers", none, read, 3.0)):
        more = (
            f"{middle(ours) / CHILDREN * 1e3:.2f} ms a child, floor {middle(floor) / CHILDREN * 1e3:.2f} ms"
        )
        ratio(f"list-of-{CHILDREN}-{name}", middle(ours) / middle(floor), target, more=more)


def _incident(number: int) -> SexualBehaviourIncident:
    return SexualBehaviourIncident(
        agency="schools",
        system="log",
        source_event_id=f"i{number}",
        occurred_at=datetime.now(UTC) - timedelta(days=3),
        part="has-sexually-harmed" if number % 2 else "has-been-sexually-harmed",
        children=({"relation": "same-incident", "identifiers": (_number(number ^ 1),)},),
        identifiers=(_number(number),),
        name={"family": f"Family{number}", "given": "Given"},
        date_of_birth="2012-03-04",
    )


def _number(number: int) -> dict[str, str]:
    return {"system": "nhs-number", "value": f"999{number:07d}"}
