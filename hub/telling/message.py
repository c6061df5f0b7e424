"""The words a person is told in: fixed for each kind, with a link and a reference, and nothing of a child."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from hub.domain.telling import TellingDecided
from hub.telling.settings import Kind

LONDON = ZoneInfo("Europe/London")

WORDS = {
    Kind.FLAG_RAISED: "Several agencies hold information that may be worth reading together.",
    Kind.FLAG_WAITS: "A flag has not been looked at in its time.",
    Kind.ITEM_DUE: "Something on your worklist is due.",
    Kind.ITEM_OVERDUE: "Something on your worklist is overdue.",
    Kind.GLASS_BROKEN: "The glass was broken: a record was opened in an emergency. It waits for your review.",
    Kind.GLASS_UNREVIEWED: "An emergency opening of a record has not been reviewed in its time.",
    Kind.GLASS_GIVEN: "The review of an emergency opening of a record was given to you.",
    Kind.ACCESS_ASKED: "Somebody asks to see a record. It waits for an answer.",
    Kind.ACCESS_UNANSWERED: "A request to see a record has not been answered in its time.",
    Kind.ACCESS_GRANTED: "A request of yours to see a record was granted.",
    Kind.MASH_ASKED: "Somebody asks the MASH about a child they work with. It waits for an answer.",
    Kind.MASH_UNANSWERED: "A question to the MASH has not been answered in its time.",
    Kind.MASH_ANSWERED: "A question of yours to the MASH was answered.",
    Kind.BAR_MET: "Somebody tried to come to a record that is barred to them. They were told there is none.",
}
END = (
    "This message holds nothing about any child. Sign in to read, and do not answer it.",
    "It asks you to look. It decides nothing.",
)


class Message(NamedTuple):
    """What is sent. `id` is the telling's: the receiver knows by it what came before."""

    id: UUID
    kind: Kind
    link: str
    due: datetime | None
    urgent: bool

    @property
    def reference(self) -> str:
        """What people quote to each other."""
        return self.id.hex[:8].upper()

    @property
    def subject(self) -> str:
        """One line."""
        return f"Safeguarding hub: {'now, ' if self.urgent else ''}something waits for you ({self.reference})"

    @property
    def text(self) -> str:
        """The whole message in plain words."""
        by = [f"Please look by {self.due.astimezone(LONDON):%a %d %b %Y %H:%M}."] if self.due else []
        now = ["It is urgent: look now, and speak to the front door by telephone."] if self.urgent else []
        lines = [WORDS[self.kind], *now, *by, "", self.link, f"Reference {self.reference}", "", *END]
        return "\n".join(lines) + "\n"


def message_of(id_: UUID, decided: TellingDecided, address: str) -> Message:
    """The message of a telling. Its link carries the reference, no child and no purpose."""
    return Message(id_, Kind(decided.kind), f"{address.rstrip('/')}/told/{id_}", decided.due, decided.urgent)
