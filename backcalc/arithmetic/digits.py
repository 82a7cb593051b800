"""Formulas at many digits: what the table's rows define, worked out in decimals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import (
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
)
from functools import cache, lru_cache
from typing import TypeAlias

from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
)
from backcalc.formulas.functions import defined
from backcalc.formulas.rounding import SURE

SHIFTED = ("softmax", "log_softmax")  # they go by differences only
MOST_ZEROS = 330  # behind the point of a double

AGREE, NOTHING = Decimal("1e-30"), Decimal("1e-40")

Again: TypeAlias = Callable[[], Sequence[Scalar | Decimal | None]]

Adding: TypeAlias = Callable[[Sequence[Decimal]], Decimal]
"""How terms are added; what becomes of a sum in which nearly all digits cancel is up to it."""


class LostError(Exception):
    """Too few digits are left in a difference of nearly equal numbers."""


def plainly(terms: Sequence[Decimal]) -> Decimal:
    """The sum, whatever is left of it."""
    return sum(terms, Decimal(0))


def surely(terms: Sequence[Decimal]) -> Decimal:
    """The sum with SURE right digits at least; raises LostError where fewer are left."""
    total = plainly(terms)
    if _cancelled(terms, total):
        raise LostError
    return total


def or_nothing(terms: Sequence[Decimal]) -> Decimal:
    """The sum, or 0 where fewer than SURE digits are left of it."""
    total = plainly(terms)
    return Decimal(0) if _cancelled(terms, total) else total


def _cancelled(terms: Sequence[Decimal], total: Decimal) -> bool:
    sizes = [term.adjusted() for term in terms if term]
    if len(sizes) < 2:
        return False
    return not total or max(sizes) - total.adjusted() > getcontext().prec - SURE


def digits_of(
    expression: Expression, values: Mapping[str, Decimal], digits: int, add: Adding = plainly
) -> Decimal:
    """The number that an expression stands for, worked out with so many digits.

    Raises ArithmeticError where there is no answer, KeyError for a name without a value.
    """
    with localcontext(_context(digits, endless=add is not plainly)):
        return _value(expression, values, add)


def decimal_of(value: Scalar, digits: int) -> Decimal:
    """A number with so many digits."""
    numerator, denominator = value.as_integer_ratio()
    return _context(digits).divide(Decimal(numerator), Decimal(denominator))


def agreeing(ours: Decimal, theirs: Decimal, again: Again) -> bool | None:
    """Whether two decimals agree to 30 digits.

    A no counts only where working out both `again`, with more digits, changes neither much.
    """
    if _close(ours, theirs):
        return True
    our_more, their_more = again()
    if not isinstance(our_more, Decimal) or not isinstance(their_more, Decimal):
        return None
    doubt = abs(ours - our_more) + abs(theirs - their_more)
    if 1000 * doubt < abs(our_more - their_more):
        return False
    return _close(our_more, their_more) or None


def _close(ours: Decimal, theirs: Decimal) -> bool:
    return abs(ours - theirs) <= max(AGREE * max(abs(ours), abs(theirs)), NOTHING)


@cache
def _context(digits: int, endless: bool = False) -> Context:
    """Arithmetic in which a tower of powers overflows early; `endless`: to infinity."""
    traps = [InvalidOperation, DivisionByZero, *([] if endless else [Overflow])]
    return Context(prec=digits, Emax=10**6, Emin=-(10**15), traps=traps)


def _value(node: Expression, values: Mapping[str, Decimal], add: Adding) -> Decimal:
    match node:
        case Name(name):
            return values[name]
        case Number(value):
            return decimal_of(value, getcontext().prec)
        case Negation(operand):
            return -_value(operand, values, add)
        case Inverse(operand):
            return 1 / _value(operand, values, add)
        case Sum(terms):
            return add([_value(term, values, add) for term in terms])
        case Product(factors):
            product = Decimal(1)
            for factor in factors:
                product *= _value(factor, values, add)
            return product
        case Power(base, exponent):
            number, power = _value(base, values, add), _value(exponent, values, add)
            if not number and power < 0:
                raise ZeroDivisionError
            return number**power if power else Decimal(1)
        case Choice(condition, then, otherwise):
            sides = (_value(side, values, add) for side in (condition.left, condition.right))
            holds = RELATIONS[condition.relation](*sides)  # type: ignore[arg-type]
            return _value(then if holds else otherwise, values, add)
    return _called(node, [_value(argument, values, add) for argument in node.arguments], add)


def _called(call: Call, arguments: Sequence[Decimal], add: Adding) -> Decimal:
    """A call on numbers: a basic function, or what its row defines of its arguments by name."""
    name = call.function.name
    if name in SHIFTED:
        top = max(arguments)
        arguments = [each - top for each in arguments]  # the same answer, and no overflow
    if name == "log_softmax":
        rest = sorted(arguments)[:-1]
        return arguments[call.output or 0] - _log1p(plainly([each.exp() for each in rest]))
    if name == "log":
        add([arguments[0], Decimal(-1)])  # what is too near to 1 has lost its logarithm
    basic = _BASIC.get(name)
    if basic is not None:
        return basic(*arguments)
    names = [str(number) for number in range(len(arguments))]
    meaning = defined(replace(call, arguments=tuple(map(Name, names))))
    if meaning is None:
        raise KeyError(name)
    return _value(meaning, dict(zip(names, arguments, strict=True)), add)


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
    with localcontext(_context(getcontext().prec + _zeros(z))):
        return z.exp() - 1


def _log1p(z: Decimal) -> Decimal:
    """Log(1 + z), near 0 by as many more digits as the sum would lose."""
    with localcontext(_context(getcontext().prec + _zeros(z))):
        return (1 + z).ln() if z != -1 else 1 / (1 + z)


def _zeros(z: Decimal) -> int:
    """The zeros behind the point, as far as a double has them."""
    return min(max(-z.adjusted(), 0), MOST_ZEROS) if z else 0


def _tanh(z: Decimal) -> Decimal:
    twice = _expm1(-2 * abs(z))
    return (-twice / (twice + 2)).copy_sign(z)


def _softplus(z: Decimal) -> Decimal:
    return max(z, Decimal(0)) + _log1p((-abs(z)).exp())


def _erf(z: Decimal) -> Decimal:
    return _erf_at(z, getcontext().prec)


@lru_cache(maxsize=2000)
def _erf_at(z: Decimal, digits: int) -> Decimal:
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
    "softplus": _softplus,
    "log": lambda z: z.ln() if z else 1 / z,  # ln(0) is no error to decimal
    "abs": abs,
    "sign": lambda z: Decimal((z > 0) - (z < 0)),
    "sin": _sine,
    "cos": _cosine,
    "erf": _erf,
    "sqrt": lambda z: z.sqrt(),
    "max": lambda *z: max(z),
    "min": lambda *z: min(z),
}
