"""The sheet of a file with vectors and matrices: each line in matrix notation, then in numbers.

Every number comes from the calculation in scalars.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.derivation import distributions, laid_out, turned_shape
from backcalc.equations.matrix_form import (
    MatrixForm,
    MatrixLine,
    elements_called,
    matrix_gradients,
    shape_called,
    whole_name,
)
from backcalc.equations.network import Network
from backcalc.equations.optimizers import NORM, RATE, update_lines
from backcalc.equations.program import TOTAL
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Number,
    Operation,
    Product,
    Scalar,
    Values,
    evaluate,
    names_in,
    parts,
    rebuilt,
    renamed,
    replaced,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS, LAYOUTS
from backcalc.formulas.matrices import (
    ENTRYWISE,
    MATMUL,
    OPERATIONS,
    Array,
    Row,
    Shape,
    Shapes,
    elements_of,
    entrywise,
    nested,
    shape_of,
    transposed,
    whole,
)
from backcalc.formulas.notation import InDigits, Phrase, Sign, formula_text
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.sheets.blocks import (
    EQUALS,
    Block,
    Cells,
    Factor,
    Matrix,
    Sentences,
    Table,
    WorkedOut,
    grid_name,
)
from backcalc.sheets.remarks import backward_notes
from backcalc.sheets.worked import (
    AFTER,
    BACKWARD,
    UPDATE,
    Stage,
    View,
    Wishes,
    by_sample,
    joined,
    notes_block,
    over_samples,
    pass_table,
    remembered,
    rule_of,
    sample_heading,
    worked_stages,
)

MOST_CELLS = 400  # numbers of a matrix that is written out; a larger one stands by its name

MOST_GIVEN = 12  # numbers of a sample's input in its heading
COLUMN = "A vector is a column."
LEGEND: tuple[Phrase, ...] = (
    (f"{COLUMN} Behind each equation stands the shape of its result, rows first.",),
)


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
        own = parsed(whole or name).at_step(0)
        numbers = (RATE, *self.calculation.network.descent.numbers)
        kept = own in form.shapes and own not in form.elements  # by the optimizer
        shared = kept or own in (*form.weights, *form.constants, *numbers, TOTAL, NORM)
        if self.sample and not shared:
            quantity = quantity.of_sample(self.sample)
        elements = [name] if whole else elements_called(parsed(name), form.shapes)
        fixed = own in (*form.constants, *form.inputs, *form.targets, *numbers)
        if fixed or {*elements} <= {*frozen}:
            return quantity
        return quantity.after(self.time)

    def turned(self, name: str) -> bool:
        """True for a derivative that is laid out with its axes turned round."""
        if not isinstance(parsed(name), Derivative):
            return False
        axes = len(shape_called(parsed(name), self.form.shapes))
        return self.calculation.network.layout != "denominator" and 0 < axes <= 2

    def shape(self, name: str) -> Shape:
        """The shape of a quantity, a derivative's too."""
        shape = shape_called(parsed(name), self.form.shapes)
        return turned_shape(shape) if self.turned(name) else shape

    def elements(self, name: str) -> Array:
        """The names of a quantity's elements in this pass; 0 by what the loss does not need."""
        values = self.calculation.values
        names = [self.named(each, name) for each in elements_called(parsed(name), self.form.shapes)]
        found = tuple(Name(each) if each in values else Number(Fraction(0)) for each in names)
        array = Array(shape_called(parsed(name), self.form.shapes), found)
        return elements_of(transposed(Name(name)), {name: array}) if self.turned(name) else array

    def worked(self, array: Array) -> tuple[Scalar, ...]:
        """The numbers of formulas."""
        return tuple(evaluate(each, self.calculation.values) for each in array.elements)

    def elements_of(self, node: Expression) -> Array:
        """A formula of matrices as formulas of its elements in this pass."""
        return elements_of(node, {each: self.elements(each) for each in names_in(node)})


def cells(numbers: Sequence[Scalar | Sign], shape: Shape) -> Cells:
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
    shapes = {each: now.shape(each) for each in names_in(expression)}
    shown = _on_paper(entrywise(expression, shapes), shapes)
    left = Name(after.named(name))
    behind = (f"   ({shape})",) if shape else ()
    result = after.worked(after.elements(name))
    answer = cells(result, shape) if len(result) <= MOST_CELLS else None
    lines = tuple(_number_lines(now, _in_rows(shown, shapes), answer, bool(shape)))
    return Matrix((left, EQUALS, renamed(shown, now.named), *behind), lines)


def _on_paper(node: Expression, shapes: Shapes) -> Expression:
    """The formula with a sign at each column that a product takes as a row: a @ b is aᵀ·b."""
    node = rebuilt(node, lambda each: _on_paper(each, shapes))
    match node:
        case Operation(row, (left, right)) if row is MATMUL:
            sizes, other = shape_of(left, shapes), shape_of(right, shapes)
            if len(sizes) == 1 and not isinstance(sizes, Row) and not isinstance(other, Row):
                return Operation(MATMUL, (transposed(left), right))
    return node


def _in_rows(node: Expression, shapes: Shapes, row: bool = False) -> Expression:
    """The formula with each vector transposed that is added to every row of a matrix."""
    if isinstance(node, Name) and row:
        return transposed(node)
    if isinstance(node, Operation) and node.row is not ENTRYWISE:
        return rebuilt(node, lambda each: _in_rows(each, shapes))
    wide = len(shape_of(node, shapes)) > 1

    def lies(each: Expression) -> bool:
        own = shape_of(each, shapes)
        return (row or wide) and len(own) == 1 and not isinstance(own, Row)

    return rebuilt(node, lambda each: _in_rows(each, shapes, lies(each)))


def _number_lines(
    now: Now, shown: Expression, answer: Cells | None, bracketed: bool
) -> Iterator[WorkedOut]:
    """The formula with numbers, softmax by its exponentials, and the result."""
    values = now.calculation.values
    if isinstance(shown, (Name, Number)):
        if answer:
            yield WorkedOut(None, {}, values, answer, bracketed)
        return
    by_parts = not now.calculation.kept  # the result is rounded once, not each part of it
    if by_parts and isinstance(shown, Operation) and shown.row.name == "softmax" and answer:
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
    yield WorkedOut(_with_grids(now, powers, grids), grids, values, wide, own=True)
    token, other = grid_name(0), grid_name(1)
    added = Operation(row, (Name(token),), printed)
    yield WorkedOut(added, {token: wide}, values, narrow, deep, own=True)
    below: Expression = Name(other) if deep else Number(sums[0])
    share = Product((Name(token), Inverse(below)))
    yield WorkedOut(share, {token: wide, other: narrow}, values, answer)


def _with_grids(now: Now, node: Expression, grids: dict[str, Cells]) -> Expression:
    """The formula with a name of its own for each matrix, whose numbers are put into `grids`.

    A choice between two values is made for each element, so it stands as its outcome.
    """
    moved = isinstance(node, Operation) and node.row.name in (".T", "index")
    if isinstance(node, (Name, Choice)) or (moved and isinstance(parts(node)[0], Name)):
        array = now.elements_of(node)
        if not array.shape and isinstance(node, Choice):
            return array.elements[0]  # which of the two holds is told by elements
        if not array.shape or len(array.elements) > MOST_CELLS:
            return renamed(node, now.named)
        token = grid_name(len(grids))
        grids[token] = cells(now.worked(array), array.shape)
        return Name(token)
    return rebuilt(node, lambda each: _with_grids(now, each, grids))


def given_matrices(calculation: Calculation) -> Iterator[Block]:
    """The vectors and matrices that the file gives."""
    form = calculation.network.matrix_form
    now = Now(calculation, form)
    several = len(calculation.network.samples) > 1
    groups = {
        "inputs and targets": () if several else (*form.inputs, *form.targets),
        "weights": form.weights,
        "constants": form.constants,
        "at the start": memory_of(form, calculation.network),
    }
    for kind, names in groups.items():
        arrays = [name for name in names if form.shapes[name]]
        factors: list[Factor] = []
        for name in arrays:
            if math.prod(map(whole, form.shapes[name])) <= MOST_CELLS:
                numbers = now.worked(now.elements(name))
                between: Phrase = (Sign("comma"),) if factors else ()
                sign: Phrase = (*between, Name(name), EQUALS)
                factors.append(Factor(sign, cells(numbers, form.shapes[name])))
        said = [(Name(name), f" ({form.shapes[name]})") for name in arrays]
        if arrays:
            yield Matrix((f"{kind}: ", *joined(said)), (tuple(factors),) if factors else ())


def given_rows(form: MatrixForm, numbers: Mapping[str, Fraction]) -> Iterator[Phrase]:
    """Yield the inputs and targets of a sample: x = (1, -0.5)ᵀ, X = [[1, 2], [3, 4]]."""
    for name in (*form.inputs, *form.targets):
        shape = form.shapes[name]
        own = [numbers[each] for each in elements_called(parsed(name), form.shapes)]
        shown = (" = ", *_lying(own, shape)) if len(own) <= MOST_GIVEN else (f" ({shape})",)
        yield (Name(name), *shown)


def _lying(numbers: Sequence[Scalar], shape: Shape) -> Phrase:
    """Numbers on one line: a vector as the transpose of a row, a matrix row by row."""
    rows = typed_rows(numbers, shape)
    return ("(", *rows[1:-1], ")", Sign("transposed")) if len(shape) == 1 else rows


def memory_of(form: MatrixForm, network: Network) -> tuple[str, ...]:
    """The vectors and matrices that the optimizer starts from, where the file gives any."""
    start = remembered(network)
    kept = (name for name in form.shapes if name not in form.elements)
    elements = ((name, elements_called(parsed(name), form.shapes)) for name in kept)
    return tuple(name for name, own in elements if not start.keys().isdisjoint(own))


def typed_lines(
    calculation: Calculation, wanted: Collection[str] | None
) -> tuple[list[Phrase], list[Phrase]]:
    """What is given and the equations as lines of text, those that some elements need or all."""
    form, network = calculation.network.matrix_form, calculation.network
    several = len(network.samples) > 1
    now = Now(calculation, form)
    passes = [replace(now, sample=at + several) for at in range(len(network.samples))]
    names = {whole_name(each, form) for each in wanted} if wanted is not None else None
    given = [(each, name) for name in (*form.inputs, *form.targets) for each in passes]
    given += [(now, name) for name in (*form.weights, *form.constants, *memory_of(form, network))]
    numbers: list[Phrase] = [
        (Name(own), " = ", *_lying(each.worked(each.elements(name)), each.shape(name)))
        for each, name in given
        if (own := each.named(name)) and (names is None or own in names)
    ]
    fixed = {RATE: calculation.values[RATE]} if RATE in calculation.values else {}
    fixed |= network.descent.numbers
    numbers += [(Name(name), " = ", Number(value)) for name, value in fixed.items()
                if names is None or name in names]  # fmt: skip
    lines: list[Phrase] = [
        (Name(own), " = ", renamed(entrywise(line.expression, form.shapes), each.named))
        for each in passes
        for line in form.lines
        if (own := each.named(line.name)) and (names is None or own in names)
    ]
    if several and (names is None or TOTAL in names):
        reduced = next(each for each in calculation.program.forward if each.name == TOTAL)
        lines.append((Name(TOTAL), " = ", reduced.expression))
    return numbers, lines


def typed_rows(numbers: Sequence[Scalar], shape: Shape, digits: int = 0) -> Phrase:
    """Numbers as they are typed: [[1, 2], [3, 4]], perhaps all as decimals of so many digits."""
    if not shape:
        return (InDigits(numbers[0], digits) if digits else Number(numbers[0]),)
    size = len(numbers) // whole(shape[0])
    rows = (numbers[at : at + size] for at in range(0, len(numbers), size))
    inside = (part for row in rows for part in (", ", *typed_rows(row, Shape(shape[1:]), digits)))
    return ("[", *islice(inside, 1, None), "]")


def shown_layout(calculation: Calculation) -> Iterator[Phrase]:
    """What is meant element by element, and how the derivatives of a sheet are laid out."""
    form = calculation.network.matrix_form
    lines = [*form.lines, *(gradients(calculation, form) if calculation.backward else ())]
    shapes = {each: Now(calculation, form).shape(each) for line in lines
              for each in names_in(line.expression)}  # fmt: skip
    if rows := [(Name(name),) for name in form.weights if _lies(name, form)]:
        said = "are used in each row of a matrix, and stand there as rows"
        said = said if rows[1:] else "is used in each row of a matrix, and stands there as a row"
        yield (*joined(rows, " and "), f" {said}")
    nodes = [each for line in lines for each in walk(line.expression)]
    shared = [each for each in nodes if isinstance(each, Inverse)
              or (isinstance(each, Operation) and each.row.name == "softmax")]  # fmt: skip
    if any(len(shape_of(each, shapes)) > 1 for each in shared):
        yield ("a quotient of two matrices is taken element by element",)
    if calculation.backward:
        name = calculation.network.layout
        sentence = LAYOUTS[name]
        yield (f"layout {name}: {sentence[0].lower()}{sentence[1:-1]}",)


def _lies(name: str, form: MatrixForm) -> bool:
    """True for a vector that meets a matrix element by element, and so each of its rows."""
    row = transposed(Name(name))
    return len(form.shapes[name]) == 1 and any(
        row in walk(_in_rows(line.expression, form.shapes)) and row not in walk(line.expression)
        for line in form.lines
    )


def shown_loss(calculation: Calculation) -> Phrase:
    """The loss as a formula of matrices."""
    form = calculation.network.matrix_form
    line = form.lines[-1]
    return (Name(line.name), " = ", entrywise(line.expression, form.shapes))


def _stage_blocks(
    calculation: Calculation, wishes: Wishes, stage: Stage, steps: Sequence[Step]
) -> Iterator[Block]:
    """The equations of a stage, and for a backward pass what there is to say of kinks."""
    network = calculation.network
    update = stage.name == UPDATE
    lines = [*_wanted(calculation, wishes, written(calculation, stage, steps), update=update)]
    if wishes.wrt and stage.name == AFTER:
        return
    if update:
        if stage.number == 0 and not network.descent.plain:
            yield Sentences(tuple(rule_of(network)))
        if network.frozen:
            frozen = joined([(Name(name),) for name in network.frozen])
            yield Sentences((("frozen, so they stay: ", *frozen),))
        own = [step for step in steps if step.name.stem == NORM]
        yield from (pass_table(calculation, own),) if own else ()
        yield from map(block, lines)
        return
    if wishes.compact and stage.name == BACKWARD:
        rows = tuple(_row(each, wishes.digits) for each in lines)
        yield Table(("derivative", "formula", "result"), rows, prose=True)
        lines = []
    for sample, group in by_sample(steps):
        yield from sample_heading(network, sample) if lines else ()
        yield from (block(each) for each in lines if each.now.sample == sample)
        if stage.name != BACKWARD and not sample and len(network.samples) > 1:
            yield pass_table(calculation, group)
        if stage.name == BACKWARD and not wishes.brief:
            number, digits = stage.number, wishes.digits
            notes = backward_notes(calculation, group, number, digits, kinks_only=True)
            yield from notes_block(notes)


def _row(each: StageEquation, digits: int) -> tuple[Phrase, ...]:
    """A derivative, its formula and its numbers, as long as they have room in a row."""
    numbers, shape = each.after.worked(each.after.elements(each.name)), each.after.shape(each.name)
    formula = (_right_side(each.now, each.expression),) if each.expression else ()
    result = typed_rows(numbers, shape, digits) if len(numbers) <= MOST_CELLS else (f"({shape})",)
    return (Name(each.after.named(each.name)),), formula, result


def _wanted(
    calculation: Calculation, wishes: Wishes, lines: Iterable[StageEquation], *, update: bool
) -> Iterator[StageEquation]:
    """Yield the equations that the derivative by one vector or matrix needs, or all of them."""
    if wishes.lines is not None:
        there = {*wishes.lines}
        yield from (each for each in lines if not there.isdisjoint(each.elements))
        return
    if wishes.wrt is None:
        yield from lines
        return
    form = calculation.network.matrix_form
    wanted = (Derivative(of, wishes.wrt) for of in (form.loss, TOTAL))
    found: set[str] = {form.loss, *wanted}
    descent = calculation.network.descent
    updated = {wishes.wrt, *(f"{word}_{wishes.wrt}" for word in descent.words)}
    for line in reversed([*form.lines, *gradients(calculation, form)]):
        if line.name in found:
            found.update(names_in(line.expression))
    yield from (each for each in lines if each.name in (updated if update else found))


def block(each: StageEquation) -> Matrix:
    """An equation as it is shown."""
    if each.expression is not None:
        return equation(each.now, each.name, each.expression, each.after)
    numbers = each.after.worked(each.after.elements(each.name))
    shape = each.after.shape(each.name)
    values, result = each.now.calculation.values, cells(numbers, shape)
    if not isinstance(each.name, Derivative):
        line = WorkedOut(None, {}, values, result, bool(shape))
        return Matrix((Name(each.after.named(each.name)),), (line,))
    slope = Derivative(each.now.form.loss, each.name.by)
    words = f"the {each.now.calculation.network.reduction} over the samples of "
    name = (Name(each.after.named(each.name)), EQUALS, words, Name(slope))
    if len(numbers) > MOST_CELLS:
        return Matrix(name, ())

    def of(sample: int) -> Cells:
        array = replace(each.now, sample=sample).elements(slope)
        return cells(each.now.worked(array), array.shape)

    return Matrix(name, (over_samples(each.now.calculation, of, result, bool(shape)),))


MATRICES = View(_stage_blocks, (Sentences(LEGEND),), given_matrices, shown_loss)


@record(frozen=True, slots=True, eq=False)
class StageEquation:
    """One equation of a stage, with the pass that it belongs to."""

    name: Quantity
    """The name of its left side in the form."""
    expression: Expression | None
    """Its right side; None for what is only given as a result."""
    now: Now
    """The pass of its right side."""
    after: Now
    """The pass of its left side: another one for an update."""

    @property
    def elements(self) -> Iterator[str]:
        """Yield the lines of the calculation that it is."""
        yield from (
            own for each in self.after.elements(self.name).elements for own in names_in(each)
        )

    @property
    def uses(self) -> Iterator[str]:
        """Yield the lines and numbers of the calculation that its right side names."""
        for name in names_in(self.expression) if self.expression else ():
            yield from (own for each in self.now.elements(name).elements for own in names_in(each))


def written(
    calculation: Calculation, stage: Stage, steps: Sequence[Step]
) -> Iterator[StageEquation]:
    """Yield the equations of a stage; of several samples those of each, then what is over all."""
    form, network = calculation.network.matrix_form, calculation.network
    several = len(network.samples) > 1
    if stage.name == UPDATE:
        sample = stage.number % len(network.samples) + 1 if calculation.online and several else 0
        now = Now(calculation, form, sample, stage.number)
        after = replace(now, time=now.time + 1)
        of = TOTAL if several and not calculation.online else form.loss
        for name in map(parsed, form.weights):
            own = {*elements_called(name, form.shapes)}
            if own <= {*network.frozen}:
                continue
            taken = any(f"{word}_{name}" in form.elements for word in network.descent.words)
            if taken or not own.isdisjoint(network.frozen):
                yield StageEquation(name, None, now, after)
                continue
            slope = Derivative(of, name)
            laid: dict[str, Expression] = {}
            if now.turned(slope):
                laid[slope] = transposed(Name(slope))
            for left, line, before in update_lines(network.descent, name, slope, stage.number + 1):
                later = after if before else now
                yield StageEquation(left.at_step(0), replaced(line, laid), now, later)
        return
    backward = stage.name == BACKWARD
    lines = gradients(calculation, form) if backward else form.lines
    for sample, _ in by_sample(steps):
        now = Now(calculation, form, sample, stage.number if backward else stage.updates)
        if sample or not several:
            yield from (StageEquation(line.name, line.expression, now, now) for line in lines)
        elif backward:
            yield from (
                StageEquation(Derivative(TOTAL, each), None, now, now) for each in form.weights
            )


def matrix_of(calculation: Calculation) -> dict[str, StageEquation]:
    """Return for each scalar the equation of the form that it belongs to."""
    return {
        element: each
        for stage, steps in worked_stages(calculation)
        for each in written(calculation, stage, steps)
        for element in each.elements
    }


def _right_side(now: Now, expression: Expression) -> Expression:
    shapes = {own: now.shape(own) for own in names_in(expression)}
    return renamed(_on_paper(entrywise(expression, shapes), shapes), now.named)


def matrix_rows_of(
    calculation: Calculation, values: Values, digits: int
) -> Iterator[tuple[StageEquation, tuple[Phrase, Phrase, Phrase]]]:
    """Yield the whole lines of a sheet with other numbers: name, formula, numbers as typed."""
    for each in dict.fromkeys(matrix_of(calculation).values()):
        array = each.after.elements(each.name)
        if values.keys() >= {*each.elements}:
            numbers = [evaluate(own, values) for own in array.elements]
            formula = (_right_side(each.now, each.expression),) if each.expression else ("",)
            result = typed_rows(numbers, each.after.shape(each.name), digits)
            yield each, ((Name(each.after.named(each.name)),), formula, result)


def left_open(each: StageEquation, *, printed: bool, said: Phrase = (), height: int = 0) -> Matrix:
    """Return an equation with a blank for each element, and its formula where that is `printed`.

    Where nobody shall see its shape, there is a `height`: that many lines in brackets. The loss
    is a number, as everybody knows.
    """
    height = 0 if each.name in (each.now.form.loss, TOTAL) else height
    shape = Shape() if height else each.after.shape(each.name)
    size = math.prod(map(whole, shape))
    rows = cells((Sign("cell"),) * size, shape) if shape else ((Sign("line"),),) * height
    sign: Phrase = (EQUALS,) if rows else (EQUALS, Sign("blank"))
    behind: Phrase = (f"   ({shape})",) if shape else ()
    name: Phrase = (Name(each.after.named(each.name)),)
    if printed and each.expression is not None:
        name = (*name, EQUALS, _right_side(each.now, each.expression))
    return Matrix((*name, *behind, *said), ((Factor(sign, rows),),))


def matrix_rows(
    calculation: Calculation, stage: Stage, steps: Sequence[Step]
) -> list[dict[str, object]]:
    """Return the vectors and matrices of a stage as data: name, formula, shape, nested lists."""
    return [
        {
            "name": each.after.named(each.name),
            "formula": each.expression and formula_text(renamed(each.expression, each.now.named)),
            "shape": [*each.after.shape(each.name)],
            "value": nested(
                map(float, each.after.worked(each.after.elements(each.name))),
                each.after.shape(each.name),
            ),
        }
        for each in written(calculation, stage, steps)
        if each.after.shape(each.name)
    ]


def gradients(calculation: Calculation, form: MatrixForm) -> tuple[MatrixLine, ...]:
    """The derivatives as matrix equations: by the weights, and by the inputs where asked."""
    network = calculation.network
    by = [*form.weights, *(form.inputs if calculation.program.inputs else ())]
    lines = matrix_gradients(form, network.conventions, by, distributions(network))
    return laid_out(lines, form, network.layout)
