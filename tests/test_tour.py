"""The README's pictures are there, are pictures, and are small."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
AT_MOST = 150_000


def test_the_readme_shows_four_pictures_that_are_there_and_small():
    shown = re.findall(r"!\[([^\]]+)\]\((docs/tour/[\w-]+\.png)\)", (ROOT / "README.md").read_text())
    there = {f"docs/tour/{file.name}" for file in (ROOT / "docs/tour").iterdir()}

    assert {path for _, path in shown} == there
    assert 4 == len(there)
    for told, path in shown:
        picture = (ROOT / path).read_bytes()
        assert picture.startswith(b"\x89PNG\r\n")
        assert 10_000 < len(picture) <= AT_MOST
        assert len(told.split()) > 5, "a picture is told in words to who does not see it"
