"""What was drawn under one policy is neither shown, counted nor told under the one adopted after it."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.audit.replaying import Shown, replay
from hub.casework.worklists import Whose
from hub.domain.by import By
from hub.domain.child import Disclosed
from hub.errors import Unavailable
from hub.telling.settings import Kind
from hub.web.live import Seen
from hub.web.served import Window
from schemas.vocabulary import Agency
from tests.hubs import POLICE_OFFICER, Desk, take_all
from tests.oversight.test_desk import LEAD as PARTNER
from tests.policies import version
from tests.sharing.test_flags import COORDINATOR, HARMED, HARMING, KNOWN
from tests.telling.servers import mail_server, names

LEAD = By("ada", "information-governance-lead", "social-care")
WIDE = version(2027)
"""As it is shipped: the front door reads what the police say, and a flag stands on it."""
NARROW = version(2028, "mash-coordinator", police="nothing")
"""The front door has nothing of what the police say."""
AGAIN = version(2029)
OFFICERS = version(2030, "police-officer", police="knows")
"""Another policy, with the same front door."""


pytestmark = pytest.mark.usefixtures("at_once")


@pytest.fixture
def live(tmp_path):
    """A live hub that works under `WIDE`, of a child in whose record two agencies' words raise a flag."""
    desk = Desk(tmp_path / "live", live=True)
    adopt(desk, WIDE)
    now = datetime.now(UTC)
    story = ((HARMING, 60), (HARMED, 20), (KNOWN, 19))
    desk.publish(*(one.model_copy(update={"occurred_at": now - timedelta(days=days)}) for one, days in story))
    with desk.open() as hub:
        take_all(hub)
    return desk


def adopt(desk, policy):
    with desk.open() as hub:
        hub.share.disclosures.adopt(policy, LEAD)


def follow(hub):
    for follower in hub.followers:
        follower.catch_up()


def shown(hub, child):
    return {flag.pattern for flag in hub.share.flags(COORDINATOR, child)}


def drawn(hub, child):
    return {flag.pattern for flag in hub.drawn.flags(child)}


def only(hub):
    (child,) = hub.records.children()
    return child


def test_what_the_new_front_door_has_nothing_of_goes_at_once_and_is_drawn_anew_without_a_restart(live):
    with live.open() as serving, live.open() as following:
        child = only(serving)
        follow(following)
        assert "P03" in shown(serving, child) & drawn(serving, child)
        assert not serving.drawn.late()

        adopt(live, NARROW)
        assert (set(), set()) == (shown(serving, child), drawn(serving, child))
        assert ({}, True) == (serving.drawn.every_flag(), serving.drawn.late())
        follow(following)
        assert (set(), set()) == (shown(serving, child), drawn(serving, child))
        assert not serving.drawn.late()

        adopt(live, AGAIN)
        assert "P03" not in drawn(serving, child) - {"P03"}
        assert "P03" in shown(serving, child)  # worked out with the look
        follow(following)
        assert "P03" in shown(serving, child) & drawn(serving, child)
        policies = [s.policy for s in disclosed(serving, child)]

    assert [WIDE.name, *[NARROW.name] * 2, *[AGAIN.name] * 2] == policies


def disclosed(hub, child):
    return [body for _, body in hub.records.child(child).disclosures]


def test_views_of_a_policy_that_comes_back_stand_only_once_they_have_caught_up(live):
    with live.open() as serving, live.open() as following:
        child = only(serving)
        follow(following)
        adopt(live, NARROW)
        follow(following)
        adopt(live, AGAIN)
        serving.policies.look()

        assert "P03" in drawn(serving, child)  # as it was drawn under the first
        assert (False, False) == (serving.drawn.whole(), serving.drawn.stands(AGAIN))
        follow(following)
        assert (True, True) == (serving.drawn.whole(), serving.drawn.stands(AGAIN))


def test_a_process_that_begins_meanwhile_does_not_take_old_views_for_new(live):
    with live.open() as hub:
        follow(hub)
    adopt(live, NARROW)
    with live.open() as began:
        assert (False, set()) == (began.drawn.whole(), shown(began, only(began)))
        with live.open() as following:
            follow(following)
        assert began.drawn.whole()


def test_where_the_front_door_sees_the_same_nothing_is_drawn_anew(live):
    with live.open() as hub:
        follow(hub)
        assert hub.drawn.whole()
        before = hub.drawn.followers
        adopt(live, OFFICERS)
        hub.policies.look()

        assert OFFICERS.name == hub.policy.name
        assert before == hub.drawn.followers
        assert hub.drawn.stands(hub.policy)
        assert hub.drawn.door.fits(hub.policy, hub.clock())


def test_until_all_is_drawn_anew_nothing_is_counted_and_lists_ask_of_whom_they_asked(live):
    whose = Whose(agency=Agency.SOCIAL_CARE)
    with live.open() as serving, live.open() as following:
        follow(following)
        listed = {waiting.child for waiting in serving.worklists.of(COORDINATOR, whose)}
        heard = serving.drawn.feeds()
        assert listed
        serving.partnership.report(PARTNER)

        adopt(live, NARROW)
        with pytest.raises(Unavailable, match="drawn anew"):
            serving.partnership.report(PARTNER)
        meanwhile = serving.worklists.of(COORDINATOR, whose)
        assert (heard, heard.keys()) == (serving.drawn.feeds(), {"schools", "police", "social-care"})
        follow(following)
        after = serving.worklists.of(COORDINATOR, whose)
        serving.partnership.report(PARTNER)

    assert meanwhile
    assert {w.item.obligation for w in meanwhile} == {w.item.obligation for w in after}


def test_of_a_flag_that_stands_on_what_the_front_door_has_nothing_of_now_nobody_is_told(live):
    with mail_server() as (box, port):
        names(live, port, "mash-coordinator", of=[Kind.FLAG_RAISED.value])
        with live.open() as telling, live.open() as following:
            follow(following)
            adopt(live, NARROW)
            told = [telling.teller.step().decided]
            follow(following)
            told.append(telling.teller.step().decided)
            adopt(live, AGAIN)
            told.append(telling.teller.step().decided)
            assert ([0, 0, 0], []) == (told, box.mails)
            follow(following)
            assert 0 < telling.teller.step().decided == len(box.mails)


def test_what_was_worked_out_while_it_was_drawn_anew_is_drawn_again_as_it_was_shown(live):
    with live.open() as serving, live.open() as following:
        child = only(serving)
        follow(following)
        adopt(live, NARROW)
        serving.share.flags(COORDINATOR, child)
        meanwhile = serving.share.due(COORDINATOR, child)
        follow(following)
        assert meanwhile != serving.share.due(COORDINATOR, child)  # drawn, it cannot tell less
        looks = [e for e in serving.records.history(child) if isinstance(e.body, Disclosed)]
        again = [
            replay(
                serving.records,
                serving.drawn,
                serving.share.disclosures,
                Shown(child, e.originator_version, e.at, e.body),
            )
            for e in looks
        ]

    assert ["same"] * 3 == [one.verdict.value for one in again]


def test_an_open_page_is_told_where_what_its_reader_reads_is_another_and_not_where_it_is_not(live):
    with live.open() as hub:
        open_page = Seen(Window(hub), POLICE_OFFICER, only(hub))
        told = [open_page.changed()]
        for policy in (NARROW, OFFICERS, AGAIN):
            adopt(live, policy)
            told += [open_page.changed(), open_page.changed()]

    assert [False, False, False, True, False, True, False] == told
