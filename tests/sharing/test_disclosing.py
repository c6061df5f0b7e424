"""That something was shown is kept with the policy it was shown under: its text once, found by its name."""

from types import SimpleNamespace
from uuid import UUID

from hub.domain.feed import PolicyInUse
from hub.sharing.disclosing import POLICIES, Disclosures
from tests.sharing.situations import POLICY

ANN = UUID(int=1)
OTHER = POLICY.model_copy(update={"version": "2027-01-01"})


class Kept:
    """Records as disclosures ask for them: streams in memory."""

    def __init__(self):
        self.streams, self.read, self.written, self.archive = {}, 0, 0, self

    def stream(self, id_):
        self.read += 1
        return [SimpleNamespace(body=body) for body in self.streams.get(id_, ())]

    def record(self, bodies, effects, appended):
        assert ({}, {}) == (bodies, dict(effects.unmoved))
        self.written += 1
        for id_, more in appended.items():
            self.streams.setdefault(id_, []).extend(more)

    def texts(self):
        return [body.name for body in self.streams.get(POLICIES, ()) if isinstance(body, PolicyInUse)]


def test_the_first_showing_under_a_policy_keeps_its_text_and_later_ones_none():
    kept = Kept()
    told = Disclosures(kept)
    for what in ("one", "two"):
        told.record(POLICY, ANN, what)
    told.record(OTHER, ANN, "three")

    assert [POLICY.name, OTHER.name] == kept.texts()
    assert ["one", "two", "three"] == kept.streams[ANN]
    assert 3 == kept.written
    assert 1 == kept.read


def test_another_process_finds_the_text_that_is_there():
    kept = Kept()
    Disclosures(kept).record(POLICY, ANN, "one")
    again = Disclosures(kept)
    again.record(POLICY, ANN, "two")

    assert [POLICY.name] == kept.texts()
    assert POLICY.texts == again.policy(POLICY.name).texts


def test_a_policy_can_be_kept_before_anything_is_shown_under_it_and_then_nothing_is_written_again():
    kept = Kept()
    told = Disclosures(kept)
    told.keep(POLICY)
    told.keep(POLICY)

    assert ([POLICY.name], 1, {POLICIES}) == (kept.texts(), kept.written, set(kept.streams))


def test_a_policy_is_found_by_its_name_among_others_and_read_once():
    kept = Kept()
    kept.streams[POLICIES] = ["something else"]
    told = Disclosures(kept)
    for policy in (POLICY, OTHER):
        Disclosures(kept).keep(policy)
    kept.streams[POLICIES].append("and more")
    found = told.policy(POLICY.name)
    read = kept.read

    assert POLICY.texts == found.texts
    assert found is told.policy(POLICY.name)
    assert read == kept.read
    assert told.policy("2020-01-01:of-none") is None
