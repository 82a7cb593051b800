"""Charts as lines of text: curves, bars and heat maps, in block characters or plain ASCII."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise

from backcalc.charts.scale import (
    SAME,
    Border,
    Grid,
    Levels,
    Point,
    Scale,
    cell_scale,
    label,
    levels,
    scale,
    thinned,
)
from backcalc.errors import printable
from backcalc.errors.lettering import GAP, wrapped
from backcalc.formulas.notation import rounded

BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The number that each dot of a cell, row by row, adds to the character U+2800."""
ASCII_DOTS = " '.:"  # no dot, the upper one, the lower one, both
FALLS = {True: "▁▂▃▄▅▆▇█", False: "_.-'"}
PARTS = {True: "▏▎▍▌▋▊▉█", False: "#"}
NARROWEST = 8  # columns that a chart is drawn in, whatever the width


def curve(
    points: Sequence[Point], width: int, height: int, *, log: bool = False, unicode: bool = True,
    name: str = "epoch",
) -> list[str]:  # fmt: skip
    """A curve with a labelled axis on the left and one below, called `name`.

    Spikes are kept however many points there are. On a log axis what is not above 0 is drawn at
    the bottom, and a last line says so; `height` counts the lines of the curve alone.
    """
    heights = [y for _, y in points]
    up = scale(heights, max(height // 3, 2) + 1, log=log)
    columns = max(width - margin_of(up, name) - 2, NARROWEST)
    across = scale([float(x) for x, _ in points], max(columns // 10, 2), wide=False)
    canvas = _Canvas(columns, height, unicode)
    canvas.draw([(across.place(x), up.place(y)) for x, y in thinned(points, 2 * columns)])
    lines = framed(canvas.lines(), across, up, name, unicode)
    return lines + [line for text in said(heights, log, up) for line in wrapped(text, width)]


def row_of(place: float, height: int) -> int:
    """The line of a place between the bottom and the top."""
    return height - 1 - min(int(place * height), height - 1)


def said(heights: Sequence[float], log: bool, up: Scale) -> list[str]:
    """Return a sentence about the values that the axis cannot show, if there are any."""
    if log and not up.log:
        return ["no value is above 0, so the axis is linear"]
    clipped = sum(value <= 0 for value in heights) if log else 0
    return [f"values not above 0, drawn at the bottom: {clipped}"] if clipped else []


def margin_of(up: Scale, name: str = "") -> int:
    """How wide the numbers of an axis on the left are, and the name below them but for a letter."""
    return max(map(len, [*map(label, up.ticks), name[:-1]]))


def framed(rows: Sequence[str], across: Scale, up: Scale, name: str, unicode: bool) -> list[str]:
    """The rows of a chart with an axis on the left, and one below that has this name."""
    margin, columns = margin_of(up, name), len(rows[0])
    at = {row_of(up.place(float(tick)), len(rows)): label(tick) for tick in up.ticks}
    edge, mark, corner = "│┤└" if unicode else "|++"
    lines = [
        f"{at.get(row, ''):>{margin}} {mark if row in at else edge}{text}".rstrip()
        for row, text in enumerate(rows)
    ]
    line, mark = "─┬" if unicode else "-+"
    rule, numbers = [line] * columns, [" "] * columns
    free = 0
    whole = across.low.is_integer()
    for tick in across.ticks:
        if whole and tick.denominator > 1:
            continue  # there is no half epoch
        text, place = label(tick), min(int(across.place(float(tick)) * columns), columns - 1)
        rule[place] = mark
        start = min(max(place - len(text) // 2, 0), columns - len(text))
        if start >= free:
            numbers[start : start + len(text)] = text
            free = start + len(text) + 1
    return [
        *lines,
        f"{'':{margin}} {corner}{''.join(rule)}",
        f"{name:>{margin + 1}} {''.join(numbers)}".rstrip(),
    ]


class _Canvas:
    """Cells of 2 x 4 dots, or of 1 x 2 in plain ASCII."""

    def __init__(self, columns: int, rows: int, unicode: bool) -> None:
        self.unicode = unicode
        self.cell = (2, 4) if unicode else (1, 2)
        self.cells = [[0] * columns for _ in range(rows)]
        self.size = columns * self.cell[0], rows * self.cell[1]

    def draw(self, points: Sequence[Point]) -> None:
        dots = [tuple(min(int(at * n), n - 1) for at, n in zip(p, self.size, strict=True))
                for p in points]  # fmt: skip
        for (x, y), (to_x, to_y) in zip(dots, dots[1:] or dots, strict=False):
            steps = max(abs(to_x - x), abs(to_y - y), 1)
            for step in range(steps + 1):
                share = step / steps
                self.dot(round(x + share * (to_x - x)), round(y + share * (to_y - y)))

    def dot(self, x: int, y: int) -> None:
        column, within_x = divmod(x, self.cell[0])
        row, within_y = divmod(self.size[1] - 1 - y, self.cell[1])
        bit = BRAILLE[within_y][within_x] if self.unicode else within_y + 1
        self.cells[row][column] |= bit

    def lines(self) -> list[str]:
        signs = [chr(0x2800 + n) for n in range(256)] if self.unicode else ASCII_DOTS
        return ["".join(signs[bits] if bits else " " for bits in row) for row in self.cells]


def sparkline(
    points: Sequence[Point],
    width: int,
    unicode: bool = True,
    *,
    log: bool = False,
    ends: Sequence[float] = (),
) -> str:
    """A small curve in one line: of the values that share a column the greatest is shown.

    A column between two points shows the one before it. The scale goes from the least to the
    greatest of the `ends`, where several curves share one.
    """
    columns = min(width, len(points))
    across = Scale(points[0][0], points[-1][0], ()) if points else Scale(0, 0, ())
    found: list[list[float]] = [[] for _ in range(columns)]
    for x, y in points:
        found[min(int(across.place(x) * columns), columns - 1)].append(y)
    shown: list[float] = []
    for column in found:
        shown.append(max(column) if column else shown[-1] if shown else math.nan)
    up = scale(ends or shown, 2, log=log, wide=False)
    signs = FALLS[unicode]
    return "".join(
        signs[max(min(int(up.place(value) * len(signs)), len(signs) - 1), 0)]
        if math.isfinite(value) else "?"
        for value in shown
    )  # fmt: skip


def histogram(values: Sequence[float], bins: int, width: int, unicode: bool = True) -> list[str]:
    """One line for each range of values: the range, a bar, how many.

    The ranges end at round numbers, in equal factors where the values span more than two powers
    of ten; a value on a border belongs to the upper range. Ranges that are empty at either end
    are left out.
    """
    found = [value for value in values if math.isfinite(value)]
    if not found:
        return []
    rows = _counted(found, bins)
    texts, counts = [text for text, _ in rows], [count for _, count in rows]
    margin, digits = max(map(len, texts)), len(str(max(counts)))
    room = max(width - margin - digits - 3, 1)
    lines = []
    for text, count in rows:
        bar = _bar(count / max(counts), room, unicode) if count else ""
        lines.append(f"{text:<{margin}}  {bar}{' ' if bar else ''}{count}")
    return lines


def _counted(values: list[float], bins: int) -> list[tuple[str, int]]:
    low, high = min(values), max(values)
    if high - low <= SAME * max(abs(low), abs(high)):
        return [(rounded(low, 6)[0], len(values))]
    above = [value for value in values if value > 0]
    log = low >= 0 and high > 100 * min(above)
    nought = len(values) - len(above) if log else 0
    shown = above if log else values
    edges = scale(shown, max(bins, 1) + 1, log=log).ticks
    edges = edges if len(edges) > 1 else (Fraction(low), Fraction(high))
    counts = [0] * (len(edges) - 1)
    for value in shown:
        counts[min(max(bisect_right(edges, value) - 1, 0), len(counts) - 1)] += 1
    texts = [label(edge) for edge in edges]
    wide = max(map(len, texts))
    names = [f"{a:>{wide}} to {b:<{wide}}" for a, b in pairwise(texts)]
    filled = [place for place, count in enumerate(counts) if count]
    rows = list(zip(names, counts, strict=True))[filled[0] : filled[-1] + 1]
    return [(f"{'0':>{wide}}", nought), *rows] if nought else rows


def _bar(share: float, room: int, unicode: bool) -> str:
    """A bar of so much of the room, never none."""
    parts = PARTS[unicode]
    whole, rest = divmod(max(round(share * room * len(parts)), 1), len(parts))
    return parts[-1] * whole + (parts[rest - 1] if rest else "")


SHADES = {True: " ░▒▓█", False: " .:=*%#@"}
"""From low to high; the plain ones leave | - + to the kinks."""
LINES = {True: ("│", "─", "┼"), False: ("|", "-", "+")}
"""A kink that runs upwards, one that runs across, both."""


def heat_map(
    grid: Grid, xs: Sequence[float], ys: Sequence[float], *, names: tuple[str, str], width: int,
    unicode: bool = True, log: bool = False, path: Sequence[Point] = (),
    kinks: Iterable[Border] = (),
) -> list[str]:  # fmt: skip
    """A grid in shades, two columns to a cell, with axes, a path from S to E, kinks, a legend.

    A grid that is too wide is shown with some of its columns and rows left out, but all kinks.
    """
    up = cell_scale(ys, max(len(ys) // 4, 3))
    columns = min(len(xs), max(width - margin_of(up) - 2, NARROWEST) // 2)
    rows = max(len(ys) * columns // len(xs), 1)
    across = cell_scale(xs, max(columns // 5, 3))
    shades = levels(grid, len(SHADES[unicode]), log=log)
    canvas = _shaded(grid, shades, columns, rows, SHADES[unicode])
    marks = _draw_kinks(canvas, kinks, columns / len(xs), rows / len(ys), unicode)
    marks += _draw_path(canvas, path, across, up)
    lines = wrapped(f"{printable(names[1])} upwards, {printable(names[0])} to the right", width)
    lines += framed(["".join(cells) for cells in canvas], across, up, "", unicode)
    for text in (*_legend(shades, SHADES[unicode], grid), *marks):
        lines += wrapped(text, width)
    return lines


def _shaded(grid: Grid, shades: Levels, columns: int, rows: int, signs: str) -> list[list[str]]:
    """The shade of each cell, twice, from the top row down."""
    spread = (len(signs) - 1) / max(shades.count - 1, 1)
    canvas = []
    for row in reversed(range(rows)):
        own = grid[(2 * row + 1) * len(grid) // (2 * rows)]
        middles = ((2 * column + 1) * len(own) // (2 * columns) for column in range(columns))
        shown = (own[place] for place in middles)
        cells = ("?" if v is None else signs[round(shades.of(v) * spread)] for v in shown)
        canvas.append([sign for cell in cells for sign in (cell, cell)])
    return canvas


def _draw_kinks(
    canvas: list[list[str]], kinks: Iterable[Border], across: float, up: float, unicode: bool
) -> list[str]:
    """Lines where kinks run, at the right edge of a cell or along it; what they mean."""
    words: list[str] = []
    upright, flat, both = LINES[unicode]
    for kink in kinks:
        row = len(canvas) - 1 - int(kink.row * up)
        left = 2 * int(kink.column * across)
        for column in (left + 1,) if kink.upright else (left, left + 1):
            sign, other = (upright, flat) if kink.upright else (flat, upright)
            crossed = canvas[row][column] in (other, both)
            canvas[row][column] = both if crossed else sign
            words = [f"{upright} {flat} kinks"]
    return words


def _draw_path(
    canvas: list[list[str]], path: Sequence[Point], across: Scale, up: Scale
) -> list[str]:
    """The points of a path, its start and end last; what has to be said of it."""
    if not path:
        return []
    inside = [across.low <= x <= across.high and up.low <= y <= up.high for x, y in path]
    size = len(canvas[0])
    places = [
        (row_of(up.place(y), len(canvas)), min(int(across.place(x) * size), size - 1))
        for x, y in path
    ]
    for (row, column), seen in zip(places, inside, strict=True):
        if seen:
            canvas[row][column] = "o"
    for sign, end in ("S", 0), ("E", -1):
        if inside[end]:
            canvas[places[end][0]][places[end][1]] = sign
    hidden = " (both at one place: only E is seen)" if places[0] == places[-1] else ""
    outside = inside.count(False)
    beyond = [f"points of the path outside the chart: {outside}"] if outside else []
    return [f"S start, o path, E end{hidden}", *beyond]


def _legend(shades: Levels, signs: str, grid: Grid) -> list[str]:
    """Which values each shade stands for, and what is undefined."""
    spread = (len(signs) - 1) / max(shades.count - 1, 1)
    undefined, points = sum(value is None for row in grid for value in row), sum(map(len, grid))
    each = [
        f"[{2 * signs[round(place * spread)]}] {low}{f' to {high}' if high != low else ''}"
        for place, (low, high) in enumerate(pairwise(shades.texts()))
    ]
    words = [GAP.join(each), f"shades: {shades.rule}"] if undefined < points else []
    return words + ([f"? undefined: {undefined} of {points} points"] if undefined else [])
