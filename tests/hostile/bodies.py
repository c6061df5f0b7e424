"""Deliveries that an agency itself sealed properly, though what they hold is no case event, or an odd one."""

import json
from copy import deepcopy
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from adapters.catalogue import FORMATS
from adapters.door import checked
from adapters.format import Finding
from schemas import wire
from schemas.case_event import CaseEvent
from schemas.vocabulary import Agency
from schemas.wire import Message
from tests.hostile.alterations import ANY, Case, Kind
from tests.hostile.files import SENDER
from tests.hostile.mutations import CHANGES

_TIMES = [
    *(
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
    ),
    *(
        "0001-01-01",
        "9999-12-31",
        "2024-02-29",
        "2023-02-29",
        "2026-11-20",
        "1899-12-31T10:00:00Z",
        "now",
        "",
    ),
    *(
        "2026-11-20T10:00:00",
        "2026-11-20T24:00:00Z",
        "2026-11-20T10:00:00.123456789Z",
        "3026-01-01T00:00:00+23:59",
    ),
    *("2026-10-25T01:30:00+01:00", "2026-11-20T10:00:00-23:59", 0, -1, 1e20, 1780000000, None, True, [], {}),
]
_OTHER_KINDS = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"x": 1},
]


@cache
def sound_events() -> tuple[CaseEvent, ...]:
    """Every event of the samples that are shipped."""
    return tuple(
        what
        for form in FORMATS
        for what in checked(form, _named(form.sample), SENDER)
        if not isinstance(what, Finding)
    )


def _body_broken(case: Case) -> tuple[Message, str]:
    body, r = wire.encode(case.event), case.r
    names = [name for name in CHANGES if name not in ("hostile value", "canary planted", "absurd date")]
    for _ in range(r.choice([1, 1, 2])):
        body = CHANGES[r.choice(names)][0](body, r, case.canary.encode())
    return case.sealed(body), ANY


def _body_of_no_event(case: Case) -> tuple[Message, str]:
    depth = case.r.choice([100, 5_000, 200_000])
    bodies = [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"1",
        b'"x"',
        b"NaN",
        b"[" * depth,
        b'{"type":' * depth,
        b'{"type":null}',
    ]
    bodies += [
        b'{"type":1}',
        b'{"type":["police.x.v1"]}',
        b'{"type":{"%s":1}}' % case.canary.encode(),
        b"\xff\xfe{\0}\0",
    ]
    bodies += [
        b" " * 100_000,
        case.canary.encode(),
        b'{"type":"\\ud800"}',
        b'{"\xed\xa0\x80":1}',
        b'{"type":"',
    ]
    return case.sealed(case.r.choice(bodies)), "invalid-event"


def _type_unknown(case: Case) -> tuple[Message, str]:
    agency = case.event.agency.value
    known = case.event.type.rpartition(".v")[0]
    type_, must = case.r.choice(
        [
            (f"{agency}.{case.canary}.v1", "unknown-type"),
            (f"{agency}.{'x' * 5000}.v1", "unknown-type"),
            (f"{known}.v999", "unknown-version"),
            (f"{known}.v99999", "unknown-type"),
            (f"{known}.v0", "unknown-type"),
            (f"{known}", "unknown-type"),
            (f"{known}.v1\u0000", "unknown-type"),
        ]
    )
    said = json.loads(wire.encode(case.event)) | {"type": type_}
    header = type_.encode() if case.r.random() < 0.5 else b""
    return case.sealed(json.dumps(said).encode(), ce_type=header), must


def _field_unknown(case: Case) -> tuple[Message, str]:
    said = json.loads(wire.encode(case.event))
    spots = [said, *(s for s in said.values() if isinstance(s, dict)), *said["identifiers"]]
    case.r.choice(spots)[case.canary] = case.r.choice([None, 1, "x", {case.canary: []}, [case.canary]])
    return case.sealed(json.dumps(said).encode()), "invalid-event"


def _agency_of_another(case: Case) -> tuple[Message, str]:
    """The body says another agency throughout, the header what the topic may say."""
    said = json.loads(wire.encode(case.event))
    if case.r.random() < 0.5:
        return case.sealed(json.dumps(said | {"agency": case.other.value}).encode()), "invalid-event"
    other = case.r.choice([e for e in sound_events() if e.agency != case.event.agency])
    return case.sealed(wire.encode(other)), "agency-of-another-topic"


def _type_of_another_header(case: Case) -> tuple[Message, str]:
    others = [
        e for e in sound_events() if e.agency == case.event.agency and e.public_type != case.event.public_type
    ]
    return case.sealed(wire.encode(case.r.choice(others))), "type-differs-from-header"


def _said_otherwise(case: Case) -> tuple[Message, str]:
    """One to three values become something else: another kind, hostile, absurd, huge, or as many as fit."""
    said = json.loads(wire.encode(case.event))
    for _ in range(case.r.randint(1, 3)):
        _change_a_value(said, case)
    return case.sealed(
        json.dumps(said, ensure_ascii=case.r.random() < 0.5).encode("utf-8", "surrogatepass")
    ), ANY


def _hostile_words(case: Case) -> tuple[Message, str]:
    """Texts that are allowed and mean harm: to a database, a shell, a page, a reader's eye."""
    said = json.loads(wire.encode(case.event))
    words = [case.word().decode("utf-8", "replace")[:150] for _ in range(8)]
    said |= {"summary": words[0], "organisation": words[1], "system": words[2][:90], "address": words[3]}
    said |= {"name": {"family": words[4], "given": words[5]}, "postcode": words[6][:12]}
    said["identifiers"] = [{"system": "x:y", "value": (words[7] or "x")[:90]}]
    return case.sealed(json.dumps(said, ensure_ascii=case.r.random() < 0.5).encode()), ANY


def _odd_times(case: Case) -> tuple[Message, str]:
    said = json.loads(wire.encode(case.event))
    for name, field in type(case.event).model_fields.items():
        if "date" in str(field.annotation) and case.r.random() < (0.7 if name in said else 0.2):
            said[name] = case.r.choice(_TIMES)
    return case.sealed(json.dumps(said).encode()), ANY


def _same_id_other_words(case: Case) -> tuple[Message, str]:
    said = json.loads(wire.encode(case.event)) | {
        "organisation": case.canary,
        "source_event_id": "said twice",
    }
    return case.sealed(json.dumps(said).encode()), ANY


def _older_version(case: Case) -> tuple[Message, str]:
    """What an older sender said, sound or not: upcasting meets everything."""
    said: dict[str, Any] = {
        "type": "schools.absence.v1",
        "agency": "schools",
        "system": "x",
        "source_event_id": case.canary,
    }
    said |= {"occurred_at": "2026-09-01T09:00:00Z", "identifiers": [{"system": "upn", "value": "A1"}]}
    said |= {
        case.r.choice(["sessions", "reason", "sessions_missed", case.canary]): case.r.choice(
            [None, 3, "x", [], {}]
        )
    }
    schools = case._replace(event=next(e for e in sound_events() if e.agency == Agency.SCHOOLS))
    header = case.r.choice([b"schools.absence.v1", b"schools.absence.v2", b""])
    return schools.sealed(json.dumps(said).encode(), ce_type=header), ANY


def _another_child_named(case: Case) -> tuple[Message, str]:
    """A linked child's number in words, spelt in one of the ways it is."""
    number = case.r.choice(["9449304424", "944 930 4424", "944-930-4424"])
    link = {"relation": "same-incident", "identifiers": [{"system": "nhs-number", "value": "9449304424"}]}
    said = json.loads(wire.encode(case.event)) | {"children": [link], "summary": f"Was with {number}."}
    return case.sealed(json.dumps(said).encode()), "names-another-child"


def _huge(case: Case) -> tuple[Message, str]:
    said = json.loads(wire.encode(case.event)) | {"summary": case.canary * 80_000}
    return case.sealed(json.dumps(said).encode()), "invalid-event"


def _heartbeat_that_says_something(case: Case) -> tuple[Message, str]:
    type_ = wire.heartbeat_type(case.event.agency.value).encode()
    return case.sealed(case.r.choice([b"", b"{}", case.canary.encode()]), ce_type=type_), ANY


def _change_a_value(said: dict[str, Any], case: Case) -> None:
    r = case.r
    holder: Any = said
    while True:
        key = r.choice(list(holder)) if isinstance(holder, dict) else r.randrange(len(holder))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or r.random() < 0.3:
            break
        holder = inner
    how = r.randrange(5)
    if how == 0:
        holder[key] = deepcopy(r.choice(_OTHER_KINDS))
    elif how == 1 and isinstance(inner, list):
        holder[key] = inner * r.choice([0, 2, 60, 2000])
    elif how == 2:
        holder[key] = case.canary * r.choice([1, 30, 3000])
    else:
        holder[key] = case.word().decode("utf-8", "surrogateescape" if r.random() < 0.1 else "replace")


def _named(path: Path) -> BytesIO:
    file = BytesIO(path.read_bytes())
    file.name = path.name
    return file


SEALED: dict[str, tuple[Kind, int]] = {
    "body broken": (_body_broken, 12),
    "body of no event": (_body_of_no_event, 5),
    "type unknown": (_type_unknown, 5),
    "field unknown": (_field_unknown, 5),
    "agency of another": (_agency_of_another, 3),
    "type of another header": (_type_of_another_header, 3),
    "said otherwise": (_said_otherwise, 16),
    "hostile words": (_hostile_words, 10),
    "odd times": (_odd_times, 6),
    "same id, other words": (_same_id_other_words, 2),
    "older version": (_older_version, 2),
    "another child named": (_another_child_named, 2),
    "huge": (_huge, 1),
    "heartbeat that says something": (_heartbeat_that_says_something, 1),
}
"""Every kind and how often it is drawn."""
