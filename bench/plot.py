"""The bar chart of the latencies, as SVG."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_WIDTH: Final = 760
_LEFT: Final = 220
_RIGHT: Final = 60
_BAR: Final = 15
_GAP: Final = 16
_TOP: Final = 64

#: The colours of the bars of a group, from dark to light.
_COLOURS: Final = ("#1f6feb", "#6ca4f8", "#b6cff9")


def draw_bars(title: str, rows: Mapping[str, Sequence[float]], kinds: Sequence[str]) -> str:
    """Draw a group of bars for each row, with one bar for each of `kinds`. The axis starts at zero."""
    longest = max(value for values in rows.values() for value in values)
    scale = (_WIDTH - _LEFT - _RIGHT) / longest
    group = _BAR * len(kinds) + _GAP
    height = _TOP + group * len(rows) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"',
        f' font-family="system-ui, sans-serif" font-size="13" aria-label="{escape(title)}">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
    ]
    for number, kind in enumerate(kinds):
        x = _LEFT + number * 70
        parts.append(f'<rect x="{x}" y="38" width="12" height="12" fill="{_COLOURS[number]}"/>')
        parts.append(f'<text x="{x + 18}" y="49">{escape(kind)}</text>')
    one = _LEFT + scale
    if longest >= 1:
        parts.append(f'<line x1="{one:.1f}" y1="{_TOP - 6}" x2="{one:.1f}" y2="{height - 18}"')
        parts.append(' stroke="#8c959f" stroke-dasharray="4 3"/>')
        parts.append(f'<text x="{one:.1f}" y="{height - 5}" text-anchor="middle" fill="#57606a">1</text>')
    for row, (name, values) in enumerate(rows.items()):
        top = _TOP + row * group
        middle = top + _BAR * len(values) / 2 + 5
        parts.append(f'<text x="{_LEFT - 10}" y="{middle:.1f}" text-anchor="end">{escape(name)}</text>')
        for number, value in enumerate(values):
            y, width = top + number * _BAR, value * scale
            parts.append(f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR - 2}"')
            parts.append(f' fill="{_COLOURS[number]}"/>')
            parts.append(f'<text x="{_LEFT + width + 6:.1f}" y="{y + 11}" font-size="11">{value:.2f}</text>')
    return "".join(f"{part}\n" if part.endswith(">") else part for part in [*parts, "</svg>"])
