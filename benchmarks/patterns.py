"""What one more event costs the rules at a child of 10 entries and of 10,000; how fast one is redrawn."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from benchmarks.grounds import START, middle, ratio, timed
from hub.domain.knowledge import Known
from hub.domain.timeline import Fact
from hub.patterns.catalogue import CATALOGUE
from hub.patterns.flags import Watch, flags
from hub.patterns.settings import load
from schemas import police, schools, social_care
from schemas.health import AppointmentMissed, Camhs, EmergencyAttendance
from schemas.vocabulary import Agency

FEW, MANY, MORE = 10, 10_000, 60
YEARS = 10
MIX = (
    (police.MissingEpisode, {}),
    (police.DomesticAbuseIncident, {}),
    (police.ProtectionNotice, {"concern_category": "neglect"}),
    (EmergencyAttendance, {"injury": True, "provider": "RXP"}),
    (AppointmentMissed, {"was_not_brought": True}),
    (Camhs, {"stage": "seen"}),
    (schools.ConcernLogged, {"category": "behaviour"}),
    (schools.ConcernLogged, {"category": "neglect"}),
    (schools.Absence, {"sessions_missed": 4}),
    (schools.AttendanceSummary, {"percent": 88.0, "change": -1.0}),
    (social_care.Contact, {"source_agency": "schools"}),
    (social_care.MultiAgencyMeeting, {}),
)
ALWAYS = {"part": "subject", "provenance": "observed", "precision": "minute", "significance": "notable"}
SETTINGS = load(CATALOGUE)


def main() -> None:
    """Measure and print."""
    few, many = _one_more(FEW), _one_more(MANY)
    more = f"{few * 1e3:.2f} ms at {FEW} entries, {many * 1e3:.2f} ms at {MANY}; rules alone, child at hand"
    ratio("rules-one-more-event", many / few, "reported", more=more)
    per_entry = [_rebuilt(n) / n for n in (1_000, 4_000)]
    more = f"{per_entry[0] * 1e6:.0f} us an entry at 1,000 entries, {per_entry[1] * 1e6:.0f} us at 4,000"
    ratio("rules-rebuild-an-entry", per_entry[1] / per_entry[0], 2.0, more=more)


def history(count: int, seed: int = 1) -> Iterator[Known]:
    """Invented entries of four agencies over ten years, each an hour late."""
    chance = random.Random(seed)
    for number in range(count):
        kind, said = MIX[chance.randrange(len(MIX))]
        at = START + timedelta(days=365 * YEARS) * number / count
        family = kind.__module__.rpartition(".")[2].replace("_", "-")
        entry = UUID(int=chance.getrandbits(128), version=5)
        since = at + timedelta(hours=1)
        yield Known(Fact(entry, kind, family, at, since, signals={**ALWAYS, **said}), since)


def _one_more(count: int) -> float:
    """Seconds one more entry takes, child at hand: the mean, since not every entry concerns every rule."""
    known = list(history(count + MORE))
    feeds = {agency.value: known[-1].since + timedelta(days=400) for agency in Agency}
    watch = Watch([UUID(int=1)], SETTINGS, CATALOGUE)
    watch.learn(known[:count])
    watch.flags(known[count - 1].since, feeds, {})

    def more(one: Known) -> None:
        watch.learn([one])
        watch.flags(one.since, feeds, {})

    return sum(timed(lambda one=one: more(one)) for one in known[count:]) / MORE


def _rebuilt(count: int) -> float:
    known = list(history(count))
    now: datetime = known[-1].since
    feeds = {agency.value: now for agency in Agency}

    def draw() -> None:
        flags([UUID(int=1)], known, now=now, feeds=feeds, reviews={}, settings=SETTINGS, patterns=CATALOGUE)

    return middle([timed(draw) for _ in range(3)])


if __name__ == "__main__":
    main()
