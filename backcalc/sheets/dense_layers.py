"""The sheet with matrices: the same figures as the scalar view, a product for each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NoReturn, TypeAlias

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.network import Network, Unit
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL, loss_name
from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import Call, Name, Number, Scalar
from backcalc.formulas.notation import MatrixName, Phrase, Result, Sign
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.sheets.blocks import Block, Cells, Factor, Matrix, Sentences
from backcalc.sheets.remarks import backward_notes
from backcalc.sheets.worked import (
    BACKWARD,
    UPDATE,
    Stage,
    View,
    Wishes,
    by_sample,
    derivative_table,
    notes_block,
    over_samples,
    pass_table,
    sample_heading,
)

HINT = "--view scalar shows every network"


NameGrid: TypeAlias = "tuple[tuple[str | None, ...], ...]"
"""The names of the cells of a matrix, row by row; None where there is no such number: it is 0."""
LayerCells: TypeAlias = "tuple[tuple[Name | Scalar, ...], ...]"


def _column(names: Iterable[str | None]) -> NameGrid:
    return tuple((name,) for name in names)


@record(frozen=True, slots=True, eq=False)
class Layer:
    """Units that read the same sources in the same order and share an activation."""

    mark: str
    """Suffix of the names of its matrices: `1` by its place, `_h` if it has a name."""
    units: tuple[Unit, ...]
    """Its units, one for each row of W."""
    sources: tuple[str, ...]
    """The values that it reads, one for each column of W."""
    activations: tuple[str, ...]
    """The names of what its units give."""

    @property
    def sums(self) -> list[str]:
        """The names of what its activation is applied to."""
        return [unit.pre_activation for unit in self.units]

    @property
    def parameters(self) -> dict[str, NameGrid]:
        """The weights in W and the biases in B, which is left out where no unit has one."""
        weights = tuple(tuple(edge.weight for edge in unit.edges) for unit in self.units)
        biases = {"B": _column(unit.bias for unit in self.units)}
        return {"W": weights, **(biases if any(unit.bias for unit in self.units) else {})}


def dense_layers(network: Network) -> tuple[Layer, ...]:
    """The layers from the inputs to the outputs.

    Raises BackcalcError, naming the unit, where one does not read exactly the layer before.
    """
    groups: dict[tuple[str, ...], list[Unit]] = {}
    for unit in network.units:
        groups.setdefault(tuple(edge.source for edge in unit.edges), []).append(unit)
    if not groups:
        raise BackcalcError("this network has no units, so it has no dense layers", hint=HINT)
    left, names = dict(groups), network.activations
    layers: list[Layer] = []
    sources = next((each for each in groups if each and set(each) <= {*network.inputs}), ())
    while sources in left and len(set(sources)) == len(sources) > 0:
        units = left.pop(sources)
        _check_alike(units)
        mark = f"_{units[0].layer}" if units[0].layer else str(len(layers) + 1)
        activations = tuple(names[unit.name] for unit in units)
        layers.append(Layer(mark, tuple(units), sources, activations))
        sources = activations
    stray = [unit for units in left.values() for unit in units]
    for unit in sorted(stray, key=lambda unit: not any(edge.skip for edge in unit.edges)):
        skips = [edge.source for edge in unit.edges if edge.skip]
        reads = ", ".join(edge.source for edge in unit.edges)[:60]
        none = f"it reads {reads}, which is no whole layer" if reads else "it reads nothing"
        outside(unit, f"a skip edge brings in {skips[0]}" if skips else none)
    return tuple(layers)


def _check_alike(units: list[Unit]) -> None:
    """Raise BackcalcError unless one function of the whole column Z gives H."""
    first = units[0]
    for unit in units:
        if (unit.activation, unit.settings) != (first.activation, first.settings):
            outside(unit, f"its activation is not that of unit {first.name} beside it")
        if unit.group and set(unit.group) != {each.name for each in units}:
            outside(unit, f"its {unit.activation.name} is not over the whole layer")


def outside(unit: Unit, reason: str) -> NoReturn:
    """The error for a unit that no product of matrices describes."""
    raise BackcalcError(f"unit {unit.name} is in no dense layer: {reason}", unit.where, HINT)


MOST_NAMES = 24  # cells; a larger matrix is shown in numbers only

EQUALS, PLUS, MINUS, PRODUCT, ENTRYWISE, TIMES, SLOPE = map(
    Sign, ("equals", "plus", "minus", "product", "entrywise", "times", "slope")
)
LEGEND: tuple[Phrase, ...] = (
    ("Each row of W belongs to one unit, each column to one of its inputs.",),
    ("Between matrices ", Sign("product sign"), " is their product; ", Sign("entrywise sign"),
     " goes entry by entry."),
    (MatrixName("W", transposed=True), " has the rows of W as columns."),
    (MatrixName("delta"), " is the derivative by Z, and ", SLOPE, " that of the activation."),
)  # fmt: skip


@record(frozen=True, slots=True, eq=False)
class _Pass:
    """One sample's pass at one time: which of the calculation's figures its matrices hold."""

    calculation: Calculation
    """Where every number comes from."""
    of: str
    """Name of the result that is differentiated, without sample and primes."""
    sample: int = 0
    """Which sample, 0 where there is one, or for what belongs to all."""
    time: int = 0
    """After how many steps."""

    def key(self, name: str) -> Quantity:
        """The name under which the calculation holds a quantity of this pass."""
        network = self.calculation.network
        own = parsed(name)
        if self.sample and name not in network.weights and name not in network.constants:
            own = own.of_sample(self.sample)
        given = (*network.constants, *network.frozen, *network.inputs, *network.targets)
        return own if name in given else own.after(self.time)

    def slope(self, by: str) -> Derivative:
        return Derivative(self.key(self.of), self.key(by))

    def symbol(self, stem: str, layer: Layer, *, transposed: bool = False) -> MatrixName:
        return MatrixName(Quantity(f"{stem}{layer.mark}", self.time), transposed)

    def derivative(self, stem: str, mark: str) -> MatrixName:
        return MatrixName(Derivative(self.of, f"{stem}{mark}").after(self.time))

    def numbers(self, grid: NameGrid) -> LayerCells:
        values = self.calculation.values
        return tuple(
            tuple(values[self.key(name)] if name else Fraction(0) for name in row) for row in grid
        )

    def slopes(self, grid: NameGrid) -> LayerCells:
        """The derivatives by these quantities; 0 by what the result does not depend on."""
        return tuple(tuple(map(self.slope_of, row)) for row in grid)

    def slope_of(self, name: str | None) -> Scalar:
        if name == self.of:
            return Fraction(1)
        return self.calculation.values.get(self.slope(name), Fraction(0)) if name else Fraction(0)


def _names(grid: NameGrid) -> LayerCells:
    return tuple(tuple(Name(name) if name else Fraction(0) for name in row) for row in grid)


def _equals(
    result: LayerCells, *factors: LayerCells, signs: Sequence[Sign] = (PRODUCT, PLUS)
) -> tuple[Factor, ...]:
    """A line of matrices with signs between them, the result last."""
    pairs = zip((EQUALS, *signs), factors, strict=False)
    return (*(Factor((sign,), rows) for sign, rows in pairs), Factor(None, result))


def _stage_blocks(
    calculation: Calculation, wishes: Wishes, stage: Stage, steps: Sequence[Step]
) -> Iterator[Block]:
    layers = dense_layers(calculation.network)
    if stage.name == BACKWARD:
        return _backward_blocks(calculation, layers, steps, wishes, stage.number)
    if stage.name == UPDATE:
        return _update_blocks(calculation, layers, stage.number)
    return _forward_blocks(calculation, layers, steps, stage.updates)


MATRICES = View(_stage_blocks, (Sentences(LEGEND),))


def _forward_blocks(
    calculation: Calculation, layers: Sequence[Layer], steps: Sequence[Step], time: int
) -> Iterator[Block]:
    """For each sample Z and H of every layer, then what follows from them."""
    network = calculation.network
    inside = {name for layer in layers for name in layer.activations}
    inside |= {name for layer in layers for name in layer.sums}
    for sample, group in by_sample(steps):
        yield from sample_heading(network, sample)
        now = _Pass(calculation, loss_name(network), sample, time)
        if sample or len(network.samples) == 1:
            for before, layer in zip((None, *layers), layers, strict=False):
                yield from _layer_forward(now, before, layer, named=time == 0 and sample < 2)
        shown = {now.key(name) for name in inside}
        if rest := [step for step in group if step.name not in shown]:
            yield pass_table(calculation, rest)


def _layer_forward(
    now: _Pass, before: Layer | None, layer: Layer, *, named: bool
) -> Iterator[Matrix]:
    """Z = W·H + B and H = activation(Z)."""
    source = now.symbol("H", before) if before else MatrixName("X")
    symbols: Phrase = (now.symbol("W", layer), PRODUCT, source)
    weights, *biases = layer.parameters.values()
    if biases:
        symbols += (PLUS, now.symbol("B", layer))
    z, grids = _column(layer.sums), [weights, _column(layer.sources), *biases]
    lines = [_equals(now.numbers(z), *map(now.numbers, grids))]
    if named and len(weights) * len(weights[0]) <= MOST_NAMES:
        formula = _equals((), *map(_names, grids))[:-1]
        lines.insert(0, (Factor((), _names(z)), *formula))
    yield Matrix((now.symbol("Z", layer), EQUALS, *symbols), tuple(lines))
    first = layer.units[0]
    applied: Phrase = (now.symbol("Z", layer),)
    if first.activation.name != "identity":
        settings = map(Number, first.settings or first.activation.defaults)
        z_name = Name(Quantity(f"Z{layer.mark}", now.time))
        applied = (Call(first.activation, (z_name, *settings)),)
    answers = _column(layer.activations)
    result = _equals(now.numbers(answers))
    if named and len(layer.units) <= MOST_NAMES:
        result = (Factor((), _names(answers)), *result)
    yield Matrix((now.symbol("H", layer), EQUALS, *applied), (result,))


def _backward_blocks(
    calculation: Calculation, layers: Sequence[Layer], steps: Sequence[Step], wishes: Wishes,
    time: int,
) -> Iterator[Block]:  # fmt: skip
    """For each sample every layer from the last to the first, then the mean over the samples."""
    network = calculation.network
    for sample, group in by_sample(steps):
        yield from sample_heading(network, sample)
        if not sample and len(network.samples) > 1:
            total = _Pass(calculation, TOTAL, 0, time)
            for layer in layers:
                yield from (_reduced(total, layer, *pair) for pair in layer.parameters.items())
            continue
        now = _Pass(calculation, loss_name(network), sample, time)
        worked: dict[str, Step] = {step.name: step for step in group}
        _check_flow(now, layers, worked)
        outputs = [now.slope(name) for name in layers[-1].activations]
        if rest := [worked[name] for name in outputs if name in worked]:
            yield derivative_table(calculation, rest)
        for place in reversed(range(len(layers))):
            yield from _layer_backward(now, layers, place, worked)
        if calculation.program.inputs:
            yield _upstream(now, layers[0], now.derivative("X", ""))
        if wishes.brief:
            continue
        z = {now.slope(name) for layer in layers for name in layer.sums}
        notes = backward_notes(calculation, group, time, wishes.digits)
        yield from notes_block([note for note in notes if note.about in z])


def _check_flow(now: _Pass, layers: Sequence[Layer], worked: dict[str, Step]) -> None:
    """Raise BackcalcError if a derivative has a term from outside its own layer."""
    for layer, after in zip(layers, (*layers[1:], None), strict=True):
        for unit, answer in zip(layer.units, layer.activations, strict=True):
            own = unit.pre_activation
            if now.slope(own) not in worked and own != now.of:
                outside(unit, f"{now.of} does not depend on it")
            uses: list[tuple[str, Sequence[str]]] = [(own, layer.activations)]
            uses += [(edge.weight, [own]) for edge in unit.edges]
            uses += [(unit.bias, layer.sums)] if unit.bias else []
            uses += [(answer, after.sums)] if after else []
            for name, through in uses:
                step = worked.get(now.slope(name))
                for term in step.equation.terms if step else ():
                    if term.through not in map(now.key, through):
                        outside(unit, f"{name} is used in {term.through} too")


def _layer_backward(
    now: _Pass, layers: Sequence[Layer], place: int, worked: dict[str, Step]
) -> Iterator[Block]:
    layer = layers[place]
    above = now.derivative("H", layer.mark)
    if place + 1 < len(layers):
        yield _upstream(now, layers[place + 1], above)
    else:
        yield Matrix((above,), (_equals(now.slopes(_column(layer.activations))),))
    yield _delta(now, layer, worked)
    delta, symbol = now.slopes(_column(layer.sums)), now.symbol("delta", layer)
    source = MatrixName("X", transposed=True)
    if place:
        source = now.symbol("H", layers[place - 1], transposed=True)
    weights, *biases = layer.parameters.values()
    line = _equals(now.slopes(weights), delta, now.numbers((layer.sources,)))
    yield Matrix((now.derivative("W", layer.mark), EQUALS, symbol, PRODUCT, source), (line,))
    named = dict.fromkeys(unit.bias for unit in layer.units if unit.bias)
    if len(named) == len(layer.units):
        slopes = _equals(*map(now.slopes, biases))
        yield Matrix((now.derivative("B", layer.mark), EQUALS, symbol), (slopes,))
    elif named:
        yield Sentences(tuple(
            (Name(now.slope(name)), " ", Result(now.slope_of(name)), ", the sum of ", symbol,
             " over the units with ", Name(now.key(name)))
            for name in named
        ))  # fmt: skip


def _upstream(now: _Pass, after: Layer, name: MatrixName) -> Matrix:
    """The derivative by what a layer reads: the transpose of W times its delta."""
    symbols = (now.symbol("W", after, transposed=True), PRODUCT, now.symbol("delta", after))
    turned = tuple(zip(*now.numbers(after.parameters["W"]), strict=True))
    result = now.slopes(_column(after.sources))
    line = _equals(result, turned, now.slopes(_column(after.sums)))
    return Matrix((name, EQUALS, *symbols), (line,))


def _delta(now: _Pass, layer: Layer, worked: dict[str, Step]) -> Matrix:
    z, answers, above = layer.sums, layer.activations, now.derivative("H", layer.mark)
    delta, upstream = now.slopes(_column(z)), now.slopes(_column(answers))
    locals_by_name = {
        term.local_name: value
        for name in z
        if (step := worked.get(now.slope(name)))
        for term, value in zip(step.equation.terms, step.locals, strict=True)
    }

    def local(output: str, by: str) -> Scalar:
        return locals_by_name.get(Derivative(now.key(output), now.key(by)), Fraction(0))

    name: Phrase = (now.symbol("delta", layer), EQUALS)
    if layer.units[0].group:
        slope = Derivative(f"H{layer.mark}", f"Z{layer.mark}").after(now.time)
        symbol = MatrixName(slope, transposed=True)
        jacobian: LayerCells = tuple(tuple(local(output, by) for output in answers) for by in z)
        line = _equals(delta, jacobian, upstream)
        return Matrix((*name, symbol, PRODUCT, above), (line,))
    if layer.units[0].activation.name == "identity":
        return Matrix((*name, above), (_equals(delta),))
    slopes: LayerCells = tuple((local(*pair),) for pair in zip(answers, z, strict=True))
    line = _equals(delta, upstream, slopes, signs=(ENTRYWISE,))
    symbols: Phrase = (SLOPE, "(", now.symbol("Z", layer), ")")
    return Matrix((*name, above, ENTRYWISE, *symbols), (line,))


def _reduced(total: _Pass, layer: Layer, stem: str, grid: NameGrid) -> Matrix:
    """The derivatives by W or B over all samples, with what each sample adds."""
    network = total.calculation.network
    each = replace(total, of=loss_name(network))
    words = f"the {network.reduction} over the samples of "
    name = (total.derivative(stem, layer.mark), EQUALS, words, each.derivative(stem, layer.mark))

    def of(sample: int) -> Cells:
        return replace(each, sample=sample).slopes(grid)

    line = over_samples(total.calculation, of, total.slopes(grid), bracketed=True)
    return Matrix(name, (line,))


def _update_blocks(
    calculation: Calculation, layers: Sequence[Layer], number: int
) -> Iterator[Block]:
    network = calculation.network
    if not network.descent.plain:
        name = network.descent.optimizer.name
        yield Sentences(((f"--view scalar shows the update of each weight by {name}",),))
    of, sample = loss_name(network), 0
    if len(network.samples) > 1:
        sample = number % len(network.samples) + 1 if calculation.online else 0
        of = of if calculation.online else TOTAL
    now = _Pass(calculation, of, sample, number)
    for layer in layers:
        for pair in layer.parameters.items():
            yield from _updated(now, layer, *pair)


def _updated(now: _Pass, layer: Layer, stem: str, grid: NameGrid) -> Iterator[Block]:
    """The new W or B of a layer: old minus learning rate times derivative."""
    network, after = now.calculation.network, replace(now, time=now.time + 1)
    names = dict.fromkeys(name for row in grid for name in row if name)
    frozen = [name for name in names if name in network.frozen]
    yield from (Sentences(((Name(name), " is frozen and stays"),)) for name in frozen)
    if len(frozen) == len(names):
        return
    left: Phrase = (after.symbol(stem, layer),)
    new = _equals(after.numbers(grid))
    if frozen or not network.descent.plain:
        yield Matrix(left, (new,))
        return
    symbols = (now.symbol(stem, layer), MINUS, Name(RATE), TIMES, now.derivative(stem, layer.mark))
    rate: Phrase = (MINUS, Number(now.calculation.values[RATE]), TIMES)
    line = (Factor((EQUALS,), now.numbers(grid)), Factor(rate, now.slopes(grid)), *new)
    yield Matrix((*left, EQUALS, *symbols), (line,))
