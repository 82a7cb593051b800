"""A network in matrix notation: its lines, their shapes, and the gradients as matrix equations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any, TypeAlias

from backcalc.equations.losses import FLOW
from backcalc.equations.optimizers import Descent
from backcalc.equations.program import LOSS, TOTAL
from backcalc.errors import BackcalcError, Place, counted
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Product,
    Scalar,
    Sum,
    added,
    evaluate,
    multiplied,
    names_in,
    negated,
    parts,
    walk,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.matrices import (
    Array,
    Shape,
    Shapes,
    Size,
    count,
    flowing_back,
    operation,
    places,
    settings_of,
    shape_of,
    whole,
)
from backcalc.formulas.notation import Phrase
from backcalc.formulas.quantity import Derivative, Quantity, parsed

POINTS = tuple((Fraction(p, 7), Fraction(y, 11)) for p, y in ((1, 2), (3, 5), (5, 9), (2, 8)))
"""Values of output and target at which two formulas are compared exactly."""


@record(frozen=True, slots=True, eq=False)
class Combination:
    """One row: an activation whose derivative and that of a loss shorten each other."""

    activation: str
    """The activation p of z."""
    multiple: Callable[[Scalar, Scalar, Scalar], Scalar]
    """By how much a short derivative is larger than p - y, from p, y and the loss's by p."""
    rule: str
    """The rule in a sentence; {p} and {y} are the names, {line} is what adds up to 1."""
    by_line: bool = False
    """True if the targets of each line must add up to 1."""


COMBINATIONS = {
    row.activation: row
    for row in (
        Combination("softmax", lambda p, y, slope: -slope * p / y,
                    "softmax and cross entropy together: {line} adds up to 1, so"
                    " {p} * (G - sum(G * {p})) with G = -{y}/{p} is {p} - {y}", by_line=True),
        Combination("log_softmax", lambda p, y, slope: -slope / y,
                    "log_softmax and the negative log-likelihood together: {line} adds up to 1,"
                    " so G - exp({p}) * sum(G) with G = -{y} is exp({p}) - {y}", by_line=True),
        Combination("sigmoid", lambda p, y, slope: slope * p * (1 - p) / (p - y),
                    "sigmoid and binary cross entropy together: ({p} - {y})/({p} * (1 - {p}))"
                    " from the loss times {p} * (1 - {p}) is {p} - {y}"),
    )
}  # fmt: skip
"""The activations that a loss may be combined with."""


@record(frozen=True, slots=True, eq=False)
class Combined:
    """The short derivative of the loss by what goes into an activation."""

    operand: Expression
    """What goes into the activation."""
    flow: Expression
    """The derivative by it."""
    rule: str
    """The rule in a sentence."""


def combined(
    expression: Expression, answer: Name, upstream: Expression, targets: Collection[str],
    shapes: Shapes, distributions: Collection[str] | None = None,
) -> Combined | None:  # fmt: skip
    """The derivative through an activation and a loss at once; None where they are no pair.

    `upstream` is the derivative of the loss by the activation, written out; `distributions` are
    the targets whose lines add up to 1; nothing said: all.
    """
    kind = getattr(expression, "function", None) or getattr(expression, "row", None)
    name = kind.name if kind and len(parts(expression)) == 1 else ""
    row = COMBINATIONS.get(name)
    if row is None or shape_of(upstream, shapes) != shape_of(answer, shapes):
        return None
    inner = {name for name in names_in(upstream) if name in targets}
    terms = upstream.terms if isinstance(upstream, Sum) else (upstream,)
    split = [_split(term, {answer.id, *inner}) for term in terms]
    outside = [sorted(map(repr, outer)) for outer, _ in split]
    if len(inner) != 1 or any(each != outside[0] for each in outside):
        return None
    (target,) = inner
    outer, core = split[0][0], added(*(core for _, core in split))
    multiple = _multiple(row, core, answer.id, target)
    if multiple is None or shape_of(Name(target), shapes) != shape_of(answer, shapes):
        return None
    if row.by_line and (
        _varies(expression, outer, shapes) or not (distributions is None or target in distributions)
    ):
        return None
    line = target
    if row.by_line and isinstance(expression, Operation) and len(shape_of(answer, shapes)) > 1:
        along = settings_of(expression)["axis"]
        line = f"each {'column' if along in (0, -2) else 'row'} of {target}"
    output = Call(FUNCTIONS["exp"], (answer,)) if name == "log_softmax" else answer
    above = [each for each in outer if not isinstance(each, Inverse)]
    below = [each for each in outer if isinstance(each, Inverse)]
    flow = multiplied(Number(multiple), *above, Sum((output, Negation(Name(target)))), *below)
    return Combined(parts(expression)[0], flow, row.rule.format(p=answer.id, y=target, line=line))


def _split(term: Expression, names: Collection[str]) -> tuple[list[Expression], Expression]:
    """The factors of a term without these names, and the rest."""
    node = term.operand if isinstance(term, Negation) else term
    factors = node.factors if isinstance(node, Product) else (node,)
    outer = [each for each in factors if not set(names_in(each)) & set(names)]
    core = multiplied(*(each for each in factors if set(names_in(each)) & set(names)))
    return outer, core if node is term else negated(core)


def _multiple(row: Combination, core: Expression, output: str, target: str) -> Fraction | None:
    """The number of times that the short derivative is p - y; None if it is no such thing."""
    matrices = any(isinstance(each, Operation) for each in walk(core))
    if matrices or set(names_in(core)) - {output, target}:
        return None
    found = set()
    for p, y in POINTS:
        try:
            found.add(row.multiple(p, y, evaluate(core, {output: p, target: y})))
        except (ArithmeticError, ValueError):
            return None
    (first, *others) = found
    return first if not others and isinstance(first, Fraction) else None


def _varies(expression: Expression, outer: Collection[Expression], shapes: Shapes) -> bool:
    """True if a factor is not the same all along the axis of a softmax."""
    assert isinstance(expression, Operation)
    axis, size = settings_of(expression)["axis"], shape_of(expression, shapes)
    assert isinstance(axis, int)
    back = axis % len(size) - len(size)
    own = [shape_of(each, shapes) for each in outer]
    return any(-back <= len(each) and each[back] != 1 for each in own)


TEN = 10


@record(frozen=True, slots=True, eq=False)
class MatrixLine:
    """One equation between vectors and matrices: a name, assigned once."""

    name: Quantity
    """The quantity that is computed: `z1`, `h[2]`, `dL/dW1`."""
    expression: Expression
    """How, in the author's order."""
    shape: Shape
    """The lengths of its axes."""
    terms: tuple[Expression, ...] = ()
    """For a derivative what flows back from each line that uses the value; they add up to it."""
    uses: tuple[Quantity, ...] = ()
    """The line that each term comes from."""
    rules: tuple[str, ...] = ()
    """For each term the rule behind it where it is no plain chain rule, else an empty text."""
    where: Place | None = None
    """Where it stands in the file."""


@record(frozen=True, slots=True, eq=False)
class SampleAxis:
    """The axis of an output along which its samples stand, over which the loss is the mean."""

    output: str
    """The output, a matrix."""
    axis: int
    """0 where its rows are the samples, 1 where its columns are."""
    size: Size
    """How many there are."""
    told: bool
    """True where the equations tell; else rows are taken."""

    @property
    def words(self) -> Phrase:
        """The sentence for a sheet."""
        side = ("row", "column")[self.axis]
        number = counted(self.size, side) if isinstance(self.size, int) else f"{self.size} {side}s"
        own = f" are samples: the loss is the mean over its {number}"
        return (f"the {side}s of ", Name(self.output), own)


@record(frozen=True, slots=True, eq=False)
class MatrixForm:
    """A network file as it is written where it has vectors or matrices."""

    shapes: Mapping[str, Shape]
    """The shape of every name: what is given and what is computed; a size may be a letter."""
    inputs: tuple[str, ...]
    """Names of the inputs, in file order."""
    targets: tuple[str, ...]
    """Names of the targets, in file order."""
    weights: tuple[str, ...]
    """Names of the weights and biases, in file order."""
    constants: tuple[str, ...]
    """Names of the constants, in file order."""
    lines: tuple[MatrixLine, ...]
    """The forward pass of the file, the loss last."""
    elements: Mapping[str, Array]
    """The names of the scalars that each one is made of; empty where sizes are letters."""
    classes: tuple[str, ...] = ()
    """The targets that the file gives as the numbers of classes: their rows hold a single 1."""
    outputs: tuple[str, ...] = ()
    """Names of what the loss compares with the targets, in file order."""
    loss_name: str | None = None
    """The loss's name in the table, where the file used one."""
    batch: SampleAxis | None = None
    """The samples over which a loss of the table is the mean, where one output holds several."""

    @property
    def loss(self) -> Quantity:
        """The name of the loss."""
        return self.lines[-1].name


def element_names(name: str, shape: Shape) -> tuple[str, ...]:
    """The names of the scalars that a vector or a matrix is made of, counted from 1.

    Indices stand together while each is one digit, as on paper; else each has its own dash.

    >>> element_names("W1", Shape((2, 2))), element_names("h[3]", Shape((2,)))
    (('W1_11', 'W1_12', 'W1_21', 'W1_22'), ('h_1[3]', 'h_2[3]'))
    >>> element_names("x", Shape((10,)))[-1], element_names("A", Shape((1, 12)))[-1]
    ('x_10', 'A_1_12')
    """
    if not shape:
        return (name,)
    quantity = parsed(name)
    own = quantity.step, quantity.sample, quantity.element
    between = "" if all(whole(size) < TEN for size in shape) else "_"
    indices = (between.join(str(index + 1) for index in place) for place in places(shape))
    return tuple(Quantity(f"{quantity.stem}_{index}", *own) for index in indices)


def shape_called(name: Quantity, shapes: Mapping[str, Shape]) -> Shape:
    """The shape of a quantity; a derivative of a scalar has that of what it is taken by."""
    if isinstance(name, Derivative):
        return shape_called(name.by, shapes)
    return shapes.get(Quantity(name.stem, element=name.element), Shape())


def elements_called(name: Quantity, shapes: Mapping[str, Shape]) -> tuple[Quantity, ...]:
    """The names of the elements of any quantity; a scalar is its own one.

    >>> elements_called(parsed("dL/dW1"), {"W1": Shape((1, 2))})
    ('dL/dW1_11', 'dL/dW1_12')
    """
    if isinstance(name, Derivative):
        return tuple(Derivative(name.of, each) for each in elements_called(name.by, shapes))
    shape = shape_called(name, shapes)
    if not shape:
        return (name,)
    own = map(parsed, element_names(Quantity(name.stem, element=name.element), shape))
    return tuple(Quantity(each.stem, name.step, name.sample, each.element) for each in own)


def with_memory(form: MatrixForm, descent: Descent) -> MatrixForm:
    """The form with a vector or matrix for each one that this optimizer keeps: v_W1 for W1.

    `elements` stays what the file has, so another optimizer finds it again.
    """
    own = {name: shape for name, shape in form.shapes.items() if name in form.elements}
    kept = {f"{word}_{name}": form.shapes[name] for name in form.weights if form.shapes[name]
            for word in descent.words}  # fmt: skip
    return replace(form, shapes={**kept, **own}) if own else form


@lru_cache(maxsize=8)
def whole_names(form: MatrixForm) -> Mapping[str, Quantity]:
    """For each element and each derivative by one the whole that it belongs to."""
    found: dict[str, Quantity] = {}
    for name, shape in form.shapes.items():
        if shape:
            own = parsed(name)
            for quantity in (own, Derivative(form.loss, own)):
                found |= dict.fromkeys(elements_called(quantity, form.shapes), quantity)
    return found


def whole_name(name: str, form: MatrixForm) -> Quantity:
    """The vector or matrix that an element belongs to; a scalar is its own one."""
    quantity = parsed(name)
    wholes = whole_names(form)
    if (found := wholes.get(quantity.at_step(0))) is not None:
        return found.after(quantity.step)
    if isinstance(quantity, Derivative):
        ends = (form.loss.stem, TOTAL)
        by = whole_name(quantity.by, form) if quantity.of.stem in ends else quantity.by
        return Derivative(quantity.of, by)
    sample = quantity.sample or (quantity.element or (None,))[0]  # z_1[2] is read without samples
    found = wholes.get(Quantity(quantity.stem)) if sample else None
    return found.of_sample(sample).after(quantity.step) if found is not None else quantity


def place_in_whole(name: str, form: MatrixForm) -> tuple[Quantity, tuple[int, ...]]:
    """The vector or matrix of an element, and its place there, counted from 1; () for a scalar."""
    whole = whole_name(name, form)
    names, shape = elements_called(whole, form.shapes), shape_called(whole, form.shapes)
    at = next(islice(places(shape), names.index(parsed(name)), None))
    return whole, tuple(index + 1 for index in at)


def in_wholes(names: Sequence[str], form: MatrixForm) -> list[str]:
    """The names, each vector or matrix in place of its elements where all of them are there."""
    there, found = {*names}, dict[str, None]()
    for name in names:
        whole = whole_name(name, form)
        found[whole if there.issuperset(elements_called(whole, form.shapes)) else name] = None
    return [*found]


def fans_of(form: MatrixForm) -> dict[str, tuple[int, int] | None]:
    """Fan_in and fan_out of the elements of each weight, by its first product.

    None for a vector that stands in no product: a bias.
    """
    products: dict[str, tuple[int, int]] = {}
    for line in form.lines:
        for node in walk(line.expression):
            if not (isinstance(node, Operation) and node.row.name == "@"):
                continue
            for place, side in enumerate(node.arguments):
                turned = isinstance(side, Operation) and side.row.name == ".T"
                weight = side.arguments[0] if isinstance(side, Operation) and turned else side
                shape = form.shapes.get(weight.id, ()) if isinstance(weight, Name) else ()
                if isinstance(weight, Name) and shape:
                    sizes = tuple(map(whole, shape)) if len(shape) > 1 else (1, whole(shape[0]))
                    left = (place == 0) is not turned
                    ends = (sizes[-1], sizes[0]) if left else (sizes[0], sizes[-1])
                    products.setdefault(weight.id, ends if len(shape) > 1 else (sizes[-1], 1))
    found: dict[str, tuple[int, int] | None] = {}
    for name in form.weights:
        shape = form.shapes[name]
        by_axis = (count(Shape(shape[1:])), whole(shape[0])) if len(shape) > 1 else None
        for element in element_names(name, shape) if shape else ():
            found[element] = products.get(name, by_axis)
    return found


Nested: TypeAlias = "str | tuple[Nested, ...]"
"""The name of an element, a row of them, or a matrix of them."""


def rows_of(form: MatrixForm, name: str) -> Nested | None:
    """The names of the elements of a quantity as the file writes its numbers.

    For a sequence of `repeat:` one after another; None for what is no vector or matrix.
    """
    if name not in form.shapes:
        steps = [each for each in form.shapes if each.startswith(f"{name}[")]
        rows = [rows_of(form, each) for each in steps if each != f"{name}[0]"]
        return tuple(row for row in rows if row is not None) or None
    shape = form.shapes[name]
    if not shape:
        return str(name) if "[" in name else None
    cells: tuple[Nested, ...] = element_names(name, shape)
    for size in reversed(shape[1:]):
        width = whole(size)
        cells = tuple(cells[start : start + width] for start in range(0, len(cells), width))
    return cells


def array_of(name: str, shape: Shape) -> Array:
    """A vector or matrix as its elements' names."""
    return Array(shape, tuple(map(Name, element_names(name, shape))))


def matrix_gradients(
    form: MatrixForm,
    conventions: Mapping[str, Fraction],
    by: Sequence[str] | None = None,
    distributions: Collection[str] | None = None,
) -> tuple[MatrixLine, ...]:
    """The derivatives of the loss as matrix equations, each weight's behind what it needs.

    `by` names what is given and differentiated by; nothing said: the weights. Each derivative has
    the shape of what it is taken by. `distributions` are the targets whose elements add up to 1
    along each line, for the short derivative of softmax with cross entropy; nothing said: all.
    """
    given = [*(form.weights if by is None else by)]
    wanted = {*given}
    first_use: dict[str, str] = {}  # back from the loss it is the last one
    for line in form.lines:
        first_use |= {n: line.name for n in names_in(line.expression)
                      if n in given and n not in first_use}  # fmt: skip
        if not wanted.isdisjoint(names_in(line.expression)):
            wanted.add(line.name)
    flows: dict[str, list[tuple[Expression, Quantity, str]]] = {}
    gradients: list[MatrixLine] = []
    shapes = {**form.shapes}

    def gradient(name: str, place: Place | None) -> MatrixLine | None:
        found = flows.get(name)
        if not found:
            return None
        derivative = Derivative(form.loss, name)
        shapes[derivative] = shape = form.shapes.get(name, Shape())
        terms, uses, rules = zip(*found, strict=True)
        line = MatrixLine(derivative, added(*terms), shape, terms, uses, rules, where=place)
        gradients.append(line)
        return line

    for line in reversed(form.lines):
        own = None if line.name == form.loss else gradient(line.name, line.where)
        if own is None and line.name != form.loss:
            continue
        upstream: Expression = ONE if own is None else Name(own.name)
        expression, rule = line.expression, ""
        answer: Expression = Name(line.name)
        if own is not None and (
            short := combined(
                expression, Name(line.name), own.expression, form.targets, shapes, distributions
            )
        ):
            expression, upstream, rule = short.operand, short.flow, short.rule
            answer = expression
        back = flowing_back(expression, answer, upstream, shapes, conventions)
        for name, flow in back.items():
            if name in wanted:
                flows.setdefault(name, []).append((flow, line.name, rule))
        for name in names_in(line.expression):
            if first_use.get(name) == line.name:
                gradient(name, None)
    return tuple(gradients)


NestedNumbers: TypeAlias = "Fraction | list[NestedNumbers]"
"""A number, a vector of them, or a matrix row by row."""


def by_element(form: MatrixForm | None, given: Mapping[str, NestedNumbers]) -> dict[str, Fraction]:
    """The numbers of vectors and matrices by the names of their elements.

    Raises BackcalcError for numbers of another shape than the quantity's.
    """
    found: dict[str, Fraction] = {}
    for name, rows in given.items():
        shapes = form.shapes if form else {}
        shape, level = shape_called(parsed(name), shapes), list[int]()
        cells: list[Any] = [rows]
        while isinstance(cells[0], list):
            sizes = {len(each) if isinstance(each, list) else 0 for each in cells}
            cells = [cell for each in cells if isinstance(each, list) for cell in each]
            level.append(sizes.pop() if len(sizes) == 1 else 0)
            if not level[-1]:
                raise BackcalcError(f"the rows of {name[:60]} have different lengths")
        if tuple(level) != tuple(shape) or any(isinstance(each, list) for each in cells):
            message = f"{name[:60]} is {shape}, but its numbers are {Shape(level)}"
            raise BackcalcError(message, hint="a vector is [1, 2], a matrix [[1, 2], [3, 4]]")
        found |= zip(elements_called(parsed(name), shapes), cells, strict=True)
    return found


def with_flows(
    form: MatrixForm, upstream: Mapping[str, NestedNumbers]
) -> tuple[MatrixForm, dict[str, Fraction]]:
    """The form whose loss has just these gradients, and the numbers of the constants they are."""
    terms: list[Expression] = []
    shapes, elements = {**form.shapes}, {**form.elements}
    constants: dict[str, Fraction] = {}
    flows: list[str] = []
    for place, (name, rows) in enumerate(upstream.items(), 1):
        flow = f"{FLOW}{place if len(upstream) > 1 else ''}"
        while flow in shapes:  # the file's own
            flow += "_"
        flows.append(flow)
        shapes[flow] = shape_called(parsed(name), form.shapes)
        elements[flow] = array_of(flow, shapes[flow])
        own = elements_called(parsed(flow), shapes)
        constants |= dict(zip(own, by_element(form, {name: rows}).values(), strict=True))
        product = Product((Name(flow), Name(name)))
        terms.append(Operation(operation("sum"), (product,)) if shapes[flow] else product)
    lines = [line for line in form.lines if line.name != LOSS]
    loss = MatrixLine(LOSS, added(*terms), Shape())
    changed = replace(
        form, shapes={**shapes, LOSS: Shape()}, elements=elements,
        constants=(*form.constants, *flows), lines=(*lines, loss), loss_name=None,
    )  # fmt: skip
    return changed, constants
