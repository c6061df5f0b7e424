"""Makes the four pictures of the README (`make tour`): invented children, the real pages, a real Chromium."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.site import launch, play, served
from tests.browser.walking import walking

FOLDER = Path(__file__).parents[2] / "docs" / "tour"
WIDE, HIGH = 1200, 1300
AT_MOST = 150_000
"""Bytes of one picture."""
COLOURS = 64


def chronology(walk):
    """What four agencies said of one child, over time and line by line."""
    walk.sign_in("social-worker")
    walk.open("kai", "section-47")


def flags(walk):
    """A question to people: the rule in words, the evidence, what each agency alone would have seen."""
    walk.sign_in("mash-coordinator")
    walk.open("kai", "screening")
    walk.go("/children/{kai}/flags")


def due(walk):
    """What the guidance asks for: overdue, due soon, done."""
    walk.sign_in("social-worker")
    walk.open("isla", "section-47")
    walk.go("/children/{isla}/protocol")


def partnership(walk):
    """For those who answer for the whole: counts, the small ones hidden, and no child."""
    walk.sign_in("information-governance-lead")
    walk.go("/partnership")


PICTURES = {
    "1-chronology": chronology,
    "2-flags": flags,
    "3-what-is-due": due,
    "4-partnership": partnership,
}


def main():
    """Play the demonstration, walk to each page, and keep what is seen without scrolling."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        play(Path(folder) / "data")
        browser = launch(playwright)
        with served(Path(folder) / "data") as site:
            for name, go in PICTURES.items():
                with walking(browser, site) as walk:
                    walk.page.set_viewport_size({"width": WIDE, "height": HIGH})
                    go(walk)
                    size = keep(walk.page.screenshot(), FOLDER / f"{name}.png")
                    print(f"{name}.png: {size:,} bytes")  # noqa: T201
        browser.close()


def keep(picture, path):
    """Write a screenshot with as few colours as it needs; how many bytes it came to."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS)
    drawn.save(path, optimize=True)
    size = path.stat().st_size
    if size > AT_MOST:
        raise SystemExit(f"{path.name} has {size:,} bytes: more than {AT_MOST:,}")
    return size


if __name__ == "__main__":
    main()
