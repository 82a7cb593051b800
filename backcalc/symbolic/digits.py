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

from backcalc.expression import (
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
from backcalc.functions import defined

MOST_DIGITS = 120
AGREE, NOTHING = Decimal("1e-30"), Decimal("1e-40")

Again: TypeAlias = Callable[[], Sequence[Scalar | Decimal | None]]

_PI = Decimal(
    "3.141592653589793238462643383279502884197169399375105820974944592307816406286208"
    "9986280348253421170679821480865132823066470938446095"
)


def digits_of(expression: Expression, values: Mapping[str, Decimal], digits: int) -> Decimal:
    """The number that an expression stands for, worked out with so many digits (MOST_DIGITS).

    Raises ArithmeticError where there is no answer, KeyError for a name without a value.
    """
    with localcontext(_context(digits)):
        return _value(expression, values)


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
def _context(digits: int) -> Context:
    """Arithmetic in which a tower of powers overflows early."""
    traps = [InvalidOperation, DivisionByZero, Overflow]
    return Context(prec=digits, Emax=10**6, Emin=-(10**6), traps=traps)


def _value(node: Expression, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case Name(name):
            return values[name]
        case Number(value):
            return decimal_of(value, getcontext().prec)
        case Negation(operand):
            return -_value(operand, values)
        case Inverse(operand):
            return 1 / _value(operand, values)
        case Sum(terms):
            return sum((_value(term, values) for term in terms), Decimal(0))
        case Product(factors):
            product = Decimal(1)
            for factor in factors:
                product *= _value(factor, values)
            return product
        case Power(base, exponent):
            return _value(base, values) ** _value(exponent, values)
        case Choice(condition, then, otherwise):
            sides = (_value(side, values) for side in (condition.left, condition.right))
            holds = RELATIONS[condition.relation](*sides)  # type: ignore[arg-type]
            return _value(then if holds else otherwise, values)
    return _called(node, [_value(argument, values) for argument in node.arguments])


def _called(call: Call, arguments: Sequence[Decimal]) -> Decimal:
    """A call on numbers: a basic function, or what its row defines of its arguments by name."""
    basic = _BASIC.get(call.function.name)
    if basic is not None:
        return basic(*arguments)
    names = [str(number) for number in range(len(arguments))]
    meaning = defined(replace(call, arguments=tuple(map(Name, names))))
    if meaning is None:
        raise KeyError(call.function.name)
    return _value(meaning, dict(zip(names, arguments, strict=True)))


def _tiny() -> Decimal:
    return Decimal((0, (1,), -getcontext().prec - 5))


def _sine(z: Decimal) -> Decimal:
    z = z.remainder_near(2 * _PI)
    term = total = z
    number = 1
    while abs(term) > _tiny():
        term *= -z * z / ((number + 1) * (number + 2))
        total += term
        number += 2
    return total


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
    return 2 * total * (-z * z).exp() / _PI.sqrt()


_BASIC: dict[str, Callable[..., Decimal]] = {
    "exp": lambda z: z.exp(),
    "log": lambda z: z.ln() if z else 1 / z,  # ln(0) is no error to decimal
    "abs": abs,
    "sign": lambda z: Decimal((z > 0) - (z < 0)),
    "sin": _sine,
    "cos": lambda z: _sine(z + _PI / 2),
    "erf": _erf,
    "sqrt": lambda z: z.sqrt(),
    "max": lambda *z: max(z),
    "min": lambda *z: min(z),
}
