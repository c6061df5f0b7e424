"""P07: a child convicted of sexual offences is released, and the MAPPA coordinator was not told.

Source: practice guidance L151 ("must be notified").
"""

from datetime import date, datetime

from hub.domain.calendar import start_of_day
from hub.domain.timeline import Fact, Facts, Timeline
from hub.patterns.behaviour import SEXUAL_OFFENCE, has_harmed
from hub.patterns.rule import CannotTell, Evidence, Outcomes, Waiting, pattern
from hub.patterns.settings import RuleSettings
from schemas.police import OffenceReported
from schemas.protocol import MappaNotified
from schemas.vocabulary import Agency
from schemas.youth_justice import CourtOutcome, MappaNotification, Release

CARRIER = frozenset({Agency.YOUTH_JUSTICE.value})


@pattern(
    code="P07",
    name="MAPPA not told",
    version=1,
    source="Guidance L151",
    says="A child convicted of a sexual offence is due for release or released. "
    "Has the MAPPA coordinator been notified?",
    cancels="A notification of the MAPPA coordinator before the release; the conviction corrected.",
    reads={
        OffenceReported: ("category", "hsb_forms", "hsb_class"),
        CourtOutcome: ("offence_category", "convicted"),
        Release: ("stage", "release_date"),
        MappaNotification: (),
        MappaNotified: (),
    },
    thresholds=("working_days_before", "offence_days", "severity_on_the_day"),
    related=("R123", "C16"),
)
def mappa_not_told(timeline: Timeline, settings: RuleSettings) -> Outcomes:
    """Asked from ten working days before the release; graver on the day."""
    release = timeline.of(Release).where(lambda f: f.get("stage") in ("planned", "completed")).last
    if release is None:
        return
    day = _day(release)
    convictions = _sexual_convictions(timeline, settings, day)
    if not convictions or timeline.of(MappaNotification, MappaNotified).where(
        lambda f: f.at >= convictions[-1].at
    ):
        return
    due = max(settings.working_days(day, "working_days_before", back=True), release.at)
    if timeline.now < due:
        yield Waiting(due)
    elif not timeline.alive(Agency.YOUTH_JUSTICE, due):
        yield CannotTell(CARRIER, due)
    elif timeline.now < day:
        yield Evidence(*convictions, release, due=due)
        yield Waiting(day)
    else:
        yield Evidence(*convictions, release, due=due, severity=settings["severity_on_the_day"])


def _day(release: Fact) -> datetime:
    said = release.get("release_date")
    return release.at if said is None else start_of_day(date.fromisoformat(said))


def _sexual_convictions(timeline: Timeline, settings: RuleSettings, day: datetime) -> Facts:
    """Convictions before the release, with the reported offences that show them to be sexual.

    A conviction whose own category is another one is sexual only by an offence of the same incident.
    """
    offences = timeline.of(OffenceReported).where(has_harmed)
    found: list[Fact] = []
    for conviction in timeline.of(CourtOutcome).where(lambda f: f.at <= day, convicted=True):
        category = conviction.get("offence_category")
        before = offences.before(conviction.at, days=settings["offence_days"])
        behind = [f for f in before if _same(f, conviction, unsaid=category in (None, *SEXUAL_OFFENCE))]
        if behind or category in SEXUAL_OFFENCE:
            found.extend((conviction, *behind))
    return Facts({f.entry: f for f in found}.values())


def _same(offence: Fact, conviction: Fact, *, unsaid: bool) -> bool:
    if None in (offence.incident, conviction.incident):
        return unsaid
    return offence.incident == conviction.incident
