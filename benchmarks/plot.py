"""A small line plot as SVG: nothing but text, readable on a light and on a dark page."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import msgspec

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 50, 50, 90
COLOURS = ("#2f7ed8", "#d9822b", "#3d9970")
GREY = "#888888"


class Line(msgspec.Struct, frozen=True):
    """One line of the plot."""

    name: str
    values: Sequence[float]  #: one for each place on the x axis


def plot(title: str, places: Sequence[str], lines: Sequence[Line]) -> str:
    """
    Draw the lines over evenly spaced places; the y axis begins at 0.

    Returns:
        the SVG document.
    """
    top = max(2.0, *(value for line in lines for value in line.values)) * 1.05
    xs = [LEFT + index * (WIDTH - LEFT - RIGHT) / (len(places) - 1) for index in range(len(places))]

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">',
        f'<title>{escape(title)}</title><text x="{LEFT}" y="24" fill="{GREY}" font-size="15">{escape(title)}</text>',
    ]
    for step in range(int(top / _step(top)) + 1):
        value = step * _step(top)
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-opacity="0.3"/>')
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g} ×", anchor="end"))
    parts += [_text(x, HEIGHT - BOTTOM + 20, f"{place} apps") for x, place in zip(xs, places, strict=True)]
    for index, (line, colour) in enumerate(zip(lines, COLOURS, strict=False)):
        points = [(x, y(value)) for x, value in zip(xs, line.values, strict=True)]
        path = "L".join(f"{x:.1f} {height:.1f}" for x, height in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{height:.1f}" r="3.5" fill="{colour}"/>' for x, height in points]
        parts.append(_text(LEFT + index * 220, HEIGHT - 30, line.name, colour=colour, anchor="start"))
    return "\n".join([*parts, "</svg>", ""])


def _step(top: float) -> float:
    return 0.5 if top <= 4 else 1.0 if top <= 10 else 5.0


def _text(x: float, y: float, text: str, *, colour: str = GREY, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="13">{escape(text)}</text>'
