"""On live data a policy is used once somebody adopted it, and the one adopted last until then."""

import pickle

import pytest

from hub.compose import ReaderRecipe, open_intake
from hub.domain.by import By
from hub.domain.feed import PolicyAdopted, PolicyInUse
from hub.errors import Refused
from hub.intake.deliveries_embedded import EmbeddedDeliveries
from hub.sharing.agreements import SHIPPED as SHIPPED_AGREEMENTS
from hub.sharing.disclosing import POLICIES
from hub.sharing.policy import PolicyInvalid, PolicyStale, load, read
from hub.sharing.policy_file import PolicyFile
from hub.sharing.policy_in_force import LOOK, PolicyInForce, Waiting
from hub.web.served import Window
from tests.events import attendance
from tests.hubs import SOCIAL_WORKER, Desk
from tests.identity.conftest import Ticking
from tests.intake.test_agreements import WITHOUT_HEALTH

LEAD = By("ada", "information-governance-lead", "social-care")
TEXTS = load().texts
NEXT = read((TEXTS[0].replace(b'version  = "2026', b'version  = "2027'), TEXTS[1]))


@pytest.fixture
def live(tmp_path):
    """A live hub whose policy and agreements lie in files of its own."""
    desk = Desk(tmp_path / "live", live=True)
    files = {"policy": tmp_path / "policy.toml", "agreements": tmp_path / "agreements.toml"}
    files["policy"].write_bytes(TEXTS[0])
    files["agreements"].write_bytes(TEXTS[1])
    desk.settings = desk.settings.model_copy(update=files)
    return desk


def adopt(live, policy):
    with live.open() as hub:
        hub.share.disclosures.adopt(policy, LEAD)


def said(live, *events):
    with live.open() as hub:
        hub.records.record({}, appended={POLICIES: events})


def test_until_one_is_adopted_it_is_the_file_then_the_one_adopted_last_whatever_lies_there(live):
    file = live.settings.policy
    file.write_bytes(NEXT.texts[0])
    with live.open() as hub:
        assert (NEXT.name, False, None) == (hub.policy.name, hub.policies.adopted, hub.policies.waiting())
    adopt(live, load())
    with live.open() as hub:
        assert TEXTS == hub.policy.texts
        assert hub.policies.waiting() == Waiting(NEXT.name, "")
        file.write_text("no policy")
        assert TEXTS == hub.policy.texts
        assert hub.policies.waiting().fault.startswith("policy.toml: ")
    file.unlink()
    adopt(live, NEXT)
    with live.open() as hub:
        assert NEXT.texts == hub.policy.texts
    file.write_bytes(NEXT.texts[0])
    with live.open() as hub:
        assert (True, None) == (hub.policies.adopted, hub.policies.waiting())
    with pytest.raises(Refused, match="adopted already"):
        adopt(live, NEXT)


def test_a_process_that_goes_on_works_under_what_another_adopted_after_a_second_and_no_sooner_asks(live):
    clock = Ticking()
    with live.open() as hub:
        on_disk = PolicyFile(live.settings.policy, live.settings.agreements)
        there, demonstration = (
            PolicyInForce(hub.records, on_disk, clock, adopts=one) for one in (True, False)
        )
        assert TEXTS == there().texts
        adopt(live, NEXT)
        clock.now += LOOK - 0.01
        assert (TEXTS, TEXTS) == (there().texts, there.seen().texts)
        clock.now += 0.02
        assert (TEXTS, NEXT.texts) == (there.seen().texts, there().texts)
        assert NEXT.texts == there.seen().texts
        assert TEXTS == demonstration().texts


def test_pages_read_the_policy_beside_their_turn_without_asking_and_every_turn_looks(at_once, live):
    with live.open() as hub:
        window = Window(hub)
        adopt(live, NEXT)
        assert TEXTS == window.policy.texts
        with window.open():
            pass
        assert NEXT.texts == window.policy.texts


def test_what_was_adopted_and_cannot_be_used_is_never_replaced_by_the_file(live):
    stale = read((NEXT.texts[0].replace(b"2036-12-31", b"2021-01-01"), TEXTS[1]))
    adopt(live, stale)
    with live.open() as hub, pytest.raises(PolicyStale):
        hub.share.chronology(SOCIAL_WORKER, POLICIES)
    said(live, PolicyAdopted(name="2025-01-01:gone", before="", by=LEAD))
    with pytest.raises(PolicyInvalid, match="2025-01-01:gone, is not kept here"), live.open():
        pass


def test_the_text_that_was_adopted_is_the_one_kept_under_its_name_and_another_is_refused(live):
    said(live, PolicyInUse(name=NEXT.name, policy=b"[roles]", agreements=TEXTS[1]))
    with pytest.raises(Refused, match="under the same name"):
        adopt(live, NEXT)
    said(live, PolicyAdopted(name=NEXT.name, before="", by=LEAD))
    with pytest.raises(PolicyInvalid, match=f"adopted last, {NEXT.name}: "), live.open():
        pass


def test_whose_feed_is_taken_is_what_the_agreements_adopted_say_in_whichever_process_reads(at_once, live):
    adopt(live, read((TEXTS[0], WITHOUT_HEALTH.encode())))
    with live.open() as hub, open_intake(hub) as intake:
        live.publish(attendance())
        beside = pickle.loads(pickle.dumps(ReaderRecipe(hub.settings, hub.policies)))
        batch = EmbeddedDeliveries(live.settings.topic_log).poll(1, 0)
        assert "no-agreement" == beside().read(batch)[0].reason
        assert {"no-agreement": 1} == intake.step().reasons
        adopt(live, load())
        live.publish(attendance("a2", 1))

        assert SHIPPED_AGREEMENTS.read_bytes() == hub.policy.texts[1]
        assert 1 == intake.step().recorded
