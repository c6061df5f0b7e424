"""The skeleton of a data protection impact assessment, with all that policy and agreements say filled in.

The headings are those of the ICO's template (from memory). What only the controllers can say is left to them,
and marked: this is where an assessment begins, and none by itself (UK GDPR art. 35).
"""

from collections.abc import Iterable, Iterator

from hub.sharing.policy import Policy
from schemas.scope import Scope

OURS = "*To be written by the controllers, with their data protection officers.*"


def assessment(policy: Policy) -> Iterator[str]:
    """Its lines, as Markdown."""
    days = policy.validity
    yield "# Data protection impact assessment: the safeguarding hub"
    yield ""
    yield f"Drawn from policy {policy.name}, in force from {days.since} to {days.until}."
    yield f"Approved by {days.approved_by}."
    yield from _heading("1. Why an assessment is needed", OURS)
    yield from _heading("2. What is done with the data")
    yield "Agencies' entries are put together in one chronology for each child, sealed by scope."
    yield from _rows(("scope", "what it holds"), ((s.value, policy.scopes[s]) for s in Scope))
    yield from _heading("3. Who answers for it", f"Each agency is the controller of what it says. {OURS}")
    yield from _controllers(policy)
    yield from _heading("4. Who was asked", OURS)
    yield from _heading("5. For which purposes, and on what basis")
    unsaid = "not read" if policy.restriction else "read: the policy says nothing of it"
    documents = (
        (name, basis, _document(policy, name), policy.restriction.get(name, unsaid))
        for name, basis in policy.purposes.items()
    )
    yield from _rows(("purpose", "basis", "policy document", "what is restricted (art. 18(2))"), documents)
    yield from _closed(policy)
    yield from _heading("6. Who may see what: need and proportion")
    yield "R: may read. K: may know that there is something, and whom to ask. Of children they work with."
    yield from _who_may(policy)
    yield from _exceptions(policy)
    yield from _heading("7. Risks to the children and to others", OURS)
    yield from _heading(
        "8. What is done against them", "What is promised, with the test of each promise: docs/security.md."
    )
    yield from _heading("9. Who signs, and when it is looked at again", OURS)


def _heading(title: str, *words: str) -> Iterator[str]:
    yield from ("", f"## {title}", "", *words)


def _controllers(policy: Policy) -> Iterator[str]:
    contacts = ((agency.value, contact) for agency, contact in policy.contacts.items())
    yield from _rows(("agency", "who answers questions, corrections and requests"), contacts)
    agreements = (
        (
            a.name,
            ", ".join(p.name for p in a.parties),
            ", ".join(sorted(a.purposes)),
            f"{a.start_date} to {a.end_date}",
        )
        for a in policy.agreements
    )
    yield from _rows(("agreement", "parties", "purposes", "holds"), agreements)


def _closed(policy: Policy) -> Iterator[str]:
    yield ""
    if policy.archive is None:
        yield f"How a closed case narrows is not said. {OURS}"
        return
    for step in policy.archive.steps:
        own = ", and each agency's own words for any other" if step.own_words else ""
        read = ", ".join(sorted(step.purposes))
        yield f"{step.days} days after a case is closed it is read for {read} alone{own}."


def _document(policy: Policy, purpose: str) -> str:
    none = policy.no_policy_document.get(purpose)
    return str(policy.document(purpose) or (f"None is needed: {none}" if none else OURS))


def _who_may(policy: Policy) -> Iterator[str]:
    letters = {"read": "R", "knows": "K", "nothing": ""}
    rows = (
        (f"{name} ({role.agency})", ", ".join(sorted(role.purposes)), *(letters[role.tier(s)] for s in Scope))
        for name, role in policy.roles.items()
    )
    yield from _rows(("role", "purposes", *(s.value for s in Scope)), rows)


def _exceptions(policy: Policy) -> Iterator[str]:
    glass = policy.break_glass
    opens = ", ".join(sorted(scope.value for scope in glass.opens))
    yield ""
    yield (
        f"In an emergency {', '.join(sorted(glass.roles))} may look without working with the child, for "
        f"{glass.hours} hours, with a reason of at least {glass.reason_length} characters: {opens}. "
        f"A guardian is told at once and looks at why within {glass.review_working_days} working days."
    )


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in row)} |"
