"""Whole vectors and matrices marked: numbers element by element, formulas at random numbers."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from backcalc.checking.key import Key
from backcalc.checking.mistakes.derivative import ALL_BUT
from backcalc.checking.naming import Finding
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.verdict import (
    AGAIN,
    CORRECT,
    MISSING,
    NOTHING,
    UNDECIDED,
    WHOLE,
    WRONG,
    Answer,
    Marked,
    NumberRows,
    in_fitting_digits,
)
from backcalc.checking.written import written_number
from backcalc.equations.calculation import run, start_values
from backcalc.equations.derivation import turned, turned_shape
from backcalc.equations.matrix_form import (
    MatrixForm,
    elements_called,
    matrix_gradients,
    shape_called,
    whole_name,
)
from backcalc.equations.network import Network
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import TOTAL, Program, loss_name, lower
from backcalc.errors import BackcalcError, Place
from backcalc.formulas.expression import (
    Expression,
    Name,
    Negation,
    Number,
    Operation,
    Product,
    Scalar,
    Sum,
    evaluate,
    names_in,
    rebuilt,
    renamed,
    replaced,
)
from backcalc.formulas.matrices import (
    OPERATIONS,
    TRANSPOSE,
    Array,
    Shape,
    ShapeError,
    elements_of,
    entrywise,
    shape_of,
    spread,
)
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.reading.matrix_answers import SIZES, MatrixAnswer, in_sample, slopes_turned
from backcalc.sheets.worked import joined

DRAWS = 3
"""Sets of random numbers at which a formula must hold."""
NEAR = 1e-8
"""How far off, relatively, two figures may be that are the same."""
SMALLEST = 1e-38
"""How far off noughts may be that are the same."""
ROUGHLY = 0.05
"""How far off, beside the largest one, numbers may be that show how a square matrix lies."""
NOISE = 1e-12  # what is left in floats where larger ones cancel
ROUNDED = 2e-3  # what rounded figures before it may make of an element, relatively
MOST_PUT_IN = 2  # derivatives in a row that a formula may have left out
SHOWN = 4  # wrong elements that are named
MOST_CELLS = 400  # of a right matrix that is shown
ORDER = (WRONG, UNDECIDED, MISSING, "again", "close", "follows", "known", "rounded", CORRECT)
"""Verdicts from the worst: a matrix has that of its worst element."""

OwnValues: TypeAlias = tuple[Mapping[str, float], Mapping[str, float]]
"""For each line the person's own number, and what follows from the lines before it."""


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What the matrices of a sheet are worth."""

    key: Key
    """The right lines."""
    by_element: bool
    """True if each element has a mark; else a matrix is one line with one mark."""
    points: Mapping[str, Fraction]
    """The points of each element that is asked."""

    def of(self, members: Sequence[Marked]) -> Fraction:
        """Return the points of a matrix: those of its elements, or one where none is asked."""
        own = [each.worth for each in members]
        summed = self.by_element or any(each.name in self.points for each in members)
        return sum(own, NOTHING) if summed else max(own, default=NOTHING)


# Numbers: each element is an answer of its own first.


def element_answers(answer: MatrixAnswer, form: MatrixForm, place: Place) -> Iterator[Answer]:
    """Yield the answers to the elements of a matrix of numbers, where its shape is right."""
    names = elements_called(answer.name, form.shapes)
    if answer.cells and answer.shape == shape_called(answer.name, form.shapes):
        for name, cell in zip(names, answer.cells, strict=True):
            yield Answer(name, cell.text, cell.value, place, (), answer.start)


def gathered(
    marked: Sequence[Marked], matrices: Sequence[tuple[MatrixAnswer, Place]], worth: Worth
) -> tuple[Marked, ...]:
    """Return the verdicts with those on the elements of one matrix as one.

    The comment names its wrong elements.
    """
    key, form = worth.key, worth.key.network.matrix_form
    own = _own_values(marked, key) if any(each.verdict == WRONG for each in marked) else ({}, {})
    of: dict[tuple[str, int | None], MatrixAnswer] = {}
    for matrix, _ in matrices:
        if matrix.cells:
            for name in elements_called(matrix.name, form.shapes):
                of[name, matrix.start] = matrix
    groups: dict[object, list[Marked]] = {}
    for each in marked:
        written = of.get((each.name, each.answer.start))
        whole = whole_name(each.name, form) if each.verdict == MISSING else each.name
        group: object = written or (whole if whole != each.name else each)
        groups.setdefault(group, []).append(each)
    found: list[Marked] = []
    for group, members in groups.items():
        if isinstance(group, MatrixAnswer):
            found.append(_one(group, members, own, worth))
        elif isinstance(group, Quantity):
            found += _missing(group, members, worth)
        else:
            found += members
    return tuple(found)


def _missing(name: Quantity, members: Sequence[Marked], worth: Worth) -> Iterable[Marked]:
    """A matrix of which every element is missing; else the missing ones by themselves."""
    form = worth.key.network.matrix_form
    if len(members) < len(elements_called(name, form.shapes)):
        return members
    answer, rows = replace(members[0].answer, name=name), right_rows(name, worth.key, form)
    whole = replace(members[0], answer=answer, rows=rows, worth=worth.of(members), earned=NOTHING)
    return [whole]


def _one(matrix: MatrixAnswer, members: Sequence[Marked], own: OwnValues, worth: Worth) -> Marked:
    """The verdict on one matrix of numbers from those on its elements."""
    key, network, form = worth.key, worth.key.network, worth.key.network.matrix_form
    worst = min(members, key=lambda each: ORDER.index(each.verdict))
    wrong = [each for each in members if each.verdict in (WRONG, AGAIN, UNDECIDED)]
    sources = tuple(dict.fromkeys(whole_name(n, form) for each in members for n in each.sources))
    comment: Phrase = ()
    verdict, finding = worst.verdict, worst.finding
    if wrong:
        verdict = min((each.verdict for each in wrong), key=(WRONG, AGAIN, UNDECIDED).index)
        if found := _finding_of(matrix, network, own):
            finding, comment = found, found.comment
        else:
            within = {each.name for each in wrong}
            first = [each for each in wrong if within.isdisjoint(each.sources)] or wrong
            if len({each.finding.slip if each.finding else None for each in first}) > 1:
                finding = None
            one = finding or (verdict == AGAIN and all(e.comment == worst.comment for e in wrong))
            comment = worst.comment if one else _first_wrong(first, len(members))
            if one and len(wrong) == len(members):
                comment = _of_wholes(comment, worst.name, form)
            if verdict == WRONG:
                comment += _wrong_elements(wrong, len(members))
    elif sources:
        comment = ("Right from your own ", *joined([(Name(each),) for each in sources]), ".")
    answer = replace(worst.answer, name=matrix.name, text=written(matrix))
    points = worth.of(members)
    shares = [each.earned / each.worth for each in members if each.worth] or [NOTHING]
    share = sum(shares, NOTHING) / len(shares) if worth.by_element else min(shares)
    return replace(
        worst, answer=answer, verdict=verdict, comment=comment, finding=finding, sources=sources,
        worth=points, earned=points * share, rows=_rows(matrix, key, form),
        identity=False,
    )  # fmt: skip


def _of_wholes(comment: Phrase, name: str, form: MatrixForm) -> Phrase:
    """What is said of an element said of the whole matrix, as far as it is true of that."""
    if ALL_BUT.partition("{")[0] in comment:  # another path in each element
        return (Name(name), ": ", *comment)
    whole = {p.id: whole_name(p.id, form) for p in comment if isinstance(p, Name)}
    if len({*whole.values()}) < len(whole):  # two of one matrix
        return comment
    return tuple(Name(whole[part.id]) if isinstance(part, Name) else part for part in comment)


def _first_wrong(wrong: Sequence[Marked], count: int) -> Phrase:
    """What the first wrong element should be, where no one mistake explains them all."""
    each = next((each for each in wrong if not each.finding), wrong[0])
    right = in_fitting_digits(float(each.expected), each.digits)
    said = sentence("This should be {}.", right) if each.finding else each.comment
    return (Name(each.name), ": ", *said) if count > 1 else said


def _wrong_elements(wrong: Sequence[Marked], count: int) -> Phrase:
    """A sentence that names the wrong elements and the right ones."""
    if len(wrong) == count:
        return (" All its elements are wrong.",) if count > 1 else ()
    said = joined([(Name(each.name), f" = {each.answer.text}") for each in wrong[:SHOWN]])
    return (" Wrong: ", *said, f" and {len(wrong) - SHOWN} more." if len(wrong) > SHOWN else ".")


def right_rows(name: Quantity, key: Key, form: MatrixForm) -> NumberRows:
    """The right numbers of a vector, or of a matrix row by row. None that is too large."""
    shape = shape_called(name, form.shapes)
    names = elements_called(name, form.shapes)
    if len(names) > MOST_CELLS or len(shape) > 2:
        return ()
    values = tuple(key.value(each) for each in names)
    if len(shape) < 2:
        return values if shape else ()
    width = int(shape[-1])
    return tuple(tuple(values[at : at + width]) for at in range(0, len(values), width))


# Formulas, and matrices of another shape.


def judged_matrix(matrix: MatrixAnswer, place: Place, worth: Worth) -> Marked:
    """The verdict on a formula of matrices, or on numbers whose shape is wrong."""
    key, network, form = worth.key, worth.key.network, worth.key.network.matrix_form
    shape = shape_called(matrix.name, form.shapes)
    answer = Answer(matrix.name, written(matrix), Number(Fraction(0)), place, (), matrix.start)
    rows = _rows(matrix, key, form)
    right = right_formula(matrix.name, network)
    if right is not None and matrix.turned:
        own = isinstance(matrix.name, Derivative)
        size = len(shape)
        right = turned(right, shapes_of(form), size) if own else slopes_turned(right, form)
    if right is not None:
        right = entrywise(right, shapes_of(form))  # a person sees which products are entry by entry
    names = elements_called(matrix.name, form.shapes)
    given = [worth.points[each] for each in names if each in worth.points]
    points = sum(given, NOTHING) if given else WHOLE * (len(names) if worth.by_element else 1)
    marked = Marked(answer, Fraction(0), WRONG, rows=rows, formula=right, worth=points)
    if matrix.cells:
        sizes = _sized(_shown(shape, matrix)), _sized(_shown(matrix.shape, matrix))
        comment: Phrase = (Name(matrix.name), f" {sizes[0]}, and yours {sizes[1]}.")
        if finding := _finding_of(matrix, network, _own_values((), key)):
            return replace(marked, finding=finding, comment=(*comment, " ", *finding.comment))
        return replace(marked, comment=comment)
    name = matrix.name
    if len(network.samples) == 1:
        return _judged_formula(matrix, marked, form, network, shape, key.given.get(RATE))
    sample = (name.of if isinstance(name, Derivative) else name).sample
    text = matrix.formula.replace(f"[{sample}]", "")
    if sample is None:  # the derivative over all samples goes into an update as that of one does
        text = re.sub(rf"\bd{TOTAL}(?='*/d)", f"d{form.loss}", text)
    matrix = replace(matrix, name=name.of_sample(None), formula=text)
    network = replace(network, samples=network.samples[(sample or 1) - 1 :][:1])
    right = right_formula(matrix.name, network)
    marked = replace(marked, formula=right and entrywise(right, shapes_of(form)))
    found = _judged_formula(matrix, marked, form, network, shape, key.given.get(RATE))
    if sample is not None or (_is_new(name, form) and found.verdict == CORRECT):
        return found
    comment = ("We cannot mark this formula of several samples: write its numbers.",)
    return replace(marked, verdict=UNDECIDED, comment=comment)


def is_of_each(matrix: MatrixAnswer, place: Place, worth: Worth) -> bool:
    """True for a formula without a sample's number that holds for each of them."""
    first = replace(matrix, name=in_sample(matrix.name, 1, worth.key.network.matrix_form))
    return bool(matrix.formula) and judged_matrix(first, place, worth).verdict == CORRECT


def _sized(shape: Shape) -> str:
    """What a shape is in a sentence."""
    return f"has shape {shape}" if shape else "is a scalar"


def _shown(shape: Shape, matrix: MatrixAnswer) -> Shape:
    """A shape in the layout of an answer."""
    own = matrix.turned and isinstance(matrix.name, Derivative) and len(shape) in (1, 2)
    return turned_shape(shape) if own else shape


def _rows(matrix: MatrixAnswer, key: Key, form: MatrixForm) -> NumberRows:
    """The right numbers in the layout of an answer."""
    rows = right_rows(matrix.name, key, form)
    matrices = [each for each in rows if isinstance(each, tuple)]
    own = matrix.turned and isinstance(matrix.name, Derivative) and matrices
    return tuple(zip(*matrices, strict=True)) if own else rows


def other_layout(whole: Sequence[tuple[MatrixAnswer, Place]], key: Key) -> tuple[MatrixAnswer, ...]:
    """The derivatives of a sheet whose layout is not the network's; none where it is, or unclear.

    At least two of them must fit transposed, and none as it stands.
    """
    form = key.network.matrix_form
    found: list[MatrixAnswer] = []
    for each, _ in whole:
        shape = shape_called(each.name, form.shapes)
        if isinstance(each.name, Derivative) and len(shape) == 2 and not each.name.step:
            other = replace(each.in_layout(), turned=not each.turned)
            fits = [_fits(own, shape, key) for own in (each, other)]
            if fits[0] and not fits[1]:
                return ()
            found += [other] if fits[1] and not fits[0] else []
    return tuple(found) if len(found) > 1 else ()


def _fits(matrix: MatrixAnswer, shape: Shape, key: Key) -> bool:
    """True if a derivative may be right as it stands in its layout."""
    network, form = key.network, key.network.matrix_form
    if not matrix.cells and len(network.samples) > 1:
        return False
    if not matrix.cells:
        return any(_agree(each, Name(matrix.name), network) for each in matrix.meanings(form))
    if tuple(matrix.shape) != tuple(shape) or shape[0] != shape[1]:
        return tuple(matrix.shape) == tuple(shape)
    names = elements_called(matrix.name, form.shapes)
    right = [float(key.value(each)) for each in names]
    own = [float(evaluate(cell.value, {})) for cell in matrix.cells]
    size = max(map(abs, right), default=0.0)
    return all(abs(a - b) <= ROUGHLY * size for a, b in zip(own, right, strict=True))


def written(matrix: MatrixAnswer) -> str:
    """A matrix as somebody wrote it, in brackets; a formula as it stands."""
    if not matrix.cells or not matrix.shape:
        return matrix.text
    if matrix.turned:
        matrix = replace(matrix.in_layout(), turned=False)
    texts = [cell.text for cell in matrix.cells]
    if len(texts) == 1 and matrix.text[-1:] not in ("]", ")", "}"):
        return texts[0]
    return in_brackets(texts, matrix.shape)


def in_brackets(texts: Sequence[str], shape: Shape) -> str:
    """Return numbers as they are typed, those of a matrix row by row: [[1, 2], [3, 4]]."""
    if len(shape) > 1:
        width = int(shape[-1])
        rows = (texts[at : at + width] for at in range(0, len(texts), width))
        texts = [in_brackets(row, Shape(shape[-1:])) for row in rows]
    return f"[{', '.join(texts)}]"


def _judged_formula(
    matrix: MatrixAnswer, marked: Marked, form: MatrixForm, network: Network, shape: Shape,
    rate: Scalar | None,
) -> Marked:  # fmt: skip
    """A formula, by its shapes first, then by its numbers at random matrices."""
    shapes = shapes_of(form)
    problem = ""
    found: list[Expression] = []
    meant = [*matrix.meanings(form)]
    said = [each for each in meant if matrix.name not in names_in(each)]
    if meant and not said:
        return replace(marked, comment=("This gives the quantity by itself.",))
    right = right_formula(matrix.name, network)
    if matrix.name.step:
        said = [own for each in said if (own := _in_first_step(each, matrix.name, form))]
        if right is None or not said:
            comment: Phrase = ("We cannot mark this formula of a later step: write its numbers.",)
            return replace(marked, verdict=UNDECIDED, comment=comment, worth=NOTHING)
    for meaning in said:
        try:
            size = shape_of(meaning, shapes)
        except (ShapeError, BackcalcError) as error:
            problem = problem or str(error.message)
            continue
        found.append(meaning)
        if size != shape and tuple(size) != tuple(shape):
            problem = problem or f"your formula {_sized(_shown(size, matrix))}"
    put_in = {} if rate is None or right is None else {RATE: Number(Fraction(rate))}
    code = "*" in matrix.text or ".T" in matrix.text
    papers = () if code else (_on_paper(each, shapes) for each in said)
    target = right if right and _is_new(matrix.name, form) else Name(matrix.name.at_step(0))
    for meaning in (*found, *papers):
        own = target if RATE in names_in(meaning) else replaced(target, put_in)
        if _agree(meaning, own, network):
            new = target is right or isinstance(matrix.name, Derivative)
            there = [] if new or right is None else names_in(right)
            given = not new and {*names_in(meaning)} <= {*there}  # as the exercise gives it
            return replace(marked, verdict=CORRECT, earned=marked.worth, identity=given)
    if not found:
        comment = (f"The shapes do not fit: {problem}." if problem else "We could not read it.",)
        verdict = WRONG if problem else UNDECIDED
        return _with_slip(replace(marked, verdict=verdict, comment=comment), matrix, network, said)
    if not _draws(network):
        return replace(marked, verdict=UNDECIDED, comment=("We could not test it with numbers.",))
    sizes = sorted({_sized(_shown(shape_of(each, shapes), matrix)) for each in found})
    fits = any(tuple(shape_of(each, shapes)) == tuple(shape) for each in found)
    comment = ("The shapes fit, but this formula gives another matrix.",)
    if not fits:
        own_sizes = " or ".join(sizes)
        right_size = _sized(_shown(shape, matrix))
        comment = (Name(matrix.name), f" {right_size}, and your formula {own_sizes}.")
    return _with_slip(replace(marked, comment=comment), matrix, network, said)


def _on_paper(node: Expression, shapes: Mapping[str, Shape]) -> Expression:
    """A formula with one element as a number and one column as a vector: (yhat - y) W2.T."""
    match node:
        case Name(name) if tuple(shapes.get(name, ())) == (1,):
            return _first(node)
        case Operation(row, (Name(name) as row_of,)) if row is TRANSPOSE:
            return _first(row_of) if tuple(shapes.get(name, ()))[:1] == (1,) else node
    return rebuilt(node, lambda part: _on_paper(part, shapes))


def _first(node: Expression) -> Expression:
    """The first element of a vector, or the first row of a matrix."""
    return Operation(OPERATIONS["index"], (node,), (("at", (0,)),))


def _is_new(name: Quantity, form: MatrixForm) -> bool:
    """True for a weight after an update."""
    return bool(name.step) and name.at_step(0) in form.weights


def right_formula(name: Quantity, network: Network) -> Expression | None:
    """The formula of a quantity as in the first step; None where there is none."""
    form = network.matrix_form
    lines = formulas_of(network)
    if not _is_new(name, form):
        return lines.get(name.at_step(0))
    own = {*elements_called(name.at_step(0), form.shapes)}
    if not network.descent.plain or len(network.samples) > 1 or own & {*network.frozen}:
        return None
    old = name.at_step(0)
    change = Product((Name(RATE), Name(Derivative(form.loss, old))))
    return Sum((Name(old), Negation(change)))


def _in_first_step(meaning: Expression, name: Quantity, form: MatrixForm) -> Expression | None:
    """A formula of a later step in the names of the first; None where it mixes steps."""
    steps = name.step - _is_new(name, form)
    worked_out = {*form.weights, *(line.name for line in form.lines)}
    names = [*map(parsed, names_in(meaning))]
    moving = [n for n in names if isinstance(n, Derivative) or n.at_step(0) in worked_out]
    if any(each.step != steps for each in moving):
        return None
    return renamed(meaning, lambda each: parsed(each).at_step(0))


def _with_slip(
    marked: Marked, matrix: MatrixAnswer, network: Network, found: Sequence[Expression]
) -> Marked:
    """The verdict with the mistake that makes of the right formula just this one."""
    form = network.matrices
    right = right_formula(matrix.name, network)
    if marked.verdict != WRONG or right is None or form is None:
        return marked
    lines = formulas_of(network)
    named = {name for each in found for name in names_in(each)}
    variants = [*_variants(right, shapes_of(form))]
    for _ in range(MOST_PUT_IN):  # dL/da1 that the formula does not name, by its own formula
        inner = {n: lines[n] for n in names_in(right) if "/" in n and n in lines.keys() - named}
        if not inner or marked.verdict != WRONG:
            break
        right = replaced(right, inner)
        variants += _variants(right, shapes_of(form))
    same = (slip for slip, variant in variants if variant in found)
    equal = (s for s, variant in variants if any(_agree(variant, each, network) for each in found))
    slip = next(chain(same, equal), None)
    if slip is None:
        return marked
    finding = Finding(slip, matrix.name, {})
    return replace(marked, finding=finding, comment=finding.comment)


def _variants(right: Expression, shapes: Mapping[str, Shape]) -> Iterator[tuple[Slip, Expression]]:
    """Yield the right formula with each mistake in it, in every way."""
    for slip in SLIPS.values():
        if slip.edits is not None:
            with suppress(ShapeError):
                for variant in slip.edits(right, shapes):
                    yield slip, variant


def _finding_of(matrix: MatrixAnswer, network: Network, own: OwnValues) -> Finding | None:
    """The mistake that gives the numbers of a matrix, from the person's own before it."""
    form = network.matrix_form
    name, shapes, arrays = matrix.name, shapes_of(form), _arrays(form)
    right = formulas_of(network).get(name)
    if name.step:
        shape = shape_called(name, form.shapes)
        shapes = {name: shape}
        arrays = {name: Array(shape, tuple(map(Name, elements_called(name, form.shapes))))}
        right = Name(name)
    numbers = [float(evaluate(cell.value, {})) for cell in matrix.cells]
    if right is None or not any(numbers):
        return None
    values, due = own
    called = elements_called(name, form.shapes)
    values = {**values, **{each: due.get(each, math.nan) for each in called}}
    about = ROUNDED if len(numbers) > 1 else NEAR
    ends = [written_number(cell.value, cell.text).ends for cell in matrix.cells]
    for slip, variant in _variants(right, shapes):
        with suppress(ArithmeticError, ValueError, KeyError, ShapeError):
            array = elements_of(variant, arrays)
            if tuple(array.shape) != tuple(matrix.shape):
                continue
            given = [float(evaluate(each, values)) for each in array.elements]
            if all(
                max(low - a, a - high) <= (high - low) / 2 + about * abs(a) + NOISE
                for a, (low, high) in zip(given, ends, strict=True)
            ):
                return Finding(slip, matrix.name, {})
    return None


def _own_values(marked: Sequence[Marked], key: Key) -> OwnValues:
    """What a person's lines are, or would be, and what they come to from those before them."""
    written = {
        each.name: each.answer.formula for each in marked
        if each.answer.formula is not None and not each.answer.symbolic
    }  # fmt: skip
    values = {name: float(value) for name, value in key.given.items()}
    due: dict[str, float] = {}
    for name in sorted(key.lines, key=key.order.__getitem__):
        with suppress(ArithmeticError, ValueError, KeyError):
            values[name] = due[name] = float(evaluate(key.lines[name].equation.expression, values))
            if name in written:
                values[name] = float(evaluate(written[name], {}))
    return values, due


# Formulas of the network, and numbers to try them at.


@lru_cache(maxsize=8)
def formulas_of(network: Network) -> Mapping[str, Expression]:
    """Every line of the network in matrix notation, forward and backward."""
    form = network.matrix_form
    gradients = matrix_gradients(form, network.conventions)
    return {line.name: line.expression for line in (*form.lines, *gradients)}


@lru_cache(maxsize=8)
def shapes_of(form: MatrixForm) -> Mapping[str, Shape]:
    """The shape of every quantity and of every derivative."""
    found = dict(form.shapes)
    for name in form.shapes:
        found[Derivative(form.loss, parsed(name))] = form.shapes[name]
    return dict.fromkeys(SIZES, Shape()) | found


@lru_cache(maxsize=8)
def _arrays(form: MatrixForm) -> Mapping[str, Array]:
    """The elements of every quantity and of every derivative."""
    return {
        name: Array(shape, tuple(map(Name, elements_called(parsed(name), form.shapes))))
        for name, shape in shapes_of(form).items()
        if name in form.shapes or name not in SIZES
    }


@lru_cache(maxsize=8)
def _draws(network: Network) -> tuple[Mapping[str, Scalar], ...]:
    """Every quantity's number at some random inputs and weights, worked out in doubles."""
    form = network.matrix_form
    loss = loss_name(network)
    inputs = tuple(map(parsed, network.inputs))
    program = Program(network, lower(network), loss, loss, inputs)
    draw = random.Random(0)
    batch = next((each[0] for name in form.inputs if len(each := form.shapes[name]) == 2), 1)
    noughts: dict[str, Scalar] = {}
    for name in form.shapes:
        slopes = elements_called(Derivative(loss, parsed(name)), form.shapes)
        noughts |= {str(slope): 0.0 for slope in slopes}
    found: list[Mapping[str, Scalar]] = []
    for _ in range(4 * DRAWS):
        start = start_values(network)
        values: dict[str, Scalar] = {name: float(value) for name, value in start.items()}
        moved = [*network.weights, *network.inputs]
        values |= {name: draw.uniform(-1.5, 1.5) for name in moved}
        with suppress(BackcalcError, ArithmeticError, ValueError):
            run(program.forward, values)
            run(program.backward, values)
            sizes = dict.fromkeys(SIZES, float(batch))
            found.append({**noughts, **sizes, RATE: draw.uniform(0.5, 1.5), **values})
        if len(found) == DRAWS:
            break
    return tuple(found)


def _agree(one: Expression, other: Expression, network: Network) -> bool:
    """True if two formulas give the same numbers in one shape; a number stands for a whole one."""
    draws, arrays = _draws(network), _arrays(network.matrix_form)
    with suppress(ArithmeticError, ValueError, KeyError, IndexError, ShapeError):
        first, second = (elements_of(each, arrays) for each in (one, other))
        first = first if first.shape else spread(first, second.shape)
        pairs = [*zip(first.elements, second.elements, strict=True)]
        same = bool(draws) and tuple(first.shape) == tuple(second.shape)
        return same and all(_near_at(pairs, values) for values in draws)
    return False


def _near_at(pairs: Iterable[Sequence[Expression]], values: Mapping[str, Scalar]) -> bool:
    """True if the two of each pair come to the same number, but for what is lost in doubles."""
    numbers = [[float(evaluate(each, values)) for each in pair] for pair in pairs]
    near = NEAR * max(map(abs, chain.from_iterable(numbers)), default=0.0) or SMALLEST
    return math.isfinite(near) and all(abs(a - b) <= near for a, b in numbers)
