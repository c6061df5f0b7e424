"""Events about access as a store holds them: their words and their fields' order are read for ever."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from msgspec import structs

from hub.domain.access import (
    EVOLVE_ACCESS,
    Access,
    AccessAnswered,
    AccessAsked,
    AccessClosed,
    AccessReopened,
    AgencyInvolved,
    AnyAccessEvent,
    Closing,
    Glass,
    GlassBroken,
    GlassReviewed,
    GlassReviewGiven,
    Interest,
    MashAnswered,
    MashAsked,
    MashQuestion,
    MeetingConvened,
    MeetingEnded,
    OtherChildAgreed,
    OtherChildAgreementEnded,
    Request,
    Restriction,
    Told,
    answer_of,
    answer_question,
    answer_request,
    ask,
    break_glass,
    close,
    convene,
    end_agreement,
    end_meeting,
    give_review,
    involve,
    reopen,
    said_of_two,
    why_of,
)
from hub.domain.by import By
from hub.domain.entry import Envelope
from hub.errors import Refused

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SOON = NOW + timedelta(hours=4)
WHO = By("sw", "social-worker", "social-care")
OTHER = By("nd", "named-doctor", "health")
WHY = Envelope("house", b"")
ID = UUID(int=1)
TAGS = (
    "agency-involved agency-involvement-ended meeting-convened meeting-ended glass-broken glass-reviewed "
    "glass-review-given bar-met access-closed access-reopened access-asked access-answered mash-asked "
    "mash-answered other-child-agreed other-child-agreement-ended"
)


def test_what_is_stored_keeps_its_words_and_is_never_changed():
    events = get_args(AnyAccessEvent)
    stored = [word.value for words in (Closing, Interest, Told) for word in words]

    assert TAGS.split() == [event.__struct_config__.tag for event in events]
    assert all(event.__struct_config__.frozen for event in events)
    assert ["sealed", "address-shielded", "not-shared", "barred"] == stored[:4]
    assert ["own-record", "relative", "other-interest", "shared", "withheld", "nothing-to-share"] == stored[
        4:
    ]


@pytest.mark.parametrize(
    ("right", "says", "until"), [(True, "justified", SOON), (False, "not-justified", NOW)]
)
def test_broken_glass_is_open_from_its_moment_until_it_ends_or_is_found_not_justified(right, says, until):
    broken = GlassBroken(
        glass=ID, reader=WHO, purpose="p", until=SOON, review_by=SOON, guardian="g", reason=WHY
    )
    waits = Glass(NOW, broken)
    reviewed = GlassReviewed(glass=ID, justified=right, by=OTHER, reason=WHY)
    done = waits._replace(reviewed_at=NOW, reviewed=reviewed)

    assert (None, False, SOON) == (waits.outcome, waits.settled, waits.until)
    assert (True, False) == (waits.opens(WHO, "p", NOW), waits.opens(WHO, "p", SOON))
    assert (False, False) == (waits.opens(OTHER, "p", NOW), waits.opens(WHO, "q", NOW))
    assert (says, True, until) == (done.outcome, done.settled, done.until)


@pytest.mark.parametrize("ended", [NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1), SOON])
def test_glass_whose_role_has_ended_opens_nothing_whatever_a_clock_says_and_says_since_when(ended):
    broken = GlassBroken(
        glass=ID, reader=WHO, purpose="p", until=SOON, review_by=SOON, guardian="g", reason=WHY, grant=3
    )
    glass = Glass(NOW, broken, ended_at=ended)
    wrong = GlassReviewed(glass=ID, justified=False, by=OTHER, reason=WHY)
    closed = glass._replace(reviewed_at=NOW + timedelta(minutes=5), reviewed=wrong)

    assert (ended, None, False) == (glass.until, glass.outcome, glass.settled)
    assert not any(glass.opens(WHO, "p", at) for at in (NOW, ended, SOON - timedelta(seconds=1)))
    assert min(ended, NOW + timedelta(minutes=5)) == closed.until


@pytest.mark.parametrize(("until", "says"), [(SOON, "granted"), (None, "refused")])
def test_a_request_is_settled_by_its_answer(until, says):
    asked = AccessAsked(request=ID, reader=WHO, purpose="p", answer_by=SOON, reason=WHY)
    waits = Request(NOW, asked)
    answered = AccessAnswered(request=ID, until=until, by=OTHER, reason=WHY)
    done = waits._replace(answered_at=NOW, answered=answered)

    assert (None, False, None) == (waits.outcome, waits.settled, waits.until)
    assert (says, True, until) == (done.outcome, done.settled, done.until)


@pytest.mark.parametrize("said", Told)
def test_a_question_to_the_mash_waits_until_a_second_person_has_answered_it_and_opens_nothing(said):
    asked = MashAsked(question=ID, reader=WHO, purpose="p", answer_by=SOON, words=WHY)
    waits = MashQuestion(NOW, asked)
    answered = MashAnswered(question=ID, outcome=said, by=OTHER, words=WHY, reason=WHY)
    done = waits._replace(answered_at=NOW, answered=answered)
    own = MashAnswered(question=ID, outcome=said, by=WHO, words=WHY, reason=WHY)

    assert (WHO, None, False, None) == (waits.who, waits.outcome, waits.settled, waits.until)
    assert (WHO, said.value, True, None) == (done.who, done.outcome, done.settled, done.until)
    assert [answered] == answer_question(Access(questions={ID: waits}), answered)
    for words, access, act in (
        ("no such question$", Access(), answered),
        ("question was settled before", Access(questions={ID: done}), answered),
        ("nobody settles their own question:", Access(questions={ID: waits}), own),
    ):
        with pytest.raises(Refused, match=words):
            answer_question(access, act)


def test_where_an_answer_and_its_reason_are_sealed_is_found_for_ever():
    assert UUID("37661783-6139-5924-af49-d584abda0e94") == answer_of(ID)
    assert UUID("a018ff8b-0bfa-532b-870a-26d95d782ff5") == why_of(ID)


def test_glass_is_broken_again_for_other_strands_a_role_given_anew_or_once_it_is_over_and_else_once():
    def breaks(*strands, grant=0):
        return GlassBroken(
            glass=ID,
            reader=WHO,
            purpose="p",
            until=SOON,
            review_by=SOON,
            guardian="g",
            reason=WHY,
            strands=strands,
            grant=grant,
        )

    held = Access(glass={ID: Glass(NOW, breaks("whole"))})
    later = NOW + timedelta(minutes=1)
    twice = Access(
        glass={
            ID: Glass(NOW, breaks("whole", grant=1)),
            UUID(int=2): Glass(later, breaks("whole", grant=4)),
        }
    )

    assert [] == break_glass(held, breaks("whole"), NOW)
    assert [breaks("harmed")] == break_glass(held, breaks("harmed"), NOW)
    assert [breaks("whole")] == break_glass(held, breaks("whole"), SOON)
    assert [breaks("whole")] == break_glass(Access(), breaks("whole"), NOW)
    assert [breaks("whole", grant=4)] == break_glass(held, breaks("whole", grant=4), NOW)
    assert [] == break_glass(twice, breaks("whole", grant=4), later)
    assert [breaks("whole", grant=7)] == break_glass(twice, breaks("whole", grant=7), later)


def test_glass_that_has_ended_with_its_role_is_broken_anew_and_another_persons_is_nobodys_matter():
    held = Access(glass={ID: Glass(NOW, BREAKS)})

    assert [] == break_glass(held, BREAKS, NOW, frozenset({UUID(int=2)}))
    assert [BREAKS] == break_glass(held, BREAKS, NOW, frozenset({ID}))


def test_a_meeting_and_an_agreement_are_ended_up_to_their_last_moment_and_not_after():
    meeting = MeetingConvened(members=(OTHER,), until=SOON, by=WHO, meeting=ID)
    agreed = OtherChildAgreed(other=ID, until=SOON, by=WHO, reason=WHY)
    access = Access(meetings=[meeting], agreed={ID: agreed.until})
    over = MeetingEnded(meeting=ID, by=WHO, reason=WHY)
    unsaid = OtherChildAgreementEnded(other=ID, by=WHO, reason=WHY)
    late = SOON + timedelta(microseconds=1)

    assert ([over], [unsaid]) == (end_meeting(access, over, SOON), end_agreement(access, unsaid, SOON))
    for act in (lambda: end_meeting(access, over, late), lambda: end_agreement(access, unsaid, late)):
        with pytest.raises(Refused, match="stands"):
            act()


def test_a_meeting_has_members_an_end_that_is_to_come_and_nobody_who_lets_themselves_in():
    def meeting(*members, until=SOON):
        return MeetingConvened(members=members, until=until, by=WHO, meeting=ID)

    assert [meeting(OTHER)] == convene(meeting(OTHER), NOW)
    for words, said in (
        (r"^ends-before-it-begins$", meeting(OTHER, until=NOW)),
        ("who takes part", meeting()),
        ("nobody lets themselves in", meeting(OTHER, WHO)),
    ):
        with pytest.raises(Refused, match=words):
            convene(said, NOW)


def test_what_was_answered_stands_answered_and_an_answer_to_nothing_changes_nothing():
    asked = MashAsked(question=ID, reader=WHO, purpose="p", answer_by=SOON, words=WHY)
    answered = MashAnswered(question=ID, outcome=Told.SHARED, by=OTHER, words=WHY, reason=WHY)
    access, other = Access(), Access()
    for at, event in ((NOW, asked), (SOON, answered)):
        EVOLVE_ACCESS[type(event)](access, event, at)
    EVOLVE_ACCESS[MashAnswered](other, answered, SOON)

    assert {ID: MashQuestion(NOW, asked, SOON, answered)} == access.questions
    assert Access() == other


def test_what_is_said_twice_changes_nothing_and_nobody_settles_what_is_not_theirs():
    broken = GlassBroken(
        glass=ID, reader=WHO, purpose="p", until=SOON, review_by=SOON, guardian="g", reason=WHY
    )
    asked = AccessAsked(request=ID, reader=WHO, purpose="p", answer_by=SOON, reason=WHY)
    given = GlassReviewGiven(glass=ID, to=OTHER, by=OTHER)
    bar = AccessClosed(
        restriction=ID, what=Closing.BARRED, by=OTHER, reason=WHY, named=(WHO,), interest=Interest.OWN
    )
    held = Access(
        glass={ID: Glass(NOW, broken, reviewer=OTHER)},
        requests={ID: Request(NOW, asked)},
        closed={ID: Restriction(NOW, bar)},
    )
    lifted = AccessReopened(restriction=ID, by=OTHER, reason=WHY)

    assert ([], [], []) == (give_review(held, given), ask(held, asked), close(held, bar))
    assert ([asked], [bar], [lifted]) == (ask(Access(), asked), close(Access(), bar), reopen(held, lifted))
    own = AccessAnswered(request=ID, until=SOON, by=WHO, reason=WHY)
    unsaid = AccessClosed(restriction=ID, what=Closing.BARRED, by=OTHER, reason=WHY, named=(WHO,))
    for words, act in (
        ("no such restriction", lambda: reopen(Access(), lifted)),
        ("their own bar", lambda: reopen(held, AccessReopened(restriction=ID, by=WHO, reason=WHY))),
        ("no such request$", lambda: answer_request(Access(), own)),
        ("their own request:", lambda: answer_request(held, own)),
        ("who is barred", lambda: close(Access(), unsaid)),
    ):
        with pytest.raises(Refused, match=words):
            act()


def test_an_agencys_work_ends_after_it_begins_and_said_again_alike_it_is_not_said():
    def works(until):
        return AgencyInvolved(agency="health", until=until, by=WHO, strands=("whole",))

    held = Access(agencies={"health": SOON}, agency_strands={"health": ("whole",)})

    assert ([], [works(None)]) == (involve(held, works(SOON), NOW), involve(held, works(None), NOW))
    with pytest.raises(Refused, match=r"^ends-before-it-begins$"):
        involve(held, works(NOW), NOW)


FIRST, SECOND = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
"""When two records were parted, and when they were parted again."""


def of_two(at, *events):
    """The access as these events left it at a moment, once two records that were one since NOW are parted."""
    access = Access()
    for event in events:
        EVOLVE_ACCESS[type(event)](access, event, at)
    said_of_two(access, NOW, FIRST)
    return access


BEFORE = NOW - timedelta(microseconds=1)
BREAKS = GlassBroken(glass=ID, reader=WHO, purpose="p", until=SOON, review_by=SOON, guardian="g", reason=WHY)
ASKS = AccessAsked(request=ID, reader=WHO, purpose="p", answer_by=SOON, reason=WHY)
GRANTS = AccessAnswered(request=ID, until=SOON, by=OTHER, reason=WHY)
QUESTION = MashAsked(question=ID, reader=WHO, purpose="p", answer_by=SOON, words=WHY)
WORKS = AgencyInvolved(agency="health", until=SOON, by=WHO, strands=("whole",))
MEETS = MeetingConvened(members=(OTHER,), until=SOON, by=WHO, meeting=ID)
AGREES = OtherChildAgreed(other=ID, until=SOON, by=WHO, reason=WHY)


def test_what_was_said_from_the_moment_two_records_were_one_lets_near_neither_once_they_are_parted():
    access = of_two(NOW, BREAKS, ASKS, GRANTS, QUESTION, WORKS, MEETS, AGREES)
    glass, asked, question = access.glass[ID], access.requests[ID], access.questions[ID]

    assert (FIRST, FIRST, FIRST) == (glass.until, asked.until, question.parted_at)
    assert ({}, {}, [], {}, []) == (
        access.agencies,
        access.agency_strands,
        access.meetings,
        access.agreed,
        access.let_in,
    )


def test_what_was_said_before_two_records_were_one_is_as_it_was_once_they_are_parted():
    access = of_two(BEFORE, BREAKS, ASKS, GRANTS, QUESTION, WORKS, MEETS, AGREES)
    glass, asked, question = access.glass[ID], access.requests[ID], access.questions[ID]

    assert (SOON, SOON, None) == (glass.until, asked.until, question.parted_at)
    assert ({"health": SOON}, {"health": ("whole",)}) == (access.agencies, access.agency_strands)
    assert ([MEETS], {ID: SOON}, [WORKS, MEETS, AGREES]) == (access.meetings, access.agreed, access.let_in)


def test_a_request_that_was_granted_while_two_records_were_one_lets_near_neither_whenever_it_was_made():
    access = Access(requests={ID: Request(BEFORE, ASKS, NOW, GRANTS)})
    said_of_two(access, NOW, FIRST)

    assert FIRST == access.requests[ID].until


def test_a_request_that_was_made_before_and_waits_may_be_granted_once_they_are_parted():
    access = of_two(BEFORE, ASKS)

    assert [GRANTS] == answer_request(access, GRANTS)


def test_records_that_are_parted_once_more_leave_it_at_when_they_were_parted_first():
    access = of_two(NOW, BREAKS, ASKS, GRANTS, QUESTION)
    said_of_two(access, NOW, SECOND)
    glass, asked, question = access.glass[ID], access.requests[ID], access.questions[ID]

    assert (FIRST, FIRST, FIRST) == (glass.until, asked.until, question.parted_at)


def test_what_was_said_before_and_again_while_two_records_were_one_counts_of_neither_time():
    again = [structs.replace(one, until=FIRST) for one in (WORKS, AGREES)]
    access = Access()
    for at, event in ((BEFORE, WORKS), (BEFORE, AGREES), (NOW, again[0]), (NOW, again[1])):
        EVOLVE_ACCESS[type(event)](access, event, at)
    said_of_two(access, NOW, FIRST)

    assert ({}, {}, []) == (access.agencies, access.agreed, access.let_in)


def test_a_grant_that_ends_before_two_records_are_parted_ends_no_later_for_it():
    asked = Request(NOW, ASKS, NOW, GRANTS, parted_at=SOON + timedelta(hours=1))
    refused = Request(NOW, ASKS, NOW, AccessAnswered(request=ID, until=None, by=OTHER, reason=WHY), FIRST)

    assert (SOON, None) == (asked.until, refused.until)


def test_of_what_was_asked_of_two_nothing_is_granted_or_shared_and_a_refusal_is_recorded():
    access = of_two(NOW, ASKS, QUESTION)
    refusal = AccessAnswered(request=ID, until=None, by=OTHER, reason=WHY)
    shared, withheld = (
        MashAnswered(question=ID, outcome=said, by=OTHER, words=WHY, reason=WHY)
        for said in (Told.SHARED, Told.WITHHELD)
    )

    assert ([refusal], [withheld]) == (answer_request(access, refusal), answer_question(access, withheld))
    for act in (lambda: answer_request(access, GRANTS), lambda: answer_question(access, shared)):
        with pytest.raises(Refused, match="taken for one child's"):
            act()
