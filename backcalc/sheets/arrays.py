"""The sheet of a file with vectors and matrices: each line in matrix notation, then in numbers.

Every number comes from the calculation in scalars.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.matrices import (
    MatrixForm,
    MatrixLine,
    elements_called,
    matrix_gradients,
    shape_called,
)
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Product,
    Scalar,
    Sum,
    evaluate,
    names_in,
    parts,
    rebuilt,
    renamed,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import (
    OPERATIONS,
    Array,
    Row,
    Shape,
    elements_of,
    entrywise,
    shape_of,
    whole,
)
from backcalc.formulas.notation import Phrase
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.sheets.blocks import EQUALS, Block, Cells, Factor, Matrix, Sentences, WorkedOut
from backcalc.sheets.remarks import backward_notes
from backcalc.sheets.worked import (
    BACKWARD,
    UPDATE,
    Stage,
    View,
    Wishes,
    by_sample,
    joined,
    notes_block,
    pass_table,
    sample_heading,
)

MOST_CELLS = 400
"""Numbers of a matrix that is written out; a larger one stands by its name."""

LEGEND: tuple[Phrase, ...] = (
    ("A vector is a column. Behind each equation stands the shape of its result, rows first.",),
)


def form_of(calculation: Calculation) -> MatrixForm:
    """The network in matrix notation."""
    form = calculation.network.matrices
    assert form is not None
    return form


@record(frozen=True, slots=True, eq=False)
class Now:
    """One pass at one time: which of the calculation's numbers its matrices hold."""

    calculation: Calculation
    """Where every number comes from."""
    form: MatrixForm
    """The network in matrix notation."""
    sample: int = 0
    """Which sample, 0 where there is one, or for what belongs to all."""
    time: int = 0
    """After how many steps."""

    def named(self, name: str, whole: str | None = None) -> Quantity:
        """The name in this pass of a quantity, or of an element of the `whole` one."""
        quantity = parsed(name)
        if isinstance(quantity, Derivative):
            by = parsed(whole).by if whole else None  # type: ignore[attr-defined]
            return Derivative(self.named(quantity.of), self.named(quantity.by, by))
        form, frozen = self.form, self.calculation.network.frozen
        own = whole or name
        shared = own in form.weights or own in form.constants or own in (RATE, TOTAL)
        if self.sample and not shared:
            quantity = quantity.of_sample(self.sample)
        elements = [name] if whole else elements_called(parsed(name), form.shapes)
        if own in (*form.constants, *form.inputs, *form.targets, RATE) or {*elements} <= {*frozen}:
            return quantity
        return quantity.after(self.time)

    def shape(self, name: str) -> Shape:
        """The shape of a quantity, a derivative's too."""
        return shape_called(parsed(name), self.form.shapes)

    def elements(self, name: str) -> Array:
        """The names of a quantity's elements in this pass; 0 by what the loss does not need."""
        values = self.calculation.values
        names = [self.named(each, name) for each in elements_called(parsed(name), self.form.shapes)]
        found = (Name(each) if each in values else Number(Fraction(0)) for each in names)
        return Array(self.shape(name), tuple(found))

    def worked(self, array: Array) -> tuple[Scalar, ...]:
        """The numbers of formulas."""
        return tuple(evaluate(each, self.calculation.values) for each in array.elements)

    def elements_of(self, node: Expression) -> Array:
        """A formula of matrices as formulas of its elements in this pass."""
        return elements_of(node, {each: self.elements(each) for each in names_in(node)})


def cells(numbers: Sequence[Scalar], shape: Shape) -> Cells:
    """Numbers as rows: a vector below each other, deeper arrays row by row."""
    if isinstance(shape, Row):
        return (tuple(numbers),)
    width = int(shape[-1]) if len(shape) > 1 else 1
    return tuple(tuple(numbers[start : start + width]) for start in range(0, len(numbers), width))


def equation(now: Now, name: str, expression: Expression, after: Now | None = None) -> Matrix:
    """An equation in matrix notation with its shape, and below it with its numbers.

    `after` is the pass of its left side, where that is another one.
    """
    after = after or now
    shape = after.shape(name)
    shown = entrywise(expression, {each: now.shape(each) for each in names_in(expression)})
    left = Name(after.named(name))
    behind = (f"   ({shape})",) if shape else ()
    result = after.worked(after.elements(name))
    answer = cells(result, shape) if len(result) <= MOST_CELLS else None
    lines = tuple(_number_lines(now, shown, answer, bool(shape)))
    return Matrix((left, EQUALS, renamed(shown, now.named), *behind), lines)


def _number_lines(
    now: Now, shown: Expression, answer: Cells | None, bracketed: bool
) -> Iterator[WorkedOut]:
    """The formula with numbers, softmax by its exponentials, and the result."""
    values = now.calculation.values
    if isinstance(shown, (Name, Number)):
        if answer:
            yield WorkedOut(None, {}, values, answer, bracketed)
        return
    if isinstance(shown, Operation) and shown.row.name == "softmax" and answer:
        ways = [*_exponentials(now, shown, answer)]
        if ways:
            yield from ways
            return
    grids: dict[str, Cells] = {}
    written = _with_grids(now, shown, grids)
    if grids or answer:
        yield WorkedOut(written, grids, values, answer, bracketed)


def _exponentials(now: Now, node: Operation, answer: Cells) -> Iterator[WorkedOut]:
    """Softmax in three lines: the exponentials, their sums, and one by the other."""
    values, (operand,) = now.calculation.values, node.arguments
    powers = Call(FUNCTIONS["exp"], (operand,))
    row = OPERATIONS["sum"]
    array = now.elements_of(powers)
    axis, deep = dict(node.settings)["axis"], len(array.shape) > 1
    assert isinstance(axis, int)
    words = {**dict(row.settings), "axis": axis % len(array.shape)}
    total = Operation(row, (powers,), tuple({**words, "keep": deep}.items()))
    printed = tuple(words.items()) if deep else row.settings
    try:
        numbers, sums = now.worked(array), now.worked(now.elements_of(total))
    except (ArithmeticError, ValueError):
        return
    if not all(map(math.isfinite, (*numbers, *sums))):
        return
    wide = cells(numbers, array.shape)
    narrow = cells(sums, shape_of(total, {each: now.shape(each) for each in names_in(total)}))
    grids: dict[str, Cells] = {}
    yield WorkedOut(_with_grids(now, powers, grids), grids, values, wide)
    token, other = _token(0), _token(1)
    added = Operation(row, (Name(token),), printed)
    yield WorkedOut(added, {token: wide}, values, narrow)
    share = Product((Name(token), Inverse(Name(other))))
    yield WorkedOut(share, {token: wide, other: narrow}, values, answer)


def _token(number: int) -> str:
    """The name of a bracket of numbers; no file has such a letter."""
    return f"\ue000{chr(0xE100 + number)}"


def _with_grids(now: Now, node: Expression, grids: dict[str, Cells]) -> Expression:
    """The formula with a name of its own for each matrix, whose numbers are put into `grids`.

    A choice between two values is made for each element, so it stands as its outcome.
    """
    moved = isinstance(node, Operation) and node.row.name in (".T", "index")
    if isinstance(node, (Name, Choice)) or (moved and isinstance(parts(node)[0], Name)):
        array = now.elements_of(node)
        if not array.shape or len(array.elements) > MOST_CELLS:
            return renamed(node, now.named)
        token = _token(len(grids))
        grids[token] = cells(now.worked(array), array.shape)
        return Name(token)
    return rebuilt(node, lambda each: _with_grids(now, each, grids))


# Stages.


def given_matrices(calculation: Calculation) -> Iterator[Block]:
    """The vectors and matrices that the file gives."""
    form = form_of(calculation)
    now = Now(calculation, form)
    several = len(calculation.network.samples) > 1
    groups = {
        "inputs and targets": () if several else (*form.inputs, *form.targets),
        "weights": form.weights,
        "constants": form.constants,
    }
    for kind, names in groups.items():
        arrays = [name for name in names if form.shapes[name]]
        factors: list[Factor] = []
        for name in arrays:
            if math.prod(map(whole, form.shapes[name])) <= MOST_CELLS:
                numbers = now.worked(now.elements(name))
                sign = ("   " if factors else "", Name(name), EQUALS)
                factors.append(Factor(sign, cells(numbers, form.shapes[name])))
        said = [(Name(name), f" ({form.shapes[name]})") for name in arrays]
        if arrays:
            yield Matrix((f"{kind}: ", *joined(said)), (tuple(factors),) if factors else ())


def shown_loss(calculation: Calculation) -> Phrase:
    """The loss as a formula of matrices."""
    form = form_of(calculation)
    line = form.lines[-1]
    return (Name(line.name), " = ", entrywise(line.expression, form.shapes))


def _stage_blocks(
    calculation: Calculation, wishes: Wishes, stage: Stage, steps: Sequence[Step]
) -> Iterator[Block]:
    """The equations of a stage."""
    form = form_of(calculation)
    if stage.name == UPDATE:
        return _update_blocks(calculation, form, stage.number)
    if stage.name == BACKWARD:
        return _backward_blocks(calculation, form, steps, wishes, stage.number)
    return _forward_blocks(calculation, form, steps, stage.updates)


MATRICES = View(_stage_blocks, (Sentences(LEGEND),), given_matrices, shown_loss)


def _forward_blocks(
    calculation: Calculation, form: MatrixForm, steps: Sequence[Step], time: int
) -> Iterator[Block]:
    """For each sample the lines of the file, then the mean over the samples."""
    network = calculation.network
    for sample, group in by_sample(steps, network):
        yield from sample_heading(network, sample)
        if sample or len(network.samples) == 1:
            now = Now(calculation, form, sample, time)
            yield from (equation(now, line.name, line.expression) for line in form.lines)
        else:
            yield pass_table(calculation, group)


def gradients(calculation: Calculation, form: MatrixForm) -> tuple[MatrixLine, ...]:
    """The derivatives as matrix equations: by the weights, and by the inputs where asked."""
    network = calculation.network
    by = [*form.weights, *(form.inputs if calculation.program.inputs else ())]
    return matrix_gradients(form, network.conventions, by, _distributions(calculation, form))


def _distributions(calculation: Calculation, form: MatrixForm) -> set[str]:
    """The targets whose elements add up to 1 along each line, in every sample."""
    found = set()
    for name in form.targets:
        shape = form.shapes[name]
        names = elements_called(parsed(name), form.shapes)
        width = int(shape[-1]) if shape else 1
        starts = range(0, len(names), width)
        if all(
            sum(sample[each] for each in names[start : start + width]) == 1
            for sample in calculation.network.samples
            for start in starts
        ):
            found.add(name)
    return found


def _backward_blocks(
    calculation: Calculation,
    form: MatrixForm,
    steps: Sequence[Step],
    wishes: Wishes,
    time: int,
) -> Iterator[Block]:
    """For each sample every derivative, from the loss back; then the mean over the samples."""
    network = calculation.network
    lines = gradients(calculation, form)
    for sample, group in by_sample(steps, network):
        yield from sample_heading(network, sample)
        now = Now(calculation, form, sample, time)
        if not sample and len(network.samples) > 1:
            for name in form.weights:
                words = f"the {network.reduction} over the samples of "
                each = Name(Derivative(form.loss, name))
                left = Derivative(TOTAL, name)
                result = now.worked(now.elements(left))
                grid = WorkedOut(None, {}, calculation.values, cells(result, now.shape(name)))
                yield Matrix((Name(now.named(left)), EQUALS, words, each), (grid,))
            continue
        for line in lines:
            yield equation(now, line.name, line.expression)
        if not wishes.brief:
            notes = backward_notes(calculation, group, time, wishes.digits, kinks_only=True)
            yield from notes_block(notes)


def _update_blocks(calculation: Calculation, form: MatrixForm, number: int) -> Iterator[Block]:
    """The new weights: old ones minus learning rate times derivative."""
    network = calculation.network
    if not network.descent.plain:
        name = network.descent.optimizer.name
        yield Sentences(((f"--view scalar shows the update of each weight by {name}",),))
    of, sample = form.loss, 0
    if len(network.samples) > 1:
        sample = number % len(network.samples) + 1 if calculation.online else 0
        of = of if calculation.online else TOTAL
    now, after = (Now(calculation, form, sample, time) for time in (number, number + 1))
    for name in form.weights:
        own = [str(each) for each in elements_called(parsed(name), form.shapes)]
        frozen = [each for each in own if each in network.frozen]
        if len(frozen) == len(own):
            yield Sentences(((Name(name), " is frozen and stays"),))
        elif frozen or not network.descent.plain:
            result = after.worked(after.elements(name))
            line = WorkedOut(None, {}, calculation.values, cells(result, form.shapes[name]))
            yield Matrix((Name(after.named(name)),), (line,))
        else:
            step = Product((Name(RATE), Name(Derivative(of, name))))
            yield equation(now, name, Sum((Name(name), Negation(step))), after)
