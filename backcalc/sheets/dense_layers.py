"""The sheet with matrices: the same figures as the scalar view, a product for each layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NoReturn

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
    (
        "Between matrices ",
        Sign("product sign"),
        " is their product; ",
        Sign("entrywise sign"),
        " goes entry by entry.",
    ),
    (MatrixName("W", transposed=True), " has the rows of W as columns."),
    (MatrixName("delta"), " is the derivative by Z, and ", SLOPE, " that of the activation."),
)

LayerCells = tuple[tuple[Name | Scalar, ...], ...]


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

    def column(self, names: Iterable[str]) -> LayerCells:
        return tuple((self.calculation.values[self.key(name)],) for name in names)

    def slopes(self, names: Iterable[str]) -> LayerCells:
        """The derivatives by these quantities; 0 by what the result does not depend on."""
        values = self.calculation.values
        return tuple(
            (Fraction(1) if name == self.of else values.get(self.slope(name), Fraction(0)),)
            for name in names
        )

    def weights(self, layer: Layer) -> LayerCells:
        """W: a row for each unit."""
        rows = ([edge.weight for edge in unit.edges] for unit in layer.units)
        return tuple(_row(self.column(names)) for names in rows)

    def weight_slopes(self, layer: Layer) -> LayerCells:
        rows = ([edge.weight for edge in unit.edges] for unit in layer.units)
        return tuple(_row(self.slopes(names)) for names in rows)

    def biases(self, layer: Layer) -> LayerCells:
        """B, with a 0 for a unit that has none."""
        names = [unit.bias for unit in layer.units]
        return tuple(self.column([name])[0] if name else (Fraction(0),) for name in names)


def _row(column: LayerCells) -> tuple[Name | Scalar, ...]:
    return tuple(cell for row in column for cell in row)


def _names(names: Iterable[str]) -> LayerCells:
    return tuple((Name(name),) for name in names)


def _equals(*parts: LayerCells | Sign) -> tuple[Factor, ...]:
    """A line of matrices with signs between them, the result last."""
    signs: list[Phrase | None] = [(EQUALS,), *((part,) for part in parts if isinstance(part, Sign))]
    cells = [part for part in parts if not isinstance(part, Sign)]
    if len(cells) > len(signs):
        signs.append(None)
    if len(cells) == 1:
        signs = [None]
    return tuple(Factor(sign, rows) for sign, rows in zip(signs, cells, strict=True))


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
    inside |= {unit.pre_activation for layer in layers for unit in layer.units}
    for sample, group in by_sample(steps):
        yield from sample_heading(network, sample)
        now = _Pass(calculation, loss_name(network), sample, time)
        if sample or len(network.samples) == 1:
            for before, layer in zip((None, *layers), layers, strict=False):
                yield from _layer_forward(now, before, layer, named=time == 0 and sample < 2)
        shown = {now.key(name) for name in inside}
        rest = [step for step in group if step.name not in shown]
        if rest:
            yield pass_table(calculation, rest)


def _layer_forward(
    now: _Pass, before: Layer | None, layer: Layer, *, named: bool
) -> Iterator[Matrix]:
    """Z = W·H + B and H = activation(Z)."""
    z = [unit.pre_activation for unit in layer.units]
    source = now.symbol("H", before) if before else MatrixName("X")
    symbols: Phrase = (now.symbol("W", layer), PRODUCT, source)
    parts: list[LayerCells | Sign] = [now.weights(layer), PRODUCT, now.column(layer.sources)]
    names: list[LayerCells] = [tuple(tuple(Name(edge.weight) for edge in unit.edges)
                                for unit in layer.units), _names(layer.sources)]  # fmt: skip
    if any(unit.bias for unit in layer.units):
        symbols += (PLUS, now.symbol("B", layer))
        parts += (PLUS, now.biases(layer))
        names.append(tuple((Name(u.bias) if u.bias else Fraction(0),) for u in layer.units))
    signs: tuple[Phrase, ...] = ((), (EQUALS,), (PRODUCT,), (PLUS,))
    lines = [_equals(*parts, now.column(z))]
    if named and len(names[0]) * len(names[0][0]) <= MOST_NAMES:
        cells = (_names(z), *names)
        lines.insert(0, tuple(map(Factor, signs, cells)))
    yield Matrix((now.symbol("Z", layer), EQUALS, *symbols), tuple(lines))
    first = layer.units[0]
    applied: Phrase = (now.symbol("Z", layer),)
    if first.activation.name != "identity":
        settings = map(Number, first.settings or first.activation.defaults)
        z_name = Name(Quantity(f"Z{layer.mark}", now.time))
        applied = (Call(first.activation, (z_name, *settings)),)
    result = _equals(now.column(layer.activations))
    if named and len(layer.units) <= MOST_NAMES:
        result = (Factor((), _names(layer.activations)), *result)
    yield Matrix((now.symbol("H", layer), EQUALS, *applied), (result,))


def _backward_blocks(
    calculation: Calculation,
    layers: Sequence[Layer],
    steps: Sequence[Step],
    wishes: Wishes,
    time: int = 0,
) -> Iterator[Block]:
    """For each sample every layer from the last to the first, then the mean over the samples."""
    network = calculation.network
    for sample, group in by_sample(steps):
        yield from sample_heading(network, sample)
        if not sample and len(network.samples) > 1:
            total = _Pass(calculation, TOTAL, 0, time)
            yield from _reduced(total, layers)
            continue
        now = _Pass(calculation, loss_name(network), sample, time)
        worked: dict[str, Step] = {step.name: step for step in group}
        _check_flow(now, layers, worked)
        outputs = [now.slope(name) for name in layers[-1].activations]
        rest = [worked[name] for name in outputs if name in worked]
        if rest:
            yield derivative_table(calculation, rest)
        for place in reversed(range(len(layers))):
            yield from _layer_backward(now, layers, place, worked)
        if calculation.program.inputs:
            names = layers[0].sources
            yield _upstream(now, layers[0], now.derivative("X", ""), names)
        if wishes.brief:
            continue
        z = {now.slope(unit.pre_activation) for layer in layers for unit in layer.units}
        notes = backward_notes(calculation, group, time, wishes.digits)
        yield from notes_block([note for note in notes if note.about in z])


def _check_flow(now: _Pass, layers: Sequence[Layer], worked: dict[str, Step]) -> None:
    """Raise BackcalcError if a derivative has a term from outside its own layer."""
    for layer, after in zip(layers, (*layers[1:], None), strict=True):
        for unit, answer in zip(layer.units, layer.activations, strict=True):
            own = {unit.pre_activation}
            group = {each.pre_activation for each in layer.units}
            if now.slope(unit.pre_activation) not in worked and unit.pre_activation != now.of:
                outside(unit, f"{now.of} does not depend on it")
            _check(now, unit, unit.pre_activation, {*layer.activations}, worked)
            for edge in unit.edges:
                _check(now, unit, edge.weight, own, worked)
            if unit.bias:
                _check(now, unit, unit.bias, group, worked)
            if after:
                _check(now, unit, answer, {u.pre_activation for u in after.units}, worked)


def _check(
    now: _Pass, unit: Unit, name: str, through: Iterable[str], worked: dict[str, Step]
) -> None:
    """Raise BackcalcError if a quantity is used in other values than these."""
    allowed = {now.key(each) for each in through}
    step = worked.get(now.slope(name))
    for term in step.equation.terms if step else ():
        if term.through not in allowed:
            outside(unit, f"{name} is used in {term.through} too")


def _layer_backward(
    now: _Pass, layers: Sequence[Layer], place: int, worked: dict[str, Step]
) -> Iterator[Block]:
    layer = layers[place]
    above = now.derivative("H", layer.mark)
    if place + 1 < len(layers):
        yield _upstream(now, layers[place + 1], above, layer.activations)
    else:
        yield Matrix((above,), (_equals(now.slopes(layer.activations)),))
    yield _delta(now, layer, worked)
    delta = now.slopes(unit.pre_activation for unit in layer.units)
    symbol = now.symbol("delta", layer)
    source = now.symbol("H", layers[place - 1], transposed=True) if place else None
    row = (_row(now.column(layer.sources)),)
    yield Matrix(
        (now.derivative("W", layer.mark), EQUALS, symbol, PRODUCT,
         source or MatrixName("X", transposed=True)),
        (_equals(delta, PRODUCT, row, now.weight_slopes(layer)),),
    )  # fmt: skip
    biases = [unit.bias for unit in layer.units if unit.bias]
    if len({*biases}) == len(layer.units):
        slopes = _equals(now.slopes(biases))
        yield Matrix((now.derivative("B", layer.mark), EQUALS, symbol), (slopes,))
    elif biases:
        values = ((name, _row(now.slopes([name]))[0]) for name in dict.fromkeys(biases))
        yield Sentences(tuple(
            (Name(now.slope(name)), " ", Result(value), ", the sum of ", symbol,
             " over the units with ", Name(now.key(name)))
            for name, value in values if not isinstance(value, Name)
        ))  # fmt: skip


def _upstream(now: _Pass, after: Layer, name: MatrixName, sources: Sequence[str]) -> Matrix:
    """The derivative by what a layer reads: the transpose of W times its delta."""
    delta = now.slopes(unit.pre_activation for unit in after.units)
    symbols = (now.symbol("W", after, transposed=True), PRODUCT, now.symbol("delta", after))
    turned = tuple(zip(*now.weights(after), strict=True))
    parts = _equals(turned, PRODUCT, delta, now.slopes(sources))
    return Matrix((name, EQUALS, *symbols), (parts,))


def _delta(now: _Pass, layer: Layer, worked: dict[str, Step]) -> Matrix:
    z = [unit.pre_activation for unit in layer.units]
    delta, above, upstream = now.slopes(z), now.derivative("H", layer.mark), layer.activations
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
        symbol = MatrixName(
            Derivative(f"H{layer.mark}", f"Z{layer.mark}").after(now.time), transposed=True
        )
        jacobian: LayerCells = tuple(tuple(local(output, by) for output in upstream) for by in z)
        line = _equals(jacobian, PRODUCT, now.slopes(upstream), delta)
        return Matrix((*name, symbol, PRODUCT, above), (line,))
    if layer.units[0].activation.name == "identity":
        return Matrix((*name, above), (_equals(delta),))
    slopes: LayerCells = tuple((local(*pair),) for pair in zip(upstream, z, strict=True))
    line = _equals(now.slopes(upstream), ENTRYWISE, slopes, delta)
    symbols: Phrase = (SLOPE, "(", now.symbol("Z", layer), ")")
    return Matrix((*name, above, ENTRYWISE, *symbols), (line,))


def _reduced(total: _Pass, layers: Sequence[Layer]) -> Iterator[Matrix]:
    network = total.calculation.network
    each = replace(total, of=loss_name(network))
    for layer in layers:
        for stem, slopes in (("W", _Pass.weight_slopes), ("B", _bias_slopes)):
            if stem == "W" or any(unit.bias for unit in layer.units):
                words = f"the {network.reduction} over the samples of "
                name = total.derivative(stem, layer.mark), EQUALS, words
                symbol = each.derivative(stem, layer.mark)

                def of(sample: int) -> Cells:
                    return slopes(replace(each, sample=sample), layer)  # noqa: B023 - called at once

                line = over_samples(total.calculation, of, slopes(total, layer), bracketed=True)
                yield Matrix((*name, symbol), (line,))


def _bias_slopes(now: _Pass, layer: Layer) -> LayerCells:
    """The derivatives by B, that of a shared bias in each of its rows."""
    names = [unit.bias for unit in layer.units]
    return tuple(now.slopes([name])[0] if name else (Fraction(0),) for name in names)


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
        weights = [edge.weight for unit in layer.units for edge in unit.edges]
        yield from _updated(now, layer, "W", weights)
        yield from _updated(now, layer, "B", [unit.bias for unit in layer.units if unit.bias])


def _updated(now: _Pass, layer: Layer, stem: str, names: Sequence[str]) -> Iterator[Block]:
    """The new W or B of a layer: old minus learning rate times derivative."""
    network, after = now.calculation.network, replace(now, time=now.time + 1)
    frozen = [name for name in dict.fromkeys(names) if name in network.frozen]
    if frozen:
        for name in frozen:
            yield Sentences(((Name(name), " is frozen and stays"),))
    if len(frozen) == len({*names}):
        return
    cells = (_Pass.weights, _Pass.weight_slopes) if stem == "W" else (_Pass.biases, _bias_slopes)
    old, slopes, new = cells[0](now, layer), cells[1](now, layer), cells[0](after, layer)
    left: Phrase = (after.symbol(stem, layer),)
    if frozen or not network.descent.plain:
        yield Matrix(left, (_equals(new),))
        return
    symbols = (now.symbol(stem, layer), MINUS, Name(RATE), TIMES, now.derivative(stem, layer.mark))
    rate: Phrase = (MINUS, Number(now.calculation.values[RATE]), TIMES)
    line = (Factor((EQUALS,), old), Factor(rate, slopes), Factor(None, new))
    yield Matrix((*left, EQUALS, *symbols), (line,))
