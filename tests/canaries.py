"""Canaries: one event of every type an agency may publish, and a word of its own in every field of it."""

import re
from datetime import UTC, datetime
from functools import cache

from hypothesis import Phase, given, settings
from pydantic import ValidationError

from hub.sharing.policy import Situation, Tier
from schemas.case_event import Withdrawal, field_marks, types_of
from schemas.catalogue import EVENT_TYPES
from schemas.scope import Scope
from tests.events import ANN
from tests.strategies import case_events

QUICK = settings(max_examples=1, phases=[Phase.generate], database=None, derandomize=True)
WHEN = datetime(2026, 10, 1, 12, tzinfo=UTC)
WORD = re.compile(r"zq\d{5}qz")
NEVER_OF_A_CHILD = ("type", "agency", "corrects", "completes", "withdraws", "identifiers")


def planted(who=ANN, types=EVENT_TYPES, after=0):
    """One event of each type, and where each word was planted: name of the field -> word."""
    number = after
    for cls in types:
        if all(type_.startswith("protocol.") for type_ in types_of(cls)):
            continue
        event = simplest(cls)
        said = event.model_dump(exclude={"age", "date_of_birth"}, exclude_none=True)
        said |= {"occurred_at": WHEN, "ended_at": None, **who}
        words = {}
        for name in cls.model_fields:
            if name in NEVER_OF_A_CHILD:
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


def simplest(cls):
    """The simplest event of a type. Drawn once: `find` would draw it seven times."""
    drawn = []

    @QUICK
    @given(case_events(types=[cls]))
    def draw(event):
        drawn.append(event)

    draw()
    return drawn[0]


@cache
def canaries():
    """One of every type, for Ann: made when first asked for, in seconds."""
    return list(planted())


def readable(policy, role, purpose, event, name, *, related=True):
    """What the policy says, worked out from the marks and not from what was sealed."""

    def reads(scope):
        return policy.answer(Situation(role, purpose, scope, related)).tier is Tier.READ

    if isinstance(event, Withdrawal):  # never a line of its own
        return False
    return reads(event.home_scope) and reads(_scope_of(event, name))


def readable_words(policy, role, purpose, of, *, related=True):
    """Every word that a role may read for a purpose."""
    reads = {
        scope for scope in Scope if policy.answer(Situation(role, purpose, scope, related)).tier is Tier.READ
    }
    return {
        word
        for event, words in of
        for name, word in words.items()
        if not isinstance(event, Withdrawal) and {event.home_scope, _scope_of(event, name)} <= reads
    }


def _scope_of(event, name):
    scope = field_marks(type(event))[name].scope
    return scope if isinstance(scope, Scope) else event.home_scope
