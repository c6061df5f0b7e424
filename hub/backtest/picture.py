"""A back-test as a picture: a row a flag, written as SVG or PNG. Shapes tell as much as colours."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import NamedTuple, TypeAlias
from xml.sax.saxutils import escape

from hub.backtest.replaying import named_child
from hub.backtest.table import LONDON, rows
from hub.backtest.trying import Tried

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 150, 40, 96, 26
INK, FAINT, SIDES, MEETING = "#0b0c0c", "#b1b4b6", ("#1d70b8", "#d4351c"), "#00703c"
SCALE = 2
"""Pixels of a PNG for each unit: sharp when printed."""
SMALL = 13


class Line(NamedTuple):
    """A line from one point to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: str


class Shape(NamedTuple):
    """A filled shape by its corners."""

    corners: tuple[tuple[float, float], ...]
    ink: str


class Text(NamedTuple):
    """Words, beginning at a point on their base line."""

    x: float
    y: float
    words: str
    ink: str = INK


Mark: TypeAlias = Line | Shape | Text


class Picture(NamedTuple):
    """What is drawn, and how large."""

    title: str
    height: int
    marks: tuple[Mark, ...]


def drawn(sides: Sequence[Tried]) -> Picture:
    """Draw sides beside each other: when each would have fired, and the first meeting."""
    found = rows(sides)
    title = f"{sides[0].pattern}: when it would have fired, and the first multi-agency meeting"
    marks: list[Mark] = [Text(12, 28, title)]
    for place, (letter, side, ink) in enumerate(zip("AB", sides, SIDES, strict=False)):
        y = 52 + 18 * place
        marks += [_fired(letter, 20, y - 4, ink), Text(34, y, f"{letter}  settings {side.settings}", ink)]
    marks += [_meeting(560, 48), Text(574, 52, "first meeting held", MEETING)]
    if not found:
        return Picture(title, TOP + ROW, (*marks, Text(12, TOP, "It would not have fired.")))
    times = [at for _, f in found for at in (f.raised_at, f.met_at) if at is not None]
    start, end = min(times), max(times)
    across = (WIDTH - LEFT - RIGHT) / max((end - start).total_seconds(), 1)

    def x(at: datetime) -> float:
        return round(LEFT + (at - start).total_seconds() * across, 1)

    bottom = TOP + ROW * len(found)
    for place, (letter, fired) in enumerate(found):
        y = TOP + ROW * place
        ink = SIDES["AB".index(letter)]
        marks.append(Text(12, y + 4, f"{named_child(fired.child)}  {letter}", ink))
        if fired.met_at is not None:
            marks += [Line(x(fired.raised_at), y, x(fired.met_at), y, FAINT), _meeting(x(fired.met_at), y)]
        marks.append(_fired(letter, x(fired.raised_at), y, ink))
    marks.append(Line(LEFT, bottom, WIDTH - RIGHT, bottom, INK))
    marks += [Text(LEFT - 30, bottom + 20, _day(start)), Text(WIDTH - RIGHT - 60, bottom + 20, _day(end))]
    return Picture(title, bottom + 36, tuple(marks))


def svg(picture: Picture) -> str:
    """The picture as SVG, with its title for who cannot see it."""
    body = "\n".join(map(_element, picture.marks))
    size = f'width="{WIDTH}" height="{picture.height}" viewBox="0 0 {WIDTH} {picture.height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="sans-serif" '
        f'font-size="{SMALL}">\n<title>{escape(picture.title)}</title>\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def png(picture: Picture) -> bytes:
    """The same picture as PNG."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 — only this draws with it

    image = Image.new("RGB", (WIDTH * SCALE, picture.height * SCALE), "#ffffff")
    paper, font = ImageDraw.Draw(image), ImageFont.load_default(SMALL * SCALE)
    for mark in picture.marks:
        match mark:
            case Line(x1, y1, x2, y2, ink):
                paper.line([c * SCALE for c in (x1, y1, x2, y2)], ink, width=SCALE)
            case Shape(corners, ink):
                paper.polygon([(px * SCALE, py * SCALE) for px, py in corners], ink)
            case Text(px, py, words, ink):
                paper.text((px * SCALE, py * SCALE), words, ink, font, anchor="ls")
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def _element(mark: Mark) -> str:
    match mark:
        case Line(x1, y1, x2, y2, ink):
            return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{ink}"/>'
        case Shape(corners, ink):
            points = " ".join(f"{px:g},{py:g}" for px, py in corners)
            return f'<polygon points="{points}" fill="{ink}"/>'
        case Text(px, py, words, ink):
            return f'<text x="{px:g}" y="{py:g}" fill="{ink}">{escape(words)}</text>'


def _fired(letter: str, x: float, y: float, ink: str) -> Shape:
    """A triangle for A, a square for B."""
    if letter == "A":
        return Shape(((x - 6, y + 5), (x + 6, y + 5), (x, y - 6)), ink)
    return Shape(_around(x, y, ((-5, -5), (5, -5), (5, 5), (-5, 5))), ink)


def _meeting(x: float, y: float) -> Shape:
    """A diamond."""
    return Shape(_around(x, y, ((0, -7), (7, 0), (0, 7), (-7, 0))), MEETING)


def _around(x: float, y: float, corners: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    return tuple((x + dx, y + dy) for dx, dy in corners)


def _day(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%d %b %Y}"
