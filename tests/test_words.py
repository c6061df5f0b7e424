"""Our own words: terms of the guidance (L15; R8), no real person's number, no blame."""

import re
from pathlib import Path

import pytest
from nhs_number.validate import is_valid

ROOT = Path(__file__).parents[1]
OURS = [
    p
    for folder in ("schemas", "adapters", "hub", "docs", "benchmarks")
    for p in (ROOT / folder).rglob("*")
    if p.is_file() and p.suffix not in (".pyc", ".png")
] + [ROOT / "README.md", ROOT / "CHANGELOG.md"]
FORBIDDEN = re.compile(r"\b(perpetrat\w*|offenders?|victims?|victimi[sz]\w*|abusers?)\b", re.IGNORECASE)
LAW = re.compile(r"Victims and Prisoners Act|victim\w* of modern slavery", re.IGNORECASE)
TEST_RANGES = ("9", "000")  # 999… and 9449… are set aside for tests; no number begins with 000


@pytest.mark.parametrize("file", OURS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_child_is_called_a_name(file):
    text = LAW.sub("", file.read_text(encoding="utf-8", errors="replace"))

    assert [] == FORBIDDEN.findall(text)


RENDERED = sorted((ROOT / "tests" / "golden").rglob("*.txt"))
"""What the hub says on every page, list and command that was approved as text."""
QUOTED = re.compile(r"“[^”]*”", re.DOTALL)
"""A source's own words stand between these, whatever they are (quirk Q2)."""


@pytest.mark.parametrize("file", RENDERED, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_child_is_called_a_name_in_what_is_shown(file):
    said = QUOTED.sub("", LAW.sub("", file.read_text(encoding="utf-8")))

    assert [] == FORBIDDEN.findall(said)


def test_many_texts_are_looked_at():
    assert 100 < len(RENDERED)


@pytest.mark.parametrize("file", OURS, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_number_is_a_real_persons(file):
    text = file.read_text(encoding="utf-8", errors="replace")
    numbers = {n for n in re.findall(r"(?<![\d.-])\d{10}(?![\d.-])", text) if is_valid(n)}

    assert set() == {n for n in numbers if not n.startswith(TEST_RANGES)}
