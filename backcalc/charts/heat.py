"""Heat maps as lines of text: a grid in shades with a path on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from backcalc.charts.chart import NARROWEST, below, row_of
from backcalc.charts.scale import Border, Grid, Levels, Point, Scale, cell_scale, label, levels
from backcalc.errors import printable
from backcalc.lettering import GAP, wrapped

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
    texts = [label(tick) for tick in up.ticks]
    margin = max(map(len, texts), default=0)
    columns = min(len(xs), max(width - margin - 2, NARROWEST) // 2)
    rows = max(len(ys) * columns // len(xs), 1)
    across = cell_scale(xs, max(columns // 5, 3))
    shades = levels(grid, len(SHADES[unicode]), log=log)
    canvas = _shaded(grid, shades, columns, rows, SHADES[unicode])
    marks = _draw_kinks(canvas, kinks, columns / len(xs), rows / len(ys), unicode)
    marks += _draw_path(canvas, path, across, up)
    at = {row_of(up.place(float(t)), rows): text for t, text in zip(up.ticks, texts, strict=True)}
    edge, tick, corner = "│┤└" if unicode else "|++"
    lines = wrapped(f"{printable(names[1])} upwards, {printable(names[0])} to the right", width)
    lines += [
        f"{at.get(row, ''):>{margin}} {tick if row in at else edge}{''.join(cells)}".rstrip()
        for row, cells in enumerate(canvas)
    ]
    lines += below(across, 2 * columns, margin, "", corner, unicode)
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
    words = [f"S start, o path, E end{hidden}"]
    outside = inside.count(False)
    return words + ([f"points of the path outside the chart: {outside}"] if outside else [])


def _legend(shades: Levels, signs: str, grid: Grid) -> list[str]:
    """Which values each shade stands for, and what is undefined."""
    spread = (len(signs) - 1) / max(shades.count - 1, 1)
    undefined = sum(value is None for row in grid for value in row)
    texts = shades.texts()
    words: list[str] = []
    if undefined < sum(map(len, grid)):
        each = [
            f"[{2 * signs[round(place * spread)]}] {low}{f' to {high}' if high != low else ''}"
            for place, (low, high) in enumerate(pairwise(texts))
        ]
        words = [GAP.join(each), f"shades: {shades.rule}"]
    return words + (
        [f"? undefined: {undefined} of {sum(map(len, grid))} points"] if undefined else []
    )
