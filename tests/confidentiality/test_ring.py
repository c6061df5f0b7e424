"""What a ring counts, keeps in memory and asks its table for: looked at through a table that notes it."""

from datetime import timedelta
from uuid import UUID

import pytest

from hub.confidentiality import child_keys, key_file
from hub.confidentiality.keys import ScopeWithdrawn
from hub.confidentiality.sealing import CannotUnseal
from hub.errors import Conflict
from tests.confidentiality.rings import AT

CHILD, OTHER = UUID(int=1), UUID(int=2)
BOTH = ("police", "health")


class Noting:
    """A table that notes what is asked of it, and loses every change where it is told to."""

    def __init__(self, table):
        self._table, self.asked, self.losing, self.meanwhile = table, [], False, None

    def __getattr__(self, name):
        def ask(*what):
            self.asked.append(name)
            if name == "change" and self.meanwhile:
                act, self.meanwhile = self.meanwhile, None
                return act()
            return 0 if name == "change" and self.losing else getattr(self._table, name)(*what)

        return ask

    def told(self):
        """What was asked since the last time, but for the looks at what was destroyed."""
        said, self.asked = [name for name in self.asked if name != "destroyed"], []
        return said


@pytest.fixture
def noted(file_site):
    ring = file_site.ring()
    ring._keys = Noting(ring._keys)
    return ring


def counted(ring):
    return ring.hits, ring.misses, ring.cached


def test_a_ring_counts_what_was_in_memory_and_what_was_not(noted):
    assert (0, 0, 0) == counted(noted)
    noted.for_sealing_many({CHILD: BOTH, OTHER: ("police",)})
    assert (0, 3, 3) == counted(noted)
    noted.for_sealing_many({CHILD: BOTH})
    noted.for_sealing_many({CHILD: BOTH, OTHER: BOTH})
    assert (4, 5, 4) == counted(noted)
    noted.for_opening(CHILD, "police", 1)
    assert (5, 5, 4) == counted(noted)


def test_a_key_that_was_opened_once_is_in_memory(file_site, noted):
    file_site.ring().for_sealing_many({CHILD: BOTH})

    first = noted.for_opening(CHILD, "police", 1)
    assert ((0, 1, 1), ["of"]) == (counted(noted), noted._keys.told())
    assert first is noted.for_opening(CHILD, "police", 1)
    assert ((1, 1, 1), []) == (counted(noted), noted._keys.told())
    held = noted.for_opening_all(CHILD, BOTH)
    assert first is held["police", 1]
    assert 2 == noted.cached
    assert held == noted.for_opening_all(CHILD, BOTH)


def test_a_key_that_is_not_to_be_remembered_is_in_memory_only_where_it_was_before(file_site, noted):
    file_site.ring().for_sealing_many({CHILD: BOTH})

    first = noted.for_opening(CHILD, "police", 1, remember=False)
    assert 0 == noted.cached
    kept = noted.for_opening(CHILD, "police", 1)
    assert first.secret == kept.secret
    assert kept is noted.for_opening(CHILD, "police", 1, remember=False)


def test_of_a_destroyed_key_nothing_is_asked_of_who_holds_the_scopes_key(noted):
    noted.for_sealing(CHILD, "police")
    noted.destroy(CHILD)
    noted._store = None

    with pytest.raises(CannotUnseal, match="key-destroyed"):
        noted.for_opening(CHILD, "police", 1)


def test_a_ring_says_of_which_children_it_holds_keys(noted):
    noted.for_sealing(CHILD, "police")

    assert (True, False) == (noted.remembers(CHILD), noted.remembers(OTHER))


def test_many_childrens_keys_for_one_scope_are_had_in_one_look_with_a_gap_where_one_is_destroyed(
    file_site, noted
):
    ring, third = file_site.ring(), UUID(int=3)
    ring.for_sealing_many({CHILD: BOTH, OTHER: BOTH})
    first, second = ring.for_sealing(CHILD, "police"), ring.renew(CHILD, "police")
    ring.destroy(OTHER, ("police",))
    after = ring.for_sealing(OTHER, "police")
    found = noted.for_opening_many([CHILD, OTHER, third], "police")

    said = {child: [k and (k.generation, k.secret) for k in keys] for child, keys in found.items()}
    assert {
        CHILD: [(1, first.secret), (2, second.secret)],
        OTHER: [None, (2, after.secret)],
        third: [],
    } == said
    assert (["of"], 0) == (noted._keys.told(), noted.cached)
    assert ({}, []) == (noted.for_opening_many([], "police"), noted._keys.told())


def test_of_many_children_it_is_said_why_a_key_that_lives_does_not_open(file_site, noted):
    ring = file_site.ring()
    ring.for_sealing_many({CHILD: BOTH, OTHER: BOTH})
    row = ring._keys.of([CHILD])[CHILD]
    ring._keys.change([child_keys.change(OTHER, ring._keys.of([OTHER])[OTHER], child_keys.read(row))])

    with pytest.raises(CannotUnseal, match="wrong-key-or-place"):
        noted.for_opening_many([CHILD, OTHER], "police")
    key_file.load(file_site.keys_json).withdraw("police")
    file_site.clock.now += 1.0  # within a second it is noticed here, too
    with pytest.raises(ScopeWithdrawn, match="scope police"):
        noted.for_opening_many([CHILD], "police")


def test_what_is_all_in_memory_asks_the_table_for_nothing(noted):
    noted.for_sealing_many({CHILD: BOTH})
    assert ["of", "change"] == noted._keys.told()
    noted.for_sealing_many({CHILD: BOTH})
    noted.for_sealing(CHILD, "health")
    noted.for_drawing(CHILD, "police")
    assert [] == noted._keys.told()
    noted.for_sealing_many({CHILD: BOTH, OTHER: BOTH})
    assert ["of", "change"] == noted._keys.told()


def test_the_generation_that_is_asked_for_is_given(file_site):
    ring = file_site.ring()
    first, second = ring.for_sealing(CHILD, "police"), ring.renew(CHILD, "police")
    fresh = file_site.ring()

    assert (2, second.secret) == (fresh.for_opening(CHILD, "police", 2).generation, second.secret)
    assert first.secret == fresh.for_opening(CHILD, "police", 1).secret
    assert second.secret == file_site.ring().for_opening(CHILD, "police", 2).secret


def test_a_key_that_never_was_is_missing_and_one_of_an_erased_scope_is_destroyed(file_site):
    ring = file_site.ring()
    ring.for_sealing_many({CHILD: BOTH})
    ring.renew(CHILD, "police")
    ring.destroy(CHILD, ("police",))

    def why(scope, generation):
        with pytest.raises(CannotUnseal) as caught:
            ring.for_opening(CHILD, scope, generation)
        return caught.value.reason

    assert ["key-destroyed"] * 3 == [why("police", generation) for generation in (1, 2, 3)]
    assert ["key-missing", "key-missing"] == [why("health", 2), why("spine", 1)]
    ring.for_sealing(CHILD, "police")
    assert ["key-destroyed", "key-missing"] == [why("police", 2), why("police", 4)]


def test_the_oldest_version_that_still_wraps_a_key_is_told_over_all_pages(file_site, monkeypatch):
    monkeypatch.setattr("hub.confidentiality.keys.PAGE", 1)
    ring = file_site.ring()
    assert ring.oldest("police") is None
    ring.for_sealing_many({UUID(int=n): BOTH for n in (1, 2, 3)})
    assert 1 == ring.oldest("police")
    told = []
    ring._store.rotate("police")
    assert (3, 0) == ring.rewrap("police", told=told.append)
    assert [1, 1, 1] == told
    assert [2, 1, None] == [ring.oldest(scope) for scope in ("police", "health", "spine")]
    ring._store.rotate("police")
    ring.for_sealing(UUID(int=9), "police")
    assert 2 == ring.oldest("police")


def test_where_others_change_a_childs_keys_again_and_again_it_is_said(noted):
    noted.for_sealing(CHILD, "police")
    noted._keys.losing = True

    with pytest.raises(Conflict, match="being changed"):
        noted.destroy(CHILD)
    with pytest.raises(Conflict, match="being made"):
        noted.for_sealing(OTHER, "police")
    noted._store.rotate("police")
    with pytest.raises(Conflict, match="being changed"):
        noted.rewrap("police")
    assert not child_keys.read(noted._keys.of([CHILD])[CHILD])[0].destroyed_at


def test_whether_keys_were_destroyed_elsewhere_is_looked_at_once_a_second(file_site, noted):
    noted.for_sealing(CHILD, "police")
    file_site.ring().destroy(CHILD)
    noted._keys.asked.clear()
    for _ in range(3):
        noted.for_sealing(CHILD, "police")
    file_site.clock.now += 0.99
    noted.for_sealing(CHILD, "police")
    assert [] == noted._keys.asked
    file_site.clock.now += 0.01

    assert 2 == noted.for_sealing(CHILD, "police").generation
    assert ["destroyed", "of", "change"] == noted._keys.asked


def test_a_key_that_could_not_be_kept_is_made_again_and_the_one_that_is_kept_is_given(file_site, noted):
    def tie():
        raise Conflict("the database broke a tie")

    noted._keys.meanwhile = tie
    made = noted.for_sealing(CHILD, "police")

    assert ["of", "change", "of", "change"] == noted._keys.told()
    assert made.secret == file_site.ring().for_opening(CHILD, "police", 1).secret


def test_what_another_wrapped_anew_meanwhile_counts_as_done(file_site, noted):
    noted.for_sealing_many({CHILD: BOTH, OTHER: BOTH})
    noted._store.rotate("police")

    def another():
        file_site.ring().rewrap("police")
        return 0

    noted._keys.meanwhile = another
    assert (2, 0) == noted.rewrap("police")


def test_a_key_seals_for_a_year_to_the_second(file_site):
    file_site.ring().for_sealing(CHILD, "police")

    def generation(after):
        ring = file_site.ring()
        ring._now = lambda: AT + timedelta(days=365) + after
        return ring.for_sealing(CHILD, "police").generation

    assert [1, 2] == [generation(timedelta(0)), generation(timedelta(seconds=1))]


def test_of_a_child_of_whom_no_scope_is_asked_there_are_no_keys(noted):
    assert {CHILD: {}} == noted.for_sealing_many({CHILD: ()})
