"""To whom a record is barred there is none: they do nothing to it by a command, nor see it in a list."""

from collections.abc import Iterable
from uuid import UUID

from hub.commands.saying import child_named
from hub.compose import Hub
from hub.domain.by import By
from hub.records.roles import accounts_of
from hub.sharing.look import Reader
from hub.sharing.relationship import bar_of


def child_for(hub: Hub, by: By, named: str, question: str) -> UUID:
    """The child that somebody names to do something to its record.

    Raises UnknownChild, recorded with who asked what: for none, and alike where it is barred to them.
    """
    child = child_named(hub, named)
    with hub.share.noting(Reader(by, ""), question, child):
        bar = bar_of(hub.records.person(child), by, accounts_of(hub.records, by))
        if bar is not None:
            raise bar
    return child


def is_barred(hub: Hub, by: Iterable[By], records: Iterable[UUID]) -> bool:
    """Whether one of these records is barred to this person, in any of the roles they have."""
    everything = [hub.records.person(record) for record in records]
    each_of = [(each, accounts_of(hub.records, each)) for each in by]
    return any(bar_of(people, *each) is not None for people in everything for each in each_of)
