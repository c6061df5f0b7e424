"""What a key service unwrapped, by its own log, beside what the hub recorded: a report for a person.

Who steals a token opens keys that no disclosure accounts for (security.md 1). The log of an audit device of
HashiCorp Vault or OpenBao, a line of JSON a call, says when which scope's key was asked, by whose token and
for how many keys; what each was for stands as a keyed hash, so that keys can be counted and nothing told of
whom they are. Who may ask the service for the keyed hash of a value (`sys/audit-hash`) learns whose they are.
A difference is a question to somebody; nothing follows from it by itself.
"""

import base64
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import msgspec

from hub.confidentiality.child_keys import context_of
from hub.confidentiality.holder import HOUSE, Vaults
from hub.domain.by import By
from hub.domain.child import Disclosed
from hub.domain.strand import key_owners
from hub.errors import Refused
from hub.records import Records
from hub.records.roles import accounts_of
from hub.sharing.relationship import bar_of
from schemas.scope import SIGNALS

HOUR, NEAR = timedelta(hours=1), timedelta(minutes=5)
"""What is counted together; and how long a key stays in memory, and clocks may differ (`keys.SECONDS`)."""
MACHINES = frozenset((SIGNALS, "spine", "quarantine", HOUSE))
"""What is opened for every child by machines: counted, and not compared."""
USED = frozenset(("encrypt", "rewrap", "keys"))
"""How else the hub asks for a key than by decrypting, which is counted by its path: never to have it out."""


Hashed = Callable[[str], str]
"""Under which hash a service's log has a value."""


class Opened(msgspec.Struct, frozen=True):
    """One hour of one scope: what the service logged, and what the hub recorded.

    `keys` different data keys were asked for in `calls`, by tokens of these `policies`; `refused` calls were.
    `shown` disclosures could open the scope; `accounted` data keys in it have all children of whom anything
    was recorded around then. `says`: what differs; empty: nothing does. `strays`: where hashes could be asked
    for, the records whose keys were opened and of which nothing was recorded.
    """

    hour: datetime
    scope: str
    calls: int
    keys: int
    policies: tuple[str, ...]
    refused: int
    shown: int
    accounted: int
    says: str
    strays: tuple[UUID, ...] = ()


class Unwraps(msgspec.Struct, frozen=True):
    """What was compared: the log by its digest, its first and last moment, lines that could not be read.

    `otherwise`: how often a key of the hub's was asked for in a way that the hub never asks, by that way.
    """

    log: str
    since: datetime
    until: datetime
    lines: int
    unreadable: int
    hours: tuple[Opened, ...]
    otherwise: Mapping[str, int]

    @property
    def differs(self) -> bool:
        """Whether there is anything for a person to look into."""
        return bool(self.otherwise or self.unreadable or any(one.says for one in self.hours))


def paths_of(vaults: Vaults, scopes: Collection[str]) -> dict[str, str]:
    """Under which path each scope's keys are unwrapped. Raises Refused where no key service holds any."""
    if not vaults:
        raise Refused("the keys are in a file here, and what is opened with them is in no log")
    found = {scope: vaults.get(scope, vaults.get("")) for scope in (*scopes, HOUSE)}
    return {f"{at.mount}/decrypt/{at.prefix}{scope}": scope for scope, at in found.items() if at}


def compare(
    records: Records, log: Iterable[bytes], paths: Mapping[str, str], hashed: Hashed | None = None
) -> Unwraps:
    """Read a log, and lay what it says beside what was recorded in its hours. Reads every record.

    `hashed`: asks the service under which hash its log has a value. Then keys are matched one by one, and of
    what is not accounted for it is said whose it is. Else they are counted. Raises Unavailable as that does;
     Refused where no line of it is of an audit device.
    """
    said = _Said(paths)
    for line in log:
        said.read(line)
    if said.first is None or said.last is None:
        raise Refused("no line of this is of a key service's audit device")
    done = _Recorded(records, said.first, said.last, hashed)
    hours = {(hour, scope) for hour in done.hours for scope in {scope for _, scope in said.calls} - MACHINES}
    return Unwraps(
        log=said.digest.hexdigest(),
        since=said.first,
        until=said.last,
        lines=said.lines,
        unreadable=said.unreadable,
        hours=tuple(_opened(said, done, *at) for at in sorted(hours | said.calls.keys())),
        otherwise=said.otherwise,
    )


def without_barred(records: Records, by: By, found: Unwraps) -> Unwraps:
    """The same, without the records that are barred to this person: they are not named to them."""
    mine, strays = accounts_of(records, by), {record for hour in found.hours for record in hour.strays}
    barred = {record for record in strays if bar_of(records.person(record), by, mine)}
    hours = (
        msgspec.structs.replace(hour, strays=tuple(r for r in hour.strays if r not in barred))
        for hour in found.hours
    )
    return msgspec.structs.replace(found, hours=tuple(hours))


# ------------------------------------------------------------ what the service says


class _Token(msgspec.Struct):
    policies: tuple[str, ...] = ()


class _Asked(msgspec.Struct):
    path: str = ""
    data: Mapping[str, object] | None = None


class _Line(msgspec.Struct):
    time: str
    type: str
    request: _Asked
    auth: _Token | None = None
    error: str = ""


_LINE = msgspec.json.Decoder(_Line).decode


@dataclass(slots=True)
class _Calls:
    """What was asked of one scope's key in one hour."""

    calls: int = 0
    refused: int = 0
    keys: set[str] = field(default_factory=set)
    policies: set[str] = field(default_factory=set)


class _Said:
    """A log, read line by line: each call stands in it as asked and as answered; the first is counted."""

    def __init__(self, paths: Mapping[str, str]) -> None:
        self.calls: dict[tuple[datetime, str], _Calls] = {}
        self.otherwise: dict[str, int] = {}
        self.lines = self.unreadable = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.digest = sha256()
        self._paths = paths
        self._names = {path.rpartition("/")[2] for path in paths}
        self._mounts = {path.partition("/decrypt/")[0] for path in paths}

    def read(self, line: bytes) -> None:
        """Take the next line."""
        self.digest.update(line)
        if not line.strip():
            return
        self.lines += 1
        try:
            said = _LINE(line)
            at = datetime.strptime(said.time[:19] + said.time[-1:], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except (msgspec.DecodeError, ValueError):
            self.unreadable += 1
            return
        self.first = min(at, self.first or at)
        self.last = max(at, self.last or at)
        if said.type == "request":
            self._count(at, said)

    def _count(self, at: datetime, said: _Line) -> None:
        scope = self._paths.get(said.request.path)
        if scope is None:
            self._count_otherwise(said.request.path)
            return
        hour = self.calls.setdefault((_hour(at), scope), _Calls())
        hour.policies |= set(said.auth.policies if said.auth else ()) - {"default"}
        if said.error:
            hour.refused += 1
            return
        hour.calls += 1
        data = said.request.data or {}
        items = data.get("batch_input", [data])
        for item in items if isinstance(items, list) else [data]:
            hour.keys.add(str(item.get("context") if isinstance(item, dict) else item))

    def _count_otherwise(self, path: str) -> None:
        mount = next((mount for mount in self._mounts if path.startswith(f"{mount}/")), None)
        if mount is not None:
            verb, *rest = path.removeprefix(f"{mount}/").split("/")
            if verb not in USED and self._names.intersection(rest):
                self.otherwise[verb] = self.otherwise.get(verb, 0) + 1


# ------------------------------------------------------------ what the hub recorded


class _Recorded:
    """Of whom anything was recorded around each hour, and what was shown in it."""

    def __init__(self, records: Records, since: datetime, until: datetime, hashed: Hashed | None) -> None:
        self._records, self._hashed = records, hashed
        self._keys: dict[UUID, Mapping[str, Sequence[bytes]]] = {}
        self._hashes: dict[bytes, str] = {}
        self.touched: dict[datetime, set[UUID]] = {}
        self.shown: dict[datetime, list[tuple[UUID, frozenset[str]]]] = {}
        self.hours = set[datetime]()
        for record in records.children():
            people: set[UUID] = set()
            for event in records.history(record):
                if since - NEAR <= event.at <= until + NEAR:
                    people = people or {record, *(child.id for child in records.person(record))}
                    for moment in (event.at - NEAR, event.at, event.at + NEAR):
                        self.touched.setdefault(_hour(moment), set()).update(people)
                    if isinstance(event.body, Disclosed) and since + NEAR <= event.at:
                        self._showed(record, event.at, event.body)

    def _showed(self, record: UUID, at: datetime, shown: Disclosed) -> None:
        self.hours.add(_hour(at))
        self.shown.setdefault(_hour(at), []).append((record, frozenset(shown.scopes)))

    def keys(self, hour: datetime, scope: str) -> int:
        """How many keys of a scope there are of all of whom anything was recorded around an hour."""
        return sum(len(self._of(record).get(scope, ())) for record in self.touched.get(hour, ()))

    def unaccounted(self, hour: datetime, scope: str, keys: Collection[str]) -> set[str] | None:
        """Which of these keys are of nobody of whom anything was recorded; None: hashes are not asked."""
        if self._hashed is None:
            return None
        mine = self.touched.get(hour, ())
        return set(keys) - {self._hash(at) for record in mine for at in self._of(record).get(scope, ())}

    def whose(self, scope: str, keys: Collection[str]) -> tuple[tuple[UUID, ...], int]:
        """The records whose keys these are, and how many are nobody's here. Looks until all are found."""
        left, found = set(keys), list[UUID]()
        for record in self._records.children():
            if not left:
                break
            theirs = {self._hash(at) for at in self._of(record).get(scope, ())} & left
            if theirs:
                found.append(record)
                left -= theirs
        return tuple(found), len(left)

    def _hash(self, context: bytes) -> str:
        if context not in self._hashes and self._hashed is not None:
            self._hashes[context] = self._hashed(base64.b64encode(context).decode())
        return self._hashes[context]

    def opened(self, hour: datetime, scope: str) -> int:
        """How many showings of an hour could open a scope in which there was something to open."""
        showings = self.shown.get(hour, ())
        return sum(scope in scopes and scope in self._of(record) for record, scopes in showings)

    def _of(self, record: UUID) -> Mapping[str, Sequence[bytes]]:
        """What the keys of a record are bound to, of each scope."""
        if record not in self._keys:
            found: dict[str, list[bytes]] = {}
            for owner in key_owners(record):
                for key in self._records.keys.standing(owner):
                    found.setdefault(key.scope, []).append(context_of(owner, key.scope, key.generation))
            self._keys[record] = found
        return self._keys[record]


def _opened(said: _Said, done: _Recorded, hour: datetime, scope: str) -> Opened:
    here = said.calls.get((hour, scope), _Calls())
    shown, accounted = done.opened(hour, scope), done.keys(hour, scope)
    before = said.calls.get((hour - HOUR, scope), _Calls()).calls
    says, strays = [], tuple[UUID, ...]()
    if scope not in MACHINES:
        more = done.unaccounted(hour, scope, here.keys)
        if more:
            strays, nobodys = done.whose(scope, more)
            rest = f", {nobodys} of nobody here" if nobodys else ""
            says.append(f"{len(more)} keys were asked for of whom nothing was recorded{rest}")
        elif len(here.keys) > accounted:
            says.append(f"{len(here.keys)} keys were asked for; what is recorded accounts for {accounted}")
        if shown and not here.calls + before:
            says.append("something was shown, and no key of it was asked for: is the log whole?")
    if here.refused:
        says.append(f"{here.refused} times a token asked for what it may not open")
    return Opened(
        hour=hour,
        scope=scope,
        calls=here.calls,
        keys=len(here.keys),
        policies=tuple(sorted(here.policies)),
        refused=here.refused,
        shown=shown,
        accounted=accounted,
        says="; ".join(says),
        strays=strays,
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
