"""Writes `schemas/published/`: run `python -m schemas.publish` after changing an event type."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schemas.asyncapi import asyncapi
from schemas.catalogue import EVENT_TYPES
from schemas.compatibility import still_reads
from schemas.json_schema import path_of, schema_of

PUBLISHED = Path(__file__).parent / "published"
LANGUAGE_VERSION = "1.0.0"


@cache
def documents() -> Mapping[str, str]:
    """Everything published, by path: a schema for each version of each type, and the AsyncAPI document."""
    schemas = {path_of(cls): _text(schema_of(cls)) for cls in EVENT_TYPES}
    return {**schemas, "asyncapi.json": _text(asyncapi(LANGUAGE_VERSION))}


def breaking(folder: Path, drawn: Mapping[str, str]) -> Iterator[str]:
    """Published schemas that would refuse what they used to accept, or would be gone."""
    for file in sorted(folder.glob("*/*.json")):
        path = file.relative_to(folder).as_posix()
        new = drawn.get(path)
        if new is None or not still_reads(json.loads(file.read_text()), json.loads(new)):
            yield path


def main(arguments: list[str]) -> int:
    """Write the documents; refuse a breaking change without a new version, unless it was never released."""
    parser = argparse.ArgumentParser(prog="python -m schemas.publish", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PUBLISHED)
    parser.add_argument("--unreleased", action="store_true", help="let a type change that nobody speaks yet")
    asked = parser.parse_args(arguments)
    drawn = documents()
    broken = [] if asked.unreleased else list(breaking(asked.folder, drawn))
    for path in broken:
        sys.stderr.write(f"{path}: breaks what was published; add a new version and an upcaster\n")
    if broken:
        return 1
    _write(asked.folder, drawn)
    sys.stdout.write(f"{len(drawn)} documents in {asked.folder}\n")
    return 0


def _write(folder: Path, drawn: Mapping[str, str]) -> None:
    for path, text in drawn.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for file in folder.rglob("*.json"):
        if file.relative_to(folder).as_posix() not in drawn:
            file.unlink()


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
