"""What is kept for good of keys and disposals stands in streams that a store of today has, too."""

from uuid import UUID

from hub.disposal.enrolling import KEYS
from hub.disposal.erasing import STREAM
from hub.disposal.rotating import ROTATIONS


def test_what_an_older_store_holds_of_erasures_rotations_and_agencies_keys_is_found_there_for_ever():
    assert UUID("b23c85e9-c900-58a0-b921-7a33ee0a450c") == STREAM
    assert UUID("9a4a362a-b607-5c2d-9ef0-8d37273a1f70") == ROTATIONS
    assert UUID("31694aa7-56de-57bb-9c59-f488ea082bf0") == KEYS
