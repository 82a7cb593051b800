"""The loss over two weights: a grid of it, its kinks, the way that descent takes, and its chart."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.charts import plot
from backcalc.charts.chart import heat_map
from backcalc.charts.scale import Border
from backcalc.equations.calculation import check_names
from backcalc.equations.named import weights_called
from backcalc.equations.network import Network, learning_rate, needed_rate
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import BackcalcError, UndefinedError, listed
from backcalc.errors.lettering import wrapped
from backcalc.formulas.expression import Expression, Name, evaluate
from backcalc.formulas.functions import kinks_in
from backcalc.formulas.notation import (
    UNICODE,
    InDigits,
    Notation,
    Phrase,
    formula_text,
    name_text,
    phrase_text,
    sentence,
)
from backcalc.sheets.blocks import Chart, Sentences, SheetBlocks
from backcalc.sheets.data import Data, network_data
from backcalc.sheets.remarks import MOST_NAMED, conjoined
from backcalc.training.engines.engine import Batches, Engine, State, start
from backcalc.training.engines.equations import Equations, for_loss, is_shared
from backcalc.training.goal import if_finite
from backcalc.training.run import checked_rate, engine_for

PAGE = 80  # columns of the chart in letters on a page
MOST_ON_PATH = 1000  # points; a longer path keeps every second, third, ... epoch
NEAR = 10  # times the start, or 10: how far a path is followed by the range that is chosen for it
FARTHEST = Fraction(10) ** 100  # from 0; differences and squares of such numbers are finite

AxisEnds = tuple[Fraction, Fraction]
Losses = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """The loss over two weights, the others as in the file."""

    network: Network
    weights: tuple[str, str]
    """The weight across and the weight upwards."""
    chosen: tuple[bool, bool]
    """For each, True if its range was chosen here, to cover the file's value and the path."""
    xs: tuple[float, ...]
    """The values of the weight across."""
    ys: tuple[float, ...]
    """The values of the weight upwards."""
    losses: Losses
    """For each y a row with the loss at each x; None where it is undefined."""
    kinks: tuple[Border, ...]
    """Where, for some sample, a kink runs between two cells."""
    bends: tuple[Expression, ...]
    """Expressions that are 0 at those kinks."""
    path: tuple[State, ...] = ()
    """Where descent from the file's weights is after so many epochs."""
    along: tuple[float, ...] = ()
    """The loss at each of them, all weights being what they are there; nan where undefined."""
    rate: Fraction | None = None
    """The learning rate of the path."""
    stopped: bool = False
    """True if the path ends early because the next epoch has no finite answer."""
    rows: int | None = None
    """How many rows of losses are done, the lowest y first, where the person stopped it."""

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """The path as it is drawn: its values of the two weights."""
        x, y = map(list(self.network.weights).index, self.weights)
        return tuple((state.weights[x], state.weights[y]) for state in self.path)

    @property
    def outside(self) -> int:
        """How many points of the path are outside the chart."""
        (left, *_, right), (low, *_, high) = self.xs, self.ys
        return sum(not (left <= x <= right and low <= y <= high) for x, y in self.places)

    @property
    def moved(self) -> tuple[str, ...]:
        """The other weights that the path moves as well."""
        if not self.path:
            return ()
        ends = zip(self.network.weights, self.path[0].weights, self.path[-1].weights, strict=True)
        return tuple(name for name, a, b in ends if a != b and name not in self.weights)

    @property
    def lowest(self) -> tuple[float, float, float] | None:
        """The least loss of the grid with its two weights, or None where all is undefined."""
        grid = zip(self.ys, self.losses, strict=True)
        points = ((loss, x, y) for y, row in grid for x, loss in zip(self.xs, row, strict=True))
        return min(((loss, x, y) for loss, x, y in points if loss is not None), default=None)


def landscape(
    network: Network, weights: tuple[str, str], ranges: Mapping[str, AxisEnds], size: int,
    rate: Fraction | None = None, epochs: int | None = None, *, only: bool = False,
) -> Landscape:  # fmt: skip
    """The loss at `size` values of each of two weights, and the path of so many epochs.

    Without a learning rate there is no path; `only` keeps all other weights where they are.
    """
    _check(network, weights, ranges)
    if epochs:
        needed_rate(network, rate, "no learning rate is given for the path")
    rate = learning_rate(network, rate)
    if only:
        others = (name for name in network.weights if name not in weights)
        network = replace(network, frozen=tuple(dict.fromkeys((*network.frozen, *others))))
    check_names(network)
    engine, _ = engine_for(network, Batches(), "python", epochs=size * size)
    count = 0 if rate is None else 100 if epochs is None else epochs
    step = checked_rate(network, rate) if count else 0.0
    path, stopped = descended(engine, start(network), count, step)
    numbers = [dict(zip(network.weights, state.weights, strict=True)) for state in path]
    ends = (ranges.get(w) or _around([each[w] for each in numbers]) for w in weights)
    xs, ys = (
        tuple(float(low + (high - low) * place / (size - 1)) for place in range(size))
        for low, high in ends
    )
    across, up = weights
    states = [
        [replace(path[0], weights=tuple((numbers[0] | {across: x, up: y}).values())) for x in xs]
        for y in ys
    ]
    losses, kinks, bends, rows = _surveyed(network, engine, states)
    drawn = path if count else ()
    return Landscape(
        network, weights, (across not in ranges, up not in ranges), xs, ys, losses,
        kinks, bends, drawn, tuple(map(engine.loss, drawn)), rate, stopped, rows,
    )  # fmt: skip


def _surveyed(
    network: Network, engine: Engine, states: Sequence[Sequence[State]]
) -> tuple[Losses, tuple[Border, ...], tuple[Expression, ...], int | None]:
    """The losses and kinks of a grid; at a Ctrl-C what there is, and how many rows are done."""
    losses: list[tuple[float | None, ...]] = []
    try:
        for row in states:
            losses.append(tuple(if_finite(engine.loss(state)) for state in row))  # noqa: PERF401
        return tuple(losses), *bent(network, states), None
    except KeyboardInterrupt:
        left = len(states) - len(losses)
        blank = (None,) * len(states[0])
        return (*losses, *[blank] * left), (), (), len(losses)


def _check(network: Network, weights: tuple[str, str], ranges: Mapping[str, AxisEnds]) -> None:
    for weight in weights_called(replace(network, matrices=None), weights):
        if abs(network.weights[weight]) > FARTHEST:
            hint = f"give it a number up to 1e100: --set {weight}=1"
            raise BackcalcError(f"the weight {weight!r} is too large for a chart", hint=hint)
    if weights[0] == weights[1]:
        message = f"the weight {weights[0]!r} is named twice"
        raise BackcalcError(message, hint=f"name two of {listed(network.weights)}")
    for name, (low, high) in ranges.items():
        if name not in weights:
            hint = f"the axes are {weights[0]} and {weights[1]}"
            raise BackcalcError(f"no axis shows {name[:60]!r}, which has a --range", hint=hint)
        if max(-low, high) > FARTHEST:
            raise BackcalcError(f"the range of {name!r} is too wide", hint="1e100 is the most")
        if low >= high:
            message = f"the range of {name!r} must go upwards, not from {low} to {high}"
            raise BackcalcError(message, hint=f"write --range {name}=-3..3")


def descended(
    engine: Engine, state: State, epochs: int, rate: float
) -> tuple[tuple[State, ...], bool]:
    """Where descent is on the way, start and end with it, and whether it had to end early."""
    path, stride, stopped = [state], max(-(-epochs // MOST_ON_PATH), 1), False
    while path[-1].epoch < epochs and not stopped:
        most = min(stride, epochs - path[-1].epoch)
        (advance,) = engine.advance([path[-1]], most, rate, [0], keep=True)
        stopped = advance.undefined
        if advance.state.epoch > path[-1].epoch:
            path.append(advance.state)
    return tuple(path), stopped


def _around(values: Sequence[float]) -> AxisEnds:
    """A range with round ends around the values: half their spread more on each side, 1 at least.

    Values far from the first one are left out: a path that diverges would make all else a dot.
    """
    reach = NEAR * max(abs(values[0]), 1.0)
    near = [value for value in values if abs(value - values[0]) <= reach]
    low, high = Fraction(min(near)), Fraction(max(near))
    margin = max((high - low) / 2, Fraction(1))
    low, high = low - margin, high + margin
    step = Fraction(10) ** (math.floor(math.log10(high - low)) - 1)
    return math.floor(low / step) * step, math.ceil(high / step) * step


def bent(
    network: Network, states: Sequence[Sequence[State]]
) -> tuple[tuple[Border, ...], tuple[Expression, ...]]:
    """The kinks between the cells of a grid, and what is 0 at them.

    A kink runs between two cells where, for some sample, what is 0 at it changes its sign. Which
    output of a softmax layer is the greatest makes no difference, and is none.
    """
    equations = (each for each in for_loss(network) if not is_shared(each.name))
    found = tuple(dict.fromkeys(k for each in equations for k in kinks_in(each.expression)))
    if not found:
        return (), ()
    passes = Equations(network, Batches()).passes

    def signs(state: State) -> list[tuple[bool, ...]] | None:
        try:
            each = passes(state)
        except UndefinedError:
            return None
        return [tuple(evaluate(kink, values) > 0 for values in each) for kink in found]

    sides = [[signs(state) for state in row] for row in states]
    borders: list[Border] = []
    seen: set[int] = set()
    for row, own in enumerate(sides):
        for column, here in enumerate(own):
            right = own[column + 1] if column + 1 < len(own) else None
            above = sides[row + 1][column] if row + 1 < len(sides) else None
            for there, upright in ((right, True), (above, False)):
                if here is not None and there is not None and here != there:
                    borders.append(Border(column, row, upright))
                    seen.update(n for n in range(len(found)) if here[n] != there[n])
    return tuple(borders), tuple(found[n] for n in sorted(seen))


DIGITS = 4  # significant digits of a number in a sentence


def landscape_sheet(shown: Landscape, *, log: bool) -> SheetBlocks:
    """The heat map on a page, and what has to be said of it."""
    lines = _map(shown, UNICODE, PAGE, log)
    chart = Chart(tuple(lines), lambda _: landscape_svg(shown, log=log))
    return SheetBlocks(title(shown), (chart, Sentences(tuple(sentences(shown)))))


def _map(shown: Landscape, notation: Notation, width: int, log: bool) -> list[str]:
    x, y = (name_text(name, notation) for name in shown.weights)
    return heat_map(
        shown.losses, shown.xs, shown.ys, names=(x, y), width=width, log=log,
        unicode=notation.name == "unicode", path=shown.places, kinks=shown.kinks,
    )  # fmt: skip


def landscape_text(shown: Landscape, notation: Notation, width: int, *, log: bool) -> str:
    """The heat map in the terminal, and what has to be said of it."""
    notation = notation.with_numbers(DIGITS, fractions=False)
    lines = [*wrapped(notation.label(title(shown)), width), ""]
    lines += [*_map(shown, notation, width, log), ""]
    for phrase in sentences(shown):
        lines += wrapped(notation.label(phrase_text(phrase, notation)), width)
    return "\n".join(lines) + "\n"


def landscape_svg(shown: Landscape, *, log: bool) -> str:
    """The heat map as a picture."""
    return plot.heat_svg(
        shown.losses, shown.xs, shown.ys, path=shown.places, kinks=shown.kinks,
        names=shown.weights, title=title(shown), log=log,
    )  # fmt: skip


def title(shown: Landscape) -> str:
    """The heading of the chart."""
    named = shown.network.title or shown.network.file
    return f"{named}: the loss {_loss(shown)} over {shown.weights[0]} and {shown.weights[1]}"


def _loss(shown: Landscape) -> str:
    return TOTAL if len(shown.network.samples) > 1 else loss_name(shown.network)


def sentences(shown: Landscape) -> Iterator[Phrase]:
    """The sentences below the chart."""
    if shown.rows is not None:
        done = f"{shown.rows} of {len(shown.ys)} rows are done, from the bottom"
        yield (f"Interrupted: {done}; the other rows are shown as undefined.",)
    yield from _lowest(shown)
    yield from _path(shown)
    values = zip(shown.network.weights, shown.network.weights.values(), strict=True)
    others = [(Name(n), " = ", InDigits(v)) for n, v in values if n not in shown.weights]
    if len(others) > MOST_NAMED:
        yield (f"The other {len(others)} weights are held where they start.",)
    elif others:
        many = "s are" if len(others) > 1 else " is"
        yield sentence(f"The other weight{many} held at {{}}.", conjoined(others))
    if shown.bends:
        some = " for some sample" if len(shown.network.samples) > 1 else ""
        zero = conjoined([(bend, " = 0") for bend in shown.bends])
        yield sentence(f"Kinks run where {{}}{some}.", zero)
    if chosen := [name for name, own in zip(shown.weights, shown.chosen, strict=True) if own]:
        what = "the file's value"
        if shown.path:
            what += " and what of the path is near it" if shown.outside else " and the path"
        range_ = "range of {} was" if len(chosen) == 1 else "ranges of {} were"
        yield sentence(
            f"The {range_} chosen to cover {what}; --range {chosen[0]}=-3..3 sets it.",
            conjoined([(Name(name),) for name in chosen]),
        )


def _lowest(shown: Landscape) -> Iterator[Phrase]:
    if shown.lowest is None:
        yield ("The loss is undefined at every point.",)
        return
    loss, *place = shown.lowest
    at = [(Name(n), " = ", InDigits(v)) for n, v in zip(shown.weights, place, strict=True)]
    same = sum(value == loss for row in shown.losses for value in row)
    where = "at {}" if same == 1 else f"at {same} points, {{}} one of them"
    yield sentence(f"The least loss on the chart is {{}}, {where}.", InDigits(loss), conjoined(at))


def _path(shown: Landscape) -> Iterator[Phrase]:
    """How far descent goes, and what it moves that the chart does not show."""
    if shown.rate is None:
        yield ("No learning rate is given, so no path is drawn; --lr 0.1 draws one.",)
        return
    if not shown.path:
        return
    epochs, ends = shown.path[-1].epoch, (shown.along[0], shown.along[-1])
    yield sentence(
        f"The path is {epochs} epoch{'s' if epochs != 1 else ''} of "
        f"{shown.network.descent.optimizer.name} with learning rate {{}}; "
        "the loss on it goes from {} to {}.",
        InDigits(shown.rate),
        *(InDigits(loss) if math.isfinite(loss) else "undefined" for loss in ends),
    )  # fmt: skip
    if shown.stopped:
        yield ("There it ends: the next epoch has no finite answer.",)
    if shown.moved:
        moved = conjoined([(Name(name),) for name in shown.moved])
        yield sentence(
            "It moves {} as well, so its losses are not those of the shades below it; "
            "--only lets it move none but the two.", moved,
        )  # fmt: skip


def landscape_data(shown: Landscape) -> Data:
    """`backcalc/landscape/1`: axes, a row of losses for each y, the cells at kinks, the path."""
    cells = {
        (row, column)
        for kink in shown.kinks
        for row, column in (
            (kink.row, kink.column),
            (kink.row, kink.column + 1) if kink.upright else (kink.row + 1, kink.column),
        )
    }
    return {
        "schema": "backcalc/landscape/1",
        "network": network_data(shown.network),
        "loss": _loss(shown),
        "x": {"name": shown.weights[0], "values": list(shown.xs)},
        "y": {"name": shown.weights[1], "values": list(shown.ys)},
        "grid": [
            {"y": y, "losses": list(row)} for y, row in zip(shown.ys, shown.losses, strict=True)
        ],
        "kinks": [f"{formula_text(bend)} = 0" for bend in shown.bends],
        "kink_cells": [{"row": row, "column": column} for row, column in sorted(cells)],
        "learning_rate": None if shown.rate is None else float(shown.rate),
        "path": [
            {"epoch": state.epoch, "x": x, "y": y, "loss": if_finite(loss)}
            for state, (x, y), loss in zip(shown.path, shown.places, shown.along, strict=True)
        ],
        "path_moves_too": list(shown.moved),
        "path_ends_undefined": shown.stopped,
        "interrupted_after_rows": shown.rows,
    }
