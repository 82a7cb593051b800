"""Charts as lines of text: curves in dots, bars, shades; block characters or plain ASCII."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from backcalc.notation import rounded

Point = tuple[float, float]

BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""What each of the dots of a cell, row by row, adds to the character U+2800."""
ASCII_DOTS = " '.:"
"""No dot, the upper one, the lower one, both."""
FALLS = {True: "▁▂▃▄▅▆▇█", False: "_.-'"}
PARTS = {True: "▏▎▍▌▋▊▉█", False: "#"}
SHADES = {True: " ░▒▓█", False: " .:=*%#@"}
SAME = 1e-9  # values that differ by less than this share are shown as one
GREATEST = 1.7976931348623157e308
NARROWEST = 8  # columns that a chart is drawn in, whatever the width


# Axes: round numbers, and where a value lies between them.


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from one round number to another."""

    low: float
    """Where it starts."""
    high: float
    """Where it ends."""
    ticks: tuple[Fraction, ...]
    """The round numbers on it."""
    log: bool = False
    """Whether equal steps are equal factors."""

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the start, 1 at the end, what is outside at the nearer one."""
        low, high, value = (self._own(each) for each in (self.low, self.high, value))
        return min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5

    def _own(self, value: float) -> float:
        if self.log:
            return math.log10(max(value, self.low))
        return value / 2  # so that a difference of two does not overflow


def scale(values: Iterable[float], most: int, *, log: bool = False, wide: bool = True) -> Scale:
    """An axis with at most so many round numbers; `wide` lets it start and end with one.

    A log axis is for the values above 0; without any it is an ordinary one.
    """
    found = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not found:
        return scale(values, most, wide=wide) if log else scale([0.0, 1.0], most, wide=wide)
    low, high = min(found), max(found)
    if high - low <= SAME * max(abs(low), abs(high)):
        if not wide:
            return Scale(low, high, (Fraction(low),))
        margin = abs(low) / 10 or 1.0
        low, high = max(low - margin, -GREATEST), min(high + margin, GREATEST)
    ticks = (_decades(low, high, most) if log else ()) or _round_numbers(low, high, most)
    if wide:
        low = min(low, _double(ticks[0])) if ticks[0] > 0 or not log else low
        high = max(high, _double(ticks[-1]))
    shown = tuple(tick for tick in ticks if low <= _double(tick) <= high)
    return Scale(low, high, shown, log)


def _double(number: Fraction) -> float:
    """The nearest number that a float can hold."""
    return float(min(max(number, Fraction(-GREATEST)), Fraction(GREATEST)))


def _round_numbers(low: float, high: float, most: int) -> tuple[Fraction, ...]:
    """Multiples of 1, 2 or 5 times a power of ten, from the last below to the first above."""
    start, end = Fraction(low), Fraction(high)
    power = len(str(int((end - start) * 10**330 / most))) - 331
    for step in (Fraction(digit) * Fraction(10) ** power for digit in (1, 2, 5, 10, 20, 50)):
        first, last = start // step, -(-end // step)
        if last - first < most:
            break
    return tuple(number * step for number in range(first, last + 1))


def _decades(low: float, high: float, most: int) -> tuple[Fraction, ...]:
    """Powers of ten, with 2 and 5 times them where there is room; none within one decade."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if high < 10 * low:
        return ()
    between = [digit * Fraction(10) ** power for power in range(first, last) for digit in (1, 2, 5)]
    between = [each for each in between if each * 2.5 > low and each < 2.5 * high]
    if len(between) <= most:
        return (*between, Fraction(10) ** last) if between[-1] < high else tuple(between)
    stride = -(-(last - first) // max(most - 1, 1))
    return tuple(Fraction(10) ** power for power in range(first, last + stride, stride))


def label(number: float | Fraction) -> str:
    """A round number of an axis."""
    return rounded(number, 12)[0]


def brief(values: Sequence[float], digits: int = 3) -> list[str]:
    """Numbers in as few digits as tell them apart, three at least."""
    different = len(set(values))
    while True:
        texts = [rounded(value, digits)[0] for value in values]
        if digits >= 9 or len(set(texts)) == different:
            return texts
        digits += 1


def thinned(points: Sequence[Point], columns: int) -> list[Point]:
    """The points without those that would not be seen: first, least, greatest, last of a column."""
    points = [point for point in points if math.isfinite(point[0]) and math.isfinite(point[1])]
    if len(points) <= 4 * columns:
        return points
    across = Scale(points[0][0], points[-1][0], ())
    groups: dict[int, list[int]] = {}
    for place, (x, _) in enumerate(points):
        groups.setdefault(int(across.place(x) * columns), []).append(place)
    kept: list[Point] = []
    for group in groups.values():
        by_height = sorted((group[0], group[-1]), key=lambda place: points[place][1])
        least = min(group, key=lambda place: points[place][1])
        greatest = max(group, key=lambda place: points[place][1])
        kept += [points[place] for place in sorted({*by_height, least, greatest})]
    return kept


# The charts.


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
    labels = [label(tick) for tick in up.ticks]
    margin = max(map(len, [*labels, name[:-1]]))
    columns = max(width - margin - 2, NARROWEST)
    across = scale([float(x) for x, _ in points], max(columns // 10, 2), wide=False)
    canvas = _Canvas(columns, height, unicode)
    canvas.draw([(across.place(x), up.place(y)) for x, y in thinned(points, 2 * columns)])
    at = {_row(up.place(float(t)), height): text for t, text in zip(up.ticks, labels, strict=True)}
    edge, tick, corner = "│┤└" if unicode else "|++"
    lines = [
        f"{at.get(row, ''):>{margin}} {tick if row in at else edge}{text}".rstrip()
        for row, text in enumerate(canvas.lines())
    ]
    lines += _below(across, columns, margin, name, corner, unicode)
    return lines + _said(heights, log, up)


def _row(place: float, height: int) -> int:
    """The line of a place between the bottom and the top."""
    return height - 1 - min(int(place * height), height - 1)


def _said(heights: Sequence[float], log: bool, up: Scale) -> list[str]:
    """What the axis could not show."""
    if log and not up.log:
        return ["no value is above 0, so the axis is no log axis"]
    clipped = sum(value <= 0 for value in heights) if log else 0
    return [f"values not above 0, drawn at the bottom: {clipped}"] if clipped else []


def _below(
    across: Scale, columns: int, margin: int, name: str, corner: str, unicode: bool
) -> list[str]:
    """The axis below a chart: a line with ticks, and their numbers under it."""
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
        """A line from point to point, each between 0 and 1."""
        dots = [tuple(min(int(at * n), n - 1) for at, n in zip(p, self.size, strict=True))
                for p in points]  # fmt: skip
        for (x, y), (to_x, to_y) in zip(dots, dots[1:] or dots, strict=False):
            steps = max(abs(to_x - x), abs(to_y - y), 1)
            for step in range(steps + 1):
                share = step / steps
                self.dot(round(x + share * (to_x - x)), round(y + share * (to_y - y)))

    def dot(self, x: int, y: int) -> None:
        """One dot, counted from the lower left."""
        column, within_x = divmod(x, self.cell[0])
        row, within_y = divmod(self.size[1] - 1 - y, self.cell[1])
        bit = BRAILLE[within_y][within_x] if self.unicode else within_y + 1
        self.cells[row][column] |= bit

    def lines(self) -> list[str]:
        """The cells as text."""
        signs = [chr(0x2800 + n) for n in range(256)] if self.unicode else ASCII_DOTS
        return ["".join(signs[bits] if bits else " " for bits in row) for row in self.cells]


def sparkline(
    values: Sequence[float], width: int, unicode: bool = True, *, log: bool = False
) -> str:
    """A small curve in one line: of the values that share a column the greatest is shown."""
    columns = min(width, len(values))
    edges = [len(values) * column // columns for column in range(columns + 1)] if columns else []
    shown = [max(values[a:b]) for a, b in pairwise(edges)]
    up = scale(shown, 2, log=log, wide=False)
    signs = FALLS[unicode]
    return "".join(
        signs[min(int(up.place(value) * len(signs)), len(signs) - 1)]
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
    room = max(width - margin - digits - 4, 1)
    lines = []
    for text, count in rows:
        bar = _bar(count / max(counts), room, unicode) if count else ""
        lines.append(f"{text:<{margin}}  {bar}{' ' if bar else ''}{count}")
    return lines


def _counted(values: list[float], bins: int) -> list[tuple[str, int]]:
    """The ranges and how many values are in each."""
    low, high = min(values), max(values)
    if high - low <= SAME * max(abs(low), abs(high)):
        return [(rounded(low, 6)[0], len(values))]
    above = [value for value in values if value > 0]
    log = low >= 0 and high > 100 * min(above)
    nought = len(values) - len(above) if log else 0
    shown = above if log else values
    edges = scale(shown, max(bins, 1) + 1, log=log).ticks
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


# Heat maps.

Grid = Sequence[Sequence[float | None]]
"""Rows from the least y to the greatest, each from the least x to the greatest; None: undefined."""


@dataclass(frozen=True, slots=True)
class Border:
    """A kink that runs between two neighbouring cells of a grid."""

    column: int
    """The column of the cell left of it or below it."""
    row: int
    """The row of that cell."""
    upright: bool
    """Whether the other cell is the one to the right; else it is the one above."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Which shade a value has."""

    low: float
    """The least value."""
    high: float
    """The greatest."""
    borders: tuple[float, ...]
    """Where one shade ends and the next starts."""
    log: bool
    """Whether the borders are equal factors apart; else each shade has as many values."""

    def of(self, value: float) -> int:
        """The number of a value's shade, from 0."""
        return bisect_right(self.borders, value)

    @property
    def count(self) -> int:
        """How many shades are used."""
        return len(self.borders) + 1

    @property
    def rule(self) -> str:
        """How the borders were chosen."""
        return "equal factors" if self.log else "each shade for as many different values"

    def texts(self) -> list[str]:
        """The numbers between the shades, the least and the greatest with them."""
        return brief([self.low, *self.borders, self.high])


def levels(grid: Grid, count: int, *, log: bool = False) -> Levels:
    """So many shades for a grid: as many values in each, or with `log` equal factors apart.

    Without any value above 0 there are no equal factors.
    """
    found = sorted({float(f"{value:.9g}") for row in grid for value in row if value is not None})
    if not found:
        return Levels(0.0, 0.0, (), log=False)
    above = [value for value in found if value > 0]
    if log and above:
        low, high = math.log10(above[0]), math.log10(above[-1])
        cuts = [10 ** (low + (high - low) * place / count) for place in range(1, count)]
    else:
        cuts = [found[len(found) * place // count] for place in range(1, count)]
    borders = tuple(sorted({cut for cut in cuts if found[0] < cut <= found[-1]}))
    return Levels(found[0], found[-1], borders, log and bool(above))


def heat_map(
    grid: Grid, xs: Sequence[float], ys: Sequence[float], *, names: tuple[str, str], width: int,
    unicode: bool = True, log: bool = False, path: Sequence[Point] = (),
    kinks: Iterable[Border] = (),
) -> list[str]:  # fmt: skip
    """A grid in shades, two columns to a cell, with axes, a path from S to E, kinks, a legend.

    A grid that is too wide is shown with every second, third, ... cell.
    """
    raise NotImplementedError
