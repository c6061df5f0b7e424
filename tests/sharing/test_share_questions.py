"""Each question is recorded by its name with a digest of what was shown; who only acts is shown nothing."""

import hashlib
from datetime import date
from uuid import uuid4

import pytest

from hub.casework.recording import Who
from hub.domain.child import By, RestrictionGround
from hub.domain.refusal import Rule
from hub.errors import NotAllowed, UnknownChild
from hub.sharing.drawing import Rest
from hub.sharing.look import AsIf, Reader
from hub.sharing.programs import rules
from hub.sharing.share import NOBODY, Named, Share
from hub.sharing.view import encode
from schemas.case_event import Identifier, PersonName
from schemas.health import Camhs
from tests.casework import acting
from tests.casework.acting import MONDAY, child_of, incident
from tests.casework.test_flag_work import draw
from tests.events import ANN, BEN, attendance, missing
from tests.hubs import NOW, SOCIAL_WORKER, Desk, only_child, take_all
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN, OFFICER, said

NUMBER = Identifier(**ANN["identifiers"][0])
CALLED = PersonName(**ANN["name"]), date.fromisoformat(ANN["date_of_birth"])


def taken(_, items):
    """All that is due, as a list that shows it all takes it."""
    return items


QUESTIONS = {
    "chronology": ("chronology", lambda share, reader, child: share.chronology(reader, child)),
    "flags": ("flags", lambda share, reader, child: share.flags(reader, child)),
    "beside": ("beside-flags", lambda share, reader, child: share.beside(reader, child)),
    "due": ("due", lambda share, reader, child: share.due(reader, child)),
    "due where": ("due", lambda share, reader, child: tuple(share.due_where(reader, [child], taken))),
    "pathway": ("due", lambda share, reader, child: share.pathway(reader, child)),
    "incidents": ("incidents", lambda share, reader, child: share.incidents(reader, child)),
    "find": ("find", lambda share, reader, _: share.find(reader, NUMBER)),
    "find named": ("find", lambda share, reader, _: share.find_named(reader, *CALLED)),
    "called": ("find", lambda share, reader, child: share.called(reader, [child])[child]),
}
NOT_DRAWN = {"chronology", "find", "find named", "called"}


class Quiet:
    """What was raised of a child, as if nothing had been."""

    def __init__(self, drawn):
        self._drawn = drawn

    def __getattr__(self, name):
        return getattr(self._drawn, name)

    def flags(self, _):
        return []

    def worklist(self, _):
        return []

    def beside(self, _):
        return Rest()


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A hub that has looked at one child, of whom three agencies told, and the child."""
    desk = Desk(tmp_path_factory.mktemp("asked") / "data")
    desk.publish(HARMING, HARMED, KNOWN)
    with desk.open(at=NOW) as hub:
        draw(hub)
        yield hub, hub.records.children()[0]


def shown(hub, child):
    return [told for _, told in hub.records.child(child).disclosures]


@pytest.mark.parametrize("how", QUESTIONS)
def test_an_answer_is_recorded_under_its_question_with_a_digest_of_what_is_shown(asked, how):
    hub, child = asked
    question, ask = QUESTIONS[how]
    before = len(shown(hub, child))
    answer = ask(hub.share, COORDINATOR, child)
    (told,) = shown(hub, child)[before:]

    assert answer is not None
    assert (question, hashlib.sha256(encode(answer)).digest()) == (told.question, told.digest)
    assert (told.stood_on.rules, told.stood_on.drawn) == (
        ("", None) if how in NOT_DRAWN else (rules(hub.drawn.settings, hub.drawn.packs), hub.drawn.drawn_to())
    )
    assert (COORDINATOR.by, "screening", NOW.date(), None) == (
        told.reader,
        told.purpose,
        told.drawn_at.date(),
        told.known_at,
    )


def test_what_is_told_to_who_only_acts_or_adds_up_is_the_same_and_recorded_by_nothing(asked):
    hub, child = asked
    share, reader = hub.share, COORDINATOR
    flags, due, incidents = (
        share.flags(reader, child),
        share.due(reader, child),
        share.incidents(reader, child),
    )
    before = len(shown(hub, child))
    seen, outlook = share.seen(reader, child), share.outlook(reader, child)
    proposals, meant = share.proposals(reader, child), share.meant(reader, NUMBER, AsIf(), "glass")
    share.as_seen(reader, child)
    share.due_where(reader, [child], lambda *_: [])

    assert before == len(shown(hub, child))
    assert {flag.id for flag in flags} == {flag.id for flag in seen} != set()
    assert due == outlook != ()
    assert len(incidents.open) == len(proposals)
    assert child == meant.root


@pytest.mark.parametrize("how", [how for how in QUESTIONS if how != "called"])
def test_a_question_that_is_refused_is_noted_under_its_name(asked, how):
    hub, _ = asked
    noted = []
    share = Share(hub.records, hub.policies, hub.drawn, lambda *what: noted.append(what))
    nobody = uuid4()
    stranger = Reader(By("hl", "mash-coordinator", "housing"), "screening")
    question, ask = QUESTIONS[how]
    with pytest.raises(NotAllowed, match="No such role at this agency"):
        ask(share, stranger, nobody)
    if how == "due where":  # a list asks of every child: of who is not theirs there is nothing, and no word
        assert () == ask(share, COORDINATOR, nobody)
    elif how not in ("find", "find named"):
        with pytest.raises(UnknownChild):
            ask(share, COORDINATOR, nobody)

    assert {question} == {name for _, name, _, _ in noted}
    assert {Rule.ROLE, None} >= {getattr(why, "rule", None) for *_, why in noted}
    assert Rule.ROLE == noted[0][3].rule
    assert [stranger, COORDINATOR][: len(noted)] == [reader for reader, *_ in noted]


def test_who_is_no_coordinator_is_told_that_incidents_are_theirs_and_that_is_noted(asked):
    hub, child = asked
    noted = []
    share = Share(hub.records, hub.policies, hub.drawn, lambda *what: noted.append(what))
    for ask in (share.incidents, share.proposals):
        with pytest.raises(NotAllowed, match="Only the coordinator"):
            ask(SOCIAL_WORKER, child)
    with pytest.raises(NotAllowed, match="No such role at this agency"):
        share.incidents(Reader(By("x", "stranger", "police"), "section-47"), child)

    assert ["incidents"] * 3 == [question for _, question, _, _ in noted]
    assert [child] * 3 == [place for _, _, place, _ in noted]


def test_the_coordinator_is_shown_what_was_raised_and_others_what_is_drawn_again_for_them(asked):
    hub, child = asked
    share = Share(hub.records, hub.policies, Quiet(hub.drawn), lambda *_: None)

    assert ((), ()) == (share.flags(COORDINATOR, child), share.due(COORDINATOR, child))
    assert () != share.flags(SOCIAL_WORKER, child)
    assert () != share.due(SOCIAL_WORKER, child)
    assert share.beside(SOCIAL_WORKER, child) == hub.share.beside(SOCIAL_WORKER, child)


def test_the_coordinators_rows_are_judged_by_all_the_front_door_sees_and_others_by_what_they_read(asked):
    hub, child = asked
    share = hub.share

    def judged(reader):
        timeline, unseen = share.timeline(reader, share.meant(reader, child, AsIf(), "due"))
        return {fact.family for fact in timeline.facts}, unseen

    assert ({"schools", "police", "social-care"}, frozenset()) == judged(COORDINATOR)
    families, unseen = judged(OFFICER)
    assert families == {"police"}
    assert "social-care" in unseen


def test_the_coordinators_rows_are_judged_by_what_the_front_door_may_only_know_of_too(desk):
    clinic = said(Camhs, "c9", "health", 30, stage="seen")
    desk.publish(HARMING, HARMED, KNOWN, clinic)
    with desk.open(at=NOW) as hub:
        draw(hub)
        view = hub.share.meant(COORDINATOR, only_child(hub), AsIf(), "due")

        assert "health" in {fact.family for fact in hub.share.timeline(COORDINATOR, view)[0].facts}


def test_a_number_finds_the_child_for_who_reads_it_of_them_and_for_nobody_else(desk):
    number, school = ({"system": system, "value": "X1"} for system in ("nhs-number", "upn"))
    both = {**ANN, "identifiers": (number, school)}
    desk.publish(missing(who={**ANN, "identifiers": (school,)}), attendance(who=both))
    with desk.open(at=NOW) as hub:
        take_all(hub)
        child = only_child(hub)

        assert child == hub.share.find(OFFICER, Identifier(**school)).child
        for unread in (number, {"system": "nhs-number", "value": "X2"}):
            with pytest.raises(UnknownChild):
                hub.share.find(OFFICER, Identifier(**unread))


def test_how_far_the_guidance_has_been_gone_is_said_where_it_is_known(asked):
    hub, child = asked
    found = hub.share.pathway(COORDINATOR, child)

    assert isinstance(found.stage, str)
    assert found.items == hub.share.due(COORDINATOR, child)
    assert found.checklists


def test_of_a_child_with_no_incident_no_stage_is_said(desk):
    desk.take_in(missing(), at=NOW)
    with desk.open(at=NOW) as hub:
        child = only_child(hub)
        found = hub.share.pathway(OFFICER, child)

        assert (None, hub.share.due(OFFICER, child)) == (found.stage, found.items)


def test_beside_the_pathway_a_list_says_the_same_also_where_less_is_read_of_the_other_child(desk):
    """A worker of both children is asked about (R46), though the other's record is not read whole."""
    reviewing = COORDINATOR._replace(purpose="practice-review")
    desk.publish(incident("i1"), incident("i2", who=BEN, part=acting.HARMED, other=ANN))
    with desk.open(at=MONDAY) as hub:
        draw(hub)
        ann, ben = child_of(hub), child_of(hub, BEN)
        recorder, by = hub.recorder, acting.COORDINATOR
        for child, who in ((ann, ANN), (ben, BEN)):
            named = Who.model_validate({"identifiers": who["identifiers"]})
            recorder.record_first(by.by, named, "receive-referral", acting.REFERRED)
            said = {"worker": "sw-1", "role": "co-worker", "reason_later": True}
            recorder.record(by, child, "allocate-worker", said)
        kept = [k.entry for k in hub.records.child(ann).entries.values()]
        logged = next(entry.id for entry in kept if entry.agency == "schools")
        lead = Reader(acting.SCHOOL.by, "section-47")
        hub.restrictions.restrict(lead, ann, logged, RestrictionGround.ACCURACY, "It was another boy")
        draw(hub)
        listed = hub.share.due(reviewing, ben)

        assert "R46" in {item.obligation for item in listed}
        assert listed == hub.share.pathway(reviewing, ben).items


def test_who_is_looked_for_by_name_and_birth_is_found_where_both_are_read_of_them(asked):
    hub, _ = asked
    place, found = hub.share._stands(Named(*CALLED))
    read = {"name": ANN["name"], "date_of_birth": ANN["date_of_birth"]}

    assert place == hub.share.place_of(Named(*CALLED))
    assert found(read)
    assert not found({"date_of_birth": ANN["date_of_birth"]})
    assert not found({"name": ANN["name"]})
    assert not found({**read, "date_of_birth": "2012-04-06"})
    assert not found({**read, "name": BEN["name"]})


def test_a_name_under_which_nobody_can_be_looked_for_is_nobodys(asked):
    hub, _ = asked

    assert NOBODY == hub.share.place_of(Named(PersonName(family="-"), CALLED[1]))


def test_what_a_reader_would_be_shown_has_another_digest_once_something_changed_for_them(asked):
    hub, child = asked
    seen = {hub.share.as_seen(reader, child) for reader in (COORDINATOR, OFFICER)}

    assert [32, 32] == [len(digest) for digest in seen]
    assert hub.share.as_seen(OFFICER, child) in seen


def test_of_a_child_that_is_not_theirs_the_lines_of_a_list_have_no_name(asked):
    hub, child = asked
    before = len(shown(hub, child))

    named = hub.share.called(COORDINATOR, [uuid4(), child])

    assert [child] == list(named)
    assert "Ann" == named[child].who["name"]["given"]
    assert before + 1 == len(shown(hub, child))
