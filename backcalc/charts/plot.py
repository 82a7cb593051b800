"""Charts as SVG: one file each, no script, nothing loaded from elsewhere, light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from backcalc.charts.chart import said
from backcalc.charts.scale import (
    Border,
    Grid,
    Levels,
    Point,
    Scale,
    cell_scale,
    label,
    levels,
    scale,
    short,
    thinned,
)
from backcalc.errors import printable
from backcalc.errors.lettering import isolated

LEFT, TOP, WIDTH, HEIGHT = 78, 48, 560, 560
"""Where a chart starts within its picture, and its size; a curve has half the height."""
BAR = 40  # from a heat map to its colour bar, which is half as wide
RAMP = (
    (247, 251, 255), (222, 235, 247), (198, 219, 239), (158, 202, 225), (107, 174, 214),
    (66, 146, 198), (33, 113, 181), (8, 81, 156), (8, 48, 107),
)  # fmt: skip
"""One hue that darkens evenly, so that it reads in grey as well (ColorBrewer's Blues)."""
SHADES = 12
CURVE = ("epoch", "loss")  # the axes of a curve

STYLE = "\n" + files(__package__).joinpath("chart.css").read_text("utf-8")


def curve_svg(points: Sequence[Point], title: str, log: bool = False) -> str:
    """A curve with both axes; a log axis draws what is not above 0 at the bottom, and says so."""
    heights = [y for _, y in points]
    across = scale([float(x) for x, _ in points], 7, wide=False)
    up = scale(heights, 7, log=log)
    tall = HEIGHT // 2
    places = [_place(point, across, up, tall) for point in thinned(points, WIDTH)]
    parts = [*_axes(across, up, tall, CURVE, lines=True)]
    if len(places) == 1:
        parts.append(f'<circle class="dot" cx="{places[0][0]}" cy="{places[0][1]}" r="4"/>')
    elif places:
        parts.append(f'<polyline class="curve" points="{_listed(places)}"/>')
    parts += (_text(LEFT, TOP + tall + 68, text) for text in said(heights, log, up))
    return _svg(parts, title, LEFT + WIDTH + 30, TOP + tall + 84)


def curves_svg(curves: Sequence[tuple[str, Sequence[Point]]], title: str, log: bool) -> str:
    """Several curves over the same axes, told apart by colour and dashes, with a legend below."""
    drawn = [each for each in curves if each[1]]
    heights = [y for _, points in drawn for _, y in points]
    across = scale([float(x) for _, points in drawn for x, _ in points], 7, wide=False)
    up = scale(heights, 7, log=log)
    tall, below = HEIGHT // 2, TOP + HEIGHT // 2 + 68
    parts = [*_axes(across, up, tall, CURVE, lines=True)]
    for number, (words, points) in enumerate(drawn):
        places = [_place(point, across, up, tall) for point in thinned(points, WIDTH)]
        dashes = DASHES[(number + number // len(LINES)) % len(DASHES)]  # others than a neighbour's
        look = f'style="stroke: {LINES[number % len(LINES)]}; stroke-dasharray: {dashes}"'
        parts.append(f'<polyline class="curve" {look} points="{_listed(places)}"/>')
        y = below + 22 * number
        parts.append(f'<path class="curve" {look} d="M{LEFT} {y - 5}h40"/>')
        parts.append(_text(LEFT + 50, y, words))
    below += 22 * len(drawn)
    parts += (_text(LEFT, below + 22 * n, text) for n, text in enumerate(said(heights, log, up)))
    return _svg(parts, title, LEFT + WIDTH + 30, below + 44)


LINES = ("#0a7dd1", "#d9480f", "#2b8a3e", "#9c36b5", "#8a6d00", "#c2255c")
"""Colours that are told apart on light and dark paper."""
DASHES = ("none", "8 4", "2 3", "10 3 2 3")


def heat_svg(
    grid: Grid, xs: Sequence[float], ys: Sequence[float], *, path: Sequence[Point] = (),
    kinks: Iterable[Border] = (), names: tuple[str, str], title: str, log: bool = False,
) -> str:  # fmt: skip
    """A grid in shades with its colour bar, kinks as dashed lines, a path from dot to square."""
    across, up = cell_scale(xs, 9), cell_scale(ys, 9)
    shades = levels(grid, SHADES, log=log)
    bent = _kinks(tuple(kinks), len(xs), len(ys))
    values = [value for row in grid for value in row]
    undefined = None in values
    parts = [
        *_cells(grid, shades),
        *bent,
        *_path([_place(point, across, up, HEIGHT) for point in path]),
        *_axes(across, up, HEIGHT, names, lines=False),
        *(_bar(shades) if any(value is not None for value in values) else ()),
        *_legend(bool(path), bool(bent), undefined, shades),
    ]
    return _svg(parts, title, LEFT + WIDTH + BAR + 110, TOP + HEIGHT + 100)


FRAME = files(__package__).joinpath("chart.svg").read_text("utf-8")


def _svg(parts: Iterable[str], title: str, width: int, height: int) -> str:
    return FRAME.format(
        width=width, height=height, title=escape(printable(title)), style=STYLE,
        x=LEFT, y=TOP, wide=WIDTH, tall=HEIGHT, parts="\n".join(parts),
    )  # fmt: skip


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    words = escape(isolated(printable(text)))
    return f'<text x="{short(x)}" y="{short(y)}" text-anchor="{anchor}"{more}>{words}</text>'


def _place(point: Point, across: Scale, up: Scale, tall: int) -> tuple[str, str]:
    """A point in the picture, beyond the chart where it is outside the axes."""
    x, y = (axis.beyond(value) for axis, value in zip((across, up), point, strict=True))
    return short(LEFT + x * WIDTH), short(TOP + (1 - y) * tall)


def _listed(places: Iterable[tuple[str, str]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def _axes(
    across: Scale, up: Scale, tall: int, names: tuple[str, str], *, lines: bool
) -> Iterator[str]:
    """Both axes with ticks, their numbers and names; with lines across the chart if wanted."""
    bottom = TOP + tall
    for tick in across.ticks:
        x = short(LEFT + across.place(float(tick)) * WIDTH)
        if lines:
            yield f'<path class="grid" d="M{x} {TOP}V{bottom}"/>'
        yield f'<path class="axis" d="M{x} {bottom}v5"/>'
        yield _text(float(x), bottom + 22, label(tick), "middle")
    for tick in up.ticks:
        y = short(TOP + (1 - up.place(float(tick))) * tall)
        if lines:
            yield f'<path class="grid" d="M{LEFT} {y}H{LEFT + WIDTH}"/>'
        yield f'<path class="axis" d="M{LEFT} {y}h-5"/>'
        yield _text(LEFT - 10, float(y) + 5, label(tick), "end")
    yield f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{LEFT + WIDTH}"/>'
    yield _text(LEFT + WIDTH / 2, bottom + 44, names[0], "middle")
    middle = short(TOP + tall / 2)
    yield _text(18, float(middle), names[1], "middle", f' transform="rotate(-90 18 {middle})"')


def _colour(level: int, count: int) -> str:
    place = level / max(count - 1, 1) * (len(RAMP) - 1)
    lower = min(int(place), len(RAMP) - 2)
    mixed = (a + (b - a) * (place - lower) for a, b in zip(*RAMP[lower : lower + 2], strict=True))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def _cells(grid: Grid, shades: Levels) -> Iterator[str]:
    tall = HEIGHT / len(grid)
    yield '<g shape-rendering="crispEdges">'
    for row, values in enumerate(grid):
        wide = WIDTH / len(values)
        y = TOP + HEIGHT - (row + 1) * tall
        shown = [None if value is None else shades.of(value) for value in values]
        for level, cells in groupby(range(len(values)), key=shown.__getitem__):
            places = list(cells)
            x = LEFT + places[0] * wide
            colour = "url(#backcalc-hatch)" if level is None else _colour(level, shades.count)
            yield (
                f'<rect x="{x:.2f}" y="{y:.2f}" width="{len(places) * wide:.2f}"'
                f' height="{tall:.2f}" fill="{colour}"/>'
            )
    yield "</g>"


def _kinks(kinks: Sequence[Border], columns: int, rows: int) -> list[str]:
    """Lines between the cells where kinks run."""
    wide, tall = WIDTH / columns, HEIGHT / rows
    moves = ""
    for kink in sorted(kinks, key=lambda k: (k.upright, k.column if k.upright else k.row)):
        x, y = LEFT + kink.column * wide, TOP + HEIGHT - (kink.row + 1) * tall
        moves += (
            f"M{x + wide:.2f} {y + tall:.2f}v{-tall:.2f}" if kink.upright
            else f"M{x:.2f} {y:.2f}h{wide:.2f}"
        )  # fmt: skip
    return [f'<path class="{name}" d="{moves}"/>' for name in ("under", "kink") if moves]


def _path(places: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A path with a dot at its start and a square at its end."""
    if not places:
        return
    yield '<g clip-path="url(#backcalc-chart)">'
    for name in ("casing", "path"):
        yield f'<polyline class="{name}" points="{_listed(places)}"/>'
    for mark, (x, y) in ((START, places[0]), (END, places[-1])):
        yield _mark(mark, float(x), float(y))
    yield "</g>"


def _bar(shades: Levels) -> Iterator[str]:
    """The shades, low at the bottom, with the values between them."""
    left, tall = LEFT + WIDTH + BAR, HEIGHT / shades.count
    texts = shades.texts()
    for level in range(shades.count):
        y = TOP + HEIGHT - (level + 1) * tall
        colour = _colour(level, shades.count)
        yield (
            f'<rect x="{left}" y="{y:.2f}" width="{BAR // 2}" height="{tall:.2f}" fill="{colour}"/>'
        )
    yield f'<rect class="axis" x="{left}" y="{TOP}" width="{BAR // 2}" height="{HEIGHT}"/>'
    for place, text in enumerate(texts):
        yield _text(left + BAR // 2 + 8, TOP + HEIGHT - place * tall + 5, text)


START = '<circle class="end" cx="{0}" cy="{1}" r="7"/>'
END = '<rect class="end" x="{2}" y="{3}" width="10" height="10"/>'
BEND = '<path class="under" d="M{2} {1}h14"/><path class="kink" d="M{2} {1}h14"/>'
HATCHED = '<rect x="{2}" y="{3}" width="12" height="12" fill="url(#backcalc-hatch)"/>'


def _mark(mark: str, x: float, y: float) -> str:
    return mark.format(short(x), short(y), short(x - 5), short(y - 5))


def _legend(path: bool, kinks: bool, undefined: bool, shades: Levels) -> Iterator[str]:
    """Yield the meaning of the marks, below the chart."""
    y, x = TOP + HEIGHT + 68, LEFT + 6.0
    marks = (
        (path, START, "start"),
        (path, END, "end of the path"),
        (kinks, BEND, "kink"),
        (undefined, HATCHED, "undefined"),
    )
    for shown, mark, words in marks:
        if shown:
            yield _mark(mark, x, y)
            yield _text(x + 14, y + 5, words)
            x += 44 + 8 * len(words)
    yield _text(LEFT, y + 24, f"shades: {shades.rule}")
