"""What may be one incident, and what people said of it, as one coordinator may see it (patterns.md 3.1)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hub.confidentiality.keys import KeyRing
from hub.domain.child import By, Child, OneIncident, TwoIncidents
from hub.domain.timeline import Fact
from hub.patterns.firing import Piece, piece
from hub.patterns.proposed import Proposal, proposal_id, proposed
from hub.patterns.settings import Settings
from hub.sharing.look import Look
from hub.sharing.policy import Tier
from hub.sharing.reasons import opened_reason
from hub.sharing.view import Withheld
from schemas.vocabulary import Agency


class SharedProposal(msgspec.Struct, frozen=True, omit_defaults=True):
    """Entries that may tell of one incident: a question to a person, who says whether they do.

    `entries` are those this reader may read; `withheld` names agencies that hold others, and whom to ring:
    the entry's id is said, so that it can be told apart from the rest.
    """

    id: UUID
    entries: tuple[Piece, ...]
    withheld: tuple["Kept", ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """An entry of a proposal that this reader only knows of."""

    entry: UUID
    held: Withheld


class SaidOfIncidents(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a named person said: `entries` are one incident, or another than `others`; with their reason."""

    at: datetime
    what: str
    by: By
    entries: tuple[Piece, ...]
    others: tuple[Piece, ...] = ()
    reason: str = ""


class SharedIncidents(msgspec.Struct, frozen=True):
    """What is open, and what was said; until it is said, rules count what may be one incident as one."""

    open: tuple[SharedProposal, ...]
    said: tuple[SaidOfIncidents, ...]


def seen_of(facts: Iterable[Fact], view: Look) -> list[Fact]:
    """Of the entries a proposal may rest on, those this reader reads or may know of; of the rest nothing.

    Taken away before anything is proposed: afterwards, what is hidden would shine through.
    """
    sights = ((fact, *view.sight(str(fact.entry))) for fact in facts)
    return [
        fact
        for fact, tier, restricted in sights
        if tier is Tier.READ or (tier is Tier.KNOWS and not restricted)
    ]


def open_proposals(view: Look, facts: Sequence[Fact], settings: Settings) -> list[Proposal]:
    """What is proposed of these entries."""
    return proposed(view.root, facts, settings.counting)


def shared_incidents(view: Look, facts: Sequence[Fact], settings: Settings, keys: KeyRing) -> SharedIncidents:
    """All of it, as this reader may see it."""
    by_id = {fact.entry: fact for fact in facts}
    said = [one for child in view.people for one in _said(child, by_id, view, keys)]
    return SharedIncidents(
        tuple(_shown(proposal, view) for proposal in open_proposals(view, facts, settings)),
        tuple(sorted(said, key=lambda one: one.at)),
    )


def _shown(proposal: Proposal, view: Look) -> SharedProposal:
    read = [fact for fact in proposal.facts if _read(fact, view)]
    kept = [fact for fact in proposal.facts if not _read(fact, view)]
    contacts = view.policy.contacts
    return SharedProposal(
        proposal.id,
        tuple(map(piece, read)),
        tuple(Kept(f.entry, Withheld("entry", f.family, contacts[Agency(f.family)])) for f in kept),
    )


def _read(fact: Fact, view: Look) -> bool:
    return view.sight(str(fact.entry))[0] is Tier.READ


def _said(child: Child, facts: dict[UUID, Fact], view: Look, keys: KeyRing) -> Iterator[SaidOfIncidents]:
    """What was said of entries that this reader reads, all of them, and that stand."""
    for at, act in child.incidents:
        others = act.others if isinstance(act, TwoIncidents) else ()
        if not all(entry in facts and _read(facts[entry], view) for entry in (*act.entries, *others)):
            continue
        reason = ""
        if act.reason is not None and view.reads_why(act.by, act.reason):
            about = proposal_id(child.id, (*act.entries, *others))
            reason = opened_reason(keys, child.id, about, act.reason)
        yield SaidOfIncidents(
            at,
            "one-incident" if isinstance(act, OneIncident) else "two-incidents",
            act.by,
            tuple(piece(facts[entry]) for entry in act.entries),
            tuple(piece(facts[entry]) for entry in others),
            reason,
        )
