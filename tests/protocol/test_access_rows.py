"""Rows that are kept by the hub's doors and looks, tried on a whole hub: each fails without its row, or without what
the row says."""

import io
from datetime import timedelta

import pytest

from adapters.catalogue import FORMATS
from adapters.door import rehearse
from adapters.format import Sender
from hub.casework.recording import Who
from hub.errors import Refused, UnknownChild
from hub.protocol.commands import NAMED
from hub.protocol.packs import load
from hub.sharing.view import encode
from schemas.police import OffenceReported
from tests.casework.acting import (
    HARMED,
    MONDAY,
    NURSE,
    POLICE,
    SCHOOL,
    WORKER,
    child_of,
    follow,
    incident,
)
from tests.casework.examples import TOLD
from tests.events import ANN, BEN, attendance
from tests.hubs import Desk, take_all

PACK = load()
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
EXHIBIT = "ex-7"
SENDER = Sender("saltwick", "log", MONDAY)


def offence(name, **more):
    said = {"agency": "police", "system": "niche", "source_event_id": name, "occurred_at": MONDAY, **ANN}
    return OffenceReported(**{**said, "hsb_forms": ("other",), "part": "has-sexually-harmed", **more})


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Police know that Ann harmed Ben and hold an exhibit of it; health knows of Ben alone."""
    desk = Desk(tmp_path_factory.mktemp("rows") / "data")
    linked = ({"relation": "same-incident", "identifiers": BEN["identifiers"]},)
    desk.publish(
        incident("i1", incident={"system": "log", "value": "INC-1"}),
        incident("i2", who=BEN, part=HARMED, other=ANN, incident={"system": "log", "value": "INC-1"}),
        offence("o1", children=linked, exhibit_references=(EXHIBIT,)),
        offence("o2", summary=f"seen on the phone: {PICTURE}"),
        attendance("a1", who=BEN, occurred_at=MONDAY, summary="bruised and tearful"),
    )
    with desk.open(at=MONDAY + timedelta(hours=3)) as hub:
        desk.tally = take_all(hub)
        follow(hub)
    return desk


@pytest.fixture
def hub(desk):
    with desk.open(at=MONDAY + timedelta(hours=3)) as hub:
        yield hub


def test_r004_who_works_with_one_child_of_an_incident_reads_nothing_of_the_other(hub):
    row = PACK.row("R4")
    ann, ben = child_of(hub), child_of(hub, BEN)
    read = encode(hub.share.chronology(NURSE, ben)).decode()

    assert "bruised and tearful" in read
    assert "records apart" in row.access
    with pytest.raises(UnknownChild):
        hub.share.chronology(NURSE, ann)
    assert not [name for name in ("Marsh", "9449305552", ann.hex, str(ann), "INC-1") if name in read]


def test_r004_the_two_records_are_joined_by_an_opaque_reference_alone(hub):
    assert "opaque reference" in PACK.row("R4").access
    ann, ben = ({f.incident for f in hub.records.facts(child_of(hub, who))} - {None} for who in (ANN, BEN))

    assert ann == ben
    assert 1 == len(ann)
    assert "INC-1" not in repr(ann)


def test_r020_a_picture_is_refused_at_every_door_and_an_exhibits_reference_is_carried(desk, hub):
    row = PACK.row("R20")
    assert "every door" in row.access
    # what an agency sends over the bus
    assert {"image-refused": 1} == desk.tally.reasons
    shown = hub.share.chronology(POLICE, child_of(hub))
    assert 1 == sum(line.type.startswith("police.offence") for line in shown.lines if hasattr(line, "type"))
    assert "iVBOR" not in encode(shown).decode()
    # what people write
    said = {**TOLD, "provenance": "told-by-child", "part": HARMED}
    with pytest.raises(Refused, match="police exhibit"):
        hub.recorder.record(SCHOOL, child_of(hub), "record-account", {**said, "words": PICTURE})
    who = Who.model_validate({"identifiers": BEN["identifiers"]})
    with pytest.raises(Refused, match="police exhibit"):
        hub.recorder.record_first(SCHOOL.by, who, "record-account", {**said, "words": PICTURE})
    # an agency's file
    for format_ in FORMATS:
        report = rehearse(format_, io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 64), SENDER, lambda _: None)
        assert {"image-refused"} == {report.unreadable and report.unreadable.code}, format_.name
    # and the reference of the police's own exhibit is there
    assert EXHIBIT in encode(shown).decode()
    assert "only a police exhibit's reference" in row.access


@pytest.mark.parametrize("number", [{"system": "upn", "value": "Z999400120441"}, None])
def test_r133_concerns_of_a_child_nobody_knows_open_a_record_that_asks_for_the_front_door(hub, number):
    row = PACK.row("R133")
    (referral,) = [c for c in NAMED.values() for s in row.records if c.kind is s.kind]
    who = Who.model_validate({"identifiers": [number] if number else [], "name": {"family": "Quill"}})
    before = set(hub.records.children())
    said = {**TOLD, "provenance": "told-by-child", "part": HARMED, "told_at": MONDAY.isoformat()}
    hub.recorder.record_first(SCHOOL.by, who, "record-account", said)
    (child,) = set(hub.records.children()) - before
    follow(hub)

    assert "R37" in {item.obligation for item in hub.drawn.worklist(child) if item.met_at is None}
    assert referral.begins
    hub.recorder.record(SCHOOL, child, referral.name, {"referral": "R-9", "concern": "x", "to": "front-door"})
    follow(hub)
    assert "R37" not in {item.obligation for item in hub.drawn.worklist(child) if item.met_at is None}


def test_r133_an_agencys_entry_that_matches_no_child_is_never_dropped(desk):
    new = {"identifiers": ({"system": "upn", "value": "Z999400120442"},), "part": "has-sexually-harmed"}
    desk.publish(incident("i9", who=new, other=None))
    with desk.open(at=MONDAY + timedelta(hours=3)) as hub:
        before = len(hub.records.children())
        tally = take_all(hub)
        follow(hub)
        child = child_of(hub, new)

        assert "none is dropped" in PACK.row("R133").access
        assert (1, 0) == (tally.recorded, tally.held)
        assert before + 1 == len(hub.records.children())
        assert "R37" in {item.obligation for item in hub.drawn.worklist(child)}
        assert 1 == len(hub.share.chronology(WORKER._replace(by=SCHOOL.by), child).lines)
