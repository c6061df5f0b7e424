"""Deliveries that were altered on the way: headers, key, value, session token, topic."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from adapters import seal
from schemas import wire
from schemas.case_event import CaseEvent
from schemas.sealing import message_aad, session_info, session_statement, session_token
from schemas.vocabulary import Agency
from schemas.vouching import batch_statement, node_of, pack_batch, statement, with_voucher
from schemas.wire import Message
from tests.hostile.mutations import DATES, VALUES
from tests.hubs import Desk

SECRET = bytes(32)
ANY = ""
"""Recorded, resent or held: nobody can say which."""
HELD = "held"
"""Held, for whatever reason."""


class Case(NamedTuple):
    """One sound event of a desk, about to be spoilt."""

    desk: Desk
    event: CaseEvent
    r: Random
    canary: str

    @property
    def sound(self) -> Message:
        (message,) = self.desk.messages(self.event)
        return message

    @property
    def other(self) -> Agency:
        return self.r.choice([agency for agency in Agency if agency != self.event.agency])

    def sealed(self, body: bytes, **headers: bytes) -> Message:
        """A body that the agency itself sealed, under these headers."""
        said = statement(self.event.agency, body, SECRET)
        return self.enclosed(with_voucher(said, self.signed(said.leaf), 0, b""), **headers)

    def enclosed(self, body: bytes, **headers: bytes) -> Message:
        """Any bytes, sealed in the agency's own session, under these headers."""
        first = dict(self.sound.headers) | {name: value for name, value in headers.items() if value}
        aad = message_aad(self.sound.topic, self.sound.key, wire.sealed_attributes(first))
        sealed = self.desk._outgoing(self.event.agency).session.seal(aad, body)
        return self.sound._replace(headers=tuple(first.items()), value=sealed)

    def signed(self, root: bytes, by: Agency | None = None, size: int = 1, **changed: object) -> bytes:
        """A root that the agency signed, or another did, or that something is wrong with."""
        keys = self.desk.agencies[by or self.event.agency]
        hub = seal.load_hub_key(self.desk.settings.hub_public_key)
        said = {"agency": keys.agency, "key_id": keys.key_id, "audience": hub.kid}
        said |= {"at": int(datetime.now(UTC).timestamp()), "size": size, "root": root} | changed
        signature = said.pop("signature", None) or keys.signing.sign(batch_statement(**said))
        return pack_batch(**said, signature=signature)

    def word(self) -> bytes:
        return self.r.choice([*VALUES, *DATES]) + (self.canary.encode() if self.r.random() < 0.5 else b"")


Kind = Callable[[Case], tuple[Message, str]]
COVERED = (wire.SPECVERSION, wire.ID, wire.SOURCE, wire.TIME, wire.CONTENT_TYPE, wire.PARTITION_KEY)


def _header_gone(case: Case) -> tuple[Message, str]:
    name = case.r.choice([*COVERED, wire.TYPE, wire.SESSION_TOKEN])
    must = "not-a-cloudevent" if name in (wire.TYPE, wire.SESSION_TOKEN) else "damaged"
    return case.sound._replace(headers=tuple(h for h in case.sound.headers if h[0] != name)), must


def _no_headers(case: Case) -> tuple[Message, str]:
    return case.sound._replace(headers=()), "not-a-cloudevent"


def _header_changed(case: Case) -> tuple[Message, str]:
    name, new = case.r.choice([*COVERED, wire.TYPE]), case.word()
    message = case.sound
    if dict(message.headers)[name] == new:
        return message, ANY
    return message._replace(headers=tuple((n, new if n == name else v) for n, v in message.headers)), HELD


def _header_said_before(case: Case) -> tuple[Message, str]:
    """Of two headers of a name the first counts."""
    return case.sound._replace(headers=((case.r.choice(COVERED), case.word()), *case.sound.headers)), HELD


def _header_said_again(case: Case) -> tuple[Message, str]:
    return case.sound._replace(headers=(*case.sound.headers, (case.r.choice(COVERED), case.word()))), ANY


def _strange_headers(case: Case) -> tuple[Message, str]:
    count = case.r.choice([1, 3, 2000])
    strange = tuple((f"x-{case.canary}-{n}", case.word()) for n in range(count))
    return case.sound._replace(headers=(*strange, *case.sound.headers)), ANY


def _covered_header_added(case: Case) -> tuple[Message, str]:
    return case.sound._replace(headers=(*case.sound.headers, (f"ce_{case.canary}", case.word()))), "damaged"


def _key_changed(case: Case) -> tuple[Message, str]:
    key = case.r.choice([b"", case.sound.key[:-1], case.sound.key + b"0", case.canary.encode(), case.word()])
    return case.sound._replace(key=key), "damaged"


def _value_changed(case: Case) -> tuple[Message, str]:
    value, r = case.sound.value, case.r
    at = r.randrange(len(value))
    flipped = value[:at] + bytes([value[at] ^ r.randint(1, 255)]) + value[at + 1 :]
    others = [
        b"",
        value[:at],
        value + r.randbytes(r.choice([1, 16])),
        r.randbytes(r.choice([1, 11, 28, 900])),
        flipped,
    ]
    return case.sound._replace(
        value=r.choice([*others, flipped, case.canary.encode() * r.choice([1, 200])])
    ), "damaged"


def _value_of_another(case: Case) -> tuple[Message, str]:
    (other,) = case.desk.messages(case.event.model_copy(update={"source_event_id": case.canary}))
    return case.sound._replace(value=other.value), "damaged"


def _token_changed(case: Case) -> tuple[Message, str]:
    token, r = dict(case.sound.headers)[wire.SESSION_TOKEN], case.r
    at = r.randrange(len(token))
    letter = r.choice([c for c in b"ABCxyz059+/" if c != token[at]])
    new = r.choice(
        [
            b"",
            token[:at],
            case.word(),
            b"AAAA",
            token + b"AAAA",
            token[:at] + bytes([letter]) + token[at + 1 :],
        ]
    )
    if _same_token(token, new):
        return case.sound, ANY
    return case.sound._replace(headers=_with_token(case.sound, new)), HELD


def _token_of_another_agency(case: Case) -> tuple[Message, str]:
    outgoing = case.desk._outgoing(case.other)
    return case.sound._replace(
        headers=_with_token(case.sound, base64.b64encode(outgoing.session.token))
    ), "wrong-agency"


def _token_signed_by_nobody(case: Case) -> tuple[Message, str]:
    token = _opened(case, signature=case.r.randbytes(64))
    return case.sound._replace(headers=_with_token(case.sound, token)), "bad-signature"


def _token_of_no_key(case: Case) -> tuple[Message, str]:
    token = _opened(case, key_id=case.canary)
    return case.sound._replace(headers=_with_token(case.sound, token)), "unknown-agency-key"


def _token_out_of_time(case: Case) -> tuple[Message, str]:
    token = _opened(case, at=case.r.choice([0, 1, 1_500_000_000]))
    return case.sound._replace(headers=_with_token(case.sound, token)), "unknown-agency-key"


def _token_of_the_far_future(case: Case) -> tuple[Message, str]:
    token = _opened(case, at=case.r.choice([2**63, 2**64 - 1, 253402300800]))
    return case.sound._replace(headers=_with_token(case.sound, token)), "damaged"


def _token_to_another_hub(case: Case) -> tuple[Message, str]:
    return case.sound._replace(
        headers=_with_token(case.sound, _opened(case, kid=case.canary))
    ), "unknown-hub-key"


def _token_that_holds_nothing(case: Case) -> tuple[Message, str]:
    held = case.r.choice([b"", case.r.randbytes(40), case.r.randbytes(1200)])
    return case.sound._replace(headers=_with_token(case.sound, _opened(case, encapsulated=held))), "damaged"


def _token_of_a_short_key(case: Case) -> tuple[Message, str]:
    token = _opened(case, key=case.r.randbytes(case.r.choice([0, 16, 31, 33])))
    return case.sound._replace(headers=_with_token(case.sound, token)), "damaged"


def _topic_of_another(case: Case) -> tuple[Message, str]:
    return case.sound._replace(topic=wire.topic_of(case.other)), "type-of-another-agency"


def _topic_of_nobody(case: Case) -> tuple[Message, str]:
    topic = case.r.choice(["safeguarding.nobody.v1", "safeguarding.police.v2", "x"])
    return case.sound._replace(topic=topic), "not-a-cloudevent"


def _topic_and_type_of_another(case: Case) -> tuple[Message, str]:
    other = case.other
    headers = tuple(
        (n, f"{other.value}.withdrawal.v1".encode() if n == wire.TYPE else v) for n, v in case.sound.headers
    )
    return case.sound._replace(topic=wire.topic_of(other), headers=headers), "wrong-agency"


def _unsigned(case: Case) -> tuple[Message, str]:
    body = wire.encode(case.event)
    return case.enclosed(case.r.choice([body, b"\x01" + body, b"\x01" + case.r.randbytes(300)])), "unsigned"


def _voucher_wrong(case: Case) -> tuple[Message, str]:
    """The event is as its agency says it; what was signed, or by whom and for whom, is not so."""
    said, r = statement(case.event.agency, wire.encode(case.event), SECRET), case.r
    signed, must = r.choice(
        [
            (case.signed(said.leaf, audience=case.canary), "wrong-audience"),
            (case.signed(said.leaf, by=case.other), "wrong-agency"),
            (case.signed(said.leaf, by=case.other, agency=case.event.agency.value), "unknown-agency-key"),
            (case.signed(said.leaf, key_id=case.canary), "unknown-agency-key"),
            (case.signed(said.leaf, at=r.choice([0, 1_500_000_000])), "unknown-agency-key"),
            (case.signed(said.leaf, signature=r.randbytes(r.choice([0, 1, 64])) or b"x"), "bad-signature"),
            (case.signed(r.randbytes(32)), "not-as-signed"),
            (case.signed(said.leaf, size=r.choice([2, 7, 2**32 - 1])), "not-as-signed"),
            (case.signed(said.leaf, size=0), "not-as-signed"),
            (r.randbytes(r.choice([0, 1, 200])), "unsigned"),
        ]
    )
    return case.enclosed(with_voucher(said, signed, 0, b"")), must


def _voucher_of_another_event(case: Case) -> tuple[Message, str]:
    """Spliced: a statement the agency signed, before something else."""
    other = case.event.model_copy(update={"source_event_id": case.canary})
    said = statement(case.event.agency, wire.encode(other), SECRET)._replace(body=wire.encode(case.event))
    return case.enclosed(with_voucher(said, case.signed(said.leaf), 0, b"")), "not-as-signed"


def _place_in_the_tree_wrong(case: Case) -> tuple[Message, str]:
    said, other = statement(case.event.agency, wire.encode(case.event), SECRET), case.r.randbytes(32)
    signed = case.signed(node_of(said.leaf, other), size=2)
    index, way = case.r.choice([(1, other), (2, other), (0, b""), (0, other[:31]), (0, case.r.randbytes(32))])
    return case.enclosed(with_voucher(said, signed, index, way)), "not-as-signed"


def _opened(
    case: Case,
    key_id: str | None = None,
    kid: str | None = None,
    at: int | None = None,
    key: bytes | None = None,
    encapsulated: bytes | None = None,
    signature: bytes | None = None,
) -> bytes:
    """A session token that the agency itself signed, though something about it is wrong."""
    keys = case.desk.agencies[case.event.agency]
    hub = seal.load_hub_key(case.desk.settings.hub_public_key)
    moment = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp()) if at is None else at
    opening = (keys.agency, key_id or keys.key_id, kid or hub.kid, moment)
    if encapsulated is None:
        held = case.r.randbytes(32) if key is None else key
        encapsulated = seal.SUITE.encrypt(held, hub.public, session_info(*opening))
    signed = signature or keys.signing.sign(session_statement(*opening, encapsulated))
    return base64.b64encode(session_token(*opening, encapsulated, signed))


def _with_token(message: Message, token: bytes) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, token if name == wire.SESSION_TOKEN else value) for name, value in message.headers)


def _same_token(one: bytes, other: bytes) -> bool:
    """Whether two spellings are one token: base64 has spare bits at its end."""
    if not re.fullmatch(rb"[A-Za-z0-9+/]*={0,2}", other) or len(other) % 4:
        return False
    return base64.b64decode(one) == base64.b64decode(other)


ALTERED: dict[str, tuple[Kind, int]] = {
    "header gone": (_header_gone, 4),
    "no headers": (_no_headers, 1),
    "header changed": (_header_changed, 5),
    "header said before": (_header_said_before, 3),
    "header said again": (_header_said_again, 2),
    "strange headers": (_strange_headers, 1),
    "covered header added": (_covered_header_added, 2),
    "key changed": (_key_changed, 4),
    "value changed": (_value_changed, 8),
    "value of another": (_value_of_another, 3),
    "token changed": (_token_changed, 6),
    "token of another agency": (_token_of_another_agency, 2),
    "token signed by nobody": (_token_signed_by_nobody, 2),
    "token of no key": (_token_of_no_key, 2),
    "token out of time": (_token_out_of_time, 1),
    "token of the far future": (_token_of_the_far_future, 1),
    "token to another hub": (_token_to_another_hub, 1),
    "token that holds nothing": (_token_that_holds_nothing, 1),
    "token of a short key": (_token_of_a_short_key, 1),
    "unsigned": (_unsigned, 2),
    "voucher wrong": (_voucher_wrong, 6),
    "voucher of another event": (_voucher_of_another_event, 2),
    "place in the tree wrong": (_place_in_the_tree_wrong, 2),
    "topic of another": (_topic_of_another, 2),
    "topic of nobody": (_topic_of_nobody, 2),
    "topic and type of another": (_topic_and_type_of_another, 2),
}
"""Every kind and how often it is drawn."""
