"""Who comes near a record, at the command line: broken glass and its review, requests, what is closed."""

from typing import Annotated
from uuid import UUID

import typer

from hub.commands.acting import acting_as, person_named
from hub.commands.reading import As, Child, Purpose, reader_of
from hub.commands.saying import AsJson, child_named, one_named, opened, say, say_each, say_json, uuid_of, when
from hub.compose import Hub
from hub.domain.access import Closing, Interest, Told
from hub.domain.access_desk import Waits
from hub.domain.child import By
from hub.domain.strand import Opens
from hub.errors import UnknownChild
from hub.sharing.access_view import AccessWaiting, Brief, Closed, Mine
from hub.sharing.look import Reader
from schemas.vocabulary import Agency

GUARDIAN, LEAD, AUDIT = "caldicott-guardian", "information-governance-lead", "audit"

access = typer.Typer(
    help="Who comes near a record: break the glass and review it, ask and answer, seal, shield, bar, "
    "decide not to share.",
    no_args_is_help=True,
)
Reason = Annotated[str, typer.Option("--reason", help="Why, in your own words; kept under the child's key.")]
Strand = Annotated[
    Opens,
    typer.Option("--strand", help="Which of the child's strands: one, both, or what is of neither alone."),
]
Item = Annotated[str, typer.Argument(help="Its id, or the first eight characters of it.")]
AsGuardian = Annotated[str, typer.Option("--as", help="The role you act in.")]
ForWhat = Annotated[str, typer.Option("--purpose", help="Why you look.")]
Settled = Annotated[bool, typer.Option("--all", help="Also what was settled.")]
Named = Annotated[
    list[str] | None, typer.Option("--named", help="PERSON:ROLE who may still see it; may be repeated.")
]
Entries = Annotated[
    list[str] | None, typer.Option("--entry", help="Only this entry; may be repeated. Without: all of it.")
]


@access.command("break-glass")
def break_glass(
    context: typer.Context, child: Child, as_: As, purpose: Purpose, strand: Strand, reason: Reason
) -> None:
    """Open a record for some hours when a child is in danger and you have no relationship with them.

    The guardian of the child's lead agency is told at once, and a second person looks at why. It opens no
    sealed record, and none of the classes the policy leaves closed.
    """
    with opened(context) as hub:
        reader_of(hub, as_, purpose)
        reader = Reader(acting_as(hub, as_, fresh=True), purpose)
        done = hub.gates.break_glass(reader, child_named(hub, child), reason, strand)
    say(f"open until {when(done.until)}: child {done.child}, breaking {done.glass}")
    say(f"told, to look at why by {when(done.review_by)}: {', '.join(done.guardians)}")


@access.command()
def reviews(
    context: typer.Context, as_: AsGuardian = GUARDIAN, settled: Settled = False, json: AsJson = False
) -> None:
    """List the breakings of the glass that wait for a second person, overdue first."""
    _list(context, Waits.REVIEW, as_, settled=settled, json=json)


@access.command()
def requests(
    context: typer.Context, as_: AsGuardian = LEAD, settled: Settled = False, json: AsJson = False
) -> None:
    """List the requests to see a record that wait for an answer, overdue first."""
    _list(context, Waits.REQUEST, as_, settled=settled, json=json)


@access.command()
def show(
    context: typer.Context,
    item: Item,
    as_: AsGuardian = LEAD,
    purpose: ForWhat = AUDIT,
    json: AsJson = False,
) -> None:
    """Show the reason of a breaking or a request, and what was seen under the glass. Recorded first."""
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        brief = hub.gates.desk.brief(reader, _item(hub, reader.by, item))
    if json:
        say_json(brief)
        return
    for line in _brief_lines(brief):
        say(line)


@access.command("give-review")
def give_review(
    context: typer.Context,
    breaking: Item,
    to: Annotated[str, typer.Option("--to", help="PERSON:ROLE who reviews it.")],
    as_: AsGuardian = GUARDIAN,
) -> None:
    """Give a review to a named person, who is told. From then on it is theirs."""
    with opened(context) as hub:
        by = acting_as(hub, as_)
        glass = _item(hub, by, breaking)
        hub.gates.give_review(by, glass, person_named(hub, to))
    say(f"given: the review of {glass}")


@access.command()
def review(
    context: typer.Context,
    breaking: Item,
    reason: Reason,
    justified: Annotated[
        bool, typer.Option("--justified/--not-justified", help="Whether the glass should have been broken.")
    ],
    as_: AsGuardian = GUARDIAN,
) -> None:
    """Review a breaking of the glass, as its second person. One that was not justified closes at once."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        glass = _item(hub, by, breaking)
        hub.gates.review(by, glass, reason, justified=justified)
    say(f"reviewed: {glass}: {'justified' if justified else 'not justified; it opens nothing any more'}")


@access.command()
def ask(
    context: typer.Context, child: Child, as_: As, purpose: Purpose, strand: Strand, reason: Reason
) -> None:
    """Ask to see a record you have no relationship with. Whether there is one is not said."""
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        taken = hub.gates.ask(reader, _sought(hub, child), reason, strand)
    say(f"asked: request {taken.request}; you see what came of it by {when(taken.answer_by)}")


@access.command()
def answer(
    context: typer.Context,
    request: Item,
    reason: Reason,
    days: Annotated[int | None, typer.Option("--days", help="Grant it for so many days.")] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not grant it.")] = False,
    as_: AsGuardian = LEAD,
) -> None:
    """Grant a request for some days, or refuse it."""
    if (days is None) is not refuse:
        raise typer.BadParameter("say --days DAYS or --refuse: one of them")
    with opened(context) as hub:
        by = acting_as(hub, as_)
        id_ = _item(hub, by, request)
        hub.gates.answer(by, id_, reason, days)
    say(f"{'refused' if refuse else f'granted for {days} days'}: request {id_}")


@access.command("ask-the-mash")
def ask_the_mash(
    context: typer.Context,
    child: Child,
    as_: As,
    purpose: Purpose,
    words: Annotated[str, typer.Option("--words", help="What you must know, and why; kept sealed.")],
) -> None:
    """Ask the MASH whether there is more on a child you work with. A person answers."""
    with opened(context) as hub:
        reader = reader_of(hub, as_, purpose)
        taken = hub.gates.mash.ask(reader, child_named(hub, child), words)
    say(f"asked: question {taken.request}; a person answers by {when(taken.answer_by)}")


@access.command()
def questions(
    context: typer.Context, as_: AsGuardian = LEAD, settled: Settled = False, json: AsJson = False
) -> None:
    """List the questions to the MASH that wait for an answer, overdue first."""
    _list(context, Waits.QUESTION, as_, settled=settled, json=json)


@access.command()
def tell(
    context: typer.Context,
    question: Item,
    outcome: Annotated[Told, typer.Option("--outcome", help="What you decided; never said to who asked.")],
    words: Annotated[str, typer.Option("--words", help="What you tell whoever asked.")],
    reason: Annotated[
        str, typer.Option("--reason", help="How far and what for, or why not; never said to who asked.")
    ],
    as_: AsGuardian = LEAD,
) -> None:
    """Answer a question to the MASH: words for whoever asked, a decision and its reason for the record."""
    with opened(context) as hub:
        by = acting_as(hub, as_)
        id_ = _item(hub, by, question)
        hub.gates.mash.answer(by, id_, outcome, words, reason)
    say(f"answered: question {id_}")


@access.command()
def told(context: typer.Context, question: Item, as_: As, json: AsJson = False) -> None:
    """Show your own question to the MASH, and what you were told. Recorded first."""
    with opened(context) as hub:
        by = acting_as(hub, as_)
        own = [one.item for one in hub.gates.desk.mine(by) if str(one.item).startswith(question)]
        if len(own) != 1:
            raise UnknownChild
        found = hub.gates.desk.told(by, own[0])
    if json:
        say_json(found)
        return
    say(f"you asked on {when(found.at)}: {found.question}")
    if found.answered_by is None:
        say(f"a person answers by {when(found.due)}")
    else:
        say(f"answered by {_who(found.answered_by)}: {found.answer}")


@access.command()
def mine(context: typer.Context, as_: As, json: AsJson = False) -> None:
    """List your own breakings of the glass and requests, and how they stand."""
    with opened(context) as hub:
        found = hub.gates.desk.mine(acting_as(hub, as_))
    say_each(found, lambda one: [_mine_line(one)], "nothing", json=json)


@access.command()
def seal(
    context: typer.Context,
    child: Child,
    named: Named,
    reason: Reason,
    entry: Entries = None,
    as_: AsGuardian = LEAD,
) -> None:
    """Seal a record, or entries of it, to everybody but those named. No glass opens a seal."""
    _close(context, child, Closing.SEALED, reason, as_, named=named, entry=entry)


@access.command()
def shield(
    context: typer.Context, child: Child, reason: Reason, named: Named = None, as_: AsGuardian = LEAD
) -> None:
    """Shield where a child lives from everybody but those named."""
    _close(context, child, Closing.ADDRESS, reason, as_, named=named)


@access.command()
def bar(
    context: typer.Context,
    child: Child,
    person: Annotated[str, typer.Option("--person", help="PERSON:ROLE from whom the record is barred.")],
    interest: Annotated[Interest, typer.Option("--interest", help="Why they may not see it.")],
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Bar a person from a record: their own, a relative's, or one they have another interest in."""
    _close(context, child, Closing.BARRED, reason, as_, named=[person], interest=interest)


@access.command("not-share")
def not_share(
    context: typer.Context,
    child: Child,
    agency: Annotated[Agency, typer.Option("--agency", help="With which agency it is not shared.")],
    reason: Reason,
    entry: Entries = None,
    as_: AsGuardian = LEAD,
) -> None:
    """Record the decision not to share: more detrimental to the child (Children Act 2004 s.16LA(3))."""
    _close(context, child, Closing.NOT_SHARED, reason, as_, agency=agency.value, entry=entry)


@access.command()
def lift(
    context: typer.Context,
    child: Child,
    restriction: Annotated[str, typer.Argument(help="Its id: see 'hub access restrictions CHILD'.")],
    reason: Reason,
    as_: AsGuardian = LEAD,
) -> None:
    """Lift a seal, a shield, a bar, or a decision not to share."""
    with opened(context) as hub:
        by = acting_as(hub, as_, fresh=True)
        hub.gates.reopen(by, child_named(hub, child), uuid_of(restriction), reason)
    say(f"lifted: {restriction}")


@access.command()
def restrictions(
    context: typer.Context,
    child: Child,
    as_: AsGuardian = LEAD,
    purpose: ForWhat = AUDIT,
    json: AsJson = False,
) -> None:
    """List what of a record is closed, to whom and why. Recorded first."""
    with opened(context) as hub:
        found = hub.gates.desk.restrictions(reader_of(hub, as_, purpose), child_named(hub, child))
    say_each(found, lambda one: [_closed_line(one), f"    {one.reason}"], "nothing is closed", json=json)


# ------------------------------------------------------------


def _list(context: typer.Context, what: Waits, role: str, *, settled: bool, json: bool) -> None:
    with opened(context) as hub:
        found = hub.gates.desk.waiting(acting_as(hub, role), what, settled=settled)
    say_each(found, lambda one: [_waiting_line(one)], "nothing waits", json=json)


def _close(
    context: typer.Context,
    child: str,
    what: Closing,
    reason: str,
    role: str,
    *,
    named: list[str] | None = None,
    entry: list[str] | None = None,
    agency: str = "",
    interest: Interest | None = None,
) -> None:
    with opened(context) as hub:
        id_ = hub.gates.close(
            acting_as(hub, role),
            child_named(hub, child),
            what,
            reason,
            named=[person_named(hub, each) for each in named or ()],
            agency=agency,
            entries=[uuid_of(each) for each in entry or ()],
            interest=interest,
        )
    say(f"{what.value}: restriction {id_}")


def _item(hub: Hub, by: By, named: str) -> UUID:
    """The one of an id, or of the beginning of one, that this person may see. Raises UnknownChild."""
    known = [w.item for what in Waits for w in _seen(hub, by, what)]
    return one_named(
        named, known, UnknownChild("nothing under this id"), "more than one begins so; give more of it"
    )


def _seen(hub: Hub, by: By, what: Waits) -> list[AccessWaiting]:
    return hub.gates.desk.waiting(by, what, settled=True) if hub.gates.desk.sees(by, what) else []


def _sought(hub: Hub, child: str) -> UUID:
    """Whom they mean; where there is no such record, an id of nobody's, which is taken alike."""
    try:
        return child_named(hub, child)
    except UnknownChild:
        return UUID(int=0)


def _who(by: By) -> str:
    return f"{by.person} ({by.role}, {by.agency})"


def _waiting_line(one: AccessWaiting) -> str:
    line = f"{one.item}  child {one.child.hex[:8]}  {when(one.at)}  {_who(one.who)} for {one.purpose}"
    if one.settled_by is not None:
        return f"{line}: {one.outcome} by {_who(one.settled_by)}"
    theirs = f", given to {_who(one.reviewer)}" if one.reviewer else ""
    return f"{line}: {'OVERDUE since' if one.overdue else 'due'} {when(one.due)}{theirs}"


def _brief_lines(brief: Brief) -> list[str]:
    seen = [f"    {when(s.at)}  {s.question}: {', '.join(s.scopes)}" for s in brief.seen]
    opens = [f"    strand: {brief.waiting.opens}"] if brief.waiting.opens else []
    told = [f"    told: {brief.answer}", f"    kept: {brief.kept}"] if brief.answer else []
    return [_waiting_line(brief.waiting), *opens, f"    reason: {brief.reason}", *seen, *told]


def _mine_line(one: Mine) -> str:
    until = f" until {when(one.until)}" if one.until else ""
    of = f"  child {one.child}" if one.child else ""
    return f"{one.item}  {when(one.at)}  {one.what} for {one.purpose}: {one.state}{until}{of}"


def _closed_line(one: Closed) -> str:
    to = ", ".join(map(_who, one.named)) or one.agency or "everybody"
    part = f"{len(one.entries)} entries" if one.entries else "the whole"
    return f"{one.restriction}  {one.what} ({part}): {to}; since {when(one.at)}, by {_who(one.by)}"
