"""What the rules made of children lately is remembered by how much it is, long ones apart from short ones."""

from uuid import UUID

from hub.sharing.watching import _Held, _Lately


def held():
    return _Held({}, [], None)


def test_what_was_held_longest_ago_goes_first_and_only_as_much_as_must():
    lately = _Lately(10)
    for number, entries in enumerate((4, 4, 3)):
        lately.put(UUID(int=number), held(), entries)

    assert lately.pop(UUID(int=0)) is None
    assert lately.pop(UUID(int=1)) is not None
    lately.put(UUID(int=3), held(), 7)
    assert lately.pop(UUID(int=2)) is not None


def test_a_record_longer_than_all_that_may_be_remembered_is_remembered_while_it_is_the_latest():
    lately = _Lately(10)
    lately.put(UUID(int=1), held(), 100)
    kept = lately.pop(UUID(int=1))
    lately.put(UUID(int=1), held(), 100)
    lately.put(UUID(int=2), held(), 1)

    assert kept is not None
    assert lately.pop(UUID(int=1)) is None
