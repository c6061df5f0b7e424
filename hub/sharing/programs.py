"""Which programs and which rules draw answers: digests that stand on every disclosure (decision 51)."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from hub.patterns.settings import Settings
from hub.protocol.packs import Packs

ROOT = Path(__file__).parents[2]
ROOMS = (
    "schemas",
    "hub/confidentiality",
    "hub/domain",
    "hub/patterns",
    "hub/protocol",
    "hub/records",
    "hub/sharing",
)
"""What draws an answer. Anything else may change without changing one byte of it."""
LENGTH = 16
"""Hexadecimal digits of a digest."""


@cache
def programs() -> str:
    """A digest of the code that draws answers, as it lies on the disk when first asked."""
    found = hashlib.sha256()
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            found.update(f"{file.relative_to(ROOT)}\0".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:LENGTH]


def rules(settings: Settings, packs: Packs) -> str:
    """A digest of the partnership's numbers, and the names of its procedure packs."""
    numbers = hashlib.sha256(msgspec.json.encode(settings.model_dump(mode="json"))).hexdigest()[:LENGTH]
    return f"{numbers}+{packs.name}"
