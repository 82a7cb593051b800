"""The loss over two weights: a grid of it, its kinks, and the way that descent takes through it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.charts.scale import Border
from backcalc.equations.calculation import check_names
from backcalc.equations.network import Network, learning_rate, needed_rate
from backcalc.errors import BackcalcError, UndefinedError, did_you_mean, listed
from backcalc.formulas.expression import Call, Choice, Expression, added, evaluate, negated, walk
from backcalc.formulas.functions import kinks_of
from backcalc.training.engines.by_equations import Equations
from backcalc.training.engines.choice import engine_for
from backcalc.training.engines.engine import Batches, Engine, State, start
from backcalc.training.engines.equations import for_loss, is_shared
from backcalc.training.run import checked_rate

MOST_ON_PATH = 1000  # points; a longer path keeps every second, third, ... epoch
NEAR = 10  # times the start, or 10: how far a path is followed by the range that is chosen for it
FARTHEST = Fraction(10) ** 100  # from 0; differences and squares of such numbers are finite

Range = tuple[Fraction, Fraction]
Losses = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Landscape:
    """The loss over two weights, the others as in the file."""

    network: Network
    """The network."""
    weights: tuple[str, str]
    """The weight across and the weight upwards."""
    chosen: tuple[bool, bool]
    """Whether the range of each was chosen here, to cover the file's value and the path."""
    xs: tuple[float, ...]
    """The values of the weight across."""
    ys: tuple[float, ...]
    """The values of the weight upwards."""
    losses: Losses
    """For each y a row with the loss at each x; None where it is undefined."""
    kinks: tuple[Border, ...]
    """Where, for some sample, a kink runs between two cells."""
    bends: tuple[Expression, ...]
    """What is 0 at those kinks."""
    path: tuple[State, ...] = ()
    """Where descent from the file's weights is after so many epochs."""
    along: tuple[float, ...] = ()
    """The loss at each of them, all weights being what they are there; nan where undefined."""
    rate: Fraction | None = None
    """The learning rate of the path."""
    stopped: bool = False
    """Whether the path ends early because the next epoch has no finite answer."""
    rows: int | None = None
    """How many rows of losses are done, the lowest y first, where the person stopped it."""

    @property
    def places(self) -> tuple[tuple[float, float], ...]:
        """The path as it is drawn: its values of the two weights."""
        names = list(self.network.weights)
        x, y = map(names.index, self.weights)
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
        found = [
            (loss, x, y)
            for y, row in zip(self.ys, self.losses, strict=True)
            for x, loss in zip(self.xs, row, strict=True)
            if loss is not None
        ]
        return min(found, default=None)


def landscape(
    network: Network,
    weights: tuple[str, str],
    ranges: Mapping[str, Range],
    size: int,
    rate: Fraction | None = None,
    epochs: int | None = None,
    *,
    only: bool = False,
) -> Landscape:
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
    names = list(network.weights)
    places = [names.index(weight) for weight in weights]
    xs, ys = (
        _spread(ranges.get(weight) or _around([state.weights[place] for state in path]), size)
        for weight, place in zip(weights, places, strict=True)
    )
    states = [[_moved(path[0], places, (x, y)) for x in xs] for y in ys]
    losses, kinks, bends, rows = _surveyed(network, engine, states)
    drawn = path if count else ()
    return Landscape(
        network, weights, (weights[0] not in ranges, weights[1] not in ranges), xs, ys, losses,
        kinks, bends, drawn, tuple(map(engine.loss, drawn)), rate, stopped, rows,
    )  # fmt: skip


def _surveyed(
    network: Network, engine: Engine, states: Sequence[Sequence[State]]
) -> tuple[Losses, tuple[Border, ...], tuple[Expression, ...], int | None]:
    """The losses and kinks of a grid; at a Ctrl-C what there is, and how many rows are done."""
    losses: list[tuple[float | None, ...]] = []
    try:
        for row in states:
            losses.append(tuple(_finite(engine.loss(state)) for state in row))  # noqa: PERF401
        return tuple(losses), *bent(network, states), None
    except KeyboardInterrupt:
        left = len(states) - len(losses)
        blank = (None,) * len(states[0])
        return (*losses, *[blank] * left), (), (), len(losses)


def _check(network: Network, weights: tuple[str, str], ranges: Mapping[str, Range]) -> None:
    """Two different weights of the network, and ranges of theirs."""
    known = list(network.weights)
    for name in weights:
        if name not in known:
            hint = did_you_mean(name, known) or f"the weights are {listed(known)}"
            raise BackcalcError(f"there is no weight {name[:60]!r}", hint=hint)
        if abs(network.weights[name]) > FARTHEST:
            hint = f"give it a number up to 1e100: --set {name}=1"
            raise BackcalcError(f"the weight {name!r} is too large for a chart", hint=hint)
    if weights[0] == weights[1]:
        message = f"the weight {weights[0]!r} is named twice"
        raise BackcalcError(message, hint=f"name two of {listed(known)}")
    for name, (low, high) in ranges.items():
        if name not in weights:
            hint = f"the axes are {weights[0]} and {weights[1]}"
            raise BackcalcError(f"no axis shows {name[:60]!r}, which has a --range", hint=hint)
        if max(-low, high) > FARTHEST:
            raise BackcalcError(f"the range of {name!r} is too wide", hint="1e100 is the most")
        if low >= high:
            raise BackcalcError(
                f"the range of {name!r} must go upwards, not from {low} to {high}",
                hint=f"write --range {name}=-3..3",
            )


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


def _around(values: Sequence[float]) -> Range:
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


def _spread(ends: Range, size: int) -> tuple[float, ...]:
    """So many values from end to end."""
    low, high = ends
    return tuple(float(low + (high - low) * place / (size - 1)) for place in range(size))


def _moved(state: State, places: Sequence[int], values: Sequence[float]) -> State:
    """The state with other values of some weights."""
    weights = list(state.weights)
    for place, value in zip(places, values, strict=True):
        weights[place] = value
    return replace(state, weights=tuple(weights))


def _finite(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None


def bent(
    network: Network, states: Sequence[Sequence[State]]
) -> tuple[tuple[Border, ...], tuple[Expression, ...]]:
    """The kinks between the cells of a grid, and what is 0 at them.

    A kink runs between two cells where, for some sample, what is 0 at it changes its sign.
    """
    found = tuple(dict.fromkeys(_kinks(network)))
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


def _kinks(network: Network) -> Iterator[Expression]:
    """What is 0 at each kink of the network's equations."""
    for equation in for_loss(network):
        if is_shared(equation.name):
            continue  # which of them is the greatest makes no difference to softmax
        for part in walk(equation.expression):
            if isinstance(part, Call):
                yield from kinks_of(part)
            elif isinstance(part, Choice):
                yield added(part.condition.left, negated(part.condition.right))
