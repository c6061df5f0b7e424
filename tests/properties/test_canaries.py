"""Canaries: a word of its own in every field of every type, looked for wherever it must not be."""

import io
import logging
from datetime import UTC, datetime

import pytest
from hypothesis import Phase, find, settings
from pydantic import ValidationError

from hub.domain.child import By, allocate
from hub.errors import UnknownChild
from hub.sharing.look import Reader
from hub.sharing.policy import Situation, Tier
from hub.sharing.view import encode
from schemas.case_event import Withdrawal, field_marks
from schemas.catalogue import EVENT_TYPES, split
from schemas.scope import Scope
from tests.events import ANN
from tests.hubs import take_all
from tests.strategies import case_events

QUICK = settings(max_examples=1, phases=[Phase.generate], database=None, derandomize=True)
WHEN = datetime(2026, 10, 1, 12, tzinfo=UTC)


def planted():
    """One event of every type an agency may publish, and where each word was planted: word -> scope."""
    number = 0
    for cls in EVENT_TYPES:
        event = find(case_events(types=[cls]), lambda _: True, settings=QUICK)
        if event.type.startswith("protocol."):
            continue
        said = event.model_dump(exclude={"age", "date_of_birth"}, exclude_none=True)
        said |= {"occurred_at": WHEN, "ended_at": None, **ANN}
        words = {}
        for name in cls.model_fields:
            if name in ("type", "agency", "corrects", "completes", "withdraws", "identifiers"):
                continue
            number += 1
            word = f"zq{number:05d}qz"
            for value in (word, {"family": word, "given": "Ann"}, {"system": "x", "value": word}):
                try:
                    cls.model_validate({**said, name: value})
                except ValidationError:
                    continue
                said[name] = value
                words[name] = word
                break
        event = cls.model_validate({**said, "ongoing": False})
        yield event, words


PLANTED = list(planted())


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
    desk.publish(*(event for event, _ in PLANTED))
    (bad,) = desk.messages(PLANTED[0][0])
    desk.send(bad._replace(value=b"spoilt"))
    with desk.open(at=WHEN) as hub:
        tally = take_all(hub)
    logging.getLogger().removeHandler(handler)
    logging.getLogger().setLevel(before)
    assert (len(PLANTED), 1) == (tally.recorded, tally.held)
    return desk, log.getvalue()


def test_enough_was_planted():
    types = {event.type for event, _ in PLANTED}
    words = sum(len(words) for _, words in PLANTED)

    assert len(types) == len(PLANTED) > 50
    assert words > 600


@pytest.mark.slow
def test_no_word_is_found_in_any_file_of_the_data_folder_nor_in_a_log(sown):
    desk, log = sown
    files = [p for p in desk.settings.data.rglob("*") if p.is_file()]
    held = b"\0".join([p.read_bytes() for p in files] + [log.encode()])
    # The sender's system is a CloudEvents attribute (`source`): it names a product, nobody's child.
    found = [
        (e.type, name)
        for e, words in PLANTED
        for name, w in words.items()
        if name != "system" and w.encode() in held
    ]

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
                for event, words in PLANTED:
                    for name, word in words.items():
                        expected = readable(hub.policy, role, purpose, event, name)
                        assert expected == (word in text), (role, purpose, event.type, name)
                        shown += expected

    assert shown > 1000


def show(hub, reader, child):
    try:
        return encode(hub.share.chronology(reader, child)).decode()
    except UnknownChild:
        return ""


def readable(policy, role, purpose, event, name):
    """What the policy says, worked out from the marks and not from what was sealed."""

    def reads(scope):
        return policy.answer(Situation(role, purpose, scope, True)).tier is Tier.READ

    if isinstance(event, Withdrawal):  # never a line of its own
        return False
    scope = field_marks(type(event))[name].scope
    own = scope if isinstance(scope, Scope) else event.home_scope
    return reads(event.home_scope) and reads(own)


def test_the_split_puts_every_planted_word_in_one_envelope():
    for event, words in PLANTED:
        parts = split(event)
        where = [str(parts.open), *map(str, parts.by_scope.values())]
        for word in words.values():
            assert 1 == sum(word in part for part in where)
