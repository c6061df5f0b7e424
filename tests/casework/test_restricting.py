"""The processing of an entry is restricted (UK GDPR art. 18): named, and read only to protect a child."""

import shutil
from copy import copy
from datetime import date, timedelta
from uuid import uuid4

import msgspec
import pytest
from msgspec.structs import astuple

from hub.audit.desk import in_words
from hub.audit.explaining import disclosures_of
from hub.audit.history import history_of
from hub.audit.inspections import Hall
from hub.audit.replaying import Verdict, replay
from hub.audit.subject_access import load, prepare
from hub.casework.worklists import Whose
from hub.disposal import erasing
from hub.domain.child import By, RestrictionGround
from hub.errors import NotAllowed, Refused, UnknownChild
from hub.intake.splitting import split
from hub.protocol.corrections import MONTH, QUARTER
from hub.protocol.worklist import RESTRICTION
from hub.sharing.flagging import RESTRICTED
from hub.sharing.look import Reader
from hub.sharing.national_export import national_export
from hub.sharing.policy import PolicyInvalid, read
from hub.sharing.policy import load as load_policy
from hub.sharing.share import Share
from hub.sharing.view import Restriction
from schemas.vocabulary import Agency
from tests.casework.test_flag_work import draw
from tests.events import attendance, missing
from tests.hubs import NOW, POLICE_OFFICER, SOCIAL_WORKER, Desk, only_child
from tests.journeys.commands import hub as command
from tests.sharing.test_access import contact
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, OFFICER

DOCTOR = By("nd", "named-doctor", "health")
OTHER_DOCTOR = Reader(By("nd2", "named-doctor", "health"), "section-47")
PROTECTING, CARING = Reader(DOCTOR, "section-47"), Reader(DOCTOR, "direct-care")
WHY = "Her mother says that it was another girl's arm"
LIFTED, TOLD = "The notes were read again: it was hers", "Her mother, by letter, on 20 November"
ACCURACY = RestrictionGround.ACCURACY


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("taken") / "data")
    desk.take_in(
        missing(), contact(), attendance(day=2, summary="A broken arm", characteristics={"sex": "F"}), at=NOW
    )
    return desk


@pytest.fixture
def known(taken, tmp_path):
    """A child of whom police, health and social care each said something; health's entry. A copy each."""
    copied = copy(taken)
    folder = shutil.copytree(taken.settings.data, tmp_path / "known")
    copied.settings = taken.settings.model_copy(update={"data": folder})
    with copied.open(at=NOW) as hub:
        child = only_child(hub)
        entries = hub.records.child(child).entries.values()
        yield hub, child, next(k.entry.id for k in entries if k.entry.agency == "health")


def restrict(hub, child, entry, reader=PROTECTING):
    hub.restrictions.restrict(reader, child, entry, ACCURACY, WHY)


def line(hub, child, entry, reader):
    return next(x for x in hub.share.chronology(reader, child).lines if getattr(x, "id", None) == entry)


def test_it_is_read_and_marked_to_protect_a_child_and_for_any_other_purpose_named_and_not_read(known):
    hub, child, entry = known
    before = {reader: line(hub, child, entry, reader) for reader in (CARING, PROTECTING, SOCIAL_WORKER)}
    restrict(hub, child, entry)
    cared, protected, worker = (line(hub, child, entry, reader) for reader in before)
    mark = protected.restriction

    assert (before[CARING].open, "A broken arm") == (protected.open, protected.all_fields()["summary"])
    assert ("accuracy-contested", "health", WHY, False) == (
        mark.ground,
        mark.agency,
        mark.reason,
        mark.unread,
    )
    assert "A broken arm" == worker.all_fields()["summary"]
    assert mark == worker.restriction
    assert {"name", "date_of_birth", "identifiers"} == set(cared.all_fields())
    assert (entry, "health.emergency-attendance.v1") == (cared.id, cared.type)
    assert cared.restriction.unread
    assert (("screening", "section-47"), ()) == (cared.restriction.read_for, mark.read_for)
    assert "the named nurse" in cared.restriction.contact
    assert b"broken" not in b"".join(map(bytes, (cared.open, *cared.fields.values())))
    told = [one for one in history_of(hub.records, child) if one.what == "processing-restricted"]
    assert [WHY not in one.detail and "accuracy-contested" in one.detail for one in told] == [True]


def test_the_child_is_still_found_by_who_looks_for_another_purpose(desk):
    desk.take_in(attendance(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        restrict(hub, child, next(iter(hub.records.child(child).entries)))

        assert child == hub.share.find(CARING, attendance().identifiers[0]).child


def test_the_agency_whose_entry_it_is_lifts_it_and_says_who_was_told_before(known):
    hub, child, entry = known
    before = line(hub, child, entry, CARING)
    restrict(hub, child, entry)
    hub.restrictions.restrict(PROTECTING, child, entry, RestrictionGround.CLAIM, "again")
    for reader, told, fault, says in (
        (SOCIAL_WORKER, TOLD, NotAllowed, "the agency whose entry it is"),
        (PROTECTING, TOLD, Refused, "a second person"),
        (OTHER_DOCTOR, " ", Refused, "who was told before"),
    ):
        with pytest.raises(fault, match=says):
            hub.restrictions.lift(reader, child, entry, LIFTED, told)
    assert "accuracy-contested" == line(hub, child, entry, CARING).restriction.ground
    hub.restrictions.lift(OTHER_DOCTOR, child, entry, LIFTED, TOLD)
    after, worker = line(hub, child, entry, CARING), line(hub, child, entry, SOCIAL_WORKER)

    assert before == msgspec.structs.replace(after, lifted=None)
    assert ("accuracy-contested", "health", LIFTED, TOLD) == astuple(after.lifted)[2:]
    assert after.lifted.since <= after.lifted.until
    assert after.lifted == worker.lifted
    with pytest.raises(Refused, match="is not restricted"):
        hub.restrictions.lift(OTHER_DOCTOR, child, entry, LIFTED, TOLD)


def test_who_does_not_read_the_entry_restricts_nothing_and_sees_nothing_of_it(known):
    hub, child, entry = known
    before = hub.share.chronology(POLICE_OFFICER, child).lines
    for reader in (POLICE_OFFICER, Reader(By("sl", "school-lead", "schools"), "section-47")):
        with pytest.raises(UnknownChild):
            restrict(hub, child, entry, reader)
    restrict(hub, child, entry)

    assert before == hub.share.chronology(POLICE_OFFICER, child).lines


def test_a_flag_that_rests_on_it_stays_or_is_raised_and_says_so_and_is_no_ones_for_another_purpose(desk):
    desk.publish(HARMED)
    with desk.open(at=NOW) as hub:
        draw(hub)
        child = only_child(hub)
        harmed = next(iter(hub.records.child(child).entries))
        restrict(hub, child, harmed, OFFICER)
        desk.publish(HARMING, KNOWN)
        draw(hub)
        flags = {flag.pattern: flag for flag in hub.share.flags(COORDINATOR, child)}
        elsewhere = Share(hub.records, lambda: NOT_SCREENING, hub.drawn, lambda *_: None)
        theirs = {flag.pattern for flag in elsewhere.flags(COORDINATOR, child)}
        (side,) = hub.backtest.tried(COORDINATOR, "P03", [hub.drawn.settings], lambda _: None)

        assert str(harmed) in {piece.entry for piece in flags["P03"].evidence}
        assert RESTRICTED in flags["P03"].lines
        assert "P03" not in theirs
        assert () == side.fired
        counted = hub.partnership._counted(child, hub.drawn.flags(child))
        assert "P03" in {flag.pattern for flag in hub.drawn.flags(child)}
        assert "P03" not in {flag.pattern for flag in counted}


NOT_SCREENING = read(
    (
        b"\n".join(x for x in load_policy().texts[0].splitlines() if not x.startswith(b"screening     =")),
        load_policy().texts[1],
    )
)


def test_no_policy_leaves_a_role_without_a_purpose_for_which_it_reads_what_is_restricted():
    text, agreements = load_policy().texts
    none = b"\n".join(x for x in text.splitlines() if not x.startswith(b'section-17    = "safeguarding'))
    other = text.replace(b"[restriction]", b'[restriction]\nhunting = "none"')

    with pytest.raises(PolicyInvalid, match="early-help-worker"):
        read((none, agreements))
    with pytest.raises(PolicyInvalid, match="not in the table"):
        read((other, agreements))


def test_what_was_shown_before_and_while_it_is_restricted_is_drawn_again_as_it_was(known):
    hub, child, entry = known
    for reader in (CARING, PROTECTING):
        hub.share.chronology(reader, child)
    restrict(hub, child, entry)
    hub.share.chronology(CARING, child)
    hub.share.chronology(CARING, child, hub.clock())
    shown = [one for one in disclosures_of(hub.records, child) if one.disclosed.question == "chronology"]
    again = [replay(hub.records, hub.drawn, hub.share.disclosures, one) for one in shown]
    hall = Hall(hub.records, hub.share, hub.drawn, hub.policy)
    words = in_words(hall, CARING, child, shown[0].version).words

    assert 4 == len(again)
    assert {Verdict.SAME} == {one.verdict for one in again}
    assert next(x for x in words.lines if getattr(x, "id", None) == entry).restriction.unread


def stands(hub, child, reader=PROTECTING):
    return [(i.state, i.of, i.due_at) for i in hub.share.due(reader, child) if i.obligation == RESTRICTION]


def test_what_stands_restricted_is_looked_at_again_by_the_agency_that_set_it(known, taken):
    hub, child, entry = known
    with pytest.raises(Refused, match="is not restricted"):
        hub.restrictions.keep(PROTECTING, child, entry, WHY)
    hub.restrictions.restrict(SOCIAL_WORKER, child, entry, RestrictionGround.CLAIM, WHY)
    since = hub.records.child(child).restrictions[entry].since
    with pytest.raises(NotAllowed, match="says whether it is still needed"):
        hub.restrictions.keep(PROTECTING, child, entry, WHY)

    assert [("open", "Children's Social Care", QUARTER.ends(since))] == stands(hub, child)
    assert stands(hub, child) == stands(hub, child, SOCIAL_WORKER)
    assert [] == stands(hub, child, POLICE_OFFICER)
    other = copy(taken)
    other.settings = hub.settings
    with other.open(at=QUARTER.ends(since) + timedelta(hours=1)) as hub:
        assert ["overdue"] == [state for state, *_ in stands(hub, child)]
        hub.restrictions.keep(SOCIAL_WORKER, child, entry, WHY)
        (looked,) = hub.records.child(child).looked_at.values()
        assert [("open", QUARTER.ends(looked))] == [(x[0], x[2]) for x in stands(hub, child)]
        draw(hub)
        mine = hub.worklists.of(SOCIAL_WORKER, Whose(agency=Agency.SOCIAL_CARE))
        assert [entry] == [w.item.started_by for w in mine if w.item.obligation == RESTRICTION]
        hub.restrictions.lift(OTHER_DOCTOR, child, entry, LIFTED, TOLD)
        assert [] == stands(hub, child)
        restrict(hub, child, entry)
        assert hub.records.child(child).looked_at == {}
        since = hub.records.child(child).restrictions[entry].since
        assert [MONTH.ends(since)] == [x[2] for x in stands(hub, child)]


def test_it_goes_with_an_entry_that_is_split_off_and_comes_back_with_it_unless_it_was_lifted(known):
    hub, child, entry = known
    restrict(hub, child, entry)
    since = line(hub, child, entry, PROTECTING).restriction.since
    other = split(hub.records, child, [entry], DOCTOR, "Her cousin's arm", uuid4)
    there = line(hub, other, entry, PROTECTING).restriction

    assert Restriction(since, "accuracy-contested", "health", there.contact, WHY) == there
    assert {} == hub.records.child(child).restrictions
    split(hub.records, other, [entry], DOCTOR, "Hers after all", uuid4, child)
    assert WHY == line(hub, child, entry, PROTECTING).restriction.reason
    hub.restrictions.lift(OTHER_DOCTOR, child, entry, LIFTED, TOLD)
    assert line(hub, child, entry, CARING).restriction is None


def test_nothing_of_the_child_is_disposed_of_until_it_is_lifted(known):
    hub, child, entry = known
    asker, confirmer = By("a", "operator", "hub"), By("c", "operator", "hub")
    erasure = uuid4()
    erasing.ask_erasure(hub.records, erasure, child, None, "asked for", "art. 17", asker)
    restrict(hub, child, entry)
    with pytest.raises(Refused, match="is restricted"):
        erasing.ask_erasure(hub.records, uuid4(), child, ["health"], "again", "art. 17", asker)
    with pytest.raises(Refused, match="is restricted"):
        erasing.confirm_erasure(hub.records, hub.key_store, erasure, confirmer)
    hub.restrictions.lift(OTHER_DOCTOR, child, entry, LIFTED, TOLD)

    assert "erased" == erasing.confirm_erasure(hub.records, hub.key_store, erasure, confirmer).state


def test_it_leaves_the_hub_only_for_who_it_is_about(known):
    hub, child, entry = known
    restrict(hub, child, entry)
    said = national_export(hub.share.chronology(PROTECTING, child))
    lead = By("ig", "information-governance-lead", "social-care")
    _, given = prepare(hub.records, hub.policy, lead, child, "child", date(2026, 11, 20), {}, uuid4, load())
    (own,) = [each for each in given.entries if each.id == entry]

    assert 1 == said["restricted"]
    assert "A broken arm" not in str(said)
    assert ("accuracy-contested", "A broken arm") == (own.restricted, own.says["summary"])


def test_it_is_typed_read_and_lifted(known, monkeypatch, capsys):
    hub, child, entry = known
    data = hub.settings.data

    def typed(*words):
        return command(monkeypatch, capsys, *words, data=data)

    doctor = ("--as", "named-doctor", "--purpose")
    at = (str(child), str(entry), *doctor, "section-47")
    done = typed("restrict-entry", *at, "--ground", "accuracy-contested", "--reason", WHY)
    text = typed("chronology", str(child), *doctor, "direct-care")
    lifted = typed("lift-restriction", *at, "--reason", LIFTED, "--told", TOLD)

    assert (0, 0) == (done.code, text.code)
    assert "RESTRICTED since" in text.out
    assert "to protect a child look for screening or section-47, or ring" in " ".join(text.out.split())
    assert "broken arm" not in text.out
    assert "a second person does" in lifted.err
