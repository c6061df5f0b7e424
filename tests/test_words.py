"""Our own words: terms of the guidance (L15; R8), no real person's number, no blame."""

import re
from pathlib import Path

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


def found(look, files):
    """What `look` finds, by file. One test looks at all: a test a file would cost more than its look."""
    read = ((str(p.relative_to(ROOT)), look(p.read_text(encoding="utf-8", errors="replace"))) for p in files)
    return {name: words for name, words in read if words}


def test_no_child_is_called_a_name():
    assert found(lambda text: FORBIDDEN.findall(LAW.sub("", text)), OURS) == {}


RENDERED = sorted((ROOT / "tests" / "golden").rglob("*.txt"))
"""What the hub says on every page, list and command that was approved as text."""
QUOTED = re.compile(r"“[^”]*”", re.DOTALL)
"""A source's own words stand between these, whatever they are (quirk Q2)."""


def test_no_child_is_called_a_name_in_what_is_shown():
    assert found(lambda text: FORBIDDEN.findall(QUOTED.sub("", LAW.sub("", text))), RENDERED) == {}


def test_many_texts_are_looked_at():
    assert 100 < len(RENDERED)
    assert 500 < len(OURS)


def test_no_number_is_a_real_persons():
    def real(text):
        numbers = {n for n in re.findall(r"(?<![\d.-])\d{10}(?![\d.-])", text) if is_valid(n)}
        return {n for n in numbers if not n.startswith(TEST_RANGES)}

    assert found(real, OURS) == {}
