"""Stories for the protocol: the patterns' drawn tables, with references, pack, and the other children."""

import re
from dataclasses import replace

from hub.domain.timeline import Facts, Timeline
from hub.protocol.obligation import Situation
from hub.protocol.packs import load
from hub.protocol.pathway import pathway
from tests.patterns.story import hashed, story

PACK = load()
REFERENCES = re.compile(r"\s(action|worker|meeting|request|referral):(\w+)")


def situation(text, now=None, **linked):
    told = _told(text)
    timeline = told.timeline if now is None else told.at(now).timeline
    return Situation(timeline, PACK, {hashed(n): _told(t).timeline.facts for n, t in linked.items()})


def dues(row, text, now=None, **linked):
    """What a row asks in a story, as (state, what is asked)."""
    found = judged(text, now, **linked)
    return [(d.state.value, d.asks) for d in found if d.obligation == row]


def states(row, text, now=None, **linked):
    return sorted(state for state, _ in dues(row, text, now, **linked))


def due(row, text, now=None, **linked):
    (found,) = [d for d in judged(text, now, **linked) if d.obligation == row]
    return found


def judged(text, now=None, **linked):
    """Everything the rows ask in a story, on worklist and checklists."""
    found = pathway(situation(text, now, **linked))
    return (*found.dues, *found.listed)


def _told(text):
    """`worker:w1` in a line is a reference; rules see a keyed hash of it."""
    lines = [line for line in map(str.strip, text.splitlines()) if line.startswith("day")]
    named = [dict(REFERENCES.findall(line)) for line in lines]
    told = story(REFERENCES.sub("", text))
    known = []
    for one, references in zip(told.known, named, strict=True):
        hashes = {name: hashed(value) for name, value in references.items()}
        known.append(one._replace(fact=replace(one.fact, signals={**one.fact.signals, **hashes})))
    return replace(told, known=tuple(known))


__all__ = ["Facts", "Timeline", "due", "dues", "judged", "situation", "states"]
