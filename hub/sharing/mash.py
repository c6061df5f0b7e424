"""Ask the MASH: the human remedy for what a reader may not know of (security.md 3.6).

To ask is the same act whether or not anything is hidden: nothing of the record is opened or counted.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from hub.domain.access import MashAnswered, MashAsked, Told, answer_of, answer_question, why_of
from hub.domain.access_desk import Brought, Settled, Waits
from hub.domain.calendar import add_working_days
from hub.domain.child import By
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.access_desk import ANSWERERS, DESK, Desk
from hub.sharing.access_view import Taken
from hub.sharing.deeds import sealed_reason
from hub.sharing.look import Reader
from hub.sharing.policy import Policy
from hub.sharing.share import NOTHING_SUPPOSED, Share
from hub.telling.matter import Matter, decided
from hub.telling.settings import Kind, TellingSettings

ANSWER_WORKING_DAYS = 1
"""The front door answers within so many days, as it decides on a referral (Working Together) [P]."""


class Mash:
    """Questions to the MASH, and their answers by a person. Words are sealed under the child's own keys."""

    def __init__(
        self,
        records: Records,
        policy: Callable[[], Policy],
        share: Share,
        desk: Desk,
        whom: TellingSettings,
        new_id: Callable[[], UUID],
    ) -> None:
        self._records, self._policy, self._share, self._desk = records, policy, share, desk
        self._whom, self._new_id = whom, new_id

    def ask(self, reader: Reader, child: UUID, words: str) -> Taken:
        """Ask about a child whom the reader may look at; the MASH is told in the same transaction.

        Raises NotAllowed, UnknownChild as `Share.chronology` does; Refused for no words, or too many.
        """
        view = self._share.meant(reader, child, NOTHING_SUPPOSED, "ask-the-mash")
        id_ = self._new_id()
        due = add_working_days(self._records.clock(), ANSWER_WORKING_DAYS)
        asked = MashAsked(
            question=id_,
            reader=reader.by,
            purpose=reader.purpose,
            answer_by=due,
            words=sealed_reason(self._records.keys, view.root, id_, reader.by, words),
        )
        brought = Brought(
            item=id_, what=Waits.QUESTION, child=view.root, who=reader.by, purpose=reader.purpose, due=due
        )
        coordinators = tuple(name for name, role in self._policy().roles.items() if role.coordinates)
        told = self._told(Kind.MASH_ASKED, id_, view.root, (*coordinators, *ANSWERERS), due)
        self._records.act(view.root, lambda _: [asked], told, {DESK: [brought]}, view.as_one)
        return Taken(id_, due)

    def answer(self, by: By, question: UUID, outcome: Told, words: str, reason: str) -> None:
        """Answer a question: `words` are for whoever asked, who is told that there are some.

        `outcome` and `reason` (how far it was shared and what for; or why telling would be more detrimental
        to the child) stand on the record for a second reader, and are never said to whoever asked.

        Raises NotAllowed; Refused for one's own, for one that was answered, or without words or reason;
        UnknownChild.
        """
        record = self._desk.held(by, question, Waits.QUESTION)
        keys = self._records.keys
        answered = MashAnswered(
            question=question,
            outcome=outcome,
            by=by,
            words=sealed_reason(keys, record.id, answer_of(question), by, words),
            reason=sealed_reason(keys, record.id, why_of(question), by, reason),
        )
        asker = record.access.questions[question].who
        told = self._told(Kind.MASH_ANSWERED, question, record.id, (asker.person,))
        mine = accounts_of(self._records, by)
        self._records.act(
            record.id,
            lambda c: answer_question(c.access, answered, mine),
            told,
            {DESK: [Settled(item=question)]},
        )

    def _told(
        self, kind: Kind, subject: UUID, child: UUID, to: tuple[str, ...], due: datetime | None = None
    ) -> Mapping[UUID, tuple[int, Sequence[Any]]]:
        return decided(Matter(kind, subject, "1", child, to, self._records.clock(), due), self._whom)
