"""What stands in names (labels, files, fields at fault) tells of no child and of no restricted type."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import generate_latest

from hub.commands.watching import Watch, windows_watched
from hub.compose import open_intake
from hub.intake.opening import REASONS
from hub.web.app import create_app
from schemas import wire
from schemas.catalogue import fields_of_restricted
from schemas.health import EmergencyAttendance, SexualHealthContact
from schemas.police import Intelligence, MissingEpisode
from schemas.vocabulary import Agency
from tests.canaries import WHEN, canaries
from tests.events import ANN, DAY, attendance, missing
from tests.hubs import NOW, Desk, only_child, take_all
from tests.observing.test_measures import figures
from tests.web.conftest import Asking

LABELS = {
    "topic": set(wire.TOPICS),
    "partition": {str(n) for n in range(100)},
    "reason": set(REASONS),
    "projection": {"flags", "worklist", "answering"},
    "agency": set(Agency),
}
KEYS = re.compile("hub_keys_(cached|hits|misses)$")
"""How many keys are in memory: of a child new to a worker, of a scope new to it, of any."""


def said(cls, agency, name, **more):
    return cls(
        agency=agency,
        system="records",
        source_event_id=name,
        occurred_at=DAY + timedelta(days=1),
        **ANN,
        **more,
    )


def seen(folder, event):
    """The figures once this came of a child, before and after it was drawn; the hub's files."""
    desk = Desk(folder / "data")
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub, open_intake(hub) as worker:
        _drawn(hub)
        watch = Watch(hub.clock, None)
        desk.publish(event)
        watch.took(worker.step(), hub)
        found = []
        for do in (lambda _: None, _drawn):
            do(hub)
            watch.measures.store(hub, hub.clock())
            watch.measures.bus(worker.waiting(), hub.clock())
            found.append(figures(watch.measures))
    files = sorted(str(path.relative_to(desk.settings.data)) for path in desk.settings.data.rglob("*"))
    return [
        {
            name: value
            for name, value in each.items()
            if not name.endswith("_created") and not KEYS.match(name)
        }
        for each in found
    ], files


def _drawn(hub):
    for follower in hub.followers:
        follower.catch_up()
    hub.ledger.catch_up()


def untimed(found):
    return [{n: v for n, v in each.items() if "seconds" not in n} for each in found]


@pytest.mark.parametrize(
    ("agency", "plain", "restricted"),
    [("police", MissingEpisode, Intelligence), ("health", EmergencyAttendance, SexualHealthContact)],
)
def test_no_figure_and_no_name_of_a_file_tells_that_what_came_is_of_a_restricted_type(
    tmp_path, agency, plain, restricted
):
    told, hidden = (seen(tmp_path / cls.__name__, said(cls, agency, "e1")) for cls in (plain, restricted))

    assert untimed(told[0]) == untimed(hidden[0])
    assert [sorted(each) for each in told[0]] == [sorted(each) for each in hidden[0]]
    assert told[1] == hidden[1]


@pytest.mark.parametrize("number", [False, True])
def test_no_figure_of_the_window_tells_whether_the_child_is_known_that_a_stranger_asked_for(tmp_path, number):
    desk, found = Desk(tmp_path / "data"), []
    desk.take_in(missing(), attendance(day=1), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
    for known in (True, False):
        with desk.open(at=NOW) as hub, windows_watched(hub, None) as measures:
            app = create_app(hub, watching=measures)
            signed_in = Asking(app).post("/v1/demo/sign-in", json={"role": "school-lead"}).json()
            stranger = Asking(app, authorization=f"Bearer {signed_in['data']['session']}")
            sought = "9449305552" if known else "9434765919"
            if number:
                asked = {"purpose": "section-17", "identifier": {"system": "nhs-number", "value": sought}}
                answer = stranger.post("/v1/children/search", json=asked)
            else:
                there = f"/v1/children/{child if known else uuid4()}/chronology"
                answer = stranger.post(there, json={"purpose": "section-17"})
            told = figures(measures).items()
            found.append({n: v for n, v in told if "seconds" not in n and "_created" not in n})
            assert 404 == answer.status_code

    assert found[0] == found[1]


@pytest.mark.slow
def test_every_label_is_of_a_closed_list_whatever_came(tmp_path):
    desk = Desk(tmp_path / "data")
    desk.publish(*(event for event, _ in canaries()))
    (bad,) = desk.messages(canaries()[0][0])
    desk.send(bad._replace(value=b"spoilt"))
    with desk.open(at=WHEN) as hub, open_intake(hub) as worker:
        watch = Watch(hub.clock, None)
        watch.measures.bus(worker.waiting(), hub.clock())
        waits = generate_latest(watch.measures.registry).decode()
        while (tally := worker.step()).read:
            watch.took(tally, hub)
        _drawn(hub)
        watch.measures.store(hub, hub.clock())
        watch.measures.bus(worker.waiting(), hub.clock())
        text = generate_latest(watch.measures.registry).decode()
        children = [str(child) for child in hub.records.children()]
    labels = set(re.findall(r'(\w+)="([^"]*)"', waits + text))
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]

    assert [] == sorted((name, value) for name, value in labels if value not in LABELS[name])
    assert {"topic", "reason", "projection", "agency"} <= {name for name, _ in labels}
    assert not [n for n in names if re.search(r"zq\d{5}qz", n) or any(c in n for c in children)]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("event", "field"),
    [
        (said(SexualHealthContact, "health", "x"), "infection"),
        (said(SexualHealthContact, "health", "x"), "emergency_contraception"),
        (said(Intelligence, "police", "x"), "grading"),
    ],
)
def test_what_is_said_of_a_held_delivery_names_no_field_that_restricted_types_alone_have(desk, event, field):
    desk.publish(event.model_copy(update={field: 5}), event.model_copy(update={"occurred_at": "no time"}))
    with desk.open(at=NOW) as hub:
        assert 2 == take_all(hub).held
        held = [one.held.fields for one in hub.records.archive.rows.quarantined()]

    assert field in fields_of_restricted()
    assert "?: " in held[0]
    assert "occurred_at: " in held[1]
    assert not [name for name in fields_of_restricted() if name in "".join(held)]
