"""Charts as text and as SVG: what they show of known figures, and that nothing breaks them."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backcalc.charts.chart import curve, heat_map, histogram, sparkline
from backcalc.charts.plot import curve_svg, heat_svg
from backcalc.charts.scale import cell_scale, label, levels, scale, thinned
from backcalc.training.loss_landscape import Border

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "a<b>&\"'\x1b[31m]]>\u202e"
FALLING = [(epoch, 0.4 * math.exp(-epoch / 800)) for epoch in range(5001)]
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5).map(float)

# Axes.


@pytest.mark.parametrize(
    ("values", "most", "log", "texts"),
    [
        ([0.390529, 0.000922], 4, False, ["0", "0.2", "0.4"]),
        ([0.390529, 0.000922], 5, True, ["0.0001", "0.001", "0.01", "0.1", "1"]),
        ([0.693147], 4, False, ["0.6", "0.7", "0.8"]),
        ([math.log(2), math.log(2) + 1e-15], 4, False, ["0.6", "0.7", "0.8"]),
        ([0.69314, 0.69316], 4, False, ["0.69314", "0.69315", "0.69316"]),
        ([0.0], 4, False, ["0", "0.5", "1"]),
        ([1e-300, 1e300], 4, True, ["1e-300", "1e-100", "1e100", "1e300"]),
        ([0.5, 0.45], 4, True, ["0.44", "0.46", "0.48", "0.5"]),
        ([-3.0, -1.0], 4, True, ["-3", "-2", "-1"]),
        ([-1.7e308, 1.7e308], 5, False, ["-1e308", "0", "1e308"]),
    ],
)
def test_axes_have_round_numbers(
    values: list[float], most: int, log: bool, texts: list[str]
) -> None:
    assert [label(tick) for tick in scale(values, most, log=log).ticks] == texts


@pytest.mark.sweep
@given(st.lists(numbers, min_size=1), st.integers(3, 9), st.booleans())
def test_an_axis_covers_its_values_with_few_numbers(
    values: list[float], most: int, log: bool
) -> None:
    axis = scale(values, most, log=log)
    assert 1 <= len(axis.ticks) <= most
    for value in values:
        assert (axis.log and value <= 0) or axis.low <= value <= axis.high
        assert 0 <= axis.place(value) <= 1
    assert list(axis.ticks) == sorted(axis.ticks)
    assert all(len(re.sub(r"e.*|\D", "", label(tick)).strip("0")) <= 12 for tick in axis.ticks)


def test_cells_lie_around_their_values() -> None:
    axis = cell_scale([-1.0, 0.0, 1.0], 3)
    assert (axis.low, axis.high) == (-1.5, 1.5)
    assert axis.ticks == (Fraction(-1), Fraction(0), Fraction(1))


# Curves.


def dots(lines: list[str]) -> dict[int, list[int]]:
    """The dots of a Braille curve, counted from the top, column by column from the left."""
    found: dict[int, list[int]] = {}
    for row, line in enumerate(line for line in lines if re.search("[│┤]", line)):
        start = re.search("[│┤]", line)
        assert start
        for column, sign in enumerate(line[start.end() :]):
            for place, (x, y) in enumerate(
                [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
            ):
                if sign != " " and (ord(sign) - 0x2800) >> place & 1:
                    found.setdefault(2 * column + x, []).append(4 * row + y)
    return found


def test_a_curve_goes_where_its_values_are() -> None:
    found = dots(curve(FALLING, 80, 10))
    for column, rows in found.items():
        epoch = (column + 0.5) / 148 * 5000
        expected = 40 * (1 - 0.4 * math.exp(-epoch / 800) / 0.4)
        assert min(rows) - 2 <= expected <= max(rows) + 2
    assert sorted(found) == list(range(148))


@pytest.mark.sweep
def test_a_spike_among_thousands_of_points_is_seen() -> None:
    spiked = [(x, 0.39 if x == 3333 else 0.001) for x in range(100_000)]
    found = dots(curve(spiked, 80, 10))
    high = [column for column, rows in found.items() if min(rows) <= 1]
    assert high == [int(3333 / 99_999 * 148)]


def test_thinned_points_keep_first_last_least_and_greatest() -> None:
    points = [(float(x), math.sin(x)) for x in range(10_000)]
    kept = thinned(points, 50)
    assert len(kept) <= 4 * 51
    assert {points[0], points[-1], min(points, key=lambda p: p[1])} <= set(kept)
    assert max(points, key=lambda p: p[1]) in kept
    assert kept == sorted(kept)


def test_a_curve_as_it_is_read() -> None:
    points = [(0, 3), (1, 2), (2, 1), (3, 0), (4, -1)]
    assert curve(points, 46, 4, log=True, unicode=False) == [
        "   3 +'''.....",
        "   2 +        '''...",
        "     |              '...",
        "   1 +                  '.....................",
        "     ++-------------------+------------------+",
        "epoch 0                   2                  4",
        "values not above 0, drawn at the bottom: 2",
    ]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("unicode", [False, True])
@pytest.mark.parametrize(
    "points",
    [
        [],
        [(0, 0.693)],
        [(x, 0.693) for x in range(9)],
        [(x, 1e-300 * x) for x in range(9)],
        [(x, (-1) ** x * 1.7e308) for x in range(9)],
        [(x, 10.0**-x) for x in range(300)],
        [(0, 1.0), (1, math.inf), (2, math.nan), (3, 2.0)],
        FALLING,
    ],
)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_curves_fit(
    points: list[tuple[float, float]], unicode: bool, log: bool, width: int
) -> None:
    lines = curve(points, width, 8, log=log, unicode=unicode)
    assert max(map(len, lines)) <= width
    assert unicode or "".join(lines).isascii()
    assert not re.search("nan|inf", "".join(lines))
    ElementTree.fromstring(curve_svg(points, HOSTILE, log))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 0.5, 0.0, -1.0], "values not above 0, drawn at the bottom: 2"),
        ([0.0, -1.0], "no value is above 0, so the axis is linear"),
    ],
)
def test_a_log_axis_says_what_it_cannot_show(values: list[float], said: str) -> None:
    points = list(enumerate(values))
    assert curve(points, 60, 6, log=True)[-1] == said
    assert said in curve_svg(points, "t", log=True)
    assert said not in "".join(curve(points, 60, 6)) + curve_svg(points, "t")


def test_there_are_no_half_epochs() -> None:
    below = curve([(0, 1.0), (1, 0.5), (2, 0.25)], 80, 6)[-1]
    assert below.split() == ["epoch", "0", "1", "2"]


# Sparklines and histograms.


@pytest.mark.parametrize(
    ("values", "width", "unicode", "line"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, True, "▁▂▃▄▅▆▇█"),
        ([7, 6, 5, 4, 3, 2, 1, 0], 4, True, "█▆▃▁"),
        ([3, 2, 1, 0], 8, False, "'-._"),
        ([0, 0, 9, 0, 0, 0], 3, True, "▁█▁"),
        ([1, math.nan], 2, True, "▅?"),
        ([], 8, True, ""),
    ],
)
def test_sparklines(values: list[float], width: int, unicode: bool, line: str) -> None:
    points = [(float(place), value) for place, value in enumerate(values)]
    assert sparkline(points, width, unicode) == line


def test_sparklines_on_one_scale() -> None:
    points = [(0.0, 4.0), (1.0, 3.0)]
    assert sparkline(points, 2, ends=(0, 8)) == "▅▄"
    assert sparkline([(0.0, 99.0), (1.0, -1.0)], 2, ends=(0, 8)) == "█▁"


def test_a_histogram_in_equal_factors() -> None:
    values = [0.0009] * 3 + [0.02] * 12 + [0.693] * 6
    assert histogram(values, 5, 40, unicode=False) == [
        "0.0001 to 0.001   ##### 3",
        " 0.001 to 0.01    0",
        "  0.01 to 0.1     ################### 12",
        "   0.1 to 1       ########## 6",
    ]


def test_a_histogram_leaves_out_empty_ends() -> None:
    assert histogram([0, 1, 1, 3.5], 4, 30) == [
        "0 to 1  ██████████ 1",
        "1 to 2  ████████████████████ 2",
        "2 to 3  0",
        "3 to 4  ██████████ 1",
    ]


@pytest.mark.sweep
@given(st.lists(numbers), st.integers(1, 12), st.booleans())
def test_a_histogram_counts_every_value(values: list[float], bins: int, unicode: bool) -> None:
    lines = histogram(values, bins, 80, unicode)
    assert sum(int(line.split()[-1]) for line in lines) == len(values)
    assert len(lines) <= bins + 2
    assert max(map(len, lines), default=0) <= 80
    assert not lines or all(not line.endswith(" 0") for line in (lines[-1],))


# Heat maps.

XS = [place / 4 for place in range(-4, 5)]
BOWL = [[x * x + y * y for x in XS] for y in XS]


READ = """\
w2 upwards, w1 to the right
 1 +@@@|##%%%%%%##@@@S
   |@@#|****==****##@@
   |##*|==::::::=o**##
   |%%*|::.....o::**%%
 0 +%%=|::.. E..::==%%
   |---+--------------
   |##*|==::::::==**##
   |@@#|****==****##@@
-1 +@@@|##%%%%%%##@@@@
   +-+-------+-------+
    -1       0       1
[  ] 0 to 0.0625   [..] 0.0625 to 0.25
[::] 0.25 to 0.5   [==] 0.5 to 0.625
[**] 0.625 to 1   [%%] 1 to 1.13
[##] 1.13 to 1.56   [@@] 1.56 to 2
shades: each covers equally many values
| - kinks
S start, o path, E end"""


def test_a_heat_map_as_it_is_read() -> None:
    kinks = [Border(1, row, upright=True) for row in range(9)]
    kinks += [Border(column, 3, upright=False) for column in range(9)]
    path = [(1.0, 1.0), (0.5, 0.5), (0.25, 0.25), (0.0, 0.0)]
    lines = heat_map(
        BOWL, XS, XS, names=("w1", "w2"), width=40, unicode=False, path=path, kinks=kinks
    )
    assert lines == READ.splitlines()


@pytest.mark.sweep
@pytest.mark.parametrize("log", [False, True])
@given(st.data())
def test_shades_part_the_values_in_order(log: bool, data: st.DataObject) -> None:
    grid = data.draw(st.lists(st.lists(numbers | st.none(), min_size=3, max_size=3), min_size=1))
    shades = levels(grid, 8, log=log)
    assert 1 <= shades.count <= 8
    found = sorted(value for row in grid for value in row if value is not None)
    assert [shades.of(value) for value in found] == sorted(map(shades.of, found))
    assert all(0 <= shades.of(value) < shades.count for value in found)
    assert len(shades.texts()) == shades.count + 1


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("unicode", [False, True])
@pytest.mark.parametrize(
    "grid",
    [BOWL, [[None] * 9] * 9, [[0.0] * 9] * 9, [[None, 1e308, -1e308, *[5e-324] * 6]] * 9],
    ids=["bowl", "undefined", "constant", "extreme"],
)
def test_heat_maps_fit(grid: list[list[float | None]], unicode: bool, width: int) -> None:
    path = [(0.0, 0.0), (9e9, -9e9)]
    for log in (False, True):
        lines = heat_map(
            grid, XS, XS, names=("w", HOSTILE), width=width, unicode=unicode, log=log, path=path
        )
        assert max(map(len, lines)) <= width
        assert unicode or "".join(lines).isascii()
        assert "\x1b" not in "".join(lines)
        assert "points of the path outside the chart: 1" in lines
        svg = heat_svg(grid, XS, XS, names=("w", HOSTILE), title=HOSTILE, log=log, path=path)
        assert not re.search(r"\bnan\b|\binf\b", svg)
        ElementTree.fromstring(svg)


def test_a_large_grid_is_shown_in_the_width_there_is() -> None:
    xs = [float(n) for n in range(200)]
    grid = [[x * y for x in xs] for y in xs]
    kinks = [Border(99, row, upright=True) for row in range(200)]
    lines = heat_map(grid, xs, xs, names=("a", "b"), width=80, kinks=kinks)
    assert max(map(len, lines)) <= 80
    cells = [re.split("[│┤]", line, maxsplit=1)[1] for line in lines if re.search(".+[│┤]", line)]
    assert {line.index("│") for line in cells if "│" in line} == {2 * int(99 * 37 / 200) + 1}


def test_svg_is_one_file_that_loads_nothing() -> None:
    svg = heat_svg(BOWL, XS, XS, names=("a", "b"), title=HOSTILE) + curve_svg(FALLING, HOSTILE)
    assert not re.search(r"script|@import|href|src=|url\((?!#)|on\w+=", svg)
    assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"] * 2
    assert "prefers-color-scheme: dark" in svg
    assert "\x1b" not in svg
    assert "\u202e" not in svg


def test_labels_in_svg_are_text() -> None:
    root = ElementTree.fromstring(heat_svg(BOWL, XS, XS, names=("w", HOSTILE), title=HOSTILE))
    shown = "a<b>&\"'\\x1b[31m]]>\\u202e"
    assert root.findtext(f"{SVG}title") == shown
    assert [text.text for text in root.iter(f"{SVG}text")].count(shown) == 2


def test_cells_of_the_svg_have_the_shade_of_their_value() -> None:
    grid = [[0.0, 1.0], [2.0, None]]
    root = ElementTree.fromstring(
        heat_svg(grid, [0.0, 1.0], [0.0, 1.0], names=("a", "b"), title="")
    )
    cells = [(c.get("x"), c.get("y"), c.get("fill")) for c in root.findall(f"{SVG}g/*")]
    assert cells == [
        ("78.00", "328.00", "#f7fbff"),
        ("358.00", "328.00", "#6baed6"),
        ("78.00", "48.00", "#08306b"),
        ("358.00", "48.00", "url(#backcalc-hatch)"),
    ]


def test_high_is_up_in_the_terminal() -> None:
    grid = [[0.0, 1.0], [2.0, None]]
    lines = heat_map(grid, [0.0, 1.0], [0.0, 1.0], names=("a", "b"), width=40, unicode=False)
    assert lines[1:3] == ["  1 +@@??", "  0 +  **"]


def test_path_and_kinks_of_the_svg_lie_where_they_belong() -> None:
    kinks = [Border(0, 0, upright=True), Border(0, 0, upright=False)]
    path = [(0.0, 0.0), (1.0, 1.0)]
    svg = heat_svg(
        [[0.0, 1.0], [2.0, None]], [0.0, 1.0], [0.0, 1.0], names=("a", "b"), title="", path=path,
        kinks=kinks,
    )  # fmt: skip
    root = ElementTree.fromstring(svg)
    (line,) = (each for each in root.iter(f"{SVG}polyline") if each.get("class") == "path")
    assert line.get("points") == "218,468 498,188"  # the middles of the lower left, upper right
    bends = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("class") == "kink"]
    assert bends[0] == "M78.00 328.00h280.00M358.00 608.00v-280.00"


def test_a_curve_of_the_svg_falls_as_its_values_do() -> None:
    root = ElementTree.fromstring(curve_svg([(0, 1.0), (5, 0.5), (10, 0.0)], ""))
    (line,) = root.iter(f"{SVG}polyline")
    assert line.get("points") == "78,48 358,188 638,328"


@pytest.mark.sweep
def test_a_sweep_draws_a_curve_for_each_setting(run, tmp_path: Path) -> None:
    plot = tmp_path / "sweep.svg"
    options = ("--lr", "0.1,0.5,2", "--epochs", "20", "--restarts", "3", "--plot", str(plot))
    shown = run("sweep", "xor_2_8_1", *options)
    assert (shown.exit_code, shown.stderr) == (0, "")
    tree = ElementTree.fromstring(plot.read_text("utf-8"))
    space = "{http://www.w3.org/2000/svg}"
    curves = [each.get("style") for each in tree.iter(f"{space}polyline")]
    assert len(curves) == len(set(curves)) == 3
    words = [each.text for each in tree.iter(f"{space}text")]
    assert {"lr = 0.1", "lr = 0.5", "lr = 2"} <= set(words)
    assert re.search(r"Why runs fail\n─+\nlr +failed +how, and in how many runs", shown.stdout)
    again = run("sweep", "xor_2_8_1", *options)
    assert "exists already" in again.stderr
