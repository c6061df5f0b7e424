"""What is looked for in one input aimed at one target is noticed; sound inputs pass."""

import pytest

from tests.hostile import aimed, files
from tests.hostile.aimed import CANARY, SAID, TARGETS, aimed_at


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_target_begins_with_is_examined_and_passes(target):
    with aimed_at(target) as (examine, beginnings):
        for raw in (*beginnings[:3], beginnings[-1], b"", b"\x00", CANARY.encode()):
            examine(raw)

    assert len(beginnings) > 20


def test_a_reason_of_no_list_is_noticed(monkeypatch):
    with aimed_at(SAID) as (examine, _):
        examine(b"\x00no event")
        monkeypatch.setattr(aimed, "REASONS", frozenset())
        with pytest.raises(AssertionError, match="a reason of no list"):
            examine(b"\x00no event")


def test_an_adapter_that_makes_nothing_of_a_file_and_says_nothing_is_noticed(monkeypatch):
    with aimed_at("schools.ctf") as (examine, beginnings):
        monkeypatch.setattr(files, "checked", lambda *_: iter(()))
        with pytest.raises(AssertionError, match="neither an event nor a finding"):
            examine(beginnings[0])
