"""That something was shown is kept with the policy it was shown under: its text once, found by its name."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from hub.domain.by import By
from hub.domain.feed import PolicyInUse
from hub.errors import Conflict
from hub.sharing.disclosing import ATTEMPTS, POLICIES, Disclosures
from tests.hubs import NOW
from tests.policies import version
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


LEAD = By("ada", "information-governance-lead", "social-care")
FIRST, SECOND, THIRD = (version(year) for year in (2031, 2032, 2033))


@pytest.mark.parametrize(
    ("told_under", "before"),
    [
        ((), ""),
        ((FIRST,), ""),
        ((SECOND,), SECOND.name),
        ((THIRD, SECOND), SECOND.name),
        ((SECOND, FIRST), SECOND.name),
    ],
)
def test_the_first_that_is_adopted_follows_what_was_told_under_last_and_its_text_is_kept_once(
    desk, told_under, before
):
    with desk.open(at=NOW) as hub:
        disclosures, rows = hub.share.disclosures, hub.records.archive
        for policy in told_under:
            disclosures.keep(policy)
        done = disclosures.adopt(FIRST, LEAD)
        kept = list(rows.stream(POLICIES))

    assert before == done.before
    assert [1, *range(2, len(kept) + 1)] == [event.originator_version for event in kept]
    texts = [event.body.name for event in kept if isinstance(event.body, PolicyInUse)]
    assert sorted({FIRST.name, *(policy.name for policy in told_under)}) == sorted(texts)


@pytest.mark.parametrize("others", [1, ATTEMPTS - 1, ATTEMPTS])
def test_who_adopts_just_as_others_do_follows_the_last_of_them_or_is_told_to_try_again(
    desk, others, monkeypatch
):
    with desk.open(at=NOW) as hub, desk.open(at=NOW) as another:
        rows, left = hub.records.archive, [SECOND, THIRD] * others
        stream = type(rows).stream

        def until_others_adopted(self, *of):
            found = list(stream(self, *of))
            if self is rows and len(left) > others:
                another.share.disclosures.adopt(left.pop(), LEAD)
            return found

        monkeypatch.setattr(type(rows), "stream", until_others_adopted)
        if others < ATTEMPTS:
            done = hub.share.disclosures.adopt(FIRST, LEAD)
        else:
            with pytest.raises(Conflict, match="by others; try again"):
                hub.share.disclosures.adopt(FIRST, LEAD)
        monkeypatch.undo()
        names = [
            one.name
            for policy in (FIRST, SECOND, THIRD)
            for _, one in hub.share.disclosures.adopted(policy.name)
        ]

    assert others + (others < ATTEMPTS) == len(names)
    if others < ATTEMPTS:
        assert (SECOND if others % 2 == 0 else THIRD).name == done.before
