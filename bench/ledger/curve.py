"""Draw how calls cost as the journal grows, as an SVG with logarithmic axes.

`python -m bench.ledger.curve RESULTS.json PICTURE.svg` draws a results file again.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

_WIDTH, _HEIGHT = 900, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 340, 50, 60
# Told apart also by those who do not see colours: Okabe and Ito's set, and a mark of its own each.
_COLOURS = (
    "#0072B2",
    "#56B4E9",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#7F6000",
    "#000000",
)
_MARKS = (
    '<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
    '<path d="M{x:.1f} {y:.1f}m-4-4h8v8h-8z"/>',
    '<path d="M{x:.1f} {y:.1f}m0-5l5 9h-10z"/>',
    '<path d="M{x:.1f} {y:.1f}m0-5l5 5l-5 5l-5-5z"/>',
)
Curves = dict[str, list[tuple[int, float]]]


def curves(figures: dict[str, Any]) -> Curves:
    """Return points (lines, median milliseconds) by call, from the figures of the part `read`."""
    found: Curves = {}
    for size, facts in figures.items():
        for name, one in facts["calls"].items():
            found.setdefault(name, []).append((int(size), float(one["ms"])))
    return found


def draw(given: Curves, title: str) -> str:
    """Return the picture.

    Args:
        given: Points (lines, milliseconds) by name, in ascending order, all positive.
        title: What stands above it.
    """
    sizes = [x for points in given.values() for x, _ in points]
    times = [y for points in given.values() for _, y in points]
    low_x, high_x = math.log10(min(sizes)), math.log10(max(sizes))
    if low_x == high_x:
        low_x, high_x = low_x - 0.5, high_x + 0.5
    low_y, high_y = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)) + 1e-9)
    high_y = max(high_y, low_y + 1)

    def at_x(lines: float) -> float:
        share = (math.log10(lines) - low_x) / (high_x - low_x)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def at_y(ms: float) -> float:
        share = (math.log10(ms) - low_y) / (high_y - low_y)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    for exponent in range(low_y, high_y + 1):
        y = at_y(10.0**exponent)
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**exponent:g}</text>'
        )
    for lines in sorted(set(sizes)):
        x = at_x(lines)
        parts.append(
            f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>'
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{lines:,}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{_HEIGHT - 16}" text-anchor="middle">lines in the journal</text>'
        f'<text transform="translate(18 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        "milliseconds, median of warm calls</text>"
    )
    for number, (name, points) in enumerate(given.items()):
        places = [(at_x(lines), at_y(ms)) for lines, ms in points]
        parts.extend(_curve(number, name, places))
    return "\n".join([*parts, "</svg>", ""])


def _curve(number: int, name: str, places: list[tuple[float, float]]) -> Iterator[str]:
    colour, mark = _COLOURS[number % len(_COLOURS)], _MARKS[number % len(_MARKS)]
    route = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    x, y = _WIDTH - _RIGHT + 24, _TOP + 8 + number * 22
    yield f'<g fill="{colour}"><path d="M{route}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for place in [*places, (x, y)]:
        yield mark.format(x=place[0], y=place[1])
    yield f'<text x="{x + 12}" y="{y + 4}" fill="black">{escape(name)}</text></g>'


def main(arguments: list[str]) -> int:
    """Draw the newest server's curve in a results file."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, target = arguments
    facts = json.loads(Path(source).read_text())
    for server, one in facts.items():
        if isinstance(one, dict) and "read" in one:
            Path(target).write_text(draw(curves(one["read"]), f"PostgreSQL {server}"))
            return 0
    print(f"{source} has no figures of the part read", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
