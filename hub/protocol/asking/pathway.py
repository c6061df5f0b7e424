"""The pathway itself (guidance L88, L140, L150): opened by people, and closed with what follows."""

from hub.protocol.command import Asked, Need, command
from schemas import protocol

COMMANDS = (
    command(
        "open-pathway",
        protocol.PathwayOpened,
        "enquiry",
        "L88, L150",
        "Open the procedures for this child",
        "Whatever an agency's system said: a child who moves in, leaves custody, or may be involved.",
        opened_for="Why",
        grounds="On what grounds",
    ),
    command(
        "close-pathway",
        protocol.PathwayClosed,
        "enquiry",
        "L140",
        "Close the pathway of this child",
        "With what follows and who does it: there is never no action. New behaviour opens it again.",
        Need("R105", ("decided_by", "next_step", "next_step_owner")),
        outcome="What follows",
        decided_by=Asked("Decided by", line=True),
        next_step="The next step",
        next_step_owner=Asked("Who does it", line=True),
        reason="Why universal services are enough",
    ),
)
