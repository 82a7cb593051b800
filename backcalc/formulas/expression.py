"""The small frozen expression tree: build, rename, evaluate; the author's order is kept."""

from __future__ import annotations

import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Protocol, TypeAlias

from backcalc.formulas import record

Scalar: TypeAlias = Fraction | float  # a number: exact as a Fraction, rounded as a float
Values: TypeAlias = Mapping[str, Scalar]  # the number of each name
EXACT_BITS = 664  # 200 decimal digits: past this a fraction goes on as a float

DENORMAL = math.ulp(0.0)


class Rounded(float):
    """A result that is no fraction: its digits, and the double that is nearest to them.

    One that is below all doubles is still not zero.
    """

    __slots__ = ("digits",)
    digits: Decimal

    def __new__(cls, digits: Decimal) -> Rounded:
        """A number by its digits."""
        nearest = float(digits) or (math.copysign(DENORMAL, digits) if digits else 0.0)
        number = super().__new__(cls, nearest)
        number.digits = digits
        return number

    def __reduce__(self) -> tuple[type[Rounded], tuple[Decimal]]:
        return Rounded, (self.digits,)


@record(frozen=True, slots=True, eq=False)
class Function:
    """One row of the table of functions: all that backcalc knows of sigmoid stands in its row."""

    name: str
    """The name that network files use."""
    parameters: tuple[str, ...]
    """The arguments as the other columns name them; one ending in `...` takes any number."""
    value: Callable[..., Scalar | tuple[Scalar, ...]]
    """The value on numbers, numerically stable; a tuple where there are several outputs. Where it
    is a formula, code that computes it follows from that."""
    derivative: str | Callable[..., tuple[Expression, ...]]
    """The derivative by the first parameter in textbook form, in the parameters and the answer `a`;
    for several arguments a function that builds one derivative for each."""
    definition: str | Callable[..., Expression | tuple[Expression, ...]] | None
    """Its meaning in more basic functions, from which a test proves the derivative; None: basic.
    For several outputs a tuple."""
    exact: bool = False
    """True if fractions in give a fraction out."""
    exact_at: tuple[tuple[int, Fraction], ...] = ()
    """The arguments at which the answer is rational all the same: sigmoid(0) = 1/2."""
    kinks: tuple[str, ...] = ()
    """Expressions that are zero where the derivative jumps."""
    convention: str | None = None
    """The convention that settles the derivative at a kink."""
    defaults: tuple[Fraction, ...] = ()
    """Values of the last parameters where a file leaves them out: the slope of leaky_relu."""
    outputs: bool = False
    """True if it has one output for each argument (softmax)."""
    activation: bool = True
    """True if it may stand as a unit's activation."""
    held: bool = False
    """True if nothing flows back by decree, though the value moves: detach."""
    code: Callable[..., tuple[Expression, ...]] | None = None
    """For several outputs: formulas that give the same figures as `value`. Else a function of any
    number of arguments is computed as it is defined."""
    latex: str = ""
    """How LaTeX sets its name, with {} for the argument where that is inside; empty: upright."""
    torch: str = ""
    """How PyTorch spells it; where there are several arguments, z is one tensor of them."""

    @property
    def variadic(self) -> bool:
        """True if it takes any number of arguments."""
        return self.parameters[0].endswith("...")


@record(frozen=True, slots=True)
class Number:
    """A number as it stands in a formula."""

    value: Scalar


@record(frozen=True, slots=True)
class Name:
    """A quantity by its name: `w0`, `yhat`, `dL/dz2`."""

    id: str


@record(frozen=True, slots=True)
class Sum:
    """Terms added in the author's order; a subtracted one is a Negation."""

    terms: tuple[Expression, ...]


@record(frozen=True, slots=True)
class Product:
    """Factors multiplied in the author's order; a divisor is an Inverse."""

    factors: tuple[Expression, ...]


@record(frozen=True, slots=True)
class Negation:
    """The operand with its sign turned."""

    operand: Expression


@record(frozen=True, slots=True)
class Inverse:
    """One over the operand; as a factor it divides."""

    operand: Expression


@record(frozen=True, slots=True)
class Power:
    """Base to the exponent."""

    base: Expression
    exponent: Expression


@record(frozen=True, slots=True)
class Call:
    """A function of the table applied to arguments; `output` picks one where it has several."""

    function: Function
    arguments: tuple[Expression, ...]
    output: int | None = None


@record(frozen=True, slots=True)
class Comparison:
    """A condition: `left relation right`."""

    left: Expression
    relation: str
    right: Expression


@record(frozen=True, slots=True)
class Choice:
    """`then if condition else otherwise`."""

    condition: Comparison
    then: Expression
    otherwise: Expression


class OperationRow(Protocol):
    """One row of the table of operations on whole vectors and matrices."""

    @property
    def name(self) -> str:
        """The name that network files use."""

    @property
    def settings(self) -> tuple[tuple[str, object], ...]:
        """Its further words with what they say where they are left out."""


@record(frozen=True, slots=True)
class Operation:
    """An operation on whole vectors and matrices: `W1 @ x`, `sum(h, axis=0)`.

    It stands in formulas of matrices only; what is worked out are the formulas of their elements.
    """

    row: OperationRow
    """Its row in the table of operations."""
    arguments: tuple[Expression, ...]
    """The operands, in the author's order."""
    settings: tuple[tuple[str, object], ...] = ()
    """Further words of it with what they say: an axis, a stride."""


Expression: TypeAlias = (
    Number | Name | Sum | Product | Negation | Inverse | Power | Call | Choice | Operation
)

RELATIONS: dict[str, Callable[[Scalar, Scalar], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip

NOUGHT, UNITY = Fraction(0), Fraction(1)
ZERO, ONE = Number(NOUGHT), Number(UNITY)
TWO = Number(Fraction(2))


# Building: the few simplifications that a person makes without a thought.


def negated(operand: Expression) -> Expression:
    """The expression with its sign turned, without a double minus."""
    match operand:
        case Number(value):
            return Number(-value)
        case Negation(inner):
            return inner
    return Negation(operand)


def added(*terms: Expression) -> Expression:
    """The sum without zero terms, equal terms counted (x + x gives 2*x)."""
    counts: dict[object, tuple[Expression, int]] = {}
    for term in terms:
        if term != ZERO:
            factors = term.factors if isinstance(term, Product) else (term,)
            key = frozenset(Counter(factors).items())
            first, count = counts.get(key, (term, 0))
            counts[key] = (first, count + 1)
    kept = [
        term if count == 1 else multiplied(Number(Fraction(count)), term)
        for term, count in counts.values()
    ]
    if len(kept) < 2:
        return kept[0] if kept else ZERO
    return Sum(tuple(kept))


def multiplied(*factors: Expression) -> Expression:
    """The product with nested products opened, numbers gathered in front, signs before it."""
    if all(type(factor) is Name for factor in factors):  # most are dL/dz * h
        return Product(factors) if len(factors) > 1 else (*factors, ONE)[0]
    numbers: list[Fraction] = []
    divisors: list[Fraction] = []
    negative = False
    kept: list[Expression] = []
    pending = list(reversed(factors))
    while pending:
        factor = pending.pop()
        match factor:
            case Name():
                kept.append(factor)
            case Number(value):
                numbers.append(Fraction(value))
            case Inverse(Number(value)) if value != 0:
                divisors.append(Fraction(value))
            case Product(inner):
                pending.extend(reversed(inner))
            case Negation(operand):
                negative = not negative
                pending.append(operand)
            case _:
                kept.append(factor)
    if numbers or divisors:
        number = math.prod(numbers, start=Fraction(1))
        divisor = math.prod(divisors, start=Fraction(1))
        quotient = number / divisor
        if quotient == 0:
            return ZERO
        negative ^= quotient < 0
        if quotient.denominator == 1 or not kept:
            number = quotient
        elif abs(divisor) != 1:
            kept.append(Inverse(Number(abs(divisor))))
        if abs(number) != 1 or not kept:
            kept.insert(0, Number(abs(number)))
    product = ONE if not kept else kept[0] if len(kept) == 1 else Product(tuple(kept))
    if isinstance(product, Number):
        return Number(-product.value) if negative else product
    return Negation(product) if negative else product


def chosen(condition: Comparison, then: Expression, otherwise: Expression) -> Expression:
    """The choice, or its one outcome where both sides are the same."""
    return then if then == otherwise else Choice(condition, then, otherwise)


_PARTS: Mapping[type, Callable[..., tuple[Expression, ...]]] = {
    Sum: attrgetter("terms"),
    Product: attrgetter("factors"),
    Negation: lambda node: (node.operand,),
    Inverse: lambda node: (node.operand,),
    Power: attrgetter("base", "exponent"),
    Call: attrgetter("arguments"),
    Choice: attrgetter("then", "condition.left", "condition.right", "otherwise"),
    Operation: attrgetter("arguments"),
}


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands, in the author's order."""
    operands = _PARTS.get(type(expression))
    return operands(expression) if operands else ()


def walk(expression: Expression) -> Iterator[Expression]:
    """Every node of the tree, an operand after what it belongs to."""
    pending = [expression]
    while pending:
        node = pending.pop()
        yield node
        if operands := _PARTS.get(type(node)):
            pending += operands(node)[::-1]


def names_in(expression: Expression) -> list[str]:
    """The names that occur, each once, in order of appearance."""
    if isinstance(expression, Number):
        return []
    found: dict[str, None] = {}
    pending: list[Expression] = [expression]
    while pending:
        node = pending.pop()
        if type(node) is Name:
            found[node.id] = None
        elif operands := _PARTS.get(type(node)):
            pending += operands(node)[::-1]
    return list(found)


def rebuilt(expression: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The same node with `change` applied to each of its operands."""
    match expression:
        case Number() | Name():
            return expression
        case Sum(terms):
            return Sum(tuple(map(change, terms)))
        case Product(factors):
            return Product(tuple(map(change, factors)))
        case Negation(operand):
            return Negation(change(operand))
        case Inverse(operand):
            return Inverse(change(operand))
        case Power(base, exponent):
            return Power(change(base), change(exponent))
        case Call(function, arguments, output):
            return Call(function, tuple(map(change, arguments)), output)
        case Choice(Comparison(left, relation, right), then, otherwise):
            condition = Comparison(change(left), relation, change(right))
            return Choice(condition, change(then), change(otherwise))
        case Operation(row, arguments, settings):
            return Operation(row, tuple(map(change, arguments)), settings)
    return expression


def replaced(expression: Expression, meaning: Mapping[str, Expression]) -> Expression:
    """The expression with names replaced by what they mean."""
    if isinstance(expression, Name):
        return meaning.get(expression.id, expression)
    return rebuilt(expression, lambda operand: replaced(operand, meaning))


def exchanged(node: Expression, old: Expression, new: Expression) -> Expression:
    """The expression with one part of it, that very one, exchanged."""
    return new if node is old else rebuilt(node, lambda part: exchanged(part, old, new))


def renamed(expression: Expression, rename: Callable[[str], str]) -> Expression:
    """The expression with every name passed through `rename`."""
    if isinstance(expression, Name):
        return Name(rename(expression.id))
    return rebuilt(expression, lambda operand: renamed(operand, rename))


class Arithmetic(Protocol):
    """A way of working out formulas."""

    @property
    def kept(self) -> int:
        """The digits to which each result is rounded, 0: none is."""

    def number(self, expression: Expression, values: Values) -> Scalar:
        """Return the number that an expression stands for."""

    def holds(self, condition: Comparison, values: Values) -> bool:
        """Return True if a condition is true of the numbers."""


class Numbers(dict[str, Scalar]):
    """The numbers of a sheet by their names, with the arithmetic that they are worked out in.

    Whatever is worked out from them is worked out in that arithmetic.
    """

    __slots__ = ("arithmetic",)
    arithmetic: Arithmetic
    """The way in which formulas of these numbers are worked out."""

    def __init__(self, numbers: Values, arithmetic: Arithmetic) -> None:
        super().__init__(numbers)
        self.arithmetic = arithmetic

    def __reduce__(self) -> tuple[type[Numbers], tuple[Values, Arithmetic]]:
        return Numbers, (dict(self), self.arithmetic)

    def having(self, numbers: Values) -> Numbers:
        """Return a copy with other numbers for some names."""
        return Numbers({**self, **numbers}, self.arithmetic)


def evaluate(expression: Expression, values: Values) -> Scalar:
    """Return the number that an expression stands for, in the arithmetic of the values.

    Plain values are worked out in doubles: exact while the parts of a formula are, else a float.
    Raises ArithmeticError or ValueError where there is no answer.

    >>> evaluate(Product((Name("w"), Name("x"))), {"w": Fraction(1, 2), "x": Fraction(3)})
    Fraction(3, 2)
    """
    if isinstance(values, Numbers):
        return values.arithmetic.number(expression, values)
    return _EVALUATE[type(expression)](expression, values)


def holds(condition: Comparison, values: Values) -> bool:
    """Return True if the condition is true of the numbers, in their arithmetic."""
    if isinstance(values, Numbers):
        return values.arithmetic.holds(condition, values)
    left, right = evaluate(condition.left, values), evaluate(condition.right, values)
    return RELATIONS[condition.relation](left, right)


def all_digits(value: Scalar) -> Fraction:
    """Return a number with all the digits that it has."""
    return Fraction(value.digits) if isinstance(value, Rounded) else Fraction(value)


def fits(value: Fraction) -> bool:
    """Return True if a fraction has no more than 200 digits: a larger one is rounded."""
    return max(map(int.bit_length, value.as_integer_ratio())) <= EXACT_BITS


def bounded(value: Scalar) -> Scalar:
    """Return the value, as a float once it is a fraction of more than 200 digits."""
    return float(value) if type(value) is Fraction and not fits(value) else value


def exact_answer(function: Function, arguments: Sequence[Fraction]) -> Scalar | None:
    """Return the function's value where its row says that it is a fraction, though a long one."""
    for argument, answer in function.exact_at:
        if arguments[0] == argument:
            return answer
    return function.value(*arguments) if function.exact else None  # type: ignore[return-value]


def whole_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """Return a power with a whole exponent; None where it is too long to stay exact."""
    if exponent.denominator != 1:
        return None
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    return base**exponent.numerator if bits * abs(exponent) <= 4 * EXACT_BITS else None


def _sum(node: Sum, values: Values) -> Scalar:
    total: Scalar = NOUGHT
    for position, term in enumerate(node.terms):
        if type(term) is Negation:
            total = bounded(total - evaluate(term.operand, values))
        elif position:
            total = bounded(total + evaluate(term, values))
        else:
            total = evaluate(term, values)
    return total


def _product(node: Product, values: Values) -> Scalar:
    total: Scalar = UNITY
    nought = False
    for position, factor in enumerate(node.factors):
        if type(factor) is Inverse:
            total = bounded(total / evaluate(factor.operand, values))
        else:
            value = evaluate(factor, values)
            nought = nought or (not value and type(value) is Fraction)
            total = bounded(total * value) if position else value
    return Fraction(0) if nought else total  # an exact zero times a rounded number is exact


def _power(node: Power, values: Values) -> Scalar:
    base, exponent = evaluate(node.base, values), evaluate(node.exponent, values)
    if node.exponent == TWO:
        return bounded(base * base)
    if type(exponent) is Fraction and exponent.denominator == 1:
        exact = whole_power(base, exponent) if type(base) is Fraction else None
        return math.pow(base, exponent.numerator) if exact is None else bounded(exact)
    if base < 0:
        raise ValueError("a negative number to a broken power")
    return math.pow(base, exponent)


def apply(function: Function, arguments: list[Scalar], output: int | None = None) -> Scalar:
    """Return the function's value on numbers, exact where the row says that it is."""
    found = answers(function, arguments)
    return found[output or 0] if isinstance(found, tuple) else found


def answers(function: Function, arguments: list[Scalar]) -> Scalar | tuple[Scalar, ...]:
    """Return the function's value on numbers, or all its values where it has several."""
    exact = [argument for argument in arguments if type(argument) is Fraction]
    if len(exact) == len(arguments):
        answer = exact_answer(function, exact)
        if answer is not None:
            return answer
        arguments = [float(argument) for argument in arguments]
    return function.value(*arguments)


_EVALUATE: dict[type, Callable[..., Scalar]] = {
    Number: lambda node, values: node.value,
    Name: lambda node, values: values[node.id],
    Sum: _sum,
    Product: _product,
    Negation: lambda node, values: -evaluate(node.operand, values),
    Inverse: lambda node, values: 1 / evaluate(node.operand, values),
    Power: _power,
    Call: lambda node, values: apply(
        node.function, [evaluate(each, values) for each in node.arguments], node.output
    ),
    Choice: lambda node, values: evaluate(
        node.then if holds(node.condition, values) else node.otherwise, values
    ),
}


def finite(value: Scalar) -> bool:
    """Return True if the value is a number that can be shown: no infinity, no nan."""
    return type(value) is Fraction or math.isfinite(value)
