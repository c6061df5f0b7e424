"""Why can I see this, and why can I not: the policy's own table, for the role that asks."""

from uuid import UUID

from fastapi import APIRouter, Response

from hub.web.asking import Question, asks
from hub.web.opened import Sitting, TheOpened, TheReader
from hub.web.pages.flags import head
from hub.web.signed_in import ThePages, TheWindow

router = APIRouter(include_in_schema=False)


@router.get("/children/{child}/access")
@asks(Question.NOTHING)
def access(
    window: TheWindow, pages: ThePages, child: UUID, reader: TheReader, sitting: Sitting, opened: TheOpened
) -> Response:
    """What the reader's role reads, may know of, and gets nothing of; and whom to ring about the rest."""
    policy = window.policy
    role = policy.roles[reader.by.role]
    tiers = [
        ("You read", sorted(role.reads)),
        ("You may know that it is there, and whom to ring", sorted(role.knows)),
        ("You get nothing of it, and are not told whether it is there", sorted(role.nothing)),
    ]
    return pages.page(
        "access.html",
        **head(opened, sitting, reader, child),
        tiers=[(says, [(scope.value, policy.scopes[scope]) for scope in scopes]) for says, scopes in tiers],
        basis=policy.purposes[reader.purpose],
        policy=policy.name,
        duty=policy.duty_to_share,
        coordinates=role.coordinates,
        months=policy.relationship.agency_months,
        grace=policy.relationship.grace_days,
        contacts=[(agency.value, contact) for agency, contact in policy.contacts.items()],
    )
