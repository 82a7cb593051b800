"""The arithmetic of sheets: fractions while numbers are exact, else decimals of many digits."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import (
    MIN_EMIN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)
from fractions import Fraction
from functools import cache, lru_cache
from typing import TypeAlias

from backcalc.formulas import record
from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
    Comparison,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Rounded,
    Scalar,
    Sum,
    Values,
    exact_answer,
    fits,
    replaced,
    whole_power,
)
from backcalc.formulas.functions import FUNCTIONS, Formula, defined, formula
from backcalc.formulas.notation import SURE, rounded

SHIFTED = ("softmax", "log_softmax")  # they go by differences only
SMALLEST = max(-(10**15), MIN_EMIN)  # exponent of a decimal; on 32 bits Python has no smaller one

ZERO = Fraction(0)
WHOLE = Fraction(1)

KnownDigits: TypeAlias = Fraction | Decimal
"""A number on the way to a result: exact as a Fraction, with so many digits as a Decimal."""


class LostError(Exception):
    """Too few digits are left in a difference of nearly equal numbers."""


@record(frozen=True, slots=True)
class Digits:
    """Arithmetic with fractions, and with so many digits where a result is no fraction."""

    digits: int
    """Significant digits of a decimal."""
    lost: str = "kept"
    """The fate of a sum of which fewer than SURE digits are left: "kept" as it is, taken for
    "nothing", or an "error"."""
    kept: int = 0
    """Significant digits to which each result is rounded before the work goes on, as on paper;
    0: none is rounded."""

    def number(self, expression: Expression, values: Values) -> Scalar:
        """Return the number that an expression stands for: a fraction, or what is Rounded.

        Raises ArithmeticError or ValueError where there is none that a double can hold.
        """
        if type(expression) is Name and not self.kept:  # as most local derivatives are
            known = values[expression.id]
            if type(known) is Fraction and fits(known):
                return known
        with localcontext(_context(self.digits, endless=True)):
            found = self.worked(expression, values)
            if isinstance(found, Fraction) and fits(found):
                return self._cut(found)
            found = _decimal(found)
            if not abs(found) <= sys.float_info.max:
                raise OverflowError
            return self._cut(Rounded(found))

    def _cut(self, value: Scalar) -> Scalar:
        """Return a result with as many digits as are kept on paper."""
        if not self.kept:
            return value
        text, exact = rounded(value, self.kept)
        return value if exact and isinstance(value, Fraction) else Rounded(Decimal(text))

    def holds(self, condition: Comparison, values: Values) -> bool:
        """Return True if the condition is true of the numbers."""
        with localcontext(_context(self.digits, endless=True)):
            return self._holds(condition, values)

    def worked(self, node: Expression, values: Mapping[str, Scalar | Decimal]) -> KnownDigits:
        """Return the number of one node of the tree, in the context of the caller."""
        match node:
            case Name(name):
                return _as_worked(values[name])
            case Number(value):
                return _as_worked(value)
            case Negation(operand):
                return -self.worked(operand, values)
            case Inverse(operand):
                return _inverse(self.worked(operand, values))
            case Sum(terms):
                return self._added([self.worked(term, values) for term in terms])
            case Product(factors):
                return _multiplied([self.worked(factor, values) for factor in factors])
            case Power(base, exponent):
                return _power(self.worked(base, values), self.worked(exponent, values))
            case Choice(condition, then, otherwise):
                return self.worked(then if self._holds(condition, values) else otherwise, values)
            case Call(_, arguments):
                return self._called(node, [self.worked(each, values) for each in arguments])
        raise TypeError(f"{node} has no number, only its elements have")

    def _holds(self, condition: Comparison, values: Mapping[str, Scalar | Decimal]) -> bool:
        left, right = self.worked(condition.left, values), self.worked(condition.right, values)
        difference = self._difference(left, right)
        return RELATIONS[condition.relation](Fraction((difference > 0) - (difference < 0)), ZERO)

    def _difference(self, left: KnownDigits, right: KnownDigits) -> KnownDigits:
        """Return left - right, which is nothing where only rounding is left of it."""
        return self._added([left, -right])

    def _added(self, terms: Sequence[KnownDigits]) -> KnownDigits:
        exact, decimals = _apart(terms)
        if not decimals:
            return exact
        total = sum(decimals, Decimal(0))
        if self.lost != "kept" and _cancelled(decimals, total):
            if self.lost == "error":
                raise LostError
            return Decimal(0)
        return total

    def _called(self, call: Call, arguments: list[KnownDigits]) -> KnownDigits:
        """Return a call on numbers: a basic function, or what its row makes of more basic ones."""
        function, exact = call.function, [each for each in arguments if isinstance(each, Fraction)]
        if len(exact) == len(arguments):
            answer = exact_answer(function, exact)
            if isinstance(answer, Fraction):
                return answer
        name = function.name
        if name in ("max", "min"):
            return self.extreme(name, arguments)
        if name in SHIFTED:
            return _outputs(self, name, _Same(arguments))[call.output or 0]
        if name == "log":
            self._added([arguments[0], Fraction(-1)])  # too near to 1, the logarithm is lost
        basic = _BASIC.get(name)
        if basic is not None:
            return basic(*map(_decimal, arguments))
        names = [str(number) for number in range(len(arguments))]
        meaning = _meaning(replace(call, arguments=tuple(map(Name, names))))
        return self.worked(meaning, dict(zip(names, arguments, strict=True)))

    def outputs(self, name: str, arguments: Sequence[KnownDigits]) -> Iterator[KnownDigits]:
        """Yield all outputs of a softmax or its logarithm."""
        top = self.extreme("max", arguments)
        arguments = [_plain([each, -top]) for each in arguments]  # so that nothing overflows
        if name == "softmax":
            powers = [self._called(Call(FUNCTIONS["exp"], ()), [each]) for each in arguments]
            share = _inverse(self._added(powers))
            yield from (_multiplied([power, share]) for power in powers)
        else:
            rest = sorted(map(_decimal, arguments))[:-1]
            total = _log1p(sum((each.exp() for each in rest), Decimal(0)))
            yield from (_plain([each, -total]) if rest else each for each in arguments)

    def extreme(self, name: str, arguments: Sequence[KnownDigits]) -> KnownDigits:
        """Return the largest or the smallest, exact where it is; of equal ones the first."""
        best = arguments[0]
        for each in arguments[1:]:
            ahead = self._difference(each, best)
            if ahead > 0 if name == "max" else ahead < 0:
                best = each
        return best


class _Same(tuple[KnownDigits, ...]):
    """Numbers that are those of a tuple only if they are the same objects, which is soon seen."""

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and all(map(operator.is_, self, other))


@lru_cache(4)  # each output of a layer asks for them again
def _outputs(arithmetic: Digits, name: str, arguments: _Same) -> tuple[KnownDigits, ...]:
    return tuple(arithmetic.outputs(name, arguments))


def digits_of(expression: Expression, values: Mapping[str, Decimal], digits: int) -> Decimal:
    """Return the number of an expression with so many digits, whatever is lost in its sums.

    Raises ArithmeticError or ValueError where there is no answer.
    """
    with localcontext(_context(digits)):
        return _decimal(Digits(digits).worked(expression, values))


def decimal_of(value: Scalar, digits: int) -> Decimal:
    """Return a number with so many digits."""
    numerator, denominator = value.as_integer_ratio()
    return _context(digits).divide(Decimal(numerator), Decimal(denominator))


@cache
def _context(digits: int, endless: bool = False) -> Context:
    """Arithmetic in which a tower of powers overflows early; `endless`: to infinity."""
    traps = [InvalidOperation, DivisionByZero, *([] if endless else [Overflow])]
    return Context(prec=digits, Emax=10**6, Emin=SMALLEST, traps=traps)


# Single operations, in the context of the caller.


def _as_worked(value: Scalar | Decimal) -> KnownDigits:
    if isinstance(value, (Fraction, Decimal)):
        return value
    if isinstance(value, Rounded):
        return value.digits
    return Fraction(value) if type(value) is int else _decimal(Fraction(value))


def _decimal(value: KnownDigits) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def _apart(terms: Sequence[KnownDigits]) -> tuple[Fraction, list[Decimal]]:
    """Return the sum of the exact terms, and all terms as decimals if not all are exact."""
    exact = sum((term for term in terms if isinstance(term, Fraction)), ZERO)
    if not fits(exact):
        return exact, [_decimal(term) for term in terms]
    decimals = [term for term in terms if isinstance(term, Decimal)]
    return exact, [*decimals, _decimal(exact)] if exact and decimals else decimals


def _plain(terms: Sequence[KnownDigits]) -> KnownDigits:
    exact, decimals = _apart(terms)
    return sum(decimals, Decimal(0)) if decimals else exact


def _cancelled(terms: Sequence[Decimal], total: Decimal) -> bool:
    sizes = [term.adjusted() for term in terms if term]
    if len(sizes) < 2:
        return False
    return not total or max(sizes) - total.adjusted() > getcontext().prec - SURE


def _inverse(value: KnownDigits) -> KnownDigits:
    if not value:
        raise ZeroDivisionError
    return 1 / value


def _multiplied(factors: Sequence[KnownDigits]) -> KnownDigits:
    exact, rounded = WHOLE, Decimal(1)
    whole = True
    for factor in factors:
        if isinstance(factor, Decimal):
            whole, rounded = False, rounded * factor
        elif exact is WHOLE and fits(factor):
            exact = factor
        elif fits(product := exact * factor):
            exact = product
        else:
            whole, rounded = False, rounded * _decimal(factor)
    if whole or not exact:  # an exact zero times a rounded number is exact
        return exact
    return rounded * exact.numerator / exact.denominator


def _power(base: KnownDigits, exponent: KnownDigits) -> KnownDigits:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        exact = whole_power(base, exponent)
        if exact is not None:
            return exact
    base, exponent = _decimal(base), _decimal(exponent)
    if not base and exponent < 0:
        raise ZeroDivisionError
    return base**exponent if exponent else Decimal(1)


def _meaning(call: Call) -> Expression:
    """Return a call in more basic functions, by the formula that loses fewest digits."""
    value = call.function.value
    if isinstance(value, Formula) and not value.plain:
        meaning = dict(zip(value.parameters, call.arguments, strict=True))
        return replaced(formula(value.text), meaning)
    meaning_or_none = defined(call)
    assert meaning_or_none is not None, call.function.name
    return meaning_or_none


def _tiny() -> Decimal:
    return Decimal((0, (1,), -getcontext().prec - 5))


@cache
def _pi(digits: int) -> Decimal:
    """The number pi, by Machin: 16 arctan(1/5) - 4 arctan(1/239)."""
    with localcontext(_context(digits + 10)):
        return 16 * _arctan_of_inverse(5) - 4 * _arctan_of_inverse(239)


def _arctan_of_inverse(number: int) -> Decimal:
    power = total = 1 / Decimal(number)
    odd = 1
    while abs(power) > _tiny():
        power /= -number * number
        odd += 2
        total += power / odd
    return total


def _sine(z: Decimal) -> Decimal:
    """The sine; of a large number with as many digits of pi as it takes."""
    with localcontext(_context(getcontext().prec + max(z.adjusted(), 0) + 5)) as more:
        z = z.remainder_near(2 * _pi(more.prec))
    term = total = z
    number = 1
    while abs(term) > _tiny() * abs(total):
        term *= -z * z / ((number + 1) * (number + 2))
        total += term
        number += 2
    return total


def _cosine(z: Decimal) -> Decimal:
    with localcontext(_context(getcontext().prec + max(z.adjusted(), 0) + 5)) as more:
        z += _pi(more.prec) / 2
    return _sine(z)


def _expm1(z: Decimal) -> Decimal:
    """Exp(z) - 1, near 0 by as many more digits as cancel."""
    zeros = _zeros(z)
    if zeros > getcontext().prec:
        return z + z * z / 2
    with localcontext(_context(getcontext().prec + zeros)):
        return z.exp() - 1


def _log1p(z: Decimal) -> Decimal:
    """Log(1 + z), near 0 by as many more digits as the sum would lose."""
    zeros = _zeros(z)
    if zeros > getcontext().prec:
        return z - z * z / 2
    with localcontext(_context(getcontext().prec + zeros)):
        return _log(1 + z)


def _zeros(z: Decimal) -> int:
    return max(-z.adjusted(), 0) if z else 0


def _log(z: Decimal) -> Decimal:
    if z <= 0:
        raise ValueError
    return z.ln()


def _tanh(z: Decimal) -> Decimal:
    twice = _expm1(-2 * abs(z))
    return (-twice / (twice + 2)).copy_sign(z)


@lru_cache(maxsize=2000)
def _erf(z: Decimal, digits: int) -> Decimal:
    if 10 * z * z > 24 * digits:
        return Decimal(1).copy_sign(z)  # to all digits
    term = total = z
    number = 1
    while abs(term) > _tiny() * abs(total):
        number += 2
        term *= 2 * z * z / number
        total += term  # all of one sign: nothing cancels
    return 2 * total * (-z * z).exp() / _pi(digits).sqrt()


_BASIC: dict[str, Callable[..., Decimal]] = {
    "exp": lambda z: z.exp(),
    "expm1": _expm1,
    "log1p": _log1p,
    "tanh": _tanh,
    "softplus": lambda z: max(z, Decimal(0)) + _log1p((-abs(z)).exp()),
    "log": _log,  # ln(0) is no error to decimal
    "abs": abs,
    "sign": lambda z: Decimal((z > 0) - (z < 0)),
    "sin": _sine,
    "cos": _cosine,
    "erf": lambda z: _erf(z, getcontext().prec),
    "sqrt": lambda z: z.sqrt(),
}
