"""Reads procedure packs from files or folders, says what is wrong with the line, and which one applied when."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import ValidationError

from hub.domain.calendar import LONDON
from hub.domain.timeline import Facts, Timeline
from hub.errors import HubError
from hub.protocol.confirming import unconfirmed
from hub.protocol.naming import unknown
from hub.protocol.obligation import Situation
from hub.protocol.pack import Pack
from hub.protocol.places import Place, lines_of, nearest

SHIPPED = Path(__file__).parent / "packs"
DARLINGTON = SHIPPED / "darlington-2025-02"
EFFECTIVE = re.compile(r"^effective\s*=", re.MULTILINE)
Texts = tuple[tuple[Path, str], ...]
"""The files of a pack, each with what it holds."""
SHAPES = ("after", "again", "whilst", "departs", "coded")


class PackRefused(HubError):
    """A pack cannot be used; the text names the file, the line and the key."""

    status, title, exit_code = 500, "The procedure pack cannot be used", 2


@dataclass(frozen=True)
class Packs:
    """The packs of a hub, by when they come into effect; each applies until the next does."""

    all: tuple[Pack, ...]

    def at(self, moment: datetime) -> Pack:
        """The pack that applied at a moment: the latest that had come into effect, else the first there is."""
        day = moment.astimezone(LONDON).date()
        return next((p for p in reversed(self.all) if p.effective <= day), self.all[0])

    def until(self, moment: datetime) -> tuple[Pack, ...]:
        """Those that had come into effect by a moment, the first always among them."""
        day = moment.astimezone(LONDON).date()
        return (self.all[0], *(p for p in self.all[1:] if p.effective <= day))

    @property
    def name(self) -> str:
        """All their names: what a projection was drawn with."""
        return "+".join(p.name for p in self.all)


class _Written(NamedTuple):
    """A pack as written: what it says, and for each place the file and the line."""

    said: dict[str, Any]
    places: dict[Place, tuple[Path, int]]
    first: Path


def judged_by(
    packs: Packs,
    timeline: Timeline,
    linked: Mapping[str, Facts] = MappingProxyType({}),
    unseen: frozenset[str] = frozenset(),
) -> Situation:
    """What is to be judged at a moment, by the packs that had come into effect by then."""
    return Situation(timeline, packs.at(timeline.now), linked, unseen, packs.until(timeline.now))


def load(path: Path = DARLINGTON) -> Pack:
    """Read one pack, a file or a folder of them. Raises PackRefused, naming file, line and key."""
    return _load(_texts(path))


def load_all(path: Path = SHIPPED) -> Packs:
    """Every pack of a hub: the one at the path, or all in the folder, each a file or a folder of its own.

    Raises PackRefused where one is wrong, there is none, or two come into effect on one day.
    """
    found = sorted(map(load, _packs_in(path)), key=lambda p: p.effective)
    if not found:
        raise PackRefused(f"{path.name}: holds no pack")
    for one, other in pairwise(found):
        if one.effective == other.effective:
            raise PackRefused(f"{other.name}: comes into effect on the same day as {one.name}")
    return Packs(tuple(found))


def check(path: Path) -> list[str]:
    """Say everything that is wrong with a pack, or with each in a folder of packs, with file, line and key."""
    try:
        return [problem for one in _packs_in(path) for problem in _problems(one)]
    except PackRefused as refused:
        return [str(refused)]


def to_confirm(path: Path) -> list[str]:
    """Say what the packs that are in order have from memory, with file, line and key: no error, but a task."""
    found = ((written, _check(written)) for written in map(_read, map(_texts, _packs_in(path))))
    return [
        _problem(written, place, why)
        for written, pack in found
        if isinstance(pack, Pack)
        for place, why in unconfirmed(pack)
    ]


def _problems(path: Path) -> list[str]:
    try:
        found = _check(_read(_texts(path)))
    except PackRefused as refused:
        return [str(refused)]
    return [] if isinstance(found, Pack) else found


def _packs_in(path: Path) -> Sequence[Path]:
    """One pack, or those of a folder of packs: one pack's folder says in one file when it comes into effect."""
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("*.toml"))
    if sum(bool(EFFECTIVE.search(_text(file))) for file in files) == 1:
        return [path]
    return [*files, *sorted(p for p in path.iterdir() if p.is_dir() and any(p.glob("*.toml")))]


@lru_cache(maxsize=32)
def _load(texts: Texts) -> Pack:
    """The pack that these files are: read once by a process, however often its hub is opened."""
    found = _check(_read(texts))
    if isinstance(found, Pack):
        return found
    raise PackRefused(found[0])


def _texts(path: Path) -> Texts:
    files = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
    if not files:
        raise PackRefused(f"{path.name}: holds no pack")
    return tuple((file, _text(file)) for file in files)


def _read(texts: Texts) -> _Written:
    said: dict[str, Any] = {}
    places: dict[Place, tuple[Path, int]] = {}
    for file, text in texts:
        table = _toml(file, text)
        before = {key: len(value) for key, value in said.items() if isinstance(value, list)}
        for place, line in lines_of(text).items():
            places[_moved(place, before)] = (file, line)
        for key, value in table.items():
            said[key] = _joined(file, key, said.get(key), value)
    return _Written(said, places, texts[0][0])


def _toml(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackRefused(f"{file.name}: {error}") from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "is not UTF-8"
        raise PackRefused(f"{file.name}: {why}") from None


def _joined(file: Path, key: str, known: Any, said: Any) -> Any:
    """What several files say under one key: lists go on, tables are joined, anything else stands once."""
    if known is None:
        return said
    if isinstance(known, list) and isinstance(said, list):
        return [*known, *said]
    if isinstance(known, dict) and isinstance(said, dict) and not known.keys() & said.keys():
        return {**known, **said}
    raise PackRefused(f"{file.name}: {key}: stands in another file of the pack already")


def _moved(place: Place, before: dict[str, int]) -> Place:
    """The place of a list's element after the lists of the files before."""
    match place:
        case (str(key), int(index), *rest):
            return (key, index + before.get(key, 0), *rest)
    return place


def _check(written: _Written) -> Pack | list[str]:
    try:
        pack = Pack.model_validate(written.said)
    except ValidationError as error:
        return [
            _problem(written, e["loc"], e["msg"].removeprefix("Value error, "))
            for e in error.errors(include_input=False, include_url=False)
        ]
    problems = [_problem(written, place, why) for place, why in unknown(pack)]
    return problems or pack


def _problem(written: _Written, place: Sequence[str | int], why: str) -> str:
    named = [part for part in place if part not in SHAPES]
    file, line = nearest(written.places, named) or (written.first, 1)
    return f"{file.name}: line {line}: {'.'.join(map(str, _by_number(written, named)))}: {why}"


def _by_number(written: _Written, place: Sequence[str | int]) -> Sequence[str | int]:
    """A row under its own number, not under its place in the file."""
    match place:
        case ("rows", int(index), *rest):
            row = written.said["rows"][index]
            return [row.get("id", "rows") if isinstance(row, dict) else "rows", *rest]
    return place
