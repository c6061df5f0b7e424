"""An agency learns which of its events the hub is proved to have taken in, and which not."""

import json
import shutil
import stat
from contextlib import closing

import pytest
from typer.testing import CliRunner

from adapters.__main__ import app
from adapters.catalogue import format_named
from adapters.receipts import compare
from adapters.station import open_spool
from hub.domain.access import Closing, Interest
from hub.domain.child import By
from schemas.receipts import ReceiptInvalid, read_receipt
from schemas.vocabulary import Agency
from tests.events import attendance, intelligence, missing
from tests.hubs import NOW, Desk, take_all
from tests.intake.test_matching import who
from tests.posting import post

GUARDIAN = By("cg", "caldicott-guardian", "health")
SAMPLE = format_named("police.missing-and-incidents").sample


@pytest.fixture(scope="module")
def posted(tmp_path_factory):
    """A hub that took a police file in and laid its receipts down."""
    desk = Desk(tmp_path_factory.mktemp("receipts") / "data")
    (report,) = post(desk, "police.missing-and-incidents", [SAMPLE])
    with desk.open() as hub:
        taken = take_all(hub)
        hub.ledger.catch_up()
        assert hub.receipts.lay_down()
        assert [] == hub.receipts.lay_down()
    assert taken.recorded == report.events
    return desk, report.events


def key_of(desk):
    return desk.settings.ledger_public_key.read_text().strip()


def receipts_of(desk):
    return sorted((desk.settings.receipts / "police").glob("*.json"))


def checked(desk, places=None, agency=Agency.POLICE):
    with closing(open_spool(desk.settings.data, agency)) as spool:
        return compare(spool, agency, places or [desk.settings.receipts / "police"], key_of(desk))


def test_every_event_is_proved_once_and_what_no_receipt_names_is_said_to_wait(posted, tmp_path):
    desk, events = posted
    with closing(open_spool(desk.settings.data, Agency.POLICE)) as spool:
        before = spool.unproved()
    first, again = checked(desk), checked(desk)
    post(desk, "police.missing-and-incidents", [SAMPLE])  # the same file again is the same statements
    resent = checked(desk)

    assert events == before[0]
    assert (events, 0, "", []) == (first.proved, first.wait, first.since, first.invalid)
    assert (0, 0) == (again.proved, again.wait)
    assert (0, 0) == (resent.proved, resent.wait)


def test_a_receipt_that_was_altered_proves_nothing(posted):
    desk, _ = posted
    file = receipts_of(desk)[0].read_text()
    said = json.loads(file)
    position, stream, version, topic, state = said["row"]
    at = state.index("706f6c696365") + 60
    bit = f"{int(state[at], 16) ^ 1:x}"
    spoilt = [
        {**said, "row": [position + 1, stream, version, topic, state]},
        {**said, "row": [position, stream, version, "child", state]},
        {**said, "row": [position, stream, version, topic, state[:at] + bit + state[at + 1 :]]},
        {**said, "row": [position, stream, version, topic, state[:-2]]},
        {**said, "proof": said["proof"].replace("index ", "index 1", 1)},
        {**said, "proof": said["proof"].replace("safeguarding-hub", "other-hub", 1)},
        {"row": said["row"]},
        [],
    ]

    assert "police" == read_receipt(file.encode(), key_of(desk)).agency
    for one in spoilt:
        with pytest.raises(ReceiptInvalid):
            read_receipt(json.dumps(one).encode(), key_of(desk))
    other = Desk(desk.settings.data.parent / "other", anew=True)
    with pytest.raises(ReceiptInvalid):
        read_receipt(file.encode(), key_of(other))


def test_the_command_names_a_receipt_that_does_not_hold_or_is_anothers(posted, tmp_path):
    desk, _ = posted
    data = ["--data", str(desk.settings.data)]
    good = CliRunner().invoke(app, ["--receipts", "police", *data])
    folder = tmp_path / "mine"
    shutil.copytree(desk.settings.receipts / "police", folder)
    receipts_of(desk)[0].read_bytes()
    (folder / "bad.json").write_text("{}")
    bad = CliRunner().invoke(app, ["--receipts", "police", str(folder), *data])
    theirs = CliRunner().invoke(app, ["--receipts", "health", str(receipts_of(desk)[0]), "--json", *data])

    assert 0 == good.exit_code, good.output
    assert "0 events have no receipt yet" in good.output
    assert (1, True) == (bad.exit_code, "DOES NOT HOLD: bad.json: not a receipt" in bad.output)
    assert (1, True) == (theirs.exit_code, "another agency" in theirs.output)


def test_a_receipt_names_nobody_and_says_no_word(posted):
    desk, _ = posted
    held = b"".join(file.read_bytes() for file in receipts_of(desk))
    with desk.open() as hub:
        children = hub.records.children()

    assert not any(child.hex.encode() in held for child in children)
    assert b"missing" not in held


def test_each_receipt_is_told_once_goes_on_where_it_stopped_and_is_its_agencys_to_read(tmp_path):
    desk, told = Desk(tmp_path / "data"), []
    for events in ([missing("m1")], [missing("m2", 1), attendance("a1", 2)]):
        desk.take_in(*events)
        with desk.open() as hub:  # a process of its own each time
            assert not told or [] == hub.receipts.lay_down()  # no checkpoint covers it yet
            hub.ledger.catch_up()
            assert [] == hub.receipts.lay_down(lambda: True)
            told.append(sorted(file.parent.name for file in hub.receipts.lay_down()))
            assert [] == hub.receipts.lay_down()
    modes = {folder.name: stat.S_IMODE(folder.stat().st_mode) for folder in desk.settings.receipts.iterdir()}

    assert [["police"], ["health", "police"]] == told
    assert {"health": 0o750, "police": 0o750} == modes


def sealed(hub, child):
    hub.gates.close(GUARDIAN, child, Closing.SEALED, "in danger", named=(GUARDIAN,))


def not_shared(hub, child):
    hub.gates.close(GUARDIAN, child, Closing.NOT_SHARED, "in danger", agency="health")


def barred(hub, child):
    nurse = By("hp", "health-practitioner", "health")
    hub.gates.close(GUARDIAN, child, Closing.BARRED, "in danger", named=(nurse,), interest=Interest.RELATIVE)


def shape_of_receipts(folder, said, closes, *, of_theirs):
    """Where the receipts stand that health gets for an entry of a child, how long they and their proofs are.

    Of that child, or of another, `said` was said and `closes` done; of the other something else was said.
    """
    desk = Desk(folder)
    theirs, anothers = who("A1", name=None), who("B2", name=None)
    first, second = (theirs, anothers) if of_theirs else (anothers, theirs)
    desk.take_in(said(**first), at=NOW)
    desk.take_in(missing("p2", who=second), at=NOW)
    with desk.open(at=NOW) as hub:
        closes(hub, hub.records.children()[0])
        hub.ledger.catch_up()
        hub.receipts.lay_down()
        desk.publish(attendance(who=theirs))
        assert 1 == take_all(hub).recorded
        hub.ledger.catch_up()
        laid = [file.read_text() for file in hub.receipts.lay_down()]
    return [(json.loads(one)["row"][:3:2], len(one), json.loads(one)["proof"].count("\n")) for one in laid]


@pytest.mark.parametrize("closes", [sealed, not_shared, barred, lambda *_: None])
@pytest.mark.parametrize("said", [lambda **of: missing("p1", who=of), lambda **of: intelligence("p1", **of)])
def test_a_receipt_tells_nothing_of_what_is_closed_or_restricted_of_the_child(tmp_path, said, closes):
    """Neither by where its row stands nor by its bytes. That the child was known at all it may tell."""
    on, beside = (shape_of_receipts(tmp_path / str(of), said, closes, of_theirs=of) for of in (True, False))

    assert on == beside
    assert 1 == len(on)
