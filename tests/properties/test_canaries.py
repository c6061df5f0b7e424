"""Canaries: a word of its own in every field of every type, looked for wherever it must not be."""

import io
import logging

import pytest

from hub.domain.child import By, ProcessingRestricted, RestrictionGround, RestrictionLifted, allocate
from hub.domain.entry import Envelope
from hub.errors import UnknownChild
from hub.sharing.look import FOUND_BY, Reader
from hub.sharing.view import encode
from schemas.catalogue import split
from tests.canaries import WHEN, canaries, readable
from tests.hubs import take_all


@pytest.fixture(scope="module")
def sown(tmp_path_factory):
    """A hub that took every planted event in, and what was logged meanwhile."""
    from tests.hubs import Desk

    desk = Desk(tmp_path_factory.mktemp("canaries") / "data")
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    before = logging.getLogger().level
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    desk.publish(*(event for event, _ in canaries()))
    (bad,) = desk.messages(canaries()[0][0])
    desk.send(bad._replace(value=b"spoilt"))
    with desk.open(at=WHEN) as hub:
        tally = take_all(hub)
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(before)
    assert (len(canaries()), 1) == (tally.recorded, tally.held)
    return desk, log.getvalue()


def test_enough_was_planted():
    types = {event.type for event, _ in canaries()}
    words = sum(len(words) for _, words in canaries())

    assert len(types) == len(canaries()) > 50
    assert words > 600


@pytest.mark.slow
def test_no_word_is_found_in_any_file_of_the_data_folder_nor_in_a_log(sown, counted):
    desk, log = sown
    files = [p for p in desk.settings.data.rglob("*") if p.is_file()]
    held = b"\0".join([p.read_bytes() for p in files] + [log.encode()])
    # The sender's system is a CloudEvents attribute (`source`): it names a product, nobody's child.
    found = [
        (e.type, name)
        for e, words in canaries()
        for name, w in words.items()
        if name != "system" and w.encode() in held
    ]

    counted(5, "files searched, and the log: bytes", len(held))
    assert len(files) >= 8
    assert [] == found
    assert b"9449305552" not in held
    assert b"Marsh" not in held


@pytest.mark.slow
def test_each_role_is_shown_the_words_of_its_scopes_and_no_others(sown):
    desk, _ = sown
    shown = 0
    with desk.open(at=WHEN) as hub:
        child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        for role, row in hub.policy.roles.items():
            reader = By(f"p-{role}", role, row.agency.value)
            hub.records.act(child, lambda c, reader=reader: allocate(c, reader, None, reader))
            for purpose in row.purposes:
                text = show(hub, Reader(reader, purpose), child)
                for event, words in canaries():
                    for name, word in words.items():
                        expected = readable(hub.policy, role, purpose, event, name)
                        assert expected == (word in text), (role, purpose, event.type, name)
                        shown += expected

    assert shown > 1000


@pytest.mark.slow
def test_of_what_is_restricted_no_word_is_shown_for_a_purpose_that_does_not_read_it(sown):
    desk, _ = sown
    with desk.open(at=WHEN) as hub:
        child = max(hub.records.children(), key=lambda c: len(hub.records.child(c).entries))
        by, reason = By("p-named-doctor", "named-doctor", "health"), Envelope("health", b"")
        hub.records.act(child, lambda c: allocate(c, by, None, by))
        open_ = found(show(hub, Reader(by, "direct-care"), child))
        entries = list(hub.records.child(child).entries)
        ground, since = RestrictionGround.UNLAWFUL, hub.clock()
        hub.records.append(child, [ProcessingRestricted(e, ground, since, by, reason) for e in entries])
        named, read = (
            found(show(hub, Reader(by, purpose), child)) for purpose in ("direct-care", "section-47")
        )
        hub.records.append(child, [RestrictionLifted(e, by, reason, reason) for e in entries])

    assert len(open_) > 20
    assert set() == named
    assert len(read) > 20


def found(text):
    """The planted words in a text, but those by which a child is found."""
    return {w for _, words in canaries() for name, w in words.items() if w in text and name not in FOUND_BY}


def show(hub, reader, child):
    try:
        return encode(hub.share.chronology(reader, child)).decode()
    except UnknownChild:
        return ""


def test_the_split_puts_every_planted_word_in_one_envelope():
    for event, words in canaries():
        parts = split(event)
        where = [str(parts.open), *map(str, parts.by_scope.values())]
        for word in words.values():
            assert 1 == sum(word in part for part in where)
