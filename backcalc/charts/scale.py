"""Axes with round numbers, where a value lies on them, and the shades of a heat map."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backcalc.formulas.notation import rounded

Point = tuple[float, float]

SAME = 1e-9  # values that differ by less than this share are shown as one
GREATEST = 1.7976931348623157e308  # of all floats

Grid = Sequence[Sequence[float | None]]
"""Rows from the least y to the greatest, each from the least x to the greatest; None: undefined."""


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
    """True if equal steps are equal factors."""

    def place(self, value: float) -> float:
        """Where a value lies: 0 at the start, 1 at the end, what is outside at the nearer one."""
        return min(max(self.beyond(value), 0.0), 1.0)

    def beyond(self, value: float) -> float:
        """The same for what is outside as well, no further than ten lengths."""
        low, high, value = (self._own(each) for each in (self.low, self.high, value))
        return min(max((value - low) / (high - low), -10.0), 10.0) if high > low else 0.5

    def _own(self, value: float) -> float:
        if self.log:
            return math.log10(max(value, self.low))
        return value / 4  # so that a difference of two does not overflow


@dataclass(frozen=True, slots=True)
class Border:
    """A kink that runs between two neighbouring cells of the grid."""

    column: int
    """The column of the cell left of it or below it."""
    row: int
    """The row of that cell."""
    upright: bool
    """True if the other cell is the one to the right; else it is the one above."""


def scale(values: Iterable[float], most: int, *, log: bool = False, wide: bool = True) -> Scale:
    """An axis with at most so many round numbers, from 3; `wide` lets it start and end with one.

    A log axis is for the values above 0; without any it is an ordinary one.
    """
    most = max(most, 3)  # to both sides of 0 there is one, and 0
    found = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not found:
        return scale(values, most, wide=wide) if log else scale([0.0, 1.0], most, wide=wide)
    low, high = min(found), max(found)
    if high - low <= SAME * max(abs(low), abs(high)):
        if not wide:
            return Scale(low, high, (Fraction(low),))
        margin = abs(low) / 10 or 1.0
        low, high = max(low - margin, -GREATEST), min(high + margin, GREATEST)
        low = 0.0 if high == margin else low  # what is 0 everywhere may be never negative
    ticks = (_decades(low, high, most) if log else ()) or _round_numbers(low, high, most)
    ticks = tuple(tick for tick in ticks if abs(tick) <= GREATEST)
    if wide:
        low = min(low, float(ticks[0])) if ticks[0] > 0 or not log else low
        high = max(high, float(ticks[-1]))
    shown = tuple(tick for tick in ticks if low <= float(tick) <= high)
    return Scale(low, high, shown, log)


def _round_numbers(low: float, high: float, most: int) -> tuple[Fraction, ...]:
    """Multiples of 1, 2 or 5 times a power of ten, from the last below to the first above."""
    start, end = Fraction(f"{low:.12g}"), Fraction(f"{high:.12g}")
    power = len(str(int((end - start) * 10**330 / most))) - 331
    for step in (Fraction(digit) * Fraction(10) ** power for digit in (1, 2, 5, 10, 20, 50)):
        first, last = start // step, -(-end // step)
        if last - first < most:
            break
    return tuple(number * step for number in range(first, last + 1))


def _decades(low: float, high: float, most: int) -> tuple[Fraction, ...]:
    """Powers of ten, with 2 and 5 times them where there is room; none within one decade."""
    if high < 10 * low:
        return ()
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    least, greatest = Fraction(low) * 2 / 5, Fraction(high) * 5 / 2
    between = [digit * Fraction(10) ** power for power in range(first, last) for digit in (1, 2, 5)]
    between = [each for each in between if least < each < greatest]
    if len(between) < most:
        return (*between, Fraction(10) ** last) if between[-1] < high else tuple(between)
    stride = -(-(last - first) // max(most - 1, 1))
    return tuple(Fraction(10) ** power for power in range(first, last + stride, stride))


def label(number: float | Fraction) -> str:
    """A round number of an axis."""
    return rounded(number, 12)[0]


def short(number: float) -> str:
    """A length of a picture in tenths."""
    return f"{number:.1f}".removesuffix(".0")


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


def cell_scale(values: Sequence[float], most: int) -> Scale:
    """The axis of a row of cells whose middles are these values."""
    half = (values[-1] - values[0]) / (len(values) - 1) / 2 if len(values) > 1 else 0.5
    ticks = scale(values, most, wide=False).ticks
    return Scale(values[0] - half, values[-1] + half, ticks)


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
    """True if the borders are equal factors apart; else each shade has as many values."""

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
        return "equal factors" if self.log else "each covers equally many values"

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
