"""Second derivatives: the equations of the backward pass, differentiated once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.equations.calculation import Calculation, Step, run, start_values, with_enough_digits
from backcalc.equations.named import weights_called
from backcalc.equations.network import Network, learning_rate
from backcalc.equations.program import Program, assemble, differentiate, needed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Number, Scalar, all_digits
from backcalc.formulas.notation import Phrase, Result, Sign, sentence
from backcalc.formulas.quantity import Derivative, Quantity
from backcalc.sheets.blocks import Block, Factor, Heading, Matrix, Sentences, SheetBlocks, Table
from backcalc.sheets.data import Data, network_data, number, rows
from backcalc.sheets.remarks import kinks_at
from backcalc.sheets.worked import derivative_table, joined, title

PRODUCT = Sign("product")
MOST_WEIGHTS = 24
MOST_LINES = 20_000
NEARLY = Fraction(1, 10**12)
"""A pivot that is this small beside the largest entry counts as 0 where figures are rounded."""

Vector = tuple[Scalar, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hessian:
    """The second derivatives of the loss, and what follows from them."""

    calculation: Calculation
    """The two passes."""
    by: tuple[Quantity, ...]
    """What is differentiated by, in the order of rows and columns."""
    lines: tuple[tuple[Step, ...], ...]
    """For each row the worked lines, from the loss back to the second derivatives."""
    rows: tuple[Vector, ...]
    """The matrix."""
    gradient: Vector
    """The first derivatives."""
    pivots: tuple[Fraction, ...] | None
    """What elimination leaves on the diagonal; None where a pivot of 0 has a column below."""
    newton: Vector | None
    """The step to where the quadratic model has its stationary point; None: there is none."""
    direction: Mapping[str, Fraction]
    """A vector that the matrix is multiplied by, where one was asked for."""

    def times(self, vector: Sequence[Scalar]) -> Vector:
        """The matrix times a vector."""
        return tuple(_dot(row, vector) for row in self.rows)

    @property
    def curvature(self) -> Scalar:
        """The second derivative along the gradient, per unit of length squared."""
        length = _dot(self.gradient, self.gradient)
        along = _dot(self.gradient, self.times(self.gradient))
        return along / length if length else Fraction(0)

    @property
    def definite(self) -> str:
        """What the signs of the pivots say."""
        pivots = (1, -1) if self.pivots is None else self.pivots
        signs = {(pivot > 0) - (pivot < 0) for pivot in pivots}
        if signs >= {1, -1}:
            return "indefinite: it curves up in one direction and down in another"
        return {
            frozenset({1}): "positive definite: the loss curves up in every direction",
            frozenset({-1}): "negative definite: the loss curves down in every direction",
            frozenset({0}): "zero: the loss is flat to second order",
            frozenset({0, 1}): "positive semidefinite: it curves up or is flat",
            frozenset({0, -1}): "negative semidefinite: it curves down or is flat",
        }[frozenset(signs)]


def _dot(left: Sequence[Scalar], right: Sequence[Scalar]) -> Scalar:
    total = sum(
        (all_digits(a) * all_digits(b) for a, b in zip(left, right, strict=True)), Fraction(0)
    )
    exact = all(isinstance(each, Fraction) for each in (*left, *right))
    return total if exact else float(total)


@with_enough_digits
def hessian(
    network: Network,
    by: Sequence[str] | None = None,
    *,
    times: Mapping[str, Fraction] | None = None,
) -> Hessian:
    """Differentiate each first derivative again, by the same weights; `by` all of them."""
    program = assemble(network)
    names = weights_called(network, by or None)
    weights_called(replace(network, matrices=None), times or ())  # each with its number
    if not names or len(names) > MOST_WEIGHTS:
        hint = "name some of them: --by w1,w2"
        message = f"a Hessian of {len(names)} weights; it has 1 to {MOST_WEIGHTS}"
        raise BackcalcError(message, hint=hint)
    values = start_values(network)
    passed, back = run(program.forward, values), run(program.backward, values)
    lines = tuple(_row(program, name, names, values) for name in names)
    entries = tuple(
        tuple(values[Derivative(Derivative(program.of, name), other)] for other in names)
        for name in names
    )
    gradient = tuple(values[Derivative(program.of, name)] for name in names)
    worked = Calculation(program, values, passed, back)
    pivots = _pivots(entries)
    newton = _newton(entries, gradient, pivots)
    return Hessian(worked, names, lines, entries, gradient, pivots, newton, times or {})


def _row(
    program: Program, name: Quantity, by: Sequence[Quantity], values: dict[str, Scalar]
) -> tuple[Step, ...]:
    """Work out the derivatives of one first derivative, by all that it is made of."""
    of = Derivative(program.of, name)
    equations = (*program.forward, *program.backward)
    again = differentiate(equations, of, by, program.network.conventions)
    wanted = needed(again, *(Derivative(of, other) for other in by))
    own = [equation for equation in again if equation.name in wanted]
    if len(own) * len(by) > MOST_LINES:
        message = f"the Hessian takes about {len(own) * len(by)} lines; at most {MOST_LINES}"
        raise BackcalcError(message, hint="name some of the weights: --by w1,w2")
    return run(own, values)


def _pivots(entries: Sequence[Vector]) -> tuple[Fraction, ...] | None:
    """The pivots of symmetric elimination; None where a 0 on the diagonal has more beside it.

    The largest entry of the diagonal is taken first, which keeps the matrix symmetric (Golub and
    Van Loan, Matrix Computations, section 4.2).
    """
    left = [[all_digits(each) for each in row] for row in entries]
    rounded = not all(isinstance(each, Fraction) for row in entries for each in row)
    largest = max(abs(each) for row in left for each in row)
    small = largest * NEARLY if rounded else Fraction(0)
    pivots: list[Fraction] = []
    waiting = list(range(len(left)))
    while waiting:
        best = max(waiting, key=lambda place: abs(left[place][place]))
        pivot = left[best][best]
        if abs(pivot) <= small:
            flat = all(abs(left[i][j]) <= small for i in waiting for j in waiting)
            return (*pivots, *(Fraction(0) for _ in waiting)) if flat else None
        waiting.remove(best)
        pivots.append(pivot)
        for row in waiting:
            share = left[row][best] / pivot
            for column in waiting:
                left[row][column] -= share * left[best][column]
    return tuple(pivots)


def _newton(
    entries: Sequence[Vector], gradient: Vector, pivots: Sequence[Fraction] | None
) -> Vector | None:
    """The solution of H·p = -gradient, if there is one and only one."""
    if pivots is not None and not all(pivots):
        return None
    augmented = [
        [*map(all_digits, row), -all_digits(g)] for row, g in zip(entries, gradient, strict=True)
    ]
    for column in range(len(augmented)):
        rest = augmented[column:]
        best = max(rest, key=lambda row: abs(row[column]))
        if not best[column]:
            return None
        place = column + rest.index(best)
        augmented[column], augmented[place] = best, augmented[column]
        for row in augmented:
            if row is not best:
                share = row[column] / best[column]
                row[column:] = [
                    a - share * b for a, b in zip(row[column:], best[column:], strict=True)
                ]
    found = tuple(row[-1] / row[place] for place, row in enumerate(augmented))
    exact = all(isinstance(each, Fraction) for row in (*entries, gradient) for each in row)
    return found if exact else tuple(map(float, found))


def hessian_sheet(shown: Hessian, rate: Fraction | None = None) -> SheetBlocks:
    """Return each second derivative as a line, the matrix, and what it says of the loss."""
    calculation = shown.calculation
    blocks: list[Block] = [
        Heading(("The backward pass",)),
        derivative_table(calculation, calculation.backward),
    ]
    for name, steps in zip(shown.by, shown.lines, strict=True):
        first = Derivative(calculation.of, name)
        blocks.append(Heading(("Derivatives of ", Name(first))))
        blocks.append(derivative_table(calculation, steps))
    blocks.append(Heading(("The Hessian",)))
    order: list[Phrase] = [(Name(name),) for name in shown.by]
    blocks.append(Sentences((("rows and columns in this order: ", *joined(order)),)))
    blocks.append(Matrix(("H",), ((Factor(None, shown.rows),),)))
    if shown.pivots is not None:
        pivots: list[Phrase] = [(Number(pivot),) for pivot in shown.pivots]
        blocks.append(Sentences((("pivots: ", *joined(pivots)),)))
    blocks.append(Sentences(((f"it is {shown.definite}.",),), marked=True))
    blocks += [Sentences(kinks, marked=True)] if (kinks := kinks_at(calculation)) else []
    blocks += _products(shown)
    blocks += _steps(shown, rate)
    return SheetBlocks(title(calculation.network), tuple(blocks))


def _products(shown: Hessian) -> Iterator[Block]:
    if not shown.direction:
        return
    vector = tuple(shown.direction.get(name, Fraction(0)) for name in shown.by)
    yield Heading(("The Hessian times a vector",))
    columns = (_column(vector), _column(shown.times(vector)))
    yield Matrix(("H times v",), ((Factor((" = ",), shown.rows), Factor((PRODUCT,), columns[0]),
                             Factor(None, columns[1])),))  # fmt: skip


def _column(vector: Sequence[Scalar]) -> tuple[tuple[Scalar, ...], ...]:
    return tuple((each,) for each in vector)


def _steps(shown: Hessian, rate: Fraction | None) -> Iterator[Block]:
    """Yield the gradient step and the Newton step, and the curvature along the gradient."""
    network = shown.calculation.network
    rate = learning_rate(network, rate)
    yield Heading(("Gradient step and Newton step",))
    heads = ["weight", "gradient"]
    if rate is not None:
        heads.append("gradient step")
    if shown.newton is not None:
        heads.append("Newton step")
    table: list[tuple[Phrase, ...]] = []
    for place, name in enumerate(shown.by):
        slope = shown.gradient[place]
        row: list[Phrase] = [(Name(name),), (Result(slope),)]
        if rate is not None:
            row.append((Result(-rate * slope),))
        if shown.newton is not None:
            row.append((Result(shown.newton[place]),))
        table.append(tuple(row))
    yield Table(tuple(heads), tuple(table))
    yield Sentences(tuple(_remarks(shown, rate)))


def _remarks(shown: Hessian, rate: Fraction | None) -> Iterator[Phrase]:
    """Yield what the steps are, and how far a gradient step may go."""
    if rate is not None:
        yield ("gradient step: minus the learning rate ", Number(rate), " times the gradient.")
    if shown.newton is None:
        yield ("there is no Newton step: the Hessian has no inverse.",)
    else:
        yield ("Newton step: to where the quadratic model is level; H times it is -gradient.",)
        if shown.pivots is None or min(shown.pivots) < 0:
            yield ("here that is no minimum: where the loss curves down, Newton's step goes up.",)
    if not any(shown.gradient):
        yield ("the gradient is 0: this is a stationary point.",)
        return
    curvature = shown.curvature
    yield sentence(
        "curvature along the gradient g (g times H times g, over g times g) {}", Result(curvature)
    )
    if curvature > 0:
        best = 1 / curvature
        yield sentence(
            "by the quadratic model the best learning rate is 1/curvature {}", Result(best)
        )


def hessian_data(shown: Hessian) -> Data:
    """Return `backcalc/hessian/1`: the matrix, the gradient, the steps, and every line."""
    calculation = shown.calculation
    values = calculation.values
    vector = tuple(shown.direction.get(name, Fraction(0)) for name in shown.by)
    return {
        "schema": "backcalc/hessian/1",
        "network": network_data(calculation.network),
        "of": calculation.of,
        "by": list(shown.by),
        "hessian": [[number(each) for each in row] for row in shown.rows],
        "gradient": [number(each) for each in shown.gradient],
        "pivots": None if shown.pivots is None else [float(each) for each in shown.pivots],
        "definite": shown.definite.partition(":")[0],
        "newton": None if shown.newton is None else [number(each) for each in shown.newton],
        "curvature": float(shown.curvature),
        "times": [number(each) for each in shown.times(vector)] if shown.direction else None,
        "backward": rows(calculation.backward, values),
        "lines": [row for steps in shown.lines for row in rows(steps, values)],
    }
