"""The derivation of a network in matrix notation: each derivative and the steps that lead there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

from backcalc.equations.matrix_form import MatrixForm, MatrixLine, matrix_gradients
from backcalc.equations.network import Network
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Power,
    Product,
    Sum,
    added,
    chosen,
    multiplied,
    names_in,
    rebuilt,
    walk,
)
from backcalc.formulas.functions import slopes
from backcalc.formulas.matrices import (
    DIFFERENTIAL,
    MATMUL,
    REDUCING,
    SCALAR,
    UPRIGHT,
    ZEROS,
    Passed,
    Row,
    Shape,
    Shapes,
    divided_last,
    entrywise,
    matmul,
    operation,
    settings_of,
    shape_of,
    transposed,
)
from backcalc.formulas.quantity import Derivative, Quantity, derivative


def changed(name: str) -> Operation:
    """The differential of a quantity as part of a formula."""
    return Operation(DIFFERENTIAL, (Name(name),))


def differential(
    node: Expression, answer: Expression, by: Collection[str], shapes: Shapes,
    conventions: Mapping[str, Fraction],
) -> Expression | None:  # fmt: skip
    """The differential of a formula as far as it comes from these names; None if none is short.

    >>> from backcalc.formulas.matrix_reader import parse_matrices
    >>> from backcalc.formulas.notation import formula_text
    >>> formula = parse_matrices("W @ x + b").expression
    >>> formula_text(differential(formula, Name("z"), {"W", "b"}, {"W": (3, 2), "x": (2,)}, {}))
    'dW @ x + db'
    """
    found = _Differential(by, shapes, conventions).of(node, answer)
    return None if found is None else divided_last(found)


@record(frozen=True, slots=True, eq=False)
class _Differential:
    """One walk from the names of a formula up to its value."""

    by: Collection[str]
    shapes: Shapes
    conventions: Mapping[str, Fraction]

    def of(self, node: Expression, answer: Expression | None = None) -> Expression | None:
        """The differential of a node; ZERO where no name below it changes."""
        if not set(names_in(node)) & set(self.by):
            return ZERO
        answer = node if answer is None else answer
        match node:
            case Name(name):
                return changed(name)
            case Product(factors):  # the differential stands in the factor's place
                return sum_of_known(
                    self.times(factor, factors[:place], factors[place + 1 :])
                    for place, factor in enumerate(factors)
                )
            case Power(_, exponent) if set(names_in(exponent)) & set(self.by):
                return None
            case Sum() | Negation() | Inverse() | Power() | Call():
                pairs = slopes(node, [answer], self.conventions)
                return sum_of_known(self.times(each, (slope,)) for each, slope in pairs)
            case Choice(condition, then, otherwise):
                if (first := self.of(then)) is None or (last := self.of(otherwise)) is None:
                    return None
                return chosen(condition, first, last)
            case Operation(row, arguments) if operation(row.name).linear:
                if row.name == "concat":
                    return self.joined(node)
                return sum_of_known(self.replaced(node, place) for place in range(len(arguments)))
            case Operation(row, (operand,)):
                return self.reduced(node, answer, operand)
        return None

    def times(
        self, node: Expression, before: tuple[Expression, ...], after: tuple[Expression, ...] = ()
    ) -> Expression | None:
        inner = self.of(node)
        return None if inner is None else multiplied(*before, inner, *after)

    def joined(self, node: Operation) -> Expression | None:
        kept: list[Expression] = []
        for each in node.arguments:
            inner = self.of(each)
            if inner is None:
                return None
            words = (("shape", shape_of(each, self.shapes)),)
            kept.append(Operation(ZEROS, (), words) if inner == ZERO else inner)
        return Operation(node.row, tuple(kept), node.settings)

    def replaced(self, node: Operation, place: int) -> Expression | None:
        inner = self.of(node.arguments[place])
        if inner is None or inner == ZERO:
            return inner
        arguments = (*node.arguments[:place], inner, *node.arguments[place + 1 :])
        if node.row.name == "@":
            return matmul(*arguments)
        if node.row.name == ".T":
            return transposed(inner)
        return Operation(node.row, arguments, node.settings)

    def reduced(
        self, node: Operation, answer: Expression, operand: Expression
    ) -> Expression | None:
        """The differential of an operation that is not linear, where it is short."""
        row, inner = operation(node.row.name), self.of(operand)
        if inner is None:
            return None
        if row.symmetric:
            (found,) = row.derivative(Passed(node, answer, inner, self.shapes))
            return found
        if row.settings != REDUCING:
            return None
        (slope,) = row.derivative(Passed(node, answer, ONE, self.shapes))
        if slope is None:
            return None
        words = tuple(settings_of(node).items())
        return Operation(operation("sum"), (multiplied(slope, inner),), words)


def sum_of_known(terms: Iterable[Expression | None]) -> Expression | None:
    """Return the sum of terms; None if one is missing."""
    known: list[Expression] = []
    for term in terms:
        if term is None:
            return None
        known.append(term)
    return added(*known)


@record(frozen=True, slots=True, eq=False)
class Reason:
    """One use of a quantity, and what it adds to the quantity's derivative."""

    use: MatrixLine
    """The line that uses it."""
    loss: Quantity
    """The name of the loss."""
    differential: Expression | None
    """How the line changes with the quantity; None where no short formula says it."""
    rule: str
    """The name of the rule: trace rule, by element, or that of an operation."""
    changes: tuple[Expression, ...]
    """How the loss changes, as far as the rule says it in formulas."""
    words: str
    """The rule in a sentence, where it is no formula."""
    term: Expression
    """What the use adds to the derivative."""


@record(frozen=True, slots=True, eq=False)
class Derived:
    """One derivative of the loss with its reasons."""

    name: Derivative
    """The derivative."""
    shape: Shape
    """The lengths of its axes, in the layout."""
    reasons: tuple[Reason, ...]
    """For each use of the quantity why it adds what it adds."""
    expression: Expression
    """The derivative as a formula, in the layout."""
    factors: tuple[Shape, ...]
    """The shapes of the matrices whose product it is; empty where it is none."""


@record(frozen=True, slots=True, eq=False)
class MatrixDerivation:
    """A network in matrix notation with all derivatives of its loss."""

    form: MatrixForm
    """The network."""
    lines: tuple[MatrixLine, ...]
    """The forward pass, products entry by entry marked."""
    derived: tuple[Derived, ...]
    """The derivatives, from the loss back."""
    layout: str
    """The name of the layout."""


def distributions(network: Network) -> tuple[str, ...] | None:
    """The targets whose elements add up to 1 along each line in every sample; None: no numbers."""
    form = network.matrices
    if form is None or not form.elements:
        return None
    found = []
    for name in form.targets:
        array = form.elements[name]
        size = array.shape[-1] if array.shape else 1
        assert isinstance(size, int)
        lines = [array.elements[at : at + size] for at in range(0, len(array.elements), size)]
        sums = {
            sum(sample[each.id] for each in line if isinstance(each, Name))
            for sample in network.samples
            for line in lines
        }
        if sums == {Fraction(1)}:
            found.append(name)
    return tuple(found)


def laid_out(lines: Sequence[MatrixLine], form: MatrixForm, layout: str) -> tuple[MatrixLine, ...]:
    """The derivatives as matrix equations in a layout; those of more than two axes stay."""
    if layout == "denominator":
        return tuple(lines)
    shapes: dict[str, Shape] = {**form.shapes, **{line.name: line.shape for line in lines}}
    return tuple(
        MatrixLine(
            line.name, turned(line.expression, shapes, len(line.shape)), turned_shape(line.shape)
        )
        if len(line.shape) <= 2
        else line
        for line in lines
    )


def derive(network: Network) -> MatrixDerivation:
    """Return every derivative of a network in matrix notation, and the steps that lead there."""
    form, layout, conventions = network.matrix_form, network.layout, network.conventions
    gradients = matrix_gradients(form, conventions, distributions=distributions(network))
    lines = {line.name: line for line in form.lines}
    shapes: dict[str, Shape] = {**form.shapes, **{line.name: line.shape for line in gradients}}
    forward: dict[str, MatrixLine] = {
        line.name: MatrixLine(line.name, entrywise(line.expression, shapes), line.shape)
        for line in form.lines
    }
    laid = laid_out(gradients, form, layout)
    own: dict[str, Shape] = {**shapes, **{line.name: line.shape for line in laid}}
    derived = []
    for line, shown in zip(gradients, laid, strict=True):
        reasons = tuple(
            _reason(line, lines[use], forward[use], term, rule, shapes, form.loss, conventions)
            for use, term, rule in zip(line.uses, line.terms, line.rules, strict=True)
        )
        factors = factor_shapes(shown.expression, own)
        expression = entrywise(shown.expression, own)
        derived.append(Derived(derivative(line.name), shown.shape, reasons, expression, factors))
    return MatrixDerivation(form, tuple(forward.values()), tuple(derived), layout)


def _reason(
    line: MatrixLine, written: MatrixLine, use: MatrixLine, term: Expression, rule: str,
    shapes: Shapes, loss: Quantity, conventions: Mapping[str, Fraction],
) -> Reason:  # fmt: skip
    """Why a use of a quantity adds this term to its derivative."""
    by = derivative(line.name).by
    if rule:
        return Reason(use, loss, None, "short form", (), rule, entrywise(term, shapes))
    found = differential(written.expression, Name(use.name), {by}, shapes, conventions)
    marked, shown = entrywise(term, shapes), None if found is None else entrywise(found, shapes)
    if found is None:
        rows = (operation(each.row.name) for each in walk(written.expression)
                if isinstance(each, Operation))  # fmt: skip
        row = next((each for each in rows if not each.linear), None)
        words = f"{row.name}: {row.rule} ({row.source})" if row else "the chain rule, by element"
        return Reason(use, loss, None, "rule", (), words, marked)
    if use.name == loss:
        return Reason(use, loss, shown, "", (), "", marked)
    upstream = Name(Derivative(loss, use.name))
    if any(isinstance(each, Operation) and each.row is MATMUL and changed(by) in walk(each)
           for each in walk(found)):  # fmt: skip
        first = _inner(upstream, found, use.shape)
        last = _inner(term, changed(by), line.shape)
        if len(use.shape) <= 2 and len(line.shape) <= 2:
            changes = (entrywise(first, shapes), entrywise(last, shapes))
            return Reason(use, loss, shown, "trace rule", changes, "", marked)
    change = multiplied(upstream, found)
    total = Operation(operation("sum"), (change,)) if use.shape else change
    return Reason(use, loss, shown, "by element", (entrywise(total, shapes),), "", marked)


def _inner(left: Expression, right: Expression, shape: Shape) -> Expression:
    """The sum of the products of two vectors or matrices element by element: tr(A.T @ B)."""
    product = matmul(transposed(left), right)
    return Operation(operation("trace"), (product,)) if len(shape) > 1 else product


def factor_shapes(node: Expression, shapes: Shapes) -> tuple[Shape, ...]:
    """The shapes of the matrices of a product; none where a formula is no product.

    >>> from backcalc.formulas.matrix_reader import parse_matrices
    >>> product = parse_matrices("d @ x.T").expression
    >>> [*map(str, factor_shapes(product, {"d": Shape("h"), "x": Shape("n")}))]
    ['h', '1xn']
    """
    inner = node.operand if isinstance(node, Negation) else node
    operands: list[Expression] = []
    while isinstance(inner, Operation) and inner.row is MATMUL:
        inner, right = inner.arguments
        operands.insert(0, right)
    return tuple(shape_of(each, shapes) for each in (inner, *operands)) if operands else ()


def turned_shape(shape: Shape) -> Shape:
    """The shape of the transpose."""
    return shape_of(transposed(Name("A")), {"A": shape}) if shape else SCALAR


def turned(node: Expression, shapes: Shapes, axes: int) -> Expression:
    """The transpose of a formula of a value with so many axes, its derivatives transposed too.

    Products turn their factors round; `(W.T @ G).T` is `G.T @ W`, and G.T is what G is called now.
    """
    own = shape_of(node, shapes)
    match node:
        case _ if not own:
            return _same(node, shapes)
        case Operation(row, (left, right)) if row is MATMUL and len(own) == axes:
            first, second = shape_of(left, shapes), shape_of(right, shapes)
            if second and (len(first) == 2 or isinstance(first, Row) or isinstance(second, Row)):
                return matmul(*(turned(e, shapes, len(shape_of(e, shapes))) for e in (right, left)))
        case Operation(row, (operand,)) if row.name == ".T" and len(own) == axes:
            return _same(operand, shapes)
        case Sum() | Product() | Negation() | Inverse() | Power() | Call() | Choice():
            return rebuilt(node, lambda each: turned(each, shapes, axes))
        case Number():
            return node
    if len(own) < axes:  # a vector that stands in each row stands in each column now
        return Operation(UPRIGHT, (_same(node, shapes),), (("axis", 1),))
    return transposed(_same(node, shapes))


def _same(node: Expression, shapes: Shapes) -> Expression:
    if isinstance(node, Name):
        is_turned = "/d" in node.id and 0 < len(shapes.get(node.id, SCALAR)) <= 2
        return transposed(node) if is_turned else node
    found = rebuilt(node, lambda each: _same(each, shapes))
    if isinstance(found, Operation) and found.row.name == ".T":
        return transposed(found.arguments[0])
    return found
