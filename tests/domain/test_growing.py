"""A mapping whose copies share what they hold reads like a dict that was copied each time."""

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.growing import Growing

STEPS = st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 9)), max_size=40)
"""On which of the copies; copied first or not; the key set."""


@given(STEPS)
def test_copies_never_see_what_is_added_to_another_or_set_anew(steps):
    plain: list[dict[int, int]] = [{}]
    grown: list[Growing[int, int]] = [Growing()]
    for number, (which, copied, key) in enumerate(steps):
        at = which % len(plain)
        if copied:
            plain.append(dict(plain[at]))
            grown.append(grown[at].copy())
            at = -1
        plain[at][key] = grown[at][key] = number
    for one, other in zip(plain, grown, strict=True):
        assert one == other
        assert list(one.items()) == list(other.items())
        assert list(one.values()) == list(other.values())
        assert list(reversed(one.values())) == list(reversed(other.values()))
        assert [key in one for key in range(10)] == [key in other for key in range(10)]


def test_a_copy_of_a_long_record_costs_nothing_until_it_departs_from_it():
    whole = Growing((n, n) for n in range(1000))
    copied = whole.copy()
    copied[1000] = 1000
    assert copied._shared is whole._shared
    whole[1000] = -1
    assert copied._shared is not whole._shared
    assert (1000, -1) == (copied[1000], whole[1000])
