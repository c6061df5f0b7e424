"""An export as a person reads it: in the order things happened, what is left out with why."""

import textwrap
from collections.abc import Iterator
from typing import Any

from hub.audit import prosecution
from hub.audit.subject_access import Export, GivenEntry
from hub.domain.calendar import LONDON
from hub.sharing.policy import Complaints
from hub.terminal import spelt_out

WIDTH = 100
MACHINES = frozenset(
    {"system", "source", "source_event_id", "basis", "incident", "referral", "type", "precision"}
)
"""What only a machine needs stands in the JSON, which goes with the document."""

Given = GivenEntry | prosecution.GivenEntry


def document(export: Export, complaints: Complaints | None) -> str:
    """The export as a text of its own, to be handed out beside its JSON.

    `complaints`: to whom they may complain, said at its end (UK GDPR art. 15(1)(f)); None: nobody is named.
    """
    as_at = export.as_at.astimezone(LONDON).strftime("%a %d %b %Y, %H:%M")
    head = [
        "WHAT THE SAFEGUARDING HUB HOLDS ABOUT YOU",
        "",
        *_wrapped(
            f"Asked for on {export.asked_on} by the {export.asker}; as it stood on {as_at}."
            f" {export.basis}. Where something is left out, it says so there, and why. {export.unsaid}."
            " Numbers and references that only machines need stand in the file record.json."
        ),
        "",
        *_wrapped(f"It was shown to: {'; '.join(export.recipients) or 'nobody'}."),
        "",
    ]
    reasons = [f"  {count:>4} times: {ground}" for ground, count in export.redactions.items()]
    foot = ["", "What was left out, and how often:", *(reasons or ["  nothing"]), ""]
    foot += _wrapped(
        "You may ask that what is wrong is put right, and that an entry is meanwhile used for nothing but to"
        " protect a child (UK GDPR arts 16, 18 and 21). Ask the agency that said it."
    )
    if complaints is not None:
        to = (complaints.controllers, complaints.data_protection_officer, complaints.regulator)
        foot += ["", *_wrapped(f"If you think that this is not right, you may complain to {'; '.join(to)}.")]
    return "\n".join([*head, *(line for given in export.entries for line in _entry(given)), *foot]) + "\n"


def to_court(export: prosecution.Export) -> str:
    """What a prosecutor or a court is handed out, as a text beside the JSON that the proofs are of."""
    as_at = export.as_at.astimezone(LONDON).strftime("%a %d %b %Y, %H:%M")
    of = f"of {', '.join(export.agencies)}" if export.agencies else "of all agencies"
    since, until = export.since or "the beginning", export.until or "the end"
    further = f"; by name also {', '.join(export.scopes)}" if export.scopes else ""
    head = [
        "FROM THE RECORD OF A SAFEGUARDING HUB",
        "",
        *_wrapped(f"Asked for by {export.asked_by}, reference {export.reference}, on: {export.basis}."),
        *_wrapped(f"Asked for: what is {of}, from {since} to {until}{further}. As it stood on {as_at}."),
        *_wrapped(
            "What counts is export.json, which proofs.json is of: check both with verify_ledger.py. Of what"
            " was not asked for, or is not for whoever asks, nothing stands here, nor that there is any."
        ),
        "",
    ]
    reasons = [f"  {count:>4} times: {ground}" for ground, count in export.redactions.items()]
    foot = ["", "What was left out of these entries, and how often:", *(reasons or ["  nothing"])]
    lines = []
    for place, given in enumerate(export.entries, 1):
        lines += [f"Entry {place}  {given.id}", *_entry(given)]
        marks = [] if given.signed else ["recorded in the hub: no agency signed it"]
        marks += ["somebody says that it is not right"] if given.disputed else []
        marks += {"completes": ["how an earlier one ended"], "withdraws": ["takes an earlier one back"]}.get(
            given.relation, []
        )
        lines[-1:] = [*_wrapped(f"[{'; '.join(marks)}]", "    "), ""] if marks else [""]
    return "\n".join([*head, *lines, *foot]) + "\n"


def says(given: Given) -> Iterator[tuple[str, str]]:
    """What an entry says, name by name, without what only a machine needs."""
    for name, value in given.says.items():
        if name not in MACHINES:
            yield name.replace("_", " "), _said(value)


def kind(given: Given) -> str:
    """What sort of entry it is, in words."""
    struck = "" if given.standing == "current" else f" ({given.standing})"
    return f"{given.type.split('.')[-2].replace('-', ' ')}{struck}"


def _entry(given: Given) -> Iterator[str]:
    on = given.happened.astimezone(LONDON).strftime("%a %d %b %Y")
    yield f"{on}  {given.agency.replace('-', ' ')}: {kind(given)}"
    for name, said in says(given):
        yield from _wrapped(f"{name}: {said}", "    ")
    if given.restricted:
        yield f"    [restricted: {given.restricted.replace('-', ' ')}]"
    for each in given.redacted:
        yield from _wrapped(f"[left out: {each.what.replace('-', ' ')} — {each.ground}]", "    ")
    yield ""


def _said(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{name.replace('_', ' ')} {_said(each)}" for name, each in value.items())
        case list():
            return "; ".join(map(_said, value))
    return str(value)


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        spelt_out(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "  " * bool(indent)
    )
